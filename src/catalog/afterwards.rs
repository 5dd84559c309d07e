//! What is said of a story after it was published, and what stands in its place if it was taken down.

use crate::model::codec::{Decoder, Encode};
use crate::model::status::STATUSES;
use crate::model::{Moment, Status};

/// What the record of a tombstone begins with.
pub(super) const TOMBSTONE: u8 = 4;

/// What a paper says of a story after it was published.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Afterwards<'a> {
    /// What was put right, the oldest first.
    pub corrections: Vec<Note<'a>>,
    /// What was added, the oldest first.
    pub updates: Vec<Note<'a>>,
    /// What became of it.
    pub status: Status,
    /// Why.
    pub reason: Option<&'a str>,
    /// When.
    pub date: Option<Moment>,
}

/// A dated text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note<'a> {
    /// When it was said.
    pub date: Option<Moment>,
    /// What.
    pub text: &'a str,
}

impl Afterwards<'_> {
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        let nothing = *self == Self::default();
        out.push(u8::from(!nothing));
        if nothing {
            return;
        }
        for notes in [&self.corrections, &self.updates] {
            out.number(notes.len() as u64);
            for note in notes {
                moment(out, note.date);
                out.text(Some(note.text));
            }
        }
        out.push(self.status as u8);
        out.text(self.reason);
        moment(out, self.date);
    }
}

impl<'a> Afterwards<'a> {
    pub(super) fn decode(from: &mut Decoder<'a>) -> Option<Self> {
        if from.byte()? == 0 {
            return Some(Self::default());
        }
        let mut notes = || {
            let count = from.number()?;
            (0..count)
                .map(|_| Some(Note { date: moment_of(from)?, text: from.text()? }))
                .collect::<Option<Vec<_>>>()
        };
        let (corrections, updates) = (notes()?, notes()?);
        let word = STATUSES.get(usize::from(from.byte()?))?;
        let reason = from.optional()?;
        Some(Self { corrections, updates, status: word.1, reason, date: moment_of(from)? })
    }
}

pub(super) fn moment(out: &mut Vec<u8>, moment: Option<Moment>) {
    match moment {
        Some(moment) => {
            out.push(1 + u8::from(moment.day_only));
            out.fixed(moment.seconds as u64);
        }
        None => out.push(0),
    }
}

pub(super) fn moment_of(from: &mut Decoder<'_>) -> Option<Option<Moment>> {
    match from.byte()? {
        0 => Some(None),
        kind => Some(Some(Moment { seconds: from.fixed()? as i64, day_only: kind == 2 })),
    }
}

/// A story that was taken down: what stands in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tombstone {
    /// The file, relative to `content/`.
    pub path: String,
    /// The story's address, and its former ones.
    pub addresses: Vec<String>,
    /// The language.
    pub lang: String,
    /// When it was taken down.
    pub date: Option<Moment>,
    /// Why, as readers are told.
    pub reason: Option<String>,
}

impl Tombstone {
    /// Its record.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = vec![TOMBSTONE];
        out.text(Some(&self.path));
        texts(&mut out, &self.addresses);
        out.text(Some(&self.lang));
        moment(&mut out, self.date);
        out.text(self.reason.as_deref());
        out
    }

    pub(super) fn decode(from: &mut Decoder<'_>) -> Option<Self> {
        Some(Self {
            path: from.text()?.to_owned(),
            addresses: from.texts()?.into_iter().map(str::to_owned).collect(),
            lang: from.text()?.to_owned(),
            date: moment_of(from)?,
            reason: from.optional()?.map(str::to_owned),
        })
    }
}

pub(super) fn texts(out: &mut Vec<u8>, texts: &[String]) {
    out.number(texts.len() as u64);
    texts.iter().for_each(|text| out.text(Some(text)));
}

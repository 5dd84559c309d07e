//! What is said of a story after it was published, and what stands in its place if it was taken
//! down.

use crate::model::codec::{Decoder, Encode};
use crate::model::status::STATUSES;
use crate::model::{Moment, Status};

/// What the record of a tombstone begins with.
pub(super) const TOMBSTONE_TAG: u8 = 4;

/// What a paper says of a story after it was published.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EditorialNotes<'a> {
    /// What was put right, the oldest first.
    pub corrections: Vec<DatedNote<'a>>,
    /// What was added, the oldest first.
    pub updates: Vec<DatedNote<'a>>,
    /// What became of it.
    pub status: Status,
    /// Why.
    pub reason: Option<&'a str>,
    /// When.
    pub date: Option<Moment>,
}

/// A dated text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatedNote<'a> {
    /// When it was said.
    pub date: Option<Moment>,
    /// What.
    pub text: &'a str,
}

impl EditorialNotes<'_> {
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        let is_default = *self == Self::default();
        out.push(u8::from(!is_default));
        if is_default {
            return;
        }
        for notes in [&self.corrections, &self.updates] {
            out.varint(notes.len() as u64);
            for note in notes {
                encode_moment(out, note.date);
                out.text(Some(note.text));
            }
        }
        out.push(self.status as u8);
        out.text(self.reason);
        encode_moment(out, self.date);
    }
}

impl<'a> EditorialNotes<'a> {
    pub(super) fn decode(decoder: &mut Decoder<'a>) -> Option<Self> {
        if decoder.byte()? == 0 {
            return Some(Self::default());
        }
        let mut notes = || {
            let count = decoder.varint()?;
            (0..count)
                .map(|_| Some(DatedNote { date: decode_moment(decoder)?, text: decoder.text()? }))
                .collect::<Option<Vec<_>>>()
        };
        let (corrections, updates) = (notes()?, notes()?);
        let entry = STATUSES.get(usize::from(decoder.byte()?))?;
        let reason = decoder.optional_text()?;
        Some(Self { corrections, updates, status: entry.1, reason, date: decode_moment(decoder)? })
    }
}

pub(super) fn encode_moment(out: &mut Vec<u8>, moment: Option<Moment>) {
    match moment {
        Some(moment) => {
            out.push(1 + u8::from(moment.day_only));
            out.fixed_u64(moment.seconds as u64);
        }
        None => out.push(0),
    }
}

pub(super) fn decode_moment(decoder: &mut Decoder<'_>) -> Option<Option<Moment>> {
    match decoder.byte()? {
        0 => Some(None),
        kind => Some(Some(Moment { seconds: decoder.fixed_u64()? as i64, day_only: kind == 2 })),
    }
}

/// A story that was taken down: what stands in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tombstone {
    /// The file, relative to `content/`.
    pub path: String,
    /// The story's address, and its former ones.
    pub permalinks: Vec<String>,
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
        let mut out = vec![TOMBSTONE_TAG];
        out.text(Some(&self.path));
        encode_texts(&mut out, &self.permalinks);
        out.text(Some(&self.lang));
        encode_moment(&mut out, self.date);
        out.text(self.reason.as_deref());
        out
    }

    pub(super) fn decode(decoder: &mut Decoder<'_>) -> Option<Self> {
        Some(Self {
            path: decoder.text()?.to_owned(),
            permalinks: decoder.texts()?.into_iter().map(str::to_owned).collect(),
            lang: decoder.text()?.to_owned(),
            date: decode_moment(decoder)?,
            reason: decoder.optional_text()?.map(str::to_owned),
        })
    }
}

pub(super) fn encode_texts(out: &mut Vec<u8>, texts: &[String]) {
    out.varint(texts.len() as u64);
    texts.iter().for_each(|text| out.text(Some(text)));
}

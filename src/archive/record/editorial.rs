//! Editorial notes: corrections, updates and the status of an article.

use super::values::{decode_moment, encode_moment};
use crate::model::codec::{Decoder, Encode};
use crate::model::status::STATUSES;
use crate::model::{Moment, Status};

/// The statements about an article that were added after its publication.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct EditorialNotes<'a> {
    /// The corrections, oldest first.
    pub(crate) corrections: Vec<DatedNote<'a>>,
    /// The updates, oldest first.
    pub(crate) updates: Vec<DatedNote<'a>>,
    /// The article's status.
    pub(crate) status: Status,
    /// The reason for the status.
    pub(crate) reason: Option<&'a str>,
    /// The date of the status.
    pub(crate) date: Option<Moment>,
}

/// A correction or an update.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DatedNote<'a> {
    /// The date, if the front matter gives one.
    pub(crate) date: Option<Moment>,
    /// The text.
    pub(crate) text: &'a str,
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
        let (_, status) = *STATUSES.get(usize::from(decoder.byte()?))?;
        let reason = decoder.optional_text()?;
        Some(Self { corrections, updates, status, reason, date: decode_moment(decoder)? })
    }
}

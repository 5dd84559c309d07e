//! Articles that were taken down.

use super::values::{decode_moment, decode_owned_texts, encode_moment, encode_texts};
use crate::model::Moment;
use crate::model::codec::{Decoder, Encode};

/// An article with the status `unpublished`, of which only a tombstone page is published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tombstone {
    /// The file, relative to `content/`.
    pub(crate) path: String,
    /// The article's permalink and its aliases.
    pub(crate) permalinks: Vec<String>,
    /// The language.
    pub(crate) lang: String,
    /// The date when it was taken down.
    pub(crate) date: Option<Moment>,
    /// The reason that readers see.
    pub(crate) reason: Option<String>,
}

impl Tombstone {
    /// The first byte of the record.
    pub(super) const TAG: u8 = 4;

    /// Encodes the record.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = vec![Self::TAG];
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
            permalinks: decode_owned_texts(decoder)?,
            lang: decoder.text()?.to_owned(),
            date: decode_moment(decoder)?,
            reason: decoder.optional_text()?.map(str::to_owned),
        })
    }
}

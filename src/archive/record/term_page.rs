//! The `_index.md` of a term, a taxonomy or the front page.

use super::file_reference::{FileReference, decode_owned_file_references, encode_file_references};
use super::values::{decode_image, decode_owned_texts, encode_image, encode_texts};
use crate::model::codec::{Decoder, Encode};
use crate::model::{Fingerprint, Image};

/// The contents of an `_index.md`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TermPage {
    /// The number of the taxonomy; [`HOME_PAGE_TAXONOMY`] for the front page.
    pub(crate) taxonomy: usize,
    /// The key of the term; empty for the page of the taxonomy itself.
    pub(crate) key: String,
    /// The file, relative to `content/`.
    pub(crate) path: String,
    /// The name that readers see.
    pub(crate) title: Option<String>,
    /// A one-sentence description.
    pub(crate) description: Option<String>,
    /// The image, such as an author's portrait, with its published URL.
    pub(crate) image: Option<Image>,
    /// The hash of the file and of the images that it shows.
    pub(crate) content_hash: Fingerprint,
    /// The files that the body refers to.
    pub(crate) file_references: Vec<FileReference<'static>>,
    /// The links to articles in the body, as written.
    pub(crate) links: Vec<String>,
    /// The summary of what is dropped from the body, as `content::dropped` has it.
    pub(crate) dropped_content: Vec<String>,
    /// The names listed in `redact:`.
    pub(crate) redacted_names: Vec<String>,
}

/// The taxonomy number of the front page's `_index.md`, which belongs to no taxonomy.
pub(crate) const HOME_PAGE_TAXONOMY: usize = u32::MAX as usize;

impl TermPage {
    /// The first byte of the record.
    pub(super) const TAG: u8 = 2;

    /// Encodes the record.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = vec![Self::TAG];
        out.varint(self.taxonomy as u64);
        for text in
            [Some(&self.key), Some(&self.path), self.title.as_ref(), self.description.as_ref()]
        {
            out.text(text.map(String::as_str));
        }
        out.bytes(&encode_image(self.image.as_ref()));
        out.fixed_u64(self.content_hash.0);
        encode_file_references(&mut out, &self.file_references);
        encode_texts(&mut out, &self.links);
        encode_texts(&mut out, &self.dropped_content);
        encode_texts(&mut out, &self.redacted_names);
        out
    }

    pub(super) fn decode(decoder: &mut Decoder<'_>) -> Option<Self> {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Some(Self {
            taxonomy: decoder.varint()? as usize,
            key: decoder.text()?.to_owned(),
            path: decoder.text()?.to_owned(),
            title: owned(decoder.optional_text()?),
            description: owned(decoder.optional_text()?),
            image: decode_image(decoder.bytes()?),
            content_hash: decoder.fingerprint()?,
            file_references: decode_owned_file_references(decoder)?,
            links: decode_owned_texts(decoder)?,
            dropped_content: decode_owned_texts(decoder)?,
            redacted_names: decode_owned_texts(decoder)?,
        })
    }
}

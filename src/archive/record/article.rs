//! The record of an article.
//!
//! Its layout: the tag, the hash of the content, the metadata that decides where the article is
//! listed, and the details (see [`super::details`]).

use super::details::{BodyFields, EncodedDetails};
use super::editorial::EditorialNotes;
use super::file_reference::{FileReference, decode_file_references, encode_file_references};
use super::flags::Flags;
use super::texts::ArticleTexts;
use super::values::{encode_image, encode_moment, encode_texts};
use crate::model::codec::{Decoder, Encode};
use crate::model::{Fingerprint, Image, Moment, Status};

/// The day of pages without a date: it is after all days, so that rows sorted by day have the pages
/// at their end.
pub(crate) const PAGE_DAY: i32 = i32::MAX;

/// An article that is to be encoded.
#[derive(Debug, Default)]
pub(crate) struct NewArticleRecord<'a> {
    /// The hash of the file and of the images that it shows.
    pub(crate) content_hash: Fingerprint,
    /// The publication date.
    pub(crate) date: Option<Moment>,
    /// The number of its day in the site's time zone.
    pub(crate) day: i32,
    /// The time when it expires, in seconds since 1970.
    pub(crate) expires: Option<i64>,
    /// The end of its embargo, in seconds since 1970.
    pub(crate) embargo: Option<i64>,
    /// Its properties.
    pub(crate) flags: Flags,
    /// The language.
    pub(crate) lang: &'a str,
    /// The terms: the number of the taxonomy, and the name as written.
    pub(crate) terms: &'a [(usize, String)],
    /// The files that it refers to.
    pub(crate) file_references: Vec<FileReference<'a>>,
    /// The summary of what is dropped from the body, as `content::dropped` has it.
    pub(crate) dropped_content: &'a [String],
    /// The names listed in `redact:`.
    pub(crate) redacted_names: &'a [String],
    /// The permalink, the headline and other texts.
    pub(crate) texts: ArticleTexts<'a>,
    /// The main image.
    pub(crate) image: Option<&'a Image>,
    /// The hash of the file alone.
    pub(crate) file_hash: Fingerprint,
    /// The number of words in the body; 0 if the site doesn't need it.
    pub(crate) word_count: u32,
    /// See [`crate::permalinks::body_evidence`]; `None` if the site has no permalink registry.
    pub(crate) body_evidence: Option<Fingerprint>,
    /// The offset of the body in the file, in bytes.
    pub(crate) body_start: usize,
    /// The date of the last change.
    pub(crate) updated: Option<Moment>,
    /// The links to articles in the body, as written.
    pub(crate) links: &'a [String],
    /// The old URLs, which redirect to the article.
    pub(crate) aliases: &'a [String],
    /// The corrections, the updates and the status.
    pub(crate) editorial_notes: EditorialNotes<'a>,
}

impl NewArticleRecord<'_> {
    /// Encodes the record.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(512);
        out.push(ArticleRecord::TAG);
        out.fixed_u64(self.content_hash.0);
        self.encode_metadata(&mut out);
        self.encode_details(&mut out);
        out
    }

    fn encode_metadata(&self, out: &mut Vec<u8>) {
        let date = self.date.unwrap_or(Moment { seconds: 0, day_only: false });
        out.fixed_u64(date.seconds as u64);
        out.fixed_u64(self.expires.unwrap_or(i64::MAX) as u64);
        out.fixed_u64(self.embargo.unwrap_or(i64::MIN) as u64);
        out.varint(self.day as u64);
        let day_only = if date.day_only { Flags::DAY_ONLY } else { Flags::default() };
        out.varint(self.flags.union(day_only).bits().into());
        out.text(Some(self.lang));
        out.varint(self.terms.len() as u64);
        for (taxonomy, name) in self.terms {
            out.varint(*taxonomy as u64);
            out.text(Some(name));
        }
        encode_file_references(out, &self.file_references);
        encode_texts(out, self.dropped_content);
        encode_texts(out, self.redacted_names);
    }

    /// Encodes the part that [`EncodedDetails`] decodes.
    fn encode_details(&self, out: &mut Vec<u8>) {
        self.texts.encode(out);
        out.bytes(&encode_image(self.image));
        let Self { file_hash, word_count, body_evidence, .. } = *self;
        BodyFields { file_hash, word_count, body_evidence }.encode(out);
        out.varint(self.body_start as u64);
        encode_moment(out, self.updated);
        encode_texts(out, self.links);
        encode_texts(out, self.aliases);
        self.editorial_notes.encode(out);
    }
}

/// An article's record, decoded except for its details.
#[derive(Debug)]
pub(crate) struct ArticleRecord<'a> {
    pub(in crate::archive) content_hash: Fingerprint,
    /// The publication date.
    pub(crate) date: Moment,
    /// The time when it expires, in seconds since 1970; `i64::MAX` if it doesn't.
    pub(crate) expires: i64,
    /// The end of its embargo, in seconds since 1970; `i64::MIN` if it has none.
    pub(crate) embargo: i64,
    pub(in crate::archive) day: i32,
    pub(in crate::archive) flags: Flags,
    pub(in crate::archive) lang: &'a str,
    /// The terms: the number of the taxonomy, and the name as written.
    pub(crate) terms: Vec<(usize, &'a str)>,
    /// The files that it refers to.
    pub(crate) file_references: Vec<FileReference<'a>>,
    /// The summary of what is dropped from the body, as `content::dropped` has it.
    pub(crate) dropped_content: Vec<&'a str>,
    /// The names listed in `redact:`.
    pub(crate) redacted_names: Vec<&'a str>,
    pub(in crate::archive) encoded_details: &'a [u8],
}

impl<'a> ArticleRecord<'a> {
    /// The first byte of the record.
    pub(super) const TAG: u8 = 1;

    /// Returns the main image, with its published URL.
    pub(crate) fn image(&self) -> Option<Image> {
        self.details().image()
    }

    /// Returns true if the article was withdrawn.
    pub(crate) fn is_retracted(&self) -> bool {
        self.flags.contains(Flags::RETRACTED)
    }

    /// Returns true if names were removed from the article: by Dateline or by its author.
    pub(crate) fn is_redacted(&self) -> bool {
        let has_status = || {
            self.flags.contains(Flags::UPDATED)
                && self.details().decode().editorial_notes.status == Status::Anonymized
        };
        !self.redacted_names.is_empty() || self.flags.contains(Flags::REDACTED_PATH) || has_status()
    }

    /// Returns the details, which are decoded on demand.
    pub(super) fn details(&self) -> EncodedDetails<'a> {
        EncodedDetails(Decoder(self.encoded_details))
    }

    /// Decodes a record behind its tag.
    pub(super) fn decode(decoder: &mut Decoder<'a>) -> Option<Self> {
        let content_hash = decoder.fingerprint()?;
        let seconds = decoder.fixed_u64()? as i64;
        let expires = decoder.fixed_u64()? as i64;
        let embargo = decoder.fixed_u64()? as i64;
        let day = decoder.varint()? as i32;
        let flags = Flags::from_bits(decoder.varint()? as u16);
        let lang = decoder.text()?;
        let count = decoder.varint()?;
        let terms = (0..count)
            .map(|_| Some((decoder.varint()? as usize, decoder.text()?)))
            .collect::<Option<_>>()?;
        let file_references = decode_file_references(decoder)?;
        let dropped_content = decoder.texts()?;
        let redacted_names = decoder.texts()?;
        let date = Moment { seconds, day_only: flags.contains(Flags::DAY_ONLY) };
        Some(Self {
            content_hash,
            date,
            expires,
            embargo,
            day,
            flags,
            lang,
            terms,
            file_references,
            dropped_content,
            redacted_names,
            encoded_details: decoder.0,
        })
    }
}

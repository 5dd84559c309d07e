//! The details of an article: its texts and what else the catalog holds outside its row. They stay
//! encoded, and are decoded when a page asks for them.

use std::borrow::Cow;

use super::editorial::EditorialNotes;
use super::texts::{TextField, decode_text, skip_texts};
use super::values::{decode_image, decode_moment};
use crate::model::codec::{Decoder, Encode};
use crate::model::{Fingerprint, Image, Moment};

/// The details that only an article's own page and the files for programs need.
#[derive(Debug, Default)]
pub(crate) struct ArticleDetails<'a> {
    /// The hash of the file.
    pub(crate) file_hash: Fingerprint,
    /// The number of words in the body; 0 if the site doesn't need it.
    pub(crate) word_count: u32,
    /// The hash by which the permalink registry recognizes the body; `None` if the site has no
    /// registry, and [`Fingerprint::DIRTY`] if the body is too short.
    pub(crate) body_evidence: Option<Fingerprint>,
    /// The offset of the body in the file, in bytes.
    pub(crate) body_start: usize,
    /// The date of the last change.
    pub(crate) updated: Option<Moment>,
    /// The links to articles in the body, as written.
    pub(crate) links: Vec<&'a str>,
    /// The old URLs, which redirect to the article.
    pub(crate) aliases: Vec<&'a str>,
    /// The corrections, the updates and the status.
    pub(crate) editorial_notes: EditorialNotes<'a>,
}

/// The details that a change of the body's text changes.
#[derive(Clone, Copy, Debug)]
pub(super) struct BodyFields {
    pub(super) file_hash: Fingerprint,
    pub(super) word_count: u32,
    pub(super) body_evidence: Option<Fingerprint>,
}

impl BodyFields {
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        out.fixed_u64(self.file_hash.0);
        out.extend(self.word_count.to_le_bytes());
        out.push(u8::from(self.body_evidence.is_some()));
        self.body_evidence.iter().for_each(|evidence| out.fixed_u64(evidence.0));
    }

    fn decode(decoder: &mut Decoder<'_>) -> Option<Self> {
        let file_hash = decoder.fingerprint()?;
        let mut word_count = [0; 4];
        for byte in &mut word_count {
            *byte = decoder.byte()?;
        }
        let word_count = u32::from_le_bytes(word_count);
        let body_evidence = if decoder.byte()? == 1 { Some(decoder.fingerprint()?) } else { None };
        Some(Self { file_hash, word_count, body_evidence })
    }
}

/// The encoded details. The record was checked when it was read, so decoding can't fail.
#[derive(Clone, Copy, Debug)]
pub(in crate::archive) struct EncodedDetails<'a>(pub(super) Decoder<'a>);

/// The details in parts that can be compared.
pub(super) struct DetailParts<'a> {
    pub(super) texts_and_image: &'a [u8],
    pub(super) body_fields: BodyFields,
    /// Everything behind the fields of the body.
    pub(super) rest: &'a [u8],
}

impl<'a> EncodedDetails<'a> {
    pub(in crate::archive) fn text(self, field: TextField) -> &'a str {
        decode_text(self.0, field)
    }

    /// Returns the main image, with its published URL.
    pub(in crate::archive) fn image(self) -> Option<Image> {
        self.after_texts().bytes().and_then(decode_image)
    }

    pub(in crate::archive) fn decode(self) -> ArticleDetails<'a> {
        self.try_decode().unwrap_or_default()
    }

    fn after_texts(mut self) -> Decoder<'a> {
        skip_texts(&mut self.0, TextField::COUNT);
        self.0
    }

    fn try_decode(self) -> Option<ArticleDetails<'a>> {
        let mut decoder = self.after_texts();
        decoder.bytes()?;
        let BodyFields { file_hash, word_count, body_evidence } = BodyFields::decode(&mut decoder)?;
        Some(ArticleDetails {
            file_hash,
            word_count,
            body_evidence,
            body_start: decoder.varint()? as usize,
            updated: decode_moment(&mut decoder)?,
            links: decoder.texts()?,
            aliases: decoder.texts()?,
            editorial_notes: EditorialNotes::decode(&mut decoder)?,
        })
    }

    pub(super) fn parts(self) -> Option<DetailParts<'a>> {
        let mut decoder = self.after_texts();
        decoder.bytes()?;
        let texts_and_image = decoder.read_since(self.0);
        let body_fields = BodyFields::decode(&mut decoder)?;
        Some(DetailParts { texts_and_image, body_fields, rest: decoder.0 })
    }
}

/// An article as stored in the catalog: the path of its file, which its record doesn't contain, and
/// its details.
#[derive(Clone, Copy, Debug)]
pub(in crate::archive) struct EncodedArticle<'a>(Decoder<'a>);

impl<'a> EncodedArticle<'a> {
    /// Wraps the bytes that begin with an encoded article.
    pub(in crate::archive) fn new(bytes: &'a [u8]) -> Self {
        Self(Decoder(bytes))
    }

    /// Encodes an article: `out` is cleared first.
    pub(in crate::archive) fn encode(out: &mut Vec<u8>, path: &str, encoded_details: &[u8]) {
        let permalink = Decoder(encoded_details).text().unwrap_or_default();
        // As `path_for_permalink`, but without an allocation: each build does this for every
        // article.
        let is_default = path.strip_suffix(".md") == Some(permalink.trim_matches('/'));
        out.clear();
        out.text(Some(path).filter(|_| !is_default));
        out.extend_from_slice(encoded_details);
    }

    /// Returns the path of the file below `content/`. It is stored only if it can't be derived from
    /// the permalink, since an archive of dated files would contain all its URLs twice otherwise.
    pub(in crate::archive) fn path(self) -> Cow<'a, str> {
        let mut decoder = self.0;
        match decoder.text() {
            None | Some("") => path_for_permalink(self.details().text(TextField::Permalink)).into(),
            Some(path) => path.into(),
        }
    }

    pub(in crate::archive) fn details(self) -> EncodedDetails<'a> {
        let mut decoder = self.0;
        decoder.bytes();
        EncodedDetails(decoder)
    }
}

/// Returns the path of the file that would have a permalink by default.
pub(in crate::archive) fn path_for_permalink(permalink: &str) -> String {
    format!("{}.md", permalink.trim_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::record::ArticleTexts;

    #[test]
    fn paths_are_stored_only_if_they_differ_from_the_permalink() {
        let mut details = Vec::new();
        ArticleTexts { permalink: "/2024/talks/", ..ArticleTexts::default() }.encode(&mut details);
        for (path, is_stored) in [
            ("2024/talks.md", false),
            ("2024/talks/index.md", true),
            ("2024/talks.markdown", true),
            ("talks.md", true),
        ] {
            let mut bytes = vec![1, 2, 3];
            EncodedArticle::encode(&mut bytes, path, &details);
            let length = 1 + details.len() + if is_stored { path.len() } else { 0 };
            assert_eq!(bytes.len(), length, "{path}");
            let article = EncodedArticle::new(&bytes);
            assert_eq!(article.path(), path);
            assert_eq!(article.details().text(TextField::Permalink), "/2024/talks/");
        }
    }
}

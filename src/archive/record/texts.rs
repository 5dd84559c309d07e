//! The texts of an article that the catalog holds.

use crate::model::codec::{Decoder, Encode};

/// A text of an article. The texts are encoded in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TextField {
    /// The permalink, below the site's root.
    Permalink,
    /// The headline.
    Title,
    /// The standfirst.
    Standfirst,
    /// The location in the dateline.
    DatelineLocation,
    /// The `id:` of the front matter.
    OwnId,
    /// The source, such as a news agency.
    Source,
    /// The URL where the article was first published.
    OriginalUrl,
    /// The `id:` of the article that this one is a translation of.
    TranslationOf,
}

impl TextField {
    /// All texts, in the order of their encoding.
    const ALL: [Self; 8] = [
        Self::Permalink,
        Self::Title,
        Self::Standfirst,
        Self::DatelineLocation,
        Self::OwnId,
        Self::Source,
        Self::OriginalUrl,
        Self::TranslationOf,
    ];

    /// The number of texts.
    pub(super) const COUNT: usize = Self::ALL.len();
}

/// The texts of an article that is to be encoded.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ArticleTexts<'a> {
    /// See [`TextField::Permalink`].
    pub(crate) permalink: &'a str,
    /// See [`TextField::Title`].
    pub(crate) title: &'a str,
    /// See [`TextField::Standfirst`].
    pub(crate) standfirst: Option<&'a str>,
    /// See [`TextField::DatelineLocation`].
    pub(crate) dateline_location: Option<&'a str>,
    /// See [`TextField::OwnId`].
    pub(crate) own_id: Option<&'a str>,
    /// See [`TextField::Source`].
    pub(crate) source: Option<&'a str>,
    /// See [`TextField::OriginalUrl`].
    pub(crate) original_url: Option<&'a str>,
    /// See [`TextField::TranslationOf`].
    pub(crate) translation_of: Option<&'a str>,
}

impl<'a> ArticleTexts<'a> {
    fn get(&self, field: TextField) -> Option<&'a str> {
        match field {
            TextField::Permalink => Some(self.permalink),
            TextField::Title => Some(self.title),
            TextField::Standfirst => self.standfirst,
            TextField::DatelineLocation => self.dateline_location,
            TextField::OwnId => self.own_id,
            TextField::Source => self.source,
            TextField::OriginalUrl => self.original_url,
            TextField::TranslationOf => self.translation_of,
        }
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        for field in TextField::ALL {
            out.text(self.get(field));
        }
    }
}

/// Returns a text. The decoder is at the first text.
pub(super) fn decode_text<'a>(mut texts: Decoder<'a>, field: TextField) -> &'a str {
    skip_texts(&mut texts, field as usize);
    texts.text().unwrap_or_default()
}

/// Moves a decoder past a number of texts.
pub(super) fn skip_texts(decoder: &mut Decoder<'_>, count: usize) {
    for _ in 0..count {
        decoder.bytes();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_found_by_their_field() {
        let texts = ArticleTexts {
            permalink: "/a/",
            title: "Title",
            standfirst: Some("Standfirst"),
            dateline_location: Some("Lahore"),
            own_id: None,
            source: Some("Agency"),
            original_url: Some("https://example.com/"),
            translation_of: Some("b"),
        };
        let mut bytes = Vec::new();
        texts.encode(&mut bytes);
        for (index, field) in TextField::ALL.into_iter().enumerate() {
            assert_eq!(field as usize, index);
            let expected = texts.get(field).unwrap_or_default();
            assert_eq!(decode_text(Decoder(&bytes), field), expected);
        }
    }
}

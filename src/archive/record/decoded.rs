//! Decoding a record of any type.

use super::article::ArticleRecord;
use super::term_page::TermPage;
use super::tombstone::Tombstone;
use crate::model::codec::Decoder;

/// The record of a file that isn't a page.
const NOT_A_PAGE_TAG: u8 = 3;

/// A decoded record.
#[derive(Debug)]
pub(crate) enum Record<'a> {
    /// An article.
    Article(ArticleRecord<'a>),
    /// The `_index.md` of a term, a taxonomy or the front page.
    Term(TermPage),
    /// An article that was taken down.
    Tombstone(Tombstone),
    /// A file that isn't a page.
    NotAPage,
}

impl<'a> Record<'a> {
    /// Encodes the record of a file that isn't a page.
    pub(crate) fn encode_not_a_page() -> Vec<u8> {
        vec![NOT_A_PAGE_TAG]
    }

    /// Decodes a record; returns `None` if the bytes aren't one.
    pub(crate) fn decode(bytes: &'a [u8]) -> Option<Self> {
        let mut decoder = Decoder(bytes);
        match decoder.byte()? {
            ArticleRecord::TAG => ArticleRecord::decode(&mut decoder).map(Self::Article),
            TermPage::TAG => TermPage::decode(&mut decoder).map(Self::Term),
            Tombstone::TAG => Tombstone::decode(&mut decoder).map(Self::Tombstone),
            NOT_A_PAGE_TAG => Some(Self::NotAPage),
            _ => None,
        }
    }
}

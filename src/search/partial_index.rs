//! Partial indexes: the inverted index of up to [`MAX_PARTIAL_ARTICLES`] articles in the build
//! cache, in one or more files.
//!
//! A file contains its header's length (8 bytes, little-endian); the header, with the number of
//! articles and of each its weighted length, the size of its stored fields and its language; the
//! stored fields; and the words in order, each with its length before it: the word, its postings,
//! its positions.
//! Bigrams are in a file of their own.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::inflection::LanguageSet;
use super::reopening_reader::{ReopeningReader, corrupt_index_error};
use crate::model::codec::Decoder;

/// The maximum number of articles in a partial index.
pub(super) const MAX_PARTIAL_ARTICLES: usize = 1024;

/// The file of the bigrams that belong to a file of a partial index.
pub(super) fn bigrams_path(file: &Path) -> PathBuf {
    file.with_extension("bigrams")
}

/// An article's entry in the header of a partial index.
pub(super) struct ArticleHeader {
    /// The weighted length, in words.
    pub(super) length: u32,
    /// The size of the stored fields, in bytes.
    pub(super) stored_bytes: usize,
    /// Its language, if that has rules of inflection.
    pub(super) languages: LanguageSet,
}

/// Reads a partial index word by word.
pub(super) struct PartialIndexReader {
    file: ReopeningReader,
    /// The number of its first article in the segment.
    pub(super) first_article: u32,
    /// The current word; empty at the end.
    pub(super) term: Vec<u8>,
    /// The encoded postings and positions of the current word.
    postings: Vec<u8>,
}

/// Reads the header. Returns its entries and the offset of the stored fields, to which the file is
/// read.
fn read_header(file: &mut File) -> io::Result<(Vec<ArticleHeader>, u64)> {
    let mut length = [0; 8];
    file.read_exact(&mut length)?;
    let mut header = Vec::new();
    file.take(u64::from_le_bytes(length)).read_to_end(&mut header)?;
    let mut decoder = Decoder(&header);
    let count = decoder.varint().ok_or_else(corrupt_index_error)?;
    let mut number = || decoder.varint().ok_or_else(corrupt_index_error);
    let articles = (0..count)
        .map(|_| {
            Ok(ArticleHeader {
                length: number()? as u32,
                stored_bytes: number()? as usize,
                languages: LanguageSet(number()? as u16),
            })
        })
        .collect::<io::Result<_>>()?;
    Ok((articles, (length.len() + header.len()) as u64))
}

impl PartialIndexReader {
    /// Opens a file of a partial index, and reads its header and its first word. `first_article` is
    /// the number of its first article in the segment.
    ///
    /// # Errors
    /// An I/O error if the file can't be read; `InvalidData` if it is damaged.
    pub(super) fn open(file: &Path, first_article: u32) -> io::Result<(Self, Vec<ArticleHeader>)> {
        let (articles, stored_fields_start) = read_header(&mut File::open(file)?)?;
        let terms_start = stored_fields_start
            + articles.iter().map(|article| article.stored_bytes as u64).sum::<u64>();
        let file = ReopeningReader::new(file, terms_start);
        let mut reader = Self { file, first_article, term: Vec::new(), postings: Vec::new() };
        reader.advance()?;
        Ok((reader, articles))
    }

    /// Passes the stored fields of each article of a file to `on_article`.
    ///
    /// # Errors
    /// An I/O error if the file can't be read; `InvalidData` if it is damaged; the error of
    /// `on_article`.
    pub(super) fn read_stored_fields(
        file: &Path,
        mut on_article: impl FnMut(&[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut opened_file = File::open(file)?;
        let (articles, _) = read_header(&mut opened_file)?;
        let total_bytes = articles.iter().map(|article| article.stored_bytes as u64).sum();
        let mut bytes = Vec::new();
        opened_file.take(total_bytes).read_to_end(&mut bytes)?;
        let mut rest = bytes.as_slice();
        for ArticleHeader { stored_bytes, .. } in articles {
            let (stored_fields, after) =
                rest.split_at_checked(stored_bytes).ok_or_else(corrupt_index_error)?;
            on_article(stored_fields)?;
            rest = after;
        }
        Ok(())
    }

    /// Reads the next word.
    ///
    /// # Errors
    /// An I/O error if the file can't be read; `InvalidData` if it is damaged.
    pub(super) fn advance(&mut self) -> io::Result<()> {
        self.term.clear();
        let Some(length) = self.file.read_varint()? else { return Ok(()) };
        let length = length as usize;
        let mut decoder =
            Decoder(self.file.peek(length)?.get(..length).ok_or_else(corrupt_index_error)?);
        self.term.extend_from_slice(decoder.bytes().ok_or_else(corrupt_index_error)?);
        self.postings.clear();
        self.postings.extend_from_slice(decoder.0);
        self.file.consume(length);
        Ok(())
    }

    /// Decodes the current word: passes the article, the weight and the size of the positions of
    /// each posting to `on_posting`, and appends the positions to `positions`.
    ///
    /// # Errors
    /// `InvalidData` if the postings are damaged.
    pub(super) fn read_postings(
        &self,
        mut on_posting: impl FnMut(u32, u32, u32),
        positions: &mut Vec<u8>,
    ) -> io::Result<()> {
        let mut decoder = Decoder(&self.postings);
        let count = decoder.varint().ok_or_else(corrupt_index_error)?;
        let mut article = self.first_article;
        for _ in 0..count {
            let mut number = || decoder.varint().ok_or_else(corrupt_index_error);
            article += number()? as u32;
            on_posting(article, number()? as u32, number()? as u32);
        }
        positions.extend_from_slice(decoder.0);
        Ok(())
    }
}

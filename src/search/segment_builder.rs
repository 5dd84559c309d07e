//! Builds partial indexes in memory and writes them to the build cache. Segments are merged from
//! them, so that an edit rebuilds only one partial index, and never more than one is in memory per
//! thread.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use super::bigrams::BigramCollector;
use super::deflate::Deflater;
use super::document::{FIELD_WEIGHTS, Facet, MAX_EXCERPT_BYTES, SearchDocument};
use super::inflection::LanguageSet;
use super::partial_index::bigrams_path;
use super::term_interner::TermInterner;
use super::tokenizer::{Token, tokenize};
use crate::model::codec::Encode;

/// The size of the positions from which on a partial index is written, in bytes.
const MAX_POSITION_BYTES: usize = 1 << 21;
/// The compression level of stored fields.
const STORED_FIELDS_COMPRESSION: u32 = 2;
/// The size to which stored fields are truncated, in bytes after compression.
const TARGET_STORED_FIELDS_BYTES: usize = 2 << 10;
/// The maximum number of words of an article that are indexed.
const MAX_WORDS: u32 = 100_000;
/// The number of positions between two fields, so that no phrase spans both.
const FIELD_GAP: u32 = 4;

/// A word in an article.
#[derive(Clone, Copy, Default)]
struct PendingPosting {
    term_id: u32,
    article: u32,
    /// The sum of the field weights of its occurrences.
    weight: u32,
    /// The offset and the size of its positions in [`SegmentBuilder::positions`].
    positions_start: u32,
    positions_bytes: u32,
}

/// The data of an article in a partial index besides its words.
struct IndexedArticle {
    /// The weighted length, in words.
    length: u32,
    languages: LanguageSet,
    /// The stored fields, compressed.
    stored_fields: Vec<u8>,
}

/// Collects the words of articles for a partial index.
pub(super) struct SegmentBuilder {
    deflater: Deflater,
    terms: TermInterner,
    postings: Vec<PendingPosting>,
    positions: Vec<u8>,
    bigrams: BigramCollector,
    articles: Vec<IndexedArticle>,
    /// The words of the current article, each with its position in the lowest 32 bits: one number
    /// is sorted faster than a pair.
    occurrences: Vec<u64>,
}

impl SegmentBuilder {
    pub(super) fn new() -> Self {
        Self {
            deflater: Deflater::new(STORED_FIELDS_COMPRESSION),
            terms: TermInterner::default(),
            postings: Vec::new(),
            positions: Vec::new(),
            bigrams: BigramCollector::default(),
            articles: Vec::new(),
            occurrences: Vec::new(),
        }
    }

    /// Adds the next article.
    ///
    /// # Errors
    /// As [`Deflater::compress_into`].
    pub(super) fn add(&mut self, document: &SearchDocument<'_>) -> io::Result<()> {
        let article = self.articles.len() as u32;
        let (length, field_starts) = self.index_fields(article, &document.fields);
        self.add_word_postings(article, field_starts);
        self.add_facet_postings(article, &document.facets);
        let stored_fields = self.compress_stored_fields(document)?;
        let languages = LanguageSet::of_tag(document.lang);
        self.articles.push(IndexedArticle { length, languages, stored_fields });
        Ok(())
    }

    /// Collects the occurrences and the bigrams of an article. Returns its weighted length, without
    /// variants of words, and the first position of each field.
    fn index_fields(
        &mut self,
        article: u32,
        fields: &[String; FIELD_WEIGHTS.len()],
    ) -> (u32, [u32; FIELD_WEIGHTS.len()]) {
        let (occurrences, terms, bigrams) =
            (&mut self.occurrences, &mut self.terms, &mut self.bigrams);
        occurrences.clear();
        let (mut length, mut position) = (0, 0);
        let mut field_starts = [0; FIELD_WEIGHTS.len()];
        for (field, text) in fields.iter().enumerate() {
            field_starts[field] = position;
            // The words at the previous position and at this one, for bigrams.
            let (mut before, mut here) = (Vec::new(), Vec::new());
            tokenize(text, |token| {
                let word = match token {
                    Token::Next(word) => {
                        std::mem::swap(&mut before, &mut here);
                        here.clear();
                        position += 1;
                        if !word.is_empty() && position <= MAX_WORDS {
                            length += FIELD_WEIGHTS[field];
                        }
                        word
                    }
                    Token::Variant(word) => word,
                };
                if word.is_empty() || position > MAX_WORDS {
                    return;
                }
                let term_id = terms.intern(word.as_bytes());
                occurrences.push(u64::from(term_id) << u32::BITS | u64::from(position - 1));
                let hash = terms.bigram_hash(term_id);
                before.iter().for_each(|&previous| bigrams.add(previous, hash, article));
                here.push(hash);
            });
            position += FIELD_GAP;
        }
        occurrences.sort_unstable();
        occurrences.dedup();
        (length, field_starts)
    }

    /// Makes postings and positions from the occurrences of an article.
    fn add_word_postings(&mut self, article: u32, field_starts: [u32; FIELD_WEIGHTS.len()]) {
        let field_weight = |position: u32| {
            FIELD_WEIGHTS[field_starts.iter().rposition(|&start| start <= position).unwrap_or(0)]
        };
        for same_term in self.occurrences.chunk_by(|a, b| a >> u32::BITS == b >> u32::BITS) {
            let positions_start = self.positions.len();
            self.positions.varint(same_term.len() as u64);
            let mut last = 0;
            for position in same_term.iter().map(|&occurrence| occurrence as u32) {
                self.positions.varint((position - last).into());
                last = position;
            }
            self.postings.push(PendingPosting {
                term_id: (same_term[0] >> u32::BITS) as u32,
                article,
                weight: same_term.iter().map(|&occurrence| field_weight(occurrence as u32)).sum(),
                positions_start: positions_start as u32,
                positions_bytes: (self.positions.len() - positions_start) as u32,
            });
        }
    }

    /// Makes postings without positions for the facets of an article.
    fn add_facet_postings(&mut self, article: u32, facets: &[Facet<'_>]) {
        let mut facet_ids: Vec<u32> =
            facets.iter().map(|facet| self.terms.intern_facet(*facet)).collect();
        facet_ids.sort_unstable();
        facet_ids.dedup();
        self.postings.extend(facet_ids.into_iter().map(|term_id| PendingPosting {
            term_id,
            article,
            weight: 1,
            positions_start: 0,
            positions_bytes: 0,
        }));
    }

    /// Compresses the stored fields of an article, truncated to the target size, with their length
    /// before them.
    fn compress_stored_fields(&mut self, document: &SearchDocument<'_>) -> io::Result<Vec<u8>> {
        let (mut stored_fields, mut excerpt_bytes) = (Vec::new(), MAX_EXCERPT_BYTES);
        loop {
            stored_fields.clear();
            let text = document.stored_fields(excerpt_bytes);
            self.deflater.compress_into(text.as_bytes(), &mut stored_fields)?;
            if stored_fields.len() <= TARGET_STORED_FIELDS_BYTES || excerpt_bytes == 0 {
                break;
            }
            // Slightly less than would be right if the text were compressed evenly.
            excerpt_bytes = excerpt_bytes.min(text.len()) * TARGET_STORED_FIELDS_BYTES
                / stored_fields.len()
                * 31
                / 32;
        }
        // In a segment the record is padded, so that its end is known only from its length.
        let mut length_prefixed = Vec::with_capacity(stored_fields.len() + 2);
        length_prefixed.bytes(&stored_fields);
        Ok(length_prefixed)
    }

    /// Returns true if no more articles should be added.
    pub(super) fn is_full(&self) -> bool {
        self.positions.len() >= MAX_POSITION_BYTES
    }

    /// Writes a file of the partial index, and its bigrams to a second file.
    ///
    /// # Errors
    /// An I/O error if a file can't be written.
    pub(super) fn write(mut self, file: &Path) -> io::Result<()> {
        let bigrams = std::mem::take(&mut self.bigrams);
        bigrams.write(self.articles.len(), &bigrams_path(file))?;
        let mut header = Vec::new();
        header.varint(self.articles.len() as u64);
        for article in &self.articles {
            header.varint(article.length.into());
            header.varint(article.stored_fields.len() as u64);
            header.varint(article.languages.0.into());
        }
        let mut out = BufWriter::with_capacity(1 << 16, File::create(file)?);
        out.write_all(&(header.len() as u64).to_le_bytes())?;
        out.write_all(&header)?;
        self.articles.iter().try_for_each(|article| out.write_all(&article.stored_fields))?;
        let (postings, starts) = self.postings_by_term();
        let mut record = Vec::new();
        for term_id in self.terms.sorted_ids() {
            let range = starts[term_id as usize] as usize..starts[term_id as usize + 1] as usize;
            record.clear();
            self.encode_term(term_id, &postings[range], &mut record);
            let mut length = Vec::with_capacity(4);
            length.varint(record.len() as u64);
            out.write_all(&length)?;
            out.write_all(&record)?;
        }
        out.into_inner().map_err(io::IntoInnerError::into_error).map(drop)
    }

    /// Encodes a word with its postings and positions.
    fn encode_term(&self, term_id: u32, postings: &[PendingPosting], record: &mut Vec<u8>) {
        record.bytes(self.terms.get(term_id));
        record.varint(postings.len() as u64);
        let mut last = 0;
        for posting in postings {
            record.varint((posting.article - last).into());
            record.varint(posting.weight.into());
            record.varint(posting.positions_bytes.into());
            last = posting.article;
        }
        for posting in postings {
            let start = posting.positions_start as usize;
            let end = start + posting.positions_bytes as usize;
            record.extend_from_slice(&self.positions[start..end]);
        }
    }

    /// Sorts the postings by word, and by article for each word. Returns them and the index of the
    /// first posting of each word.
    fn postings_by_term(&self) -> (Vec<PendingPosting>, Vec<u32>) {
        let mut starts = vec![0_u32; self.terms.len() + 1];
        self.postings.iter().for_each(|posting| starts[posting.term_id as usize + 1] += 1);
        for index in 1..starts.len() {
            starts[index] += starts[index - 1];
        }
        let mut next = starts.clone();
        let mut sorted = vec![PendingPosting::default(); self.postings.len()];
        for posting in &self.postings {
            let slot = &mut next[posting.term_id as usize];
            sorted[*slot as usize] = *posting;
            *slot += 1;
        }
        (sorted, starts)
    }
}

//! Parts: the words of some stories, turned round, in a file of the site's state folder. Volumes
//! are merged from parts, so that what an edit touches is one part, and no more than a part is ever
//! in memory.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::xxh3_64;

use super::bigrams::{self, BigramCollector};
use super::deflate::Deflater;
use super::document::{FIELD_WEIGHTS, MAX_EXCERPT_BYTES, SearchDocument};
use super::reopening_reader::{ReopeningReader, corrupt_index_error};
use super::tokenizer::tokenize;
use crate::model::codec::{Decoder, Encode};

/// How many bytes of places a part may hold before it is written.
const MAX_POSITION_BYTES: usize = 1 << 21;
/// How hard cards are compressed.
const STORED_FIELDS_COMPRESSION: u32 = 2;
/// How long a card should be at most, compressed.
const TARGET_STORED_FIELDS_BYTES: usize = 2 << 10;
/// How many words of a story are searched.
const MAX_WORDS: u32 = 100_000;
/// How far the words of one field are from those of the next, so that no phrase runs across.
const FIELD_GAP: u32 = 4;
/// What the name of a facet begins with, so that no word is one.
pub(super) const FACET_PREFIX: u8 = 1;
/// What stands before the term's name in it.
pub(super) const FACET_NAME_SEPARATOR: u8 = 2;

/// A word in a story.
#[derive(Clone, Copy, Default)]
struct PendingPosting {
    term_id: u32,
    article: u32,
    /// Occurrences, each by its field's weight.
    weight: u32,
    /// Where its places begin, and how many bytes they take.
    positions: (u32, u32),
}

/// Gathers the words of stories.
pub(super) struct SegmentBuilder {
    deflater: Deflater,
    terms: TermInterner,
    postings: Vec<PendingPosting>,
    positions: Vec<u8>,
    bigrams: BigramCollector,
    /// Of each story its weighted length and its card, compressed.
    articles: Vec<(u32, Vec<u8>)>,
    /// Words of the story at hand, and behind each its place: they are sorted faster as one number.
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

    /// Adds the next story.
    pub(super) fn add(&mut self, document: &SearchDocument<'_>) -> io::Result<()> {
        let article = self.articles.len() as u32;
        let mut length = 0;
        // The first place of each field.
        let mut field_starts = [0_u32; FIELD_WEIGHTS.len()];
        let mut position = 0;
        let (occurrences, terms, bigrams) =
            (&mut self.occurrences, &mut self.terms, &mut self.bigrams);
        occurrences.clear();
        for (field, text) in document.fields.iter().enumerate() {
            field_starts[field] = position;
            let mut previous = None;
            tokenize(text, |word| {
                let mut current = None;
                if !word.is_empty() && position < MAX_WORDS {
                    let term_id = terms.intern(word.as_bytes());
                    occurrences.push(u64::from(term_id) << u32::BITS | u64::from(position));
                    length += FIELD_WEIGHTS[field];
                    let hash = terms.bigram_hash(term_id);
                    if let Some(previous_hash) = previous {
                        bigrams.add(previous_hash, hash, article);
                    }
                    current = Some(hash);
                }
                previous = current;
                position += 1;
            });
            position += FIELD_GAP;
        }
        occurrences.sort_unstable();
        for same_term in occurrences.chunk_by(|a, b| a >> u32::BITS == b >> u32::BITS) {
            let positions_start = self.positions.len();
            self.positions.varint(same_term.len() as u64);
            let mut last = 0;
            for position in same_term.iter().map(|&occurrence| occurrence as u32) {
                self.positions.varint((position - last).into());
                last = position;
            }
            let field_weight = |position: u32| {
                FIELD_WEIGHTS
                    [field_starts.iter().rposition(|&start| start <= position).unwrap_or(0)]
            };
            let weight = same_term.iter().map(|&occurrence| field_weight(occurrence as u32)).sum();
            let positions =
                (positions_start as u32, (self.positions.len() - positions_start) as u32);
            let term_id = (same_term[0] >> u32::BITS) as u32;
            self.postings.push(PendingPosting { term_id, article, weight, positions });
        }
        let mut facets: Vec<u32> =
            document.facets.iter().map(|facet| self.terms.intern_facet(*facet)).collect();
        facets.sort_unstable();
        facets.dedup();
        self.postings.extend(facets.into_iter().map(|term_id| PendingPosting {
            term_id,
            article,
            weight: 1,
            positions: (0, 0),
        }));
        let (mut stored_fields, mut excerpt_bytes) = (Vec::new(), MAX_EXCERPT_BYTES);
        loop {
            stored_fields.clear();
            let text = document.stored_fields(excerpt_bytes);
            self.deflater.compress_into(text.as_bytes(), &mut stored_fields)?;
            if stored_fields.len() <= TARGET_STORED_FIELDS_BYTES || excerpt_bytes == 0 {
                break;
            }
            // A little less than what would do if all of the text took as many bits.
            excerpt_bytes = excerpt_bytes.min(text.len()) * TARGET_STORED_FIELDS_BYTES
                / stored_fields.len()
                * 31
                / 32;
        }
        // Its own length, since it will have zeros behind it.
        let mut length_prefixed = Vec::with_capacity(stored_fields.len() + 2);
        length_prefixed.bytes(&stored_fields);
        self.articles.push((length, length_prefixed));
        Ok(())
    }

    pub(super) fn is_full(&self) -> bool {
        self.positions.len() >= MAX_POSITION_BYTES
    }

    /// Writes the part: what there is to know of its stories, with its length before it; their
    /// cards; its words in order, each with its length before it. Its pairs are beside it.
    pub(super) fn write(mut self, file: &Path) -> io::Result<()> {
        let bigrams = std::mem::take(&mut self.bigrams);
        bigrams.write(self.articles.len(), &bigrams_path(file))?;
        let mut header = Vec::new();
        header.varint(self.articles.len() as u64);
        for (length, stored_fields) in &self.articles {
            header.varint((*length).into());
            header.varint(stored_fields.len() as u64);
        }
        let mut out = BufWriter::with_capacity(1 << 16, File::create(file)?);
        out.write_all(&(header.len() as u64).to_le_bytes())?;
        out.write_all(&header)?;
        self.articles.iter().try_for_each(|(_, stored_fields)| out.write_all(stored_fields))?;
        let sorted_ids = self.terms.sorted_ids();
        let (postings, starts) = self.postings_by_term();
        let mut record = Vec::new();
        for term_id in sorted_ids.into_iter().map(|id| id as usize) {
            let postings = &postings[starts[term_id] as usize..starts[term_id + 1] as usize];
            record.clear();
            record.bytes(self.terms.get(term_id as u32));
            record.varint(postings.len() as u64);
            let mut last = 0;
            for posting in postings {
                record.varint((posting.article - last).into());
                record.varint(posting.weight.into());
                record.varint(posting.positions.1.into());
                last = posting.article;
            }
            for (start, length) in postings.iter().map(|posting| posting.positions) {
                record
                    .extend_from_slice(&self.positions[start as usize..(start + length) as usize]);
            }
            let mut length = Vec::with_capacity(4);
            length.varint(record.len() as u64);
            out.write_all(&length)?;
            out.write_all(&record)?;
        }
        out.into_inner().map_err(io::IntoInnerError::into_error).map(drop)
    }

    /// The postings by word, within a word by story; and where each word's begin.
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

/// Where the pairs of a part are.
pub(super) fn bigrams_path(file: &Path) -> PathBuf {
    file.with_extension("pairs")
}

/// Numbers for names, by a table of their hashes.
#[derive(Default)]
struct TermInterner {
    bytes: Vec<u8>,
    ends: Vec<u32>,
    /// What each is known by in pairs.
    bigram_hashes: Vec<u32>,
    table: Vec<u32>,
    facet_buffer: Vec<u8>,
}

impl TermInterner {
    fn len(&self) -> usize {
        self.ends.len()
    }

    fn get(&self, id: u32) -> &[u8] {
        let start = (id as usize).checked_sub(1).map_or(0, |previous| self.ends[previous] as usize);
        &self.bytes[start..self.ends[id as usize] as usize]
    }

    fn bigram_hash(&self, id: u32) -> u32 {
        self.bigram_hashes[id as usize]
    }

    /// All numbers by name. Most names differ in their first eight bytes, which are compared as one
    /// number.
    fn sorted_ids(&self) -> Vec<u32> {
        let prefix = |id: u32| {
            let mut bytes = [0; 8];
            let term = self.get(id);
            let length = term.len().min(bytes.len());
            bytes[..length].copy_from_slice(&term[..length]);
            u64::from_be_bytes(bytes)
        };
        let mut ids: Vec<(u64, u32)> = (0..self.len() as u32).map(|id| (prefix(id), id)).collect();
        ids.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| self.get(a.1).cmp(self.get(b.1))));
        ids.into_iter().map(|(_, id)| id).collect()
    }

    fn intern_facet(&mut self, (taxonomy, slug, label): (&str, &str, &str)) -> u32 {
        let mut facet_term = std::mem::take(&mut self.facet_buffer);
        facet_term.clear();
        facet_term.push(FACET_PREFIX);
        facet_term.extend_from_slice(taxonomy.as_bytes());
        facet_term.push(b'/');
        facet_term.extend_from_slice(slug.as_bytes());
        facet_term.push(FACET_NAME_SEPARATOR);
        facet_term.extend_from_slice(label.as_bytes());
        let id = self.intern(&facet_term);
        self.facet_buffer = facet_term;
        id
    }

    fn intern(&mut self, term: &[u8]) -> u32 {
        if self.ends.len() * 2 >= self.table.len() {
            self.grow();
        }
        let mut slot = self.slot(term);
        loop {
            match self.table[slot] {
                0 => {
                    self.bytes.extend_from_slice(term);
                    self.ends.push(self.bytes.len() as u32);
                    self.bigram_hashes.push(bigrams::hash_word(term));
                    self.table[slot] = self.ends.len() as u32;
                    return self.ends.len() as u32 - 1;
                }
                entry if self.get(entry - 1) == term => return entry - 1,
                _ => slot = (slot + 1) & (self.table.len() - 1),
            }
        }
    }

    fn slot(&self, term: &[u8]) -> usize {
        xxh3_64(term) as usize & (self.table.len() - 1)
    }

    fn grow(&mut self) {
        self.table = vec![0; (self.table.len() * 2).max(1 << 12)];
        for id in 0..self.ends.len() as u32 {
            let mut slot = self.slot(self.get(id));
            while self.table[slot] != 0 {
                slot = (slot + 1) & (self.table.len() - 1);
            }
            self.table[slot] = id + 1;
        }
    }
}

/// A part, read word by word.
pub(super) struct PartialIndexReader {
    file: ReopeningReader,
    /// The number of its first story in the volume.
    pub(super) first_article: u32,
    /// The word at hand; empty at the end.
    pub(super) term: Vec<u8>,
    /// The postings of the word at hand.
    postings: Vec<u8>,
}

/// The weighted lengths of a part's stories with the lengths of their cards, and where these begin.
/// The file is read as far as there.
fn read_header(file: &mut File) -> io::Result<(Vec<(u32, usize)>, u64)> {
    let mut length = [0; 8];
    file.read_exact(&mut length)?;
    let mut header = Vec::new();
    file.take(u64::from_le_bytes(length)).read_to_end(&mut header)?;
    let mut decoder = Decoder(&header);
    let count = decoder.varint().ok_or_else(corrupt_index_error)?;
    let mut number = || decoder.varint().ok_or_else(corrupt_index_error);
    let articles = (0..count)
        .map(|_| Ok((number()? as u32, number()? as usize)))
        .collect::<io::Result<_>>()?;
    Ok((articles, (length.len() + header.len()) as u64))
}

impl PartialIndexReader {
    /// Opens a part, whose first story has that number in the volume. Gives with it the weighted
    /// length of each story and the length of its card.
    pub(super) fn open(file: &Path, first_article: u32) -> io::Result<(Self, Vec<(u32, usize)>)> {
        let (articles, stored_fields_start) = read_header(&mut File::open(file)?)?;
        let terms_start = stored_fields_start
            + articles.iter().map(|&(_, stored_bytes)| stored_bytes as u64).sum::<u64>();
        let file = ReopeningReader::new(file, terms_start);
        let mut reader = Self { file, first_article, term: Vec::new(), postings: Vec::new() };
        reader.advance()?;
        Ok((reader, articles))
    }

    /// Gives the cards of a part to `take`.
    pub(super) fn read_stored_fields(
        file: &Path,
        mut on_article: impl FnMut(&[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut opened_file = File::open(file)?;
        let (articles, _) = read_header(&mut opened_file)?;
        let total_bytes = articles.iter().map(|&(_, stored_bytes)| stored_bytes as u64).sum();
        let mut bytes = Vec::new();
        opened_file.take(total_bytes).read_to_end(&mut bytes)?;
        let mut rest = bytes.as_slice();
        for (_, stored_bytes) in articles {
            let (stored_fields, after) =
                rest.split_at_checked(stored_bytes).ok_or_else(corrupt_index_error)?;
            on_article(stored_fields)?;
            rest = after;
        }
        Ok(())
    }

    /// Goes on to the next word.
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

    /// Gives the postings of the word at hand: story, weight, bytes that its places take; then
    /// their places.
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

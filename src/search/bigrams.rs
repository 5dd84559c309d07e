//! Bigrams: the groups of articles in which two words are adjacent. A phrase is looked up only in
//! these, however many articles contain its words.

use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::partial_index::MAX_PARTIAL_ARTICLES;
use super::reopening_reader::{MAX_VARINT_BYTES, ReopeningReader, corrupt_index_error};
use crate::model::codec::{Decoder, Encode};

/// The number of bits of an article's number in a partial index.
const ARTICLE_BITS: u32 = MAX_PARTIAL_ARTICLES.ilog2();
/// The maximum number of groups of a bigram. If it occurs in more, the size of its groups is
/// doubled until it doesn't.
const MAX_GROUPS: usize = 512;
/// The minimum size of a group, as a power of two.
const MIN_GROUP_SHIFT: u32 = 4;
/// The maximum number of bits of a group's number, so that it fits into two bytes.
const MAX_GROUP_BITS: u32 = 14;
/// The approximate size of a bucket, in bytes.
const BUCKET_BYTES: u64 = 1 << 10;
/// The approximate size of a bigram per article that contains it, in bytes.
const BYTES_PER_ARTICLE: u64 = 2;
/// The maximum number of bits of a hash that select the bucket.
const MAX_BUCKET_BITS: u32 = 20;
/// The approximate number of occurrences that are sorted together.
const SORT_BATCH: u64 = 1 << 18;
/// The number of bits of a digit of the radix sort.
const DIGIT_BITS: u32 = 11;

/// Hashes a word (FNV-1a, 32 bits).
pub(super) fn hash_word(word: &[u8]) -> u32 {
    word.iter()
        .fold(0x811C_9DC5, |hash: u32, &byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// Hashes two adjacent words, given their hashes.
fn hash_bigram(first: u32, second: u32) -> u32 {
    let mut hash = first.wrapping_mul(0x9E37_79B1).wrapping_add(second);
    hash = (hash ^ (hash >> 15)).wrapping_mul(0x85EB_CA6B);
    hash ^ (hash >> 13)
}

/// Collects the bigrams of a partial index.
#[derive(Default)]
pub(super) struct BigramCollector {
    /// The hash of each bigram, followed by the number of its article in the lowest bits; in the
    /// order of articles.
    occurrences: Vec<u64>,
}

impl BigramCollector {
    /// Adds two adjacent words of an article, given their hashes and the article's number.
    pub(super) fn add(&mut self, first: u32, second: u32, article: u32) {
        self.occurrences
            .push(u64::from(hash_bigram(first, second)) << ARTICLE_BITS | u64::from(article));
    }

    /// Writes the numbers of articles and of bigrams, then the difference of each bigram, with its
    /// article, from the previous one.
    ///
    /// # Errors
    /// An I/O error if the file can't be written.
    pub(super) fn write(mut self, article_count: usize, file: &Path) -> io::Result<()> {
        radix_sort(&mut self.occurrences, &mut Vec::new(), ARTICLE_BITS..ARTICLE_BITS + u32::BITS);
        self.occurrences.dedup();
        let mut out = Vec::with_capacity(self.occurrences.len() * 3);
        out.varint(article_count as u64);
        out.varint(self.occurrences.len() as u64);
        let mut last = 0;
        for occurrence in self.occurrences {
            out.varint(occurrence - last);
            last = occurrence;
        }
        fs::write(file, out)
    }
}

/// The layout of the buckets of a segment's bigrams.
pub(super) struct BucketTable {
    /// The number of bits of a hash that select the bucket.
    pub(super) bucket_bits: u32,
    /// The end of each bucket, from the beginning of the section.
    pub(super) ends: Vec<u64>,
}

/// Merges the bigrams of partial indexes into buckets, and passes these to `write_bucket` in order.
///
/// # Errors
/// An I/O error if a file can't be read; `InvalidData` if one is damaged; the error of
/// `write_bucket`.
pub(super) fn merge(
    files: &[PathBuf],
    mut write_bucket: impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<BucketTable> {
    let mut readers = open_all(files)?;
    let article_count: u64 = readers.iter().map(|reader| reader.article_count).sum();
    let min_shift =
        article_count.max(1).ilog2().saturating_sub(MAX_GROUP_BITS - 1).max(MIN_GROUP_SHIFT);
    let bigram_count: u64 = readers.iter().map(|reader| reader.remaining).sum();
    let bucket_bits =
        (bigram_count * BYTES_PER_ARTICLE / BUCKET_BYTES).max(2).ilog2().min(MAX_BUCKET_BITS);
    let slice_bits = (bigram_count / SORT_BATCH).max(1).ilog2().min(bucket_bits);
    let mut ends = Vec::with_capacity(1 << bucket_bits);
    let (mut occurrences, mut scratch, mut out, mut written) =
        (Vec::new(), Vec::new(), Vec::new(), 0);
    for slice in 0..1_u64 << slice_bits {
        occurrences.clear();
        let end = (slice + 1) << (u32::BITS - slice_bits);
        readers.iter_mut().try_for_each(|reader| reader.read_below(end, &mut occurrences))?;
        radix_sort(&mut occurrences, &mut scratch, u32::BITS..u64::BITS - slice_bits);
        let mut rest = occurrences.as_slice();
        let buckets_per_slice_bits = bucket_bits - slice_bits;
        for bucket in slice << buckets_per_slice_bits..(slice + 1) << buckets_per_slice_bits {
            let (bucket_entries, after) =
                rest.split_at(rest.partition_point(|&occurrence| {
                    occurrence >> (u64::BITS - bucket_bits) <= bucket
                }));
            rest = after;
            out.clear();
            encode_bucket(bucket_entries, bucket << (u32::BITS - bucket_bits), min_shift, &mut out);
            write_bucket(&out)?;
            written += out.len() as u64;
            ends.push(written);
        }
    }
    Ok(BucketTable { bucket_bits, ends })
}

/// Sorts values by a range of their bits (a stable radix sort, from the lowest digit).
fn radix_sort(values: &mut Vec<u64>, scratch: &mut Vec<u64>, bits: Range<u32>) {
    scratch.resize(values.len(), 0);
    for low in bits.clone().step_by(DIGIT_BITS as usize) {
        let mask = (1 << DIGIT_BITS.min(bits.end - low)) - 1;
        let digit = |value: u64| (value >> low) as usize & mask;
        let mut offsets = [0_usize; 1 << DIGIT_BITS];
        values.iter().for_each(|&value| offsets[digit(value)] += 1);
        let mut sum = 0;
        for offset in &mut offsets {
            sum += std::mem::replace(offset, sum);
        }
        for &value in &*values {
            let offset = &mut offsets[digit(value)];
            scratch[*offset] = value;
            *offset += 1;
        }
        std::mem::swap(values, scratch);
    }
}

/// Encodes a bucket as `docs/search-format.md` specifies. `first` is the lowest hash of the bucket.
fn encode_bucket(occurrences: &[u64], first: u64, min_shift: u32, out: &mut Vec<u8>) {
    let mut last = first;
    let mut groups: Vec<u32> = Vec::new();
    for same_bigram in occurrences.chunk_by(|a, b| a >> u32::BITS == b >> u32::BITS) {
        let hash = same_bigram[0] >> u32::BITS;
        let mut shift = (same_bigram.len() / MAX_GROUPS).max(1).ilog2().max(min_shift);
        groups.clear();
        groups.extend(same_bigram.iter().map(|&occurrence| occurrence as u32 >> shift));
        groups.dedup();
        while groups.len() > MAX_GROUPS {
            shift += 1;
            groups.iter_mut().for_each(|group| *group >>= 1);
            groups.dedup();
        }
        out.varint(hash - last);
        out.varint(groups.len() as u64 * 32 + u64::from(shift));
        last = hash;
        let mut previous_group = 0;
        for &group in &groups {
            out.varint(u64::from(group - previous_group));
            previous_group = group;
        }
    }
}

/// Reads the bigrams of a file of a partial index, in the order of their hashes.
struct BigramReader {
    file: ReopeningReader,
    /// The number of the file's first article in the segment.
    first_article: u64,
    article_count: u64,
    /// The number of bigrams that weren't read yet, including `next`.
    remaining: u64,
    /// The next bigram, with its article.
    next: u64,
}

/// Opens all files of a segment's partial indexes.
fn open_all(files: &[PathBuf]) -> io::Result<Vec<BigramReader>> {
    let mut article_count = 0;
    let open = |file: &PathBuf| {
        let reader = BigramReader::open(file, article_count)?;
        article_count += reader.article_count;
        Ok(reader)
    };
    files.iter().map(open).collect()
}

impl BigramReader {
    fn open(file: &Path, first_article: u64) -> io::Result<Self> {
        let mut reader = Self {
            file: ReopeningReader::new(file, 0),
            first_article,
            article_count: 0,
            remaining: 0,
            next: 0,
        };
        reader.article_count = reader.read_varint()?;
        reader.remaining = reader.read_varint()?;
        if reader.remaining > 0 {
            reader.next = reader.read_varint()?;
        }
        Ok(reader)
    }

    fn read_varint(&mut self) -> io::Result<u64> {
        self.file.read_varint()?.ok_or_else(corrupt_index_error)
    }

    /// Appends all bigrams with hashes below `end`: the hash, followed by the article's number in
    /// the segment in the lowest 32 bits.
    fn read_below(&mut self, end: u64, occurrences: &mut Vec<u64>) -> io::Result<()> {
        while self.remaining > 0 && self.next >> ARTICLE_BITS < end {
            let bytes = self.file.peek(MAX_VARINT_BYTES)?;
            let mut decoder = Decoder(bytes);
            // As many numbers as are certainly complete in the bytes read.
            for _ in 0..(bytes.len() / MAX_VARINT_BYTES).max(1) {
                let (hash, article) =
                    (self.next >> ARTICLE_BITS, self.next & ((1 << ARTICLE_BITS) - 1));
                if self.remaining == 0 || hash >= end {
                    break;
                }
                occurrences.push(hash << u32::BITS | (self.first_article + article));
                self.remaining -= 1;
                if self.remaining > 0 {
                    self.next += decoder.varint().ok_or_else(corrupt_index_error)?;
                }
            }
            let length = bytes.len() - decoder.0.len();
            self.file.consume(length);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads the groups of a bigram as a client does: their size as a power of two, and their
    /// numbers.
    fn read_groups(
        buckets: &[u8],
        table: &BucketTable,
        [first, second]: [&[u8]; 2],
    ) -> Option<(u32, Vec<u32>)> {
        let wanted = hash_bigram(hash_word(first), hash_word(second));
        let bucket = (wanted >> (u32::BITS - table.bucket_bits)) as usize;
        let start = bucket.checked_sub(1).map_or(0, |previous| table.ends[previous]);
        let mut decoder = Decoder(&buckets[start as usize..table.ends[bucket] as usize]);
        let mut found_hash = (bucket as u64) << (u32::BITS - table.bucket_bits);
        while !decoder.0.is_empty() {
            found_hash += decoder.varint()?;
            let header = decoder.varint()?;
            let mut group = 0;
            let mut next_group = || {
                group += decoder.varint()? as u32;
                Some(group)
            };
            let groups = (0..header / 32).map(|_| next_group()).collect::<Option<_>>()?;
            if found_hash == u64::from(wanted) {
                return Some(((header % 32) as u32, groups));
            }
        }
        None
    }

    #[test]
    fn bigrams_of_partial_indexes_are_found_in_their_articles() {
        let folder = tempfile::tempdir().unwrap();
        let word = |number: u32| format!("w{number}").into_bytes();
        let mut files = Vec::new();
        for partial in 0..20_u32 {
            let mut bigrams = BigramCollector::default();
            for article in 0..1000 {
                bigrams.add(hash_word(b"of"), hash_word(b"the"), article);
                bigrams.add(hash_word(b"of"), hash_word(b"the"), article);
                bigrams.add(hash_word(b"of"), hash_word(&word(partial * 1000 + article)), article);
            }
            let file = folder.path().join(partial.to_string());
            bigrams.write(1000, &file).unwrap();
            files.push(file);
        }
        let mut buckets = Vec::new();
        let table = merge(&files, |bucket| {
            buckets.extend_from_slice(bucket);
            Ok(())
        })
        .unwrap();
        assert_eq!(table.ends.len(), 1 << table.bucket_bits);
        assert_eq!(table.ends.last(), Some(&(buckets.len() as u64)));
        for article in [0, 1, 999, 1000, 12_345, 19_999] {
            let groups = read_groups(&buckets, &table, [b"of", &word(article)]);
            assert_eq!(
                groups,
                Some((MIN_GROUP_SHIFT, vec![article >> MIN_GROUP_SHIFT])),
                "{article}"
            );
        }
        // A bigram of all 20,000 articles has groups of 64.
        assert_eq!(read_groups(&buckets, &table, [b"of", b"the"]), Some((6, (0..313).collect())));
        assert_eq!(read_groups(&buckets, &table, [b"the", b"of"]), None);
    }

    #[test]
    fn hashes_agree_with_the_specification() {
        // FNV's own test vectors.
        assert_eq!(
            [hash_word(b""), hash_word(b"a"), hash_word(b"foobar")],
            [0x811C_9DC5, 0xE40C_292C, 0xBF9C_F968]
        );
    }
}

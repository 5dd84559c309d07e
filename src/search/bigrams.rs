//! Pairs: in which stories two words stand side by side, or among which, if there are many. A
//! phrase is looked for there and nowhere else, however many stories hold its words.

use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::ARTICLES_PER_PARTIAL;
use super::reopening_reader::{MAX_VARINT_BYTES, ReopeningReader, corrupt_index_error};
use crate::model::codec::{Decoder, Encode};

/// How many bits tell a story of a part.
const ARTICLE_BITS: u32 = ARTICLES_PER_PARTIAL.ilog2();
/// How many groups of stories are told of a pair at most: if it is in more of them, groups are
/// twice as large, and so on.
const MAX_GROUPS: usize = 512;
/// How many bits tell a story from others of its group at least, and how many a group from others
/// at most, so that it takes two bytes.
const MIN_GROUP_SHIFT: u32 = 4;
const MAX_GROUP_BITS: u32 = 14;
/// How many bytes a bucket has, more or less.
const BUCKET_BYTES: u64 = 1 << 10;
/// How many bytes a pair takes for each of its stories, more or less.
const BYTES_PER_ARTICLE: u64 = 2;
/// The most bits of a hash that tell the bucket.
const MAX_BUCKET_BITS: u32 = 20;
/// How many pairs in stories are sorted at once, more or less.
const SORT_BATCH: u64 = 1 << 18;
/// How many bits of a hash are sorted by at once.
const DIGIT_BITS: u32 = 11;

/// A word's hash: FNV-1a, 32 bits.
pub(super) fn hash_word(word: &[u8]) -> u32 {
    word.iter()
        .fold(0x811C_9DC5, |hash: u32, &byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// The hash of two words in a row, from theirs.
fn hash_bigram(first: u32, second: u32) -> u32 {
    let mut hash = first.wrapping_mul(0x9E37_79B1).wrapping_add(second);
    hash = (hash ^ (hash >> 15)).wrapping_mul(0x85EB_CA6B);
    hash ^ (hash >> 13)
}

/// Gathers the pairs of a part's stories.
#[derive(Default)]
pub(super) struct BigramCollector {
    /// The hash of each, and behind that its story; in the order of stories.
    occurrences: Vec<u64>,
}

impl BigramCollector {
    /// Two words by their hashes that stand side by side in a story, by its number among those that
    /// are gathered.
    pub(super) fn add(&mut self, first: u32, second: u32, article: u32) {
        self.occurrences
            .push(u64::from(hash_bigram(first, second)) << ARTICLE_BITS | u64::from(article));
    }

    /// Writes how many stories there were, how many pairs, and each of these as its distance from
    /// the one before.
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

/// Merges the pairs of parts into buckets, by the first bits of their hashes. Gives the buckets to
/// `put` in order, and returns the bits' number and where each bucket ends.
pub(super) fn merge(
    files: &[PathBuf],
    mut write_bucket: impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<(u32, Vec<u64>)> {
    let (mut readers, article_count) = open_all(files)?;
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
    Ok((bucket_bits, ends))
}

/// Sorts by some bits, digit by digit from the lowest; what has the same ones stays in its order.
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

/// A bucket: of each pair how far its hash is from the one before (for the first: from the bucket's
/// first); in how many groups of stories it is, times 32, and how many bits of a story's number
/// tell it from others of its group; and how far each group is from the one before (for the first:
/// from 0).
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

/// The pairs of one part's file, in order.
struct BigramReader {
    file: ReopeningReader,
    /// The number of its first story in the volume, and how many it has.
    first_article: u64,
    article_count: u64,
    /// How many pairs are left to be taken, and the next of them.
    remaining: u64,
    next: u64,
}

/// All files with the numbers of their stories, and how many stories there are.
fn open_all(files: &[PathBuf]) -> io::Result<(Vec<BigramReader>, u64)> {
    let mut article_count = 0;
    let open = |file: &PathBuf| {
        let reader = BigramReader::open(file, article_count)?;
        article_count += reader.article_count;
        Ok(reader)
    };
    let readers = files.iter().map(open).collect::<io::Result<_>>()?;
    Ok((readers, article_count))
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

    /// Gives all pairs whose hash is below `end`, each with its hash and, behind that, the volume's
    /// number of its story.
    fn read_below(&mut self, end: u64, occurrences: &mut Vec<u64>) -> io::Result<()> {
        while self.remaining > 0 && self.next >> ARTICLE_BITS < end {
            let bytes = self.file.peek(MAX_VARINT_BYTES)?;
            let mut decoder = Decoder(bytes);
            // As many as surely are whole in what was read.
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

    /// The groups of a pair as a client reads them: how many bits a group takes off a story's
    /// number, and the groups.
    fn read_groups(
        buckets: &[u8],
        bucket_bits: u32,
        ends: &[u64],
        first: &[u8],
        second: &[u8],
    ) -> Option<(u32, Vec<u32>)> {
        let wanted = hash_bigram(hash_word(first), hash_word(second));
        let bucket = (wanted >> (u32::BITS - bucket_bits)) as usize;
        let start = bucket.checked_sub(1).map_or(0, |previous| ends[previous]);
        let mut decoder = Decoder(&buckets[start as usize..ends[bucket] as usize]);
        let mut found_hash = (bucket as u64) << (u32::BITS - bucket_bits);
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
    fn pairs_of_parts_are_found_in_their_stories() {
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
        let (bucket_bits, ends) = merge(&files, |bucket| {
            buckets.extend_from_slice(bucket);
            Ok(())
        })
        .unwrap();
        assert_eq!((ends.len(), ends.last()), (1 << bucket_bits, Some(&(buckets.len() as u64))));
        for article in [0, 1, 999, 1000, 12_345, 19_999] {
            let groups = read_groups(&buckets, bucket_bits, &ends, b"of", &word(article));
            assert_eq!(
                groups,
                Some((MIN_GROUP_SHIFT, vec![article >> MIN_GROUP_SHIFT])),
                "{article}"
            );
        }
        // A pair of all 20,000 stories has groups of 64.
        assert_eq!(
            read_groups(&buckets, bucket_bits, &ends, b"of", b"the"),
            Some((6, (0..313).collect()))
        );
        assert_eq!(read_groups(&buckets, bucket_bits, &ends, b"the", b"of"), None);
    }

    #[test]
    fn a_hash_is_what_the_specification_says() {
        // Of FNV's own test vectors.
        assert_eq!(
            [hash_word(b""), hash_word(b"a"), hash_word(b"foobar")],
            [0x811C_9DC5, 0xE40C_292C, 0xBF9C_F968]
        );
    }
}

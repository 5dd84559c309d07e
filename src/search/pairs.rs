//! Pairs: in which stories two words stand side by side, or among which, if there are many. A phrase is looked for there and nowhere else, however many
//! stories hold its words.

use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::PART;
use super::reopened::{NUMBER, Reopened, damaged};
use crate::model::codec::{Decoder, Encode};

/// How many bits tell a story of a part.
const STORY_BITS: u32 = PART.ilog2();
/// How many groups of stories are told of a pair at most: if it is in more of them, groups are twice as large, and so on.
const MOST: usize = 512;
/// How many bits tell a story from others of its group at least, and how many a group from others at most, so that it takes two bytes.
const LEAST_SHIFT: u32 = 4;
const GROUP_BITS: u32 = 14;
/// How many bytes a bucket has, more or less.
const BUCKET: u64 = 1 << 10;
/// How many bytes a pair takes for each of its stories, more or less.
const BYTES: u64 = 2;
/// The most bits of a hash that tell the bucket.
const MOST_BITS: u32 = 20;
/// How many pairs in stories are sorted at once, more or less.
const AT_ONCE: u64 = 1 << 18;
/// How many bits of a hash are sorted by at once.
const DIGIT: u32 = 11;

/// A word's hash: FNV-1a, 32 bits.
pub(super) fn hash(word: &[u8]) -> u32 {
    word.iter().fold(0x811C_9DC5, |hash: u32, &byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// The hash of two words in a row, from theirs.
fn pair(first: u32, second: u32) -> u32 {
    let mut hash = first.wrapping_mul(0x9E37_79B1).wrapping_add(second);
    hash = (hash ^ (hash >> 15)).wrapping_mul(0x85EB_CA6B);
    hash ^ (hash >> 13)
}

/// Gathers the pairs of a part's stories.
#[derive(Default)]
pub(super) struct Pairs {
    /// The hash of each, and behind that its story; in the order of stories.
    found: Vec<u64>,
}

impl Pairs {
    /// Two words by their hashes that stand side by side in a story, by its number among those that are gathered.
    pub(super) fn add(&mut self, first: u32, second: u32, story: u32) {
        self.found.push(u64::from(pair(first, second)) << STORY_BITS | u64::from(story));
    }

    /// Writes how many stories there were, how many pairs, and each of these as its distance from the one before.
    pub(super) fn write(mut self, stories: usize, file: &Path) -> io::Result<()> {
        sort(&mut self.found, &mut Vec::new(), STORY_BITS..STORY_BITS + u32::BITS);
        self.found.dedup();
        let mut out = Vec::with_capacity(self.found.len() * 3);
        out.number(stories as u64);
        out.number(self.found.len() as u64);
        let mut last = 0;
        for found in self.found {
            out.number(found - last);
            last = found;
        }
        fs::write(file, out)
    }
}

/// Merges the pairs of parts into buckets, by the first bits of their hashes. Gives the buckets to `put` in order, and returns the bits' number and where each
/// bucket ends.
pub(super) fn merge(
    files: &[PathBuf],
    mut put: impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<(u32, Vec<u64>)> {
    let (mut sources, stories) = opened(files)?;
    let least = stories.max(1).ilog2().saturating_sub(GROUP_BITS - 1).max(LEAST_SHIFT);
    let all: u64 = sources.iter().map(|source| source.left).sum();
    let bits = (all * BYTES / BUCKET).max(2).ilog2().min(MOST_BITS);
    let slice_bits = (all / AT_ONCE).max(1).ilog2().min(bits);
    let mut ends = Vec::with_capacity(1 << bits);
    let (mut found, mut spare, mut out, mut written) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for slice in 0..1_u64 << slice_bits {
        found.clear();
        let end = (slice + 1) << (u32::BITS - slice_bits);
        sources.iter_mut().try_for_each(|source| source.take(end, &mut found))?;
        sort(&mut found, &mut spare, u32::BITS..u64::BITS - slice_bits);
        let mut rest = found.as_slice();
        let of_slice = bits - slice_bits;
        for bucket in slice << of_slice..(slice + 1) << of_slice {
            let (own, after) =
                rest.split_at(rest.partition_point(|&one| one >> (u64::BITS - bits) <= bucket));
            rest = after;
            out.clear();
            encode(own, bucket << (u32::BITS - bits), least, &mut out);
            put(&out)?;
            written += out.len() as u64;
            ends.push(written);
        }
    }
    Ok((bits, ends))
}

/// Sorts by some bits, digit by digit from the lowest; what has the same ones stays in its order.
fn sort(all: &mut Vec<u64>, spare: &mut Vec<u64>, bits: Range<u32>) {
    spare.resize(all.len(), 0);
    for low in bits.clone().step_by(DIGIT as usize) {
        let mask = (1 << DIGIT.min(bits.end - low)) - 1;
        let digit = |one: u64| (one >> low) as usize & mask;
        let mut next = [0_usize; 1 << DIGIT];
        all.iter().for_each(|&one| next[digit(one)] += 1);
        let mut before = 0;
        for next in &mut next {
            before += std::mem::replace(next, before);
        }
        for &one in &*all {
            let place = &mut next[digit(one)];
            spare[*place] = one;
            *place += 1;
        }
        std::mem::swap(all, spare);
    }
}

/// A bucket: of each pair how far its hash is from the one before (for the first: from the bucket's first); in how many groups of stories it is, times 32,
/// and how many bits of a story's number tell it from others of its group; and how far each group is from the one before (for the first: from 0).
fn encode(found: &[u64], first: u64, least: u32, out: &mut Vec<u8>) {
    let mut last = first;
    let mut groups: Vec<u32> = Vec::new();
    for of_pair in found.chunk_by(|a, b| a >> u32::BITS == b >> u32::BITS) {
        let hash = of_pair[0] >> u32::BITS;
        let mut shift = (of_pair.len() / MOST).max(1).ilog2().max(least);
        groups.clear();
        groups.extend(of_pair.iter().map(|&one| one as u32 >> shift));
        groups.dedup();
        while groups.len() > MOST {
            shift += 1;
            groups.iter_mut().for_each(|group| *group >>= 1);
            groups.dedup();
        }
        out.number(hash - last);
        out.number(groups.len() as u64 * 32 + u64::from(shift));
        last = hash;
        let mut before = 0;
        for &group in &groups {
            out.number(u64::from(group - before));
            before = group;
        }
    }
}

/// The pairs of one part's file, in order.
struct Source {
    file: Reopened,
    /// The number of its first story in the volume, and how many it has.
    first: u64,
    stories: u64,
    /// How many pairs are left to be taken, and the next of them.
    left: u64,
    next: u64,
}

/// All files with the numbers of their stories, and how many stories there are.
fn opened(files: &[PathBuf]) -> io::Result<(Vec<Source>, u64)> {
    let mut first = 0;
    let open = |file: &PathBuf| {
        let source = Source::open(file, first)?;
        first += source.stories;
        Ok(source)
    };
    let sources = files.iter().map(open).collect::<io::Result<_>>()?;
    Ok((sources, first))
}

impl Source {
    fn open(file: &Path, first: u64) -> io::Result<Self> {
        let mut source = Self { file: Reopened::new(file, 0), first, stories: 0, left: 0, next: 0 };
        source.stories = source.number()?;
        source.left = source.number()?;
        if source.left > 0 {
            source.next = source.number()?;
        }
        Ok(source)
    }

    fn number(&mut self) -> io::Result<u64> {
        self.file.number()?.ok_or_else(damaged)
    }

    /// Gives all pairs whose hash is below `end`, each with its hash and, behind that, the volume's number of its story.
    fn take(&mut self, end: u64, found: &mut Vec<u64>) -> io::Result<()> {
        while self.left > 0 && self.next >> STORY_BITS < end {
            let bytes = self.file.next(NUMBER)?;
            let mut from = Decoder(bytes);
            // As many as surely are whole in what was read.
            for _ in 0..(bytes.len() / NUMBER).max(1) {
                let (hash, story) = (self.next >> STORY_BITS, self.next & ((1 << STORY_BITS) - 1));
                if self.left == 0 || hash >= end {
                    break;
                }
                found.push(hash << u32::BITS | (self.first + story));
                self.left -= 1;
                if self.left > 0 {
                    self.next += from.number().ok_or_else(damaged)?;
                }
            }
            let length = bytes.len() - from.0.len();
            self.file.skip(length);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The groups of a pair as a client reads them: how many bits a group takes off a story's number, and the groups.
    fn read(buckets: &[u8], bits: u32, ends: &[u64], first: &[u8], second: &[u8]) -> Option<(u32, Vec<u32>)> {
        let wanted = pair(hash(first), hash(second));
        let bucket = (wanted >> (u32::BITS - bits)) as usize;
        let start = bucket.checked_sub(1).map_or(0, |before| ends[before]);
        let mut from = Decoder(&buckets[start as usize..ends[bucket] as usize]);
        let mut found = (bucket as u64) << (u32::BITS - bits);
        while !from.0.is_empty() {
            found += from.number()?;
            let about = from.number()?;
            let mut group = 0;
            let mut next = || {
                group += from.number()? as u32;
                Some(group)
            };
            let groups = (0..about / 32).map(|_| next()).collect::<Option<_>>()?;
            if found == u64::from(wanted) {
                return Some(((about % 32) as u32, groups));
            }
        }
        None
    }

    #[test]
    fn pairs_of_parts_are_found_in_their_stories() {
        let folder = tempfile::tempdir().unwrap();
        let word = |number: u32| format!("w{number}").into_bytes();
        let mut files = Vec::new();
        for part in 0..20_u32 {
            let mut pairs = Pairs::default();
            for story in 0..1000 {
                pairs.add(hash(b"of"), hash(b"the"), story);
                pairs.add(hash(b"of"), hash(b"the"), story);
                pairs.add(hash(b"of"), hash(&word(part * 1000 + story)), story);
            }
            let file = folder.path().join(part.to_string());
            pairs.write(1000, &file).unwrap();
            files.push(file);
        }
        let mut buckets = Vec::new();
        let (bits, ends) = merge(&files, |bucket| {
            buckets.extend_from_slice(bucket);
            Ok(())
        })
        .unwrap();
        assert_eq!((ends.len(), ends.last()), (1 << bits, Some(&(buckets.len() as u64))));
        for story in [0, 1, 999, 1000, 12_345, 19_999] {
            let found = read(&buckets, bits, &ends, b"of", &word(story));
            assert_eq!(found, Some((LEAST_SHIFT, vec![story >> LEAST_SHIFT])), "{story}");
        }
        // A pair of all 20,000 stories has groups of 64.
        assert_eq!(read(&buckets, bits, &ends, b"of", b"the"), Some((6, (0..313).collect())));
        assert_eq!(read(&buckets, bits, &ends, b"the", b"of"), None);
    }

    #[test]
    fn a_hash_is_what_the_specification_says() {
        // Of FNV's own test vectors.
        assert_eq!([hash(b""), hash(b"a"), hash(b"foobar")], [0x811C_9DC5, 0xE40C_292C, 0xBF9C_F968]);
    }
}

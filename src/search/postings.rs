//! Postings: which stories hold a word, how weighty it is in each, and how long each is, in as few bits as that takes.

use crate::model::codec::Encode;

/// Postings of one block, in lists that aren't very long.
pub(super) const BLOCK: usize = 128;
/// How many blocks a list has at most: in longer lists they hold more, so that their tables stay small.
const MOST_BLOCKS: usize = 2048;
/// How many runs places have, as a multiple of the square root of their bytes.
const RUNS: usize = 3;
/// The most bits of a number, so that a client can take it at once.
const MOST_BITS: u32 = 24;
/// How a word's weight saturates, and how much a story's length counts (BM25, Robertson and Zaragoza 2009).
pub(super) const K1: f32 = 1.2;
pub(super) const B: f32 = 0.75;

/// One story that holds a word.
#[derive(Clone, Copy, Debug)]
pub(super) struct Posting {
    pub(super) story: u32,
    /// At least 1.
    pub(super) weight: u32,
    /// The story's length, see [`level`].
    pub(super) level: u8,
    /// The bytes that its places take.
    pub(super) places: u32,
}

/// The level of a weighted length: eight to an octave, 16 words more or less make the first.
pub(super) fn level(length: u32) -> u8 {
    ((1.0 + length as f32 / 16.0).log2() * 8.0).round().min(255.0) as u8
}

/// The weighted length that a level stands for.
pub(super) fn length(level: u8) -> f32 {
    16.0 * ((f32::from(level) / 8.0).exp2() - 1.0)
}

/// Lengths of levels as a share of the average, and what follows from them.
pub(super) struct Impacts(Vec<f32>);

impl Impacts {
    pub(super) fn new(average: f32) -> Self {
        Self((0..=255).map(|level| K1 * (1.0 - B + B * length(level) / average.max(1.0))).collect())
    }

    /// What a word adds to a story's score, before its rarity counts, in 255ths of the most that can be; rounded up.
    fn of(&self, posting: &Posting) -> u8 {
        let weight = posting.weight as f32;
        (weight / (weight + self.0[usize::from(posting.level)]) * 255.0).ceil() as u8
    }
}

/// How many postings a block has in a list of so many.
fn block_size(postings: usize) -> usize {
    postings.div_ceil(MOST_BLOCKS).next_power_of_two().max(BLOCK)
}

/// A list in bytes. If it has several blocks, a table stands before them that says how many postings a block has, and of each block: how far its last story is
/// from the last one of the block before, its length in bytes, and the highest impact in it. Gives the length of the table.
pub(super) fn encode(postings: &[Posting], impacts: &Impacts, out: &mut Vec<u8>) -> usize {
    let start = out.len();
    if postings.len() <= BLOCK {
        encode_block(postings, None, out);
        return 0;
    }
    let mut blocks = Vec::with_capacity(postings.len());
    let size = block_size(postings.len());
    out.number(size as u64);
    let mut last = None;
    for block in postings.chunks(size) {
        let before = blocks.len();
        encode_block(block, last, &mut blocks);
        let end = block[block.len() - 1].story;
        out.number(u64::from(end + 1 - last.map_or(0, |last: u32| last + 1)));
        out.number((blocks.len() - before) as u64);
        out.push(block.iter().map(|posting| impacts.of(posting)).max().unwrap_or(0));
        last = Some(end);
    }
    let table = out.len() - start;
    out.extend_from_slice(&blocks);
    table
}

/// The table before the places of a word in so many stories that its list has several blocks: how many stories are a run, and of each run how far its last
/// story is from the last of the run before, and how many bytes its places take. Whoever reads the table and some runs reads least if there are as many of
/// them as a few times the square root of all bytes. No run is in two blocks.
pub(super) fn runs(postings: &[Posting], bytes: usize, out: &mut Vec<u8>) {
    let size =
        postings.len().div_ceil(RUNS * bytes.isqrt()).next_power_of_two().min(block_size(postings.len()));
    out.number(size as u64);
    let mut next = 0;
    for run in postings.chunks(size) {
        let end = run[run.len() - 1].story + 1;
        out.number(u64::from(end - next));
        out.number(run.iter().map(|posting| u64::from(posting.places)).sum());
        next = end;
    }
}

/// A block: 5 bits for the parameter of its gaps, 8 for its lowest level, 4 for the width of levels above that; then of each posting the gap to the
/// story before (Rice), the weight (Elias gamma) and the level.
fn encode_block(block: &[Posting], last: Option<u32>, out: &mut Vec<u8>) {
    let mut bits = Bits { out, held: 0, count: 0 };
    let gaps = || {
        let mut next = last.map_or(0, |last| last + 1);
        block.iter().map(move |posting| {
            let gap = posting.story - next;
            next = posting.story + 1;
            gap
        })
    };
    let parameter = rice_parameter(gaps());
    let low = block.iter().map(|posting| posting.level).min().unwrap_or(0);
    let high = block.iter().map(|posting| posting.level).max().unwrap_or(0);
    let width = u8::BITS - (high - low).leading_zeros();
    bits.put(parameter.into(), 5);
    bits.put(low.into(), 8);
    bits.put(width.into(), 4);
    for (posting, gap) in block.iter().zip(gaps()) {
        bits.unary(gap >> parameter);
        bits.put(u64::from(gap) & ((1 << parameter) - 1), parameter);
        let octave = posting.weight.ilog2();
        bits.unary(octave);
        bits.put(u64::from(posting.weight) & ((1 << octave) - 1), octave);
        bits.put((posting.level - low).into(), width);
    }
    bits.finish();
}

/// The parameter by which gaps take the fewest bits.
fn rice_parameter(gaps: impl Iterator<Item = u32> + Clone) -> u32 {
    let (count, sum) =
        gaps.clone().fold((0_u64, 0_u64), |(count, sum), gap| (count + 1, sum + u64::from(gap)));
    let likely = (sum / count.max(1)).checked_ilog2().unwrap_or(0);
    let cost = |parameter: u32| {
        gaps.clone().map(|gap| u64::from(gap >> parameter)).sum::<u64>() + count * u64::from(parameter)
    };
    (likely.saturating_sub(1)..=likely + 1)
        .min_by_key(|&parameter| cost(parameter))
        .unwrap_or(0)
        .min(MOST_BITS)
}

/// Writes bits, the lowest of a byte first.
struct Bits<'a> {
    out: &'a mut Vec<u8>,
    held: u64,
    count: u32,
}

impl Bits<'_> {
    /// The lowest bits of a number, at most 32.
    fn put(&mut self, number: u64, bits: u32) {
        self.held |= number << self.count;
        self.count += bits;
        while self.count >= 8 {
            self.out.push(self.held as u8);
            self.held >>= 8;
            self.count -= 8;
        }
    }

    /// So many ones, and a zero.
    fn unary(&mut self, mut number: u32) {
        while number >= 24 {
            self.put((1 << 24) - 1, 24);
            number -= 24;
        }
        self.put((1 << number) - 1, number + 1);
    }

    fn finish(self) {
        if self.count > 0 {
            self.out.push(self.held as u8);
        }
    }
}

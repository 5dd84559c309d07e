//! Postings: which stories hold a word, how weighty it is in each, and how long each is, in as few
//! bits as that takes.

use crate::model::codec::Encode;

/// Postings of one block, in lists that aren't very long.
pub(super) const MIN_BLOCK_SIZE: usize = 128;
/// How many blocks a list has at most: in longer lists they hold more, so that their tables stay
/// small.
const MAX_BLOCKS: usize = 2048;
/// How many runs places have, as a multiple of the square root of their bytes.
const RUN_COUNT_FACTOR: usize = 3;
/// The most bits of a number, so that a client can take it at once.
const MAX_BITS: u32 = 24;
/// How a word's weight saturates, and how much a story's length counts (BM25, Robertson and
/// Zaragoza 2009).
pub(super) const BM25_K1: f32 = 1.2;
pub(super) const BM25_B: f32 = 0.75;

/// One story that holds a word.
#[derive(Clone, Copy, Debug)]
pub(super) struct Posting {
    pub(super) article: u32,
    /// At least 1.
    pub(super) weight: u32,
    /// The story's length, see [`level`].
    pub(super) field_norm: u8,
    /// The bytes that its places take.
    pub(super) positions_bytes: u32,
}

/// The level of a weighted length: eight to an octave, 16 words more or less make the first.
pub(super) fn encode_field_norm(length: u32) -> u8 {
    ((1.0 + length as f32 / 16.0).log2() * 8.0).round().min(255.0) as u8
}

/// The weighted length that a level stands for.
pub(super) fn decode_field_norm(field_norm: u8) -> f32 {
    16.0 * ((f32::from(field_norm) / 8.0).exp2() - 1.0)
}

/// Lengths of levels as a share of the average, and what follows from them.
pub(super) struct Impacts(Vec<f32>);

impl Impacts {
    pub(super) fn new(average: f32) -> Self {
        Self(
            (0..=255)
                .map(|field_norm| {
                    BM25_K1
                        * (1.0 - BM25_B + BM25_B * decode_field_norm(field_norm) / average.max(1.0))
                })
                .collect(),
        )
    }

    /// What a word adds to a story's score, before its rarity counts, in 255ths of the most that
    /// can be; rounded up.
    fn quantized_impact(&self, posting: &Posting) -> u8 {
        let weight = posting.weight as f32;
        (weight / (weight + self.0[usize::from(posting.field_norm)]) * 255.0).ceil() as u8
    }
}

/// How many postings a block has in a list of so many.
fn block_size(postings: usize) -> usize {
    postings.div_ceil(MAX_BLOCKS).next_power_of_two().max(MIN_BLOCK_SIZE)
}

/// A list in bytes. If it has several blocks, a table stands before them that says how many
/// postings a block has, and of each block: how far its last story is from the last one of the
/// block before, its length in bytes, and the highest impact in it. Gives the length of the table.
pub(super) fn encode_postings(postings: &[Posting], impacts: &Impacts, out: &mut Vec<u8>) -> usize {
    let start = out.len();
    if postings.len() <= MIN_BLOCK_SIZE {
        encode_block(postings, None, out);
        return 0;
    }
    let mut blocks = Vec::with_capacity(postings.len());
    let size = block_size(postings.len());
    out.varint(size as u64);
    let mut last_article = None;
    for block in postings.chunks(size) {
        let block_start = blocks.len();
        encode_block(block, last_article, &mut blocks);
        let block_end = block[block.len() - 1].article;
        out.varint(u64::from(
            block_end + 1 - last_article.map_or(0, |last_article: u32| last_article + 1),
        ));
        out.varint((blocks.len() - block_start) as u64);
        out.push(block.iter().map(|posting| impacts.quantized_impact(posting)).max().unwrap_or(0));
        last_article = Some(block_end);
    }
    let block_table_bytes = out.len() - start;
    out.extend_from_slice(&blocks);
    block_table_bytes
}

/// The table before the places of a word in so many stories that its list has several blocks: how
/// many stories are a run, and of each run how far its last story is from the last of the run
/// before, and how many bytes its places take. Whoever reads the table and some runs reads least if
/// there are as many of them as a few times the square root of all bytes. No run is in two blocks.
pub(super) fn encode_position_runs(postings: &[Posting], total_bytes: usize, out: &mut Vec<u8>) {
    let size = postings
        .len()
        .div_ceil(RUN_COUNT_FACTOR * total_bytes.isqrt())
        .next_power_of_two()
        .min(block_size(postings.len()));
    out.varint(size as u64);
    let mut next_article = 0;
    for run in postings.chunks(size) {
        let run_end = run[run.len() - 1].article + 1;
        out.varint(u64::from(run_end - next_article));
        out.varint(run.iter().map(|posting| u64::from(posting.positions_bytes)).sum());
        next_article = run_end;
    }
}

/// A block: 5 bits for the parameter of its gaps, 8 for its lowest level, 4 for the width of levels
/// above that; then of each posting the gap to the story before (Rice), the weight (Elias gamma)
/// and the level.
fn encode_block(block: &[Posting], last_article: Option<u32>, out: &mut Vec<u8>) {
    let mut writer = BitWriter { out, buffer: 0, bit_count: 0 };
    let gaps = || {
        let mut next_article = last_article.map_or(0, |last_article| last_article + 1);
        block.iter().map(move |posting| {
            let gap = posting.article - next_article;
            next_article = posting.article + 1;
            gap
        })
    };
    let parameter = rice_parameter(gaps());
    let min_norm = block.iter().map(|posting| posting.field_norm).min().unwrap_or(0);
    let max_norm = block.iter().map(|posting| posting.field_norm).max().unwrap_or(0);
    let width = u8::BITS - (max_norm - min_norm).leading_zeros();
    writer.write_bits(parameter.into(), 5);
    writer.write_bits(min_norm.into(), 8);
    writer.write_bits(width.into(), 4);
    for (posting, gap) in block.iter().zip(gaps()) {
        writer.write_unary(gap >> parameter);
        writer.write_bits(u64::from(gap) & ((1 << parameter) - 1), parameter);
        let exponent = posting.weight.ilog2();
        writer.write_unary(exponent);
        writer.write_bits(u64::from(posting.weight) & ((1 << exponent) - 1), exponent);
        writer.write_bits((posting.field_norm - min_norm).into(), width);
    }
    writer.finish();
}

/// The parameter by which gaps take the fewest bits.
fn rice_parameter(gaps: impl Iterator<Item = u32> + Clone) -> u32 {
    let (count, sum) =
        gaps.clone().fold((0_u64, 0_u64), |(count, sum), gap| (count + 1, sum + u64::from(gap)));
    let estimate = (sum / count.max(1)).checked_ilog2().unwrap_or(0);
    let cost = |parameter: u32| {
        gaps.clone().map(|gap| u64::from(gap >> parameter)).sum::<u64>()
            + count * u64::from(parameter)
    };
    (estimate.saturating_sub(1)..=estimate + 1)
        .min_by_key(|&parameter| cost(parameter))
        .unwrap_or(0)
        .min(MAX_BITS)
}

/// Writes bits, the lowest of a byte first.
struct BitWriter<'a> {
    out: &'a mut Vec<u8>,
    buffer: u64,
    bit_count: u32,
}

impl BitWriter<'_> {
    /// The lowest bits of a number, at most 32.
    fn write_bits(&mut self, number: u64, bits: u32) {
        self.buffer |= number << self.bit_count;
        self.bit_count += bits;
        while self.bit_count >= 8 {
            self.out.push(self.buffer as u8);
            self.buffer >>= 8;
            self.bit_count -= 8;
        }
    }

    /// So many ones, and a zero.
    fn write_unary(&mut self, mut number: u32) {
        while number >= 24 {
            self.write_bits((1 << 24) - 1, 24);
            number -= 24;
        }
        self.write_bits((1 << number) - 1, number + 1);
    }

    fn finish(self) {
        if self.bit_count > 0 {
            self.out.push(self.buffer as u8);
        }
    }
}

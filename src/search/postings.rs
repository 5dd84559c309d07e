//! Postings: the articles that contain a word, with its weight in each and their field norms,
//! encoded as `docs/search-format.md` specifies.

use crate::model::codec::Encode;

/// The minimum number of postings of a block.
pub(super) const MIN_BLOCK_SIZE: usize = 128;
/// The maximum number of blocks of a word's postings. Blocks of more frequent words are larger, so
/// that their tables stay small.
const MAX_BLOCKS: usize = 2048;
/// The number of runs of a word's positions, as a multiple of the square root of their size in
/// bytes.
const RUN_COUNT_FACTOR: usize = 3;
/// The maximum number of bits that a client can read at once.
const MAX_BITS: u32 = 24;
/// The parameters of BM25: the saturation of a word's weight, and the influence of an article's
/// length (Robertson and Zaragoza, 2009).
pub(super) const BM25_K1: f32 = 1.2;
pub(super) const BM25_B: f32 = 0.75;

/// An article that contains a word.
#[derive(Clone, Copy, Debug)]
pub(super) struct Posting {
    pub(super) article: u32,
    /// The sum of the weights of the occurrences; at least 1.
    pub(super) weight: u32,
    /// The article's length, see [`encode_field_norm`].
    pub(super) field_norm: u8,
    /// The size of its positions, in bytes.
    pub(super) positions_bytes: u32,
}

/// Encodes a weighted length in one byte, on a logarithmic scale with eight steps per octave.
pub(super) fn encode_field_norm(length: u32) -> u8 {
    ((1.0 + length as f32 / 16.0).log2() * 8.0).round().min(255.0) as u8
}

/// Decodes a weighted length.
pub(super) fn decode_field_norm(field_norm: u8) -> f32 {
    16.0 * ((f32::from(field_norm) / 8.0).exp2() - 1.0)
}

/// The term *k* of BM25 for each field norm.
pub(super) struct Impacts(Vec<f32>);

impl Impacts {
    /// Computes the terms, given the average weighted length.
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

    /// Returns the impact of a posting: its score without the word's idf, in 255ths of the maximum,
    /// rounded up.
    fn quantized_impact(&self, posting: &Posting) -> u8 {
        let weight = posting.weight as f32;
        (weight / (weight + self.0[usize::from(posting.field_norm)]) * 255.0).ceil() as u8
    }
}

/// Returns the number of postings per block.
fn block_size(postings: usize) -> usize {
    postings.div_ceil(MAX_BLOCKS).next_power_of_two().max(MIN_BLOCK_SIZE)
}

/// Encodes the postings of a word, with a block table if there are several blocks. Returns the size
/// of the table in bytes.
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

/// Encodes the run table of the positions of a word whose postings have several blocks.
///
/// The number of runs is a few times the square root of the size of all positions, which minimizes
/// the bytes that a client reads for the table and some runs. No run spans two blocks.
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

/// Encodes a block: the Rice parameter (5 bits), the minimum field norm (8) and the width of field
/// norms (4); then for each posting the gap (Rice code), the weight (Elias gamma code) and the
/// field norm above the minimum.
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

/// Returns the Rice parameter that encodes gaps in the fewest bits.
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

/// Writes bits, beginning with the lowest bit of each byte.
struct BitWriter<'a> {
    out: &'a mut Vec<u8>,
    buffer: u64,
    bit_count: u32,
}

impl BitWriter<'_> {
    /// Writes the lowest bits of a number, at most 32.
    fn write_bits(&mut self, number: u64, bits: u32) {
        self.buffer |= number << self.bit_count;
        self.bit_count += bits;
        while self.bit_count >= 8 {
            self.out.push(self.buffer as u8);
            self.buffer >>= 8;
            self.bit_count -= 8;
        }
    }

    /// Writes `number` ones and a zero.
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

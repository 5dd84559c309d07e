//! The lexicon: all words of a volume in order, in small compressed blocks, and the root that says
//! which word is in which.

use std::io;

use serde_json::{Value, json};

use super::deflate::Deflater;
use super::postings::{MIN_BLOCK_SIZE, Posting};
use super::spill_file::SpillFile;
use crate::model::codec::Encode;

/// How many bytes a block has before it is compressed, more or less.
const BLOCK_BYTES: usize = 2 << 10;

/// What the lexicon says of a word.
#[derive(Default)]
pub(super) struct TermInfo {
    /// How many stories hold it.
    pub(super) article_count: usize,
    /// The length of its list, and of the table before that.
    pub(super) postings_bytes: usize,
    pub(super) block_table_bytes: usize,
    /// The length of its places, and of the table before them, which is part of them.
    pub(super) positions_bytes: usize,
    pub(super) run_table_bytes: usize,
    /// Its posting, if it has just one: then there is no list.
    pub(super) single_posting: Option<Posting>,
}

/// Writes a lexicon, word by word in order.
pub(super) struct TermDictWriter {
    blocks: SpillFile,
    deflater: Deflater,
    block: Vec<u8>,
    compressed: Vec<u8>,
    previous_term: Vec<u8>,
    /// Where the list and the places of the next word are, and of the first word of the block at
    /// hand.
    next_offsets: (u64, u64),
    block_offsets: (u64, u64),
    /// Of each block: what tells its words from those before, and the bytes of its lists, its
    /// places and itself.
    separators: Vec<String>,
    block_lengths: Vec<[u64; 3]>,
}

impl TermDictWriter {
    pub(super) fn new(blocks: SpillFile) -> Self {
        Self {
            blocks,
            deflater: Deflater::new(6),
            block: Vec::new(),
            compressed: Vec::new(),
            previous_term: Vec::new(),
            next_offsets: (0, 0),
            block_offsets: (0, 0),
            separators: Vec::new(),
            block_lengths: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, term: &[u8], info: &TermInfo) -> io::Result<()> {
        let shared = term.iter().zip(&self.previous_term).take_while(|(a, b)| a == b).count();
        if self.block.is_empty() {
            self.separators.push(separator(term, shared));
        }
        let shared = if self.block.is_empty() { 0 } else { shared.min(255) };
        self.block.push(shared as u8);
        self.block.bytes(&term[shared..]);
        self.block.varint(info.article_count as u64);
        if let Some(posting) = &info.single_posting {
            self.block.varint(posting.article.into());
            self.block.varint(posting.weight.into());
            self.block.push(posting.field_norm);
        } else {
            self.block.varint(info.postings_bytes as u64);
            if info.article_count > MIN_BLOCK_SIZE {
                self.block.varint(info.block_table_bytes as u64);
                self.block.varint(info.run_table_bytes as u64);
            }
        }
        self.block.varint(info.positions_bytes as u64);
        self.next_offsets.0 += info.postings_bytes as u64;
        self.next_offsets.1 += info.positions_bytes as u64;
        self.previous_term.clear();
        self.previous_term.extend_from_slice(term);
        if self.block.len() >= BLOCK_BYTES { self.flush_block() } else { Ok(()) }
    }

    fn flush_block(&mut self) -> io::Result<()> {
        if self.block.is_empty() {
            return Ok(());
        }
        self.compressed.clear();
        self.deflater.compress_into(&self.block, &mut self.compressed)?;
        self.blocks.write(&self.compressed)?;
        let length = self.compressed.len() as u64;
        self.block_lengths.push([
            self.next_offsets.0 - self.block_offsets.0,
            self.next_offsets.1 - self.block_offsets.1,
            length,
        ]);
        self.block_offsets = self.next_offsets;
        self.block.clear();
        Ok(())
    }

    /// The blocks and the root.
    pub(super) fn finish(mut self) -> io::Result<(SpillFile, Value)> {
        self.flush_block()?;
        let column = |index: usize| {
            self.block_lengths.iter().map(|lengths| lengths[index]).collect::<Vec<u64>>()
        };
        let root = json!({ "words": self.separators, "lists": column(0), "places": column(1), "blocks": column(2) });
        Ok((self.blocks, root))
    }
}

/// The shortest text that is after the word before and not after this one, of which they share so
/// many bytes.
fn separator(term: &[u8], shared: usize) -> String {
    let text = String::from_utf8_lossy(term);
    let end =
        (shared + 1..=text.len()).find(|&end| text.is_char_boundary(end)).unwrap_or(text.len());
    text[..end].to_owned()
}

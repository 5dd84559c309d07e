//! The term dictionary: all words of a segment in order, in small compressed blocks, and the root
//! that locates the block of a word.

use std::io;

use serde_json::{Value, json};

use super::deflate::Deflater;
use super::postings::{MIN_BLOCK_SIZE, Posting};
use super::spill_file::SpillFile;
use crate::model::codec::{Decoder, Encode};

/// The approximate size of a block before compression, in bytes.
const BLOCK_BYTES: usize = 2 << 10;

/// The entry of a word.
#[derive(Default)]
pub(super) struct TermInfo {
    /// The number of articles that contain it.
    pub(super) article_count: usize,
    /// The sizes of its postings and of the block table at their beginning, in bytes.
    pub(super) postings_bytes: usize,
    pub(super) block_table_bytes: usize,
    /// The sizes of its positions and of the run table at their beginning, in bytes.
    pub(super) positions_bytes: usize,
    pub(super) run_table_bytes: usize,
    /// Its only posting, which is stored in the dictionary instead of the postings.
    pub(super) single_posting: Option<Posting>,
}

impl TermInfo {
    /// Appends all fields to a temporary file's record.
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        out.varint(self.article_count as u64);
        out.varint(self.postings_bytes as u64);
        out.varint(self.block_table_bytes as u64);
        out.varint(self.positions_bytes as u64);
        out.varint(self.run_table_bytes as u64);
        if let Some(posting) = &self.single_posting {
            out.varint(posting.article.into());
            out.varint(posting.weight.into());
            out.push(posting.field_norm);
        }
    }

    /// Decodes the fields; `None` if they are incomplete.
    pub(super) fn decode(decoder: &mut Decoder<'_>) -> Option<Self> {
        let mut info = Self {
            article_count: decoder.varint()? as usize,
            postings_bytes: decoder.varint()? as usize,
            block_table_bytes: decoder.varint()? as usize,
            positions_bytes: decoder.varint()? as usize,
            run_table_bytes: decoder.varint()? as usize,
            single_posting: None,
        };
        if info.article_count == 1 {
            info.single_posting = Some(Posting {
                article: decoder.varint()? as u32,
                weight: decoder.varint()? as u32,
                field_norm: decoder.byte()?,
                positions_bytes: info.positions_bytes as u32,
            });
        }
        Some(info)
    }
}

/// Writes a term dictionary. Words must be added in order.
pub(super) struct TermDictWriter {
    blocks: SpillFile,
    deflater: Deflater,
    block: Vec<u8>,
    compressed: Vec<u8>,
    previous_term: Vec<u8>,
    /// The sizes of the postings and the positions of the current block's words.
    postings_bytes: u64,
    positions_bytes: u64,
    /// For each block a text that separates its words from those of earlier blocks.
    separators: Vec<String>,
    /// For each block the size of its postings, of its positions and of itself.
    block_sizes: Vec<[u64; 3]>,
}

impl TermDictWriter {
    pub(super) fn new(blocks: SpillFile) -> Self {
        Self {
            blocks,
            deflater: Deflater::new(6),
            block: Vec::new(),
            compressed: Vec::new(),
            previous_term: Vec::new(),
            postings_bytes: 0,
            positions_bytes: 0,
            separators: Vec::new(),
            block_sizes: Vec::new(),
        }
    }

    /// Adds the entry of the next word, with its inflected forms.
    ///
    /// # Errors
    /// An I/O error if a block can't be written to the temporary file.
    pub(super) fn add<'a>(
        &mut self,
        term: &[u8],
        info: &TermInfo,
        forms: impl ExactSizeIterator<Item = &'a [u8]>,
    ) -> io::Result<()> {
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
        self.block.varint(forms.len() as u64);
        for form in forms {
            let shared = term.iter().zip(form).take_while(|(a, b)| a == b).count();
            self.block.varint((term.len() - shared) as u64);
            self.block.bytes(&form[shared..]);
        }
        self.postings_bytes += info.postings_bytes as u64;
        self.positions_bytes += info.positions_bytes as u64;
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
        self.block_sizes.push([
            std::mem::take(&mut self.postings_bytes),
            std::mem::take(&mut self.positions_bytes),
            self.compressed.len() as u64,
        ]);
        self.block.clear();
        Ok(())
    }

    /// Returns the blocks and the root.
    ///
    /// # Errors
    /// An I/O error if the last block can't be written to the temporary file.
    pub(super) fn finish(mut self) -> io::Result<(SpillFile, Value)> {
        self.flush_block()?;
        let column =
            |index: usize| self.block_sizes.iter().map(|sizes| sizes[index]).collect::<Vec<u64>>();
        let root = json!({
            "separators": self.separators,
            "postings": column(0),
            "positions": column(1),
            "term_dict": column(2),
        });
        Ok((self.blocks, root))
    }
}

/// Returns the shortest text that is greater than the previous word and not greater than `term`,
/// given the number of bytes that these have in common.
fn separator(term: &[u8], shared: usize) -> String {
    let text = String::from_utf8_lossy(term);
    let end =
        (shared + 1..=text.len()).find(|&end| text.is_char_boundary(end)).unwrap_or(text.len());
    text[..end].to_owned()
}

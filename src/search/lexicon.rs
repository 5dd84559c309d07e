//! The lexicon: all words of a volume in order, in small compressed blocks, and the root that says which word is in which.

use std::io;

use serde_json::{Value, json};

use super::aside::Aside;
use super::deflate::Deflate;
use super::postings::{BLOCK, Posting};
use crate::model::codec::Encode;

/// How many bytes a block has before it is compressed, more or less.
const BLOCK_BYTES: usize = 2 << 10;

/// What the lexicon says of a word.
#[derive(Default)]
pub(super) struct Entry {
    /// How many stories hold it.
    pub(super) stories: usize,
    /// The length of its list, and of the table before that.
    pub(super) list: usize,
    pub(super) table: usize,
    /// The length of its places, and of the table before them, which is part of them.
    pub(super) places: usize,
    pub(super) runs: usize,
    /// Its posting, if it has just one: then there is no list.
    pub(super) only: Option<Posting>,
}

/// Writes a lexicon, word by word in order.
pub(super) struct Lexicon {
    blocks: Aside,
    deflate: Deflate,
    block: Vec<u8>,
    deflated: Vec<u8>,
    last: Vec<u8>,
    /// Where the list and the places of the next word are, and of the first word of the block at hand.
    next: (u64, u64),
    first: (u64, u64),
    /// Of each block: what tells its words from those before, and the bytes of its lists, its places and itself.
    words: Vec<String>,
    lengths: Vec<[u64; 3]>,
}

impl Lexicon {
    pub(super) fn new(blocks: Aside) -> Self {
        Self {
            blocks,
            deflate: Deflate::new(6),
            block: Vec::new(),
            deflated: Vec::new(),
            last: Vec::new(),
            next: (0, 0),
            first: (0, 0),
            words: Vec::new(),
            lengths: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, word: &[u8], entry: &Entry) -> io::Result<()> {
        let shared = word.iter().zip(&self.last).take_while(|(a, b)| a == b).count();
        if self.block.is_empty() {
            self.words.push(separator(word, shared));
        }
        let shared = if self.block.is_empty() { 0 } else { shared.min(255) };
        self.block.push(shared as u8);
        self.block.bytes(&word[shared..]);
        self.block.number(entry.stories as u64);
        if let Some(only) = &entry.only {
            self.block.number(only.story.into());
            self.block.number(only.weight.into());
            self.block.push(only.level);
        } else {
            self.block.number(entry.list as u64);
            if entry.stories > BLOCK {
                self.block.number(entry.table as u64);
                self.block.number(entry.runs as u64);
            }
        }
        self.block.number(entry.places as u64);
        self.next.0 += entry.list as u64;
        self.next.1 += entry.places as u64;
        self.last.clear();
        self.last.extend_from_slice(word);
        if self.block.len() >= BLOCK_BYTES { self.end_block() } else { Ok(()) }
    }

    fn end_block(&mut self) -> io::Result<()> {
        if self.block.is_empty() {
            return Ok(());
        }
        self.deflated.clear();
        self.deflate.put(&self.block, &mut self.deflated)?;
        self.blocks.put(&self.deflated)?;
        let length = self.deflated.len() as u64;
        self.lengths.push([self.next.0 - self.first.0, self.next.1 - self.first.1, length]);
        self.first = self.next;
        self.block.clear();
        Ok(())
    }

    /// The blocks and the root.
    pub(super) fn finish(mut self) -> io::Result<(Aside, Value)> {
        self.end_block()?;
        let column = |at: usize| self.lengths.iter().map(|lengths| lengths[at]).collect::<Vec<u64>>();
        let root =
            json!({ "words": self.words, "lists": column(0), "places": column(1), "blocks": column(2) });
        Ok((self.blocks, root))
    }
}

/// The shortest text that is after the word before and not after this one, of which they share so many bytes.
fn separator(word: &[u8], shared: usize) -> String {
    let text = String::from_utf8_lossy(word);
    let end = (shared + 1..=text.len()).find(|&end| text.is_char_boundary(end)).unwrap_or(text.len());
    text[..end].to_owned()
}

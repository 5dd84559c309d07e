//! Numbers for the terms of a partial index.

use xxhash_rust::xxh3::xxh3_64;

use super::bigrams;
use super::document::Facet;

/// The first byte of a facet's term, with which no word begins.
pub(super) const FACET_PREFIX: u8 = 1;
/// The byte between a facet's slug and its name.
pub(super) const FACET_NAME_SEPARATOR: u8 = 2;

/// Assigns a number to each different term, with a hash table (open addressing).
#[derive(Default)]
pub(super) struct TermInterner {
    /// All terms, and the end of each in `bytes`.
    bytes: Vec<u8>,
    ends: Vec<u32>,
    /// The hash of each term that bigrams use.
    bigram_hashes: Vec<u32>,
    /// The number of the term in each slot, plus one; 0 if the slot is free.
    table: Vec<u32>,
    facet_buffer: Vec<u8>,
}

impl TermInterner {
    /// The number of terms.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Returns the term with a number.
    pub(super) fn get(&self, id: u32) -> &[u8] {
        let start = (id as usize).checked_sub(1).map_or(0, |previous| self.ends[previous] as usize);
        &self.bytes[start..self.ends[id as usize] as usize]
    }

    /// Returns the hash of a term that bigrams use.
    pub(super) fn bigram_hash(&self, id: u32) -> u32 {
        self.bigram_hashes[id as usize]
    }

    /// Returns all numbers in the order of their terms. Most terms differ in their first eight
    /// bytes, which are compared as one number.
    pub(super) fn sorted_ids(&self) -> Vec<u32> {
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

    /// Returns the number of a facet's term.
    pub(super) fn intern_facet(&mut self, facet: Facet<'_>) -> u32 {
        let mut facet_term = std::mem::take(&mut self.facet_buffer);
        facet_term.clear();
        facet_term.push(FACET_PREFIX);
        facet_term.extend_from_slice(facet.key.as_bytes());
        facet_term.push(b'/');
        facet_term.extend_from_slice(facet.slug.as_bytes());
        facet_term.push(FACET_NAME_SEPARATOR);
        facet_term.extend_from_slice(facet.name.as_bytes());
        let id = self.intern(&facet_term);
        self.facet_buffer = facet_term;
        id
    }

    /// Returns the number of a term, a new one if it is seen for the first time.
    pub(super) fn intern(&mut self, term: &[u8]) -> u32 {
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

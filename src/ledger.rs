//! The ledger: every file that a build wrote, with what it was made from.

use std::sync::OnceLock;

use crate::model::Fingerprint;
use crate::model::codec::Encode as _;

/// What is known of one written file. Paths are known by their hash; their text is only in the saved state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// The hash of its path below the output folder.
    pub path: Fingerprint,
    /// What it was made from.
    pub inputs: Fingerprint,
    /// Its length and modification time when it was written.
    pub stamp: u64,
    /// The hash of its bytes.
    pub bytes: Fingerprint,
    /// The hash of the name of the article whose page it is; unsettled if it is none's.
    pub article: Fingerprint,
}

impl Entry {
    /// Its form in the saved state, with its path.
    pub fn encode(&self, path: &str, out: &mut Vec<u8>) {
        out.number(1);
        out.text(Some(path));
        for number in [self.inputs.0, self.stamp, self.bytes.0, self.article.0] {
            out.fixed(number);
        }
    }
}

/// All files that were written, in the order in which builds plan them.
#[derive(Debug, Default)]
pub struct Ledger {
    entries: Vec<Entry>,
    /// Places of entries, sorted by the hashes of their paths. A build that plans what the last one planned needs none.
    by_path: OnceLock<Vec<u32>>,
}

impl Ledger {
    /// A ledger of entries as they were saved. Of two for one path, the last counts.
    pub fn new(entries: Vec<Entry>) -> Self {
        Self { entries, by_path: OnceLock::new() }
    }

    /// How many files there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether the file at a place, counted from 0, is the one with this hash of its path.
    pub fn has_at(&self, place: usize, path: Fingerprint) -> bool {
        self.entries.get(place).is_some_and(|entry| entry.path == path)
    }

    /// What is known of the file with this hash of its path, which most likely stands at `place`.
    pub fn get_near(&self, place: usize, path: Fingerprint) -> Option<&Entry> {
        self.entries.get(place).filter(|entry| entry.path == path).or_else(|| self.get(path))
    }

    /// What is known of the file with this hash of its path.
    pub fn get(&self, path: Fingerprint) -> Option<&Entry> {
        let places = self.by_path.get_or_init(|| self.sorted());
        let path_at = |place: usize| self.entries[places[place] as usize].path;
        // Hashes are spread evenly, so an entry lies near where its hash says; that saves most of a binary search's far jumps.
        let guess = ((u128::from(path.0) * places.len() as u128) >> 64) as usize;
        let (mut from, mut until, mut step) = (guess, guess, 8);
        while from > 0 && path_at(from - 1) >= path {
            from = from.saturating_sub(step);
            step *= 2;
        }
        step = 8;
        while until < places.len() && path_at(until) <= path {
            until = (until + step).min(places.len());
            step *= 2;
        }
        let near = &places[from..until];
        let found = near.binary_search_by_key(&path, |&place| self.entries[place as usize].path).ok()?;
        Some(&self.entries[near[found] as usize])
    }

    fn sorted(&self) -> Vec<u32> {
        let mut places: Vec<u32> = (0..self.entries.len() as u32).rev().collect();
        places.sort_by_key(|&place| self.entries[place as usize].path);
        places.dedup_by_key(|place| self.entries[*place as usize].path);
        places
    }

    /// Forgets what files were made from, so that each is made anew.
    pub fn unsettle(&mut self) {
        self.entries.iter_mut().for_each(|entry| entry.inputs = Fingerprint::UNSETTLED);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_found_wherever_hashes_lie() {
        let spread = (0..1_000_u64).map(|number| number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        for hashes in
            [(1..500).collect::<Vec<u64>>(), spread.collect(), vec![0, u64::MAX, u64::MAX - 1], vec![]]
        {
            let entry = |&path: &u64| Entry { path: Fingerprint(path), stamp: path, ..Entry::default() };
            let ledger = Ledger::new(hashes.iter().map(entry).collect());
            for hash in &hashes {
                assert_eq!(ledger.get(Fingerprint(*hash)).map(|entry| entry.stamp), Some(*hash));
            }
            assert_eq!(ledger.get(Fingerprint(0x1234_5678_9abc)), None);
        }
    }

    #[test]
    fn the_last_entry_of_a_path_counts() {
        let entry = |path, stamp| Entry { path: Fingerprint(path), stamp, ..Entry::default() };
        let ledger = Ledger::new(vec![entry(9, 1), entry(4, 2), entry(9, 3)]);
        assert_eq!(ledger.get(Fingerprint(9)).map(|entry| entry.stamp), Some(3));
        assert_eq!(ledger.get_near(1, Fingerprint(4)).map(|entry| entry.stamp), Some(2));
        assert_eq!(ledger.get_near(7, Fingerprint(4)).map(|entry| entry.stamp), Some(2));
        assert!(
            ledger.has_at(1, Fingerprint(4))
                && !ledger.has_at(0, Fingerprint(4))
                && !ledger.has_at(7, Fingerprint(4))
        );
        assert_eq!(ledger.get(Fingerprint(5)), None);
    }
}

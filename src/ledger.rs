//! The ledger: every file that a build wrote, with what it was made from.

use crate::model::Fingerprint;

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

/// All files that were written.
#[derive(Debug, Default)]
pub struct Ledger(Vec<Entry>);

impl Ledger {
    /// A ledger of entries in any order. Of two for one path, the last counts.
    pub fn new(mut entries: Vec<Entry>) -> Self {
        entries.reverse();
        entries.sort_by_key(|entry| entry.path);
        entries.dedup_by_key(|entry| entry.path);
        Self(entries)
    }

    /// How many files there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is known of the file with this hash of its path.
    pub fn get(&self, path: Fingerprint) -> Option<&Entry> {
        // Hashes are spread evenly, so an entry lies near where its hash says; that saves most of a binary search's far jumps.
        let guess = ((u128::from(path.0) * self.0.len() as u128) >> 64) as usize;
        let (mut from, mut until, mut step) = (guess, guess, 8);
        while from > 0 && self.0[from - 1].path >= path {
            from = from.saturating_sub(step);
            step *= 2;
        }
        step = 8;
        while until < self.0.len() && self.0[until].path <= path {
            until = (until + step).min(self.0.len());
            step *= 2;
        }
        let near = &self.0[from..until];
        near.binary_search_by_key(&path, |entry| entry.path).ok().map(|at| &near[at])
    }

    /// Forgets what files were made from, so that each is made anew.
    pub fn unsettle(&mut self) {
        self.0.iter_mut().for_each(|entry| entry.inputs = Fingerprint::UNSETTLED);
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
        assert_eq!((ledger.len(), ledger.get(Fingerprint(9)).map(|entry| entry.stamp)), (2, Some(3)));
        assert_eq!(ledger.get(Fingerprint(5)), None);
    }
}

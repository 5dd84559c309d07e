//! The manifest: every file that a build wrote, with the hash of its inputs.

use std::sync::OnceLock;

use crate::model::Fingerprint;
use crate::model::codec::Encode as _;

/// The manifest's entry for a written file. It has the hash of the path; the path itself is only in
/// the cache file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ManifestEntry {
    /// The hash of its path below the output folder.
    pub path_hash: Fingerprint,
    /// The hash of its inputs.
    pub inputs_hash: Fingerprint,
    /// Its length and modification time when it was written.
    pub stamp: u64,
    /// The hash of its bytes.
    pub content_hash: Fingerprint,
    /// The hash of the name of the article whose page it is; [`Fingerprint::DIRTY`] if it isn't
    /// an article's.
    pub article_hash: Fingerprint,
}

/// The article that a written file belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct OutputArticle<T> {
    /// The path of the article's file below `content/`; empty if the file belongs to no article.
    pub(crate) path: T,
    /// The role of the file.
    pub(crate) role: ArticleFile,
}

/// The role of a written file for its article.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ArticleFile {
    /// The page at the article's permalink.
    Page,
    /// Another file that is made for the article alone: its history, a redirect to it; or no file
    /// of an article.
    #[default]
    Other,
}

impl ArticleFile {
    /// Returns the number that begins an entry in the cache file; 0 ends the entries.
    const fn tag(self) -> u64 {
        match self {
            Self::Other => 1,
            Self::Page => 2,
        }
    }

    /// Returns the role for the number that begins an entry.
    pub(super) const fn from_tag(tag: u64) -> Option<Self> {
        match tag {
            1 => Some(Self::Other),
            2 => Some(Self::Page),
            _ => None,
        }
    }
}

impl<T: AsRef<str>> OutputArticle<T> {
    /// Borrows the path.
    pub(crate) fn as_ref(&self) -> OutputArticle<&str> {
        OutputArticle { path: self.path.as_ref(), role: self.role }
    }
}

impl OutputArticle<&str> {
    /// Copies the path.
    pub(crate) fn to_owned(&self) -> OutputArticle<Box<str>> {
        OutputArticle { path: self.path.into(), role: self.role }
    }

    /// Returns the hash of the path of the article's file; [`Fingerprint::DIRTY`] if there is none.
    pub(crate) fn hash(&self) -> Fingerprint {
        if self.path.is_empty() {
            Fingerprint::DIRTY
        } else {
            Fingerprint::hash_bytes(self.path.as_bytes())
        }
    }
}

impl ManifestEntry {
    /// Encodes the entry for the cache file, with its path and the article that it belongs to.
    pub(crate) fn encode(&self, path: &str, article: &OutputArticle<&str>, buffer: &mut Vec<u8>) {
        buffer.varint(article.role.tag());
        buffer.text(Some(path));
        for number in [self.inputs_hash.0, self.stamp, self.content_hash.0] {
            buffer.fixed_u64(number);
        }
        buffer.text(Some(article.path));
    }
}

/// A file in the manifest with the texts that only the cache file has.
#[derive(Clone, Debug)]
pub(crate) struct SavedFile {
    /// The path below the output folder.
    pub(crate) path: String,
    /// The article that it belongs to.
    pub(crate) article: OutputArticle<Box<str>>,
    pub(crate) entry: ManifestEntry,
}

/// All files that were written, in the order in which builds plan them.
#[derive(Debug, Default)]
pub(crate) struct Manifest {
    entries: Vec<ManifestEntry>,
    /// The indices of entries, sorted by the hashes of their paths. Created when needed: a build
    /// that plans the same files as the last one does without.
    by_path: OnceLock<Vec<u32>>,
}

impl Manifest {
    /// Creates a manifest from saved entries. Of two for one path, the last takes precedence.
    pub(crate) fn new(entries: Vec<ManifestEntry>) -> Self {
        Self { entries, by_path: OnceLock::new() }
    }

    /// Returns the number of files.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Returns true if there are no files.
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Returns true if the file at an index is the one with this hash of its path.
    pub(crate) fn has_at(&self, index: usize, path_hash: Fingerprint) -> bool {
        self.entries.get(index).is_some_and(|entry| entry.path_hash == path_hash)
    }

    /// Returns the entry of the file with this hash of its path, which most likely is at
    /// `expected_index`.
    pub(crate) fn get_near(
        &self,
        expected_index: usize,
        path_hash: Fingerprint,
    ) -> Option<&ManifestEntry> {
        self.entries
            .get(expected_index)
            .filter(|entry| entry.path_hash == path_hash)
            .or_else(|| self.get(path_hash))
    }

    /// Returns the entry of the file with this hash of its path.
    pub(crate) fn get(&self, path_hash: Fingerprint) -> Option<&ManifestEntry> {
        let indices = self.by_path.get_or_init(|| self.indices_by_path());
        let path_hash_at = |slot: usize| self.entries[indices[slot] as usize].path_hash;
        // Hashes are spread evenly, so an entry's index is close to the one estimated from its
        // hash; that saves most of a binary search's far jumps.
        let guess = ((u128::from(path_hash.0) * indices.len() as u128) >> 64) as usize;
        let (mut from, mut until, mut step) = (guess, guess, 8);
        while from > 0 && path_hash_at(from - 1) >= path_hash {
            from = from.saturating_sub(step);
            step *= 2;
        }
        step = 8;
        while until < indices.len() && path_hash_at(until) <= path_hash {
            until = (until + step).min(indices.len());
            step *= 2;
        }
        let candidates = &indices[from..until];
        let found = candidates
            .binary_search_by_key(&path_hash, |&index| self.entries[index as usize].path_hash)
            .ok()?;
        Some(&self.entries[candidates[found] as usize])
    }

    fn indices_by_path(&self) -> Vec<u32> {
        let mut indices: Vec<u32> = (0..self.entries.len() as u32).rev().collect();
        indices.sort_by_key(|&index| self.entries[index as usize].path_hash);
        indices.dedup_by_key(|index| self.entries[*index as usize].path_hash);
        indices
    }

    /// Invalidates the inputs of all files, so that each is rebuilt.
    pub(crate) fn invalidate(&mut self) {
        self.entries.iter_mut().for_each(|entry| entry.inputs_hash = Fingerprint::DIRTY);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_found_wherever_hashes_lie() {
        let spread = (0..1_000_u64).map(|number| number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        for hashes in [
            (1..500).collect::<Vec<u64>>(),
            spread.collect(),
            vec![0, u64::MAX, u64::MAX - 1],
            vec![],
        ] {
            let entry = |&path: &u64| ManifestEntry {
                path_hash: Fingerprint(path),
                stamp: path,
                ..ManifestEntry::default()
            };
            let manifest = Manifest::new(hashes.iter().map(entry).collect());
            for hash in &hashes {
                assert_eq!(manifest.get(Fingerprint(*hash)).map(|entry| entry.stamp), Some(*hash));
            }
            assert_eq!(manifest.get(Fingerprint(0x1234_5678_9abc)), None);
        }
    }

    #[test]
    fn the_last_entry_of_a_path_counts() {
        let entry = |path, stamp| ManifestEntry {
            path_hash: Fingerprint(path),
            stamp,
            ..ManifestEntry::default()
        };
        let manifest = Manifest::new(vec![entry(9, 1), entry(4, 2), entry(9, 3)]);
        assert_eq!(manifest.get(Fingerprint(9)).map(|entry| entry.stamp), Some(3));
        assert_eq!(manifest.get_near(1, Fingerprint(4)).map(|entry| entry.stamp), Some(2));
        assert_eq!(manifest.get_near(7, Fingerprint(4)).map(|entry| entry.stamp), Some(2));
        assert!(
            manifest.has_at(1, Fingerprint(4))
                && !manifest.has_at(0, Fingerprint(4))
                && !manifest.has_at(7, Fingerprint(4))
        );
        assert_eq!(manifest.get(Fingerprint(5)), None);
    }
}

//! Segments and partial indexes in the build cache: one folder each, created atomically, with a
//! list of checksums.

use std::collections::HashMap;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::{Xxh3Default, xxh3_64};

use crate::model::Fingerprint;
use crate::regular_file;

/// The list of a folder's files: the size in bytes, the hash and the name of each, and on the last
/// line the hash of the lines before it.
const CHECKSUM_FILE: &str = "checksums";

/// The folders of segments and partial indexes.
pub(super) struct SegmentStore {
    /// The folder to reuse them from; none if everything is built again.
    pub(super) cache_dir: Option<PathBuf>,
    /// The folder to create them in: the same one, except in a dry run.
    pub(super) new_dir: PathBuf,
    /// Compares the hashes of all files, where the sizes would be enough.
    pub(super) verify: bool,
}

/// The state of a segment's files in the output folder.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Publication {
    /// They were copied there.
    Published,
    /// They may have to be copied.
    Unknown,
}

/// The comparison of a folder's files with its list of checksums.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verification {
    Sizes,
    Hashes,
}

impl SegmentStore {
    /// Finds the folder of an undamaged segment. Unless it is already published, the hashes of its
    /// files are compared, since they will be. Those of a published one are compared when a file is
    /// copied again, see [`file_hashes`].
    pub(super) fn find_segment(&self, name: &str, publication: Publication) -> Option<PathBuf> {
        let verification = match publication {
            Publication::Published if !self.verify => Verification::Sizes,
            _ => Verification::Hashes,
        };
        self.find(name, verification)
    }

    /// Finds the folder of an undamaged partial index. Its hashes are always compared, since it
    /// becomes part of a new segment.
    pub(super) fn find_partial_index(&self, name: &str) -> Option<PathBuf> {
        self.find(name, Verification::Hashes)
    }

    fn find(&self, name: &str, verification: Verification) -> Option<PathBuf> {
        let dir = self.cache_dir.as_ref()?.join(name);
        is_intact(&dir, verification).unwrap_or(false).then_some(dir)
    }

    /// Creates a folder and its files, and renames it last, so that it is never found incomplete.
    ///
    /// # Errors
    /// An I/O error if the folder can't be created, replaced or renamed; the error of `fill`.
    pub(super) fn create_atomically<T>(
        &self,
        name: &str,
        fill: impl FnOnce(&Path) -> io::Result<T>,
    ) -> io::Result<(PathBuf, T)> {
        let dir = self.new_dir.join(name);
        let temp_dir = self.new_dir.join(format!("{name}.incomplete"));
        regular_file::remove_any(&temp_dir)?;
        fs::create_dir_all(&temp_dir)?;
        let output = fill(&temp_dir)?;
        write_checksums(&temp_dir)?;
        regular_file::remove_any(&dir)?;
        fs::rename(&temp_dir, &dir)?;
        Ok((dir, output))
    }

    /// Removes all other folders. Those that can't be removed stay unused.
    pub(super) fn retain(&self, is_wanted: impl Fn(&str) -> bool) {
        let Ok(entries) = fs::read_dir(&self.new_dir) else { return };
        entries
            .filter_map(Result::ok)
            .filter(|entry| !is_wanted(&entry.file_name().to_string_lossy()))
            .for_each(|entry| {
                let _ = regular_file::remove_any(&entry.path());
            });
    }
}

/// Writes the list of a folder's files.
fn write_checksums(folder: &Path) -> io::Result<()> {
    let mut list = String::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (length, hash) = (entry.metadata()?.len(), hash_file(&entry.path())?);
        list += &format!("{length} {hash} {}\n", entry.file_name().to_string_lossy());
    }
    let hash = hex(xxh3_64(list.as_bytes()));
    regular_file::write(&folder.join(CHECKSUM_FILE), format!("{list}{hash}\n").as_bytes())
}

/// A line of a folder's list of checksums.
struct Checksum<'a> {
    length: &'a str,
    hash: &'a str,
    name: &'a str,
}

/// Parses a list of checksums; `None` if it is damaged.
fn parse_checksums(text: &str) -> Option<Vec<Checksum<'_>>> {
    let (list, list_hash) = text.trim_end().rsplit_once('\n')?;
    if hex(xxh3_64(format!("{list}\n").as_bytes())) != list_hash {
        return None;
    }
    let checksums = list.lines().map(|line| {
        let fields: Vec<&str> = line.splitn(3, ' ').collect();
        let &[length, hash, name] = fields.as_slice() else { return None };
        (Path::new(name).components().count() == 1).then_some(Checksum { length, hash, name })
    });
    checksums.collect()
}

/// Compares the files of a folder with its list of checksums.
fn is_intact(folder: &Path, verification: Verification) -> io::Result<bool> {
    let text = regular_file::read_cached_text(&folder.join(CHECKSUM_FILE))?;
    let Some(checksums) = parse_checksums(&text) else { return Ok(false) };
    for Checksum { length, hash, name } in checksums {
        let path = folder.join(name);
        if fs::symlink_metadata(&path)?.len().to_string() != length {
            return Ok(false);
        }
        if verification == Verification::Hashes && hash_file(&path)? != hash {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Returns the hash of each file in the list of checksums of a folder.
///
/// # Errors
/// An I/O error if the list can't be read; `InvalidData` if it is damaged.
pub(super) fn file_hashes(folder: &Path) -> io::Result<HashMap<String, Fingerprint>> {
    let text = regular_file::read_cached_text(&folder.join(CHECKSUM_FILE))?;
    let checksums = parse_checksums(&text).ok_or(io::ErrorKind::InvalidData)?;
    let hashes = checksums.into_iter().map(|Checksum { hash, name, .. }| {
        let hash = u64::from_str_radix(hash, 16).map_err(|_| io::ErrorKind::InvalidData)?;
        // As `Fingerprint::hash_bytes`, which reserves 0.
        Ok((name.to_owned(), Fingerprint(hash.max(1))))
    });
    hashes.collect()
}

/// Removes the list of checksums of the damaged segment that a file belongs to, so that the next
/// build makes the segment again.
///
/// # Errors
/// The I/O error of removing the list.
pub(crate) fn discard_segment(file: &Path) -> io::Result<()> {
    regular_file::remove_any(&file.with_file_name(CHECKSUM_FILE))
}

/// Hashes a file (XXH3, 64 bits) without loading all of it.
fn hash_file(file: &Path) -> io::Result<String> {
    let mut file = regular_file::open(file)?;
    let (mut hasher, mut buffer) = (Xxh3Default::new(), vec![0; 64 << 10]);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex(hasher.digest())),
            read => hasher.update(&buffer[..read]),
        }
    }
}

fn hex(hash: u64) -> String {
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn incomplete_and_damaged_folders_are_not_found() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = SegmentStore {
            cache_dir: Some(folder.path().to_owned()),
            new_dir: folder.path().to_owned(),
            verify: false,
        };
        let fill = |dir: &Path| fs::write(dir.join("0"), "some bytes");
        let (dir, ()) = store.create_atomically("part", fill).expect("created");
        assert_eq!(store.find_partial_index("part"), Some(dir.clone()));
        let hashes = file_hashes(&dir).expect("the list is intact");
        assert_eq!(hashes.get("0"), Some(&Fingerprint::hash_bytes(b"some bytes")));
        fs::write(dir.join("0"), "same bytes").expect("written");
        assert_eq!(store.find_partial_index("part"), None, "other bytes");
        assert_eq!(
            store.find_segment("part", Publication::Published),
            Some(dir.clone()),
            "of the same length"
        );
        assert_eq!(store.find_segment("part", Publication::Unknown), None, "it would be copied");
        fs::write(dir.join("0"), "some").expect("written");
        assert_eq!(store.find_segment("part", Publication::Published), None, "cut");
        store.create_atomically("part", fill).expect("created again");
        discard_segment(&dir.join("0")).expect("discarded");
        assert_eq!(store.find_segment("part", Publication::Published), None, "discarded");
        fs::write(dir.join(CHECKSUM_FILE), "").expect("written");
        assert!(file_hashes(&dir).is_err());
        assert_eq!(store.find_segment("part", Publication::Published), None, "without checksums");
    }
}

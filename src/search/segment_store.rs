//! Where parts and volumes are kept between builds: a folder each, made whole or not at all, and
//! sealed by a list of what it holds.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::{Xxh3Default, xxh3_64};

/// The list of a folder's files: the length, the hash and the name of each, and last the hash of
/// all that.
const CHECKSUM_FILE: &str = "seal";

/// Where parts and volumes are kept, unless they are to be made again, and where new ones go: the
/// same folder, but for builds that leave no trace.
pub(super) struct SegmentStore {
    pub(super) cache_dir: Option<PathBuf>,
    pub(super) new_dir: PathBuf,
    /// Whether what is kept is read to see that nobody changed it, where lengths would do.
    pub(super) verify: bool,
}

impl SegmentStore {
    /// The folder of a volume that was made whole and still is, by the lengths of its files.
    pub(super) fn find_segment(&self, name: &str) -> Option<PathBuf> {
        self.find(name, self.verify)
    }

    /// The folder of a part that was made whole and still is. It is about to be read, so all of it
    /// is looked at.
    pub(super) fn find_partial_index(&self, name: &str) -> Option<PathBuf> {
        self.find(name, true)
    }

    fn find(&self, name: &str, check_hashes: bool) -> Option<PathBuf> {
        let dir = self.cache_dir.as_ref()?.join(name);
        is_intact(&dir, check_hashes).unwrap_or(false).then_some(dir)
    }

    /// Makes a folder by a name at once: whoever finds it finds all of it.
    pub(super) fn create_atomically<T>(
        &self,
        name: &str,
        fill: impl FnOnce(&Path) -> io::Result<T>,
    ) -> io::Result<(PathBuf, T)> {
        let dir = self.new_dir.join(name);
        let temp_dir = self.new_dir.join(format!("{name}.half"));
        remove_dir_if_exists(&temp_dir)?;
        fs::create_dir_all(&temp_dir)?;
        let output = fill(&temp_dir)?;
        write_checksums(&temp_dir)?;
        remove_dir_if_exists(&dir)?;
        fs::rename(&temp_dir, &dir)?;
        Ok((dir, output))
    }

    /// Removes what no build needs any more. What can't be removed does no harm.
    pub(super) fn retain(&self, is_wanted: impl Fn(&str) -> bool) {
        let Ok(entries) = fs::read_dir(&self.new_dir) else { return };
        entries
            .filter_map(Result::ok)
            .filter(|entry| !is_wanted(&entry.file_name().to_string_lossy()))
            .for_each(|entry| drop(fs::remove_dir_all(entry.path())));
    }
}

/// Removes a folder, if there is one.
pub(super) fn remove_dir_if_exists(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Writes the list of what a folder holds.
fn write_checksums(folder: &Path) -> io::Result<()> {
    let mut list = String::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (length, hash) = (entry.metadata()?.len(), hash_file(&entry.path())?);
        list += &format!("{length} {hash} {}\n", entry.file_name().to_string_lossy());
    }
    let hash = hex(xxh3_64(list.as_bytes()));
    fs::write(folder.join(CHECKSUM_FILE), format!("{list}{hash}\n"))
}

/// Whether a folder holds what its list says, by the lengths of its files or by all their bytes.
fn is_intact(folder: &Path, check_hashes: bool) -> io::Result<bool> {
    let checksums = fs::read_to_string(folder.join(CHECKSUM_FILE))?;
    let Some((list, list_hash)) = checksums.trim_end().rsplit_once('\n') else { return Ok(false) };
    if hex(xxh3_64(format!("{list}\n").as_bytes())) != list_hash {
        return Ok(false);
    }
    for line in list.lines() {
        let fields: Vec<&str> = line.splitn(3, ' ').collect();
        let &[length, expected_hash, name] = fields.as_slice() else { return Ok(false) };
        let path = folder.join(name);
        let same_length = fs::metadata(&path)?.len().to_string() == length;
        if !same_length || (check_hashes && hash_file(&path)? != expected_hash) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The hash of a file (XXH3, 64 bits), read piece by piece.
fn hash_file(file: &Path) -> io::Result<String> {
    let mut file = File::open(file)?;
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
    fn what_isnt_whole_is_not_found() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = SegmentStore {
            cache_dir: Some(folder.path().to_owned()),
            new_dir: folder.path().to_owned(),
            verify: false,
        };
        let fill = |dir: &Path| fs::write(dir.join("0"), "some bytes");
        let (dir, ()) = store.create_atomically("part", fill).expect("made");
        assert_eq!(store.find_partial_index("part"), Some(dir.clone()));
        fs::write(dir.join("0"), "same bytes").expect("written");
        assert_eq!(store.find_partial_index("part"), None, "other bytes");
        assert_eq!(store.find_segment("part"), Some(dir.clone()), "of the same length");
        fs::write(dir.join("0"), "some").expect("written");
        assert_eq!(store.find_segment("part"), None, "cut");
        store.create_atomically("part", fill).expect("made again");
        fs::write(dir.join(CHECKSUM_FILE), "").expect("written");
        assert_eq!(store.find_segment("part"), None, "without its seal");
    }
}

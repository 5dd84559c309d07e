//! Where parts and volumes are kept between builds: a folder each, made whole or not at all, and sealed by a list of what it holds.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::{Xxh3Default, xxh3_64};

/// The list of a folder's files: the length, the hash and the name of each, and last the hash of all that.
const SEAL: &str = "seal";

/// Where parts and volumes are kept, unless they are to be made again, and where new ones go: the same folder, but for builds that leave no trace.
pub(super) struct Store {
    pub(super) kept: Option<PathBuf>,
    pub(super) new: PathBuf,
    /// Whether what is kept is read to see that nobody changed it, where lengths would do.
    pub(super) verify: bool,
}

impl Store {
    /// The folder of a volume that was made whole and still is, by the lengths of its files.
    pub(super) fn volume(&self, name: &str) -> Option<PathBuf> {
        self.find(name, self.verify)
    }

    /// The folder of a part that was made whole and still is. It is about to be read, so all of it is looked at.
    pub(super) fn part(&self, name: &str) -> Option<PathBuf> {
        self.find(name, true)
    }

    fn find(&self, name: &str, thorough: bool) -> Option<PathBuf> {
        let place = self.kept.as_ref()?.join(name);
        is_whole(&place, thorough).unwrap_or(false).then_some(place)
    }

    /// Makes a folder by a name at once: whoever finds it finds all of it.
    pub(super) fn make<T>(
        &self,
        name: &str,
        fill: impl FnOnce(&Path) -> io::Result<T>,
    ) -> io::Result<(PathBuf, T)> {
        let place = self.new.join(name);
        let half = self.new.join(format!("{name}.half"));
        remove(&half)?;
        fs::create_dir_all(&half)?;
        let filled = fill(&half)?;
        seal(&half)?;
        remove(&place)?;
        fs::rename(&half, &place)?;
        Ok((place, filled))
    }

    /// Removes what no build needs any more. What can't be removed does no harm.
    pub(super) fn forget(&self, wanted: impl Fn(&str) -> bool) {
        let Ok(kept) = fs::read_dir(&self.new) else { return };
        kept.filter_map(Result::ok)
            .filter(|kept| !wanted(&kept.file_name().to_string_lossy()))
            .for_each(|kept| drop(fs::remove_dir_all(kept.path())));
    }
}

/// Removes a folder, if there is one.
pub(super) fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Writes the list of what a folder holds.
fn seal(folder: &Path) -> io::Result<()> {
    let mut list = String::new();
    for file in fs::read_dir(folder)? {
        let file = file?;
        let (length, hash) = (file.metadata()?.len(), hash(&file.path())?);
        list += &format!("{length} {hash} {}\n", file.file_name().to_string_lossy());
    }
    let hash = hex(xxh3_64(list.as_bytes()));
    fs::write(folder.join(SEAL), format!("{list}{hash}\n"))
}

/// Whether a folder holds what its list says, by the lengths of its files or by all their bytes.
fn is_whole(folder: &Path, thorough: bool) -> io::Result<bool> {
    let sealed = fs::read_to_string(folder.join(SEAL))?;
    let Some((list, last)) = sealed.trim_end().rsplit_once('\n') else { return Ok(false) };
    if hex(xxh3_64(format!("{list}\n").as_bytes())) != last {
        return Ok(false);
    }
    for line in list.lines() {
        let fields: Vec<&str> = line.splitn(3, ' ').collect();
        let &[length, sum, name] = fields.as_slice() else { return Ok(false) };
        let path = folder.join(name);
        let same_length = fs::metadata(&path)?.len().to_string() == length;
        if !same_length || (thorough && hash(&path)? != sum) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The hash of a file (XXH3, 64 bits), read piece by piece.
fn hash(file: &Path) -> io::Result<String> {
    let mut file = File::open(file)?;
    let (mut hash, mut buffer) = (Xxh3Default::new(), vec![0; 64 << 10]);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex(hash.digest())),
            read => hash.update(&buffer[..read]),
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
        let store =
            Store { kept: Some(folder.path().to_owned()), new: folder.path().to_owned(), verify: false };
        let fill = |place: &Path| fs::write(place.join("0"), "some bytes");
        let (place, ()) = store.make("part", fill).expect("made");
        assert_eq!(store.part("part"), Some(place.clone()));
        fs::write(place.join("0"), "same bytes").expect("written");
        assert_eq!(store.part("part"), None, "other bytes");
        assert_eq!(store.volume("part"), Some(place.clone()), "of the same length");
        fs::write(place.join("0"), "some").expect("written");
        assert_eq!(store.volume("part"), None, "cut");
        store.make("part", fill).expect("made again");
        fs::write(place.join(SEAL), "").expect("written");
        assert_eq!(store.volume("part"), None, "without its seal");
    }
}

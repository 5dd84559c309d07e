//! Write: bytes to a place in the output folder. What is the same is left alone; what is there is replaced by a rename.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::Xxh3Default;

use super::folder::Facts;
use super::stamp;
use crate::diagnostic::Error;
use crate::model::Fingerprint;
use crate::model::permalink::stays_below;

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Written,
    Unchanged,
}

/// A file that is as it should be.
pub(super) struct Written {
    pub(super) outcome: Outcome,
    pub(super) stamp: u64,
    pub(super) bytes: Fingerprint,
}

/// The output folder, as the only place that is written to.
pub(super) struct Sink<'a> {
    output: &'a Path,
    /// Where a file is written that is to replace another: on the same file system, out of every page's way.
    temporary: PathBuf,
    /// Nothing is written: files are only compared.
    dry: bool,
}

impl<'a> Sink<'a> {
    /// The sink of an output folder; what a killed build left half-written is taken away.
    fn open(output: &'a Path) -> Result<Self, Error> {
        let temporary = output.join(".dateline-tmp");
        match fs::remove_dir_all(&temporary) {
            Err(error) if !matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                Err(Error::io("can't remove", &temporary)(error))
            }
            _ => Ok(Self { output, temporary, dry: false }),
        }
    }

    /// The sink of a build, which writes unless it is a dry one.
    pub(super) fn of(dry: bool, output: &'a Path) -> Result<Self, Error> {
        if dry { Ok(Self::dry(output)) } else { Self::open(output) }
    }

    /// A sink that writes nothing and tells what it would write.
    fn dry(output: &'a Path) -> Self {
        Self { output, temporary: PathBuf::new(), dry: true }
    }

    /// Whether nothing is written.
    pub(super) fn is_dry(&self) -> bool {
        self.dry
    }

    /// Takes away what was needed only while writing.
    pub(super) fn close(self) {
        // There may be none, or another build's.
        let _ = fs::remove_dir(&self.temporary);
    }

    /// The output folder itself.
    pub(super) fn folder(&self) -> &Path {
        self.output
    }

    /// The place of a path below the output folder. Every path was made safe before; should one lead out all the same, the build ends here.
    pub(super) fn place(&self, path: &str) -> Result<PathBuf, Error> {
        if stays_below(path) && Path::new(path).is_relative() {
            return Ok(self.output.join(path));
        }
        let out = io::Error::other("it leads out of the output folder");
        Err(Error::io("can't write", path)(out))
    }

    /// Puts bytes at a path; `left` tells whether the last build left a file there, which somebody may have removed.
    pub(super) fn write(&self, path: &Path, bytes: &[u8], left: bool) -> Result<Written, Error> {
        let hash = Fingerprint::of(bytes);
        self.put(path, hash, left, || same(path, bytes), |file| file.write_all(bytes))
    }

    /// Copies a file to a path, by reference where the file system can.
    pub(super) fn copy(&self, from: &Path, path: &Path, left: bool) -> Result<Written, Error> {
        let unreadable = || Error::io("can't read", from);
        let (length, hash) = hash_of(from, |_| ()).map_err(unreadable())?;
        let mut original = File::open(from).map_err(unreadable())?;
        let same = || {
            let there = fs::symlink_metadata(path).ok();
            let there = there.filter(|there| there.is_file() && there.len() == length)?;
            hash_of(path, |_| ())
                .is_ok_and(|(_, other)| other == hash)
                .then(|| stamp::output(&Facts::of(&there)))
        };
        self.put(path, hash, left, same, |file| io::copy(&mut original, file).map(drop))
    }

    /// Puts what has this hash at a path. A new file is written where it belongs; one that is there is compared (`same` gives its stamp), and
    /// replaced by a rename so that a reader never sees half of it.
    fn put(
        &self,
        path: &Path,
        bytes: Fingerprint,
        left: bool,
        same: impl FnOnce() -> Option<u64>,
        write: impl FnOnce(&mut File) -> io::Result<()>,
    ) -> Result<Written, Error> {
        let unchanged = |stamp| Written { outcome: Outcome::Unchanged, stamp, bytes };
        let written = |stamp| Written { outcome: Outcome::Written, stamp, bytes };
        if self.dry {
            return Ok(same().map_or(written(stamp::UNSETTLED), unchanged));
        }
        // Where a file is most likely, trying to create it would only cost time.
        let created = if left { None } else { create(path)? };
        let metadata = match created {
            Some(file) => fill(file, path, write)?,
            None => match same() {
                Some(stamp) => return Ok(unchanged(stamp)),
                None => self.replace(path, write)?,
            },
        };
        Ok(written(stamp::output(&Facts::of(&metadata))))
    }

    /// Writes beside and renames.
    fn replace(
        &self,
        path: &Path,
        write: impl FnOnce(&mut File) -> io::Result<()>,
    ) -> Result<Metadata, Error> {
        let name = Fingerprint::of(path.as_os_str().as_encoded_bytes()).0;
        let temporary = self.temporary.join(format!("{name:016x}"));
        let file = File::create(&temporary).or_else(|error| match error.kind() {
            io::ErrorKind::NotFound => {
                fs::create_dir_all(&self.temporary).and_then(|()| File::create(&temporary))
            }
            _ => Err(error),
        });
        let file = file.map_err(Error::io("can't write", &temporary))?;
        let metadata = fill(file, &temporary, write)?;
        let renamed = fs::rename(&temporary, path).or_else(|error| match path.parent() {
            Some(folder) if error.kind() == io::ErrorKind::NotFound => {
                fs::create_dir_all(folder).and_then(|()| fs::rename(&temporary, path))
            }
            _ => Err(error),
        });
        renamed.map_err(|error| {
            let _ = fs::remove_file(&temporary);
            Error::io("can't write", path)(error)
        })?;
        Ok(metadata)
    }
}

/// The length and the hash of a file's bytes, which are also given to whoever wants them.
pub(crate) fn hash_of(path: &Path, mut also: impl FnMut(&[u8])) -> io::Result<(u64, Fingerprint)> {
    let mut file = File::open(path)?;
    let mut buffer = vec![0; 1 << 16];
    let (mut hash, mut length) = (Xxh3Default::new(), 0);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok((length, Fingerprint(hash.digest().max(1)))),
            read => {
                hash.update(&buffer[..read]);
                also(&buffer[..read]);
                length += read as u64;
            }
        }
    }
}

/// Creates a file that isn't there, with its folders; `None` if something is there.
fn create(path: &Path) -> Result<Option<File>, Error> {
    let open = || OpenOptions::new().write(true).create_new(true).open(path);
    let folder = path.parent().unwrap_or(Path::new("."));
    // Most pages have a folder of their own in one that is there: making that first saves a search for the file.
    let opened = match fs::create_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            fs::create_dir_all(folder).and_then(|()| open())
        }
        _ => open(),
    };
    match opened {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(None),
        Err(error) => Err(Error::io("can't write", path)(error)),
    }
}

/// Writes a file that was just created; a half-written one is taken away again.
fn fill(
    mut file: File,
    path: &Path,
    write: impl FnOnce(&mut File) -> io::Result<()>,
) -> Result<Metadata, Error> {
    write(&mut file).and_then(|()| file.metadata()).map_err(|error| {
        // The first error is the one to tell.
        let _ = fs::remove_file(path);
        Error::io("can't write", path)(error)
    })
}

/// The stamp of the file that is there, if it holds these bytes.
fn same(path: &Path, bytes: &[u8]) -> Option<u64> {
    let metadata = fs::symlink_metadata(path).ok()?;
    let same = metadata.is_file()
        && metadata.len() == bytes.len() as u64
        && fs::read(path).is_ok_and(|old| old == bytes);
    same.then(|| stamp::output(&Facts::of(&metadata)))
}

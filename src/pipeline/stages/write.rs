//! Write: bytes to a place in the output folder. What is the same is left alone; what is there is
//! replaced by a rename.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::Xxh3Default;

use crate::diagnostics::Error;
use crate::model::Fingerprint;
use crate::model::permalink::is_safe_relative_path;
use crate::pipeline::cache::file_stamps;
use crate::pipeline::dir_handle::FileMetadata;

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WriteOutcome {
    Written,
    Unchanged,
}

/// A file that is as it should be.
pub(crate) struct WriteResult {
    pub(crate) outcome: WriteOutcome,
    pub(crate) stamp: u64,
    pub(crate) content_hash: Fingerprint,
}

/// The output folder, as the only place that is written to.
pub(crate) struct OutputDir<'a> {
    path: &'a Path,
    /// Where a file is written that is to replace another: on the same file system, out of every
    /// page's way.
    temp_dir: PathBuf,
    /// Nothing is written: files are only compared.
    is_dry_run: bool,
}

impl<'a> OutputDir<'a> {
    /// The sink of an output folder; what a killed build left half-written is taken away.
    fn open(path: &'a Path) -> Result<Self, Error> {
        let temp_dir = path.join(".dateline-tmp");
        match fs::remove_dir_all(&temp_dir) {
            Err(error)
                if !matches!(
                    error.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
                ) =>
            {
                Err(Error::io("can't remove", &temp_dir)(error))
            }
            _ => Ok(Self { path, temp_dir, is_dry_run: false }),
        }
    }

    /// The sink of a build, which writes unless it is a dry one.
    pub(crate) fn new(dry_run: bool, path: &'a Path) -> Result<Self, Error> {
        if dry_run { Ok(Self::dry_run(path)) } else { Self::open(path) }
    }

    /// A sink that writes nothing and tells what it would write.
    fn dry_run(path: &'a Path) -> Self {
        Self { path, temp_dir: PathBuf::new(), is_dry_run: true }
    }

    /// Whether nothing is written.
    pub(crate) fn is_dry_run(&self) -> bool {
        self.is_dry_run
    }

    /// Takes away what was needed only while writing.
    pub(crate) fn close(self) {
        // There may be none, or another build's.
        let _ = fs::remove_dir(&self.temp_dir);
    }

    /// The output folder itself.
    pub(crate) fn path(&self) -> &Path {
        self.path
    }

    /// The place of a path below the output folder. Every path was made safe before; should one
    /// lead out all the same, the build ends here.
    pub(crate) fn resolve_path(&self, path: &str) -> Result<PathBuf, Error> {
        if is_safe_relative_path(path) && Path::new(path).is_relative() {
            return Ok(self.path.join(path));
        }
        let error = io::Error::other("it leads out of the output folder");
        Err(Error::io("can't write", path)(error))
    }

    /// Puts bytes at a path; `left` tells whether the last build left a file there, which somebody
    /// may have removed.
    pub(crate) fn write(
        &self,
        path: &Path,
        bytes: &[u8],
        existed: bool,
    ) -> Result<WriteResult, Error> {
        let hash = Fingerprint::hash_bytes(bytes);
        self.write_if_changed(
            path,
            hash,
            existed,
            || stamp_if_same(path, bytes),
            |file| file.write_all(bytes),
        )
    }

    /// Copies a file to a path, by reference where the file system can.
    pub(crate) fn copy(
        &self,
        from: &Path,
        path: &Path,
        existed: bool,
    ) -> Result<WriteResult, Error> {
        let read_error = || Error::io("can't read", from);
        let (length, hash) = hash_contents(from, |_| ()).map_err(read_error())?;
        let mut source = File::open(from).map_err(read_error())?;
        let matching_stamp = || {
            let metadata = fs::symlink_metadata(path).ok();
            let metadata =
                metadata.filter(|metadata| metadata.is_file() && metadata.len() == length)?;
            hash_contents(path, |_| ())
                .is_ok_and(|(_, other)| other == hash)
                .then(|| file_stamps::output_stamp(&FileMetadata::from_metadata(&metadata)))
        };
        self.write_if_changed(path, hash, existed, matching_stamp, |file| {
            io::copy(&mut source, file).map(drop)
        })
    }

    /// Puts what has this hash at a path. A new file is written where it belongs; one that is there
    /// is compared (`same` gives its stamp), and replaced by a rename so that a reader never sees
    /// half of it.
    fn write_if_changed(
        &self,
        path: &Path,
        content_hash: Fingerprint,
        existed: bool,
        matching_stamp: impl FnOnce() -> Option<u64>,
        write: impl FnOnce(&mut File) -> io::Result<()>,
    ) -> Result<WriteResult, Error> {
        let unchanged =
            |stamp| WriteResult { outcome: WriteOutcome::Unchanged, stamp, content_hash };
        let written = |stamp| WriteResult { outcome: WriteOutcome::Written, stamp, content_hash };
        if self.is_dry_run {
            return Ok(matching_stamp().map_or(written(file_stamps::DIRTY), unchanged));
        }
        // Where a file is most likely, trying to create it would only cost time.
        let created = if existed { None } else { create_new(path)? };
        let metadata = match created {
            Some(file) => write_new_file(file, path, write)?,
            None => match matching_stamp() {
                Some(stamp) => return Ok(unchanged(stamp)),
                None => self.replace_file(path, write)?,
            },
        };
        Ok(written(file_stamps::output_stamp(&FileMetadata::from_metadata(&metadata))))
    }

    /// Writes beside and renames.
    fn replace_file(
        &self,
        path: &Path,
        write: impl FnOnce(&mut File) -> io::Result<()>,
    ) -> Result<Metadata, Error> {
        let name = Fingerprint::hash_bytes(path.as_os_str().as_encoded_bytes()).0;
        let temp_path = self.temp_dir.join(format!("{name:016x}"));
        let file = File::create(&temp_path).or_else(|error| match error.kind() {
            io::ErrorKind::NotFound => {
                fs::create_dir_all(&self.temp_dir).and_then(|()| File::create(&temp_path))
            }
            _ => Err(error),
        });
        let file = file.map_err(Error::io("can't write", &temp_path))?;
        let metadata = write_new_file(file, &temp_path, write)?;
        let rename_result = fs::rename(&temp_path, path).or_else(|error| match path.parent() {
            Some(folder) if error.kind() == io::ErrorKind::NotFound => {
                fs::create_dir_all(folder).and_then(|()| fs::rename(&temp_path, path))
            }
            _ => Err(error),
        });
        rename_result.map_err(|error| {
            let _ = fs::remove_file(&temp_path);
            Error::io("can't write", path)(error)
        })?;
        Ok(metadata)
    }
}

/// The length and the hash of a file's bytes, which are also given to whoever wants them.
pub(crate) fn hash_contents(
    path: &Path,
    mut on_chunk: impl FnMut(&[u8]),
) -> io::Result<(u64, Fingerprint)> {
    let mut file = File::open(path)?;
    let mut buffer = vec![0; 1 << 16];
    let (mut hash, mut length) = (Xxh3Default::new(), 0);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok((length, Fingerprint(hash.digest().max(1)))),
            count => {
                hash.update(&buffer[..count]);
                on_chunk(&buffer[..count]);
                length += count as u64;
            }
        }
    }
}

/// Creates a file that isn't there, with its folders; `None` if something is there.
fn create_new(path: &Path) -> Result<Option<File>, Error> {
    let open = || OpenOptions::new().write(true).create_new(true).open(path);
    let folder = path.parent().unwrap_or(Path::new("."));
    // Most pages have a folder of their own in one that is there: making that first saves a search
    // for the file.
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
fn write_new_file(
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
fn stamp_if_same(path: &Path, bytes: &[u8]) -> Option<u64> {
    let metadata = fs::symlink_metadata(path).ok()?;
    let is_same = metadata.is_file()
        && metadata.len() == bytes.len() as u64
        && fs::read(path).is_ok_and(|old| old == bytes);
    is_same.then(|| file_stamps::output_stamp(&FileMetadata::from_metadata(&metadata)))
}

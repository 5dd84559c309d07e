//! Writes files into the output folder. A file with the same content isn't written; an existing
//! file is replaced by a rename.

use std::cell::RefCell;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use xxhash_rust::xxh3::Xxh3Default;

use crate::diagnostics::Error;
use crate::model::Fingerprint;
use crate::model::permalink::is_safe_relative_path;
use crate::pipeline::cache::file_stamps;
use crate::pipeline::dir_handle::{FileMetadata, linked_folder};
use crate::pipeline::options::WriteMode;
use crate::regular_file;

/// The effect on a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WriteOutcome {
    Written,
    Unchanged,
    Removed,
}

/// The most likely state of a file before it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TargetFile {
    /// The last build wrote it. It may have been removed since.
    Existing,
    /// The last build didn't write it.
    New,
}

/// A file with the wanted content.
pub(crate) struct WriteResult {
    pub(crate) outcome: WriteOutcome,
    pub(crate) stamp: u64,
    pub(crate) content_hash: Fingerprint,
}

/// The output folder. All writing goes through it.
pub(crate) struct OutputDir<'a> {
    path: &'a Path,
    /// The folder for files that replace others: on the same file system, and not the path of any
    /// page.
    temp_dir: PathBuf,
    mode: WriteMode,
    /// True if the folder existed before the build, so that it may contain links.
    may_contain_links: bool,
    /// A number that no other output folder of this process has.
    id: u64,
}

impl<'a> OutputDir<'a> {
    /// Opens an output folder, and removes temporary files of an interrupted build. In a dry run,
    /// files are only compared.
    ///
    /// # Errors
    /// [`Error::Io`] if the temporary files can't be removed.
    pub(crate) fn open(path: &'a Path, mode: WriteMode) -> Result<Self, Error> {
        static NEXT_ID: AtomicU64 = AtomicU64::new(1);
        let id = NEXT_ID.fetch_add(1, Ordering::Relaxed);
        let may_contain_links = path.exists();
        if mode == WriteMode::DryRun {
            return Ok(Self { path, temp_dir: PathBuf::new(), mode, may_contain_links, id });
        }
        let temp_dir = path.join(".dateline-tmp");
        match regular_file::remove_any(&temp_dir) {
            Err(error) if error.kind() != io::ErrorKind::NotADirectory => {
                Err(Error::io("can't remove", &temp_dir)(error))
            }
            _ => Ok(Self { path, temp_dir, mode, may_contain_links, id }),
        }
    }

    /// Removes the folder for temporary files.
    pub(crate) fn close(self) {
        // It may not exist, or have files of another build.
        let _ = fs::remove_dir(&self.temp_dir);
    }

    /// Returns the path of the output folder.
    pub(crate) fn path(&self) -> &Path {
        self.path
    }

    /// Returns the file at a path below the output folder.
    ///
    /// # Errors
    /// [`Error::Io`] if the path is outside the output folder, which no planned path is, or if a
    /// folder of it is a symbolic link.
    pub(crate) fn resolve_path(&self, path: &str) -> Result<PathBuf, Error> {
        if !is_safe_relative_path(path) || !Path::new(path).is_relative() {
            let error = io::Error::other("it is outside the output folder");
            return Err(Error::io("can't write", path)(error));
        }
        if self.may_contain_links
            && let Some(folder) = self.linked_folder(path)
        {
            let reason = "it is a symbolic link to a folder, and such links in the output folder \
                          are not followed: replace it with a folder";
            return Err(Error::io("can't write to", self.path.join(folder))(io::Error::other(
                reason,
            )));
        }
        Ok(self.path.join(path))
    }

    /// Returns the first folder of a path that is a symbolic link. Files are written in the order
    /// of their paths, so each thread remembers the folder that it checked last.
    fn linked_folder<'p>(&self, path: &'p str) -> Option<&'p str> {
        thread_local! {
            static CHECKED: RefCell<Option<(u64, PathBuf)>> = const { RefCell::new(None) };
        }
        let folder = self.path.join(path.rsplit_once('/')?.0);
        CHECKED.with_borrow_mut(|checked| {
            if checked.as_ref().is_some_and(|(id, path)| *id == self.id && *path == folder) {
                return None;
            }
            let linked = linked_folder(self.path, path);
            if linked.is_none() && folder.is_dir() {
                *checked = Some((self.id, folder));
            }
            linked
        })
    }

    /// Writes bytes to a file.
    ///
    /// # Errors
    /// [`Error::Io`] if the file can't be created, written or replaced.
    pub(crate) fn write(
        &self,
        path: &Path,
        bytes: &[u8],
        target: TargetFile,
    ) -> Result<WriteResult, Error> {
        let content = Content {
            hash: Fingerprint::hash_bytes(bytes),
            matching_stamp: || stamp_if_same(path, bytes),
            write: |file: &mut File| file.write_all(bytes),
        };
        self.write_if_changed(path, target, content)
    }

    /// Copies a file, by reference if the file system can.
    ///
    /// # Errors
    /// [`Error::Io`] if the source can't be read, or the file can't be created, written or
    /// replaced.
    pub(crate) fn copy(
        &self,
        from: &Path,
        path: &Path,
        target: TargetFile,
    ) -> Result<WriteResult, Error> {
        self.copy_if(from, path, target, |_| true)
    }

    /// Copies a file if its content has the expected hash.
    ///
    /// # Errors
    /// As [`Self::copy`]; [`Error::Io`] with `InvalidData` if the hash is another one.
    pub(crate) fn copy_verified(
        &self,
        from: &Path,
        path: &Path,
        target: TargetFile,
        expected: Fingerprint,
    ) -> Result<WriteResult, Error> {
        self.copy_if(from, path, target, |hash| hash == expected)
    }

    fn copy_if(
        &self,
        from: &Path,
        path: &Path,
        target: TargetFile,
        is_expected: impl FnOnce(Fingerprint) -> bool,
    ) -> Result<WriteResult, Error> {
        let read_error = || Error::io("can't read", from);
        let (length, hash) = hash_contents(from, |_| ()).map_err(read_error())?;
        if !is_expected(hash) {
            let reason = "it is damaged; build the site again to replace it";
            let error = io::Error::new(io::ErrorKind::InvalidData, reason);
            return Err(Error::io("can't copy", from)(error));
        }
        let mut source = regular_file::open(from).map_err(read_error())?;
        let matching_stamp = || {
            let metadata = fs::symlink_metadata(path).ok();
            let metadata =
                metadata.filter(|metadata| metadata.is_file() && metadata.len() == length)?;
            hash_contents(path, |_| ())
                .is_ok_and(|(_, other)| other == hash)
                .then(|| file_stamps::output_stamp(&FileMetadata::from_metadata(&metadata)))
        };
        let write = |file: &mut File| io::copy(&mut source, file).map(drop);
        self.write_if_changed(path, target, Content { hash, matching_stamp, write })
    }

    /// Removes a file that an earlier build wrote. Returns false if there was none.
    ///
    /// # Errors
    /// [`Error::Io`] if the file exists and can't be removed.
    pub(crate) fn remove(&self, path: &Path) -> Result<bool, Error> {
        if self.mode == WriteMode::DryRun {
            return Ok(fs::symlink_metadata(path).is_ok_and(|metadata| !metadata.is_dir()));
        }
        match fs::remove_file(path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(Error::io("can't remove", path)(error)),
        }
    }

    /// Writes content to a file. A new file is written in place. An existing one is compared, and
    /// replaced by a rename, so that a reader never sees half of it.
    fn write_if_changed(
        &self,
        path: &Path,
        target: TargetFile,
        content: Content<impl FnOnce() -> Option<u64>, impl FnOnce(&mut File) -> io::Result<()>>,
    ) -> Result<WriteResult, Error> {
        let Content { hash: content_hash, matching_stamp, write } = content;
        let unchanged =
            |stamp| WriteResult { outcome: WriteOutcome::Unchanged, stamp, content_hash };
        let written = |stamp| WriteResult { outcome: WriteOutcome::Written, stamp, content_hash };
        if self.mode == WriteMode::DryRun {
            return Ok(matching_stamp().map_or(written(file_stamps::DIRTY), unchanged));
        }
        // If the file most likely exists, trying to create it would only cost time.
        let created = match target {
            TargetFile::Existing => None,
            TargetFile::New => create_new(path)?,
        };
        let metadata = match created {
            Some(file) => write_new_file(file, path, write)?,
            None => match matching_stamp() {
                Some(stamp) => return Ok(unchanged(stamp)),
                None => self.replace_file(path, write)?,
            },
        };
        Ok(written(file_stamps::output_stamp(&FileMetadata::from_metadata(&metadata))))
    }

    /// Writes a temporary file and renames it.
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

/// The content of a file, with a function that returns the stamp of the file at the path if that
/// has the same content, and one that writes it.
struct Content<M, W> {
    hash: Fingerprint,
    matching_stamp: M,
    write: W,
}

/// Returns the length and the hash of a file's content, and passes the content to `on_chunk`.
///
/// # Errors
/// An I/O error if the file can't be read.
pub(crate) fn hash_contents(
    path: &Path,
    mut on_chunk: impl FnMut(&[u8]),
) -> io::Result<(u64, Fingerprint)> {
    let mut file = regular_file::open(path)?;
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

/// Creates a file and its folders; `None` if the path exists.
fn create_new(path: &Path) -> Result<Option<File>, Error> {
    let open = || OpenOptions::new().write(true).create_new(true).open(path);
    let folder = path.parent().unwrap_or(Path::new("."));
    // Most pages have a folder of their own in an existing one: creating it first saves looking for
    // the file.
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

/// Writes a file that was just created, and removes it if that fails.
fn write_new_file(
    mut file: File,
    path: &Path,
    write: impl FnOnce(&mut File) -> io::Result<()>,
) -> Result<Metadata, Error> {
    write(&mut file).and_then(|()| file.metadata()).map_err(|error| {
        // The first error is the one to report.
        let _ = fs::remove_file(path);
        Error::io("can't write", path)(error)
    })
}

/// Returns the stamp of the file at a path if it has these bytes.
fn stamp_if_same(path: &Path, bytes: &[u8]) -> Option<u64> {
    let metadata = fs::symlink_metadata(path).ok()?;
    let is_same = metadata.is_file()
        && metadata.len() == bytes.len() as u64
        && fs::read(path).is_ok_and(|old| old == bytes);
    is_same.then(|| file_stamps::output_stamp(&FileMetadata::from_metadata(&metadata)))
}

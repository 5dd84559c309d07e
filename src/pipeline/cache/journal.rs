//! The journal and the lock: what keeps an interrupted build, or a second one beside it, from doing
//! harm.

use std::fs::{self, File, TryLockError};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::diagnostics::Error;

/// The list of files that a build is about to create. It is there only while a build runs; one that
/// is found at the start was left by a build that was killed, and what it lists counts as written
/// by us.
pub(crate) struct Journal(PathBuf);

impl Journal {
    /// The journal that belongs to a state file, and what is in it.
    pub(crate) fn open(cache_file: &Path) -> Result<(Self, Vec<String>), Error> {
        let file = cache_file.with_extension("journal");
        let interrupted = match fs::read(&file) {
            Ok(bytes) => {
                let text = String::from_utf8_lossy(&bytes);
                // A last line without its end was cut off: that file was never created.
                let complete_lines = text.rfind('\n').map_or("", |end| &text[..end]);
                complete_lines.lines().map(str::to_owned).collect()
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(Error::io("can't read", &file)(error)),
        };
        Ok((Self(file), interrupted))
    }

    /// Lists files, if there are any. What an earlier journal lists stays known until the new one,
    /// which repeats it, is whole.
    pub(crate) fn write(&self, paths: impl Iterator<Item = String>) -> Result<(), Error> {
        let mut paths = paths.peekable();
        if paths.peek().is_none() {
            return Ok(());
        }
        let temp_path = self.temp_path();
        let write = || {
            fs::create_dir_all(self.0.parent().unwrap_or(Path::new(".")))?;
            let mut out = BufWriter::new(File::create(&temp_path)?);
            for path in paths {
                out.write_all(path.as_bytes())?;
                out.write_all(b"\n")?;
            }
            out.flush()?;
            fs::rename(&temp_path, &self.0)
        };
        write().map_err(|error| {
            // The first error is the one to tell.
            let _ = fs::remove_file(&temp_path);
            Error::io("can't write", &self.0)(error)
        })
    }

    fn temp_path(&self) -> PathBuf {
        self.0.with_extension("journal-tmp")
    }

    /// The build is whole.
    pub(crate) fn remove(&self) -> Result<(), Error> {
        // A killed build may have left one.
        let _ = fs::remove_file(self.temp_path());
        match fs::remove_file(&self.0) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(Error::io("can't remove", &self.0)(error))
            }
            _ => Ok(()),
        }
    }
}

/// Holds a site for one build. The system lets go of it when the process ends, however it ends.
pub(crate) struct Lock(
    #[expect(dead_code, reason = "holding the file holds the lock")] Option<File>,
);

impl Lock {
    /// Takes the lock; calls `waits` if another build has it, and then waits. A dry run makes no
    /// file for it: where there is none, no build ran.
    pub(crate) fn acquire(
        folder: &Path,
        dry_run: bool,
        on_wait: impl FnOnce(),
    ) -> Result<Self, Error> {
        let path = folder.join("lock");
        let open = || match dry_run {
            true => File::open(&path),
            false => {
                fs::create_dir_all(folder)?;
                File::options().create(true).truncate(false).write(true).open(&path)
            }
        };
        let file = match open() {
            Err(error) if dry_run && error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self(None));
            }
            result => result.map_err(Error::io("can't open", &path))?,
        };
        match file.try_lock() {
            Ok(()) => Ok(Self(Some(file))),
            Err(TryLockError::WouldBlock) => {
                on_wait();
                file.lock().map_err(Error::io("can't lock", &path))?;
                Ok(Self(Some(file)))
            }
            // A file system without locks: builds there are one at a time on the user's word.
            Err(TryLockError::Error(error)) if error.kind() == std::io::ErrorKind::Unsupported => {
                Ok(Self(Some(file)))
            }
            Err(TryLockError::Error(error)) => Err(Error::io("can't lock", &path)(error)),
        }
    }
}

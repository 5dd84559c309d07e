//! The journal: the list of files that a build is about to create, so that the next build knows
//! them if this one is interrupted.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::diagnostics::Error;

/// The list of files that a build is about to create. It exists only while a build runs. A journal
/// that exists before was left by an interrupted build; the files in it count as written by
/// Dateline.
pub(crate) struct Journal(PathBuf);

impl Journal {
    /// Opens the journal of a cache file, and returns the paths that an interrupted build left in
    /// it.
    ///
    /// # Errors
    /// [`Error::Io`] if there is a journal that can't be read.
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

    /// Writes the paths, if there are any. The journal of an interrupted build, whose paths must be
    /// among them, is replaced by a rename.
    ///
    /// # Errors
    /// [`Error::Io`] if the cache folder can't be written to.
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
            // The first error is the one to report.
            let _ = fs::remove_file(&temp_path);
            Error::io("can't write", &self.0)(error)
        })
    }

    fn temp_path(&self) -> PathBuf {
        self.0.with_extension("journal-tmp")
    }

    /// Removes the journal at the end of a complete build.
    ///
    /// # Errors
    /// [`Error::Io`] if it exists and can't be removed.
    pub(crate) fn remove(&self) -> Result<(), Error> {
        // An interrupted build may have left one.
        let _ = fs::remove_file(self.temp_path());
        match fs::remove_file(&self.0) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(Error::io("can't remove", &self.0)(error))
            }
            _ => Ok(()),
        }
    }
}

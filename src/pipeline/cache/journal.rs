//! The journal: the list of files that a build is about to create, so that the next build knows
//! them if this one is interrupted.

use std::fs;
use std::io::{self, BufRead as _, BufReader, BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};

use crate::diagnostics::Error;
use crate::model::permalink::is_safe_relative_path;
use crate::regular_file;

/// The length of the longest line that is read, in bytes. No path is as long.
const MAX_LINE_BYTES: u64 = 1 << 15;

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
        let interrupted = match read_paths(&file) {
            Ok(paths) => paths,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            // Something else has been put there. It is replaced.
            Err(_) if fs::symlink_metadata(&file).is_ok_and(|metadata| !metadata.is_file()) => {
                Vec::new()
            }
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
            let mut out = BufWriter::new(regular_file::create(&temp_path)?);
            for path in paths {
                out.write_all(path.as_bytes())?;
                out.write_all(b"\n")?;
            }
            out.flush()?;
            regular_file::rename(&temp_path, &self.0)
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
        let _ = regular_file::remove_any(&self.temp_path());
        regular_file::remove_any(&self.0).map_err(Error::io("can't remove", &self.0))
    }
}

/// Reads the paths of a journal. Lines that no build writes are skipped: the journal may be
/// damaged. A last line without its end was cut off: that file was never created.
fn read_paths(file: &Path) -> io::Result<Vec<String>> {
    let mut input = BufReader::with_capacity(1 << 16, regular_file::open(file)?);
    let (mut paths, mut line) = (Vec::new(), Vec::new());
    loop {
        line.clear();
        input.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut line)?;
        if line.is_empty() {
            return Ok(paths);
        }
        if line.pop_if(|byte| *byte == b'\n').is_none() {
            // The line is too long or cut off.
            input.skip_until(b'\n')?;
            continue;
        }
        let path = str::from_utf8(&line).ok();
        paths.extend(path.filter(|path| is_safe_relative_path(path)).map(str::to_owned));
    }
}

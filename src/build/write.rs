//! Write: bytes to a place in the output folder. What is the same is left alone; what is there is replaced by a rename.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::time::UNIX_EPOCH;

use crate::diagnostic::Error;

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Written,
    Unchanged,
}

/// A file's length and modification time in nanoseconds since 1970; `None` if there is no such file.
pub(super) fn stamp(path: &Path) -> Option<(u64, u64)> {
    let metadata = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
    let modified = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some((metadata.len(), modified.as_nanos() as u64))
}

/// Puts bytes at a path. A new file is written where it belongs; one that is there is compared, and replaced by a rename so that a reader
/// never sees half of it.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<Outcome, Error> {
    let folder = path.parent().unwrap_or(Path::new("."));
    match create_new(path) {
        Ok(file) => fill(file, path, bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            fs::create_dir_all(folder).map_err(Error::io("can't create", folder))?;
            let file = create_new(path).map_err(Error::io("can't write", path))?;
            fill(file, path, bytes)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => replace(path, bytes),
        Err(error) => Err(Error::io("can't write", path)(error)),
    }
}

fn create_new(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

/// Writes a file that was just created; a half-written one is taken away again.
fn fill(mut file: File, path: &Path, bytes: &[u8]) -> Result<Outcome, Error> {
    file.write_all(bytes).map_err(|error| {
        // The first error is the one to tell.
        let _ = fs::remove_file(path);
        Error::io("can't write", path)(error)
    })?;
    Ok(Outcome::Written)
}

fn replace(path: &Path, bytes: &[u8]) -> Result<Outcome, Error> {
    let same = fs::metadata(path).is_ok_and(|old| old.is_file() && old.len() == bytes.len() as u64)
        && fs::read(path).is_ok_and(|old| old == bytes);
    if same {
        return Ok(Outcome::Unchanged);
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = path.with_file_name(format!(".{name}.dateline-tmp"));
    let file = File::create(&temporary).map_err(Error::io("can't write", &temporary))?;
    fill(file, &temporary, bytes)?;
    fs::rename(&temporary, path).map_err(Error::io("can't write", path))?;
    Ok(Outcome::Written)
}

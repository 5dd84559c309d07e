//! Files of the build cache. Whatever has been put at their paths must not stop a build: a folder,
//! a symbolic link or a named pipe there is removed, and never followed or waited for.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::Path;

/// Creates a file, and its folders. Whatever exists at its path is removed first, so that nothing
/// is written through a link.
///
/// # Errors
/// The I/O error of removing what exists, or of creating the file.
pub(crate) fn create(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    remove_any(path)?;
    OpenOptions::new().read(true).write(true).create_new(true).open(path)
}

/// Renames a file to a path. A folder that exists there is removed first.
///
/// # Errors
/// The I/O error of removing the folder, or of renaming the file.
pub(crate) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    if fs::symlink_metadata(to).is_ok_and(|metadata| metadata.is_dir()) {
        fs::remove_dir_all(to)?;
    }
    fs::rename(from, to)
}

/// Removes a file, a folder with everything in it, or a link, if it exists.
///
/// # Errors
/// The I/O error of removing it.
pub(crate) fn remove_any(path: &Path) -> io::Result<()> {
    let result = match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

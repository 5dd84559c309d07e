//! Files by name: one more where there is none, never half of it.

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use tempfile::{Builder, NamedTempFile};

use crate::diagnostics::Error;

/// Puts a text at a path below a folder, with the folders that it needs. Gives whether it did: what
/// is there stays as it is.
pub(super) fn write_new(root: &Path, path: &str, text: &str) -> Result<bool, Error> {
    let file = root.join(path);
    if file.symlink_metadata().is_ok() {
        return Ok(false);
    }
    create_parent_dirs(root, path)?;
    let new = write_temp_file(&file, text.as_bytes()).map_err(Error::io("can't write", &file))?;
    match new.persist_noclobber(&file) {
        Ok(_) => Ok(true),
        // Someone else was quicker.
        Err(persist_error) if persist_error.error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(persist_error) => Err(Error::io("can't write", &file)(persist_error.error)),
    }
}

/// A file beside the one that is meant, with all its bytes.
fn write_temp_file(file: &Path, bytes: &[u8]) -> io::Result<NamedTempFile> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut builder = Builder::new();
    builder.prefix(".dateline-");
    // A temporary file is its owner's alone otherwise.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut new = builder.tempfile_in(folder.unwrap_or(Path::new(".")))?;
    new.write_all(bytes)?;
    Ok(new)
}

/// Makes the folders of a path. None of them may be a link: it could lead out of the site, and a
/// build follows none.
fn create_parent_dirs(root: &Path, path: &str) -> Result<(), Error> {
    let mut folder = root.to_owned();
    let parts = path.rsplit_once('/').map_or("", |(folders, _)| folders).split('/');
    for part in parts.filter(|part| !part.is_empty()) {
        folder.push(part);
        match folder.symlink_metadata() {
            Ok(metadata) if metadata.is_dir() => {}
            Ok(_) => {
                let message = format!(
                    "can't write {path}: {} is a file or a link, and a folder is needed there; move it out of the way",
                    folder.display()
                );
                return Err(Error::Usage(message));
            }
            Err(_) => match fs::create_dir(&folder) {
                Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                    return Err(Error::io("can't make the folder", &folder)(error));
                }
                _ => {}
            },
        }
    }
    Ok(())
}

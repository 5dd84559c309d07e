//! Creates new files, complete or not at all, without overwriting existing ones.

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use tempfile::{Builder, NamedTempFile};

use crate::diagnostics::Error;

/// Creates a file below a folder, with the folders that it needs. Returns false if the file exists,
/// which is left unchanged.
///
/// # Errors
/// [`Error::Usage`] if one of the folders is a file or a symbolic link; [`Error::Io`] if a folder
/// or the file can't be created.
pub(crate) fn write_new(root: &Path, path: &str, text: &str) -> Result<bool, Error> {
    let file = root.join(path);
    if file.symlink_metadata().is_ok() {
        return Ok(false);
    }
    create_parent_dirs(root, path)?;
    let new = write_temp_file(&file, text.as_bytes()).map_err(Error::io("can't write", &file))?;
    match new.persist_noclobber(&file) {
        Ok(_) => Ok(true),
        // Another process has created it in the meantime.
        Err(persist_error) if persist_error.error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(persist_error) => Err(Error::io("can't write", &file)(persist_error.error)),
    }
}

/// Writes a temporary file next to the final one.
fn write_temp_file(file: &Path, bytes: &[u8]) -> io::Result<NamedTempFile> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut builder = Builder::new();
    builder.prefix(".dateline-");
    // Temporary files are private by default.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut new = builder.tempfile_in(folder.unwrap_or(Path::new(".")))?;
    new.write_all(bytes)?;
    Ok(new)
}

/// Creates the folders of a path. None of them may be a symbolic link, which could point outside
/// the site; builds don't follow such links.
fn create_parent_dirs(root: &Path, path: &str) -> Result<(), Error> {
    let mut folder = root.to_owned();
    let parts = path.rsplit_once('/').map_or("", |(folders, _)| folders).split('/');
    for part in parts.filter(|part| !part.is_empty()) {
        folder.push(part);
        match folder.symlink_metadata() {
            Ok(metadata) if metadata.is_dir() => {}
            Ok(_) => {
                let message = format!(
                    "can't write {path}: {} is a file or a link, but a folder is needed there; \
                     move it somewhere else",
                    folder.display()
                );
                return Err(Error::Usage(message));
            }
            Err(_) => match fs::create_dir(&folder) {
                Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                    return Err(Error::io("can't create the folder", &folder)(error));
                }
                _ => {}
            },
        }
    }
    Ok(())
}

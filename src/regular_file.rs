//! Opens and creates regular files. Opening a named pipe waits for a writer, reading a device may
//! never end, and a folder can't be read at all: to read one of them is an error. Where a file of
//! the program is to be created, they are removed.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::Path;

/// Opens a regular file for reading. Symbolic links are followed.
///
/// # Errors
/// The I/O error of opening it, or an error that it is a folder, a named pipe, a socket or a
/// device.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    open_with_metadata(path).map(|(file, _)| file)
}

/// Opens a regular file for reading, and returns its metadata. Symbolic links are followed.
///
/// # Errors
/// The same as those of [`open()`].
pub(crate) fn open_with_metadata(path: &Path) -> io::Result<(File, Metadata)> {
    let file = open_nonblocking(path)?;
    let metadata = file.metadata()?;
    if metadata.is_file() { Ok((file, metadata)) } else { Err(not_a_file(&metadata)) }
}

/// Reads a regular file.
///
/// # Errors
/// The same as those of [`open()`], or an I/O error of reading.
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let (mut file, metadata) = open_with_metadata(path)?;
    // A sparse file can claim any length: what doesn't fit into memory must not be reserved.
    let mut bytes = Vec::with_capacity(metadata.len().min(1 << 20) as usize);
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Reads a regular file of at most a number of bytes.
///
/// # Errors
/// The same as those of [`read`], or an error that it is longer.
pub(crate) fn read_up_to(path: &Path, max_bytes: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.take(max_bytes.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > max_bytes {
        let message = format!("it is longer than {max_bytes} bytes");
        return Err(io::Error::new(io::ErrorKind::InvalidData, message));
    }
    Ok(bytes)
}

/// Returns true if a regular file consists of these bytes. No more than those are read.
pub(crate) fn has_content(path: &Path, bytes: &[u8]) -> bool {
    read_up_to(path, bytes.len() as u64).is_ok_and(|old| old == bytes)
}

/// Reads a file of the cache as text.
///
/// # Errors
/// The same as those of [`read_up_to`], or an error that it isn't UTF-8.
pub(crate) fn read_cached_text(path: &Path) -> io::Result<String> {
    /// The program writes none that is longer.
    const MAX_BYTES: u64 = 256 << 20;
    String::from_utf8(read_up_to(path, MAX_BYTES)?).map_err(not_utf8)
}

/// Reads a regular file as text.
///
/// # Errors
/// The same as those of [`read`], or an error that it isn't UTF-8.
pub(crate) fn read_to_string(path: &Path) -> io::Result<String> {
    String::from_utf8(read(path)?).map_err(not_utf8)
}

fn not_utf8(_: std::string::FromUtf8Error) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "it isn't UTF-8")
}

/// Returns the error that a path leads to something other than a regular file.
pub(crate) fn not_a_file(metadata: &Metadata) -> io::Error {
    if metadata.is_dir() {
        io::Error::new(io::ErrorKind::IsADirectory, "it is a folder, not a file")
    } else {
        io::Error::other("it is a named pipe, a socket or a device, not a file")
    }
}

/// Opens a file without waiting for the other end of a named pipe (`O_NONBLOCK`, POSIX `open`).
#[cfg(unix)]
fn open_nonblocking(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
    OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path)
}

#[cfg(not(unix))]
fn open_nonblocking(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).open(path)
}

/// Creates a file, and its folders. Whatever exists at its path is removed first, so that nothing
/// is written through a link or to a pipe.
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

/// Creates a file with some content, as [`create`] does.
///
/// # Errors
/// The same as those of [`create`], or an I/O error of writing.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    create(path)?.write_all(bytes)
}

/// Renames a file or folder. A folder at the new path is removed first.
///
/// # Errors
/// The I/O error of removing the folder, or of renaming the file.
pub(crate) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    if fs::symlink_metadata(to).is_ok_and(|metadata| metadata.is_dir()) {
        fs::remove_dir_all(to)?;
    }
    fs::rename(from, to)
}

/// Removes a file, a link, or a folder with everything in it, if it exists.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_files_are_read_only_so_far() {
        let folder = tempfile::tempdir().expect("a folder is created");
        let path = folder.path().join("sparse");
        let file = File::create(&path).expect("the file is created");
        file.set_len(1 << 40).expect("it claims a length");
        assert!(read_up_to(&path, 100).is_err() && !has_content(&path, b"text"));
        fs::write(&path, "text").expect("the file is written");
        assert_eq!(read_up_to(&path, 4).expect("it is short enough"), b"text");
        assert!(has_content(&path, b"text") && !has_content(&path, b"tex"));
        assert_eq!(read_cached_text(&path).expect("it is text"), "text");
    }
}

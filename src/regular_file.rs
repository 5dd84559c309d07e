//! Opens files that must be regular files. Opening a named pipe waits for a writer, reading a
//! device may never end, and a folder can't be read at all: each of them is an error instead.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read as _};
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
/// The same as those of [`open`].
pub(crate) fn open_with_metadata(path: &Path) -> io::Result<(File, Metadata)> {
    let file = open_nonblocking(path)?;
    let metadata = file.metadata()?;
    if metadata.is_file() { Ok((file, metadata)) } else { Err(not_a_file(&metadata)) }
}

/// Reads a regular file.
///
/// # Errors
/// The same as those of [`open`], or an I/O error of reading.
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let (mut file, metadata) = open_with_metadata(path)?;
    // A sparse file can claim any length: what doesn't fit into memory must not be reserved.
    let mut bytes = Vec::with_capacity(metadata.len().min(1 << 20) as usize);
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Reads a regular file as text.
///
/// # Errors
/// The same as those of [`read`], or an error that it isn't UTF-8.
pub(crate) fn read_to_string(path: &Path) -> io::Result<String> {
    let not_utf8 = |_| io::Error::new(io::ErrorKind::InvalidData, "it isn't UTF-8");
    String::from_utf8(read(path)?).map_err(not_utf8)
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

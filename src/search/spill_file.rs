//! Temporary files for sections of a segment that are complete only when earlier ones are written.

use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

/// A temporary file that is written, then read once and removed.
pub(super) struct SpillFile {
    path: PathBuf,
    file: BufWriter<File>,
}

impl SpillFile {
    /// Creates the file, or empties an existing one.
    ///
    /// # Errors
    /// An I/O error if the file can't be created.
    pub(super) fn new(path: PathBuf) -> io::Result<Self> {
        let file =
            File::options().create(true).truncate(true).read(true).write(true).open(&path)?;
        Ok(Self { path, file: BufWriter::with_capacity(1 << 16, file) })
    }

    /// Appends bytes.
    ///
    /// # Errors
    /// An I/O error if the bytes can't be written, for example because the disk is full.
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)
    }

    /// Passes all bytes to `on_chunk` in pieces, and removes the file.
    ///
    /// # Errors
    /// An I/O error if the file can't be written, read or removed; the error of `on_chunk`.
    pub(super) fn drain(self, mut on_chunk: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        let mut file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.seek(SeekFrom::Start(0))?;
        let mut buffer = vec![0; 1 << 16];
        loop {
            match file.read(&mut buffer)? {
                0 => return std::fs::remove_file(&self.path),
                read => on_chunk(&buffer[..read])?,
            }
        }
    }
}

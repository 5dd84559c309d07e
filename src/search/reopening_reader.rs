//! A reader that keeps its file open only while it reads: a large archive has more partial indexes
//! than a process may have open files.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use crate::model::codec::Decoder;

/// The minimum number of bytes of a read.
const MIN_READ_BYTES: usize = 1 << 14;
/// The maximum size of a number (LEB128), in bytes.
pub(super) const MAX_VARINT_BYTES: usize = 10;

/// The error for a file whose contents no build can have written.
pub(super) fn corrupt_index_error() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        "the search index in the build cache is damaged; build again with --force",
    )
}

/// A buffered reader of a file, from an offset on.
pub(super) struct ReopeningReader {
    path: PathBuf,
    /// The offset of the next read.
    offset: u64,
    buffer: Vec<u8>,
    consumed: usize,
}

impl ReopeningReader {
    pub(super) fn new(path: &Path, offset: u64) -> Self {
        Self { path: path.to_owned(), offset, buffer: Vec::new(), consumed: 0 }
    }

    /// Returns the next bytes without consuming them: at least `min_bytes`, except at the end of
    /// the file.
    ///
    /// # Errors
    /// An I/O error if the file can't be opened or read.
    pub(super) fn peek(&mut self, min_bytes: usize) -> io::Result<&[u8]> {
        if self.buffer.len() - self.consumed < min_bytes {
            self.buffer.drain(..self.consumed);
            self.consumed = 0;
            let missing = (min_bytes - self.buffer.len()).max(MIN_READ_BYTES);
            let mut file = File::open(&self.path)?;
            file.seek(SeekFrom::Start(self.offset))?;
            self.offset += file.take(missing as u64).read_to_end(&mut self.buffer)? as u64;
        }
        Ok(&self.buffer[self.consumed..])
    }

    /// Reads the next number; `None` at the end of the file.
    ///
    /// # Errors
    /// An I/O error if the file can't be opened or read.
    pub(super) fn read_varint(&mut self) -> io::Result<Option<u64>> {
        let bytes = self.peek(MAX_VARINT_BYTES)?;
        let mut decoder = Decoder(bytes);
        let number = decoder.varint();
        let length = bytes.len() - decoder.0.len();
        self.consume(length);
        Ok(number)
    }

    /// Skips bytes that [`Self::peek`] returned.
    pub(super) fn consume(&mut self, bytes: usize) {
        self.consumed += bytes;
    }
}

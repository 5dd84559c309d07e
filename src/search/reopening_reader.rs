//! A file that is open only while it is read: a large archive has more parts than a process may
//! have files.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use crate::model::codec::Decoder;

/// How many bytes are read at once, at least.
const MIN_READ_BYTES: usize = 1 << 14;
/// The most bytes of a number.
pub(super) const MAX_VARINT_BYTES: usize = 10;

/// What is said of a file that can't have been written so.
pub(super) fn corrupt_index_error() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        "a part of the search index is damaged; remove the state folder",
    )
}

/// A file, read from some place on.
pub(super) struct ReopeningReader {
    path: PathBuf,
    /// How far it was read.
    offset: u64,
    buffer: Vec<u8>,
    consumed: usize,
}

impl ReopeningReader {
    pub(super) fn new(path: &Path, offset: u64) -> Self {
        Self { path: path.to_owned(), offset: offset, buffer: Vec::new(), consumed: 0 }
    }

    /// What comes next: so many bytes or more, if the file has them.
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

    /// The next number, unless the file is at its end.
    pub(super) fn read_varint(&mut self) -> io::Result<Option<u64>> {
        let bytes = self.peek(MAX_VARINT_BYTES)?;
        let mut decoder = Decoder(bytes);
        let number = decoder.varint();
        let length = bytes.len() - decoder.0.len();
        self.consume(length);
        Ok(number)
    }

    /// Goes on by so many of them.
    pub(super) fn consume(&mut self, bytes: usize) {
        self.consumed += bytes;
    }
}

//! A file that is open only while it is read: a large archive has more parts than a process may have files.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use crate::model::codec::Decoder;

/// How many bytes are read at once, at least.
const CHUNK: usize = 1 << 14;
/// The most bytes of a number.
pub(super) const NUMBER: usize = 10;

/// What is said of a file that can't have been written so.
pub(super) fn damaged() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        "a part of the search index is damaged; remove the state folder",
    )
}

/// A file, read from some place on.
pub(super) struct Reopened {
    file: PathBuf,
    /// How far it was read.
    read: u64,
    buffer: Vec<u8>,
    at: usize,
}

impl Reopened {
    pub(super) fn new(file: &Path, from: u64) -> Self {
        Self { file: file.to_owned(), read: from, buffer: Vec::new(), at: 0 }
    }

    /// What comes next: so many bytes or more, if the file has them.
    pub(super) fn next(&mut self, bytes: usize) -> io::Result<&[u8]> {
        if self.buffer.len() - self.at < bytes {
            self.buffer.drain(..self.at);
            self.at = 0;
            let missing = (bytes - self.buffer.len()).max(CHUNK);
            let mut file = File::open(&self.file)?;
            file.seek(SeekFrom::Start(self.read))?;
            self.read += file.take(missing as u64).read_to_end(&mut self.buffer)? as u64;
        }
        Ok(&self.buffer[self.at..])
    }

    /// The next number, unless the file is at its end.
    pub(super) fn number(&mut self) -> io::Result<Option<u64>> {
        let bytes = self.next(NUMBER)?;
        let mut from = Decoder(bytes);
        let number = from.number();
        let length = bytes.len() - from.0.len();
        self.skip(length);
        Ok(number)
    }

    /// Goes on by so many of them.
    pub(super) fn skip(&mut self, bytes: usize) {
        self.at += bytes;
    }
}

//! DEFLATE (RFC 1951), as browsers inflate it themselves.

use std::io::Read as _;

use flate2::read::DeflateDecoder;
use flate2::{Compress, Compression, FlushCompress, Status};

/// Compresses one text after the other with the same memory.
pub(super) struct Deflater(Compress);

impl Deflater {
    /// `level` is from 1, the fastest, to 9, the smallest.
    pub(super) fn new(level: u32) -> Self {
        Self(Compress::new(Compression::new(level), false))
    }

    /// Puts bytes, compressed, behind others.
    pub(super) fn compress_into(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> std::io::Result<()> {
        self.0.reset();
        loop {
            out.reserve(bytes.len() / 2 + 64);
            let read = self.0.total_in() as usize;
            match self.0.compress_vec(&bytes[read..], out, FlushCompress::Finish) {
                Ok(Status::StreamEnd) => return Ok(()),
                Ok(_) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// The most that a compressed text may come to, in bytes.
const MAX_INFLATED_BYTES: u64 = 16 << 20;

/// What was compressed.
pub(super) fn inflate(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut out = Vec::new();
    DeflateDecoder::new(bytes).take(MAX_INFLATED_BYTES).read_to_end(&mut out)?;
    Ok(out)
}

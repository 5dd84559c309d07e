//! DEFLATE (RFC 1951), which browsers decompress natively.

use std::io::Read as _;

use flate2::read::DeflateDecoder;
use flate2::{Compress, Compression, FlushCompress, Status};

/// A compressor that reuses its memory for each text.
pub(super) struct Deflater(Compress);

impl Deflater {
    /// Creates a compressor of a level from 1, the fastest, to 9, the smallest output.
    pub(super) fn new(level: u32) -> Self {
        Self(Compress::new(Compression::new(level), false))
    }

    /// Appends compressed bytes to `out`.
    ///
    /// # Errors
    /// An I/O error if the compressor fails, which doesn't happen with a valid level.
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

/// The maximum size of a decompressed text, in bytes.
const MAX_INFLATED_BYTES: u64 = 16 << 20;

/// Decompresses bytes.
///
/// # Errors
/// `InvalidInput` if the bytes aren't DEFLATE data.
pub(super) fn inflate(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut out = Vec::new();
    DeflateDecoder::new(bytes).take(MAX_INFLATED_BYTES).read_to_end(&mut out)?;
    Ok(out)
}

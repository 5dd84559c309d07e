//! Texts that are compressed in files: the text chunks of PNG, and gzip. The redaction audit
//! searches them.

use std::io::Read;

use flate2::read::{MultiGzDecoder, ZlibDecoder};

/// The first bytes of a PNG (section 5.2).
const PNG_SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
/// The first bytes of gzip (RFC 1952, section 2.3.1).
const GZIP_SIGNATURE: &[u8] = b"\x1f\x8b";
/// The longest text that is read, in bytes.
const MAX_TEXT_BYTES: u64 = 64 << 20;

/// Returns true if a file that begins with these bytes may contain compressed texts.
pub(crate) fn may_have_compressed_texts(start: &[u8]) -> bool {
    start.starts_with(PNG_SIGNATURE) || start.starts_with(GZIP_SIGNATURE)
}

/// Returns the compressed texts of a file.
pub(crate) fn compressed_texts(bytes: &[u8]) -> Vec<Vec<u8>> {
    if bytes.starts_with(GZIP_SIGNATURE) {
        return vec![read_to_end(MultiGzDecoder::new(bytes))];
    }
    let mut texts = Vec::new();
    let mut rest = bytes.strip_prefix(PNG_SIGNATURE).unwrap_or_default();
    while let Some((chunk, next)) = split_chunk(rest) {
        let compressed = match chunk.kind {
            // A keyword, a NUL, the method.
            b"zTXt" | b"iCCP" => after_nul(chunk.data).and_then(|data| data.get(1..)),
            // A keyword, a NUL, a flag, the method, two texts that end with a NUL.
            b"iTXt" => after_nul(chunk.data)
                .filter(|data| data.first() == Some(&1))
                .and_then(|data| after_nul(data.get(2..)?))
                .and_then(after_nul),
            _ => None,
        };
        texts.extend(compressed.map(|data| read_to_end(ZlibDecoder::new(data))));
        rest = next;
    }
    texts
}

/// A chunk of a PNG (section 5.3).
struct Chunk<'a> {
    kind: &'a [u8],
    data: &'a [u8],
}

fn split_chunk(bytes: &[u8]) -> Option<(Chunk<'_>, &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (kind, rest) = rest.split_at_checked(4)?;
    let (data, rest) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
    Some((Chunk { kind, data }, rest.get(4..).unwrap_or_default()))
}

fn after_nul(data: &[u8]) -> Option<&[u8]> {
    data.iter().position(|&byte| byte == 0).map(|end| &data[end + 1..])
}

/// Reads a stream as far as it is valid.
fn read_to_end(stream: impl Read) -> Vec<u8> {
    let mut text = Vec::new();
    // What was read before an error is a text, too.
    let _ = stream.take(MAX_TEXT_BYTES).read_to_end(&mut text);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::{GzEncoder, ZlibEncoder};
    use std::io::Write as _;

    fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
        [&(data.len() as u32).to_be_bytes()[..], kind, data, &[0; 4]].concat()
    }

    #[test]
    fn texts_are_inflated() {
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::best());
        zlib.write_all(b"Jane Doe").unwrap();
        let zlib = zlib.finish().unwrap();
        let ztxt = [b"Author\0\0", &zlib[..]].concat();
        let itxt = [b"Author\0\x01\0en\0Autor\0", &zlib[..]].concat();
        let plain = b"Author\0\0\0en\0Autor\0Jane".to_vec();
        let png = [
            PNG_SIGNATURE.to_vec(),
            chunk(b"zTXt", &ztxt),
            chunk(b"iTXt", &plain),
            chunk(b"iTXt", &itxt),
        ];
        let png = png.concat();
        assert!(may_have_compressed_texts(&png));
        assert_eq!(compressed_texts(&png), [b"Jane Doe", b"Jane Doe"]);
        assert_eq!(compressed_texts(&png[..png.len() - 20]).len(), 1);
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        gzip.write_all(b"Jane Doe").unwrap();
        assert_eq!(compressed_texts(&gzip.finish().unwrap()), [b"Jane Doe"]);
        assert!(!may_have_compressed_texts(b"GIF89a") && compressed_texts(b"GIF89a").is_empty());
    }
}

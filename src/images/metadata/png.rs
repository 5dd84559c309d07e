//! PNG files (PNG, third edition): the chunks that decode or animate the image stay.

use super::exif;
use super::fields::{Fields, Problem};
use super::texts::{KeptTexts, Texts, decode_text, inflate_text, read_xmp, write_xmp};

pub(super) const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
const XMP_KEYWORD: &[u8] = b"XML:com.adobe.xmp";

/// A chunk: its type and its data.
struct Chunk<'a> {
    kind: [u8; 4],
    data: &'a [u8],
    /// False if the file ends in it.
    is_complete: bool,
}

/// Splits off the first chunk; `None` at the end of the file.
fn next_chunk<'a>(bytes: &mut &'a [u8]) -> Option<Chunk<'a>> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (kind, rest) = rest.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    let is_complete = length.checked_add(4).is_some_and(|end| end <= rest.len());
    let data = &rest[..length.min(rest.len())];
    *bytes = if is_complete { &rest[length + 4..] } else { &[] };
    Some(Chunk { kind: *kind, data, is_complete })
}

fn push_chunk(file: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    file.extend((data.len() as u32).to_be_bytes());
    let start = file.len();
    file.extend(kind);
    file.extend(data);
    let checksum = crc32fast::hash(&file[start..]);
    file.extend(checksum.to_be_bytes());
}

/// Returns the file with nothing but its image, its orientation and the kept texts. A file that
/// ends early gets an end, even if it has no image yet.
///
/// # Errors
/// [`Problem::Unsupported`] if it can't be decoded without a chunk that isn't in the standard.
pub(super) fn clean(bytes: &[u8], keep: KeptTexts) -> Result<Vec<u8>, Problem> {
    let mut rest = bytes.get(SIGNATURE.len()..).unwrap_or_default();
    let (mut header, mut image, mut fields) = (Vec::new(), Vec::new(), Fields::default());
    while let Some(Chunk { kind, data, is_complete }) = next_chunk(&mut rest) {
        if !is_complete && !matches!(&kind, b"IHDR" | b"IDAT" | b"fdAT") {
            break;
        }
        match &kind {
            b"IEND" => break,
            b"IHDR" if header.is_empty() => push_chunk(&mut header, &kind, data),
            b"PLTE" | b"IDAT" | b"tRNS" | b"gAMA" | b"cHRM" | b"sRGB" | b"sBIT" | b"bKGD"
            | b"pHYs" | b"cICP" | b"mDCV" | b"cLLI" | b"acTL" | b"fcTL" | b"fdAT" => {
                push_chunk(&mut image, &kind, data);
            }
            b"iCCP" => push_chunk(&mut image, &kind, &rename_profile(data)),
            _ if kind[0].is_ascii_uppercase() && &kind != b"IHDR" => {
                return Err(Problem::Unsupported("it has a chunk that isn't in the standard"));
            }
            _ => read_metadata(kind, data, &mut fields),
        }
    }
    let texts = fields.texts.filtered(keep);
    let mut file = [SIGNATURE, &header].concat();
    if let Some(block) = exif::write(fields.orientation.unwrap_or(1), &texts) {
        push_chunk(&mut file, b"eXIf", &block);
    }
    if let Some(packet) = write_xmp(&texts.credit_only()) {
        // Not compressed, without a language and a translated keyword.
        push_chunk(&mut file, b"iTXt", &[XMP_KEYWORD, &[0; 5], &packet].concat());
    }
    file.extend(image);
    push_chunk(&mut file, b"IEND", &[]);
    Ok(file)
}

/// Replaces the name of a color profile, which is any text.
fn rename_profile(data: &[u8]) -> Vec<u8> {
    let name_end = memchr::memchr(0, data).unwrap_or(data.len());
    [b"ICC profile", &data[name_end..]].concat()
}

/// Reads the fields of a chunk that is left out.
fn read_metadata(kind: [u8; 4], data: &[u8], fields: &mut Fields) {
    match &kind {
        b"eXIf" => {
            let found = exif::read(data);
            fields.orientation = fields.orientation.or(found.orientation);
            fields.texts.add_missing(found.texts);
        }
        b"tEXt" | b"zTXt" | b"iTXt" => {
            fields.texts.add_missing(read_text(kind, data).unwrap_or_default());
        }
        _ => {}
    }
}

/// Reads a chunk with a text (section 11.3.3).
fn read_text(kind: [u8; 4], data: &[u8]) -> Option<Texts> {
    let (keyword, rest) = split_at_zero(data)?;
    let is_wanted = matches!(keyword, b"Copyright" | b"Author") || keyword == XMP_KEYWORD;
    if !is_wanted {
        return None;
    }
    let inflated;
    let text = match &kind {
        b"tEXt" => rest,
        b"zTXt" => {
            inflated = inflate_text(rest.get(1..)?)?;
            &inflated
        }
        _ => {
            let (is_compressed, rest) = (*rest.first()? == 1, rest.get(2..)?);
            let (_, rest) = split_at_zero(rest)?;
            let (_, rest) = split_at_zero(rest)?;
            if is_compressed {
                inflated = inflate_text(rest)?;
                &inflated
            } else {
                rest
            }
        }
    };
    Some(match keyword {
        b"Copyright" => Texts { copyright: decode_text(text), ..Texts::default() },
        b"Author" => Texts { artist: decode_text(text), ..Texts::default() },
        _ => read_xmp(text),
    })
}

fn split_at_zero(data: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = memchr::memchr(0, data)?;
    Some((&data[..end], &data[end + 1..]))
}

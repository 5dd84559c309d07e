//! WebP files (RFC 9649): the chunks that decode or animate the image stay.

use super::exif;
use super::fields::{Fields, Problem};
use super::texts::{KeptTexts, read_xmp, write_xmp};

const PROFILE_FLAG: u8 = 0x20;
const ALPHA_FLAG: u8 = 0x10;
const EXIF_FLAG: u8 = 0x08;
const XMP_FLAG: u8 = 0x04;
const ANIMATION_FLAG: u8 = 0x02;

/// Splits off the first chunk: its type and its data, which is shorter than stated if the file ends
/// in it; `None` at the end.
fn next_chunk<'a>(bytes: &mut &'a [u8]) -> Option<([u8; 4], &'a [u8])> {
    let (kind, rest) = bytes.split_first_chunk::<4>()?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    let data = &rest[..length.min(rest.len())];
    *bytes = rest.get(length.checked_next_multiple_of(2)?..).unwrap_or_default();
    Some((*kind, data))
}

fn push_chunk(file: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    file.extend(kind);
    file.extend((data.len() as u32).to_le_bytes());
    file.extend(data);
    file.extend(std::iter::repeat_n(0, data.len() % 2));
}

/// Returns the file with only its image, its orientation and the kept texts. A file that
/// ends early stays without the rest.
///
/// # Errors
/// [`Problem::Damaged`] if it ends in a header.
pub(super) fn clean(bytes: &[u8], keep: KeptTexts) -> Result<Vec<u8>, Problem> {
    let stated_length = bytes.get(4..8).and_then(|length| length.try_into().ok());
    let stated_length = stated_length.map_or(0, |length| u32::from_le_bytes(length) as usize);
    // The stated length counts from the format's name, `WEBP`.
    let end = stated_length.saturating_add(8).min(bytes.len());
    let mut rest = bytes.get(12..end).unwrap_or_default();
    let mut header: Option<Vec<u8>> = None;
    let (mut image, mut fields) = (Vec::new(), Fields::default());
    let mut has_image = false;
    while let Some((kind, data)) = next_chunk(&mut rest) {
        match &kind {
            b"VP8X" if header.is_none() && !has_image => {
                header = Some(data.get(..10).ok_or(CUT_HEADER)?.to_vec());
            }
            b"VP8 " | b"VP8L" | b"ANIM" | b"ALPH" | b"ICCP" => {
                has_image |= kind.starts_with(b"VP8");
                push_chunk(&mut image, &kind, data);
            }
            b"ANMF" => {
                has_image = true;
                push_chunk(&mut image, &kind, &clean_frame(data).ok_or(CUT_HEADER)?);
            }
            b"EXIF" => {
                let found = exif::read(data);
                // Without its flag, no reader looks for the chunk.
                let is_valid = header.as_ref().is_some_and(|header| header[0] & EXIF_FLAG != 0);
                let orientation = found.orientation.filter(|_| is_valid);
                fields.orientation = fields.orientation.or(orientation);
                fields.texts.add_missing(found.texts);
            }
            b"XMP " => fields.texts.add_missing(read_xmp(data)),
            _ => {}
        }
    }
    Ok(assemble(header, image, &fields, keep))
}

const CUT_HEADER: Problem = Problem::Damaged("it is cut off in a header");

fn assemble(header: Option<Vec<u8>>, image: Vec<u8>, fields: &Fields, keep: KeptTexts) -> Vec<u8> {
    let texts = fields.texts.filtered(keep);
    let block = exif::write(fields.orientation.unwrap_or(1), &texts);
    let packet = write_xmp(&texts.credit_only());
    let mut chunks = Vec::new();
    // A file in the simple format has no header and no chunks for texts: it gets a header for them.
    let needs_header = block.is_some() || packet.is_some();
    let header = header.or_else(|| needs_header.then(|| extended_header(&image)).flatten());
    if let Some(mut header) = header {
        let flags = &mut header[0];
        *flags &= PROFILE_FLAG | ALPHA_FLAG | ANIMATION_FLAG;
        *flags |= block.as_ref().map_or(0, |_| EXIF_FLAG);
        *flags |= packet.as_ref().map_or(0, |_| XMP_FLAG);
        push_chunk(&mut chunks, b"VP8X", &header);
        chunks.extend(image);
        block.iter().for_each(|block| push_chunk(&mut chunks, b"EXIF", block));
        packet.iter().for_each(|packet| push_chunk(&mut chunks, b"XMP ", packet));
    } else {
        chunks.extend(image);
    }
    let length = chunks.len() as u32 + 4;
    [b"RIFF", &length.to_le_bytes()[..], b"WEBP", &chunks].concat()
}

/// Returns a frame of an animation with only its position, its duration and its image.
fn clean_frame(data: &[u8]) -> Option<Vec<u8>> {
    let mut frame = data.get(..16)?.to_vec();
    let mut rest = &data[16..];
    while let Some((kind, data)) = next_chunk(&mut rest) {
        if matches!(&kind, b"ALPH" | b"VP8 " | b"VP8L") {
            push_chunk(&mut frame, &kind, data);
        }
    }
    Some(frame)
}

/// Returns the header of the extended format (section 2.7) for an image in the simple format.
fn extended_header(chunks: &[u8]) -> Option<Vec<u8>> {
    let data = chunks.get(8..)?;
    let (width, height, flags) = match chunks.get(..4)? {
        b"VP8 " => {
            // A key frame's tag, its start code, then two sizes of 14 bits (RFC 6386, section 9.1).
            let size = |at: usize| Some(u16::from_le_bytes([*data.get(at)?, *data.get(at + 1)?]));
            (u32::from(size(6)? & 0x3fff), u32::from(size(8)? & 0x3fff), 0)
        }
        _ => {
            // A signature, then two sizes of 14 bits less one, and the alpha bit (section 3.4).
            let bits = u32::from_le_bytes(data.get(1..5)?.try_into().ok()?);
            let alpha = if bits >> 28 & 1 == 1 { ALPHA_FLAG } else { 0 };
            ((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1, alpha)
        }
    };
    let size_bytes = |size: u32| size.checked_sub(1).map(u32::to_le_bytes);
    let ([a, b, c, _], [d, e, f, _]) = (size_bytes(width)?, size_bytes(height)?);
    Some(vec![flags, 0, 0, 0, a, b, c, d, e, f])
}

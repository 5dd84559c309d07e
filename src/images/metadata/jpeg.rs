//! JPEG files (ITU T.81, annex B): the segments that decode the image stay.

use super::exif;
use super::fields::{Fields, Problem};
use super::texts::{KeptTexts, read_photoshop, read_xmp, write_xmp};

const XMP_NAME: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";

/// The kept parts of a file, and the fields of its metadata.
#[derive(Default)]
struct Parts {
    /// The JFIF segment without its thumbnail; it comes first.
    jfif: Option<Vec<u8>>,
    /// All other kept segments and scans, in their order.
    image: Vec<u8>,
    has_scan: bool,
    has_exif: bool,
    fields: Fields,
}

/// The end of the segments that could be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// The marker at the end of an image.
    Marker,
    /// The end of the file.
    File,
}

/// Returns the file with only its image, its orientation and the kept texts.
///
/// # Errors
/// [`Problem::Truncated`] with the fields of the file if its image has no end.
pub(super) fn clean(bytes: &[u8], keep: KeptTexts) -> Result<Vec<u8>, Problem> {
    let mut parts = Parts::default();
    let end = read_segments(bytes, &mut parts);
    // Without a scan there are no pixels, and everything was parsed.
    if end == End::File && parts.has_scan {
        return Err(Problem::Truncated(parts.fields));
    }
    Ok(assemble(parts, keep))
}

/// Returns a clean file with the fields of another one.
pub(super) fn with_fields(bytes: &[u8], fields: Fields, keep: KeptTexts) -> Option<Vec<u8>> {
    let mut parts = Parts::default();
    let end = read_segments(bytes, &mut parts);
    parts.fields = fields;
    (end == End::Marker && parts.has_scan).then(|| assemble(parts, keep))
}

/// Returns a stream inside a TIFF file without application data that doesn't change its pixels.
pub(super) fn clean_stream(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut parts = Parts::default();
    if !bytes.starts_with(&[0xff, 0xd8]) || read_segments(bytes, &mut parts) == End::File {
        return None;
    }
    parts.fields = Fields::default();
    Some(assemble(parts, KeptTexts::default()))
}

fn assemble(parts: Parts, keep: KeptTexts) -> Vec<u8> {
    let mut file = vec![0xff, 0xd8];
    if let Some(jfif) = &parts.jfif {
        push_segment(&mut file, 0xe0, jfif);
    }
    let texts = parts.fields.texts.filtered(keep);
    if let Some(block) = exif::write(parts.fields.orientation.unwrap_or(1), &texts) {
        push_segment(&mut file, 0xe1, &[b"Exif\0\0", &block[..]].concat());
    }
    if let Some(packet) = write_xmp(&texts.credit_only()) {
        push_segment(&mut file, 0xe1, &[XMP_NAME, &packet].concat());
    }
    file.extend(parts.image);
    file.extend([0xff, 0xd9]);
    file
}

/// Appends a segment. All that are written are shorter than 65,533 bytes.
fn push_segment(file: &mut Vec<u8>, marker: u8, payload: &[u8]) {
    file.extend([0xff, marker]);
    file.extend((payload.len() as u16 + 2).to_be_bytes());
    file.extend(payload);
}

/// Returns the next marker at or after an offset, with the offset after it. Any number of fill
/// bytes may precede a marker (section B.1.1.2); other bytes between segments are dropped.
fn next_marker(bytes: &[u8], mut offset: usize) -> Option<(u8, usize)> {
    loop {
        offset += memchr::memchr(0xff, bytes.get(offset..)?)?;
        match bytes.get(offset + 1)? {
            0xff => offset += 1,
            0 => offset += 2,
            marker => return Some((*marker, offset + 2)),
        }
    }
}

/// Reads segments until the end of the image.
fn read_segments(bytes: &[u8], parts: &mut Parts) -> End {
    let mut offset = 2;
    loop {
        let Some((marker, after_marker)) = next_marker(bytes, offset) else { return End::File };
        offset = after_marker;
        match marker {
            0xd9 => return End::Marker,
            // Markers without a segment.
            0xd8 | 0xd0..=0xd7 | 0x01 => continue,
            _ => {}
        }
        let length = bytes.get(offset..).and_then(|rest| rest.first_chunk::<2>());
        let length = length.map_or(0, |length| usize::from(u16::from_be_bytes(*length)));
        let Some(payload) = bytes.get(offset + 2..offset + length).filter(|_| length >= 2) else {
            return End::File;
        };
        offset += length;
        read_segment(marker, payload, parts);
        if marker == 0xda {
            parts.has_scan = true;
            let Some(length) = scan_length(&bytes[offset..]) else { return End::File };
            parts.image.extend(&bytes[offset..offset + length]);
            offset += length;
        }
    }
}

/// Returns the length of the coded data at the start of some bytes: up to a marker that isn't a
/// restart. `None` if there is no such marker.
fn scan_length(bytes: &[u8]) -> Option<usize> {
    let mut offset = 0;
    loop {
        offset += memchr::memchr(0xff, bytes.get(offset..)?)?;
        match bytes.get(offset + 1)? {
            0 | 0xd0..=0xd7 => offset += 2,
            0xff => offset += 1,
            _ => return Some(offset),
        }
    }
}

/// Keeps a segment, or reads its fields.
fn read_segment(marker: u8, payload: &[u8], parts: &mut Parts) {
    match marker {
        // Frames, tables, restart intervals, scans.
        0xc0..=0xcf | 0xda..=0xdf => push_segment(&mut parts.image, marker, payload),
        0xe0 if payload.starts_with(b"JFIF\0") && parts.jfif.is_none() => {
            // After the density come the size of a thumbnail and its pixels.
            parts.jfif = payload.get(..12).map(|head| [head, &[0, 0]].concat());
        }
        0xe1 if payload.starts_with(b"Exif\0\0") => {
            let fields = exif::read(payload);
            // As in browsers, only the first block sets the orientation.
            if !parts.has_exif {
                parts.fields.orientation = fields.orientation;
            }
            parts.has_exif = true;
            parts.fields.texts.add_missing(fields.texts);
        }
        0xe1 if payload.starts_with(XMP_NAME) => {
            parts.fields.texts.add_missing(read_xmp(&payload[XMP_NAME.len()..]));
        }
        0xe2 if payload.starts_with(b"ICC_PROFILE\0") => {
            push_segment(&mut parts.image, marker, payload);
        }
        0xed if payload.starts_with(b"Photoshop 3.0\0") => {
            parts.fields.texts.add_missing(read_photoshop(&payload[14..]));
        }
        0xee if payload.starts_with(b"Adobe") && payload.len() >= 12 => {
            push_segment(&mut parts.image, marker, &payload[..12]);
        }
        _ => {}
    }
}

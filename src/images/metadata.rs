//! The metadata of an image: its orientation, and where it was taken. JPEG
//! (JFIF, segments), PNG (chunks) and WebP (RIFF) each wrap the same EXIF block, which is laid out
//! like a TIFF file (EXIF 2.32, section 4.5), and the same XMP packet.

use std::io::{Cursor, Read, Seek, SeekFrom};
use std::ops::Range;

const ORIENTATION: u16 = 274;
const GPS: u16 = 0x8825;

/// The largest block that is read, in bytes.
const MAX_BLOCK_BYTES: u64 = 1 << 20;
/// The maximum number of segments that are read of a file.
const MAX_SEGMENTS: usize = 10_000;
/// The maximum number of entries that are read of a directory.
const MAX_ENTRIES: u16 = 1_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum BlockKind {
    Exif,
    Xmp,
}

/// A block of metadata and its range in the file.
struct MetadataBlock {
    kind: BlockKind,
    range: Range<u64>,
    /// In a PNG, the start of the checked part: the chunk's type. The checksum follows the block.
    checksum_start: Option<u64>,
}

/// Returns the orientation of an image, 1 to 8 (EXIF 2.32, tag 274); 1 if there is none.
pub(super) fn orientation(mut file: impl Read + Seek) -> u16 {
    let blocks = find_blocks(&mut file).unwrap_or_default();
    let exif = blocks.into_iter().find(|block| block.kind == BlockKind::Exif);
    let read = |block: MetadataBlock| {
        let mut bytes = vec![0; usize::try_from(block.range.end - block.range.start).ok()?];
        file.seek(SeekFrom::Start(block.range.start)).ok()?;
        file.read_exact(&mut bytes).ok()?;
        let tiff = Tiff::new(&bytes)?;
        let entry = tiff.find_entry(tiff.first_directory()?, ORIENTATION)?;
        tiff.read_short(entry + 8)
    };
    exif.and_then(read).filter(|value| (1..=8).contains(value)).unwrap_or(1)
}

/// The file without its GPS location, if it contains one: the entries of the GPS directory and the
/// values that they refer to become zeros, and an XMP packet that mentions GPS becomes spaces. No
/// offset changes.
pub(super) fn strip_location(bytes: &[u8]) -> Option<Vec<u8>> {
    let blocks = find_blocks(&mut Cursor::new(bytes))?;
    let mut clean = bytes.to_vec();
    let mut is_changed = false;
    for block in blocks {
        let range =
            usize::try_from(block.range.start).ok()?..usize::try_from(block.range.end).ok()?;
        let block_bytes = clean.get_mut(range.clone())?;
        let changed = match block.kind {
            BlockKind::Exif => erase_gps(block_bytes),
            BlockKind::Xmp => {
                memchr::memmem::find(block_bytes, b"GPS").map(|_| block_bytes.fill(b' ')).is_some()
            }
        };
        if changed && let Some(start) = block.checksum_start {
            let checksum = crc32fast::hash(clean.get(usize::try_from(start).ok()?..range.end)?);
            clean.get_mut(range.end..range.end + 4)?.copy_from_slice(&checksum.to_be_bytes());
        }
        is_changed |= changed;
    }
    is_changed.then_some(clean)
}

fn find_blocks(file: &mut (impl Read + Seek)) -> Option<Vec<MetadataBlock>> {
    let mut head = [0; 12];
    file.read_exact(&mut head).ok()?;
    match head {
        [0xff, 0xd8, ..] => find_jpeg_blocks(file),
        [0x89, b'P', b'N', b'G', ..] => find_chunk_blocks(file, ChunkFormat::Png),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P'] => {
            find_chunk_blocks(file, ChunkFormat::WebP)
        }
        _ => None,
    }
}

/// Segments of a JPEG up to its first scan (ITU T.81, annex B).
fn find_jpeg_blocks(file: &mut (impl Read + Seek)) -> Option<Vec<MetadataBlock>> {
    let mut blocks = Vec::new();
    let mut offset = 2;
    for _ in 0..MAX_SEGMENTS {
        let mut head = [0; 4];
        file.seek(SeekFrom::Start(offset)).ok()?;
        let Ok(()) = file.read_exact(&mut head) else { break };
        let length = u64::from(u16::from_be_bytes([head[2], head[3]]));
        match head[1] {
            _ if head[0] != 0xff || length < 2 => break,
            0xda => break,
            0xe1 => {
                let mut name = [0; 29];
                let read = file.read(&mut name).ok()?;
                let (start, end) = (offset + 4, offset + 2 + length);
                if name[..read].starts_with(b"Exif\0\0") && start + 6 < end {
                    blocks.push(MetadataBlock {
                        kind: BlockKind::Exif,
                        range: start + 6..end,
                        checksum_start: None,
                    });
                } else if name[..read].starts_with(b"http://ns.adobe.com/") && start + 29 < end {
                    blocks.push(MetadataBlock {
                        kind: BlockKind::Xmp,
                        range: start + 29..end,
                        checksum_start: None,
                    });
                }
            }
            _ => {}
        }
        offset += 2 + length;
    }
    Some(blocks)
}

/// A format whose files consist of chunks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ChunkFormat {
    /// PNG (section 5.3 of its specification): the length comes first, a checksum last.
    Png,
    /// WebP (RFC 9649, section 2.3): the type comes first, and lengths are padded to even numbers.
    WebP,
}

impl ChunkFormat {
    /// Returns the length of the file's header in bytes.
    fn header_len(self) -> u64 {
        match self {
            Self::Png => 8,
            Self::WebP => 12,
        }
    }

    /// Reads the length and the type at the start of a chunk.
    fn parse_head(self, [a, b, c, d, e, f, g, h]: [u8; 8]) -> (u32, [u8; 4]) {
        match self {
            Self::Png => (u32::from_be_bytes([a, b, c, d]), [e, f, g, h]),
            Self::WebP => (u32::from_le_bytes([e, f, g, h]), [a, b, c, d]),
        }
    }
}

/// Finds the metadata in the chunks of a file.
fn find_chunk_blocks(
    file: &mut (impl Read + Seek),
    format: ChunkFormat,
) -> Option<Vec<MetadataBlock>> {
    let is_png = format == ChunkFormat::Png;
    let mut blocks = Vec::new();
    let mut offset = format.header_len();
    for _ in 0..MAX_SEGMENTS {
        let mut bytes = [0; 8];
        file.seek(SeekFrom::Start(offset)).ok()?;
        let Ok(()) = file.read_exact(&mut bytes) else { break };
        let (length, kind) = format.parse_head(bytes);
        let length = u64::from(length);
        let range = offset + 8..offset + 8 + length;
        let kind = match &kind {
            b"eXIf" | b"EXIF" => Some(BlockKind::Exif),
            b"iTXt" | b"XMP " => Some(BlockKind::Xmp),
            _ => None,
        };
        if let Some(kind) = kind.filter(|_| length <= MAX_BLOCK_BYTES) {
            // The keyword of a PNG's text stays, so that the chunk stays well formed:
            // `XML:com.adobe.xmp` and five zeros.
            let keyword = if is_png && kind == BlockKind::Xmp { 22.min(length) } else { 0 };
            let range = range.start + keyword..range.end;
            blocks.push(MetadataBlock {
                kind,
                range,
                checksum_start: is_png.then_some(offset + 4),
            });
        }
        offset += 8 + length + if is_png { 4 } else { length % 2 };
    }
    Some(blocks)
}

/// A block in the format of a TIFF file (TIFF 6.0, section 2). Every offset in it is validated.
struct Tiff<'a> {
    bytes: &'a [u8],
    is_big_endian: bool,
}

impl<'a> Tiff<'a> {
    fn new(bytes: &'a [u8]) -> Option<Self> {
        // Some programs write the name of the JPEG segment into other files, too.
        let bytes = bytes.strip_prefix(b"Exif\0\0").unwrap_or(bytes);
        match bytes.get(..4)? {
            b"II*\0" => Some(Self { bytes, is_big_endian: false }),
            b"MM\0*" => Some(Self { bytes, is_big_endian: true }),
            _ => None,
        }
    }

    fn read_short(&self, offset: usize) -> Option<u16> {
        let bytes = self.bytes.get(offset..offset.checked_add(2)?)?.try_into().ok()?;
        Some(if self.is_big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    }

    fn read_long(&self, offset: usize) -> Option<usize> {
        let bytes = self.bytes.get(offset..offset.checked_add(4)?)?.try_into().ok()?;
        usize::try_from(if self.is_big_endian {
            u32::from_be_bytes(bytes)
        } else {
            u32::from_le_bytes(bytes)
        })
        .ok()
    }

    /// Returns the offset of the first directory.
    fn first_directory(&self) -> Option<usize> {
        self.read_long(4)
    }

    /// Returns the offset of a directory's entries.
    fn entries(&self, directory: usize) -> impl Iterator<Item = usize> + use<> {
        let count = self.read_short(directory).unwrap_or(0).min(MAX_ENTRIES);
        (0..usize::from(count)).map(move |number| directory + 2 + number * 12)
    }

    fn find_entry(&self, directory: usize, tag: u16) -> Option<usize> {
        self.entries(directory).find(|entry| self.read_short(*entry) == Some(tag))
    }

    /// Returns the range of an entry's values that don't fit into the entry.
    fn value_range(&self, entry: usize) -> Option<Range<usize>> {
        let size = match self.read_short(entry + 2)? {
            1 | 2 | 6 | 7 => 1,
            3 | 8 => 2,
            4 | 9 | 11 => 4,
            5 | 10 | 12 => 8,
            _ => return None,
        };
        let length = self.read_long(entry + 4)?.checked_mul(size).filter(|length| *length > 4)?;
        let start = self.read_long(entry + 8)?;
        Some(start..start.checked_add(length).filter(|end| *end <= self.bytes.len())?)
    }
}

/// Zeros the GPS directory of an EXIF block. Returns true if it had any entry.
fn erase_gps(block: &mut [u8]) -> bool {
    let start = if block.starts_with(b"Exif\0\0") { 6 } else { 0 };
    let gps_ranges = || {
        let tiff = Tiff::new(block)?;
        let gps = tiff.read_long(tiff.find_entry(tiff.first_directory()?, GPS)? + 8)?;
        let entries: Vec<usize> = tiff.entries(gps).collect();
        let mut ranges: Vec<Range<usize>> =
            entries.iter().filter_map(|at| tiff.value_range(*at)).collect();
        ranges.extend(entries.iter().map(|at| *at..*at + 12));
        ranges.push(gps..gps + 2);
        (!entries.is_empty()).then_some(ranges)
    };
    let Some(ranges) = gps_ranges() else { return false };
    for range in ranges {
        if let Some(bytes) = block.get_mut(start + range.start..start + range.end) {
            bytes.fill(0);
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An EXIF block with an orientation and a GPS latitude of 51° 30′, in either byte order.
    fn exif(big: bool, orientation: u16) -> Vec<u8> {
        let u16_bytes = |value: u16| if big { value.to_be_bytes() } else { value.to_le_bytes() };
        let u32_bytes = |value: u32| if big { value.to_be_bytes() } else { value.to_le_bytes() };
        let entry = |tag: u16, kind: u16, count: u32, value: [u8; 4]| {
            [&u16_bytes(tag)[..], &u16_bytes(kind), &u32_bytes(count), &value].concat()
        };
        let short = |value: u16| [u16_bytes(value)[0], u16_bytes(value)[1], 0, 0];
        let mut block = if big { b"MM\0*".to_vec() } else { b"II*\0".to_vec() };
        block.extend(u32_bytes(8));
        block.extend(u16_bytes(2));
        block.extend(entry(ORIENTATION, 3, 1, short(orientation)));
        block.extend(entry(GPS, 4, 1, u32_bytes(38)));
        block.extend(u32_bytes(0));
        block.extend(u16_bytes(1));
        block.extend(entry(2, 5, 3, u32_bytes(56)));
        block.extend(u32_bytes(0));
        for number in [51_u32, 1, 30, 1, 0, 1] {
            block.extend(u32_bytes(number));
        }
        block
    }

    fn jpeg(exif: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0xff, 0xd8, 0xff, 0xe1];
        bytes.extend((exif.len() as u16 + 8).to_be_bytes());
        bytes.extend(b"Exif\0\0");
        bytes.extend(exif);
        let xmp = b"http://ns.adobe.com/xap/1.0/\0<x exif:GPSLatitude='51,30N'/>";
        bytes.extend([0xff, 0xe1]);
        bytes.extend((xmp.len() as u16 + 2).to_be_bytes());
        bytes.extend(xmp);
        bytes.extend([0xff, 0xda, 0, 2, 1, 2, 3]);
        bytes
    }

    fn png(exif: &[u8]) -> Vec<u8> {
        let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
        let checked = [b"eXIf", exif].concat();
        bytes.extend((exif.len() as u32).to_be_bytes());
        bytes.extend(&checked);
        bytes.extend(crc32fast::hash(&checked).to_be_bytes());
        bytes
    }

    fn webp(exif: &[u8]) -> Vec<u8> {
        let mut bytes = b"RIFF\0\0\0\0WEBPVP8 \x03\0\0\0abc\0EXIF".to_vec();
        bytes.extend((exif.len() as u32).to_le_bytes());
        bytes.extend(exif);
        bytes
    }

    #[test]
    fn the_way_up_is_read_from_every_kind_of_file() {
        for big in [false, true] {
            let block = exif(big, 6);
            for file in [jpeg(&block), png(&block), webp(&block)] {
                assert_eq!(orientation(Cursor::new(file)), 6);
            }
        }
        assert_eq!(orientation(Cursor::new(jpeg(&exif(false, 77)))), 1);
        assert_eq!(orientation(Cursor::new(b"GIF89a, and nothing".to_vec())), 1);
    }

    #[test]
    fn only_the_location_is_removed() {
        for big in [false, true] {
            let block = exif(big, 6);
            for file in [jpeg(&block), png(&block), webp(&block)] {
                let clean = strip_location(&file).expect("there was a place");
                assert_eq!(clean.len(), file.len());
                assert_eq!(orientation(Cursor::new(&clean)), 6);
                let number = if big { 51_u32.to_be_bytes() } else { 51_u32.to_le_bytes() };
                let holds = |file: &[u8], text: &[u8]| memchr::memmem::find(file, text).is_some();
                assert!(holds(&file, &number) && !holds(&clean, &number) && !holds(&clean, b"GPS"));
                assert_eq!(strip_location(&clean), None);
            }
        }
        let file = png(&exif(true, 1));
        let clean = strip_location(&file).expect("there was a place");
        let (checked, sum) = clean[12..].split_at(clean.len() - 16);
        assert_eq!(crc32fast::hash(checked).to_be_bytes(), sum);
    }

    #[test]
    fn no_bytes_make_it_stumble() {
        let file = jpeg(&exif(false, 6));
        for length in 0..file.len() {
            let _ = (orientation(Cursor::new(&file[..length])), strip_location(&file[..length]));
            for value in [0, 1, 0x7f, 0xff] {
                let mut changed = file.clone();
                changed[length] = value;
                let _ = (orientation(Cursor::new(&changed)), strip_location(&changed));
            }
        }
    }
}

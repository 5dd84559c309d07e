//! EXIF blocks (EXIF 2.32, section 4.5), which are laid out like TIFF files: reading the few fields
//! that a published image keeps, and writing a block that has only these.

use super::texts::{Texts, decode_text};

const ORIENTATION: u16 = 0x0112;
const ARTIST: u16 = 0x013b;
const COPYRIGHT: u16 = 0x8298;

/// The maximum number of entries that are read of a directory.
const MAX_ENTRIES: u16 = 1_000;

/// A block in the format of a TIFF file (TIFF 6.0, section 2). Every offset in it is validated.
pub(super) struct TiffBlock<'a> {
    bytes: &'a [u8],
    is_big_endian: bool,
}

impl<'a> TiffBlock<'a> {
    /// Reads the header; `None` if it isn't one.
    pub(super) fn new(bytes: &'a [u8]) -> Option<Self> {
        // Some programs write the name of the JPEG segment into other files, too.
        let bytes = bytes.strip_prefix(b"Exif\0\0").unwrap_or(bytes);
        match bytes.get(..4)? {
            b"II*\0" => Some(Self { bytes, is_big_endian: false }),
            b"MM\0*" => Some(Self { bytes, is_big_endian: true }),
            _ => None,
        }
    }

    pub(super) fn read_short(&self, offset: usize) -> Option<u16> {
        let bytes = self.bytes.get(offset..offset.checked_add(2)?)?.try_into().ok()?;
        Some(if self.is_big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    }

    pub(super) fn read_long(&self, offset: usize) -> Option<usize> {
        let bytes = self.bytes.get(offset..offset.checked_add(4)?)?.try_into().ok()?;
        usize::try_from(if self.is_big_endian {
            u32::from_be_bytes(bytes)
        } else {
            u32::from_le_bytes(bytes)
        })
        .ok()
    }

    /// Returns the offsets of a directory's entries that lie inside the block.
    pub(super) fn entries(&self, directory: usize) -> impl Iterator<Item = usize> + use<> {
        let count = self.read_short(directory).unwrap_or(0).min(MAX_ENTRIES);
        let length = self.bytes.len();
        (0..usize::from(count))
            .map_while(move |number| directory.checked_add(2 + number * 12))
            .take_while(move |entry| entry.checked_add(12).is_some_and(|end| end <= length))
    }

    /// Returns the bytes of an entry's values; `None` if its type is unknown or the values lie
    /// outside the block.
    pub(super) fn value(&self, entry: usize) -> Option<&'a [u8]> {
        let size = match self.read_short(entry + 2)? {
            1 | 2 | 6 | 7 => 1,
            3 | 8 => 2,
            4 | 9 | 11 | 13 => 4,
            5 | 10 | 12 => 8,
            _ => return None,
        };
        let length = self.read_long(entry + 4)?.checked_mul(size)?;
        let start = if length <= 4 { entry + 8 } else { self.read_long(entry + 8)? };
        self.bytes.get(start..start.checked_add(length)?)
    }

    fn find(&self, directory: usize, tag: u16) -> Option<usize> {
        self.entries(directory).find(|entry| self.read_short(*entry) == Some(tag))
    }
}

/// The fields of an EXIF block that a published image may keep.
#[derive(Debug, Default)]
pub(super) struct ExifFields {
    /// The orientation, 1 to 8 (tag 274); `None` if the block has none.
    pub(super) orientation: Option<u16>,
    pub(super) texts: Texts,
}

/// Reads the fields of the first directory.
pub(super) fn read(block: &[u8]) -> ExifFields {
    let fields = || {
        let tiff = TiffBlock::new(block)?;
        let directory = tiff.read_long(4)?;
        let text = |tag| decode_text(tiff.value(tiff.find(directory, tag)?)?);
        let orientation =
            tiff.find(directory, ORIENTATION).and_then(|entry| tiff.read_short(entry + 8));
        Some(ExifFields {
            orientation: orientation.filter(|value| (1..=8).contains(value)),
            texts: Texts { copyright: text(COPYRIGHT), artist: text(ARTIST), credit: None },
        })
    };
    fields().unwrap_or_default()
}

/// Returns a block with an orientation and texts; `None` if there is nothing to write, since 1 is
/// the orientation of an image without one.
pub(super) fn write(orientation: u16, texts: &Texts) -> Option<Vec<u8>> {
    let mut fields: Vec<(u16, u16, Vec<u8>)> = Vec::new();
    if orientation > 1 {
        fields.push((ORIENTATION, 3, orientation.to_le_bytes().to_vec()));
    }
    for (tag, text) in [(ARTIST, &texts.artist), (COPYRIGHT, &texts.copyright)] {
        if let Some(text) = text {
            fields.push((tag, 2, [text.as_bytes(), b"\0"].concat()));
        }
    }
    if fields.is_empty() {
        return None;
    }
    let mut values_offset = 8 + 2 + fields.len() * 12 + 4;
    let mut directory = u16::try_from(fields.len()).ok()?.to_le_bytes().to_vec();
    let mut values = Vec::new();
    for (tag, kind, value) in fields {
        let count = if kind == 3 { 1 } else { value.len() };
        directory.extend(tag.to_le_bytes());
        directory.extend(kind.to_le_bytes());
        directory.extend(u32::try_from(count).ok()?.to_le_bytes());
        if value.len() <= 4 {
            let mut inline = value;
            inline.resize(4, 0);
            directory.extend(inline);
        } else {
            directory.extend(u32::try_from(values_offset).ok()?.to_le_bytes());
            // Offsets are even (TIFF 6.0, section 2).
            let padding = value.len() % 2;
            values_offset += value.len() + padding;
            values.extend(value);
            values.extend(std::iter::repeat_n(0, padding));
        }
    }
    Some([&b"II*\0\x08\0\0\0"[..], &directory, &[0; 4], &values].concat())
}

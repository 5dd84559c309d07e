//! TIFF files (TIFF 6.0): each page is written again with the tags that decode it.

use std::collections::BTreeMap;

use super::exif::TiffBlock;
use super::fields::Problem;
use super::jpeg;
use super::texts::{KeptTexts, Texts, decode_text, read_iptc, read_photoshop, read_xmp, write_xmp};

const DAMAGED: Problem = Problem::Damaged("its directories are damaged");

/// The tags that decode a page's pixels, or place and number it, except those of its data.
const KEPT_TAGS: &[u16] = &[
    254, 255, 256, 257, 258, 259, 262, 263, 264, 265, 266, 274, 277, 278, 280, 281, 282, 283, 284,
    286, 287, 290, 291, 292, 293, 296, 297, 301, 317, 318, 319, 320, 321, 322, 323, 332, 334, 336,
    338, 339, 340, 341, 342, 529, 530, 531, 532, 34675,
];
const SUBFILE_TYPE: u16 = 254;
const COMPRESSION: u16 = 259;
const STRIP_OFFSETS: u16 = 273;
const STRIP_LENGTHS: u16 = 279;
const TILE_OFFSETS: u16 = 324;
const TILE_LENGTHS: u16 = 325;
const JPEG_TABLES: u16 = 347;
const XMP: u16 = 700;
const IPTC: u16 = 33723;
const PHOTOSHOP: u16 = 34377;
const ARTIST: u16 = 315;
const COPYRIGHT: u16 = 33432;

const ASCII: u16 = 2;
const LONG: u16 = 4;
const UNDEFINED: u16 = 7;
const BYTE: u16 = 1;

/// The maximum number of pages.
const MAX_PAGES: usize = 10_000;

/// A page: its fields by tag, each with its type, its number of values and their bytes; and the
/// strips or tiles of its image.
#[derive(Default)]
struct Page {
    fields: BTreeMap<u16, (u16, u32, Vec<u8>)>,
    is_tiled: bool,
    data: Vec<Vec<u8>>,
}

/// Returns the file with only its pages, without thumbnails, and the kept texts.
///
/// # Errors
/// [`Problem::Damaged`] or [`Problem::Unsupported`] if its structure isn't understood.
pub(super) fn clean(bytes: &[u8], keep: KeptTexts) -> Result<Vec<u8>, Problem> {
    if matches!(bytes.get(..4), Some(b"II+\0" | b"MM\0+")) {
        return Err(Problem::Unsupported("it has the form for files of more than 4 GB"));
    }
    let source = TiffSource { tiff: TiffBlock::new(bytes).ok_or(DAMAGED)?, bytes };
    let mut pages = Vec::new();
    let mut texts = Texts::default();
    let mut directory = source.tiff.read_long(4).ok_or(DAMAGED)?;
    let mut seen = Vec::new();
    let mut bytes_left = bytes.len();
    while directory != 0 {
        if seen.contains(&directory) || seen.len() >= MAX_PAGES {
            return Err(DAMAGED);
        }
        seen.push(directory);
        let count = usize::from(source.tiff.read_short(directory).ok_or(DAMAGED)?);
        let is_thumbnail = source.number(directory, SUBFILE_TYPE).is_some_and(|kind| kind & 1 == 1);
        if pages.is_empty() || !is_thumbnail {
            let page = source.read_page(directory)?;
            let length = page.data.iter().map(Vec::len).sum();
            // Pages that share data could make a large file of a small one.
            bytes_left = bytes_left.checked_sub(length).ok_or(DAMAGED)?;
            pages.push(page);
            texts.add_missing(source.texts(directory));
        }
        directory = source.tiff.read_long(directory + 2 + count * 12).unwrap_or(0);
    }
    let first = pages.first_mut().ok_or(DAMAGED)?;
    add_texts(first, &texts.filtered(keep));
    Ok(write(&pages, bytes.starts_with(b"MM")))
}

fn add_texts(page: &mut Page, texts: &Texts) {
    for (tag, text) in [(ARTIST, &texts.artist), (COPYRIGHT, &texts.copyright)] {
        if let Some(text) = text {
            let value = [text.as_bytes(), b"\0"].concat();
            page.fields.insert(tag, (ASCII, value.len() as u32, value));
        }
    }
    if let Some(packet) = write_xmp(&texts.credit_only()) {
        page.fields.insert(XMP, (BYTE, packet.len() as u32, packet));
    }
}

struct TiffSource<'a> {
    tiff: TiffBlock<'a>,
    bytes: &'a [u8],
}

impl<'a> TiffSource<'a> {
    fn entry(&self, directory: usize, tag: u16) -> Option<usize> {
        self.tiff.entries(directory).find(|entry| self.tiff.read_short(*entry) == Some(tag))
    }

    fn value(&self, directory: usize, tag: u16) -> Option<&'a [u8]> {
        self.tiff.value(self.entry(directory, tag)?)
    }

    /// Returns the values of a field of numbers.
    fn numbers(&self, directory: usize, tag: u16) -> Option<Vec<usize>> {
        let entry = self.entry(directory, tag)?;
        let value = self.tiff.value(entry)?;
        let start = value.as_ptr() as usize - self.bytes.as_ptr() as usize;
        match self.tiff.read_short(entry + 2)? {
            3 => (0..value.len() / 2)
                .map(|index| self.tiff.read_short(start + index * 2).map(usize::from))
                .collect(),
            4 => (0..value.len() / 4).map(|index| self.tiff.read_long(start + index * 4)).collect(),
            _ => None,
        }
    }

    fn number(&self, directory: usize, tag: u16) -> Option<usize> {
        self.numbers(directory, tag)?.first().copied()
    }

    fn read_page(&self, directory: usize) -> Result<Page, Problem> {
        let mut page = Page::default();
        for entry in self.tiff.entries(directory) {
            let tag = self.tiff.read_short(entry).ok_or(DAMAGED)?;
            if KEPT_TAGS.contains(&tag) {
                let kind = self.tiff.read_short(entry + 2).ok_or(DAMAGED)?;
                let count = self.tiff.read_long(entry + 4).ok_or(DAMAGED)?;
                let value = self.tiff.value(entry).ok_or(DAMAGED)?;
                page.fields.insert(tag, (kind, count as u32, value.to_vec()));
            }
        }
        let compression = self.number(directory, COMPRESSION).unwrap_or(1);
        if matches!(compression, 6 | 33003 | 33005 | 34712) {
            return Err(Problem::Unsupported("its image is coded in a way that isn't supported"));
        }
        let is_jpeg = compression == 7;
        if let Some(tables) = self.value(directory, JPEG_TABLES).filter(|_| is_jpeg) {
            let tables = jpeg::clean_stream(tables).ok_or(DAMAGED)?;
            page.fields.insert(JPEG_TABLES, (UNDEFINED, tables.len() as u32, tables));
        }
        page.is_tiled = self.entry(directory, TILE_OFFSETS).is_some();
        let [offsets, lengths] = if page.is_tiled {
            [TILE_OFFSETS, TILE_LENGTHS]
        } else {
            [STRIP_OFFSETS, STRIP_LENGTHS]
        };
        let offsets = self.numbers(directory, offsets).ok_or(DAMAGED)?;
        let lengths = self.numbers(directory, lengths).ok_or(DAMAGED)?;
        if offsets.len() != lengths.len() {
            return Err(DAMAGED);
        }
        let mut bytes_left = self.bytes.len();
        for (offset, length) in offsets.into_iter().zip(lengths) {
            bytes_left = bytes_left.checked_sub(length).ok_or(DAMAGED)?;
            let end = offset.checked_add(length).ok_or(DAMAGED)?;
            let data = self.bytes.get(offset..end).ok_or(DAMAGED)?;
            page.data.push(if is_jpeg && !data.is_empty() {
                jpeg::clean_stream(data).ok_or(DAMAGED)?
            } else {
                data.to_vec()
            });
        }
        Ok(page)
    }

    /// Returns the texts of a page that may be kept.
    fn texts(&self, directory: usize) -> Texts {
        let text = |tag| decode_text(self.value(directory, tag)?);
        let mut texts = Texts { copyright: text(COPYRIGHT), artist: text(ARTIST), credit: None };
        let block = |tag| self.value(directory, tag).unwrap_or_default();
        texts.add_missing(read_xmp(block(XMP)));
        texts.add_missing(read_iptc(block(IPTC)));
        texts.add_missing(read_photoshop(block(PHOTOSHOP)));
        texts
    }
}

/// Writes a file of pages, whose values are in the given byte order.
fn write(pages: &[Page], is_big_endian: bool) -> Vec<u8> {
    let short =
        |number: u16| if is_big_endian { number.to_be_bytes() } else { number.to_le_bytes() };
    let long =
        |number: u32| if is_big_endian { number.to_be_bytes() } else { number.to_le_bytes() };
    let mut file = [if is_big_endian { b"MM" } else { b"II" }, &short(42)[..], &[0; 4]].concat();
    // The position of the offset of the next directory.
    let mut link = 4;
    for page in pages {
        let mut fields = page.fields.clone();
        let (mut offsets, mut lengths) = (Vec::new(), Vec::new());
        for data in &page.data {
            offsets.extend(long(file.len() as u32));
            lengths.extend(long(data.len() as u32));
            file.extend(data);
            file.extend(std::iter::repeat_n(0, data.len() % 2));
        }
        let tags = if page.is_tiled {
            [TILE_OFFSETS, TILE_LENGTHS]
        } else {
            [STRIP_OFFSETS, STRIP_LENGTHS]
        };
        let count = page.data.len() as u32;
        fields.insert(tags[0], (LONG, count, offsets));
        fields.insert(tags[1], (LONG, count, lengths));
        let mut directory = short(fields.len() as u16).to_vec();
        for (tag, (kind, count, mut value)) in fields {
            directory.extend([short(tag), short(kind)].concat());
            directory.extend(long(count));
            if value.len() <= 4 {
                value.resize(4, 0);
                directory.extend(value);
            } else {
                directory.extend(long(file.len() as u32));
                file.extend(&value);
                file.extend(std::iter::repeat_n(0, value.len() % 2));
            }
        }
        let position = long(file.len() as u32);
        file[link..link + 4].copy_from_slice(&position);
        link = file.len() + directory.len();
        file.extend(directory);
        file.extend([0; 4]);
    }
    file
}

//! Windows bitmaps and icons, which have no metadata but may have anything between and after their
//! parts.

use super::boxes::erase_others;
use super::fields::Problem;
use super::png;
use super::texts::KeptTexts;

const DAMAGED: Problem = Problem::Damaged("its header is damaged");

fn read_short(bytes: &[u8], offset: usize) -> Option<usize> {
    let bytes = bytes.get(offset..)?.first_chunk()?;
    Some(usize::from(u16::from_le_bytes(*bytes)))
}

fn read_long(bytes: &[u8], offset: usize) -> Option<usize> {
    usize::try_from(u32::from_le_bytes(*bytes.get(offset..)?.first_chunk()?)).ok()
}

/// Returns a bitmap with nothing but its headers, its colors, its color profile and its pixels.
///
/// # Errors
/// [`Problem::Damaged`] if its parts don't fit into the file.
pub(super) fn clean_bitmap(bytes: &[u8]) -> Result<Vec<u8>, Problem> {
    let header = BitmapHeader::read(bytes).ok_or(DAMAGED)?;
    let pixels_end = header.pixels.checked_add(header.pixel_bytes).ok_or(DAMAGED)?;
    let mut kept_ranges = vec![0..header.colors_end, header.pixels..pixels_end.min(bytes.len())];
    if let Some((offset, length)) = header.profile {
        kept_ranges.push(offset..offset.checked_add(length).ok_or(DAMAGED)?);
    }
    let end = kept_ranges.iter().map(|range| range.end).max().ok_or(DAMAGED)?;
    let mut file = bytes.get(..end).ok_or(DAMAGED)?.to_vec();
    erase_others(&mut file, 0..end, &mut kept_ranges);
    file[2..6].copy_from_slice(&(end as u32).to_le_bytes());
    // Reserved for the application that made the file.
    file[6..10].fill(0);
    if header.has_linked_profile {
        // The profile's file name isn't kept: its kind becomes sRGB.
        file[14 + 56..14 + 60].copy_from_slice(b"BGRs");
        file[14 + 112..14 + 120].fill(0);
    }
    Ok(file)
}

struct BitmapHeader {
    /// The end of the headers, the masks and the palette.
    colors_end: usize,
    pixels: usize,
    pixel_bytes: usize,
    /// The offset and the length of an embedded color profile.
    profile: Option<(usize, usize)>,
    has_linked_profile: bool,
}

impl BitmapHeader {
    fn read(bytes: &[u8]) -> Option<Self> {
        let pixels = read_long(bytes, 10)?;
        let header_bytes = read_long(bytes, 14)?;
        let is_core = header_bytes == 12;
        if !is_core && header_bytes < 40 {
            return None;
        }
        let (width, height, depth) = if is_core {
            (read_short(bytes, 18)?, read_short(bytes, 20)?, read_short(bytes, 24)?)
        } else {
            // A negative height is that of an image whose first row comes first.
            let height = i32::from_le_bytes(*bytes.get(22..)?.first_chunk()?).unsigned_abs();
            (read_long(bytes, 18)?, usize::try_from(height).ok()?, read_short(bytes, 28)?)
        };
        let (compression, stated_bytes, palette) = if is_core {
            (0, 0, 0)
        } else {
            (read_long(bytes, 30)?, read_long(bytes, 34)?, read_long(bytes, 46)?)
        };
        let row_bytes = width.checked_mul(depth)?.div_ceil(32).checked_mul(4)?;
        let pixel_bytes = match compression {
            0 | 3 | 6 => row_bytes.checked_mul(height)?,
            _ => stated_bytes,
        };
        let full_palette = if depth <= 8 { 1 << depth } else { 0 };
        let colors = if palette == 0 { full_palette } else { palette.min(256) };
        let color_bytes = colors * if is_core { 3 } else { 4 };
        let masks = if header_bytes == 40 && matches!(compression, 3 | 6) { 16 } else { 0 };
        let colors_end = (14 + header_bytes).checked_add(masks + color_bytes)?.min(pixels);
        let profile_kind = bytes.get(14 + 56..14 + 60).filter(|_| header_bytes >= 124);
        let profile = match profile_kind {
            Some(b"DEBM") => {
                let offset = read_long(bytes, 14 + 112)?.checked_add(14)?;
                Some((offset, read_long(bytes, 14 + 116)?))
            }
            _ => None,
        };
        let has_linked_profile = profile_kind == Some(b"KNIL");
        Some(Self { colors_end, pixels, pixel_bytes, profile, has_linked_profile })
    }
}

/// Returns an icon or cursor with nothing but its images.
///
/// # Errors
/// [`Problem::Damaged`] if its images don't fit into the file, or one has metadata that can't be
/// removed.
pub(super) fn clean_icon(bytes: &[u8]) -> Result<Vec<u8>, Problem> {
    let count = read_short(bytes, 4).ok_or(DAMAGED)?;
    let header_bytes = 6 + count * 16;
    let mut file = bytes.get(..header_bytes).ok_or(DAMAGED)?.to_vec();
    let mut bytes_left = bytes.len();
    for entry in (0..count).map(|index| 6 + index * 16) {
        let (length, offset) = (read_long(bytes, entry + 8), read_long(bytes, entry + 12));
        let (length, offset) = length.zip(offset).ok_or(DAMAGED)?;
        let end = offset.checked_add(length).ok_or(DAMAGED)?;
        let image = bytes.get(offset..end).ok_or(DAMAGED)?;
        bytes_left = bytes_left.checked_sub(length).ok_or(DAMAGED)?;
        let image = if image.starts_with(png::SIGNATURE) {
            png::clean(image, KeptTexts::default())?
        } else {
            image.to_vec()
        };
        let (length, offset) = (image.len() as u32, file.len() as u32);
        file[entry + 8..entry + 12].copy_from_slice(&length.to_le_bytes());
        file[entry + 12..entry + 16].copy_from_slice(&offset.to_le_bytes());
        file.extend(image);
    }
    Ok(file)
}

//! The parts of an image's header that decide how it is shown and decoded: its orientation, whether
//! it is animated, and how many bytes a pixel takes.

use std::io::{Read, Seek, SeekFrom};

use super::exif;
use super::png::SIGNATURE;

/// The largest block that is read, in bytes.
const MAX_BLOCK_BYTES: u64 = 1 << 20;
/// The maximum number of segments or chunks that are read of a file.
const MAX_SEGMENTS: usize = 10_000;

const EXIF_FLAG: u8 = 0x08;
const ANIMATION_FLAG: u8 = 0x02;

/// The header of an image, as browsers read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ImageHeader {
    /// 1 to 8 (EXIF 2.32, tag 274); 1 if there is none.
    pub(crate) orientation: u16,
    /// True if the file may have more than one frame.
    pub(crate) is_animated: bool,
    /// The most bytes of memory that a decoder takes for a pixel.
    pub(crate) bytes_per_pixel: u64,
    /// Width and height in pixels, as stored, of a JPEG file.
    pub(crate) jpeg_size: Option<(u32, u32)>,
}

impl Default for ImageHeader {
    fn default() -> Self {
        Self {
            orientation: 1,
            is_animated: false,
            bytes_per_pixel: MAX_BYTES_PER_PIXEL,
            jpeg_size: None,
        }
    }
}

/// The bytes of a pixel with four channels of 16 bits, or of a JPEG file of which all coefficients
/// are held until its last scan.
const MAX_BYTES_PER_PIXEL: u64 = 12;
/// The bytes of a pixel with four channels of 8 bits.
const USUAL_BYTES_PER_PIXEL: u64 = 4;

impl ImageHeader {
    /// Reads the header of a JPEG, PNG or WebP file. What can't be read is as in a file without
    /// metadata.
    pub(crate) fn read(mut file: impl Read + Seek) -> Self {
        let mut head = [0; 12];
        let mut header = Self::default();
        if file.read_exact(&mut head).is_ok() {
            let _ = match head {
                [0xff, 0xd8, ..] => header.read_jpeg(&mut file),
                [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P'] => {
                    header.read_webp(&mut file)
                }
                _ if head.starts_with(SIGNATURE) => header.read_png(&mut file),
                _ => None,
            };
        }
        header
    }

    /// Reads segments up to the first scan (ITU T.81, annex B), as [`super::jpeg`] does.
    fn read_jpeg(&mut self, file: &mut (impl Read + Seek)) -> Option<()> {
        file.seek(SeekFrom::Start(2)).ok()?;
        let mut has_exif = false;
        let mut frame_components = None;
        for _ in 0..MAX_SEGMENTS {
            let marker = next_marker(file)?;
            if matches!(marker, 0xd8 | 0xd0..=0xd7 | 0x01) {
                continue;
            }
            let length = u64::from(u16::from_be_bytes(read_array(file)?)).checked_sub(2)?;
            let end = file.stream_position().ok()? + length;
            match marker {
                0xd9 => return None,
                // The header of a frame: its precision, height, width and number of components.
                0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                    let [_, h1, h0, w1, w0, components] = read_array(file)?;
                    let [height, width] = [[h1, h0], [w1, w0]].map(u16::from_be_bytes);
                    self.jpeg_size = Some((width.into(), height.into()));
                    // A sequential frame is decoded in one pass if all components are in one scan.
                    frame_components = (marker <= 0xc1).then_some(components);
                }
                0xda => {
                    if read_array::<1>(file).is_some_and(|[count]| Some(count) == frame_components)
                    {
                        self.bytes_per_pixel = USUAL_BYTES_PER_PIXEL;
                    }
                    return Some(());
                }
                0xe1 if !has_exif && length >= 6 && read_array(file)? == *b"Exif\0\0" => {
                    has_exif = true;
                    self.orientation = read_orientation(file, length - 6).unwrap_or(1);
                }
                _ => {}
            }
            file.seek(SeekFrom::Start(end)).ok()?;
        }
        None
    }

    /// Reads chunks up to the end (PNG, third edition, section 5).
    fn read_png(&mut self, file: &mut (impl Read + Seek)) -> Option<()> {
        file.seek(SeekFrom::Start(8)).ok()?;
        let mut has_exif = false;
        for _ in 0..MAX_SEGMENTS {
            let length = u64::from(u32::from_be_bytes(read_array(file)?));
            let kind: [u8; 4] = read_array(file)?;
            let end = file.stream_position().ok()? + length + 4;
            match &kind {
                b"IEND" => return None,
                b"acTL" => self.is_animated = true,
                b"IHDR" => {
                    // Two sizes, then the depth of a channel in bits.
                    let is_deep = read_array::<9>(file).is_none_or(|header| header[8] > 8);
                    self.bytes_per_pixel = if is_deep { 8 } else { USUAL_BYTES_PER_PIXEL };
                }
                b"eXIf" if !has_exif => {
                    let orientation = read_orientation(file, length);
                    has_exif = orientation.is_some();
                    self.orientation = orientation.unwrap_or(1);
                }
                _ => {}
            }
            file.seek(SeekFrom::Start(end)).ok()?;
        }
        None
    }

    /// Reads chunks up to the end (RFC 9649, section 2.7). Only an extended header can announce
    /// EXIF or an animation.
    fn read_webp(&mut self, file: &mut (impl Read + Seek)) -> Option<()> {
        file.seek(SeekFrom::Start(12)).ok()?;
        // The decoder holds the planes of a lossy image besides its pixels.
        self.bytes_per_pixel = 2 * USUAL_BYTES_PER_PIXEL;
        let [kind, _] = [read_array(file)?, read_array::<4>(file)?];
        let flags = read_array::<10>(file).filter(|_| &kind == b"VP8X")?[0];
        self.is_animated = flags & ANIMATION_FLAG != 0;
        if flags & EXIF_FLAG == 0 {
            return None;
        }
        for _ in 0..MAX_SEGMENTS {
            let kind: [u8; 4] = read_array(file)?;
            let length = u64::from(u32::from_le_bytes(read_array(file)?));
            let end = file.stream_position().ok()? + length + length % 2;
            if &kind == b"EXIF"
                && let Some(orientation) = read_orientation(file, length)
            {
                self.orientation = orientation;
                return Some(());
            }
            file.seek(SeekFrom::Start(end)).ok()?;
        }
        None
    }
}

/// Reads up to a marker, over fill bytes and over anything else between segments.
fn next_marker(file: &mut impl Read) -> Option<u8> {
    let mut previous = 0;
    loop {
        let [byte] = read_array(file)?;
        if previous == 0xff && byte != 0xff && byte != 0 {
            return Some(byte);
        }
        previous = byte;
    }
}

fn read_array<const N: usize>(file: &mut impl Read) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    file.read_exact(&mut bytes).ok()?;
    Some(bytes)
}

/// Reads the orientation in an EXIF block.
fn read_orientation(file: &mut impl Read, length: u64) -> Option<u16> {
    let mut block = Vec::new();
    file.take(length.min(MAX_BLOCK_BYTES)).read_to_end(&mut block).ok()?;
    exif::read(&block).orientation
}

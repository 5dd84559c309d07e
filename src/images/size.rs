//! The size of an image, and whether copies can be made of it, from the head of its file.

use std::io::BufReader;
use std::path::Path;

use super::metadata::ImageHeader;
use crate::regular_file;

/// Returns true if a file is, by its name, an image of which smaller copies can be made.
pub(crate) fn is_raster(path: &str) -> bool {
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    ["jpg", "jpeg", "png", "webp"].iter().any(|known| extension.eq_ignore_ascii_case(known))
}

/// Width and height of an image in pixels, in its orientation as displayed (EXIF 2.32, tag 274),
/// from the head of its file.
pub(crate) fn read_size(path: &Path) -> Option<(u32, u32)> {
    let header =
        if is_raster(&path.to_string_lossy()) { read_header(path) } else { ImageHeader::default() };
    let (width, height) = match header.jpeg_size {
        Some(size) => size,
        None => {
            let size =
                imagesize::reader_size(BufReader::new(regular_file::open(path).ok()?)).ok()?;
            (u32::try_from(size.width).ok()?, u32::try_from(size.height).ok()?)
        }
    };
    let is_rotated = header.orientation >= 5;
    Some(if is_rotated { (height, width) } else { (width, height) })
}

/// Returns true if an image may have more than one frame, of which no copies are made.
pub(crate) fn is_animated(path: &Path) -> bool {
    read_header(path).is_animated
}

/// Reads the header of a file; one that can't be read has the header of an image without metadata.
pub(super) fn read_header(path: &Path) -> ImageHeader {
    regular_file::open(path)
        .map_or_else(|_| ImageHeader::default(), |file| ImageHeader::read(BufReader::new(file)))
}

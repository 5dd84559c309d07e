//! Image files in memory, within a limit of memory for all threads.

use std::io::{self, Read};
use std::path::Path;

use super::budget::{ByteBudget, Reservation};
use super::decode::{DECODER_BYTES, DecodedImage, decode_image};
use super::limits::{MAX_BYTES, MAX_BYTES_IN_FLIGHT};
use super::metadata::{self, Container, DETECTED_BYTES, KeptTexts, Problem};
use super::size::{read_header, read_size};
use crate::regular_file;

static BUDGET: ByteBudget = ByteBudget::new(MAX_BYTES_IN_FLIGHT);

/// The copies of a file that may be in memory at a time: its bytes, those of a decoder, the result,
/// and the published file that it is compared with.
const FILE_COPIES: u64 = 4;

/// The bytes of a pixel between the two passes of a resize: four channels of 32 bits.
const RESIZED_PIXEL_BYTES: u64 = 16;

/// The reason why there is no image.
#[derive(Debug)]
pub(crate) enum ImageError {
    /// The file can't be read.
    Io(io::Error),
    /// As text: the file is too large, damaged, or in an unknown format.
    Refused(String),
}

impl From<io::Error> for ImageError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// The purpose of reading an image, which decides how much memory it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// Removing its metadata.
    Clean,
    /// Decoding it, and encoding it at the same size.
    EncodeAgain,
    /// Smaller copies, of which the widest is this wide.
    Resize(u32),
    /// Cropped copies.
    Crop,
}

/// A file in memory.
pub(crate) struct ImageFile<'b> {
    pub(crate) bytes: Vec<u8>,
    /// The most bytes that decoding it may take.
    max_decoded_bytes: u64,
    /// True if it is so large that it is first shrunk in one pass.
    pub(super) shrinks_first: bool,
    _reservation: Option<Reservation<'b>>,
}

/// An image to be published. Its memory counts until it is dropped.
pub(crate) struct PublishedImage {
    pub(crate) bytes: Vec<u8>,
    /// True if the bytes are those of the file.
    pub(crate) is_unchanged: bool,
    _reservation: Option<Reservation<'static>>,
}

impl PublishedImage {
    /// Bytes that were made of a file, with the memory of that file.
    pub(crate) fn new(bytes: Vec<u8>, file: ImageFile<'static>) -> Self {
        let is_unchanged = bytes == file.bytes;
        Self { bytes, is_unchanged, _reservation: file._reservation }
    }
}

/// The memory that an image takes.
struct MemoryNeed {
    total: u64,
    decoded: u64,
    shrinks_first: bool,
}

impl MemoryNeed {
    fn for_work(path: &Path, length: u64, work: Work) -> Self {
        let files = length * FILE_COPIES;
        if work == Work::Clean {
            return Self { total: files, decoded: 0, shrinks_first: false };
        }
        let need = |decoded: u64, others: u64| Self {
            total: (files + DECODER_BYTES).saturating_add(decoded).saturating_add(others),
            decoded,
            shrinks_first: false,
        };
        let header = read_header(path);
        let (width, height) = read_size(path).unwrap_or_default();
        let pixels = u64::from(width) * u64::from(height);
        let decoded = pixels.saturating_mul(header.bytes_per_pixel);
        match work {
            Work::Clean | Work::EncodeAgain => need(decoded, pixels),
            Work::Crop if header.orientation > 1 => need(decoded, decoded.saturating_mul(2)),
            Work::Crop => need(decoded, decoded),
            Work::Resize(target) => {
                let ratio = f64::from(target) / f64::from(width.max(1));
                let between_passes = (pixels as f64 * ratio.min(1.0)) as u64 * RESIZED_PIXEL_BYTES;
                let direct = need(decoded, between_passes);
                let is_shrinkable = u64::from(target) * 2 < u64::from(width);
                if direct.total <= MAX_BYTES_IN_FLIGHT || !is_shrinkable {
                    return direct;
                }
                // Twice the width and the height of the widest copy.
                let shrunk = pixels as f64 * (ratio * 2.0).powi(2);
                let others = shrunk as u64 * (header.bytes_per_pixel + RESIZED_PIXEL_BYTES / 2);
                Self { shrinks_first: true, ..need(decoded, others) }
            }
        }
    }
}

impl ImageFile<'static> {
    /// Reads a file, once there is enough memory for it and for what is to be done with it.
    ///
    /// # Errors
    /// [`ImageError::Io`] if it can't be read; [`ImageError::Refused`] if it needs more memory than
    /// there is for all images.
    pub(crate) fn load(path: &Path, work: Work) -> Result<Self, ImageError> {
        let length = regular_file::open_with_metadata(path)?.1.len();
        if length > MAX_BYTES {
            let size = length >> 20;
            let limit = MAX_BYTES >> 20;
            let reason = format!("the file has {size} MiB; the most is {limit} MiB");
            return Err(ImageError::Refused(reason));
        }
        let need = MemoryNeed::for_work(path, length, work);
        let Some(reservation) = BUDGET.reserve(need.total) else {
            let reason = "decoding its pixels takes too much memory".to_owned();
            return Err(ImageError::Refused(reason));
        };
        let mut bytes = Vec::new();
        // A file that grows meanwhile is read only so far.
        regular_file::open(path)?.take(length).read_to_end(&mut bytes)?;
        Ok(Self {
            bytes,
            max_decoded_bytes: need.decoded,
            shrinks_first: need.shrinks_first,
            _reservation: Some(reservation),
        })
    }
}

impl ImageFile<'_> {
    /// A file without a reservation.
    #[cfg(test)]
    pub(crate) fn in_memory(bytes: Vec<u8>) -> Self {
        let max_decoded_bytes = MAX_BYTES_IN_FLIGHT;
        Self { bytes, max_decoded_bytes, shrinks_first: false, _reservation: None }
    }

    /// Decodes the image.
    ///
    /// # Errors
    /// The reason, as text, why that fails.
    pub(super) fn decode(&self) -> Result<DecodedImage, String> {
        decode_image(&self.bytes, self.max_decoded_bytes)
    }
}

/// Removes the metadata of an image in memory, except the texts that are kept by default; `None` if
/// it isn't an image.
///
/// # Errors
/// The reason, as text, why the metadata can't be removed.
pub(crate) fn remove_metadata(name: &str, bytes: &[u8]) -> Option<Result<Vec<u8>, String>> {
    let container = Container::detect(name, bytes.get(..DETECTED_BYTES).unwrap_or(bytes))?;
    let keep = KeptTexts { copyright: true, artist: true, credit: true };
    Some(match metadata::clean(bytes, container, keep) {
        Ok(cleaned) => Ok(cleaned),
        Err(Problem::Truncated(fields)) => {
            metadata::encode_again(bytes, fields, keep, MAX_BYTES_IN_FLIGHT)
        }
        Err(Problem::Damaged(reason) | Problem::Unsupported(reason)) => Err(reason.to_owned()),
    })
}

impl Container {
    /// Recognizes the format of a file; `None` if it isn't an image. An empty file is none.
    ///
    /// # Errors
    /// The I/O error of opening or reading the file.
    pub(crate) fn of_file(path: &Path) -> io::Result<Option<Self>> {
        let mut head = Vec::new();
        regular_file::open(path)?.take(DETECTED_BYTES as u64).read_to_end(&mut head)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        Ok(if head.is_empty() { None } else { Self::detect(&name, &head) })
    }

    /// Returns the content of an image's file without metadata, except the texts in `keep`.
    ///
    /// # Errors
    /// [`ImageError::Io`] if the file can't be opened or read; [`ImageError::Refused`] if it is too
    /// large, damaged, or in a format that isn't supported.
    pub(crate) fn read_clean(
        self,
        path: &Path,
        keep: KeptTexts,
    ) -> Result<PublishedImage, ImageError> {
        let file = ImageFile::load(path, Work::Clean)?;
        let fields = match metadata::clean(&file.bytes, self, keep) {
            Ok(bytes) => return Ok(PublishedImage::new(bytes, file)),
            Err(Problem::Truncated(fields)) => fields,
            Err(Problem::Damaged(reason) | Problem::Unsupported(reason)) => {
                return Err(ImageError::Refused(reason.to_owned()));
            }
        };
        // The memory is released first: a thread that waits must not hold any.
        drop(file);
        let file = ImageFile::load(path, Work::EncodeAgain)?;
        let encoded = metadata::encode_again(&file.bytes, fields, keep, file.max_decoded_bytes);
        let bytes = encoded.map_err(|reason| {
            ImageError::Refused(format!("it is cut off, and can't be repaired: {reason}"))
        })?;
        Ok(PublishedImage::new(bytes, file))
    }
}

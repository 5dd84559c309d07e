//! Decoding images within a limit of memory, and encoding them.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageEncoder, ImageFormat, ImageReader, Limits};

use super::limits::MAX_PIXELS;
use super::metadata::ImageHeader;

/// The quality of a JPEG file that has to be encoded again, from 1 to 100.
const JPEG_QUALITY: u8 = 95;

/// The memory of a decoder besides pixels: its buffers and a color profile, in bytes.
pub(super) const DECODER_BYTES: u64 = 4 << 20;

/// An image as stored in its file.
pub(super) struct DecodedImage {
    pub(super) image: DynamicImage,
    pub(super) orientation: Orientation,
    pub(super) profile: Vec<u8>,
    /// True if it is likely a drawing.
    pub(super) is_drawing: bool,
}

/// Decodes an image, in at most `max_bytes` of memory.
///
/// # Errors
/// The reason, as text: it is damaged, animated, or needs too much memory.
pub(super) fn decode_image(bytes: &[u8], max_bytes: u64) -> Result<DecodedImage, String> {
    let to_message = |error: image::ImageError| error.to_string();
    let header = ImageHeader::read(Cursor::new(bytes));
    if header.is_animated {
        return Err("it is animated".to_owned());
    }
    let mut reader =
        ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|e| e.to_string())?;
    let is_drawing = reader.format() == Some(ImageFormat::Png);
    let mut limits = Limits::default();
    limits.max_alloc = Some(max_bytes + DECODER_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(to_message)?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if pixels > MAX_PIXELS {
        return Err(format!("it has {width} × {height} pixels; the limit is {MAX_PIXELS}"));
    }
    if pixels * header.bytes_per_pixel > max_bytes {
        return Err(format!("decoding its {width} × {height} pixels takes too much memory"));
    }
    let orientation = u8::try_from(header.orientation).ok().and_then(Orientation::from_exif);
    let profile = decoder.icc_profile().ok().flatten().unwrap_or_default();
    let image = DynamicImage::from_decoder(decoder).map_err(to_message)?;
    Ok(DecodedImage {
        image,
        orientation: orientation.unwrap_or(Orientation::NoTransforms),
        profile,
        is_drawing,
    })
}

/// Encodes an image as JPEG, as stored in its file, with its color profile.
///
/// # Errors
/// The reason, as text, why it can't be encoded.
pub(super) fn encode_jpeg(decoded: &DecodedImage) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY);
    if !decoded.profile.is_empty() {
        // A profile that can't be written is left out; such an image is shown as sRGB.
        let _ = encoder.set_icc_profile(decoded.profile.clone());
    }
    let image = &decoded.image;
    let (width, height, color) = (image.width(), image.height(), image.color());
    encoder
        .write_image(image.as_bytes(), width, height, color.into())
        .map_err(|error| error.to_string())?;
    Ok(bytes)
}

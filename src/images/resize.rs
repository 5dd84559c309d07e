//! Smaller and cropped copies of images, as WebP.

use image::DynamicImage;
use image::imageops::FilterType;
use image::metadata::Orientation;
use moxcms::{ColorProfile, Layout, TransformOptions};

use super::decode::DecodedImage;
use super::file::ImageFile;

/// Returns an image as WebP in the given widths, widest first, upright and in sRGB. A copy that
/// would be larger than the image's own file, as for a drawing in few colors, is empty.
///
/// # Errors
/// The reason, as text, why the image can't be read or encoded.
pub(crate) fn resize_to_webp(
    file: &ImageFile<'_>,
    widths: &[u32],
    quality: u8,
) -> Result<Vec<(u32, Vec<u8>)>, String> {
    let DecodedImage { mut image, orientation, profile, is_drawing } = file.decode()?;
    let is_rotated = matches!(
        orientation,
        Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH
    );
    let (width, height) = (image.width(), image.height());
    let (width, height) = if is_rotated { (height, width) } else { (width, height) };
    // Each copy is made from the previous one, which has fewer pixels; the first applies the
    // orientation.
    let mut copies = Vec::new();
    for &target_width in widths.iter().filter(|wanted| **wanted < width) {
        let double_height = u64::from(height) * u64::from(target_width) * 2 / u64::from(width);
        let size = (
            target_width,
            u32::try_from(double_height.div_ceil(2)).map_err(|e| e.to_string())?.max(1),
        );
        let (resized_width, resized_height) =
            if copies.is_empty() && is_rotated { (size.1, size.0) } else { size };
        if copies.is_empty() && file.shrinks_first {
            // This filter holds nothing but its result in memory.
            image = image.thumbnail_exact(resized_width * 2, resized_height * 2);
        }
        image = image.resize_exact(resized_width, resized_height, FilterType::Lanczos3);
        if copies.is_empty() {
            image = convert_to_srgb(image, &profile);
            image.apply_orientation(orientation);
        }
        let copy = encode_smallest(&image, quality, is_drawing)?;
        copies.push((target_width, if copy.len() < file.bytes.len() { copy } else { Vec::new() }));
    }
    Ok(copies)
}

/// The bytes of centered crops of an image as WebP, upright and in sRGB. Each of `crops` has the
/// size of the part to cut out and the size that it is scaled to.
///
/// # Errors
/// The reason, as text, why the image can't be read or encoded.
pub(crate) fn crop_to_webp(
    file: &ImageFile<'_>,
    crops: &[[(u32, u32); 2]],
    quality: u8,
) -> Result<Vec<Vec<u8>>, String> {
    let DecodedImage { mut image, orientation, profile, is_drawing } = file.decode()?;
    image.apply_orientation(orientation);
    let crop_part = |&[(crop_width, crop_height), (width, height)]: &[(u32, u32); 2]| {
        let (left, top) = (
            image.width().saturating_sub(crop_width) / 2,
            image.height().saturating_sub(crop_height) / 2,
        );
        let cropped = image.crop_imm(left, top, crop_width, crop_height).resize_exact(
            width,
            height,
            FilterType::Lanczos3,
        );
        encode_smallest(&convert_to_srgb(cropped, &profile), quality, is_drawing)
    };
    crops.iter().map(crop_part).collect()
}

/// Encodes an image as WebP; a drawing is encoded losslessly if that is smaller.
fn encode_smallest(image: &DynamicImage, quality: u8, is_drawing: bool) -> Result<Vec<u8>, String> {
    let copy = encode_webp(image, quality, false)?;
    let lossless = if is_drawing { Some(encode_webp(image, quality, true)?) } else { None };
    Ok(lossless.filter(|exact| exact.len() < copy.len()).unwrap_or(copy))
}

/// Converts an image to sRGB with eight bits per channel. If its profile can't be read, sRGB is
/// assumed, as in browsers.
fn convert_to_srgb(image: DynamicImage, profile: &[u8]) -> DynamicImage {
    let (has_alpha, width, height) = (image.color().has_alpha(), image.width(), image.height());
    let layout = if has_alpha { Layout::Rgba } else { Layout::Rgb };
    let eight_bit: DynamicImage =
        if has_alpha { image.into_rgba8().into() } else { image.into_rgb8().into() };
    let convert = || {
        let from = ColorProfile::new_from_slice(profile).ok()?;
        let options = TransformOptions::default();
        let transform =
            from.create_transform_8bit(layout, &ColorProfile::new_srgb(), layout, options).ok()?;
        let mut converted = vec![0; eight_bit.as_bytes().len()];
        transform.transform(eight_bit.as_bytes(), &mut converted).ok()?;
        if has_alpha {
            image::RgbaImage::from_raw(width, height, converted).map(DynamicImage::from)
        } else {
            image::RgbImage::from_raw(width, height, converted).map(DynamicImage::from)
        }
    };
    let converted = if profile.is_empty() { None } else { convert() };
    converted.unwrap_or(eight_bit)
}

fn encode_webp(image: &DynamicImage, quality: u8, lossless: bool) -> Result<Vec<u8>, String> {
    let (width, height) = (image.width(), image.height());
    let encoder = match image {
        DynamicImage::ImageRgba8(pixels) => webp::Encoder::from_rgba(pixels, width, height),
        DynamicImage::ImageRgb8(pixels) => webp::Encoder::from_rgb(pixels, width, height),
        _ => return Err("its color format is not supported".into()),
    };
    let encoded = encoder.encode_simple(lossless, f32::from(quality));
    encoded.map(|bytes| bytes.to_vec()).map_err(|error| describe_webp_error(error).to_owned())
}

/// Returns libwebp's error in words.
fn describe_webp_error(error: webp::WebPEncodingError) -> &'static str {
    use webp::WebPEncodingError as E;
    match error {
        E::VP8_ENC_ERROR_OUT_OF_MEMORY | E::VP8_ENC_ERROR_BITSTREAM_OUT_OF_MEMORY => {
            "there isn't enough memory to encode it as WebP"
        }
        E::VP8_ENC_ERROR_BAD_DIMENSION => "it is too wide or too high for WebP",
        E::VP8_ENC_ERROR_PARTITION0_OVERFLOW
        | E::VP8_ENC_ERROR_PARTITION_OVERFLOW
        | E::VP8_ENC_ERROR_FILE_TOO_BIG => "it is too large for WebP",
        _ => "it can't be encoded as WebP",
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::ImageFormat;

    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        let shade = |x: u32, y: u32| image::Rgb([(x % 256) as u8, (y % 256) as u8, 90]);
        let canvas = image::RgbImage::from_fn(width, height, shade);
        canvas.write_to(&mut bytes, image::ImageFormat::Png).expect("a PNG");
        bytes.into_inner()
    }

    #[test]
    fn an_image_is_made_narrower_but_never_wider() {
        let copies = resize_to_webp(&ImageFile::in_memory(png(900, 600)), &[1600, 800, 300], 80)
            .expect("it is whole");
        let sizes: Vec<_> = copies
            .iter()
            .map(|(width, bytes)| (*width, imagesize::blob_size(bytes).expect("a WebP")))
            .map(|(width, size)| (width, size.width, size.height))
            .collect();
        assert_eq!(sizes, [(800, 800, 533), (300, 300, 200)]);
        assert!(copies.iter().all(|(_, bytes)| bytes.starts_with(b"RIFF")));
    }

    #[test]
    fn crops_are_centered() {
        let crops =
            crop_to_webp(&ImageFile::in_memory(png(900, 600)), &[[(800, 450), (400, 225)]], 90)
                .expect("it is whole");
        let cropped = image::load_from_memory_with_format(&crops[0], ImageFormat::WebP)
            .expect("a WebP")
            .into_rgb8();
        assert_eq!((crops.len(), cropped.dimensions()), (1, (400, 225)));
        // Fifty pixels from the left, of which each is as dark as its number; 75 from the top.
        let [red, green, _] = cropped.get_pixel(10, 10).0;
        assert!(red.abs_diff(70) < 6 && green.abs_diff(95) < 6, "{red} {green}");
    }

    #[test]
    fn an_image_that_is_too_large_is_rejected_undecoded() {
        let mut bytes = png(4, 4);
        // The head of a PNG contains its size; with the checksum fixed, it is a decompression bomb
        // of a hundred bytes.
        bytes[16..20].copy_from_slice(&60_000_u32.to_be_bytes());
        bytes[20..24].copy_from_slice(&60_000_u32.to_be_bytes());
        let sum = crc32fast::hash(&bytes[12..29]);
        bytes[29..33].copy_from_slice(&sum.to_be_bytes());
        let error =
            resize_to_webp(&ImageFile::in_memory(bytes), &[480], 80).expect_err("it is too large");
        assert!(error.contains("60000"), "{error}");
    }

    #[test]
    fn a_truncated_image_is_an_error() {
        let bytes = png(600, 400);
        for cut in [&bytes[..bytes.len() / 2], b"no picture"] {
            let file = ImageFile::in_memory(cut.to_vec());
            assert!(resize_to_webp(&file, &[300], 80).is_err());
        }
    }
}

//! Pictures: smaller copies of them in WebP, for those who read on a phone; their size as they are shown; copies without the place where they
//! were taken.

mod metadata;

use std::fs::File;
use std::io::{BufReader, Cursor};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};
use moxcms::{ColorProfile, Layout, TransformOptions};

/// Changes with what is made of a picture.
pub const VERSION: u64 = 1;

/// The largest picture of which smaller copies are made, in pixels. A file of a few kilobytes can claim to be thousands of times as large.
pub const MOST_PIXELS: u64 = 64 << 20;

/// The largest file that is read as a picture, in bytes.
pub const MOST_BYTES: u64 = 64 << 20;

/// Pictures beyond this many pixels are decoded one at a time, so that memory stays bounded on many cores.
const LARGE: u64 = 16 << 20;

/// Whether a file is by its name a picture that smaller copies are made of.
pub fn is_raster(path: &str) -> bool {
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    ["jpg", "jpeg", "png", "webp"].iter().any(|known| extension.eq_ignore_ascii_case(known))
}

/// Width and height of a picture in pixels, the way up that it is shown (EXIF 2.32, tag 274), from the head of its file.
pub fn size(path: &Path) -> Option<(u32, u32)> {
    let size = imagesize::size(path).ok()?;
    let (width, height) = (u32::try_from(size.width).ok()?, u32::try_from(size.height).ok()?);
    let lies = is_raster(&path.to_string_lossy())
        && File::open(path).is_ok_and(|file| metadata::orientation(BufReader::new(file)) >= 5);
    Some(if lies { (height, width) } else { (width, height) })
}

/// The bytes of a picture without the place where it was taken; `None` if they don't tell it. Everything else of its metadata stays: an
/// archive keeps who made a picture, and when.
pub fn without_location(bytes: &[u8]) -> Option<Vec<u8>> {
    metadata::without_location(bytes)
}

/// A picture as it lies in its file.
struct Decoded {
    picture: DynamicImage,
    orientation: Orientation,
    profile: Vec<u8>,
    /// Whether it is likely a drawing.
    drawn: bool,
    _turn: Option<MutexGuard<'static, ()>>,
}

/// Reads a picture into memory, a large one only when no other one is there.
fn decode(bytes: &[u8]) -> Result<Decoded, String> {
    static ONE_LARGE: Mutex<()> = Mutex::new(());
    let said = |error: image::ImageError| error.to_string();
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|e| e.to_string())?;
    let drawn = reader.format() == Some(ImageFormat::Png);
    let mut limits = Limits::default();
    limits.max_alloc = Some(MOST_PIXELS * 8);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(said)?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if pixels > MOST_PIXELS {
        return Err(format!("it has {width} × {height} pixels; the most is {MOST_PIXELS}"));
    }
    let turn = (pixels > LARGE).then(|| ONE_LARGE.lock().unwrap_or_else(PoisonError::into_inner));
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let profile = decoder.icc_profile().ok().flatten().unwrap_or_default();
    let picture = DynamicImage::from_decoder(decoder).map_err(said)?;
    Ok(Decoded { picture, orientation, profile, drawn, _turn: turn })
}

/// The bytes of a picture as WebP in some widths, widest first, upright and in the colours of the web (sRGB). A copy that would be larger than the
/// picture's own file, as of a drawing in few colours, has no bytes.
///
/// # Errors
/// What is wrong with the picture.
pub fn narrowed(bytes: &[u8], widths: &[u32], quality: u8) -> Result<Vec<(u32, Vec<u8>)>, String> {
    let Decoded { mut picture, orientation, profile, drawn, _turn } = decode(bytes)?;
    let lies = matches!(
        orientation,
        Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH
    );
    let (width, height) = (picture.width(), picture.height());
    let (width, height) = if lies { (height, width) } else { (width, height) };
    // Each is made from the one before, which has fewer pixels to weigh; the first stands it up.
    let mut made = Vec::new();
    for &wanted in widths.iter().filter(|wanted| **wanted < width) {
        let tall = u64::from(height) * u64::from(wanted) * 2 / u64::from(width);
        let size = (wanted, u32::try_from(tall.div_ceil(2)).map_err(|e| e.to_string())?.max(1));
        let (across, down) = if made.is_empty() && lies { (size.1, size.0) } else { size };
        picture = picture.resize_exact(across, down, FilterType::Lanczos3);
        if made.is_empty() {
            picture = in_web_colours(picture, &profile);
            picture.apply_orientation(orientation);
        }
        let copy = smallest(&picture, quality, drawn)?;
        made.push((wanted, if copy.len() < bytes.len() { copy } else { Vec::new() }));
    }
    Ok(made)
}

/// The bytes of the middle of a picture as WebP, upright and in sRGB: of each part its width and height, and those that it is to have.
///
/// # Errors
/// What is wrong with the picture.
pub fn cut(bytes: &[u8], parts: &[[(u32, u32); 2]], quality: u8) -> Result<Vec<Vec<u8>>, String> {
    let Decoded { mut picture, orientation, profile, drawn, _turn } = decode(bytes)?;
    picture.apply_orientation(orientation);
    let one = |&[(wide, high), (width, height)]: &[(u32, u32); 2]| {
        let (left, top) =
            (picture.width().saturating_sub(wide) / 2, picture.height().saturating_sub(high) / 2);
        let part = picture.crop_imm(left, top, wide, high).resize_exact(width, height, FilterType::Lanczos3);
        smallest(&in_web_colours(part, &profile), quality, drawn)
    };
    parts.iter().map(one).collect()
}

/// A picture as WebP: a drawing without any loss, if that is smaller.
fn smallest(picture: &DynamicImage, quality: u8, drawn: bool) -> Result<Vec<u8>, String> {
    let copy = webp(picture, quality, false)?;
    let exact = if drawn { Some(webp(picture, quality, true)?) } else { None };
    Ok(exact.filter(|exact| exact.len() < copy.len()).unwrap_or(copy))
}

/// A picture with eight bits a channel in sRGB. One whose profile can't be read is taken to be so already, as browsers do.
fn in_web_colours(picture: DynamicImage, profile: &[u8]) -> DynamicImage {
    let (alpha, width, height) = (picture.color().has_alpha(), picture.width(), picture.height());
    let layout = if alpha { Layout::Rgba } else { Layout::Rgb };
    let plain: DynamicImage = if alpha { picture.into_rgba8().into() } else { picture.into_rgb8().into() };
    let convert = || {
        let from = ColorProfile::new_from_slice(profile).ok()?;
        let options = TransformOptions::default();
        let transform =
            from.create_transform_8bit(layout, &ColorProfile::new_srgb(), layout, options).ok()?;
        let mut changed = vec![0; plain.as_bytes().len()];
        transform.transform(plain.as_bytes(), &mut changed).ok()?;
        if alpha {
            image::RgbaImage::from_raw(width, height, changed).map(DynamicImage::from)
        } else {
            image::RgbImage::from_raw(width, height, changed).map(DynamicImage::from)
        }
    };
    let changed = if profile.is_empty() { None } else { convert() };
    changed.unwrap_or(plain)
}

fn webp(picture: &DynamicImage, quality: u8, exact: bool) -> Result<Vec<u8>, String> {
    let (width, height) = (picture.width(), picture.height());
    let encoder = match picture {
        DynamicImage::ImageRgba8(pixels) => webp::Encoder::from_rgba(pixels, width, height),
        DynamicImage::ImageRgb8(pixels) => webp::Encoder::from_rgb(pixels, width, height),
        _ => return Err("its colours are of an unknown kind".into()),
    };
    let encoded = encoder.encode_simple(exact, f32::from(quality));
    encoded.map(|bytes| bytes.to_vec()).map_err(|error| format!("WebP: {error:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        let shade = |x: u32, y: u32| image::Rgb([(x % 256) as u8, (y % 256) as u8, 90]);
        let picture = image::RgbImage::from_fn(width, height, shade);
        picture.write_to(&mut bytes, image::ImageFormat::Png).expect("a PNG");
        bytes.into_inner()
    }

    #[test]
    fn a_picture_is_narrowed_and_never_widened() {
        let made = narrowed(&png(900, 600), &[1600, 800, 300], 80).expect("it is whole");
        let sizes: Vec<_> = made
            .iter()
            .map(|(width, bytes)| (*width, imagesize::blob_size(bytes).expect("a WebP")))
            .map(|(width, size)| (width, size.width, size.height))
            .collect();
        assert_eq!(sizes, [(800, 800, 533), (300, 300, 200)]);
        assert!(made.iter().all(|(_, bytes)| bytes.starts_with(b"RIFF")));
    }

    #[test]
    fn a_picture_is_cut_from_its_middle() {
        let made = cut(&png(900, 600), &[[(800, 450), (400, 225)]], 90).expect("it is whole");
        let picture =
            image::load_from_memory_with_format(&made[0], ImageFormat::WebP).expect("a WebP").into_rgb8();
        assert_eq!((made.len(), picture.dimensions()), (1, (400, 225)));
        // Fifty pixels from the left, of which each is as dark as its number; 75 from the top.
        let [across, down, _] = picture.get_pixel(10, 10).0;
        assert!(across.abs_diff(70) < 6 && down.abs_diff(95) < 6, "{across} {down}");
    }

    #[test]
    fn what_claims_to_be_huge_is_refused_unread() {
        let mut bytes = png(4, 4);
        // The head of a PNG holds its size; with the sum of its bytes mended it is a bomb of a hundred bytes.
        bytes[16..20].copy_from_slice(&60_000_u32.to_be_bytes());
        bytes[20..24].copy_from_slice(&60_000_u32.to_be_bytes());
        let sum = crc32fast::hash(&bytes[12..29]);
        bytes[29..33].copy_from_slice(&sum.to_be_bytes());
        let told = narrowed(&bytes, &[480], 80).expect_err("it is too large");
        assert!(told.contains("60000"), "{told}");
    }

    #[test]
    fn what_is_cut_off_is_told() {
        let bytes = png(600, 400);
        assert!(narrowed(&bytes[..bytes.len() / 2], &[300], 80).is_err());
        assert!(narrowed(b"no picture", &[300], 80).is_err());
    }
}

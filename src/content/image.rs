//! An image in an article: the URL at which it is published, its size, and the smaller copies that
//! a browser may load instead.

use std::fmt::{Display, Write as _};
use std::path::Path;

use super::browser_url::{BrowserUrl, normalize};
use super::references::{ReferenceTarget, asset_url};
use crate::config::{Crop, ImageSettings, Site};
use crate::images::{MAX_PIXELS, is_animated, is_raster, read_size};
use crate::model::redaction::PLACEHOLDER;
use crate::model::{Image, RedactionMatcher};

/// Returns the image that a URL refers to, without its texts; `None` if it can't be published. The
/// URL of an image outside the site stays as it is. `matcher` finds the article's redacted names.
pub(crate) fn resolve_image(
    site: &Site,
    url: &str,
    target: &ReferenceTarget,
    matcher: &RedactionMatcher,
) -> Option<Image> {
    let (published_path, file) = match target {
        // A URL that contained a redacted name is broken.
        ReferenceTarget::External if url.contains(PLACEHOLDER) => return None,
        ReferenceTarget::External if !BrowserUrl::parse(url).is_safe_image() => return None,
        ReferenceTarget::External => {
            return Some(Image { src: normalize(url).into_owned(), ..Image::default() });
        }
        ReferenceTarget::SitePath(path) => {
            (path.clone(), site.static_dir.join(path.trim_start_matches('/')))
        }
        ReferenceTarget::Asset(path) => (asset_url(path, matcher)?, site.content_dir.join(path)),
        ReferenceTarget::Missing | ReferenceTarget::Ambiguous => return None,
    };
    let (src, size) = (site.href(&published_path), read_size(&file));
    let settings = site.config.images.as_ref();
    let settings = settings.filter(|_| is_raster(&published_path) && !is_animated(&file));
    let srcset = settings.zip(size).and_then(|(settings, size)| build_srcset(&src, size, settings));
    Some(Image { src, size, srcset, ..Image::default() })
}

/// Returns the copies of an image for `srcset` (HTML, section 4.8.4.2.1), narrowest first. The
/// image itself is included, unless it is wider than any reader needs.
fn build_srcset(src: &str, size: (u32, u32), settings: &ImageSettings) -> Option<String> {
    let (width, _) = Some(size).filter(is_within_pixel_limit)?;
    let widest = settings.widths.first()?;
    let mut set = String::new();
    let narrower_widths: Vec<u32> = settings.widths_below(width).collect();
    for narrower_width in narrower_widths.iter().rev() {
        // Writing to a string can't fail.
        let _ = write!(set, "{} {narrower_width}w, ", copy_path(src, *narrower_width));
    }
    if width <= *widest {
        let _ = write!(set, "{src} {width}w, ");
    }
    (!narrower_widths.is_empty()).then(|| set.trim_end_matches(", ").to_owned())
}

/// Returns the URL or the path of an image's copy with a certain width or crop.
pub(crate) fn copy_path(path: &str, variant: impl Display) -> String {
    format!("{path}.{variant}.webp")
}

/// Returns the crops of an article's main image for metadata, each with its URL. Images on other
/// sites and images that are too large have none.
pub(crate) fn image_crops<'s>(
    image: &Image,
    site: &'s Site,
) -> impl Iterator<Item = (String, Crop)> + use<'s> {
    let ratios = site.config.images.as_ref().map_or(&[][..], |settings| &settings.ratios);
    let size = image.size.filter(|_| is_raster(&image.src)).filter(is_within_pixel_limit);
    let src = image.src.clone();
    ratios.iter().filter_map(move |ratio| {
        let crop = ratio.crop(size?)?;
        Some((copy_path(&src, crop.ratio), crop))
    })
}

fn is_within_pixel_limit((width, height): &(u32, u32)) -> bool {
    u64::from(*width) * u64::from(*height) <= MAX_PIXELS
}

/// The crops of the image in a file.
pub(crate) fn crops_of_file(file: &Path, settings: &ImageSettings) -> Vec<Crop> {
    let size = read_size(file).filter(is_within_pixel_limit);
    size.map_or(Vec::new(), |size| {
        settings.ratios.iter().filter_map(|ratio| ratio.crop(size)).collect()
    })
}

/// Returns the widths of the copies of the image in a file. An image that is too large, or no wider
/// than the narrowest copy, has none.
pub(crate) fn copy_widths(file: &Path, settings: &ImageSettings) -> Vec<u32> {
    read_size(file)
        .filter(|size| is_within_pixel_limit(size) && !is_animated(file))
        .map_or(Vec::new(), |(width, _)| settings.widths_below(width).collect())
}

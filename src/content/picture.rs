//! A picture that a story shows: the address at which it is published, its size, and the smaller copies a reader may be given instead.

use std::fmt::{Display, Write as _};
use std::path::Path;

use super::references::{Target, asset_address};
use crate::model::names::MARK;
use crate::model::{Image, Names};
use crate::pictures::{MOST_PIXELS, is_raster, size};
use crate::site::{Cut, Pictures, Site};

/// What a target is as a picture, without words; `None` if it can't be published. Anything elsewhere is taken as it is. `names` are those that were taken out of
/// the story.
pub fn picture(site: &Site, address: &str, target: &Target, names: &Names) -> Option<Image> {
    let (published, file) = match target {
        // An address that held a name leads nowhere any more.
        Target::Elsewhere if address.contains(MARK) => return None,
        Target::Elsewhere => return Some(Image { src: address.to_owned(), ..Image::default() }),
        Target::OnSite(at) => (at.clone(), site.statics.join(at.trim_start_matches('/'))),
        Target::Asset(at) => (asset_address(at, names)?, site.content.join(at)),
        Target::Missing | Target::Ambiguous => return None,
    };
    let (src, size) = (site.href(&published), size(&file));
    let pictures = site.config.pictures.as_ref().filter(|_| is_raster(&published));
    let srcset = pictures.zip(size).and_then(|(pictures, size)| srcset(&src, size, pictures));
    Some(Image { src, size, srcset, ..Image::default() })
}

/// The copies of a picture for `srcset` (HTML, section 4.8.4.2.1), narrowest first. The picture itself is one of them, unless it is wider than any
/// reader needs.
fn srcset(src: &str, size: (u32, u32), pictures: &Pictures) -> Option<String> {
    let (width, _) = Some(size).filter(fits)?;
    let widest = pictures.widths.first()?;
    let mut set = String::new();
    let narrower: Vec<u32> = pictures.below(width).collect();
    for narrower in narrower.iter().rev() {
        // Writing to a string can't fail.
        let _ = write!(set, "{} {narrower}w, ", copy_of(src, *narrower));
    }
    if width <= *widest {
        let _ = write!(set, "{src} {width}w, ");
    }
    (!narrower.is_empty()).then(|| set.trim_end_matches(", ").to_owned())
}

/// The address or the path of a picture's copy of some width, or in some shape.
pub fn copy_of(path: &str, which: impl Display) -> String {
    format!("{path}.{which}.webp")
}

/// The cuts of a story's main picture that machines are offered, each with its address: none of a picture elsewhere, or of one that is too large.
pub fn cuts<'s>(image: &Image, site: &'s Site) -> impl Iterator<Item = (String, Cut)> + use<'s> {
    let ratios = site.config.pictures.as_ref().map_or(&[][..], |pictures| &pictures.ratios);
    let size = image.size.filter(|_| is_raster(&image.src)).filter(fits);
    let src = image.src.clone();
    ratios.iter().filter_map(move |ratio| {
        let cut = ratio.cut(size?)?;
        Some((copy_of(&src, cut.ratio), cut))
    })
}

fn fits((width, height): &(u32, u32)) -> bool {
    u64::from(*width) * u64::from(*height) <= MOST_PIXELS
}

/// The cuts of the picture in a file.
pub fn cuts_of(file: &Path, pictures: &Pictures) -> Vec<Cut> {
    let size = size(file).filter(fits);
    size.map_or(Vec::new(), |size| pictures.ratios.iter().filter_map(|ratio| ratio.cut(size)).collect())
}

/// The copies of the picture in a file: their widths. A picture that is no wider than the narrowest has none, nor has one that is too large.
pub fn copies(file: &Path, pictures: &Pictures) -> Vec<u32> {
    size(file).filter(fits).map_or(Vec::new(), |(width, _)| pictures.below(width).collect())
}

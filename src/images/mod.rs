//! Images: smaller WebP copies for small screens, the size as displayed, files without metadata.

mod budget;
mod decode;
mod file;
mod limits;
mod metadata;
mod resize;
mod size;

pub(crate) use file::{ImageError, ImageFile, PublishedImage, Work, remove_metadata};
pub(crate) use limits::{MAX_BYTES, MAX_PIXELS};
pub(crate) use metadata::{Container, KeptTexts, find_script, has_image_extension};
pub(crate) use resize::{crop_to_webp, resize_to_webp};
pub(crate) use size::{is_animated, is_raster, read_size};

/// The version of the output: increased when copies of the same image would differ.
pub(crate) const VERSION: u64 = 1;

/// The version of the files without metadata: increased when those of the same image would differ.
pub(crate) const CLEAN_VERSION: u64 = 1;

//! Copies: files that are published as they are, pictures without the place where they were taken,
//! and smaller or cut copies of pictures, which are made once and kept in the site's state folder.

use std::ffi::OsStr;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::cache::file_stamps::{self, ScanTime};
use crate::config::{AspectRatio, ImageSettings, Site};
use crate::content::image::{copy_path, copy_widths, crops_of_file};
use crate::diagnostics::Diagnostic;
use crate::images::{self, MAX_BYTES, is_raster};
use crate::model::{Fingerprint, Fingerprinter, OutputPath};

/// Where copies of pictures are kept, below the state folder.
const COPIES_FOLDER: &str = "pictures";

/// A file of `content/` that a story shows or links to: its path there, and the address at which it
/// is published.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Asset {
    pub(crate) path: String,
    pub(crate) url: String,
}

/// A picture of which copies are wanted: its path in `static/` or in `content/`, and the address at
/// which it is published.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SourceImage {
    pub(crate) in_static: bool,
    pub(crate) path: String,
    pub(crate) url: String,
    /// Whether it is a story's main one, which machines are offered in several shapes.
    pub(crate) is_main: bool,
}

/// Which copy of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ImageVariant {
    /// One of this width.
    Width(u32),
    /// The middle in this shape.
    Crop(AspectRatio),
}

impl fmt::Display for ImageVariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Width(width) => width.fmt(f),
            Self::Crop(ratio) => ratio.fmt(f),
        }
    }
}

/// A file that is copied.
pub(crate) struct CopiedFile {
    pub(crate) from: PathBuf,
    pub(crate) to: OutputPath,
    stamp: u64,
    /// Whether it is published with an article; else it is one of `static/`.
    pub(crate) is_asset: bool,
    /// Which copy of a picture it is; none for a copy of the file as it is.
    pub(crate) variant: Option<ImageVariant>,
}

impl CopiedFile {
    /// A file with its stamp as it is now.
    pub(crate) fn new(from: PathBuf, to: OutputPath, is_asset: bool, scan_time: ScanTime) -> Self {
        let stamp = scan_time.file_stamp(&from);
        Self { from, to, stamp, is_asset, variant: None }
    }

    /// The hash of all that it is made from.
    pub(crate) fn inputs_hash(&self, site: &Site) -> Fingerprint {
        let file_hash = file_stamps::copy_inputs_hash(self.stamp);
        let Some((variant, image_settings)) = self.variant.zip(site.config.images.as_ref()) else {
            return file_hash;
        };
        if file_hash == Fingerprint::DIRTY {
            return file_hash;
        }
        let mut hash = Fingerprinter::new();
        hash.add(file_hash).number(image_settings.quality.into()).number(images::VERSION);
        match variant {
            ImageVariant::Width(width) => hash.number(width.into()),
            ImageVariant::Crop(ratio) => hash.text(&ratio.to_string()),
        };
        hash.finish()
    }

    /// What is to be written. What is wrong with a picture is told, and the picture itself stands
    /// in for its smaller copies. `keep` says whether copies that are made now are kept for later
    /// builds.
    pub(crate) fn read_content(&self, site: &Site, save_variants: bool) -> CopyContent {
        let display_path = || {
            self.from.strip_prefix(&site.root).unwrap_or(&self.from).to_string_lossy().into_owned()
        };
        let bytes = match read_image(&self.from) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return Ok((None, Vec::new())),
            Err(error) => {
                let message = format!("can't read it: {error}");
                return Err(vec![Diagnostic::error("unreadable", display_path(), message)]);
            }
        };
        let variant_settings = self.variant.zip(site.config.images.as_ref());
        let variant_result = variant_settings.map(|(variant, image_settings)| {
            self.load_or_create_variant(&bytes, variant, image_settings, site, save_variants)
        });
        let (variant_bytes, diagnostics) = match variant_result.transpose() {
            Ok(variant_bytes) => (variant_bytes, Vec::new()),
            Err(reason) => {
                let message = format!("no smaller copies can be made of this picture: {reason}");
                let help = "open it in a program for pictures and save it anew; until then it is shown as it is";
                (None, vec![Diagnostic::warning("bad-picture", display_path(), message).help(help)])
            }
        };
        let variant_bytes = variant_bytes.filter(|encoded| !encoded.is_empty());
        Ok((variant_bytes.or_else(|| images::strip_location(&bytes)), diagnostics))
    }

    /// The bytes of a copy, none where they would be more, from the state folder or made now with
    /// all its siblings.
    fn load_or_create_variant(
        &self,
        bytes: &[u8],
        variant: ImageVariant,
        image_settings: &ImageSettings,
        site: &Site,
        save_variants: bool,
    ) -> Result<Vec<u8>, String> {
        let folder =
            site.cache_dir.join(COPIES_FOLDER).join(variants_folder_name(&self.from, site));
        let version = format!(
            "{:016x}-{}-v{}",
            Fingerprint::hash_bytes(bytes).0,
            image_settings.quality,
            images::VERSION
        );
        let file_name = |variant: ImageVariant| format!("{version}-{variant}.webp");
        if let Ok(cached) = fs::read(folder.join(file_name(variant))) {
            return Ok(cached);
        }
        let variants: Vec<(ImageVariant, Vec<u8>)> = match variant {
            ImageVariant::Width(_) => {
                let narrowed = images::resize_to_webp(
                    bytes,
                    &copy_widths(&self.from, image_settings),
                    image_settings.quality,
                )?;
                narrowed
                    .into_iter()
                    .map(|(width, bytes)| (ImageVariant::Width(width), bytes))
                    .collect()
            }
            ImageVariant::Crop(_) => {
                let crops = crops_of_file(&self.from, image_settings);
                let regions: Vec<_> =
                    crops.iter().map(|crop| [crop.crop_size, crop.output_size]).collect();
                let cropped = images::crop_to_webp(bytes, &regions, image_settings.quality)?;
                crops.iter().map(|crop| ImageVariant::Crop(crop.ratio)).zip(cropped).collect()
            }
        };
        if save_variants {
            // What can't be kept is made again next time.
            let save = || -> io::Result<()> {
                fs::create_dir_all(&folder)?;
                let entries = fs::read_dir(&folder)?.filter_map(Result::ok);
                let outdated = entries
                    .filter(|entry| !entry.file_name().to_string_lossy().starts_with(&version));
                outdated.for_each(|entry| drop(fs::remove_file(entry.path())));
                for (variant, bytes) in &variants {
                    let temp_path = folder
                        .join(format!("{version}-{variant}.{:?}", std::thread::current().id()));
                    fs::write(&temp_path, bytes)
                        .and_then(|()| fs::rename(&temp_path, folder.join(file_name(*variant))))?;
                }
                Ok(())
            };
            let _ = save();
        }
        let found = variants.into_iter().find(|(candidate, _)| *candidate == variant);
        found.map(|(_, bytes)| bytes).ok_or_else(|| "it is smaller than its head said".to_owned())
    }
}

/// The bytes to write, or none if it is the file as it is; with what is wrong with the picture. Or
/// why there is none.
pub(crate) type CopyContent = Result<(Option<Vec<u8>>, Vec<Diagnostic>), Vec<Diagnostic>>;

/// The copies that are wanted of some pictures.
pub(crate) fn image_copies(
    images: &[SourceImage],
    site: &Site,
    scan_time: ScanTime,
) -> Vec<CopiedFile> {
    let Some(image_settings) = &site.config.images else { return Vec::new() };
    let copies_of = |SourceImage { in_static, path, url, is_main }: &SourceImage| {
        let folder = if *in_static { &site.static_dir } else { &site.content_dir };
        let (from, url) = (folder.join(path), url.clone());
        let stamp = scan_time.file_stamp(&from);
        let crops = if *is_main { crops_of_file(&from, image_settings) } else { Vec::new() };
        let narrowed = copy_widths(&from, image_settings).into_iter().map(ImageVariant::Width);
        narrowed.chain(crops.into_iter().map(|crop| ImageVariant::Crop(crop.ratio))).map(
            move |variant| CopiedFile {
                from: from.clone(),
                to: OutputPath::from_url_path(copy_path(&url, variant)),
                stamp,
                is_asset: true,
                variant: Some(variant),
            },
        )
    };
    images.iter().flat_map(copies_of).collect()
}

/// Removes what is kept of pictures that no story shows any more.
pub(crate) fn remove_unused_variants<'c>(
    site: &Site,
    planned_copies: impl Iterator<Item = &'c CopiedFile>,
) {
    let Ok(entries) = fs::read_dir(site.cache_dir.join(COPIES_FOLDER)) else { return };
    let used_folders: Vec<String> = planned_copies
        .filter(|copy| copy.variant.is_some())
        .map(|copy| variants_folder_name(&copy.from, site))
        .collect();
    let is_used = |name: &OsStr| used_folders.iter().any(|folder| name == folder.as_str());
    // What can't be removed does no harm.
    entries
        .filter_map(Result::ok)
        .filter(|entry| !is_used(&entry.file_name()))
        .for_each(|entry| drop(fs::remove_dir_all(entry.path())));
}

/// The name of the folder for one picture's copies.
fn variants_folder_name(image: &Path, site: &Site) -> String {
    let path = image.strip_prefix(&site.root).unwrap_or(image).to_string_lossy().replace('\\', "/");
    format!("{:016x}", Fingerprint::hash_bytes(path.as_bytes()).0)
}

/// The bytes of a picture; none of any other file, nor of one that is too large to look into.
fn read_image(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let file = File::open(path)?;
    if !is_raster(&path.to_string_lossy()) || file.metadata()?.len() > MAX_BYTES {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    file.take(MAX_BYTES).read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

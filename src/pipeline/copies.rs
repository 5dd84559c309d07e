//! Files that are published as they are, images without the location where they were taken, and
//! smaller or cropped copies of images, which are made once and kept in the cache folder.

use std::ffi::OsStr;
use std::fmt;
use std::fs::{self};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::cache::file_stamps::{self, ScanTime};
use super::options::WriteMode;
use crate::config::{AspectRatio, ImageSettings, Site};
use crate::content::image::{copy_path, copy_widths, crops_of_file};
use crate::diagnostics::Diagnostic;
use crate::images::{self, MAX_BYTES, is_raster};
use crate::model::{Fingerprint, Fingerprinter, OutputPath};
use crate::regular_file;

/// The folder for copies of images, below the cache folder.
const COPIES_FOLDER: &str = "images";

/// A file of `content/` that an article shows or links to: its path there, and its URL.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Asset {
    pub(crate) path: String,
    pub(crate) url: String,
}

/// An image of which copies are made: its path in `static/` or in `content/`, and its URL.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SourceImage {
    pub(crate) in_static: bool,
    pub(crate) path: String,
    pub(crate) url: String,
    /// True if it is the main image of an article, which is cropped to the shapes in
    /// `images.ratios`.
    pub(crate) is_main: bool,
}

/// A copy of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ImageVariant {
    /// The whole image, with this width in pixels.
    Width(u32),
    /// The middle of the image, in this shape.
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

/// A copy of a file or of an image.
pub(crate) struct CopiedFile {
    pub(crate) from: PathBuf,
    pub(crate) to: OutputPath,
    stamp: u64,
    /// True if it is a file of an article; otherwise it is one of `static/`.
    pub(crate) is_asset: bool,
    /// The copy of an image; none for a copy of the file as it is.
    pub(crate) variant: Option<ImageVariant>,
}

impl CopiedFile {
    /// A copy of a file of `static/`.
    pub(crate) fn of_static(from: PathBuf, to: OutputPath, scan_time: ScanTime) -> Self {
        let stamp = scan_time.file_stamp(&from);
        Self { from, to, stamp, is_asset: false, variant: None }
    }

    /// A copy of a file that an article shows or links to.
    pub(crate) fn of_asset(from: PathBuf, to: OutputPath, scan_time: ScanTime) -> Self {
        Self { is_asset: true, ..Self::of_static(from, to, scan_time) }
    }

    /// Returns the hash of everything that it depends on.
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

    /// Returns the content to write. If no copies can be made of an image, a warning is added and
    /// the image itself is used instead. Except in a dry run, new copies are kept for later builds.
    pub(crate) fn read_content(&self, site: &Site, mode: WriteMode) -> CopyContent {
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
            let variants = VariantFiles::new(self, &bytes, image_settings, site);
            variants.load_or_create(variant, mode)
        });
        let (variant_bytes, diagnostics) = match variant_result.transpose() {
            Ok(variant_bytes) => (variant_bytes, Vec::new()),
            Err(reason) => {
                let message = format!("no smaller copies can be made of this image: {reason}");
                let help = "open it in an image editor and save it again; until then it is shown \
                            at its full size";
                (None, vec![Diagnostic::warning("bad-picture", display_path(), message).help(help)])
            }
        };
        let variant_bytes = variant_bytes.filter(|encoded| !encoded.is_empty());
        Ok((variant_bytes.or_else(|| images::strip_location(&bytes)), diagnostics))
    }
}

/// The copies of an image in the cache folder.
struct VariantFiles<'a> {
    image: &'a Path,
    bytes: &'a [u8],
    settings: &'a ImageSettings,
    folder: PathBuf,
    /// The beginning of the copies' file names, which changes with the image and the settings.
    version: String,
}

impl<'a> VariantFiles<'a> {
    fn new(
        copy: &'a CopiedFile,
        bytes: &'a [u8],
        settings: &'a ImageSettings,
        site: &Site,
    ) -> Self {
        let folder =
            site.cache_dir.join(COPIES_FOLDER).join(variants_folder_name(&copy.from, site));
        let hash = Fingerprint::hash_bytes(bytes).0;
        let version = format!("{hash:016x}-{}-v{}", settings.quality, images::VERSION);
        Self { image: &copy.from, bytes, settings, folder, version }
    }

    /// Returns the bytes of a copy, none if it would be larger than the image; from the cache
    /// folder, or created together with all other copies of its kind.
    fn load_or_create(&self, variant: ImageVariant, mode: WriteMode) -> Result<Vec<u8>, String> {
        if let Ok(cached) = fs::read(self.file(variant)) {
            return Ok(cached);
        }
        let variants = self.create_all_like(variant)?;
        if mode == WriteMode::Write {
            // A copy that can't be saved is created again in the next build.
            let _ = self.save(&variants);
        }
        let found = variants.into_iter().find(|(candidate, _)| *candidate == variant);
        found
            .map(|(_, bytes)| bytes)
            .ok_or_else(|| "it is smaller than its header states".to_owned())
    }

    fn file(&self, variant: ImageVariant) -> PathBuf {
        self.folder.join(format!("{}-{variant}.webp", self.version))
    }

    /// Creates all copies of the kind of one.
    fn create_all_like(
        &self,
        variant: ImageVariant,
    ) -> Result<Vec<(ImageVariant, Vec<u8>)>, String> {
        let quality = self.settings.quality;
        match variant {
            ImageVariant::Width(_) => {
                let widths = copy_widths(self.image, self.settings);
                let resized = images::resize_to_webp(self.bytes, &widths, quality)?;
                let variants = resized.into_iter();
                Ok(variants.map(|(width, bytes)| (ImageVariant::Width(width), bytes)).collect())
            }
            ImageVariant::Crop(_) => {
                let crops = crops_of_file(self.image, self.settings);
                let regions: Vec<_> =
                    crops.iter().map(|crop| [crop.crop_size, crop.output_size]).collect();
                let cropped = images::crop_to_webp(self.bytes, &regions, quality)?;
                Ok(crops.iter().map(|crop| ImageVariant::Crop(crop.ratio)).zip(cropped).collect())
            }
        }
    }

    /// Saves copies, and removes those of earlier versions of the image.
    fn save(&self, variants: &[(ImageVariant, Vec<u8>)]) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let entries = fs::read_dir(&self.folder)?.filter_map(Result::ok);
        let outdated =
            entries.filter(|entry| !entry.file_name().to_string_lossy().starts_with(&self.version));
        outdated.for_each(|entry| drop(fs::remove_file(entry.path())));
        for (variant, bytes) in variants {
            let thread = std::thread::current().id();
            let temp_path = self.folder.join(format!("{}-{variant}.{thread:?}", self.version));
            fs::write(&temp_path, bytes)
                .and_then(|()| fs::rename(&temp_path, self.file(*variant)))?;
        }
        Ok(())
    }
}

/// The bytes to write, none if the file is copied as it is, with warnings about the image; or the
/// errors because of which there is no content.
pub(crate) type CopyContent = Result<(Option<Vec<u8>>, Vec<Diagnostic>), Vec<Diagnostic>>;

/// Returns the copies to be made of some images.
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

/// Removes the copies of images that no article shows any more from the cache folder.
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
    // A folder that can't be removed does no harm.
    entries
        .filter_map(Result::ok)
        .filter(|entry| !is_used(&entry.file_name()))
        .for_each(|entry| drop(fs::remove_dir_all(entry.path())));
}

/// Returns the name of the folder for the copies of an image.
fn variants_folder_name(image: &Path, site: &Site) -> String {
    let path = image.strip_prefix(&site.root).unwrap_or(image).to_string_lossy().replace('\\', "/");
    format!("{:016x}", Fingerprint::hash_bytes(path.as_bytes()).0)
}

/// Reads an image; none if it is another kind of file, or larger than [`MAX_BYTES`].
fn read_image(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let (file, metadata) = regular_file::open_with_metadata(path)?;
    if !is_raster(&path.to_string_lossy()) || metadata.len() > MAX_BYTES {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    file.take(MAX_BYTES).read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

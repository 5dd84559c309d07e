//! Files that are published as they are, images without metadata, and smaller or cropped copies of
//! images, which are made once and kept in the cache folder.

use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::cache::file_stamps::{self, ScanTime};
use super::options::WriteMode;
use crate::config::{
    AspectRatio, HtmlPolicy, ImageMetadataSettings, ImageSettings, ImageText, Site, StaticImages,
    UnreadableImages,
};
use crate::content::image::{copy_path, copy_widths, crops_of_file};
use crate::diagnostics::Diagnostic;
use crate::images::{self, Container, ImageError, ImageFile, KeptTexts, PublishedImage, Work};
use crate::model::{Fingerprint, Fingerprinter, OutputPath};
use crate::regular_file;

/// The folder for copies of images, below the cache folder.
const COPIES_FOLDER: &str = "images";

/// The codes of the errors about an image that isn't published, since its metadata can't be removed
/// or it runs a script. An earlier copy of it doesn't stay.
pub(crate) const REFUSED_IMAGE_CODES: [&str; 2] = ["image-metadata", "svg-script"];

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
        if file_hash == Fingerprint::DIRTY {
            return file_hash;
        }
        let mut hash = Fingerprinter::new();
        hash.add(file_hash).number(images::CLEAN_VERSION);
        for (name, value) in site.setting_texts.select(&["html", "image_metadata"]) {
            hash.text(&name).text(&value);
        }
        if let Some((variant, image_settings)) = self.variant.zip(site.config.images.as_ref()) {
            hash.number(image_settings.quality.into()).number(images::VERSION);
            match variant {
                ImageVariant::Width(width) => hash.number(width.into()),
                ImageVariant::Crop(ratio) => hash.text(&ratio.to_string()),
            };
        }
        hash.finish()
    }

    /// Returns the content to write. If no copies can be made of an image, a warning is added and
    /// the image itself is used instead. Except in a dry run, new copies are kept for later builds.
    pub(crate) fn read_content(&self, site: &Site, mode: WriteMode) -> CopyContent {
        let content = self.read_image(site, mode)?;
        let cleaned = content.0.as_ref().map(|image| &*image.bytes);
        match self.find_script(site, cleaned).map_err(|error| self.unreadable(site, &error))? {
            None => Ok(content),
            Some(script) => {
                let message = format!("this drawing isn't published: it contains {script}");
                let help = "remove the script, or save the drawing as PNG; a site with \
                            `html: trusted`, and static/, may have drawings with scripts";
                let diagnostic = Diagnostic::error("svg-script", self.display_path(site), message);
                Err(vec![diagnostic.help(help)])
            }
        }
    }

    fn display_path(&self, site: &Site) -> String {
        self.from.strip_prefix(&site.root).unwrap_or(&self.from).to_string_lossy().into_owned()
    }

    fn unreadable(&self, site: &Site, error: &io::Error) -> Vec<Diagnostic> {
        let message = format!("can't read it: {error}");
        vec![Diagnostic::error("unreadable", self.display_path(site), message)]
    }

    /// Returns the image without metadata, or a smaller copy of it; nothing if the file is to be
    /// copied as it is.
    fn read_image(&self, site: &Site, mode: WriteMode) -> CopyContent {
        let display_path = || self.display_path(site);
        let unreadable = |error: io::Error| self.unreadable(site, &error);
        let metadata_settings = &site.config.image_metadata;
        let keeps_metadata = !self.is_asset && metadata_settings.static_files == StaticImages::Keep;
        let container = Container::of_file(&self.from).map_err(unreadable)?;
        let Some(container) = container.filter(|_| !keeps_metadata) else {
            return Ok((None, Vec::new()));
        };
        let mut diagnostics = Vec::new();
        match self.load_variant(site, mode) {
            Ok(Some(variant)) => return Ok((Some(variant), diagnostics)),
            Ok(None) => {}
            Err(ImageError::Io(error)) => return Err(unreadable(error)),
            Err(ImageError::Refused(reason)) => {
                let message = format!("no smaller copies can be made of this image: {reason}");
                let help = "open it in an image editor and save it again; until then it is shown \
                            at its full size";
                let warning = Diagnostic::warning("bad-picture", display_path(), message);
                diagnostics.push(warning.help(help));
            }
        }
        match container.read_clean(&self.from, kept_texts(metadata_settings)) {
            Ok(image) => Ok((Some(image), diagnostics)),
            Err(ImageError::Io(error)) => Err(unreadable(error)),
            Err(ImageError::Refused(_))
                if metadata_settings.unreadable == UnreadableImages::Publish =>
            {
                Ok((None, diagnostics))
            }
            Err(ImageError::Refused(reason)) => {
                let message = format!(
                    "this image isn't published: its metadata can't be removed, since {reason}"
                );
                let help = "save it as JPEG, PNG or WebP in an image editor; \
                    `image_metadata: {unreadable: publish}` in site.yaml publishes such files \
                    unchanged, including the location in them";
                Err(vec![Diagnostic::error("image-metadata", display_path(), message).help(help)])
            }
        }
    }

    /// Returns what runs a script in a drawing of an article, unless the site trusts its articles.
    /// `cleaned` is its content without metadata, if that was removed.
    ///
    /// # Errors
    /// The I/O error of opening or reading the file.
    fn find_script(&self, site: &Site, cleaned: Option<&[u8]>) -> io::Result<Option<&'static str>> {
        let has_svg_name =
            self.from.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("svg"));
        if !has_svg_name || !self.is_asset || site.config.html == HtmlPolicy::Trusted {
            return Ok(None);
        }
        if let Some(cleaned) = cleaned {
            return Ok(images::find_script(cleaned));
        }
        let mut bytes = Vec::new();
        regular_file::open(&self.from)?.take(images::MAX_BYTES + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > images::MAX_BYTES {
            return Ok(Some("too much text to look for scripts"));
        }
        Ok(images::find_script(&bytes))
    }

    /// Returns true if the settings publish an image with metadata that could be removed, or that
    /// may be there in a file that can't be read.
    pub(crate) fn has_published_metadata(&self, site: &Site) -> bool {
        let settings = &site.config.image_metadata;
        let keeps_metadata = !self.is_asset && settings.static_files == StaticImages::Keep;
        if self.variant.is_some()
            || !keeps_metadata && settings.unreadable == UnreadableImages::Refuse
        {
            return false;
        }
        let Ok(Some(container)) = Container::of_file(&self.from) else { return false };
        match container.read_clean(&self.from, kept_texts(settings)) {
            Ok(image) => keeps_metadata && !image.is_unchanged,
            Err(ImageError::Refused(_)) => true,
            Err(ImageError::Io(_)) => false,
        }
    }

    /// Returns a copy of the image, if it is one; `None` if it would be larger than the image.
    fn load_variant(
        &self,
        site: &Site,
        mode: WriteMode,
    ) -> Result<Option<PublishedImage>, ImageError> {
        let Some((variant, image_settings)) = self.variant.zip(site.config.images.as_ref()) else {
            return Ok(None);
        };
        let work = match variant {
            ImageVariant::Width(_) => {
                let widths = copy_widths(&self.from, image_settings);
                Work::Resize(widths.first().copied().unwrap_or_default())
            }
            ImageVariant::Crop(_) => Work::Crop,
        };
        let file = ImageFile::load(&self.from, work)?;
        let variants = VariantFiles::new(self, &file, image_settings, site);
        let bytes = variants.load_or_create(variant, mode).map_err(ImageError::Refused)?;
        Ok(Some(bytes)
            .filter(|bytes| !bytes.is_empty())
            .map(|bytes| PublishedImage::new(bytes, file)))
    }
}

/// Returns the texts that stay in images.
fn kept_texts(settings: &ImageMetadataSettings) -> KeptTexts {
    KeptTexts {
        copyright: settings.keeps(ImageText::Copyright),
        artist: settings.keeps(ImageText::Artist),
        credit: settings.keeps(ImageText::Credit),
    }
}

/// The copies of an image in the cache folder.
struct VariantFiles<'a> {
    image: &'a Path,
    file: &'a ImageFile<'static>,
    settings: &'a ImageSettings,
    folder: PathBuf,
    /// The beginning of the copies' file names, which changes with the image and the settings.
    version: String,
}

impl<'a> VariantFiles<'a> {
    fn new(
        copy: &'a CopiedFile,
        file: &'a ImageFile<'static>,
        settings: &'a ImageSettings,
        site: &Site,
    ) -> Self {
        let folder =
            site.cache_dir.join(COPIES_FOLDER).join(variants_folder_name(&copy.from, site));
        let hash = Fingerprint::hash_bytes(&file.bytes).0;
        let version = format!("{hash:016x}-{}-v{}", settings.quality, images::VERSION);
        Self { image: &copy.from, file, settings, folder, version }
    }

    /// Returns the bytes of a copy, none if it would be larger than the image; from the cache
    /// folder, or created together with all other copies of its kind.
    fn load_or_create(&self, variant: ImageVariant, mode: WriteMode) -> Result<Vec<u8>, String> {
        if let Some(cached) = read_checked(&self.file(variant)) {
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
        self.folder.join(format!("{}-{variant}.copy", self.version))
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
                let resized = images::resize_to_webp(self.file, &widths, quality)?;
                let variants = resized.into_iter();
                Ok(variants.map(|(width, bytes)| (ImageVariant::Width(width), bytes)).collect())
            }
            ImageVariant::Crop(_) => {
                let crops = crops_of_file(self.image, self.settings);
                let regions: Vec<_> =
                    crops.iter().map(|crop| [crop.crop_size, crop.output_size]).collect();
                let cropped = images::crop_to_webp(self.file, &regions, quality)?;
                Ok(crops.iter().map(|crop| ImageVariant::Crop(crop.ratio)).zip(cropped).collect())
            }
        }
    }

    /// Saves copies, and removes those of earlier versions of the image.
    fn save(&self, variants: &[(ImageVariant, Vec<u8>)]) -> io::Result<()> {
        if fs::symlink_metadata(&self.folder).is_ok_and(|metadata| !metadata.is_dir()) {
            regular_file::remove_any(&self.folder)?;
        }
        fs::create_dir_all(&self.folder)?;
        let entries = fs::read_dir(&self.folder)?.filter_map(Result::ok);
        let outdated =
            entries.filter(|entry| !entry.file_name().to_string_lossy().starts_with(&self.version));
        outdated.for_each(|entry| drop(regular_file::remove_any(&entry.path())));
        for (variant, bytes) in variants {
            let thread = std::thread::current().id();
            let temp_path = self.folder.join(format!("{}-{variant}.{thread:?}", self.version));
            let hash = Fingerprint::hash_bytes(bytes).0.to_le_bytes();
            regular_file::write(&temp_path, &[bytes, &hash[..]].concat())?;
            regular_file::rename(&temp_path, &self.file(*variant))?;
        }
        Ok(())
    }
}

/// The bytes to write, none if the file is copied as it is, with warnings about the image; or the
/// errors because of which there is no content.
pub(crate) type CopyContent = Result<(Option<PublishedImage>, Vec<Diagnostic>), Vec<Diagnostic>>;

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

/// Reads a cached copy, without the hash (XXH3) at its end; `None` if there is none, or if it is
/// damaged.
fn read_checked(file: &Path) -> Option<Vec<u8>> {
    let mut bytes = regular_file::read_up_to(file, images::MAX_BYTES).ok()?;
    let length = bytes.len().checked_sub(size_of::<u64>())?;
    let hash = Fingerprint::hash_bytes(&bytes[..length]).0.to_le_bytes();
    let is_intact = bytes[length..] == hash;
    bytes.truncate(length);
    is_intact.then_some(bytes)
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
        .for_each(|entry| drop(regular_file::remove_any(&entry.path())));
}

/// Returns the name of the folder for the copies of an image.
fn variants_folder_name(image: &Path, site: &Site) -> String {
    let path = image.strip_prefix(&site.root).unwrap_or(image).to_string_lossy().replace('\\', "/");
    format!("{:016x}", Fingerprint::hash_bytes(path.as_bytes()).0)
}

//! The smaller copies of images that a site enables, and the metadata of published images.

use serde::{Serialize, Serializer};

use super::settings_reader::SettingsReader;

const DEFAULT_WIDTHS: &[u32] = &[480, 960, 1600];
const DEFAULT_QUALITY: u8 = 80;
/// The maximum width of a crop, as Google's documentation of NewsArticle recommends.
const MAX_CROP_WIDTH: u32 = 1200;
/// The minimum number of pixels of a crop, from the same documentation.
const MIN_CROP_PIXELS: u64 = 50_000;
/// The maximum number of widths, and of aspect ratios.
const MAX_VARIANTS: usize = 8;
const WIDTH_RANGE: std::ops::RangeInclusive<u32> = 16..=8192;

/// The copies that are made of each image in an article.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct ImageSettings {
    /// Their widths in pixels, widest first, each once.
    pub widths: Vec<u32>,
    /// The quality of their encoding, from 1 to 100.
    pub quality: u8,
    /// The aspect ratios that articles' main images are cropped to for structured data.
    pub ratios: Vec<AspectRatio>,
}

/// The aspect ratio of an image, width to height.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct AspectRatio(u16, u16);

impl AspectRatio {
    /// Parses an aspect ratio as in `site.yaml`: `16:9`.
    fn parse(text: &str) -> Option<Self> {
        let (width, height) = text.split_once(':')?;
        let (width, height): (u16, u16) = (width.trim().parse().ok()?, height.trim().parse().ok()?);
        ((1..=100).contains(&width) && (1..=100).contains(&height)).then_some(Self(width, height))
    }

    /// Returns the largest centered crop of an image that has this aspect ratio, scaled down to the
    /// width that search engines recommend; `None` if it would have fewer pixels than they accept.
    pub(crate) fn crop(self, (width, height): (u32, u32)) -> Option<Crop> {
        let (ratio_width, ratio_height) = (u64::from(self.0), u64::from(self.1));
        let (image_width, image_height) = (u64::from(width), u64::from(height));
        let crop_size = if image_width * ratio_height > image_height * ratio_width {
            (image_height * ratio_width / ratio_height, image_height)
        } else {
            (image_width, image_width * ratio_height / ratio_width)
        };
        let output_width = crop_size.0.min(u64::from(MAX_CROP_WIDTH));
        let output_size =
            (output_width, (output_width * ratio_height * 2 / ratio_width).div_ceil(2));
        let to_u32 = |number| u32::try_from(number).unwrap_or(u32::MAX);
        let to_u32_pair = |(first, second)| (to_u32(first), to_u32(second));
        (output_size.0 * output_size.1 >= MIN_CROP_PIXELS).then(|| Crop {
            ratio: self,
            crop_size: to_u32_pair(crop_size),
            output_size: to_u32_pair(output_size),
        })
    }
}

impl Serialize for AspectRatio {
    /// Serializes the ratio as in `site.yaml`: `16:9`.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{}:{}", self.0, self.1))
    }
}

impl std::fmt::Display for AspectRatio {
    /// Formats the ratio as in file names: `16x9`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}x{}", self.0, self.1)
    }
}

/// A centered crop of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Crop {
    /// The aspect ratio.
    pub ratio: AspectRatio,
    /// The width and height of the crop in the image.
    pub crop_size: (u32, u32),
    /// The width and height of the published file.
    pub output_size: (u32, u32),
}

/// The metadata of published images.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ImageMetadataSettings {
    /// The texts that stay.
    pub keep: Vec<ImageText>,
    /// The treatment of images in `static/`.
    pub static_files: StaticImages,
    /// The treatment of images whose metadata can't be removed.
    pub unreadable: UnreadableImages,
}

impl Default for ImageMetadataSettings {
    fn default() -> Self {
        Self {
            keep: vec![ImageText::Copyright, ImageText::Artist, ImageText::Credit],
            static_files: StaticImages::default(),
            unreadable: UnreadableImages::default(),
        }
    }
}

impl ImageMetadataSettings {
    /// Returns true if a text stays.
    pub(crate) fn keeps(&self, text: ImageText) -> bool {
        self.keep.contains(&text)
    }
}

/// A text in an image's metadata that may be published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ImageText {
    /// The copyright notice.
    Copyright,
    /// The photographer or other author.
    Artist,
    /// The credit line.
    Credit,
}

/// The treatment of images in `static/`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum StaticImages {
    /// Metadata is removed, as from images in `content/`.
    #[default]
    Remove,
    /// The files are published unchanged.
    Keep,
}

/// The treatment of images whose metadata can't be removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum UnreadableImages {
    /// They aren't published, with an error.
    #[default]
    Refuse,
    /// They are published unchanged.
    Publish,
}

#[derive(serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
struct ImagesEntry {
    widths: Vec<u32>,
    quality: u8,
    ratios: Vec<String>,
}

impl Default for ImagesEntry {
    fn default() -> Self {
        Self { widths: DEFAULT_WIDTHS.to_vec(), quality: DEFAULT_QUALITY, ratios: Vec::new() }
    }
}

/// Reads the setting `images`. A value that isn't possible keeps its default.
pub(super) fn read_images(reader: &mut SettingsReader<'_>) -> Option<ImageSettings> {
    let ImagesEntry { mut widths, mut quality, ratios } = reader.read("images")?;
    widths.sort_unstable_by(|left, right| right.cmp(left));
    widths.dedup();
    if widths.len() > MAX_VARIANTS || widths.iter().any(|width| !WIDTH_RANGE.contains(width)) {
        let (min_width, max_width) = (WIDTH_RANGE.start(), WIDTH_RANGE.end());
        let message = format!(
            "`images.widths` accepts up to {MAX_VARIANTS} widths of {min_width} to {max_width} \
             pixels"
        );
        reader.report(&["images", "widths"], &message, None);
        widths = DEFAULT_WIDTHS.iter().rev().copied().collect();
    }
    if !(1..=100).contains(&quality) {
        let message = "`images.quality` must be a number from 1 to 100";
        reader.report(&["images", "quality"], message, None);
        quality = DEFAULT_QUALITY;
    }
    let parsed: Option<Vec<AspectRatio>> =
        ratios.iter().map(|ratio| AspectRatio::parse(ratio)).collect();
    let mut ratios = parsed.filter(|ratios| ratios.len() <= MAX_VARIANTS).unwrap_or_else(|| {
        let message = format!(
            "`images.ratios` accepts up to {MAX_VARIANTS} ratios of numbers from 1 to 100: \
             \"16:9\""
        );
        reader.report(&["images", "ratios"], &message, None);
        Vec::new()
    });
    ratios.sort_unstable();
    ratios.dedup();
    Some(ImageSettings { widths, quality, ratios })
}

impl ImageSettings {
    /// Returns the configured widths below the width of an image.
    pub(crate) fn widths_below(&self, width: u32) -> impl Iterator<Item = u32> + '_ {
        self.widths.iter().copied().filter(move |narrower| *narrower < width)
    }
}

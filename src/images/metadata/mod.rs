//! The metadata of published images. Only what changes pixels or timing stays, and the texts that a
//! site keeps; everything else is left out, known or not: EXIF with locations, serial numbers and
//! thumbnails, XMP, IPTC, comments, chunks of any other kind, and bytes after the end of an image.

mod bitmap;
mod boxes;
mod exif;
mod fields;
mod gif;
mod header;
mod heif_items;
mod heif_locations;
mod isobmff;
mod jpeg;
mod jxl;
mod movie;
mod png;
mod svg;
mod svg_scripts;
mod texts;
mod tiff;
mod webp;

pub(crate) use fields::{Fields, Problem};
pub(crate) use header::ImageHeader;
pub(crate) use svg_scripts::find_script;
pub(crate) use texts::KeptTexts;

use super::decode;

/// The number of bytes from which [`Container::detect`] recognizes a format.
pub(crate) const DETECTED_BYTES: usize = 1024;

/// The format of an image's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Container {
    Jpeg,
    Png,
    WebP,
    Gif,
    Tiff,
    Svg,
    /// AVIF or HEIC.
    Heif,
    JpegXl,
    Bitmap,
    Icon,
    /// An image in a format whose metadata this program can't read.
    Unknown,
}

/// The extensions of files whose metadata can be removed.
const SUPPORTED_EXTENSIONS: &[&str] = &[
    "apng", "avif", "avifs", "bmp", "cur", "dib", "gif", "heic", "heics", "heif", "heifs", "hif",
    "ico", "jfif", "jpe", "jpeg", "jpg", "jxl", "pjp", "pjpeg", "png", "svg", "tif", "tiff",
    "webp",
];

/// The extensions of other images.
const UNSUPPORTED_EXTENSIONS: &[&str] = &[
    "3fr", "arw", "cdr", "cr2", "cr3", "crw", "dcm", "dds", "dng", "emf", "emz", "eps", "erf",
    "exr", "ff", "fff", "fit", "fits", "hdp", "hdr", "iiq", "indd", "j2c", "j2k", "jng", "jp2",
    "jpf", "jpm", "jpx", "jxr", "kdc", "mef", "mng", "mos", "mrw", "nef", "nrw", "orf", "pam",
    "pbm", "pcx", "pef", "pfm", "pgm", "pict", "pnm", "ppm", "psb", "psd", "qoi", "raf", "ras",
    "raw", "rgb", "rw2", "rwl", "sgi", "sr2", "srf", "srw", "svgz", "tga", "wdp", "wmf", "wmz",
    "x3f", "xbm", "xcf", "xpm",
];

/// Returns true if a file's name has the extension of an image, in a format that can be published
/// or not.
pub(crate) fn has_image_extension(name: &str) -> bool {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let mut known = SUPPORTED_EXTENSIONS.iter().chain(UNSUPPORTED_EXTENSIONS);
    known.any(|one| extension.eq_ignore_ascii_case(one))
}

impl Container {
    /// Recognizes the format of a file by its first bytes, and an image in an unknown format by its
    /// name; `None` if the file isn't an image.
    pub(crate) fn detect(name: &str, head: &[u8]) -> Option<Self> {
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        let is_listed = |list: &[&str]| list.iter().any(|one| extension.eq_ignore_ascii_case(one));
        // Raw images are laid out like formats of which other files can be read.
        if is_listed(UNSUPPORTED_EXTENSIONS) {
            return Some(Self::Unknown);
        }
        match head {
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::WebP),
            _ if head.starts_with(png::SIGNATURE) => Some(Self::Png),
            [b'I', b'I', b'*' | b'+', 0, ..] | [b'M', b'M', 0, b'*' | b'+', ..] => Some(Self::Tiff),
            [b'B', b'M', ..] if is_listed(&["bmp", "dib"]) => Some(Self::Bitmap),
            [0, 0, 1 | 2, 0, ..] if is_listed(&["ico", "cur"]) => Some(Self::Icon),
            [0xff, 0x0a, ..] if is_listed(&["jxl"]) => Some(Self::JpegXl),
            _ if head.starts_with(b"GIF87a") || head.starts_with(b"GIF89a") => Some(Self::Gif),
            _ if head.starts_with(jxl::SIGNATURE) => Some(Self::JpegXl),
            _ if isobmff::is_image(head) => Some(Self::Heif),
            // A root element may follow long comments.
            _ if is_listed(&["svg"]) && head.trim_ascii_start().starts_with(b"<")
                || is_listed(SUPPORTED_EXTENSIONS) && svg::is_svg(head) =>
            {
                Some(Self::Svg)
            }
            _ => is_listed(SUPPORTED_EXTENSIONS).then_some(Self::Unknown),
        }
        .filter(|container| *container != Self::Unknown || !is_plain_text(head))
    }
}

/// Returns true if a file begins with text, such as an error page that was saved as an image. A
/// packet of metadata is none.
fn is_plain_text(head: &[u8]) -> bool {
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        // The last character may be cut off.
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    let is_control = |c: char| c.is_control() && !c.is_whitespace();
    let is_packet =
        |text: &str| ["<?xpacket", "xmpmeta", "rdf:RDF"].iter().any(|part| text.contains(part));
    !text.contains(is_control) && !is_packet(text)
}

/// Returns the bytes of an image without metadata, except the texts in `keep`.
///
/// # Errors
/// The [`Problem`] because of which the metadata can't be removed.
pub(super) fn clean(
    bytes: &[u8],
    container: Container,
    keep: KeptTexts,
) -> Result<Vec<u8>, Problem> {
    match container {
        Container::Jpeg => jpeg::clean(bytes, keep),
        Container::Png => png::clean(bytes, keep),
        Container::WebP => webp::clean(bytes, keep),
        Container::Gif => gif::clean(bytes),
        Container::Tiff => tiff::clean(bytes, keep),
        Container::Svg => {
            svg::clean(bytes, &|name, image, depth| clean_embedded(name, image, keep, depth))
        }
        Container::Heif => isobmff::clean(bytes, keep),
        Container::JpegXl => jxl::clean(bytes, keep),
        Container::Bitmap => bitmap::clean_bitmap(bytes),
        Container::Icon => bitmap::clean_icon(bytes),
        Container::Unknown => Err(Problem::Unsupported("its format isn't supported")),
    }
}

/// Cleans an image inside an SVG file, given with a name for its type and the number of files
/// around it; `None` if it isn't an image.
fn clean_embedded(
    name: &str,
    bytes: &[u8],
    keep: KeptTexts,
    depth: u8,
) -> Result<Option<Vec<u8>>, Problem> {
    match Container::detect(name, bytes) {
        Some(Container::Svg) => {
            let embedded =
                |name: &str, image: &[u8], depth| clean_embedded(name, image, keep, depth);
            svg::clean_at_depth(bytes, &embedded, depth).map(Some)
        }
        Some(container) => clean(bytes, container, keep).map(Some),
        None => Ok(None),
    }
}

/// Decodes a JPEG file that has no end, in at most `max_bytes` of memory, and encodes what there is
/// of it, with its fields.
///
/// # Errors
/// The reason, as text, why it can't be decoded or encoded.
pub(super) fn encode_again(
    bytes: &[u8],
    fields: Fields,
    keep: KeptTexts,
    max_bytes: u64,
) -> Result<Vec<u8>, String> {
    let decoded = decode::decode_image(bytes, max_bytes)?;
    let encoded = decode::encode_jpeg(&decoded)?;
    jpeg::with_fields(&encoded, fields, keep).ok_or_else(|| "it can't be encoded".to_owned())
}

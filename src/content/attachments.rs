//! The types of files that are published with an article that shows them or links to them.
//!
//! A browser must not run what a contributor writes, and a host must not take it as its
//! configuration. Hosts and browsers know more types that run scripts than can be listed (every
//! type that ends in `+xml` is one), so the others are listed: documents, data, sound and films.

use crate::images::has_image_extension;

/// The extensions of published files besides images, in lower case.
const EXTENSIONS: [&str; 79] = [
    "7z", "aac", "ac3", "aif", "aiff", "amr", "ass", "bib", "bibtex", "bz2", "cbz", "csv", "dbf",
    "djv", "djvu", "doc", "docm", "docx", "dta", "dxf", "epub", "fb2", "flac", "geojson", "gpkg",
    "gz", "ics", "json", "jsonl", "key", "kmz", "m3u8", "m4a", "m4v", "midi", "mkv", "mobi", "mov",
    "mp3", "mp4", "mpeg", "mpg", "ndjson", "numbers", "odp", "ods", "odt", "oga", "ogg", "ogv",
    "opus", "pages", "parquet", "pdf", "por", "pps", "ppsx", "ppt", "pptx", "rar", "ris", "rtf",
    "sav", "shp", "sqlite", "srt", "tar", "tex", "topojson", "tsv", "txt", "vcf", "vtt", "wav",
    "weba", "webm", "xls", "xlsx", "zip",
];

/// Returns true if a file of `content/` may be published: its name has the extension of an image, a
/// document, data, sound or a film, and no part of its path is hidden.
pub(crate) fn is_publishable(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    let is_listed = |extension: &str| EXTENSIONS.contains(&extension);
    let is_hidden = path.split('/').any(|part| part.starts_with('.'));
    !is_hidden && (extension.as_deref().is_some_and(is_listed) || has_image_extension(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_and_images_are_published() {
        for path in ["a.pdf", "2024/Table.CSV", "a.svg", "a.JPG", "b/a.tar.gz", "c.psd", "a.zip"] {
            assert!(is_publishable(path), "{path}");
        }
        for path in [
            "a.xhtml",
            "a.xht",
            "a.js",
            "a.mjs",
            "a.mht",
            "a.shtml",
            "a.xsl",
            "a.swf",
            "a.wasm",
            "a.kml",
            "a.css",
            "a.php5",
            "a.phtml",
            "a.cgi",
            "a.webmanifest",
            ".htaccess",
            ".user.ini",
            "web.config",
            "_headers",
            "CNAME",
            ".a.pdf",
            ".b/a.pdf",
            "a.",
            "a.pdf.html",
        ] {
            assert!(!is_publishable(path), "{path}");
        }
    }

    #[test]
    fn extensions_are_sorted() {
        assert!(EXTENSIONS.is_sorted());
    }
}

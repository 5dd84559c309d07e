//! The sources of an import: the files that were named, and the format of each, recognized by its
//! content.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::redirects::RedirectSyntax;
use crate::diagnostics::{Error, nearest};
use crate::regular_file;

/// The number of bytes at the beginning of a file by which its format is recognized.
const DETECTION_BYTES: u64 = 64 * 1024;

/// The format of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// Text without markup.
    PlainText,
    /// WordPress' export format.
    Wxr,
    /// Answers of WordPress' REST API.
    WpRest,
    /// Ghost's JSON.
    Ghost,
    /// JSON Feed.
    JsonFeed,
    /// A page of Medium's export.
    Medium,
    /// The table of Substack's export.
    Substack,
    /// Movable Type's export format.
    MovableType,
    /// RSS, RDF or Atom, and Blogger's exports.
    Feed,
    /// CSV with a map.
    Csv,
    /// A list in JSON, or JSON Lines, with a map.
    JsonTable,
    /// An SQLite database with a map.
    Sqlite,
}

/// The formats with their names on the command line and in reports.
const FORMATS: [(&str, Format); 12] = [
    ("text", Format::PlainText),
    ("wxr", Format::Wxr),
    ("wp-rest", Format::WpRest),
    ("ghost", Format::Ghost),
    ("movable-type", Format::MovableType),
    ("feed", Format::Feed),
    ("json-feed", Format::JsonFeed),
    ("medium", Format::Medium),
    ("substack", Format::Substack),
    ("csv", Format::Csv),
    ("json", Format::JsonTable),
    ("sqlite", Format::Sqlite),
];

/// The beginning of an SQLite database (SQLite's file format, section 1.3.1).
const SQLITE_MAGIC: &[u8] = b"SQLite format 3\0";

/// The sources that are searched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SourceKind {
    /// Files of a format that needs no map.
    SelfDescribing,
    /// Tables, for which there is a map.
    Tables,
}

impl Format {
    /// Returns the format with a name.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        FORMATS.iter().find(|(known, _)| *known == name).map(|(_, format)| *format)
    }

    /// Returns the name of the format.
    pub(crate) fn name(self) -> &'static str {
        FORMATS.iter().find(|(_, format)| *format == self).map_or("", |(name, _)| name)
    }

    /// Returns the name of the format that a word is probably a misspelling of.
    pub(crate) fn nearest_name(word: &str) -> Option<&'static str> {
        nearest(word, FORMATS.iter().map(|(name, _)| *name))
    }

    /// Recognizes the format of a file by its beginning.
    fn detect(start: &[u8], kind: SourceKind) -> Option<Self> {
        let text = start.trim_ascii_start();
        let has_markup = text.starts_with(b"<") || text.starts_with(b"{") || text.starts_with(b"[");
        if kind == SourceKind::Tables {
            return match text.first()? {
                _ if start.starts_with(SQLITE_MAGIC) => Some(Self::Sqlite),
                b'{' | b'[' => Some(Self::JsonTable),
                b'<' => None,
                _ => (!start.contains(&0)).then_some(Self::Csv),
            };
        }
        let has = |text: &str| memmem(start, text.as_bytes());
        if has("wordpress.org/export/") && has("<rss") {
            return Some(Self::Wxr);
        }
        let is_entry = text.starts_with(b"<") && has("<entry") && has("www.w3.org/2005/Atom");
        if is_entry || ["<rss", "<feed", "<rdf:RDF", "<RDF"].into_iter().any(has) {
            return Some(Self::Feed);
        }
        let names = ["\"exported_on\"", "\"lexical\"", "\"mobiledoc\"", "\"comment_id\""];
        if text.starts_with(b"{") && has("\"posts\"") && names.into_iter().any(has) {
            return Some(Self::Ghost);
        }
        let versions = ["jsonfeed.org/version/", "jsonfeed.org\\/version\\/"];
        if text.starts_with(b"{") && versions.into_iter().any(has) {
            return Some(Self::JsonFeed);
        }
        if has("h-entry") && has("data-field=\"body\"") && text.starts_with(b"<") {
            return Some(Self::Medium);
        }
        let header = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
        if header.starts_with(b"post_id,") || header.starts_with(b"\"post_id\",") {
            return Some(Self::Substack);
        }
        if has_markup && has("\"rendered\"") && has("\"date_gmt\"") {
            return Some(Self::WpRest);
        }
        let has_body = ["-----\nBODY:", "-----\r\nBODY:"].into_iter().any(has);
        let fields = ["AUTHOR:", "TITLE:", "BASENAME:", "STATUS:", "DATE:"];
        if has_body && fields.into_iter().any(|field| text.starts_with(field.as_bytes())) {
            return Some(Self::MovableType);
        }
        let is_text = !start.contains(&0) && !text.is_empty() && !has_markup;
        is_text.then_some(Self::PlainText)
    }
}

fn memmem(bytes: &[u8], text: &[u8]) -> bool {
    bytes.windows(text.len()).any(|window| window == text)
}

/// A file to import.
#[derive(Clone, Debug)]
pub(crate) struct ImportSource {
    /// The file.
    pub(crate) path: PathBuf,
    /// The name in reports and ids: relative to the folder that was named, with `/` between its
    /// parts.
    pub(crate) name: String,
    pub(crate) format: Format,
}

/// The files in folders that aren't sources.
#[derive(Debug, Default)]
pub(crate) struct OtherFiles {
    /// The names of files whose format isn't known.
    pub(crate) unknown: Vec<String>,
    /// The number of images and other media.
    pub(crate) media: usize,
}

impl OtherFiles {
    fn add(&mut self, name: String) {
        if is_media_name(&name) { self.media += 1 } else { self.unknown.push(name) }
    }
}

/// The extensions of images and other files that texts refer to.
const MEDIA_EXTENSIONS: [&str; 31] = [
    "avif", "bmp", "css", "docx", "eot", "gif", "heic", "ico", "jpeg", "jpg", "js", "m4a", "m4v",
    "map", "mov", "mp3", "mp4", "ogg", "otf", "pdf", "png", "svg", "tif", "tiff", "ttf", "wav",
    "webm", "webp", "woff", "woff2", "xlsx",
];

/// Returns true if a file is an image or another file that texts refer to, by its name.
pub(crate) fn is_media_name(name: &str) -> bool {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    MEDIA_EXTENSIONS.contains(&extension.to_ascii_lowercase().as_str())
}

/// A file of redirects.
#[derive(Clone, Debug)]
pub(crate) struct RedirectFile {
    pub(crate) path: PathBuf,
    /// The name in reports, as of an [`ImportSource`].
    pub(crate) name: String,
    pub(crate) syntax: RedirectSyntax,
}

/// The files of an import.
#[derive(Debug, Default)]
pub(crate) struct SourceList {
    pub(crate) sources: Vec<ImportSource>,
    /// The files of redirects.
    pub(crate) redirects: Vec<RedirectFile>,
    pub(crate) other_files: OtherFiles,
}

/// Lists the files to import. Folders are searched; symbolic links in them aren't followed.
///
/// # Errors
/// [`Error::Io`] if a file or folder can't be read; [`Error::Usage`] if the format of a file that
/// was named isn't known.
pub(crate) fn list_sources(
    paths: &[PathBuf],
    format: Option<Format>,
    kind: SourceKind,
) -> Result<SourceList, Error> {
    let mut list = SourceList::default();
    for path in paths {
        let metadata = path.metadata().map_err(Error::io("can't read", path))?;
        if !metadata.is_dir() {
            let name = file_name(path);
            let found = match format {
                Some(format) => Some(Detected::Records(format)),
                None => detect(path, &name, kind)?,
            };
            list.add(path, name, found.ok_or_else(|| unknown_format(path))?);
            continue;
        }
        for entry in WalkDir::new(path).sort_by_file_name() {
            let entry = entry.map_err(|error| {
                let failed = error.path().unwrap_or(path).to_owned();
                Error::io("can't read", failed)(error.into())
            })?;
            if entry.file_type().is_dir() {
                continue;
            }
            let relative = entry.path().strip_prefix(path).unwrap_or(entry.path());
            let name = relative.to_string_lossy().replace('\\', "/");
            let is_file = entry.file_type().is_file();
            if is_file && is_part_of_substack(entry.path()) {
                continue;
            }
            let found = match is_file && !is_media_name(&name) {
                true => detect(entry.path(), &name, kind)?,
                false => None,
            };
            match (format.map(Detected::Records).filter(|_| found.is_some())).or(found) {
                Some(found) => list.add(entry.path(), name, found),
                None => list.other_files.add(name),
            }
        }
    }
    Ok(list)
}

/// Returns true if a file is read with the table of Substack's export: the text of a post, or a
/// table of the readers who got or opened it.
fn is_part_of_substack(path: &Path) -> bool {
    let name = file_name(path);
    let is_part = [".html", ".opens.csv", ".delivers.csv"].iter().any(|end| name.ends_with(end));
    let folder = path.parent().filter(|folder| is_part && file_name(folder) == "posts");
    let table = folder.and_then(Path::parent).map(|folder| folder.join("posts.csv"));
    table.is_some_and(|table| {
        let found = detect(&table, "posts.csv", SourceKind::SelfDescribing);
        matches!(found, Ok(Some(Detected::Records(Format::Substack))))
    })
}

fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

impl SourceList {
    fn add(&mut self, path: &Path, name: String, found: Detected) {
        let path = path.to_owned();
        match found {
            Detected::Records(format) => self.sources.push(ImportSource { path, name, format }),
            Detected::Redirects(syntax) => {
                self.redirects.push(RedirectFile { path, name, syntax });
            }
        }
    }
}

/// The contents of a file.
#[derive(Clone, Copy, Debug)]
enum Detected {
    Records(Format),
    Redirects(RedirectSyntax),
}

fn detect(path: &Path, name: &str, kind: SourceKind) -> Result<Option<Detected>, Error> {
    let mut start = Vec::new();
    let opened = regular_file::open(path);
    let read = opened.and_then(|file| file.take(DETECTION_BYTES).read_to_end(&mut start));
    read.map_err(Error::io("can't read", path))?;
    let redirects = RedirectSyntax::detect(name, &start).map(Detected::Redirects);
    Ok(redirects.or_else(|| Format::detect(&start, kind).map(Detected::Records)))
}

fn unknown_format(path: &Path) -> Error {
    let names = FORMATS.map(|(name, _)| name).join(", ");
    Error::Usage(format!(
        "the format of {} isn't known; name it before the path: {names}",
        path.display()
    ))
}

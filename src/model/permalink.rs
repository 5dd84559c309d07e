//! Permalinks, patterns of permalinks, output paths, and percent-encoding.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use percent_encoding::percent_decode_str;

use super::date::Day;
use super::fingerprint::Fingerprint;

/// The maximum length of the name of a file or folder on common file systems, in bytes.
const MAX_SEGMENT_BYTES: usize = 255;

/// The maximum length of a URL path, in bytes. It leaves a quarter of the system's limit of a path
/// (`PATH_MAX`, 4,096 on Linux) for the output folder.
const MAX_PERMALINK_BYTES: usize = 3_000;

/// The maximum length of an absolute path, in bytes: `PATH_MAX` less the final NUL byte.
const MAX_PATH_BYTES: usize = if cfg!(windows) {
    32_000
} else if cfg!(target_os = "linux") {
    4_095
} else {
    1_023
};

/// The URL path of a page below the site's root. It begins with `/`, ends with `/` or with a file
/// name, and contains nothing that could escape the output folder (`..`), have another meaning on
/// another system (`\`, control characters), or can't be a file name (empty or too long).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Permalink(String);

impl Permalink {
    /// Checks a path from front matter, from a setting or from a pattern. A last segment without an
    /// extension is a folder: `/about` is `/about/`, and `/v1.2` is `/v1.2/`.
    ///
    /// # Errors
    /// The reason, as text, why the path is invalid.
    pub fn new(path: &str) -> Result<Self, String> {
        let mut path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        if !path.ends_with('/') && !path.rsplit('/').next().is_some_and(has_extension) {
            path.push('/');
        }
        let inner = path[1..].strip_suffix('/').unwrap_or(&path[1..]);
        for segment in inner.split('/').filter(|_| !inner.is_empty()) {
            check_segment(segment)?;
        }
        if path.len() > MAX_PERMALINK_BYTES {
            let length = path.len();
            return Err(format!("it is {length} bytes long; the limit is {MAX_PERMALINK_BYTES}"));
        }
        Ok(Self(path))
    }

    /// The path itself, not percent-encoded.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Permalink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Returns whether a name has a file extension: a full stop and up to eight ASCII letters or
/// digits, beginning with a letter.
fn has_extension(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, extension)| {
        extension.starts_with(|c: char| c.is_ascii_alphabetic())
            && extension.len() <= 8
            && extension.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

fn check_segment(segment: &str) -> Result<(), String> {
    match segment {
        "" => Err("it has an empty part (two slashes in a row)".into()),
        _ if escapes_root(segment) => Err(format!("`{segment}` could lead outside the site")),
        _ if segment.len() > MAX_SEGMENT_BYTES => Err(format!(
            "one part is {} bytes long; file systems allow {MAX_SEGMENT_BYTES}",
            segment.len()
        )),
        _ => match segment.chars().find(|c| {
            c.is_control() || matches!(c, '\\' | '?' | '#' | '*' | '"' | '<' | '>' | '|' | ':')
        }) {
            Some(c) => {
                let character = if c.is_control() {
                    format!("U+{:04X}, a control character,", u32::from(c))
                } else {
                    format!("the character `{c}`")
                };
                Err(format!("{character} is not safe in a URL that is also a file name"))
            }
            None => Ok(()),
        },
    }
}

/// Returns whether a segment consists of dots, or would consist of dots or become several segments
/// if `%2e` and `%2f` were decoded.
fn escapes_root(segment: &str) -> bool {
    if !segment.contains('%') {
        return segment.bytes().all(|byte| byte == b'.');
    }
    let lower = segment.to_ascii_lowercase();
    let dots = lower.replace("%2e", ".").bytes().all(|byte| byte == b'.');
    dots || ["%2f", "%5c", "%00"].iter().any(|code| lower.contains(code))
}

/// Decodes a path, because archives also write non-ASCII letters as `%D8%A7`.
pub(crate) fn percent_decode_path(path: &str) -> Cow<'_, str> {
    percent_decode_str(path).decode_utf8().unwrap_or(Cow::Borrowed(path))
}

/// Returns the path of an alias, which may be a full URL.
pub(crate) fn alias_path(url: &str) -> Cow<'_, str> {
    let rest = url.split_once("://").map(|(_, rest)| rest.find('/').map_or("/", |at| &rest[at..]));
    percent_decode_path(rest.unwrap_or(url))
}

/// Returns whether a relative path is certainly inside its folder: no segment is empty, `.` or
/// `..`, and it contains no backslash.
pub(crate) fn is_safe_relative_path(path: &str) -> bool {
    // Comparing bytes is faster, and each build checks every path; no multi-byte character contains
    // these bytes.
    let bytes = path.as_bytes();
    let has_unsafe_byte = bytes.iter().any(|byte| matches!(byte, b'\\' | 0));
    !has_unsafe_byte
        && bytes.split(|byte| *byte == b'/').all(|part| !matches!(part, b"" | b"." | b".."))
}

/// The path of a file below the output folder, with `/` as the separator: `2024/11/05/index.html`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct OutputPath(String);

impl OutputPath {
    /// Returns the file that a static host serves for a permalink.
    pub(crate) fn from_permalink(permalink: &Permalink) -> Self {
        Self::from_url_path(permalink.as_str().to_owned())
    }

    /// Returns the file for a URL path that the program generates. Unsafe segments are left out,
    /// although terms and dates have none.
    pub(crate) fn from_url_path(mut url_path: String) -> Self {
        if url_path.starts_with('/') {
            url_path.remove(0);
        }
        if url_path.is_empty() || url_path.ends_with('/') {
            url_path.push_str("index.html");
        }
        if is_safe_relative_path(&url_path) {
            return Self(url_path);
        }
        let safe: Vec<&str> =
            url_path.split(['/', '\\']).filter(|part| is_safe_relative_path(part)).collect();
        Self(safe.join("/"))
    }

    /// Returns the reason why no file can have this path below a folder whose path has a length in
    /// bytes; `None` if one can.
    pub(crate) fn length_error(&self, folder_bytes: usize) -> Option<String> {
        let longest = self.0.split('/').map(str::len).max().unwrap_or(0);
        let total = folder_bytes + 1 + self.0.len();
        if longest > MAX_SEGMENT_BYTES {
            Some(format!(
                "one part is {longest} bytes long; file systems allow {MAX_SEGMENT_BYTES}"
            ))
        } else if total > MAX_PATH_BYTES {
            Some(format!(
                "with the output folder it is {total} bytes long; the system allows \
                 {MAX_PATH_BYTES}"
            ))
        } else {
            None
        }
    }

    /// The name of the file.
    pub(crate) fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// The path relative to the output folder.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The key of the path in the manifest.
    pub(crate) fn manifest_key(&self) -> Fingerprint {
        Fingerprint::hash_bytes(self.0.as_bytes())
    }
}

/// A placeholder of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PatternToken {
    Year,
    Month,
    Day,
    Section,
    Slug,
    Name,
    Id,
    Lang,
}

const TOKENS: [(&str, PatternToken); 8] = [
    ("year", PatternToken::Year),
    ("month", PatternToken::Month),
    ("day", PatternToken::Day),
    ("section", PatternToken::Section),
    ("slug", PatternToken::Slug),
    ("name", PatternToken::Name),
    ("id", PatternToken::Id),
    ("lang", PatternToken::Lang),
];

#[derive(Clone, Debug, PartialEq, Eq)]
enum PatternPiece {
    Text(String),
    Token(PatternToken),
}

/// The values of the placeholders of a pattern. Every text is a slug.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PermalinkParts<'a> {
    /// The day of the article in the site's time zone.
    pub(crate) day: Day,
    /// The slug of the section; empty if there is none.
    pub(crate) section: &'a str,
    /// The slug of the article.
    pub(crate) slug: &'a str,
    /// The file's name without extension, as a slug.
    pub(crate) name: &'a str,
    /// The article's `id:` as a slug; the slug of the article if it has none.
    pub(crate) id: &'a str,
    /// The article's language.
    pub(crate) lang: &'a str,
}

/// A pattern of permalinks such as `/{section}/{year}/{month}/{slug}/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PermalinkPattern {
    pieces: Vec<PatternPiece>,
}

impl PermalinkPattern {
    /// Parses and checks a pattern: it begins with `/`, ends with `/` or `.html`, and contains
    /// `{slug}`, `{name}` or `{id}`, because otherwise all articles of a day would have the same
    /// URL.
    ///
    /// # Errors
    /// The reason, as text, why the pattern is invalid.
    pub(crate) fn parse(source: &str) -> Result<Self, String> {
        if !source.starts_with('/') || !(source.ends_with('/') || source.ends_with(".html")) {
            return Err(format!("`{source}` must begin with `/` and end with `/` or `.html`"));
        }
        let mut pieces = Vec::new();
        let mut rest = source;
        while let Some(open) = rest.find('{') {
            let close = rest[open..]
                .find('}')
                .ok_or_else(|| format!("`{source}` has a `{{` without its `}}`"))?
                + open;
            let name = &rest[open + 1..close];
            let token = TOKENS
                .iter()
                .find(|(candidate, _)| *candidate == name)
                .ok_or_else(|| unknown_token(name))?
                .1;
            pieces.push(PatternPiece::Text(rest[..open].to_owned()));
            pieces.push(PatternPiece::Token(token));
            rest = &rest[close + 1..];
        }
        pieces.push(PatternPiece::Text(rest.to_owned()));
        let is_distinct = |piece: &PatternPiece| {
            matches!(
                piece,
                PatternPiece::Token(PatternToken::Slug | PatternToken::Name | PatternToken::Id)
            )
        };
        if !pieces.iter().any(is_distinct) {
            return Err(format!(
                "`{source}` needs `{{slug}}`, `{{name}}` or `{{id}}`: otherwise several articles \
                 have the same URL"
            ));
        }
        let text: String = pieces
            .iter()
            .map(|piece| if let PatternPiece::Text(text) = piece { text.as_str() } else { "x" })
            .collect();
        Permalink::new(&text).map_err(|reason| format!("`{source}`: {reason}"))?;
        Ok(Self { pieces })
    }

    /// Returns the permalink of an article. An empty value (of an article without a section) is
    /// left out together with its slash.
    ///
    /// # Errors
    /// As [`Permalink::new`], for a section or an id that gives no valid path.
    pub(crate) fn fill(&self, parts: &PermalinkParts<'_>) -> Result<Permalink, String> {
        let mut path = String::with_capacity(64);
        for piece in &self.pieces {
            match piece {
                PatternPiece::Text(text) if path.ends_with('/') && text.starts_with('/') => {
                    path.push_str(&text[1..]);
                }
                PatternPiece::Text(text) => path.push_str(text),
                PatternPiece::Token(token) => token.write(&mut path, parts),
            }
        }
        Permalink::new(&path)
    }
}

impl PatternToken {
    fn write(self, path: &mut String, parts: &PermalinkParts<'_>) {
        let result = match self {
            Self::Year => write!(path, "{:04}", parts.day.year()),
            Self::Month => write!(path, "{:02}", parts.day.month()),
            Self::Day => write!(path, "{:02}", parts.day.day()),
            Self::Section => path.write_str(parts.section),
            Self::Slug => path.write_str(parts.slug),
            Self::Name => path.write_str(parts.name),
            Self::Id => path.write_str(parts.id),
            Self::Lang => path.write_str(parts.lang),
        };
        debug_assert!(result.is_ok(), "writing to a string can't fail");
    }
}

fn unknown_token(name: &str) -> String {
    format!("`{{{name}}}` isn't a placeholder of permalinks; use one of {}", placeholder_list())
}

/// Returns all placeholders of patterns, separated by spaces.
pub(crate) fn placeholder_list() -> String {
    TOKENS.map(|(token, _)| format!("{{{token}}}")).join(" ")
}

/// Percent-encodes what an `href` can't contain, and keeps letters of every script readable: HTML
/// allows them, and browsers encode them in requests (WHATWG URL).
pub(crate) fn encode_href(path: &str, out: &mut String) {
    const UNESCAPED: [bool; 256] = unescaped_bytes(&PATH_CHARACTERS, NonAscii::Keep);
    encode(path, &UNESCAPED, out);
}

/// Percent-encodes a path for formats that allow only ASCII: feeds, sitemaps, canonical links (RFC
/// 3986, section 2).
pub(crate) fn encode_ascii(path: &str, out: &mut String) {
    const UNESCAPED: [bool; 256] = unescaped_bytes(&PATH_CHARACTERS, NonAscii::Encode);
    encode(path, &UNESCAPED, out);
}

/// Percent-encodes everything that could end a value in a query (RFC 3986, section 2.3; RFC 6068
/// for `mailto:`).
pub(crate) fn encode_query(text: &str, out: &mut String) {
    const UNESCAPED: [bool; 256] = unescaped_bytes(b"", NonAscii::Encode);
    encode(text, &UNESCAPED, out);
}

/// Percent-encodes what a `data:` URL in an attribute can't contain, and keeps letters of every
/// script, as [`encode_href`] does.
pub(crate) fn encode_data(text: &str, out: &mut String) {
    const UNESCAPED: [bool; 256] = unescaped_bytes(b"/!$()*+,;=@:?", NonAscii::Keep);
    encode(text, &UNESCAPED, out);
}

/// The characters that a path may contain but that would end a value in a query: `/` and the
/// sub-delimiters (RFC 3986, section 3.3).
const PATH_CHARACTERS: [u8; 14] = *b"/!$&'()*+,;=@:";

/// The encoding of non-ASCII characters.
#[derive(Clone, Copy)]
enum NonAscii {
    Encode,
    Keep,
}

/// Returns a table of the bytes that aren't encoded: RFC 3986's unreserved characters, extra ones,
/// and non-ASCII bytes if they are kept.
const fn unescaped_bytes(extra: &[u8], non_ascii: NonAscii) -> [bool; 256] {
    let mut unescaped = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        let unreserved =
            (byte as u8).is_ascii_alphanumeric() || matches!(byte as u8, b'-' | b'.' | b'_' | b'~');
        unescaped[byte] = unreserved || (matches!(non_ascii, NonAscii::Keep) && byte >= 0x80);
        byte += 1;
    }
    let mut index = 0;
    while index < extra.len() {
        unescaped[extra[index] as usize] = true;
        index += 1;
    }
    unescaped
}

/// Every byte as `%7E`.
const ESCAPES: [[u8; 3]; 256] = {
    let digits = b"0123456789ABCDEF";
    let mut escapes = [[b'%'; 3]; 256];
    let mut byte = 0;
    while byte < 256 {
        escapes[byte] = [b'%', digits[byte >> 4], digits[byte & 15]];
        byte += 1;
    }
    escapes
};

fn encode(text: &str, unescaped: &[bool; 256], out: &mut String) {
    if text.bytes().all(|byte| unescaped[usize::from(byte)]) {
        out.push_str(text);
        return;
    }
    // Reserve the maximum length, because much of a citation is encoded.
    let mut bytes = std::mem::take(out).into_bytes();
    let mut position = bytes.len();
    bytes.resize(position + 3 * text.len(), 0);
    for &byte in text.as_bytes() {
        if unescaped[usize::from(byte)] {
            bytes[position] = byte;
            position += 1;
        } else {
            bytes[position..position + 3].copy_from_slice(&ESCAPES[usize::from(byte)]);
            position += 3;
        }
    }
    bytes.truncate(position);
    // Either all bytes of a character are encoded or none, so the text stays UTF-8.
    *out = String::from_utf8(bytes).unwrap_or_default();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts() -> PermalinkParts<'static> {
        let day = Day::new(2024, 11, 5).expect("a day");
        PermalinkParts {
            day,
            section: "world",
            slug: "border",
            name: "file",
            id: "x-1",
            lang: "en",
        }
    }

    #[test]
    fn patterns_are_filled() {
        let fill = |pattern: &str| {
            PermalinkPattern::parse(pattern).unwrap().fill(&parts()).unwrap().to_string()
        };
        assert_eq!(fill("/{year}/{month}/{day}/{slug}/"), "/2024/11/05/border/");
        assert_eq!(fill("/{section}/{name}.html"), "/world/file.html");
        let no_section = PermalinkParts { section: "", ..parts() };
        let pattern = PermalinkPattern::parse("/{section}/{year}/{slug}/").unwrap();
        assert_eq!(pattern.fill(&no_section).unwrap().as_str(), "/2024/border/");
    }

    #[test]
    fn patterns_are_checked() {
        for bad in
            ["{slug}/", "/{slug}", "/{year}/", "/{slugg}/", "/{slug/", "/../{slug}/", "/a//{slug}/"]
        {
            assert!(PermalinkPattern::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn paths_stay_inside_the_site() {
        for bad in [
            "/../x",
            "/a/../b/",
            "/./a",
            "/.../a",
            "/%2e%2E/x",
            "/a/.%2e/",
            "/a%2Fb/",
            "/a\\b/",
            "/a\u{0}b/",
            "//x/",
        ] {
            assert!(Permalink::new(bad).is_err(), "{bad}");
        }
        for (bad, safe) in
            [("//t/", "t/index.html"), ("/../../x/", "x/index.html"), ("/a\\..\\b", "a/b")]
        {
            assert_eq!(OutputPath::from_url_path(bad.to_owned()).as_str(), safe);
        }
        assert_eq!(
            OutputPath::from_permalink(&Permalink::new("about").unwrap()).as_str(),
            "about/index.html"
        );
        assert_eq!(
            OutputPath::from_permalink(&Permalink::new("/a/b.html").unwrap()).as_str(),
            "a/b.html"
        );
        assert_eq!(
            OutputPath::from_permalink(&Permalink::new("/v1.2").unwrap()).as_str(),
            "v1.2/index.html"
        );
        assert_eq!(
            OutputPath::from_permalink(&Permalink::new("/.well-known").unwrap()).as_str(),
            ".well-known/index.html"
        );
    }

    #[test]
    fn urls_are_encoded() {
        let mut out = String::new();
        encode_href("/خبر/a b%/", &mut out);
        encode_ascii("/é/", &mut out);
        assert_eq!(out, "/خبر/a%20b%25//%C3%A9/");
        out.clear();
        encode_query("a & b? é", &mut out);
        assert_eq!(out, "a%20%26%20b%3F%20%C3%A9");
    }
}

//! Permalinks: the lasting address of a page, and the one way to a path in the output folder.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use percent_encoding::percent_decode_str;

use super::Fingerprint;
use super::date::Day;

/// The longest name of a file or folder that common file systems take, in bytes.
const MAX_SEGMENT_BYTES: usize = 255;

/// The path of a page below the site's root: begins with `/`, ends with `/` or with a file name,
/// and holds nothing that could lead outside (`..`), be read differently on another system (`\`,
/// control characters) or not be stored (empty or over-long names).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Permalink(String);

impl Permalink {
    /// Takes a path as an author or a template of addresses gives it. A last segment without an
    /// extension is a folder: `/about` is `/about/`, and `/v1.2` is `/v1.2/`.
    ///
    /// # Errors
    /// Says in words what is wrong with the path.
    pub fn new(path: &str) -> Result<Self, String> {
        let mut path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        if !path.ends_with('/') && !path.rsplit('/').next().is_some_and(has_extension) {
            path.push('/');
        }
        let inner = path[1..].strip_suffix('/').unwrap_or(&path[1..]);
        for segment in inner.split('/').filter(|_| !inner.is_empty()) {
            check_segment(segment)?;
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

/// Whether a name is a file's: it ends in a full stop and up to eight ASCII letters or digits, the
/// first of which is a letter.
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
            "one part is {} bytes long; file systems take {MAX_SEGMENT_BYTES}",
            segment.len()
        )),
        _ => match segment.chars().find(|c| {
            c.is_control() || matches!(c, '\\' | '?' | '#' | '*' | '"' | '<' | '>' | '|' | ':')
        }) {
            Some(c) => Err(format!(
                "the character {c:?} is not safe in an address that is also a file name"
            )),
            None => Ok(()),
        },
    }
}

/// Whether a part of a path is one of dots alone, or becomes such or several parts where `%2e` and
/// `%2f` are decoded.
fn escapes_root(segment: &str) -> bool {
    if !segment.contains('%') {
        return segment.bytes().all(|byte| byte == b'.');
    }
    let lower = segment.to_ascii_lowercase();
    let dots = lower.replace("%2e", ".").bytes().all(|byte| byte == b'.');
    dots || ["%2f", "%5c", "%00"].iter().any(|code| lower.contains(code))
}

/// A path as people read it: archives write letters beyond ASCII as `%D8%A7`, too.
pub(crate) fn percent_decode_path(path: &str) -> Cow<'_, str> {
    percent_decode_str(path).decode_utf8().unwrap_or(Cow::Borrowed(path))
}

/// The path of a former address: archives write these as whole addresses, too.
pub(crate) fn alias_path(url: &str) -> Cow<'_, str> {
    let rest = url.split_once("://").map(|(_, rest)| rest.find('/').map_or("/", |at| &rest[at..]));
    percent_decode_path(rest.unwrap_or(url))
}

/// Whether a path below a folder names a file in it: no part is empty or leads up, and none is
/// another system's way of writing a root.
pub(crate) fn is_safe_relative_path(path: &str) -> bool {
    // Bytes, since this is asked of every path of every build: none of these is a part of a longer
    // character.
    let bytes = path.as_bytes();
    let has_unsafe_byte = bytes.iter().any(|byte| matches!(byte, b'\\' | 0));
    !has_unsafe_byte
        && bytes.split(|byte| *byte == b'/').all(|part| !matches!(part, b"" | b"." | b".."))
}

/// Where a page lies in the output folder, with `/` between its parts: `2024/11/05/index.html`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct OutputPath(String);

impl OutputPath {
    /// The file that a static host serves for a checked path.
    pub(crate) fn from_permalink(permalink: &Permalink) -> Self {
        Self::from_url_path(permalink.as_str().to_owned())
    }

    /// The file for an address that the program itself makes. Terms and dates are made safe before;
    /// should a part of it lead outside all the same, that part is left out.
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

    /// The file's name alone.
    pub(crate) fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// The path relative to the output folder.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// What the ledger knows the path by.
    pub(crate) fn manifest_key(&self) -> Fingerprint {
        Fingerprint::hash_bytes(self.0.as_bytes())
    }
}

/// A part of a pattern of permalinks.
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

/// What a pattern is filled with. Every text is a slug already.
#[derive(Clone, Copy, Debug)]
pub struct PermalinkParts<'a> {
    /// The day of the article in the site's time zone.
    pub day: Day,
    /// The slug of the section; empty if there is none.
    pub section: &'a str,
    /// The slug of the article.
    pub slug: &'a str,
    /// The file's name without extension, as a slug.
    pub name: &'a str,
    /// The article's own id, as a slug; the slug stands in where there is none.
    pub id: &'a str,
    /// The article's language.
    pub lang: &'a str,
}

/// A pattern of permalinks such as `/{section}/{year}/{month}/{slug}/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PermalinkPattern {
    pieces: Vec<PatternPiece>,
}

impl PermalinkPattern {
    /// Reads and checks a pattern: it begins with `/`, ends with `/` or `.html`, and holds
    /// `{slug}`, `{name}` or `{id}`, since otherwise every article of a day would have the same
    /// address.
    ///
    /// # Errors
    /// Says in words what is wrong and how to mend it.
    pub fn parse(source: &str) -> Result<Self, String> {
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
                "`{source}` needs `{{slug}}`, `{{name}}` or `{{id}}`: otherwise articles share one address"
            ));
        }
        let text: String = pieces
            .iter()
            .map(|piece| if let PatternPiece::Text(text) = piece { text.as_str() } else { "x" })
            .collect();
        Permalink::new(&text).map_err(|reason| format!("`{source}`: {reason}"))?;
        Ok(Self { pieces })
    }

    /// The permalink of an article. A part that is empty (an article without a section) is left out
    /// with its slash.
    ///
    /// # Errors
    /// As [`Permalink::new`], for a section or an id that gives no valid path.
    pub fn fill(&self, parts: &PermalinkParts<'_>) -> Result<Permalink, String> {
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
    let names: Vec<String> = TOKENS.iter().map(|(token, _)| format!("{{{token}}}")).collect();
    format!("`{{{name}}}` is not a part that a permalink can have; these are: {}", names.join(" "))
}

/// Percent-encodes what can't stand in an `href`, and leaves letters of every script readable: HTML
/// takes them, and browsers encode them on the wire (WHATWG URL).
pub(crate) fn encode_href(path: &str, out: &mut String) {
    const UNESCAPED: [bool; 256] = unescaped_bytes(&PATH_CHARACTERS, true);
    encode(path, &UNESCAPED, out);
}

/// Percent-encodes a path for places that take only ASCII: feeds, sitemaps, canonical links (RFC
/// 3986, section 2).
pub(crate) fn encode_ascii(path: &str, out: &mut String) {
    const UNESCAPED: [bool; 256] = unescaped_bytes(&PATH_CHARACTERS, false);
    encode(path, &UNESCAPED, out);
}

/// Percent-encodes everything that could end a value in a query (RFC 3986, section 2.3; RFC 6068
/// for `mailto:`).
pub(crate) fn encode_query(text: &str, out: &mut String) {
    const UNESCAPED: [bool; 256] = unescaped_bytes(b"", false);
    encode(text, &UNESCAPED, out);
}

/// Percent-encodes what can't stand in a `data:` address in an attribute; letters of every script
/// stay, as in [`encode_href`].
pub(crate) fn encode_data(text: &str, out: &mut String) {
    const UNESCAPED: [bool; 256] = unescaped_bytes(b"/!$()*+,;=@:?", true);
    encode(text, &UNESCAPED, out);
}

/// What may stand in a path unescaped but would end a value in a query: `/` and the sub-delimiters
/// (RFC 3986, section 3.3).
const PATH_CHARACTERS: [u8; 14] = *b"/!$&'()*+,;=@:";

/// The bytes that stay as they are: RFC 3986's unreserved characters, some more, and perhaps all
/// beyond ASCII.
const fn unescaped_bytes(extra: &[u8], beyond_ascii: bool) -> [bool; 256] {
    let mut unescaped = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        let unreserved =
            (byte as u8).is_ascii_alphanumeric() || matches!(byte as u8, b'-' | b'.' | b'_' | b'~');
        unescaped[byte] = unreserved || (beyond_ascii && byte >= 0x80);
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
    // Into room for the longest that it may become: much of a citation is escaped.
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
    // What is encoded is ASCII, or every byte of a letter is: the text stays UTF-8.
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
    fn nothing_leads_outside() {
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
    fn addresses_are_encoded() {
        let mut out = String::new();
        encode_href("/خبر/a b%/", &mut out);
        encode_ascii("/é/", &mut out);
        assert_eq!(out, "/خبر/a%20b%25//%C3%A9/");
        out.clear();
        encode_query("a & b? é", &mut out);
        assert_eq!(out, "a%20%26%20b%3F%20%C3%A9");
    }
}

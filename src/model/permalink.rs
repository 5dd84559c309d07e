//! Permalinks: the lasting address of a page, and the one way to a path in the output folder.

use std::fmt::{self, Write as _};

use super::date::Day;

/// The longest name of a file or folder that common file systems take, in bytes.
const MAX_SEGMENT_BYTES: usize = 255;

/// The path of a page below the site's root: begins with `/`, ends with `/` or with a file name, and holds nothing that could lead
/// outside (`..`), be read differently on another system (`\`, control characters) or not be stored (empty or over-long names).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Permalink(String);

impl Permalink {
    /// Takes a path as an author or a template of addresses gives it. A last segment without a dot is a folder: `/about` is `/about/`.
    ///
    /// # Errors
    /// Says in words what is wrong with the path.
    pub fn new(path: &str) -> Result<Self, String> {
        let mut path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        if !path.ends_with('/') && !path.rsplit('/').next().is_some_and(|name| name.contains('.')) {
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

fn check_segment(segment: &str) -> Result<(), String> {
    match segment {
        "" => Err("it has an empty part (two slashes in a row)".into()),
        "." | ".." => Err(format!("`{segment}` could lead outside the site")),
        _ if segment.len() > MAX_SEGMENT_BYTES => {
            Err(format!("one part is {} bytes long; file systems take {MAX_SEGMENT_BYTES}", segment.len()))
        }
        _ => match segment
            .chars()
            .find(|c| c.is_control() || matches!(c, '\\' | '?' | '#' | '*' | '"' | '<' | '>' | '|' | ':'))
        {
            Some(c) => Err(format!("the character {c:?} is not safe in an address that is also a file name")),
            None => Ok(()),
        },
    }
}

/// Where a page lies in the output folder, with `/` between its parts: `2024/11/05/index.html`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OutputPath(String);

impl OutputPath {
    /// The file that a static host serves for a checked path.
    pub fn of(permalink: &Permalink) -> Self {
        Self::of_address(permalink.as_str())
    }

    /// The file for an address that the program itself makes. It is checked like any other, since parts of it come from terms.
    ///
    /// # Panics
    /// If the address isn't a valid permalink, which is a defect of the program: terms and dates are made safe before.
    pub fn of_address(address: &str) -> Self {
        debug_assert!(Permalink::new(address).is_ok(), "not a permalink: {address}");
        let inner = address.strip_prefix('/').unwrap_or(address);
        Self(if inner.is_empty() || inner.ends_with('/') {
            format!("{inner}index.html")
        } else {
            inner.to_owned()
        })
    }

    /// The path relative to the output folder.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A part of a pattern of permalinks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Year,
    Month,
    Day,
    Section,
    Slug,
    Name,
    Id,
    Lang,
}

const TOKENS: [(&str, Token); 8] = [
    ("year", Token::Year),
    ("month", Token::Month),
    ("day", Token::Day),
    ("section", Token::Section),
    ("slug", Token::Slug),
    ("name", Token::Name),
    ("id", Token::Id),
    ("lang", Token::Lang),
];

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Token(Token),
}

/// What a pattern is filled with. Every text is a slug already.
#[derive(Clone, Copy, Debug)]
pub struct Parts<'a> {
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
pub struct Pattern {
    pieces: Vec<Piece>,
}

impl Pattern {
    /// Reads and checks a pattern: it begins with `/`, ends with `/` or `.html`, and holds `{slug}`, `{name}` or `{id}`, since
    /// otherwise every article of a day would have the same address.
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
            let close =
                rest[open..].find('}').ok_or_else(|| format!("`{source}` has a `{{` without its `}}`"))?
                    + open;
            let name = &rest[open + 1..close];
            let token = TOKENS.iter().find(|(known, _)| *known == name).ok_or_else(|| unknown_token(name))?.1;
            pieces.push(Piece::Text(rest[..open].to_owned()));
            pieces.push(Piece::Token(token));
            rest = &rest[close + 1..];
        }
        pieces.push(Piece::Text(rest.to_owned()));
        let distinct = |piece: &Piece| matches!(piece, Piece::Token(Token::Slug | Token::Name | Token::Id));
        if !pieces.iter().any(distinct) {
            return Err(format!(
                "`{source}` needs `{{slug}}`, `{{name}}` or `{{id}}`: otherwise articles share one address"
            ));
        }
        let text: String =
            pieces.iter().map(|p| if let Piece::Text(t) = p { t.as_str() } else { "x" }).collect();
        Permalink::new(&text).map_err(|why| format!("`{source}`: {why}"))?;
        Ok(Self { pieces })
    }

    /// The permalink of an article. A part that is empty (an article without a section) is left out with its slash.
    ///
    /// # Errors
    /// As [`Permalink::new`], for a section or an id that gives no valid path.
    pub fn fill(&self, parts: &Parts<'_>) -> Result<Permalink, String> {
        let mut path = String::with_capacity(64);
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) if path.ends_with('/') && text.starts_with('/') => {
                    path.push_str(&text[1..]);
                }
                Piece::Text(text) => path.push_str(text),
                Piece::Token(token) => token.write(&mut path, parts),
            }
        }
        Permalink::new(&path)
    }
}

impl Token {
    fn write(self, path: &mut String, parts: &Parts<'_>) {
        let written = match self {
            Self::Year => write!(path, "{:04}", parts.day.year()),
            Self::Month => write!(path, "{:02}", parts.day.month()),
            Self::Day => write!(path, "{:02}", parts.day.day()),
            Self::Section => path.write_str(parts.section),
            Self::Slug => path.write_str(parts.slug),
            Self::Name => path.write_str(parts.name),
            Self::Id => path.write_str(parts.id),
            Self::Lang => path.write_str(parts.lang),
        };
        debug_assert!(written.is_ok(), "writing to a string can't fail");
    }
}

fn unknown_token(name: &str) -> String {
    let known: Vec<String> = TOKENS.iter().map(|(token, _)| format!("{{{token}}}")).collect();
    format!("`{{{name}}}` is not a part that a permalink can have; these are: {}", known.join(" "))
}

/// Percent-encodes what can't stand in an `href`, and leaves letters of every script readable: HTML takes them, and browsers
/// encode them on the wire (WHATWG URL).
pub fn encode_href(path: &str) -> String {
    encode(path, |byte| byte >= 0x80 || is_unreserved(byte))
}

/// Percent-encodes a path for places that take only ASCII: feeds, sitemaps, canonical links (RFC 3986, section 2).
pub fn encode_ascii(path: &str) -> String {
    encode(path, is_unreserved)
}

fn encode(path: &str, keep: impl Fn(u8) -> bool) -> String {
    let mut out = String::with_capacity(path.len() + 8);
    for c in path.chars() {
        let mut buffer = [0; 4];
        let bytes = c.encode_utf8(&mut buffer).as_bytes();
        if bytes.iter().all(|&byte| keep(byte)) {
            out.push(c);
        } else {
            // Writing to a string can't fail.
            for byte in bytes {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

/// RFC 3986's unreserved characters, with `/` and the sub-delimiters that need no escape in a path.
fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"/-._~!$&'()*+,;=@:".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts() -> Parts<'static> {
        let day = Day::new(2024, 11, 5).expect("a day");
        Parts { day, section: "world", slug: "border", name: "file", id: "x-1", lang: "en" }
    }

    #[test]
    fn patterns_are_filled() {
        let fill = |pattern: &str| Pattern::parse(pattern).unwrap().fill(&parts()).unwrap().to_string();
        assert_eq!(fill("/{year}/{month}/{day}/{slug}/"), "/2024/11/05/border/");
        assert_eq!(fill("/{section}/{name}.html"), "/world/file.html");
        let no_section = Parts { section: "", ..parts() };
        let pattern = Pattern::parse("/{section}/{year}/{slug}/").unwrap();
        assert_eq!(pattern.fill(&no_section).unwrap().as_str(), "/2024/border/");
    }

    #[test]
    fn patterns_are_checked() {
        for bad in ["{slug}/", "/{slug}", "/{year}/", "/{slugg}/", "/{slug/", "/../{slug}/", "/a//{slug}/"] {
            assert!(Pattern::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn nothing_leads_outside() {
        for bad in ["/../x", "/a/../b/", "/./a", "/a\\b/", "/a\u{0}b/", "//x/"] {
            assert!(Permalink::new(bad).is_err(), "{bad}");
        }
        assert_eq!(OutputPath::of(&Permalink::new("about").unwrap()).as_str(), "about/index.html");
        assert_eq!(OutputPath::of(&Permalink::new("/a/b.html").unwrap()).as_str(), "a/b.html");
    }

    #[test]
    fn addresses_are_encoded() {
        assert_eq!(encode_href("/خبر/a b%/"), "/خبر/a%20b%25/");
        assert_eq!(encode_ascii("/é/"), "/%C3%A9/");
    }
}

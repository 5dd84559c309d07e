//! What is wrong with a site, where, and how to mend it.
//!
//! A [`Diagnostic`] is an author's mistake: it is collected, reported with all the others, and
//! costs no other page. An [`Error`] is the machine's: a full disk, a missing permission; it ends
//! the build.

use std::fmt;
use std::path::{Path, PathBuf};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Something could not be built.
    Error,
    /// Something was built, but likely not as meant.
    Warning,
}

/// A place in a file, with the line itself so that the report can show it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// Line number, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// How many characters are meant; at least 1.
    pub width: usize,
    /// The line, without its line break.
    pub text: String,
}

/// The longest part of a line that a report shows, in characters.
const MAX_SHOWN_CHARS: usize = 160;

impl Location {
    /// The place of a byte range in a text. Of an over-long line (a body without line breaks) a
    /// window around the place is kept.
    pub fn from_span(source: &str, start: usize, length: usize) -> Self {
        let mut start = start.min(source.len());
        while !source.is_char_boundary(start) {
            start -= 1;
        }
        // A byte order mark at the very beginning is no character of the line.
        let bom_len =
            if source[..start].starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let line_start = source[..start].rfind('\n').map_or(bom_len, |at| at + 1);
        let line_end = source[start..].find('\n').map_or(source.len(), |at| start + at);
        let line = source[..line_start].matches('\n').count() + 1;
        let text = source[line_start..line_end].trim_end_matches('\r');
        let chars_before = source[line_start..start].chars().count();
        let width = source[start..line_end]
            .char_indices()
            .take_while(|(at, _)| *at < length)
            .count()
            .clamp(1, MAX_SHOWN_CHARS);
        let skip = chars_before.saturating_sub(MAX_SHOWN_CHARS / 2);
        let text: String = text
            .chars()
            .skip(skip)
            .take(MAX_SHOWN_CHARS)
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        Self {
            line,
            column: chars_before + 1,
            width,
            text: if skip > 0 { format!("…{text}") } else { text },
        }
    }

    /// The first line that begins with a top-level YAML key, and the place of its value.
    pub fn for_key(source: &str, key: &str) -> Option<Self> {
        find_nth_key(source, key, 0).map(|(start, length)| Self::from_span(source, start, length))
    }

    /// The line alone, without what it holds: for what must not be shown.
    #[must_use]
    pub fn without_text(self) -> Self {
        Self { line: self.line, column: 1, width: 1, text: String::new() }
    }

    /// Where the window of [`Place::text`] starts: characters of the line that are not shown.
    pub fn hidden_chars(&self) -> usize {
        (self.column - 1).saturating_sub(MAX_SHOWN_CHARS / 2)
    }
}

/// The byte range of the `n`th line that sets a top-level key (in any case), from the key to the
/// end of the line.
pub(crate) fn find_nth_key(source: &str, key: &str, n: usize) -> Option<(usize, usize)> {
    let mut offset = 0;
    let mut match_count = 0;
    for line in source.split_inclusive('\n') {
        let unquoted = line.trim_start_matches('\u{feff}').trim_start_matches(['"', '\'']);
        let has_key =
            unquoted.get(..key.len()).is_some_and(|start| start.eq_ignore_ascii_case(key));
        let after_key =
            has_key.then(|| unquoted[key.len()..].trim_start_matches(['"', '\'']).trim_start());
        if after_key.is_some_and(|rest| rest.starts_with(':')) {
            if match_count == n {
                return Some((offset, line.trim_end().len().max(1)));
            }
            match_count += 1;
        }
        offset += line.len();
    }
    None
}

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Diagnostic {
    /// The file, relative to the site, with `/` between its parts.
    pub file: String,
    /// Where in the file, if it is about a place.
    pub location: Option<Location>,
    /// How bad it is.
    pub severity: Severity,
    /// A name that stays the same over versions, such as `missing-date`; `docs/errors.md` explains
    /// each.
    pub code: &'static str,
    /// What is wrong, in one sentence.
    pub message: String,
    /// How to mend it.
    pub help: Option<String>,
    /// Another place that belongs to it (the other of two duplicates), with what it is.
    pub related: Option<(Location, String)>,
}

impl Diagnostic {
    /// An error about a whole file.
    pub fn error(code: &'static str, file: impl Into<String>, message: impl Into<String>) -> Self {
        let (file, message) = (file.into(), message.into());
        Self {
            file,
            location: None,
            severity: Severity::Error,
            code,
            message,
            help: None,
            related: None,
        }
    }

    /// A warning about a whole file.
    pub fn warning(
        code: &'static str,
        file: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, file, message) }
    }

    /// Says where.
    #[must_use]
    pub fn location(mut self, location: impl Into<Option<Location>>) -> Self {
        self.location = location.into();
        self
    }

    /// Says how to mend it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Shows nothing of the file: just which line it is about.
    #[must_use]
    pub fn without_text(mut self) -> Self {
        self.location = self.location.map(Location::without_text);
        self.related = self.related.map(|(location, label)| (location.without_text(), label));
        self
    }

    /// Names another place in the same file.
    #[must_use]
    pub fn related(mut self, location: Option<Location>, label: impl Into<String>) -> Self {
        self.related = location.map(|location| (location, label.into()));
        self
    }
}

/// For `title: Iran: the talks`, the line with quotes where they belong.
pub(crate) fn quote_value_with_colon(line: &str) -> Option<String> {
    let (key, value) = line.split_once(": ")?;
    let value = value.trim();
    let is_plain = !value.starts_with(['"', '\'', '[', '{', '|', '>', '&', '*']);
    let has_colon = value.contains(": ") || value.ends_with(':');
    (is_plain && has_colon && !key.contains(' '))
        .then(|| format!("{key}: \"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"")))
}

/// The nearest of some known words, if one is near enough to be what was meant.
pub(crate) fn nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let word = word.to_lowercase();
    let scored = candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&word, candidate), candidate));
    scored
        .filter(|(distance, candidate)| *distance <= candidate.len().max(4) / 3)
        .min()
        .map(|(_, candidate)| candidate)
}

/// Something that the machine refused: the build can't go on.
#[derive(Debug)]
pub enum Error {
    /// The call itself makes no sense: no such folder, output inside the content.
    Usage(String),
    /// The operating system said no.
    Io {
        /// What was being done, as in "can't write".
        action: &'static str,
        /// To which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl Error {
    /// For `map_err`: wraps what the system said with what was being done to which file.
    pub fn io(action: &'static str, path: impl AsRef<Path>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.as_ref().to_owned();
        move |source| Self::Io { action, path, source }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(message) => f.write_str(message),
            Self::Io { action, path, source } => write!(f, "{action} {}: {source}", path.display()),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Usage(_) => None,
            Self::Io { source, .. } => Some(source),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_characters() {
        let location = Location::from_span("one\nزبان: x\r\n", 4 + "زبان: ".len(), 1);
        assert_eq!(
            (location.line, location.column, location.width, location.text.as_str()),
            (2, 7, 1, "زبان: x")
        );
        let with_bom = Location::from_span("\u{feff}one", 3, 3);
        assert_eq!((with_bom.line, with_bom.column, with_bom.text.as_str()), (1, 1, "one"));
    }

    #[test]
    fn long_lines_are_cut_around_the_place() {
        let source = "x".repeat(10_000);
        let location = Location::from_span(&source, 5_000, 3);
        assert!(location.text.chars().count() <= MAX_SHOWN_CHARS + 1 && location.column == 5_001);
    }

    #[test]
    fn keys_are_found_by_their_line() {
        let source = "title: A\n\"date\": 1\nTitle: B\n";
        assert_eq!(Location::for_key(source, "date").unwrap().line, 2);
        assert_eq!(
            find_nth_key(source, "title", 1).map(|(at, _)| Location::from_span(source, at, 1).line),
            Some(3)
        );
        assert_eq!(Location::for_key(source, "dat"), None);
    }

    #[test]
    fn suggests_only_what_is_near() {
        assert_eq!(nearest("titel", ["title", "language"]), Some("title"));
        assert_eq!(nearest("colour_of_the_sky", ["title", "language"]), None);
    }
}

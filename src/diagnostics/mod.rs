//! Diagnostics and errors.
//!
//! A [`Diagnostic`] is an author's mistake: it is collected, reported with all others, and doesn't
//! affect other pages. An [`Error`] is a usage error or an I/O failure, such as a full disk or a
//! missing permission: it ends the command.

mod yaml_errors;

use std::fmt;
use std::path::{Path, PathBuf};

pub(crate) use yaml_errors::{YamlError, explain_syntax_error, explain_type_error};

/// The severity of a diagnostic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Something couldn't be built.
    Error,
    /// Something was built, but probably not as intended.
    Warning,
}

/// A position in a file, with the text of its line for the report.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Location {
    /// Line number, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// The length in characters, at least 1.
    pub width: usize,
    /// The line, without its line break.
    pub text: String,
}

/// The longest part of a line that a report shows, in characters.
const MAX_SHOWN_CHARS: usize = 160;

impl Location {
    /// The position of a byte range in a text. Of a long line (a body without line breaks), only a
    /// part around the position is kept.
    pub fn from_span(source: &str, start: usize, length: usize) -> Self {
        let mut start = start.min(source.len());
        while !source.is_char_boundary(start) {
            start -= 1;
        }
        // A byte order mark at the beginning isn't counted as a character of the line.
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

    /// The position of the first line that sets a top-level YAML key.
    pub fn for_key(source: &str, key: &str) -> Option<Self> {
        find_nth_key(source, key, 0).map(|(start, length)| Self::from_span(source, start, length))
    }

    /// Removes the text and the column, for lines whose contents must not be shown.
    #[must_use]
    pub fn without_text(self) -> Self {
        Self { line: self.line, column: 1, width: 1, text: String::new() }
    }

    /// The number of characters at the beginning of the line that [`Location::text`] doesn't have.
    pub fn hidden_chars(&self) -> usize {
        (self.column - 1).saturating_sub(MAX_SHOWN_CHARS / 2)
    }
}

/// Returns the start and the length of the `n`th line (from 0) that sets a top-level key, ignoring
/// case.
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

/// A mistake of an author.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Diagnostic {
    /// The file, relative to the site, with `/` between its parts.
    pub file: String,
    /// The position in the file; `None` if the diagnostic is about the whole file.
    pub location: Option<Location>,
    /// The severity.
    pub severity: Severity,
    /// The code, which doesn't change between versions, such as `missing-date`. `docs/errors.md`
    /// explains all codes.
    pub code: &'static str,
    /// The problem, in one sentence.
    pub message: String,
    /// The way to fix it.
    pub help: Option<String>,
    /// A related position, such as the other of two duplicates, with a label.
    pub related: Option<(Location, String)>,
}

impl Diagnostic {
    /// Creates an error about a whole file.
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

    /// Creates a warning about a whole file.
    pub fn warning(
        code: &'static str,
        file: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, file, message) }
    }

    /// Sets the position.
    #[must_use]
    pub fn location(mut self, location: impl Into<Option<Location>>) -> Self {
        self.location = location.into();
        self
    }

    /// Sets the help text.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Removes the text of the file, and keeps only the line number.
    #[must_use]
    pub fn without_text(mut self) -> Self {
        self.location = self.location.map(Location::without_text);
        self.related = self.related.map(|(location, label)| (location.without_text(), label));
        self
    }

    /// Sets a related position in the same file.
    #[must_use]
    pub fn related(mut self, location: Option<Location>, label: impl Into<String>) -> Self {
        self.related = location.map(|location| (location, label.into()));
        self
    }
}

/// Returns the most similar candidate, if one is similar enough to be a likely correction.
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

/// A usage error or an I/O failure, which ends the command.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// Invalid arguments: for example a folder that doesn't exist, or an output folder inside the
    /// content folder.
    Usage(String),
    /// An operation on a file failed.
    Io {
        /// The operation that failed, such as "can't write".
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
}

impl Error {
    /// Returns a function for `map_err` that adds the operation and the file.
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
    fn columns_count_characters() {
        let location = Location::from_span("one\nزبان: x\r\n", 4 + "زبان: ".len(), 1);
        assert_eq!(
            (location.line, location.column, location.width, location.text.as_str()),
            (2, 7, 1, "زبان: x")
        );
        let with_bom = Location::from_span("\u{feff}one", 3, 3);
        assert_eq!((with_bom.line, with_bom.column, with_bom.text.as_str()), (1, 1, "one"));
    }

    #[test]
    fn long_lines_are_cut_around_the_position() {
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
    fn only_similar_words_are_suggested() {
        assert_eq!(nearest("titel", ["title", "language"]), Some("title"));
        assert_eq!(nearest("colour_of_the_sky", ["title", "language"]), None);
    }
}

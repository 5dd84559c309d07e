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
#[non_exhaustive]
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
        LineIndex::start(source).locate(source, start, length)
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

/// Positions in a text from which lines and columns are counted, so that many locations in one text
/// take no longer than reading it once.
#[derive(Clone, Debug)]
pub(crate) struct LineIndex(Vec<LinePosition>);

/// The number of bytes between two positions of a [`LineIndex`].
const INDEX_STEP: usize = 512;

/// A byte of a text with its line and column.
#[derive(Clone, Copy, Debug)]
struct LinePosition {
    offset: usize,
    /// The line, from 1.
    line: usize,
    line_start: usize,
    /// The number of characters of the line before it.
    chars_before: usize,
}

impl LinePosition {
    /// Moves to a later byte.
    fn advance(&mut self, source: &str, to: usize) {
        let passed = &source[self.offset..to];
        self.line += passed.matches('\n').count();
        match passed.rfind('\n') {
            Some(end) => {
                self.line_start = self.offset + end + 1;
                self.chars_before = source[self.line_start..to].chars().count();
            }
            None => self.chars_before += passed.chars().count(),
        }
        self.offset = to;
    }
}

impl LineIndex {
    /// Indexes the first byte only: for a single location.
    fn start(source: &str) -> Self {
        // A byte order mark at the beginning isn't counted as a character of the line.
        let bom_len = if source.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let first = LinePosition { offset: bom_len, line: 1, line_start: bom_len, chars_before: 0 };
        Self(vec![first])
    }

    /// Indexes a text.
    pub(crate) fn new(source: &str) -> Self {
        let Self(mut positions) = Self::start(source);
        let mut position = positions[0];
        while position.offset + INDEX_STEP < source.len() {
            let mut next = position.offset + INDEX_STEP;
            while !source.is_char_boundary(next) {
                next -= 1;
            }
            position.advance(source, next);
            positions.push(position);
        }
        Self(positions)
    }

    /// Returns the position of a byte range in the indexed text, as [`Location::from_span`] does.
    pub(crate) fn locate(&self, source: &str, start: usize, length: usize) -> Location {
        let mut start = start.min(source.len()).max(self.0[0].offset);
        while !source.is_char_boundary(start) {
            start -= 1;
        }
        let before = self.0.partition_point(|position| position.offset <= start);
        let mut position = self.0[before.max(1) - 1];
        position.advance(source, start);
        let chars_before = position.chars_before;
        let in_line = |c: char| c != '\n';
        let width = source[start..]
            .char_indices()
            .take(MAX_SHOWN_CHARS)
            .take_while(|(at, c)| *at < length && in_line(*c))
            .count()
            .max(1);
        let skip = chars_before.saturating_sub(MAX_SHOWN_CHARS / 2);
        let shown_before = source[position.line_start..start].char_indices().rev();
        let shown_from = shown_before.take(chars_before - skip).last().map_or(0, |(at, _)| at);
        let shown_from =
            if chars_before == skip { start } else { position.line_start + shown_from };
        let shown = source[shown_from..].chars().take_while(|c| in_line(*c));
        let mut text: String = shown.take(MAX_SHOWN_CHARS).collect();
        if source[shown_from + text.len()..].starts_with(['\n'])
            || shown_from + text.len() == source.len()
        {
            text.truncate(text.trim_end_matches('\r').len());
        }
        let text = text.replace(char::is_control, " ");
        Location {
            line: position.line,
            column: chars_before + 1,
            width,
            text: if skip > 0 { format!("…{text}") } else { text },
        }
    }
}

/// Returns the start and the length of the `n`th line (from 0) that sets a top-level key, ignoring
/// case.
pub(crate) fn find_nth_key(source: &str, key: &str, n: usize) -> Option<(usize, usize)> {
    find_keys(source, key).nth(n)
}

/// Returns the start and the length of each line that sets a top-level key, ignoring case.
pub(crate) fn find_keys(source: &str, key: &str) -> impl Iterator<Item = (usize, usize)> {
    let mut end = 0;
    source.split_inclusive('\n').filter_map(move |line| {
        let start = end;
        end += line.len();
        let unquoted = line.trim_start_matches('\u{feff}').trim_start_matches(['"', '\'']);
        let has_key =
            unquoted.get(..key.len()).is_some_and(|start| start.eq_ignore_ascii_case(key));
        let after_key =
            has_key.then(|| unquoted[key.len()..].trim_start_matches(['"', '\'']).trim_start());
        let sets_key = after_key.is_some_and(|rest| rest.starts_with(':'));
        sets_key.then(|| (start, line.trim_end().len().max(1)))
    })
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
    /// A cause that many diagnostics may have. Text output reports it once, with their number.
    pub(crate) cause: Option<Cause>,
}

/// A cause that many diagnostics may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cause {
    /// URLs don't have the first folder of the articles' files, which is all that differs.
    FirstFolder,
}

impl Cause {
    /// Returns the message for some diagnostics with the cause.
    pub(crate) fn message(self, count: usize) -> String {
        match self {
            Self::FirstFolder => {
                format!("{count} URLs collide and differ only in the first folder of their files")
            }
        }
    }

    /// Returns the way to fix all of them.
    pub(crate) fn help(self) -> &'static str {
        match self {
            Self::FirstFolder => {
                "put the folder into the URLs: `permalink: /{section}/…` in site.yaml; `--format \
                 json` lists all pairs"
            }
        }
    }
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
            cause: None,
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

    /// Sets the cause.
    #[must_use]
    pub(crate) fn cause(mut self, cause: Option<Cause>) -> Self {
        self.cause = cause;
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
    fn an_index_finds_the_same_locations() {
        let long = "é".repeat(900);
        let text = format!("\u{feff}a\r\n{long}\n\n{long}b\tc\r\r\nlast");
        let index = LineIndex::new(&text);
        for start in 0..text.len() + 2 {
            for length in [1, 3, 400] {
                let location = Location::from_span(&text, start, length);
                assert_eq!(index.locate(&text, start, length), location, "{start}");
            }
        }
        assert_eq!(Location::from_span(&text, 3, 1).text, "a");
        assert_eq!(Location::from_span(&text, text.len(), 1).text, "last");
    }

    /// A location is counted from an indexed byte at most a step before it.
    #[test]
    fn many_locations_take_linear_work() {
        for line in ["![](é.png)\n", "![](é.png) "] {
            let text = line.repeat(3_000);
            let LineIndex(positions) = LineIndex::new(&text);
            let offsets = positions.iter().map(|position| position.offset).chain([text.len()]);
            let offsets: Vec<usize> = offsets.collect();
            let is_near = |pair: &[usize]| pair[0] < pair[1] && pair[1] - pair[0] <= INDEX_STEP;
            assert!(offsets.windows(2).all(is_near), "{line:?}");
        }
    }

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

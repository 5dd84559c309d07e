//! The text of a file, split at its fences, and the errors that can be found before the front
//! matter is parsed.

use std::fs::File;
use std::io::{self, Read};
use std::sync::OnceLock;

use super::fences::{FENCE_PREFIX, Fences, FencesError, FrontMatterFormat, find_fences};
use super::key_positions::{KeyPositions, NestedKeyLines};
use crate::config::{Limits, MERGE_KEY};
use crate::diagnostics::{Diagnostic, LineIndex, Location};
use crate::model::RedactionMatcher;

/// A file as text, split into front matter and body.
#[derive(Debug)]
pub struct SourceFile<'a> {
    /// The file's name, relative to the site.
    pub file: &'a str,
    /// The whole text.
    pub text: &'a str,
    /// The format of the front matter.
    pub format: FrontMatterFormat,
    /// The YAML or TOML between the fences, or the JSON object.
    pub front_matter: &'a str,
    /// The first byte of `front_matter` in `text`.
    pub front_matter_start: usize,
    /// The first byte of the body in `text`.
    pub body_start: usize,
    /// The matcher of the names that were redacted in it.
    pub matcher: RedactionMatcher,
    /// The lines of the text, once a location was looked up.
    line_index: OnceLock<LineIndex>,
    /// The top-level keys, once one was looked up.
    key_positions: OnceLock<KeyPositions>,
    /// The lines of nested keys, once one was looked up.
    nested_key_lines: OnceLock<NestedKeyLines>,
}

impl<'a> SourceFile<'a> {
    /// Reads bytes as an article: UTF-8 with or without a byte order mark, any line breaks, front
    /// matter, the body. The front matter is YAML between fences of `---` (or ended by `...`), TOML
    /// between fences of `+++`, or a JSON object. Spaces after a fence are allowed.
    ///
    /// # Errors
    /// A diagnostic with the position at which the text or the fences are invalid.
    pub fn parse(file: &'a str, bytes: &'a [u8], limits: &Limits) -> Result<Self, Box<Diagnostic>> {
        let text = decode_utf8(file, bytes)?;
        let start = text.len() - text.trim_start_matches(FENCE_PREFIX).len();
        let Fences { format, front_matter, body_start } = find_fences(text)
            .map_err(|error| Box::new(fences_diagnostic(file, text, start, error)))?;
        if front_matter.len() > limits.front_matter_bytes {
            let message = format!(
                "the front matter is {} bytes long; the limit is {}",
                front_matter.len(),
                limits.front_matter_bytes
            );
            let help =
                "move text into the body, or raise `limits: {front_matter_bytes: …}` in site.yaml";
            let diagnostic = Diagnostic::error("front-matter-too-long", file, message);
            return Err(Box::new(
                diagnostic.location(Location::from_span(text, start, 3)).help(help),
            ));
        }
        Ok(Self {
            file,
            text,
            format,
            front_matter: &text[front_matter.clone()],
            front_matter_start: front_matter.start,
            body_start,
            matcher: RedactionMatcher::empty(),
            line_index: OnceLock::new(),
            key_positions: OnceLock::new(),
            nested_key_lines: OnceLock::new(),
        })
    }

    /// Sets the matcher of the names that were redacted in the text.
    #[must_use]
    pub fn with_matcher(self, matcher: RedactionMatcher) -> Self {
        Self { matcher, ..self }
    }

    /// The body, as written.
    pub fn body(&self) -> &'a str {
        &self.text[self.body_start..]
    }

    /// The position of the opening fence, for reporting a missing key.
    pub fn fence_location(&self) -> Location {
        if self.format == FrontMatterFormat::Json {
            return Location::from_span(self.text, self.front_matter_start, 1);
        }
        let before_fence = self.text[..self.front_matter_start].trim_end();
        Location::from_span(self.text, before_fence.len().saturating_sub(3), 3)
    }

    /// The location of a byte range of the front matter.
    pub fn front_matter_location(&self, start: usize, length: usize) -> Location {
        self.locate(self.front_matter_start + start, length)
    }

    /// The location of a byte range of the body.
    pub fn body_location(&self, start: usize, length: usize) -> Location {
        self.locate(self.body_start + start, length)
    }

    fn locate(&self, start: usize, length: usize) -> Location {
        let index = self.line_index.get_or_init(|| LineIndex::new(self.text));
        index.locate(self.text, start, length)
    }

    /// The location of the `n`th setting of a top-level key.
    pub fn key_location(&self, key: &str, n: usize) -> Option<Location> {
        self.key_locations(key).nth(n)
    }

    /// The locations of all settings of a top-level key.
    pub(crate) fn key_locations(&self, key: &str) -> impl Iterator<Item = Location> {
        let find = || KeyPositions::find(self.front_matter, self.format);
        let settings = self.key_positions.get_or_init(find).settings(key).iter();
        settings.map(|range| self.front_matter_location(range.start, range.len()))
    }

    /// The location of the first setting of a top-level key, or of the merge key that sets it.
    pub(crate) fn key_or_merge_location(&self, key: &str) -> Option<Location> {
        self.key_location(key, 0).or_else(|| self.merge_location())
    }

    /// The numbers of the lines that set a key in the value of a top-level key, each once. They are
    /// known only in YAML.
    pub(super) fn lines_of_nested_key(&self, top_key: &str, key: &str) -> &[usize] {
        if self.format != FrontMatterFormat::Yaml {
            return &[];
        }
        let find = || {
            let first_line = self.front_matter_location(0, 1).line;
            NestedKeyLines::find(self.front_matter, first_line)
        };
        self.nested_key_lines.get_or_init(find).lines(top_key, key)
    }

    /// The location of the merge key, which sets the keys of another map.
    pub(crate) fn merge_location(&self) -> Option<Location> {
        self.key_location(MERGE_KEY, 0)
    }

    /// The number of bytes from a byte of the front matter to the end of its line.
    pub(super) fn line_length(&self, start: usize) -> usize {
        self.front_matter[start..].lines().next().map_or(1, |line| line.trim_end().len().max(1))
    }
}

/// Reads a file of `length` bytes, or as much as it contains by now, up to the byte after `limit`.
/// A file that hasn't grown takes a single system call, because system calls are most of the cost
/// of small files.
///
/// # Errors
/// An I/O error, or an error that the file is now longer than `limit`.
pub(crate) fn read_with_limit(file: &mut File, length: u64, limit: u64) -> io::Result<Vec<u8>> {
    // One more byte than expected: if a read leaves it unused, it has reached the end of the file.
    let mut bytes = vec![0; usize::try_from(length.min(limit)).unwrap_or_default() + 1];
    let mut filled = 0;
    loop {
        match file.read(&mut bytes[filled..])? {
            0 => break,
            read => filled += read,
        }
        if filled as u64 == length && filled < bytes.len() {
            break;
        }
        if filled == bytes.len() {
            if filled as u64 > limit {
                return Err(io::Error::other("it grew while it was read"));
            }
            bytes.resize(bytes.len() * 2, 0);
        }
    }
    bytes.truncate(filled);
    Ok(bytes)
}

fn decode_utf8<'a>(file: &'a str, bytes: &'a [u8]) -> Result<&'a str, Box<Diagnostic>> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        let help = "save it as UTF-8: `iconv -f UTF-16 -t UTF-8 OLD > NEW`";
        return Err(Box::new(
            Diagnostic::error("not-utf8", file, "the file is UTF-16, not UTF-8").help(help),
        ));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let offset = error.valid_up_to();
        let byte = bytes[offset];
        let message = format!("the file is not UTF-8: byte 0x{byte:02X} at offset {offset}");
        let latin1 = char::from(byte);
        let latin1_help = format!(
            "it looks like Latin-1, where that byte is `{latin1}`: \
             `iconv -f ISO-8859-1 -t UTF-8 OLD > NEW`"
        );
        let truncated_help =
            "the file ends in the middle of a character: it may have been cut off".to_owned();
        let help = match byte {
            _ if error.error_len().is_none() => truncated_help,
            0xa0.. => latin1_help,
            _ => "save the file as UTF-8".into(),
        };
        let lossy_text = String::from_utf8_lossy(bytes);
        let lossy_offset = String::from_utf8_lossy(&bytes[..offset]).len();
        let location = Location::from_span(&lossy_text, lossy_offset, 1);
        Box::new(Diagnostic::error("not-utf8", file, message).location(location).help(help))
    })?;
    match memchr::memchr(0, bytes) {
        None => Ok(text),
        Some(offset) => {
            let message = format!("the file contains a NUL byte at offset {offset}");
            let help = "text files contain no NUL bytes; the file may be damaged, or isn't text";
            Err(Box::new(
                Diagnostic::error("nul-byte", file, message)
                    .location(Location::from_span(text, offset, 1))
                    .help(help),
            ))
        }
    }
}

fn fences_diagnostic(file: &str, text: &str, start: usize, error: FencesError) -> Diagnostic {
    let FencesError::Unclosed(format) = error else {
        let help = "begin the file with `---`, lines such as `title: …` and `date: 2024-11-05`, \
                    and another `---`";
        return Diagnostic::error("no-front-matter", file, "the file has no front matter")
            .location(Location::from_span(text, start, 3))
            .help(help);
    };
    let (message, help, length) = match format {
        FrontMatterFormat::Yaml => {
            ("the front matter is never closed", "end it with a line that contains only `---`", 3)
        }
        FrontMatterFormat::Toml => {
            ("the front matter is never closed", "end it with a line that contains only `+++`", 3)
        }
        FrontMatterFormat::Json => (
            "the front matter is a JSON object that is never closed",
            "close each quotation mark and each brace, and the object with `}`",
            1,
        ),
    };
    Diagnostic::error("unclosed-front-matter", file, message)
        .location(Location::from_span(text, start, length))
        .help(help)
}

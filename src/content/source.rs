//! The text of a file, split at its fences, and the errors that can be found before YAML is parsed.

use std::fs::File;
use std::io::{self, Read};
use std::sync::OnceLock;

use crate::config::Limits;
use crate::diagnostics::{Diagnostic, LineIndex, Location};
use crate::model::RedactionMatcher;

/// Characters that may precede the opening fence.
const FENCE_PREFIX: [char; 5] = ['\u{feff}', ' ', '\t', '\r', '\n'];

/// A file as text, split into front matter and body.
#[derive(Debug)]
pub struct SourceFile<'a> {
    /// The file's name, relative to the site.
    pub file: &'a str,
    /// The whole text.
    pub text: &'a str,
    /// The YAML between the fences.
    pub front_matter: &'a str,
    /// The first byte of `front_matter` in `text`.
    pub front_matter_start: usize,
    /// The first byte of the body in `text`.
    pub body_start: usize,
    /// The matcher of the names that were redacted in it.
    pub matcher: RedactionMatcher,
    /// The lines of the text, once a location was looked up.
    line_index: OnceLock<LineIndex>,
}

impl<'a> SourceFile<'a> {
    /// Reads bytes as an article: UTF-8 with or without a byte order mark, any line breaks, a fence
    /// of `---` (spaces after it are allowed), YAML, a fence of `---` or `...`, the body.
    ///
    /// # Errors
    /// A diagnostic with the position at which the text or the fences are invalid.
    pub fn parse(file: &'a str, bytes: &'a [u8], limits: &Limits) -> Result<Self, Box<Diagnostic>> {
        let text = decode_utf8(file, bytes)?;
        let start = text.len() - text.trim_start_matches(FENCE_PREFIX).len();
        let Some(front_start) = opening_fence_len(&text[start..]).map(|length| start + length)
        else {
            return Err(Box::new(missing_front_matter(file, text, start)));
        };
        let Some((front_matter_len, body_start)) = find_closing_fence(&text[front_start..]) else {
            let message = "the front matter is never closed";
            let help = "end it with a line that contains only `---`";
            let diagnostic = Diagnostic::error("unclosed-front-matter", file, message);
            return Err(Box::new(
                diagnostic.location(Location::from_span(text, start, 3)).help(help),
            ));
        };
        if front_matter_len > limits.front_matter_bytes {
            let message = format!(
                "the front matter is {front_matter_len} bytes long; the limit is {}",
                limits.front_matter_bytes
            );
            let help =
                "move text into the body, or raise `limits: {front_matter_bytes: …}` in site.yaml";
            let diagnostic = Diagnostic::error("front-matter-too-long", file, message);
            return Err(Box::new(
                diagnostic.location(Location::from_span(text, start, 3)).help(help),
            ));
        }
        let front_matter = &text[front_start..front_start + front_matter_len];
        let body_start = front_start + body_start;
        Ok(Self {
            file,
            text,
            front_matter,
            front_matter_start: front_start,
            body_start,
            matcher: RedactionMatcher::empty(),
            line_index: OnceLock::new(),
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
        let (start, length) = crate::diagnostics::find_nth_key(self.front_matter, key, n)?;
        Some(self.front_matter_location(start, length))
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

/// Returns the first byte of a file's body; 0 if its front matter isn't closed.
pub(super) fn body_start(text: &str) -> usize {
    let start = text.len() - text.trim_start_matches(FENCE_PREFIX).len();
    let front_start = opening_fence_len(&text[start..]).map(|length| start + length);
    let body = |front: usize| find_closing_fence(&text[front..]).map(|(_, body)| front + body);
    front_start.and_then(body).unwrap_or_default()
}

/// Returns the length of an opening fence with its line break.
fn opening_fence_len(text: &str) -> Option<usize> {
    let line = text.split_inclusive('\n').next()?;
    (line.trim_end() == "---" && line.ends_with('\n')).then_some(line.len())
}

/// Returns the length of the front matter up to the closing fence, and the offset of the body.
fn find_closing_fence(text: &str) -> Option<(usize, usize)> {
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        if matches!(line.trim_end(), "---" | "...") {
            return Some((offset, offset + line.len()));
        }
        offset += line.len();
    }
    None
}

fn missing_front_matter(file: &str, text: &str, start: usize) -> Diagnostic {
    let is_toml = text[start..].starts_with("+++");
    let is_json = text[start..].starts_with('{');
    let message = match (is_toml, is_json) {
        (true, _) => "the front matter is TOML; Dateline reads YAML",
        (_, true) => "the front matter is JSON; Dateline reads YAML",
        _ => "the file has no front matter",
    };
    let help = if is_toml || is_json {
        "write it as YAML: `---`, then lines such as `title: …` and `date: …`, then `---`"
    } else {
        "begin the file with `---`, lines such as `title: …` and `date: 2024-11-05`, and another \
         `---`"
    };
    Diagnostic::error("no-front-matter", file, message)
        .location(Location::from_span(text, start, 3))
        .help(help)
}

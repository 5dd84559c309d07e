//! Reads the elements of lists in a JSON document one at a time (RFC 8259), so that memory doesn't
//! grow with the length of the file, and one damaged element doesn't lose the others.

use std::io::BufRead;

use serde::de::DeserializeOwned;

use super::reader::ItemError;
use crate::import::text::decode;

/// The maximum nesting of the values around the lists. Deeper values are skipped.
const MAX_DEPTH: usize = 64;
/// The maximum length of an element, in bytes.
const MAX_ELEMENT_BYTES: usize = 64 << 20;
/// The maximum length of a key, in bytes. Longer ones aren't those of a list.
const MAX_KEY_BYTES: usize = 256;

/// An element of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct JsonElement {
    /// The path of the list, as it was asked for.
    pub(super) list: &'static str,
    /// The line at which the element begins, from 1.
    pub(super) line: usize,
    bytes: Vec<u8>,
}

impl JsonElement {
    /// Parses the element, and returns the problems of its encoding, too.
    ///
    /// # Errors
    /// [`ItemError`] if it isn't JSON, or not an element of the expected form.
    pub(super) fn parse<T: DeserializeOwned>(&self) -> Result<(T, Vec<String>), ItemError> {
        let (parsed, warnings) = match std::str::from_utf8(&self.bytes) {
            Ok(text) => (serde_json::from_str(text), Vec::new()),
            Err(_) => {
                let decoded = decode(&self.bytes, None);
                (serde_json::from_str(&decoded.text), decoded.warnings())
            }
        };
        let value = parsed.map_err(|error: serde_json::Error| {
            let line = self.line + error.line().saturating_sub(1);
            ItemError { line, message: format!("the record can't be read: {error}") }
        })?;
        Ok((value, warnings))
    }
}

/// The next token of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    Key,
    Value,
}

/// A value that is open.
#[derive(Debug)]
enum Frame {
    /// An object; `path_length` is the length of its own path.
    Object { path_length: usize, expected: Expected },
    /// An array with the path of a list, or another one.
    Array { path_length: usize, list: Option<&'static str> },
}

/// Reads the elements of lists.
pub(super) struct JsonLists<R> {
    input: R,
    /// The paths of the lists: keys with `.` between them, and `[]` for the elements of an array.
    /// The path of the document itself is empty.
    lists: &'static [&'static str],
    frames: Vec<Frame>,
    /// The path of the value that is read.
    path: String,
    line: usize,
    is_finished: bool,
}

impl<R: BufRead> JsonLists<R> {
    /// Creates a reader. `lists` are the paths of the lists: `posts`, `db.[].data.posts`; empty for
    /// the document itself, which may also be a single object.
    pub(super) fn new(input: R, lists: &'static [&'static str]) -> Self {
        let (frames, path) = (Vec::new(), String::new());
        Self { input, lists, frames, path, line: 1, is_finished: false }
    }

    /// Reads the next element; `None` at the end.
    pub(super) fn next_element(&mut self) -> Option<Result<JsonElement, ItemError>> {
        while !self.is_finished {
            match self.step() {
                Ok(None) => {}
                Ok(Some(element)) => return Some(Ok(element)),
                Err(error) => {
                    self.is_finished |= !error.message.starts_with(TOO_LONG);
                    return Some(Err(error));
                }
            }
        }
        None
    }

    fn step(&mut self) -> Result<Option<JsonElement>, ItemError> {
        let Some(byte) = self.peek()? else {
            self.is_finished = true;
            if self.frames.is_empty() {
                return Ok(None);
            }
            return Err(
                self.error_at_line("the file ends early: records may be missing after this line")
            );
        };
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' | 0xef | 0xbb | 0xbf => self.skip_byte(byte),
            b',' | b':' => {
                self.skip_byte(byte);
                if let Some(Frame::Object { expected, .. }) = self.frames.last_mut() {
                    *expected = if byte == b',' { Expected::Key } else { Expected::Value };
                }
            }
            b'}' | b']' => {
                self.skip_byte(byte);
                self.frames.pop();
                let length = self.frames.last().map_or(0, |frame| match frame {
                    Frame::Object { path_length, .. } | Frame::Array { path_length, .. } => {
                        *path_length
                    }
                });
                self.path.truncate(length);
            }
            _ => return self.read_value(byte),
        }
        Ok(None)
    }

    /// Reads a key or a value, which begins with `byte`.
    fn read_value(&mut self, byte: u8) -> Result<Option<JsonElement>, ItemError> {
        if let Some(list) = self.list_of_element(byte) {
            return self.element(list).map(Some);
        }
        let is_key =
            matches!(self.frames.last(), Some(Frame::Object { expected: Expected::Key, .. }));
        match byte {
            b'"' if is_key => {
                let line = self.line;
                let key = self.value(MAX_KEY_BYTES).map(|value| value.bytes);
                let key = key.map_err(|problem| problem.into_error(line))?;
                let key: String = serde_json::from_slice(&key).unwrap_or_default();
                if let Some(Frame::Object { path_length, .. }) = self.frames.last() {
                    self.path.truncate(*path_length);
                }
                if !self.path.is_empty() {
                    self.path.push('.');
                }
                self.path.push_str(&key);
            }
            b'{' | b'[' if self.frames.len() < MAX_DEPTH => self.open(byte),
            _ => {
                let line = self.line;
                self.value(0).map_err(|problem| problem.into_error(line))?;
            }
        }
        Ok(None)
    }

    /// Returns the path of the list of which the value is an element.
    fn list_of_element(&self, byte: u8) -> Option<&'static str> {
        match self.frames.last() {
            Some(Frame::Array { list, .. }) => *list,
            None if byte == b'{' => self.lists.iter().find(|list| list.is_empty()).copied(),
            Some(Frame::Object { .. }) | None => None,
        }
    }

    fn open(&mut self, byte: u8) {
        self.skip_byte(byte);
        if byte == b'{' {
            let path_length = self.path.len();
            self.frames.push(Frame::Object { path_length, expected: Expected::Key });
            return;
        }
        let list = self.lists.iter().find(|list| **list == self.path).copied();
        self.path.push_str(if self.path.is_empty() { "[]" } else { ".[]" });
        self.frames.push(Frame::Array { path_length: self.path.len(), list });
    }

    fn element(&mut self, list: &'static str) -> Result<JsonElement, ItemError> {
        let line = self.line;
        let value = self.value(MAX_ELEMENT_BYTES).map_err(|problem| problem.into_error(line))?;
        match value.is_complete {
            Completeness::Complete => Ok(JsonElement { list, line, bytes: value.bytes }),
            Completeness::TooLong => {
                let message = format!("{TOO_LONG} than {MAX_ELEMENT_BYTES} bytes");
                Err(ItemError { line, message })
            }
        }
    }

    /// Reads a value, of which at most `max_bytes` are kept.
    fn value(&mut self, max_bytes: usize) -> Result<RawValue, Problem> {
        let mut value = RawValue { bytes: Vec::new(), is_complete: Completeness::Complete };
        let mut depth = 0_usize;
        let mut string = InString::Outside;
        loop {
            let buffer = self.input.fill_buf().map_err(Problem::Io)?;
            let Some(byte) = buffer.first().copied() else { return Err(Problem::Truncated) };
            let is_outside = string == InString::Outside;
            let ends_scalar = matches!(byte, b',' | b'}' | b']' | b':' | b' ' | b'\n' | b'\r');
            if is_outside && depth == 0 && ends_scalar && value.length_seen() > 0 {
                return Ok(value);
            }
            self.skip_byte(byte);
            value.push(byte, max_bytes);
            string = string.after(byte);
            match byte {
                b'{' | b'[' if is_outside => depth += 1,
                b'}' | b']' if is_outside => depth = depth.saturating_sub(1),
                b'"' if !is_outside && string == InString::Outside => {}
                _ => continue,
            }
            if depth == 0 {
                return Ok(value);
            }
        }
    }

    fn peek(&mut self) -> Result<Option<u8>, ItemError> {
        let line = self.line;
        match self.input.fill_buf() {
            Ok(buffer) => Ok(buffer.first().copied()),
            Err(error) => Err(Problem::Io(error).into_error(line)),
        }
    }

    fn skip_byte(&mut self, byte: u8) {
        self.input.consume(1);
        self.line += usize::from(byte == b'\n');
    }

    fn error_at_line(&self, message: &str) -> ItemError {
        ItemError { line: self.line, message: message.to_owned() }
    }
}

/// The beginning of the message about a long element, after which reading continues.
const TOO_LONG: &str = "the record is longer";

/// The end of a value that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Completeness {
    Complete,
    /// Bytes were left out.
    TooLong,
}

/// The bytes of a value.
struct RawValue {
    bytes: Vec<u8>,
    is_complete: Completeness,
}

impl RawValue {
    fn push(&mut self, byte: u8, max_bytes: usize) {
        if self.bytes.len() < max_bytes {
            self.bytes.push(byte);
        } else {
            self.is_complete = Completeness::TooLong;
        }
    }

    /// Returns a number that is 0 before the first byte.
    fn length_seen(&self) -> usize {
        self.bytes.len() + usize::from(self.is_complete == Completeness::TooLong)
    }
}

/// The position relative to strings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum InString {
    Outside,
    Inside,
    AfterBackslash,
}

impl InString {
    fn after(self, byte: u8) -> Self {
        match (self, byte) {
            (Self::Outside, b'"') | (Self::AfterBackslash, _) => Self::Inside,
            (Self::Inside, b'"') | (Self::Outside, _) => Self::Outside,
            (Self::Inside, b'\\') => Self::AfterBackslash,
            (Self::Inside, _) => Self::Inside,
        }
    }
}

/// The reason why a value can't be read.
enum Problem {
    Io(std::io::Error),
    Truncated,
}

impl Problem {
    fn into_error(self, line: usize) -> ItemError {
        let message = match self {
            Self::Io(error) => format!("can't read the file: {error}"),
            Self::Truncated => {
                "the file ends within this record: it is incomplete, and records may be missing \
                 after it"
                    .to_owned()
            }
        };
        ItemError { line, message }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn elements(json: &[u8], lists: &'static [&'static str]) -> Vec<String> {
        let mut reader = JsonLists::new(json, lists);
        std::iter::from_fn(|| reader.next_element())
            .map(|element| match element.and_then(|element| element.parse::<Value>()) {
                Ok((value, _)) => value.to_string(),
                Err(error) => format!("{}: {}", error.line, error.message),
            })
            .collect()
    }

    #[test]
    fn elements_of_lists_are_found() {
        let json = br#"{"meta": {"posts": [0]}, "db": [{"data": {"tags": [1],
            "posts": [{"a": "]}\"\\"}, 7, [8], "x"], "x": {"posts": [9]}}}]}"#;
        assert_eq!(
            elements(json, &["db.[].data.posts"]),
            [r#"{"a":"]}\"\\"}"#, "7", "[8]", "\"x\""]
        );
        assert_eq!(elements(b"\xef\xbb\xbf[{\"a\":1},\n2]\n[3]", &[""]), ["{\"a\":1}", "2", "3"]);
        assert_eq!(elements(b"{\"a\":[1]}", &[""]), ["{\"a\":[1]}"]);
        assert!(elements(b"{\"a\":[1]}", &["b"]).is_empty());
    }

    #[test]
    fn damage_is_limited_to_its_element() {
        let found = elements(b"[{\"a\":1},\n{\"a\" 2},\n{\"a\":3}", &[""]);
        assert_eq!((&*found[0], &*found[2]), ("{\"a\":1}", "{\"a\":3}"));
        assert!(found[1].starts_with("2: the record can't be read"), "{found:?}");
        assert!(found[3].starts_with("3: the file ends early"), "{found:?}");
        let found = elements(b"[{\"a\":1},\n{\"a\":\"", &[""]);
        assert!(found[1].starts_with("2: the file ends within"), "{found:?}");
        let invalid = elements(b"[{\"a\":\"caf\xe9 noir et th\xe9\"}]", &[""]);
        assert_eq!(invalid, ["{\"a\":\"café noir et thé\"}"]);
        let deep = format!("{{\"x\":{},\"posts\":[1]}}", "[".repeat(200_000));
        assert_eq!(elements(deep.as_bytes(), &["posts"]).len(), 1);
    }
}

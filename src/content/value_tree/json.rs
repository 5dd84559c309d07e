//! Reads a JSON object (RFC 8259) into a tree of values.

use std::fmt;
use std::ops::Range;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::{Node, SyntaxError, TopLevelEntry};

/// Returns the length of the object at the beginning of a text, up to its last brace; `None` if it
/// is never closed.
pub(crate) fn object_length(text: &str) -> Option<usize> {
    let mut scanner = Scanner::new(text);
    while let Some((token, range)) = scanner.next() {
        if scanner.depth == 0 && token == Token::Close {
            return Some(range.end);
        }
    }
    None
}

/// Parses an object: the top-level keys in the order in which they are written.
///
/// # Errors
/// The first syntax error.
pub(crate) fn parse_json(text: &str) -> Result<Vec<TopLevelEntry>, SyntaxError> {
    let node: Node = serde_json::from_str(text).map_err(|error| SyntaxError {
        message: without_position(&error.to_string()).to_owned(),
        offset: offset_at(text, error.line(), error.column()),
    })?;
    let Node::Map(values) = node else {
        return Err(SyntaxError { message: "it isn't an object".into(), offset: 0 });
    };
    // The scanner finds the same keys in the same order.
    let ranges = json_keys(text).into_iter().map(|(_, range)| range);
    let entries = values.into_iter().zip(ranges);
    Ok(entries.map(|((key, value), key_range)| TopLevelEntry { key, key_range, value }).collect())
}

/// Returns the top-level keys with their positions, as far as the text can be parsed.
pub(crate) fn json_keys(text: &str) -> Vec<(String, Range<usize>)> {
    let mut keys = Vec::new();
    let mut scanner = Scanner::new(text);
    let mut last_text = None;
    while let Some((token, range)) = scanner.next() {
        match token {
            Token::Text => last_text = Some(range),
            Token::Colon if scanner.depth == 1 => {
                let Some(quoted) = last_text.take() else { continue };
                let key = serde_json::from_str(&text[quoted.clone()]);
                let key = key.unwrap_or_else(|_| text[quoted.clone()].trim_matches('"').to_owned());
                keys.push((key, quoted));
            }
            _ => last_text = None,
        }
    }
    keys
}

/// The parser's message without " at line 1 column 2".
fn without_position(message: &str) -> &str {
    message.rsplit_once(" at line ").map_or(message, |(message, _)| message)
}

/// Returns the byte at a line, from 1, and a column in bytes, from 1.
fn offset_at(text: &str, line: usize, column: usize) -> usize {
    let before: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    (before + column.saturating_sub(1)).min(text.len())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Text,
    Colon,
    Open,
    Close,
    Comma,
}

/// Finds texts and punctuation.
struct Scanner<'t> {
    text: &'t str,
    at: usize,
    /// The number of objects and lists that are open.
    depth: usize,
}

impl<'t> Scanner<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, at: 0, depth: 0 }
    }

    fn next(&mut self) -> Option<(Token, Range<usize>)> {
        let bytes = self.text.as_bytes();
        loop {
            let start = self.at;
            let byte = *bytes.get(start)?;
            self.at += 1;
            let token = match byte {
                b'"' => {
                    self.skip_text()?;
                    Token::Text
                }
                b'{' | b'[' => {
                    self.depth += 1;
                    Token::Open
                }
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    Token::Close
                }
                b':' => Token::Colon,
                b',' => Token::Comma,
                _ => continue,
            };
            return Some((token, start..self.at));
        }
    }

    /// Moves behind the closing quotation mark; `None` if there is none.
    fn skip_text(&mut self) -> Option<()> {
        let bytes = self.text.as_bytes();
        loop {
            self.at += memchr::memchr2(b'"', b'\\', &bytes[self.at.min(bytes.len())..])? + 1;
            if bytes[self.at - 1] == b'"' {
                return Some(());
            }
            self.at += 1;
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NodeVisitor;
        impl<'de> Visitor<'de> for NodeVisitor {
            type Value = Node;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any value")
            }
            fn visit_unit<E: Error>(self) -> Result<Node, E> {
                Ok(Node::Null)
            }
            fn visit_bool<E: Error>(self, value: bool) -> Result<Node, E> {
                Ok(Node::Boolean(value))
            }
            fn visit_u64<E: Error>(self, number: u64) -> Result<Node, E> {
                Ok(Node::Number(number.to_string()))
            }
            fn visit_i64<E: Error>(self, number: i64) -> Result<Node, E> {
                Ok(Node::Number(number.to_string()))
            }
            fn visit_f64<E: Error>(self, number: f64) -> Result<Node, E> {
                Ok(Node::Number(number.to_string()))
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Node, E> {
                Ok(Node::Text(text.to_owned()))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Node, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = list.next_element()? {
                    items.push(item);
                }
                Ok(Node::List(items))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Node::Map(entries))
            }
        }
        deserializer.deserialize_any(NodeVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_ends_at_its_own_brace() {
        let text = r#"{"a": {"b": "}\"}"}, "c": [1, {}]}"#;
        assert_eq!(object_length(&format!("{text}\nBody {{x}}")), Some(text.len()));
        for open in [r#"{"a": "}"#, r#"{"a": {}"#, r#"{"a\"#, "{"] {
            assert_eq!(object_length(open), None, "{open}");
        }
    }

    #[test]
    fn top_level_keys_have_positions() {
        let text = "{\n \"ti\\u0074le\": \"a: b\",\n \"map\": {\"inner\": 1},\n \"tags\": [\"x\"]}";
        let entries = parse_json(text).expect("it is JSON");
        let keys: Vec<&str> = entries.iter().map(|entry| entry.key.as_str()).collect();
        assert_eq!(keys, ["title", "map", "tags"]);
        assert_eq!(&text[entries[2].key_range.clone()], "\"tags\"");
        let inner = Node::Map(vec![("inner".to_owned(), Node::Number("1".into()))]);
        assert_eq!(entries[1].value, inner);
    }

    #[test]
    fn a_key_that_is_set_twice_is_kept_twice() {
        let entries = parse_json(r#"{"a": 1, "a": 2}"#).expect("it is JSON");
        assert_eq!(entries.len(), 2);
        let error = parse_json("{\n\"a\": 1,\n\"b\" 2}").expect_err("no colon");
        assert_eq!(error.offset, "{\n\"a\": 1,\n\"b\" ".len());
    }
}

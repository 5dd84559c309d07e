//! JSON (RFC 8259) that is safe in a `script` element: it can neither end the script nor begin a
//! comment (HTML, section 4.12.1.3).

use std::borrow::Cow;

/// Appends JSON to a string.
pub(crate) struct JsonWriter<'a> {
    pub(crate) out: &'a mut String,
}

impl JsonWriter<'_> {
    /// Writes constant JSON: the beginning of an object with its first members.
    pub(crate) fn raw(&mut self, constant: &str) {
        self.out.push_str(constant);
    }

    /// Ends an object.
    pub(crate) fn end_object(&mut self) {
        self.out.push('}');
    }

    /// Begins an object.
    pub(crate) fn begin_object(&mut self) {
        self.out.push('{');
    }

    /// Writes the first member of an object.
    pub(crate) fn first_text(&mut self, key: &str, text: &str) {
        self.out.push('"');
        self.out.push_str(key);
        self.out.push_str("\":");
        self.string(text);
    }

    /// Writes a line feed.
    pub(crate) fn newline(&mut self) {
        self.out.push('\n');
    }

    /// Writes the name of a member that isn't the first.
    pub(crate) fn key(&mut self, key: &str) {
        self.out.push_str(",\"");
        self.out.push_str(key);
        self.out.push_str("\":");
    }

    /// Writes a member that isn't the first.
    pub(crate) fn text(&mut self, key: &str, text: &str) {
        self.key(key);
        self.string(text);
    }

    /// Writes a member if it has a value.
    pub(crate) fn optional_text(&mut self, key: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.text(key, text);
        }
    }

    /// Writes a number as a member that isn't the first.
    pub(crate) fn number(&mut self, key: &str, number: usize) {
        self.key(key);
        self.out.push_str(&number.to_string());
    }

    /// Writes an array as a member that isn't the first.
    pub(crate) fn array<T>(
        &mut self,
        key: &str,
        items: &[T],
        mut write_item: impl FnMut(&mut Self, &T),
    ) {
        self.key(key);
        self.out.push('[');
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.out.push(',');
            }
            write_item(self, item);
        }
        self.out.push(']');
    }

    /// Writes a string. U+2028 and U+2029 are escaped, too: older scripts take them for line ends.
    pub(crate) fn string(&mut self, text: &str) {
        self.out.push('"');
        let is_special =
            |byte: u8| byte < 0x20 || matches!(byte, b'"' | b'\\' | b'<' | b'>' | b'&' | 0x7f);
        let is_separator = |window: &[u8]| matches!(window, [0xe2, 0x80, 0xa8 | 0xa9]);
        // Folds are vectorized and searches aren't: most texts have nothing to escape.
        let bytes = text.as_bytes();
        let has_special = bytes.iter().fold(false, |any, &byte| any | is_special(byte));
        let has_separators = bytes.contains(&0xe2) && bytes.windows(3).any(is_separator);
        if !(has_special || has_separators) {
            self.out.push_str(text);
            self.out.push('"');
            return;
        }
        let mut copied = 0;
        for (index, byte) in text.bytes().enumerate() {
            let (escape, length) = match byte {
                b'"' => ("\\\"".into(), 1),
                b'\\' => ("\\\\".into(), 1),
                0..0x20 | 0x7f | b'<' | b'>' | b'&' => (Cow::from(format!("\\u{byte:04x}")), 1),
                0xe2 if text[index..].starts_with('\u{2028}') => ("\\u2028".into(), 3),
                0xe2 if text[index..].starts_with('\u{2029}') => ("\\u2029".into(), 3),
                _ => continue,
            };
            self.out.push_str(&text[copied..index]);
            self.out.push_str(&escape);
            copied = index + length;
        }
        self.out.push_str(&text[copied..]);
        self.out.push('"');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_itself_again_and_nothing_ends_the_script() {
        let control: String = (0..0x20_u8).map(char::from).collect();
        for text in
            ["</script><!-- & -->", "\u{2028}a\u{2029}", "\"\\", "é‹€🙂\u{202e}", &control, ""]
        {
            let mut out = String::new();
            JsonWriter { out: &mut out }.string(text);
            assert_eq!(serde_json::from_str::<String>(&out).expect("JSON"), text);
            let is_unsafe = |c: char| {
                matches!(c, '<' | '>' | '&' | '\u{2028}' | '\u{2029}') || c.is_ascii_control()
            };
            assert!(!out.contains(is_unsafe), "{out}");
        }
    }
}

//! XML 1.0 that is well-formed whatever text it holds.

/// Appends XML to a string.
pub(crate) struct XmlWriter<'a>(pub(crate) &'a mut String);

impl XmlWriter<'_> {
    /// Writes markup as it is.
    pub(crate) fn raw(&mut self, markup: &str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// Writes text in an element or a quoted attribute. Characters that XML can't hold are left out
    /// (XML 1.0, section 2.2).
    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        let is_special =
            |byte: u8| byte < 0x20 || matches!(byte, b'&' | b'<' | b'>' | b'"' | b'\'' | 0xef);
        // A fold is vectorized and a search isn't: most texts have nothing to escape.
        if !text.bytes().fold(false, |any, byte| any | is_special(byte)) {
            return self.raw(text);
        }
        let mut copied = 0;
        for (index, byte) in text.bytes().enumerate() {
            let (escape, length) = match byte {
                b'&' => ("&amp;", 1),
                b'<' => ("&lt;", 1),
                b'>' => ("&gt;", 1),
                b'"' => ("&quot;", 1),
                b'\'' => ("&#39;", 1),
                b'\t' | b'\n' => continue,
                0..0x20 => ("", 1),
                0xef if text[index..].starts_with(['\u{fffe}', '\u{ffff}']) => ("", 3),
                _ => continue,
            };
            self.0.push_str(&text[copied..index]);
            self.0.push_str(escape);
            copied = index + length;
        }
        self.raw(&text[copied..])
    }

    /// Writes an element with text, on a line of its own.
    pub(crate) fn element(&mut self, name: &str, text: &str) -> &mut Self {
        self.raw("<").raw(name).raw(">").text(text).raw("</").raw(name).raw(">\n")
    }

    /// Writes an element if there is text for it.
    pub(crate) fn optional_element(&mut self, name: &str, text: Option<&str>) -> &mut Self {
        match text {
            Some(text) => self.element(name, text),
            None => self,
        }
    }

    /// Writes Atom's `link` (RFC 4287, section 4.2.7), with any namespace prefix.
    pub(crate) fn link(
        &mut self,
        prefix: &str,
        rel: &str,
        media_type: Option<&str>,
        href: &str,
    ) -> &mut Self {
        self.raw("<").raw(prefix).raw("link rel=\"").raw(rel);
        if let Some(media_type) = media_type {
            self.raw("\" type=\"").raw(media_type);
        }
        self.raw("\" href=\"").text(href).raw("\"/>\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_cannot_hold_is_left_out() {
        let mut out = String::new();
        XmlWriter(&mut out).text("a\u{1}\u{b}<]]>&\"'\u{ffff}\u{fffd}é🙂\r\n");
        assert_eq!(out, "a&lt;]]&gt;&amp;&quot;&#39;\u{fffd}é🙂\n");
    }
}

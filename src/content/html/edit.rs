//! Edits of HTML that keep everything else as written.

use std::borrow::Cow;
use std::ops::Range;

use super::escape::escape;
use super::tokenizer::{Attribute, Quote};

/// Collects edits of a piece of HTML, and applies them all at once.
#[derive(Debug)]
pub(crate) struct HtmlEditor<'h> {
    html: &'h str,
    edits: Vec<(Range<usize>, String)>,
}

impl<'h> HtmlEditor<'h> {
    pub(crate) fn new(html: &'h str) -> Self {
        Self { html, edits: Vec::new() }
    }

    /// Inserts HTML before a byte of the source.
    pub(crate) fn insert(&mut self, at: usize, html: impl Into<String>) {
        self.edits.push((at..at, html.into()));
    }

    /// Removes bytes of the source.
    pub(crate) fn remove(&mut self, range: Range<usize>) {
        self.edits.push((range, String::new()));
    }

    /// Replaces the value of an attribute with a text, which is escaped as needed. An attribute
    /// without a value is left unchanged.
    pub(crate) fn replace_value(&mut self, attribute: &Attribute<'_>, value: &str) {
        let Some(span) = attribute.span.clone() else { return };
        let escaped = escape(value);
        let is_quoted = attribute.quote != Quote::None;
        self.edits.push((span, if is_quoted { escaped } else { format!("\"{escaped}\"") }));
    }

    /// Inserts a text before a byte of an attribute's value. It must contain neither white space
    /// nor a `>`, because the value may be unquoted.
    pub(crate) fn insert_into_value(&mut self, at: usize, text: &str) {
        self.insert(at, escape(text));
    }

    /// Applies the edits in the order of the source; edits at the same position are applied in the
    /// order in which they were added.
    pub(crate) fn finish(mut self) -> Cow<'h, str> {
        if self.edits.is_empty() {
            return Cow::Borrowed(self.html);
        }
        self.edits.sort_by_key(|(range, _)| range.start);
        let mut out = String::with_capacity(self.html.len() + 64 * self.edits.len());
        let mut copied_to = 0;
        for (range, replacement) in &self.edits {
            out.push_str(&self.html[copied_to..range.start]);
            out.push_str(replacement);
            copied_to = range.end;
        }
        out.push_str(&self.html[copied_to..]);
        Cow::Owned(out)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tokenizer::{Token, tokenize};
    use super::*;

    /// Replaces the value of every `href`.
    fn with_href(html: &str, value: &str) -> String {
        let mut editor = HtmlEditor::new(html);
        tokenize(html, |token| {
            if let Token::StartTag(tag) = token
                && let Some(href) = tag.attribute("href")
            {
                editor.replace_value(&href, value);
            }
        });
        editor.finish().into_owned()
    }

    #[test]
    fn a_value_cannot_leave_its_quotation_marks() {
        let value = "/a'b\"c>d&e";
        for (html, expected) in [
            ("<a href=\"x\" id=1>", "<a href=\"/a&#39;b&quot;c&gt;d&amp;e\" id=1>"),
            ("<a href='x' id=1>", "<a href='/a&#39;b&quot;c&gt;d&amp;e' id=1>"),
            ("<a href=x id=1>", "<a href=\"/a&#39;b&quot;c&gt;d&amp;e\" id=1>"),
            ("<a href=x>", "<a href=\"/a&#39;b&quot;c&gt;d&amp;e\">"),
            ("<a href = 'x'>", "<a href = '/a&#39;b&quot;c&gt;d&amp;e'>"),
            ("<a href=\"\">", "<a href=\"/a&#39;b&quot;c&gt;d&amp;e\">"),
            ("<a href>", "<a href>"),
            ("<b>href=\"x\"</b>", "<b>href=\"x\"</b>"),
        ] {
            assert_eq!(with_href(html, value), expected, "{html}");
        }
    }
}

//! The text of a body as readers see it, with the position of each part in the body.

use std::ops::Range;

use pulldown_cmark::{CowStr, Event, Parser};

use super::parser::parser_options;
use crate::model::redaction::{DerivedText, DerivedTextBuilder, MARKUP_SEPARATOR};

/// Reads the text of a body, including the source of raw HTML, with the range of the body that each
/// part of it comes from. Everything else (the URLs and titles of links, the markers of lists,
/// quotations and table cells) is a [`MARKUP_SEPARATOR`].
pub(crate) fn visible_text(body: &str) -> Option<DerivedText> {
    let mut reader = VisibleText { body, read_to: 0, builder: DerivedTextBuilder::new(body) };
    for (event, range) in Parser::new_ext(body, parser_options()).into_offset_iter() {
        match event {
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => {
                reader.push(&text, range);
            }
            Event::Code(text) => reader.push_code(&text, range),
            Event::SoftBreak | Event::HardBreak => reader.push(&CowStr::Borrowed(" "), range),
            _ => {}
        }
    }
    reader.skip_to(body.len());
    reader.builder.finish()
}

struct VisibleText<'b> {
    body: &'b str,
    /// The byte of the body up to which it was read.
    read_to: usize,
    builder: DerivedTextBuilder<'b>,
}

impl VisibleText<'_> {
    /// Replaces the markup before a byte.
    fn skip_to(&mut self, start: usize) {
        if start > self.read_to {
            self.builder.replace_with_char(self.read_to..start, MARKUP_SEPARATOR);
            self.read_to = start;
        }
    }

    /// Adds a text of a range of the body.
    fn push(&mut self, text: &str, range: Range<usize>) {
        let start = range.start.max(self.read_to);
        let Some(source) = self.body.get(start..range.end) else { return };
        self.skip_to(start);
        if source != text {
            self.builder.replace(start..range.end, text);
        }
        self.read_to = range.end;
    }

    /// Adds a code span, whose range has its backticks.
    fn push_code(&mut self, text: &str, range: Range<usize>) {
        let source = self.body.get(range.clone()).unwrap_or_default();
        match source.find(text) {
            Some(offset) => {
                let start = range.start + offset;
                self.push(text, start..start + text.len());
            }
            None => self.push(text, range),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_text_is_read() {
        let body = "1. Jane\n2. [Doe](https://x.example/a_(b) \"a ) b\") `c`\n\n\
                    | A   | B |\n|:----|--:|\n| d &amp; | e |\n\n[f]: /g 'h'\n";
        let text = visible_text(body).expect("there is markup").text().replace('\u{1}', "·");
        assert_eq!(text, "·Jane·Doe· ·c·A·B·d &·e·");
    }
}

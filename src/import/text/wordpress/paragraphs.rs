//! Paragraphs and line breaks, which WordPress stores as blank lines and line ends and makes of
//! them when a page is shown (`wpautop`). Here they become one or two `<br>`, which the reader of
//! HTML takes for line breaks and the ends of paragraphs.

use super::super::difference::{Difference, Part, Rule};
use super::super::read::is_block;
use super::scan::{Piece, piece_at, tag_name};

/// Elements in which line ends stay as they are.
const PREFORMATTED: [&str; 7] = ["code", "pre", "script", "style", "svg", "textarea", "xmp"];

/// Returns a body with its paragraphs and line breaks, and links for URLs on lines of their own. In
/// the block editor's format, only text between its blocks and in classic ones changes.
pub(super) fn add(source: &str, differences: &mut Vec<Difference>) -> String {
    let source = source.replace("\r\n", "\n").replace('\r', "\n");
    let mut writer = Writer {
        out: String::with_capacity(source.len() + source.len() / 16),
        open_blocks: 0,
        open_preformatted: 0,
        after_block: true,
        differences,
    };
    let mut at = 0;
    let mut text_start = 0;
    while let Some(offset) = memchr::memchr(b'<', &source.as_bytes()[at..]) {
        let start = at + offset;
        match piece_at(&source, start) {
            Piece::Text => at = start + 1,
            Piece::Markup(end) => {
                let markup = &source[start..end];
                writer.text(&source[text_start..start], is_block_tag(markup));
                writer.markup(markup);
                at = end;
                text_start = end;
            }
        }
    }
    writer.text(&source[text_start..], Next::Block);
    writer.out
}

/// The markup after a text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Block,
    Inline,
}

fn is_block_tag(markup: &str) -> Next {
    let is_editor_block = markup.starts_with("<!--");
    if is_editor_block || is_block(&tag_name(markup)) { Next::Block } else { Next::Inline }
}

struct Writer<'d> {
    out: String,
    /// The number of open blocks of the block editor.
    open_blocks: usize,
    open_preformatted: usize,
    /// True at the start, and after a tag of a block.
    after_block: bool,
    differences: &'d mut Vec<Difference>,
}

impl Writer<'_> {
    fn markup(&mut self, markup: &str) {
        self.out.push_str(markup);
        if let Some(comment) = markup.strip_prefix("<!--") {
            let comment = comment.trim_end_matches("-->").trim();
            let is_classic = |name: &str| {
                name.starts_with("wp:freeform") || name.starts_with("wp:core/freeform")
            };
            if let Some(name) = comment.strip_prefix('/') {
                let closes = name.starts_with("wp:") && !is_classic(name);
                self.open_blocks = self.open_blocks.saturating_sub(usize::from(closes));
            } else if comment.starts_with("wp:") && !comment.ends_with('/') && !is_classic(comment)
            {
                self.open_blocks += 1;
            }
            return;
        }
        let name = tag_name(markup);
        if PREFORMATTED.contains(&name.as_str()) {
            if markup.starts_with("</") {
                self.open_preformatted = self.open_preformatted.saturating_sub(1);
            } else {
                self.open_preformatted += 1;
            }
        }
        self.after_block = is_block(&name) || name == "br";
    }

    fn text(&mut self, text: &str, next: Next) {
        if self.open_blocks > 0 || self.open_preformatted > 0 {
            self.out.push_str(text);
            self.after_block &= text.trim().is_empty();
            return;
        }
        let mut lines = text.split('\n').peekable();
        let mut breaks = 0;
        let mut is_first = true;
        while let Some(line) = lines.next() {
            if !is_first {
                breaks += 1;
            }
            let is_last = lines.peek().is_none();
            if line.trim().is_empty() {
                if is_last && next == Next::Inline && breaks > 0 {
                    self.line_breaks(breaks);
                }
                self.out.push_str(line);
                is_first = false;
                continue;
            }
            self.line_breaks(breaks);
            breaks = 0;
            let is_own_line = (!is_first || self.after_block) && (!is_last || next == Next::Block);
            self.line(line, is_own_line);
            self.after_block = false;
            is_first = false;
        }
        if breaks > 0 && next == Next::Block {
            self.out.push('\n');
        }
    }

    fn line_breaks(&mut self, count: usize) {
        if count > 0 {
            self.out.push('\n');
        }
        if !self.after_block {
            (0..count.min(2)).for_each(|_| self.out.push_str("<br>"));
        }
    }

    /// Writes a line; a URL alone is that of a page to embed.
    fn line(&mut self, line: &str, is_own_line: bool) {
        let url = line.trim();
        let is_url = (url.starts_with("https://") || url.starts_with("http://"))
            && !url.contains(|c: char| c.is_whitespace() || matches!(c, '"' | '<' | '>'));
        if !is_url || !is_own_line {
            return self.out.push_str(line);
        }
        self.differences.push(Difference::added(
            Rule::Embed,
            Part::Link,
            &url.replace("&amp;", "&"),
        ));
        self.out.push_str(&format!("<p><a href=\"{url}\">{url}</a></p>"));
    }
}

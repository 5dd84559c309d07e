//! Writes a document as HTML without blank lines, which would end a block of HTML in Markdown.

use std::fmt::Write as _;

use super::super::document::{Block, Cell, Element, Figure, Inline, List, Table};
use crate::content::html::escape;

/// Returns blocks as HTML.
pub(in super::super) fn write_html(blocks: &[Block]) -> String {
    let mut writer = HtmlWriter { out: String::new() };
    writer.blocks(blocks);
    writer.out
}

/// Escapes text so that it is neither markup nor a shortcode, Liquid or attributes.
pub(super) fn escape_html(text: &str) -> String {
    let escaped = escape(text);
    if !escaped.contains('{') {
        return escaped;
    }
    escaped.replace("{{", "&#123;&#123;").replace("{%", "&#123;%").replace("{:", "&#123;:")
}

/// Returns the start tag of an element.
pub(super) fn start_tag(element: &Element) -> String {
    let mut tag = format!("<{}", element.name);
    for (name, value) in &element.attributes {
        // A line break in an attribute could be a blank line.
        let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
        // Writing to a string can't fail.
        let _ = write!(tag, " {name}=\"{}\"", escape_html(&value));
    }
    tag.push('>');
    tag
}

/// Returns an image without a figure.
fn image(url: &str, alt: &str) -> String {
    format!("<img src=\"{}\" alt=\"{}\">", escape_html(url), escape_html(alt))
}

struct HtmlWriter {
    out: String,
}

impl HtmlWriter {
    fn blocks(&mut self, blocks: &[Block]) {
        for (index, block) in blocks.iter().enumerate() {
            if index > 0 {
                self.out.push('\n');
            }
            self.block(block);
        }
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Paragraph(content) => self.element("p", content),
            Block::Heading { level, id, content } => {
                let mut element = Element::new(&format!("h{level}"));
                if let Some(id) = id {
                    element = element.with("id", id);
                }
                self.out.push_str(&start_tag(&element));
                self.inlines(content);
                let _ = write!(self.out, "</h{level}>");
            }
            Block::Quote(blocks) => self.container(&Element::new("blockquote"), blocks),
            Block::Container(element, blocks) => self.container(element, blocks),
            Block::List(list) => self.list(list),
            Block::Code { language, text } => {
                let class = language.as_ref().map(|name| format!("language-{name}"));
                let mut element = Element::new("code");
                if let Some(class) = class {
                    element = element.with("class", &class);
                }
                self.out.push_str("<pre>");
                self.out.push_str(&start_tag(&element));
                self.preformatted(text);
                self.out.push_str("</code></pre>");
            }
            Block::Preformatted(content) => {
                self.out.push_str("<pre>");
                self.preformatted_inlines(content);
                self.out.push_str("</pre>");
            }
            Block::Rule => self.out.push_str("<hr>"),
            Block::Table(table) => self.table(table),
            Block::Figure(figure) => self.figure(figure),
            Block::Footnote { number, blocks } => {
                let _ = writeln!(
                    self.out,
                    "<div class=\"footnote-definition\" id=\"fn:{number}\">\
                     <sup class=\"footnote-definition-label\">{number}</sup>"
                );
                self.blocks(blocks);
                self.out.push_str("</div>");
            }
        }
    }

    fn element(&mut self, name: &str, content: &[Inline]) {
        let _ = write!(self.out, "<{name}>");
        self.inlines(content);
        let _ = write!(self.out, "</{name}>");
    }

    fn container(&mut self, element: &Element, blocks: &[Block]) {
        self.out.push_str(&start_tag(element));
        self.item(blocks);
        let _ = write!(self.out, "</{}>", element.name);
    }

    /// Writes the contents of an element that may contain text without a paragraph.
    fn item(&mut self, blocks: &[Block]) {
        match blocks {
            [Block::Paragraph(content)] => self.inlines(content),
            _ => self.blocks(blocks),
        }
    }

    fn list(&mut self, list: &List) {
        let name = if list.start.is_some() { "ol" } else { "ul" };
        match list.start {
            Some(start) if start != 1 => {
                let _ = writeln!(self.out, "<ol start=\"{start}\">");
            }
            _ => {
                let _ = writeln!(self.out, "<{name}>");
            }
        }
        for item in &list.items {
            self.out.push_str("<li>");
            self.item(item);
            self.out.push_str("</li>\n");
        }
        let _ = write!(self.out, "</{name}>");
    }

    fn table(&mut self, table: &Table) {
        self.out.push_str("<table>\n");
        if !table.caption.is_empty() {
            self.element("caption", &table.caption);
            self.out.push('\n');
        }
        for (name, rows) in [("thead", &table.head), ("tbody", &table.body)] {
            if rows.is_empty() {
                continue;
            }
            let _ = writeln!(self.out, "<{name}>");
            for row in rows {
                self.out.push_str("<tr>");
                row.iter().for_each(|cell| self.cell(cell));
                self.out.push_str("</tr>\n");
            }
            let _ = writeln!(self.out, "</{name}>");
        }
        self.out.push_str("</table>");
    }

    fn cell(&mut self, cell: &Cell) {
        let mut element = cell.element.clone();
        if let Some(alignment) = cell.alignment {
            element = element.with("class", alignment);
        }
        self.container(&element, &cell.blocks);
    }

    fn figure(&mut self, figure: &Figure) {
        self.out.push_str("<figure class=\"figure\">");
        self.inlines(&figure.images);
        if !figure.caption.is_empty() || !figure.credit.is_empty() {
            self.out.push_str("<figcaption>");
            self.inlines(&figure.caption);
            if !figure.credit.is_empty() {
                let credit = escape_html(&figure.credit);
                let _ = write!(self.out, " <span class=\"credit\">{credit}</span>");
            }
            self.out.push_str("</figcaption>");
        }
        self.out.push_str("</figure>");
    }

    fn inlines(&mut self, parts: &[Inline]) {
        for part in parts {
            match part {
                Inline::Text(text) => self.out.push_str(&escape_html(text)),
                Inline::Code(code) => {
                    let _ = write!(self.out, "<code>{}</code>", escape_html(code));
                }
                _ => self.inline_element(part, Self::inlines),
            }
        }
    }

    /// Writes parts in which spaces and line breaks count.
    fn preformatted_inlines(&mut self, parts: &[Inline]) {
        for part in parts {
            match part {
                Inline::Text(text) | Inline::Code(text) => self.preformatted(text),
                _ => self.inline_element(part, Self::preformatted_inlines),
            }
        }
    }

    /// Writes preformatted text without blank lines: the line break that ends one is a reference.
    fn preformatted(&mut self, text: &str) {
        let text = escape_html(text);
        let mut lines = text.split('\n');
        self.out.push_str(lines.next().unwrap_or_default());
        for line in lines {
            let line_start = self.out.rfind('\n').map_or(0, |at| at + 1);
            let is_blank = self.out[line_start..].trim().is_empty();
            self.out.push_str(if is_blank { "&#10;" } else { "\n" });
            self.out.push_str(line);
        }
        if self.out.ends_with('\n') {
            self.out.pop();
            self.out.push_str("&#10;");
        }
    }

    fn inline_element(&mut self, part: &Inline, inner: fn(&mut Self, &[Inline])) {
        let (start, content, end) = match part {
            Inline::Text(_) | Inline::Code(_) => return,
            Inline::Break => return self.out.push_str("<br>"),
            Inline::Image { url, alt } => return self.out.push_str(&image(url, alt)),
            Inline::FootnoteReference(number) => {
                let _ = write!(
                    self.out,
                    "<sup class=\"footnote-reference\"><a href=\"#fn:{number}\">{number}</a></sup>"
                );
                return;
            }
            Inline::Strong(content) => ("<strong>".to_owned(), content, "strong"),
            Inline::Emphasis(content) => ("<em>".to_owned(), content, "em"),
            Inline::Strikethrough(content) => ("<del>".to_owned(), content, "del"),
            Inline::Link { url, title, content } => {
                let mut element = Element::new("a").with("href", url);
                if !title.is_empty() {
                    element = element.with("title", title);
                }
                (start_tag(&element), content, "a")
            }
            Inline::Element(element, content) => {
                (start_tag(element), content, element.name.as_str())
            }
        };
        self.out.push_str(&start);
        inner(self, content);
        let _ = write!(self.out, "</{end}>");
    }
}

//! Attribute lists of kramdown, the Markdown of Jekyll: `{: .class #id width="200"}`, `{:toc}`,
//! `{::comment}`.
//!
//! An id or a class of a heading becomes the heading's own; that of another block goes to a `div`
//! around it. Every other list is removed, and the build warns once.

use std::borrow::Cow;
use std::ops::Range;

use super::markdown::code_ranges;

/// The name under which lists without a meaning are counted.
pub(super) const ATTRIBUTE_LIST: &str = "{: … }";

/// Converts the attribute lists of a body, in time in proportion to its length. Adds a name for
/// each that is removed.
pub(super) fn convert<'a>(body: &'a str, removed: &mut Vec<String>) -> Cow<'a, str> {
    if memchr::memmem::find(body.as_bytes(), b"{:").is_none() {
        return body.into();
    }
    let body = remove_comments(body);
    let mut converter =
        Converter { code: code_ranges(&body), out: String::new(), block: None, pending: None };
    let mut offset = 0;
    for line in body.split_inclusive('\n') {
        converter.add_line(line, offset, removed);
        offset += line.len();
    }
    converter.finish(removed);
    converter.out.into()
}

/// Removes `{::comment}…{:/comment}`, and the delimiters of other extensions.
fn remove_comments(body: &str) -> Cow<'_, str> {
    const END: &str = "{:/comment}";
    let mut rest = body;
    let mut out = String::new();
    while let Some((before, after)) = rest.split_once("{::comment}") {
        let Some((_, behind)) = after.split_once(END) else { break };
        out.push_str(before);
        rest = behind;
    }
    if rest.len() == body.len() { body.into() } else { (out + rest).into() }
}

/// The attributes of a list that have a meaning.
#[derive(Debug, Default, PartialEq, Eq)]
struct Attributes {
    id: Option<String>,
    classes: Vec<String>,
    is_contents: bool,
}

impl Attributes {
    /// Reads the text between `{:` and `}`.
    fn parse(text: &str) -> Self {
        let mut attributes = Self::default();
        let clean = |name: &str| -> String {
            name.chars().filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_')).collect()
        };
        for word in text.split_whitespace() {
            if let Some(class) = word.strip_prefix('.') {
                attributes.classes.extend(class.split('.').map(clean).filter(|c| !c.is_empty()));
            } else if let Some(id) = word.strip_prefix('#') {
                attributes.id = Some(clean(id)).filter(|id| !id.is_empty());
            } else if word == "toc" {
                attributes.is_contents = true;
            }
        }
        attributes
    }

    fn is_empty(&self) -> bool {
        self.id.is_none() && self.classes.is_empty()
    }

    /// In the syntax of a heading: `{#id .class}`.
    fn for_heading(&self) -> String {
        let id = self.id.iter().map(|id| format!("#{id}"));
        let classes = self.classes.iter().map(|class| format!(".{class}"));
        format!(" {{{}}}", id.chain(classes).collect::<Vec<_>>().join(" "))
    }

    /// As the start tag of an element.
    fn start_tag(&self) -> String {
        let id = self.id.iter().map(|id| format!(" id=\"{id}\"")).collect::<String>();
        let class = match &self.classes[..] {
            [] => String::new(),
            classes => format!(" class=\"{}\"", classes.join(" ")),
        };
        format!("<div{id}{class}>\n\n")
    }
}

/// A block of lines without a blank line between them.
#[derive(Clone, Copy)]
struct OpenBlock {
    /// Its first byte in the output.
    start: usize,
    /// True if a `div` around it was opened.
    has_element: bool,
}

struct Converter {
    code: Vec<Range<usize>>,
    out: String,
    block: Option<OpenBlock>,
    /// The attributes of the next block.
    pending: Option<Attributes>,
}

impl Converter {
    fn add_line(&mut self, line: &str, offset: usize, removed: &mut Vec<String>) {
        let text = line.trim();
        if text.is_empty() {
            self.drop_pending(removed);
            self.close_block();
            self.out.push_str(line);
            return;
        }
        let indent = line.len() - line.trim_start().len();
        if self.is_code(offset + indent) {
            self.drop_pending(removed);
            self.close_block();
            self.out.push_str(line);
            return;
        }
        if let Some(list) = whole_list(text) {
            self.apply(list, indent, removed);
            return;
        }
        let (line, image_attributes) = self.remove_span_lists(line, offset, removed);
        self.start_block(&line, removed);
        self.out.push_str(&line);
        if let Some(attributes) = image_attributes {
            self.apply_to_block(&attributes, removed);
        }
    }

    fn is_code(&self, offset: usize) -> bool {
        let next = self.code.partition_point(|range| range.end <= offset);
        self.code.get(next).is_some_and(|range| range.contains(&offset))
    }

    /// Counts a list whose block is missing.
    fn drop_pending(&mut self, removed: &mut Vec<String>) {
        if self.pending.take().is_some() {
            removed.push(ATTRIBUTE_LIST.to_owned());
        }
    }

    fn close_block(&mut self) {
        if self.block.take().is_some_and(|block| block.has_element) {
            self.end_line();
            self.out.push_str("\n</div>\n");
        }
    }

    fn end_line(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with('\n') {
            self.out.push('\n');
        }
    }

    /// Starts a block with its first line, unless the line continues one.
    fn start_block(&mut self, line: &str, removed: &mut Vec<String>) {
        if self.block.is_some() {
            return;
        }
        let mut block = OpenBlock { start: self.out.len(), has_element: false };
        if let Some(attributes) = self.pending.take() {
            if is_wrappable(line) && !line.starts_with('#') {
                self.out.push_str(&attributes.start_tag());
                block.has_element = true;
            } else {
                removed.push(ATTRIBUTE_LIST.to_owned());
            }
        }
        self.block = Some(block);
    }

    /// Applies a list that is a line of its own.
    fn apply(&mut self, list: &str, indent: usize, removed: &mut Vec<String>) {
        let attributes = Attributes::parse(list);
        if attributes.is_contents {
            // The list before it only shows where a table of contents goes.
            if let Some(block) = self.block.take() {
                self.out.truncate(block.start);
            }
            removed.push("{:toc}".to_owned());
        } else if attributes.is_empty() || indent > 0 {
            removed.push(ATTRIBUTE_LIST.to_owned());
        } else if self.block.is_some() {
            self.apply_to_block(&attributes, removed);
        } else {
            self.drop_pending(removed);
            self.pending = Some(attributes);
        }
    }

    /// Applies attributes to the block before, which ends with them.
    fn apply_to_block(&mut self, attributes: &Attributes, removed: &mut Vec<String>) {
        let Some(block) = self.block.take() else { return };
        let text = &self.out[block.start..];
        let is_heading = text.starts_with('#') && text.trim_end().lines().count() == 1;
        if attributes.is_empty() || block.has_element || !is_wrappable(text) {
            removed.push(ATTRIBUTE_LIST.to_owned());
            self.block = Some(block);
        } else if is_heading {
            self.out.truncate(self.out.trim_end().trim_end_matches('#').trim_end().len());
            self.out.push_str(&attributes.for_heading());
            self.out.push('\n');
        } else {
            self.out.insert_str(block.start, &attributes.start_tag());
            self.end_line();
            self.out.push_str("\n</div>\n\n");
        }
    }

    /// Removes the lists that follow a link, an image or emphasis in a line. Returns the attributes
    /// of an image that is alone in its line.
    fn remove_span_lists<'l>(
        &self,
        line: &'l str,
        offset: usize,
        removed: &mut Vec<String>,
    ) -> (Cow<'l, str>, Option<Attributes>) {
        let (mut out, mut copied_to, mut of_image) = (String::new(), 0, None);
        for (at, _) in line.match_indices("{:") {
            let follows_span = line[..at].ends_with([')', ']', '*', '_', '`', '>', '}']);
            if at < copied_to || !(follows_span || line[at..].starts_with("{::")) {
                continue;
            }
            let Some(close) = line[at..].find('}') else { break };
            if self.is_code(offset + at) {
                continue;
            }
            out.push_str(&line[copied_to..at]);
            copied_to = at + close + 1;
            let attributes = Attributes::parse(line[at + 2..at + close].trim_start_matches(':'));
            let is_image = line.starts_with("![") && line[copied_to..].trim().is_empty();
            if is_image && self.block.is_none() && !attributes.is_empty() {
                of_image = Some(attributes);
            } else {
                removed.push(ATTRIBUTE_LIST.to_owned());
            }
        }
        if copied_to == 0 {
            return (line.into(), None);
        }
        ((out + &line[copied_to..]).into(), of_image)
    }

    fn finish(&mut self, removed: &mut Vec<String>) {
        self.drop_pending(removed);
        self.close_block();
    }
}

/// Returns the text of a list that is a whole line.
fn whole_list(line: &str) -> Option<&str> {
    let inner = line.strip_prefix("{:")?.strip_suffix('}')?;
    (!inner.contains('}') && !inner.is_empty()).then(|| inner.trim_start_matches([':', '/']))
}

/// Returns true if a `div` around a block wouldn't change it: it isn't indented, a quotation or
/// HTML.
fn is_wrappable(block: &str) -> bool {
    !block.starts_with([' ', '\t', '>', '<'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_converts(text: &str, expected: &str, number_removed: usize) {
        let mut removed = Vec::new();
        assert_eq!(convert(text, &mut removed), expected, "{text}");
        assert_eq!(removed.len(), number_removed, "{text}");
    }

    #[test]
    fn ids_and_classes_are_applied() {
        for (text, expected) in [
            ("## A ##\n{: #b .c}\n\nD\n", "## A {#b .c}\n\nD\n"),
            ("A\nB\n{: .lead .big}\n\nC\n", "<div class=\"lead big\">\n\nA\nB\n\n</div>\n\n\nC\n"),
            ("{: .lead}\nA\n\nB\n", "<div class=\"lead\">\n\nA\n\n</div>\n\nB\n"),
            ("{: #a}\nB", "<div id=\"a\">\n\nB\n\n</div>\n"),
            ("![a](b){: .c width=\"9\"}\n", "<div class=\"c\">\n\n![a](b)\n\n</div>\n\n"),
        ] {
            assert_converts(text, expected, 0);
        }
    }

    #[test]
    fn other_lists_are_removed() {
        for (text, expected) in [
            ("* TOC\n{:toc}\n\n## A\n", "\n## A\n"),
            ("[a](b){:target=\"_blank\"} c", "[a](b) c"),
            ("A *b*{: .c}.", "A *b*."),
            ("> A\n{: .b}\n", "> A\n"),
            ("- A\n  {: .b}\n", "- A\n"),
            ("A\n{: width=\"9\"}\n", "A\n"),
            ("{::options parse_block_html=\"true\" /}\nA\n", "A\n"),
        ] {
            assert_converts(text, expected, 1);
        }
        assert_converts("a {::comment}b{:/comment}c", "a c", 0);
    }

    #[test]
    fn other_text_is_kept() {
        for text in [
            "Smile {: or not",
            "`{: .a}` and\n\n    {: .b}\n\n```\n{: .c}\n```\n",
            "a {: .b} c",
            "{:}",
        ] {
            assert_converts(text, text, 0);
        }
    }

    #[test]
    fn many_lists_take_linear_work() {
        for part in ["{: .a}\n", "a{: .b", "a\n{: .b}\n", "{::comment}", "*a*{: .b} "] {
            convert(&part.repeat(20_000), &mut Vec::new());
        }
    }
}

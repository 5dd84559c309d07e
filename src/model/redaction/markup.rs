//! Removing markup from a text: HTML tags and comments, shortcodes, and the URLs and titles of
//! Markdown links. A text may be HTML, Markdown, XML or JSON with any of these in it, so this is a
//! scanner and no parser: it finds what a parser of one of them could remove.

use std::ops::Range;

use super::derived_text::{DerivedText, DerivedTextBuilder};
use crate::model::work::add_steps;

/// The replacement of markup: a character that occurs in no text, so that the words before and
/// after the markup are separated.
pub(crate) const MARKUP_SEPARATOR: char = '\u{1}';

/// The parts of HTML that a reading leaves out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MarkupReading {
    /// Tags only: all text between them is read.
    Tags,
    /// Also the content of elements that a browser doesn't show as text ([`HIDDEN_ELEMENTS`]).
    HiddenElements,
    /// Also the content of `<del>`: the new version of a text.
    Deletions,
    /// Also the content of `<ins>`: the old version of a text.
    Insertions,
}

impl MarkupReading {
    /// All readings.
    pub(super) const ALL: [Self; 4] =
        [Self::Tags, Self::HiddenElements, Self::Deletions, Self::Insertions];

    /// Returns the elements whose content this reading leaves out.
    fn excluded_elements(self) -> &'static [&'static str] {
        match self {
            Self::Tags => &[],
            Self::HiddenElements => &HIDDEN_ELEMENTS,
            Self::Deletions => &HIDDEN_ELEMENTS_AND_DEL,
            Self::Insertions => &HIDDEN_ELEMENTS_AND_INS,
        }
    }

    /// Returns true if this reading can differ from the one without the content of hidden elements.
    fn applies_to(self, text: &str) -> bool {
        let has = |tag: &[u8; 4]| {
            let upper = tag.to_ascii_uppercase();
            memchr::memchr_iter(b'<', text.as_bytes()).any(|at| {
                text.as_bytes().get(at..at + 4).is_some_and(|found| found == tag || found == upper)
            })
        };
        match self {
            Self::Tags => true,
            Self::HiddenElements => memchr::memchr(b'<', text.as_bytes()).is_some(),
            Self::Deletions => has(b"<del"),
            Self::Insertions => has(b"<ins"),
        }
    }
}

/// Elements whose content a browser doesn't show as a part of the text around them.
const HIDDEN_ELEMENTS: [&str; 21] = [
    "style", "script", "template", "noscript", "title", "svg", "math", "iframe", "object", "video",
    "audio", "canvas", "textarea", "select", "noembed", "noframes", "xmp", "head", "datalist",
    "rp", "rt",
];
const HIDDEN_ELEMENTS_AND_DEL: [&str; 22] = with_element("del");
const HIDDEN_ELEMENTS_AND_INS: [&str; 22] = with_element("ins");

const fn with_element(element: &'static str) -> [&'static str; 22] {
    let mut elements = [element; 22];
    let mut index = 0;
    while index < HIDDEN_ELEMENTS.len() {
        elements[index] = HIDDEN_ELEMENTS[index];
        index += 1;
    }
    elements
}

/// Removes tags, comments, shortcodes, and the URLs and titles of Markdown links. Returns `None` if
/// there are none, or if the reading is the same as [`MarkupReading::Tags`].
pub(super) fn strip_markup(text: &str, reading: MarkupReading) -> Option<DerivedText> {
    if !reading.applies_to(text) {
        return None;
    }
    let mut scanner = MarkupScanner::new(text, reading.excluded_elements());
    let mut builder = DerivedTextBuilder::new(text);
    let mut position = 0;
    while let Some(offset) = text.as_bytes()[position..]
        .iter()
        .position(|byte| matches!(byte, b'<' | b'{' | b'[' | b']'))
    {
        position += offset;
        match scanner.markup_at(position) {
            Some(range) => {
                position = range.end;
                builder.replace_with_char(range, MARKUP_SEPARATOR);
            }
            None => position += 1,
        }
    }
    if reading != MarkupReading::Tags && !scanner.has_excluded_element {
        return None;
    }
    builder.finish()
}

/// Delimiters of markup without an inner structure: the opening one, the number of its bytes that
/// are kept, and the closing one.
const DELIMITERS: [(&str, usize, &str); 5] =
    [("<!--", 0, "-->"), ("{{<", 0, ">}}"), ("{{%", 0, "%}}"), ("][", 1, "]"), ("[^", 0, "]")];

/// The maximum number of nested parentheses in the URL of a link. Parsers have such a limit, too
/// (CommonMark 0.31, section 6.3, allows any number from three on).
const MAX_PARENTHESES: usize = 32;

/// A scanner of markup. Each search that reaches the end of the text in vain is remembered, so that
/// the work is proportional to the length of the text.
struct MarkupScanner<'a> {
    text: &'a str,
    has_excluded_element: bool,
    /// The last position of each closing delimiter; `None` if there is none any more.
    delimiters: [Option<usize>; DELIMITERS.len()],
    /// The first byte of each excluded element with that of its end tag, in order.
    elements: Vec<(usize, usize)>,
    /// The last positions of `>` and `)`.
    tag_end: Option<usize>,
    link_end: Option<usize>,
    /// Set after a tag or the title of a link wasn't closed: then its first `>` or `)` ends it.
    has_unclosed_tag: bool,
    has_unclosed_title: bool,
}

impl<'a> MarkupScanner<'a> {
    fn new(text: &'a str, excluded_elements: &'static [&'static str]) -> Self {
        Self {
            text,
            has_excluded_element: false,
            delimiters: [Some(0); DELIMITERS.len()],
            elements: find_elements(text, excluded_elements),
            tag_end: Some(0),
            link_end: Some(0),
            has_unclosed_tag: false,
            has_unclosed_title: false,
        }
    }

    /// Returns the markup that begins at a byte.
    fn markup_at(&mut self, position: usize) -> Option<Range<usize>> {
        let rest = &self.text[position..];
        for (index, (open, kept_bytes, close)) in DELIMITERS.iter().enumerate() {
            if rest.starts_with(open) {
                let content_start = position + open.len();
                let known = &mut self.delimiters[index];
                if let Some(end) = find_from(self.text, close, content_start, known) {
                    return Some(position + kept_bytes..end + close.len());
                }
            }
        }
        if rest.starts_with("](") {
            return self.link_end(position + 2).map(|end| position + 1..end);
        }
        // The content of a CDATA section is text.
        if rest.starts_with("<![CDATA[") {
            return Some(position..position + "<![CDATA[".len());
        }
        if rest.starts_with("]]>") {
            return Some(position..position + "]]>".len());
        }
        let tag = rest.strip_prefix('<')?;
        if tag.starts_with(['!', '?']) {
            return self.next_tag_end(position + 1).map(|end| position..end);
        }
        let name = tag.strip_prefix('/').unwrap_or(tag);
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return None;
        }
        let end = self.tag_end(position)?;
        if tag.starts_with('/') {
            return Some(position..end);
        }
        Some(position..self.element_end(position, end).unwrap_or(end))
    }

    /// Returns the byte after the next `>`.
    fn next_tag_end(&mut self, from: usize) -> Option<usize> {
        find_from(self.text, ">", from, &mut self.tag_end).map(|end| end + 1)
    }

    /// Returns the byte after a tag that begins at a byte. A `>` in the value of an attribute
    /// doesn't end it (HTML Living Standard, section 13.2.5.32 to 13.2.5.39).
    fn tag_end(&mut self, start: usize) -> Option<usize> {
        let first = self.next_tag_end(start + 1)?;
        if self.has_unclosed_tag {
            return Some(first);
        }
        let bytes = self.text.as_bytes();
        let mut at = start + 1;
        while let Some(&byte) = bytes.get(at) {
            at += 1;
            add_steps(1);
            match byte {
                b'>' => return Some(at),
                b'=' => {
                    at += bytes[at..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
                    if let Some(quote @ (b'"' | b'\'')) = bytes.get(at).copied() {
                        match memchr::memchr(quote, &bytes[at + 1..]) {
                            Some(length) => {
                                add_steps(length);
                                at += length + 2;
                            }
                            None => break,
                        }
                    }
                }
                _ => {}
            }
        }
        self.has_unclosed_tag = true;
        Some(first)
    }

    /// Returns the byte after an element whose content is left out, if one begins at a byte. Its
    /// start tag ends at `content_start`.
    fn element_end(&mut self, start: usize, content_start: usize) -> Option<usize> {
        let index = self.elements.binary_search_by_key(&start, |(start, _)| *start).ok()?;
        let (_, end_tag) = self.elements[index];
        // The start tag of `<svg/>` is the whole element.
        if end_tag < content_start || self.text[..content_start].ends_with("/>") {
            return None;
        }
        self.has_excluded_element = true;
        self.next_tag_end(end_tag)
    }

    /// Returns the byte after the `)` of an inline link whose URL begins at a byte (CommonMark
    /// 0.31, section 6.3): parentheses in the URL are balanced, and those in a title don't count.
    fn link_end(&mut self, start: usize) -> Option<usize> {
        let first = find_from(self.text, ")", start, &mut self.link_end)? + 1;
        let bytes = self.text.as_bytes();
        let mut at = start + count_spaces(&bytes[start..]);
        if bytes.get(at) == Some(&b'<')
            && let Some(length) =
                bytes[at..].iter().position(|byte| matches!(byte, b'>' | b'\n' | b'\r'))
        {
            at += length;
        }
        let mut depth = 1;
        while let Some(&byte) = bytes.get(at) {
            at += 1;
            add_steps(1);
            match byte {
                b'\\' => at += 1,
                b'(' if depth == MAX_PARENTHESES => break,
                b'(' => depth += 1,
                b')' if depth == 1 => return Some(at),
                b')' => depth -= 1,
                b'\n' if bytes.get(at) == Some(&b'\n') => break,
                b' ' | b'\t' | b'\n' | b'\r' => {
                    at += count_spaces(&bytes[at..]);
                    if let Some(end) = self.title_end(at) {
                        return Some(end);
                    }
                }
                _ => {}
            }
        }
        Some(first)
    }

    /// Returns the byte after the `)` that follows the title which begins at a byte.
    fn title_end(&mut self, start: usize) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let quote = match bytes.get(start)? {
            b'(' => b')',
            quote @ (b'"' | b'\'') => *quote,
            _ => return None,
        };
        if self.has_unclosed_title {
            return None;
        }
        let mut at = start + 1;
        while let Some(offset) = memchr::memchr2(quote, b'\\', &bytes[at.min(bytes.len())..]) {
            at += offset + 1;
            add_steps(offset + 1);
            if bytes[at - 1] == b'\\' {
                at += 1;
                continue;
            }
            let after = at + count_spaces(&bytes[at..]);
            if bytes.get(after) == Some(&b')') {
                return Some(after + 1);
            }
        }
        self.has_unclosed_title = true;
        None
    }
}

fn count_spaces(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

/// Finds a delimiter from a byte on. `known` is the last one that was found.
fn find_from(text: &str, delimiter: &str, from: usize, known: &mut Option<usize>) -> Option<usize> {
    if known.is_some_and(|known| known < from) {
        let found = memchr::memmem::find(&text.as_bytes()[from..], delimiter.as_bytes());
        add_steps(found.unwrap_or(text.len() - from) + 1);
        *known = found.map(|offset| from + offset);
    }
    *known
}

/// Elements that hold no others: their first end tag ends them.
const TEXT_ELEMENTS: [&str; 10] = [
    "style", "script", "noscript", "title", "iframe", "textarea", "noembed", "noframes", "xmp",
    "rt",
];

/// Returns the first byte of each element with one of these names, with that of its end tag, in
/// order. One without an end tag isn't returned.
fn find_elements(text: &str, names: &[&str]) -> Vec<(usize, usize)> {
    let mut open: Vec<Vec<usize>> = vec![Vec::new(); names.len()];
    let mut elements = Vec::new();
    let position_of = |name: &str| names.iter().position(|other| other.eq_ignore_ascii_case(name));
    for start in memchr::memchr_iter(b'<', if names.is_empty() { b"" } else { text.as_bytes() }) {
        let tag = &text[start + 1..];
        let is_end_tag = tag.starts_with('/');
        let tag = &tag[usize::from(is_end_tag)..];
        let length = tag.bytes().take(10).take_while(u8::is_ascii_alphanumeric).count();
        let name = &tag[..length];
        // A reading of a character ends with its `<ruby>`.
        let name = if is_end_tag && name.eq_ignore_ascii_case("ruby") { "rt" } else { name };
        let Some(index) = position_of(name) else { continue };
        if is_end_tag {
            elements.extend(open[index].pop().map(|first| (first, start)));
        } else if open[index].is_empty() || !TEXT_ELEMENTS.contains(&names[index]) {
            open[index].push(start);
        }
    }
    elements.sort_unstable();
    elements
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::work::assert_linear;

    fn stripped(text: &str, reading: MarkupReading) -> String {
        let derived = strip_markup(text, reading);
        derived.map_or_else(|| text.to_owned(), |derived| derived.text.replace('\u{1}', "|"))
    }

    #[test]
    fn markup_ends_where_parsers_end_it() {
        for (text, expected) in [
            ("a <b title=\"x > y\">c</b>", "a |c|"),
            ("a <b title='x > y' z>c", "a |c"),
            ("a <b title=x>c", "a |c"),
            ("a <b title=\"x>c", "a |c"),
            ("[a](/x_(y)_(z)) b", "[a]| b"),
            ("[a](/x \"t) u\") b", "[a]| b"),
            ("[a](</x)y> 't') b", "[a]| b"),
            ("[a](/x\\)y) b", "[a]| b"),
            ("a<!-- > -->b", "a|b"),
            ("<![CDATA[a]]>", "|a|"),
            ("a < b > c", "a < b > c"),
        ] {
            assert_eq!(stripped(text, MarkupReading::Tags), expected, "{text}");
        }
        for (text, expected) in [
            ("a <svg><svg>x</svg>y</svg> b", "a | b"),
            ("a <svg/> b <style>x</STYLE > c", "a | b | c"),
            ("a<ruby>b<rt>c</ruby>d", "a|b|d"),
        ] {
            assert_eq!(stripped(text, MarkupReading::HiddenElements), expected, "{text}");
        }
    }

    #[test]
    fn work_is_linear() {
        for unit in [
            "<a b=\"",
            "<a ",
            "<a b='c' ",
            "](",
            "](()",
            "](a \"",
            "](a \"b\" ",
            "](a (",
            "](<",
            "[^",
            "][",
            "<!--",
            "{{<",
            "<svg>",
            "<svg></svg>",
            "<style>",
            "</svg>",
            "<![CDATA[",
            "<?x ",
        ] {
            for end in ["", ">", ")", "\")", "]", "-->", "</svg>", "\">"] {
                assert_linear(&format!("{unit} … {end}"), |count| {
                    let text = unit.repeat(count) + end;
                    add_steps(text.len());
                    for reading in MarkupReading::ALL {
                        strip_markup(&text, reading);
                    }
                });
            }
        }
    }
}

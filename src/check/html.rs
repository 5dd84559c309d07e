//! Elements of a page that are never closed, and end tags that close nothing.

use std::ops::Range;

use crate::content::html::{self, Tag, Token};

/// Elements without content.
const VOID_ELEMENTS: [&str; 14] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
    "track", "wbr",
];
/// Elements whose end tag may be left out.
const OPTIONAL_END_TAGS: [&str; 19] = [
    "p", "li", "dt", "dd", "tr", "td", "th", "tbody", "thead", "tfoot", "colgroup", "caption",
    "option", "optgroup", "rt", "rp", "html", "head", "body",
];

/// A start tag without an end tag, or an end tag without a start tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MalformedTag {
    /// The byte of the HTML at which it begins.
    pub(super) offset: usize,
    /// The problem, in words.
    pub(super) problem: String,
}

/// Finds the first malformed tag of a page. The tags are passed to it in order.
#[derive(Debug)]
pub(super) struct TagBalance<'h> {
    html: &'h str,
    open: Vec<OpenElement>,
    /// The number of open SVG and MathML elements: within them an element may end itself.
    foreign_depth: usize,
    malformed: Option<MalformedTag>,
}

/// An element without its end tag so far.
#[derive(Debug)]
struct OpenElement {
    offset: usize,
    /// The bytes of its name in the HTML.
    name: Range<usize>,
}

impl<'h> TagBalance<'h> {
    pub(super) fn new(html: &'h str) -> Self {
        Self { html, open: Vec::new(), foreign_depth: 0, malformed: None }
    }

    pub(super) fn add_start_tag(&mut self, tag: &Tag<'_>) {
        if self.malformed.is_some() || VOID_ELEMENTS.contains(&tag.name) {
            return;
        }
        let is_foreign_root = matches!(tag.name, "svg" | "math");
        if tag.is_self_closing && (self.foreign_depth > 0 || is_foreign_root) {
            return;
        }
        self.foreign_depth += usize::from(is_foreign_root);
        let name_start = tag.span.start + 1;
        let name = name_start..name_start + tag.name.len();
        self.open.push(OpenElement { offset: tag.span.start, name });
    }

    pub(super) fn add_end_tag(&mut self, tag: &Tag<'_>) {
        if self.malformed.is_some() || VOID_ELEMENTS.contains(&tag.name) {
            return;
        }
        let matching =
            self.open.iter().rposition(|element| self.name(element).eq_ignore_ascii_case(tag.name));
        let Some(matching) = matching else {
            // Browsers treat a lone `</p>` as an empty paragraph, but it is a mistake all the same.
            let problem = format!("`</{}>` has no start tag", tag.name);
            self.malformed = Some(MalformedTag { offset: tag.span.start, problem });
            return;
        };
        if let Some(unclosed) = self.first_unclosed(matching + 1) {
            let name = self.name(unclosed);
            self.malformed = Some(MalformedTag {
                offset: unclosed.offset,
                problem: format!("`<{name}>` is not closed before `</{}>`", tag.name),
            });
            return;
        }
        self.open.truncate(matching);
        if matches!(tag.name, "svg" | "math") {
            self.foreign_depth = self.foreign_depth.saturating_sub(1);
        }
    }

    /// Returns the first malformed tag, after all tags were passed.
    pub(super) fn finish(self) -> Option<MalformedTag> {
        if self.malformed.is_some() {
            return self.malformed;
        }
        let unclosed = self.first_unclosed(0)?;
        let problem = format!("`<{}>` is never closed", self.name(unclosed));
        Some(MalformedTag { offset: unclosed.offset, problem })
    }

    /// Returns the first open element from an index on whose end tag can't be left out.
    fn first_unclosed(&self, from: usize) -> Option<&OpenElement> {
        self.open[from..].iter().find(|element| {
            let name = self.name(element);
            !OPTIONAL_END_TAGS.iter().any(|optional| name.eq_ignore_ascii_case(optional))
        })
    }

    /// Returns the name of an element as written.
    fn name(&self, element: &OpenElement) -> &'h str {
        self.html.get(element.name.clone()).unwrap_or_default()
    }
}

/// Finds the first malformed tag of a piece of HTML.
pub(super) fn find_malformed(html: &str) -> Option<MalformedTag> {
    let mut balance = TagBalance::new(html);
    html::tokenize(html, |token| match token {
        Token::StartTag(tag) => balance.add_start_tag(tag),
        Token::EndTag(tag) => balance.add_end_tag(tag),
        Token::Text(_) => {}
    });
    balance.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_never_closed_is_found() {
        for good in [
            "<p>a<p>b",
            "<ul><li>a<li>b</ul>",
            "<br><img src=x>",
            "<svg><path d=''/><g></g></svg>",
            "<table><tr><td>a</table>",
            "<!doctype html><html><body><p>x",
            "a < b > c",
            "<script>'<div>'</script>",
            "<b>a <i>b</i></b>",
            "<div/><p></p></div>",
        ] {
            assert_eq!(find_malformed(good), None, "{good}");
        }
        for (bad, at) in [
            ("<div>a", 0),
            ("a</div>", 1),
            ("<p><b>a</p>", 3),
            ("<b><i>x</b></i>", 3),
            ("<a href=x>y", 0),
        ] {
            assert_eq!(find_malformed(bad).map(|tag| tag.offset), Some(at), "{bad}");
        }
    }
}

//! The depth of raw HTML, which is limited: to build a tree of elements takes time in proportion to
//! its depth for each of them.

use std::collections::HashMap;

use super::raw_html::raw_html;
use crate::content::html::{self, Token};
use crate::diagnostics::{Diagnostic, Location};

/// The number of elements that may be open at a time. Chrome and Safari nest no more, either.
const MAX_OPEN_ELEMENTS: usize = 512;

/// Elements that have no end tag, or that the next one of their kind ends (HTML, section 13.1.2).
const ENDED_ELEMENTS: [&str; 30] = [
    "area", "base", "br", "caption", "col", "colgroup", "dd", "dt", "embed", "hr", "img", "input",
    "li", "link", "meta", "optgroup", "option", "p", "param", "rp", "rt", "source", "tbody", "td",
    "tfoot", "th", "thead", "tr", "track", "wbr",
];

/// Returns the error for a body whose HTML is nested too deep.
pub(crate) fn html_nesting_diagnostic(file: &str, location: Location) -> Diagnostic {
    let message =
        format!("the HTML of the body has more than {MAX_OPEN_ELEMENTS} elements in each other");
    let help = "add the end tags that are missing";
    Diagnostic::error("nested-too-deep", file, message).location(location).help(help)
}

/// Returns the byte of a body at which too many elements of its HTML are open. A body with fewer
/// tags isn't parsed.
pub(crate) fn find_excessive_html(body: &str) -> Option<usize> {
    memchr::memchr_iter(b'<', body.as_bytes()).nth(MAX_OPEN_ELEMENTS)?;
    let raw = raw_html(body);
    let mut open: HashMap<String, usize> = HashMap::new();
    let (mut count, mut found) = (0, None);
    html::tokenize(&raw.text, |token| match token {
        Token::StartTag(tag) if !ENDED_ELEMENTS.contains(&tag.name) => {
            let is_open = |name: &str| open.get(name).is_some_and(|count| *count > 0);
            if tag.is_self_closing && (is_open("svg") || is_open("math")) {
                return;
            }
            *open.entry(tag.name.to_owned()).or_default() += 1;
            count += 1;
            if count > MAX_OPEN_ELEMENTS && found.is_none() {
                found = Some(raw.body_offset(tag.span.start));
            }
        }
        Token::EndTag(tag) => {
            if let Some(number) = open.get_mut(tag.name).filter(|number| **number > 0) {
                *number -= 1;
                count -= 1;
            }
        }
        _ => {}
    });
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_elements_are_counted() {
        let nested = |tag: &str, count: usize| find_excessive_html(&tag.repeat(count));
        assert_eq!(nested("<div>\n\n", MAX_OPEN_ELEMENTS + 1), Some(7 * MAX_OPEN_ELEMENTS));
        assert!(nested("<details><summary>", 600).is_some());
        assert!(nested("a <b>", 600).is_some());
        assert!(nested("<div/>", 600).is_some());
        assert_eq!(nested("<div>", MAX_OPEN_ELEMENTS), None);
        assert_eq!(nested("<p>A paragraph<br>\n\n", 2_000), None);
        assert_eq!(nested("<div><b>x</b></div>\n\n", 2_000), None);
        let drawing = format!("<svg>{}</svg>", "<path d=''/>".repeat(2_000));
        assert_eq!(find_excessive_html(&drawing), None);
        assert_eq!(find_excessive_html(&format!("```\n{}\n```\n", "<div>".repeat(2_000))), None);
    }
}

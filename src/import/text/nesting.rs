//! Limits the depth of HTML before a tree is made of it: the work of an HTML parser grows with the
//! depth of open elements, and a page may be nested only so deep.

use std::borrow::Cow;

use std::ops::Range;

use super::difference::{Difference, Part, Rule};
use crate::content::html::{self, Token};

/// The maximum number of open elements. Browsers allow 512; text in real pages is at most 40 deep.
const MAX_DEPTH: usize = 120;

/// Elements that have no contents.
const VOID: [&str; 16] = [
    "area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "img", "input",
    "link", "meta", "param", "source", "wbr",
];

/// Elements whose end tags are optional (HTML, section 13.1.2.4): the next one ends them.
const OPTIONAL_END: [&str; 15] = [
    "body", "colgroup", "dd", "dt", "head", "html", "li", "option", "p", "tbody", "td", "tfoot",
    "th", "thead", "tr",
];

/// Elements that contain text and no elements. Without their tags, a script would become text.
const TEXT_ONLY: [&str; 9] =
    ["iframe", "noembed", "noframes", "plaintext", "script", "style", "textarea", "title", "xmp"];

/// Returns true if open elements of this name don't add to the depth.
fn is_uncounted(name: &str) -> bool {
    VOID.contains(&name) || OPTIONAL_END.contains(&name) || TEXT_ONLY.contains(&name)
}

/// Returns HTML in which no more than [`MAX_DEPTH`] elements are open at a time.
pub(crate) fn with_limited_depth(source: &str) -> Cow<'_, str> {
    limit_depth(source, &mut Vec::new()).map_or(Cow::Borrowed(source), Cow::Owned)
}

/// Returns HTML in which no more than [`MAX_DEPTH`] elements are open at a time; `None` if it needs
/// no change. Of elements that are nested deeper, the tags are left out.
pub(super) fn limit_depth(source: &str, differences: &mut Vec<Difference>) -> Option<String> {
    let tags = memchr::memchr_iter(b'<', source.as_bytes()).take(MAX_DEPTH + 1).count();
    if tags <= MAX_DEPTH {
        return None;
    }
    let excess = find_excess(source);
    let first = excess.first()?;
    differences.push(Difference::removed(Rule::Nesting, Part::Markup, &source[first.clone()]));
    let mut out = String::with_capacity(source.len());
    let mut copied_to = 0;
    for tag in excess {
        out.push_str(&source[copied_to..tag.start]);
        copied_to = tag.end;
    }
    out.push_str(&source[copied_to..]);
    Some(out)
}

/// Finds the tags of elements that are nested too deep.
fn find_excess(source: &str) -> Vec<Range<usize>> {
    let mut excess = Vec::new();
    // The names of the elements that are open. An end tag ends only the last one of its name: an
    // HTML parser keeps others open, or opens them again.
    let mut open: Vec<String> = Vec::new();
    // The same for tags that were left out.
    let mut left_out: Vec<String> = Vec::new();
    html::tokenize(source, |token| match token {
        Token::StartTag(tag) if is_uncounted(tag.name) => {}
        Token::StartTag(tag) if open.len() >= MAX_DEPTH => {
            excess.push(tag.span.clone());
            if left_out.len() < MAX_DEPTH {
                left_out.push(tag.name.to_owned());
            }
        }
        Token::StartTag(tag) => open.push(tag.name.to_owned()),
        Token::EndTag(tag) => {
            if let Some(at) = left_out.iter().rposition(|name| name == tag.name) {
                left_out.remove(at);
                excess.push(tag.span.clone());
            } else if let Some(at) = open.iter().rposition(|name| name == tag.name) {
                open.remove(at);
            }
        }
        Token::Text(_) => {}
    });
    excess
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_nested_too_deep_loses_its_tags() {
        let mut differences = Vec::new();
        let deep = |depth: usize| format!("{}x{}", "<b>".repeat(depth), "</b>".repeat(depth));
        assert_eq!(limit_depth(&deep(MAX_DEPTH), &mut differences), None);
        assert_eq!(limit_depth(&"<p>a<br><li>".repeat(1000), &mut differences), None);
        assert!(differences.is_empty());
        let limited = limit_depth(&deep(5000), &mut differences).expect("it is too deep");
        assert_eq!(limited.matches("<b>").count(), MAX_DEPTH);
        assert!(limited.contains('x') && differences[0].rule == Rule::Nesting);
    }
}

//! The locations of URLs in the bodies of articles.

use std::ops::Range;

use crate::content::SourceFile;
use crate::diagnostics::Location;
use crate::model::text::beginning;
use crate::model::work::add_steps;

/// The number of bytes, from a URL that isn't one of a link on, that may be the rest of its label.
const MAX_LABEL_BYTES: usize = 1024;

/// The number of URLs that may be searched for in vain.
const MAX_FAILED_SEARCHES: usize = 16;

/// Finds the URLs of a body in its file, in their order.
#[derive(Default)]
pub(super) struct UrlLocator {
    /// The byte of the body up to which URLs were found.
    found_to: usize,
    failed_searches: usize,
}

impl UrlLocator {
    /// Returns the location of a URL in a body. If the body has shortcodes, the parsed text differs
    /// from the file, which is then searched from the last URL on.
    pub(super) fn locate(
        &mut self,
        source: &SourceFile<'_>,
        body: &str,
        url: &str,
        range: &Range<usize>,
    ) -> Location {
        let full_body = source.body();
        if body.len() == full_body.len() {
            let text = full_body.get(range.clone()).unwrap_or_default();
            return match find_url(text, url) {
                Some(offset) => source.body_location(range.start + offset, url.len()),
                None => source.body_location(range.start, 1),
            };
        }
        let rest = full_body.get(self.found_to..).unwrap_or_default();
        let is_allowed = self.failed_searches < MAX_FAILED_SEARCHES;
        match is_allowed.then(|| find_next_url(rest, url)).flatten() {
            Some(offset) => {
                let start = self.found_to + offset;
                self.found_to = start + url.len();
                source.body_location(start, url.len())
            }
            None => {
                self.failed_searches += 1;
                source.body_location(self.found_to, 1)
            }
        }
    }
}

/// Finds a URL in the part of a body that begins or contains a reference to it.
fn find_url(text: &str, url: &str) -> Option<usize> {
    text.find(&format!("]({url}")).map(|offset| offset + 2).or_else(|| text.find(url))
}

/// Finds the first reference to a URL in the rest of a body. Only what follows the first occurrence
/// closely is searched for the syntax of a link, so that the rest isn't searched once more for each
/// reference in another syntax.
fn find_next_url(text: &str, url: &str) -> Option<usize> {
    let first = text.find(url);
    add_steps(first.unwrap_or(text.len()));
    let first = first?;
    if text[..first].ends_with("](") {
        return Some(first);
    }
    // The label of a link may be its URL.
    let window = beginning(&text[first..], MAX_LABEL_BYTES);
    add_steps(window.len());
    Some(find_url(window, url).map_or(first, |offset| first + offset))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Limits;
    use crate::model::work::assert_linear;

    /// Returns the columns of the URLs `a.png` in a body with shortcodes.
    fn columns(body: &str, count: usize) -> Vec<usize> {
        let text = format!("---\n---\n{body}");
        let source = SourceFile::parse("a.md", text.as_bytes(), &Limits::default()).expect("valid");
        let mut locator = UrlLocator::default();
        let locations = (0..count).map(|_| locator.locate(&source, "", "a.png", &(0..0)));
        locations.map(|location| location.column).collect()
    }

    #[test]
    fn repeated_urls_are_found_in_their_order() {
        assert_eq!(columns("![](a.png) ![](a.png)", 2), [5, 16]);
        assert_eq!(columns("<img src='a.png'> <img src='a.png'>", 2), [11, 29]);
        assert_eq!(columns("[a.png](a.png) [a.png](a.png)", 2), [9, 24]);
    }

    #[test]
    fn work_is_proportional_to_the_length_of_a_body() {
        for unit in ["![](a.png) ", "<img src='a.png'> ", "[a.png](a.png) ", "b "] {
            assert_linear(unit, |count| {
                columns(&unit.repeat(count), count);
            });
        }
    }
}

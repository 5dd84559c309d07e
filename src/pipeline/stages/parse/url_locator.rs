//! The locations of URLs in the bodies of articles.

use std::ops::Range;

use crate::content::SourceFile;
use crate::diagnostics::Location;

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
        let is_allowed = self.failed_searches < MAX_FAILED_SEARCHES;
        match full_body
            .get(self.found_to..)
            .filter(|_| is_allowed)
            .and_then(|text| find_url(text, url))
        {
            Some(offset) => {
                self.found_to += offset;
                source.body_location(self.found_to, url.len())
            }
            None => {
                self.failed_searches += 1;
                source.body_location(self.found_to, 1)
            }
        }
    }
}

fn find_url(text: &str, url: &str) -> Option<usize> {
    text.find(&format!("]({url}")).map(|offset| offset + 2).or_else(|| text.find(url))
}

//! Places: where in a story's file something is that was found in its page.

use crate::config::Site;
use crate::content::read;
use crate::diagnostics::Location;
use crate::model::permalink::percent_decode_path;

/// A story's file, read for showing places in it.
pub(super) struct ArticleFile {
    /// Its name from the site's folder.
    pub(super) name: String,
    pub(super) text: String,
}

impl ArticleFile {
    /// Reads a file of `content/`; one that is gone meanwhile has no places.
    pub(super) fn read(site: &Site, path: &str) -> Self {
        Self { name: format!("content/{path}"), text: read::read_text_or_empty(site, path) }
    }

    /// Where the file names an address that its page has: as it is there, without the site's own
    /// path, or just its last part.
    pub(super) fn locate_url(&self, site: &Site, url: &str) -> Option<Location> {
        let unescaped = html_escape::decode_html_entities(url).into_owned();
        let decoded = percent_decode_path(&unescaped).into_owned();
        let mut candidates = vec![url.to_owned(), unescaped, decoded];
        let without_base_path: Vec<String> = candidates
            .iter()
            .filter_map(|candidate| {
                candidate.strip_prefix(site.base_path.as_str()).map(|rest| format!("/{rest}"))
            })
            .collect();
        candidates.extend(without_base_path);
        let last_segments: Vec<String> = candidates
            .iter()
            .map(|candidate| {
                candidate.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned()
            })
            .filter(|segment| segment.len() > 3)
            .collect();
        candidates.extend(last_segments);
        // `/a/b.1200.webp` is a smaller copy of `b.jpg`.
        candidates.iter().find_map(|candidate| self.find(candidate))
    }

    /// Where a text stands in the file, with nothing of an address before or behind it.
    pub(super) fn find(&self, needle: &str) -> Option<Location> {
        let is_url_char = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '%');
        let occurrence = self.text.match_indices(needle).find(|(at, _)| {
            let before = self.text[..*at].chars().next_back();
            let after = self.text[at + needle.len()..].chars().next();
            !needle.is_empty()
                && !before.is_some_and(is_url_char)
                && !after.is_some_and(|c| is_url_char(c) || c == '/')
        });
        occurrence.map(|(at, _)| Location::from_span(&self.text, at, needle.len()))
    }

    /// The line of front matter that sets one of some keys.
    pub(super) fn locate_key(&self, keys: &[&str]) -> Option<Location> {
        keys.iter().find_map(|key| Location::for_key(&self.text, key))
    }
}

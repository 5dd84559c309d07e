//! Finds the line of an article's file that a finding in its page comes from.

use crate::config::Site;
use crate::content::read;
use crate::diagnostics::Location;
use crate::model::permalink::percent_decode_path;

/// An article's file, read to locate findings in it.
pub(super) struct ArticleFile {
    /// Its path relative to the site's folder.
    pub(super) name: String,
    pub(super) text: String,
}

impl ArticleFile {
    /// Reads a file of `content/`. A file that was removed in the meantime is empty.
    pub(super) fn read(site: &Site, path: &str) -> Self {
        Self { name: format!("content/{path}"), text: read::read_text_or_empty(site, path) }
    }

    /// Finds a URL of the page in the file: the whole URL, the part after the site's base path, or
    /// only its last segment.
    pub(super) fn locate_url(&self, site: &Site, url: &str) -> Option<Location> {
        // Raw HTML may have it escaped.
        let escaped = url.replace('&', "&amp;");
        let decoded = percent_decode_path(url).into_owned();
        let mut candidates = vec![url.to_owned(), escaped, decoded];
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
        candidates.iter().find_map(|candidate| self.find(candidate))
    }

    /// Finds a text in the file that isn't part of a longer URL.
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

    /// Finds the line of front matter that sets one of the keys.
    pub(super) fn locate_key(&self, keys: &[&str]) -> Option<Location> {
        keys.iter().find_map(|key| Location::for_key(&self.text, key))
    }
}

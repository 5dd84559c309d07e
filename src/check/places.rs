//! Places: where in a story's file something is that was found in its page.

use crate::content::read;
use crate::diagnostic::Place;
use crate::model::permalink::decoded;
use crate::site::Site;

/// A story's file, read for showing places in it.
pub(super) struct File {
    /// Its name from the site's folder.
    pub(super) name: String,
    pub(super) text: String,
}

impl File {
    /// Reads a file of `content/`; one that is gone meanwhile has no places.
    pub(super) fn read(site: &Site, path: &str) -> Self {
        Self { name: format!("content/{path}"), text: read::text(site, path) }
    }

    /// Where the file names an address that its page has: as it is there, without the site's own path, or just its last part.
    pub(super) fn address(&self, site: &Site, address: &str) -> Option<Place> {
        let plain = html_escape::decode_html_entities(address).into_owned();
        let decoded = decoded(&plain).into_owned();
        let mut forms = vec![address.to_owned(), plain, decoded];
        let below: Vec<String> = forms
            .iter()
            .filter_map(|form| form.strip_prefix(site.path.as_str()).map(|rest| format!("/{rest}")))
            .collect();
        forms.extend(below);
        let last: Vec<String> = forms
            .iter()
            .map(|form| form.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned())
            .filter(|last| last.len() > 3)
            .collect();
        forms.extend(last);
        // `/a/b.1200.webp` is a smaller copy of `b.jpg`.
        forms.iter().find_map(|form| self.find(form))
    }

    /// Where a text stands in the file, with nothing of an address before or behind it.
    pub(super) fn find(&self, wanted: &str) -> Option<Place> {
        let part = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '%');
        let found = self.text.match_indices(wanted).find(|(at, _)| {
            let before = self.text[..*at].chars().next_back();
            let behind = self.text[at + wanted.len()..].chars().next();
            !wanted.is_empty() && !before.is_some_and(part) && !behind.is_some_and(|c| part(c) || c == '/')
        });
        found.map(|(at, _)| Place::at(&self.text, at, wanted.len()))
    }

    /// The line of front matter that sets one of some keys.
    pub(super) fn key(&self, keys: &[&str]) -> Option<Place> {
        keys.iter().find_map(|key| Place::of_key(&self.text, key))
    }
}

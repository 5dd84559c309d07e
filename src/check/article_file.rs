//! Finds the line of an article's file that a finding in its page comes from.

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use crate::config::Site;
use crate::content::read;
use crate::diagnostics::{LineIndex, Location};
use crate::model::permalink::percent_decode_path;
use crate::model::work::add_steps;

/// An article's file, read to locate findings in it.
pub(super) struct ArticleFile {
    /// Its path relative to the site's folder.
    pub(super) name: String,
    pub(super) text: String,
    index: OnceLock<TextIndex>,
}

impl ArticleFile {
    /// Reads a file of `content/`. A file that was removed in the meantime is empty.
    pub(super) fn read(site: &Site, path: &str) -> Self {
        let text = read::read_text_or_empty(site, path);
        Self { name: format!("content/{path}"), text, index: OnceLock::new() }
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
        let index = self.index.get_or_init(|| TextIndex::new(&self.text));
        let at = index.find(&self.text, needle)?;
        Some(index.lines.locate(&self.text, at, needle.len()))
    }

    /// Finds the line of front matter that sets one of the keys.
    pub(super) fn locate_key(&self, keys: &[&str]) -> Option<Location> {
        keys.iter().find_map(|key| Location::for_key(&self.text, key))
    }
}

/// The number of bytes by which positions are sorted. A longer text is compared with each position
/// that begins with its first bytes.
const SORTED_BYTES: usize = 256;

/// The positions in a text at which a URL may begin, sorted by what follows, so that each of many
/// findings doesn't search the whole text.
struct TextIndex {
    lines: LineIndex,
    starts: Vec<usize>,
    /// The first positions of the texts that were searched for.
    found: Mutex<HashMap<String, Option<usize>>>,
}

impl TextIndex {
    fn new(text: &str) -> Self {
        add_steps(text.len());
        let mut starts: Vec<usize> = Vec::new();
        let mut before = None;
        for (at, c) in text.char_indices() {
            if !before.is_some_and(is_url_char) {
                starts.push(at);
            }
            before = Some(c);
        }
        // Stable: equal texts stay in their order.
        starts.sort_by_key(|&at| sorted_bytes(text, at));
        Self { lines: LineIndex::new(text), starts, found: Mutex::default() }
    }

    /// Returns the first position of a text that isn't part of a longer URL.
    fn find(&self, text: &str, needle: &str) -> Option<usize> {
        if needle.is_empty() {
            return None;
        }
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = found.get(needle) {
            return *at;
        }
        let prefix = &needle.as_bytes()[..needle.len().min(SORTED_BYTES)];
        let beginning = |at: usize| {
            let bytes = sorted_bytes(text, at);
            &bytes[..bytes.len().min(prefix.len())]
        };
        let first = self.starts.partition_point(|&at| beginning(at) < prefix);
        let candidates = self.starts[first..].iter().take_while(|&&at| beginning(at) == prefix);
        let ends = |at: usize| {
            add_steps(1);
            let after = text.get(at + needle.len()..).and_then(|rest| rest.chars().next());
            text[at..].starts_with(needle) && !after.is_some_and(|c| is_url_char(c) || c == '/')
        };
        let at = candidates.copied().filter(|&at| ends(at)).min();
        found.insert(needle.to_owned(), at);
        at
    }
}

fn sorted_bytes(text: &str, at: usize) -> &[u8] {
    &text.as_bytes()[at..text.len().min(at + SORTED_BYTES)]
}

fn is_url_char(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '_' | '%')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::work::assert_linear;

    fn file(text: &str) -> ArticleFile {
        let (name, text) = ("content/a.md".to_owned(), text.to_owned());
        ArticleFile { name, text, index: OnceLock::new() }
    }

    #[test]
    fn a_text_is_found_where_it_is_no_part_of_a_longer_url() {
        let text = "x/a.html/b\nlong/a.html2 é/a.html, a.html\n/a.html";
        let file = file(text);
        let position = |needle: &str| file.find(needle).map(|at| (at.line, at.column));
        assert_eq!(position("/a.html"), Some((3, 1)));
        assert_eq!(position("a.html"), Some((2, 16)));
        assert_eq!(position("x/a.html/b"), Some((1, 1)));
        assert_eq!((position("b.html"), position("")), (None, None));
        let long = format!("{} {0}b", "/y".repeat(300));
        let file = super::tests::file(&long);
        let found = file.find(&format!("{}b", "/y".repeat(300)));
        assert_eq!(found.map(|at| at.column), Some(602));
    }

    #[test]
    fn work_is_proportional_to_the_number_of_findings() {
        assert_linear("findings", |count| {
            let urls: Vec<String> =
                (0..count).map(|number| format!("/missing/{number}/")).collect();
            let links = urls.iter().map(|url| format!("[x]({url}) [y](/same/)\n"));
            let file = file(&links.collect::<String>());
            assert!(urls.iter().all(|url| file.find(url).is_some()));
            assert!((0..count).all(|_| file.find("/same/").is_some()));
        });
    }
}

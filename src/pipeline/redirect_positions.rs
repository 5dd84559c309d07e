//! Where the URLs of redirects are in the files that contain them.

use std::collections::HashMap;

use crate::config::Site;
use crate::content::read;
use crate::diagnostics::{LineIndex, Location};
use crate::regular_file;

/// The characters around a URL in YAML and in the permalink registry.
const SEPARATORS: [char; 9] = [' ', '\t', '\n', '\r', '"', '\'', ',', '[', ']'];

/// Finds URLs in files. A file is read once for any number of redirects in a row.
#[derive(Default)]
pub(super) struct RedirectPositions {
    last_file: Option<UrlPositions>,
}

struct UrlPositions {
    file: String,
    text: String,
    lines: LineIndex,
    /// The offset of each URL, without its last slash, by whether it is a key: the part before a
    /// colon. Of equal ones the first counts.
    offsets: HashMap<(String, UrlRole), usize>,
}

/// The role of a URL in a file.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum UrlRole {
    /// Before a colon, as in the settings.
    Key,
    Any,
}

impl RedirectPositions {
    /// Returns the location of a URL in a file below the site's folder.
    pub(super) fn find(
        &mut self,
        site: &Site,
        file: &str,
        url: &str,
        role: UrlRole,
    ) -> Option<Location> {
        let last_file = self.last_file.take().filter(|last| last.file == file);
        let positions = self.last_file.insert(match last_file {
            Some(last_file) => last_file,
            None => UrlPositions::read(site, file),
        });
        let url = url.trim_end_matches('/');
        let offset = *positions.offsets.get(&(url.to_owned(), role))?;
        Some(positions.lines.locate(&positions.text, offset, url.len()))
    }
}

impl UrlPositions {
    /// A file that can't be read is empty: it was reported when it was read first.
    fn read(site: &Site, file: &str) -> Self {
        let text = match file.strip_prefix("content/") {
            Some(path) => read::read_text_or_empty(site, path),
            None => regular_file::read_to_string(&site.root.join(file)).unwrap_or_default(),
        };
        let (lines, offsets) = (LineIndex::new(&text), url_offsets(&text));
        Self { file: file.to_owned(), text, lines, offsets }
    }
}

fn url_offsets(text: &str) -> HashMap<(String, UrlRole), usize> {
    let mut offsets = HashMap::new();
    let mut offset = 0;
    for part in text.split_inclusive(SEPARATORS) {
        let url = part.trim_end_matches(SEPARATORS);
        let url = url.strip_suffix(':').unwrap_or(url).trim_end_matches('/');
        // After a key comes a colon, perhaps behind a slash and a quotation mark.
        let after = &text.as_bytes()[offset + url.len()..];
        let colon = after.iter().take(3).find(|byte| !matches!(byte, b'/' | b'"' | b'\''));
        if !url.is_empty() {
            offsets.entry((url.to_owned(), UrlRole::Any)).or_insert(offset);
            if colon == Some(&b':') {
                offsets.entry((url.to_owned(), UrlRole::Key)).or_insert(offset);
            }
        }
        offset += part.len();
    }
    offsets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_found_in_every_notation() {
        let text = "rules:\n  /a/: /b/\n  \"/b/\": '/c'\naliases: [/d/,\"/e\", /a/]\n";
        let offsets = url_offsets(text);
        let find = |url: &str, role| offsets.get(&(url.to_owned(), role)).copied();
        assert_eq!(find("/a", UrlRole::Key), text.find("/a/:"));
        assert_eq!(find("/b", UrlRole::Key), text.find("/b/\":"));
        assert_eq!(find("/b", UrlRole::Any), text.find("/b/\n"));
        assert_eq!(find("/c", UrlRole::Any), text.find("/c"));
        assert_eq!(find("/c", UrlRole::Key), None);
        assert_eq!(find("/d", UrlRole::Any), text.find("/d"));
        assert_eq!(find("/e", UrlRole::Any), text.find("/e"));
    }
}

//! The positions of the URLs in a file, for diagnostics about many of them.

use std::collections::HashMap;

use crate::diagnostics::{LineIndex, Location};
use crate::model::work::add_steps;

/// The number of URLs that aren't separate words of the text for which it is searched.
const MAX_SEARCHES: usize = 16;

/// The first position of each word of a text that may be a URL. Indexing the text once takes work
/// in proportion to its length, which searching it for each URL doesn't.
pub(crate) struct UrlPositions<'t> {
    text: &'t str,
    lines: LineIndex,
    role: UrlRole,
    words: HashMap<&'t str, Word>,
    searches: usize,
}

/// The position of a word.
#[derive(Clone, Copy)]
struct Word {
    offset: usize,
    /// True if it is the URL of a link or an image in Markdown.
    is_link: bool,
}

/// The words that a URL is compared with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum UrlRole {
    /// All words, the first one.
    Word,
    /// The keys of mappings in YAML, the first one.
    Key,
    /// The URLs of links in Markdown, the first one; then all words, the last one, which is the
    /// definition of a link at the end of a body.
    Link,
}

impl<'t> UrlPositions<'t> {
    /// Indexes the words of a text that have a role.
    pub(crate) fn new(text: &'t str, role: UrlRole) -> Self {
        let mut words: HashMap<&str, Word> = HashMap::new();
        add_steps(text.len());
        let mut offset = 0;
        for part in text.split_inclusive(is_separator) {
            let start = offset;
            offset += part.len();
            let word = part.trim_end_matches(is_separator);
            let is_key = word.ends_with(':')
                || text[start + word.len()..]
                    .trim_start_matches(['"', '\''])
                    .trim_start()
                    .starts_with(':');
            if word.is_empty() || role == UrlRole::Key && !is_key {
                continue;
            }
            let before = text[..start].trim_end_matches('<');
            let is_link = before.ends_with("](");
            let word = word.trim_end_matches(':');
            // A path is also found in an absolute URL.
            let path_start =
                word.find("://").and_then(|at| Some(at + 3 + word[at + 3..].find('/')?));
            for start_in_word in [Some(0), path_start].into_iter().flatten() {
                let found = Word { offset: start + start_in_word, is_link };
                let first = words.entry(normalize(&word[start_in_word..])).or_insert(found);
                if role == UrlRole::Link && !first.is_link {
                    *first = found;
                }
            }
        }
        Self { text, lines: LineIndex::new(text), role, words, searches: 0 }
    }

    /// Returns the position of a URL; a slash at its end doesn't matter.
    pub(crate) fn find(&mut self, url: &str) -> Option<Location> {
        add_steps(1);
        let offset = match self.words.get(normalize(url)) {
            Some(word) => word.offset,
            None if self.role != UrlRole::Key && self.searches < MAX_SEARCHES => {
                self.searches += 1;
                add_steps(self.text.len());
                self.text.find(url)?
            }
            None => return None,
        };
        Some(self.lines.locate(self.text, offset, url.trim_end_matches('/').len()))
    }
}

/// Returns true for a character that isn't part of a URL in Markdown or YAML.
fn is_separator(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '"' | '\'' | ',' | '(' | ')' | '[' | ']' | '{' | '}' | '<' | '>')
}

/// Removes what doesn't matter when URLs are compared.
fn normalize(url: &str) -> &str {
    url.trim_end_matches('/')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::work::assert_linear;

    fn column(text: &str, role: UrlRole, url: &str) -> Option<usize> {
        UrlPositions::new(text, role).find(url).map(|location| location.column)
    }

    #[test]
    fn urls_are_found_as_whole_words() {
        for (text, url, expected) in [
            ("aliases: [/about/, \"/a/\"]", "/a/", Some(21)),
            ("aliases: ['https://old.example/a']", "/a/", Some(31)),
            ("/b/a/ /ab", "/a/", Some(3)),
            ("/b/ /ab", "/a/", None),
        ] {
            assert_eq!(column(text, UrlRole::Word, url), expected, "{text}");
        }
        for (text, url, expected) in [
            ("b.md [b.md](b.md) b.md [b](b.md)", "b.md", Some(13)),
            ("[b](<b.md>)", "b.md", Some(6)),
            ("[b.md][b] [b]: b.md", "b.md", Some(16)),
            ("[b](a (1).md)", "a (1).md", Some(5)),
            ("[b](c.md)", "b.md", None),
        ] {
            assert_eq!(column(text, UrlRole::Link, url), expected, "{text}");
        }
        for (text, expected) in [
            ("{/b/: /a/, /a/: /c/}", Some(12)),
            ("'/a/': /b/", Some(2)),
            ("\"/a\" : /b/", Some(2)),
            ("/b: /a", None),
        ] {
            assert_eq!(column(text, UrlRole::Key, "/a"), expected, "{text}");
        }
    }

    #[test]
    fn work_is_proportional_to_the_length_of_a_file() {
        for (name, is_present) in [("known URLs", true), ("unknown URLs", false)] {
            assert_linear(name, |count| {
                let urls: Vec<String> = (0..count).map(|number| format!("/{number}/")).collect();
                let text = if is_present { urls.join(" ") } else { "/x ".repeat(count) };
                let mut positions = UrlPositions::new(&text, UrlRole::Link);
                urls.iter().for_each(|url| assert_eq!(positions.find(url).is_some(), is_present));
            });
        }
    }
}

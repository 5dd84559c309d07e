//! What is found in a body without rendering it: what it refers to, what of it is code, whether it nests too deep.

use std::ops::Range;

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use super::{count_words, options};
use crate::content::html;
use crate::content::references::has_scheme;
use crate::content::shortcodes::STORY_SCHEME;
use crate::site::is_article;

/// What a body refers to, as written.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct References {
    /// The addresses of its pictures, with their place in it.
    pub images: Vec<(String, Range<usize>)>,
    /// The addresses of its links within the site.
    pub links: Vec<(String, Range<usize>)>,
}

/// Finds what a body refers to. One that has neither pictures nor links within the site isn't parsed.
pub fn references(body: &str) -> References {
    let mut found = References::default();
    if !(body.contains("![") || body.contains("<img") || has_local_link(body)) {
        return found;
    }
    let mut link = |address: String, range: Range<usize>| {
        if is_local(&address) {
            found.links.push((address, range));
        }
    };
    for (event, range) in Parser::new_ext(body, options(false)).into_offset_iter() {
        match event {
            Event::Start(Tag::Image { dest_url, .. }) => found.images.push((dest_url.into_string(), range)),
            Event::Start(Tag::Link { dest_url, .. }) => link(dest_url.into_string(), range),
            Event::Html(text) | Event::InlineHtml(text) => {
                if text.contains("<img") {
                    let sources = html::values(&text, "src");
                    found.images.extend(sources.map(|src| (text[src].to_owned(), range.clone())));
                }
                for href in html::values(&text, "href") {
                    let address = html_escape::decode_html_entities(&text[href.clone()]).into_owned();
                    link(address, range.start + href.start..range.start + href.end);
                }
            }
            _ => {}
        }
    }
    found
}

/// How many words a body has, its captions and tables among them.
pub fn words(body: &str) -> u32 {
    let events = Parser::new_ext(body, options(false));
    let texts = events.map(|event| match event {
        Event::Text(text) | Event::Code(text) => count_words(&text),
        _ => 0,
    });
    u32::try_from(texts.sum::<usize>()).unwrap_or(u32::MAX)
}

/// The text of a body without its markup: a line for each block.
pub fn text(body: &str) -> String {
    let mut out = String::with_capacity(body.len());
    for event in Parser::new_ext(body, options(false)) {
        match event {
            Event::Text(text) | Event::Code(text) => out.push_str(&text),
            Event::SoftBreak => out.push(' '),
            Event::HardBreak | Event::Rule | Event::End(_) if !out.ends_with('\n') => {
                // Emphasis and links end within a line.
                let inline = matches!(
                    event,
                    Event::End(TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link)
                );
                out.push_str(if inline { "" } else { "\n" });
            }
            _ => {}
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// Whether an address is one within the site, and not just a place in the same page.
fn is_local(address: &str) -> bool {
    let page = address.is_empty() || address.starts_with(['#', '?']) || address.starts_with("//");
    address.starts_with(STORY_SCHEME) || !(page || has_scheme(address))
}

/// Whether a body may hold a link within the site, told without parsing it.
fn has_local_link(body: &str) -> bool {
    ["](", "]:", "href="].iter().any(|mark| {
        memchr::memmem::find_iter(body.as_bytes(), mark).any(|at| {
            let address = body[at + mark.len()..].trim_start_matches([' ', '\t', '\n', '\r', '<', '"', '\'']);
            !["https:", "http:", "mailto:", "tel:", "#", "//"].iter().any(|web| address.starts_with(web))
        })
    })
}

/// Whether an address means a story by its file: another system's reference, or a path to a Markdown file.
pub fn links_to_story(address: &str) -> bool {
    let local = !has_scheme(address) && !address.starts_with('#') && !address.starts_with("//");
    let path = address.split(['?', '#']).next().unwrap_or_default();
    address.starts_with(STORY_SCHEME) || (local && is_article(path))
}

/// The HTML of a body, piece by piece, with the place of each in it. A body without tags isn't parsed.
pub fn raw_html(body: &str) -> Vec<(String, Range<usize>)> {
    let bytes = body.as_bytes();
    let tag = |at: usize| bytes.get(at + 1).is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'/');
    if !memchr::memchr_iter(b'<', bytes).any(tag) {
        return Vec::new();
    }
    let events = Parser::new_ext(body, options(false)).into_offset_iter();
    let html = events.filter_map(|(event, range)| match event {
        Event::Html(text) | Event::InlineHtml(text) => Some((text.into_string(), range)),
        _ => None,
    });
    html.collect()
}

/// The ranges of a body that are code: blocks and spans.
pub fn code(body: &str) -> Vec<Range<usize>> {
    let events = Parser::new_ext(body, options(false)).into_offset_iter();
    let code = events.filter(|(event, _)| matches!(event, Event::Start(Tag::CodeBlock(_)) | Event::Code(_)));
    code.map(|(_, range)| range).collect()
}

/// Where blocks and spans begin to nest deeper than they may. A body with too few signs for that isn't parsed.
pub fn too_deep(body: &str, nesting: usize) -> Option<usize> {
    // A sign opens two levels at most (a list and its item), and a table has four without any.
    if 2 * signs(body.as_bytes()) + 4 <= nesting {
        return None;
    }
    let mut depth = 0_usize;
    for (event, range) in Parser::new_ext(body, options(false)).into_offset_iter() {
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth -= 1,
            _ => {}
        }
        if depth > nesting {
            return Some(range.start);
        }
    }
    None
}

/// How many signs of a body could open a block or a span. What stands beside a sign counts: prose has many hyphens and full stops.
fn signs(body: &[u8]) -> usize {
    let before = |at: usize| at.checked_sub(1).map_or(b' ', |before| body[before]);
    let blank_after = |at: usize| body.get(at + 1).is_none_or(u8::is_ascii_whitespace);
    let bullets = memchr::memchr2_iter(b'-', b'+', body);
    let numbers = memchr::memchr2_iter(b'.', b')', body);
    memchr::memchr3_iter(b'>', b'*', b'_', body).count()
        + memchr::memchr2_iter(b'[', b'~', body).count()
        + bullets.filter(|&at| blank_after(at) && !before(at).is_ascii_alphanumeric()).count()
        + numbers.filter(|&at| blank_after(at) && before(at).is_ascii_digit()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_found_in_one_pass() {
        let found = references(
            "![a](a.png) [b](b.md) [w](https://w.example) <a href=\"c.pdf\">c</a> <img src='d.png'>\n\n[e]: /e.md\n[e]",
        );
        let names =
            |list: &[(String, Range<usize>)]| list.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&found.images), ["a.png", "d.png"]);
        assert_eq!(names(&found.links), ["b.md", "c.pdf", "/e.md"]);
        assert_eq!(references("Text. [w](https://w.example) [x](#y)"), References::default());
    }

    #[test]
    fn depth_is_told_without_rendering() {
        assert_eq!(too_deep(&format!("{}x", "> ".repeat(101)), 100), Some(200));
        assert_eq!(too_deep(&format!("{}x", "> ".repeat(99)), 100), None);
        assert_eq!(too_deep(&format!("{}x", "1. ".repeat(60)), 100), Some(150));
        assert_eq!(too_deep(&"A well-known story. (It is.) ".repeat(1000), 4), None);
        assert!(too_deep("| a |\n| - |\n| *b* |", 3).is_some());
    }
}

//! What is found in a body without rendering it: what it refers to, what of it is code, whether it
//! nests too deep.

use std::ops::Range;

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use super::{count_words, parser_options};
use crate::config::is_markdown_path;
use crate::content::html;
use crate::content::references::has_scheme;
use crate::content::shortcodes::ARTICLE_SCHEME;

/// What a body refers to, as written.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct BodyReferences {
    /// The addresses of its pictures, with their place in it.
    pub images: Vec<(String, Range<usize>)>,
    /// The addresses of its links within the site.
    pub links: Vec<(String, Range<usize>)>,
}

/// Finds what a body refers to. One that has neither pictures nor links within the site isn't
/// parsed.
pub(crate) fn find_references(body: &str) -> BodyReferences {
    let mut references = BodyReferences::default();
    if !(body.contains("![") || body.contains("<img") || may_link_within_site(body)) {
        return references;
    }
    let mut add_link = |url: String, range: Range<usize>| {
        if is_site_url(&url) {
            references.links.push((url, range));
        }
    };
    for (event, range) in Parser::new_ext(body, parser_options(false)).into_offset_iter() {
        match event {
            Event::Start(Tag::Image { dest_url, .. }) => {
                references.images.push((dest_url.into_string(), range))
            }
            Event::Start(Tag::Link { dest_url, .. }) => add_link(dest_url.into_string(), range),
            Event::Html(text) | Event::InlineHtml(text) => {
                if text.contains("<img") {
                    let sources = html::attribute_values(&text, "src");
                    references
                        .images
                        .extend(sources.map(|src| (text[src].to_owned(), range.clone())));
                }
                for href in html::attribute_values(&text, "href") {
                    let url = html_escape::decode_html_entities(&text[href.clone()]).into_owned();
                    add_link(url, range.start + href.start..range.start + href.end);
                }
            }
            _ => {}
        }
    }
    references
}

/// How many words a body has, its captions and tables among them.
pub(crate) fn body_word_count(body: &str) -> u32 {
    let events = Parser::new_ext(body, parser_options(false));
    let texts = events.map(|event| match event {
        Event::Text(text) | Event::Code(text) => count_words(&text),
        _ => 0,
    });
    u32::try_from(texts.sum::<usize>()).unwrap_or(u32::MAX)
}

/// The text of a body without its markup: a line for each block.
pub(crate) fn to_plain_text(body: &str) -> String {
    let mut out = String::with_capacity(body.len());
    for event in Parser::new_ext(body, parser_options(false)) {
        match event {
            Event::Text(text) | Event::Code(text) => out.push_str(&text),
            Event::SoftBreak => out.push(' '),
            Event::HardBreak | Event::Rule | Event::End(_) if !out.ends_with('\n') => {
                // Emphasis and links end within a line.
                let inline = matches!(
                    event,
                    Event::End(
                        TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link
                    )
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
fn is_site_url(url: &str) -> bool {
    let is_same_page_or_host =
        url.is_empty() || url.starts_with(['#', '?']) || url.starts_with("//");
    url.starts_with(ARTICLE_SCHEME) || !(is_same_page_or_host || has_scheme(url))
}

/// Whether a body may hold a link within the site, told without parsing it.
fn may_link_within_site(body: &str) -> bool {
    ["](", "]:", "href="].iter().any(|opener| {
        memchr::memmem::find_iter(body.as_bytes(), opener).any(|at| {
            let url = body[at + opener.len()..]
                .trim_start_matches([' ', '\t', '\n', '\r', '<', '"', '\'']);
            !["https:", "http:", "mailto:", "tel:", "#", "//"]
                .iter()
                .any(|prefix| url.starts_with(prefix))
        })
    })
}

/// Whether an address means a story by its file: another system's reference, or a path to a
/// Markdown file.
pub(crate) fn is_article_link(url: &str) -> bool {
    let is_relative = !has_scheme(url) && !url.starts_with('#') && !url.starts_with("//");
    let path = url.split(['?', '#']).next().unwrap_or_default();
    url.starts_with(ARTICLE_SCHEME) || (is_relative && is_markdown_path(path))
}

/// The HTML of a body, piece by piece, with the place of each in it. A body without tags isn't
/// parsed.
pub(crate) fn raw_html_fragments(body: &str) -> Vec<(String, Range<usize>)> {
    let bytes = body.as_bytes();
    let starts_tag = |at: usize| {
        bytes.get(at + 1).is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'/')
    };
    if !memchr::memchr_iter(b'<', bytes).any(starts_tag) {
        return Vec::new();
    }
    let events = Parser::new_ext(body, parser_options(false)).into_offset_iter();
    let fragments = events.filter_map(|(event, range)| match event {
        Event::Html(text) | Event::InlineHtml(text) => Some((text.into_string(), range)),
        _ => None,
    });
    fragments.collect()
}

/// The ranges of a body that are code: blocks and spans.
pub(crate) fn code_ranges(body: &str) -> Vec<Range<usize>> {
    let events = Parser::new_ext(body, parser_options(false)).into_offset_iter();
    let code_events = events
        .filter(|(event, _)| matches!(event, Event::Start(Tag::CodeBlock(_)) | Event::Code(_)));
    code_events.map(|(_, range)| range).collect()
}

/// Where blocks and spans begin to nest deeper than they may. A body with too few signs for that
/// isn't parsed.
pub(crate) fn find_excessive_nesting(body: &str, max_nesting: usize) -> Option<usize> {
    // A sign opens two levels at most (a list and its item), and a table has four without any.
    if 2 * count_nesting_markers(body.as_bytes()) + 4 <= max_nesting {
        return None;
    }
    let mut depth = 0_usize;
    for (event, range) in Parser::new_ext(body, parser_options(false)).into_offset_iter() {
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth -= 1,
            _ => {}
        }
        if depth > max_nesting {
            return Some(range.start);
        }
    }
    None
}

/// How many signs of a body could open a block or a span. What stands beside a sign counts: prose
/// has many hyphens and full stops.
fn count_nesting_markers(body: &[u8]) -> usize {
    let preceding_byte = |at: usize| at.checked_sub(1).map_or(b' ', |index| body[index]);
    let is_space_after = |at: usize| body.get(at + 1).is_none_or(u8::is_ascii_whitespace);
    let bullets = memchr::memchr2_iter(b'-', b'+', body);
    let numbers = memchr::memchr2_iter(b'.', b')', body);
    memchr::memchr3_iter(b'>', b'*', b'_', body).count()
        + memchr::memchr2_iter(b'[', b'~', body).count()
        + bullets
            .filter(|&at| is_space_after(at) && !preceding_byte(at).is_ascii_alphanumeric())
            .count()
        + numbers.filter(|&at| is_space_after(at) && preceding_byte(at).is_ascii_digit()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_found_in_one_pass() {
        let references = find_references(
            "![a](a.png) [b](b.md) [w](https://w.example) <a href=\"c.pdf\">c</a> <img src='d.png'>\n\n[e]: /e.md\n[e]",
        );
        let names = |list: &[(String, Range<usize>)]| {
            list.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>()
        };
        assert_eq!(names(&references.images), ["a.png", "d.png"]);
        assert_eq!(names(&references.links), ["b.md", "c.pdf", "/e.md"]);
        assert_eq!(
            find_references("Text. [w](https://w.example) [x](#y)"),
            BodyReferences::default()
        );
    }

    #[test]
    fn depth_is_told_without_rendering() {
        assert_eq!(find_excessive_nesting(&format!("{}x", "> ".repeat(101)), 100), Some(200));
        assert_eq!(find_excessive_nesting(&format!("{}x", "> ".repeat(99)), 100), None);
        assert_eq!(find_excessive_nesting(&format!("{}x", "1. ".repeat(60)), 100), Some(150));
        assert_eq!(find_excessive_nesting(&"A well-known story. (It is.) ".repeat(1000), 4), None);
        assert!(find_excessive_nesting("| a |\n| - |\n| *b* |", 3).is_some());
    }
}

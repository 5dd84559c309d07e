//! Finds references and code in bodies without rendering them.

use std::ops::Range;

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use super::parser::parser_options;
use super::raw_html::RawHtml;
use crate::config::is_markdown_path;
use crate::content::browser_url::{BrowserUrl, normalize};
use crate::content::html::{self, Token};
use crate::content::references::{ARTICLE_MARKER, has_scheme, scheme};
use crate::model::text::beginning;
use crate::model::work::add_steps;

/// The number of bytes, from where a URL may begin, that are examined without parsing the body. If
/// its scheme may be longer, the body is parsed.
const MAX_SCHEME_BYTES: usize = 128;

/// The files that a body refers to, as written.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct BodyReferences {
    /// The URLs of its images, with their spans in it.
    pub images: Vec<(String, Range<usize>)>,
    /// The URLs of its links within the site, with their spans in it.
    pub links: Vec<(String, Range<usize>)>,
}

/// Finds the files that a body refers to. A body without images and links within the site isn't
/// parsed.
pub(crate) fn find_references(body: &str) -> BodyReferences {
    let mut references = BodyReferences::default();
    if !may_have_references(body) {
        return references;
    }
    let mut block = RawHtml::default();
    for (event, range) in Parser::new_ext(body, parser_options()).into_offset_iter() {
        match event {
            Event::Start(Tag::Image { dest_url, .. }) => {
                references.images.push((dest_url.into_string(), range));
            }
            Event::Start(Tag::Link { dest_url, .. }) => references.add_link(&dest_url, range),
            Event::Html(text) => block.push(&text, range),
            Event::End(TagEnd::HtmlBlock) => references.add_html(&std::mem::take(&mut block)),
            Event::InlineHtml(text) => {
                let mut tag = RawHtml::default();
                tag.push(&text, range);
                references.add_html(&tag);
            }
            _ => {}
        }
    }
    references
}

impl BodyReferences {
    fn add_link(&mut self, url: &str, range: Range<usize>) {
        let url = normalize(url);
        if is_site_url(&url) {
            self.links.push((url.into_owned(), range));
        }
    }

    /// Adds the images and links in raw HTML. Other files that a page loads, such as videos, are
    /// published like linked files.
    fn add_html(&mut self, html: &RawHtml) {
        html::tokenize(&html.text, |token| {
            let Token::StartTag(tag) = token else { return };
            let in_body =
                |span: Range<usize>| html.body_offset(span.start)..html.body_offset(span.end);
            if let Some(src) = tag.attribute("src")
                && let Some(span) = src.span
            {
                match tag.name {
                    "img" => self.images.push((src.value.into_owned(), in_body(span))),
                    _ => self.add_link(&src.value, in_body(span)),
                }
            }
            if let Some(href) = tag.attribute("href")
                && let Some(span) = href.span
            {
                self.add_link(&href.value, in_body(span));
            }
            if matches!(tag.name, "img" | "source")
                && let Some(srcset) = tag.attribute("srcset")
                && let Some(span) = srcset.span
            {
                let urls = html::srcset_urls(&srcset.value).map(str::to_owned);
                let span = in_body(span);
                self.images.extend(urls.map(|url| (url, span.clone())));
            }
            if let Some(poster) = tag.attribute("poster")
                && let Some(span) = poster.span
            {
                self.add_link(&poster.value, in_body(span));
            }
        });
    }
}

/// Returns true if a URL belongs to another page or file of the site.
fn is_site_url(url: &str) -> bool {
    let is_same_page_or_host =
        url.is_empty() || url.starts_with(['#', '?']) || url.starts_with("//");
    url.starts_with(ARTICLE_MARKER) || !(is_same_page_or_host || has_scheme(url))
}

/// Returns true if a body may contain an image or a link within the site, without parsing it.
fn may_have_references(body: &str) -> bool {
    let may_be_site_url = |at: usize| {
        let url = body[at..].trim_start_matches([' ', '\t', '\n', '\r', '<', '"', '\'']);
        !["https:", "http:", "mailto:", "tel:", "#", "//"]
            .iter()
            .any(|prefix| url.starts_with(prefix))
    };
    let bytes = body.as_bytes();
    let may_be_attribute = |at: usize| {
        let before = body[..at].trim_end().as_bytes();
        let ends_with = |name: &[u8]| {
            before.len() >= name.len()
                && before[before.len() - name.len()..].eq_ignore_ascii_case(name)
        };
        ends_with(b"src")
            || ends_with(b"srcset")
            || (ends_with(b"href") || ends_with(b"poster")) && may_be_site_url(at + 1)
    };
    memchr::memchr3_iter(b'!', b']', b'=', bytes).any(|at| match (bytes[at], bytes.get(at + 1)) {
        (b'!', next) => next == Some(&b'['),
        (b']', next) => matches!(next, Some(b'(' | b':')) && may_be_site_url(at + 2),
        _ => may_be_attribute(at),
    })
}

/// Returns true if a URL refers to an article by its file: a reference of another system, or a
/// path of a Markdown file.
pub(crate) fn is_article_link(url: &str) -> bool {
    let is_relative = !has_scheme(url) && !url.starts_with('#') && !url.starts_with("//");
    let path = url.split(['?', '#']).next().unwrap_or_default();
    url.starts_with(ARTICLE_MARKER) || (is_relative && is_markdown_path(path))
}

/// Returns the scheme and the first byte of each link and image of a body whose scheme isn't
/// allowed: the sanitizer leaves out the URL. A body without such a URL isn't parsed.
pub(crate) fn refused_urls(body: &str) -> Vec<(String, usize)> {
    let may_be_refused = |at: usize| {
        let window = beginning(&body[at..], MAX_SCHEME_BYTES);
        add_steps(window.len());
        let is_whole = window.len() == body.len() - at;
        let url = window.trim_start_matches([' ', '\t', '\n', '<']);
        match url.find([' ', ')', '>', '\n', '/']) {
            None if !is_whole => true,
            end => scheme(&url[..end.unwrap_or(url.len())])
                .is_some_and(|scheme| !["http", "https", "mailto"].contains(&scheme)),
        }
    };
    let bytes = body.as_bytes();
    let has_refused =
        memchr::memchr2_iter(b']', b'<', bytes).any(|at| match (bytes[at], bytes.get(at + 1)) {
            (b'<', _) => may_be_refused(at + 1),
            (_, Some(b'(' | b':')) => may_be_refused(at + 2),
            _ => false,
        });
    if !has_refused {
        return Vec::new();
    }
    let events = Parser::new_ext(body, parser_options()).into_offset_iter();
    let urls = events.filter_map(|(event, range)| match event {
        Event::Start(Tag::Link { dest_url, .. }) => {
            let url = BrowserUrl::parse(&dest_url);
            let is_refused = !url.is_safe_link() && !dest_url.starts_with(ARTICLE_MARKER);
            is_refused.then(|| (url.scheme().to_owned(), range.start))
        }
        Event::Start(Tag::Image { dest_url, .. }) => {
            let url = BrowserUrl::parse(&dest_url);
            (!url.is_safe_image()).then(|| (url.scheme().to_owned(), range.start))
        }
        _ => None,
    });
    urls.collect()
}

/// Returns the ranges of a body that are code: blocks and spans.
pub(crate) fn code_ranges(body: &str) -> Vec<Range<usize>> {
    let events = Parser::new_ext(body, parser_options()).into_offset_iter();
    let code_events = events
        .filter(|(event, _)| matches!(event, Event::Start(Tag::CodeBlock(_)) | Event::Code(_)));
    code_events.map(|(_, range)| range).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_found_in_one_pass() {
        let references = find_references(
            "![a](a.png) [b](b.md) [w](https://w.example) <a href=\"c.pdf\">c</a> \
             <img src='d.png'>\n\n[e]: /e.md\n[e]",
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
}

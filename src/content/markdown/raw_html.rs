//! Raw HTML in bodies.

use std::ops::Range;

use pulldown_cmark::{Event, Parser};

use super::parser::parser_options;
use super::settings::UrlResolver;
use super::text::WordCounter;
use crate::config::HtmlPolicy;
use crate::content::html::{self, Attribute, HtmlEditor, Tag, Token, UrlEdit, UrlSyntax};
use crate::content::references::ARTICLE_MARKER;

/// The raw HTML in a body. It may consist of several pieces: in a list or a quotation, each line of
/// a block is indented or has a marker.
#[derive(Debug, Default)]
pub(crate) struct RawHtml {
    /// The HTML.
    pub text: String,
    /// The first byte of each piece, with its bytes in the body.
    pieces: Vec<(usize, Range<usize>)>,
}

impl RawHtml {
    /// Adds the next piece.
    pub(super) fn push(&mut self, text: &str, range: Range<usize>) {
        self.pieces.push((self.text.len(), range));
        self.text.push_str(text);
    }

    /// Returns the byte of the body that corresponds to a byte of the HTML.
    pub(crate) fn body_offset(&self, at: usize) -> usize {
        let number = self.pieces.partition_point(|(start, _)| *start <= at);
        let piece = number.checked_sub(1).map(|number| &self.pieces[number]);
        piece.map_or(0, |(start, range)| (range.start + at - start).min(range.end))
    }
}

/// Returns all raw HTML in a body as one text. A body without tags isn't parsed.
pub(crate) fn raw_html(body: &str) -> RawHtml {
    let bytes = body.as_bytes();
    let starts_tag = |at: usize| {
        bytes.get(at + 1).is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'/')
    };
    let mut html = RawHtml::default();
    if !memchr::memchr_iter(b'<', bytes).any(starts_tag) {
        return html;
    }
    for (event, range) in Parser::new_ext(body, parser_options()).into_offset_iter() {
        if let Event::Html(text) | Event::InlineHtml(text) = event {
            html.push(&text, range);
        }
    }
    html
}

/// Returns true if a piece of HTML is one comment and nothing else.
pub(super) fn is_comment(text: &str) -> bool {
    let trimmed = text.trim();
    trimmed.starts_with("<!--") && trimmed.ends_with("-->") && trimmed.matches("<!--").count() == 1
}

/// Resolves the links and images of raw HTML; images get the size and the smaller copies that their
/// tag lacks, and a named anchor gets an id. Sanitized HTML has no scripts, so the content of
/// `noscript` is shown. Adds the words of the HTML to a counter.
pub(super) fn resolve_urls(
    text: &str,
    policy: HtmlPolicy,
    resolver: &dyn UrlResolver,
    words: &mut WordCounter,
) -> String {
    let mut editor = HtmlEditor::new(text);
    html::tokenize(text, |token| {
        words.add_token(token);
        if let Token::StartTag(tag) | Token::EndTag(tag) = token
            && tag.name == "noscript"
            && policy == HtmlPolicy::Sanitized
        {
            editor.remove(tag.span.clone());
        }
        let Token::StartTag(tag) = token else { return };
        // HTML 4 had anchors with names, which browsers still find, but the sanitizer removes.
        if tag.name == "a"
            && let Some(name) = tag.attribute("name")
            && let Some(span) = name.span.clone()
            && tag.attribute("id").is_none()
        {
            let id = format!(" id=\"{}\"", html::escape(&name.value));
            editor.insert(span.end + name.quote.len(), id);
        }
        if let Some(src) = tag.attribute("src")
            && let Some(span) = src.span.clone()
            && let Some(image) = resolver.resolve_image(&src.value)
        {
            editor.replace_value(&src, &image.src);
            let missing = html::missing_img_attributes(tag, &image);
            if !missing.is_empty() {
                editor.insert(span.end + src.quote.len(), missing);
            }
        }
        for attribute in tag.attributes() {
            resolve_other_urls(text, tag, &attribute, resolver, &mut editor);
        }
        if let Some(href) = tag.attribute("href") {
            match resolver.resolve_link(&href.value) {
                Some(url) => editor.replace_value(&href, &url),
                // There is no such article.
                None => {
                    if let Some(path) = href.value.strip_prefix(ARTICLE_MARKER) {
                        editor.replace_value(&href, path);
                    }
                }
            }
        }
    });
    editor.finish().into_owned()
}

/// Resolves the URLs of an attribute other than `src` and `href`: image candidates as images, and
/// others as links.
fn resolve_other_urls(
    text: &str,
    tag: &Tag<'_>,
    attribute: &Attribute<'_>,
    resolver: &dyn UrlResolver,
    editor: &mut HtmlEditor<'_>,
) {
    if matches!(attribute.name, "src" | "href") {
        return;
    }
    let Some(row) = html::url_attribute(tag.name, attribute.name) else { return };
    html::edit_attribute(text, attribute, row, editor, &mut |url| {
        let resolved = match row.syntax {
            UrlSyntax::Srcset => resolver.resolve_image(url).map(|image| image.src),
            UrlSyntax::Single | UrlSyntax::List => resolver.resolve_link(url),
        };
        match resolved {
            Some(resolved) if resolved != url => UrlEdit::Replace(resolved),
            _ => UrlEdit::Keep,
        }
    });
}

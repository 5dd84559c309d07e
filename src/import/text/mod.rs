//! Conversion of bodies to Markdown: what a page shows stays the same, and every difference has a
//! named rule.
//!
//! HTML is read as a document (`read/`), which is written as Markdown (`write/`). What Markdown
//! can't express is written as HTML that a sanitized page keeps. The result is rendered as a build
//! does and compared with the document (`verify.rs`): a block that would show something else is
//! written as HTML.

mod decode;
mod difference;
mod document;
mod ghost;
mod mojibake;
mod nesting;
mod read;
mod spaces;
mod verify;
mod wordpress;
mod write;

#[cfg(test)]
mod archive_tests;
#[cfg(test)]
mod tests;

pub(crate) use decode::decode;
pub(crate) use difference::{Difference, Part};
pub(crate) use ghost::{lexical_to_html, mobiledoc_to_html};
pub(crate) use nesting::with_limited_depth;
pub(crate) use verify::{html_text, render_trusted as markdown_to_html};

use document::Block;
use verify::{html_words, render, shown};
use write::{write_html, write_markdown};

/// A converted body.
#[derive(Clone, Debug, Default)]
pub(crate) struct Converted {
    pub(crate) markdown: String,
    /// Everything that was left out, added or changed.
    pub(crate) differences: Vec<Difference>,
    /// The number of words of the source: runs of letters or digits.
    pub(crate) words_in: usize,
    /// The number of words that a page shows of the Markdown. It is `words_in`, less the words that
    /// the differences have left out, and more those that they have added.
    pub(crate) words_out: usize,
}

/// The dialect of a body in HTML.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HtmlDialect {
    /// HTML.
    Html,
    /// HTML as WordPress stores it: with blank lines between paragraphs, and shortcodes.
    WordPress,
}

impl HtmlDialect {
    /// Recognizes the dialect of a body. Other systems' exports contain bodies as WordPress stores
    /// them, too, because archives have been moved before.
    pub(crate) fn detect(html: &str) -> Self {
        let contains =
            |text: &str| memchr::memmem::find(html.as_bytes(), text.as_bytes()).is_some();
        let has_blank_lines = contains("\n\n") || contains("\n\r\n");
        let has_paragraphs = ["<p", "<P", "<br", "<BR", "<div", "<DIV"].into_iter().any(contains);
        let is_of_wordpress = ["<!-- wp:", "[/caption]", "[gallery"].into_iter().any(contains);
        if is_of_wordpress || (has_blank_lines && !has_paragraphs) {
            Self::WordPress
        } else {
            Self::Html
        }
    }
}

/// Converts a body from HTML to Markdown. `urls` returns the URL that replaces that of a link or an
/// image, `None` if it stays. For the images of a WordPress gallery, it is also called with
/// `attachment:` and the id of the attachment.
pub(crate) fn html_to_markdown(
    html: &str,
    dialect: HtmlDialect,
    urls: &mut dyn FnMut(&str) -> Option<String>,
) -> Converted {
    let mut differences = Vec::new();
    let blocks = match dialect {
        HtmlDialect::Html => read::read(html, urls, &mut differences),
        HtmlDialect::WordPress => {
            let shown = wordpress::to_html(html, urls, &mut differences);
            read::read(&shown, urls, &mut differences)
        }
    };
    let (markdown, rendered) = write(&blocks);
    let (words_in, words_out) = (html_words(html), html_words(&rendered));
    differences.extend(verify::unexplained(&words_in, &words_out, &differences));
    Converted { markdown, differences, words_in: words_in.len(), words_out: words_out.len() }
}

/// Writes a document. Returns the body, and the HTML as which a page shows it.
fn write(blocks: &[Block]) -> (String, String) {
    let markdown = write_markdown(blocks);
    let expected = shown(&write_html(blocks));
    if let Some(rendered) = render(&markdown).filter(|rendered| shown(rendered) == expected) {
        return (markdown, rendered);
    }
    let mut parts: Vec<String> = Vec::new();
    for block in blocks {
        let block = std::slice::from_ref(block);
        let (markdown, html) = (write_markdown(block), write_html(block));
        let is_same = render(&markdown).is_some_and(|rendered| shown(&rendered) == shown(&html));
        parts.push(if is_same { markdown } else { html });
    }
    let markdown = parts.join("\n\n");
    if let Some(rendered) = render(&markdown).filter(|rendered| shown(rendered) == expected) {
        return (markdown, rendered);
    }
    let html = write_html(blocks);
    let rendered = render(&html).unwrap_or_default();
    (html, rendered)
}

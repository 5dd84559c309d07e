//! The text of a body that search looks through: what a reader would see of it, a line for each
//! block.

use pulldown_cmark::{Event, Parser, TagEnd, html as writer};

use super::parser_options;
use crate::content::html;

/// Elements that end a line of text.
const BLOCK_ELEMENTS: [&str; 30] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "br",
    "caption",
    "dd",
    "div",
    "dl",
    "dt",
    "figcaption",
    "figure",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "td",
    "tr",
    "ul",
];
/// Elements whose text nobody sees.
const INVISIBLE_ELEMENTS: [&str; 6] =
    ["script", "style", "template", "noscript", "title", "iframe"];
/// Elements that have no end.
const VOID_ELEMENTS: [&str; 14] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
    "track", "wbr",
];

/// The text of a body that search looks through. Elements with `data-search="off"` are left out.
pub(crate) fn search_text(body: &str) -> String {
    let mut out = String::with_capacity(body.len());
    if memchr::memchr(b'<', body.as_bytes()).is_some() {
        let mut markup = String::with_capacity(body.len() + body.len() / 8);
        writer::push_html(&mut markup, Parser::new_ext(body, parser_options(false)));
        push_html_text(&markup, &mut out);
        return out;
    }
    for event in Parser::new_ext(body, parser_options(false)) {
        match event {
            Event::Text(text) | Event::Code(text) => out.push_str(&text),
            Event::SoftBreak => out.push(' '),
            Event::End(
                TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link,
            ) => {}
            Event::HardBreak | Event::Rule | Event::End(_) => end_line(&mut out),
            _ => {}
        }
    }
    out
}

fn end_line(out: &mut String) {
    if !out.is_empty() && !out.ends_with('\n') {
        out.push('\n');
    }
}

/// The text of HTML.
fn push_html_text(markup: &str, out: &mut String) {
    let mut rest = markup;
    // The element that is left out, and how many of its name are open in it.
    let mut excluded: Option<(String, usize)> = None;
    while !rest.is_empty() {
        let (text, tag) =
            rest.split_at(memchr::memchr(b'<', rest.as_bytes()).unwrap_or(rest.len()));
        if excluded.is_none() {
            out.push_str(&html_escape::decode_html_entities(text).replace('\n', " "));
        }
        let Some(tag_text) = tag.strip_prefix('<') else { break };
        if let Some(comment) = tag_text.strip_prefix("!--") {
            rest = comment.find("-->").map_or("", |end| &comment[end + 3..]);
            continue;
        }
        let is_closing = tag_text.starts_with('/');
        let after_slash = tag_text.trim_start_matches('/');
        let name: String = after_slash
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_lowercase())
            .collect();
        if name.is_empty() && !tag_text.starts_with(['!', '?']) {
            // A lone sign.
            if excluded.is_none() {
                out.push('<');
            }
            rest = tag_text;
            continue;
        }
        let end = tag_end(tag_text);
        rest = tag_text.get(end + 1..).unwrap_or_default();
        if excluded.is_none() && BLOCK_ELEMENTS.contains(&name.as_str()) {
            end_line(out);
        }
        match &mut excluded {
            Some((open, depth)) if *open == name => {
                *depth = if is_closing { *depth - 1 } else { *depth + 1 };
                if *depth == 0 {
                    excluded = None;
                }
            }
            Some(_) => {}
            None if is_closing || VOID_ELEMENTS.contains(&name.as_str()) => {}
            None if INVISIBLE_ELEMENTS.contains(&name.as_str())
                || is_excluded(&tag_text[..end]) =>
            {
                excluded = Some((name, 1))
            }
            None => {}
        }
    }
}

/// Where a tag ends: at the first `>` that is in no attribute's value.
fn tag_end(tag: &str) -> usize {
    let mut quote = None;
    for (at, byte) in tag.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return at,
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    tag.len()
}

fn is_excluded(tag: &str) -> bool {
    tag.contains("data-search")
        && html::attribute_values(tag, "data-search").any(|value| &tag[value] == "off")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_reader_sees_is_searched() {
        assert_eq!(
            search_text("A *border*\nis [open](x.md).\n\n- one\n- two\n"),
            "A border is open.\none\ntwo\n"
        );
        let body = "<p>Fish &amp; <b>chips</b></p>\n<script>no()</script><style>p{}</style>\n\nEnd <!-- not --> here.";
        assert_eq!(
            search_text(body).split_whitespace().collect::<Vec<_>>().join(" "),
            "Fish & chips End here."
        );
    }

    #[test]
    fn what_is_off_is_left_out_with_all_that_is_in_it() {
        let body = "One\n\n<div data-search=\"off\">two <div>three</div> four</div>\n\nfive <b data-search='off'>six</b> seven";
        let text = search_text(body);
        assert_eq!(text.split_whitespace().collect::<Vec<_>>(), ["One", "five", "seven"]);
    }

    #[test]
    fn broken_markup_ends() {
        for body in ["<", "<div", "a < b <3", "<!-- open", "<script>open", "<p title=\"a>b", "<//>"]
        {
            search_text(body);
        }
        assert!(search_text("a < b").contains("a < b"));
        assert_eq!(search_text("<p title='1 > 0'>text</p>").trim(), "text");
    }
}

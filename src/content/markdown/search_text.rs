//! The searchable text of a body: what a reader sees of it, one line per block.

use pulldown_cmark::{Event, Parser, TagEnd, html as writer};

use super::parser::parser_options;
use crate::content::html::{self, Tag, Token};

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
/// Elements whose text is invisible.
const INVISIBLE_ELEMENTS: [&str; 6] =
    ["script", "style", "template", "noscript", "title", "iframe"];
/// Elements without an end tag.
const VOID_ELEMENTS: [&str; 14] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
    "track", "wbr",
];

/// Returns the searchable text of a body, without elements that have `data-search="off"`.
pub(crate) fn search_text(body: &str) -> String {
    let mut out = String::with_capacity(body.len());
    if memchr::memchr(b'<', body.as_bytes()).is_some() {
        let mut markup = String::with_capacity(body.len() + body.len() / 8);
        writer::push_html(&mut markup, Parser::new_ext(body, parser_options()));
        push_html_text(&markup, &mut out);
        return out;
    }
    for event in Parser::new_ext(body, parser_options()) {
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

/// Adds the text of HTML that a reader sees.
fn push_html_text(markup: &str, out: &mut String) {
    // The excluded element, and the number of open elements with its name inside it.
    let mut excluded: Option<(String, usize)> = None;
    html::tokenize(markup, |token| match token {
        Token::Text(text) => {
            if excluded.is_none() {
                out.push_str(&text.replace('\n', " "));
            }
        }
        Token::StartTag(tag) => {
            let is_void = VOID_ELEMENTS.contains(&tag.name);
            match &mut excluded {
                Some((open, depth)) if open == tag.name => *depth += 1,
                Some(_) => {}
                None => {
                    start_line(tag, out);
                    if !is_void && is_excluded(tag) {
                        excluded = Some((tag.name.to_owned(), 1));
                    }
                }
            }
        }
        Token::EndTag(tag) => match &mut excluded {
            Some((open, depth)) if open == tag.name => {
                *depth -= 1;
                if *depth == 0 {
                    excluded = None;
                }
            }
            Some(_) => {}
            None => start_line(tag, out),
        },
    });
}

/// Ends the line before and after an element that is a block.
fn start_line(tag: &Tag<'_>, out: &mut String) {
    if BLOCK_ELEMENTS.contains(&tag.name) {
        end_line(out);
    }
}

/// Returns true if an element's text is invisible to readers or excluded from search.
fn is_excluded(tag: &Tag<'_>) -> bool {
    INVISIBLE_ELEMENTS.contains(&tag.name)
        || tag.attribute("data-search").is_some_and(|attribute| attribute.value == "off")
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
        let body = "<p>Fish &amp; <b>chips</b></p>\n<script>no()</script><style>p{}</style>\n\n\
                    End <!-- not --> here.";
        assert_eq!(
            search_text(body).split_whitespace().collect::<Vec<_>>().join(" "),
            "Fish & chips End here."
        );
    }

    #[test]
    fn what_is_off_is_left_out_with_all_that_is_in_it() {
        let body = "One\n\n<div data-search=\"off\">two <div>three</div> four</div>\n\n\
                    five <b data-search='off'>six</b> seven";
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

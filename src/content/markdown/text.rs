//! The text of a body without its markup: what a reader sees of it, and how many words it has. Text
//! in raw HTML counts like other text, except in elements that browsers don't show.

use pulldown_cmark::{Event, Parser, TagEnd};

use super::parser::parser_options;
use super::words::count_words;
use crate::content::html::{self, Tag, Token};

/// Elements whose text is invisible.
const INVISIBLE_ELEMENTS: [&str; 5] = ["script", "style", "template", "title", "iframe"];
/// Elements without an end tag.
const VOID_ELEMENTS: [&str; 14] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
    "track", "wbr",
];

/// The text of a body to read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum TextScope {
    /// All text that a reader sees.
    Visible,
    /// Without elements that have `data-search="off"`.
    Searchable,
}

/// Returns the text of a body, one line per block.
pub(crate) fn to_plain_text(body: &str) -> String {
    let mut text = read_text(body, TextScope::Visible);
    text.truncate(text.trim_end().len());
    text
}

/// Returns the searchable text of a body, one line per block.
pub(crate) fn search_text(body: &str) -> String {
    read_text(body, TextScope::Searchable)
}

/// Counts the words of a body, including captions and tables.
pub(crate) fn body_word_count(body: &str) -> u32 {
    let mut counter = WordCounter::default();
    let mut block = String::new();
    for event in Parser::new_ext(body, parser_options()) {
        match event {
            Event::Text(text) | Event::Code(text) => counter.add_text(&text),
            Event::Html(line) => block.push_str(&line),
            Event::End(TagEnd::HtmlBlock) => counter.add_html(&std::mem::take(&mut block)),
            Event::InlineHtml(tag) => counter.add_html(&tag),
            _ => {}
        }
    }
    u32::try_from(counter.words).unwrap_or(u32::MAX)
}

/// Counts the words of the visible texts of a body. A word that markup divides is counted by its
/// parts.
#[derive(Default)]
pub(super) struct WordCounter {
    pub(super) words: usize,
    hidden: HiddenElements,
}

impl WordCounter {
    /// Adds a text without markup.
    pub(super) fn add_text(&mut self, text: &str) {
        if !self.hidden.is_inside() {
            self.words += count_words(text);
        }
    }

    /// Adds the next token of raw HTML.
    pub(super) fn add_token(&mut self, token: Token<'_>) {
        match token {
            Token::Text(text) => self.add_text(text),
            Token::StartTag(tag) => self.hidden.start_tag(tag, TextScope::Visible),
            Token::EndTag(tag) => self.hidden.end_tag(tag),
        }
    }

    fn add_html(&mut self, html: &str) {
        html::tokenize(html, |token| self.add_token(token));
    }
}

/// Tracks the open element whose text isn't read. Markdown between two pieces of raw HTML may be
/// inside it.
#[derive(Default)]
struct HiddenElements {
    /// The name of the outermost one, and the number of open elements with this name in it.
    open: Option<(String, usize)>,
}

impl HiddenElements {
    fn is_inside(&self) -> bool {
        self.open.is_some()
    }

    fn start_tag(&mut self, tag: &Tag<'_>, scope: TextScope) {
        match &mut self.open {
            Some((open, depth)) if open == tag.name => *depth += 1,
            Some(_) => {}
            None if !VOID_ELEMENTS.contains(&tag.name) && is_hidden(tag, scope) => {
                self.open = Some((tag.name.to_owned(), 1));
            }
            None => {}
        }
    }

    fn end_tag(&mut self, tag: &Tag<'_>) {
        if let Some((open, depth)) = &mut self.open
            && open == tag.name
        {
            *depth -= 1;
            if *depth == 0 {
                self.open = None;
            }
        }
    }
}

/// Returns true if an element's text isn't read.
fn is_hidden(tag: &Tag<'_>, scope: TextScope) -> bool {
    let is_off = || tag.attribute("data-search").is_some_and(|attribute| attribute.value == "off");
    INVISIBLE_ELEMENTS.contains(&tag.name) || scope == TextScope::Searchable && is_off()
}

fn read_text(body: &str, scope: TextScope) -> String {
    let mut reader = TextReader {
        out: String::with_capacity(body.len()),
        scope,
        hidden: HiddenElements::default(),
    };
    let mut block = String::new();
    for event in Parser::new_ext(body, parser_options()) {
        match event {
            Event::Text(text) | Event::Code(text) => reader.push(&text),
            Event::SoftBreak => reader.push(" "),
            Event::Html(line) => block.push_str(&line),
            Event::End(TagEnd::HtmlBlock) => {
                reader.push_html(&std::mem::take(&mut block));
                reader.end_line();
            }
            Event::InlineHtml(tag) => reader.push_html(&tag),
            Event::End(
                TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link,
            ) => {}
            Event::HardBreak | Event::Rule | Event::End(_) => reader.end_line(),
            _ => {}
        }
    }
    reader.out
}

struct TextReader {
    out: String,
    scope: TextScope,
    hidden: HiddenElements,
}

impl TextReader {
    fn push(&mut self, text: &str) {
        if !self.hidden.is_inside() {
            self.out.push_str(text);
        }
    }

    fn end_line(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with('\n') {
            self.out.push('\n');
        }
    }

    /// Adds the text of HTML. White space is collapsed, as browsers do.
    fn push_html(&mut self, html: &str) {
        html::tokenize(html, |token| match token {
            Token::Text(text) if self.hidden.is_inside() || text.is_empty() => {}
            Token::Text(text) => {
                let is_at_space = |out: &str| out.is_empty() || out.ends_with([' ', '\n']);
                for word in text.split_inclusive(char::is_whitespace) {
                    let trimmed = word.trim_end();
                    self.out.push_str(trimmed);
                    if trimmed.len() < word.len() && !is_at_space(&self.out) {
                        self.out.push(' ');
                    }
                }
            }
            Token::StartTag(tag) => {
                if !self.hidden.is_inside() {
                    self.start_line(tag);
                }
                self.hidden.start_tag(tag, self.scope);
            }
            Token::EndTag(tag) => {
                if !self.hidden.is_inside() {
                    self.start_line(tag);
                }
                self.hidden.end_tag(tag);
            }
        });
    }

    /// Ends the line before and after an element that is a block.
    fn start_line(&mut self, tag: &Tag<'_>) {
        if tag.name == "br" || html::is_block_element(tag.name) {
            self.out.truncate(self.out.trim_end_matches(' ').len());
            self.end_line();
        }
    }
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
        assert_eq!(to_plain_text(body), "One\ntwo\nthree\nfour\nfive six seven");
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

    /// Each body with its text and the number of its words.
    #[test]
    fn text_of_html_is_text() {
        for (body, text, words) in [
            (
                "<p>The harbor\nis  shut.</p>\n<p>Nine ships wait.</p>",
                "The harbor is shut.\nNine ships wait.",
                7,
            ),
            (
                "<div class=\"entry\">\n\nPlain *text*.\n\n<p>Raw text.</p>\n\n</div>",
                "Plain text.\nRaw text.",
                5,
            ),
            ("<table><tr><th>a</th><td>b c</td></tr></table>", "a\nb c", 3),
            ("one <b>two</b> <i title='x y'>three</i><br>four", "one two three\nfour", 4),
            ("<p>caf&eacute; &lt;b&gt;</p>", "café <b>", 2),
            ("> <p>in a\n> quotation</p>", "in a quotation", 3),
            ("<script>let a = 1;</script>\n<style>p { b: c }</style>\n<p>d</p>", "d", 1),
            ("a <script>b c</script> d <style>e</style> f", "a  d  f", 3),
            ("<template>\n\nnot *here*\n\n</template>\n\nhere", "here", 1),
            ("<!-- not\n\nhere --> <p>a</p>\n\nb <!-- c --> d", "a\nb  d", 3),
            ("<iframe src='/x'>old browsers</iframe>\n\na", "a", 1),
            ("`<p>a b</p>`\n\n    <p>c</p>", "<p>a b</p>\n<p>c</p>", 3),
            ("新聞 <p>\n\n<p>新聞</p>", "新聞\n新聞", 4),
            ("", "", 0),
        ] {
            assert_eq!(to_plain_text(body), text, "{body}");
            assert_eq!(body_word_count(body), words, "{body}");
        }
    }
}

//! Compares what a page shows: the tokens of two texts in HTML, and their words.

use std::collections::HashMap;

use super::difference::{Difference, Part, Rule};
use super::read::is_block;
use crate::config::HtmlPolicy;
use crate::content::html::{self, Tag, Token};
use crate::content::markdown::{self, RenderSettings, UrlResolver};
use crate::content::shortcodes;
use crate::model::Image;
use crate::model::permalink::percent_decode_path;

/// The nesting depth that a site allows unless its settings say otherwise.
const MAX_NESTING: usize = 100;

/// Keeps every URL.
struct SameUrls;

impl UrlResolver for SameUrls {
    fn resolve_image(&self, url: &str) -> Option<Image> {
        Some(Image { src: url.to_owned(), ..Image::default() })
    }

    fn resolve_link(&self, url: &str) -> Option<String> {
        Some(url.to_owned())
    }
}

/// Renders a body as a site with default settings does; `None` if it is nested too deep.
pub(super) fn render(body: &str) -> Option<String> {
    render_with(body, HtmlPolicy::Sanitized)
}

/// Renders Markdown of another system with all its HTML; `None` if it is nested too deep.
pub(crate) fn render_trusted(body: &str) -> Option<String> {
    render_with(body, HtmlPolicy::Trusted)
}

fn render_with(body: &str, html: HtmlPolicy) -> Option<String> {
    let settings = RenderSettings {
        html,
        smart_punctuation: false,
        nesting: MAX_NESTING,
        dateline: None,
        table_label: "",
        alerts: [""; 5],
    };
    let expanded = shortcodes::expand(body);
    markdown::render(&expanded.body, &settings, &SameUrls).ok().map(|rendered| rendered.html)
}

/// A token of what a page shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// Characters without white space.
    Text(String),
    /// The end of a block after text or an image.
    Gap,
    /// The URL of a link, decoded.
    Link(String),
    /// The URL of an image, decoded, and its alternative text.
    Image(String, String),
    /// The start of an element with a meaning.
    Start(&'static str),
}

/// Elements that a page shows in another way than text.
const STRUCTURE: [(&str, &str); 29] = [
    ("aside", "aside"),
    ("b", "strong"),
    ("blockquote", "blockquote"),
    ("code", "code"),
    ("dd", "dd"),
    ("del", "del"),
    ("details", "details"),
    ("dl", "dl"),
    ("dt", "dt"),
    ("em", "em"),
    ("h1", "heading"),
    ("h2", "heading"),
    ("h3", "heading"),
    ("h4", "heading"),
    ("h5", "heading"),
    ("h6", "heading"),
    ("hr", "hr"),
    ("i", "em"),
    ("li", "li"),
    ("ol", "ol"),
    ("pre", "pre"),
    ("strong", "strong"),
    ("sub", "sub"),
    ("sup", "sup"),
    ("table", "table"),
    ("td", "td"),
    ("th", "th"),
    ("tr", "tr"),
    ("ul", "ul"),
];

/// Reads the tokens that a page shows.
pub(super) fn shown(source: &str) -> Vec<Shown> {
    let mut reader = ShownReader { tokens: Vec::new(), joins: Joins::No };
    html::tokenize(source, |token| match token {
        Token::Text(text) => reader.text(text),
        Token::StartTag(tag) => reader.start(tag),
        Token::EndTag(tag) if is_block(tag.name) => reader.gap(),
        Token::EndTag(_) => {}
    });
    if reader.tokens.last() == Some(&Shown::Gap) {
        reader.tokens.pop();
    }
    reader.tokens
}

struct ShownReader {
    tokens: Vec<Shown>,
    joins: Joins,
}

/// The relation of the next characters to the text before them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Joins {
    Yes,
    No,
}

impl ShownReader {
    fn text(&mut self, text: &str) {
        for (index, word) in text.split(char::is_whitespace).enumerate() {
            if index > 0 {
                self.joins = Joins::No;
            }
            if word.is_empty() {
                continue;
            }
            match self.tokens.last_mut() {
                Some(Shown::Text(before)) if self.joins == Joins::Yes => before.push_str(word),
                _ => self.tokens.push(Shown::Text(word.to_owned())),
            }
            self.joins = Joins::Yes;
        }
    }

    fn gap(&mut self) {
        self.joins = Joins::No;
        if matches!(self.tokens.last(), Some(Shown::Text(_) | Shown::Image(..))) {
            self.tokens.push(Shown::Gap);
        }
    }

    fn start(&mut self, tag: &Tag<'_>) {
        if is_block(tag.name) || tag.name == "br" {
            self.gap();
        }
        if let Ok(at) = STRUCTURE.binary_search_by_key(&tag.name, |(name, _)| name) {
            self.tokens.push(Shown::Start(STRUCTURE[at].1));
        }
        let decoded = |name: &str| {
            let value = tag.attribute(name).map(|attribute| attribute.value.into_owned());
            percent_decode_path(value.unwrap_or_default().trim()).into_owned()
        };
        match tag.name {
            "a" if tag.attribute("href").is_some() => {
                self.tokens.push(Shown::Link(decoded("href")));
            }
            "img" => {
                let alt = tag.attribute("alt").map_or(String::new(), |alt| alt.value.into_owned());
                self.tokens.push(Shown::Image(decoded("src"), alt));
            }
            _ => {}
        }
    }
}

/// The numbers of the words of a text.
type WordCounts = HashMap<String, i64>;

/// Calls a function for each word: each longest run of letters or digits.
fn for_each_word(text: &str, mut count: impl FnMut(&str)) {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).for_each(&mut count);
}

/// Returns true if the tags of an element separate words. Outside tables, a parser ignores those of
/// their parts.
fn is_separator(name: &str, open_tables: usize) -> bool {
    let is_part = matches!(name, "caption" | "tbody" | "td" | "tfoot" | "th" | "thead" | "tr");
    is_block(name) && (open_tables > 0 || !is_part)
}

/// Returns the words of HTML in order. Text in inline elements continues the word before it.
pub(crate) fn html_words(source: &str) -> Vec<String> {
    let mut words = Vec::new();
    for_each_word(&html_text(source), |word| words.push(word.to_owned()));
    words
}

/// Returns the text of HTML, with line breaks between blocks.
pub(crate) fn html_text(source: &str) -> String {
    let mut text = String::with_capacity(source.len() / 2);
    let mut raw_text = None;
    let mut open_tables = 0_usize;
    html::tokenize(source, |token| match token {
        Token::Text(part) => {
            if raw_text.is_none() {
                text.push_str(part);
            }
        }
        Token::StartTag(tag) => {
            open_tables += usize::from(tag.name == "table");
            if is_separator(tag.name, open_tables) || tag.name == "br" {
                text.push('\n');
            }
            let is_raw = matches!(tag.name, "iframe" | "script" | "style" | "template");
            if is_raw && raw_text.is_none() {
                raw_text = Some(tag.name.to_owned());
            }
        }
        Token::EndTag(tag) => {
            if raw_text.as_deref() == Some(tag.name) {
                raw_text = None;
            }
            if is_separator(tag.name, open_tables) {
                text.push('\n');
            }
            open_tables = open_tables.saturating_sub(usize::from(tag.name == "table"));
        }
    });
    text
}

/// Returns a difference for the words that neither the differences so far nor the result explain.
pub(super) fn unexplained(
    before: &[String],
    after: &[String],
    differences: &[Difference],
) -> Option<Difference> {
    let of_text = || differences.iter().filter(|difference| difference.part == Part::Text);
    if before == after && of_text().next().is_none() {
        return None;
    }
    let mut missing = WordCounts::new();
    let mut add = |word: &str, count: i64| {
        *missing.entry(word.to_owned()).or_default() += count;
    };
    before.iter().for_each(|word| add(word, 1));
    after.iter().for_each(|word| add(word, -1));
    for difference in of_text() {
        for_each_word(&difference.removed, |word| add(word, -1));
        for_each_word(&difference.added, |word| add(word, 1));
    }
    let mut list = |words: &[String], direction: i64| {
        let mut listed: Vec<&str> = Vec::new();
        for word in words {
            let count = missing.get_mut(word.as_str()).filter(|count| **count * direction > 0);
            if let Some(count) = count {
                *count -= direction;
                listed.push(word);
            }
        }
        listed.join(" ")
    };
    let (removed, added) = (list(before, 1), list(after, -1));
    (!removed.is_empty() || !added.is_empty())
        .then(|| Difference::changed(Rule::Unexplained, Part::Text, &removed, &added))
}

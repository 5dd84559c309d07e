//! Plain text: a file with one article, or with several that are separated by lines of `=` or by
//! form feeds. An article begins with its headline, or with lines such as `HEADLINE: …`.

use std::io::{BufRead, Read as _};

use super::reader::{ItemError, ItemReader};
use super::text_layout::{TextLayout, interface_lines_removed};
use crate::import::dates::{is_date, leading_date};
use crate::import::item::{Item, ItemBody, ItemDate, OmittedText, TextBlock};
use crate::import::names::split_byline;
use crate::import::text::decode;
use crate::model::Fingerprint;

/// The maximum length of an article, in bytes.
const MAX_ARTICLE_BYTES: usize = 16 << 20;
/// The minimum length of a line of `=` that separates articles.
const MIN_SEPARATOR_LENGTH: usize = 10;
/// The maximum length of a headline, in characters. A longer first line is text.
const MAX_HEADLINE_CHARS: usize = 200;
/// The number of lines at the beginning of an article in which a date on its own line is its date.
const DATE_LINES: usize = 6;

/// The field of an article that a label at the beginning of a line sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LabeledField {
    Headline,
    Standfirst,
    Byline,
    Date,
    Section,
    Tags,
    Language,
    Url,
    /// A line about the text, such as its length, that isn't part of it.
    Ignored,
}

const LABELS: [(&str, LabeledField); 21] = [
    ("headline", LabeledField::Headline),
    ("title", LabeledField::Headline),
    ("standfirst", LabeledField::Standfirst),
    ("summary", LabeledField::Standfirst),
    ("deck", LabeledField::Standfirst),
    ("subtitle", LabeledField::Standfirst),
    ("byline", LabeledField::Byline),
    ("author", LabeledField::Byline),
    ("authors", LabeledField::Byline),
    ("date", LabeledField::Date),
    ("published", LabeledField::Date),
    ("section", LabeledField::Section),
    ("category", LabeledField::Section),
    ("tags", LabeledField::Tags),
    ("keywords", LabeledField::Tags),
    ("language", LabeledField::Language),
    ("lang", LabeledField::Language),
    ("url", LabeledField::Url),
    ("link", LabeledField::Url),
    ("length", LabeledField::Ignored),
    ("words", LabeledField::Ignored),
];

/// Reads the articles of a file.
pub(super) struct PlainTextReader<R> {
    input: R,
    /// The name of the file.
    name: String,
    /// The number of lines that were read.
    line: usize,
    /// True once a separator was read: the file has several articles.
    has_separator: bool,
    is_finished: bool,
}

impl<R: BufRead> PlainTextReader<R> {
    /// Creates a reader. `name` is the name of the file, from which ids and dates are made.
    pub(super) fn new(input: R, name: &str) -> Self {
        let name = name.to_owned();
        Self { input, name, line: 0, has_separator: false, is_finished: false }
    }

    /// Reads the bytes up to the next separator or the end.
    fn read_article(&mut self) -> Result<Vec<u8>, ItemError> {
        let (mut bytes, mut line) = (Vec::new(), Vec::new());
        loop {
            line.clear();
            let rest = (MAX_ARTICLE_BYTES + 1).saturating_sub(bytes.len()) as u64;
            let read = self.input.by_ref().take(rest).read_until(b'\n', &mut line);
            if let Err(error) = read {
                self.is_finished = true;
                return Err(self.error(format!("can't read the file: {error}")));
            }
            if bytes.len() + line.len() > MAX_ARTICLE_BYTES {
                self.is_finished = true;
                let message = format!("an article is longer than {MAX_ARTICLE_BYTES} bytes");
                return Err(self.error(message));
            }
            if line.is_empty() {
                self.is_finished = true;
                return Ok(bytes);
            }
            self.line += 1;
            if is_separator(&line) {
                self.has_separator = true;
                return Ok(bytes);
            }
            bytes.extend_from_slice(&line);
        }
    }

    fn error(&self, message: String) -> ItemError {
        ItemError { line: self.line.max(1), message }
    }
}

impl<R: BufRead> ItemReader for PlainTextReader<R> {
    fn next_item(&mut self) -> Option<Result<Item, ItemError>> {
        while !self.is_finished {
            let first_line = self.line + 1;
            let bytes = match self.read_article() {
                Ok(bytes) if bytes.trim_ascii().is_empty() => continue,
                Ok(bytes) => bytes,
                Err(error) => return Some(Err(error)),
            };
            let decoded = decode(&bytes, None);
            let mut item = parse_article(&decoded.text, &self.name, first_line);
            item.warnings.extend(decoded.warnings());
            if self.has_separator {
                let hash =
                    Fingerprint::hash_bytes(format!("{}\n{:?}", item.title, item.date).as_bytes());
                item.id = format!("{}#{:016x}", self.name, hash.0);
            }
            return Some(Ok(item));
        }
        None
    }
}

/// Returns true for a line of `=`, or one that contains only a form feed.
fn is_separator(line: &[u8]) -> bool {
    let is_form_feed = line.contains(&b'\x0c') && line.trim_ascii().is_empty();
    let line = line.trim_ascii();
    let is_rule = line.len() >= MIN_SEPARATOR_LENGTH && line.iter().all(|byte| *byte == b'=');
    is_form_feed || is_rule
}

/// Parses the text of an article.
fn parse_article(text: &str, name: &str, line: usize) -> Item {
    let stem = name.rsplit('/').next().unwrap_or(name);
    let stem = stem.rsplit_once('.').map_or(stem, |(stem, _)| stem);
    let mut item = Item::article(name.to_owned(), line);
    item.date = leading_date(stem).map_or(ItemDate::Missing, ItemDate::Text);
    let mut lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().map(str::trim).collect();
    let has_labels = read_labels(&mut item, &mut lines);
    read_date_line(&mut item, &mut lines);
    interface_lines_removed(&mut lines, &mut item.omitted);
    let layout = TextLayout::parse(&lines);
    let mut paragraphs = layout.into_paragraphs();
    if !has_labels {
        read_headline(&mut item, &mut paragraphs);
    }
    read_standfirst(&mut item, &mut paragraphs);
    read_dateline(&mut item, &mut paragraphs);
    item.body = ItemBody::Text(blocks(paragraphs));
    item
}

/// Reads the labeled lines at the beginning. Returns false if there are none.
fn read_labels(item: &mut Item, lines: &mut Vec<&str>) -> bool {
    let start = lines.iter().position(|line| !line.is_empty()).unwrap_or(0);
    let labeled = lines[start..].iter().map_while(|line| parse_label(line)).collect::<Vec<_>>();
    // One line such as `Summary: …` may be a headline.
    if labeled.len() < 2
        && labeled.first().is_none_or(|(field, ..)| *field != LabeledField::Headline)
    {
        return false;
    }
    for (field, label, value) in &labeled {
        item.omitted.push(OmittedText { rule: "label", text: (*label).to_owned() });
        set_field(item, *field, value);
    }
    lines.drain(..start + labeled.len());
    true
}

/// Splits a line such as `HEADLINE: Border talks` into the field, the label and the value.
fn parse_label<'a>(line: &&'a str) -> Option<(LabeledField, &'a str, &'a str)> {
    let (label, value) = line.split_once(':')?;
    let (_, field) = LABELS.iter().find(|(name, _)| label.eq_ignore_ascii_case(name))?;
    label.starts_with(|c: char| c.is_ascii_uppercase()).then_some((*field, label, value.trim()))
}

/// Sets a field. Values that aren't text of the article are listed as such.
fn set_field(item: &mut Item, field: LabeledField, value: &str) {
    let rule = match field {
        LabeledField::Headline => {
            value.clone_into(&mut item.title);
            return;
        }
        LabeledField::Standfirst => {
            item.standfirst = Some(value.to_owned()).filter(|value| !value.is_empty());
            return;
        }
        LabeledField::Ignored => "length-line",
        _ => "front-matter",
    };
    item.omitted.push(OmittedText { rule, text: value.to_owned() });
    match field {
        LabeledField::Byline => item.authors = split_byline(value),
        LabeledField::Date => item.date = ItemDate::Text(value.to_owned()),
        LabeledField::Section => item.section = Some(value.to_owned()),
        LabeledField::Tags => {
            item.tags = value.split([',', ';']).map(|tag| tag.trim().to_owned()).collect();
        }
        LabeledField::Language => item.lang = Some(value.to_owned()),
        LabeledField::Url => item.urls.push(value.to_owned()),
        LabeledField::Headline | LabeledField::Standfirst | LabeledField::Ignored => {}
    }
}

/// Reads a date on a line of its own near the beginning, if the name of the file has none.
fn read_date_line(item: &mut Item, lines: &mut Vec<&str>) {
    if item.date != ItemDate::Missing {
        return;
    }
    let texts = lines.iter().enumerate().filter(|(_, line)| !line.is_empty()).take(DATE_LINES);
    let found = texts.filter_map(|(index, line)| Some((index, parse_date_line(line)?))).next();
    if let Some((index, date)) = found {
        item.omitted.push(OmittedText { rule: "front-matter", text: lines[index].to_owned() });
        item.date = ItemDate::Text(date);
        lines.remove(index);
    }
}

/// Returns the date of a line that contains nothing else but a word such as `Published:`.
fn parse_date_line(line: &str) -> Option<String> {
    let date = ["Published on", "Published", "Posted on", "Posted", "Date"]
        .iter()
        .find_map(|label| line.strip_prefix(label))
        .map_or(line, |rest| rest.trim_start_matches(':').trim());
    is_date(date).then(|| date.to_owned())
}

/// Takes the first paragraph as the headline, unless it is text.
fn read_headline(item: &mut Item, paragraphs: &mut Vec<String>) {
    let is_headline = |line: &String| {
        line.chars().count() <= MAX_HEADLINE_CHARS && !line.ends_with(['.', '。', '۔', '।'])
    };
    if paragraphs.len() > 1 && paragraphs.first().is_some_and(is_headline) {
        item.title = paragraphs.remove(0);
    }
}

/// Takes the first paragraph as the standfirst, if the second one shows that it is one: the text
/// itself begins there, with its dateline or by repeating the beginning of the first paragraph.
fn read_standfirst(item: &mut Item, paragraphs: &mut Vec<String>) {
    let [first, second, ..] = &paragraphs[..] else { return };
    let repeats = || {
        let start: String = first.chars().take(40).collect();
        start.chars().count() == 40 && second.starts_with(&start)
    };
    let is_standfirst =
        split_dateline(first).is_none() && (split_dateline(second).is_some() || repeats());
    if item.standfirst.is_none() && is_standfirst {
        item.standfirst = Some(paragraphs.remove(0));
    }
}

/// Takes the location at the beginning of the text, such as `ISLAMABAD:`, as the dateline.
fn read_dateline(item: &mut Item, paragraphs: &mut [String]) {
    let Some(first) = paragraphs.first_mut() else { return };
    let Some((location, rest)) = split_dateline(first) else { return };
    let (location, rest) = (location.to_owned(), rest.to_owned());
    item.dateline = Some(location);
    *first = rest;
}

/// Splits a paragraph that begins with a location in capitals and a colon.
fn split_dateline(paragraph: &str) -> Option<(&str, &str)> {
    let (location, rest) = paragraph.split_once(':')?;
    let is_location = location.chars().count() <= 40
        && location.chars().filter(|c| c.is_uppercase()).count() >= 3
        && !location.chars().any(char::is_lowercase)
        && location.chars().all(|c| c.is_alphabetic() || " ,.-'’/".contains(c));
    (is_location && rest.starts_with(' ') && !rest.trim().is_empty())
        .then(|| (location.trim(), rest.trim()))
}

/// Distinguishes cross-headings from paragraphs: a short line without the punctuation of a
/// sentence, between two others.
fn blocks(paragraphs: Vec<String>) -> Vec<TextBlock> {
    let count = paragraphs.len();
    let mut blocks: Vec<TextBlock> = Vec::with_capacity(count);
    for (index, text) in paragraphs.into_iter().enumerate() {
        let follows_paragraph = matches!(blocks.last(), Some(TextBlock::Paragraph(_)));
        let is_heading = follows_paragraph && index + 1 < count && is_cross_heading(&text);
        blocks.push(if is_heading { TextBlock::Heading(text) } else { TextBlock::Paragraph(text) });
    }
    blocks
}

fn is_cross_heading(line: &str) -> bool {
    let is_sentence = line.ends_with(['.', '!', ':', ';', ',', '"', '”', '»', '۔', '।', '。']);
    let first = line.chars().next();
    !is_sentence
        && line.chars().count() <= 80
        && first.is_some_and(|c| c.is_alphanumeric() && !c.is_lowercase())
}

//! Movable Type's export format, also of TypePad and other systems: text with labeled lines and
//! sections (Movable Type, "Import and export format").

use std::io::{BufRead, Read as _};
use std::mem;

use super::reader::{ItemError, ItemReader};
use crate::content::plain_text::to_plain_text;
use crate::import::body::html_to_text;
use crate::import::item::{Item, ItemBody, ItemDate, ItemKind};
use crate::import::text::{decode, markdown_to_html};
use crate::model::Fingerprint;

/// The line that ends an entry.
const END_OF_ENTRY: &str = "--------";
/// The line that ends a section.
const END_OF_SECTION: &str = "-----";
/// The labels of sections with several lines.
const SECTIONS: [&str; 6] =
    ["BODY:", "EXTENDED BODY:", "EXCERPT:", "KEYWORDS:", "COMMENT:", "PING:"];
/// The maximum length of an entry with its comments, in bytes.
const MAX_ENTRY_BYTES: usize = 64 << 20;

/// Reads the entries of an export, and their comments as records of their own.
pub(super) struct MovableTypeReader<R> {
    input: R,
    line: usize,
    /// The comments of the last entry.
    comments: Vec<Item>,
    /// The error about the last entry, which is returned after it.
    truncated: Option<ItemError>,
    is_finished: bool,
}

impl<R: BufRead> MovableTypeReader<R> {
    /// Creates a reader.
    pub(super) fn new(input: R) -> Self {
        Self { input, line: 0, comments: Vec::new(), truncated: None, is_finished: false }
    }

    /// Reads the bytes up to the end of the next entry.
    fn read_entry(&mut self) -> Result<Vec<u8>, ItemError> {
        let (mut bytes, mut line) = (Vec::new(), Vec::new());
        loop {
            line.clear();
            let rest = (MAX_ENTRY_BYTES + 1).saturating_sub(bytes.len()) as u64;
            let read = self.input.by_ref().take(rest).read_until(b'\n', &mut line);
            let too_long = bytes.len() + line.len() > MAX_ENTRY_BYTES;
            let message = match read {
                Err(error) => Some(format!("can't read the file: {error}")),
                Ok(_) if too_long => {
                    Some(format!("an entry is longer than {MAX_ENTRY_BYTES} bytes"))
                }
                Ok(_) => None,
            };
            if let Some(message) = message {
                self.is_finished = true;
                return Err(ItemError { line: self.line.max(1), message });
            }
            self.line += 1;
            self.is_finished = line.is_empty();
            if line.is_empty() || line.trim_ascii_end() == END_OF_ENTRY.as_bytes() {
                return Ok(bytes);
            }
            bytes.extend_from_slice(&line);
        }
    }
}

impl<R: BufRead> ItemReader for MovableTypeReader<R> {
    fn next_item(&mut self) -> Option<Result<Item, ItemError>> {
        if let Some(comment) = self.comments.pop() {
            return Some(Ok(comment));
        }
        if let Some(error) = self.truncated.take() {
            return Some(Err(error));
        }
        while !self.is_finished {
            let line = self.line + 1;
            let bytes = match self.read_entry() {
                Ok(bytes) if bytes.trim_ascii().is_empty() => continue,
                Ok(bytes) => bytes,
                Err(error) => return Some(Err(error)),
            };
            if self.is_finished && !ends_section(&bytes) {
                let message = "the file ends within this entry: it is incomplete, and entries may \
                               be missing after it";
                self.truncated = Some(ItemError { line, message: message.to_owned() });
            }
            let decoded = decode(&bytes, None);
            let mut entry = MovableTypeEntry::parse(&decoded.text, line);
            entry.item.warnings.extend(decoded.warnings());
            let (item, mut comments) = entry.finish();
            comments.reverse();
            self.comments = comments;
            return Some(Ok(item));
        }
        None
    }
}

/// Returns true if the last line of an entry ends a section.
fn ends_section(entry: &[u8]) -> bool {
    let last = entry.trim_ascii_end().rsplit(|byte| *byte == b'\n').next();
    last.is_some_and(|line| line.trim_ascii() == END_OF_SECTION.as_bytes())
}

/// An entry while it is read.
struct MovableTypeEntry {
    item: Item,
    body: String,
    convert_breaks: String,
    categories: Vec<String>,
    comments: usize,
}

impl MovableTypeEntry {
    fn parse(text: &str, line: usize) -> Self {
        let mut entry = Self {
            item: Item::article(String::new(), line),
            body: String::new(),
            convert_breaks: String::new(),
            categories: Vec::new(),
            comments: 0,
        };
        let lines: Vec<&str> = text.lines().collect();
        let mut start = 0;
        while start < lines.len() {
            let end = section_end(&lines, start);
            entry.read_section(&lines[start..end]);
            start = end + 1;
        }
        entry
    }

    fn read_section(&mut self, lines: &[&str]) {
        let Some((label, text)) = lines.split_first() else { return };
        let text = || text.join("\n").trim().to_owned();
        match label.trim_end() {
            "BODY:" | "EXTENDED BODY:" => {
                let text = text();
                if !self.body.is_empty() && !text.is_empty() {
                    self.body.push_str("\n\n");
                }
                self.body.push_str(&text);
            }
            "EXCERPT:" => {
                let excerpt = html_to_text(&text());
                self.item.standfirst = Some(excerpt).filter(|excerpt| !excerpt.is_empty());
            }
            "KEYWORDS:" => self.item.tags.extend(split_tags(&text())),
            "COMMENT:" | "PING:" => self.comments += 1,
            _ => lines.iter().for_each(|line| self.read_field(line)),
        }
    }

    fn read_field(&mut self, line: &str) {
        let Some((label, value)) = line.split_once(':') else { return };
        let value = value.trim();
        if value.is_empty() {
            return;
        }
        match label.trim() {
            "AUTHOR" => self.item.authors = vec![to_plain_text(value)],
            "TITLE" => self.item.title = html_to_text(value),
            "BASENAME" => self.item.slug = Some(value.to_owned()),
            "STATUS" => self.item.status = value.to_lowercase(),
            "CONVERT BREAKS" => self.convert_breaks = value.to_lowercase(),
            "PRIMARY CATEGORY" => self.item.section = Some(value.to_owned()),
            "CATEGORY" => self.categories.push(value.to_owned()),
            "TAGS" => self.item.tags.extend(split_tags(value)),
            "UNIQUE URL" => self.item.urls.push(value.to_owned()),
            "DATE" => {
                let date = iso_date(value).unwrap_or_else(|| value.to_owned());
                self.item.date = ItemDate::Text(date);
            }
            _ => {}
        }
    }

    /// Returns the entry and its comments.
    fn finish(mut self) -> (Item, Vec<Item>) {
        let item = &mut self.item;
        let content = format!("{}\n{:?}", item.title, item.date);
        let name = item.slug.clone().unwrap_or_default();
        item.id = format!("{name}#{:016x}", Fingerprint::hash_bytes(content.as_bytes()).0);
        let mut categories = self.categories.into_iter();
        if item.section.is_none() {
            item.section = categories.next();
        }
        let section = item.section.clone();
        item.tags.extend(categories.filter(|name| Some(name) != section.as_ref()));
        let body = mem::take(&mut self.body);
        let has_lines =
            ["__default__", "1", "convert_breaks"].contains(&self.convert_breaks.as_str());
        item.body = ItemBody::Html(match self.convert_breaks.as_str() {
            breaks if breaks.starts_with("markdown") => markdown_to_html(&body).unwrap_or(body),
            _ if has_lines && !body.contains("\n\n") && !body.contains('<') => {
                body.replace('\n', "<br>\n")
            }
            _ => body,
        });
        let comments = (1..=self.comments).map(|number| {
            let mut comment = Item::article(format!("{}-comment-{number}", item.id), item.line);
            comment.kind = ItemKind::Comment;
            comment
        });
        let comments = comments.collect();
        (self.item, comments)
    }
}

/// Returns the end of the section that begins at a line. A line of hyphens in a text doesn't end
/// it: the label of another section must follow, or nothing.
fn section_end(lines: &[&str], start: usize) -> usize {
    let is_end = |at: usize| {
        let following = lines[at + 1..].iter().find(|line| !line.trim().is_empty());
        lines[at].trim_end() == END_OF_SECTION
            && following.is_none_or(|line| {
                SECTIONS.contains(&line.trim_end()) || line.trim_end() == END_OF_SECTION
            })
    };
    (start..lines.len()).find(|at| is_end(*at)).unwrap_or(lines.len())
}

/// Splits a list of tags, of which some may be in quotation marks.
fn split_tags(text: &str) -> Vec<String> {
    let mut tags = vec![String::new()];
    let mut is_quoted = false;
    for c in text.chars() {
        match c {
            '"' => is_quoted = !is_quoted,
            ',' | ';' | '\n' if !is_quoted => tags.push(String::new()),
            c => tags.last_mut().into_iter().for_each(|tag| tag.push(c)),
        }
    }
    tags.iter().map(|tag| tag.trim().to_owned()).filter(|tag| !tag.is_empty()).collect()
}

/// Converts a date in the form of the format, `11/05/2024 02:30:00 PM`: always month before day.
fn iso_date(text: &str) -> Option<String> {
    let mut parts = text.split_whitespace();
    let date: Vec<u32> = parts.next()?.split('/').map_while(|part| part.parse().ok()).collect();
    let time: Vec<u32> = parts.next()?.split(':').map_while(|part| part.parse().ok()).collect();
    let ([month, day, year], [hour, minute, second]) = (&date[..], &time[..]) else { return None };
    let hour = match parts.next() {
        Some("PM") if *hour < 12 => hour + 12,
        Some("AM") if *hour == 12 => 0,
        _ => *hour,
    };
    Some(format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXPORT: &str = "AUTHOR: A. Reporter\nTITLE: Ports &amp; quays\nBASENAME: quays\n\
        STATUS: Publish\nCONVERT BREAKS: 0\nPRIMARY CATEGORY: World\nCATEGORY: World\n\
        CATEGORY: Trade\nTAGS: \"quay wall\",port\nDATE: 11/05/2024 12:30:00 AM\n-----\nBODY:\n\
        <p>One.</p>\n-----\nstill text\n-----\nEXTENDED BODY:\n<p>Two.</p>\n-----\nEXCERPT:\n\
        In <b>short</b>.\n-----\nKEYWORDS:\n\n-----\nCOMMENT:\nAUTHOR: C\nText.\n-----\n--------\n\
        TITLE: Second\nSTATUS: Draft\nDATE: 11/05/2024 01:30:00 PM\n-----\nBODY:\na\nb\n-----\n";

    #[test]
    fn entries_have_their_fields_and_comments() {
        let mut reader = MovableTypeReader::new(EXPORT.as_bytes());
        let items: Vec<Item> = std::iter::from_fn(|| reader.next_item())
            .map(|item| item.expect("it is valid"))
            .collect();
        let kinds: Vec<ItemKind> = items.iter().map(|item| item.kind).collect();
        assert_eq!(kinds, [ItemKind::Article, ItemKind::Comment, ItemKind::Article]);
        let first = &items[0];
        assert_eq!(first.title, "Ports & quays");
        assert_eq!(first.date, ItemDate::Text("2024-11-05 00:30:00".to_owned()));
        assert_eq!(first.section.as_deref(), Some("World"));
        assert_eq!(first.tags, ["quay wall", "port", "Trade"]);
        assert_eq!(first.standfirst.as_deref(), Some("In short."));
        let body = "<p>One.</p>\n-----\nstill text\n\n<p>Two.</p>";
        assert_eq!(first.body, ItemBody::Html(body.to_owned()));
        assert_eq!(items[2].date, ItemDate::Text("2024-11-05 13:30:00".to_owned()));
        assert_eq!((items[2].status.as_str(), items[2].line), ("draft", 31));
        let end = EXPORT.rfind("b\n-----").expect("it has a text");
        let mut reader = MovableTypeReader::new(&EXPORT.as_bytes()[..end]);
        let last = std::iter::from_fn(|| reader.next_item()).last();
        assert!(last.is_some_and(|last| last.is_err_and(|error| error.line == 31)));
    }
}

//! JSON Feed, versions 1 and 1.1 (jsonfeed.org).

use std::io::BufRead;

use serde::Deserialize;
use serde_json::Value;

use super::json_lists::JsonLists;
use super::reader::{ItemError, ItemReader};
use crate::content::html::escape;
use crate::content::plain_text::to_plain_text;
use crate::import::item::{Item, ItemBody, ItemDate, ItemImage};
use crate::import::names::split_byline;

#[derive(Debug, Deserialize)]
struct Author {
    name: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Attachment {
    url: Option<String>,
}

#[derive(Debug, Deserialize)]
struct FeedEntry {
    /// A text, or a number in feeds of version 1.
    id: Option<Value>,
    url: Option<String>,
    title: Option<String>,
    content_html: Option<String>,
    content_text: Option<String>,
    summary: Option<String>,
    image: Option<String>,
    banner_image: Option<String>,
    date_published: Option<String>,
    date_modified: Option<String>,
    /// In version 1.
    author: Option<Author>,
    authors: Option<Vec<Author>>,
    tags: Option<Vec<String>>,
    language: Option<String>,
    attachments: Option<Vec<Attachment>>,
}

/// Reads the entries of a feed.
pub(super) struct JsonFeedReader<R> {
    entries: JsonLists<R>,
}

impl<R: BufRead> JsonFeedReader<R> {
    /// Creates a reader.
    pub(super) fn new(input: R) -> Self {
        Self { entries: JsonLists::new(input, &["items"]) }
    }
}

impl<R: BufRead> ItemReader for JsonFeedReader<R> {
    fn next_item(&mut self) -> Option<Result<Item, ItemError>> {
        let element = match self.entries.next_element()? {
            Ok(element) => element,
            Err(error) => return Some(Err(error)),
        };
        Some(element.parse().map(|(entry, warnings)| {
            let mut item = item(entry, element.line);
            item.warnings.extend(warnings);
            item
        }))
    }
}

fn item(entry: FeedEntry, line: usize) -> Item {
    let id = match &entry.id {
        Some(Value::String(id)) => id.clone(),
        Some(Value::Null) | None => entry.url.clone().unwrap_or_default(),
        Some(id) => id.to_string(),
    };
    let mut item = Item::article(id, line);
    item.title = to_plain_text(&entry.title.unwrap_or_default());
    item.urls = entry.url.into_iter().filter(|url| !url.is_empty()).collect();
    let date = entry.date_published.or(entry.date_modified).filter(|date| !date.trim().is_empty());
    item.date = date.map_or(ItemDate::Missing, ItemDate::Text);
    let content = entry.content_html.filter(|html| !html.trim().is_empty()).or_else(|| {
        let text = entry.content_text.filter(|text| !text.trim().is_empty())?;
        let paragraphs = text.split("\n\n").map(|text| format!("<p>{}</p>\n", escape(text.trim())));
        Some(paragraphs.collect())
    });
    let summary = entry.summary.filter(|summary| !summary.trim().is_empty());
    item.body = ItemBody::Html(match (content, summary) {
        (Some(content), summary) => {
            item.standfirst = summary.map(|summary| to_plain_text(&summary));
            content
        }
        (None, Some(summary)) => {
            item.warnings.push("it has only a summary, which is imported as its text".to_owned());
            escape(&summary)
        }
        (None, None) => String::new(),
    });
    let image = entry.image.or(entry.banner_image).filter(|url| !url.trim().is_empty());
    item.image = image.map(|url| ItemImage { url, ..ItemImage::default() });
    let authors = entry.authors.unwrap_or_default().into_iter().chain(entry.author);
    let names = authors.filter_map(|author| author.name);
    item.authors = names.flat_map(|name| split_byline(&to_plain_text(&name))).collect();
    item.authors.dedup();
    let tags = entry.tags.unwrap_or_default();
    let mut tags = tags.iter().map(|tag| to_plain_text(tag)).filter(|tag| !tag.is_empty());
    item.section = tags.next();
    item.tags = tags.collect();
    item.lang = entry.language.filter(|lang| !lang.is_empty());
    for url in entry.attachments.unwrap_or_default().into_iter().filter_map(|file| file.url) {
        item.warnings.push(format!("its enclosure {url} isn't imported: link to it"));
    }
    item
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_become_records() {
        let json = r#"{"version":"https://jsonfeed.org/version/1.1","items":[
            {"id":"a","url":"https://old.example/a/","title":"A &amp; B","summary":"Short.",
            "content_html":"<p>Text.</p>","image":"https://old.example/q.jpg",
            "date_published":"2014-11-05T10:00:00Z","authors":[{"name":"A. Reporter"}],
            "tags":["World","port"],"language":"ur","attachments":[{"url":"/a.mp3"}]},
            {"id":7,"content_text":"One < two.\n\nThree."}, {"id":[}]}"#;
        let mut reader = JsonFeedReader::new(json.as_bytes());
        let first = reader.next_item().expect("it has records").expect("it is valid");
        assert_eq!((first.title.as_str(), first.standfirst.as_deref()), ("A & B", Some("Short.")));
        assert_eq!(
            (first.section.as_deref(), &first.tags[..]),
            (Some("World"), &["port".into()][..])
        );
        assert_eq!((first.authors.len(), first.warnings.len()), (1, 1));
        let second = reader.next_item().expect("it has records").expect("it is valid");
        assert_eq!(second.id, "7");
        let html = "<p>One &lt; two.</p>\n<p>Three.</p>\n";
        assert_eq!(second.body, ItemBody::Html(html.to_owned()));
        assert!(reader.next_item().is_some_and(|item| item.is_err()));
    }
}

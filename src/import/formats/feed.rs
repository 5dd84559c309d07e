//! Feeds: RSS 0.9 to 2.0, RSS 1.0 (RDF), Atom 0.3 and 1.0 (RFC 4287), and Blogger's exports, which
//! are Atom feeds with several kinds of entries.

use std::io::BufRead;

use super::reader::{ItemError, ItemReader};
use super::xml::{XmlPart, XmlRecords};
use super::xml_tree::XmlElement;
use crate::content::plain_text::to_plain_text;
use crate::import::body::html_to_text;
use crate::import::item::{Item, ItemBody, ItemDate, ItemImage, ItemKind};
use crate::import::names::split_byline;

/// The scheme of the categories in which Blogger writes the kind of an entry.
const BLOGGER_KIND: &str = "http://schemas.google.com/g/2005#kind";
/// The beginning of the terms of these categories.
const BLOGGER_KIND_PREFIX: &str = "http://schemas.google.com/blogger/2008/kind#";

/// Reads the entries of a feed.
pub(super) struct FeedReader<R> {
    records: XmlRecords<R>,
}

impl<R: BufRead> FeedReader<R> {
    pub(super) fn new(input: R) -> Self {
        Self { records: XmlRecords::new(input, &["item", "entry"]) }
    }
}

impl<R: BufRead> ItemReader for FeedReader<R> {
    fn next_item(&mut self) -> Option<Result<Item, ItemError>> {
        loop {
            match self.records.next_part()? {
                Ok(XmlPart::Record(record)) => return Some(Ok(read_entry(&record))),
                Ok(XmlPart::About(_)) => {}
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

fn read_entry(record: &XmlElement) -> Item {
    let link = link(record);
    let guid = first_text(record, &["guid", "id"]);
    let title = record.children_named("title").next().map(plain_text).unwrap_or_default();
    let title = if title.is_empty() { first_text(record, &["dc:title"]) } else { title };
    let id = [&guid, &link, &title].into_iter().find(|id| !id.is_empty());
    let mut item = Item::article(id.cloned().unwrap_or_default(), record.line);
    item.title = to_plain_text(&title);
    item.urls = vec![link];
    if is_permalink(record, &guid) {
        item.urls.push(guid);
    }
    item.urls.retain(|url| !url.is_empty());
    item.urls.dedup();
    let date_names = ["pubDate", "published", "dcterms:created", "dc:date", "issued", "updated"];
    let date = first_text(record, &[&date_names[..], &["dcterms:modified", "modified"]].concat());
    item.date = if date.is_empty() { ItemDate::Missing } else { ItemDate::Text(date) };
    set_body(&mut item, record);
    item.authors = authors(record);
    set_terms(&mut item, record);
    item.lang = record.attribute("xml:lang").map(str::to_owned);
    read_media(&mut item, record);
    item.warnings.extend(record.encoding_warnings());
    item
}

/// Returns the URL of the page: in Atom, that of the alternate version.
fn link(record: &XmlElement) -> String {
    let links = || record.children_named("link");
    let is_alternate = |link: &&XmlElement| {
        let rel = link.attribute("rel").unwrap_or("alternate");
        rel == "alternate" && link.attribute("href").is_some()
    };
    let in_attribute = links().find(is_alternate).and_then(|link| link.attribute("href"));
    match in_attribute {
        Some(url) => url.trim().to_owned(),
        None => record.child_text("link"),
    }
}

/// Returns true if the identifier is the URL of the page, too (RSS 2.0, `guid`).
fn is_permalink(record: &XmlElement, guid: &str) -> bool {
    let declared =
        record.children_named("guid").next().and_then(|guid| guid.attribute("isPermaLink"));
    guid.starts_with("http")
        && declared != Some("false")
        && record.children_named("guid").count() > 0
}

fn first_text(record: &XmlElement, names: &[&str]) -> String {
    names
        .iter()
        .map(|name| record.child_text(name))
        .find(|text| !text.is_empty())
        .unwrap_or_default()
}

/// Returns the text of a construct that may be plain text, HTML or XHTML, as plain text.
fn plain_text(element: &XmlElement) -> String {
    match element.attribute("type") {
        Some("html" | "xhtml" | "text/html") => html_to_text(&html(element)),
        _ => element.text(),
    }
}

/// Returns the content of an element as HTML: RSS and Atom's `html` contain it as text, Atom's
/// `xhtml` as elements, and Atom's `text` is text without markup.
fn html(element: &XmlElement) -> String {
    let has_elements = element.children().next().is_some();
    match (element.attribute("type"), element.attribute("mode")) {
        (Some("text" | "text/plain"), _) => crate::content::html::escape(&element.text()),
        _ if has_elements => element.inner_html(),
        _ => element.text(),
    }
}

/// Sets the body and the standfirst: a summary beside a complete text is a standfirst, and the body
/// of a feed without complete texts.
fn set_body(item: &mut Item, record: &XmlElement) {
    let texts = |names: &[&str]| {
        let elements = names.iter().filter_map(|name| record.children_named(name).next());
        elements.map(html).find(|text| !text.trim().is_empty())
    };
    let complete = texts(&["content:encoded", "content", "xhtml:body", "body"]);
    let summary = texts(&["description", "summary", "dc:description", "itunes:summary"]);
    let (body, standfirst) = match (complete, summary) {
        (Some(complete), summary) => {
            let summary = summary.filter(|summary| *summary != complete);
            (complete, summary)
        }
        (None, Some(summary)) => {
            item.warnings.push("it has only a summary, which is imported as its text".to_owned());
            (summary, None)
        }
        (None, None) => (String::new(), None),
    };
    item.body = ItemBody::Html(body);
    item.standfirst = standfirst.map(|html| html_to_text(&html)).filter(|text| !text.is_empty());
}

/// Reads the main image, unless the body shows it, and reports other files.
fn read_media(item: &mut Item, record: &XmlElement) {
    let groups = record.children_named("media:group").flat_map(XmlElement::children);
    let media = record.children().chain(groups).filter(|child| {
        ["media:content", "media:thumbnail", "enclosure", "link"].contains(&&*child.name)
    });
    for file in media {
        if file.name == "link" && file.attribute("rel") != Some("enclosure") {
            continue;
        }
        let Some(url) = file.attribute("url").or_else(|| file.attribute("href")) else { continue };
        let media_type = file.attribute("type").unwrap_or_default();
        let is_image = media_type.starts_with("image/")
            || file.attribute("medium") == Some("image")
            || file.name == "media:thumbnail"
            || (media_type.is_empty() && has_image_extension(url));
        let is_shown = matches!(&item.body, ItemBody::Html(html) if html.contains(url));
        if !is_image && !is_shown && !url.trim().is_empty() {
            item.warnings.push(format!("its enclosure {url} isn't imported: link to it"));
        }
        if is_image && !is_shown && item.image.is_none() && !url.trim().is_empty() {
            let text = |name: &str| html_to_text(&file.child_text(name));
            let (alt, caption) = (text("media:title"), text("media:description"));
            item.image = Some(ItemImage { url: url.trim().to_owned(), alt, caption });
        }
    }
}

fn has_image_extension(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or(url).to_ascii_lowercase();
    [".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif"].iter().any(|end| path.ends_with(end))
}

fn authors(record: &XmlElement) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for author in record.children_named("author") {
        let name = author.child_text("name");
        let name = if name.is_empty() { author.text() } else { name };
        names.extend(split_byline(&without_email(&to_plain_text(&name))));
    }
    if names.is_empty() {
        for creator in record.children_named("dc:creator") {
            names.extend(split_byline(&to_plain_text(&creator.text())));
        }
    }
    names.dedup();
    names
}

/// Returns the name of an author as RSS 2.0 writes it: `editor@example.org (A. Reporter)`.
fn without_email(author: &str) -> String {
    match author.split_once('(') {
        Some((email, name)) if email.contains('@') => name.trim_end_matches(')').to_owned(),
        _ => author.to_owned(),
    }
}

/// Reads the categories: the first is the section. In Blogger's exports one of them is the kind of
/// the entry.
fn set_terms(item: &mut Item, record: &XmlElement) {
    let mut names = Vec::new();
    let mut is_blogger = false;
    for category in record.children_named("category") {
        let term = category.attribute("term").map(str::to_owned);
        if category.attribute("scheme") == Some(BLOGGER_KIND) {
            is_blogger = true;
            let kind = term.as_deref().and_then(|term| term.strip_prefix(BLOGGER_KIND_PREFIX));
            item.kind = blogger_kind(kind.unwrap_or_default());
            continue;
        }
        let label = category.attribute("label").map(str::to_owned);
        let name = label.or(term).unwrap_or_else(|| category.text());
        names.push(to_plain_text(&name));
    }
    names.extend(record.children_named("dc:subject").map(|subject| to_plain_text(&subject.text())));
    names.retain(|name| !name.is_empty());
    let draft = record.children().find(|child| child.name.ends_with("control"));
    if draft.is_some_and(|control| control.text().trim() == "yes") {
        "draft".clone_into(&mut item.status);
    }
    // Blogger has only labels.
    if !is_blogger && !names.is_empty() {
        item.section = Some(names.remove(0));
    }
    item.tags = names;
}

fn blogger_kind(kind: &str) -> ItemKind {
    match kind {
        "post" => ItemKind::Article,
        "page" => ItemKind::Page,
        "comment" => ItemKind::Comment,
        _ => ItemKind::System,
    }
}

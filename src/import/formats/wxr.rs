//! WordPress' export format, WXR 1.0 to 1.2: RSS 2.0 with WordPress' own elements, as
//! `wp-admin/includes/export.php` of WordPress 6 writes it.

use std::collections::{HashMap, VecDeque};
use std::io::BufRead;

use super::reader::{ItemError, ItemReader};
use super::xml::{XmlPart, XmlRecords};
use super::xml_tree::XmlElement;
use crate::content::plain_text::to_plain_text;
use crate::import::body::html_to_text;
use crate::import::dates::is_zero;
use crate::import::item::{Item, ItemBody, ItemDate, ItemImage, ItemKind};
use crate::model::permalink::percent_decode_path;

/// Types of records of WordPress itself and of common plugins that aren't articles.
const SYSTEM_TYPES: [&str; 12] = [
    "custom_css",
    "customize_changeset",
    "oembed_cache",
    "user_request",
    "wp_block",
    "wp_font_face",
    "wp_font_family",
    "wp_global_styles",
    "wp_navigation",
    "wp_template",
    "wp_template_part",
    "acf-field",
];

/// Reads the records of an export.
pub(super) struct WxrReader<R> {
    records: XmlRecords<R>,
    /// The names of authors by their logins.
    authors: HashMap<String, String>,
    /// The comments of the last record.
    comments: VecDeque<Item>,
}

impl<R: BufRead> WxrReader<R> {
    pub(super) fn new(input: R) -> Self {
        let records = XmlRecords::new(input, &["item"]);
        Self { records, authors: HashMap::new(), comments: VecDeque::new() }
    }

    fn add_author(&mut self, element: &XmlElement) {
        let login = element.child_text("wp:author_login");
        let name = to_plain_text(&element.child_text("wp:author_display_name"));
        if !login.is_empty() && !name.is_empty() {
            self.authors.insert(login, name);
        }
    }

    fn read_item(&mut self, record: &XmlElement) -> Item {
        let post_id = record.child_text("wp:post_id");
        let guid = record.child_text("guid");
        let link = record.child_text("link");
        let id = [&post_id, &guid, &link].into_iter().find(|id| !id.is_empty());
        let mut item = Item::article(id.cloned().unwrap_or_default(), record.line);
        item.title = to_plain_text(&record.child_text("title"));
        item.date = date(record);
        item.slug = Some(percent_decode_path(&record.child_text("wp:post_name")).into_owned());
        item.status = status(record);
        item.urls = vec![link];
        item.urls.retain(|url| !url.is_empty());
        item.other_urls = vec![guid];
        set_kind(&mut item, record);
        self.set_terms(&mut item, record);
        let excerpt = html_to_text(&record.child_text("excerpt:encoded"));
        item.standfirst = Some(excerpt).filter(|text| !text.is_empty());
        // Old exports have the text in `description`.
        let content = record.children_named("content:encoded").next();
        let content = content.or_else(|| record.children_named("description").next());
        item.body = ItemBody::WordPress(content.map(XmlElement::text).unwrap_or_default());
        self.comments.extend(record.children_named("wp:comment").map(comment));
        read_meta(&mut item, record);
        item.warnings.extend(record.encoding_warnings());
        item
    }

    /// Reads the authors, the section and the tags. Plugins for several authors write them as
    /// categories.
    fn set_terms(&self, item: &mut Item, record: &XmlElement) {
        for category in record.children_named("category") {
            let name = to_plain_text(&category.text());
            if name.is_empty() {
                continue;
            }
            match category.attribute("domain") {
                Some("author") => item.authors.push(name),
                None | Some("category") if item.section.is_none() => item.section = Some(name),
                None | Some("category" | "post_tag" | "tag") => item.tags.push(name),
                // Taxonomies of the system: `post_format`, `nav_menu`, `post_translations`.
                Some(_) => {}
            }
        }
        let login = record.child_text("dc:creator");
        if item.authors.is_empty() && !login.is_empty() {
            item.authors.push(self.authors.get(&login).cloned().unwrap_or(login));
        }
    }
}

impl<R: BufRead> ItemReader for WxrReader<R> {
    fn next_item(&mut self) -> Option<Result<Item, ItemError>> {
        if let Some(comment) = self.comments.pop_front() {
            return Some(Ok(comment));
        }
        loop {
            match self.records.next_part()? {
                Ok(XmlPart::Record(record)) => return Some(Ok(self.read_item(&record))),
                Ok(XmlPart::About(element)) if element.name == "wp:author" => {
                    self.add_author(&element);
                }
                Ok(XmlPart::About(_)) => {}
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

fn set_kind(item: &mut Item, record: &XmlElement) {
    let post_type = record.child_text("wp:post_type");
    item.kind = match post_type.as_str() {
        "" | "post" => ItemKind::Article,
        "page" => ItemKind::Page,
        "attachment" => ItemKind::Attachment,
        "revision" => ItemKind::Revision,
        "nav_menu_item" => ItemKind::MenuEntry,
        system if SYSTEM_TYPES.contains(&system) => ItemKind::System,
        custom => {
            // Some plugins keep orders and answers of readers in their own types.
            item.status = format!("custom type {custom}, {}", item.status);
            ItemKind::Article
        }
    };
    if item.kind == ItemKind::Attachment {
        let url = record.child_text("wp:attachment_url");
        item.attachment_url = Some(url).filter(|url| !url.is_empty());
    }
}

/// Reads the main image, which is an attachment, and reports other files.
fn read_meta(item: &mut Item, record: &XmlElement) {
    for meta in record.children_named("wp:postmeta") {
        let value = meta.child_text("wp:meta_value");
        match meta.child_text("wp:meta_key").as_str() {
            _ if value.is_empty() => {}
            "_thumbnail_id" => {
                let url = format!("attachment:{value}");
                item.image = Some(ItemImage { url, ..ItemImage::default() });
            }
            "enclosure" => {
                let url = value.lines().next().unwrap_or_default().trim();
                item.warnings.push(format!("its enclosure {url} isn't imported: link to it"));
            }
            _ => {}
        }
    }
}

/// Returns the status; `password` if readers need one.
fn status(record: &XmlElement) -> String {
    match record.child_text("wp:post_password").is_empty() {
        true => record.child_text("wp:status"),
        false => "password".to_owned(),
    }
}

/// Returns the date: in UTC if the record has it, otherwise in the time zone of the site. Drafts
/// have zeros.
fn date(record: &XmlElement) -> ItemDate {
    let utc = record.child_text("wp:post_date_gmt");
    if !utc.is_empty() && !is_zero(&utc) {
        return ItemDate::Text(format!("{utc} UTC"));
    }
    let local = record.child_text("wp:post_date");
    let published = record.child_text("pubDate");
    let dates = [local, published].into_iter();
    let known = dates.into_iter().find(|date| !date.is_empty() && !is_zero(date));
    known.map_or(ItemDate::Missing, ItemDate::Text)
}

fn comment(element: &XmlElement) -> Item {
    let id = format!("comment {}", element.child_text("wp:comment_id"));
    Item { kind: ItemKind::Comment, ..Item::article(id, element.line) }
}

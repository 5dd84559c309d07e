//! Answers of WordPress' REST API (`/wp-json/wp/v2/posts`, `pages`, `media`), with `_embed` or
//! without (WordPress REST API Handbook, "Posts").

use std::io::BufRead;

use serde::Deserialize;
use serde_json::Value;

use super::json_lists::JsonLists;
use super::reader::{ItemError, ItemReader};
use crate::content::plain_text::to_plain_text;
use crate::import::body::html_to_text;
use crate::import::item::{Item, ItemBody, ItemDate, ItemImage, ItemKind};

/// A text, which is HTML.
#[derive(Debug, Default, Deserialize)]
struct Rendered {
    #[serde(default)]
    rendered: String,
    /// True if the post has a password.
    #[serde(default)]
    protected: bool,
}

/// The records that a post refers to.
#[derive(Debug, Default, Deserialize)]
struct Embedded {
    #[serde(default)]
    author: Vec<Value>,
    #[serde(default, rename = "wp:term")]
    terms: Vec<Vec<Value>>,
    #[serde(default, rename = "wp:featuredmedia")]
    media: Vec<Value>,
}

#[derive(Debug, Deserialize)]
struct Post {
    id: Option<u64>,
    date: Option<String>,
    date_gmt: Option<String>,
    slug: Option<String>,
    status: Option<String>,
    #[serde(rename = "type")]
    post_type: Option<String>,
    link: Option<String>,
    /// The URL of an attachment's file.
    source_url: Option<String>,
    /// The id of the main image; 0 if there is none.
    featured_media: Option<u64>,
    title: Option<Rendered>,
    content: Option<Rendered>,
    excerpt: Option<Rendered>,
    #[serde(default, rename = "_embedded")]
    embedded: Embedded,
}

/// Reads the posts of an answer: a list or one post.
pub(super) struct WpRestReader<R> {
    posts: JsonLists<R>,
}

impl<R: BufRead> WpRestReader<R> {
    /// Creates a reader.
    pub(super) fn new(input: R) -> Self {
        Self { posts: JsonLists::new(input, &[""]) }
    }
}

impl<R: BufRead> ItemReader for WpRestReader<R> {
    fn next_item(&mut self) -> Option<Result<Item, ItemError>> {
        let element = match self.posts.next_element()? {
            Ok(element) => element,
            Err(error) => return Some(Err(error)),
        };
        Some(element.parse().map(|(post, warnings)| {
            let mut item = item(post, element.line);
            item.warnings.extend(warnings);
            item
        }))
    }
}

fn item(post: Post, line: usize) -> Item {
    let id = match (post.id, &post.link, &post.date_gmt) {
        (Some(id), ..) => id.to_string(),
        (None, Some(link), _) => link.clone(),
        (None, None, date) => date.clone().unwrap_or_default(),
    };
    let mut item = Item::article(id, line);
    item.kind = match post.post_type.as_deref() {
        Some("page") => ItemKind::Page,
        Some("attachment") => ItemKind::Attachment,
        _ => ItemKind::Article,
    };
    // `date` is in the old site's time zone, which isn't in the answer.
    let in_utc = post.date_gmt.filter(|date| !date.is_empty()).map(|date| format!("{date}Z"));
    item.date = in_utc.or(post.date).map_or(ItemDate::Missing, ItemDate::Text);
    item.status = post.status.unwrap_or_default();
    item.slug = post.slug;
    item.urls.extend(post.link);
    item.title = html_to_text(post.title.unwrap_or_default().rendered.as_str());
    let content = post.content.unwrap_or_default();
    if content.protected {
        "password".clone_into(&mut item.status);
    }
    item.standfirst = standfirst(&post.excerpt.unwrap_or_default().rendered, &content.rendered);
    item.body = ItemBody::Html(content.rendered);
    item.attachment_url = post.source_url.filter(|_| item.kind == ItemKind::Attachment);
    if let Some(id) = post.featured_media.filter(|id| *id > 0) {
        item.image = Some(ItemImage { url: format!("attachment:{id}"), ..ItemImage::default() });
    }
    read_embedded(&post.embedded, &mut item);
    item
}

/// Returns the excerpt, unless WordPress made it of the beginning of the text: then it ends with an
/// ellipsis (`wp_trim_excerpt`), or is the whole text.
fn standfirst(excerpt: &str, content: &str) -> Option<String> {
    let excerpt = html_to_text(excerpt);
    let start = excerpt.trim_end_matches(['…', '.', '[', ']', ' ']);
    let has_ellipsis = ["…", "…]", "[...]"].into_iter().any(|end| excerpt.ends_with(end));
    let content = html_to_text(content);
    let is_automatic = match has_ellipsis {
        // An ellipsis may be in the text itself.
        true => content.starts_with(start) && !content.starts_with(&excerpt),
        false => content == excerpt,
    };
    (!excerpt.is_empty() && !is_automatic).then_some(excerpt)
}

/// Reads the main image, and the names of authors and terms.
fn read_embedded(embedded: &Embedded, item: &mut Item) {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(html_to_text);
    if let Some(media) = embedded.media.first()
        && let Some(url) = media.get("source_url").and_then(Value::as_str)
    {
        let caption = media.get("caption").and_then(|caption| caption.get("rendered"));
        item.image = Some(ItemImage {
            url: url.to_owned(),
            alt: text(media.get("alt_text")).unwrap_or_default(),
            caption: text(caption).unwrap_or_default(),
        });
    }
    let name = |value: &Value| value.get("name").and_then(Value::as_str).map(to_plain_text);
    item.authors = embedded.author.iter().filter_map(name).collect();
    let mut sections = Vec::new();
    for term in embedded.terms.iter().flatten() {
        let Some(name) = name(term).filter(|name| !name.is_empty()) else { continue };
        match term.get("taxonomy").and_then(Value::as_str) {
            Some("category") => sections.push(name),
            Some("author") if !item.authors.contains(&name) => item.authors.push(name),
            Some("post_tag") => item.tags.push(name),
            _ => {}
        }
    }
    let mut sections = sections.into_iter();
    item.section = sections.next();
    item.tags.extend(sections);
    if embedded.author.is_empty() {
        let help = "request the posts with `?_embed`";
        item.warnings.push(format!("the names of its authors and terms are missing: {help}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn posts_become_records() {
        let json = r#"[{"id":7,"date":"2024-11-05T10:00:00","date_gmt":"2024-11-05T15:00:00",
            "slug":"quays","status":"publish","type":"post","link":"https://old.example/quays/",
            "title":{"rendered":"Ports &#038; <em>quays</em>"},
            "content":{"rendered":"<p>The text begins.</p>","protected":false},
            "excerpt":{"rendered":"<p>The text [&hellip;]</p>"},
            "featured_media":5,
            "_embedded":{"author":[{"name":"A. Reporter"},{"code":"rest_user_invalid_id"}],
            "wp:featuredmedia":[{"source_url":"https://old.example/q.jpg","alt_text":"A quay"}],
            "wp:term":[[{"taxonomy":"category","name":"World"},
            {"taxonomy":"category","name":"Trade"}],
            [{"taxonomy":"post_tag","name":"port"}]]}},
            {"id":8,"type":"page","status":"publish","title":{"rendered":"About"},
            "content":{"rendered":"","protected":true},"excerpt":{"rendered":"Own words."}}]"#;
        let mut reader = WpRestReader::new(json.as_bytes());
        let items: Vec<Item> = std::iter::from_fn(|| reader.next_item())
            .map(|item| item.expect("it is valid"))
            .collect();
        let first = &items[0];
        assert_eq!((first.id.as_str(), first.title.as_str()), ("7", "Ports & quays"));
        assert_eq!(first.date, ItemDate::Text("2024-11-05T15:00:00Z".to_owned()));
        assert_eq!(first.standfirst, None);
        let image = first.image.as_ref().expect("it has an image");
        assert_eq!(
            (image.url.as_str(), image.alt.as_str()),
            ("https://old.example/q.jpg", "A quay")
        );
        assert_eq!(first.section.as_deref(), Some("World"));
        assert_eq!(first.tags, ["port", "Trade"]);
        assert_eq!(first.authors, ["A. Reporter"]);
        assert_eq!((items[1].kind, items[1].status.as_str()), (ItemKind::Page, "password"));
        assert_eq!(items[1].standfirst.as_deref(), Some("Own words."));
        assert_eq!(standfirst("The text", "<p>The text goes on.</p>").as_deref(), Some("The text"));
        assert_eq!(standfirst("The text.", "<p>The text.</p>"), None);
        let mut one = WpRestReader::new(&b"{\"id\":1}"[..]);
        assert!(one.next_item().is_some_and(|item| item.is_ok()));
        assert!(WpRestReader::new(&b"[{"[..]).next_item().is_some_and(|item| item.is_err()));
    }
}

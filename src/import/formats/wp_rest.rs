//! Answers of WordPress' REST API (`/wp-json/wp/v2/posts`, `pages`, `media`), with `_embed` or
//! without (WordPress REST API Handbook, "Posts").

use std::io::BufRead;

use serde::Deserialize;
use serde_json::Value;

use super::reader::{ItemError, ItemReader};
use crate::content::plain_text::to_plain_text;
use crate::import::body::html_to_text;
use crate::import::item::{Item, ItemBody, ItemDate, ItemKind};

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
    title: Option<Rendered>,
    content: Option<Rendered>,
    excerpt: Option<Rendered>,
    #[serde(default, rename = "_embedded")]
    embedded: Embedded,
}

/// A file: a list of posts or one post.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Answer {
    List(Vec<Post>),
    One(Box<Post>),
}

/// Reads the posts of an answer.
pub(super) struct WpRestReader<R> {
    /// `None` once it was read.
    input: Option<R>,
    posts: std::vec::IntoIter<Post>,
}

impl<R: BufRead> WpRestReader<R> {
    /// Creates a reader.
    pub(super) fn new(input: R) -> Self {
        Self { input: Some(input), posts: Vec::new().into_iter() }
    }
}

impl<R: BufRead> ItemReader for WpRestReader<R> {
    fn next_item(&mut self) -> Option<Result<Item, ItemError>> {
        if let Some(input) = self.input.take() {
            match serde_json::from_reader(input) {
                Ok(Answer::List(posts)) => self.posts = posts.into_iter(),
                Ok(Answer::One(post)) => self.posts = vec![*post].into_iter(),
                Err(error) => {
                    let message = format!("the posts can't be read: {error}");
                    return Some(Err(ItemError { line: error.line().max(1), message }));
                }
            }
        }
        self.posts.next().map(|post| Ok(item(post)))
    }
}

fn item(post: Post) -> Item {
    let id = match (post.id, &post.link, &post.date_gmt) {
        (Some(id), ..) => id.to_string(),
        (None, Some(link), _) => link.clone(),
        (None, None, date) => date.clone().unwrap_or_default(),
    };
    let mut item = Item::article(id, 1);
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
    read_embedded(&post.embedded, &mut item);
    item
}

/// Returns the excerpt, unless WordPress made it of the beginning of the text.
fn standfirst(excerpt: &str, content: &str) -> Option<String> {
    let excerpt = html_to_text(excerpt);
    let start = excerpt.trim_end_matches(['…', '.', '[', ']', ' ']);
    let is_beginning = html_to_text(content).starts_with(start);
    (!excerpt.is_empty() && !is_beginning).then_some(excerpt)
}

/// Reads the names of authors and terms.
fn read_embedded(embedded: &Embedded, item: &mut Item) {
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
            "_embedded":{"author":[{"name":"A. Reporter"},{"code":"rest_user_invalid_id"}],
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
        assert_eq!(first.section.as_deref(), Some("World"));
        assert_eq!(first.tags, ["port", "Trade"]);
        assert_eq!(first.authors, ["A. Reporter"]);
        assert_eq!((items[1].kind, items[1].status.as_str()), (ItemKind::Page, "password"));
        assert_eq!(items[1].standfirst.as_deref(), Some("Own words."));
        let mut one = WpRestReader::new(&b"{\"id\":1}"[..]);
        assert!(one.next_item().is_some_and(|item| item.is_ok()));
        assert!(WpRestReader::new(&b"[{"[..]).next_item().is_some_and(|item| item.is_err()));
    }
}

//! Ghost's exports (Settings → Import/Export), and answers of its API with posts.
//!
//! A post refers to its tags and authors by ids, in tables that may follow the posts, so a file is
//! read twice. Of the formats of a body, only the one that Ghost edits is kept.

use std::collections::HashMap;
use std::io::BufRead;

use serde::Deserialize;

use super::json_lists::{JsonElement, JsonLists};
use super::reader::{ItemError, ItemReader};
use crate::content::plain_text::to_plain_text;
use crate::import::body::html_to_text;
use crate::import::item::{Item, ItemBody, ItemDate, ItemImage, ItemKind, OmittedText};
use crate::import::text::{lexical_to_html, mobiledoc_to_html};

/// The text that Ghost writes for the site's URL, in front of a path.
const SITE_URL: &str = "__GHOST_URL__";
/// The beginning of the names of tags that readers don't see.
const INTERNAL_TAG: char = '#';

/// An id; numbers in exports of Ghost 0.x.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Hash)]
#[serde(untagged)]
enum Id {
    Text(String),
    Number(u64),
}

/// A row of the table of tags or users.
#[derive(Debug, Deserialize)]
struct Named {
    id: Id,
    #[serde(default)]
    name: Option<String>,
}

/// A row of a table that connects posts with tags or users.
#[derive(Debug, Deserialize)]
struct Connection {
    post_id: Id,
    #[serde(alias = "tag_id", alias = "author_id")]
    other_id: Id,
    #[serde(default)]
    sort_order: Option<i64>,
}

#[derive(Debug, Deserialize)]
struct Post {
    id: Id,
    title: Option<String>,
    slug: Option<String>,
    status: Option<String>,
    visibility: Option<String>,
    #[serde(rename = "type")]
    post_type: Option<String>,
    published_at: Option<String>,
    created_at: Option<String>,
    custom_excerpt: Option<String>,
    feature_image: Option<String>,
    feature_image_alt: Option<String>,
    feature_image_caption: Option<String>,
    locale: Option<String>,
    author_id: Option<Id>,
    lexical: Option<String>,
    mobiledoc: Option<String>,
    html: Option<String>,
    plaintext: Option<String>,
    /// True for a page, in exports of Ghost 0.x to 2.
    page: Option<serde_json::Value>,
    /// In answers of the API.
    tags: Option<Vec<Named>>,
    /// In answers of the API.
    authors: Option<Vec<Named>>,
}

/// A row of the table with further fields of posts.
#[derive(Debug, Deserialize)]
struct PostMeta {
    post_id: Id,
    feature_image_alt: Option<String>,
    feature_image_caption: Option<String>,
}

/// The paths of the posts: in an export, in one without `db`, and in an answer of the API.
const POSTS: [&str; 3] = ["db.[].data.posts", "data.posts", "posts"];
/// The paths of the tables to which posts refer.
const TABLES: [&str; 15] = [
    "db.[].data.tags",
    "data.tags",
    "tags",
    "db.[].data.users",
    "data.users",
    "users",
    "db.[].data.posts_tags",
    "data.posts_tags",
    "posts_tags",
    "db.[].data.posts_authors",
    "data.posts_authors",
    "posts_authors",
    "db.[].data.posts_meta",
    "data.posts_meta",
    "posts_meta",
];

/// The tables to which posts refer.
#[derive(Debug, Default)]
struct Tables {
    tags: Names,
    authors: Names,
    /// The description and the caption of the main image by post.
    images: HashMap<Id, (String, String)>,
}

impl Tables {
    /// Reads the tables. Rows that can't be read leave a post without that name; what can't be read
    /// at all is reported with the posts.
    fn read<R: BufRead>(input: R) -> Self {
        let mut tables = Self::default();
        let mut lists = JsonLists::new(input, &TABLES);
        while let Some(read) = lists.next_element() {
            if let Ok(element) = read {
                tables.add(&element);
            }
        }
        tables.tags.sort();
        tables.authors.sort();
        tables
    }

    fn add(&mut self, element: &JsonElement) {
        let (_, table) = element.list.rsplit_once('.').unwrap_or(("", element.list));
        let names = match table {
            "tags" | "posts_tags" => &mut self.tags,
            "users" | "posts_authors" => &mut self.authors,
            _ => {
                if let Ok((PostMeta { post_id, feature_image_alt, feature_image_caption }, _)) =
                    element.parse()
                {
                    let text = |text: Option<String>| html_to_text(&text.unwrap_or_default());
                    let texts = (text(feature_image_alt), text(feature_image_caption));
                    self.images.insert(post_id, texts);
                }
                return;
            }
        };
        if table.starts_with("posts_") {
            if let Ok((connection, _)) = element.parse::<Connection>() {
                let order = connection.sort_order.unwrap_or(i64::MIN);
                let post = names.by_post.entry(connection.post_id).or_default();
                post.push((order, connection.other_id));
            }
        } else if let Ok((row, _)) = element.parse::<Named>() {
            names.by_id.insert(row.id, row.name.unwrap_or_default());
        }
    }
}

/// Reads the posts of an export.
pub(super) struct GhostReader<R> {
    posts: JsonLists<R>,
    tables: Tables,
}

/// The names of the tags or authors of posts.
#[derive(Debug, Default)]
struct Names {
    by_id: HashMap<Id, String>,
    /// The ids of each post, with the numbers by which they are sorted.
    by_post: HashMap<Id, Vec<(i64, Id)>>,
}

impl Names {
    fn sort(&mut self) {
        self.by_post.values_mut().for_each(|ids| ids.sort_by_key(|(order, _)| *order));
    }

    fn of_post(&self, id: &Id) -> Vec<String> {
        let ids = self.by_post.get(id).map_or(&[][..], Vec::as_slice);
        ids.iter().filter_map(|(_, id)| self.by_id.get(id)).cloned().collect()
    }
}

impl<R: BufRead> GhostReader<R> {
    /// Creates a reader. The file is read twice, since the tables may follow the posts.
    pub(super) fn new(tables: R, posts: R) -> Self {
        Self { posts: JsonLists::new(posts, &POSTS), tables: Tables::read(tables) }
    }

    fn item(&self, post: Post, line: usize) -> Item {
        let id = match &post.id {
            Id::Text(text) => text.clone(),
            Id::Number(number) => number.to_string(),
        };
        let mut item = Item::article(id, line);
        item.kind = if is_page(&post) { ItemKind::Page } else { ItemKind::Article };
        item.status = status(&post);
        let date = post.published_at.as_ref().or(post.created_at.as_ref());
        item.date = date.map_or(ItemDate::Missing, |date| ItemDate::Text(date.clone()));
        item.lang = post.locale.clone();
        item.standfirst = post.custom_excerpt.as_deref().map(to_plain_text);
        item.standfirst.take_if(|text| text.is_empty());
        item.tags = self.tags(&post);
        item.section = item.tags.first().cloned();
        item.authors = self.authors(&post);
        item.slug.clone_from(&post.slug);
        if let Some(slug) = post.slug.as_deref().filter(|slug| !slug.is_empty()) {
            item.urls.push(format!("/{slug}/"));
        }
        item.image = self.image(&post);
        read_body(&post, &mut item);
        item.title = to_plain_text(post.title.as_deref().unwrap_or_default());
        if item.title == "(Untitled)" {
            item.title.clear();
        }
        item
    }

    fn image(&self, post: &Post) -> Option<ItemImage> {
        let url = post.feature_image.as_ref().filter(|url| !url.trim().is_empty())?;
        let (mut alt, mut caption) = self.tables.images.get(&post.id).cloned().unwrap_or_default();
        let text = |text: &Option<String>| html_to_text(text.as_deref().unwrap_or_default());
        if alt.is_empty() {
            alt = text(&post.feature_image_alt);
        }
        if caption.is_empty() {
            caption = text(&post.feature_image_caption);
        }
        Some(ItemImage { url: url.trim().replace(SITE_URL, ""), alt, caption })
    }

    /// Returns the tags that readers see.
    fn tags(&self, post: &Post) -> Vec<String> {
        let tags = post.tags.as_ref().map(|tags| names_of(tags));
        let mut tags = tags.unwrap_or_else(|| self.tables.tags.of_post(&post.id));
        tags.retain(|name| !name.starts_with(INTERNAL_TAG) && !name.is_empty());
        tags
    }

    fn authors(&self, post: &Post) -> Vec<String> {
        let authors = post.authors.as_ref().map(|authors| names_of(authors));
        let authors = authors.unwrap_or_else(|| self.tables.authors.of_post(&post.id));
        if !authors.is_empty() {
            return authors;
        }
        let author = post.author_id.as_ref().and_then(|id| self.tables.authors.by_id.get(id));
        author.into_iter().cloned().collect()
    }
}

impl<R: BufRead> ItemReader for GhostReader<R> {
    fn next_item(&mut self) -> Option<Result<Item, ItemError>> {
        let element = match self.posts.next_element()? {
            Ok(element) => element,
            Err(error) => return Some(Err(error)),
        };
        Some(element.parse().map(|(post, warnings)| {
            let mut item = self.item(post, element.line);
            item.warnings.extend(warnings);
            item
        }))
    }
}

fn names_of(rows: &[Named]) -> Vec<String> {
    rows.iter().filter_map(|row| row.name.clone()).collect()
}

fn is_page(post: &Post) -> bool {
    let is_set = |value: &serde_json::Value| value == true || value == 1;
    post.post_type.as_deref() == Some("page") || post.page.as_ref().is_some_and(is_set)
}

/// Returns the status of a post. What only members could read is private.
fn status(post: &Post) -> String {
    let status = post.status.clone().unwrap_or_default();
    match post.visibility.as_deref() {
        None | Some("" | "public") => status,
        Some(visibility) if status == "published" => format!("{visibility} only"),
        Some(_) => status,
    }
}

/// Reads the body in the format that Ghost edits; the rendered HTML if there is no other.
fn read_body(post: &Post, item: &mut Item) {
    let editor = |json: &Option<String>| json.clone().filter(|json| !json.trim().is_empty());
    let read = match (editor(&post.lexical), editor(&post.mobiledoc)) {
        (Some(lexical), _) => Some(lexical_to_html(&lexical)),
        (None, Some(mobiledoc)) => Some(mobiledoc_to_html(&mobiledoc)),
        (None, None) => None,
    };
    let html = match read {
        Some(Ok(body)) => {
            let left_out = body.left_out.into_iter();
            item.omitted.extend(left_out.map(|text| OmittedText { rule: "card", text }));
            body.html
        }
        Some(Err(error)) => {
            let warning =
                format!("its text can't be read, the rendered one is used: {}", error.reason);
            item.warnings.push(warning);
            post.html.clone().unwrap_or_default()
        }
        None => match (&post.html, &post.plaintext) {
            (Some(html), _) => html.clone(),
            (None, Some(text)) => crate::content::html::escape(text).replace("\n\n", "<p>"),
            (None, None) => String::new(),
        },
    };
    item.body = ItemBody::Html(html.replace(SITE_URL, ""));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(json: &str) -> Vec<Item> {
        let mut reader = GhostReader::new(json.as_bytes(), json.as_bytes());
        std::iter::from_fn(|| reader.next_item()).map(|item| item.expect("it is valid")).collect()
    }

    #[test]
    fn posts_have_the_names_of_their_tags_and_authors() {
        let json = r##"{"db":[{"data":{
            "posts":[{"id":"p","title":"A &amp; B","slug":"a","status":"published","page":0,
                "visibility":"public","feature_image":"__GHOST_URL__/content/images/q.png",
                "published_at":"2024-11-05T10:00:00.000Z",
                "html":"<p>x <img src=\"__GHOST_URL__/content/images/a.png\"></p>"},
                {"id":7,"title":"","status":"published","visibility":"paid","type":"page",
                "html":"<p>Only for members.</p>"}],
            "tags":[{"id":1,"name":"Ports"},{"id":2,"name":"#hidden"},{"id":3,"name":"Ships"}],
            "users":[{"id":"u","name":"A. Reporter"}],
            "posts_tags":[{"post_id":"p","tag_id":1,"sort_order":1},{"post_id":"p","tag_id":2},
                {"post_id":"p","tag_id":3,"sort_order":0}],
            "posts_authors":[{"post_id":"p","author_id":"u"}],
            "posts_meta":[{"post_id":"p","feature_image_alt":"A quay"}]}}]}"##;
        let items = items(json);
        assert_eq!(items[0].title, "A & B");
        let image = items[0].image.as_ref().expect("it has an image");
        assert_eq!((&*image.url, &*image.alt), ("/content/images/q.png", "A quay"));
        assert_eq!(items[0].tags, ["Ships", "Ports"]);
        assert_eq!(items[0].authors, ["A. Reporter"]);
        assert_eq!(items[0].urls, ["/a/"]);
        let body = "<p>x <img src=\"/content/images/a.png\"></p>";
        assert_eq!(items[0].body, ItemBody::Html(body.to_owned()));
        assert_eq!((items[1].kind, items[1].status.as_str()), (ItemKind::Page, "paid only"));
        assert_eq!(items[1].title, "");
    }

    #[test]
    fn the_edited_format_takes_precedence() {
        let json = r#"{"posts":[{"id":"1","title":"T","html":"<p>old</p>","tags":[],
            "lexical":"{\"root\":{\"children\":[{\"type\":\"paragraph\",\"children\":[
            {\"type\":\"text\",\"text\":\"new\"}]}]}}","#;
        let json = json.replace("[\n            {", "[{") + r#""authors":[{"id":1,"name":"B"}]}]}"#;
        let items = items(&json);
        assert_eq!(items[0].body, ItemBody::Html("<p>new</p>\n".to_owned()));
        assert_eq!(items[0].authors, ["B"]);
    }

    #[test]
    fn a_truncated_export_is_reported() {
        let json = &b"{\"db\":[\n{"[..];
        let mut reader = GhostReader::new(json, json);
        assert_eq!(
            reader.next_item().map(|item| item.map_err(|error| error.line).err()),
            Some(Some(2))
        );
        assert!(reader.next_item().is_none());
    }
}

//! Ghost's exports (Settings → Import/Export), and answers of its API with posts.
//!
//! A post refers to its tags and authors by ids, in tables that may follow the posts, so a file is
//! read as a whole. Of the formats of a body, only the one that Ghost edits is kept.

use std::collections::HashMap;
use std::io::BufRead;

use serde::Deserialize;

use super::reader::{ItemError, ItemReader};
use crate::content::plain_text::to_plain_text;
use crate::import::item::{Item, ItemBody, ItemDate, ItemKind, OmittedText};
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

#[derive(Debug, Default, Deserialize)]
struct Tables {
    posts: Option<Vec<Post>>,
    tags: Option<Vec<Named>>,
    users: Option<Vec<Named>>,
    posts_tags: Option<Vec<Connection>>,
    posts_authors: Option<Vec<Connection>>,
}

#[derive(Debug, Deserialize)]
struct Database {
    data: Tables,
}

/// A file: the tables in one of three wrappers.
#[derive(Debug, Deserialize)]
struct Export {
    db: Option<Vec<Database>>,
    data: Option<Tables>,
    posts: Option<Vec<Post>>,
    users: Option<Vec<Named>>,
}

impl Export {
    fn into_tables(self) -> Tables {
        let from_database = self.db.and_then(|databases| databases.into_iter().next());
        let tables = from_database.map(|database| database.data).or(self.data);
        tables.unwrap_or(Tables { posts: self.posts, users: self.users, ..Tables::default() })
    }
}

/// Reads the posts of an export.
pub(super) struct GhostReader<R> {
    /// `None` once it was read.
    input: Option<R>,
    posts: std::vec::IntoIter<Post>,
    tags: Names,
    authors: Names,
}

/// The names of the tags or authors of posts.
#[derive(Debug, Default)]
struct Names {
    by_id: HashMap<Id, String>,
    /// The ids of each post, in order.
    by_post: HashMap<Id, Vec<Id>>,
}

impl Names {
    fn new(rows: Option<Vec<Named>>, connections: Option<Vec<Connection>>) -> Self {
        let mut names = Self::default();
        for row in rows.unwrap_or_default() {
            names.by_id.insert(row.id, row.name.unwrap_or_default());
        }
        let mut connections = connections.unwrap_or_default();
        connections.sort_by_key(|connection| connection.sort_order);
        for connection in connections {
            names.by_post.entry(connection.post_id).or_default().push(connection.other_id);
        }
        names
    }

    fn of_post(&self, id: &Id) -> Vec<String> {
        let ids = self.by_post.get(id).map_or(&[][..], Vec::as_slice);
        ids.iter().filter_map(|id| self.by_id.get(id)).cloned().collect()
    }
}

impl<R: BufRead> GhostReader<R> {
    /// Creates a reader.
    pub(super) fn new(input: R) -> Self {
        let (tags, authors) = (Names::default(), Names::default());
        Self { input: Some(input), posts: Vec::new().into_iter(), tags, authors }
    }

    fn read(&mut self, input: R) -> Result<(), ItemError> {
        let export: Export = serde_json::from_reader(input).map_err(|error| ItemError {
            line: error.line().max(1),
            message: format!("the export can't be read: {error}"),
        })?;
        let tables = export.into_tables();
        self.tags = Names::new(tables.tags, tables.posts_tags);
        self.authors = Names::new(tables.users, tables.posts_authors);
        self.posts = tables.posts.unwrap_or_default().into_iter();
        Ok(())
    }

    fn item(&self, post: Post) -> Item {
        let id = match &post.id {
            Id::Text(text) => text.clone(),
            Id::Number(number) => number.to_string(),
        };
        let mut item = Item::article(id, 1);
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
        read_body(&post, &mut item);
        item.title = to_plain_text(post.title.as_deref().unwrap_or_default());
        if item.title == "(Untitled)" {
            item.title.clear();
        }
        item
    }

    /// Returns the tags that readers see.
    fn tags(&self, post: &Post) -> Vec<String> {
        let tags = post.tags.as_ref().map(|tags| names_of(tags));
        let mut tags = tags.unwrap_or_else(|| self.tags.of_post(&post.id));
        tags.retain(|name| !name.starts_with(INTERNAL_TAG) && !name.is_empty());
        tags
    }

    fn authors(&self, post: &Post) -> Vec<String> {
        let authors = post.authors.as_ref().map(|authors| names_of(authors));
        let authors = authors.unwrap_or_else(|| self.authors.of_post(&post.id));
        if !authors.is_empty() {
            return authors;
        }
        let author = post.author_id.as_ref().and_then(|id| self.authors.by_id.get(id));
        author.into_iter().cloned().collect()
    }
}

impl<R: BufRead> ItemReader for GhostReader<R> {
    fn next_item(&mut self) -> Option<Result<Item, ItemError>> {
        if let Some(input) = self.input.take()
            && let Err(error) = self.read(input)
        {
            return Some(Err(error));
        }
        let post = self.posts.next()?;
        Some(Ok(self.item(post)))
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
        let mut reader = GhostReader::new(json.as_bytes());
        std::iter::from_fn(|| reader.next_item()).map(|item| item.expect("it is valid")).collect()
    }

    #[test]
    fn posts_have_the_names_of_their_tags_and_authors() {
        let json = r##"{"db":[{"data":{
            "posts":[{"id":"p","title":"A &amp; B","slug":"a","status":"published","page":0,
                "visibility":"public","published_at":"2024-11-05T10:00:00.000Z",
                "html":"<p>x <img src=\"__GHOST_URL__/content/images/a.png\"></p>"},
                {"id":7,"title":"","status":"published","visibility":"paid","type":"page",
                "html":"<p>Only for members.</p>"}],
            "tags":[{"id":1,"name":"Ports"},{"id":2,"name":"#hidden"},{"id":3,"name":"Ships"}],
            "users":[{"id":"u","name":"A. Reporter"}],
            "posts_tags":[{"post_id":"p","tag_id":1,"sort_order":1},{"post_id":"p","tag_id":2},
                {"post_id":"p","tag_id":3,"sort_order":0}],
            "posts_authors":[{"post_id":"p","author_id":"u"}]}}]}"##;
        let items = items(json);
        assert_eq!(items[0].title, "A & B");
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
        let mut reader = GhostReader::new(&b"{\"db\":[\n{"[..]);
        assert_eq!(
            reader.next_item().map(|item| item.map_err(|error| error.line).err()),
            Some(Some(2))
        );
        assert!(reader.next_item().is_none());
    }
}

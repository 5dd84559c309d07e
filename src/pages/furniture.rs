//! Page furniture: links of the head, the masthead, the colophon and the reaction bar, which are the same on most pages of a language and are rendered once for them.

use std::collections::HashMap;
use std::sync::RwLock;

use tera::{Context, Value};

use super::{View, map, rendered};
use crate::templates::{Templates, direction};

const PARTS: [(&str, &str); 4] = [
    ("head", "parts/head.html"),
    ("masthead", "parts/masthead.html"),
    ("colophon", "parts/colophon.html"),
    ("reactions", "parts/reactions.html"),
];

/// What the parts may know of a page, to be the same on all.
const KNOWN: [&str; 4] = ["kind", "url", "lang", "dir"];

/// The furniture of each language, once it was asked for.
pub(super) struct Furniture {
    /// Whether the parts ask for no more than is the same everywhere. A site's own may: then every page renders them itself.
    plain: bool,
    made: RwLock<HashMap<String, Option<Value>>>,
}

impl Furniture {
    pub(super) fn of(templates: &Templates) -> Self {
        let plain = PARTS.iter().all(|(_, part)| {
            let page = templates.closure(part).page;
            page.is_some_and(|keys| keys.iter().all(|key| KNOWN.contains(&key.as_str())))
        });
        Self { plain, made: RwLock::default() }
    }

    /// `{head, masthead, colophon, reactions}` for pages of a language; none if each page is to render them itself.
    pub(super) fn get(&self, lang: &str, view: &View<'_>) -> Option<Value> {
        if !self.plain {
            return None;
        }
        let known = self.made.read().ok().and_then(|made| made.get(lang).cloned());
        known.unwrap_or_else(|| {
            let made = render(lang, view);
            if let Ok(mut all) = self.made.write() {
                all.insert(lang.to_owned(), made.clone());
            }
            made
        })
    }
}

/// A part that can't be rendered is left to the page, whose diagnostic then has its place.
fn render(lang: &str, view: &View<'_>) -> Option<Value> {
    let mut furniture = map! {};
    for (name, part) in PARTS {
        let mut context = Context::new();
        let page = map! { "kind" => "article", "url" => "", "lang" => lang, "dir" => direction(lang) };
        context.insert_value("page", Value::from(page));
        context.insert_value("t", view.templates.languages.get(lang).value());
        let mut html = Vec::new();
        view.templates.render(part, &context, &mut html).ok()?;
        furniture.insert(name.into(), rendered(&html));
    }
    Some(Value::from(furniture))
}

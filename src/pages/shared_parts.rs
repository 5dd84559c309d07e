//! Page furniture: links of the head, the masthead, the colophon and the reaction bar, which are
//! the same on most pages of a language and are rendered once for them.

use std::collections::HashMap;
use std::sync::RwLock;

use tera::{Context, Value};

use super::values::{map, safe_html};
use crate::templates::{Templates, direction};

const SHARED_PARTS: [(&str, &str); 4] = [
    ("head", "parts/head.html"),
    ("masthead", "parts/masthead.html"),
    ("colophon", "parts/colophon.html"),
    ("reactions", "parts/reactions.html"),
];

/// What the parts may know of a page, to be the same on all.
const SHARED_PAGE_KEYS: [&str; 4] = ["kind", "url", "lang", "dir"];

/// The furniture of each language, once it was asked for.
pub(super) struct SharedParts {
    /// Whether the parts ask for no more than is the same everywhere. A site's own may: then every
    /// page renders them itself.
    is_shareable: bool,
    by_language: RwLock<HashMap<String, Option<Value>>>,
}

impl SharedParts {
    pub(super) fn new(templates: &Templates) -> Self {
        let is_shareable = SHARED_PARTS.iter().all(|(_, template)| {
            let page_keys = templates.dependencies(template).page_keys;
            page_keys
                .is_some_and(|keys| keys.iter().all(|key| SHARED_PAGE_KEYS.contains(&key.as_str())))
        });
        Self { is_shareable, by_language: RwLock::default() }
    }

    /// `{head, masthead, colophon, reactions}` for pages of a language; none if each page is to
    /// render them itself.
    pub(super) fn get(&self, lang: &str, templates: &Templates) -> Option<Value> {
        if !self.is_shareable {
            return None;
        }
        let cached =
            self.by_language.read().ok().and_then(|by_language| by_language.get(lang).cloned());
        cached.unwrap_or_else(|| {
            let parts = render_parts(lang, templates);
            if let Ok(mut by_language) = self.by_language.write() {
                by_language.insert(lang.to_owned(), parts.clone());
            }
            parts
        })
    }
}

/// A part that can't be rendered is left to the page, whose diagnostic then has its place.
fn render_parts(lang: &str, templates: &Templates) -> Option<Value> {
    let mut parts = map! {};
    for (name, template) in SHARED_PARTS {
        let mut context = Context::new();
        let page =
            map! { "kind" => "article", "url" => "", "lang" => lang, "dir" => direction(lang) };
        context.insert_value("page", Value::from(page));
        context.insert_value("t", templates.languages.get(lang).to_value());
        let mut html = Vec::new();
        templates.render(template, &context, &mut html).ok()?;
        parts.insert(name.into(), safe_html(&html));
    }
    Some(Value::from(parts))
}

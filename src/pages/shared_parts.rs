//! Parts that every page includes, rendered once for all pages for which the result is the same.
//!
//! A part is shared between pages only if it uses nothing but values of the site and the few values
//! of a page that are its key in [`SharedParts`]. Otherwise the page's own template includes it.

use std::collections::{BTreeSet, HashMap};
use std::sync::{PoisonError, RwLock};

use tera::value::Key;
use tera::{Context, Map, Value};

use super::values::safe_html;
use crate::templates::{SHARED_PARTS_VARIABLE, TEMPLATES, TemplateDependencies, Templates};

/// The parts that templates look for in `shared_parts` before they include them.
const PARTS: [(&str, &str); 4] = [
    ("head", "parts/head.html"),
    ("masthead", "parts/masthead.html"),
    ("colophon", "parts/colophon.html"),
    ("reactions", "parts/reactions.html"),
];

/// The values of a page that a shared part may use. Many pages have the same.
const PAGE_KEYS: [&str; 4] = ["kind", "lang", "dir", "nav_url"];

/// The variables that a shared part is rendered with. `site` is there for every template.
const VARIABLES: [&str; 3] = ["page", "t", "site"];

struct Part {
    name: &'static str,
    template: &'static str,
    dependencies: TemplateDependencies,
}

/// The parts that can be shared, and those that were rendered.
pub(super) struct SharedParts {
    parts: Vec<Part>,
    /// The names that a page's template assigns, by template.
    assigned: HashMap<&'static str, BTreeSet<String>>,
    /// The values of `shared_parts`, by the parts and the values of the page that they depend on.
    rendered: RwLock<HashMap<String, Value>>,
}

impl SharedParts {
    /// Finds the parts that can be shared.
    pub(super) fn new(templates: &Templates) -> Self {
        let parts = PARTS.into_iter().map(|(name, template)| Part {
            name,
            template,
            dependencies: templates.dependencies(template),
        });
        let is_shareable = |part: &Part| {
            let keys = part.dependencies.page_keys.as_ref();
            keys.is_some_and(|keys| keys.iter().all(|key| PAGE_KEYS.contains(&key.as_str())))
        };
        let assigned = TEMPLATES
            .iter()
            .map(|(template, _)| (*template, templates.dependencies(template).assigned));
        Self {
            parts: parts.filter(is_shareable).collect(),
            assigned: assigned.filter(|(_, names)| !names.is_empty()).collect(),
            rendered: RwLock::default(),
        }
    }

    /// Adds `shared_parts` to the complete variables of a page: the HTML of each part that comes
    /// out the same on other pages.
    pub(super) fn insert_into(&self, context: &mut Context, template: &str, templates: &Templates) {
        let Some(page) = context.get("page").and_then(Value::as_map) else { return };
        let values =
            PAGE_KEYS.map(|key| page.get(&Key::Str(key)).cloned().unwrap_or(Value::none()));
        let none = BTreeSet::new();
        let assigned = self.assigned.get(template).unwrap_or(&none);
        let shared: Vec<&Part> = self
            .parts
            .iter()
            .filter(|part| part.dependencies.uses_only(&VARIABLES, context, assigned))
            .collect();
        let mut cache_key = String::with_capacity(64);
        let names = shared.iter().map(|part| part.name);
        for text in names.chain(values.iter().map(|value| value.as_str().unwrap_or_default())) {
            cache_key.push_str(text);
            cache_key.push('\n');
        }
        let rendered = self.rendered.read().unwrap_or_else(PoisonError::into_inner);
        let cached = rendered.get(&cache_key).cloned();
        drop(rendered);
        let parts = cached.unwrap_or_else(|| {
            let parts = render_parts(&shared, values, context, templates);
            let mut rendered = self.rendered.write().unwrap_or_else(PoisonError::into_inner);
            rendered.insert(cache_key, parts.clone());
            parts
        });
        context.insert_value(SHARED_PARTS_VARIABLE, parts);
    }
}

/// Renders parts. One that fails is left to the page, whose diagnostic then has the right position.
fn render_parts(
    parts: &[&Part],
    page: [Value; PAGE_KEYS.len()],
    page_context: &Context,
    templates: &Templates,
) -> Value {
    let page: Map = PAGE_KEYS.into_iter().map(Key::Str).zip(page).collect();
    let mut context = Context::new();
    context.insert_value("page", Value::from(page));
    context.insert_value("t", page_context.get("t").cloned().unwrap_or(Value::none()));
    let mut rendered = Map::default();
    let mut html = Vec::new();
    for part in parts {
        if templates.render(part.template, &context, &mut html).is_ok() {
            rendered.insert(Key::Str(part.name), safe_html(&html));
        }
    }
    Value::from(rendered)
}

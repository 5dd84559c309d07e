//! The values that every page's template is given.

use tera::{Context, Value};

use super::kinds::Page;
use super::page_head::PageHead;
use super::structured_data;
use super::values::map;
use super::view::SiteView;
use crate::config::SECTIONS;
use crate::templates::direction;

/// Returns a page's context with the values that every page has.
pub(super) fn page_context(page: &Page, head: PageHead<'_>, view: &SiteView<'_>) -> Context {
    let messages = view.templates.languages.get(head.lang);
    let url_path = page.url_path(view);
    let mut context = Context::new();
    context.insert_value("t", messages.to_value());
    let structured_data = (page.is_collection() && view.site.config.outputs.structured_data)
        .then(|| structured_data::render_listing(&url_path, &head, view.site));
    context.insert_value(
        "page",
        Value::from(map! {
            "kind" => page.kind(),
            "title" => head.title,
            "description" => head.description,
            "url" => view.site.href(&url_path),
            "nav_url" => nav_url(page, &url_path, view),
            "canonical" => view.site.absolute_url(&url_path),
            "lang" => head.lang,
            "dir" => direction(head.lang),
            "breadcrumbs" => head.breadcrumbs,
            "structured_data" => structured_data.map(|html| Value::safe_string(&html)),
        }),
    );
    context
}

/// Returns the URL of a page if the masthead or the footer links to it: it is the only part of a
/// page's URL that these depend on if they are shared. Pages of a year have none, so that they
/// don't change with the menus' entries.
pub(super) fn nav_url(page: &Page, url_path: &str, view: &SiteView<'_>) -> Option<String> {
    let is_of_year = matches!(
        page,
        Page::Article(_)
            | Page::Day { .. }
            | Page::Month(..)
            | Page::Year(_)
            | Page::TermYear { .. }
    );
    if !is_of_year && !view.menu_urls.is_empty() {
        let url = view.site.href(url_path);
        if view.menu_urls.contains(&url) {
            return Some(url);
        }
    }
    let Page::Term(id) = page else { return None };
    let term = view.catalog.term(*id);
    let is_linked = view.site.taxonomy_index(SECTIONS) == Some(term.taxonomy)
        && view.site.config.sections.iter().any(|section| section.slug == term.slug);
    is_linked.then(|| view.site.href(url_path))
}

/// Returns the context of a page in the site's language, without a description.
pub(super) fn site_language_context(
    page: &Page,
    title: &str,
    breadcrumbs: Vec<Value>,
    view: &SiteView<'_>,
) -> Context {
    let lang = view.site.config.language.as_str();
    page_context(page, PageHead { title, description: None, lang, breadcrumbs }, view)
}

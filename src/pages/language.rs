//! The front page of a language other than the site's.

use tera::{Context, Value};

use super::feed_links::feed_links;
use super::kinds::Page;
use super::languages::{FRONT_PAGE_ARTICLES, display_name};
use super::page_context::page_context;
use super::page_head::PageHead;
use super::teaser::{add_teaser_inputs, localized_teaser};
use super::view::SiteView;
use crate::archive::LangId;
use crate::model::Inputs;

/// Adds everything that the page shows to its inputs.
pub(super) fn add_inputs(lang: LangId, view: &SiteView<'_>, inputs: &mut Inputs) {
    add_teaser_inputs(view.latest_in(lang).take(FRONT_PAGE_ARTICLES), view, inputs);
}

/// Returns the values of the page's template.
pub(super) fn context(page: &Page, lang: LangId, view: &SiteView<'_>) -> Context {
    let tag = view.catalog.languages()[lang as usize].as_str();
    let messages = view.templates.languages.get(tag);
    let name = display_name(tag, &view.templates.languages);
    let head = PageHead { title: &name, description: None, lang: tag, breadcrumbs: Vec::new() };
    let mut context = page_context(page, head, view);
    let articles = view
        .latest_in(lang)
        .take(FRONT_PAGE_ARTICLES)
        .map(|id| Value::from(localized_teaser(&view.catalog.article(id), view, &messages)));
    let articles: Vec<Value> = articles.collect();
    context.insert_value("name", Value::from(name));
    context.insert_value("articles", Value::from(articles));
    context.insert_value("feeds", Value::from(feed_links(view.site, &format!("/{tag}"))));
    context
}

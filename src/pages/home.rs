//! The front page.

use tera::{Context, Value};

use super::introduction::{add_index_page_inputs, introduction_html};
use super::kinds::Page;
use super::page_context::page_context;
use super::page_head::PageHead;
use super::teaser::{Teasers, add_teaser_inputs};
use super::values::map;
use super::view::SiteView;
use crate::archive::{ArticleId, TermId};
use crate::config::SECTIONS;
use crate::model::Inputs;

/// The numbers of articles below the lead: with a teaser, and as headlines.
const SECONDARY_ARTICLES: usize = 4;
const BRIEF_ARTICLES: usize = 8;
/// The number of articles at the top of the page.
const FEATURED_ARTICLES: usize = 1 + SECONDARY_ARTICLES + BRIEF_ARTICLES;
const ARTICLES_PER_SECTION: usize = 5;

/// Returns the sections of the front page with the articles that each shows: none of those at the
/// top of the page.
fn sections(view: &SiteView<'_>) -> Vec<(TermId, Vec<ArticleId>)> {
    let first_featured = view.catalog.len().saturating_sub(FEATURED_ARTICLES) as ArticleId;
    let Some(taxonomy) = view.site.taxonomy_index(SECTIONS) else { return Vec::new() };
    let position = |slug: &str| {
        view.site.config.sections.iter().position(|item| item.slug == slug).unwrap_or(usize::MAX)
    };
    let mut ids = view.catalog.terms_of(taxonomy).to_vec();
    ids.sort_by_key(|&id| {
        (position(&view.catalog.term(id).slug), view.catalog.term(id).slug.clone())
    });
    let section_articles = |id| {
        view.catalog
            .term(id)
            .article_ids
            .iter()
            .rev()
            .copied()
            .filter(move |&article| article < first_featured)
            .take(ARTICLES_PER_SECTION)
            .collect()
    };
    ids.into_iter().map(|id| (id, section_articles(id))).collect()
}

/// Adds everything that the front page shows to its inputs.
pub(super) fn add_inputs(view: &SiteView<'_>, inputs: &mut Inputs) {
    add_teaser_inputs(view.catalog.ids().rev().take(FEATURED_ARTICLES), view, inputs);
    for (id, article_ids) in sections(view) {
        let term = view.catalog.term(id);
        inputs.text("section", &term.slug).text("name of the section", &term.name);
        inputs.number("articles in the section", term.article_ids.len());
        add_teaser_inputs(article_ids, view, inputs);
    }
    for year in view.catalog.years() {
        inputs.number(&format!("articles of {year}"), view.catalog.ids_in_year(year).len());
    }
    if let Some(page) = view.catalog.home_page() {
        add_index_page_inputs(page, view, inputs);
    }
}

/// Returns the values of the page's template.
pub(super) fn context(page: &Page, view: &SiteView<'_>, teasers: &Teasers<'_>) -> Context {
    let config = &view.site.config;
    let head = PageHead {
        title: &config.title,
        description: config.description.as_deref(),
        lang: &config.language,
        breadcrumbs: Vec::new(),
    };
    let mut context = page_context(page, head, view);
    let mut latest = teasers.list(view.catalog.ids().rev().take(FEATURED_ARTICLES)).into_iter();
    let lead = latest.next().unwrap_or(Value::none());
    let secondary: Vec<Value> = latest.by_ref().take(SECONDARY_ARTICLES).collect();
    let briefs: Vec<Value> = latest.collect();
    let newest = view.catalog.articles(view.catalog.ids()).next_back();
    let edition = newest.map(|article| view.day_value(article.day()));
    let content = view.catalog.home_page().and_then(|page| introduction_html(&page.path, view));
    context.insert_value("edition", Value::from(edition));
    context.insert_value("lead", lead);
    context.insert_value("secondary", Value::from(secondary));
    context.insert_value("briefs", Value::from(briefs));
    context.insert_value("sections", Value::from(section_values(view, teasers)));
    context.insert_value("years", Value::from(year_values(view)));
    context.insert_value("count", Value::from(view.catalog.len()));
    context
        .insert_value("content", content.map_or(Value::none(), |html| Value::safe_string(&html)));
    context
}

fn section_values(view: &SiteView<'_>, teasers: &Teasers<'_>) -> Vec<Value> {
    let sections = sections(view).into_iter().map(|(id, article_ids)| {
        let term = view.catalog.term(id);
        Value::from(map! {
            "name" => term.name.as_str(),
            "url" => view.site.href(&view.term_path(id)),
            "count" => term.article_ids.len(),
            "articles" => teasers.list(article_ids),
        })
    });
    sections.collect()
}

/// Returns all years, newest first.
fn year_values(view: &SiteView<'_>) -> Vec<Value> {
    let years = view.catalog.years().into_iter().rev().map(|year| {
        Value::from(map! {
            "year" => year,
            "label" => view.year_label(year),
            "url" => view.site.href(&format!("/{year:04}/")),
            "count" => view.catalog.ids_in_year(year).len(),
        })
    });
    years.collect()
}

//! The front page, and what every page knows of the site.

use tera::{Context, Value};

use super::{Page, Teasers, View, map, teasers_of};
use crate::catalog::{Catalog, RowId};
use crate::model::Inputs;
use crate::site::{SECTIONS, Site};
use crate::templates::{Languages, direction};

const SECONDS: usize = 4;
const BRIEFS: usize = 8;
const OF_SECTION: usize = 5;

/// `site`, for every template.
pub fn globals(site: &Site, catalog: &Catalog, languages: &Languages) -> Value {
    let words = languages.get(&site.config.language);
    let config = &site.config;
    let reactions = config.reactions.as_ref().filter(|bar| bar.endpoint.is_some() || bar.script).map(|bar| {
        let kinds = bar.kinds.iter().map(|kind| {
            let usual = || words.find(&format!("reaction_{}", kind.key)).unwrap_or(&kind.key);
            let label = kind.label.as_deref().unwrap_or_else(usual);
            Value::from(
                map! { "key" => kind.key.as_str(), "symbol" => kind.symbol.as_str(), "label" => label },
            )
        });
        let kinds: Vec<Value> = kinds.collect();
        Value::from(map! { "endpoint" => bar.endpoint.as_deref(), "script" => bar.script, "kinds" => kinds })
    });
    let file = |path: &Option<String>| path.as_ref().map(|path| site.href(path));
    Value::from(map! {
        "title" => config.title.as_str(),
        "description" => config.description.as_deref(),
        "base_url" => site.base_url.as_str(),
        "path" => site.path.as_str(),
        "language" => config.language.as_str(),
        "dir" => direction(&config.language),
        "nav" => nav(site, catalog),
        "languages" => super::language::links(site, catalog, languages),
        "copyright" => config.copyright.as_deref(),
        "feeds" => super::machines::feed_links(site, ""),
        "feed_url" => super::machines::feed_links(site, "").first().and_then(|feed| feed.as_map()?.get(&"url".into()).cloned()),
        "license" => config.machines.license.as_deref(),
        "logo" => file(&config.logo),
        "favicon" => file(&config.favicon),
        "paper" => config.theme.paper("light"),
        "paper_dark" => config.theme.paper("dark"),
        "search" => config.search.as_ref().map(|_| site.href("/search/")),
        "reactions" => reactions,
        "extra" => Value::from_serializable(&config.extra),
    })
}

/// The configured sections that have stories, for the masthead.
fn nav(site: &Site, catalog: &Catalog) -> Vec<Value> {
    let Some(taxonomy) = site.taxonomy(SECTIONS) else { return Vec::new() };
    let terms = catalog.terms_of(taxonomy);
    let items = site.config.sections.iter().filter_map(|item| {
        let id = terms.iter().find(|&&id| catalog.term(id).slug == item.slug)?;
        let url = site.href(&format!("/{}/{}/", site.taxonomies[taxonomy].path, item.slug));
        Some(Value::from(map! { "name" => catalog.term(*id).name.as_str(), "url" => url }))
    });
    items.collect()
}

/// The sections of the front page with the rows that each shows, those above left out.
fn sections(view: &View<'_>) -> Vec<(crate::catalog::TermId, Vec<RowId>)> {
    let above = (view.catalog.len() as RowId).saturating_sub((1 + SECONDS + BRIEFS) as RowId);
    let Some(taxonomy) = view.site.taxonomy(SECTIONS) else { return Vec::new() };
    let order = |slug: &str| {
        view.site.config.sections.iter().position(|item| item.slug == slug).unwrap_or(usize::MAX)
    };
    let mut ids = view.catalog.terms_of(taxonomy).to_vec();
    ids.sort_by_key(|&id| (order(&view.catalog.term(id).slug), view.catalog.term(id).slug.clone()));
    let rows = |id| {
        view.catalog
            .term(id)
            .rows
            .iter()
            .rev()
            .copied()
            .filter(move |&row| row < above)
            .take(OF_SECTION)
            .collect()
    };
    ids.into_iter().map(|id| (id, rows(id))).collect()
}

pub(super) fn inputs(view: &View<'_>, inputs: &mut Inputs) {
    teasers_of(view.catalog.all().rev().take(1 + SECONDS + BRIEFS), view, inputs);
    for (id, rows) in sections(view) {
        let term = view.catalog.term(id);
        inputs.text("section", &term.slug).text("section's name", &term.name);
        inputs.number("section's stories", term.rows.len());
        teasers_of(rows, view, inputs);
    }
    for year in view.catalog.years() {
        inputs.number(&format!("stories of {year}"), view.catalog.year(year).len());
    }
    if let Some(page) = view.catalog.home_page() {
        super::term::own_inputs(page, view, inputs);
    }
}

pub(super) fn context(page: &Page, view: &View<'_>, teasers: &Teasers<'_>) -> Context {
    let config = &view.site.config;
    let mut context =
        view.context(page, &config.title, config.description.as_deref(), &config.language, Vec::new());
    let mut latest = teasers.list(view.catalog.all().rev().take(1 + SECONDS + BRIEFS)).into_iter();
    let lead = latest.next().unwrap_or(Value::none());
    let seconds: Vec<Value> = latest.by_ref().take(SECONDS).collect();
    let briefs: Vec<Value> = latest.collect();
    let sections = sections(view).into_iter().map(|(id, rows)| {
        let term = view.catalog.term(id);
        let url = view.site.href(&view.term_path(id));
        Value::from(map! { "name" => term.name.as_str(), "url" => url, "count" => term.rows.len(), "stories" => teasers.list(rows) })
    });
    let sections: Vec<Value> = sections.collect();
    let years = view.catalog.years().into_iter().rev().map(|year| {
        let url = view.site.href(&format!("/{year:04}/"));
        Value::from(map! { "year" => year, "label" => view.year_label(year), "url" => url, "count" => view.catalog.year(year).len() })
    });
    let years: Vec<Value> = years.collect();
    let edition = view.catalog.stories(view.catalog.all()).next_back().map(|story| view.day(story.day()));
    let content = view.catalog.home_page().and_then(|page| super::term::introduction(&page.path, view));
    context.insert_value("edition", Value::from(edition));
    context.insert_value("lead", lead);
    context.insert_value("seconds", Value::from(seconds));
    context.insert_value("briefs", Value::from(briefs));
    context.insert_value("sections", Value::from(sections));
    context.insert_value("years", Value::from(years));
    context.insert_value("count", Value::from(view.catalog.len()));
    context.insert_value("content", content.map_or(Value::none(), |html| Value::safe_string(&html)));
    context
}

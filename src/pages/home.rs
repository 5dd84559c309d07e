//! The front page, and what every page knows of the site.

use tera::{Context, Value};

use super::{Page, SiteView, Teasers, add_teaser_inputs, map};
use crate::archive::{ArticleId, Catalog};
use crate::config::{SECTIONS, Site};
use crate::model::Inputs;
use crate::templates::{Languages, direction};

const SECONDARY_ARTICLES: usize = 4;
const BRIEF_ARTICLES: usize = 8;
const ARTICLES_PER_SECTION: usize = 5;

/// `site`, for every template.
pub(crate) fn site_context(site: &Site, catalog: &Catalog, languages: &Languages) -> Value {
    let messages = languages.get(&site.config.language);
    let config = &site.config;
    let reactions = config.reactions.as_ref().filter(|settings| settings.endpoint.is_some() || settings.script).map(|settings| {
        let kinds = settings.kinds.iter().map(|kind| {
            let default_label = || messages.find(&format!("reaction_{}", kind.key)).unwrap_or(&kind.key);
            let label = kind.label.as_deref().unwrap_or_else(default_label);
            Value::from(
                map! { "key" => kind.key.as_str(), "symbol" => kind.symbol.as_str(), "label" => label },
            )
        });
        let kinds: Vec<Value> = kinds.collect();
        Value::from(map! { "endpoint" => settings.endpoint.as_deref(), "script" => settings.script, "kinds" => kinds })
    });
    let file_url = |path: &Option<String>| path.as_ref().map(|path| site.href(path));
    Value::from(map! {
        "title" => config.title.as_str(),
        "description" => config.description.as_deref(),
        "base_url" => site.base_url.as_str(),
        "path" => site.base_path.as_str(),
        "language" => config.language.as_str(),
        "dir" => direction(&config.language),
        "nav" => nav_links(site, catalog),
        "languages" => super::language::front_page_links(site, catalog, languages),
        "copyright" => config.copyright.as_deref(),
        "feeds" => super::outputs::feed_links(site, ""),
        "feed_url" => super::outputs::feed_links(site, "").first().and_then(|feed| feed.as_map()?.get(&"url".into()).cloned()),
        "license" => config.outputs.license.as_deref(),
        "logo" => file_url(&config.logo),
        "favicon" => file_url(&config.favicon),
        "paper" => config.theme.paper_color("light"),
        "paper_dark" => config.theme.paper_color("dark"),
        "search" => config.search.as_ref().map(|_| site.href("/search/")),
        "reactions" => reactions,
        "extra" => Value::from_serializable(&config.extra),
    })
}

/// The configured sections that have stories, for the masthead.
fn nav_links(site: &Site, catalog: &Catalog) -> Vec<Value> {
    let Some(taxonomy) = site.taxonomy_index(SECTIONS) else { return Vec::new() };
    let terms = catalog.terms_of(taxonomy);
    let items = site.config.sections.iter().filter_map(|item| {
        let id = terms.iter().find(|&&id| catalog.term(id).slug == item.slug)?;
        let url = site.href(&format!("/{}/{}/", site.taxonomies[taxonomy].path, item.slug));
        Some(Value::from(map! { "name" => catalog.term(*id).name.as_str(), "url" => url }))
    });
    items.collect()
}

/// The sections of the front page with the rows that each shows, those above left out.
fn sections(view: &SiteView<'_>) -> Vec<(crate::archive::TermId, Vec<ArticleId>)> {
    let first_featured = (view.catalog.len() as ArticleId)
        .saturating_sub((1 + SECONDARY_ARTICLES + BRIEF_ARTICLES) as ArticleId);
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

pub(super) fn add_inputs(view: &SiteView<'_>, inputs: &mut Inputs) {
    add_teaser_inputs(
        view.catalog.ids().rev().take(1 + SECONDARY_ARTICLES + BRIEF_ARTICLES),
        view,
        inputs,
    );
    for (id, article_ids) in sections(view) {
        let term = view.catalog.term(id);
        inputs.text("section", &term.slug).text("section's name", &term.name);
        inputs.number("section's stories", term.article_ids.len());
        add_teaser_inputs(article_ids, view, inputs);
    }
    for year in view.catalog.years() {
        inputs.number(&format!("stories of {year}"), view.catalog.ids_in_year(year).len());
    }
    if let Some(page) = view.catalog.home_page() {
        super::term::add_index_page_inputs(page, view, inputs);
    }
}

pub(super) fn context(page: &Page, view: &SiteView<'_>, teasers: &Teasers<'_>) -> Context {
    let config = &view.site.config;
    let mut context = view.context(
        page,
        &config.title,
        config.description.as_deref(),
        &config.language,
        Vec::new(),
    );
    let mut latest = teasers
        .list(view.catalog.ids().rev().take(1 + SECONDARY_ARTICLES + BRIEF_ARTICLES))
        .into_iter();
    let lead = latest.next().unwrap_or(Value::none());
    let secondary: Vec<Value> = latest.by_ref().take(SECONDARY_ARTICLES).collect();
    let briefs: Vec<Value> = latest.collect();
    let sections = sections(view).into_iter().map(|(id, article_ids)| {
        let term = view.catalog.term(id);
        let url = view.site.href(&view.term_path(id));
        Value::from(map! { "name" => term.name.as_str(), "url" => url, "count" => term.article_ids.len(), "articles" => teasers.list(article_ids) })
    });
    let sections: Vec<Value> = sections.collect();
    let years = view.catalog.years().into_iter().rev().map(|year| {
        let url = view.site.href(&format!("/{year:04}/"));
        Value::from(map! { "year" => year, "label" => view.year_label(year), "url" => url, "count" => view.catalog.ids_in_year(year).len() })
    });
    let years: Vec<Value> = years.collect();
    let edition = view
        .catalog
        .articles(view.catalog.ids())
        .next_back()
        .map(|article| view.day_value(article.day()));
    let content =
        view.catalog.home_page().and_then(|page| super::term::introduction_html(&page.path, view));
    context.insert_value("edition", Value::from(edition));
    context.insert_value("lead", lead);
    context.insert_value("secondary", Value::from(secondary));
    context.insert_value("briefs", Value::from(briefs));
    context.insert_value("sections", Value::from(sections));
    context.insert_value("years", Value::from(years));
    context.insert_value("count", Value::from(view.catalog.len()));
    context
        .insert_value("content", content.map_or(Value::none(), |html| Value::safe_string(&html)));
    context
}

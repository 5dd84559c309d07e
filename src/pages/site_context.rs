//! The variable `site`, which every template sees.

use tera::Value;

use super::feed_links::feed_links;
use super::languages::front_page_links;
use super::menus::menu_values;
use super::values::map;
use crate::archive::Catalog;
use crate::config::{Config, RootName, SECTIONS, Site};
use crate::templates::{Languages, Messages, direction};

/// Returns `site`, which every template sees.
pub(crate) fn site_context(site: &Site, catalog: &Catalog, languages: &Languages) -> Value {
    let config = &site.config;
    let messages = languages.get(&config.language);
    let feeds = feed_links(site, "");
    let feed_url = feeds.first().and_then(|feed| feed.as_map()?.get(&"url".into()).cloned());
    let file_url = |path: &Option<String>| path.as_ref().map(|path| site.href(path));
    Value::from(map! {
        "title" => config.title.as_str(),
        "description" => config.description.as_deref(),
        "base_url" => site.base_url.as_str(),
        "path" => site.base_path.as_str(),
        "language" => config.language.as_str(),
        "dir" => direction(&config.language),
        "nav" => nav_links(site, catalog),
        "menus" => menu_values(site, catalog),
        "languages" => front_page_links(site, catalog, languages),
        "copyright" => config.copyright.as_deref(),
        "feeds" => feeds,
        "feed_url" => feed_url,
        "license" => config.outputs.license.as_deref(),
        "logo" => file_url(&config.logo),
        "favicon" => file_url(&config.favicon),
        "paper" => config.theme.paper_color("light"),
        "paper_dark" => config.theme.paper_color("dark"),
        "search" => config.search.as_ref().map(|_| site.href(&RootName::Search.dir_path())),
        "reactions" => reactions_value(config, &messages),
        "extra" => Value::from_serializable(&config.extra),
    })
}

/// Returns `{endpoint, script, kinds}` of the reaction bar, if it can do anything.
fn reactions_value(config: &Config, messages: &Messages) -> Option<Value> {
    let reactions = config.reactions.as_ref()?;
    if reactions.endpoint.is_none() && !reactions.script {
        return None;
    }
    let kinds = reactions.kinds.iter().map(|kind| {
        let default_label =
            || messages.find(&format!("reaction_{}", kind.key)).unwrap_or(&kind.key);
        Value::from(map! {
            "key" => kind.key.as_str(),
            "symbol" => kind.symbol.as_str(),
            "label" => kind.label.as_deref().unwrap_or_else(default_label),
        })
    });
    let kinds: Vec<Value> = kinds.collect();
    Some(Value::from(map! {
        "endpoint" => reactions.endpoint.as_deref(),
        "script" => reactions.script,
        "kinds" => kinds,
    }))
}

/// Returns `{name, url}` of the configured sections that have articles, for the masthead, unless
/// the menus leave them out.
fn nav_links(site: &Site, catalog: &Catalog) -> Vec<Value> {
    let has_sections = site.config.menus.sections;
    let taxonomy = site.taxonomy_index(SECTIONS).filter(|_| has_sections);
    let Some(taxonomy) = taxonomy else { return Vec::new() };
    let terms = catalog.terms_of(taxonomy);
    let items = site.config.sections.iter().filter_map(|item| {
        let id = terms.iter().find(|&&id| catalog.term(id).slug == item.slug)?;
        let url = site.href(&format!("/{}/{}/", site.taxonomies[taxonomy].path, item.slug));
        Some(Value::from(map! { "name" => catalog.term(*id).name.as_str(), "url" => url }))
    });
    items.collect()
}

//! The search page, with and without JavaScript.

use serde_json::json;
use tera::{Context, Value};

use super::kinds::Page;
use super::page_context::site_language_context;
use super::values::map;
use super::view::{SiteView, TaxonomyNames};
use crate::config::RootName;
use crate::model::Inputs;
use crate::templates::direction;

/// The interface texts of the script, without their prefix `search_`.
const SCRIPT_MESSAGE_KEYS: [&str; 13] = [
    "found",
    "about",
    "none",
    "did_you_mean",
    "also",
    "exact",
    "most",
    "missing",
    "any",
    "range",
    "damaged",
    "outdated",
    "offline",
];

/// Adds everything that the page shows to its inputs.
pub(super) fn add_inputs(view: &SiteView<'_>, inputs: &mut Inputs) {
    for (name, value) in view.site.setting_texts.select(&["search"]) {
        inputs.text(&name, &value);
    }
    inputs.number("languages", view.catalog.languages().len());
    inputs.text("right-to-left languages", &rtl_languages(view).join(" "));
    for year in view.catalog.years() {
        inputs.number("year", year as u64);
    }
    for (index, _) in taxonomies_with_terms(view) {
        inputs.text("taxonomy with terms", &view.site.taxonomies[index].key);
    }
}

/// Returns the taxonomies that have terms, with their URLs.
fn taxonomies_with_terms<'a>(
    view: &'a SiteView<'_>,
) -> impl Iterator<Item = (usize, String)> + use<'a> {
    let used =
        (0..view.site.taxonomies.len()).filter(|&index| !view.catalog.terms_of(index).is_empty());
    used.map(|index| (index, view.site.href(&format!("/{}/", view.site.taxonomies[index].path))))
}

/// Returns the values of the page's template.
pub(super) fn context(page: &Page, view: &SiteView<'_>) -> Context {
    let mut context = site_language_context(page, view.messages.get("search"), Vec::new(), view);
    let taxonomies = taxonomies_with_terms(view).map(|(index, url)| {
        let key = view.site.taxonomies[index].key.as_str();
        let TaxonomyNames { plural, singular } = view.taxonomy_names(index);
        Value::from(map! {
            "key" => key,
            "name" => plural.as_str(),
            "singular" => singular.as_str(),
            "url" => url,
        })
    });
    let taxonomies: Vec<Value> = taxonomies.collect();
    let years = view.catalog.years();
    let year_labels = years
        .iter()
        .map(|&year| Value::from(map! { "year" => year, "label" => view.year_label(year) }));
    let year_labels: Vec<Value> = year_labels.collect();
    context.insert_value("taxonomies", Value::from(taxonomies));
    context.insert_value("languages", Value::from(view.catalog.languages().len() > 1));
    context.insert_value("years", Value::from(year_labels));
    context.insert_value("engine", Value::from(engine_value(view)));
    context.insert_value("script", Value::safe_string(&script_data(view, &years)));
    context
}

/// Returns the form of an external search engine, if the site names one.
fn engine_value(view: &SiteView<'_>) -> Option<Value> {
    let engine = view.site.config.search.as_ref()?.engine.as_ref()?;
    let host = view.site.base_url.split_once("://").map_or("", |(_, rest)| rest);
    let label = view.messages.get("search_elsewhere").replace("{engine}", &engine.name);
    Some(Value::from(map! {
        "label" => label,
        "url" => engine.url.as_str(),
        "field" => engine.field.as_str(),
        "site_field" => engine.site_field.as_deref(),
        "site" => host.split('/').next().unwrap_or_default(),
    }))
}

/// Returns the right-to-left languages of articles, in order.
fn rtl_languages<'a>(view: &'a SiteView<'_>) -> Vec<&'a str> {
    let languages = view.catalog.languages().iter().map(String::as_str);
    let mut languages: Vec<&str> = languages.filter(|lang| direction(lang) == "rtl").collect();
    languages.sort_unstable();
    languages
}

/// Returns the settings of the script as JSON that is safe in HTML.
fn script_data(view: &SiteView<'_>, years: &[i32]) -> String {
    let mut data = json!({
        "folder": view.site.href(&RootName::Search.dir_path()),
        "path": view.site.base_path,
        "language": view.site.config.language,
        "digits": view.messages.formats().digits("0123456789"),
        "years": years,
        "rtl": rtl_languages(view),
    });
    for name in SCRIPT_MESSAGE_KEYS {
        data[name] = view.messages.get(&format!("search_{name}")).into();
    }
    data.to_string().replace('<', "\\u003c")
}

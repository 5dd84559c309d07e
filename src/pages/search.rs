//! The search page: what a browser's script does its work with, and what there is without one.

use serde_json::json;
use tera::{Context, Value};

use super::{Page, View, map};
use crate::model::Inputs;
use crate::templates::direction;

/// What the script says, by the names of the words.
const SAID: [&str; 8] = ["found", "about", "none", "did_you_mean", "any", "range", "damaged", "offline"];

pub(super) fn inputs(view: &View<'_>, inputs: &mut Inputs) {
    inputs.text("search", &format!("{:?}", view.site.config.search));
    inputs.text("languages from the right", &from_the_right(view).join(" "));
    inputs.text("years", &format!("{:?}", view.catalog.years()));
    for (number, _) in taxonomies(view) {
        inputs.text("taxonomy with terms", &view.site.taxonomies[number].key);
    }
}

/// Taxonomies that have terms, with their addresses.
fn taxonomies<'a>(view: &'a View<'_>) -> impl Iterator<Item = (usize, String)> + use<'a> {
    let used = (0..view.site.taxonomies.len()).filter(|&number| !view.catalog.terms_of(number).is_empty());
    used.map(|number| (number, view.site.href(&format!("/{}/", view.site.taxonomies[number].path))))
}

pub(super) fn context(page: &Page, view: &View<'_>) -> Context {
    let mut context = view.site_context(page, view.words.get("search"), Vec::new());
    let taxonomies = taxonomies(view).map(|(number, url)| {
        let key = view.site.taxonomies[number].key.as_str();
        let names = [false, true].map(|singular| view.taxonomy_name(number, singular));
        Value::from(map! { "key" => key, "name" => names[0], "singular" => names[1], "url" => url })
    });
    let taxonomies: Vec<Value> = taxonomies.collect();
    let years = view.catalog.years();
    let labels =
        years.iter().map(|&year| Value::from(map! { "year" => year, "label" => view.year_label(year) }));
    let labels: Vec<Value> = labels.collect();
    let engine = view.site.config.search.as_ref().and_then(|search| search.engine.as_ref()).map(|engine| {
        let host = view.site.base_url.split_once("://").map_or("", |(_, rest)| rest);
        let label = view.words.get("search_elsewhere").replace("{engine}", &engine.name);
        Value::from(map! {
            "label" => label, "url" => engine.url.as_str(), "field" => engine.field.as_str(),
            "site_field" => engine.site_field.as_deref(), "site" => host.split('/').next().unwrap_or_default(),
        })
    });
    context.insert_value("taxonomies", Value::from(taxonomies));
    context.insert_value("languages", Value::from(view.catalog.languages().len() > 1));
    context.insert_value("years", Value::from(labels));
    context.insert_value("engine", Value::from(engine));
    context.insert_value("script", Value::safe_string(&script_data(view, &years)));
    context
}

/// The languages that are set from the right, in order.
fn from_the_right<'a>(view: &'a View<'_>) -> Vec<&'a str> {
    let languages = view.catalog.languages().iter().map(String::as_str);
    let mut languages: Vec<&str> = languages.filter(|lang| direction(lang) == "rtl").collect();
    languages.sort_unstable();
    languages
}

/// What the script needs to know, as JSON that can stand in HTML.
fn script_data(view: &View<'_>, years: &[i32]) -> String {
    let mut data = json!({
        "folder": view.site.href("/search/"),
        "path": view.site.path,
        "language": view.site.config.language,
        "digits": view.words.formats().digits("0123456789"),
        "years": years,
        "rtl": from_the_right(view),
    });
    for name in SAID {
        data[name] = view.words.get(&format!("search_{name}")).into();
    }
    data.to_string().replace('<', "\\u003c")
}

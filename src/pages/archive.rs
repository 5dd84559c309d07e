//! The page of all years.

use tera::{Context, Value};

use super::kinds::Page;
use super::page_context::site_language_context;
use super::values::map;
use super::view::SiteView;
use crate::config::RootName;
use crate::model::Inputs;

/// Adds everything that the page shows to its inputs; likewise for the index of the days of the
/// year.
pub(super) fn add_inputs(view: &SiteView<'_>, inputs: &mut Inputs) {
    for ((month, day), years) in view.calendar.iter() {
        for ids in years {
            let year = view.catalog.article(ids.start).day().year();
            inputs.number(&format!("articles of {year:04}-{month:02}-{day:02}"), ids.len());
        }
    }
    inputs.number("corrections", u8::from(!view.corrections.is_empty()));
    for (index, taxonomy) in view.site.taxonomies.iter().enumerate() {
        inputs.number(&format!("terms of {}", taxonomy.key), view.catalog.terms_of(index).len());
    }
}

/// Returns the values of the page's template.
pub(super) fn context(page: &Page, view: &SiteView<'_>) -> Context {
    let mut context = site_language_context(page, view.messages.get("archive"), Vec::new(), view);
    let years: Vec<i32> = view.catalog.years();
    let months = years.iter().flat_map(|&year| (1..=12).map(move |month| (year, month)));
    let busiest = months
        .map(|(year, month)| view.catalog.ids_in_month(year, month).len())
        .max()
        .unwrap_or(1)
        .max(1);
    let years: Vec<Value> =
        years.into_iter().rev().map(|year| year_bar(year, busiest, view)).collect();
    let taxonomies = view
        .site
        .taxonomies
        .iter()
        .enumerate()
        .filter(|(index, _)| !view.catalog.terms_of(*index).is_empty());
    let taxonomies = taxonomies.map(|(index, taxonomy)| {
        Value::from(map! {
            "key" => taxonomy.key.as_str(),
            "name" => view.taxonomy_names(index).plural.as_str(),
            "url" => view.site.href(&format!("/{}/", taxonomy.path)),
            "count" => view.catalog.terms_of(index).len(),
        })
    });
    let taxonomies: Vec<Value> = taxonomies.collect();
    let corrections_url =
        (!view.corrections.is_empty()).then(|| view.site.href(&RootName::Corrections.dir_path()));
    context.insert_value("corrections_url", Value::from(corrections_url));
    context.insert_value("count", Value::from(view.catalog.len()));
    context.insert_value("years", Value::from(years));
    context.insert_value("taxonomies", Value::from(taxonomies));
    context.insert_value(
        "on_this_day_url",
        Value::from(view.site.href(&RootName::OnThisDay.dir_path())),
    );
    context
}

fn year_bar(year: i32, busiest: usize, view: &SiteView<'_>) -> Value {
    let months = (1..=12).map(|month| {
        let count = view.catalog.ids_in_month(year, month).len();
        Value::from(map! {
            "number" => month,
            "name" => view.messages.formats().month(month),
            "url" => (count > 0).then(|| view.site.href(&format!("/{year:04}/{month:02}/"))),
            "count" => count,
            "level" => (count * 100).div_ceil(busiest),
        })
    });
    let months: Vec<Value> = months.collect();
    let count = view.catalog.ids_in_year(year).len();
    Value::from(map! {
        "year" => year,
        "label" => view.year_label(year),
        "url" => view.site.href(&format!("/{year:04}/")),
        "count" => count,
        "months" => months,
    })
}

//! The pages of all corrections, and the corrections of a day.

use tera::{Context, Value};

use super::correction_index::CorrectionRef;
use super::dates::date_value;
use super::feed_links::feed_links;
use super::kinds::Page;
use super::page_context::site_language_context;
use super::teaser::{add_teaser_inputs, localized_teaser};
use super::urls::corrections_path;
use super::values::map;
use super::view::SiteView;
use crate::model::Inputs;

/// Returns the pages of corrections, if there are any, and those of unpublished articles.
/// One at a URL that contains a redacted name would repeat the name: that URL isn't found.
pub(crate) fn correction_pages(view: &SiteView<'_>) -> Vec<Page> {
    let years = view.corrections.years().map(|year| Page::Corrections(Some(year)));
    let all = (!view.corrections.is_empty()).then_some(Page::Corrections(None));
    let tombstones = view.catalog.tombstones().iter().zip(0..).flat_map(|(tombstone, index)| {
        let urls = tombstone.permalinks.iter().zip(0..);
        urls.filter(|(url, _)| !view.redacted_names.is_match(url))
            .map(move |(_, url_index)| Page::Tombstone(index, url_index))
    });
    all.into_iter().chain(years).chain(tombstones).collect()
}

/// Adds some corrections to the inputs of a page that shows them.
pub(super) fn add_correction_inputs(
    corrections: &[CorrectionRef],
    view: &SiteView<'_>,
    inputs: &mut Inputs,
) {
    for correction in corrections {
        add_teaser_inputs([correction.article], view, inputs);
        inputs
            .number("time of a correction", correction.seconds as u64)
            .text("text of a correction", correction.text(view.catalog));
    }
}

/// Returns corrections as templates see them.
pub(super) fn correction_values<'a>(
    corrections: impl IntoIterator<Item = &'a CorrectionRef>,
    view: &SiteView<'_>,
) -> Vec<Value> {
    let value = |correction: &CorrectionRef| {
        let article = view.catalog.article(correction.article);
        Value::from(map! {
            "date" => date_value(correction.moment(), view, &view.messages),
            "text" => correction.text(view.catalog),
            "url" => view.site.href(article.permalink()) + &correction.anchor(),
            "article" => Value::from(localized_teaser(&article, view, &view.messages)),
        })
    };
    corrections.into_iter().map(value).collect()
}

/// Returns the year whose corrections a page shows.
fn shown_year(year: Option<i32>, view: &SiteView<'_>) -> i32 {
    year.or_else(|| view.corrections.years().next_back()).unwrap_or_default()
}

/// Adds everything that a page of corrections shows to its inputs.
pub(super) fn add_inputs(year: Option<i32>, view: &SiteView<'_>, inputs: &mut Inputs) {
    add_correction_inputs(view.corrections.year(shown_year(year, view)), view, inputs);
    if year.is_none() {
        for year in view.corrections.years() {
            inputs.number(&format!("corrections of {year}"), view.corrections.year(year).len());
        }
    }
}

/// Returns the values of the page's template.
pub(super) fn context(page: &Page, year: Option<i32>, view: &SiteView<'_>) -> Context {
    let title = view.messages.get("corrections");
    let all_link = view.link_value(title, &corrections_path(None));
    let (title, breadcrumbs) = match year {
        Some(year) => (format!("{title} {}", view.year_label(year)), vec![all_link]),
        None => (title.to_owned(), Vec::new()),
    };
    let mut context = site_language_context(page, &title, breadcrumbs, view);
    let corrections = view.corrections.year(shown_year(year, view));
    context.insert_value("year", Value::from(view.year_label(shown_year(year, view))));
    context.insert_value(
        "corrections",
        Value::from(correction_values(corrections.iter().rev(), view)),
    );
    let years = view.corrections.years().rev().filter(|_| year.is_none()).map(|year| {
        Value::from(map! {
            "label" => view.year_label(year),
            "url" => view.site.href(&corrections_path(Some(year))),
            "count" => view.corrections.year(year).len(),
        })
    });
    context.insert_value("years", Value::from(years.collect::<Vec<Value>>()));
    let feeds = if year.is_none() {
        feed_links(view.site, corrections_path(None).trim_end_matches('/'))
    } else {
        Vec::new()
    };
    context.insert_value("feeds", Value::from(feeds));
    context
}

//! A year.

use tera::{Context, Value};

use super::calendar::{CellContent, TintScale, month_weeks, weekday_names, year_heatmap};
use super::kinds::Page;
use super::page_context::site_language_context;
use super::period::{add_adjacent_day_inputs, days_in};
use super::teaser::{Teasers, add_teaser_inputs};
use super::values::map;
use super::view::SiteView;
use crate::archive::ArticleId;
use crate::config::RootName;
use crate::model::{Day, Inputs};

/// The number of headlines of each month.
const MONTH_HEADLINES: ArticleId = 3;

/// Adds everything that the page shows to its inputs.
pub(super) fn add_inputs(year: i32, view: &SiteView<'_>, inputs: &mut Inputs) {
    let ids = view.catalog.ids_in_year(year);
    add_adjacent_day_inputs(&ids, view, inputs);
    for day_ids in days_in(ids, view) {
        let day = view.catalog.article(day_ids.start).day();
        inputs.text("day", &day.iso()).number("articles of that day", day_ids.len());
    }
    for month in 1..=12 {
        let ids = view.catalog.ids_in_month(year, month);
        add_teaser_inputs(ids.start..ids.end.min(ids.start + MONTH_HEADLINES), view, inputs);
    }
}

/// Returns the values of the page's template.
pub(super) fn context(
    page: &Page,
    year: i32,
    view: &SiteView<'_>,
    teasers: &Teasers<'_>,
) -> Context {
    let ids = view.catalog.ids_in_year(year);
    let breadcrumbs =
        vec![view.link_value(view.messages.get("archive"), &RootName::Archive.dir_path())];
    let mut context = site_language_context(page, &view.year_label(year), breadcrumbs, view);
    let tints =
        TintScale::from_counts(days_in(ids.clone(), view).iter().map(ExactSizeIterator::len));
    let months = (1..=12).map(|month| {
        let ids = view.catalog.ids_in_month(year, month);
        Value::from(map! {
            "number" => month,
            "name" => view.messages.formats().month(month),
            "url" => (!ids.is_empty()).then(|| view.site.href(&format!("/{year:04}/{month:02}/"))),
            "count" => ids.len(),
            "articles" => teasers.list(ids.start..ids.end.min(ids.start + MONTH_HEADLINES)),
            "weeks" => month_weeks(year, month, CellContent::CountsOnly, tints, view),
        })
    });
    let months: Vec<Value> = months.collect();
    let year_link =
        |day: Day| view.link_value(&view.year_label(day.year()), &format!("/{:04}/", day.year()));
    let (previous, next) = view.catalog.neighboring_days(&ids);
    context.insert_value("year", Value::from(year));
    context.insert_value("count", Value::from(ids.len()));
    context.insert_value("heatmap", year_heatmap(year, tints, view));
    context.insert_value("months", Value::from(months));
    context.insert_value("weekdays", Value::from(weekday_names(view)));
    context.insert_value("previous", Value::from(previous.map(year_link)));
    context.insert_value("next", Value::from(next.map(year_link)));
    context
}

//! A month.

use tera::{Context, Value};

use super::calendar::{CellContent, TintScale, month_weeks, weekday_names};
use super::kinds::Page;
use super::page_context::site_language_context;
use super::period::{add_adjacent_day_inputs, days_in};
use super::teaser::{Teasers, add_teaser_inputs};
use super::values::map;
use super::view::SiteView;
use crate::model::{Day, Inputs};
use crate::templates::DateStyle;

/// Adds everything that the page shows to its inputs.
pub(super) fn add_inputs(year: i32, month: u32, view: &SiteView<'_>, inputs: &mut Inputs) {
    let ids = view.catalog.ids_in_month(year, month);
    add_adjacent_day_inputs(&ids, view, inputs);
    for day_ids in days_in(ids, view) {
        inputs.number("articles of a day", day_ids.len());
        add_teaser_inputs([day_ids.start], view, inputs);
    }
}

/// Returns the values of the page's template.
pub(super) fn context(
    page: &Page,
    year: i32,
    month: u32,
    view: &SiteView<'_>,
    teasers: &Teasers<'_>,
) -> Context {
    let ids = view.catalog.ids_in_month(year, month);
    let year_path = format!("/{year:04}/");
    let breadcrumbs = vec![view.link_value(&view.year_label(year), &year_path)];
    let mut context =
        site_language_context(page, &month_name(year, month, view), breadcrumbs, view);
    let days = days_in(ids.clone(), view);
    let tints = TintScale::from_counts(days.iter().map(ExactSizeIterator::len));
    let days = days.into_iter().map(|ids| {
        let day = view.catalog.article(ids.start).day();
        Value::from(map! {
            "date" => view.day_value(day),
            "url" => view.site.href(&day.path()),
            "count" => ids.len(),
            "lead" => teasers.get(ids.start),
        })
    });
    let days: Vec<Value> = days.collect();
    let weeks = month_weeks(year, month, CellContent::WithLeads, tints, view);
    let month_link = |day: Day| {
        let path = format!("/{:04}/{:02}/", day.year(), day.month());
        view.link_value(&month_name(day.year(), day.month(), view), &path)
    };
    let (previous, next) = view.catalog.neighboring_days(&ids);
    context.insert_value("days", Value::from(days));
    context.insert_value("year", Value::from(year));
    context.insert_value("month", Value::from(month));
    context.insert_value("name", Value::from(view.messages.formats().month(month)));
    context.insert_value("count", Value::from(ids.len()));
    context.insert_value("weeks", Value::from(weeks));
    context.insert_value("weekdays", Value::from(weekday_names(view)));
    context.insert_value("year_url", Value::from(view.site.href(&year_path)));
    context.insert_value("previous", Value::from(previous.map(month_link)));
    context.insert_value("next", Value::from(next.map(month_link)));
    context
}

fn month_name(year: i32, month: u32, view: &SiteView<'_>) -> String {
    Day::new(year, month, 1)
        .map(|day| view.messages.formats().day(DateStyle::MonthYear, day))
        .unwrap_or_default()
}

//! The days of the year, and one day in every year.

use tera::{Context, Value};

use super::calendar::TintScale;
use super::kinds::Page;
use super::page_context::site_language_context;
use super::pager::PAGE_SIZE;
use super::teaser::{Teasers, add_teaser_inputs};
use super::urls::on_this_day_path;
use super::values::map;
use super::view::SiteView;
use crate::archive::ArticleId;
use crate::config::RootName;
use crate::model::date::days_in_month;
use crate::model::{Day, Inputs};
use crate::templates::DateStyle;

/// A leap year, which has every day of the calendar.
const LEAP_YEAR: i32 = 2024;

/// Returns the values of the template of the index of all days.
pub(super) fn index_context(page: &Page, view: &SiteView<'_>) -> Context {
    let title = view.messages.get("on_this_day");
    let breadcrumbs =
        vec![view.link_value(view.messages.get("archive"), &RootName::Archive.dir_path())];
    let mut context = site_language_context(page, title, breadcrumbs, view);
    let days_of = |month| 1..=days_in_month(LEAP_YEAR, month);
    let dates = (1..=12).flat_map(|month| days_of(month).map(move |day| (month, day)));
    let count =
        |month, day| view.calendar.years_on(month, day).iter().map(ExactSizeIterator::len).sum();
    let tints = TintScale::from_counts(dates.map(|(month, day)| count(month, day)));
    let months = (1..=12).map(|month| {
        let days = days_of(month).map(|day| {
            let count: usize = count(month, day);
            Value::from(map! {
                "number" => day,
                "url" => (count > 0).then(|| view.site.href(&on_this_day_path(month, day))),
                "count" => count,
                "level" => tints.level(count),
            })
        });
        let days: Vec<Value> = days.collect();
        Value::from(map! {
            "number" => month,
            "name" => view.messages.formats().month(month),
            "days" => days,
        })
    });
    let months: Vec<Value> = months.collect();
    context.insert_value("months", Value::from(months));
    context
}

/// Returns the number of articles of each year that a day's page shows, so that it never shows more
/// than a listing does.
fn articles_per_year(years: usize) -> ArticleId {
    (PAGE_SIZE / years.max(1)).clamp(1, 10) as ArticleId
}

/// Adds everything that a day's page shows to its inputs.
pub(super) fn add_inputs(month: u32, day: u32, view: &SiteView<'_>, inputs: &mut Inputs) {
    let years = view.calendar.years_on(month, day);
    let limit = articles_per_year(years.len());
    for ids in years.iter().take(PAGE_SIZE) {
        let year = view.catalog.article(ids.start).day().year();
        inputs.number(&format!("articles of this day in {year}"), ids.len());
        add_teaser_inputs(ids.start..ids.end.min(ids.start + limit), view, inputs);
    }
    for (month, day) in view.calendar.adjacent_days(month, day).into_iter().flatten() {
        inputs.text("adjacent day", &format!("{month:02}-{day:02}"));
    }
}

/// Returns the values of the template of a day's page.
pub(super) fn context(
    page: &Page,
    month: u32,
    day: u32,
    view: &SiteView<'_>,
    teasers: &Teasers<'_>,
) -> Context {
    let day_label = |(month, day): (u32, u32)| {
        Day::new(LEAP_YEAR, month, day)
            .map(|day| view.messages.formats().day(DateStyle::DayMonth, day))
            .unwrap_or_default()
    };
    let breadcrumbs =
        vec![view.link_value(view.messages.get("on_this_day"), &RootName::OnThisDay.dir_path())];
    let mut context = site_language_context(page, &day_label((month, day)), breadcrumbs, view);
    let years = view.calendar.years_on(month, day);
    let limit = articles_per_year(years.len());
    let years = years.iter().take(PAGE_SIZE).map(|ids| {
        let day = view.catalog.article(ids.start).day();
        Value::from(map! {
            "year" => day.year(),
            "label" => view.year_label(day.year()),
            "url" => view.site.href(&day.path()),
            "count" => ids.len(),
            "articles" => teasers.list(ids.start..ids.end.min(ids.start + limit)),
        })
    });
    let years: Vec<Value> = years.collect();
    context.insert_value("name", Value::from(day_label((month, day))));
    context.insert_value("years", Value::from(years));
    let [previous, next] = view.calendar.adjacent_days(month, day).map(|date| {
        date.map(|(month, day)| {
            view.link_value(&day_label((month, day)), &on_this_day_path(month, day))
        })
    });
    context.insert_value("previous", Value::from(previous));
    context.insert_value("next", Value::from(next));
    context
}

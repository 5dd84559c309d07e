//! All years, and one day in every year.

use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Unbounded};
use std::ops::Range;

use tera::{Context, Value};

use super::calendar::TintScale;
use super::{PAGE_SIZE, Page, SiteView, Teasers, add_teaser_inputs, map};
use crate::archive::{ArticleId, Catalog};
use crate::model::date::days_in_month;
use crate::model::{Day, Inputs};
use crate::templates::DateStyle;

/// The days of the calendar that have stories, each with the rows of every year, newest year first.
pub(crate) struct CalendarIndex(BTreeMap<(u32, u32), Vec<Range<ArticleId>>>);

impl CalendarIndex {
    pub(super) fn from_catalog(catalog: &Catalog) -> Self {
        let mut days: BTreeMap<(u32, u32), Vec<Range<ArticleId>>> = BTreeMap::new();
        let mut end = catalog.len() as ArticleId;
        let day_number = |id: ArticleId| catalog.article(id).day_number();
        for start in catalog.ids().rev() {
            if start == 0 || day_number(start - 1) != day_number(start) {
                let day = catalog.article(start).day();
                days.entry((day.month(), day.day())).or_default().push(start..end);
                end = start;
            }
        }
        Self(days)
    }

    /// The days, from the first of January.
    pub(crate) fn days(&self) -> impl Iterator<Item = (u32, u32)> {
        self.0.keys().copied()
    }

    fn years_on(&self, month: u32, day: u32) -> &[Range<ArticleId>] {
        self.0.get(&(month, day)).map_or(&[], Vec::as_slice)
    }

    /// The days with stories before and after one, around the turn of the year if need be.
    fn adjacent_days(&self, month: u32, day: u32) -> [Option<(u32, u32)>; 2] {
        let date = (month, day);
        let different = |candidate: Option<&(u32, u32)>| {
            candidate.copied().filter(|candidate| *candidate != date)
        };
        let days = || self.0.keys();
        let previous =
            self.0.range(..date).next_back().map(|(day, _)| day).or_else(|| days().next_back());
        let next = self.0.range((Excluded(date), Unbounded)).next().map(|(day, _)| day);
        [different(previous), different(next.or_else(|| days().next()))]
    }
}

pub(super) fn add_inputs(view: &SiteView<'_>, inputs: &mut Inputs) {
    for ((month, day), years) in &view.calendar.0 {
        for ids in years {
            let year = view.catalog.article(ids.start).day().year();
            inputs.number(&format!("stories of {year:04}-{month:02}-{day:02}"), ids.len());
        }
    }
    inputs.number("corrections", u8::from(!view.corrections.is_empty()));
    for (index, taxonomy) in view.site.taxonomies.iter().enumerate() {
        inputs.number(&format!("terms of {}", taxonomy.key), view.catalog.terms_of(index).len());
    }
}

pub(super) fn context(page: &Page, view: &SiteView<'_>) -> Context {
    let mut context = view.site_language_context(page, view.messages.get("archive"), Vec::new());
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
            "name" => view.taxonomy_name(index, false),
            "url" => view.site.href(&format!("/{}/", taxonomy.path)),
            "count" => view.catalog.terms_of(index).len(),
        })
    });
    let taxonomies: Vec<Value> = taxonomies.collect();
    let corrections_url = (!view.corrections.is_empty()).then(|| view.site.href("/corrections/"));
    context.insert_value("corrections_url", Value::from(corrections_url));
    context.insert_value("count", Value::from(view.catalog.len()));
    context.insert_value("years", Value::from(years));
    context.insert_value("taxonomies", Value::from(taxonomies));
    context.insert_value("on_this_day_url", Value::from(view.site.href("/on-this-day/")));
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
    Value::from(
        map! { "year" => year, "label" => view.year_label(year), "url" => view.site.href(&format!("/{year:04}/")), "count" => count, "months" => months },
    )
}

pub(super) fn on_this_day_index_context(page: &Page, view: &SiteView<'_>) -> Context {
    let mut context = view.site_language_context(
        page,
        view.messages.get("on_this_day"),
        vec![view.link_value(view.messages.get("archive"), "/archive/")],
    );
    // A leap year has every day there is.
    let dates =
        (1..=12).flat_map(|month| (1..=days_in_month(2024, month)).map(move |day| (month, day)));
    let count =
        |month, day| view.calendar.years_on(month, day).iter().map(ExactSizeIterator::len).sum();
    let tints = TintScale::from_counts(dates.map(|(month, day)| count(month, day)));
    let months = (1..=12).map(|month| {
        let days = (1..=days_in_month(2024, month)).map(|day| {
            let count: usize = count(month, day);
            let url = (count > 0).then(|| view.site.href(&format!("/on-this-day/{month:02}-{day:02}/")));
            Value::from(
                map! { "number" => day, "url" => url, "count" => count, "level" => tints.level(count) },
            )
        });
        let days: Vec<Value> = days.collect();
        Value::from(map! { "number" => month, "name" => view.messages.formats().month(month), "days" => days })
    });
    let months: Vec<Value> = months.collect();
    context.insert_value("months", Value::from(months));
    context
}

/// How many stories of each year a day's page shows, so that it never shows more than a listing
/// may.
fn articles_per_year(years: usize) -> ArticleId {
    (PAGE_SIZE / years.max(1)).clamp(1, 10) as ArticleId
}

pub(super) fn add_on_this_day_inputs(
    month: u32,
    day: u32,
    view: &SiteView<'_>,
    inputs: &mut Inputs,
) {
    let years = view.calendar.years_on(month, day);
    let limit = articles_per_year(years.len());
    for ids in years.iter().take(PAGE_SIZE) {
        let year = view.catalog.article(ids.start).day().year();
        inputs.number(&format!("stories of this day in {year}"), ids.len());
        add_teaser_inputs(ids.start..ids.end.min(ids.start + limit), view, inputs);
    }
    for (month, day) in view.calendar.adjacent_days(month, day).into_iter().flatten() {
        inputs.text("neighbouring day", &format!("{month:02}-{day:02}"));
    }
}

pub(super) fn on_this_day_context(
    page: &Page,
    month: u32,
    day: u32,
    view: &SiteView<'_>,
    teasers: &Teasers<'_>,
) -> Context {
    let day_label = |(month, day): (u32, u32)| {
        Day::new(2024, month, day)
            .map(|day| view.messages.formats().day(DateStyle::DayMonth, day))
            .unwrap_or_default()
    };
    let breadcrumbs = vec![view.link_value(view.messages.get("on_this_day"), "/on-this-day/")];
    let mut context = view.site_language_context(page, &day_label((month, day)), breadcrumbs);
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
            view.link_value(&day_label((month, day)), &format!("/on-this-day/{month:02}-{day:02}/"))
        })
    });
    context.insert_value("previous", Value::from(previous));
    context.insert_value("next", Value::from(next));
    context
}

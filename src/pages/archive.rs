//! All years, and one day in every year.

use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Unbounded};
use std::ops::Range;

use tera::{Context, Value};

use super::calendar::Tints;
use super::{PAGE_SIZE, Page, Teasers, View, map, teasers_of};
use crate::catalog::{Catalog, RowId};
use crate::model::date::days_in_month;
use crate::model::{Day, Inputs};
use crate::templates::Form;

/// The days of the calendar that have stories, each with the rows of every year, newest year first.
pub struct Calendar(BTreeMap<(u32, u32), Vec<Range<RowId>>>);

impl Calendar {
    pub(super) fn of(catalog: &Catalog) -> Self {
        let mut days: BTreeMap<(u32, u32), Vec<Range<RowId>>> = BTreeMap::new();
        let mut end = catalog.len() as RowId;
        let number = |row: RowId| catalog.story(row).day_number();
        for start in catalog.all().rev() {
            if start == 0 || number(start - 1) != number(start) {
                let day = catalog.story(start).day();
                days.entry((day.month(), day.day())).or_default().push(start..end);
                end = start;
            }
        }
        Self(days)
    }

    /// The days, from the first of January.
    pub fn days(&self) -> impl Iterator<Item = (u32, u32)> {
        self.0.keys().copied()
    }

    fn years_of(&self, month: u32, day: u32) -> &[Range<RowId>] {
        self.0.get(&(month, day)).map_or(&[], Vec::as_slice)
    }

    /// The days with stories before and after one, around the turn of the year if need be.
    fn around(&self, month: u32, day: u32) -> [Option<(u32, u32)>; 2] {
        let at = (month, day);
        let other = |found: Option<&(u32, u32)>| found.copied().filter(|found| *found != at);
        let days = || self.0.keys();
        let before = self.0.range(..at).next_back().map(|(day, _)| day).or_else(|| days().next_back());
        let after = self.0.range((Excluded(at), Unbounded)).next().map(|(day, _)| day);
        [other(before), other(after.or_else(|| days().next()))]
    }
}

pub(super) fn inputs(view: &View<'_>, inputs: &mut Inputs) {
    for ((month, day), years) in &view.calendar.0 {
        for rows in years {
            let year = view.catalog.story(rows.start).day().year();
            inputs.number(&format!("stories of {year:04}-{month:02}-{day:02}"), rows.len());
        }
    }
    inputs.number("corrections", u8::from(!view.corrected.is_empty()));
    for (number, taxonomy) in view.site.taxonomies.iter().enumerate() {
        inputs.number(&format!("terms of {}", taxonomy.key), view.catalog.terms_of(number).len());
    }
}

pub(super) fn context(page: &Page, view: &View<'_>) -> Context {
    let mut context = view.site_context(page, view.words.get("archive"), Vec::new());
    let years: Vec<i32> = view.catalog.years();
    let busiest = years.iter().flat_map(|&year| (1..=12).map(move |month| (year, month)));
    let busiest =
        busiest.map(|(year, month)| view.catalog.month(year, month).len()).max().unwrap_or(1).max(1);
    let years: Vec<Value> = years.into_iter().rev().map(|year| year_bar(year, busiest, view)).collect();
    let taxonomies = view
        .site
        .taxonomies
        .iter()
        .enumerate()
        .filter(|(number, _)| !view.catalog.terms_of(*number).is_empty());
    let taxonomies = taxonomies.map(|(number, taxonomy)| {
        Value::from(map! {
            "key" => taxonomy.key.as_str(),
            "name" => view.taxonomy_name(number, false),
            "url" => view.site.href(&format!("/{}/", taxonomy.path)),
            "count" => view.catalog.terms_of(number).len(),
        })
    });
    let taxonomies: Vec<Value> = taxonomies.collect();
    let corrections = (!view.corrected.is_empty()).then(|| view.site.href("/corrections/"));
    context.insert_value("corrections_url", Value::from(corrections));
    context.insert_value("count", Value::from(view.catalog.len()));
    context.insert_value("years", Value::from(years));
    context.insert_value("taxonomies", Value::from(taxonomies));
    context.insert_value("on_this_day_url", Value::from(view.site.href("/on-this-day/")));
    context
}

fn year_bar(year: i32, busiest: usize, view: &View<'_>) -> Value {
    let months = (1..=12).map(|month| {
        let count = view.catalog.month(year, month).len();
        Value::from(map! {
            "number" => month,
            "name" => view.words.formats().month(month),
            "url" => (count > 0).then(|| view.site.href(&format!("/{year:04}/{month:02}/"))),
            "count" => count,
            "level" => (count * 100).div_ceil(busiest),
        })
    });
    let months: Vec<Value> = months.collect();
    let count = view.catalog.year(year).len();
    Value::from(
        map! { "year" => year, "label" => view.year_label(year), "url" => view.site.href(&format!("/{year:04}/")), "count" => count, "months" => months },
    )
}

pub(super) fn days(page: &Page, view: &View<'_>) -> Context {
    let mut context = view.site_context(
        page,
        view.words.get("on_this_day"),
        vec![view.crumb(view.words.get("archive"), "/archive/")],
    );
    // A leap year has every day there is.
    let all = (1..=12).flat_map(|month| (1..=days_in_month(2024, month)).map(move |day| (month, day)));
    let count = |month, day| view.calendar.years_of(month, day).iter().map(ExactSizeIterator::len).sum();
    let tints = Tints::of(all.map(|(month, day)| count(month, day)));
    let months = (1..=12).map(|month| {
        let days = (1..=days_in_month(2024, month)).map(|day| {
            let count: usize = count(month, day);
            let url = (count > 0).then(|| view.site.href(&format!("/on-this-day/{month:02}-{day:02}/")));
            Value::from(
                map! { "number" => day, "url" => url, "count" => count, "level" => tints.level(count) },
            )
        });
        let days: Vec<Value> = days.collect();
        Value::from(map! { "number" => month, "name" => view.words.formats().month(month), "days" => days })
    });
    let months: Vec<Value> = months.collect();
    context.insert_value("months", Value::from(months));
    context
}

/// How many stories of each year a day's page shows, so that it never shows more than a listing may.
fn shown(years: usize) -> RowId {
    (PAGE_SIZE / years.max(1)).clamp(1, 10) as RowId
}

pub(super) fn day_inputs(month: u32, day: u32, view: &View<'_>, inputs: &mut Inputs) {
    let years = view.calendar.years_of(month, day);
    let shown = shown(years.len());
    for rows in years.iter().take(PAGE_SIZE) {
        let year = view.catalog.story(rows.start).day().year();
        inputs.number(&format!("stories of this day in {year}"), rows.len());
        teasers_of(rows.start..rows.end.min(rows.start + shown), view, inputs);
    }
    for (month, day) in view.calendar.around(month, day).into_iter().flatten() {
        inputs.text("neighbouring day", &format!("{month:02}-{day:02}"));
    }
}

pub(super) fn day(page: &Page, month: u32, day: u32, view: &View<'_>, teasers: &Teasers<'_>) -> Context {
    let name = |(month, day): (u32, u32)| {
        Day::new(2024, month, day)
            .map(|day| view.words.formats().day(Form::DayMonth, day))
            .unwrap_or_default()
    };
    let crumbs = vec![view.crumb(view.words.get("on_this_day"), "/on-this-day/")];
    let mut context = view.site_context(page, &name((month, day)), crumbs);
    let years = view.calendar.years_of(month, day);
    let shown = shown(years.len());
    let years = years.iter().take(PAGE_SIZE).map(|rows| {
        let day = view.catalog.story(rows.start).day();
        Value::from(map! {
            "year" => day.year(),
            "label" => view.year_label(day.year()),
            "url" => view.site.href(&day.path()),
            "count" => rows.len(),
            "stories" => teasers.list(rows.start..rows.end.min(rows.start + shown)),
        })
    });
    let years: Vec<Value> = years.collect();
    context.insert_value("name", Value::from(name((month, day))));
    context.insert_value("years", Value::from(years));
    let [previous, next] = view.calendar.around(month, day).map(|found| {
        found.map(|(month, day)| {
            view.crumb(&name((month, day)), &format!("/on-this-day/{month:02}-{day:02}/"))
        })
    });
    context.insert_value("previous", Value::from(previous));
    context.insert_value("next", Value::from(next));
    context
}

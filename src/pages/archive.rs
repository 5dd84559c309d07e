//! All years, and one day in every year.

use tera::{Context, Value};

use super::{PAGE_SIZE, Page, Teasers, View, hash_rows, map};
use crate::catalog::RowId;
use crate::model::date::days_in_month;
use crate::model::{Day, Fingerprinter};

pub(super) fn inputs(view: &View<'_>, hash: &mut Fingerprinter) {
    let mut last = (0, 0);
    for story in view.catalog.stories(view.catalog.all()) {
        if last.0 == story.day_number() {
            last.1 += 1;
        } else {
            hash.number(last.0 as u64).number(last.1);
            last = (story.day_number(), 1);
        }
    }
    hash.number(last.0 as u64).number(last.1);
    for taxonomy in 0..view.site.taxonomies.len() {
        hash.number(view.catalog.terms_of(taxonomy).len() as u64);
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
            "name" => view.words.nth("months_standalone", month as usize - 1),
            "url" => (count > 0).then(|| view.site.href(&format!("/{year:04}/{month:02}/"))),
            "count" => count,
            "level" => (count * 100).div_ceil(busiest),
        })
    });
    let months: Vec<Value> = months.collect();
    let count = view.catalog.year(year).len();
    Value::from(
        map! { "year" => year, "url" => view.site.href(&format!("/{year:04}/")), "count" => count, "months" => months },
    )
}

/// The rows of one day of the calendar in every year, newest year first.
fn years_of(month: u32, day: u32, view: &View<'_>) -> Vec<std::ops::Range<RowId>> {
    let days = view.catalog.years().into_iter().rev().filter_map(|year| Day::new(year, month, day));
    days.map(|day| view.catalog.day(day)).filter(|rows| !rows.is_empty()).collect()
}

pub(super) fn days(page: &Page, view: &View<'_>) -> Context {
    let mut context = view.site_context(
        page,
        view.words.get("on_this_day"),
        vec![view.crumb(view.words.get("archive"), "/archive/")],
    );
    let months = (1..=12).map(|month| {
        // A leap year has every day there is.
        let days = (1..=days_in_month(2024, month)).map(|day| {
            let count: usize = years_of(month, day, view).iter().map(ExactSizeIterator::len).sum();
            let url = (count > 0).then(|| view.site.href(&format!("/on-this-day/{month:02}-{day:02}/")));
            Value::from(map! { "number" => day, "url" => url, "count" => count })
        });
        let days: Vec<Value> = days.collect();
        Value::from(map! { "number" => month, "name" => view.words.nth("months_standalone", month as usize - 1), "days" => days })
    });
    let months: Vec<Value> = months.collect();
    context.insert_value("months", Value::from(months));
    context
}

/// How many stories of each year a day's page shows, so that it never shows more than a listing may.
fn shown(years: usize) -> RowId {
    (PAGE_SIZE / years.max(1)).clamp(1, 10) as RowId
}

pub(super) fn day_inputs(month: u32, day: u32, view: &View<'_>, hash: &mut Fingerprinter) {
    let years = years_of(month, day, view);
    let shown = shown(years.len());
    for rows in years.iter().take(PAGE_SIZE) {
        hash.number(view.catalog.story(rows.start).day_number() as u64).number(rows.len() as u64);
        hash_rows(rows.start..rows.end.min(rows.start + shown), view, hash);
    }
    for (month, day) in around(month, day, view).into_iter().flatten() {
        hash.number(u64::from(month)).number(u64::from(day));
    }
}

pub(super) fn day(page: &Page, month: u32, day: u32, view: &View<'_>, teasers: &Teasers<'_>) -> Context {
    let name = |(month, day): (u32, u32)| {
        Day::new(2024, month, day).map(|day| view.words.day("day_month", day)).unwrap_or_default()
    };
    let crumbs = vec![view.crumb(view.words.get("on_this_day"), "/on-this-day/")];
    let mut context = view.site_context(page, &name((month, day)), crumbs);
    let years = years_of(month, day, view);
    let shown = shown(years.len());
    let years = years.into_iter().take(PAGE_SIZE).map(|rows| {
        let day = view.catalog.story(rows.start).day();
        Value::from(map! {
            "year" => day.year(),
            "url" => view.site.href(&day.path()),
            "count" => rows.len(),
            "stories" => teasers.list(rows.start..rows.end.min(rows.start + shown)),
        })
    });
    let years: Vec<Value> = years.collect();
    context.insert_value("name", Value::from(name((month, day))));
    context.insert_value("years", Value::from(years));
    let [previous, next] = around(month, day, view).map(|found| {
        found.map(|(month, day)| {
            view.crumb(&name((month, day)), &format!("/on-this-day/{month:02}-{day:02}/"))
        })
    });
    context.insert_value("previous", Value::from(previous));
    context.insert_value("next", Value::from(next));
    context
}

/// The days of the calendar with stories, the nearest before and after one, around the turn of the year if need be.
fn around(month: u32, day: u32, view: &View<'_>) -> [Option<(u32, u32)>; 2] {
    let number = Day::new(2024, month, day).map_or(0, Day::number);
    let first = Day::new(2024, 1, 1).map_or(0, Day::number);
    let wrapped = |step: i32| {
        (1..366)
            .filter_map(move |n| Day::from_number(first + (number - first + n * step).rem_euclid(366)))
            .map(|day| (day.month(), day.day()))
    };
    let published = |&(month, day): &(u32, u32)| !years_of(month, day, view).is_empty();
    [wrapped(-1).find(published), wrapped(1).find(published)]
}

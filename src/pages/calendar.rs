//! Calendars: weeks of days with their counts.

use tera::Value;

use super::{View, map};
use crate::catalog::Story;
use crate::model::Day;
use crate::model::date::days_in_month;
use crate::templates::direction;

/// The names of the days of the week, in the order that the site's language begins them.
pub(super) fn weekdays(view: &View<'_>) -> Vec<Value> {
    let order = (0..7).map(|at| (view.words.first_weekday() + at) % 7);
    order.map(|at| Value::from(map! { "short" => view.words.nth("weekdays_short", at), "long" => view.words.nth("weekdays", at) })).collect()
}

/// The weeks of a month; each day with its count, its tint and, if asked for, its first headline.
pub(super) fn weeks(year: i32, month: u32, leads: bool, view: &View<'_>) -> Vec<Value> {
    let days: Vec<Day> =
        (1..=days_in_month(year, month)).filter_map(|day| Day::new(year, month, day)).collect();
    let blanks = days.first().map_or(0, |first| (first.weekday() + 7 - view.words.first_weekday()) % 7);
    let mut cells: Vec<Value> = vec![Value::none(); blanks];
    cells.extend(days.iter().map(|&day| cell(day, leads, view)));
    while !cells.len().is_multiple_of(7) {
        cells.push(Value::none());
    }
    cells.chunks(7).map(|week| Value::from(week.to_vec())).collect()
}

/// A whole year as one strip, a column a week: `{columns, days, months}`, each day with its place, its tint and what is said of it.
pub(super) fn heat(year: i32, view: &View<'_>) -> Value {
    let first = Day::new(year, 1, 1).map_or(0, Day::weekday);
    let blanks = (first + 7 - view.words.first_weekday()) % 7;
    let (mut days, mut months) = (Vec::with_capacity(366), Vec::with_capacity(12));
    let all = (1..=12).flat_map(|month| (1..=days_in_month(year, month)).map(move |day| (month, day)));
    for (at, day) in all.filter_map(|(month, day)| Day::new(year, month, day)).enumerate() {
        let (column, row) = ((at + blanks) / 7, (at + blanks) % 7);
        if day.day() == 1 {
            let name = view.words.nth("months_short", day.month() as usize - 1);
            months.push(Value::from(map! { "column" => column, "name" => name }));
        }
        let count = view.catalog.day(day).len();
        let label = (count > 0).then(|| view.words.day("date_long", day));
        days.push(Value::from(
            map! { "column" => column, "row" => row, "level" => level(count), "count" => count, "label" => label },
        ));
    }
    Value::from(map! { "columns" => (days.len() + blanks).div_ceil(7), "days" => days, "months" => months })
}

fn cell(day: Day, leads: bool, view: &View<'_>) -> Value {
    let rows = view.catalog.day(day);
    let lead = (leads && !rows.is_empty()).then(|| headline(&view.catalog.story(rows.start), view));
    Value::from(map! {
        "number" => day.day(),
        "url" => (!rows.is_empty()).then(|| view.site.href(&day.path())),
        "count" => rows.len(),
        "level" => level(rows.len()),
        "lead" => lead,
    })
}

fn headline(story: &Story<'_>, view: &View<'_>) -> Value {
    Value::from(map! {
        "title" => story.title(), "url" => view.site.href(story.permalink()), "lang" => story.lang(), "dir" => direction(story.lang()),
    })
}

/// The tint of a day: fixed steps, so that a day's tint never depends on another's.
fn level(count: usize) -> u32 {
    match count {
        0 => 0,
        1 => 1,
        2..=4 => 2,
        5..=14 => 3,
        _ => 4,
    }
}

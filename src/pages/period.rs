//! Days, months and years.

use tera::{Context, Value};

use super::calendar::{Tints, heat, weekdays, weeks};
use super::{Page, Teasers, View, corrections, map, page_of, pager, pager_inputs, pages_for, teasers_of};
use crate::catalog::RowId;
use crate::model::{Day, Inputs};
use crate::site::SECTIONS;
use crate::templates::Form;

/// Adds the nearest published days to a page's inputs.
fn inputs_around(rows: &std::ops::Range<RowId>, view: &View<'_>, inputs: &mut Inputs) {
    let (before, after) = view.catalog.published_around(rows);
    for (name, day) in [("day before", before), ("day after", after)] {
        inputs.text(name, &day.map(Day::iso).unwrap_or_default());
    }
}

/// The nearest published days: before the first page of an edition, and after its last.
fn days_around(rows: &std::ops::Range<RowId>, number: u32, view: &View<'_>) -> (Option<Day>, Option<Day>) {
    let (before, after) = view.catalog.published_around(rows);
    (before.filter(|_| number == 1), after.filter(|_| number == pages_for(rows.len())))
}

pub(super) fn day_inputs(day: Day, number: u32, view: &View<'_>, inputs: &mut Inputs) {
    let rows = view.catalog.day(day);
    pager_inputs("stories of the day", rows.len(), number, inputs);
    let (before, after) = days_around(&rows, number, view);
    for (name, day) in [("day before", before), ("day after", after)] {
        inputs.text(name, &day.map(Day::iso).unwrap_or_default());
    }
    for row in page_of(&rows, number) {
        teasers_of([row], view, inputs);
    }
    if number == 1 {
        corrections::inputs_of(view.corrected.day(day), view, inputs);
    }
}

pub(super) fn day(page: &Page, day: Day, number: u32, view: &View<'_>, teasers: &Teasers<'_>) -> Context {
    let rows = view.catalog.day(day);
    let month = format!("/{:04}/{:02}/", day.year(), day.month());
    let crumbs = vec![
        view.crumb(&view.words.formats().digits(&day.year().to_string()), &format!("/{:04}/", day.year())),
        view.crumb(view.words.formats().month(day.month()), &month),
    ];
    let mut context = view.site_context(page, &view.words.formats().day(Form::Weekday, day), crumbs);
    let neighbour =
        |day: Option<Day>| day.map(|day| view.crumb(&view.words.formats().day(Form::Long, day), &day.path()));
    let (previous, next) = days_around(&rows, number, view);
    context.insert_value("date", view.day(day));
    context.insert_value("count", Value::from((number == 1).then_some(rows.len())));
    context.insert_value("groups", Value::from(groups(page_of(&rows, number), view, teasers)));
    let corrected = view.corrected.day(day).iter().filter(|_| number == 1);
    context.insert_value("corrections", Value::from(corrections::values(corrected, view)));
    context.insert_value("pager", pager(pages_for(rows.len()), number, &day.path(), view));
    context.insert_value("previous", Value::from(neighbour(previous)));
    context.insert_value("next", Value::from(neighbour(next)));
    let this_day = format!("/on-this-day/{:02}-{:02}/", day.month(), day.day());
    context.insert_value("on_this_day_url", Value::from(view.site.href(&this_day)));
    context.insert_value("month_url", Value::from(view.site.href(&month)));
    context
}

/// The stories of an edition by section: configured ones in their order, then the others by name, then those without.
fn groups(rows: std::ops::Range<RowId>, view: &View<'_>, teasers: &Teasers<'_>) -> Vec<Value> {
    let sections = view.site.taxonomy(SECTIONS);
    let order = |slug: &str| {
        view.site.config.sections.iter().position(|item| item.slug == slug).unwrap_or(usize::MAX)
    };
    let mut keyed: Vec<((bool, usize, String), RowId)> = rows
        .map(|row| {
            let story = view.catalog.story(row);
            let section = sections.and_then(|sections| story.terms_of(sections).next());
            (
                section
                    .map_or((true, 0, String::new()), |term| (false, order(&term.slug), term.name.clone())),
                row,
            )
        })
        .collect();
    keyed.sort();
    let groups = keyed.chunk_by(|a, b| a.0 == b.0).map(|group| {
        let story = view.catalog.story(group[0].1);
        let section = super::teaser::section(&story, view);
        let stories = teasers.list(group.iter().map(|(_, row)| *row));
        Value::from(map! { "section" => section, "stories" => stories })
    });
    groups.collect()
}

pub(super) fn month_inputs(year: i32, month: u32, view: &View<'_>, inputs: &mut Inputs) {
    let rows = view.catalog.month(year, month);
    inputs_around(&rows, view, inputs);
    for days in days_of(rows, view) {
        inputs.number("stories of a day", days.len());
        teasers_of([days.start], view, inputs);
    }
}

/// The rows of each day with stories within a range.
fn days_of(rows: std::ops::Range<RowId>, view: &View<'_>) -> Vec<std::ops::Range<RowId>> {
    let mut days = Vec::new();
    let mut at = rows.start;
    while at < rows.end {
        let day = view.catalog.day(view.catalog.story(at).day());
        at = day.end;
        days.push(day);
    }
    days
}

pub(super) fn month(page: &Page, year: i32, month: u32, view: &View<'_>, teasers: &Teasers<'_>) -> Context {
    let rows = view.catalog.month(year, month);
    let year_path = format!("/{year:04}/");
    let name = month_name(year, month, view);
    let mut context = view.site_context(
        page,
        &name,
        vec![view.crumb(&view.words.formats().digits(&year.to_string()), &year_path)],
    );
    let days = days_of(rows.clone(), view);
    let tints = Tints::of(days.iter().map(ExactSizeIterator::len));
    let days = days.into_iter().map(|rows| {
        let day = view.catalog.story(rows.start).day();
        Value::from(map! {
            "date" => view.day(day), "url" => view.site.href(&day.path()), "count" => rows.len(), "lead" => teasers.get(rows.start),
        })
    });
    let days: Vec<Value> = days.collect();
    context.insert_value("days", Value::from(days));
    context.insert_value("year", Value::from(year));
    context.insert_value("month", Value::from(month));
    context.insert_value("name", Value::from(view.words.formats().month(month)));
    context.insert_value("count", Value::from(rows.len()));
    context.insert_value("weeks", Value::from(weeks(year, month, true, tints, view)));
    context.insert_value("weekdays", Value::from(weekdays(view)));
    context.insert_value("year_url", Value::from(view.site.href(&year_path)));
    let neighbour = |day: Option<Day>| {
        day.map(|day| {
            view.crumb(
                &month_name(day.year(), day.month(), view),
                &format!("/{:04}/{:02}/", day.year(), day.month()),
            )
        })
    };
    let (previous, next) = view.catalog.published_around(&rows);
    context.insert_value("previous", Value::from(neighbour(previous)));
    context.insert_value("next", Value::from(neighbour(next)));
    context
}

fn month_name(year: i32, month: u32, view: &View<'_>) -> String {
    Day::new(year, month, 1).map(|day| view.words.formats().day(Form::MonthYear, day)).unwrap_or_default()
}

/// How many headlines a year's page shows of a month.
const MONTH_HEADLINES: RowId = 3;

pub(super) fn year_inputs(year: i32, view: &View<'_>, inputs: &mut Inputs) {
    let rows = view.catalog.year(year);
    inputs_around(&rows, view, inputs);
    for days in days_of(rows, view) {
        let day = view.catalog.story(days.start).day();
        inputs.text("day", &day.iso()).number("stories of that day", days.len());
    }
    for month in 1..=12 {
        let rows = view.catalog.month(year, month);
        teasers_of(rows.start..rows.end.min(rows.start + MONTH_HEADLINES), view, inputs);
    }
}

pub(super) fn year(page: &Page, year: i32, view: &View<'_>, teasers: &Teasers<'_>) -> Context {
    let rows = view.catalog.year(year);
    let archive = vec![view.crumb(view.words.get("archive"), "/archive/")];
    let mut context = view.site_context(page, &view.words.formats().digits(&year.to_string()), archive);
    let tints = Tints::of(days_of(rows.clone(), view).iter().map(ExactSizeIterator::len));
    let months = (1..=12).map(|month| {
        let rows = view.catalog.month(year, month);
        Value::from(map! {
            "number" => month,
            "name" => view.words.formats().month(month),
            "url" => (!rows.is_empty()).then(|| view.site.href(&format!("/{year:04}/{month:02}/"))),
            "count" => rows.len(),
            "stories" => teasers.list(rows.start..rows.end.min(rows.start + MONTH_HEADLINES)),
            "weeks" => weeks(year, month, false, tints, view),
        })
    });
    let months: Vec<Value> = months.collect();
    context.insert_value("year", Value::from(year));
    context.insert_value("count", Value::from(rows.len()));
    context.insert_value("heat", heat(year, tints, view));
    context.insert_value("months", Value::from(months));
    context.insert_value("weekdays", Value::from(weekdays(view)));
    let neighbour = |day: Option<Day>| {
        day.map(|day| {
            view.crumb(&view.words.formats().digits(&day.year().to_string()), &format!("/{:04}/", day.year()))
        })
    };
    let (previous, next) = view.catalog.published_around(&rows);
    context.insert_value("previous", Value::from(neighbour(previous)));
    context.insert_value("next", Value::from(neighbour(next)));
    context
}

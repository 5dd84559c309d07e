//! Days, months and years.

use tera::{Context, Value};

use super::calendar::{TintScale, month_weeks, weekday_names, year_heatmap};
use super::{
    Page, SiteView, Teasers, add_pager_inputs, add_teaser_inputs, corrections, ids_on_page, map,
    page_count, pager_value,
};
use crate::archive::ArticleId;
use crate::config::SECTIONS;
use crate::model::{Day, Inputs};
use crate::templates::DateStyle;

/// Adds the nearest published days to a page's inputs.
fn add_adjacent_day_inputs(
    ids: &std::ops::Range<ArticleId>,
    view: &SiteView<'_>,
    inputs: &mut Inputs,
) {
    let (previous, next) = view.catalog.neighboring_days(ids);
    for (name, day) in [("day before", previous), ("day after", next)] {
        inputs.text(name, &day.map(Day::iso).unwrap_or_default());
    }
}

/// The nearest published days: before the first page of an edition, and after its last.
fn adjacent_days(
    ids: &std::ops::Range<ArticleId>,
    page_number: u32,
    view: &SiteView<'_>,
) -> (Option<Day>, Option<Day>) {
    let (previous, next) = view.catalog.neighboring_days(ids);
    (previous.filter(|_| page_number == 1), next.filter(|_| page_number == page_count(ids.len())))
}

pub(super) fn add_day_inputs(day: Day, page_number: u32, view: &SiteView<'_>, inputs: &mut Inputs) {
    let ids = view.catalog.ids_on_day(day);
    add_pager_inputs("stories of the day", ids.len(), page_number, inputs);
    let (previous, next) = adjacent_days(&ids, page_number, view);
    for (name, day) in [("day before", previous), ("day after", next)] {
        inputs.text(name, &day.map(Day::iso).unwrap_or_default());
    }
    for id in ids_on_page(&ids, page_number) {
        add_teaser_inputs([id], view, inputs);
    }
    if page_number == 1 {
        corrections::add_correction_inputs(view.corrections.day(day), view, inputs);
    }
}

pub(super) fn day_context(
    page: &Page,
    day: Day,
    page_number: u32,
    view: &SiteView<'_>,
    teasers: &Teasers<'_>,
) -> Context {
    let ids = view.catalog.ids_on_day(day);
    let month_path = format!("/{:04}/{:02}/", day.year(), day.month());
    let breadcrumbs = vec![
        view.link_value(
            &view.messages.formats().digits(&day.year().to_string()),
            &format!("/{:04}/", day.year()),
        ),
        view.link_value(view.messages.formats().month(day.month()), &month_path),
    ];
    let mut context = view.site_language_context(
        page,
        &view.messages.formats().day(DateStyle::Weekday, day),
        breadcrumbs,
    );
    let neighbor = |day: Option<Day>| {
        day.map(|day| {
            view.link_value(&view.messages.formats().day(DateStyle::Long, day), &day.path())
        })
    };
    let (previous, next) = adjacent_days(&ids, page_number, view);
    context.insert_value("date", view.day_value(day));
    context.insert_value("count", Value::from((page_number == 1).then_some(ids.len())));
    context.insert_value(
        "groups",
        Value::from(group_by_section(ids_on_page(&ids, page_number), view, teasers)),
    );
    let corrections = view.corrections.day(day).iter().filter(|_| page_number == 1);
    context.insert_value(
        "corrections",
        Value::from(corrections::correction_values(corrections, view)),
    );
    context
        .insert_value("pager", pager_value(page_count(ids.len()), page_number, &day.path(), view));
    context.insert_value("previous", Value::from(neighbor(previous)));
    context.insert_value("next", Value::from(neighbor(next)));
    let on_this_day_path = format!("/on-this-day/{:02}-{:02}/", day.month(), day.day());
    context.insert_value("on_this_day_url", Value::from(view.site.href(&on_this_day_path)));
    context.insert_value("month_url", Value::from(view.site.href(&month_path)));
    context
}

/// The stories of an edition by section: configured ones in their order, then the others by name,
/// then those without.
fn group_by_section(
    ids: std::ops::Range<ArticleId>,
    view: &SiteView<'_>,
    teasers: &Teasers<'_>,
) -> Vec<Value> {
    let sections = view.site.taxonomy_index(SECTIONS);
    let order = |slug: &str| {
        view.site.config.sections.iter().position(|item| item.slug == slug).unwrap_or(usize::MAX)
    };
    let mut keyed: Vec<((bool, usize, String), ArticleId)> = ids
        .map(|id| {
            let article = view.catalog.article(id);
            let section = sections.and_then(|sections| article.terms_of(sections).next());
            (
                section.map_or((true, 0, String::new()), |term| {
                    (false, order(&term.slug), term.name.clone())
                }),
                id,
            )
        })
        .collect();
    keyed.sort();
    let groups = keyed.chunk_by(|a, b| a.0 == b.0).map(|group| {
        let article = view.catalog.article(group[0].1);
        let section = super::teaser::section_value(&article, view);
        let articles = teasers.list(group.iter().map(|(_, id)| *id));
        Value::from(map! { "section" => section, "articles" => articles })
    });
    groups.collect()
}

pub(super) fn add_month_inputs(year: i32, month: u32, view: &SiteView<'_>, inputs: &mut Inputs) {
    let ids = view.catalog.ids_in_month(year, month);
    add_adjacent_day_inputs(&ids, view, inputs);
    for day_ids in days_in(ids, view) {
        inputs.number("stories of a day", day_ids.len());
        add_teaser_inputs([day_ids.start], view, inputs);
    }
}

/// The rows of each day with stories within a range.
fn days_in(
    ids: std::ops::Range<ArticleId>,
    view: &SiteView<'_>,
) -> Vec<std::ops::Range<ArticleId>> {
    let mut days = Vec::new();
    let mut start = ids.start;
    while start < ids.end {
        let day_ids = view.catalog.ids_on_day(view.catalog.article(start).day());
        start = day_ids.end;
        days.push(day_ids);
    }
    days
}

pub(super) fn month_context(
    page: &Page,
    year: i32,
    month: u32,
    view: &SiteView<'_>,
    teasers: &Teasers<'_>,
) -> Context {
    let ids = view.catalog.ids_in_month(year, month);
    let year_path = format!("/{year:04}/");
    let name = month_name(year, month, view);
    let mut context = view.site_language_context(
        page,
        &name,
        vec![view.link_value(&view.messages.formats().digits(&year.to_string()), &year_path)],
    );
    let days = days_in(ids.clone(), view);
    let tints = TintScale::from_counts(days.iter().map(ExactSizeIterator::len));
    let days = days.into_iter().map(|ids| {
        let day = view.catalog.article(ids.start).day();
        Value::from(map! {
            "date" => view.day_value(day), "url" => view.site.href(&day.path()), "count" => ids.len(), "lead" => teasers.get(ids.start),
        })
    });
    let days: Vec<Value> = days.collect();
    context.insert_value("days", Value::from(days));
    context.insert_value("year", Value::from(year));
    context.insert_value("month", Value::from(month));
    context.insert_value("name", Value::from(view.messages.formats().month(month)));
    context.insert_value("count", Value::from(ids.len()));
    context.insert_value("weeks", Value::from(month_weeks(year, month, true, tints, view)));
    context.insert_value("weekdays", Value::from(weekday_names(view)));
    context.insert_value("year_url", Value::from(view.site.href(&year_path)));
    let neighbor = |day: Option<Day>| {
        day.map(|day| {
            view.link_value(
                &month_name(day.year(), day.month(), view),
                &format!("/{:04}/{:02}/", day.year(), day.month()),
            )
        })
    };
    let (previous, next) = view.catalog.neighboring_days(&ids);
    context.insert_value("previous", Value::from(neighbor(previous)));
    context.insert_value("next", Value::from(neighbor(next)));
    context
}

fn month_name(year: i32, month: u32, view: &SiteView<'_>) -> String {
    Day::new(year, month, 1)
        .map(|day| view.messages.formats().day(DateStyle::MonthYear, day))
        .unwrap_or_default()
}

/// How many headlines a year's page shows of a month.
const MONTH_HEADLINES: ArticleId = 3;

pub(super) fn add_year_inputs(year: i32, view: &SiteView<'_>, inputs: &mut Inputs) {
    let ids = view.catalog.ids_in_year(year);
    add_adjacent_day_inputs(&ids, view, inputs);
    for day_ids in days_in(ids, view) {
        let day = view.catalog.article(day_ids.start).day();
        inputs.text("day", &day.iso()).number("stories of that day", day_ids.len());
    }
    for month in 1..=12 {
        let ids = view.catalog.ids_in_month(year, month);
        add_teaser_inputs(ids.start..ids.end.min(ids.start + MONTH_HEADLINES), view, inputs);
    }
}

pub(super) fn year_context(
    page: &Page,
    year: i32,
    view: &SiteView<'_>,
    teasers: &Teasers<'_>,
) -> Context {
    let ids = view.catalog.ids_in_year(year);
    let breadcrumbs = vec![view.link_value(view.messages.get("archive"), "/archive/")];
    let mut context = view.site_language_context(
        page,
        &view.messages.formats().digits(&year.to_string()),
        breadcrumbs,
    );
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
            "weeks" => month_weeks(year, month, false, tints, view),
        })
    });
    let months: Vec<Value> = months.collect();
    context.insert_value("year", Value::from(year));
    context.insert_value("count", Value::from(ids.len()));
    context.insert_value("heatmap", year_heatmap(year, tints, view));
    context.insert_value("months", Value::from(months));
    context.insert_value("weekdays", Value::from(weekday_names(view)));
    let neighbor = |day: Option<Day>| {
        day.map(|day| {
            view.link_value(
                &view.messages.formats().digits(&day.year().to_string()),
                &format!("/{:04}/", day.year()),
            )
        })
    };
    let (previous, next) = view.catalog.neighboring_days(&ids);
    context.insert_value("previous", Value::from(neighbor(previous)));
    context.insert_value("next", Value::from(neighbor(next)));
    context
}

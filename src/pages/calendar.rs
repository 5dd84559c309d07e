//! Calendars: weeks of days with their counts.

use tera::Value;

use super::values::map;
use super::view::SiteView;
use crate::archive::Article;
use crate::model::Day;
use crate::model::date::days_in_month;
use crate::templates::{DateStyle, direction};

/// Returns the names of the days of the week, from the first one of the site's language.
pub(super) fn weekday_names(view: &SiteView<'_>) -> Vec<Value> {
    let formats = view.messages.formats();
    let order = (0..7).map(|weekday| (formats.first_weekday() + weekday) % 7);
    let names = order.map(|weekday| {
        Value::from(map! {
            "short" => formats.weekday_short(weekday),
            "long" => formats.weekday(weekday),
        })
    });
    names.collect()
}

/// The content of a day's cell in a month.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum CellContent {
    /// The count of articles.
    CountsOnly,
    /// The count, and the first headline.
    WithLeads,
}

/// Returns the weeks of a month, each day with its count and its tint.
pub(super) fn month_weeks(
    year: i32,
    month: u32,
    content: CellContent,
    tints: TintScale,
    view: &SiteView<'_>,
) -> Vec<Value> {
    let days: Vec<Day> =
        (1..=days_in_month(year, month)).filter_map(|day| Day::new(year, month, day)).collect();
    let empty_cells = days
        .first()
        .map_or(0, |first| (first.weekday() + 7 - view.messages.formats().first_weekday()) % 7);
    let mut cells: Vec<Value> = vec![Value::none(); empty_cells];
    cells.extend(days.iter().map(|&day| day_cell(day, content, tints, view)));
    while !cells.len().is_multiple_of(7) {
        cells.push(Value::none());
    }
    cells.chunks(7).map(|week| Value::from(week.to_vec())).collect()
}

/// Returns a year as one strip with a column per week: `{columns, days, months}`, each day with its
/// position, tint, count and label.
pub(super) fn year_heatmap(year: i32, tints: TintScale, view: &SiteView<'_>) -> Value {
    let first = Day::new(year, 1, 1).map_or(0, Day::weekday);
    let empty_cells = (first + 7 - view.messages.formats().first_weekday()) % 7;
    let (mut days, mut months) = (Vec::with_capacity(366), Vec::with_capacity(12));
    let dates =
        (1..=12).flat_map(|month| (1..=days_in_month(year, month)).map(move |day| (month, day)));
    for (index, day) in dates.filter_map(|(month, day)| Day::new(year, month, day)).enumerate() {
        let (column, row) = ((index + empty_cells) / 7, (index + empty_cells) % 7);
        if day.day() == 1 {
            let name = view.messages.formats().month_short(day.month());
            months.push(Value::from(map! { "column" => column, "name" => name }));
        }
        let count = view.catalog.ids_on_day(day).len();
        let label = (count > 0).then(|| view.messages.formats().day(DateStyle::Long, day));
        days.push(Value::from(map! {
            "column" => column,
            "row" => row,
            "level" => tints.level(count),
            "count" => count,
            "label" => label,
        }));
    }
    Value::from(map! {
        "columns" => (days.len() + empty_cells).div_ceil(7),
        "days" => days,
        "months" => months,
    })
}

fn day_cell(day: Day, content: CellContent, tints: TintScale, view: &SiteView<'_>) -> Value {
    let ids = view.catalog.ids_on_day(day);
    let lead = (content == CellContent::WithLeads && !ids.is_empty())
        .then(|| headline_value(&view.catalog.article(ids.start), view));
    Value::from(map! {
        "number" => day.day(),
        "url" => (!ids.is_empty()).then(|| view.site.href(&day.path())),
        "count" => ids.len(),
        "level" => tints.level(ids.len()),
        "lead" => lead,
    })
}

fn headline_value(article: &Article<'_>, view: &SiteView<'_>) -> Value {
    Value::from(map! {
        "title" => article.title(),
        "url" => view.site.href(article.permalink()),
        "lang" => article.lang(),
        "dir" => direction(article.lang()),
    })
}

/// The tints of a page's days: fixed steps, or wider ones if most days would otherwise have the
/// tint of the busiest day. They don't depend on other pages.
#[derive(Clone, Copy)]
pub(super) struct TintScale {
    busiest: usize,
}

impl TintScale {
    /// Creates the scale of a page's days from their counts.
    pub(super) fn from_counts(counts: impl Iterator<Item = usize>) -> Self {
        Self { busiest: counts.max().unwrap_or(0).max(20) }
    }

    /// Returns the tint of a count, from 0 (none) to 4.
    pub(super) fn level(self, count: usize) -> u32 {
        match (count * 20).div_ceil(self.busiest) {
            0 => 0,
            1 => 1,
            2..=4 => 2,
            5..=14 => 3,
            _ => 4,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tints_distinguish_the_days_of_quiet_and_busy_pages() {
        let levels = |counts: [usize; 6]| {
            counts.map(|count| TintScale::from_counts(counts.into_iter()).level(count))
        };
        assert_eq!(levels([0, 1, 2, 4, 5, 15]), [0, 1, 2, 2, 3, 4]);
        assert_eq!(levels([0, 1, 1, 1, 1, 1]), [0, 1, 1, 1, 1, 1], "a quiet page stays pale");
        assert_eq!(levels([0, 1, 15, 30, 60, 300]), [0, 1, 1, 2, 2, 4]);
        assert_eq!(levels([290, 300, 280, 100, 220, 10]), [4, 4, 4, 3, 4, 1]);
    }
}

//! The texts and links of each day that has articles, in the site's language.

use std::sync::OnceLock;

use tera::Value;

use super::values::link_value;
use crate::archive::Catalog;
use crate::config::Site;
use crate::model::Day;
use crate::templates::{DateStyle, Messages};

/// The days that have articles, each with its texts and links, which are made once.
pub(super) struct DayCache {
    day_numbers: Vec<i32>,
    values: Vec<OnceLock<DayValues>>,
}

/// The texts and links of a day, in the site's language.
pub(super) struct DayValues {
    pub(super) label: Value,
    pub(super) iso: Value,
    pub(super) url: Value,
    pub(super) other_calendars: Value,
    /// The breadcrumbs to the day: its year, its month, itself.
    pub(super) breadcrumbs: [Value; 3],
}

impl DayCache {
    /// Finds the days of a catalog.
    pub(super) fn from_catalog(catalog: &Catalog) -> Self {
        let mut day_numbers: Vec<i32> =
            catalog.articles(catalog.ids()).map(|article| article.day_number()).collect();
        day_numbers.dedup();
        day_numbers.shrink_to_fit();
        Self { values: day_numbers.iter().map(|_| OnceLock::new()).collect(), day_numbers }
    }

    /// Returns the texts and links of a day, if it has articles.
    pub(super) fn get(&self, day: Day, site: &Site, messages: &Messages) -> Option<&DayValues> {
        let index = self.day_numbers.binary_search(&day.number()).ok()?;
        let create = || DayValues::new(day, self.breadcrumbs(day, site, messages), site, messages);
        Some(self.values[index].get_or_init(create))
    }

    /// Returns the breadcrumbs of a day's year and month. All days of a month share the values of
    /// the first one that has articles.
    fn breadcrumbs(&self, day: Day, site: &Site, messages: &Messages) -> [Value; 2] {
        let (year, month) = (day.year(), day.month());
        let month_start = day.number() - day.day() as i32;
        let first =
            self.day_numbers.get(self.day_numbers.partition_point(|&number| number <= month_start));
        let first = first.copied().and_then(Day::from_number).filter(|&first| first != day);
        if let Some(DayValues { breadcrumbs: [year, month, _], .. }) =
            first.and_then(|first| self.get(first, site, messages))
        {
            return [year.clone(), month.clone()];
        }
        let formats = messages.formats();
        [
            link_value(&formats.digits(&year.to_string()), &format!("/{year:04}/"), site),
            link_value(formats.month(month), &format!("/{year:04}/{month:02}/"), site),
        ]
    }
}

impl DayValues {
    fn new(day: Day, [year, month]: [Value; 2], site: &Site, messages: &Messages) -> Self {
        let formats = messages.formats();
        let day_link = link_value(&formats.digits(&day.day().to_string()), &day.path(), site);
        Self {
            label: formats.day(DateStyle::Long, day).into(),
            iso: day.iso().into(),
            other_calendars: in_other_calendars(day, site, messages),
            url: site.href(&day.path()).into(),
            breadcrumbs: [year, month, day_link],
        }
    }
}

/// Returns a day in the site's other calendars; none if the site has none.
pub(super) fn in_other_calendars(day: Day, site: &Site, messages: &Messages) -> Value {
    let calendars = site.config.calendars.iter();
    let dates: Vec<String> =
        calendars.filter_map(|&calendar| messages.formats().in_calendar(day, calendar)).collect();
    if dates.is_empty() { Value::none() } else { dates.join(" · ").into() }
}

//! The days of the calendar that have articles, in all years.

use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Unbounded};
use std::ops::Range;

use crate::archive::{ArticleId, Catalog};

/// The days of the calendar that have articles, each with the articles of every year, newest year
/// first.
pub(crate) struct CalendarIndex(BTreeMap<(u32, u32), Vec<Range<ArticleId>>>);

impl CalendarIndex {
    /// Finds the days of a catalog.
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

    /// Returns each day with the articles of every year, from the first of January.
    pub(super) fn iter(&self) -> impl Iterator<Item = ((u32, u32), &[Range<ArticleId>])> {
        self.0.iter().map(|(day, years)| (*day, years.as_slice()))
    }

    /// Returns the days, from the first of January.
    pub(crate) fn days(&self) -> impl Iterator<Item = (u32, u32)> {
        self.0.keys().copied()
    }

    /// Returns the articles of a day in every year, newest year first.
    pub(super) fn years_on(&self, month: u32, day: u32) -> &[Range<ArticleId>] {
        self.0.get(&(month, day)).map_or(&[], Vec::as_slice)
    }

    /// Returns the days with articles before and after one, across the turn of the year if needed.
    pub(super) fn adjacent_days(&self, month: u32, day: u32) -> [Option<(u32, u32)>; 2] {
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

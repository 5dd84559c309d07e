//! All corrections of a site, by year and by day.

use std::collections::BTreeMap;

use crate::archive::record::{DatedNote, EditorialNotes, Flags};
use crate::archive::{Article, ArticleId, Catalog};
use crate::config::Site;
use crate::model::{Day, Moment, Status};

/// A correction: its time, its article, and its index among the article's corrections.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct CorrectionRef {
    pub(super) seconds: i64,
    pub(super) article: ArticleId,
    pub(super) index: u32,
    day_only: bool,
}

impl CorrectionRef {
    /// Returns its time.
    pub(super) fn moment(self) -> Moment {
        Moment { seconds: self.seconds, day_only: self.day_only }
    }

    /// Returns its text.
    pub(super) fn text(self, catalog: &Catalog) -> &str {
        correction_notes(&catalog.article(self.article))
            .get(self.index as usize)
            .map_or("", |note| note.text)
    }

    /// Returns its anchor on the page of its article.
    pub(super) fn anchor(self) -> String {
        format!("#correction-{}", self.index + 1)
    }
}

/// All corrections, by the year in which they were made, the oldest first.
#[derive(Debug, Default)]
pub(crate) struct CorrectionIndex {
    years: BTreeMap<i32, Vec<CorrectionRef>>,
    /// Likewise by the number of the day.
    days: BTreeMap<i32, Vec<CorrectionRef>>,
}

impl CorrectionIndex {
    /// Collects the corrections of all articles.
    pub(super) fn from_catalog(site: &Site, catalog: &Catalog) -> Self {
        let mut corrections = Self::default();
        let has_corrections = |article: &Article<'_>| {
            article.flags().contains(Flags::CORRECTED) || article.flags().contains(Flags::UPDATED)
        };
        for article in catalog.articles(catalog.ids()).filter(has_corrections) {
            for (index, note) in (0..).zip(correction_notes(&article)) {
                let moment = note.date.unwrap_or_else(|| {
                    article.updated_after_publication().unwrap_or(article.date())
                });
                let correction = CorrectionRef {
                    seconds: moment.seconds,
                    article: article.id,
                    index,
                    day_only: moment.day_only,
                };
                let day = moment.day(site.zone);
                corrections.years.entry(day.year()).or_default().push(correction);
                corrections.days.entry(day.number()).or_default().push(correction);
            }
        }
        corrections
            .years
            .values_mut()
            .chain(corrections.days.values_mut())
            .for_each(|list| list.sort_unstable());
        corrections
    }

    /// Returns whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.years.is_empty()
    }

    /// Returns the years in which corrections were made, oldest first.
    pub(crate) fn years(&self) -> impl DoubleEndedIterator<Item = i32> {
        self.years.keys().copied()
    }

    /// Returns the corrections of a year, oldest first.
    pub(super) fn year(&self, year: i32) -> &[CorrectionRef] {
        self.years.get(&year).map_or(&[], Vec::as_slice)
    }

    /// Returns the corrections of a day, oldest first.
    pub(super) fn day(&self, day: Day) -> &[CorrectionRef] {
        self.days.get(&day.number()).map_or(&[], Vec::as_slice)
    }

    /// Returns the newest corrections, newest first.
    pub(super) fn newest(&self, limit: usize) -> Vec<CorrectionRef> {
        self.years
            .values()
            .rev()
            .flat_map(|corrections| corrections.iter().rev())
            .take(limit)
            .copied()
            .collect()
    }
}

/// Returns the corrections of an article, and the reason of a retraction or a corrected status.
fn correction_notes<'a>(article: &Article<'a>) -> Vec<DatedNote<'a>> {
    let EditorialNotes { mut corrections, status, reason, date, .. } =
        article.details().editorial_notes;
    if matches!(status, Status::Retracted | Status::Corrected)
        && let Some(text) = reason
    {
        corrections.push(DatedNote { date, text });
    }
    corrections
}

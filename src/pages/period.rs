//! The days of a month or a year.

use std::ops::Range;

use super::view::SiteView;
use crate::archive::ArticleId;
use crate::model::{Day, Inputs};

/// Adds the nearest days with articles, before and after some articles, to a page's inputs.
pub(super) fn add_adjacent_day_inputs(
    ids: &Range<ArticleId>,
    view: &SiteView<'_>,
    inputs: &mut Inputs,
) {
    let (previous, next) = view.catalog.neighboring_days(ids);
    for (name, day) in [("previous day", previous), ("next day", next)] {
        inputs.text(name, &day.map(Day::iso).unwrap_or_default());
    }
}

/// Returns the articles of each day within a range.
pub(super) fn days_in(ids: Range<ArticleId>, view: &SiteView<'_>) -> Vec<Range<ArticleId>> {
    let mut days = Vec::new();
    let mut start = ids.start;
    while start < ids.end {
        let day_ids = view.catalog.ids_on_day(view.catalog.article(start).day());
        start = day_ids.end;
        days.push(day_ids);
    }
    days
}

//! The segments of an index and the partial indexes of each, planned from the catalog alone.

use std::ops::Range;

use super::partial_index::MAX_PARTIAL_ARTICLES;
use crate::archive::record::Flags;
use crate::archive::{Article, ArticleId, Catalog};
use crate::config::Site;
use crate::model::{Fingerprint, Fingerprinter};

/// The version of the contents of segments and partial indexes, including the names of their
/// metadata. Increase it to rebuild them.
const INDEXING_VERSION: u64 = 9;

/// The articles of a segment.
pub(super) struct SegmentPlan {
    /// The segment's period, from which its file names are made: `until-2023`.
    pub(super) period: String,
    pub(super) ids: Vec<ArticleId>,
    /// The positions in `ids` of each partial index.
    pub(super) partials: Vec<Range<usize>>,
    /// Each year with the number of its first article.
    pub(super) year_starts: Vec<(i32, usize)>,
}

impl SegmentPlan {
    fn new(period: String, ids: Vec<ArticleId>, catalog: &Catalog) -> Self {
        let mut year_starts = Vec::new();
        let mut partials = Vec::new();
        let year_at = |index: usize| catalog.article(ids[index]).day().year();
        let mut start = 0;
        for index in 0..ids.len() {
            if index == 0 || year_at(index) != year_at(index - 1) {
                year_starts.push((year_at(index), index));
            }
            // Each year begins a new partial index, so that a new article doesn't shift the
            // articles of later years into other ones.
            if index + 1 == ids.len()
                || index + 1 - start == MAX_PARTIAL_ARTICLES
                || year_at(index + 1) != year_at(index)
            {
                partials.push(start..index + 1);
                start = index + 1;
            }
        }
        Self { period, ids, partials, year_starts }
    }
}

/// Divides the searchable articles of a catalog into segments, the oldest first.
pub(super) fn plan_segments(catalog: &Catalog) -> Vec<SegmentPlan> {
    let Some(newest_day) = catalog.articles(catalog.ids()).next_back().map(|article| article.day())
    else {
        return Vec::new();
    };
    let (year, month) = (newest_day.year(), newest_day.month());
    let all = catalog.ids();
    let this_month = catalog.ids_in_month(year, month);
    let this_year = catalog.ids_in_year(year);
    let periods = [
        (format!("until-{}", year - 1), all.start..this_year.start),
        (format!("{year}"), this_year.start..this_month.start),
        (format!("{year}-{month:02}"), this_month.start..all.end),
    ];
    let is_searchable = |article: &Article<'_>| !article.flags().contains(Flags::SEARCH_OFF);
    let segments = periods.into_iter().map(|(period, id_range)| {
        let articles = catalog.articles(id_range).filter(is_searchable);
        SegmentPlan::new(period, articles.map(|article| article.id).collect(), catalog)
    });
    segments.filter(|segment| !segment.ids.is_empty()).collect()
}

/// The fingerprint of everything that the index depends on besides its articles.
pub(super) fn settings_fingerprint(site: &Site) -> Fingerprint {
    let keys = ["search", "taxonomies", "limits", "corrections.retracted"];
    let mut fingerprinter = Fingerprinter::new();
    fingerprinter.number(INDEXING_VERSION);
    for (name, value) in site.setting_texts.select(&keys) {
        fingerprinter.text(&name).text(&value);
    }
    fingerprinter.finish()
}

/// The name of a partial index: the hash of everything that it is made from.
pub(super) fn partial_index_name(
    ids: &[ArticleId],
    catalog: &Catalog,
    site: &Site,
    settings: Fingerprint,
) -> String {
    let mut fingerprinter = Fingerprinter::new();
    fingerprinter.add(settings);
    for article in ids.iter().map(|&id| catalog.article(id)) {
        fingerprinter.number(u64::from(article.flags().contains(Flags::RETRACTED)));
        fingerprinter
            .add(article.details().file_hash)
            .text(article.permalink())
            .text(article.title())
            .optional(article.standfirst());
        fingerprinter
            .optional(article.dateline_location())
            .text(article.lang())
            .number(article.day_number() as u64);
        for term in article.terms() {
            fingerprinter
                .text(&site.taxonomies[term.taxonomy].key)
                .text(&term.slug)
                .text(&term.name);
        }
    }
    format!("partial-{:016x}", fingerprinter.finish().0)
}

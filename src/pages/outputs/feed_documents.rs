//! The documents of feeds, and the articles that each holds.
//!
//! A month's articles are numbered oldest first. A document is complete once there is a later
//! article: which one follows is known then, and it never changes again. The articles of the last
//! one, which is open, are all in the newest document, too.

use std::ops::Range;

use super::super::correction_index::CorrectionRef;
use super::super::corrections;
use super::super::languages::languages_with_front_page;
use super::super::output_file::{FeedScope, OutputFile};
use super::super::view::SiteView;
use super::article_entry::{EntryContent, add_entry_inputs};
use crate::archive::ArticleId;
use crate::config::FeedFormat;
use crate::model::{Day, Inputs};

/// The number of articles in a document of a month.
const ARTICLES_PER_DOCUMENT: usize = 100;

/// A document of a month's articles: one of its parts, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MonthDocument {
    pub(super) year: i32,
    pub(super) month: u8,
    pub(super) part: u16,
}

impl MonthDocument {
    /// Returns its absolute URL in a format.
    pub(super) fn url(self, format: FeedFormat, view: &SiteView<'_>) -> String {
        let Self { year, month, part } = self;
        view.site.absolute_url(&OutputFile::MonthFeed { year, month, part, format }.url_path(view))
    }

    /// Returns its articles.
    pub(super) fn ids(self, view: &SiteView<'_>) -> Range<ArticleId> {
        let month = view.catalog.ids_in_month(self.year, self.month.into());
        let start = month.start
            + (usize::from(self.part) - 1) as ArticleId * ARTICLES_PER_DOCUMENT as ArticleId;
        start..month.end.min(start + ARTICLES_PER_DOCUMENT as ArticleId)
    }

    /// Returns the last document of the month that a day is in.
    fn last_in_month(day: Day, view: &SiteView<'_>) -> Option<Self> {
        let (year, month) = (day.year(), day.month());
        let part = u16::try_from(document_count(year, month, view)).unwrap_or(u16::MAX);
        (part > 0).then_some(Self { year, month: month as u8, part })
    }

    /// Returns the document before it.
    pub(super) fn previous(self, view: &SiteView<'_>) -> Option<Self> {
        if self.part > 1 {
            return Some(Self { part: self.part - 1, ..self });
        }
        let (previous, _) =
            view.catalog.neighboring_days(&view.catalog.ids_in_month(self.year, self.month.into()));
        previous.and_then(|day| Self::last_in_month(day, view))
    }

    /// Returns the document after it.
    pub(super) fn next(self, view: &SiteView<'_>) -> Option<Self> {
        if usize::from(self.part) < document_count(self.year, self.month.into(), view) {
            return Some(Self { part: self.part + 1, ..self });
        }
        let (_, next) =
            view.catalog.neighboring_days(&view.catalog.ids_in_month(self.year, self.month.into()));
        next.and_then(|day| Self::last_in_month(day, view)).map(|last| Self { part: 1, ..last })
    }

    /// Returns whether there is a later article: then it never changes again, unless one of its own
    /// articles does.
    pub(super) fn is_complete(self, view: &SiteView<'_>) -> bool {
        (self.ids(view).end as usize) < view.catalog.len()
    }

    /// Returns the newest complete document: the one before the last.
    pub(super) fn newest_complete(view: &SiteView<'_>) -> Option<Self> {
        let last = view.catalog.articles(view.catalog.ids()).next_back()?.day();
        Self::last_in_month(last, view).and_then(|open| open.previous(view))
    }
}

/// Returns the number of a month's documents.
fn document_count(year: i32, month: u32, view: &SiteView<'_>) -> usize {
    view.catalog.ids_in_month(year, month).len().div_ceil(ARTICLES_PER_DOCUMENT)
}

/// Returns the feeds of the newest articles: of the site, its languages, and the terms that have
/// feeds.
pub(super) fn subscription_files(view: &SiteView<'_>) -> Vec<OutputFile> {
    let Some(feeds) = view.feeds() else { return Vec::new() };
    let mut scopes = vec![FeedScope::Site];
    scopes.extend(
        languages_with_front_page(view.site, view.catalog)
            .into_iter()
            .map(|(_, lang)| FeedScope::Language(lang)),
    );
    scopes.extend((!view.corrections.is_empty()).then_some(FeedScope::Corrections));
    for index in
        (0..view.site.taxonomies.len()).filter(|&index| view.site.taxonomies[index].has_feed)
    {
        scopes.extend(view.catalog.terms_of(index).iter().map(|&term| FeedScope::Term(term)));
    }
    let of_scope = |scope| feeds.formats.iter().map(move |&format| OutputFile::Feed(scope, format));
    scopes.into_iter().flat_map(of_scope).collect()
}

/// Returns the formats in which there are documents of months. RSS has no links between documents.
pub(super) fn archive_formats(view: &SiteView<'_>) -> Vec<FeedFormat> {
    let feeds = view.feeds().filter(|feeds| feeds.archive);
    let formats = feeds.into_iter().flat_map(|feeds| &feeds.formats);
    formats.copied().filter(|format| *format != FeedFormat::Rss).collect()
}

/// Returns the documents of a year.
pub(super) fn month_files(year: i32, view: &SiteView<'_>) -> Vec<OutputFile> {
    let formats = archive_formats(view);
    let mut files = Vec::new();
    for month in view.catalog.months_of(year).filter(|_| !formats.is_empty()) {
        for part in 1..=u16::try_from(document_count(year, month, view)).unwrap_or(u16::MAX) {
            let file = |&format| OutputFile::MonthFeed { year, month: month as u8, part, format };
            files.extend(formats.iter().map(file));
        }
    }
    files
}

/// Returns the articles of a feed, newest first: as many as the site sets, and all that aren't in a
/// complete document.
pub(super) fn newest_articles(scope: FeedScope, view: &SiteView<'_>) -> Vec<ArticleId> {
    let Some(feeds) = view.feeds() else { return Vec::new() };
    match scope {
        FeedScope::Language(lang) => view.latest_in(lang).take(feeds.articles).collect(),
        FeedScope::Term(term) => {
            view.catalog.term(term).article_ids.iter().rev().take(feeds.articles).copied().collect()
        }
        FeedScope::Corrections => Vec::new(),
        FeedScope::Site => {
            let complete_end = if feeds.archive {
                MonthDocument::newest_complete(view).map_or(0, |document| document.ids(view).end)
            } else {
                view.catalog.len() as ArticleId
            };
            let all_ids = view.catalog.ids();
            let first = complete_end.min(all_ids.end.saturating_sub(feeds.articles as ArticleId));
            (first..all_ids.end).rev().collect()
        }
    }
}

fn add_article_inputs(
    ids: impl Iterator<Item = ArticleId>,
    view: &SiteView<'_>,
    inputs: &mut Inputs,
) {
    let full_text = view.feeds().is_some_and(|feeds| feeds.full_text);
    let content = if full_text { EntryContent::FullText } else { EntryContent::Summary };
    ids.for_each(|id| add_entry_inputs(&view.catalog.article(id), content, view, inputs));
}

/// Adds everything that a feed of the newest articles shows to its inputs.
pub(super) fn add_inputs(scope: FeedScope, view: &SiteView<'_>, inputs: &mut Inputs) {
    if let FeedScope::Term(term) = scope {
        inputs.text("name", &view.catalog.term(term).name);
    }
    if scope == FeedScope::Site
        && let Some(MonthDocument { year, month, part }) = MonthDocument::newest_complete(view)
    {
        inputs.text("newest complete archive feed", &format!("{year}-{month}-{part}"));
    }
    if scope == FeedScope::Corrections {
        corrections::add_correction_inputs(&newest_corrections(view), view, inputs);
    }
    add_article_inputs(newest_articles(scope, view).into_iter(), view, inputs);
}

/// Returns the corrections of the feed of corrections.
pub(super) fn newest_corrections(view: &SiteView<'_>) -> Vec<CorrectionRef> {
    view.corrections.newest(view.feeds().map_or(0, |feeds| feeds.articles))
}

/// Adds everything that a month's document shows to its inputs.
pub(super) fn add_document_inputs(
    document: MonthDocument,
    view: &SiteView<'_>,
    inputs: &mut Inputs,
) {
    inputs.number("complete", u8::from(document.is_complete(view)));
    for (name, other) in
        [("previous document", document.previous(view)), ("next document", document.next(view))]
    {
        let text =
            other.map(|MonthDocument { year, month, part }| format!("{year}-{month}-{part}"));
        inputs.text(name, &text.unwrap_or_default());
    }
    add_article_inputs(document.ids(view), view, inputs);
}

//! What a paper says of its stories afterwards: all corrections by year, those of a day, and what
//! stands in the place of a story that was taken down.

use std::collections::BTreeMap;

use tera::{Context, Value};

use super::teaser::{date_value, localized_teaser};
use super::{Page, SiteView, map};
use crate::archive::record::{DatedNote, EditorialNotes, Flags, Tombstone};
use crate::archive::{Article, ArticleId, Catalog};
use crate::config::Site;
use crate::model::{Day, Inputs, Moment, Status};
use crate::templates::Messages;

/// A correction: when it was made, the story, and its place among the story's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct CorrectionRef {
    pub(super) seconds: i64,
    pub(super) article: ArticleId,
    pub(super) index: u32,
    day_only: bool,
}

impl CorrectionRef {
    pub(super) fn moment(self) -> Moment {
        Moment { seconds: self.seconds, day_only: self.day_only }
    }

    /// Its text.
    pub(super) fn text(self, catalog: &Catalog) -> &str {
        correction_notes(&catalog.article(self.article))
            .get(self.index as usize)
            .map_or("", |note| note.text)
    }

    /// Its place in the page of its story.
    pub(super) fn anchor(self) -> String {
        format!("#correction-{}", self.index + 1)
    }
}

/// Every correction, by the year in which it was made, the oldest first.
#[derive(Debug, Default)]
pub(crate) struct CorrectionIndex {
    years: BTreeMap<i32, Vec<CorrectionRef>>,
    /// Likewise by day.
    days: BTreeMap<i32, Vec<CorrectionRef>>,
}

/// What was put right in a story; of one that was retracted, that, too.
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

impl CorrectionIndex {
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

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.years.is_empty()
    }

    /// The years in which corrections were made, oldest first.
    pub(crate) fn years(&self) -> impl DoubleEndedIterator<Item = i32> {
        self.years.keys().copied()
    }

    fn year(&self, year: i32) -> &[CorrectionRef] {
        self.years.get(&year).map_or(&[], Vec::as_slice)
    }

    /// Those of a day.
    pub(super) fn day(&self, day: Day) -> &[CorrectionRef] {
        self.days.get(&day.number()).map_or(&[], Vec::as_slice)
    }

    /// The newest ones, newest first.
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

/// The pages of corrections, if there are any.
pub(crate) fn correction_pages(view: &SiteView<'_>) -> Vec<Page> {
    let years = view.corrections.years().map(|year| Page::Corrections(Some(year)));
    let all = (!view.corrections.is_empty()).then_some(Page::Corrections(None));
    let tombstones = view.catalog.tombstones().iter().zip(0..).flat_map(|(tombstone, index)| {
        (0..tombstone.permalinks.len() as u32)
            .map(move |url_index| Page::Tombstone(index, url_index))
    });
    all.into_iter().chain(years).chain(tombstones).collect()
}

/// What a page shows of some corrections.
pub(super) fn add_correction_inputs(
    corrections: &[CorrectionRef],
    view: &SiteView<'_>,
    inputs: &mut Inputs,
) {
    for correction in corrections {
        super::add_teaser_inputs([correction.article], view, inputs);
        inputs
            .number("when it was put right", correction.seconds as u64)
            .text("what was put right", correction.text(view.catalog));
    }
}

/// Corrections as templates see them.
pub(super) fn correction_values<'a>(
    corrections: impl IntoIterator<Item = &'a CorrectionRef>,
    view: &SiteView<'_>,
) -> Vec<Value> {
    let value = |correction: &CorrectionRef| {
        let article = view.catalog.article(correction.article);
        Value::from(map! {
            "date" => date_value(correction.moment(), view, &view.messages),
            "text" => correction.text(view.catalog),
            "url" => view.site.href(article.permalink()) + &correction.anchor(),
            "article" => Value::from(localized_teaser(&article, view, &view.messages)),
        })
    };
    corrections.into_iter().map(value).collect()
}

/// The year whose corrections a page shows.
fn shown_year(year: Option<i32>, view: &SiteView<'_>) -> i32 {
    year.or_else(|| view.corrections.years().next_back()).unwrap_or_default()
}

pub(super) fn add_inputs(year: Option<i32>, view: &SiteView<'_>, inputs: &mut Inputs) {
    add_correction_inputs(view.corrections.year(shown_year(year, view)), view, inputs);
    if year.is_none() {
        for year in view.corrections.years() {
            inputs.number(&format!("corrections of {year}"), view.corrections.year(year).len());
        }
    }
}

pub(super) fn context(page: &Page, year: Option<i32>, view: &SiteView<'_>) -> Context {
    let title = view.messages.get("corrections");
    let all_link = view.link_value(title, "/corrections/");
    let (title, breadcrumbs) = match year {
        Some(year) => (format!("{title} {}", view.year_label(year)), vec![all_link]),
        None => (title.to_owned(), Vec::new()),
    };
    let mut context = view.site_language_context(page, &title, breadcrumbs);
    let corrections = view.corrections.year(shown_year(year, view));
    context.insert_value("year", Value::from(view.year_label(shown_year(year, view))));
    context.insert_value(
        "corrections",
        Value::from(correction_values(corrections.iter().rev(), view)),
    );
    let years = view.corrections.years().rev().filter(|_| year.is_none()).map(|year| {
        Value::from(map! {
            "label" => view.year_label(year),
            "url" => view.site.href(&format!("/corrections/{year:04}/")),
            "count" => view.corrections.year(year).len(),
        })
    });
    context.insert_value("years", Value::from(years.collect::<Vec<Value>>()));
    let feeds = if year.is_none() {
        super::outputs::feed_links(view.site, "/corrections")
    } else {
        Vec::new()
    };
    context.insert_value("feeds", Value::from(feeds));
    context
}

fn find_tombstone<'a>(index: u32, view: &SiteView<'a>) -> Option<&'a Tombstone> {
    view.catalog.tombstones().get(index as usize)
}

/// An address of a story that was taken down.
pub(super) fn tombstone_url_path<'a>(index: u32, url_index: u32, view: &SiteView<'a>) -> &'a str {
    find_tombstone(index, view)
        .and_then(|tombstone| tombstone.permalinks.get(url_index as usize))
        .map_or("", String::as_str)
}

pub(super) fn add_tombstone_inputs(index: u32, view: &SiteView<'_>, inputs: &mut Inputs) {
    let Some(tombstone) = find_tombstone(index, view) else { return };
    inputs
        .text("language", &tombstone.lang)
        .text("reason", tombstone.reason.as_deref().unwrap_or_default());
    inputs.text(
        "taken down",
        &tombstone.date.map(|date| date.iso(view.site.zone)).unwrap_or_default(),
    );
}

pub(super) fn tombstone_context(page: &Page, index: u32, view: &SiteView<'_>) -> Context {
    let lang = find_tombstone(index, view)
        .map_or(view.site.config.language.as_str(), |tombstone| tombstone.lang.as_str());
    let messages = view.templates.languages.get(lang);
    let mut context = view.context(page, messages.get("unpublished"), None, lang, Vec::new());
    let when = find_tombstone(index, view)
        .and_then(|tombstone| tombstone.date)
        .map(|moment| date_value(moment, view, &messages));
    context.insert_value("date", Value::from(when));
    context.insert_value(
        "reason",
        Value::from(find_tombstone(index, view).and_then(|tombstone| tombstone.reason.as_deref())),
    );
    context
}

/// The key of the interface text that an article of a status shows above its body.
fn notice_key(status: Status) -> &'static str {
    match status {
        Status::Corrected => "notice_corrected",
        Status::Retracted => "notice_retracted",
        Status::Anonymized => "notice_anonymized",
        Status::Published | Status::Unpublished => "",
    }
}

/// What a story's page says of what was said afterwards: `corrections`, `updates` and `notice`.
pub(super) fn editorial_values(
    editorial_notes: &EditorialNotes<'_>,
    view: &SiteView<'_>,
    messages: &Messages,
) -> [(&'static str, Value); 3] {
    let note_list = |notes: &[DatedNote<'_>]| {
        let note_value = |note: &DatedNote<'_>| {
            let when = note.date.map(|moment| date_value(moment, view, messages));
            Value::from(map! { "date" => when, "text" => note.text })
        };
        Value::from(notes.iter().map(note_value).collect::<Vec<Value>>())
    };
    let notice = (editorial_notes.status != Status::Published).then(|| {
        let when = editorial_notes.date.map(|moment| date_value(moment, view, messages));
        Value::from(map! {
            "status" => editorial_notes.status.as_str(),
            "label" => messages.get(notice_key(editorial_notes.status)),
            "date" => when,
            "reason" => editorial_notes.reason,
        })
    });
    [
        ("corrections", note_list(&editorial_notes.corrections)),
        ("updates", note_list(&editorial_notes.updates)),
        ("notice", notice.unwrap_or(Value::none())),
    ]
}

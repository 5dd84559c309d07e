//! What a paper says of its stories afterwards: all corrections by year, those of a day, and what stands in the place of a story that was taken down.

use std::collections::BTreeMap;

use tera::{Context, Value};

use super::teaser::{date, teaser_in};
use super::{Page, View, map};
use crate::catalog::record::{Afterwards, Flags, Note, Tombstone};
use crate::catalog::{Catalog, RowId, Story};
use crate::model::{Day, Inputs, Moment, Status};
use crate::site::Site;
use crate::templates::Words;

/// A correction: when it was made, the story, and its place among the story's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Made {
    pub(super) at: i64,
    pub(super) row: RowId,
    pub(super) number: u32,
    day_only: bool,
}

impl Made {
    pub(super) fn moment(self) -> Moment {
        Moment { seconds: self.at, day_only: self.day_only }
    }

    /// Its text.
    pub(super) fn text(self, catalog: &Catalog) -> &str {
        notes(&catalog.story(self.row)).get(self.number as usize).map_or("", |note| note.text)
    }

    /// Its place in the page of its story.
    pub(super) fn place(self) -> String {
        format!("#correction-{}", self.number + 1)
    }
}

/// Every correction, by the year in which it was made, the oldest first.
#[derive(Debug, Default)]
pub struct Corrected {
    years: BTreeMap<i32, Vec<Made>>,
    /// Likewise by day.
    days: BTreeMap<i32, Vec<Made>>,
}

/// What was put right in a story; of one that was retracted, that, too.
fn notes<'a>(story: &Story<'a>) -> Vec<Note<'a>> {
    let Afterwards { mut corrections, status, reason, date, .. } = story.details().afterwards;
    if matches!(status, Status::Retracted | Status::Corrected)
        && let Some(text) = reason
    {
        corrections.push(Note { date, text });
    }
    corrections
}

impl Corrected {
    pub(super) fn of(site: &Site, catalog: &Catalog) -> Self {
        let mut corrected = Self::default();
        let said =
            |story: &Story<'_>| story.flags().has(Flags::CORRECTED) || story.flags().has(Flags::UPDATED);
        for story in catalog.stories(catalog.all()).filter(said) {
            for (number, note) in (0..).zip(notes(&story)) {
                let moment = note.date.unwrap_or_else(|| story.changed().unwrap_or(story.date()));
                let made = Made { at: moment.seconds, row: story.id, number, day_only: moment.day_only };
                let day = moment.day(site.zone);
                corrected.years.entry(day.year()).or_default().push(made);
                corrected.days.entry(day.number()).or_default().push(made);
            }
        }
        corrected.years.values_mut().chain(corrected.days.values_mut()).for_each(|made| made.sort_unstable());
        corrected
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.years.is_empty()
    }

    /// The years in which corrections were made, oldest first.
    pub fn years(&self) -> impl DoubleEndedIterator<Item = i32> {
        self.years.keys().copied()
    }

    fn year(&self, year: i32) -> &[Made] {
        self.years.get(&year).map_or(&[], Vec::as_slice)
    }

    /// Those of a day.
    pub(super) fn day(&self, day: Day) -> &[Made] {
        self.days.get(&day.number()).map_or(&[], Vec::as_slice)
    }

    /// The newest ones, newest first.
    pub(super) fn newest(&self, most: usize) -> Vec<Made> {
        self.years.values().rev().flat_map(|made| made.iter().rev()).take(most).copied().collect()
    }
}

/// The pages of corrections, if there are any.
pub fn pages(view: &View<'_>) -> Vec<Page> {
    let years = view.corrected.years().map(|year| Page::Corrections(Some(year)));
    let all = (!view.corrected.is_empty()).then_some(Page::Corrections(None));
    let graves = view.catalog.tombstones().iter().zip(0..).flat_map(|(tombstone, story)| {
        (0..tombstone.addresses.len() as u32).map(move |address| Page::Tombstone(story, address))
    });
    all.into_iter().chain(years).chain(graves).collect()
}

/// What a page shows of some corrections.
pub(super) fn inputs_of(made: &[Made], view: &View<'_>, inputs: &mut Inputs) {
    for one in made {
        super::teasers_of([one.row], view, inputs);
        inputs
            .number("when it was put right", one.at as u64)
            .text("what was put right", one.text(view.catalog));
    }
}

/// Corrections as templates see them.
pub(super) fn values<'a>(made: impl IntoIterator<Item = &'a Made>, view: &View<'_>) -> Vec<Value> {
    let one = |made: &Made| {
        let story = view.catalog.story(made.row);
        Value::from(map! {
            "date" => date(made.moment(), view, &view.words),
            "text" => made.text(view.catalog),
            "url" => view.site.href(story.permalink()) + &made.place(),
            "story" => Value::from(teaser_in(&story, view, &view.words)),
        })
    };
    made.into_iter().map(one).collect()
}

/// The year whose corrections a page shows.
fn shown(year: Option<i32>, view: &View<'_>) -> i32 {
    year.or_else(|| view.corrected.years().next_back()).unwrap_or_default()
}

pub(super) fn inputs(year: Option<i32>, view: &View<'_>, inputs: &mut Inputs) {
    inputs_of(view.corrected.year(shown(year, view)), view, inputs);
    if year.is_none() {
        for year in view.corrected.years() {
            inputs.number(&format!("corrections of {year}"), view.corrected.year(year).len());
        }
    }
}

pub(super) fn context(page: &Page, year: Option<i32>, view: &View<'_>) -> Context {
    let title = view.words.get("corrections");
    let all = view.crumb(title, "/corrections/");
    let (title, crumbs) = match year {
        Some(year) => (format!("{title} {}", view.year_label(year)), vec![all]),
        None => (title.to_owned(), Vec::new()),
    };
    let mut context = view.site_context(page, &title, crumbs);
    let made = view.corrected.year(shown(year, view));
    context.insert_value("year", Value::from(view.year_label(shown(year, view))));
    context.insert_value("corrections", Value::from(values(made.iter().rev(), view)));
    let years = view.corrected.years().rev().filter(|_| year.is_none()).map(|year| {
        Value::from(map! {
            "label" => view.year_label(year),
            "url" => view.site.href(&format!("/corrections/{year:04}/")),
            "count" => view.corrected.year(year).len(),
        })
    });
    context.insert_value("years", Value::from(years.collect::<Vec<Value>>()));
    let feeds =
        if year.is_none() { super::machines::feed_links(view.site, "/corrections") } else { Vec::new() };
    context.insert_value("feeds", Value::from(feeds));
    context
}

fn grave<'a>(story: u32, view: &View<'a>) -> Option<&'a Tombstone> {
    view.catalog.tombstones().get(story as usize)
}

/// An address of a story that was taken down.
pub(super) fn address<'a>(story: u32, address: u32, view: &View<'a>) -> &'a str {
    grave(story, view).and_then(|grave| grave.addresses.get(address as usize)).map_or("", String::as_str)
}

pub(super) fn tombstone_inputs(story: u32, view: &View<'_>, inputs: &mut Inputs) {
    let Some(grave) = grave(story, view) else { return };
    inputs.text("language", &grave.lang).text("reason", grave.reason.as_deref().unwrap_or_default());
    inputs.text("taken down", &grave.date.map(|date| date.iso(view.site.zone)).unwrap_or_default());
}

pub(super) fn tombstone(page: &Page, story: u32, view: &View<'_>) -> Context {
    let lang = grave(story, view).map_or(view.site.config.language.as_str(), |grave| grave.lang.as_str());
    let words = view.templates.languages.get(lang);
    let mut context = view.context(page, words.get("unpublished"), None, lang, Vec::new());
    let when = grave(story, view).and_then(|grave| grave.date).map(|moment| date(moment, view, &words));
    context.insert_value("date", Value::from(when));
    context.insert_value("reason", Value::from(grave(story, view).and_then(|grave| grave.reason.as_deref())));
    context
}

/// What a story's page says of what was said afterwards: `corrections`, `updates` and `notice`.
pub(super) fn of_story(said: &Afterwards<'_>, view: &View<'_>, words: &Words) -> [(&'static str, Value); 3] {
    let list = |notes: &[Note<'_>]| {
        let one = |note: &Note<'_>| {
            let when = note.date.map(|moment| date(moment, view, words));
            Value::from(map! { "date" => when, "text" => note.text })
        };
        Value::from(notes.iter().map(one).collect::<Vec<Value>>())
    };
    let notice = (said.status != Status::Published).then(|| {
        let when = said.date.map(|moment| date(moment, view, words));
        Value::from(map! {
            "status" => said.status.word(),
            "label" => words.get(&format!("notice_{}", said.status.word())),
            "date" => when,
            "reason" => said.reason,
        })
    });
    [
        ("corrections", list(&said.corrections)),
        ("updates", list(&said.updates)),
        ("notice", notice.unwrap_or(Value::none())),
    ]
}

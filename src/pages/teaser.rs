//! Teasers: all that any other page may see of an article.

use std::ops::Range;
use std::sync::OnceLock;

use tera::{Map, Value};

use super::{View, map};
use crate::catalog::{RowId, Story};
use crate::model::{Image, Moment};
use crate::site::{AUTHORS, SECTIONS};
use crate::templates::{Words, direction};

/// Teasers of a range of rows, each made once and shared by every page that shows it. A batch of the plan (a year) has one, so that what is held
/// at a time is bounded by the fullest year.
pub struct Teasers<'a> {
    view: &'a View<'a>,
    rows: Range<RowId>,
    made: Vec<OnceLock<Value>>,
}

impl<'a> Teasers<'a> {
    /// Room for the teasers of some rows.
    pub fn new(view: &'a View<'a>, rows: Range<RowId>) -> Self {
        let made = rows.clone().map(|_| OnceLock::new()).collect();
        Self { view, rows, made }
    }

    /// The teaser of a row, of any row.
    pub fn get(&self, row: RowId) -> Value {
        let make = || Value::from(teaser(&self.view.catalog.story(row), self.view));
        match self.rows.contains(&row) {
            true => self.made[(row - self.rows.start) as usize].get_or_init(make).clone(),
            false => make(),
        }
    }

    /// The teasers of some rows.
    pub fn list(&self, rows: impl IntoIterator<Item = RowId>) -> Vec<Value> {
        rows.into_iter().map(|row| self.get(row)).collect()
    }
}

/// A teaser as templates see it, in the site's language.
pub(super) fn teaser(story: &Story<'_>, view: &View<'_>) -> Map {
    let names: Vec<&str> = view
        .site
        .taxonomy(AUTHORS)
        .map(|authors| story.terms_of(authors).map(|term| term.name.as_str()).collect())
        .unwrap_or_default();
    map! {
        "title" => story.title(),
        "url" => view.site.href(story.permalink()),
        "date" => date(story.date(), view, &view.words),
        "standfirst" => story.standfirst(),
        "section" => section(story, view),
        "byline" => Some(view.words.list(&names)).filter(|byline| !byline.is_empty()),
        "place" => story.place(),
        "lang" => story.lang(),
        "dir" => direction(story.lang()),
        "image" => story.image().map(image),
    }
}

fn section(story: &Story<'_>, view: &View<'_>) -> Value {
    let taxonomy = view.site.taxonomy(SECTIONS);
    let term = taxonomy.and_then(|sections| story.terms_of(sections).next());
    term.map_or(Value::none(), |term| named(term, view))
}

/// A term as `{name, url}`.
pub(super) fn named(term: &crate::catalog::Term, view: &View<'_>) -> Value {
    let path = format!("/{}/{}/", view.site.taxonomies[term.taxonomy].path, term.slug);
    Value::from(map! { "name" => term.name.as_str(), "url" => view.site.href(&path) })
}

/// A date as templates see it.
pub(super) fn date(moment: Moment, view: &View<'_>, words: &Words) -> Value {
    let zone = view.site.zone;
    let day = moment.day(zone);
    Value::from(map! {
        "iso" => moment.iso(zone),
        "label" => words.day("date_long", day),
        "time" => moment.time(zone).map(|time| words.digits(&time)),
        "day_url" => view.site.href(&day.path()),
    })
}

/// An image as templates see it.
pub(super) fn image(image: &Image) -> Value {
    Value::from(map! {
        "src" => image.src.as_str(),
        "alt" => image.alt.as_str(),
        "caption" => image.caption.as_deref(),
        "credit" => image.credit.as_deref(),
        "width" => image.size.map(|size| size.0),
        "height" => image.size.map(|size| size.1),
    })
}

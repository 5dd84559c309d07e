//! Teasers: all that any other page may see of an article.

use std::convert::Infallible;
use std::ops::Range;
use std::sync::OnceLock;

use tera::{Context, Map, Value};

use super::related::brief;
use super::slots::{Room, Slots};
use super::{View, map, rendered};
use crate::catalog::record::Flags;
use crate::catalog::{Catalog, RowId, Story};
use crate::diagnostic::Diagnostic;
use crate::model::{Day, Image, Moment};
use crate::site::{AUTHORS, SECTIONS};
use crate::templates::{Form, Words, direction};

/// Teasers, each made once and shared by every page of a batch of the plan (a year) that shows it.
pub struct Teasers<'a> {
    view: &'a View<'a>,
    made: Slots,
    rendered: [Slots; 3],
    earlier: Slots,
    room: Room,
}

/// The template of one story in a list.
const TEASER: &str = "parts/teaser.html";
/// The template of an item of the story so far.
const EARLIER: &str = "parts/earlier.html";

/// What the page around a list says of all of its stories already.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    Nothing,
    Section,
    Author,
}

/// How many teasers are held; the others are made each time. One takes some two kilobytes, rendered under one.
const HELD: usize = 32_768;

impl<'a> Teasers<'a> {
    /// Room for the teasers of some rows above all.
    pub fn new(view: &'a View<'a>, rows: Range<RowId>) -> Self {
        let slots = || Slots::of(rows.clone());
        Self {
            view,
            made: slots(),
            rendered: [slots(), slots(), slots()],
            earlier: slots(),
            room: Room::new(HELD),
        }
    }

    /// The teaser of a row, of any row.
    pub fn get(&self, row: RowId) -> Value {
        let make = || Ok::<_, Infallible>(Value::from(teaser(&self.view.catalog.story(row), self.view)));
        match self.made.get(row, &self.room, make) {
            Ok(teaser) => teaser,
        }
    }

    /// Teasers as the lists of a term's years show them: a story is in many, and is rendered once for all that say the same.
    ///
    /// # Errors
    /// What in the template went wrong.
    pub(super) fn rendered(
        &self,
        rows: impl IntoIterator<Item = RowId>,
        said: Said,
    ) -> Result<Vec<Value>, Box<Diagnostic>> {
        let slots = &self.rendered[said as usize];
        let one = |row| slots.get(row, &self.room, || self.render(row, said));
        rows.into_iter().map(one).collect()
    }

    fn render(&self, row: RowId, said: Said) -> Result<Value, Box<Diagnostic>> {
        let mut context = Context::new();
        context.insert_value("page", self.view.page_of_lists());
        context.insert_value("t", self.view.words.value());
        context.insert_value("story", self.get(row));
        context.insert_value("level", Value::from(2));
        context.insert_value("in_section", Value::from(said == Said::Section));
        context.insert_value("in_author", Value::from(said == Said::Author));
        let mut html = Vec::with_capacity(1024);
        self.view.templates.render(TEASER, &context, &mut html)?;
        Ok(rendered(&html))
    }

    /// A story as an item of another's story so far. It is in those of several, and is rendered once for all that are in the site's language.
    ///
    /// # Errors
    /// What in the template went wrong.
    pub(super) fn earlier(
        &self,
        row: RowId,
        on: &Story<'_>,
        words: &Words,
    ) -> Result<Value, Box<Diagnostic>> {
        let make = || {
            let mut context = Context::new();
            context.insert_value("story", Value::from(brief(row, on, self.view, words)));
            let mut html = Vec::with_capacity(256);
            self.view.templates.render(EARLIER, &context, &mut html)?;
            Ok(rendered(&html))
        };
        match on.lang() == self.view.site.config.language {
            true => self.earlier.get(row, &self.room, make),
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
    teaser_in(story, view, &view.words)
}

/// A teaser in a language of the interface.
pub(super) fn teaser_in(story: &Story<'_>, view: &View<'_>, words: &Words) -> Map {
    let authors = view.site.taxonomy(AUTHORS);
    let names: Vec<&str> =
        story.terms().filter(|term| Some(term.taxonomy) == authors).map(|term| term.name.as_str()).collect();
    map! {
        "title" => story.title(),
        "url" => view.site.href(story.permalink()),
        "retracted" => story.flags().has(Flags::RETRACTED),
        "date" => date(story.date(), view, words),
        "standfirst" => story.standfirst(),
        "section" => section(story, view),
        "byline" => Some(words.formats().list(&names)).filter(|byline| !byline.is_empty()),
        "sole_author" => names.len() == 1,
        "place" => story.place(),
        "lang" => story.lang(),
        "dir" => direction(story.lang()),
        "image" => story.image().as_ref().map(image),
    }
}

pub(super) fn section(story: &Story<'_>, view: &View<'_>) -> Value {
    let Some(sections) = view.site.taxonomy(SECTIONS) else { return Value::none() };
    let of_section = |id: &&u32| view.catalog.term(**id).taxonomy == sections;
    story.term_ids().iter().find(of_section).map_or(Value::none(), |&id| view.term(id))
}

/// A day that has stories: in digits, and in the words of a language.
pub(super) fn day_names(day: Day, view: &View<'_>, words: &Words) -> [Value; 2] {
    let own = words.same(&view.words);
    let label = || Value::from(words.formats().day(Form::Long, day));
    match view.days.get(day, view) {
        Some(known) if own => [known.iso.clone(), known.label.clone()],
        Some(known) => [known.iso.clone(), label()],
        None => [day.iso().into(), label()],
    }
}

/// A day in the other calendars that the site asks for; none if it asks for none.
pub(super) fn also(day: Day, view: &View<'_>, words: &Words) -> Value {
    let calendars = view.site.config.calendars.iter();
    let said: Vec<String> =
        calendars.filter_map(|&calendar| words.formats().in_calendar(day, calendar)).collect();
    if said.is_empty() { Value::none() } else { said.join(" · ").into() }
}

/// A date as templates see it.
pub(super) fn date(moment: Moment, view: &View<'_>, words: &Words) -> Value {
    let zone = view.site.zone;
    let day = moment.day(zone);
    let known = view.days.get(day, view);
    let label = match words.same(&view.words) {
        true => known.map(|known| known.label.clone()),
        false => None,
    };
    let url = known.map_or_else(|| view.site.href(&day.path()).into(), |known| known.url.clone());
    let own = words.same(&view.words);
    let also = known.filter(|_| own).map_or_else(|| also(day, view, words), |known| known.also.clone());
    Value::from(map! {
        "iso" => moment.iso(zone),
        "label" => label.unwrap_or_else(|| words.formats().day(Form::Long, day).into()),
        "also" => also,
        "time" => moment.time(zone).map(|(hour, minute)| words.formats().time(hour, minute)),
        "day_url" => url,
    })
}

/// The days that have stories, each with what pages say of it, made once.
pub(super) struct Days {
    numbers: Vec<i32>,
    made: Vec<OnceLock<KnownDay>>,
}

/// What pages say of a day in the site's language.
pub(super) struct KnownDay {
    label: Value,
    iso: Value,
    url: Value,
    also: Value,
    /// The way to the day: its year, its month, itself.
    pub(super) crumbs: [Value; 3],
}

impl Days {
    pub(super) fn of(catalog: &Catalog) -> Self {
        let mut numbers: Vec<i32> = catalog.stories(catalog.all()).map(|story| story.day_number()).collect();
        numbers.dedup();
        numbers.shrink_to_fit();
        Self { made: numbers.iter().map(|_| OnceLock::new()).collect(), numbers }
    }

    /// What is known of a day, if it has stories.
    pub(super) fn get(&self, day: Day, view: &View<'_>) -> Option<&KnownDay> {
        let at = self.numbers.binary_search(&day.number()).ok()?;
        Some(self.made[at].get_or_init(|| KnownDay::of(day, self.crumbs(day, view), view)))
    }

    /// The way to a day's month: that of the month's first day with stories, for all of them.
    fn crumbs(&self, day: Day, view: &View<'_>) -> [Value; 2] {
        let (year, month) = (day.year(), day.month());
        let start = day.number() - day.day() as i32;
        let first = self.numbers.get(self.numbers.partition_point(|&number| number <= start));
        let first = first.copied().and_then(Day::from_number).filter(|&first| first != day);
        if let Some(KnownDay { crumbs: [year, month, _], .. }) = first.and_then(|first| self.get(first, view))
        {
            return [year.clone(), month.clone()];
        }
        let formats = view.words.formats();
        [
            view.crumb(&formats.digits(&year.to_string()), &format!("/{year:04}/")),
            view.crumb(formats.month(month), &format!("/{year:04}/{month:02}/")),
        ]
    }
}

impl KnownDay {
    fn of(day: Day, [year, month]: [Value; 2], view: &View<'_>) -> Self {
        let formats = view.words.formats();
        let number = view.crumb(&formats.digits(&day.day().to_string()), &day.path());
        Self {
            label: formats.day(Form::Long, day).into(),
            iso: day.iso().into(),
            also: also(day, view, &view.words),
            url: view.site.href(&day.path()).into(),
            crumbs: [year, month, number],
        }
    }
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
        "srcset" => image.srcset.as_deref(),
    })
}

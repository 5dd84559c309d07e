//! Teasers: all that any other page may see of an article.

use std::convert::Infallible;
use std::ops::Range;
use std::sync::OnceLock;

use tera::{Context, Map, Value};

use super::related::headline_values;
use super::teaser_cache::{Budget, TeaserCache};
use super::{SiteView, map, safe_html};
use crate::archive::record::Flags;
use crate::archive::{Article, ArticleId, Catalog};
use crate::config::{AUTHORS, SECTIONS};
use crate::diagnostics::Diagnostic;
use crate::model::{Day, Image, Moment};
use crate::templates::{DateStyle, Messages, direction};

/// Teasers, each made once and shared by every page of a batch of the plan (a year) that shows it.
pub(crate) struct Teasers<'a> {
    view: &'a SiteView<'a>,
    values: TeaserCache,
    rendered: [TeaserCache; 3],
    related_earlier: TeaserCache,
    budget: Budget,
}

/// The template of one story in a list.
const TEASER_TEMPLATE: &str = "parts/teaser.html";
/// The template of an item of the story so far.
const RELATED_EARLIER_TEMPLATE: &str = "parts/related_earlier_item.html";

/// What the page around a list says of all of its stories already.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ListKind {
    Plain,
    Section,
    Author,
}

/// How many teasers are held; the others are made each time. One takes some two kilobytes, rendered
/// under one.
const MAX_CACHED_TEASERS: usize = 32_768;

impl<'a> Teasers<'a> {
    /// Room for the teasers of some rows above all.
    pub(crate) fn new(view: &'a SiteView<'a>, ids: Range<ArticleId>) -> Self {
        let cache = || TeaserCache::new(ids.clone());
        Self {
            view,
            values: cache(),
            rendered: [cache(), cache(), cache()],
            related_earlier: cache(),
            budget: Budget::new(MAX_CACHED_TEASERS),
        }
    }

    /// The teaser of a row, of any row.
    pub(crate) fn get(&self, id: ArticleId) -> Value {
        let create =
            || Ok::<_, Infallible>(Value::from(teaser(&self.view.catalog.article(id), self.view)));
        match self.values.get(id, &self.budget, create) {
            Ok(teaser) => teaser,
        }
    }

    /// Teasers as the lists of a term's years show them: a story is in many, and is rendered once
    /// for all that say the same.
    ///
    /// # Errors
    /// What in the template went wrong.
    pub(super) fn render_list(
        &self,
        ids: impl IntoIterator<Item = ArticleId>,
        list_kind: ListKind,
    ) -> Result<Vec<Value>, Box<Diagnostic>> {
        let cache = &self.rendered[list_kind as usize];
        let render_cached = |id| cache.get(id, &self.budget, || self.render_teaser(id, list_kind));
        ids.into_iter().map(render_cached).collect()
    }

    fn render_teaser(&self, id: ArticleId, list_kind: ListKind) -> Result<Value, Box<Diagnostic>> {
        let mut context = Context::new();
        context.insert_value("page", self.view.listing_page());
        context.insert_value("t", self.view.messages.to_value());
        context.insert_value("article", self.get(id));
        context.insert_value("level", Value::from(2));
        context.insert_value("in_section", Value::from(list_kind == ListKind::Section));
        context.insert_value("in_author", Value::from(list_kind == ListKind::Author));
        let mut html = Vec::with_capacity(1024);
        self.view.templates.render(TEASER_TEMPLATE, &context, &mut html)?;
        Ok(safe_html(&html))
    }

    /// A story as an item of another's story so far. It is in those of several, and is rendered
    /// once for all that are in the site's language.
    ///
    /// # Errors
    /// What in the template went wrong.
    pub(super) fn related_earlier(
        &self,
        id: ArticleId,
        shown_on: &Article<'_>,
        messages: &Messages,
    ) -> Result<Value, Box<Diagnostic>> {
        let create = || {
            let mut context = Context::new();
            context.insert_value(
                "article",
                Value::from(headline_values(id, shown_on, self.view, messages)),
            );
            let mut html = Vec::with_capacity(256);
            self.view.templates.render(RELATED_EARLIER_TEMPLATE, &context, &mut html)?;
            Ok(safe_html(&html))
        };
        match shown_on.lang() == self.view.site.config.language {
            true => self.related_earlier.get(id, &self.budget, create),
            false => create(),
        }
    }

    /// The teasers of some rows.
    pub(crate) fn list(&self, ids: impl IntoIterator<Item = ArticleId>) -> Vec<Value> {
        ids.into_iter().map(|id| self.get(id)).collect()
    }
}

/// A teaser as templates see it, in the site's language.
pub(super) fn teaser(article: &Article<'_>, view: &SiteView<'_>) -> Map {
    localized_teaser(article, view, &view.messages)
}

/// A teaser in a language of the interface.
pub(super) fn localized_teaser(
    article: &Article<'_>,
    view: &SiteView<'_>,
    messages: &Messages,
) -> Map {
    let authors = view.site.taxonomy_index(AUTHORS);
    let names: Vec<&str> = article
        .terms()
        .filter(|term| Some(term.taxonomy) == authors)
        .map(|term| term.name.as_str())
        .collect();
    map! {
        "title" => article.title(),
        "url" => view.site.href(article.permalink()),
        "retracted" => article.flags().contains(Flags::RETRACTED),
        "date" => date_value(article.date(), view, messages),
        "standfirst" => article.standfirst(),
        "section" => section_value(article, view),
        "byline" => Some(messages.formats().list(&names)).filter(|byline| !byline.is_empty()),
        "sole_author" => names.len() == 1,
        "dateline_location" => article.dateline_location(),
        "lang" => article.lang(),
        "dir" => direction(article.lang()),
        "image" => article.image().as_ref().map(image_value),
    }
}

pub(super) fn section_value(article: &Article<'_>, view: &SiteView<'_>) -> Value {
    let Some(sections) = view.site.taxonomy_index(SECTIONS) else { return Value::none() };
    let is_section = |id: &&u32| view.catalog.term(**id).taxonomy == sections;
    article.term_ids().iter().find(is_section).map_or(Value::none(), |&id| view.term_value(id))
}

/// A day that has stories: in digits, and in the words of a language.
pub(super) fn day_iso_and_label(day: Day, view: &SiteView<'_>, messages: &Messages) -> [Value; 2] {
    let is_site_language = messages.is_same(&view.messages);
    let label = || Value::from(messages.formats().day(DateStyle::Long, day));
    match view.day_cache.get(day, view) {
        Some(day_values) if is_site_language => [day_values.iso.clone(), day_values.label.clone()],
        Some(day_values) => [day_values.iso.clone(), label()],
        None => [day.iso().into(), label()],
    }
}

/// A day in the other calendars that the site asks for; none if it asks for none.
pub(super) fn in_other_calendars(day: Day, view: &SiteView<'_>, messages: &Messages) -> Value {
    let calendars = view.site.config.calendars.iter();
    let dates: Vec<String> =
        calendars.filter_map(|&calendar| messages.formats().in_calendar(day, calendar)).collect();
    if dates.is_empty() { Value::none() } else { dates.join(" · ").into() }
}

/// A date as templates see it.
pub(super) fn date_value(moment: Moment, view: &SiteView<'_>, messages: &Messages) -> Value {
    let zone = view.site.zone;
    let day = moment.day(zone);
    let day_values = view.day_cache.get(day, view);
    let label = match messages.is_same(&view.messages) {
        true => day_values.map(|day_values| day_values.label.clone()),
        false => None,
    };
    let url = day_values
        .map_or_else(|| view.site.href(&day.path()).into(), |day_values| day_values.url.clone());
    let is_site_language = messages.is_same(&view.messages);
    let other_calendars = day_values.filter(|_| is_site_language).map_or_else(
        || in_other_calendars(day, view, messages),
        |day_values| day_values.other_calendars.clone(),
    );
    Value::from(map! {
        "iso" => moment.iso(zone),
        "label" => label.unwrap_or_else(|| messages.formats().day(DateStyle::Long, day).into()),
        "other_calendars" => other_calendars,
        "time" => moment.time(zone).map(|(hour, minute)| messages.formats().time(hour, minute)),
        "day_url" => url,
    })
}

/// The days that have stories, each with what pages say of it, made once.
pub(super) struct DayCache {
    day_numbers: Vec<i32>,
    values: Vec<OnceLock<DayValues>>,
}

/// What pages say of a day in the site's language.
pub(super) struct DayValues {
    label: Value,
    iso: Value,
    url: Value,
    other_calendars: Value,
    /// The way to the day: its year, its month, itself.
    pub(super) breadcrumbs: [Value; 3],
}

impl DayCache {
    pub(super) fn from_catalog(catalog: &Catalog) -> Self {
        let mut day_numbers: Vec<i32> =
            catalog.articles(catalog.ids()).map(|article| article.day_number()).collect();
        day_numbers.dedup();
        day_numbers.shrink_to_fit();
        Self { values: day_numbers.iter().map(|_| OnceLock::new()).collect(), day_numbers }
    }

    /// What is known of a day, if it has stories.
    pub(super) fn get(&self, day: Day, view: &SiteView<'_>) -> Option<&DayValues> {
        let index = self.day_numbers.binary_search(&day.number()).ok()?;
        Some(
            self.values[index]
                .get_or_init(|| DayValues::new(day, self.breadcrumbs(day, view), view)),
        )
    }

    /// The way to a day's month: that of the month's first day with stories, for all of them.
    fn breadcrumbs(&self, day: Day, view: &SiteView<'_>) -> [Value; 2] {
        let (year, month) = (day.year(), day.month());
        let month_start = day.number() - day.day() as i32;
        let first =
            self.day_numbers.get(self.day_numbers.partition_point(|&number| number <= month_start));
        let first = first.copied().and_then(Day::from_number).filter(|&first| first != day);
        if let Some(DayValues { breadcrumbs: [year, month, _], .. }) =
            first.and_then(|first| self.get(first, view))
        {
            return [year.clone(), month.clone()];
        }
        let formats = view.messages.formats();
        [
            view.link_value(&formats.digits(&year.to_string()), &format!("/{year:04}/")),
            view.link_value(formats.month(month), &format!("/{year:04}/{month:02}/")),
        ]
    }
}

impl DayValues {
    fn new(day: Day, [year, month]: [Value; 2], view: &SiteView<'_>) -> Self {
        let formats = view.messages.formats();
        let day_link = view.link_value(&formats.digits(&day.day().to_string()), &day.path());
        Self {
            label: formats.day(DateStyle::Long, day).into(),
            iso: day.iso().into(),
            other_calendars: in_other_calendars(day, view, &view.messages),
            url: view.site.href(&day.path()).into(),
            breadcrumbs: [year, month, day_link],
        }
    }
}

/// An image as templates see it.
pub(super) fn image_value(image: &Image) -> Value {
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

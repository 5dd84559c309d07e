//! What machines read: the feed, the sitemaps.

use tera::{Context, Value};

use super::teaser::teaser;
use super::{Page, SITEMAP_SIZE, View, languages, map, teasers_of};
use crate::catalog::{LangId, RowId, Story, TermId};
use crate::model::Inputs;
use crate::site::AUTHORS;

/// How many stories the feed holds.
const FEED: usize = 30;

/// The newest stories of the site, newest first.
pub(super) fn newest(view: &View<'_>) -> impl Iterator<Item = RowId> {
    view.catalog.all().rev().take(FEED)
}

pub(super) fn feed_inputs(rows: impl Iterator<Item = RowId>, view: &View<'_>, inputs: &mut Inputs) {
    for row in rows {
        let story = view.catalog.story(row);
        teasers_of([row], view, inputs);
        inputs.text("its id", story.own_id().unwrap_or_default());
        inputs.number("its change", story.updated().map_or(0, |updated| updated.seconds as u64));
        for term in story.terms() {
            inputs.text("its term", &term.name);
        }
    }
}

/// The feed of the site, or of one of its languages.
pub(super) fn feed(page: &Page, lang: Option<LangId>, view: &View<'_>) -> Context {
    let config = &view.site.config;
    let (tag, home, rows): (&str, String, Vec<RowId>) = match lang {
        None => (&config.language, "/".into(), newest(view).collect()),
        Some(lang) => {
            let tag = view.catalog.languages()[lang as usize].as_str();
            (tag, format!("/{tag}/"), view.latest(lang).collect())
        }
    };
    let mut context = view.context(page, &config.title, None, tag, Vec::new());
    let entries: Vec<Value> = rows.iter().map(|&row| entry(&view.catalog.story(row), view)).collect();
    let changes = rows.iter().map(|&row| updated(&view.catalog.story(row)));
    let newest = changes.max_by_key(|moment| moment.seconds);
    let epoch = crate::model::Moment { seconds: 0, day_only: false };
    context.insert_value("stories", Value::from(entries));
    context.insert_value("home", Value::from(view.site.absolute(&home)));
    context.insert_value("updated", Value::from(newest.unwrap_or(epoch).timestamp(view.site.zone)));
    context
}

fn updated(story: &Story<'_>) -> crate::model::Moment {
    story.updated().unwrap_or(story.date())
}

fn entry(story: &Story<'_>, view: &View<'_>) -> Value {
    let authors = view.site.taxonomy(AUTHORS);
    let names = |wanted: bool| -> Vec<Value> {
        story
            .terms()
            .filter(|term| (Some(term.taxonomy) == authors) == wanted)
            .map(|term| Value::from(term.name.as_str()))
            .collect()
    };
    let mut entry = teaser(story, view);
    entry.extend(map! {
        "canonical" => view.site.absolute(story.permalink()),
        "authors" => names(true),
        "terms" => names(false),
        "id" => tag_uri(story, view),
        "published" => story.date().timestamp(view.site.zone),
        "updated" => updated(story).timestamp(view.site.zone),
    });
    Value::from(entry)
}

/// A name that stays when the address changes, if the story has an id of its own (RFC 4151).
fn tag_uri(story: &Story<'_>, view: &View<'_>) -> String {
    let host = view
        .site
        .base_url
        .split("://")
        .nth(1)
        .unwrap_or_default()
        .split(['/', ':'])
        .next()
        .unwrap_or_default();
    let specific = story.own_id().map_or_else(|| story.permalink().to_owned(), |id| format!("/id/{id}"));
    let mut uri = format!("tag:{host},{}:", story.day().iso());
    crate::model::permalink::encode_ascii(&specific, &mut uri);
    uri
}

/// The addresses of one year: its articles, days and months. Of no year: everything else.
fn addresses(year: Option<i32>, view: &View<'_>) -> Vec<(String, Option<String>)> {
    let Some(year) = year else { return without_year(view) };
    let mut urls = vec![(format!("/{year:04}/"), None)];
    let (mut day, mut month) = (None, 0);
    for story in view.catalog.stories(view.catalog.year(year)) {
        let now = story.day();
        if month != now.month() {
            month = now.month();
            urls.push((format!("/{year:04}/{month:02}/"), None));
        }
        if day.replace(now) != Some(now) {
            urls.push((now.path(), None));
        }
        urls.push((story.permalink().to_owned(), Some(updated(&story).iso(view.site.zone))));
    }
    urls
}

fn without_year(view: &View<'_>) -> Vec<(String, Option<String>)> {
    let mut urls: Vec<String> = ["/", "/archive/", "/on-this-day/"].map(str::to_owned).into();
    urls.extend(languages(view.site, view.catalog).into_iter().map(|(tag, _)| format!("/{tag}/")));
    for number in 0..view.site.taxonomies.len() {
        let terms: &[TermId] = view.catalog.terms_of(number);
        if !terms.is_empty() {
            urls.push(format!("/{}/", view.site.taxonomies[number].path));
        }
        urls.extend(terms.iter().map(|&id| view.term_path(id)));
    }
    urls.into_iter().map(|url| (url, None)).collect()
}

/// How many sitemaps the addresses of a year, or of no year, take.
pub(crate) fn sitemap_parts(year: Option<i32>, view: &View<'_>) -> u32 {
    let addresses = match year {
        Some(year) => {
            // Every story, every day that has any, at most twelve months, the year.
            let rows = view.catalog.year(year);
            rows.len() + view.days.between(year) + view.catalog.months_of(year).count() + 1
        }
        None => without_year(view).len(),
    };
    addresses.div_ceil(SITEMAP_SIZE).max(1) as u32
}

pub(super) fn sitemap_inputs(year: Option<i32>, view: &View<'_>, inputs: &mut Inputs) {
    match year {
        Some(year) => {
            for story in view.catalog.stories(view.catalog.year(year)) {
                inputs.text("address of a story", story.permalink());
                inputs.number("its change", updated(&story).seconds as u64);
                inputs.number("its day", story.day_number() as u64);
            }
        }
        None => {
            for (url, _) in without_year(view) {
                inputs.text("address", &url);
            }
        }
    }
}

pub(super) fn sitemap(page: &Page, year: Option<i32>, number: u32, view: &View<'_>) -> Context {
    let mut context = view.site_context(page, &view.site.config.title, Vec::new());
    let urls =
        addresses(year, view).into_iter().skip((number as usize - 1) * SITEMAP_SIZE).take(SITEMAP_SIZE);
    let urls = urls
        .map(|(url, lastmod)| Value::from(map! { "loc" => view.site.absolute(&url), "lastmod" => lastmod }));
    let urls: Vec<Value> = urls.collect();
    context.insert_value("urls", Value::from(urls));
    context
}

/// Every sitemap there is, with the newest date in it.
fn sitemaps(view: &View<'_>) -> Vec<(Page, Option<String>)> {
    let mut maps = Vec::new();
    for year in [None].into_iter().chain(view.catalog.years().into_iter().map(Some)) {
        let rows: std::ops::Range<RowId> = year.map_or(0..0, |year| view.catalog.year(year));
        let newest =
            view.catalog.stories(rows).map(|story| updated(&story)).max_by_key(|moment| moment.seconds);
        let newest = newest.map(|moment| moment.iso(view.site.zone));
        maps.extend(
            (1..=sitemap_parts(year, view)).map(|number| (Page::Sitemap { year, number }, newest.clone())),
        );
    }
    maps
}

pub(super) fn sitemap_index_inputs(view: &View<'_>, inputs: &mut Inputs) {
    for (page, newest) in sitemaps(view) {
        inputs.text(&page.address(view), newest.as_deref().unwrap_or_default());
    }
}

pub(super) fn sitemap_index(page: &Page, view: &View<'_>) -> Context {
    let mut context = view.site_context(page, &view.site.config.title, Vec::new());
    let maps = sitemaps(view).into_iter().map(|(page, newest)| {
        Value::from(map! { "loc" => view.site.absolute(&page.address(view)), "lastmod" => newest })
    });
    let maps: Vec<Value> = maps.collect();
    context.insert_value("sitemaps", Value::from(maps));
    context
}

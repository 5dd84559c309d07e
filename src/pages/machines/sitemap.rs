//! Sitemaps (sitemaps.org, protocol 0.9): an index, a sitemap for what has no year, one a year, split where they grow too large; with pictures,
//! translations, and the last two days as Google News reads them.

use std::ops::Range;

use super::super::{Page, View, languages, metadata};
use super::entry::updated;
use super::xml::Xml;
use super::{File, Written};
use crate::catalog::{RowId, Story, TermId};
use crate::model::Inputs;

/// The addresses in one sitemap (sitemaps.org allows 50,000).
const SITEMAP_SIZE: usize = 50_000;
/// The bytes of one sitemap at most; the protocol allows 50 MB, and what is around the addresses has to fit in, too.
const BYTES: usize = 49 << 20;
/// How many stories the sitemap of news may hold, and how long they are news, in seconds (Google's rules).
const NEWS: usize = 1000;
const NEWS_FOR: i64 = 48 * 3600;

/// An address of a sitemap.
struct Url<'a> {
    path: String,
    story: Option<Story<'a>>,
}

impl Url<'_> {
    fn page(path: String) -> Self {
        Self { path, story: None }
    }

    /// No fewer bytes than it takes.
    fn bound(&self, view: &View<'_>) -> usize {
        let address = |path: &str| view.site.base_url.len() + 6 * path.len() + 100;
        let Some(story) = &self.story else { return address(&self.path) };
        let images = view.sitemaps().is_some_and(|sitemaps| sitemaps.images);
        let image = story.image().filter(|_| images).map_or(0, |image| address(&image.src));
        let others = story.translations().map(|row| address(view.catalog.story(row).permalink()));
        address(&self.path) * 2 + image + others.sum::<usize>()
    }
}

/// Where a list of addresses is cut into sitemaps.
fn cut<'a>(urls: impl Iterator<Item = Url<'a>>, view: &View<'_>) -> Vec<Range<usize>> {
    parts(urls.map(|url| url.bound(view)))
}

/// The parts of a list of so many bytes each, none of them larger than the protocol allows.
fn parts(bounds: impl Iterator<Item = usize>) -> Vec<Range<usize>> {
    let mut parts: Vec<Range<usize>> = Vec::new();
    let (mut start, mut end, mut bytes) = (0, 0, 0);
    for more in bounds {
        if end - start == SITEMAP_SIZE || (end > start && bytes + more > BYTES) {
            parts.push(start..end);
            (start, bytes) = (end, 0);
        }
        (end, bytes) = (end + 1, bytes + more);
    }
    parts.push(start..end);
    parts
}

/// The addresses of a year: itself, its months and days, its stories.
fn of_year_urls<'a>(year: i32, view: &'a View<'_>) -> impl Iterator<Item = Url<'a>> {
    let (mut day, mut month) = (None, 0);
    let stories = view.catalog.stories(view.catalog.year(year)).flat_map(move |story| {
        let now = story.day();
        let new_month = std::mem::replace(&mut month, now.month()) != now.month();
        let new_day = day.replace(now) != Some(now);
        let month = new_month.then(|| Url::page(format!("/{year:04}/{:02}/", now.month())));
        let day = new_day.then(|| Url::page(now.path()));
        let own = Url { path: story.permalink().to_owned(), story: Some(story) };
        [month, day, Some(own)].into_iter().flatten()
    });
    [Url::page(format!("/{year:04}/"))].into_iter().chain(stories)
}

/// The addresses that have no year. Too many terms for one sitemap stand by the year that they were first used in, so that new ones
/// change the last sitemap only.
fn site_urls(view: &View<'_>) -> Vec<Url<'static>> {
    let mut urls: Vec<String> = ["/", "/archive/", "/on-this-day/"].map(str::to_owned).into();
    urls.extend((!view.corrected.is_empty()).then(|| "/corrections/".to_owned()));
    urls.extend(view.corrected.years().map(|year| format!("/corrections/{year:04}/")));
    urls.extend(languages(view.site, view.catalog).into_iter().map(|(tag, _)| format!("/{tag}/")));
    let mut terms: Vec<TermId> = Vec::new();
    for (number, taxonomy) in view.site.taxonomies.iter().enumerate() {
        let own = view.catalog.terms_of(number);
        urls.extend((!own.is_empty()).then(|| format!("/{}/", taxonomy.path)));
        terms.extend(own);
    }
    if urls.len() + terms.len() > SITEMAP_SIZE {
        let all = view.catalog.all();
        let first = |id: TermId| view.catalog.term_rows(id, &all).first().copied();
        terms.sort_by_cached_key(|&id| first(id).map(|row| view.catalog.story(row).day().year()));
    }
    urls.extend(terms.into_iter().map(|id| view.term_path(id)));
    urls.into_iter().map(Url::page).collect()
}

/// How many sitemaps a year takes. Most years are plain: so few stories can't fill one.
fn parts_of(year: i32, view: &View<'_>) -> u32 {
    const FEW: usize = 2_000;
    match view.catalog.year(year).len() {
        ..FEW => 1,
        _ => cut(of_year_urls(year, view), view).len() as u32,
    }
}

/// The sitemaps that belong to no year, their index among them.
pub(super) fn fixed(view: &View<'_>) -> Vec<File> {
    let Some(sitemaps) = view.sitemaps() else { return Vec::new() };
    let parts = cut(site_urls(view).into_iter(), view).len() as u32;
    let mut files = vec![File::SitemapIndex];
    files.extend((1..=parts).map(File::SiteSitemap));
    if sitemaps.news && !news(view).is_empty() {
        files.push(File::NewsSitemap);
    }
    files
}

pub(super) fn of_year(year: i32, view: &View<'_>) -> impl Iterator<Item = File> {
    let parts = view.sitemaps().map_or(0, |_| parts_of(year, view));
    (1..=parts).map(move |part| File::YearSitemap(year, part))
}

pub(super) fn year_inputs(year: i32, view: &View<'_>, inputs: &mut Inputs) {
    for story in view.catalog.stories(view.catalog.year(year)) {
        inputs.part(story.teaser(), || {
            (format!("teaser of content/{}", story.path()), story.title().to_owned())
        });
        inputs.number("its change", updated(&story).seconds as u64);
        for other in story.translations().map(|row| view.catalog.story(row)) {
            inputs.text("translation", other.permalink()).text("its language", other.lang());
        }
    }
}

pub(super) fn site_inputs(number: u32, view: &View<'_>, inputs: &mut Inputs) {
    for url in part(|| site_urls(view).into_iter(), number, view) {
        inputs.text("address", &url.path);
    }
}

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n";
const SET: &str = "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\"";

pub(super) fn write_site(number: u32, view: &View<'_>, out: &mut String) -> Written {
    let urls = || site_urls(view).into_iter();
    write(urls, number, view, &mut Xml(out));
    Ok(true)
}

pub(super) fn write_year(year: i32, number: u32, view: &View<'_>, out: &mut String) -> Written {
    write(|| of_year_urls(year, view), number, view, &mut Xml(out));
    Ok(true)
}

/// The addresses of one of the sitemaps that a list is cut into, counted from 1.
fn part<'a, U: Iterator<Item = Url<'a>>>(
    urls: impl Fn() -> U,
    number: u32,
    view: &View<'_>,
) -> impl Iterator<Item = Url<'a>> {
    let part = cut(urls(), view).into_iter().nth(number as usize - 1).unwrap_or_default();
    urls().skip(part.start).take(part.len())
}

fn write<'a, U: Iterator<Item = Url<'a>>>(
    urls: impl Fn() -> U,
    number: u32,
    view: &View<'_>,
    xml: &mut Xml<'_>,
) {
    xml.raw(HEAD).raw(SET);
    xml.raw(" xmlns:image=\"http://www.google.com/schemas/sitemap-image/1.1\" xmlns:xhtml=\"http://www.w3.org/1999/xhtml\">\n");
    for url in part(urls, number, view) {
        xml.raw("<url><loc>").text(&view.site.absolute(&url.path)).raw("</loc>");
        if let Some(story) = &url.story {
            of_story(story, view, xml);
        }
        xml.raw("</url>\n");
    }
    xml.raw("</urlset>\n");
}

fn of_story(story: &Story<'_>, view: &View<'_>, xml: &mut Xml<'_>) {
    let site = view.site;
    xml.raw("<lastmod>").raw(&updated(story).iso(site.zone)).raw("</lastmod>");
    let alternates: Vec<RowId> = story.translations().collect();
    if !alternates.is_empty() {
        for row in [story.id].into_iter().chain(alternates) {
            let other = view.catalog.story(row);
            xml.raw("<xhtml:link rel=\"alternate\" hreflang=\"").text(other.lang());
            xml.raw("\" href=\"").text(&site.absolute(other.permalink())).raw("\"/>");
        }
    }
    let images = view.sitemaps().is_some_and(|sitemaps| sitemaps.images);
    if let Some(image) = story.image().filter(|_| images) {
        xml.raw("<image:image><image:loc>").text(&metadata::absolute(site, &image.src));
        xml.raw("</image:loc></image:image>");
    }
}

/// The stories of the two days before the newest one, or before the moment that the build was told to take for now; newest first.
fn news(view: &View<'_>) -> Vec<RowId> {
    let newest = view.catalog.stories(view.catalog.all()).map(|story| story.date().seconds).next_back();
    let now = view.site.said_now.or(newest).unwrap_or_default();
    let rows = view.catalog.all().rev();
    // Rows are in order of their days, and those of a day in order of their times: what is out by days can't come back.
    let days = rows.take_while(|&row| view.catalog.story(row).date().seconds > now - NEWS_FOR - 2 * 86_400);
    let fresh = days.filter(|&row| (now - NEWS_FOR..=now).contains(&view.catalog.story(row).date().seconds));
    fresh.take(NEWS).collect()
}

pub(super) fn news_inputs(view: &View<'_>, inputs: &mut Inputs) {
    super::super::teasers_of(news(view), view, inputs);
}

pub(super) fn write_news(view: &View<'_>, out: &mut String) -> Written {
    let mut xml = Xml(out);
    xml.raw(HEAD).raw(SET).raw(" xmlns:news=\"http://www.google.com/schemas/sitemap-news/0.9\">\n");
    for story in news(view).into_iter().map(|row| view.catalog.story(row)) {
        xml.raw("<url><loc>").text(&view.site.absolute(story.permalink())).raw("</loc><news:news>\n");
        xml.raw("<news:publication><news:name>").text(&view.site.config.title);
        xml.raw("</news:name><news:language>")
            .text(language(story.lang()))
            .raw("</news:language></news:publication>\n");
        xml.element("news:publication_date", &story.date().iso(view.site.zone));
        xml.element("news:title", story.title());
        xml.raw("</news:news></url>\n");
    }
    xml.raw("</urlset>\n");
    Ok(true)
}

/// A language as the sitemap of news knows it: a code of ISO 639, but for Chinese.
fn language(tag: &str) -> &str {
    if ["zh-CN", "zh-Hans", "zh-Hans-CN"].contains(&tag) {
        "zh-cn"
    } else if ["zh-TW", "zh-Hant", "zh-Hant-TW"].contains(&tag) {
        "zh-tw"
    } else {
        tag.split('-').next().unwrap_or(tag)
    }
}

/// Every sitemap there is, with the newest date in it.
fn all(view: &View<'_>) -> Vec<(File, Option<String>)> {
    let zone = view.site.zone;
    let newest = |rows: &mut dyn Iterator<Item = RowId>| {
        let changes = rows.map(|row| updated(&view.catalog.story(row)));
        changes.max_by_key(|moment| moment.seconds).map(|moment| moment.iso(zone))
    };
    let of_none = fixed(view).into_iter().filter(|file| *file != File::SitemapIndex).map(|file| match file {
        File::NewsSitemap => (file, newest(&mut news(view).into_iter())),
        _ => (file, None),
    });
    let of_years = view.catalog.years().into_iter().flat_map(|year| {
        let date = newest(&mut view.catalog.year(year));
        of_year(year, view).map(move |file| (file, date.clone()))
    });
    of_none.chain(of_years).collect()
}

pub(super) fn index_inputs(view: &View<'_>, inputs: &mut Inputs) {
    for (file, newest) in all(view) {
        inputs.text(&Page::Machine(file).address(view), newest.as_deref().unwrap_or_default());
    }
}

pub(super) fn write_index(view: &View<'_>, out: &mut String) -> Written {
    let mut xml = Xml(out);
    xml.raw(HEAD).raw("<sitemapindex xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n");
    for (file, newest) in all(view) {
        let address = Page::Machine(file).address(view);
        xml.raw("<sitemap><loc>").text(&view.site.absolute(&address)).raw("</loc>");
        if let Some(newest) = newest {
            xml.raw("<lastmod>").raw(&newest).raw("</lastmod>");
        }
        xml.raw("</sitemap>\n");
    }
    xml.raw("</sitemapindex>\n");
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_part_is_larger_than_the_protocol_allows() {
        let of = |bounds: &[usize]| -> Vec<(usize, usize)> {
            parts(bounds.iter().copied()).into_iter().map(|part| (part.start, part.end)).collect()
        };
        assert_eq!(of(&[]), [(0, 0)]);
        assert_eq!(of(&[100; SITEMAP_SIZE]), [(0, SITEMAP_SIZE)]);
        assert_eq!(of(&[100; SITEMAP_SIZE + 1]), [(0, SITEMAP_SIZE), (SITEMAP_SIZE, SITEMAP_SIZE + 1)]);
        assert_eq!(of(&[BYTES / 2; 3]), [(0, 2), (2, 3)]);
        assert_eq!(of(&[BYTES, 1, 1]), [(0, 1), (1, 3)]);
    }
}

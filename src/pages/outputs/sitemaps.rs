//! Sitemaps (sitemaps.org, protocol 0.9): an index, a sitemap for what has no year, one a year,
//! split where they grow too large; with pictures, translations, and the last two days as Google
//! News reads them.

use std::ops::Range;

use super::super::{Page, SiteView, languages_with_front_page, structured_data};
use super::article_entry::last_changed;
use super::xml::XmlWriter;
use super::{OutputFile, RenderResult};
use crate::archive::{Article, ArticleId, TermId};
use crate::model::Inputs;

/// The addresses in one sitemap (sitemaps.org allows 50,000).
const MAX_URLS: usize = 50_000;
/// The bytes of one sitemap at most; the protocol allows 50 MB, and what is around the addresses
/// has to fit in, too.
const MAX_BYTES: usize = 49 << 20;
/// How many stories the sitemap of news may hold, and how long they are news, in seconds (Google's
/// rules).
const MAX_NEWS_ARTICLES: usize = 1000;
const NEWS_SECONDS: i64 = 48 * 3600;

/// An address of a sitemap.
struct SitemapUrl<'a> {
    path: String,
    article: Option<Article<'a>>,
}

impl SitemapUrl<'_> {
    fn for_page(path: String) -> Self {
        Self { path, article: None }
    }

    /// No fewer bytes than it takes.
    fn max_bytes(&self, view: &SiteView<'_>) -> usize {
        let max_url_bytes = |path: &str| view.site.base_url.len() + 6 * path.len() + 100;
        let Some(article) = &self.article else { return max_url_bytes(&self.path) };
        let with_images = view.sitemaps().is_some_and(|sitemaps| sitemaps.images);
        let image =
            article.image().filter(|_| with_images).map_or(0, |image| max_url_bytes(&image.src));
        let others =
            article.translations().map(|id| max_url_bytes(view.catalog.article(id).permalink()));
        max_url_bytes(&self.path) * 2 + image + others.sum::<usize>()
    }
}

/// Where a list of addresses is cut into sitemaps.
fn split_urls<'a>(
    urls: impl Iterator<Item = SitemapUrl<'a>>,
    view: &SiteView<'_>,
) -> Vec<Range<usize>> {
    split_by_size(urls.map(|url| url.max_bytes(view)))
}

/// The parts of a list of so many bytes each, none of them larger than the protocol allows.
fn split_by_size(sizes: impl Iterator<Item = usize>) -> Vec<Range<usize>> {
    let mut parts: Vec<Range<usize>> = Vec::new();
    let (mut start, mut end, mut bytes) = (0, 0, 0);
    for size in sizes {
        if end - start == MAX_URLS || (end > start && bytes + size > MAX_BYTES) {
            parts.push(start..end);
            (start, bytes) = (end, 0);
        }
        (end, bytes) = (end + 1, bytes + size);
    }
    parts.push(start..end);
    parts
}

/// The addresses of a year: itself, its months and days, its stories.
fn year_urls<'a>(year: i32, view: &'a SiteView<'_>) -> impl Iterator<Item = SitemapUrl<'a>> {
    let (mut day, mut month) = (None, 0);
    let articles = view.catalog.articles(view.catalog.ids_in_year(year)).flat_map(move |article| {
        let article_day = article.day();
        let new_month = std::mem::replace(&mut month, article_day.month()) != article_day.month();
        let new_day = day.replace(article_day) != Some(article_day);
        let month = new_month
            .then(|| SitemapUrl::for_page(format!("/{year:04}/{:02}/", article_day.month())));
        let day = new_day.then(|| SitemapUrl::for_page(article_day.path()));
        let article_url =
            SitemapUrl { path: article.permalink().to_owned(), article: Some(article) };
        [month, day, Some(article_url)].into_iter().flatten()
    });
    [SitemapUrl::for_page(format!("/{year:04}/"))].into_iter().chain(articles)
}

/// The addresses that have no year. Too many terms for one sitemap stand by the year that they were
/// first used in, so that new ones change the last sitemap only.
fn site_urls(view: &SiteView<'_>) -> Vec<SitemapUrl<'static>> {
    let mut urls: Vec<String> = ["/", "/archive/", "/on-this-day/"].map(str::to_owned).into();
    urls.extend((!view.corrections.is_empty()).then(|| "/corrections/".to_owned()));
    urls.extend(view.corrections.years().map(|year| format!("/corrections/{year:04}/")));
    urls.extend(
        languages_with_front_page(view.site, view.catalog)
            .into_iter()
            .map(|(tag, _)| format!("/{tag}/")),
    );
    let mut terms: Vec<TermId> = Vec::new();
    for (index, taxonomy) in view.site.taxonomies.iter().enumerate() {
        let term_ids = view.catalog.terms_of(index);
        urls.extend((!term_ids.is_empty()).then(|| format!("/{}/", taxonomy.path)));
        terms.extend(term_ids);
    }
    if urls.len() + terms.len() > MAX_URLS {
        let all = view.catalog.ids();
        let first_article = |id: TermId| view.catalog.ids_of_term(id, &all).first().copied();
        terms.sort_by_cached_key(|&id| {
            first_article(id).map(|article| view.catalog.article(article).day().year())
        });
    }
    urls.extend(terms.into_iter().map(|id| view.term_path(id)));
    urls.into_iter().map(SitemapUrl::for_page).collect()
}

/// How many sitemaps a year takes. Most years are plain: so few stories can't fill one.
fn sitemap_count(year: i32, view: &SiteView<'_>) -> u32 {
    const SINGLE_SITEMAP_MAX: usize = 2_000;
    match view.catalog.ids_in_year(year).len() {
        ..SINGLE_SITEMAP_MAX => 1,
        _ => split_urls(year_urls(year, view), view).len() as u32,
    }
}

/// The sitemaps that belong to no year, their index among them.
pub(super) fn site_wide(view: &SiteView<'_>) -> Vec<OutputFile> {
    let Some(sitemaps) = view.sitemaps() else { return Vec::new() };
    let count = split_urls(site_urls(view).into_iter(), view).len() as u32;
    let mut files = vec![OutputFile::SitemapIndex];
    files.extend((1..=count).map(OutputFile::SiteSitemap));
    if sitemaps.news && !recent_articles(view).is_empty() {
        files.push(OutputFile::NewsSitemap);
    }
    files
}

pub(super) fn for_year(year: i32, view: &SiteView<'_>) -> impl Iterator<Item = OutputFile> {
    let count = view.sitemaps().map_or(0, |_| sitemap_count(year, view));
    (1..=count).map(move |part| OutputFile::YearSitemap(year, part))
}

pub(super) fn add_year_inputs(year: i32, view: &SiteView<'_>, inputs: &mut Inputs) {
    for article in view.catalog.articles(view.catalog.ids_in_year(year)) {
        inputs.part(article.teaser_hash(), || {
            (format!("teaser of content/{}", article.path()), article.title().to_owned())
        });
        inputs.number("its change", last_changed(&article).seconds as u64);
        for other in article.translations().map(|id| view.catalog.article(id)) {
            inputs.text("translation", other.permalink()).text("its language", other.lang());
        }
    }
}

pub(super) fn add_site_inputs(number: u32, view: &SiteView<'_>, inputs: &mut Inputs) {
    for url in sitemap_urls(|| site_urls(view).into_iter(), number, view) {
        inputs.text("address", &url.path);
    }
}

const XML_DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n";
const URLSET_START: &str = "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\"";

pub(super) fn write_site(number: u32, view: &SiteView<'_>, out: &mut String) -> RenderResult {
    let urls = || site_urls(view).into_iter();
    write_sitemap(urls, number, view, &mut XmlWriter(out));
    Ok(true)
}

pub(super) fn write_year(
    year: i32,
    number: u32,
    view: &SiteView<'_>,
    out: &mut String,
) -> RenderResult {
    write_sitemap(|| year_urls(year, view), number, view, &mut XmlWriter(out));
    Ok(true)
}

/// The addresses of one of the sitemaps that a list is cut into, counted from 1.
fn sitemap_urls<'a, U: Iterator<Item = SitemapUrl<'a>>>(
    urls: impl Fn() -> U,
    number: u32,
    view: &SiteView<'_>,
) -> impl Iterator<Item = SitemapUrl<'a>> {
    let part = split_urls(urls(), view).into_iter().nth(number as usize - 1).unwrap_or_default();
    urls().skip(part.start).take(part.len())
}

fn write_sitemap<'a, U: Iterator<Item = SitemapUrl<'a>>>(
    urls: impl Fn() -> U,
    number: u32,
    view: &SiteView<'_>,
    xml: &mut XmlWriter<'_>,
) {
    xml.raw(XML_DECLARATION).raw(URLSET_START);
    xml.raw(" xmlns:image=\"http://www.google.com/schemas/sitemap-image/1.1\" xmlns:xhtml=\"http://www.w3.org/1999/xhtml\">\n");
    for url in sitemap_urls(urls, number, view) {
        xml.raw("<url><loc>").text(&view.site.absolute_url(&url.path)).raw("</loc>");
        if let Some(article) = &url.article {
            write_article_fields(article, view, xml);
        }
        xml.raw("</url>\n");
    }
    xml.raw("</urlset>\n");
}

fn write_article_fields(article: &Article<'_>, view: &SiteView<'_>, xml: &mut XmlWriter<'_>) {
    let site = view.site;
    xml.raw("<lastmod>").raw(&last_changed(article).iso(site.zone)).raw("</lastmod>");
    let alternates: Vec<ArticleId> = article.translations().collect();
    if !alternates.is_empty() {
        for id in [article.id].into_iter().chain(alternates) {
            let other = view.catalog.article(id);
            xml.raw("<xhtml:link rel=\"alternate\" hreflang=\"").text(other.lang());
            xml.raw("\" href=\"").text(&site.absolute_url(other.permalink())).raw("\"/>");
        }
    }
    let with_images = view.sitemaps().is_some_and(|sitemaps| sitemaps.images);
    if let Some(image) = article.image().filter(|_| with_images) {
        xml.raw("<image:image><image:loc>").text(&structured_data::absolute_url(site, &image.src));
        xml.raw("</image:loc></image:image>");
    }
}

/// The stories of the two days before the newest one, or before the moment that the build was told
/// to take for now; newest first.
fn recent_articles(view: &SiteView<'_>) -> Vec<ArticleId> {
    let newest =
        view.catalog.articles(view.catalog.ids()).map(|article| article.date().seconds).next_back();
    let now = view.site.now_override.or(newest).unwrap_or_default();
    let ids = view.catalog.ids().rev();
    // Rows are in order of their days, and those of a day in order of their times: what is out by
    // days can't come back.
    let candidates = ids.take_while(|&id| {
        view.catalog.article(id).date().seconds > now - NEWS_SECONDS - 2 * 86_400
    });
    let recent = candidates.filter(|&id| {
        (now - NEWS_SECONDS..=now).contains(&view.catalog.article(id).date().seconds)
    });
    recent.take(MAX_NEWS_ARTICLES).collect()
}

pub(super) fn add_news_inputs(view: &SiteView<'_>, inputs: &mut Inputs) {
    super::super::add_teaser_inputs(recent_articles(view), view, inputs);
}

pub(super) fn write_news(view: &SiteView<'_>, out: &mut String) -> RenderResult {
    let mut xml = XmlWriter(out);
    xml.raw(XML_DECLARATION)
        .raw(URLSET_START)
        .raw(" xmlns:news=\"http://www.google.com/schemas/sitemap-news/0.9\">\n");
    for article in recent_articles(view).into_iter().map(|id| view.catalog.article(id)) {
        xml.raw("<url><loc>")
            .text(&view.site.absolute_url(article.permalink()))
            .raw("</loc><news:news>\n");
        xml.raw("<news:publication><news:name>").text(&view.site.config.title);
        xml.raw("</news:name><news:language>")
            .text(news_language(article.lang()))
            .raw("</news:language></news:publication>\n");
        xml.element("news:publication_date", &article.date().iso(view.site.zone));
        xml.element("news:title", article.title());
        xml.raw("</news:news></url>\n");
    }
    xml.raw("</urlset>\n");
    Ok(true)
}

/// A language as the sitemap of news knows it: a code of ISO 639, but for Chinese.
fn news_language(tag: &str) -> &str {
    if ["zh-CN", "zh-Hans", "zh-Hans-CN"].contains(&tag) {
        "zh-cn"
    } else if ["zh-TW", "zh-Hant", "zh-Hant-TW"].contains(&tag) {
        "zh-tw"
    } else {
        tag.split('-').next().unwrap_or(tag)
    }
}

/// Every sitemap there is, with the newest date in it.
fn all_sitemaps(view: &SiteView<'_>) -> Vec<(OutputFile, Option<String>)> {
    let zone = view.site.zone;
    let newest = |ids: &mut dyn Iterator<Item = ArticleId>| {
        let changes = ids.map(|id| last_changed(&view.catalog.article(id)));
        changes.max_by_key(|moment| moment.seconds).map(|moment| moment.iso(zone))
    };
    let undated =
        site_wide(view).into_iter().filter(|file| *file != OutputFile::SitemapIndex).map(|file| {
            match file {
                OutputFile::NewsSitemap => (file, newest(&mut recent_articles(view).into_iter())),
                _ => (file, None),
            }
        });
    let by_year = view.catalog.years().into_iter().flat_map(|year| {
        let date = newest(&mut view.catalog.ids_in_year(year));
        for_year(year, view).map(move |file| (file, date.clone()))
    });
    undated.chain(by_year).collect()
}

pub(super) fn add_index_inputs(view: &SiteView<'_>, inputs: &mut Inputs) {
    for (file, newest) in all_sitemaps(view) {
        inputs.text(&Page::OutputFile(file).url_path(view), newest.as_deref().unwrap_or_default());
    }
}

pub(super) fn write_index(view: &SiteView<'_>, out: &mut String) -> RenderResult {
    let mut xml = XmlWriter(out);
    xml.raw(XML_DECLARATION)
        .raw("<sitemapindex xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n");
    for (file, newest) in all_sitemaps(view) {
        let url_path = Page::OutputFile(file).url_path(view);
        xml.raw("<sitemap><loc>").text(&view.site.absolute_url(&url_path)).raw("</loc>");
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
        let split = |sizes: &[usize]| -> Vec<(usize, usize)> {
            split_by_size(sizes.iter().copied())
                .into_iter()
                .map(|part| (part.start, part.end))
                .collect()
        };
        assert_eq!(split(&[]), [(0, 0)]);
        assert_eq!(split(&[100; MAX_URLS]), [(0, MAX_URLS)]);
        assert_eq!(split(&[100; MAX_URLS + 1]), [(0, MAX_URLS), (MAX_URLS, MAX_URLS + 1)]);
        assert_eq!(split(&[MAX_BYTES / 2; 3]), [(0, 2), (2, 3)]);
        assert_eq!(split(&[MAX_BYTES, 1, 1]), [(0, 1), (1, 3)]);
    }
}

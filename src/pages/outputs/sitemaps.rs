//! Sitemaps (sitemaps.org, protocol 0.9): an index, one of the pages that belong to no year, one
//! per year, split where they grow too large; with images, translations, and the last two days in
//! the format of Google News.

use std::ops::Range;

use super::super::languages::languages_with_front_page;
use super::super::output_file::OutputFile;
use super::super::teaser::add_teaser_inputs;
use super::super::urls::{absolute_url, corrections_path};
use super::super::view::SiteView;
use super::super::xml::XmlWriter;
use super::article_entry::last_changed;
use crate::archive::{Article, ArticleId, TermId};
use crate::config::RootName;
use crate::model::Inputs;

/// The maximum number of URLs in a sitemap (sitemaps.org allows 50,000).
const MAX_URLS: usize = 50_000;
/// The maximum size of the URLs in a sitemap, in bytes: the protocol allows 50 MB for the file.
const MAX_BYTES: usize = 49 << 20;
/// The maximum number of articles in the news sitemap, and their maximum age in seconds (both are
/// Google's rules).
const MAX_NEWS_ARTICLES: usize = 1000;
const NEWS_SECONDS: i64 = 48 * 3600;

/// A URL of a sitemap.
struct SitemapUrl<'a> {
    path: String,
    article: Option<Article<'a>>,
}

impl SitemapUrl<'_> {
    fn for_page(path: String) -> Self {
        Self { path, article: None }
    }

    /// Returns an upper bound of its size, in bytes.
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

/// Splits a list of URLs into sitemaps.
fn split_urls<'a>(
    urls: impl Iterator<Item = SitemapUrl<'a>>,
    view: &SiteView<'_>,
) -> Vec<Range<usize>> {
    split_by_size(urls.map(|url| url.max_bytes(view)))
}

/// Splits a list by the sizes of its items, in bytes, so that no part is larger than allowed.
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

/// Returns the URLs of a year: its own, those of its months and days, those of its articles.
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

/// Returns the URLs that belong to no year. Too many terms for one sitemap are sorted by the year
/// in which they were first used, so that new ones change the last sitemap only.
fn site_urls<'a>(view: &'a SiteView<'_>) -> Vec<SitemapUrl<'a>> {
    let mut urls =
        vec!["/".to_owned(), RootName::Archive.dir_path(), RootName::OnThisDay.dir_path()];
    urls.extend((!view.corrections.is_empty()).then(|| corrections_path(None)));
    urls.extend(view.corrections.years().map(|year| corrections_path(Some(year))));
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
    let pages = view.catalog.articles(view.catalog.page_ids());
    let pages =
        pages.map(|page| SitemapUrl { path: page.permalink().to_owned(), article: Some(page) });
    urls.into_iter().map(SitemapUrl::for_page).chain(pages).collect()
}

/// Returns the number of a year's sitemaps. Most years have too few articles to need counting.
fn sitemap_count(year: i32, view: &SiteView<'_>) -> u32 {
    const SINGLE_SITEMAP_MAX: usize = 2_000;
    if view.catalog.ids_in_year(year).len() < SINGLE_SITEMAP_MAX {
        return 1;
    }
    split_urls(year_urls(year, view), view).len() as u32
}

/// Returns the sitemaps that belong to no year, with their index.
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

/// Returns the sitemaps of a year.
pub(super) fn for_year(year: i32, view: &SiteView<'_>) -> impl Iterator<Item = OutputFile> {
    let count = view.sitemaps().map_or(0, |_| sitemap_count(year, view));
    (1..=count).map(move |part| OutputFile::YearSitemap(year, part))
}

/// Adds everything that a year's sitemap shows to its inputs.
pub(super) fn add_year_inputs(year: i32, view: &SiteView<'_>, inputs: &mut Inputs) {
    for article in view.catalog.articles(view.catalog.ids_in_year(year)) {
        add_article_inputs(&article, view, inputs);
    }
}

/// Adds everything that a sitemap shows of an article or a page to its inputs.
fn add_article_inputs(article: &Article<'_>, view: &SiteView<'_>, inputs: &mut Inputs) {
    inputs.part(article.teaser_hash(), || {
        (format!("teaser of content/{}", article.path()), article.title().to_owned())
    });
    inputs.number("last change", last_changed(article).seconds as u64);
    for other in article.translations().map(|id| view.catalog.article(id)) {
        inputs
            .text("translation", other.permalink())
            .text("language of the translation", other.lang());
    }
}

/// Adds everything that a sitemap without a year shows to its inputs.
pub(super) fn add_site_inputs(number: u32, view: &SiteView<'_>, inputs: &mut Inputs) {
    for url in sitemap_urls(|| site_urls(view).into_iter(), number, view) {
        inputs.text("URL", &url.path);
        if let Some(page) = &url.article {
            add_article_inputs(page, view, inputs);
        }
    }
}

const XML_DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n";
const URLSET_START: &str = "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\"";

/// Writes a sitemap without a year.
pub(super) fn write_site(number: u32, view: &SiteView<'_>, out: &mut String) {
    let urls = || site_urls(view).into_iter();
    write_sitemap(urls, number, view, &mut XmlWriter(out));
}

/// Writes a sitemap of a year.
pub(super) fn write_year(year: i32, number: u32, view: &SiteView<'_>, out: &mut String) {
    write_sitemap(|| year_urls(year, view), number, view, &mut XmlWriter(out));
}

/// Returns the URLs of one of the sitemaps that a list is split into, counted from 1.
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
    xml.raw(" xmlns:image=\"http://www.google.com/schemas/sitemap-image/1.1\"");
    xml.raw(" xmlns:xhtml=\"http://www.w3.org/1999/xhtml\">\n");
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
    // A page has a date of its last change only if it is written.
    let last_change =
        if article.is_page() { article.updated() } else { Some(last_changed(article)) };
    if let Some(moment) = last_change {
        xml.raw("<lastmod>").raw(&moment.iso(site.zone)).raw("</lastmod>");
    }
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
        xml.raw("<image:image><image:loc>").text(&absolute_url(site, &image.src));
        xml.raw("</image:loc></image:image>");
    }
}

/// Returns the articles of the two days before the newest one, or before the time given by `--now`;
/// newest first.
fn recent_articles(view: &SiteView<'_>) -> Vec<ArticleId> {
    let newest =
        view.catalog.articles(view.catalog.ids()).map(|article| article.date().seconds).next_back();
    let now = view.site.fixed_now().or(newest).unwrap_or_default();
    let ids = view.catalog.ids().rev();
    // Articles are sorted by day, and those of a day by time: after two days more, none can be
    // recent.
    let candidates = ids.take_while(|&id| {
        view.catalog.article(id).date().seconds > now - NEWS_SECONDS - 2 * 86_400
    });
    let recent = candidates.filter(|&id| {
        (now - NEWS_SECONDS..=now).contains(&view.catalog.article(id).date().seconds)
    });
    recent.take(MAX_NEWS_ARTICLES).collect()
}

/// Adds everything that the news sitemap shows to its inputs.
pub(super) fn add_news_inputs(view: &SiteView<'_>, inputs: &mut Inputs) {
    add_teaser_inputs(recent_articles(view), view, inputs);
}

/// Writes the news sitemap.
pub(super) fn write_news(view: &SiteView<'_>, out: &mut String) {
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
}

/// Returns a language as the news sitemap names it: a code of ISO 639, except for Chinese.
fn news_language(tag: &str) -> &str {
    if ["zh-CN", "zh-Hans", "zh-Hans-CN"].contains(&tag) {
        "zh-cn"
    } else if ["zh-TW", "zh-Hant", "zh-Hant-TW"].contains(&tag) {
        "zh-tw"
    } else {
        tag.split('-').next().unwrap_or(tag)
    }
}

/// Returns all sitemaps, each with the newest date in it.
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

/// Adds everything that the index shows to its inputs.
pub(super) fn add_index_inputs(view: &SiteView<'_>, inputs: &mut Inputs) {
    for (file, newest) in all_sitemaps(view) {
        inputs.text(&file.url_path(view), newest.as_deref().unwrap_or_default());
    }
}

/// Writes the index of all sitemaps.
pub(super) fn write_index(view: &SiteView<'_>, out: &mut String) {
    let mut xml = XmlWriter(out);
    xml.raw(XML_DECLARATION)
        .raw("<sitemapindex xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n");
    for (file, newest) in all_sitemaps(view) {
        let url_path = file.url_path(view);
        xml.raw("<sitemap><loc>").text(&view.site.absolute_url(&url_path)).raw("</loc>");
        if let Some(newest) = newest {
            xml.raw("<lastmod>").raw(&newest).raw("</lastmod>");
        }
        xml.raw("</sitemap>\n");
    }
    xml.raw("</sitemapindex>\n");
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

//! What is made for machines alone: feeds, sitemaps, data, redirects and the small files that hosts and crawlers look for. All of it is written by
//! code and not by templates, since it has to be valid whatever a story holds.

mod catalogue;
mod entry;
mod feed;
mod hints;
pub(super) mod json;
mod ninjs;
mod redirects;
mod sitemap;
pub(super) mod xml;

use std::fmt::Write as _;

use tera::Value;

use super::{View, map};
use crate::catalog::{LangId, RowId, TermId};
use crate::diagnostic::Diagnostic;
use crate::model::{Inputs, Told};
use crate::site::{FeedFormat, RedirectFormat, Site};

pub(super) use ninjs::address as ninjs_address;
pub(super) use redirects::led_on;
pub(crate) use redirects::{Redirect, Source, all as all_redirects, is_redirect};

/// Which stories a feed is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All.
    Site,
    /// Those in a language other than the site's.
    Language(LangId),
    /// Those of a term.
    Term(TermId),
    /// Corrections of any.
    Corrections,
}

/// A file for machines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum File {
    /// The newest stories.
    Feed(Scope, FeedFormat),
    /// A month's stories: one of its parts, from 1.
    Month {
        /// The year.
        year: i32,
        /// The month.
        month: u8,
        /// The part, from 1.
        part: u16,
        /// The form.
        format: FeedFormat,
    },
    /// The index of sitemaps.
    SitemapIndex,
    /// A part of the sitemap of all that has no year, from 1.
    SiteSitemap(u32),
    /// A part of the sitemap of a year, from 1.
    YearSitemap(i32, u32),
    /// The sitemap of the last two days.
    NewsSitemap,
    /// The stories of a year as a table.
    Catalogue(i32, Table),
    /// What data there is.
    Manifest,
    /// A story as data.
    Ninjs(RowId),
    /// The page at a former address of a story, by its place in the story's list.
    Alias(RowId, u32),
    /// The page of a redirect that the site asks for, by its number.
    Rule(u32),
    /// The page at a former address that the register leads on, by its number.
    Former(u32),
    /// What nginx is told of addresses of stories that were taken down.
    Gone,
    /// All redirects in a host's form.
    Redirects(RedirectFormat),
    /// A small file at a fixed address.
    Hint(Hint),
}

/// A form of table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// JSON Lines.
    JsonLines,
    /// CSV (RFC 4180).
    Csv,
}

/// A small file at a fixed address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hint {
    /// `robots.txt`.
    Robots,
    /// `humans.txt`.
    Humans,
    /// `trust.txt`.
    Trust,
    /// `security.txt`.
    Security,
    /// `llms.txt`.
    Llms,
    /// `_headers`.
    Headers,
}

/// `{type, title, url}` of each feed of a page: the site's own, or those in its folder, written without its slash.
pub(super) fn feed_links(site: &Site, folder: &str) -> Vec<Value> {
    let formats = site.config.machines.feeds.as_ref().map(|feeds| feeds.formats.as_slice());
    let links = formats.unwrap_or_default().iter().map(|&format| {
        let name = match format {
            FeedFormat::Atom => "Atom",
            FeedFormat::Rss => "RSS",
            FeedFormat::Json => "JSON Feed",
        };
        let url = site.href(&format!("{folder}/{}", format.file()));
        Value::from(map! { "type" => feed::media_type(format), "title" => name, "url" => url })
    });
    links.collect()
}

/// What became of a file: whether it was made from what its fingerprint says.
type Written = Result<bool, Vec<Diagnostic>>;

impl File {
    /// The files that belong to no year.
    pub fn fixed(view: &View<'_>) -> Vec<Self> {
        let mut files = feed::subscriptions(view);
        files.extend(sitemap::fixed(view));
        if view.site.config.machines.data.as_ref().is_some_and(|data| data.catalogue) {
            files.push(Self::Manifest);
        }
        files.extend(redirects::fixed(view));
        files.extend(hints::fixed(view));
        files
    }

    /// The files of a year.
    pub fn of_year(year: i32, view: &View<'_>) -> Vec<Self> {
        let mut files = feed::months(year, view);
        files.extend(sitemap::of_year(year, view));
        files.extend(catalogue::of_year(year, view));
        files.extend(redirects::aliases_of(view.catalog.year(year), view));
        files
    }

    /// The kind, as an explanation names it.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Feed(..) | Self::Month { .. } => "feed",
            Self::SitemapIndex | Self::SiteSitemap(_) | Self::YearSitemap(..) | Self::NewsSitemap => {
                "sitemap"
            }
            Self::Catalogue(..) | Self::Manifest | Self::Ninjs(_) => "data",
            Self::Alias(..) | Self::Rule(_) | Self::Former(_) | Self::Redirects(_) | Self::Gone => "redirect",
            Self::Hint(_) => "hint",
        }
    }

    /// The article that it is made from besides what the catalog holds of it, if it is of one.
    pub fn article(self) -> Option<RowId> {
        if let Self::Ninjs(row) = self { Some(row) } else { None }
    }

    /// Whether it shows more of several stories than their teasers: the text of their bodies, or what depends on it.
    pub fn shows_bodies(self, view: &View<'_>) -> bool {
        match self {
            Self::Feed(..) | Self::Month { .. } => view.feeds().is_some_and(|feeds| feeds.full_text),
            Self::Catalogue(..) => true,
            _ => false,
        }
    }

    /// Writes the address below the site's root behind a text.
    pub(super) fn write_address(self, view: &View<'_>, out: &mut String) -> std::fmt::Result {
        match self {
            Self::Feed(scope, format) => feed::write_address(scope, format, view, out),
            Self::Month { year, month, part, format } => {
                feed::Document { year, month, part }.write_address(format, out)
            }
            Self::SitemapIndex => out.write_str("/sitemap.xml"),
            Self::SiteSitemap(1) => out.write_str("/sitemaps/site.xml"),
            Self::SiteSitemap(number) => write!(out, "/sitemaps/site-{number}.xml"),
            Self::YearSitemap(year, 1) => write!(out, "/sitemaps/{year:04}.xml"),
            Self::YearSitemap(year, number) => write!(out, "/sitemaps/{year:04}-{number}.xml"),
            Self::NewsSitemap => out.write_str("/sitemaps/news.xml"),
            Self::Catalogue(year, Table::JsonLines) => write!(out, "/data/{year:04}.jsonl"),
            Self::Catalogue(year, Table::Csv) => write!(out, "/data/{year:04}.csv"),
            Self::Manifest => out.write_str("/archive.json"),
            Self::Ninjs(row) => out.write_str(&ninjs::address(&view.catalog.story(row))),
            Self::Alias(row, number) => out.write_str(&redirects::alias(row, number, view)),
            Self::Rule(number) => out.write_str(redirects::rule(number, view)),
            Self::Former(number) => out.write_str(&view.former[number as usize].from),
            Self::Redirects(format) => out.write_str(redirects::address(format)),
            Self::Gone => out.write_str("/gone.nginx.conf"),
            Self::Hint(hint) => out.write_str(hint.address()),
        }
    }

    /// The one walk over what the file shows.
    pub(super) fn inputs(self, view: &View<'_>, inputs: &mut Inputs) {
        match self {
            Self::Feed(scope, _) => feed::inputs(scope, view, inputs),
            Self::Month { year, month, part, .. } => {
                feed::document_inputs(feed::Document { year, month, part }, view, inputs);
            }
            Self::SitemapIndex => sitemap::index_inputs(view, inputs),
            Self::SiteSitemap(number) => sitemap::site_inputs(number, view, inputs),
            Self::YearSitemap(year, _) => sitemap::year_inputs(year, view, inputs),
            Self::NewsSitemap => sitemap::news_inputs(view, inputs),
            Self::Catalogue(year, _) => catalogue::inputs(year, view, inputs),
            Self::Manifest => catalogue::manifest_inputs(view, inputs),
            Self::Ninjs(row) => ninjs::inputs(row, view, inputs),
            Self::Alias(..) | Self::Rule(_) | Self::Former(_) | Self::Redirects(_) | Self::Gone => {
                redirects::inputs(self, view, inputs);
            }
            Self::Hint(hint) => hints::inputs(hint, view, inputs),
        }
    }

    /// Writes the file into a buffer.
    pub(super) fn write(self, view: &View<'_>, buffer: &mut Vec<u8>) -> Written {
        let mut out = String::from_utf8(std::mem::take(buffer)).unwrap_or_default();
        out.clear();
        let written = match self {
            Self::Feed(scope, format) => feed::write(scope, format, view, &mut out),
            Self::Month { year, month, part, format } => {
                feed::write_document(feed::Document { year, month, part }, format, view, &mut out)
            }
            Self::SitemapIndex => sitemap::write_index(view, &mut out),
            Self::SiteSitemap(number) => sitemap::write_site(number, view, &mut out),
            Self::YearSitemap(year, number) => sitemap::write_year(year, number, view, &mut out),
            Self::NewsSitemap => sitemap::write_news(view, &mut out),
            Self::Catalogue(year, table) => catalogue::write(year, table, view, &mut out),
            Self::Manifest => catalogue::write_manifest(view, &mut out),
            Self::Ninjs(row) => ninjs::write(row, view, &mut out),
            Self::Alias(..) | Self::Rule(_) | Self::Former(_) => redirects::write_page(self, view, &mut out),
            Self::Redirects(format) => redirects::write(format, view, &mut out),
            Self::Gone => redirects::write_gone(view, &mut out),
            Self::Hint(hint) => hints::write(hint, view, &mut out),
        };
        *buffer = out.into_bytes();
        written
    }
}

/// What all files for machines depend on: their settings, and those that bodies are rendered by.
pub(super) fn settings(site: &Site) -> Told {
    let config = &site.config;
    let machines = &config.machines;
    let bodies = (&config.html, config.smart_punctuation, &config.limits, &config.pictures);
    vec![
        ("feeds".into(), format!("{:?}", machines.feeds)),
        ("sitemaps, data".into(), format!("{:?}", (&machines.sitemaps, &machines.data))),
        ("corrections".into(), format!("{:?}", config.corrections)),
        ("redirects".into(), format!("{:?}", machines.redirects)),
        ("robots, humans, trust, security, llms, headers".into(), hints::settings(machines)),
        (
            "copyright, license, logo".into(),
            format!("{:?}", (&config.copyright, &machines.license, &config.logo)),
        ),
        ("html, smart_punctuation, limits, pictures".into(), format!("{bodies:?}")),
    ]
}

//! What is made for machines alone: feeds, sitemaps, data, redirects and the small files that hosts
//! and crawlers look for. All of it is written by code and not by templates, since it has to be
//! valid whatever a story holds.

mod article_entry;
mod data;
mod feeds;
pub(super) mod json;
mod ninjs;
mod redirects;
mod sitemaps;
mod well_known;
pub(super) mod xml;

use std::fmt::Write as _;

use tera::Value;

use super::{SiteView, map};
use crate::archive::{ArticleId, LangId, TermId};
use crate::config::{FeedFormat, RedirectFormat, Site};
use crate::diagnostics::Diagnostic;
use crate::model::Inputs;

pub(super) use ninjs::url_path as ninjs_address;
pub(super) use redirects::registry_fingerprint;
pub(crate) use redirects::{RedirectRule, RedirectSource, all_redirects, is_redirect};

/// Which stories a feed is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FeedScope {
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
pub(crate) enum OutputFile {
    /// The newest stories.
    Feed(FeedScope, FeedFormat),
    /// A month's stories: one of its parts, from 1.
    MonthFeed {
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
    ArticleTable(i32, TableFormat),
    /// What data there is.
    DataIndex,
    /// A story as data.
    Ninjs(ArticleId),
    /// The page at a former address of a story, by its place in the story's list.
    Alias(ArticleId, u32),
    /// The page of a redirect that the site asks for, by its number.
    ConfiguredRedirect(u32),
    /// The page at a former address that the register leads on, by its number.
    RegistryRedirect(u32),
    /// What nginx is told of addresses of stories that were taken down.
    Gone,
    /// All redirects in a host's form.
    Redirects(RedirectFormat),
    /// A small file at a fixed address.
    WellKnown(WellKnownFile),
}

/// A form of table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TableFormat {
    /// JSON Lines.
    JsonLines,
    /// CSV (RFC 4180).
    Csv,
}

/// A small file at a fixed address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WellKnownFile {
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

/// `{type, title, url}` of each feed of a page: the site's own, or those in its folder, written
/// without its slash.
pub(super) fn feed_links(site: &Site, dir: &str) -> Vec<Value> {
    let formats = site.config.outputs.feeds.as_ref().map(|feeds| feeds.formats.as_slice());
    let links = formats.unwrap_or_default().iter().map(|&format| {
        let name = match format {
            FeedFormat::Atom => "Atom",
            FeedFormat::Rss => "RSS",
            FeedFormat::Json => "JSON Feed",
        };
        let url = site.href(&format!("{dir}/{}", format.file_name()));
        Value::from(map! { "type" => feeds::media_type(format), "title" => name, "url" => url })
    });
    links.collect()
}

/// What became of a file: whether it was made from what its fingerprint says.
type RenderResult = Result<bool, Vec<Diagnostic>>;

impl OutputFile {
    /// The files that belong to no year.
    pub(crate) fn site_wide(view: &SiteView<'_>) -> Vec<Self> {
        let mut files = feeds::subscription_files(view);
        files.extend(sitemaps::site_wide(view));
        if view.site.config.outputs.data.as_ref().is_some_and(|data| data.catalogue) {
            files.push(Self::DataIndex);
        }
        files.extend(redirects::site_wide(view));
        files.extend(well_known::site_wide(view));
        files
    }

    /// The files of a year.
    pub(crate) fn for_year(year: i32, view: &SiteView<'_>) -> Vec<Self> {
        let mut files = feeds::month_files(year, view);
        files.extend(sitemaps::for_year(year, view));
        files.extend(data::for_year(year, view));
        files.extend(redirects::alias_files(view.catalog.ids_in_year(year), view));
        files
    }

    /// The kind, as an explanation names it.
    pub(crate) fn kind(self) -> &'static str {
        match self {
            Self::Feed(..) | Self::MonthFeed { .. } => "feed",
            Self::SitemapIndex
            | Self::SiteSitemap(_)
            | Self::YearSitemap(..)
            | Self::NewsSitemap => "sitemap",
            Self::ArticleTable(..) | Self::DataIndex | Self::Ninjs(_) => "data",
            Self::Alias(..)
            | Self::ConfiguredRedirect(_)
            | Self::RegistryRedirect(_)
            | Self::Redirects(_)
            | Self::Gone => "redirect",
            Self::WellKnown(_) => "hint",
        }
    }

    /// The article that it is made from besides what the catalog holds of it, if it is of one.
    pub(crate) fn article(self) -> Option<ArticleId> {
        if let Self::Ninjs(id) = self { Some(id) } else { None }
    }

    /// Whether it shows more of several stories than their teasers: the text of their bodies, or
    /// what depends on it.
    pub(crate) fn shows_bodies(self, view: &SiteView<'_>) -> bool {
        match self {
            Self::Feed(..) | Self::MonthFeed { .. } => {
                view.feeds().is_some_and(|feeds| feeds.full_text)
            }
            Self::ArticleTable(..) => true,
            _ => false,
        }
    }

    /// Writes the address below the site's root behind a text.
    pub(super) fn write_url_path(self, view: &SiteView<'_>, out: &mut String) -> std::fmt::Result {
        match self {
            Self::Feed(scope, format) => feeds::write_url_path(scope, format, view, out),
            Self::MonthFeed { year, month, part, format } => {
                feeds::MonthDocument { year, month, part }.write_url_path(format, out)
            }
            Self::SitemapIndex => out.write_str("/sitemap.xml"),
            Self::SiteSitemap(1) => out.write_str("/sitemaps/site.xml"),
            Self::SiteSitemap(number) => write!(out, "/sitemaps/site-{number}.xml"),
            Self::YearSitemap(year, 1) => write!(out, "/sitemaps/{year:04}.xml"),
            Self::YearSitemap(year, number) => write!(out, "/sitemaps/{year:04}-{number}.xml"),
            Self::NewsSitemap => out.write_str("/sitemaps/news.xml"),
            Self::ArticleTable(year, TableFormat::JsonLines) => {
                write!(out, "/data/{year:04}.jsonl")
            }
            Self::ArticleTable(year, TableFormat::Csv) => write!(out, "/data/{year:04}.csv"),
            Self::DataIndex => out.write_str("/archive.json"),
            Self::Ninjs(id) => out.write_str(&ninjs::url_path(&view.catalog.article(id))),
            Self::Alias(id, index) => out.write_str(&redirects::alias_url_path(id, index, view)),
            Self::ConfiguredRedirect(index) => {
                out.write_str(redirects::configured_url_path(index, view))
            }
            Self::RegistryRedirect(index) => out.write_str(&view.redirects[index as usize].from),
            Self::Redirects(format) => out.write_str(redirects::file_url_path(format)),
            Self::Gone => out.write_str("/gone.nginx.conf"),
            Self::WellKnown(file) => out.write_str(file.url_path()),
        }
    }

    /// The one walk over what the file shows.
    pub(super) fn add_inputs(self, view: &SiteView<'_>, inputs: &mut Inputs) {
        match self {
            Self::Feed(scope, _) => feeds::add_inputs(scope, view, inputs),
            Self::MonthFeed { year, month, part, .. } => {
                feeds::add_document_inputs(
                    feeds::MonthDocument { year, month, part },
                    view,
                    inputs,
                );
            }
            Self::SitemapIndex => sitemaps::add_index_inputs(view, inputs),
            Self::SiteSitemap(number) => sitemaps::add_site_inputs(number, view, inputs),
            Self::YearSitemap(year, _) => sitemaps::add_year_inputs(year, view, inputs),
            Self::NewsSitemap => sitemaps::add_news_inputs(view, inputs),
            Self::ArticleTable(year, _) => data::add_inputs(year, view, inputs),
            Self::DataIndex => data::add_index_inputs(view, inputs),
            Self::Ninjs(id) => ninjs::add_inputs(id, view, inputs),
            Self::Alias(..)
            | Self::ConfiguredRedirect(_)
            | Self::RegistryRedirect(_)
            | Self::Redirects(_)
            | Self::Gone => {
                redirects::add_inputs(self, view, inputs);
            }
            Self::WellKnown(file) => well_known::add_inputs(file, view, inputs),
        }
    }

    /// Writes the file into a buffer.
    pub(super) fn write(self, view: &SiteView<'_>, buffer: &mut Vec<u8>) -> RenderResult {
        let mut out = String::from_utf8(std::mem::take(buffer)).unwrap_or_default();
        out.clear();
        let result = match self {
            Self::Feed(scope, format) => feeds::write(scope, format, view, &mut out),
            Self::MonthFeed { year, month, part, format } => feeds::write_document(
                feeds::MonthDocument { year, month, part },
                format,
                view,
                &mut out,
            ),
            Self::SitemapIndex => sitemaps::write_index(view, &mut out),
            Self::SiteSitemap(number) => sitemaps::write_site(number, view, &mut out),
            Self::YearSitemap(year, number) => sitemaps::write_year(year, number, view, &mut out),
            Self::NewsSitemap => sitemaps::write_news(view, &mut out),
            Self::ArticleTable(year, format) => data::write(year, format, view, &mut out),
            Self::DataIndex => data::write_index(view, &mut out),
            Self::Ninjs(id) => ninjs::write(id, view, &mut out),
            Self::Alias(..) | Self::ConfiguredRedirect(_) | Self::RegistryRedirect(_) => {
                redirects::write_page(self, view, &mut out)
            }
            Self::Redirects(format) => redirects::write(format, view, &mut out),
            Self::Gone => redirects::write_nginx_gone(view, &mut out),
            Self::WellKnown(file) => well_known::write(file, view, &mut out),
        };
        *buffer = out.into_bytes();
        result
    }
}

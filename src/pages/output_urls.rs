//! The URL path of every output file.

use std::fmt::{Result, Write as _};

use super::output_file::{FeedScope, OutputFile, TableFormat, WellKnownFile};
use super::urls::ninjs_path;
use super::view::SiteView;
use crate::archive::ArticleId;
use crate::config::{FeedFormat, RedirectFormat};
use crate::model::Permalink;
use crate::model::permalink::alias_path;

impl OutputFile {
    /// Returns the path of its URL, below the site's root.
    pub(super) fn url_path(self, view: &SiteView<'_>) -> String {
        let mut url_path = String::new();
        // Writing to a string can't fail.
        let _ = self.write_url_path(view, &mut url_path);
        url_path
    }

    /// Appends the path of its URL to a string.
    pub(super) fn write_url_path(self, view: &SiteView<'_>, out: &mut String) -> Result {
        match self {
            Self::Feed(scope, format) => write_feed_path(scope, format, view, out),
            Self::MonthFeed { year, month, part, format } => {
                write!(out, "/feeds/{year:04}/{month:02}")?;
                if part > 1 {
                    write!(out, "-{part}")?;
                }
                out.write_str(if format == FeedFormat::Json { ".json" } else { ".xml" })
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
            Self::Ninjs(id) => out.write_str(&ninjs_path(&view.catalog.article(id))),
            Self::Alias(id, index) => out.write_str(&alias_url_path(id, index, view)),
            Self::ConfiguredRedirect(index) => {
                let rules = &view.site.config.outputs.redirects.exact;
                out.write_str(rules.get(index as usize).map_or("", |(from, _)| from))
            }
            Self::RegistryRedirect(index) => out.write_str(&view.redirects[index as usize].from),
            Self::Redirects(format) => out.write_str(redirects_file_path(format)),
            Self::Gone => out.write_str("/gone.nginx.conf"),
            Self::WellKnown(file) => out.write_str(file.url_path()),
        }
    }
}

fn write_feed_path(
    scope: FeedScope,
    format: FeedFormat,
    view: &SiteView<'_>,
    out: &mut String,
) -> Result {
    match scope {
        FeedScope::Site => out.write_str("/")?,
        FeedScope::Language(lang) => write!(out, "/{}/", view.catalog.languages()[lang as usize])?,
        FeedScope::Term(term) => view.write_term_path(term, out)?,
        FeedScope::Corrections => out.write_str("/corrections/")?,
    }
    out.write_str(format.file_name())
}

/// Returns the path of a former URL as an article's `aliases` have it; `None` if it isn't a path.
pub(super) fn parse_alias(alias: &str) -> Option<String> {
    Permalink::new(&alias_path(alias)).ok().map(|path| path.as_str().to_owned())
}

fn alias_url_path(id: ArticleId, index: u32, view: &SiteView<'_>) -> String {
    let aliases = view.catalog.article(id).details().aliases;
    aliases.get(index as usize).and_then(|alias| parse_alias(alias)).unwrap_or_default()
}

fn redirects_file_path(format: RedirectFormat) -> &'static str {
    match format {
        RedirectFormat::Html | RedirectFormat::Netlify => "/_redirects",
        RedirectFormat::Nginx => "/redirects.nginx.conf",
        RedirectFormat::Apache => "/.htaccess",
        RedirectFormat::S3 => "/redirects.s3.json",
    }
}

impl WellKnownFile {
    /// Returns the path of its URL, below the site's root.
    pub(super) fn url_path(self) -> &'static str {
        match self {
            Self::Robots => "/robots.txt",
            Self::Humans => "/humans.txt",
            Self::Trust => "/trust.txt",
            Self::Security => "/.well-known/security.txt",
            Self::Llms => "/llms.txt",
            Self::Headers => "/_headers",
        }
    }
}

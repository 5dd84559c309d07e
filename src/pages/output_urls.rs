//! The URL path of every output file.

use std::collections::HashMap;
use std::fmt::{Result, Write as _};

use super::output_file::{FeedScope, OutputFile, WellKnownFile};
use super::urls::{corrections_path, ninjs_path, table_path};
use super::view::SiteView;
use crate::archive::ArticleId;
use crate::archive::record::Flags;
use crate::config::{FeedFormat, RedirectFormat, RootName};
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
    ///
    /// # Errors
    /// None: writing to a string can't fail.
    pub(super) fn write_url_path(self, view: &SiteView<'_>, out: &mut String) -> Result {
        match self {
            Self::Feed(scope, format) => write_feed_path(scope, format, view, out),
            Self::MonthFeed { year, month, part, format } => {
                write!(out, "/{}/{year:04}/{month:02}", RootName::Feeds.as_str())?;
                if part > 1 {
                    write!(out, "-{part}")?;
                }
                out.write_str(if format == FeedFormat::Json { ".json" } else { ".xml" })
            }
            Self::SitemapIndex => out.write_str(&RootName::Sitemap.file_path()),
            Self::SiteSitemap(1) => write_file_path(RootName::Sitemaps, "site.xml", out),
            Self::SiteSitemap(number) => {
                write_file_path(RootName::Sitemaps, &format!("site-{number}.xml"), out)
            }
            Self::YearSitemap(year, 1) => {
                write_file_path(RootName::Sitemaps, &format!("{year:04}.xml"), out)
            }
            Self::YearSitemap(year, number) => {
                write_file_path(RootName::Sitemaps, &format!("{year:04}-{number}.xml"), out)
            }
            Self::NewsSitemap => write_file_path(RootName::Sitemaps, "news.xml", out),
            Self::ArticleTable(year, format) => out.write_str(&table_path(year, format)),
            Self::DataIndex => out.write_str(&RootName::ArchiveIndex.file_path()),
            Self::Ninjs(id) => out.write_str(&ninjs_path(&view.catalog.article(id))),
            Self::Alias(id, index) => out.write_str(&alias_url_path(id, index, view)),
            Self::ConfiguredRedirect(index) => {
                let rules = &view.site.config.outputs.redirects.exact;
                out.write_str(rules.get(index as usize).map_or("", |(from, _)| from))
            }
            Self::RegistryRedirect(index) => out.write_str(&view.redirects[index as usize].from),
            Self::Redirects(format) => out.write_str(&redirects_file_name(format).file_path()),
            Self::Gone => out.write_str(&RootName::Gone.file_path()),
            Self::WellKnown(file) => out.write_str(&file.url_path()),
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
        FeedScope::Corrections => out.write_str(&corrections_path(None))?,
    }
    out.write_str(format.file_name())
}

/// Returns the path of an old URL as an article's `aliases` contain it; `None` if it isn't a path.
pub(super) fn parse_alias(alias: &str) -> Option<String> {
    Permalink::new(&alias_path(alias)).ok().map(|path| path.as_str().to_owned())
}

/// The number of aliases of an article up to which its record is decoded for each of them.
const LONG_ALIAS_LIST: usize = 16;

/// Returns the aliases of the articles that have many. Decoding all of them for each one would take
/// time in proportion to the square of their number.
fn long_alias_lists(view: &SiteView<'_>) -> HashMap<ArticleId, Vec<String>> {
    let articles = view.catalog.articles(view.catalog.ids_with_pages());
    let articles = articles.filter(|article| article.flags().contains(Flags::ALIASES));
    let lists = articles.filter_map(|article| {
        let aliases = article.details().aliases;
        let is_long = aliases.len() > LONG_ALIAS_LIST;
        is_long.then(|| (article.id, aliases.into_iter().map(str::to_owned).collect()))
    });
    lists.collect()
}

fn alias_url_path(id: ArticleId, index: u32, view: &SiteView<'_>) -> String {
    if (index as usize) < LONG_ALIAS_LIST {
        let aliases = view.catalog.article(id).details().aliases;
        return aliases
            .get(index as usize)
            .and_then(|alias| parse_alias(alias))
            .unwrap_or_default();
    }
    let lists = view.long_alias_lists.get_or_init(|| long_alias_lists(view));
    let alias = lists.get(&id).and_then(|aliases| aliases.get(index as usize));
    alias.and_then(|alias| parse_alias(alias)).unwrap_or_default()
}

fn redirects_file_name(format: RedirectFormat) -> RootName {
    match format {
        RedirectFormat::Html | RedirectFormat::Netlify => RootName::Redirects,
        RedirectFormat::Nginx => RootName::RedirectsNginx,
        RedirectFormat::Apache => RootName::Htaccess,
        RedirectFormat::S3 => RootName::RedirectsS3,
    }
}

fn write_file_path(dir: RootName, file_name: &str, out: &mut String) -> Result {
    write!(out, "/{}/{file_name}", dir.as_str())
}

impl WellKnownFile {
    /// Returns the path of its URL, below the site's root.
    pub(super) fn url_path(self) -> String {
        let name = match self {
            Self::Robots => RootName::Robots,
            Self::Humans => RootName::Humans,
            Self::Trust => RootName::Trust,
            Self::Security => return RootName::WellKnown.dir_path() + "security.txt",
            Self::Llms => RootName::Llms,
            Self::Headers => RootName::Headers,
        };
        name.file_path()
    }
}

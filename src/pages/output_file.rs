//! The files that are written without a template, as the plan names them.

use crate::archive::{ArticleId, LangId, TermId};
use crate::config::{FeedFormat, RedirectFormat};

/// The articles that a feed is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FeedScope {
    /// All.
    Site,
    /// Those in a language other than the site's.
    Language(LangId),
    /// Those of a term.
    Term(TermId),
    /// The corrections of all.
    Corrections,
}

/// A file that is written without a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OutputFile {
    /// A feed of the newest articles.
    Feed(FeedScope, FeedFormat),
    /// A feed document of a month's articles (RFC 5005, section 4).
    MonthFeed {
        /// The year.
        year: i32,
        /// The month.
        month: u8,
        /// The part of the month, from 1.
        part: u16,
        /// The format.
        format: FeedFormat,
    },
    /// The index of sitemaps.
    SitemapIndex,
    /// A part, from 1, of the sitemap of all pages that belong to no year.
    SiteSitemap(u32),
    /// A part, from 1, of the sitemap of a year.
    YearSitemap(i32, u32),
    /// The sitemap of the last two days.
    NewsSitemap,
    /// The table of a year's articles.
    ArticleTable(i32, TableFormat),
    /// The index of the tables.
    DataIndex,
    /// An article as ninjs.
    Ninjs(ArticleId),
    /// The page at an old URL of an article: the index in the article's `aliases`.
    Alias(ArticleId, u32),
    /// The page of a redirect rule of `site.yaml`, by its index.
    ConfiguredRedirect(u32),
    /// The page at an old URL that the permalink registry redirects, by its index.
    RegistryRedirect(u32),
    /// The URLs of unpublished articles, for nginx to answer with 410 (Gone).
    Gone,
    /// All redirects in the format of a host.
    Redirects(RedirectFormat),
    /// A small file at a fixed path.
    WellKnown(WellKnownFile),
}

/// The format of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TableFormat {
    /// JSON Lines.
    JsonLines,
    /// CSV (RFC 4180).
    Csv,
}

/// A small file at a fixed path.
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

impl OutputFile {
    /// Returns the name of its kind, as reports show it.
    pub(crate) const fn kind(self) -> &'static str {
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
            Self::WellKnown(_) => "well-known file",
        }
    }

    /// Returns the article whose file is read to write it, if there is one.
    pub(super) fn article(self) -> Option<ArticleId> {
        if let Self::Ninjs(id) = self { Some(id) } else { None }
    }

    /// Returns whether it is a page that only redirects to another.
    pub(super) fn is_redirect(self) -> bool {
        matches!(self, Self::Alias(..) | Self::ConfiguredRedirect(_) | Self::RegistryRedirect(_))
    }
}

//! Each output file's inputs and content, by its kind.

use super::super::output_file::OutputFile;
use super::super::view::SiteView;
use super::feed_documents::{self, MonthDocument};
use super::{data, feeds, ninjs, redirects, sitemaps, well_known};
use crate::diagnostics::Diagnostic;
use crate::model::Inputs;

impl OutputFile {
    /// Returns the files that belong to no year.
    pub(crate) fn site_wide(view: &SiteView<'_>) -> Vec<Self> {
        let mut files = feed_documents::subscription_files(view);
        files.extend(sitemaps::site_wide(view));
        files.extend(data::site_wide(view));
        files.extend(redirects::site_wide(view));
        files.extend(redirects::alias_files(view.catalog.page_ids(), view));
        files.extend(well_known::site_wide(view));
        files
    }

    /// Returns the files of a year.
    pub(crate) fn for_year(year: i32, view: &SiteView<'_>) -> Vec<Self> {
        let mut files = feed_documents::month_files(year, view);
        files.extend(sitemaps::for_year(year, view));
        files.extend(data::for_year(year, view));
        files.extend(redirects::alias_files(view.catalog.ids_in_year(year), view));
        files
    }

    /// Returns whether it shows values of several articles that are read from their files: their
    /// bodies, or their word counts.
    pub(in crate::pages) fn shows_bodies(self, view: &SiteView<'_>) -> bool {
        match self {
            Self::Feed(..) | Self::MonthFeed { .. } => {
                view.feeds().is_some_and(|feeds| feeds.full_text)
            }
            Self::ArticleTable(..) => true,
            _ => false,
        }
    }

    /// Adds everything that the file shows to its inputs.
    pub(in crate::pages) fn add_inputs(self, view: &SiteView<'_>, inputs: &mut Inputs) {
        match self {
            Self::Feed(scope, _) => feed_documents::add_inputs(scope, view, inputs),
            Self::MonthFeed { year, month, part, .. } => {
                let document = MonthDocument { year, month, part };
                feed_documents::add_document_inputs(document, view, inputs);
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
            | Self::Gone => redirects::add_inputs(self, view, inputs),
            Self::WellKnown(file) => well_known::add_inputs(file, view, inputs),
        }
    }

    /// Writes the file into a buffer. Returns whether its inputs are still those of its
    /// fingerprint: an article's file may change while a build runs.
    ///
    /// # Errors
    /// Diagnostics if an article's file can't be read or is invalid.
    pub(in crate::pages) fn write(
        self,
        view: &SiteView<'_>,
        buffer: &mut Vec<u8>,
    ) -> Result<bool, Vec<Diagnostic>> {
        let mut out = String::from_utf8(std::mem::take(buffer)).unwrap_or_default();
        out.clear();
        let result = self.write_text(view, &mut out);
        *buffer = out.into_bytes();
        result
    }

    fn write_text(self, view: &SiteView<'_>, out: &mut String) -> Result<bool, Vec<Diagnostic>> {
        match self {
            Self::Feed(scope, format) => return feeds::write(scope, format, view, out),
            Self::MonthFeed { year, month, part, format } => {
                let document = MonthDocument { year, month, part };
                return feeds::write_document(document, format, view, out);
            }
            Self::Ninjs(id) => return ninjs::write(id, view, out),
            Self::SitemapIndex => sitemaps::write_index(view, out),
            Self::SiteSitemap(number) => sitemaps::write_site(number, view, out),
            Self::YearSitemap(year, number) => sitemaps::write_year(year, number, view, out),
            Self::NewsSitemap => sitemaps::write_news(view, out),
            Self::ArticleTable(year, format) => data::write(year, format, view, out),
            Self::DataIndex => data::write_index(view, out),
            Self::Alias(..) | Self::ConfiguredRedirect(_) | Self::RegistryRedirect(_) => {
                redirects::write_page(self, view, out);
            }
            Self::Redirects(format) => redirects::write(format, view, out),
            Self::Gone => redirects::write_nginx_gone(view, out),
            Self::WellKnown(file) => well_known::write(file, view, out),
        }
        Ok(true)
    }
}

//! `dateline list`.

use clap::{Args, ValueEnum};

use crate::cli::args::{OutputFormat, SiteArgs};
use crate::cli::output::report::Reporter;
use crate::config::Site;
use crate::diagnostics::{Error, Severity};
use crate::listing;
use crate::pipeline::ArticleList;

#[derive(Args)]
pub(crate) struct ListCommand {
    /// The list
    #[arg(value_enum, value_name = "LIST")]
    list: ListName,
    #[command(flatten)]
    site_args: SiteArgs,
    /// The output format
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: OutputFormat,
}

/// The name of a list.
#[derive(Clone, Copy, ValueEnum)]
enum ListName {
    /// Articles with `draft: true`
    Drafts,
    /// Articles whose date or embargo is in the future
    Scheduled,
    /// Articles whose expiry date is past
    Expired,
    /// Articles that readers must not see: taken down, or withheld by their status
    Withheld,
    /// Articles that were withdrawn; their pages stay, with a notice
    Retracted,
    /// Articles from which names were removed
    Redacted,
}

impl ListName {
    fn to_list(self) -> ArticleList {
        match self {
            Self::Drafts => ArticleList::Drafts,
            Self::Scheduled => ArticleList::Scheduled,
            Self::Expired => ArticleList::Expired,
            Self::Withheld => ArticleList::Withheld,
            Self::Retracted => ArticleList::Retracted,
            Self::Redacted => ArticleList::Redacted,
        }
    }
}

impl ListCommand {
    /// Prints a list of articles and returns the number of errors in the content.
    ///
    /// # Errors
    /// If the site or the build cache can't be read.
    pub(crate) fn run(self, reporter: &Reporter) -> Result<usize, Error> {
        let site = Site::load(self.site_args.into_options())?;
        let list = self.list.to_list();
        let mut listing = listing::list(&site, list, reporter)?;
        // Other warnings are those of a build.
        listing.diagnostics.retain(|diagnostic| diagnostic.severity == Severity::Error);
        reporter.print_article_list(list, &listing);
        Ok(listing.diagnostics.len())
    }
}

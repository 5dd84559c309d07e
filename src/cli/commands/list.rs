//! `dateline list`.

use clap::builder::PossibleValue;
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
    list: ArticleList,
    #[command(flatten)]
    site_args: SiteArgs,
    /// The output format
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: OutputFormat,
}

impl ValueEnum for ArticleList {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let help = match self {
            Self::Drafts => "Articles with `draft: true`",
            Self::Scheduled => "Articles whose date or embargo is in the future",
            Self::Expired => "Articles whose expiry date is past",
            Self::Withheld => {
                "Articles that readers must not see: taken down, or withheld by their status"
            }
            Self::Retracted => "Articles that were withdrawn; their pages stay, with a notice",
            Self::Redacted => "Articles from which names were removed",
        };
        Some(PossibleValue::new(self.name()).help(help))
    }
}

impl ListCommand {
    /// Prints a list of articles and returns the number of errors in the content.
    ///
    /// # Errors
    /// As [`Site::load`] and [`listing::list`].
    pub(crate) fn run(self, reporter: &Reporter) -> Result<usize, Error> {
        let site = Site::load(self.site_args.into_options())?;
        let mut listing = listing::list(&site, self.list, reporter)?;
        // Other warnings are those of a build.
        listing.diagnostics.retain(|diagnostic| diagnostic.severity == Severity::Error);
        reporter.print_article_list(self.list, &listing);
        Ok(listing.diagnostics.len())
    }
}

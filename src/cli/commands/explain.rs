//! `dateline explain`.

use clap::Args;

use crate::cli::args::{OutputFormat, SiteArgs};
use crate::cli::output::report::Reporter;
use crate::config::Site;
use crate::diagnostics::{Error, Severity};
use crate::explain;

#[derive(Args)]
pub(crate) struct ExplainCommand {
    /// The article: its file or its URL
    #[arg(value_name = "FILE|URL")]
    article: String,
    #[command(flatten)]
    site_args: SiteArgs,
    /// The output format
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: OutputFormat,
}

impl ExplainCommand {
    /// Explains the article and returns the number of errors in it.
    ///
    /// # Errors
    /// As [`Site::load`] and [`explain::explain`].
    pub(crate) fn run(self, reporter: &Reporter) -> Result<usize, Error> {
        let site = Site::load(self.site_args.into_options())?;
        let explanation = explain::explain(&site, &self.article, reporter)?;
        reporter.print_article_explanation(&explanation);
        let errors = explanation
            .diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.severity == Severity::Error);
        Ok(errors.count())
    }
}

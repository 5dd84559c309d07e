//! `dateline explain`.

use clap::Args;

use crate::cli::output::report::Reporter;
use crate::cli::{OutputFormat, SiteArgs};
use crate::config::Site;
use crate::diagnostics::{Error, Severity};
use crate::explain;

#[derive(Args)]
pub(crate) struct ExplainCommand {
    /// The story: its file, or its address
    #[arg(value_name = "FILE|URL")]
    article: String,
    #[command(flatten)]
    site_args: SiteArgs,
    /// How to report
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: OutputFormat,
}

impl ExplainCommand {
    /// Explains, and gives the number of errors in the story.
    pub(crate) fn run(self, reporter: &Reporter) -> Result<usize, Error> {
        let (site, mistakes) = Site::load(self.site_args.into_options())?;
        let explanation = explain::explain(&site, &mistakes, &self.article, reporter)?;
        reporter.print_article_explanation(&explanation, self.format == OutputFormat::Json);
        let errors = explanation
            .diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.severity == Severity::Error);
        Ok(errors.count())
    }
}

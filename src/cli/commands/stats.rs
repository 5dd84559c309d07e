//! `dateline stats`.

use clap::Args;

use crate::cli::args::{SiteArgs, StatsFormat};
use crate::cli::output::report::Reporter;
use crate::config::Site;
use crate::diagnostics::{Error, Severity};
use crate::pipeline;
use crate::stats;

#[derive(Args)]
pub(crate) struct StatsCommand {
    #[command(flatten)]
    site_args: SiteArgs,
    /// The output format
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: StatsFormat,
    /// Print at most N sections, tags and so on; JSON and CSV contain all
    #[arg(long, value_name = "N", default_value = "10")]
    top: usize,
}

impl StatsCommand {
    /// Prints the statistics and returns the number of errors in the content.
    ///
    /// # Errors
    /// As [`Site::load`] and [`pipeline::load_catalog`].
    pub(crate) fn run(self, reporter: &Reporter) -> Result<usize, Error> {
        let site = Site::load(self.site_args.into_options())?;
        let (catalog, mut diagnostics) = pipeline::load_catalog(&site, reporter)?;
        // Statistics contain no URL.
        diagnostics.retain(|diagnostic| diagnostic.code != "no-base-url");
        let stats = stats::Stats::from_catalog(&site, &catalog);
        reporter.print_stats(&stats, self.format, self.top, &diagnostics);
        Ok(diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count())
    }
}

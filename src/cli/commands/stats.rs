//! `dateline stats`.

use clap::{Args, ValueEnum};

use crate::cli::SiteArgs;
use crate::cli::output::report::Reporter;
use crate::config::Site;
use crate::diagnostics::{Error, Severity};
use crate::pipeline;
use crate::stats;

#[derive(Args)]
pub(crate) struct StatsCommand {
    #[command(flatten)]
    site_args: SiteArgs,
    /// How to report
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: StatsFormat,
    /// How many sections, tags and so on to show to people at most; programs get all
    #[arg(long, value_name = "N", default_value = "10")]
    top: usize,
}

/// How to report.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum StatsFormat {
    /// For people: tables with bars
    Human,
    /// One JSON object on standard output
    Json,
    /// One table on standard output
    Csv,
}

impl StatsCommand {
    /// Counts, and gives the number of errors in the content.
    pub(crate) fn run(self, reporter: &Reporter) -> Result<usize, Error> {
        let (site, mut mistakes) = Site::load(self.site_args.into_options())?;
        // No address is told here.
        mistakes.retain(|mistake| mistake.code != "no-base-url");
        let (catalog, diagnostics) = pipeline::load_catalog(&site, mistakes, reporter)?;
        let stats = stats::Stats::from_catalog(&site, &catalog);
        reporter.print_stats(&stats, self.format, self.top, &diagnostics);
        Ok(diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count())
    }
}

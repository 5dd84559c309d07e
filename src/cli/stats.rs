//! `dateline stats`.

use clap::{Args, ValueEnum};

use super::Which;
use super::report::Reporter;
use crate::build;
use crate::diagnostic::{Error, Severity};
use crate::site::Site;
use crate::stats;

#[derive(Args)]
pub(super) struct Stats {
    #[command(flatten)]
    which: Which,
    /// How to report
    #[arg(long, value_enum, default_value = "human")]
    pub(super) format: Form,
    /// How many sections, tags and so on to show to people at most; programs get all
    #[arg(long, value_name = "N", default_value = "10")]
    top: usize,
}

/// How to report.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Form {
    /// For people: tables with bars
    Human,
    /// One JSON object on standard output
    Json,
    /// One table on standard output
    Csv,
}

impl Stats {
    /// Counts, and gives the number of errors in the content.
    pub(super) fn run(self, reporter: &Reporter) -> Result<usize, Error> {
        let (site, mut mistakes) = Site::load(self.which.options())?;
        // No address is told here.
        mistakes.retain(|mistake| mistake.code != "no-base-url");
        let (catalog, diagnostics) = build::catalog(&site, mistakes, reporter)?;
        let counted = stats::Stats::of(&site, &catalog);
        reporter.counted(&counted, self.format, self.top, &diagnostics);
        Ok(diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count())
    }
}

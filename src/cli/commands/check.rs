//! `dateline check`.

use clap::Args;

use crate::check::{self, CheckOptions};
use crate::cli::args::{CheckFormat, SiteArgs};
use crate::cli::output::report::Reporter;
use crate::config::Site;
use crate::diagnostics::{Error, Severity};

#[derive(Args)]
pub(crate) struct CheckCommand {
    #[command(flatten)]
    site_args: SiteArgs,
    /// Check links to other sites, too; results are cached, by default for 30 days
    #[arg(long)]
    external: bool,
    /// Treat warnings as errors
    #[arg(long)]
    strict: bool,
    /// Print at most N findings per rule; 0 prints all
    #[arg(long, alias = "most", value_name = "N", default_value_t = 20)]
    max_messages: usize,
    /// The output format
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: CheckFormat,
}

impl CheckCommand {
    /// Checks the site and returns the number of errors, including warnings with `--strict`.
    ///
    /// # Errors
    /// As [`Site::load`] and [`check::check`].
    pub(crate) fn run(self, reporter: &Reporter) -> Result<usize, Error> {
        let Self { site_args, external, strict, max_messages, format } = self;
        let site = Site::load(site_args.into_options())?;
        let findings = check::check(&site, CheckOptions { external }, reporter)?;
        reporter.print_findings(&findings, format, max_messages);
        let warnings = if strict { findings.count(Severity::Warning) } else { 0 };
        Ok(findings.count(Severity::Error) + warnings)
    }
}

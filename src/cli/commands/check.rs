//! `dateline check`.

use clap::Args;

use crate::check::{self, CheckOptions};
use crate::cli::SiteArgs;
use crate::cli::output::format::CheckFormat;
use crate::cli::output::report::Reporter;
use crate::config::Site;
use crate::diagnostics::{Error, Severity};

#[derive(Args)]
pub(crate) struct CheckCommand {
    #[command(flatten)]
    site_args: SiteArgs,
    /// Ask the links that lead out of the site, too; answers are kept for a month
    #[arg(long)]
    external: bool,
    /// Fail for warnings, too
    #[arg(long)]
    strict: bool,
    /// The most findings of one rule that are shown; 0 shows all
    #[arg(long, value_name = "N", default_value_t = 20)]
    most: usize,
    /// How to report
    #[arg(long, value_enum, default_value = "human")]
    format: CheckFormat,
}

impl CheckCommand {
    pub(crate) fn is_machine_readable(&self) -> bool {
        self.format != CheckFormat::Human
    }

    /// Checks, and gives the number of findings that count.
    pub(crate) fn run(self, reporter: &Reporter) -> Result<usize, Error> {
        let Self { site_args, external, strict, most, format } = self;
        let (site, mistakes) = Site::load(site_args.into_options())?;
        let findings = check::check(&site, mistakes, CheckOptions { external }, reporter)?;
        reporter.print_findings(&findings, format, most, external);
        let warnings = if strict { findings.count(Severity::Warning) } else { 0 };
        Ok(findings.count(Severity::Error) + warnings)
    }
}

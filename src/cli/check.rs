//! `dateline check`.

use clap::Args;

use super::Which;
use super::formats::Format;
use super::report::Reporter;
use crate::check::{self, Options};
use crate::diagnostic::{Error, Severity};
use crate::site::Site;

#[derive(Args)]
pub(super) struct Check {
    #[command(flatten)]
    which: Which,
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
    format: Format,
}

impl Check {
    pub(super) fn for_programs(&self) -> bool {
        self.format != Format::Human
    }

    /// Checks, and gives the number of findings that count.
    pub(super) fn run(self, reporter: &Reporter) -> Result<usize, Error> {
        let Self { which, external, strict, most, format } = self;
        let (site, mistakes) = Site::load(which.options())?;
        let findings = check::check(&site, mistakes, Options { external }, reporter)?;
        reporter.checked(&findings, format, most, external);
        let warnings = if strict { findings.count(Severity::Warning) } else { 0 };
        Ok(findings.count(Severity::Error) + warnings)
    }
}

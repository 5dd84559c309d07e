//! `dateline explain`.

use clap::Args;

use super::report::Reporter;
use super::{Format, Which};
use crate::diagnostic::{Error, Severity};
use crate::explain;
use crate::site::Site;

#[derive(Args)]
pub(super) struct Explain {
    /// The story: its file, or its address
    #[arg(value_name = "FILE|URL")]
    story: String,
    #[command(flatten)]
    which: Which,
    /// How to report
    #[arg(long, value_enum, default_value = "human")]
    pub(super) format: Format,
}

impl Explain {
    /// Explains, and gives the number of errors in the story.
    pub(super) fn run(self, reporter: &Reporter) -> Result<usize, Error> {
        let (site, mistakes) = Site::load(self.which.options())?;
        let known = explain::explain(&site, &mistakes, &self.story, reporter)?;
        reporter.explained(&known, self.format == Format::Json);
        let errors = known.diagnostics.iter().filter(|one| one.severity == Severity::Error);
        Ok(errors.count())
    }
}

//! `dateline verify`.

use std::path::PathBuf;

use clap::Args;

use super::report::Reporter;
use super::{Format, now};
use crate::diagnostic::{Error, Severity};
use crate::fixity::{Against, verify};
use crate::site::{Options, Site};

#[derive(Args)]
pub(super) struct Verify {
    /// The site's folder
    #[arg(long, default_value = ".", value_name = "DIR")]
    root: PathBuf,
    /// The output folder [default: public/ in the site's folder]
    #[arg(long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Where the state of the build is kept [default: .dateline/ in the site's folder]
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    /// Hold the folder against a list of SHA-256 sums instead of the ledger
    #[arg(long, value_name = "FILE", conflicts_with = "write_manifest")]
    manifest: Option<PathBuf>,
    /// Write a list of SHA-256 sums, as `sha256sum --check` reads it, if all is as it was built
    #[arg(long, value_name = "FILE")]
    write_manifest: Option<PathBuf>,
    /// Files that nobody knows are mistakes, too
    #[arg(long)]
    strict: bool,
    /// How to report
    #[arg(long, value_enum, default_value = "human")]
    pub(super) format: Format,
}

impl Verify {
    /// Verifies, and gives the number of files that aren't as they should be.
    pub(super) fn run(self, reporter: &Reporter) -> Result<usize, Error> {
        let options = Options {
            root: self.root,
            output: self.output,
            state: self.state,
            now: now(),
            ..Options::default()
        };
        let (site, mut mistakes) = Site::load(options)?;
        mistakes.retain(|mistake| mistake.severity == Severity::Error);
        let against = match (self.manifest, self.write_manifest) {
            (Some(file), _) => Against::List(file),
            (_, Some(file)) => Against::LedgerInto(file),
            _ => Against::Ledger,
        };
        let fixity = verify(&site, &against, reporter)?;
        mistakes.extend(fixity.diagnostics.iter().cloned());
        reporter.verified(&fixity, &against, &mistakes);
        let extra = if self.strict { fixity.extra.count } else { 0 };
        Ok(fixity.missing.count + fixity.altered.count + extra + mistakes.len())
    }
}

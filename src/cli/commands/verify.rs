//! `dateline verify`.

use std::path::PathBuf;

use clap::Args;

use crate::cli::output::report::Reporter;
use crate::cli::{OutputFormat, now};
use crate::config::{Site, SiteOptions};
use crate::diagnostics::{Error, Severity};
use crate::verify::{Baseline, verify};

#[derive(Args)]
pub(crate) struct VerifyCommand {
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
    pub(crate) format: OutputFormat,
}

impl VerifyCommand {
    /// Verifies, and gives the number of files that aren't as they should be.
    pub(crate) fn run(self, reporter: &Reporter) -> Result<usize, Error> {
        let options = SiteOptions {
            root: self.root,
            output_dir: self.output,
            cache_dir: self.state,
            now: now(),
            ..SiteOptions::default()
        };
        let (site, mut mistakes) = Site::load(options)?;
        mistakes.retain(|mistake| mistake.severity == Severity::Error);
        let baseline = match (self.manifest, self.write_manifest) {
            (Some(file), _) => Baseline::ChecksumFile(file),
            (_, Some(file)) => Baseline::BuildManifestAndExport(file),
            _ => Baseline::BuildManifest,
        };
        let report = verify(&site, &baseline, reporter)?;
        mistakes.extend(report.diagnostics.iter().cloned());
        reporter.print_verify_report(&report, &baseline, &mistakes);
        let extra = if self.strict { report.extra.count } else { 0 };
        Ok(report.missing.count + report.altered.count + extra + mistakes.len())
    }
}

//! `dateline verify`.

use std::path::PathBuf;

use clap::Args;

use crate::cli::args::OutputFormat;
use crate::cli::output::report::Reporter;
use crate::config::{Site, SiteOptions};
use crate::diagnostics::{Error, Severity};
use crate::verify::{Baseline, verify};

#[derive(Args)]
pub(crate) struct VerifyCommand {
    /// The site's folder, instead of --root
    #[arg(value_name = "FOLDER", conflicts_with = "root")]
    folder: Option<PathBuf>,
    /// The site's folder
    #[arg(long, default_value = ".", value_name = "DIR")]
    root: PathBuf,
    /// The output folder [default: public/ in the site's folder]
    #[arg(long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// The build cache directory [default: .dateline/ in the site's folder]
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    /// Compare the folder with a SHA-256 manifest instead of the build cache
    #[arg(long, value_name = "FILE", conflicts_with = "write_manifest")]
    manifest: Option<PathBuf>,
    /// Write a SHA-256 manifest for `sha256sum --check`, if no file is missing or altered
    #[arg(long, value_name = "FILE")]
    write_manifest: Option<PathBuf>,
    /// Treat untracked files as errors
    #[arg(long)]
    strict: bool,
    /// The output format
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: OutputFormat,
}

impl VerifyCommand {
    /// Verifies the output folder and returns the number of errors.
    ///
    /// # Errors
    /// As [`Site::load`] and [`verify()`].
    pub(crate) fn run(self, reporter: &Reporter) -> Result<usize, Error> {
        let options = SiteOptions {
            root: self.folder.unwrap_or(self.root),
            output_dir: self.output,
            cache_dir: self.state,
            ..SiteOptions::default()
        };
        let site = Site::load(options)?;
        let mut mistakes = site.mistakes.clone();
        mistakes.retain(|mistake| mistake.severity == Severity::Error);
        let baseline = match (self.manifest, self.write_manifest) {
            (Some(file), _) => Baseline::ChecksumFile(file),
            (_, Some(file)) => Baseline::BuildManifestAndExport(file),
            _ => Baseline::BuildManifest,
        };
        let report = verify(&site, &baseline, reporter)?;
        mistakes.extend(report.diagnostics.iter().cloned());
        reporter.print_verify_report(&report, &baseline, &mistakes);
        let untracked = if self.strict { report.untracked.count } else { 0 };
        Ok(report.missing.count + report.altered.count + untracked + mistakes.len())
    }
}

//! `dateline build`.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::output::report::Reporter;
use crate::cli::{OutputFormat, SiteArgs};
use crate::config::Site;
use crate::diagnostics::{Error, Severity};
use crate::pipeline::{self, ChangeList};

#[derive(Args)]
pub(crate) struct BuildCommand {
    #[command(flatten)]
    site_args: SiteArgs,
    /// Where to write [default: public/ in the site's folder]
    #[arg(long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// How many threads to use [default: one a core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
    /// Render every page, whatever the ledger says
    #[arg(long)]
    force: bool,
    /// Compare the bytes of every file with the ledger, not just its length and time
    #[arg(long)]
    verify: bool,
    /// Write nothing: say what would be done
    #[arg(long)]
    dry_run: bool,
    /// Write every address into the register of permalinks, permalinks.txt, once all is built
    #[arg(long, conflicts_with_all = ["dry_run", "drafts", "future", "expired"])]
    record: bool,
    /// Say why a page is made or left alone: its address, or its path below the output folder
    #[arg(long, value_name = "PAGE")]
    explain: Vec<String>,
    /// List every file that was written (`+ path`) or removed (`- path`), one a line
    #[arg(long, value_name = "FILE")]
    changes: Option<PathBuf>,
    /// How to report
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: OutputFormat,
}

impl BuildCommand {
    /// Builds, and gives the number of errors in the content.
    pub(crate) fn run(self, reporter: &Reporter) -> Result<usize, Error> {
        if let Some(jobs) = self.jobs {
            // The pool can be set only once, and this is where.
            let _ = rayon::ThreadPoolBuilder::new().num_threads(jobs.into()).build_global();
        }
        let (site, mistakes) = Site::load(crate::config::SiteOptions {
            output_dir: self.output,
            record_permalinks: self.record,
            ..self.site_args.into_options()
        })?;
        let options = pipeline::BuildOptions {
            force: self.force,
            verify: self.verify,
            dry_run: self.dry_run,
            list_changes: self.changes.is_some()
                || self.format == OutputFormat::Json
                || reporter.is_verbose(),
            explain: self.explain,
            explain_only: false,
        };
        let mut report = pipeline::build(&site, mistakes, &options, reporter)?;
        if let (Some(file), Some(list)) = (self.changes, &mut report.output_changes.list) {
            write_changes(&file, list).map_err(Error::io("can't write", &file))?;
        }
        reporter.print_build_report(&mut report, &site, options.dry_run);
        Ok(report.count(Severity::Error))
    }
}

/// One line a file, for programs that upload just what changed.
fn write_changes(file: &Path, list: &mut ChangeList) -> std::io::Result<()> {
    let mut out = BufWriter::new(File::create(file)?);
    list.try_for_each_line(|line| writeln!(out, "{line}"))?;
    out.flush()
}

//! `dateline build`.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::args::{OutputFormat, SiteArgs};
use crate::cli::output::report::Reporter;
use crate::config::Site;
use crate::diagnostics::{Error, Severity};
use crate::pipeline::{self, ChangeList};

#[derive(Args)]
pub(crate) struct BuildCommand {
    #[command(flatten)]
    site_args: SiteArgs,
    /// The output folder [default: public/ in the site's folder]
    #[arg(long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// The number of threads [default: one per core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
    /// Render every page, regardless of the build cache
    #[arg(long)]
    force: bool,
    /// Compare the contents of every output file with the build cache, not only its size and
    /// modification time
    #[arg(long)]
    verify: bool,
    /// Write nothing; print what would be written
    #[arg(long)]
    dry_run: bool,
    /// Accept that published URLs no longer exist: remove their pages, and delete them from
    /// permalinks.txt
    #[arg(long)]
    accept_removals: bool,
    /// Record every URL in the permalink registry, permalinks.txt, after the build
    #[arg(long, conflicts_with_all = ["dry_run", "drafts", "future", "expired"])]
    record: bool,
    /// Explain why a page is rebuilt or up to date: its URL, or its path in the output folder
    #[arg(long, value_name = "PAGE")]
    explain: Vec<String>,
    /// List every file that was written (`+ path`) or removed (`- path`) in FILE, one per line
    #[arg(long, value_name = "FILE")]
    changes: Option<PathBuf>,
    /// Print at most N messages of a kind; 0 prints all, and JSON has all
    #[arg(long, alias = "most", value_name = "N", default_value_t = 20)]
    max_messages: usize,
    /// The output format
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: OutputFormat,
}

impl BuildCommand {
    /// Builds the site and returns the number of errors in the content.
    ///
    /// # Errors
    /// As [`Site::load`] and [`pipeline::build`]; [`Error::Io`] if the list of changed files can't
    /// be written.
    pub(crate) fn run(self, reporter: &Reporter) -> Result<usize, Error> {
        if let Some(jobs) = self.jobs {
            // This fails if the pool exists already, which it never does here.
            let _ = rayon::ThreadPoolBuilder::new().num_threads(jobs.into()).build_global();
        }
        let site = Site::load(crate::config::SiteOptions {
            output_dir: self.output,
            record_permalinks: self.record,
            ..self.site_args.into_options()
        })?;
        let options = pipeline::BuildOptions {
            force: self.force,
            verify: self.verify,
            dry_run: self.dry_run,
            accept_removals: self.accept_removals,
            list_changes: self.changes.is_some()
                || self.format == OutputFormat::Json
                || reporter.is_verbose(),
            explain: self.explain,
            explain_only: false,
        };
        let mut report = pipeline::build(&site, &options, reporter)?;
        if let (Some(file), Some(list)) = (self.changes, &mut report.output_changes.list) {
            write_changes(&file, list).map_err(Error::io("can't write", &file))?;
        }
        reporter.print_build_report(&mut report, &site, &options, self.max_messages);
        Ok(report.count(Severity::Error))
    }
}

/// Writes one line per changed file, for programs that upload only these.
fn write_changes(file: &Path, list: &mut ChangeList) -> std::io::Result<()> {
    let mut out = BufWriter::new(File::create(file)?);
    list.try_for_each_line(|line| writeln!(out, "{line}"))?;
    out.flush()
}

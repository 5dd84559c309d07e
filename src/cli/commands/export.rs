//! `dateline export`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::SiteArgs;
use crate::cli::output::report::Reporter;
use crate::config::Site;
use crate::diagnostics::{Error, Severity};
use crate::export;
use crate::pipeline;

#[derive(Args)]
pub(crate) struct ExportCommand {
    #[command(subcommand)]
    format: ExportFormat,
}

/// A form that the archive can be written in.
#[derive(Subcommand)]
enum ExportFormat {
    /// One SQLite database of all stories, with an index of their text, as Datasette reads it
    #[command(after_help = "Example:\n  dateline export sqlite archive.db && datasette archive.db")]
    Sqlite(SqliteArgs),
}

#[derive(Args)]
struct SqliteArgs {
    /// The database; one that is there is replaced
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    site_args: SiteArgs,
}

impl ExportCommand {
    /// Writes the database, and gives the number of errors in the content.
    pub(crate) fn run(self, reporter: &Reporter) -> Result<usize, Error> {
        let ExportFormat::Sqlite(SqliteArgs { file, site_args }) = self.format;
        let (site, mistakes) = Site::load(site_args.into_options())?;
        let (catalog, diagnostics) = pipeline::load_catalog(&site, mistakes, reporter)?;
        let articles = export::write_sqlite(&site, &catalog, &file)?;
        reporter.print_export_summary(articles, &file, &diagnostics);
        Ok(diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count())
    }
}

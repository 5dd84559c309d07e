//! `dateline export`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::args::SiteArgs;
use crate::cli::output::report::Reporter;
use crate::config::Site;
use crate::diagnostics::{Error, Severity};
use crate::export::{self, ExportOutcome};
use crate::pipeline;

#[derive(Args)]
pub(crate) struct ExportCommand {
    #[command(subcommand)]
    format: ExportFormat,
}

/// A format to export to.
#[derive(Subcommand)]
enum ExportFormat {
    /// Export all articles to one SQLite database with full-text search, for example for Datasette
    #[command(after_help = concat!(
        "Example:\n",
        "  dateline export sqlite archive.db && datasette archive.db",
    ))]
    Sqlite(SqliteArgs),
}

#[derive(Args)]
struct SqliteArgs {
    /// The database file; an existing file is replaced
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    site_args: SiteArgs,
}

impl ExportCommand {
    /// Writes the database and returns the number of errors in the content.
    ///
    /// # Errors
    /// As [`Site::load`], [`pipeline::load_catalog`] and [`export::write_sqlite`].
    pub(crate) fn run(self, reporter: &Reporter) -> Result<usize, Error> {
        let ExportFormat::Sqlite(SqliteArgs { file, site_args }) = self.format;
        let site = Site::load(site_args.into_options())?;
        let (catalog, redacted_names, mut diagnostics) =
            pipeline::load_audited_catalog(&site, reporter)?;
        let articles = match export::write_sqlite(&site, &catalog, &redacted_names, &file)? {
            ExportOutcome::Exported(articles) => articles,
            ExportOutcome::Refused(found) => {
                diagnostics.extend(found);
                reporter.print_diagnostics(&diagnostics);
                let message = "nothing was exported: the database would contain a redacted name";
                return Err(Error::Usage(message.to_owned()));
            }
        };
        reporter.print_export_summary(articles, &file, &diagnostics);
        Ok(diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count())
    }
}

//! `dateline export`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Which;
use super::report::Reporter;
use crate::build;
use crate::diagnostic::{Error, Severity};
use crate::export;
use crate::site::Site;

#[derive(Args)]
pub(super) struct Export {
    #[command(subcommand)]
    form: Form,
}

/// A form that the archive can be written in.
#[derive(Subcommand)]
enum Form {
    /// One SQLite database of all stories, with an index of their text, as Datasette reads it
    #[command(after_help = "Example:\n  dateline export sqlite archive.db && datasette archive.db")]
    Sqlite(Sqlite),
}

#[derive(Args)]
struct Sqlite {
    /// The database; one that is there is replaced
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    which: Which,
}

impl Export {
    /// Writes the database, and gives the number of errors in the content.
    pub(super) fn run(self, reporter: &Reporter) -> Result<usize, Error> {
        let Form::Sqlite(Sqlite { file, which }) = self.form;
        let (site, mistakes) = Site::load(which.options())?;
        let (catalog, diagnostics) = build::catalog(&site, mistakes, reporter)?;
        let stories = export::sqlite(&site, &catalog, &file)?;
        reporter.exported(stories, &file, &diagnostics);
        Ok(diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count())
    }
}

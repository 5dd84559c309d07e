//! `dateline import`.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::args::OutputFormat;
use crate::cli::output::report::Reporter;
use crate::config::{BuildTime, Site, SiteOptions};
use crate::diagnostics::Error;
use crate::import::{self, Format, ImportOptions, PrivateItems, WriteMode};

#[derive(Args)]
pub(crate) struct ImportCommand {
    /// The name of a format, if it isn't to be recognized, and the files and folders to import
    #[arg(value_name = "[FORMAT] PATH", required = true, num_args = 1..)]
    arguments: Vec<PathBuf>,
    /// The site's folder
    #[arg(long, default_value = ".", value_name = "DIR")]
    root: PathBuf,
    /// The file that maps the columns of a table to fields
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
    /// A folder with copies of the old site's images and other files; they are copied to `static/`
    #[arg(long, value_name = "DIR")]
    media: Vec<PathBuf>,
    /// The date of records without one
    #[arg(long, value_name = "DATE")]
    date: Option<String>,
    /// The time zone of dates without an offset [default: the site's]
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    /// Write only the report
    #[arg(long)]
    dry_run: bool,
    /// The page of the report [default: import-report.html in the site's folder]
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Import drafts, private and scheduled articles, too; they aren't published
    #[arg(long)]
    include_private: bool,
    /// Use this day or time as the current time
    #[arg(long, value_name = "DATE")]
    now: Option<String>,
    /// The output format
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: OutputFormat,
}

impl ImportCommand {
    /// Imports the files and returns the number of records that aren't accounted for.
    ///
    /// # Errors
    /// As [`Site::load`] and [`import::import`]; [`Error::Usage`] if no file is named.
    pub(crate) fn run(self, reporter: &Reporter) -> Result<usize, Error> {
        let options = SiteOptions {
            root: self.root.clone(),
            now: self.now.map_or(BuildTime::SystemClock, BuildTime::Date),
            ..SiteOptions::default()
        };
        let site = Site::load(options)?;
        let (format, paths) = split_format(self.arguments)?;
        let private = match self.include_private {
            true => PrivateItems::WriteUnpublished,
            false => PrivateItems::Skip,
        };
        let options = ImportOptions {
            paths,
            format,
            map: self.map,
            media: self.media,
            date: self.date,
            time_zone: self.time_zone,
            private,
            mode: if self.dry_run { WriteMode::DryRun } else { WriteMode::Write },
            report: self.report,
        };
        let outcome = import::import(&site, &options, reporter)?;
        reporter.print_import_summary(&outcome, options.mode);
        Ok(outcome.summary.problems())
    }
}

/// Splits the arguments into the format, if the first one is the name of a format, and the paths.
fn split_format(mut arguments: Vec<PathBuf>) -> Result<(Option<Format>, Vec<PathBuf>), Error> {
    let word = arguments.first().and_then(|first| first.to_str()).unwrap_or_default();
    if let Some(format) = Format::from_name(word) {
        arguments.remove(0);
        if arguments.is_empty() {
            return Err(Error::Usage(
                "name the files or folders to import after the format".into(),
            ));
        }
        return Ok((Some(format), arguments));
    }
    if let Some(name) = Format::nearest_name(word)
        && !Path::new(word).exists()
    {
        let message = format!("there is no file `{word}`; the name of the format is `{name}`");
        return Err(Error::Usage(message));
    }
    Ok((None, arguments))
}

//! The report of an import: a line of JSON per record, the sums as JSON, and a page for people.

mod html;
mod json;
mod record;
mod summary;

use std::path::{Path, PathBuf};

use crate::atomic_file::{AtomicFile, replace_file};
use crate::diagnostics::Error;
use crate::import::media::MediaCounts;
use crate::import::source::OtherFiles;
pub(crate) use json::totals as import_totals;
pub(crate) use record::RecordResult;
pub(crate) use summary::ReportSummary;

/// The files of a report.
#[derive(Clone, Debug)]
pub(crate) struct ReportPaths {
    pub(crate) html: PathBuf,
    pub(crate) json: PathBuf,
    pub(crate) lines: PathBuf,
}

impl ReportPaths {
    /// Returns the files next to the page for people, with the same name.
    pub(crate) fn new(html: &Path) -> Self {
        Self {
            html: html.to_owned(),
            json: html.with_extension("json"),
            lines: html.with_extension("jsonl"),
        }
    }
}

/// Writes a report while records are imported.
pub(crate) struct ReportWriter<'a> {
    paths: &'a ReportPaths,
    lines: AtomicFile<'a>,
    summary: ReportSummary,
}

impl<'a> ReportWriter<'a> {
    /// Begins a report.
    ///
    /// # Errors
    /// [`Error::Io`] if the file of records can't be created.
    pub(crate) fn create(paths: &'a ReportPaths) -> Result<Self, Error> {
        let lines = AtomicFile::create(&paths.lines)?;
        Ok(Self { paths, lines, summary: ReportSummary::default() })
    }

    /// Adds the result of a record.
    ///
    /// # Errors
    /// [`Error::Io`] if it can't be written.
    pub(crate) fn add(&mut self, result: &RecordResult) -> Result<(), Error> {
        self.summary.add(result);
        self.lines.write_all(format!("{}\n", json::record(result)).as_bytes())
    }

    /// Adds the files that have no records.
    pub(crate) fn add_other_files(&mut self, files: OtherFiles) {
        self.summary.unknown_files = files.unknown;
        self.summary.media_files = files.media;
    }

    /// Sets the numbers of images and other files that texts refer to.
    pub(crate) fn set_media(&mut self, media: MediaCounts) {
        self.summary.media = media;
    }

    /// Adds a file in which there is no record.
    pub(crate) fn add_empty_file(&mut self, name: String) {
        self.summary.empty_files.push(name);
    }

    /// Writes the files of the report, and returns the sums.
    ///
    /// # Errors
    /// [`Error::Io`] if a file can't be written.
    pub(crate) fn finish(self) -> Result<ReportSummary, Error> {
        self.lines.commit()?;
        let sums = format!("{:#}\n", json::summary(&self.summary));
        replace_file(&self.paths.json, sums.as_bytes())?;
        replace_file(&self.paths.html, html::page(&self.summary).as_bytes())?;
        Ok(self.summary)
    }
}

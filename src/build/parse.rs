//! Parse: the record of every file, on all cores: a saved one where the file is unchanged, else a new one.

use rayon::prelude::*;

use super::Progress;
use super::folder::Folder;
use super::inspect::{Found, Inspected, inspect, still_good};
use super::stamp::{Scan, UNSETTLED};
use crate::catalog::record::same_but_for_body;
use crate::diagnostic::Error;
use crate::site::Site;
use crate::state::{Records, Saved};

/// Files are parsed in runs of this many, so that little is held between parsing and the catalog.
const RUN: usize = 4096;

/// A file's record.
pub(super) enum Parsed {
    /// As it was saved.
    Kept(Saved),
    /// Made anew.
    New(Inspected, Since),
}

/// What a file that was read anew was in the last build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Since {
    /// Nothing is known.
    Unknown,
    /// The same article with another body.
    OtherBody,
    /// Something else.
    Changed,
}

/// Files with what they came to, in their order.
pub(super) type Run<'a> = Vec<(&'a str, Parsed)>;

/// All files of a site, run by run.
pub(super) struct Runs<'a> {
    site: &'a Site,
    content: Folder<'a>,
    scan: Scan,
    files: std::slice::Chunks<'a, Box<str>>,
    saved: Option<Records>,
    ahead: Option<Saved>,
    /// Whether a saved record's file is gone.
    pub(super) gone: bool,
    progress: &'a dyn Progress,
}

impl<'a> Runs<'a> {
    pub(super) fn new(
        site: &'a Site,
        scan: Scan,
        files: &'a [Box<str>],
        saved: Option<Records>,
        progress: &'a dyn Progress,
    ) -> Self {
        Self {
            site,
            content: Folder::open(&site.content),
            scan,
            files: files.chunks(RUN),
            saved,
            ahead: None,
            gone: false,
            progress,
        }
    }

    /// Parses the next run; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Run<'a>>, Error> {
        let Some(files) = self.files.next() else {
            self.gone |= self.ahead.is_some();
            if let Some(records) = &mut self.saved {
                self.gone |= records.read_next()?.is_some();
            }
            return Ok(None);
        };
        let known: Vec<Option<Saved>> =
            files.iter().map(|path| self.saved_of(path)).collect::<Result<_, Error>>()?;
        let (site, scan, content, progress) = (self.site, self.scan, &self.content, self.progress);
        let parse = |(path, saved): (&'a str, Option<Saved>)| {
            progress.done();
            let good = |saved: &Saved| {
                saved.stamp != UNSETTLED
                    && scan.file_in(content, path) == saved.stamp
                    && still_good(site, &saved.record, scan)
            };
            match saved {
                Some(saved) if good(&saved) => (path, Parsed::Kept(saved)),
                saved => {
                    let inspected = inspect(site, path, scan);
                    let since = saved.map_or(Since::Unknown, |saved| since(&saved, &inspected));
                    (path, Parsed::New(inspected, since))
                }
            }
        };
        Ok(Some(files.par_iter().map(|path| &**path).zip(known).with_min_len(16).map(parse).collect()))
    }

    /// The saved record of a file. Files and records are both in the order of their paths.
    fn saved_of(&mut self, path: &str) -> Result<Option<Saved>, Error> {
        let Some(records) = &mut self.saved else { return Ok(None) };
        loop {
            if self.ahead.is_none() {
                self.ahead = records.read_next()?;
            }
            match self.ahead.as_ref().map(|saved| saved.path.as_str().cmp(path)) {
                Some(std::cmp::Ordering::Less) => {
                    self.ahead = None;
                    self.gone = true;
                }
                Some(std::cmp::Ordering::Equal) => return Ok(self.ahead.take()),
                _ => return Ok(None),
            }
        }
    }
}

fn since(saved: &Saved, inspected: &Inspected) -> Since {
    match &inspected.found {
        Found::Record(record) if same_but_for_body(&saved.record, record) => Since::OtherBody,
        _ => Since::Changed,
    }
}

/// Whether a record may be saved: one whose file has something wrong is read again each time, so that it is told each time.
pub(super) fn may_be_saved(inspected: &Inspected) -> bool {
    inspected.diagnostics.is_empty() && matches!(inspected.found, Found::Record(_))
}

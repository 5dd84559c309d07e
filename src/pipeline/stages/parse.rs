//! Parse: the record of every file, on all cores: a saved one where the file is unchanged, else a
//! new one.

use rayon::prelude::*;

use super::parse_file::{ParseOutcome, ParsedFile, is_reusable, parse_file};
use crate::archive::record::equal_except_body;
use crate::config::Site;
use crate::diagnostics::Error;
use crate::pipeline::Progress;
use crate::pipeline::cache::file_stamps::{DIRTY, ScanTime};
use crate::pipeline::cache::store::{CachedRecord, CachedRecords};
use crate::pipeline::dir_handle::DirHandle;

/// Files are parsed in runs of this many, so that little is held between parsing and the catalog.
const CHUNK_SIZE: usize = 4096;

/// A file's record.
pub(crate) enum LoadedRecord {
    /// As it was saved.
    Cached(CachedRecord),
    /// Made anew.
    Parsed(ParsedFile, RecordChange),
}

/// What a file that was read anew was in the last build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RecordChange {
    /// Nothing is known.
    Unknown,
    /// The same article with another body.
    BodyOnly,
    /// Something else.
    Changed,
}

/// Files with what they came to, in their order.
pub(crate) type RecordChunk<'a> = Vec<(&'a str, LoadedRecord)>;

/// All files of a site, run by run.
pub(crate) struct RecordLoader<'a> {
    site: &'a Site,
    content_handle: DirHandle<'a>,
    scan_time: ScanTime,
    file_chunks: std::slice::Chunks<'a, Box<str>>,
    cached_records: Option<CachedRecords>,
    lookahead: Option<CachedRecord>,
    /// Whether a saved record's file is gone.
    pub(crate) has_removed_files: bool,
    progress: &'a dyn Progress,
}

impl<'a> RecordLoader<'a> {
    pub(crate) fn new(
        site: &'a Site,
        scan_time: ScanTime,
        files: &'a [Box<str>],
        cached_records: Option<CachedRecords>,
        progress: &'a dyn Progress,
    ) -> Self {
        Self {
            site,
            content_handle: DirHandle::open(&site.content_dir),
            scan_time,
            file_chunks: files.chunks(CHUNK_SIZE),
            cached_records,
            lookahead: None,
            has_removed_files: false,
            progress,
        }
    }

    /// Parses the next run; `None` at the end.
    pub(crate) fn next_chunk(&mut self) -> Result<Option<RecordChunk<'a>>, Error> {
        let Some(files) = self.file_chunks.next() else {
            self.has_removed_files |= self.lookahead.is_some();
            if let Some(records) = &mut self.cached_records {
                self.has_removed_files |= records.read_next()?.is_some();
            }
            return Ok(None);
        };
        let cached: Vec<Option<CachedRecord>> =
            files.iter().map(|path| self.cached_record_for(path)).collect::<Result<_, Error>>()?;
        let (site, scan_time, content_handle, progress) =
            (self.site, self.scan_time, &self.content_handle, self.progress);
        let parse = |(path, cached): (&'a str, Option<CachedRecord>)| {
            progress.advance();
            let is_current = |cached: &CachedRecord| {
                cached.stamp != DIRTY
                    && scan_time.file_stamp_in(content_handle, path) == cached.stamp
                    && is_reusable(site, &cached.record, scan_time)
            };
            match cached {
                Some(cached) if is_current(&cached) => (path, LoadedRecord::Cached(cached)),
                cached => {
                    let parsed_file = parse_file(site, path, scan_time);
                    let change = cached.map_or(RecordChange::Unknown, |cached| {
                        record_change(&cached, &parsed_file)
                    });
                    (path, LoadedRecord::Parsed(parsed_file, change))
                }
            }
        };
        Ok(Some(
            files.par_iter().map(|path| &**path).zip(cached).with_min_len(16).map(parse).collect(),
        ))
    }

    /// The saved record of a file. Files and records are both in the order of their paths.
    fn cached_record_for(&mut self, path: &str) -> Result<Option<CachedRecord>, Error> {
        let Some(records) = &mut self.cached_records else { return Ok(None) };
        loop {
            if self.lookahead.is_none() {
                self.lookahead = records.read_next()?;
            }
            match self.lookahead.as_ref().map(|cached| cached.path.as_str().cmp(path)) {
                Some(std::cmp::Ordering::Less) => {
                    self.lookahead = None;
                    self.has_removed_files = true;
                }
                Some(std::cmp::Ordering::Equal) => return Ok(self.lookahead.take()),
                _ => return Ok(None),
            }
        }
    }
}

fn record_change(cached: &CachedRecord, parsed_file: &ParsedFile) -> RecordChange {
    match &parsed_file.outcome {
        ParseOutcome::Record(record) if equal_except_body(&cached.record, record) => {
            RecordChange::BodyOnly
        }
        _ => RecordChange::Changed,
    }
}

/// Whether a record may be saved: one whose file has something wrong is read again each time, so
/// that it is told each time.
pub(crate) fn may_be_cached(parsed_file: &ParsedFile) -> bool {
    parsed_file.diagnostics.is_empty() && matches!(parsed_file.outcome, ParseOutcome::Record(_))
}

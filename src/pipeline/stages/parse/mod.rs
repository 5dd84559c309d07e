//! Parses files on all cores: the record of a file is that in the cache if the file is unchanged,
//! or else a new one.

mod file;
mod term_folder;
mod url_locator;
mod withholding;

use std::io::ErrorKind;

use rayon::prelude::*;

pub(crate) use file::parse_file;

use crate::archive::record::equal_except_body;
use crate::config::Site;
use crate::diagnostics::Error;
use crate::pipeline::cache::file_stamps::{DIRTY, ScanTime};
use crate::pipeline::cache::store::{CachedRecord, CachedRecords};
use crate::pipeline::dir_handle::DirHandle;
use crate::pipeline::parsed_file::{
    LoadedRecord, ParseOutcome, ParsedFile, RecordChange, RecordChunk,
};
use crate::pipeline::progress::Progress;

/// The number of files that are parsed at a time. It limits how many records are in memory between
/// parsing and indexing.
const CHUNK_SIZE: usize = 4096;

/// Loads the records of all files, in chunks.
pub(crate) struct RecordLoader<'a> {
    site: &'a Site,
    content_handle: DirHandle<'a>,
    scan_time: ScanTime,
    file_chunks: std::slice::Chunks<'a, Box<str>>,
    cached_records: Option<CachedRecords>,
    lookahead: Option<CachedRecord>,
    /// True if the file of a cached record no longer exists.
    pub(crate) has_removed_files: bool,
    progress: &'a dyn Progress,
}

impl<'a> RecordLoader<'a> {
    /// A loader for some files. Records of the cache must have been made with the same settings.
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

    /// Loads the next chunk; `None` at the end.
    ///
    /// # Errors
    /// [`Error::Io`] if the cache file can't be read. A file of `content/` that can't be read is a
    /// diagnostic.
    pub(crate) fn next_chunk(&mut self) -> Result<Option<RecordChunk<'a>>, Error> {
        let Some(files) = self.file_chunks.next() else {
            self.has_removed_files |= self.lookahead.is_some();
            self.has_removed_files |= self.next_cached_record()?.is_some();
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
                    && file::is_reusable(site, &cached.record, scan_time)
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

    /// Reads the next cached record. If it is invalid, all further files count as new.
    fn next_cached_record(&mut self) -> Result<Option<CachedRecord>, Error> {
        let Some(records) = &mut self.cached_records else { return Ok(None) };
        match records.read_next() {
            Err(Error::Io { source, .. })
                if matches!(source.kind(), ErrorKind::InvalidData | ErrorKind::UnexpectedEof) =>
            {
                self.cached_records = None;
                self.has_removed_files = true;
                Ok(None)
            }
            result => result,
        }
    }

    /// Returns the cached record of a file. Files and records are both in the order of their paths.
    fn cached_record_for(&mut self, path: &str) -> Result<Option<CachedRecord>, Error> {
        loop {
            if self.lookahead.is_none() {
                self.lookahead = self.next_cached_record()?;
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

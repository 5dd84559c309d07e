//! Commits a build: writes the new manifest into the cache, which replaces the old one by one
//! rename.

use rayon::prelude::*;

use crate::diagnostics::Error;
use crate::model::Fingerprint;
use crate::pages::SiteView;
use crate::pipeline::cache::manifest::{ManifestEntry, SavedFile};
use crate::pipeline::cache::store::CacheWriter;
use crate::pipeline::planned_output::{Batch, PlannedOutput};

/// Writes the new manifest into the cache. That of a first build is written batch by batch, so that
/// it takes no memory; that of a later build is written at the end, and only if it differs.
pub(crate) struct ManifestWriter<'a> {
    cache_writer: CacheWriter<'a>,
    is_streaming: bool,
    pending: Vec<Vec<ManifestEntry>>,
}

impl<'a> ManifestWriter<'a> {
    /// A writer that writes the manifest at the end.
    pub(crate) fn deferred(cache_writer: CacheWriter<'a>) -> Self {
        Self { cache_writer, is_streaming: false, pending: Vec::new() }
    }

    /// A writer that writes the manifest batch by batch.
    ///
    /// # Errors
    /// [`Error::Io`] if the cache folder can't be written to.
    pub(crate) fn streaming(
        mut cache_writer: CacheWriter<'a>,
        view: &SiteView<'_>,
    ) -> Result<Self, Error> {
        cache_writer.end_records(&view.common_dependencies())?;
        Ok(Self { cache_writer, is_streaming: true, pending: Vec::new() })
    }

    /// Adds the entries of a batch, one for each of its outputs.
    ///
    /// # Errors
    /// [`Error::Io`] if the cache folder can't be written to.
    pub(crate) fn add_batch(
        &mut self,
        view: &SiteView<'_>,
        outputs: &[PlannedOutput],
        entries: Vec<ManifestEntry>,
    ) -> Result<(), Error> {
        if self.is_streaming {
            return write_entries(&mut self.cache_writer, view, outputs, &entries);
        }
        self.pending.push(entries);
        Ok(())
    }

    /// Saves the cache, if it differs from the last build's.
    ///
    /// # Errors
    /// [`Error::Io`] if the cache folder can't be written to.
    pub(crate) fn commit(
        mut self,
        view: &SiteView<'_>,
        batches: &[Batch],
        result: &BuildResult<'_>,
    ) -> Result<(), Error> {
        if !self.is_streaming {
            let common_inputs = view.common_dependencies();
            if !result.is_changed
                && self.cache_writer.is_unchanged()
                && common_inputs == result.previous_common_inputs
            {
                return Ok(());
            }
            self.cache_writer.end_records(&common_inputs)?;
        }
        for ((_, outputs), entries) in batches.iter().zip(&self.pending) {
            write_entries(&mut self.cache_writer, view, outputs, entries)?;
        }
        for SavedFile { path, article, entry } in result.retained {
            let mut encoded = Vec::new();
            entry.encode(path, &article.as_ref(), &mut encoded);
            self.cache_writer.write_entries(&encoded)?;
        }
        self.cache_writer.finish(result.audited_names)
    }
}

/// The parts of a build's result that the cache contains besides the manifest.
pub(crate) struct BuildResult<'a> {
    /// Files that aren't planned and stay.
    pub(crate) retained: &'a [SavedFile],
    /// True if a file was written or removed, or the redaction audit searched for other names.
    pub(crate) is_changed: bool,
    pub(crate) previous_common_inputs: &'a [(String, String)],
    /// The hash of the names that the redaction audit didn't find in any file.
    pub(crate) audited_names: Fingerprint,
}

/// The number of entries that are encoded before they are written, and of those that are encoded as
/// one task.
const CHUNK_SIZE: usize = 1 << 15;
const TASK_SIZE: usize = 1 << 10;

fn write_entries(
    cache_writer: &mut CacheWriter<'_>,
    view: &SiteView<'_>,
    outputs: &[PlannedOutput],
    entries: &[ManifestEntry],
) -> Result<(), Error> {
    let is_written =
        |(_, entry): &(&PlannedOutput, &ManifestEntry)| entry.content_hash != Fingerprint::DIRTY;
    let encode = |(outputs, entries): (&[PlannedOutput], &[ManifestEntry])| {
        let mut encoded = Vec::with_capacity(outputs.len() * 96);
        for (output, entry) in outputs.iter().zip(entries).filter(is_written) {
            entry.encode(output.path(view).as_str(), &output.article(view).as_ref(), &mut encoded);
        }
        encoded
    };
    for (outputs, entries) in outputs.chunks(CHUNK_SIZE).zip(entries.chunks(CHUNK_SIZE)) {
        let pieces = outputs.par_chunks(TASK_SIZE).zip(entries.par_chunks(TASK_SIZE));
        let pieces: Vec<Vec<u8>> = pieces.map(encode).collect();
        pieces.iter().try_for_each(|piece| cache_writer.write_entries(piece))?;
    }
    Ok(())
}

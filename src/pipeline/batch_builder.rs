//! Renders and writes the files of a batch on all cores, except those that are up to date.

use std::cell::RefCell;
use std::collections::HashSet;
use std::path::Path;

use rayon::prelude::*;

use super::cache::file_stamps;
use super::cache::manifest::{Manifest, ManifestEntry};
use super::copies::REFUSED_IMAGE_CODES;
use super::dir_handle::DirHandle;
use super::options::{BuildOptions, WriteMode};
use super::planned_output::{Batch, PlannedOutput};
use super::progress::Progress;
use super::stages::render::{ContentSource, RenderedContent, render};
use super::stages::write::{OutputDir, TargetFile, WriteOutcome, WriteResult, hash_contents};
use crate::diagnostics::{Diagnostic, Error};
use crate::model::{Fingerprint, OutputPath};
use crate::pages::{Page, SiteView, Teasers};
use crate::search;

/// Everything that is needed to build the files of a batch.
pub(crate) struct BatchBuilder<'a> {
    pub(crate) view: &'a SiteView<'a>,
    pub(crate) previous_manifest: &'a Manifest,
    /// The output folder as it is before the build.
    pub(crate) output_handle: DirHandle<'a>,
    /// The output folder to write to; none if nothing is to be rendered.
    pub(crate) output_dir: Option<&'a OutputDir<'a>>,
    pub(crate) options: &'a BuildOptions,
    /// If only the bodies of some articles have changed since the last build: the hashes of the
    /// paths of these articles.
    pub(crate) changed_bodies: Option<&'a HashSet<Fingerprint>>,
    pub(crate) progress: &'a dyn Progress,
}

/// The result for a planned file.
pub(crate) struct BuiltFile {
    /// Its entry in the new manifest. Without a content hash, there is no such file.
    pub(crate) entry: ManifestEntry,
    /// None if it couldn't be rendered.
    pub(crate) outcome: Option<WriteOutcome>,
    /// True if the manifest of the last build has the same entry.
    pub(crate) is_unchanged: bool,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// A written file with what rendering it reported.
struct WrittenFile {
    result: WriteResult,
    is_complete: bool,
    diagnostics: Vec<Diagnostic>,
}

impl BatchBuilder<'_> {
    /// Returns the paths that the last build's manifest doesn't have, batch by batch.
    pub(crate) fn new_paths(&self, batches: &[Batch]) -> impl Iterator<Item = String> {
        batches.iter().flat_map(|(_, outputs)| {
            let new_path = |output: &PlannedOutput| {
                let path = output.path(self.view);
                let existing = self.previous_manifest.get(path.manifest_key());
                existing.is_none().then(|| path.as_str().to_owned())
            };
            outputs.par_iter().with_min_len(256).filter_map(new_path).collect::<Vec<String>>()
        })
    }

    /// Builds the files of a batch. In the last build's manifest, their entries most likely begin
    /// at `first_index`.
    ///
    /// # Errors
    /// [`Error::Io`] if a file can't be written.
    pub(crate) fn build_batch(
        &self,
        first_index: usize,
        (ids, outputs): &Batch,
    ) -> Result<Vec<BuiltFile>, Error> {
        let teasers = Teasers::new(self.view, ids.clone());
        outputs
            .par_iter()
            .enumerate()
            .map(|(index, output)| self.build_file(first_index + index, output, &teasers))
            .collect()
    }

    fn build_file(
        &self,
        expected_index: usize,
        output: &PlannedOutput,
        teasers: &Teasers<'_>,
    ) -> Result<BuiltFile, Error> {
        self.progress.advance();
        let path = output.path(self.view);
        let path_hash = path.manifest_key();
        let old_entry = self.previous_manifest.get_near(expected_index, path_hash).copied();
        let built_file = |entry, outcome, diagnostics| {
            let is_unchanged = old_entry == Some(entry);
            BuiltFile { entry, outcome, is_unchanged, diagnostics }
        };
        let known_inputs_hash = match (output, old_entry) {
            (PlannedOutput::Page(page), Some(entry)) if self.has_same_inputs(page, &entry) => {
                Some(entry.inputs_hash)
            }
            _ => None,
        };
        let inputs_hash = known_inputs_hash.unwrap_or_else(|| output.inputs_hash(self.view, &path));
        if let Some(entry) = old_entry.filter(|entry| self.is_up_to_date(entry, inputs_hash, &path))
        {
            // A page may be up to date although the file of its article has moved: the manifest
            // gets the new path.
            let new_hash = || output.article_hash(self.view);
            let article_hash = known_inputs_hash.map_or_else(new_hash, |_| entry.article_hash);
            let entry = ManifestEntry { article_hash, ..entry };
            return Ok(built_file(entry, Some(WriteOutcome::Unchanged), Vec::new()));
        }
        let target = self.target_file(old_entry.as_ref());
        let written = self.render_and_write(output, &path, target, teasers)?;
        Ok(match written {
            Ok(WrittenFile { result, is_complete, diagnostics }) => {
                let entry = ManifestEntry {
                    path_hash,
                    inputs_hash: if is_complete { inputs_hash } else { Fingerprint::DIRTY },
                    stamp: result.stamp,
                    content_hash: result.content_hash,
                    article_hash: output.article_hash(self.view),
                };
                built_file(entry, Some(result.outcome), diagnostics)
            }
            Err(diagnostics) => {
                // The next build tries again, and so reports the same diagnostics.
                let no_entry = ManifestEntry { path_hash, ..ManifestEntry::default() };
                if must_not_stay(output, &diagnostics) {
                    let is_removed = self.remove_earlier_file(old_entry.as_ref(), &path)?;
                    built_file(no_entry, is_removed.then_some(WriteOutcome::Removed), diagnostics)
                } else {
                    // Its last good page stays.
                    let previous_entry = old_entry.unwrap_or(no_entry);
                    let entry = ManifestEntry { inputs_hash: Fingerprint::DIRTY, ..previous_entry };
                    built_file(entry, None, diagnostics)
                }
            }
        })
    }

    /// Removes the file at a path if an earlier build wrote it. Returns true if there was one.
    fn remove_earlier_file(
        &self,
        old_entry: Option<&ManifestEntry>,
        path: &OutputPath,
    ) -> Result<bool, Error> {
        let is_written = old_entry.is_some_and(|entry| entry.content_hash != Fingerprint::DIRTY);
        match self.output_dir.filter(|_| is_written) {
            Some(output_dir) => output_dir.remove(&output_dir.resolve_path(path.as_str())?),
            None => Ok(false),
        }
    }

    /// Returns the most likely state of a file before it is written.
    fn target_file(&self, old_entry: Option<&ManifestEntry>) -> TargetFile {
        match old_entry {
            Some(entry)
                if entry.content_hash != Fingerprint::DIRTY && self.output_handle.exists() =>
            {
                TargetFile::Existing
            }
            _ => TargetFile::New,
        }
    }

    /// Returns true if a page is known to have the inputs in the manifest, without looking at them.
    fn has_same_inputs(&self, page: &Page, entry: &ManifestEntry) -> bool {
        let shows_changed_body = |changed_bodies: &HashSet<Fingerprint>| {
            changed_bodies.contains(&entry.article_hash) || page.shows_bodies(self.view)
        };
        let is_unaffected = |changed_bodies: &HashSet<Fingerprint>| {
            changed_bodies.is_empty() || !shows_changed_body(changed_bodies)
        };
        entry.inputs_hash != Fingerprint::DIRTY && self.changed_bodies.is_some_and(is_unaffected)
    }

    /// Returns true if a file has the inputs in the manifest, and is in the output folder as it was
    /// written.
    fn is_up_to_date(
        &self,
        entry: &ManifestEntry,
        inputs_hash: Fingerprint,
        path: &OutputPath,
    ) -> bool {
        let stamps_match = inputs_hash.matches(entry.inputs_hash)
            && file_stamps::output_file_stamp(&self.output_handle, path.as_str()) == entry.stamp;
        let hash = || hash_contents(&self.view.site.output_dir.join(path.as_str()), |_| ());
        stamps_match
            && (!self.options.verify
                || hash().is_ok_and(|(_, content_hash)| content_hash == entry.content_hash))
    }

    /// Renders a file and writes it.
    fn render_and_write(
        &self,
        output: &PlannedOutput,
        path: &OutputPath,
        target: TargetFile,
        teasers: &Teasers<'_>,
    ) -> Result<Result<WrittenFile, Vec<Diagnostic>>, Error> {
        thread_local! {
            static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
        }
        let Some(output_dir) = self.output_dir else { return Ok(Err(Vec::new())) };
        let file = output_dir.resolve_path(path.as_str())?;
        // The buffer isn't borrowed while rendering: a thread that waits for others may begin
        // another file.
        let mut buffer = BUFFER.take();
        let mode = self.options.write_mode();
        let content = match render(output, self.view, teasers, mode, &mut buffer) {
            Ok(content) => content,
            Err(diagnostics) => return Ok(Err(diagnostics)),
        };
        let RenderedContent { source, is_complete, diagnostics } = content;
        let result = match source {
            ContentSource::Buffer => output_dir.write(&file, &buffer, target)?,
            ContentSource::Image(image) => output_dir.write(&file, &image.bytes, target)?,
            ContentSource::File(source) => output_dir.copy(&source, &file, target)?,
            ContentSource::IndexFile(source, hash) => output_dir
                .copy_verified(&source, &file, target, hash)
                .inspect_err(|error| discard_damaged_segment(error, &source, mode))?,
        };
        BUFFER.set(buffer);
        Ok(Ok(WrittenFile { result, is_complete, diagnostics }))
    }
}

/// Returns true if the last version of a file that can't be rendered must be removed: an image that
/// may have its location, or the page of an article that is hidden now.
fn must_not_stay(output: &PlannedOutput, diagnostics: &[Diagnostic]) -> bool {
    matches!(output, PlannedOutput::Page(Page::Tombstone(..)))
        || diagnostics.iter().any(|one| REFUSED_IMAGE_CODES.contains(&one.code))
}

/// Removes a damaged segment of the search index from the build cache. If that fails, the next
/// build reports the damage again.
fn discard_damaged_segment(error: &Error, file: &Path, mode: WriteMode) {
    let is_damaged = matches!(error, Error::Io { source, .. }
        if source.kind() == std::io::ErrorKind::InvalidData);
    if is_damaged && mode == WriteMode::Write {
        let _ = search::discard_segment(file);
    }
}

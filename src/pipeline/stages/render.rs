//! Make: renders and writes the planned files of a batch, on all cores, but for those that are as
//! they should be.

use std::cell::RefCell;
use std::collections::HashSet;

use rayon::prelude::*;

use super::plan::{Batch, PlannedOutput};
use super::write::{OutputDir, WriteOutcome, WriteResult, hash_contents};
use crate::diagnostics::{Diagnostic, Error};
use crate::model::{Fingerprint, OutputPath};
use crate::pages::{Page, SiteView, Teasers};
use crate::pipeline::Progress;
use crate::pipeline::cache::file_stamps;
use crate::pipeline::cache::manifest::{Manifest, ManifestEntry};
use crate::pipeline::dir_handle::DirHandle;
use crate::templates::asset_bytes;

/// Everything that making a file takes.
pub(crate) struct Renderer<'a> {
    pub(crate) view: &'a SiteView<'a>,
    pub(crate) previous_manifest: &'a Manifest,
    /// The output folder as it is.
    pub(crate) output_handle: DirHandle<'a>,
    /// Where files go; none if nothing is to be made.
    pub(crate) output_dir: Option<&'a OutputDir<'a>>,
    /// Whether the bytes of a file are compared with the ledger, too.
    pub(crate) verify: bool,
    /// Where pages are made from what they were made from in the last build, but for some articles'
    /// bodies: the hashes of these articles' files.
    pub(crate) changed_bodies: Option<HashSet<Fingerprint>>,
    pub(crate) progress: &'a dyn Progress,
}

/// What became of a planned file.
pub(crate) struct RenderedPage {
    /// What the ledger is to know of it. Without bytes, there is no such file.
    pub(crate) entry: ManifestEntry,
    /// Nothing, if it couldn't be made.
    pub(crate) outcome: Option<WriteOutcome>,
    /// Whether the ledger knew just that.
    pub(crate) is_unchanged: bool,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// A file, whether it was made from what its inputs say, and what is wrong with it; or why there is
/// none.
type RenderOutcome = Result<(WriteResult, bool, Vec<Diagnostic>), Vec<Diagnostic>>;

impl Renderer<'_> {
    /// The paths that the old ledger doesn't have, a batch at a time.
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

    /// Makes the files of a batch. In the old ledger they most likely stand from `first` on.
    pub(crate) fn render_batch(
        &self,
        first_index: usize,
        (ids, outputs): &Batch,
    ) -> Result<Vec<RenderedPage>, Error> {
        let teasers = Teasers::new(self.view, ids.clone());
        outputs
            .par_iter()
            .enumerate()
            .map(|(index, output)| self.render_output(first_index + index, output, &teasers))
            .collect()
    }

    fn render_output(
        &self,
        expected_index: usize,
        output: &PlannedOutput,
        teasers: &Teasers<'_>,
    ) -> Result<RenderedPage, Error> {
        self.progress.advance();
        let path = output.path(self.view);
        let path_hash = path.manifest_key();
        let old_entry = self.previous_manifest.get_near(expected_index, path_hash).copied();
        let known_inputs_hash = match (output, old_entry) {
            (PlannedOutput::Page(page), Some(entry)) if self.has_same_inputs(page, &entry) => {
                Some(entry.inputs_hash)
            }
            _ => None,
        };
        let inputs_hash = known_inputs_hash.unwrap_or_else(|| output.inputs_hash(self.view, &path));
        if let Some(entry) = old_entry.filter(|entry| self.is_up_to_date(entry, inputs_hash, &path))
        {
            // A page may stay as it is when its article's file moves; the next build knows it by
            // the new one.
            let article_hash = if known_inputs_hash.is_some() {
                entry.article_hash
            } else {
                output.article_hash(self.view)
            };
            let entry = ManifestEntry { article_hash, ..entry };
            return Ok(RenderedPage {
                entry,
                outcome: Some(WriteOutcome::Unchanged),
                is_unchanged: old_entry == Some(entry),
                diagnostics: Vec::new(),
            });
        }
        let existed = self.output_handle.exists()
            && old_entry.is_some_and(|entry| entry.content_hash != Fingerprint::DIRTY);
        let render_outcome = self
            .output_dir
            .map(|output_dir| self.render(output, &path, existed, teasers, output_dir))
            .transpose()?;
        match render_outcome.unwrap_or(Err(Vec::new())) {
            Ok((write_result, is_clean, diagnostics)) => {
                let WriteResult { outcome, stamp, content_hash } = write_result;
                let inputs_hash = if is_clean { inputs_hash } else { Fingerprint::DIRTY };
                let entry = ManifestEntry {
                    path_hash: path_hash,
                    inputs_hash,
                    stamp,
                    content_hash,
                    article_hash: output.article_hash(self.view),
                };
                Ok(RenderedPage {
                    entry,
                    outcome: Some(outcome),
                    is_unchanged: old_entry == Some(entry),
                    diagnostics,
                })
            }
            Err(diagnostics) => {
                // Its last good page stays, and the next build tries again, so that what is wrong
                // is told again.
                let previous_entry = old_entry
                    .unwrap_or(ManifestEntry { path_hash: path_hash, ..ManifestEntry::default() });
                let entry = ManifestEntry { inputs_hash: Fingerprint::DIRTY, ..previous_entry };
                Ok(RenderedPage {
                    entry,
                    outcome: None,
                    is_unchanged: old_entry == Some(entry),
                    diagnostics,
                })
            }
        }
    }

    /// Whether a page is known to be made from what the ledger says.
    fn has_same_inputs(&self, page: &Page, entry: &ManifestEntry) -> bool {
        let shows_changed_body = |changed_bodies: &HashSet<Fingerprint>| {
            changed_bodies.contains(&entry.article_hash) || page.shows_bodies(self.view)
        };
        let is_unaffected = |changed_bodies: &HashSet<Fingerprint>| {
            changed_bodies.is_empty() || !shows_changed_body(changed_bodies)
        };
        entry.inputs_hash != Fingerprint::DIRTY
            && self.changed_bodies.as_ref().is_some_and(is_unaffected)
    }

    /// Whether a file is what it should be, as far as the ledger and the file system tell.
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
            && (!self.verify
                || hash().is_ok_and(|(_, content_hash)| content_hash == entry.content_hash))
    }

    /// Renders or copies a file to its place; `left` tells whether the last build left one there.
    fn render(
        &self,
        output: &PlannedOutput,
        path: &OutputPath,
        existed: bool,
        teasers: &Teasers<'_>,
        output_dir: &OutputDir<'_>,
    ) -> Result<RenderOutcome, Error> {
        thread_local! {
            static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
        }
        let target = output_dir.resolve_path(path.as_str())?;
        match output {
            PlannedOutput::Embedded(index) => Ok(Ok((
                output_dir.write(&target, &asset_bytes(*index, self.view.site), existed)?,
                true,
                Vec::new(),
            ))),
            PlannedOutput::SearchIndex(file) => {
                Ok(Ok((output_dir.copy(&file.source, &target, existed)?, true, Vec::new())))
            }
            // What is wrong with a picture is told again in the next build, so it is made again.
            PlannedOutput::Copy(copy) => {
                match copy.read_content(self.view.site, !output_dir.is_dry_run()) {
                    Ok((Some(bytes), diagnostics)) => Ok(Ok((
                        output_dir.write(&target, &bytes, existed)?,
                        diagnostics.is_empty(),
                        diagnostics,
                    ))),
                    Ok((None, diagnostics)) => Ok(Ok((
                        output_dir.copy(&copy.from, &target, existed)?,
                        diagnostics.is_empty(),
                        diagnostics,
                    ))),
                    Err(diagnostics) => Ok(Err(diagnostics)),
                }
            }
            PlannedOutput::Page(page) if self.view.templates.is_broken(page.template()) => {
                Ok(Err(Vec::new()))
            }
            PlannedOutput::Page(page) => {
                BUFFER.with_borrow_mut(|buffer| match page.render(self.view, teasers, buffer) {
                    Ok(is_clean) => {
                        Ok(Ok((output_dir.write(&target, buffer, existed)?, is_clean, Vec::new())))
                    }
                    Err(diagnostics) => Ok(Err(diagnostics)),
                })
            }
        }
    }
}

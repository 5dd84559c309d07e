//! Before: what earlier builds left, and what a build begins with.

use std::collections::HashSet;
use std::path::PathBuf;

use super::journal::Journal;
use crate::config::Site;
use crate::diagnostics::{Diagnostic, Error};
use crate::model::{Dependencies, Fingerprint};
use crate::pages::SiteView;
use crate::pipeline::BuildOptions;
use crate::pipeline::cache::manifest::Manifest;
use crate::pipeline::cache::store::{self, Cache};
use crate::pipeline::explain::Explainer;
use crate::pipeline::stages::commit::{ManifestWriter, UnplannedFiles};
use crate::pipeline::stages::plan::Batch;
use crate::search;

/// What earlier builds left in the state folder.
pub(crate) struct PreviousBuild {
    pub(crate) cache_file: PathBuf,
    pub(crate) cache: Option<Cache>,
    /// Why there is no state although there is a file.
    damage_reason: Option<String>,
    journal: Journal,
    /// Files that a killed build may have created.
    interrupted: Vec<String>,
}

impl PreviousBuild {
    /// Finds what there is.
    pub(crate) fn open(site: &Site) -> Result<Self, Error> {
        let cache_file = store::cache_file(&site.cache_dir, &site.root, &site.output_dir);
        let (journal, interrupted) = Journal::open(&cache_file)?;
        let (cache, damage_reason) = Cache::open(&cache_file);
        Ok(Self { cache_file, cache, damage_reason, journal, interrupted })
    }

    /// Says that what was left is of no use.
    pub(crate) fn damage_diagnostic(&self) -> Option<Diagnostic> {
        let reason = self.damage_reason.as_ref()?;
        let message = format!("{reason}: everything is built anew");
        Some(Diagnostic::warning("ledger-lost", ".dateline", message))
    }

    /// The ledger, and the inputs that were common to pages.
    pub(crate) fn load_manifest(&self, force: bool) -> Result<(Manifest, Dependencies), Error> {
        let (mut manifest, common_inputs) =
            self.cache.as_ref().map(Cache::load_manifest).transpose()?.unwrap_or_default();
        if force {
            manifest.invalidate();
        }
        Ok((manifest, common_inputs))
    }

    /// What becomes of the search index of before; each output folder has its own.
    pub(crate) fn search_index_options(&self, options: &BuildOptions) -> search::IndexOptions {
        let cache_dir = self.cache_file.with_extension("search");
        search::IndexOptions {
            cache_dir,
            dry_run: options.dry_run,
            verify: options.verify,
            force: options.force,
        }
    }

    /// Which names the outputs were found not to hold.
    pub(crate) fn audited_names(&self) -> Fingerprint {
        self.cache.as_ref().map_or(Fingerprint::DIRTY, |cache| cache.audited_names)
    }

    /// Whether there is no trace of an earlier build.
    pub(crate) fn is_absent(&self) -> bool {
        self.cache.is_none() && self.interrupted.is_empty()
    }

    /// Notes the files that this build may create, until it ends.
    pub(crate) fn journal_new_files(
        &self,
        new_paths: impl Iterator<Item = String>,
    ) -> Result<(), Error> {
        self.journal.write(new_paths.chain(self.interrupted.iter().cloned()))
    }

    /// The build has ended, and its state is saved.
    pub(crate) fn close_journal(&self) -> Result<(), Error> {
        self.journal.remove()
    }
}

/// What a build begins with.
pub(crate) struct BuildBaseline<'a> {
    pub(crate) previous_build: &'a PreviousBuild,
    pub(crate) manifest: Manifest,
    /// Inputs that were common to pages.
    pub(crate) common_inputs: Dependencies,
}

impl<'a> BuildBaseline<'a> {
    pub(crate) fn new(
        previous_build: &'a PreviousBuild,
        (manifest, common_inputs): (Manifest, Dependencies),
    ) -> Self {
        Self { previous_build, manifest, common_inputs }
    }

    pub(crate) fn explainer<'b>(
        &'b self,
        view: &'b SiteView<'b>,
        batches: &'b [Batch],
    ) -> Explainer<'b> {
        let cache = self.previous_build.cache.as_ref();
        Explainer {
            view,
            batches,
            cache,
            manifest: &self.manifest,
            common_inputs: &self.common_inputs,
        }
    }

    /// What was written before and isn't planned now: nothing, where the `same` files are planned.
    pub(crate) fn find_unplanned_files(
        &self,
        manifest_writer: &ManifestWriter<'_>,
        is_same_as_previous: bool,
        broken_articles: &HashSet<Fingerprint>,
    ) -> Result<UnplannedFiles, Error> {
        if self.previous_build.is_absent()
            || is_same_as_previous && self.previous_build.interrupted.is_empty()
        {
            return Ok(UnplannedFiles::default());
        }
        let planned_paths =
            manifest_writer.pending_entries().map(|entry| entry.path_hash).collect();
        UnplannedFiles::find(
            self.previous_build.cache.as_ref(),
            &self.previous_build.interrupted,
            &planned_paths,
            broken_articles,
        )
    }
}

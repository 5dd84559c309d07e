//! The baseline that a build compares with: the manifest of the last one.

use std::collections::HashSet;

use super::cache::manifest::Manifest;
use super::cache::previous_build::PreviousBuild;
use super::explain::Explainer;
use super::planned_output::Batch;
use super::stages::commit::ManifestWriter;
use super::unplanned_files::UnplannedFiles;
use crate::diagnostics::Error;
use crate::model::{Dependencies, Fingerprint};
use crate::pages::SiteView;

/// The last build with its manifest.
pub(crate) struct BuildBaseline<'a> {
    pub(crate) previous_build: &'a PreviousBuild,
    pub(crate) manifest: Manifest,
    /// The inputs that were common to pages.
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
        Explainer {
            view,
            batches,
            cache: self.previous_build.cache.as_ref(),
            manifest: &self.manifest,
            common_inputs: &self.common_inputs,
        }
    }

    /// Finds the files that an earlier build wrote and this one didn't plan.
    ///
    /// # Errors
    /// [`Error::Io`] if the cache file can't be read.
    pub(crate) fn find_unplanned_files(
        &self,
        manifest_writer: &ManifestWriter<'_>,
        broken_articles: &HashSet<Fingerprint>,
    ) -> Result<UnplannedFiles, Error> {
        let planned_paths =
            manifest_writer.pending_entries().map(|entry| entry.path_hash).collect();
        UnplannedFiles::find(
            self.previous_build.cache.as_ref(),
            self.previous_build.interrupted_files(),
            &planned_paths,
            broken_articles,
        )
    }
}

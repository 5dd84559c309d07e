//! The baseline that a build compares with: the manifest of the last one.

use super::cache::manifest::Manifest;
use super::cache::previous_build::PreviousBuild;
use super::explain::Explainer;
use super::planned_output::Batch;
use crate::model::Dependencies;
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
}

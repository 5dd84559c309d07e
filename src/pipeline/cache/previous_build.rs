//! The cache, the journal and the search index that the last build left.

use std::path::PathBuf;

use super::journal::Journal;
use super::manifest::Manifest;
use super::store::{self, Cache};
use crate::config::Site;
use crate::diagnostics::{Diagnostic, Error};
use crate::model::{Dependencies, Fingerprint};
use crate::pipeline::options::BuildOptions;
use crate::search;

/// The data that the last build left in the cache folder.
pub(crate) struct PreviousBuild {
    pub(crate) cache_file: PathBuf,
    pub(crate) cache: Option<Cache>,
    /// The reason why the cache file can't be used, if there is one that can't.
    damage_reason: Option<String>,
    journal: Journal,
    /// The files that an interrupted build may have created.
    interrupted: Vec<String>,
}

impl PreviousBuild {
    /// Opens the cache and the journal of a site's output folder.
    ///
    /// # Errors
    /// [`Error::Io`] if there is a journal that can't be read.
    pub(crate) fn open(site: &Site) -> Result<Self, Error> {
        let cache_file = store::cache_file(&site.cache_dir, &site.root, &site.output_dir);
        let (journal, interrupted) = Journal::open(&cache_file)?;
        let (cache, damage_reason) = Cache::open(&cache_file);
        Ok(Self { cache_file, cache, damage_reason, journal, interrupted })
    }

    /// Returns the same without the cache, which turned out to be damaged.
    pub(crate) fn without_cache(self) -> Self {
        let damage_reason = Some("the build cache is damaged".to_owned());
        Self { cache: None, damage_reason, ..self }
    }

    /// Returns a warning if there is a cache file that can't be used.
    pub(crate) fn damage_diagnostic(&self) -> Option<Diagnostic> {
        let reason = self.damage_reason.as_ref()?;
        let message = format!("{reason}: everything is built again");
        Some(Diagnostic::warning("ledger-lost", ".dateline", message))
    }

    /// Reads the manifest and the inputs that were common to pages. With `--force`, the manifest
    /// matches no page.
    ///
    /// # Errors
    /// [`Error::Io`] if the cache file can't be read.
    pub(crate) fn load_manifest(
        &self,
        options: &BuildOptions,
    ) -> Result<(Manifest, Dependencies), Error> {
        let (mut manifest, common_inputs) =
            self.cache.as_ref().map(Cache::load_manifest).transpose()?.unwrap_or_default();
        if options.force {
            manifest.invalidate();
        }
        Ok((manifest, common_inputs))
    }

    /// Returns the options for the search index, of which each output folder has its own.
    pub(crate) fn search_index_options(&self, options: &BuildOptions) -> search::IndexOptions {
        let cache_dir = self.cache_file.with_extension("search");
        search::IndexOptions {
            cache_dir,
            dry_run: options.dry_run,
            verify: options.verify,
            force: options.force,
        }
    }

    /// Returns the hash of the names that the last redaction audit didn't find in any file.
    pub(crate) fn audited_names(&self) -> Fingerprint {
        self.cache.as_ref().map_or(Fingerprint::DIRTY, |cache| cache.audited_names)
    }

    /// Returns true if there was no earlier build.
    pub(crate) fn is_absent(&self) -> bool {
        self.cache.is_none() && self.interrupted.is_empty()
    }

    /// Returns the files that an interrupted build may have created.
    pub(crate) fn interrupted_files(&self) -> &[String] {
        &self.interrupted
    }

    /// Writes the files that this build may create into the journal.
    ///
    /// # Errors
    /// [`Error::Io`] if the journal can't be written.
    pub(crate) fn journal_new_files(
        &self,
        new_paths: impl Iterator<Item = String>,
    ) -> Result<(), Error> {
        self.journal.write(new_paths.chain(self.interrupted.iter().cloned()))
    }

    /// Removes the journal after the cache was saved.
    ///
    /// # Errors
    /// [`Error::Io`] if the journal can't be removed.
    pub(crate) fn close_journal(&self) -> Result<(), Error> {
        self.journal.remove()
    }
}

//! The files in the output folder that this build didn't plan: those of broken articles stay, the
//! others are removed.

use std::collections::HashSet;
use std::fs;

use super::cache::manifest::ManifestEntry;
use super::cache::store::Cache;
use super::output_changes::OutputChanges;
use super::stages::write::OutputDir;
use crate::diagnostics::Error;
use crate::model::{Fingerprint, OutputPath};

/// The files that an earlier build wrote and this one didn't plan.
#[derive(Default)]
pub(crate) struct UnplannedFiles {
    /// The last good pages of articles that have an error now.
    pub(crate) retained: Vec<(String, ManifestEntry)>,
    /// The files that are no longer part of the site.
    pub(crate) orphans: Vec<String>,
}

impl UnplannedFiles {
    /// Finds the files in the cache and in the journal of an interrupted build that aren't among
    /// the planned ones. Those of a broken article are retained.
    ///
    /// # Errors
    /// [`Error::Io`] if the cache file can't be read.
    pub(crate) fn find(
        cache: Option<&Cache>,
        journaled_paths: &[String],
        planned_paths: &HashSet<Fingerprint>,
        broken_articles: &HashSet<Fingerprint>,
    ) -> Result<Self, Error> {
        let mut unplanned = Self::default();
        if let Some(cache) = cache {
            cache.read_manifest(|path, entry| {
                if planned_paths.contains(&entry.path_hash) {
                    return;
                }
                if broken_articles.contains(&entry.article_hash) {
                    unplanned.retained.push((path.to_owned(), entry));
                } else {
                    unplanned.orphans.push(path.to_owned());
                }
            })?;
        }
        let retained_paths: HashSet<Fingerprint> =
            unplanned.retained.iter().map(|(_, entry)| entry.path_hash).collect();
        let is_wanted = |path: &&String| {
            let path_hash = Fingerprint::hash_bytes(path.as_bytes());
            planned_paths.contains(&path_hash) || retained_paths.contains(&path_hash)
        };
        unplanned.orphans.extend(journaled_paths.iter().filter(|path| !is_wanted(path)).cloned());
        unplanned.orphans.sort_unstable();
        unplanned.orphans.dedup();
        Ok(unplanned)
    }

    /// Returns the number of retained files.
    pub(crate) fn retained_count(&self) -> usize {
        self.retained.len()
    }

    /// Returns true if a file is retained.
    pub(crate) fn retains(&self, path: &OutputPath) -> bool {
        self.retained.iter().any(|(retained_path, _)| retained_path == path.as_str())
    }

    /// Returns the paths of the retained files.
    pub(crate) fn retained_paths(&self) -> impl Iterator<Item = &str> {
        self.retained.iter().map(|(path, _)| path.as_str())
    }

    /// Reports which files [`Self::remove_orphans`] would remove.
    pub(crate) fn preview_removals(&self, output_dir: &OutputDir<'_>, changes: &mut OutputChanges) {
        let exists = |path: &&String| {
            let metadata =
                output_dir.resolve_path(path).ok().and_then(|file| fs::symlink_metadata(file).ok());
            metadata.is_some_and(|metadata| !metadata.is_dir())
        };
        self.orphans.iter().filter(exists).for_each(|path| changes.add_removed(path));
    }

    /// Removes every file that is no longer part of the site, and the folders that this leaves
    /// empty.
    ///
    /// # Errors
    /// [`Error::Io`] if a file exists and can't be removed.
    pub(crate) fn remove_orphans(
        &self,
        output_dir: &OutputDir<'_>,
        changes: &mut OutputChanges,
    ) -> Result<(), Error> {
        for path in &self.orphans {
            // A journal that was damaged or tampered with can't name a file outside the output
            // folder.
            let Ok(file) = output_dir.resolve_path(path) else { continue };
            match fs::remove_file(&file) {
                Ok(()) => changes.add_removed(path),
                // The file no longer exists, or it is a folder now.
                Err(error)
                    if matches!(
                        error.kind(),
                        std::io::ErrorKind::NotFound
                            | std::io::ErrorKind::NotADirectory
                            | std::io::ErrorKind::IsADirectory
                    ) => {}
                Err(error) => return Err(Error::io("can't remove", &file)(error)),
            }
            let mut folder = file.parent();
            // Removing a folder that isn't empty fails, which ends the loop.
            while let Some(empty) = folder
                .filter(|folder| *folder != output_dir.path() && fs::remove_dir(folder).is_ok())
            {
                folder = empty.parent();
            }
        }
        Ok(())
    }
}

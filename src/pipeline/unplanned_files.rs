//! The files in the output folder that this build didn't plan: those of broken articles and of lost
//! URLs stay, the others are removed.

use std::collections::HashSet;
use std::fs;
use std::io::ErrorKind;

use super::cache::manifest::{ArticleFile, ManifestEntry, OutputArticle, SavedFile};
use super::cache::store::Cache;
use super::output_changes::OutputChanges;
use super::stages::write::OutputDir;
use super::unreadable_paths::UnreadablePaths;
use crate::diagnostics::Error;
use crate::model::{Fingerprint, OutputPath};

/// The articles that have an error or can't be read, whose last good pages stay.
#[derive(Clone, Copy)]
pub(crate) struct BrokenArticles<'a> {
    /// The hashes of the paths of files with an error.
    pub(crate) files: &'a HashSet<Fingerprint>,
    pub(crate) unreadable: &'a UnreadablePaths,
}

impl BrokenArticles<'_> {
    /// Returns true for the file of an article, given by its path below `content/`.
    pub(crate) fn contains(self, article_path: &str) -> bool {
        !article_path.is_empty()
            && (self.files.contains(&Fingerprint::hash_bytes(article_path.as_bytes()))
                || self.unreadable.contains(article_path))
    }
}

/// The files that an earlier build wrote and this one didn't plan.
#[derive(Default)]
pub(crate) struct UnplannedFiles {
    /// Files that stay: of articles that have an error now, and of lost URLs.
    pub(crate) retained: Vec<SavedFile>,
    /// The files that are no longer part of the site.
    pub(crate) orphans: Vec<SavedFile>,
    /// The hashes of the paths of the articles whose pages the last build wrote.
    pub(crate) published_articles: HashSet<Fingerprint>,
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
        broken_articles: BrokenArticles<'_>,
    ) -> Result<Self, Error> {
        let mut unplanned = Self::default();
        if let Some(cache) = cache {
            cache.read_manifest(|path, article, entry| {
                if article.role == ArticleFile::Page {
                    unplanned.published_articles.insert(entry.article_hash);
                }
                if planned_paths.contains(&entry.path_hash) {
                    return;
                }
                let file = SavedFile { path: path.to_owned(), article: article.to_owned(), entry };
                if broken_articles.contains(article.path) {
                    unplanned.retained.push(file);
                } else {
                    unplanned.orphans.push(file);
                }
            })?;
        }
        let known_paths: HashSet<Fingerprint> = unplanned
            .retained
            .iter()
            .chain(&unplanned.orphans)
            .map(|file| file.entry.path_hash)
            .collect();
        let journaled_files = journaled_paths.iter().map(|path| {
            let path_hash = Fingerprint::hash_bytes(path.as_bytes());
            let entry = ManifestEntry { path_hash, ..ManifestEntry::default() };
            SavedFile { path: path.clone(), article: OutputArticle::default(), entry }
        });
        unplanned.orphans.extend(journaled_files.filter(|file| {
            let path_hash = &file.entry.path_hash;
            !planned_paths.contains(path_hash) && !known_paths.contains(path_hash)
        }));
        unplanned.orphans.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        unplanned.orphans.dedup_by(|a, b| a.path == b.path);
        Ok(unplanned)
    }

    /// Returns the number of retained files.
    pub(crate) fn retained_count(&self) -> usize {
        self.retained.len()
    }

    /// Returns true if a file is retained.
    pub(crate) fn retains(&self, path: &OutputPath) -> bool {
        self.retained.iter().any(|file| file.path == path.as_str())
    }

    /// Returns the paths of the retained files.
    pub(crate) fn retained_paths(&self) -> impl Iterator<Item = &str> {
        self.retained.iter().map(|file| file.path.as_str())
    }

    /// Retains the orphans that fit a condition.
    pub(crate) fn retain_orphans(&mut self, is_retained: impl Fn(&SavedFile) -> bool) {
        self.retained.extend(self.orphans.extract_if(.., |file| is_retained(file)));
    }

    /// Removes the retained files that fit a condition after all.
    pub(crate) fn release_retained(&mut self, is_released: impl Fn(&SavedFile) -> bool) {
        self.orphans.extend(self.retained.extract_if(.., |file| is_released(file)));
        self.orphans.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    }

    /// Reports which files [`Self::remove_orphans`] would remove.
    pub(crate) fn preview_removals(&self, output_dir: &OutputDir<'_>, changes: &mut OutputChanges) {
        let exists = |file: &&SavedFile| {
            let metadata = output_dir
                .resolve_path(&file.path)
                .ok()
                .and_then(|file| fs::symlink_metadata(file).ok());
            metadata.is_some_and(|metadata| !metadata.is_dir())
        };
        self.orphans.iter().filter(exists).for_each(|file| changes.add_removed(&file.path));
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
        for SavedFile { path, .. } in &self.orphans {
            // A journal that was damaged or tampered with can't name a file outside the output
            // folder, or below a link.
            let Ok(file) = output_dir.resolve_path(path) else { continue };
            match fs::remove_file(&file) {
                Ok(()) => changes.add_removed(path),
                Err(error) if is_absent(&error) => {}
                Err(error) if fs::symlink_metadata(&file).is_ok_and(|it| it.is_dir()) => {
                    drop(error);
                }
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

/// Returns true if an error of removing a file means that there is none: it doesn't exist, it can't
/// exist (a name too long, a NUL), or it is a folder now.
fn is_absent(error: &std::io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::NotFound
            | ErrorKind::NotADirectory
            | ErrorKind::IsADirectory
            | ErrorKind::InvalidFilename
            | ErrorKind::InvalidInput
    )
}

//! Record: what was written is saved, what is no longer wanted is removed. Last of all, by one
//! rename.

use std::collections::HashSet;
use std::fs;

use rayon::prelude::*;

use super::plan::{Batch, PlannedOutput};
use super::write::OutputDir;
use crate::diagnostics::Error;
use crate::model::{Fingerprint, OutputPath};
use crate::pages::SiteView;
use crate::pipeline::OutputChanges;
use crate::pipeline::cache::manifest::ManifestEntry;
use crate::pipeline::cache::store::{Cache, CacheWriter};

/// What the old state knows of files that this build didn't plan.
#[derive(Default)]
pub(crate) struct UnplannedFiles {
    /// Last good pages of what couldn't be built now.
    retained: Vec<(String, ManifestEntry)>,
    /// Files that are no longer wanted.
    orphans: Vec<String>,
}

impl UnplannedFiles {
    /// Sorts out the files that were written before: `planned` are those of this build, `broken`
    /// the articles that can't be read.
    pub(crate) fn find(
        cache: Option<&Cache>,
        journaled_paths: &[String],
        planned_paths: &HashSet<Fingerprint>,
        broken_articles: &HashSet<Fingerprint>,
    ) -> Result<Self, Error> {
        let mut unplanned = Self::default();
        if let Some(cache) = cache {
            cache.read_manifest(|path, entry| match () {
                () if planned_paths.contains(&entry.path_hash) => {}
                () if broken_articles.contains(&entry.article_hash) => {
                    unplanned.retained.push((path.to_owned(), entry))
                }
                () => unplanned.orphans.push(path.to_owned()),
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

    /// How many files stay that this build didn't plan.
    pub(crate) fn retained_count(&self) -> usize {
        self.retained.len()
    }

    /// Whether a file stays that this build didn't plan.
    pub(crate) fn retains(&self, path: &OutputPath) -> bool {
        self.retained.iter().any(|(retained_path, _)| retained_path == path.as_str())
    }

    /// The paths of the files that stay.
    pub(crate) fn retained_paths(&self) -> impl Iterator<Item = &str> {
        self.retained.iter().map(|(path, _)| path.as_str())
    }

    /// Tells what would be removed.
    pub(crate) fn preview_removals(&self, output_dir: &OutputDir<'_>, changes: &mut OutputChanges) {
        let exists = |path: &&String| {
            let metadata =
                output_dir.resolve_path(path).ok().and_then(|file| fs::symlink_metadata(file).ok());
            metadata.is_some_and(|metadata| !metadata.is_dir())
        };
        self.orphans.iter().filter(exists).for_each(|path| changes.add_removed(path));
    }

    /// Removes every file that is no longer wanted, and the folders that this leaves empty.
    pub(crate) fn remove_orphans(
        &self,
        output_dir: &OutputDir<'_>,
        changes: &mut OutputChanges,
    ) -> Result<(), Error> {
        for path in &self.orphans {
            // A journal that was tampered with or damaged can't name what isn't in the output
            // folder.
            let Ok(file) = output_dir.resolve_path(path) else { continue };
            match fs::remove_file(&file) {
                Ok(()) => changes.add_removed(path),
                // There is no file any more, or it is a folder now.
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
            // A folder that isn't empty refuses, which is where to stop.
            while let Some(empty) = folder
                .filter(|folder| *folder != output_dir.path() && fs::remove_dir(folder).is_ok())
            {
                folder = empty.parent();
            }
        }
        Ok(())
    }
}

/// The new ledger on its way into the state. A first build's is written as it comes, so that it
/// takes no memory; later ones wait for what has changed.
pub(crate) struct ManifestWriter<'a> {
    cache_writer: CacheWriter<'a>,
    is_streaming: bool,
    pending: Vec<Vec<ManifestEntry>>,
}

impl<'a> ManifestWriter<'a> {
    /// A book that is written at once if this is a `first` build.
    pub(crate) fn new(
        mut cache_writer: CacheWriter<'a>,
        view: &SiteView<'_>,
        is_first_build: bool,
    ) -> Result<Self, Error> {
        if is_first_build {
            cache_writer.end_records(&view.common_dependencies())?;
        }
        Ok(Self { cache_writer, is_streaming: is_first_build, pending: Vec::new() })
    }

    /// Takes the entries of a batch, one for each of its outputs.
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

    /// The entries that wait.
    pub(crate) fn pending_entries(&self) -> impl Iterator<Item = &ManifestEntry> {
        self.pending.iter().flatten()
    }

    /// Saves the state, if it says anything new. `proven` says which names no output holds.
    pub(crate) fn commit(
        mut self,
        view: &SiteView<'_>,
        batches: &[Batch],
        unplanned_files: &UnplannedFiles,
        is_unchanged: bool,
        previous_common_inputs: &[(String, String)],
        audited_names: Fingerprint,
    ) -> Result<(), Error> {
        if !self.is_streaming {
            let common_inputs = view.common_dependencies();
            if is_unchanged
                && unplanned_files.orphans.is_empty()
                && self.cache_writer.is_unchanged()
                && common_inputs == previous_common_inputs
            {
                return Ok(());
            }
            self.cache_writer.end_records(&common_inputs)?;
        }
        for ((_, outputs), entries) in batches.iter().zip(&self.pending) {
            write_entries(&mut self.cache_writer, view, outputs, entries)?;
        }
        for (path, entry) in &unplanned_files.retained {
            let mut encoded = Vec::new();
            entry.encode(path, &mut encoded);
            self.cache_writer.write_entries(&encoded)?;
        }
        self.cache_writer.finish(audited_names)
    }
}

/// How many entries are put into words at a time, and on one core.
const CHUNK_SIZE: usize = 1 << 15;
const CHUNK_SIZE_PER_CORE: usize = 1 << 10;

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
            entry.encode(output.path(view).as_str(), &mut encoded);
        }
        encoded
    };
    for (outputs, entries) in outputs.chunks(CHUNK_SIZE).zip(entries.chunks(CHUNK_SIZE)) {
        let pieces =
            outputs.par_chunks(CHUNK_SIZE_PER_CORE).zip(entries.par_chunks(CHUNK_SIZE_PER_CORE));
        let pieces: Vec<Vec<u8>> = pieces.map(encode).collect();
        pieces.iter().try_for_each(|piece| cache_writer.write_entries(piece))?;
    }
    Ok(())
}

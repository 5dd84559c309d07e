//! An index of all planned files by path, which also knows whether each has a path of its own on
//! any file system. It is updated batch by batch.

use rayon::prelude::*;

use super::output_paths::{CollisionKeys, DotlessFiles, are_distinct};
use super::planned_output::{Batch, PlannedOutput, find_dotless_files};
use crate::model::Fingerprint;
use crate::pages::SiteView;

/// A planned file: its batch in the plan, and its index in the batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutputId {
    pub(crate) batch: u32,
    pub(crate) index: u32,
}

impl OutputId {
    /// Returns its batch in the plan.
    pub(crate) fn batch(self) -> u32 {
        self.batch
    }

    /// Returns its index in the batch.
    pub(crate) fn index(self) -> u32 {
        self.index
    }
}

/// Every planned file by the hash of its path, sorted.
#[derive(Debug, Default)]
pub(crate) struct OutputIds {
    by_path: Vec<(Fingerprint, OutputId)>,
    /// The hashes of the files' normalized paths, sorted, each with its batch.
    collision_keys: Vec<(Fingerprint, u32)>,
    /// The hashes of folders whose name could be that of a file, each with its batch.
    folders: Vec<(Fingerprint, u32)>,
    /// The batches of files one of whose folders is a file.
    blocked_batches: Vec<u32>,
}

/// The hash of a path, the file with that path, and its collision keys.
type OutputEntry = (Fingerprint, OutputId, Option<CollisionKeys>);

impl OutputIds {
    /// Indexes all files.
    pub(crate) fn from_batches(batches: &[Batch], view: &SiteView<'_>) -> Self {
        Self::default().update(batches, view, &vec![None; batches.len()])
    }

    /// Indexes the files of a plan. `previous_batches` has an element for each batch: the index
    /// that the batch had in the previous plan, if it hasn't changed since.
    pub(crate) fn update(
        self,
        batches: &[Batch],
        view: &SiteView<'_>,
        previous_batches: &[Option<u32>],
    ) -> Self {
        let dotless = find_dotless_files(batches, view);
        let new_entries: Vec<OutputEntry> = batches
            .par_iter()
            .enumerate()
            .filter(|(batch, _)| previous_batches[*batch].is_none())
            .flat_map_iter(|(batch, outputs)| {
                batch_entries(batch as u32, &outputs.1, view, &dotless)
            })
            .collect();
        let old_batch_count =
            previous_batches.iter().flatten().max().map_or(0, |last| *last as usize + 1);
        let mut current_batches: Vec<Option<u32>> = vec![None; old_batch_count];
        for (batch, old) in previous_batches.iter().enumerate() {
            old.iter().for_each(|&old| current_batches[old as usize] = Some(batch as u32));
        }
        let current_batch = |old: u32| current_batches.get(old as usize).copied().flatten();
        let retained_paths = self.by_path.into_iter();
        let retained_paths = retained_paths.filter_map(|(path, old_id)| {
            Some((path, OutputId { batch: current_batch(old_id.batch)?, ..old_id }))
        });
        let new_paths =
            new_entries.iter().map(|(path, output_id, _)| (*path, *output_id)).collect();
        let retained_keys = self
            .collision_keys
            .into_iter()
            .filter_map(|(key, old)| Some((key, current_batch(old)?)));
        let key_of =
            |(_, output_id, keys): &OutputEntry| Some((keys.as_ref()?.path, output_id.batch));
        let new_keys = new_entries.iter().filter_map(key_of).collect();
        let retained_folders = self
            .folders
            .into_iter()
            .filter_map(|(folder, old)| Some((folder, current_batch(old)?)));
        let folders_of = |(_, output_id, keys): &OutputEntry| {
            let batch = output_id.batch;
            let folders: &[Fingerprint] = keys.as_ref().map_or(&[], |keys| &keys.folders);
            folders.iter().map(move |folder| (*folder, batch)).collect::<Vec<_>>()
        };
        let retained_blocked = self.blocked_batches.into_iter().filter_map(current_batch);
        let new_blocked = new_entries
            .iter()
            .filter(|(.., keys)| keys.is_none())
            .map(|(_, output_id, _)| output_id.batch);
        Self {
            by_path: merge_sorted(retained_paths, new_paths, |(path, _)| path),
            collision_keys: merge_sorted(retained_keys, new_keys, |(key, _)| key),
            folders: retained_folders.chain(new_entries.iter().flat_map(folders_of)).collect(),
            blocked_batches: retained_blocked.chain(new_blocked).collect(),
        }
    }

    /// Returns true if every file has a path of its own: no folder is a file, and no two paths are
    /// the same.
    pub(crate) fn is_collision_free(&self) -> bool {
        let folders = self.folders.iter().map(|(folder, _)| *folder);
        self.blocked_batches.is_empty()
            && are_distinct(&self.collision_keys, |(key, _)| *key, folders)
    }

    /// Finds the file with a path.
    pub(crate) fn find(&self, path: &str) -> Option<OutputId> {
        let key = Fingerprint::hash_bytes(path.as_bytes());
        let index = self.by_path.binary_search_by_key(&key, |(path, _)| *path).ok()?;
        Some(self.by_path[index].1)
    }

    /// Returns the number of files.
    pub(crate) fn len(&self) -> usize {
        self.by_path.len()
    }
}

fn batch_entries(
    batch: u32,
    outputs: &[PlannedOutput],
    view: &SiteView<'_>,
    dotless: &DotlessFiles,
) -> Vec<OutputEntry> {
    let entry_of = |(index, output): (usize, &PlannedOutput)| {
        let path = output.path(view);
        (
            path.manifest_key(),
            OutputId { batch, index: index as u32 },
            dotless.collision_keys(path.as_str()),
        )
    };
    outputs.par_iter().enumerate().with_min_len(256).map(entry_of).collect()
}

/// Merges retained items, which are in order, with new ones.
fn merge_sorted<T>(
    retained: impl Iterator<Item = T>,
    mut new: Vec<T>,
    key: impl Fn(&T) -> &Fingerprint + Sync,
) -> Vec<T>
where
    T: Copy + Send,
{
    new.par_sort_unstable_by(|a, b| key(a).cmp(key(b)));
    let mut all = Vec::with_capacity(retained.size_hint().1.unwrap_or_default() + new.len());
    let mut new = new.into_iter().peekable();
    for item in retained {
        while let Some(smaller) = new.next_if(|new| key(new) < key(&item)) {
            all.push(smaller);
        }
        all.push(item);
    }
    all.extend(new);
    all
}

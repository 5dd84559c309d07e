//! Places: where every planned file goes; and whether each has a place of its own, on any file system.

use rayon::prelude::*;

use super::claims::{Claim, Dotless, are_apart};
use super::plan::{Batch, Output, dotless};
use crate::model::Fingerprint;
use crate::pages::View;

/// A planned file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Planned {
    pub(super) batch: u32,
    pub(super) at: u32,
}

impl Planned {
    /// Its batch in the plan.
    pub fn batch(self) -> u32 {
        self.batch
    }

    /// Its place in the batch.
    pub fn at(self) -> u32 {
        self.at
    }
}

/// Every planned file by the hash of its path, sorted.
#[derive(Debug, Default)]
pub(super) struct Places {
    by_path: Vec<(Fingerprint, Planned)>,
    /// What the files' paths claim, sorted, each with its batch.
    claims: Vec<(Fingerprint, u32)>,
    /// The folders that they claim.
    folders: Vec<(Fingerprint, u32)>,
    /// The batches of files that another one is in the way of.
    blocked: Vec<u32>,
}

/// The hash of a path, the file there, and what it claims.
type Place = (Fingerprint, Planned, Option<Claim>);

impl Places {
    /// The places of all files.
    pub(super) fn of(batches: &[Batch], view: &View<'_>) -> Self {
        Self::default().amend(batches, view, &vec![None; batches.len()])
    }

    /// The places of a plan of which only some batches are others: of each batch it is given which one it was before.
    pub(super) fn amend(self, batches: &[Batch], view: &View<'_>, before: &[Option<u32>]) -> Self {
        let dotless = dotless(batches, view);
        let new: Vec<Place> = batches
            .par_iter()
            .enumerate()
            .filter(|(batch, _)| before[*batch].is_none())
            .flat_map_iter(|(batch, outputs)| places_of(batch as u32, &outputs.1, view, &dotless))
            .collect();
        let last = before.iter().flatten().max().map_or(0, |last| *last as usize + 1);
        let mut now: Vec<Option<u32>> = vec![None; last];
        for (batch, old) in before.iter().enumerate() {
            old.iter().for_each(|&old| now[old as usize] = Some(batch as u32));
        }
        let now = |old: u32| now.get(old as usize).copied().flatten();
        let kept = self.by_path.into_iter();
        let kept = kept.filter_map(|(path, was)| Some((path, Planned { batch: now(was.batch)?, ..was })));
        let new_paths = new.iter().map(|(path, planned, _)| (*path, *planned)).collect();
        let claims = self.claims.into_iter().filter_map(|(claim, old)| Some((claim, now(old)?)));
        let claim = |(_, planned, claim): &Place| Some((claim.as_ref()?.path, planned.batch));
        let new_claims = new.iter().filter_map(claim).collect();
        let folders = self.folders.into_iter().filter_map(|(folder, old)| Some((folder, now(old)?)));
        let folders_of = |(_, planned, claim): &Place| {
            let batch = planned.batch;
            let folders: &[Fingerprint] = claim.as_ref().map_or(&[], |claim| &claim.folders);
            folders.iter().map(move |folder| (*folder, batch)).collect::<Vec<_>>()
        };
        let blocked = self.blocked.into_iter().filter_map(now);
        let new_blocked =
            new.iter().filter(|(.., claim)| claim.is_none()).map(|(_, planned, _)| planned.batch);
        Self {
            by_path: merged(kept, new_paths, |(path, _)| path),
            claims: merged(claims, new_claims, |(claim, _)| claim),
            folders: folders.chain(new.iter().flat_map(folders_of)).collect(),
            blocked: blocked.chain(new_blocked).collect(),
        }
    }

    /// Whether every file has a place of its own: no folder is a file, and no two paths are one.
    pub(super) fn all_apart(&self) -> bool {
        let folders = self.folders.iter().map(|(folder, _)| *folder);
        self.blocked.is_empty() && are_apart(&self.claims, |(claim, _)| *claim, folders)
    }

    /// The file at a path.
    pub(super) fn find(&self, path: &str) -> Option<Planned> {
        let key = Fingerprint::of(path.as_bytes());
        let at = self.by_path.binary_search_by_key(&key, |(path, _)| *path).ok()?;
        Some(self.by_path[at].1)
    }

    /// How many files there are.
    pub(super) fn len(&self) -> usize {
        self.by_path.len()
    }
}

fn places_of(batch: u32, outputs: &[Output], view: &View<'_>, dotless: &Dotless) -> Vec<Place> {
    let place = |(at, output): (usize, &Output)| {
        let path = output.path(view);
        (path.key(), Planned { batch, at: at as u32 }, dotless.claim(path.as_str()))
    };
    outputs.par_iter().enumerate().with_min_len(256).map(place).collect()
}

/// What is kept, in order, and what is new, in one order.
fn merged<T>(
    kept: impl Iterator<Item = T>,
    mut new: Vec<T>,
    key: impl Fn(&T) -> &Fingerprint + Sync,
) -> Vec<T>
where
    T: Copy + Send,
{
    new.par_sort_unstable_by(|one, other| key(one).cmp(key(other)));
    let mut all = Vec::with_capacity(kept.size_hint().1.unwrap_or_default() + new.len());
    let mut new = new.into_iter().peekable();
    for one in kept {
        while let Some(before) = new.next_if(|new| key(new) < key(&one)) {
            all.push(before);
        }
        all.push(one);
    }
    all.extend(new);
    all
}

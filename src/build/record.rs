//! Record: what was written is saved, what is no longer wanted is removed. Last of all, by one rename.

use std::collections::HashSet;
use std::fs;

use rayon::prelude::*;

use super::Changes;
use super::plan::{Batch, Output};
use super::write::Sink;
use crate::diagnostic::Error;
use crate::ledger::Entry;
use crate::model::{Fingerprint, OutputPath};
use crate::pages::View;
use crate::state::{State, Writer};

/// What the old state knows of files that this build didn't plan.
#[derive(Default)]
pub(super) struct Leftovers {
    /// Last good pages of what couldn't be built now.
    kept: Vec<(String, Entry)>,
    /// Files that are no longer wanted.
    orphans: Vec<String>,
}

impl Leftovers {
    /// Sorts out the files that were written before: `planned` are those of this build, `broken` the articles that can't be read.
    pub(super) fn find(
        old: Option<&State>,
        journal: &[String],
        planned: &HashSet<Fingerprint>,
        broken: &HashSet<Fingerprint>,
    ) -> Result<Self, Error> {
        let mut found = Self::default();
        if let Some(old) = old {
            old.ledger(|path, entry| match () {
                () if planned.contains(&entry.path) => {}
                () if broken.contains(&entry.article) => found.kept.push((path.to_owned(), entry)),
                () => found.orphans.push(path.to_owned()),
            })?;
        }
        let kept: HashSet<Fingerprint> = found.kept.iter().map(|(_, entry)| entry.path).collect();
        let wanted = |path: &&String| {
            let path = Fingerprint::of(path.as_bytes());
            planned.contains(&path) || kept.contains(&path)
        };
        found.orphans.extend(journal.iter().filter(|path| !wanted(path)).cloned());
        found.orphans.sort_unstable();
        found.orphans.dedup();
        Ok(found)
    }

    /// How many files stay that this build didn't plan.
    pub(super) fn kept(&self) -> usize {
        self.kept.len()
    }

    /// Whether a file stays that this build didn't plan.
    pub(super) fn keeps(&self, path: &OutputPath) -> bool {
        self.kept.iter().any(|(kept, _)| kept == path.as_str())
    }

    /// The paths of the files that stay.
    pub(super) fn kept_paths(&self) -> impl Iterator<Item = &str> {
        self.kept.iter().map(|(path, _)| path.as_str())
    }

    /// Tells what would be removed.
    pub(super) fn forecast(&self, sink: &Sink<'_>, changes: &mut Changes) {
        let there = |path: &&String| {
            let found = sink.place(path).ok().and_then(|place| fs::symlink_metadata(place).ok());
            found.is_some_and(|found| !found.is_dir())
        };
        self.orphans.iter().filter(there).for_each(|path| changes.removed(path));
    }

    /// Removes every file that is no longer wanted, and the folders that this leaves empty.
    pub(super) fn remove(&self, sink: &Sink<'_>, changes: &mut Changes) -> Result<(), Error> {
        for path in &self.orphans {
            // A journal that was tampered with or damaged can't name what isn't in the output folder.
            let Ok(file) = sink.place(path) else { continue };
            match fs::remove_file(&file) {
                Ok(()) => changes.removed(path),
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
            while let Some(empty) =
                folder.filter(|folder| *folder != sink.folder() && fs::remove_dir(folder).is_ok())
            {
                folder = empty.parent();
            }
        }
        Ok(())
    }
}

/// The new ledger on its way into the state. A first build's is written as it comes, so that it takes no memory; later ones wait for what has changed.
pub(super) struct Book<'a> {
    writer: Writer<'a>,
    at_once: bool,
    waiting: Vec<Vec<Entry>>,
}

impl<'a> Book<'a> {
    /// A book that is written at once if this is a `first` build.
    pub(super) fn open(mut writer: Writer<'a>, view: &View<'_>, first: bool) -> Result<Self, Error> {
        if first {
            writer.end_records(&view.common())?;
        }
        Ok(Self { writer, at_once: first, waiting: Vec::new() })
    }

    /// Takes the entries of a batch, one for each of its outputs.
    pub(super) fn batch(
        &mut self,
        view: &View<'_>,
        outputs: &[Output],
        entries: Vec<Entry>,
    ) -> Result<(), Error> {
        if self.at_once {
            return put(&mut self.writer, view, outputs, &entries);
        }
        self.waiting.push(entries);
        Ok(())
    }

    /// The entries that wait.
    pub(super) fn waiting(&self) -> impl Iterator<Item = &Entry> {
        self.waiting.iter().flatten()
    }

    /// Saves the state, if it says anything new. `proven` says which names no output holds.
    pub(super) fn close(
        mut self,
        view: &View<'_>,
        batches: &[Batch],
        leftovers: &Leftovers,
        same: bool,
        common: &[(String, String)],
        proven: Fingerprint,
    ) -> Result<(), Error> {
        if !self.at_once {
            let now = view.common();
            if same && leftovers.orphans.is_empty() && self.writer.unchanged() && now == common {
                return Ok(());
            }
            self.writer.end_records(&now)?;
        }
        for ((_, outputs), entries) in batches.iter().zip(&self.waiting) {
            put(&mut self.writer, view, outputs, entries)?;
        }
        for (path, entry) in &leftovers.kept {
            let mut words = Vec::new();
            entry.encode(path, &mut words);
            self.writer.entries(&words)?;
        }
        self.writer.finish(proven)
    }
}

/// How many entries are put into words at a time, and on one core.
const RUN: usize = 1 << 15;
const PIECE: usize = 1 << 10;

fn put(writer: &mut Writer<'_>, view: &View<'_>, outputs: &[Output], entries: &[Entry]) -> Result<(), Error> {
    let there = |(_, entry): &(&Output, &Entry)| entry.bytes != Fingerprint::UNSETTLED;
    let words = |(outputs, entries): (&[Output], &[Entry])| {
        let mut words = Vec::with_capacity(outputs.len() * 96);
        for (output, entry) in outputs.iter().zip(entries).filter(there) {
            entry.encode(output.path(view).as_str(), &mut words);
        }
        words
    };
    for (outputs, entries) in outputs.chunks(RUN).zip(entries.chunks(RUN)) {
        let pieces = outputs.par_chunks(PIECE).zip(entries.par_chunks(PIECE));
        let pieces: Vec<Vec<u8>> = pieces.map(words).collect();
        pieces.iter().try_for_each(|piece| writer.entries(piece))?;
    }
    Ok(())
}

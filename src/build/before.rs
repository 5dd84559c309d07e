//! Before: what earlier builds left, and what a build begins with.

use std::collections::HashSet;
use std::path::PathBuf;

use super::Options;
use super::explain::Explainer;
use super::journal::Journal;
use super::plan::Batch;
use super::record::{Book, Leftovers};
use crate::diagnostic::{Diagnostic, Error};
use crate::ledger::Ledger;
use crate::model::{Fingerprint, Told};
use crate::pages::View;
use crate::search;
use crate::site::Site;
use crate::state::{self, State};

/// What earlier builds left in the state folder.
pub(super) struct Left {
    pub(super) file: PathBuf,
    pub(super) state: Option<State>,
    /// Why there is no state although there is a file.
    damaged: Option<String>,
    journal: Journal,
    /// Files that a killed build may have created.
    interrupted: Vec<String>,
}

impl Left {
    /// Finds what there is.
    pub(super) fn open(site: &Site) -> Result<Self, Error> {
        let file = state::file(&site.state, &site.root, &site.output);
        let (journal, interrupted) = Journal::open(&file)?;
        let (state, damaged) = State::open(&file);
        Ok(Self { file, state, damaged, journal, interrupted })
    }

    /// Says that what was left is of no use.
    pub(super) fn notice(&self) -> Option<Diagnostic> {
        let why = self.damaged.as_ref()?;
        let message = format!("{why}: everything is built anew");
        Some(Diagnostic::warning("ledger-lost", ".dateline", message))
    }

    /// The ledger, and the inputs that were common to pages.
    pub(super) fn ledger(&self, force: bool) -> Result<(Ledger, Told), Error> {
        let (mut ledger, common) =
            self.state.as_ref().map(State::load_ledger).transpose()?.unwrap_or_default();
        if force {
            ledger.unsettle();
        }
        Ok((ledger, common))
    }

    /// What becomes of the search index of before; each output folder has its own.
    pub(super) fn keeping(&self, options: &Options) -> search::Keeping {
        let folder = self.file.with_extension("search");
        search::Keeping { folder, dry: options.dry_run, verify: options.verify, force: options.force }
    }

    /// Which names the outputs were found not to hold.
    pub(super) fn proven(&self) -> Fingerprint {
        self.state.as_ref().map_or(Fingerprint::UNSETTLED, |state| state.proven)
    }

    /// Whether there is no trace of an earlier build.
    pub(super) fn is_nothing(&self) -> bool {
        self.state.is_none() && self.interrupted.is_empty()
    }

    /// Notes the files that this build may create, until it ends.
    pub(super) fn list(&self, new: impl Iterator<Item = String>) -> Result<(), Error> {
        self.journal.list(new.chain(self.interrupted.iter().cloned()))
    }

    /// The build has ended, and its state is saved.
    pub(super) fn close(&self) -> Result<(), Error> {
        self.journal.close()
    }
}

/// What a build begins with.
pub(super) struct Before<'a> {
    pub(super) left: &'a Left,
    pub(super) ledger: Ledger,
    /// Inputs that were common to pages.
    pub(super) common: Told,
}

impl<'a> Before<'a> {
    pub(super) fn of(left: &'a Left, (ledger, common): (Ledger, Told)) -> Self {
        Self { left, ledger, common }
    }

    pub(super) fn explainer<'b>(&'b self, view: &'b View<'b>, batches: &'b [Batch]) -> Explainer<'b> {
        let state = self.left.state.as_ref();
        Explainer { view, batches, state, ledger: &self.ledger, common: &self.common }
    }

    /// What was written before and isn't planned now: nothing, where the `same` files are planned.
    pub(super) fn leftovers(
        &self,
        book: &Book<'_>,
        same: bool,
        broken: &HashSet<Fingerprint>,
    ) -> Result<Leftovers, Error> {
        if self.left.is_nothing() || same && self.left.interrupted.is_empty() {
            return Ok(Leftovers::default());
        }
        let planned = book.waiting().map(|entry| entry.path).collect();
        Leftovers::find(self.left.state.as_ref(), &self.left.interrupted, &planned, broken)
    }
}

//! Permalinks: which registered addresses lead on, and which are lost. It can be told only once all files are planned.

use std::collections::{BTreeSet, HashSet};

use super::plan::{Batch, Output};
use super::record::Leftovers;
use crate::catalog::Catalog;
use crate::diagnostic::{Diagnostic, Error};
use crate::model::slug::collision_key;
use crate::model::{Fingerprint, Names, OutputPath, Permalink};
use crate::pages::{View, is_redirect};
use crate::register::{self, Former, Lost, Register};
use crate::site::{REGISTER_FILE, Site};

/// How many lost addresses are told one by one.
const TOLD: usize = 100;

/// What the register says, while a build is planned.
#[derive(Default)]
pub(super) struct Permalinks {
    register: Register,
    /// Names that are taken out of stories: an address that holds one answers no more, and that is meant.
    names: Names,
    /// Addresses where pages are that are neither stories nor terms: nothing leads on from there.
    taken: HashSet<String>,
}

impl Permalinks {
    /// The register of a site from whose stories some names are taken out.
    pub(super) fn without(names: &BTreeSet<String>) -> Self {
        Self { names: Names::of(names.iter().map(String::as_str)), ..Self::default() }
    }

    /// Looks up the register once more for a catalog.
    pub(super) fn resolve(
        &mut self,
        site: &Site,
        catalog: &Catalog,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Result<Vec<Former>, Error> {
        self.register = register::resolve(site, catalog, diagnostics)?;
        let names = &self.names;
        self.register
            .former
            .retain(|former| !self.taken.contains(&former.from) && !names.found(&former.from));
        self.register.lost.retain(|lost| !names.found(&lost.address));
        Ok(self.register.former.clone())
    }

    /// Takes out what a planned page answers for. Tells whether something would have led on from there, so that all is to be planned again.
    pub(super) fn settle(&mut self, view: &View<'_>, batches: &[Batch]) -> bool {
        if self.register.former.is_empty() && self.register.lost.is_empty() {
            return false;
        }
        let outputs = batches.iter().flat_map(|(_, outputs)| outputs);
        let pages = outputs.filter(|output| !matches!(output, Output::Page(page) if is_redirect(page)));
        let pages: HashSet<Fingerprint> = pages.map(|output| key(output.path(view).as_str())).collect();
        self.register.lost.retain(|lost| !pages.contains(&place(&lost.address)));
        let former = self.register.former.iter().map(|former| &former.from);
        let hidden: Vec<String> = former.filter(|from| pages.contains(&place(from))).cloned().collect();
        self.taken.extend(hidden.iter().cloned());
        !hidden.is_empty()
    }

    /// What is registered and answers to nothing: no page, also none that was kept, and no article that can't be read now.
    pub(super) fn lost(
        &mut self,
        catalog: &Catalog,
        broken: &HashSet<Fingerprint>,
        leftovers: &Leftovers,
    ) -> Vec<Diagnostic> {
        let is_broken = |file: &String| {
            let files = [".md", ".markdown", "/index.md", "/index.markdown"];
            files.iter().any(|end| broken.contains(&Fingerprint::of(format!("{file}{end}").as_bytes())))
        };
        self.register.lost.retain(|lost| {
            !lost.files.iter().any(is_broken)
                && !path(&lost.address).is_some_and(|path| leftovers.keeps(&path))
        });
        let of_file = |lost: &Lost| lost.likely.map(|row| catalog.story(row).path().into_owned());
        let lost = &self.register.lost;
        let mut told: Vec<Diagnostic> =
            lost.iter().take(TOLD).map(|lost| lost.diagnostic(of_file(lost).as_deref())).collect();
        if lost.len() > TOLD {
            let message =
                format!("{} more addresses were published, and lead nowhere now", lost.len() - TOLD);
            let help =
                "mend the first ones; where many are lost at once, a folder or a setting is likely the cause";
            told.push(Diagnostic::error("lost-permalink", REGISTER_FILE, message).help(help));
        }
        told
    }

    /// What the register says.
    pub(super) fn into_register(self) -> Register {
        self.register
    }
}

fn key(path: &str) -> Fingerprint {
    Fingerprint::of(collision_key(path).as_bytes())
}

fn path(address: &str) -> Option<OutputPath> {
    Permalink::new(address).ok().map(|address| OutputPath::of(&address))
}

/// What tells the place of an address from others on any file system.
fn place(address: &str) -> Fingerprint {
    path(address).map_or(Fingerprint::UNSETTLED, |path| key(path.as_str()))
}

//! History: what readers saw of a story before, from the site's own repository of git.
//!
//! One walk over the commits (`walk`) gives the versions of each file; those that were published and that readers can tell apart are a story's
//! history. Only their ids and dates are held: a page of them reads the texts again.

mod diff;
mod git;
mod shown;
mod walk;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use crate::catalog::record::Flags;
use crate::catalog::{Catalog, RowId, Story};
use crate::diagnostic::{Diagnostic, Place};
use crate::model::{Fingerprint, Fingerprinter, Moment};
use crate::site::{CONFIG_FILE, Site};

use git::Blobs;
use shown::Shown;
use walk::Seen;

pub use diff::{Change, Line, Passage};

/// The versions of every file that has several, from one walk over the commits.
#[derive(Debug, Default)]
pub struct Past {
    files: BTreeMap<Box<str>, Vec<Seen>>,
    /// What is wrong with the repository.
    pub diagnostics: Vec<Diagnostic>,
}

/// A version of a story that was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// When it was.
    pub at: Moment,
    /// The id of its file in the repository.
    pub blob: Box<str>,
    /// The file's path below `content/` at that time.
    path: Box<str>,
}

/// The published versions of every story that has several.
#[derive(Debug, Default)]
pub struct History {
    stories: BTreeMap<RowId, Vec<Version>>,
    blobs: Mutex<Option<Blobs>>,
    content: PathBuf,
    /// What is wrong with the files in the repository.
    pub diagnostics: Vec<Diagnostic>,
}

impl Past {
    /// Walks the repository that the site is in, if its settings ask for that.
    pub fn walk(site: &Site) -> Self {
        if site.config.history.is_none() {
            return Self::default();
        }
        match walk::walk(&site.content) {
            Ok((files, shallow)) => {
                Self { files, diagnostics: shallow.then(|| cut_off(site)).into_iter().collect() }
            }
            Err(why) => Self { diagnostics: vec![nothing_known(site, &why)], ..Self::default() },
        }
    }

    /// The published versions of the stories of a catalog. What can't be read is no version.
    pub fn of(&self, site: &Site, catalog: &Catalog) -> History {
        let mut history = History { content: site.content.clone(), ..History::default() };
        if self.files.is_empty() {
            return history;
        }
        for story in catalog.stories(catalog.all()).filter(|story| may_be_told(story, site)) {
            if let Some(seen) = self.files.get(&*story.path()) {
                let versions = history.published(seen, &story, site);
                if versions.len() > 1 {
                    history.stories.insert(story.id, versions);
                }
            }
        }
        if history.lacks() {
            history.diagnostics.push(lacking(site));
        }
        history
    }
}

/// Whether what a story was before is anyone's business: not if names were taken out of it, if its text is to be seen nowhere, or if it says so.
fn may_be_told(story: &Story<'_>, site: &Site) -> bool {
    !story.flags().has(Flags::HISTORY_OFF) && !story.is_removed(site)
}

impl History {
    /// Whether the repository doesn't have all files that its commits name.
    fn lacks(&self) -> bool {
        let blobs = self.blobs.lock().unwrap_or_else(PoisonError::into_inner);
        blobs.as_ref().is_some_and(|blobs| blobs.lacks)
    }

    /// Whether no story has any.
    pub fn is_empty(&self) -> bool {
        self.stories.is_empty()
    }

    /// The stories that have a history, in order.
    pub fn stories(&self) -> impl Iterator<Item = RowId> {
        self.stories.keys().copied()
    }

    /// The versions of a story, the oldest first; none, if it never changed.
    pub fn versions(&self, story: RowId) -> &[Version] {
        self.stories.get(&story).map_or(&[], Vec::as_slice)
    }

    /// The hash of all versions of all stories.
    pub fn fingerprint(&self) -> Fingerprint {
        let mut all = Fingerprinter::new();
        for (row, versions) in &self.stories {
            all.number((*row).into());
            for version in versions {
                all.number(version.at.seconds as u64).text(&version.blob);
            }
        }
        all.finish()
    }

    /// What each version of a story but the first changed, the oldest first.
    ///
    /// # Errors
    /// What the repository refused.
    pub fn changes(&self, story: RowId, site: &Site) -> Result<Vec<Change>, String> {
        let mut before: Option<Shown> = None;
        let mut changes = Vec::new();
        for version in self.versions(story) {
            let now = self.shown(version, site).ok_or_else(|| {
                format!("git has no version {} of content/{} that can be read", version.blob, version.path)
            })?;
            changes.extend(before.as_ref().map(|before| diff::change(before, &now)));
            before = Some(now);
        }
        Ok(changes)
    }

    /// Those versions of a file that were published and that differ in what readers saw, the oldest first.
    fn published(&self, seen: &[Seen], story: &Story<'_>, site: &Site) -> Vec<Version> {
        let mut last: Option<Shown> = None;
        let mut versions = Vec::new();
        for Seen { at, blob, path } in seen.iter().rev().filter(|seen| seen.at >= story.date().seconds) {
            let at = Moment { seconds: *at, day_only: false };
            let version = Version { at, blob: blob.clone(), path: path.clone() };
            let Some(now) = self.shown(&version, site).filter(|now| last.as_ref() != Some(now)) else {
                continue;
            };
            last = Some(now);
            versions.push(version);
        }
        versions
    }

    /// What readers saw of a version; nothing, if it was not published.
    fn shown(&self, version: &Version, site: &Site) -> Option<Shown> {
        let bytes = self.bytes(&version.blob, site.config.limits.article_bytes)?;
        Shown::of(&bytes, &version.path, version.at, site)
    }

    /// The bytes of a file in the repository. One process of git answers for all.
    fn bytes(&self, blob: &str, most: u64) -> Option<Vec<u8>> {
        let mut blobs = self.blobs.lock().unwrap_or_else(PoisonError::into_inner);
        if blobs.is_none() {
            *blobs = Blobs::open(&self.content).ok();
        }
        match blobs.as_mut()?.get(blob, most) {
            Ok(bytes) => bytes,
            Err(_) => {
                // It is out of step: the next question goes to another process.
                *blobs = None;
                None
            }
        }
    }
}

/// The line of the setting.
fn place(site: &Site) -> Option<Place> {
    let source = std::fs::read_to_string(site.root.join(CONFIG_FILE)).ok()?;
    Place::of_key(&source, "history")
}

/// A clone with `--filter` fetches files when they are asked for; here nothing is fetched.
const WHOLE: &str = "in a clone of the site's repository that is whole (`fetch-depth: 0` where a workflow checks out, no `--filter`)";

fn nothing_known(site: &Site, why: &str) -> Diagnostic {
    let message = format!("no story has a history: {why}");
    let help = format!("install git and build {WHOLE}, or set `history: false`");
    Diagnostic::warning("no-history", CONFIG_FILE, message).at(place(site)).help(help)
}

fn cut_off(site: &Site) -> Diagnostic {
    let message = "the repository is a shallow clone: versions from before its first commit are missing";
    let help = format!("build {WHOLE}; `git fetch --unshallow` makes it so");
    Diagnostic::warning("shallow-history", CONFIG_FILE, message).at(place(site)).help(help)
}

fn lacking(site: &Site) -> Diagnostic {
    let message = "the repository doesn't have the files of some versions, which are left out";
    let help = format!("build {WHOLE}");
    Diagnostic::warning("shallow-history", CONFIG_FILE, message).at(place(site)).help(help)
}

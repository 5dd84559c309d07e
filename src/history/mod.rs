//! History: what readers saw of a story before, from the site's own repository of git.
//!
//! One walk over the commits (`walk`) gives the versions of each file; those that were published
//! and that readers can tell apart are a story's history. Only their ids and dates are held: a page
//! of them reads the texts again.

mod diff;
mod git;
mod published_text;
mod walk;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use crate::archive::record::Flags;
use crate::archive::{Article, ArticleId, Catalog};
use crate::config::{CONFIG_FILE, Site};
use crate::diagnostics::{Diagnostic, Location};
use crate::model::{Fingerprint, Fingerprinter, Moment};

use git::BlobReader;
use published_text::PublishedText;
use walk::FileVersion;

pub(crate) use diff::{DiffLine, DiffTag, VersionDiff};

/// The versions of every file that has several, from one walk over the commits.
#[derive(Debug, Default)]
pub(crate) struct RepositoryHistory {
    versions_by_path: BTreeMap<Box<str>, Vec<FileVersion>>,
    /// What is wrong with the repository.
    pub diagnostics: Vec<Diagnostic>,
}

/// A version of a story that was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PublishedVersion {
    /// When it was.
    pub date: Moment,
    /// The id of its file in the repository.
    pub blob: Box<str>,
    /// The file's path below `content/` at that time.
    path: Box<str>,
}

/// The published versions of every story that has several.
#[derive(Debug, Default)]
pub(crate) struct History {
    articles: BTreeMap<ArticleId, Vec<PublishedVersion>>,
    blobs: Mutex<Option<BlobReader>>,
    content: PathBuf,
    /// What is wrong with the files in the repository.
    pub diagnostics: Vec<Diagnostic>,
}

impl RepositoryHistory {
    /// Walks the repository that the site is in, if its settings ask for that.
    pub(crate) fn walk(site: &Site) -> Self {
        if site.config.history.is_none() {
            return Self::default();
        }
        match walk::walk(&site.content_dir) {
            Ok((files, shallow)) => Self {
                versions_by_path: files,
                diagnostics: shallow.then(|| shallow_clone(site)).into_iter().collect(),
            },
            Err(reason) => Self { diagnostics: vec![no_history(site, &reason)], ..Self::default() },
        }
    }

    /// The published versions of the stories of a catalog. What can't be read is no version.
    pub(crate) fn for_catalog(&self, site: &Site, catalog: &Catalog) -> History {
        let mut history = History { content: site.content_dir.clone(), ..History::default() };
        if self.versions_by_path.is_empty() {
            return history;
        }
        for article in
            catalog.articles(catalog.ids()).filter(|article| shows_history(article, site))
        {
            if let Some(file_versions) = self.versions_by_path.get(&*article.path()) {
                let versions = history.published_versions(file_versions, &article, site);
                if versions.len() > 1 {
                    history.articles.insert(article.id, versions);
                }
            }
        }
        if history.has_missing_blobs() {
            history.diagnostics.push(missing_files(site));
        }
        history
    }
}

/// Whether what a story was before is anyone's business: not if names were taken out of it, if its
/// text is to be seen nowhere, or if it says so.
fn shows_history(article: &Article<'_>, site: &Site) -> bool {
    !article.flags().contains(Flags::HISTORY_OFF) && !article.is_removed(site)
}

impl History {
    /// Whether the repository doesn't have all files that its commits name.
    fn has_missing_blobs(&self) -> bool {
        let blobs = self.blobs.lock().unwrap_or_else(PoisonError::into_inner);
        blobs.as_ref().is_some_and(|blobs| blobs.has_missing)
    }

    /// Whether no story has any.
    pub(crate) fn is_empty(&self) -> bool {
        self.articles.is_empty()
    }

    /// The stories that have a history, in order.
    pub(crate) fn ids(&self) -> impl Iterator<Item = ArticleId> {
        self.articles.keys().copied()
    }

    /// The versions of a story, the oldest first; none, if it never changed.
    pub(crate) fn versions(&self, id: ArticleId) -> &[PublishedVersion] {
        self.articles.get(&id).map_or(&[], Vec::as_slice)
    }

    /// The hash of all versions of all stories.
    pub(crate) fn fingerprint(&self) -> Fingerprint {
        let mut hash = Fingerprinter::new();
        for (id, versions) in &self.articles {
            hash.number((*id).into());
            for version in versions {
                hash.number(version.date.seconds as u64).text(&version.blob);
            }
        }
        hash.finish()
    }

    /// What each version of a story but the first changed, the oldest first.
    ///
    /// # Errors
    /// What the repository refused.
    pub(crate) fn diffs(&self, id: ArticleId, site: &Site) -> Result<Vec<VersionDiff>, String> {
        let mut previous: Option<PublishedText> = None;
        let mut diffs = Vec::new();
        for version in self.versions(id) {
            let current = self.published_text(version, site).ok_or_else(|| {
                format!(
                    "git has no version {} of content/{} that can be read",
                    version.blob, version.path
                )
            })?;
            diffs.extend(previous.as_ref().map(|previous| diff::diff_versions(previous, &current)));
            previous = Some(current);
        }
        Ok(diffs)
    }

    /// Those versions of a file that were published and that differ in what readers saw, the oldest
    /// first.
    fn published_versions(
        &self,
        file_versions: &[FileVersion],
        article: &Article<'_>,
        site: &Site,
    ) -> Vec<PublishedVersion> {
        let mut last: Option<PublishedText> = None;
        let mut versions = Vec::new();
        for FileVersion { timestamp, blob, path } in
            file_versions.iter().rev().filter(|version| version.timestamp >= article.date().seconds)
        {
            let date = Moment { seconds: *timestamp, day_only: false };
            let version = PublishedVersion { date, blob: blob.clone(), path: path.clone() };
            let Some(current) = self
                .published_text(&version, site)
                .filter(|current| last.as_ref() != Some(current))
            else {
                continue;
            };
            last = Some(current);
            versions.push(version);
        }
        versions
    }

    /// What readers saw of a version; nothing, if it was not published.
    fn published_text(&self, version: &PublishedVersion, site: &Site) -> Option<PublishedText> {
        let bytes = self.read_blob(&version.blob, site.config.limits.article_bytes)?;
        PublishedText::parse(&bytes, &version.path, version.date, site)
    }

    /// The bytes of a file in the repository. One process of git answers for all.
    fn read_blob(&self, blob: &str, max_bytes: u64) -> Option<Vec<u8>> {
        let mut blobs = self.blobs.lock().unwrap_or_else(PoisonError::into_inner);
        if blobs.is_none() {
            *blobs = BlobReader::open(&self.content).ok();
        }
        match blobs.as_mut()?.get(blob, max_bytes) {
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
fn setting_location(site: &Site) -> Option<Location> {
    let source = std::fs::read_to_string(site.root.join(CONFIG_FILE)).ok()?;
    Location::for_key(&source, "history")
}

/// A clone with `--filter` fetches files when they are asked for; here nothing is fetched.
const FULL_CLONE_HELP: &str = "in a clone of the site's repository that is whole (`fetch-depth: 0` where a workflow checks out, no `--filter`)";

fn no_history(site: &Site, reason: &str) -> Diagnostic {
    let message = format!("no story has a history: {reason}");
    let help = format!("install git and build {FULL_CLONE_HELP}, or set `history: false`");
    Diagnostic::warning("no-history", CONFIG_FILE, message)
        .location(setting_location(site))
        .help(help)
}

fn shallow_clone(site: &Site) -> Diagnostic {
    let message =
        "the repository is a shallow clone: versions from before its first commit are missing";
    let help = format!("build {FULL_CLONE_HELP}; `git fetch --unshallow` makes it so");
    Diagnostic::warning("shallow-history", CONFIG_FILE, message)
        .location(setting_location(site))
        .help(help)
}

fn missing_files(site: &Site) -> Diagnostic {
    let message = "the repository doesn't have the files of some versions, which are left out";
    let help = format!("build {FULL_CLONE_HELP}");
    Diagnostic::warning("shallow-history", CONFIG_FILE, message)
        .location(setting_location(site))
        .help(help)
}

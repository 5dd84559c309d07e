//! The published versions of articles.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use super::diff::{VersionDiff, diff_versions};
use super::git::BlobReader;
use super::published_text::PublishedText;
use super::walk::{FileVersion, VersionsByPath, WalkResult, walk};
use crate::archive::record::Flags;
use crate::archive::{Article, ArticleId, Catalog};
use crate::config::{CONFIG_FILE, Site};
use crate::diagnostics::{Diagnostic, Location};
use crate::model::{Fingerprint, Fingerprinter, Moment};
use crate::regular_file;

/// The versions of every file that has several, from one walk over the commits.
#[derive(Debug, Default)]
pub(crate) struct RepositoryHistory {
    versions_by_path: VersionsByPath,
    /// The warnings about the repository.
    pub diagnostics: Vec<Diagnostic>,
}

/// A published version of an article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PublishedVersion {
    /// The date of its commit.
    pub date: Moment,
    /// The object ID of its file in the repository.
    pub blob: Box<str>,
    /// The file's path below `content/` at that time.
    path: Box<str>,
}

/// The published versions of every article that has several.
#[derive(Debug, Default)]
pub(crate) struct History {
    articles: BTreeMap<ArticleId, Vec<PublishedVersion>>,
    blobs: Mutex<Option<BlobReader>>,
    content: PathBuf,
    /// The warnings about missing files of the repository.
    pub diagnostics: Vec<Diagnostic>,
}

impl RepositoryHistory {
    /// Walks the repository of the site if its settings enable the history.
    pub(crate) fn walk(site: &Site) -> Self {
        if site.config.history.is_none() {
            return Self::default();
        }
        match walk(&site.content_dir) {
            Ok(WalkResult { versions_by_path, is_shallow }) => Self {
                versions_by_path,
                diagnostics: is_shallow.then(|| shallow_clone(site)).into_iter().collect(),
            },
            Err(reason) => Self { diagnostics: vec![no_history(site, &reason)], ..Self::default() },
        }
    }

    /// Finds the published versions of the articles of a catalog. Versions that can't be read are
    /// left out.
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

/// Returns whether the versions of an article may be shown: not if names are redacted in it, if its
/// text is removed, or if its front matter has `history: false`.
fn shows_history(article: &Article<'_>, site: &Site) -> bool {
    !article.flags().contains(Flags::HISTORY_OFF) && !article.is_removed(site)
}

impl History {
    /// Returns whether files of commits are missing in the repository.
    fn has_missing_blobs(&self) -> bool {
        let blobs = self.blobs.lock().unwrap_or_else(PoisonError::into_inner);
        blobs.as_ref().is_some_and(|blobs| blobs.has_missing)
    }

    /// Returns whether no article has several versions.
    pub(crate) fn is_empty(&self) -> bool {
        self.articles.is_empty()
    }

    /// The articles that have a history, sorted by ID.
    pub(crate) fn ids(&self) -> impl Iterator<Item = ArticleId> {
        self.articles.keys().copied()
    }

    /// The versions of an article, oldest first; empty if it never changed.
    pub(crate) fn versions(&self, id: ArticleId) -> &[PublishedVersion] {
        self.articles.get(&id).map_or(&[], Vec::as_slice)
    }

    /// The hash of all versions of all articles.
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

    /// Returns the changes of each version of an article except the first, oldest first.
    ///
    /// # Errors
    /// The reason, as text, if a version can't be read from the repository any more.
    pub(crate) fn diffs(&self, id: ArticleId, site: &Site) -> Result<Vec<VersionDiff>, String> {
        let mut previous: Option<PublishedText> = None;
        let mut diffs = Vec::new();
        for version in self.versions(id) {
            let current = self.published_text(version, site).ok_or_else(|| {
                format!(
                    "version {} of content/{} can't be read from the Git repository",
                    version.blob, version.path
                )
            })?;
            diffs.extend(previous.as_ref().map(|previous| diff_versions(previous, &current)));
            previous = Some(current);
        }
        Ok(diffs)
    }

    /// Returns those versions of a file that were published and that look different to readers,
    /// oldest first.
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

    /// Returns the published text of a version; `None` if it wasn't published.
    fn published_text(&self, version: &PublishedVersion, site: &Site) -> Option<PublishedText> {
        let bytes = self.read_blob(&version.blob, site.config.limits.article_bytes)?;
        PublishedText::parse(&bytes, &version.path, version.date, site)
    }

    /// Reads a file of the repository. One git process reads all files.
    fn read_blob(&self, blob: &str, max_bytes: u64) -> Option<Vec<u8>> {
        let mut blobs = self.blobs.lock().unwrap_or_else(PoisonError::into_inner);
        if blobs.is_none() {
            *blobs = BlobReader::open(&self.content).ok();
        }
        match blobs.as_mut()?.get(blob, max_bytes) {
            Ok(bytes) => bytes,
            Err(_) => {
                // The process is in an unknown state: start another one for the next file.
                *blobs = None;
                None
            }
        }
    }
}

/// Returns the location of the setting.
fn setting_location(site: &Site) -> Option<Location> {
    let source = regular_file::read_to_string(&site.root.join(CONFIG_FILE)).ok()?;
    Location::for_key(&source, "history")
}

/// A clone made with `--filter` downloads files on demand, which
/// [`git_command`](super::git::git_command) doesn't allow.
const FULL_CLONE_HELP: &str =
    "in a full clone of the site's repository (in CI, `fetch-depth: 0`; no `--filter`)";

fn no_history(site: &Site, reason: &str) -> Diagnostic {
    let message = format!("no versions of articles can be shown: {reason}");
    let help = format!("install git and build {FULL_CLONE_HELP}, or set `history: false`");
    Diagnostic::warning("no-history", CONFIG_FILE, message)
        .location(setting_location(site))
        .help(help)
}

fn shallow_clone(site: &Site) -> Diagnostic {
    let message = "the repository is a shallow clone: versions before its first commit are missing";
    let help = format!("build {FULL_CLONE_HELP}; `git fetch --unshallow` completes this one");
    Diagnostic::warning("shallow-history", CONFIG_FILE, message)
        .location(setting_location(site))
        .help(help)
}

fn missing_files(site: &Site) -> Diagnostic {
    let message = "the repository lacks the files of some versions, which aren't shown";
    let help = format!("build {FULL_CLONE_HELP}");
    Diagnostic::warning("shallow-history", CONFIG_FILE, message)
        .location(setting_location(site))
        .help(help)
}

//! A session: the parsed files of `content/`, kept in memory and updated when files change. Nothing
//! is written except a cache of the records, so that the next session starts faster.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use rayon::prelude::*;

use super::cache::file_stamps::{DIRTY, ScanTime};
use super::cache::lock::Lock;
use super::cache::store::{self, Cache, CacheWriter};
use super::loading::{content_files, hash_settings};
use super::options::WriteMode;
use super::parsed_file::{LoadedRecord, ParseOutcome, ParsedFile};
use super::preview::{SitePreview, preview_cache_file};
use super::progress::Progress;
use super::snapshot::Snapshot;
use super::stages::discover::Discovery;
use super::stages::parse::{RecordLoader, parse_file};
use super::unplanned_files::{BrokenArticles, UnplannedFiles};
use super::unread_files::{find_unread_files, unread_files_diagnostic};
use super::unreadable_paths::UnreadablePaths;
use crate::archive::record::{
    ArticleRecord, FileReference, Record, equal_except_body, keeps_position,
};
use crate::archive::{ArticleChange, Catalog};
use crate::config::{Site, is_markdown_path};
use crate::diagnostics::{Diagnostic, Error};
use crate::history::RepositoryHistory;
use crate::model::Fingerprint;
use crate::permalinks::PermalinkRegistry;

/// All files of `content/`, as last parsed.
pub struct Session {
    files: BTreeMap<Box<str>, ParsedFile>,
    /// The files of `content/` that aren't Markdown.
    other_files: Vec<Box<str>>,
    settings_hash: Fingerprint,
    discovery_diagnostics: Vec<Diagnostic>,
    /// Files and folders that can't be read.
    unreadable: UnreadablePaths,
    /// The versions of files at the start of the session.
    repository_history: RepositoryHistory,
    /// The number of files that were parsed because of the last change.
    files_read: usize,
    /// The number of times that the snapshot was made from all files.
    full_rebuilds: usize,
    /// The site as made from the files, unless it is out of date.
    snapshot: Option<Snapshot>,
}

/// The permalink registry compared with a site.
#[derive(Debug)]
pub struct PermalinkReport {
    /// The articles.
    pub(crate) catalog: Catalog,
    /// The redirects from recorded permalinks, and those that are broken.
    pub registry: PermalinkRegistry,
    /// All errors and warnings, including broken permalinks.
    pub diagnostics: Vec<Diagnostic>,
}

/// The effect of changed files on the site, from least to most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// No page changes.
    #[default]
    None,
    /// Only the bodies of articles change.
    Bodies,
    /// Only templates change.
    Templates,
    /// Metadata of articles changes that other pages may show: a new preview is needed.
    Articles,
    /// Pages are added, removed or moved: a new preview is needed, which takes longer.
    Site,
}

impl Session {
    /// Reads all files, or their cached records if they are unchanged. The records are saved for
    /// the next session.
    ///
    /// # Errors
    /// [`Error::Io`] if the cache can't be read.
    pub fn open(site: &Site, progress: &dyn Progress) -> Result<Self, Error> {
        let LoadedSession { session, cache_state } = Self::load(site, progress)?;
        if cache_state == CacheState::Outdated {
            // Records that can't be saved are created again by the next session.
            let _ = session.save(site, &preview_cache_file(site), progress);
        }
        Ok(session)
    }

    /// Reads all files without writing anything.
    ///
    /// # Errors
    /// [`Error::Io`] if the cache can't be read.
    pub fn open_read_only(site: &Site, progress: &dyn Progress) -> Result<Self, Error> {
        Self::load(site, progress).map(|loaded| loaded.session)
    }

    fn load(site: &Site, progress: &dyn Progress) -> Result<LoadedSession, Error> {
        let Discovery { paths, other_files, unreadable, diagnostics: discovery_diagnostics } =
            content_files(site);
        progress.add_work(paths.len());
        let settings_hash = hash_settings(site);
        // The cache of the last session, or that of the last build.
        let preview_cache = preview_cache_file(site);
        let build_cache = store::cache_file(&site.cache_dir, &site.root, &site.output_dir);
        let open_compatible = |file: &PathBuf| {
            Cache::open(file).0.filter(|cache| cache.settings_hash == settings_hash)
        };
        let cache = [&preview_cache, &build_cache].into_iter().find_map(open_compatible);
        let records = cache.as_ref().map(Cache::records).transpose()?;
        let mut loader = RecordLoader::new(site, ScanTime::now(), &paths, records, progress);
        let (mut files, mut cache_state) = (BTreeMap::new(), CacheState::Current);
        while let Some(chunk) = loader.next_chunk()? {
            for (path, loaded) in chunk {
                let parsed_file = match loaded {
                    LoadedRecord::Cached(cached) => ParsedFile {
                        outcome: ParseOutcome::Record(cached.record),
                        stamp: cached.stamp,
                        diagnostics: Vec::new(),
                    },
                    LoadedRecord::Parsed(parsed_file, _) => {
                        cache_state = CacheState::Outdated;
                        parsed_file
                    }
                };
                files.insert(path.into(), parsed_file);
            }
        }
        if loader.has_removed_files {
            cache_state = CacheState::Outdated;
        }
        let session = Self {
            files_read: files.len(),
            files,
            other_files,
            settings_hash,
            discovery_diagnostics,
            unreadable,
            repository_history: RepositoryHistory::walk(site),
            full_rebuilds: 0,
            snapshot: None,
        };
        Ok(LoadedSession { session, cache_state })
    }

    /// Visits the terms of every article as they are spelled there: the path below `content/`, the
    /// index of the taxonomy, and the name.
    pub fn visit_terms(&self, mut visit: impl FnMut(&str, usize, &str)) {
        for (path, parsed_file) in &self.files {
            let ParseOutcome::Record(record) = &parsed_file.outcome else { continue };
            if let Some(Record::Article(record)) = Record::decode(record) {
                record.terms.iter().for_each(|&(taxonomy, name)| visit(path, taxonomy, name));
            }
        }
    }

    /// Saves the records for the next session.
    fn save(&self, site: &Site, file: &Path, progress: &dyn Progress) -> Result<(), Error> {
        let _lock =
            Lock::acquire(&site.cache_dir, WriteMode::Write, || progress.waiting_for_lock())?;
        let mut writer = CacheWriter::new(file, None, self.settings_hash);
        for (path, parsed_file) in
            self.files.iter().filter(|(_, parsed_file)| parsed_file.is_cacheable())
        {
            if let ParseOutcome::Record(record) = &parsed_file.outcome {
                writer.write_record(path, parsed_file.stamp, record)?;
            }
        }
        writer.end_records(&[])?;
        writer.finish(Fingerprint::DIRTY)
    }

    /// Returns true if the files would be parsed in the same way with the settings of a site.
    pub fn is_compatible(&self, site: &Site) -> bool {
        self.settings_hash == hash_settings(site)
    }

    /// Returns the number of files that were parsed because of the last change.
    pub fn files_read(&self) -> usize {
        self.files_read
    }

    /// Returns the number of times that the site was made from all files, and not only updated.
    pub fn full_rebuilds(&self) -> usize {
        self.full_rebuilds
    }

    /// Parses the files again that are affected by changes. Changed files and folders below
    /// `content/` and `static/` are given by their paths from the site's folder.
    pub fn apply_changes(&mut self, site: &Site, changed_paths: &[String]) -> Effect {
        let ChangedPaths { mut articles, other_files, folders } =
            self.sort_changes(site, changed_paths);
        let scan_time = ScanTime::now();
        let mut effect = Effect::None;
        if !folders.is_empty() {
            effect = self.rediscover(site, &folders, scan_time, &mut articles);
        }
        if !other_files.is_empty() {
            let referring_files = self
                .files
                .par_iter()
                .filter(|(_, parsed_file)| refers_to_any(parsed_file, &other_files));
            articles.par_extend(referring_files.map(|(path, _)| path.to_string()));
        }
        self.files_read = articles.len();
        let articles: Vec<String> = articles.into_iter().collect();
        let reparsed: Vec<(String, Option<ParsedFile>)> = articles
            .into_par_iter()
            .map(|path| {
                let parsed_file =
                    content_file_exists(site, &path).then(|| parse_file(site, &path, scan_time));
                (path, parsed_file)
            })
            .collect();
        let mut changed_files = Vec::new();
        for (path, parsed_file) in reparsed {
            let (file_effect, old) = self.replace_file(site, &path, parsed_file);
            if file_effect == Effect::Site {
                changed_files.push((path, old));
            }
            effect = effect.max(file_effect);
        }
        self.update_snapshot(site, &changed_files);
        effect
    }

    /// Sorts changed paths by what they are.
    fn sort_changes<'p>(&self, site: &Site, changed_paths: &'p [String]) -> ChangedPaths<'p> {
        let mut changed = ChangedPaths::default();
        for path in changed_paths {
            let (top, path) = path.split_once('/').unwrap_or((path, ""));
            match top {
                "content" if is_markdown_path(path) => {
                    // A link or a folder with such a name: the stage `discover` decides what it is.
                    let metadata = site.content_dir.join(path).symlink_metadata();
                    if metadata.is_ok_and(|metadata| !metadata.is_file())
                        || self.has_discovery_error(path)
                    {
                        changed.folders.push(path);
                    }
                    changed.articles.insert(path.to_owned());
                }
                "content" => {
                    if site.content_dir.join(path).is_dir()
                        || self.has_files_below(path)
                        || self.has_discovery_error(path)
                    {
                        changed.folders.push(path);
                    }
                    changed.other_files.content.insert(path);
                }
                "static" => {
                    changed.other_files.statics.insert(path);
                }
                _ => {}
            }
        }
        changed
    }

    /// Updates the snapshot after some files have changed, each given with its previous version. If
    /// it can't be updated, it is discarded.
    fn update_snapshot(&mut self, site: &Site, changed_files: &[(String, Option<ParsedFile>)]) {
        let Some(mut snapshot) = self.snapshot.take() else { return };
        let changes = changed_files
            .iter()
            .map(|(path, old)| article_change(path, old.as_ref(), self.files.get(&**path)));
        let changes: Option<Vec<ArticleChange<'_>>> = changes.collect();
        let is_applied = changes.is_some_and(|changes| {
            changes.is_empty() || snapshot.apply_changes(site, &self.repository_history, &changes)
        });
        self.snapshot = Some(snapshot).filter(|_| is_applied);
    }

    /// Returns true if there was an error in the path when files were last discovered.
    fn has_discovery_error(&self, path: &str) -> bool {
        self.discovery_diagnostics
            .iter()
            .any(|diagnostic| diagnostic.file.strip_prefix("content/") == Some(path))
    }

    /// Returns true if there were files below a path, so that it was a folder.
    fn has_files_below(&self, path: &str) -> bool {
        let prefix = if path.is_empty() { String::new() } else { format!("{path}/") };
        let range = (std::ops::Bound::Included(prefix.as_str()), std::ops::Bound::Unbounded);
        self.files.range::<str, _>(range).next().is_some_and(|(path, _)| path.starts_with(&prefix))
    }

    /// Finds the files that were added or removed, and those in some folders that have changed.
    fn rediscover(
        &mut self,
        site: &Site,
        folders: &[&str],
        scan_time: ScanTime,
        articles: &mut BTreeSet<String>,
    ) -> Effect {
        let Discovery { paths, other_files, unreadable, diagnostics } = content_files(site);
        self.other_files = other_files;
        self.unreadable = unreadable;
        let previous_diagnostics = std::mem::replace(&mut self.discovery_diagnostics, diagnostics);
        let current_paths: BTreeSet<Box<str>> = paths.into_iter().collect();
        let removed = self.files.keys().filter(|path| !current_paths.contains(*path));
        let added = current_paths.iter().filter(|path| !self.files.contains_key(*path));
        let changed = self.files.par_iter().filter(|(path, parsed_file)| {
            let is_inside = folders.iter().any(|folder| Path::new(&***path).starts_with(folder));
            let stamp = parsed_file.stamp;
            is_inside
                && (stamp == DIRTY
                    || scan_time.file_stamp(&site.content_dir.join(&***path)) != stamp)
        });
        let changed: Vec<String> = changed.map(|(path, _)| path.to_string()).collect();
        let count = articles.len();
        articles.extend(removed.chain(added).map(ToString::to_string));
        let effect = if articles.len() > count || previous_diagnostics != self.discovery_diagnostics
        {
            Effect::Site
        } else {
            Effect::None
        };
        articles.extend(changed);
        effect
    }

    /// Replaces a parsed file by its present version. Returns the effect and the previous version.
    fn replace_file(
        &mut self,
        site: &Site,
        path: &str,
        parsed_file: Option<ParsedFile>,
    ) -> (Effect, Option<ParsedFile>) {
        let old = self.files.get(path);
        let mut effect = match (old.map(|old| (&old.outcome, &old.diagnostics)), &parsed_file) {
            (None, None) => Effect::None,
            (
                Some((ParseOutcome::Record(old), old_diagnostics)),
                Some(ParsedFile { outcome: ParseOutcome::Record(new), diagnostics, .. }),
            ) => {
                if old == new && old_diagnostics == diagnostics {
                    Effect::None
                } else if equal_except_body(old, new) && old_diagnostics == diagnostics {
                    Effect::Bodies
                } else if keeps_position(old, new) {
                    Effect::Articles
                } else {
                    Effect::Site
                }
            }
            _ => Effect::Site,
        };
        if let (
            Effect::Bodies | Effect::Articles,
            Some(ParseOutcome::Record(record)),
            Some(snapshot),
        ) = (
            effect,
            parsed_file.as_ref().map(|parsed_file| &parsed_file.outcome),
            &mut self.snapshot,
        ) {
            let replaced = match Record::decode(record) {
                Some(Record::Article(record)) => snapshot.replace(site, path, &record),
                _ => false,
            };
            if !replaced {
                // Its path is taken by another article.
                effect = Effect::Site;
                self.snapshot = None;
            }
        }
        let old = match parsed_file {
            Some(parsed_file) => self.files.insert(path.into(), parsed_file),
            None => self.files.remove(path),
        };
        (effect, old)
    }

    /// Makes the next preview load the templates again, or plan all files again.
    pub fn invalidate(&mut self, site: &Site, effect: Effect) {
        match (&mut self.snapshot, effect) {
            (snapshot, Effect::Site) => *snapshot = None,
            (Some(snapshot), Effect::Templates) => snapshot.reload_templates(site),
            _ => {}
        }
    }

    /// Calls a function with a preview of the site. `mistakes` are those in the settings.
    pub fn with_preview<R>(
        &mut self,
        site: &Site,
        mistakes: Vec<Diagnostic>,
        work: impl FnOnce(&SitePreview<'_>) -> R,
    ) -> R {
        let existing = self.snapshot.take();
        self.full_rebuilds += usize::from(existing.is_none());
        let snapshot = existing.unwrap_or_else(|| self.build_snapshot(site));
        let snapshot = self.snapshot.insert(snapshot);
        let mut diagnostics =
            collect_diagnostics(mistakes, &self.discovery_diagnostics, &self.files);
        diagnostics.extend(snapshot.diagnostics());
        diagnostics.sort();
        diagnostics.dedup();
        work(&SitePreview {
            view: snapshot.view(site),
            batches: &snapshot.site_plan.batches,
            output_ids: &snapshot.site_plan.output_ids,
            files: &self.files,
            search_index: Mutex::default(),
            diagnostics,
        })
    }

    /// Returns the files of `content/` that are neither read nor published with an article, as
    /// [`BuildReport::unread_files`](super::BuildReport::unread_files) has them, with the warning.
    pub(crate) fn unread_files(&self, site: &Site) -> (Vec<String>, Option<Diagnostic>) {
        let Some(snapshot) = &self.snapshot else { return (Vec::new(), None) };
        let has_published_files = |file: &ParsedFile| match &file.outcome {
            ParseOutcome::Record(record) => match Record::decode(record) {
                Some(Record::Article(article)) => !article.is_redacted(),
                Some(Record::Term(_) | Record::NotAPage) => true,
                Some(Record::Tombstone(_)) | None => false,
            },
            _ => false,
        };
        let others = self.files.iter().filter(|(_, file)| !has_published_files(file));
        let others = others.map(|(path, _)| &**path);
        let (names, referenced) = (snapshot.redacted_names(), snapshot.referenced_files());
        let unread = find_unread_files(site, &self.other_files, names, &referenced, others);
        let diagnostic = unread_files_diagnostic(&unread);
        (unread, diagnostic)
    }

    /// Compares the permalink registry with the site, as a build does.
    ///
    /// # Errors
    /// [`Error::Io`] if the registry can't be read.
    pub fn permalink_report(&self, site: &Site) -> Result<PermalinkReport, Error> {
        let mut snapshot = self.build_snapshot(site);
        if let Some(error) = snapshot.site_plan.registry_error.take() {
            return Err(error);
        }
        let mistakes = site.mistakes.clone();
        let mut diagnostics =
            collect_diagnostics(mistakes, &self.discovery_diagnostics, &self.files);
        diagnostics.extend(snapshot.diagnostics());
        let Snapshot { catalog, site_plan, broken_articles, .. } = snapshot;
        let mut permalink_resolver = site_plan.permalink_resolver;
        diagnostics.extend(permalink_resolver.report_missing(
            &catalog,
            BrokenArticles { files: &broken_articles, unreadable: &self.unreadable },
            &UnplannedFiles::default(),
        ));
        diagnostics.sort();
        diagnostics.dedup();
        Ok(PermalinkReport { catalog, registry: permalink_resolver.into_registry(), diagnostics })
    }

    fn build_snapshot(&self, site: &Site) -> Snapshot {
        Snapshot::from_files(site, &self.files, &self.repository_history, self.settings_hash)
    }
}

/// Returns the change of a file, if it only adds, removes or changes an article, and the article
/// refers to the same files as before.
fn article_change<'a>(
    path: &'a str,
    old: Option<&'a ParsedFile>,
    new: Option<&'a ParsedFile>,
) -> Option<ArticleChange<'a>> {
    let article_record = |parsed_file: Option<&'a ParsedFile>| match parsed_file
        .map(|parsed_file| &parsed_file.outcome)
    {
        Some(ParseOutcome::Record(record)) => match Record::decode(record)? {
            Record::Article(record) => Some(Some(record)),
            Record::NotAPage => Some(None),
            Record::Term(_) | Record::Tombstone(_) => None,
        },
        Some(ParseOutcome::Unpublished(_) | ParseOutcome::Broken) | None => Some(None),
        // It may have a tombstone.
        Some(ParseOutcome::Withheld(_)) => None,
    };
    let (old, new) = (article_record(old)?, article_record(new)?);
    let has_same_resources = article_resources(old.as_ref()) == article_resources(new.as_ref());
    has_same_resources.then_some(ArticleChange { path, old, new })
}

/// The files of an article, its main image, its dropped content, and the names that are redacted
/// from it.
type ArticleResources<'r, 'a> =
    (&'r [FileReference<'a>], Option<String>, &'r [&'a str], &'r [&'a str]);

fn article_resources<'r, 'a>(article: Option<&'r ArticleRecord<'a>>) -> ArticleResources<'r, 'a> {
    let resources_of = |article: &'r ArticleRecord<'a>| {
        (
            &*article.file_references,
            article.image().map(|image| image.src),
            &*article.dropped_content,
            &*article.redacted_names,
        )
    };
    article.map_or_else(Default::default, resources_of)
}

/// Returns the mistakes in the settings and the diagnostics of all files.
fn collect_diagnostics(
    mut mistakes: Vec<Diagnostic>,
    unreadable: &[Diagnostic],
    files: &BTreeMap<Box<str>, ParsedFile>,
) -> Vec<Diagnostic> {
    let file_diagnostics = files.values().flat_map(|parsed_file| &parsed_file.diagnostics);
    mistakes.extend(unreadable.iter().chain(file_diagnostics).cloned());
    mistakes
}

/// Returns true if a file below `content/` exists, and isn't a link to a file outside it.
fn content_file_exists(site: &Site, path: &str) -> bool {
    let is_inside = |real: PathBuf| {
        site.content_dir.canonicalize().is_ok_and(|content| real.starts_with(content))
    };
    let file = site.content_dir.join(path);
    file.is_file() && file.canonicalize().is_ok_and(is_inside)
}

/// The state of the cache compared with the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CacheState {
    Current,
    Outdated,
}

/// A new session.
struct LoadedSession {
    session: Session,
    cache_state: CacheState,
}

/// Changed paths, sorted by what they are.
#[derive(Default)]
struct ChangedPaths<'a> {
    /// Paths of articles and pages of terms, below `content/`.
    articles: BTreeSet<String>,
    other_files: OtherFiles<'a>,
    /// Folders below `content/`.
    folders: Vec<&'a str>,
}

/// Files that articles may refer to, by their paths below `content/` and `static/`.
#[derive(Default)]
struct OtherFiles<'a> {
    content: BTreeSet<&'a str>,
    statics: BTreeSet<&'a str>,
}

impl OtherFiles<'_> {
    fn is_empty(&self) -> bool {
        self.content.is_empty() && self.statics.is_empty()
    }
}

/// Returns true if a file refers to one of some files, or to a file below one of them.
fn refers_to_any(parsed_file: &ParsedFile, files: &OtherFiles<'_>) -> bool {
    let ParseOutcome::Record(record) = &parsed_file.outcome else { return false };
    let is_listed = |in_static: bool, path: &str| {
        let changed_files = if in_static { &files.statics } else { &files.content };
        let mut ancestors = Path::new(path).ancestors().filter_map(Path::to_str);
        ancestors.any(|path| changed_files.contains(path))
    };
    let is_affected =
        |reference: &FileReference<'_>| is_listed(reference.in_static, &reference.path);
    match Record::decode(record) {
        Some(Record::Article(record)) => record.file_references.iter().any(is_affected),
        Some(Record::Term(page)) => page.file_references.iter().any(is_affected),
        _ => false,
    }
}

//! Desk: all files of `content/` as they were last read, and what they come to, for as long as
//! someone works on them. Nothing is written but the records, so that the next desk begins where
//! this one was.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use rayon::prelude::*;

use super::cache::file_stamps::{DIRTY, ScanTime};
use super::cache::journal::Lock;
use super::preview::{SitePreview, preview_cache_file};
use super::snapshot::Snapshot;
use super::stages::commit::UnplannedFiles;
use super::stages::discover::discover;
use super::stages::parse::{LoadedRecord, RecordLoader, may_be_cached};
use super::stages::parse_file::{ParseOutcome, ParsedFile, parse_file};
use super::{Progress, hash_settings};
use crate::archive::record::{
    ArticleRecord, FileReference, Record, equal_except_body, keeps_position,
};
use crate::archive::{ArticleChange, Catalog};
use crate::config::{Site, is_markdown_path};
use crate::diagnostics::{Diagnostic, Error};
use crate::history::RepositoryHistory;
use crate::model::Fingerprint;
use crate::permalinks::PermalinkRegistry;
use crate::pipeline::cache::store::{self, Cache, CacheWriter};

/// All files of `content/`, as they were last read.
pub struct Session {
    files: BTreeMap<Box<str>, ParsedFile>,
    settings_hash: Fingerprint,
    discovery_diagnostics: Vec<Diagnostic>,
    /// The versions of files when it was opened.
    repository_history: RepositoryHistory,
    /// How many files the last change made it read.
    files_read: usize,
    /// How often the site was put together from all files.
    full_rebuilds: usize,
    /// What the files came to, until a change makes it old.
    snapshot: Option<Snapshot>,
}

/// What the register of permalinks says of a site as it is.
#[derive(Debug)]
pub struct PermalinkReport {
    /// The stories.
    pub(crate) catalog: Catalog,
    /// What leads on, and what is lost.
    pub registry: PermalinkRegistry,
    /// Everything that is wrong: with the content, with the register, and what is lost.
    pub diagnostics: Vec<Diagnostic>,
}

/// What a change of files comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// Nothing that a page shows.
    #[default]
    None,
    /// The bodies of stories and no more: their pages are the next time made from what the files
    /// hold now.
    Bodies,
    /// Templates alone.
    Templates,
    /// What other pages may show of stories: a new [`Preview`] is needed.
    Articles,
    /// Which pages there are: a new [`Preview`] is needed, too, and takes longer.
    Site,
}

impl Session {
    /// Reads all files: by their saved records where there are some that are still good. Those of
    /// this time are saved for the next.
    ///
    /// # Errors
    /// What the machine refused.
    pub fn open(site: &Site, progress: &dyn Progress) -> Result<Self, Error> {
        let (session, has_changes) = Self::read_all(site, progress)?;
        if has_changes {
            // What can't be kept is read again next time.
            let _ = session.save(site, &preview_cache_file(site), progress);
        }
        Ok(session)
    }

    /// Reads all files and leaves no trace of it.
    ///
    /// # Errors
    /// What the machine refused.
    pub fn open_read_only(site: &Site, progress: &dyn Progress) -> Result<Self, Error> {
        Self::read_all(site, progress).map(|(session, _)| session)
    }

    /// Reads all files. Tells whether the saved records are others.
    fn read_all(site: &Site, progress: &dyn Progress) -> Result<(Self, bool), Error> {
        let mut unreadable = Vec::new();
        let paths = discover(site, &mut unreadable);
        progress.add_work(paths.len());
        let settings_hash = hash_settings(site);
        // Those of an earlier preview, or those of the last build.
        let preview_cache = preview_cache_file(site);
        let build_cache = store::cache_file(&site.cache_dir, &site.root, &site.output_dir);
        let open_compatible = |file: &PathBuf| {
            Cache::open(file).0.filter(|cache| cache.settings_hash == settings_hash)
        };
        let cache = [&preview_cache, &build_cache].into_iter().find_map(open_compatible);
        let records = cache.as_ref().map(Cache::records).transpose()?;
        let mut loader = RecordLoader::new(site, ScanTime::now(), &paths, records, progress);
        let (mut files, mut has_changes) = (BTreeMap::new(), false);
        while let Some(chunk) = loader.next_chunk()? {
            for (path, loaded) in chunk {
                let parsed_file = match loaded {
                    LoadedRecord::Cached(cached) => ParsedFile {
                        outcome: ParseOutcome::Record(cached.record),
                        stamp: cached.stamp,
                        diagnostics: Vec::new(),
                    },
                    LoadedRecord::Parsed(parsed_file, _) => {
                        has_changes = true;
                        parsed_file
                    }
                };
                files.insert(path.into(), parsed_file);
            }
        }
        let has_changes = has_changes || loader.has_removed_files;
        let files_read = files.len();
        let repository_history = RepositoryHistory::walk(site);
        Ok((
            Self {
                files,
                settings_hash,
                discovery_diagnostics: unreadable,
                repository_history,
                files_read,
                full_rebuilds: 0,
                snapshot: None,
            },
            has_changes,
        ))
    }

    /// The terms of every story as it writes them: its file below `content/`, the number of the
    /// taxonomy, and the name.
    pub fn visit_terms(&self, mut visit: impl FnMut(&str, usize, &str)) {
        for (path, parsed_file) in &self.files {
            let ParseOutcome::Record(record) = &parsed_file.outcome else { continue };
            if let Some(Record::Article(record)) = Record::decode(record) {
                record.terms.iter().for_each(|&(taxonomy, name)| visit(path, taxonomy, name));
            }
        }
    }

    /// Keeps the records for the next preview.
    fn save(&self, site: &Site, file: &Path, progress: &dyn Progress) -> Result<(), Error> {
        let _lock = Lock::acquire(&site.cache_dir, false, || progress.waiting_for_lock())?;
        let mut writer = CacheWriter::new(file, None, self.settings_hash);
        for (path, parsed_file) in
            self.files.iter().filter(|(_, parsed_file)| may_be_cached(parsed_file))
        {
            if let ParseOutcome::Record(record) = &parsed_file.outcome {
                writer.write_record(path, parsed_file.stamp, record)?;
            }
        }
        writer.end_records(&[])?;
        writer.finish(Fingerprint::DIRTY)
    }

    /// Whether what was read is still what it would be under the settings of a site.
    pub fn is_compatible(&self, site: &Site) -> bool {
        self.settings_hash == hash_settings(site)
    }

    /// How many files the last change made it read.
    pub fn files_read(&self) -> usize {
        self.files_read
    }

    /// How often the site was put together from all files, and not only amended.
    pub fn full_rebuilds(&self) -> usize {
        self.full_rebuilds
    }

    /// Reads again what a change touches: files below `content/` or `static/`, given from the
    /// site's folder, and folders with all below them.
    pub fn apply_changes(&mut self, site: &Site, changed_paths: &[String]) -> Effect {
        let (mut articles, mut other_files, mut folders) =
            (BTreeSet::new(), BTreeSet::new(), Vec::new());
        for path in changed_paths {
            let (top, path) = path.split_once('/').unwrap_or((path, ""));
            match top {
                "content" if is_markdown_path(path) => {
                    // Of a link, or a folder of such a name, the walk knows what counts.
                    let metadata = site.content_dir.join(path).symlink_metadata();
                    if metadata.is_ok_and(|metadata| !metadata.is_file())
                        || self.has_discovery_error(path)
                    {
                        folders.push(path);
                    }
                    articles.insert(path.to_owned());
                }
                "content" => {
                    if site.content_dir.join(path).is_dir()
                        || self.has_files_below(path)
                        || self.has_discovery_error(path)
                    {
                        folders.push(path);
                    }
                    other_files.insert((false, path.to_owned()));
                }
                "static" => drop(other_files.insert((true, path.to_owned()))),
                _ => {}
            }
        }
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

    /// Puts the site together anew where files, given with what they were, come to other stories.
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

    /// Whether the last walk had something to say of a path.
    fn has_discovery_error(&self, path: &str) -> bool {
        self.discovery_diagnostics
            .iter()
            .any(|diagnostic| diagnostic.file.strip_prefix("content/") == Some(path))
    }

    /// Whether there are files below a path, so that it was a folder.
    fn has_files_below(&self, path: &str) -> bool {
        let prefix = if path.is_empty() { String::new() } else { format!("{path}/") };
        let range = (std::ops::Bound::Included(prefix.as_str()), std::ops::Bound::Unbounded);
        self.files.range::<str, _>(range).next().is_some_and(|(path, _)| path.starts_with(&prefix))
    }

    /// Finds the files that came or went, and those of some folders that are others now.
    fn rediscover(
        &mut self,
        site: &Site,
        folders: &[&str],
        scan_time: ScanTime,
        articles: &mut BTreeSet<String>,
    ) -> Effect {
        let previous_diagnostics = std::mem::take(&mut self.discovery_diagnostics);
        let current_paths: BTreeSet<Box<str>> =
            discover(site, &mut self.discovery_diagnostics).into_iter().collect();
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

    /// Takes what a file holds now in the place of what it held, which it gives back.
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
            ) => match () {
                () if old == new && old_diagnostics == diagnostics => Effect::None,
                () if equal_except_body(old, new) && old_diagnostics == diagnostics => {
                    Effect::Bodies
                }
                () if keeps_position(old, new) => Effect::Articles,
                () => Effect::Site,
            },
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
                Some(Record::Article(record)) => snapshot.catalog.replace(site, path, &record),
                _ => false,
            };
            if !replaced {
                // It lost its place to another one.
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

    /// Makes the next preview read templates again, or plan all files again.
    pub fn invalidate(&mut self, site: &Site, effect: Effect) {
        match (&mut self.snapshot, effect) {
            (snapshot, Effect::Site) => *snapshot = None,
            (Some(snapshot), Effect::Templates) => snapshot.reload_templates(site),
            _ => {}
        }
    }

    /// Puts the site together, for as long as the work takes.
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
            search_index: Mutex::default(),
            diagnostics,
        })
    }

    /// Looks up the register of permalinks, as a build does.
    ///
    /// # Errors
    /// What the machine refused.
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
            &broken_articles,
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

/// The change of a file, if it touches nothing but which stories there are, and what they are filed
/// under.
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
    };
    let (old, new) = (article_record(old)?, article_record(new)?);
    let has_same_resources = article_resources(old.as_ref()) == article_resources(new.as_ref());
    has_same_resources.then_some(ArticleChange { path, old, new })
}

/// What a story brings with it: files, the main picture, shortcodes that nothing stands for, and
/// names that are taken out.
type ArticleResources<'r, 'a> =
    (&'r [FileReference<'a>], Option<String>, &'r [&'a str], &'r [&'a str]);

fn article_resources<'r, 'a>(article: Option<&'r ArticleRecord<'a>>) -> ArticleResources<'r, 'a> {
    let resources_of = |article: &'r ArticleRecord<'a>| {
        (
            &*article.file_references,
            article.image().map(|image| image.src),
            &*article.shortcodes,
            &*article.redacted_names,
        )
    };
    article.map_or_else(Default::default, resources_of)
}

/// Mistakes in the settings, and what is wrong with files.
fn collect_diagnostics(
    mut mistakes: Vec<Diagnostic>,
    unreadable: &[Diagnostic],
    files: &BTreeMap<Box<str>, ParsedFile>,
) -> Vec<Diagnostic> {
    let file_diagnostics = files.values().flat_map(|parsed_file| &parsed_file.diagnostics);
    mistakes.extend(unreadable.iter().chain(file_diagnostics).cloned());
    mistakes
}

/// Whether a file below `content/` is there, and really below it.
fn content_file_exists(site: &Site, path: &str) -> bool {
    let is_inside = |real: PathBuf| {
        site.content_dir.canonicalize().is_ok_and(|content| real.starts_with(content))
    };
    let file = site.content_dir.join(path);
    file.is_file() && file.canonicalize().is_ok_and(is_inside)
}

/// Whether a file refers to one of some others, or to one below them.
fn refers_to_any(parsed_file: &ParsedFile, files: &BTreeSet<(bool, String)>) -> bool {
    let ParseOutcome::Record(record) = &parsed_file.outcome else { return false };
    let is_listed = |in_static: bool, path: &str| {
        let mut ancestors = Path::new(path).ancestors().filter_map(Path::to_str);
        ancestors.any(|path| files.contains(&(in_static, path.to_owned())))
    };
    let is_affected =
        |reference: &FileReference<'_>| is_listed(reference.in_static, &reference.path);
    match Record::decode(record) {
        Some(Record::Article(record)) => record.file_references.iter().any(is_affected),
        Some(Record::Term(page)) => page.file_references.iter().any(is_affected),
        _ => false,
    }
}

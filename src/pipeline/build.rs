//! The build: runs all stages.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use std::time::Instant;

use rayon::prelude::*;

use super::article_lists::ArticleList;
use super::baseline::BuildBaseline;
use super::batch_builder::BatchBuilder;
use super::cache::file_stamps::ScanTime;
use super::cache::lock::Lock;
use super::cache::previous_build::PreviousBuild;
use super::cache::store::CacheWriter;
use super::copies::{self, Asset, SourceImage};
use super::dir_handle::DirHandle;
use super::kept_lists::UnreadSources;
use super::loading::{ContentLoader, blocks_build, load_templates, with_previous_build};
use super::lost_pages::{HiddenArticles, LostUrls};
use super::options::{BuildOptions, WriteMode};
use super::output_changes::ChangeList;
use super::parsed_file::Unpublished;
use super::permalink_resolver::PermalinkResolver;
use super::planned_output::{Batch, PlannedOutput};
use super::progress::Progress;
use super::report::BuildReport;
use super::stages::audit::{self, AuditResult, RedactionAudit};
use super::stages::commit::{BuildResult, ManifestWriter};
use super::stages::discover::Discovery;
use super::stages::index::{ChangeSet, IndexedContent};
use super::stages::plan::{self, NonPageFiles, Plan, PreviousFiles};
use super::stages::write::{OutputDir, WriteOutcome};
use super::unplanned_files::{BrokenArticles, UnplannedFiles};
use super::unread_files::{find_unread_files, referenced_files, unread_files_diagnostic};
use super::unreadable_paths::UnreadablePaths;
use super::{
    article_links, kept_lists, lost_pages, redirect_checks, setting_files, url_changes, withheld,
};
use crate::archive::{ArticleId, Catalog};
use crate::config::{CONFIG_FILE, REDACTIONS_FILE, Site};
use crate::diagnostics::{Diagnostic, Error};
use crate::history::RepositoryHistory;
use crate::model::Fingerprint;
use crate::pages::{SiteView, check_menus};
use crate::permalinks::{self, RecordSummary};
use crate::search::{self, SearchIndex};
use crate::templates::Templates;

/// Builds a site. Mistakes in its content and its settings are in the report.
///
/// # Errors
/// [`Error::Io`] if a file of the site or of the build cache can't be read, written or removed, or
/// the cache can't be locked.
pub fn build(
    site: &Site,
    options: &BuildOptions,
    progress: &dyn Progress,
) -> Result<BuildReport, Error> {
    let start = Instant::now();
    let mode = options.write_mode();
    let _lock = Lock::acquire(&site.cache_dir, mode, || progress.waiting_for_lock())?;
    let settings = RunSettings { options, progress };
    let scan_time = ScanTime::now();
    let mut report = with_previous_build(site, |previous_build, files| {
        build_after(site, settings, &previous_build, ScannedFiles { files, scan_time })
    })?;
    report.diagnostics.sort();
    report.diagnostics.dedup_by(|a, b| {
        a.code == b.code && a.file == b.file && a.location == b.location && a.message == b.message
    });
    report.seconds = start.elapsed().as_secs_f64();
    Ok(report)
}

/// The files of `content/`, and the time at which looking for them began.
struct ScannedFiles {
    files: Discovery,
    scan_time: ScanTime,
}

/// Builds a site with the data that the last build left.
fn build_after(
    site: &Site,
    settings: RunSettings<'_>,
    previous_build: &PreviousBuild,
    ScannedFiles { mut files, scan_time }: ScannedFiles,
) -> Result<BuildReport, Error> {
    let RunSettings { options, progress } = settings;
    let mode = options.write_mode();
    let mut report = BuildReport { diagnostics: site.mistakes.clone(), ..BuildReport::default() };
    report.output_changes.list = options.list_changes.then(|| ChangeList::new(&site.cache_dir));
    let other_files = std::mem::take(&mut files.other_files);
    let loader = ContentLoader { site, scan_time, previous_build, progress };
    let (manifest, indexed) =
        rayon::join(|| previous_build.load_manifest(options), || loader.load(files, mode));
    let baseline = BuildBaseline::new(previous_build, manifest?);
    let mut indexed = indexed?;
    let cache = previous_build.cache.as_ref();
    withheld::add_tombstones(site, &mut indexed.catalog, &mut indexed.withheld, cache)?;
    let (mut content, cache_writer) = SiteContent::new(site, (indexed, &other_files), &mut report);
    let planner = Planner::new(site, options, &baseline, scan_time, &mut report);
    let mut resolver = PermalinkResolver::with_redacted_names(&content.redacted_names);
    if !content.unreadable.is_empty() || !content.broken_articles.is_empty() {
        resolver.set_unread_articles();
    }
    let (view, plan, _search_index) = loop {
        let view = planner.view(&content, &mut resolver, &mut report)?;
        let (plan, search_index) = planner.plan(&view, &content, &mut report)?;
        if !plan.colliding_articles.is_empty() {
            drop(view);
            content = content.without(site, &plan.colliding_articles);
        } else if !resolver.exclude_occupied_urls(&view, &plan.batches) {
            // In a dry run the index is in a temporary folder, which is removed with it.
            break (view, plan, search_index);
        }
    };
    check_plan(&view, &plan.batches, &mut report);
    let explainer = baseline.explainer(&view, &plan.batches);
    report.explanations = explainer.explain_pages(&options.explain)?;
    if !options.explain_only {
        report.is_blocked = is_blocked(&baseline, &report.diagnostics);
        report.has_unknown_urls = previous_build.is_absent()
            && !site.options.record_permalinks
            && !permalinks::has_entries(site);
        let planned_build = PlannedBuild::new(&view, &plan, &content, &baseline, settings);
        let unplanned_files = planned_build.find_unplanned_files(&resolver, &report.diagnostics)?;
        planned_build.check_urls(&unplanned_files, &mut report)?;
        planned_build.execute(cache_writer, resolver, unplanned_files, &mut report)?;
    }
    Ok(report)
}

/// The content of a site, as it is planned: without the articles whose path is taken.
struct SiteContent {
    catalog: Catalog,
    templates: Templates,
    assets: Vec<Asset>,
    images: Vec<SourceImage>,
    redacted_names: BTreeSet<String>,
    /// The hashes of the paths of articles that have an error, or whose path is taken.
    broken_articles: HashSet<Fingerprint>,
    /// The paths of articles that readers must not see.
    hidden_paths: Vec<Box<str>>,
    /// Files and folders that can't be read.
    unreadable: UnreadablePaths,
    changes: ChangeSet,
}

impl SiteContent {
    /// Loads the templates, and takes the results of indexing. `other_files` are the files of
    /// `content/` that aren't Markdown.
    fn new<'a>(
        site: &Site,
        (indexed, other_files): (IndexedContent<'a>, &[Box<str>]),
        report: &mut BuildReport,
    ) -> (Self, CacheWriter<'a>) {
        let IndexedContent {
            changes,
            catalog,
            writer,
            assets,
            unpublishable_files,
            images,
            redacted_names,
            broken_articles,
            hidden_paths,
            unreadable,
            unpublished,
            mut article_lists,
            broken_paths,
            withheld,
            diagnostics,
            ..
        } = indexed;
        report.diagnostics.extend(diagnostics);
        report.unpublished = Unpublished { withheld: withheld.len(), ..unpublished };
        for article in withheld.iter().filter(|article| article.is_broken) {
            article_lists.add(ArticleList::Withheld, &article.path);
        }
        report.withheld = withheld;
        report.unread_files = find_unread_files(
            site,
            other_files,
            &redacted_names,
            &referenced_files(&assets, &unpublishable_files),
            article_lists.with_unpublished_files().chain(broken_paths.iter().map(|path| &**path)),
        );
        report.diagnostics.extend(unread_files_diagnostic(&report.unread_files));
        report.article_lists = article_lists;
        let templates = load_templates(site, &catalog, &mut report.diagnostics);
        let content = Self {
            catalog,
            templates,
            assets,
            images,
            redacted_names,
            broken_articles,
            hidden_paths,
            unreadable,
            changes,
        };
        (content, writer)
    }

    /// Returns the articles whose last good pages stay.
    fn broken(&self) -> BrokenArticles<'_> {
        BrokenArticles { files: &self.broken_articles, unreadable: &self.unreadable }
    }

    /// Removes articles whose path is taken: they are in no list either.
    fn without(mut self, site: &Site, articles: &[ArticleId]) -> Self {
        let catalog = &self.catalog;
        let path_hash =
            |id: &ArticleId| Fingerprint::hash_bytes(catalog.article(*id).path().as_bytes());
        self.broken_articles.extend(articles.iter().map(path_hash));
        self.changes.mark_file_removed();
        self.catalog = self.catalog.without(articles);
        self.templates = load_templates(site, &self.catalog, &mut Vec::new());
        self
    }
}

/// Plans a site from its content.
struct Planner<'a> {
    site: &'a Site,
    options: &'a BuildOptions,
    baseline: &'a BuildBaseline<'a>,
    scan_time: ScanTime,
    repository_history: RepositoryHistory,
}

impl<'a> Planner<'a> {
    fn new(
        site: &'a Site,
        options: &'a BuildOptions,
        baseline: &'a BuildBaseline<'a>,
        scan_time: ScanTime,
        report: &mut BuildReport,
    ) -> Self {
        let repository_history = RepositoryHistory::walk(site);
        report.diagnostics.extend(repository_history.diagnostics.iter().cloned());
        Self { site, options, baseline, scan_time, repository_history }
    }

    /// Returns everything that pages are rendered from.
    fn view<'v>(
        &'v self,
        content: &'v SiteContent,
        resolver: &mut PermalinkResolver,
        report: &mut BuildReport,
    ) -> Result<SiteView<'v>, Error> {
        let SiteContent { catalog, templates, .. } = content;
        let redirects = resolver.resolve(self.site, catalog, &mut report.diagnostics)?;
        let broken_links = resolver.resolve_links(self.site, catalog)?;
        let history = Arc::new(self.repository_history.for_catalog(self.site, catalog));
        report.diagnostics.extend(history.diagnostics.iter().cloned());
        Ok(SiteView::new(self.site, catalog, templates)
            .with_redirects(redirects)
            .with_broken_links(broken_links)
            .with_redacted_names(resolver.redacted_names().clone())
            .with_history(history))
    }

    /// Builds the search index and plans all files.
    fn plan(
        &self,
        view: &SiteView<'_>,
        content: &SiteContent,
        report: &mut BuildReport,
    ) -> Result<(Plan, SearchIndex), Error> {
        let index_options = self.baseline.previous_build.search_index_options(self.options);
        let search_index = search::build_index(self.site, &content.catalog, index_options)?;
        let files = NonPageFiles {
            assets: &content.assets,
            images: &content.images,
            search_index: &search_index.files,
            scan_time: self.scan_time,
        };
        let previous = PreviousFiles {
            manifest: &self.baseline.manifest,
            has_non_body_changes: content.changes.has_non_body_changes,
        };
        let mut plan = plan::plan(view, files, &previous);
        report.diagnostics.append(&mut plan.diagnostics);
        Ok((plan, search_index))
    }
}

/// Adds the diagnostics that need all files to be known.
fn check_plan(view: &SiteView<'_>, batches: &[Batch], report: &mut BuildReport) {
    report.articles = view.catalog.len();
    report.standalone_pages = view.catalog.page_ids().len();
    report.diagnostics.extend(article_links::check(view));
    report.diagnostics.extend(redirect_checks::check(view, batches));
    report.diagnostics.extend(setting_files::check(view.site));
    report.diagnostics.extend(check_menus(view.site, view.catalog));
    if report.unpublished == Unpublished::default() {
        report.diagnostics.extend(audit::check_unknown_ids(view.site, view.catalog));
    }
}

/// Returns true if nothing may be written. A mistake in `site.yaml` may move every page: the files
/// of a good build stay until it is corrected. With a mistake in `redactions.yaml`, a name may be
/// published.
fn is_blocked(baseline: &BuildBaseline<'_>, diagnostics: &[Diagnostic]) -> bool {
    let has_blocking_error = |file| {
        diagnostics.iter().any(|diagnostic| diagnostic.file == file && blocks_build(diagnostic))
    };
    !baseline.manifest.is_empty() && has_blocking_error(CONFIG_FILE)
        || has_blocking_error(REDACTIONS_FILE)
}

/// Records the URLs of a site in the permalink registry. If the setting asks for it, rather than an
/// option, lines of the registry that can't be read leave it as it is: the build has reported them.
///
/// # Errors
/// As [`permalinks::record_permalinks`].
fn record_urls(
    view: &SiteView<'_>,
    resolver: PermalinkResolver,
) -> Result<Option<RecordSummary>, Error> {
    let registry = resolver.into_registry();
    match permalinks::record_permalinks(view.site, view.catalog, &registry) {
        Ok(summary) => Ok(Some(summary)),
        Err(Error::Usage(_)) if !view.site.options.record_permalinks => Ok(None),
        Err(error) => Err(error),
    }
}

/// The options of a build, and the receiver of its progress.
#[derive(Clone, Copy)]
struct RunSettings<'a> {
    options: &'a BuildOptions,
    progress: &'a dyn Progress,
}

/// A planned site, to be rendered and written.
struct PlannedBuild<'a> {
    view: &'a SiteView<'a>,
    plan: &'a Plan,
    content: &'a SiteContent,
    baseline: &'a BuildBaseline<'a>,
    settings: RunSettings<'a>,
    /// If only the bodies of some articles have changed: the hashes of the paths of these articles.
    changed_bodies: Option<&'a HashSet<Fingerprint>>,
}

impl<'a> PlannedBuild<'a> {
    fn new(
        view: &'a SiteView<'a>,
        plan: &'a Plan,
        content: &'a SiteContent,
        baseline: &'a BuildBaseline<'a>,
        settings: RunSettings<'a>,
    ) -> Self {
        let has_same_inputs =
            || plan.is_same_as_previous && view.common_dependencies() == baseline.common_inputs;
        let changed_bodies = content.changes.changed_bodies.as_ref().filter(|_| has_same_inputs());
        Self { view, plan, content, baseline, settings, changed_bodies }
    }

    /// Renders, writes, audits and commits. If the build is blocked, only reports.
    fn execute(
        &self,
        cache_writer: CacheWriter<'_>,
        mut resolver: PermalinkResolver,
        mut unplanned_files: UnplannedFiles,
        report: &mut BuildReport,
    ) -> Result<(), Error> {
        let Self { view, baseline, settings, .. } = *self;
        let previous_build = baseline.previous_build;
        let mode = settings.options.write_mode();
        let output_dir = (!report.is_blocked)
            .then(|| OutputDir::open(&view.site.output_dir, mode))
            .transpose()?;
        let builder = self.batch_builder(output_dir.as_ref());
        let will_write = output_dir.is_some() && mode == WriteMode::Write;
        if will_write {
            let is_same = self.plan.is_same_as_previous;
            let new_paths = (!is_same).then(|| builder.new_paths(&self.plan.batches));
            previous_build.journal_new_files(new_paths.into_iter().flatten())?;
        }
        let mut manifest_writer = if will_write && previous_build.is_absent() {
            ManifestWriter::streaming(cache_writer, view)?
        } else {
            ManifestWriter::deferred(cache_writer)
        };
        let mut audit = self.audit();
        let has_changes = self.build_batches(&builder, &mut manifest_writer, &mut audit, report)?;
        self.resolve_lost_urls(&mut resolver, &mut unplanned_files, report)?;
        audit.release_named_files(view.site, &mut unplanned_files)?;
        report.files += unplanned_files.retained_count();
        let Some(output_dir) = output_dir else { return Ok(()) };
        if mode == WriteMode::DryRun {
            unplanned_files.preview_removals(&output_dir, &mut report.output_changes);
            return Ok(());
        }
        unplanned_files.remove_orphans(&output_dir, &mut report.output_changes)?;
        output_dir.close();
        self.remove_unused_image_copies();
        let retained_paths = unplanned_files.retained_paths();
        let audit_result =
            audit.run(view, &self.plan.batches, retained_paths, settings.progress)?;
        self.commit(manifest_writer, &unplanned_files, &audit_result, has_changes)?;
        report.audited_files = audit_result.files_checked;
        report.diagnostics.extend(audit_result.diagnostics);
        if view.site.records_permalinks() {
            report.registry_update = record_urls(view, resolver)?;
        }
        Ok(())
    }

    fn batch_builder<'b>(&'b self, output_dir: Option<&'b OutputDir<'b>>) -> BatchBuilder<'b> {
        BatchBuilder {
            view: self.view,
            previous_manifest: &self.baseline.manifest,
            output_handle: DirHandle::open(&self.view.site.output_dir),
            output_dir,
            options: self.settings.options,
            changed_bodies: self.changed_bodies,
            progress: self.settings.progress,
        }
    }

    /// Renders and writes all files, batch by batch. Returns whether the manifest changes.
    fn build_batches(
        &self,
        builder: &BatchBuilder<'_>,
        manifest_writer: &mut ManifestWriter<'_>,
        audit: &mut RedactionAudit,
        report: &mut BuildReport,
    ) -> Result<bool, Error> {
        let mut has_changes = false;
        let mut first_index = 0;
        for (batch_index, batch) in self.plan.batches.iter().enumerate() {
            builder.progress.add_work(batch.1.len());
            let built_files = builder.build_batch(first_index, batch)?;
            first_index += built_files.len();
            let mut entries = Vec::with_capacity(built_files.len());
            for (index, (file, output)) in built_files.into_iter().zip(&batch.1).enumerate() {
                if !file.is_unchanged {
                    audit.add_changed((batch_index as u32, index as u32));
                }
                match file.outcome {
                    Some(WriteOutcome::Written) => {
                        let path = || output.path(self.view).as_str().to_owned();
                        report.output_changes.add_written(path);
                    }
                    Some(WriteOutcome::Unchanged) => report.unchanged += 1,
                    Some(WriteOutcome::Removed) => {
                        report.output_changes.add_removed(output.path(self.view).as_str());
                    }
                    None => {}
                }
                has_changes |= !file.is_unchanged;
                report.files += usize::from(file.entry.content_hash != Fingerprint::DIRTY);
                report.diagnostics.extend(file.diagnostics);
                entries.push(file.entry);
            }
            manifest_writer.add_batch(self.view, &batch.1, entries)?;
        }
        Ok(has_changes)
    }

    /// Finds the files of earlier builds that aren't planned. There are none after a first build,
    /// nor if the same files are planned and no build was interrupted.
    fn find_unplanned_files(
        &self,
        resolver: &PermalinkResolver,
        diagnostics: &[Diagnostic],
    ) -> Result<UnplannedFiles, Error> {
        let previous_build = self.baseline.previous_build;
        if previous_build.is_absent()
            || self.plan.is_same_as_previous && previous_build.interrupted_files().is_empty()
        {
            return Ok(UnplannedFiles::default());
        }
        let path_hash = |output: &PlannedOutput| output.path(self.view).manifest_key();
        let outputs = self.plan.batches.par_iter().flat_map(|(_, outputs)| outputs);
        let planned_paths: HashSet<Fingerprint> = outputs.map(path_hash).collect();
        let mut unplanned_files = UnplannedFiles::find(
            previous_build.cache.as_ref(),
            previous_build.interrupted_files(),
            &planned_paths,
            self.content.broken(),
        )?;
        let unreadable_static = UnreadablePaths::of_static(diagnostics);
        let site = (self.view.site, self.view.catalog);
        let content = &self.content.unreadable;
        let unread = UnreadSources { content, statics: &unreadable_static, resolver };
        kept_lists::retain_unknown_files(&mut unplanned_files, site, unread, || {
            self.hidden_articles()
        });
        Ok(unplanned_files)
    }

    /// Reads the articles that readers must not see.
    fn hidden_articles(&self) -> HiddenArticles {
        let hidden_paths = self.content.hidden_paths.iter().map(|path| &**path);
        HiddenArticles::load(self.view.site, self.view.catalog, hidden_paths)
    }

    /// Reports it if many published articles would get another URL. Then nothing is written, unless
    /// an article has to disappear: that takes precedence over URLs.
    fn check_urls(
        &self,
        unplanned_files: &UnplannedFiles,
        report: &mut BuildReport,
    ) -> Result<(), Error> {
        let Some(cache) = &self.baseline.previous_build.cache else { return Ok(()) };
        if self.settings.options.accept_removals {
            return Ok(());
        }
        let changes = url_changes::find_mass_change(self.view, unplanned_files);
        if changes.is_empty() {
            return Ok(());
        }
        let published = unplanned_files.published_articles.len();
        report.diagnostics.push(url_changes::diagnostic(&changes, published));
        let broken = self.content.broken();
        let audit = self.audit();
        report.is_blocked |= !(audit.has_new_names()
            || url_changes::hides_published_articles(cache, self.view, broken, &changes)?);
        report.url_changes = changes;
        Ok(())
    }

    fn audit(&self) -> RedactionAudit {
        let audited_names = self.baseline.previous_build.audited_names();
        RedactionAudit::new(&self.content.redacted_names, audited_names)
    }

    /// Reports lost URLs, and retains their pages; or accepts their loss.
    fn resolve_lost_urls(
        &self,
        resolver: &mut PermalinkResolver,
        unplanned_files: &mut UnplannedFiles,
        report: &mut BuildReport,
    ) -> Result<(), Error> {
        let (view, content) = (self.view, self.content);
        let options = self.settings.options;
        if options.accept_removals && !report.is_blocked {
            resolver.exclude_retained(content.broken(), unplanned_files);
            report.accepted_removals = resolver.accept_missing(view.site, options.write_mode())?;
        } else {
            let missing = resolver.report_missing(view.catalog, content.broken(), unplanned_files);
            report.diagnostics.extend(missing);
            let lost_urls = LostUrls { missing: resolver.missing(), changes: &report.url_changes };
            lost_pages::retain_lost_pages(unplanned_files, lost_urls, || self.hidden_articles());
        }
        lost_pages::retain_linked_files(unplanned_files, view.site);
        Ok(())
    }

    fn remove_unused_image_copies(&self) {
        let outputs = self.plan.batches.iter().flat_map(|(_, outputs)| outputs);
        copies::remove_unused_variants(self.view.site, outputs.filter_map(PlannedOutput::as_copy));
    }

    fn commit(
        &self,
        manifest_writer: ManifestWriter<'_>,
        unplanned_files: &UnplannedFiles,
        audit_result: &AuditResult,
        has_changed_files: bool,
    ) -> Result<(), Error> {
        let previous_build = self.baseline.previous_build;
        let result = BuildResult {
            retained: &unplanned_files.retained,
            is_changed: has_changed_files
                || !unplanned_files.orphans.is_empty()
                || audit_result.names_hash != previous_build.audited_names(),
            previous_common_inputs: &self.baseline.common_inputs,
            audited_names: audit_result.names_hash,
        };
        manifest_writer.commit(self.view, &self.plan.batches, &result)?;
        previous_build.close_journal()
    }
}

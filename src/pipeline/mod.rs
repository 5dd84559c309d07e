//! The line: discover → parse → index → plan → render → write → prove → record. Stages meet only
//! here.

mod article_links;
pub(crate) mod cache;
mod copies;
mod dir_handle;
mod explain;
mod output_changes;
mod output_ids;
mod output_paths;
mod permalink_resolver;
mod preview;
mod redirect_checks;
mod session;
mod snapshot;
mod stages;

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use std::time::Instant;

use crate::archive::record::RECORD_VERSION;
use crate::archive::{ArticleId, Catalog, TermVariants};
use crate::config::{CONFIG_FILE, REDACTIONS_FILE, Site};
use crate::diagnostics::{Diagnostic, Error, Severity};
use crate::history::RepositoryHistory;
use crate::model::{Fingerprint, Fingerprinter};
use crate::pages::{SiteView, site_context};
use crate::permalinks::{self, RecordSummary};
use crate::pipeline::cache::store::{Cache, CacheWriter};
use crate::search;
use crate::templates::Templates;
use cache::file_stamps::ScanTime;
use cache::previous_build::{BuildBaseline, PreviousBuild};
use dir_handle::DirHandle;
use permalink_resolver::PermalinkResolver;
use stages::audit::RedactionAudit;
use stages::commit::ManifestWriter;
use stages::index::{IndexedContent, Indexer};
use stages::parse::RecordLoader;
use stages::render::Renderer;
use stages::write::{OutputDir, WriteOutcome};
use stages::{audit, discover, plan};

pub(crate) use cache::journal::Lock;
pub(crate) use explain::{ChangeCause, Explanation, InputChange, group_changes, output_path};
pub(crate) use output_changes::{ChangeList, OutputChanges};
pub(crate) use output_ids::OutputId;
pub use preview::FileContent;
pub(crate) use preview::SitePreview;
pub(crate) use session::PermalinkReport;
pub use session::{Effect, Session};
pub(crate) use stages::write::hash_contents;

/// The options of a build.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct BuildOptions {
    /// Render every page, even if nothing that it depends on has changed.
    pub force: bool,
    /// Compare the contents of every output file with the manifest, not only its size and time.
    pub verify: bool,
    /// Write nothing.
    pub dry_run: bool,
    /// List the paths of all files that are written or removed.
    pub list_changes: bool,
    /// The URLs or output paths of pages to be explained.
    pub explain: Vec<String>,
    /// Explain only: render no page and compare no file.
    pub explain_only: bool,
}

/// The result of a build.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct BuildReport {
    /// The number of published articles.
    pub articles: usize,
    /// The number of files of the site.
    pub files: usize,
    /// The files that were written and removed.
    pub output_changes: OutputChanges,
    /// The number of files that were already as they should be.
    pub unchanged: usize,
    /// The number of articles that aren't published, by reason.
    pub unpublished: Unpublished,
    /// Set if nothing was written because `site.yaml` has mistakes that could move every page, or
    /// `redactions.yaml` has any mistake.
    pub is_blocked: bool,
    /// The number of files that the redaction audit searched.
    pub audited_files: usize,
    /// All errors and warnings, by file and line.
    pub diagnostics: Vec<Diagnostic>,
    /// The changes of the permalink registry, if it was recorded.
    pub registry_update: Option<RecordSummary>,
    /// The pages of [`BuildOptions::explain`], each with the reason why it is rebuilt or unchanged.
    pub explanations: Vec<Explanation>,
    /// The duration of the build in seconds.
    pub seconds: f64,
}

/// The number of articles that aren't published, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unpublished {
    /// Articles with `draft: true`.
    pub drafts: usize,
    /// Articles whose date or embargo is in the future.
    pub scheduled: usize,
    /// Articles whose expiry date is past.
    pub expired: usize,
}

impl Unpublished {
    fn add(&mut self, other: Self) {
        self.drafts += other.drafts;
        self.scheduled += other.scheduled;
        self.expired += other.expired;
    }
}

impl BuildReport {
    /// Returns the number of diagnostics of a severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count()
    }
}

/// Receives the progress of a build or a check. `()` ignores it.
pub trait Progress: Sync {
    /// Adds units of work to those that are to be done.
    fn add_work(&self, _units: usize) {}
    /// Counts one unit as done.
    fn advance(&self) {}
    /// Called before waiting for another build of the same site to end.
    fn waiting_for_lock(&self) {}
}

impl Progress for () {}

/// Builds a site. Mistakes in its content and its settings are in the report.
///
/// # Errors
/// If a file of the site or of the build cache can't be read, written or removed, or the cache can't
/// be locked.
pub fn build(
    site: &Site,
    options: &BuildOptions,
    progress: &dyn Progress,
) -> Result<BuildReport, Error> {
    let start = Instant::now();
    let _lock = Lock::acquire(&site.cache_dir, options.dry_run, || progress.waiting_for_lock())?;
    let mut report = BuildReport { diagnostics: site.mistakes.clone(), ..BuildReport::default() };
    report.output_changes.list = options.list_changes.then(|| ChangeList::new(&site.cache_dir));
    let scan_time = ScanTime::now();
    let (previous_build, files) =
        rayon::join(|| PreviousBuild::open(site), || discover_content(site));
    let previous_build = previous_build?;
    let (manifest, indexed) = rayon::join(
        || previous_build.load_manifest(options.force),
        || {
            parse_and_index(
                site,
                scan_time,
                &previous_build,
                files,
                options.dry_run,
                progress,
                &mut report,
            )
        },
    );
    let baseline = BuildBaseline::new(&previous_build, manifest?);
    let IndexedContent {
        mut catalog,
        writer,
        assets,
        images,
        redacted_names,
        mut broken_articles,
        mut changes,
        ..
    } = indexed?;
    let mut templates = load_templates(site, &catalog, &mut report.diagnostics);
    let mut permalink_resolver = PermalinkResolver::with_redacted_names(&redacted_names);
    let repository_history = RepositoryHistory::walk(site);
    report.diagnostics.extend(repository_history.diagnostics.iter().cloned());
    // A dry build's index lasts as long as this.
    let (view, batches, is_same_as_previous, _search_index) = loop {
        let redirects = permalink_resolver.resolve(site, &catalog, &mut report.diagnostics)?;
        let history = Arc::new(repository_history.for_catalog(site, &catalog));
        report.diagnostics.extend(history.diagnostics.iter().cloned());
        let view = SiteView::new(site, &catalog, &templates)
            .with_redirects(redirects)
            .with_history(history);
        let search_index =
            search::build_index(site, &catalog, previous_build.search_index_options(options))?;
        let non_page_files = plan::NonPageFiles {
            assets: &assets,
            images: &images,
            search_index: &search_index.files,
        };
        let plan = plan::plan(
            &view,
            non_page_files,
            scan_time,
            &baseline.manifest,
            changes.has_non_body_changes,
        );
        report.diagnostics.extend(plan.diagnostics);
        if plan.colliding_articles.is_empty() {
            if permalink_resolver.exclude_occupied_urls(&view, &plan.batches) {
                continue;
            }
            break (view, plan.batches, plan.is_same_as_previous, search_index);
        }
        // An article without a place is in no listing either: everything is planned again without
        // it.
        drop(view);
        let path_hash =
            |id: &ArticleId| Fingerprint::hash_bytes(catalog.article(*id).path().as_bytes());
        changes.mark_file_removed();
        broken_articles.extend(plan.colliding_articles.iter().map(path_hash));
        catalog = catalog.without(&plan.colliding_articles);
        templates = load_templates(site, &catalog, &mut Vec::new());
    };
    report.articles = catalog.len();
    report.diagnostics.extend(article_links::check(site, &catalog));
    report.diagnostics.extend(redirect_checks::check(&view, &batches));
    if report.unpublished == Unpublished::default() {
        report.diagnostics.extend(audit::check_unknown_ids(site, &catalog));
    }
    report.explanations = baseline.explainer(&view, &batches).explain_pages(&options.explain)?;
    if options.explain_only {
        report.diagnostics.sort();
        return Ok(report);
    }

    // A slip in site.yaml may move every address: where there is a good site already, it stays
    // until that is mended.
    let has_blocking_error = |file| {
        report
            .diagnostics
            .iter()
            .any(|diagnostic| diagnostic.file == file && blocks_build(diagnostic))
    };
    let is_blocked = !baseline.manifest.is_empty() && has_blocking_error(CONFIG_FILE)
        || has_blocking_error(REDACTIONS_FILE);
    let changed_bodies = changes
        .changed_bodies
        .filter(|_| is_same_as_previous && view.common_dependencies() == baseline.common_inputs);
    let planned_build = PlannedBuild {
        view: &view,
        batches: &batches,
        baseline: &baseline,
        redacted_names: &redacted_names,
        broken_articles: &broken_articles,
    };
    let output_dir =
        (!is_blocked).then(|| OutputDir::new(options.dry_run, &site.output_dir)).transpose()?;
    planned_build.execute(
        options,
        PlanOutcome {
            writer,
            is_same_as_previous: is_same_as_previous,
            changed_bodies,
            permalink_resolver,
        },
        output_dir,
        progress,
        &mut report,
    )?;
    report.is_blocked = is_blocked;
    report.diagnostics.sort();
    report.diagnostics.dedup_by(|a, b| {
        a.code == b.code && a.file == b.file && a.location == b.location && a.message == b.message
    });
    report.seconds = start.elapsed().as_secs_f64();
    Ok(report)
}

/// What is to be made, and from what.
struct PlannedBuild<'a> {
    view: &'a SiteView<'a>,
    batches: &'a [plan::Batch],
    baseline: &'a BuildBaseline<'a>,
    redacted_names: &'a BTreeSet<String>,
    broken_articles: &'a HashSet<Fingerprint>,
}

/// What planning leaves to the rest of the line.
struct PlanOutcome<'a> {
    writer: CacheWriter<'a>,
    /// Whether these are the files that the last build left.
    is_same_as_previous: bool,
    /// Where pages are made from what they were, but for some articles' bodies: these articles.
    changed_bodies: Option<HashSet<Fingerprint>>,
    permalink_resolver: PermalinkResolver,
}

impl PlannedBuild<'_> {
    /// Make, prove, record. Without a sink nothing is made.
    fn execute(
        &self,
        options: &BuildOptions,
        plan_outcome: PlanOutcome<'_>,
        output_dir: Option<OutputDir<'_>>,
        progress: &dyn Progress,
        report: &mut BuildReport,
    ) -> Result<(), Error> {
        let Self { view, batches, baseline, .. } = *self;
        let PlanOutcome { writer, is_same_as_previous, changed_bodies, mut permalink_resolver } =
            plan_outcome;
        let renderer = Renderer {
            view,
            previous_manifest: &baseline.manifest,
            output_handle: DirHandle::open(&view.site.output_dir),
            output_dir: output_dir.as_ref(),
            verify: options.verify,
            changed_bodies,
            progress,
        };
        let will_write = output_dir.is_some() && !options.dry_run;
        if will_write {
            let new_paths =
                (!is_same_as_previous).then(|| renderer.new_paths(batches)).into_iter().flatten();
            baseline.previous_build.journal_new_files(new_paths)?;
        }
        let mut manifest_writer =
            ManifestWriter::new(writer, view, will_write && baseline.previous_build.is_absent())?;
        let mut audit =
            RedactionAudit::new(self.redacted_names, baseline.previous_build.audited_names());
        let is_unchanged =
            render_batches(&renderer, batches, &mut manifest_writer, &mut audit, report)?;
        let unplanned_files = baseline.find_unplanned_files(
            &manifest_writer,
            is_same_as_previous,
            self.broken_articles,
        )?;
        report.files += unplanned_files.retained_count();
        report.diagnostics.extend(permalink_resolver.report_missing(
            view.catalog,
            self.broken_articles,
            &unplanned_files,
        ));
        let Some(output_dir) = output_dir else { return Ok(()) };
        if options.dry_run {
            unplanned_files.preview_removals(&output_dir, &mut report.output_changes);
            return Ok(());
        }
        unplanned_files.remove_orphans(&output_dir, &mut report.output_changes)?;
        output_dir.close();
        let outputs = batches.iter().flat_map(|(_, outputs)| outputs);
        copies::remove_unused_variants(view.site, outputs.filter_map(plan::PlannedOutput::as_copy));
        let audit_result = audit.run(view, batches, &unplanned_files, progress)?;
        let is_unchanged =
            is_unchanged && audit_result.names_hash == baseline.previous_build.audited_names();
        report.audited_files = audit_result.files_checked;
        report.diagnostics.extend(audit_result.diagnostics);
        manifest_writer.commit(
            view,
            batches,
            &unplanned_files,
            is_unchanged,
            &baseline.common_inputs,
            audit_result.names_hash,
        )?;
        baseline.previous_build.close_journal()?;
        if view.site.options.record_permalinks {
            let registry = permalink_resolver.into_registry();
            report.registry_update =
                Some(permalinks::record_permalinks(view.site, view.catalog, &registry)?);
        }
        Ok(())
    }
}

/// Reads a site without building it: its stories, and what is wrong with them.
///
/// # Errors
/// What the machine refused.
pub(crate) fn load_catalog(
    site: &Site,
    progress: &dyn Progress,
) -> Result<(Catalog, Vec<Diagnostic>), Error> {
    let mut report = BuildReport { diagnostics: site.mistakes.clone(), ..BuildReport::default() };
    if report
        .diagnostics
        .iter()
        .any(|diagnostic| diagnostic.file == REDACTIONS_FILE && blocks_build(diagnostic))
    {
        let message = "redactions.yaml has mistakes, so that it isn't known which names are to be taken out: `dateline check` tells them";
        return Err(Error::Usage(message.to_owned()));
    }
    let scan_time = ScanTime::now();
    let previous_build = PreviousBuild::open(site)?;
    let IndexedContent { catalog, .. } = parse_and_index(
        site,
        scan_time,
        &previous_build,
        discover_content(site),
        true,
        progress,
        &mut report,
    )?;
    report.diagnostics.sort();
    Ok((catalog, report.diagnostics))
}

/// The articles and term pages of a site, as paths below `content/`, in order; and files that can't
/// be any.
pub(crate) fn content_files(site: &Site) -> (Vec<Box<str>>, Vec<Diagnostic>) {
    discover_content(site)
}

fn discover_content(site: &Site) -> (Vec<Box<str>>, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let files = discover::discover(site, &mut diagnostics);
    (files, diagnostics)
}

/// Whether a mistake in site.yaml is more than a key that nothing knows, or a redirect that goes
/// astray: neither moves a page.
pub(crate) fn blocks_build(diagnostic: &Diagnostic) -> bool {
    const HARMLESS: [&str; 5] = [
        "unknown-setting",
        "alias-hides-page",
        "redirect-chain",
        "redirect-loop",
        "redirect-twice",
    ];
    diagnostic.severity == Severity::Error && !HARMLESS.contains(&diagnostic.code)
}

fn load_templates(site: &Site, catalog: &Catalog, diagnostics: &mut Vec<Diagnostic>) -> Templates {
    Templates::load(site, |languages| site_context(site, catalog, languages), diagnostics)
}

/// Returns the hash of everything that records depend on besides their files.
fn hash_settings(site: &Site) -> Fingerprint {
    let options = &site.options;
    let mut hash = Fingerprinter::new();
    hash.number(RECORD_VERSION).add(site.redactions.fingerprint);
    for flag in [
        site.has_permalink_registry,
        options.include_drafts,
        options.include_future,
        options.include_expired,
    ] {
        hash.number(flag.into());
    }
    for (name, value) in site.setting_texts.all() {
        hash.text(name).text(value);
    }
    hash.finish()
}

/// Parse, index: while one run of files is parsed, the one before goes into the catalog.
fn parse_and_index<'a>(
    site: &'a Site,
    scan_time: ScanTime,
    previous_build: &'a PreviousBuild,
    (files, discovery_diagnostics): (Vec<Box<str>>, Vec<Diagnostic>),
    dry_run: bool,
    progress: &dyn Progress,
    report: &mut BuildReport,
) -> Result<IndexedContent<'a>, Error> {
    report.diagnostics.extend(previous_build.damage_diagnostic());
    report.diagnostics.extend(discovery_diagnostics);
    progress.add_work(files.len());
    let settings_hash = hash_settings(site);
    let compatible_cache =
        previous_build.cache.as_ref().filter(|cache| cache.settings_hash == settings_hash);
    let writer = match dry_run {
        true => CacheWriter::disabled(&previous_build.cache_file, settings_hash),
        false => CacheWriter::new(&previous_build.cache_file, compatible_cache, settings_hash),
    };
    let mut indexer = Indexer::new(site, files.len(), writer);
    let records = compatible_cache.map(Cache::records).transpose()?;
    let mut loader = RecordLoader::new(site, scan_time, &files, records, progress);
    let mut pending = None;
    loop {
        let (next_chunk, added) = rayon::join(
            || loader.next_chunk(),
            || pending.take().map_or(Ok(()), |chunk| indexer.add_chunk(chunk)),
        );
        added?;
        match next_chunk? {
            Some(chunk) => pending = Some(chunk),
            None => break,
        }
    }
    let mut indexed = indexer.finish();
    // Only a catalog that is amended needs them.
    indexed.term_variants = TermVariants::default();
    if loader.has_removed_files || compatible_cache.is_none() {
        indexed.changes.mark_file_removed();
    }
    report.diagnostics.append(&mut indexed.diagnostics);
    report.unpublished = indexed.unpublished;
    Ok(indexed)
}

/// Render and write, batch by batch. Tells whether the ledger's entries are the old ones.
fn render_batches(
    renderer: &Renderer<'_>,
    batches: &[plan::Batch],
    manifest_writer: &mut ManifestWriter<'_>,
    audit: &mut RedactionAudit,
    report: &mut BuildReport,
) -> Result<bool, Error> {
    let (mut all_unchanged, mut first_index) = (true, 0);
    for (batch_index, batch) in batches.iter().enumerate() {
        renderer.progress.add_work(batch.1.len());
        let rendered_pages = renderer.render_batch(first_index, batch)?;
        first_index += rendered_pages.len();
        let mut entries = Vec::with_capacity(rendered_pages.len());
        for (index, (rendered_page, output)) in rendered_pages.into_iter().zip(&batch.1).enumerate()
        {
            if !rendered_page.is_unchanged {
                audit.add_changed((batch_index as u32, index as u32));
            }
            match rendered_page.outcome {
                Some(WriteOutcome::Written) => {
                    report
                        .output_changes
                        .add_written(|| output.path(renderer.view).as_str().to_owned());
                }
                Some(WriteOutcome::Unchanged) => report.unchanged += 1,
                None => {}
            }
            all_unchanged &= rendered_page.is_unchanged;
            report.files += usize::from(rendered_page.entry.content_hash != Fingerprint::DIRTY);
            report.diagnostics.extend(rendered_page.diagnostics);
            entries.push(rendered_page.entry);
        }
        manifest_writer.add_batch(renderer.view, &batch.1, entries)?;
    }
    Ok(all_unchanged)
}

//! A snapshot: a site made in memory from its parsed files, which can be updated when articles
//! change.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::cache::file_stamps::ScanTime;
use super::cache::store::CacheWriter;
use super::copies::{Asset, SourceImage};
use super::loading::load_templates;
use super::output_ids::OutputIds;
use super::parsed_file::ParsedFile;
use super::permalink_resolver::PermalinkResolver;
use super::planned_output::Batch;
use super::stages::index::{IndexedContent, Indexer};
use super::stages::plan;
use super::unread_files::referenced_files;
use super::{article_links, redirect_checks, setting_files, withheld};
use crate::archive::record::ArticleRecord;
use crate::archive::{ArticleChange, ArticleId, Catalog, TermVariants};
use crate::config::{PERMALINK_REGISTRY_FILE, Site};
use crate::diagnostics::{Diagnostic, Error};
use crate::history::{History, RepositoryHistory};
use crate::model::Fingerprint;
use crate::pages::{SiteView, check_menus, site_context};
use crate::permalinks::{BrokenLinks, Redirect};
use crate::templates::Templates;

/// A planned site in memory.
pub(crate) struct Snapshot {
    pub(crate) catalog: Catalog,
    term_variants: TermVariants,
    templates: Templates,
    resources: ContentResources,
    /// The hashes of the paths of articles that have an error, or whose path is taken.
    pub(crate) broken_articles: HashSet<Fingerprint>,
    /// True if the catalog has all articles: the path of none is taken.
    is_complete: bool,
    pub(crate) site_plan: SitePlan,
    /// All diagnostics except those of planning.
    diagnostics: Vec<Diagnostic>,
}

/// The files and names in articles.
struct ContentResources {
    assets: Vec<Asset>,
    /// The paths of files that articles refer to, and whose names can't be part of a URL.
    unpublishable_files: BTreeSet<String>,
    images: Vec<SourceImage>,
    /// Names that are redacted from articles.
    redacted_names: BTreeSet<String>,
}

/// The files of the site, and what is known only after they are planned.
#[derive(Default)]
pub(crate) struct SitePlan {
    pub(crate) batches: Vec<Batch>,
    /// The years of all batches except the first, which has the files of no year.
    years: Vec<i32>,
    pub(crate) output_ids: OutputIds,
    /// True if no two files have the same path.
    is_collision_free: bool,
    /// Redirects from recorded permalinks.
    redirects: Vec<Redirect>,
    broken_links: BrokenLinks,
    pub(crate) permalink_resolver: PermalinkResolver,
    /// The reason why the permalink registry can't be read.
    pub(crate) registry_error: Option<Error>,
    history: Arc<History>,
    /// Articles whose path is taken.
    colliding_articles: Vec<ArticleId>,
    diagnostics: Vec<Diagnostic>,
}

impl Snapshot {
    /// Makes a site from its parsed files.
    pub(crate) fn from_files(
        site: &Site,
        files: &BTreeMap<Box<str>, ParsedFile>,
        repository_history: &RepositoryHistory,
        settings_hash: Fingerprint,
    ) -> Self {
        let mut indexer =
            Indexer::new(site, files.len(), CacheWriter::disabled(&site.cache_dir, settings_hash));
        files.iter().for_each(|(path, parsed_file)| indexer.add_parsed_file(path, parsed_file));
        let IndexedContent {
            mut catalog,
            term_variants,
            assets,
            unpublishable_files,
            images,
            redacted_names,
            mut broken_articles,
            mut withheld,
            mut diagnostics,
            ..
        } = indexer.finish();
        if let Err(error) = withheld::add_tombstones(site, &mut catalog, &mut withheld, None) {
            let message = error.to_string();
            diagnostics.push(Diagnostic::error("unreadable", PERMALINK_REGISTRY_FILE, message));
        }
        let resources = ContentResources { assets, unpublishable_files, images, redacted_names };
        diagnostics.extend(repository_history.diagnostics.iter().cloned());
        let mut templates = load_templates(site, &catalog, &mut diagnostics);
        let mut is_complete = true;
        loop {
            let inputs = PlanInputs {
                site,
                catalog: &catalog,
                templates: &templates,
                resources: &resources,
                repository_history,
            };
            let site_plan = inputs.plan_site(None);
            if site_plan.colliding_articles.is_empty() {
                return Self {
                    catalog,
                    term_variants,
                    templates,
                    resources,
                    broken_articles,
                    is_complete,
                    site_plan,
                    diagnostics,
                };
            }
            is_complete = false;
            diagnostics.extend(site_plan.diagnostics);
            let path_hash =
                |id: &ArticleId| Fingerprint::hash_bytes(catalog.article(*id).path().as_bytes());
            broken_articles.extend(site_plan.colliding_articles.iter().map(path_hash));
            catalog = catalog.without(&site_plan.colliding_articles);
            templates = load_templates(site, &catalog, &mut Vec::new());
        }
    }

    /// Applies changes of articles that refer to the same files as before. Returns whether that was
    /// possible; if not, the snapshot must be discarded.
    #[must_use]
    pub(crate) fn apply_changes(
        &mut self,
        site: &Site,
        repository_history: &RepositoryHistory,
        changes: &[ArticleChange<'_>],
    ) -> bool {
        if !self.is_complete || !self.site_plan.is_collision_free {
            return false;
        }
        let Some(changed_years) = self.catalog.amend(site, &mut self.term_variants, changes) else {
            return false;
        };
        self.update_site_context(site);
        let previous_plan = (std::mem::take(&mut self.site_plan), changed_years);
        let inputs = PlanInputs {
            site,
            catalog: &self.catalog,
            templates: &self.templates,
            resources: &self.resources,
            repository_history,
        };
        self.site_plan = inputs.plan_site(Some(previous_plan));
        self.site_plan.colliding_articles.is_empty()
    }

    /// Replaces the record of an article that keeps its position in all lists. Returns whether the
    /// catalog has the article.
    pub(crate) fn replace(&mut self, site: &Site, path: &str, record: &ArticleRecord<'_>) -> bool {
        let is_replaced = self.catalog.replace(site, path, record);
        // Menus show titles.
        if is_replaced && site.config.menus.names_pages() {
            self.update_site_context(site);
        }
        is_replaced
    }

    /// Updates the variable `site` after articles have changed.
    pub(crate) fn update_site_context(&mut self, site: &Site) {
        let site_context = site_context(site, &self.catalog, &self.templates.languages);
        self.templates.set_site_context(site_context);
    }

    /// Returns the paths of the files of `content/` that articles refer to.
    pub(crate) fn referenced_files(&self) -> HashSet<&str> {
        referenced_files(&self.resources.assets, &self.resources.unpublishable_files)
    }

    /// Returns the names that are redacted from articles.
    pub(crate) fn redacted_names(&self) -> &BTreeSet<String> {
        &self.resources.redacted_names
    }

    /// Returns everything that pages are rendered from.
    pub(crate) fn view<'a>(&'a self, site: &'a Site) -> SiteView<'a> {
        SiteView::new(site, &self.catalog, &self.templates)
            .with_redirects(self.site_plan.redirects.clone())
            .with_broken_links(self.site_plan.broken_links.clone())
            .with_redacted_names(self.site_plan.permalink_resolver.redacted_names().clone())
            .with_history(Arc::clone(&self.site_plan.history))
    }

    /// Returns all diagnostics except those of single files.
    pub(crate) fn diagnostics(&self) -> impl Iterator<Item = Diagnostic> {
        // Without the registry, there are no redirects from it.
        let registry_errors = self.site_plan.registry_error.iter();
        let registry_errors = registry_errors.map(|error| {
            Diagnostic::error("unreadable", PERMALINK_REGISTRY_FILE, error.to_string())
        });
        self.diagnostics.iter().chain(&self.site_plan.diagnostics).cloned().chain(registry_errors)
    }

    /// Loads the site's templates again.
    pub(crate) fn reload_templates(&mut self, site: &Site) {
        self.diagnostics.retain(|diagnostic| !diagnostic.file.starts_with("templates/"));
        self.templates = load_templates(site, &self.catalog, &mut self.diagnostics);
    }
}

/// A plan, and the years that have changed since.
type PreviousPlan = (SitePlan, BTreeSet<i32>);

/// Everything that a plan is made from.
struct PlanInputs<'a> {
    site: &'a Site,
    catalog: &'a Catalog,
    templates: &'a Templates,
    resources: &'a ContentResources,
    repository_history: &'a RepositoryHistory,
}

impl PlanInputs<'_> {
    /// Plans all files, and resolves redirects.
    fn plan_site(&self, mut previous_plan: Option<PreviousPlan>) -> SitePlan {
        let Self { site, catalog, templates, resources, repository_history } = *self;
        let mut permalink_resolver =
            PermalinkResolver::with_redacted_names(&resources.redacted_names);
        let mut registry_error = None;
        let mut diagnostics = Vec::new();
        let history = Arc::new(repository_history.for_catalog(site, catalog));
        diagnostics.extend(history.diagnostics.iter().cloned());
        loop {
            let redirects = permalink_resolver
                .resolve(site, catalog, &mut diagnostics)
                .unwrap_or_else(|error| {
                    registry_error = Some(error);
                    Vec::new()
                });
            let broken_links = permalink_resolver.resolve_links(site, catalog).unwrap_or_default();
            let view = SiteView::new(site, catalog, templates)
                .with_redirects(redirects.clone())
                .with_broken_links(broken_links.clone())
                .with_redacted_names(permalink_resolver.redacted_names().clone())
                .with_history(Arc::clone(&history));
            let site_plan = plan_outputs(&view, resources, previous_plan.take());
            diagnostics.extend(site_plan.diagnostics);
            if site_plan.colliding_articles.is_empty() {
                if permalink_resolver.exclude_occupied_urls(&view, &site_plan.batches) {
                    continue;
                }
                diagnostics.extend(article_links::check(&view));
                diagnostics.extend(redirect_checks::check(&view, &site_plan.batches));
                diagnostics.extend(setting_files::check(site));
                diagnostics.extend(check_menus(site, catalog));
            }
            return SitePlan {
                redirects,
                broken_links,
                permalink_resolver,
                registry_error,
                history,
                diagnostics,
                ..site_plan
            };
        }
    }
}

/// Plans all files, and reuses the batches of years that haven't changed.
fn plan_outputs(
    view: &SiteView<'_>,
    resources: &ContentResources,
    previous_plan: Option<PreviousPlan>,
) -> SitePlan {
    let non_page_files = plan::NonPageFiles {
        assets: &resources.assets,
        images: &resources.images,
        search_index: &[],
        scan_time: ScanTime::now(),
    };
    let (previous, changed_years) = previous_plan.unwrap_or_default();
    let mut site_plan =
        SitePlan { years: view.catalog.years(), is_collision_free: true, ..SitePlan::default() };
    let (mut reusable_batches, mut batch_indices) = (HashMap::new(), HashMap::new());
    for (year, (batch, batch_index)) in
        previous.years.into_iter().zip(previous.batches.into_iter().zip(0..).skip(1))
    {
        if !changed_years.contains(&year) {
            reusable_batches.insert(year, batch);
            batch_indices.insert(year, batch_index);
        }
    }
    let previous_indices: Vec<Option<u32>> = std::iter::once(None)
        .chain(site_plan.years.iter().map(|year| batch_indices.get(year).copied()))
        .collect();
    site_plan.batches =
        plan::plan_batches(view, non_page_files, reusable_batches, &mut site_plan.diagnostics);
    site_plan.output_ids = previous.output_ids.update(&site_plan.batches, view, &previous_indices);
    if !site_plan.output_ids.is_collision_free() {
        let plan = plan::without_collisions(site_plan.batches, view);
        site_plan.output_ids = OutputIds::from_batches(&plan.batches, view);
        site_plan.diagnostics.extend(plan.diagnostics);
        site_plan.batches = plan.batches;
        site_plan.colliding_articles = plan.colliding_articles;
        site_plan.is_collision_free = false;
    }
    site_plan
}

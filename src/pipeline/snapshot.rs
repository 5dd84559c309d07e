//! Assembly: a site put together in memory from what its files hold, and put together again where
//! stories change.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::cache::file_stamps::ScanTime;
use super::copies::{Asset, SourceImage};
use super::output_ids::OutputIds;
use super::permalink_resolver::PermalinkResolver;
use super::stages::index::{IndexedContent, Indexer};
use super::stages::parse_file::ParsedFile;
use super::stages::plan::{self, Batch};
use super::{article_links, load_templates, redirect_checks};
use crate::archive::{ArticleChange, ArticleId, Catalog, TermVariants};
use crate::config::{PERMALINK_REGISTRY_FILE, Site};
use crate::diagnostics::{Diagnostic, Error};
use crate::history::{History, RepositoryHistory};
use crate::model::Fingerprint;
use crate::pages::{SiteView, site_context};
use crate::permalinks::Redirect;
use crate::pipeline::cache::store::CacheWriter;
use crate::templates::Templates;

/// A site put together.
pub(crate) struct Snapshot {
    pub(crate) catalog: Catalog,
    term_variants: TermVariants,
    templates: Templates,
    resources: ContentResources,
    /// Articles that can't be read, or have no place.
    pub(crate) broken_articles: HashSet<Fingerprint>,
    /// Whether every story has its place.
    is_complete: bool,
    pub(crate) site_plan: SitePlan,
    /// What is wrong but for what laying out finds.
    diagnostics: Vec<Diagnostic>,
}

/// What stories bring with them.
struct ContentResources {
    assets: Vec<Asset>,
    images: Vec<SourceImage>,
    /// Names that are taken out of them.
    redacted_names: BTreeSet<String>,
}

/// Which files the site has, and what can be told only then.
#[derive(Default)]
pub(crate) struct SitePlan {
    pub(crate) batches: Vec<Batch>,
    /// The years that the batches are of, but for the first one, which is of none.
    years: Vec<i32>,
    pub(crate) output_ids: OutputIds,
    /// Whether each file has the place it wants.
    is_collision_free: bool,
    /// Registered addresses that lead on.
    redirects: Vec<Redirect>,
    pub(crate) permalink_resolver: PermalinkResolver,
    /// Why the register can't be read, if it can't.
    pub(crate) registry_error: Option<Error>,
    history: Arc<History>,
    /// Stories that can't have the place they want.
    colliding_articles: Vec<ArticleId>,
    diagnostics: Vec<Diagnostic>,
}

impl Snapshot {
    /// Puts a site together.
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
            images,
            redacted_names,
            mut broken_articles,
            mut diagnostics,
            ..
        } = indexer.finish();
        let resources = ContentResources { assets, images, redacted_names };
        diagnostics.extend(repository_history.diagnostics.iter().cloned());
        let mut templates = load_templates(site, &catalog, &mut diagnostics);
        let mut is_complete = true;
        loop {
            let site_plan =
                plan_site(site, &catalog, &templates, &resources, repository_history, None);
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

    /// Carries out some changes of stories that bring the same with them as before. Tells whether
    /// it could; it is of no use if it couldn't.
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
        let site_context = site_context(site, &self.catalog, &self.templates.languages);
        self.templates.set_site_context(site_context);
        let previous_plan = (std::mem::take(&mut self.site_plan), changed_years);
        self.site_plan = plan_site(
            site,
            &self.catalog,
            &self.templates,
            &self.resources,
            repository_history,
            Some(previous_plan),
        );
        self.site_plan.colliding_articles.is_empty()
    }

    /// What its pages are made from.
    pub(crate) fn view<'a>(&'a self, site: &'a Site) -> SiteView<'a> {
        SiteView::new(site, &self.catalog, &self.templates)
            .with_redirects(self.site_plan.redirects.clone())
            .with_history(Arc::clone(&self.site_plan.history))
    }

    /// What is wrong with more than a file's own text.
    pub(crate) fn diagnostics(&self) -> impl Iterator<Item = Diagnostic> {
        // Until it can be read it leads nowhere.
        let registry_errors = self.site_plan.registry_error.iter();
        let registry_errors = registry_errors.map(|error| {
            Diagnostic::error("unreadable", PERMALINK_REGISTRY_FILE, error.to_string())
        });
        self.diagnostics.iter().chain(&self.site_plan.diagnostics).cloned().chain(registry_errors)
    }

    /// Reads the site's templates again.
    pub(crate) fn reload_templates(&mut self, site: &Site) {
        self.diagnostics.retain(|diagnostic| !diagnostic.file.starts_with("templates/"));
        self.templates = load_templates(site, &self.catalog, &mut self.diagnostics);
    }
}

/// A plan, and the years that it isn't right for any more.
type PreviousPlan = (SitePlan, BTreeSet<i32>);

/// Plans all files, and looks at what leads where.
fn plan_site(
    site: &Site,
    catalog: &Catalog,
    templates: &Templates,
    resources: &ContentResources,
    repository_history: &RepositoryHistory,
    mut previous_plan: Option<PreviousPlan>,
) -> SitePlan {
    let mut permalink_resolver = PermalinkResolver::with_redacted_names(&resources.redacted_names);
    let mut registry_error = None;
    let mut diagnostics = Vec::new();
    let history = Arc::new(repository_history.for_catalog(site, catalog));
    diagnostics.extend(history.diagnostics.iter().cloned());
    loop {
        let redirects =
            permalink_resolver.resolve(site, catalog, &mut diagnostics).unwrap_or_else(|error| {
                registry_error = Some(error);
                Vec::new()
            });
        let view = SiteView::new(site, catalog, templates)
            .with_redirects(redirects.clone())
            .with_history(Arc::clone(&history));
        let site_plan = plan_outputs(&view, resources, previous_plan.take());
        diagnostics.extend(site_plan.diagnostics);
        if site_plan.colliding_articles.is_empty() {
            if permalink_resolver.exclude_occupied_urls(&view, &site_plan.batches) {
                continue;
            }
            diagnostics.extend(article_links::check(site, catalog));
            diagnostics.extend(redirect_checks::check(&view, &site_plan.batches));
        }
        return SitePlan {
            redirects,
            permalink_resolver,
            registry_error,
            history,
            diagnostics,
            ..site_plan
        };
    }
}

/// Plans all files, but for those of years that are planned already.
fn plan_outputs(
    view: &SiteView<'_>,
    resources: &ContentResources,
    previous_plan: Option<PreviousPlan>,
) -> SitePlan {
    let non_page_files = plan::NonPageFiles {
        assets: &resources.assets,
        images: &resources.images,
        search_index: &[],
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
    site_plan.batches = plan::plan_batches(
        view,
        non_page_files,
        ScanTime::now(),
        reusable_batches,
        &mut site_plan.diagnostics,
    );
    site_plan.output_ids = previous.output_ids.update(&site_plan.batches, view, &previous_indices);
    if !site_plan.output_ids.is_collision_free() {
        let plan = plan::without_collisions(site_plan.batches, view);
        site_plan.output_ids = OutputIds::from_batches(&plan.batches, view);
        site_plan.diagnostics.extend(plan.diagnostics);
        (site_plan.batches, site_plan.colliding_articles, site_plan.is_collision_free) =
            (plan.batches, plan.colliding_articles, false);
    }
    site_plan
}

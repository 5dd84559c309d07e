//! Assembly: a site put together in memory from what its files hold, and put together again where stories change.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::copies::{Asset, Picture};
use super::index::{Index, Indexed};
use super::inspect::Inspected;
use super::permalinks::Permalinks;
use super::places::Places;
use super::plan::{self, Batch};
use super::stamp::Scan;
use super::{links, load_templates, redirects};
use crate::catalog::{Catalog, Change, RowId, Spellings};
use crate::diagnostic::{Diagnostic, Error};
use crate::history::{History, Past};
use crate::model::Fingerprint;
use crate::pages::{View, globals};
use crate::register::Former;
use crate::site::{REGISTER_FILE, Site};
use crate::state::Writer;
use crate::templates::Templates;

/// A site put together.
pub(super) struct Assembly {
    pub(super) catalog: Catalog,
    spellings: Spellings,
    templates: Templates,
    beside: Beside,
    /// Articles that can't be read, or have no place.
    pub(super) broken: HashSet<Fingerprint>,
    /// Whether every story has its place.
    whole: bool,
    pub(super) laid: Laid,
    /// What is wrong but for what laying out finds.
    diagnostics: Vec<Diagnostic>,
}

/// What stories bring with them.
struct Beside {
    assets: Vec<Asset>,
    pictures: Vec<Picture>,
    /// Names that are taken out of them.
    names: BTreeSet<String>,
}

/// Which files the site has, and what can be told only then.
#[derive(Default)]
pub(super) struct Laid {
    pub(super) batches: Vec<Batch>,
    /// The years that the batches are of, but for the first one, which is of none.
    years: Vec<i32>,
    pub(super) places: Places,
    /// Whether each file has the place it wants.
    apart: bool,
    /// Registered addresses that lead on.
    former: Vec<Former>,
    pub(super) permalinks: Permalinks,
    /// Why the register can't be read, if it can't.
    pub(super) refused: Option<Error>,
    history: Arc<History>,
    /// Stories that can't have the place they want.
    lost: Vec<RowId>,
    diagnostics: Vec<Diagnostic>,
}

impl Assembly {
    /// Puts a site together.
    pub(super) fn of(
        site: &Site,
        files: &BTreeMap<Box<str>, Inspected>,
        past: &Past,
        settings: Fingerprint,
    ) -> Self {
        let mut index = Index::new(site, files.len(), Writer::idle(&site.state, settings));
        files.iter().for_each(|(path, inspected)| index.known(path, inspected));
        let Indexed { mut catalog, spellings, assets, pictures, names, mut broken, mut diagnostics, .. } =
            index.finish();
        let beside = Beside { assets, pictures, names };
        diagnostics.extend(past.diagnostics.iter().cloned());
        let mut templates = load_templates(site, &catalog, &mut diagnostics);
        let mut whole = true;
        loop {
            let laid = lay_out(site, &catalog, &templates, &beside, past, None);
            if laid.lost.is_empty() {
                return Self { catalog, spellings, templates, beside, broken, whole, laid, diagnostics };
            }
            whole = false;
            diagnostics.extend(laid.diagnostics);
            let file = |row: &RowId| Fingerprint::of(catalog.story(*row).path().as_bytes());
            broken.extend(laid.lost.iter().map(file));
            catalog = catalog.without(&laid.lost);
            templates = load_templates(site, &catalog, &mut Vec::new());
        }
    }

    /// Carries out some changes of stories that bring the same with them as before. Tells whether it could; it is of no use if it couldn't.
    #[must_use]
    pub(super) fn amend(&mut self, site: &Site, past: &Past, changes: &[Change<'_>]) -> bool {
        if !self.whole || !self.laid.apart {
            return false;
        }
        let Some(years) = self.catalog.amend(site, &mut self.spellings, changes) else { return false };
        let globals = globals(site, &self.catalog, &self.templates.languages);
        self.templates.set_globals(globals);
        let before = (std::mem::take(&mut self.laid), years);
        self.laid = lay_out(site, &self.catalog, &self.templates, &self.beside, past, Some(before));
        self.laid.lost.is_empty()
    }

    /// What its pages are made from.
    pub(super) fn view<'a>(&'a self, site: &'a Site) -> View<'a> {
        View::new(site, &self.catalog, &self.templates)
            .leading(self.laid.former.clone())
            .remembering(Arc::clone(&self.laid.history))
    }

    /// What is wrong with more than a file's own text.
    pub(super) fn diagnostics(&self) -> impl Iterator<Item = Diagnostic> {
        // Until it can be read it leads nowhere.
        let refused = self.laid.refused.iter();
        let refused = refused.map(|why| Diagnostic::error("unreadable", REGISTER_FILE, why.to_string()));
        self.diagnostics.iter().chain(&self.laid.diagnostics).cloned().chain(refused)
    }

    /// Reads the site's templates again.
    pub(super) fn read_templates(&mut self, site: &Site) {
        self.diagnostics.retain(|diagnostic| !diagnostic.file.starts_with("templates/"));
        self.templates = load_templates(site, &self.catalog, &mut self.diagnostics);
    }
}

/// A plan, and the years that it isn't right for any more.
type Before = (Laid, BTreeSet<i32>);

/// Plans all files, and looks at what leads where.
fn lay_out(
    site: &Site,
    catalog: &Catalog,
    templates: &Templates,
    beside: &Beside,
    past: &Past,
    mut before: Option<Before>,
) -> Laid {
    let mut permalinks = Permalinks::without(&beside.names);
    let mut refused = None;
    let mut diagnostics = Vec::new();
    let history = Arc::new(past.of(site, catalog));
    diagnostics.extend(history.diagnostics.iter().cloned());
    loop {
        let former = permalinks.resolve(site, catalog, &mut diagnostics).unwrap_or_else(|error| {
            refused = Some(error);
            Vec::new()
        });
        let view =
            View::new(site, catalog, templates).leading(former.clone()).remembering(Arc::clone(&history));
        let laid = plan_files(&view, beside, before.take());
        diagnostics.extend(laid.diagnostics);
        if laid.lost.is_empty() {
            if permalinks.settle(&view, &laid.batches) {
                continue;
            }
            diagnostics.extend(links::check(site, catalog));
            diagnostics.extend(redirects::check(&view, &laid.batches));
        }
        return Laid { former, permalinks, refused, history, diagnostics, ..laid };
    }
}

/// Plans all files, but for those of years that are planned already.
fn plan_files(view: &View<'_>, beside: &Beside, before: Option<Before>) -> Laid {
    let files = plan::Files { assets: &beside.assets, pictures: &beside.pictures, index: &[] };
    let (before, changed) = before.unwrap_or_default();
    let mut laid = Laid { years: view.catalog.years(), apart: true, ..Laid::default() };
    let (mut kept, mut numbers) = (HashMap::new(), HashMap::new());
    for (year, (batch, number)) in before.years.into_iter().zip(before.batches.into_iter().zip(0..).skip(1)) {
        if !changed.contains(&year) {
            kept.insert(year, batch);
            numbers.insert(year, number);
        }
    }
    let was: Vec<Option<u32>> =
        std::iter::once(None).chain(laid.years.iter().map(|year| numbers.get(year).copied())).collect();
    laid.batches = plan::batches(view, files, Scan::now(), kept, &mut laid.diagnostics);
    laid.places = before.places.amend(&laid.batches, view, &was);
    if !laid.places.all_apart() {
        let plan = plan::settled(laid.batches, view);
        laid.places = Places::of(&plan.batches, view);
        laid.diagnostics.extend(plan.diagnostics);
        (laid.batches, laid.lost, laid.apart) = (plan.batches, plan.lost, false);
    }
    laid
}

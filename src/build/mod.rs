//! The line: discover → parse → index → plan → render → write → prove → record. Stages meet only here.

mod assembly;
mod before;
mod changes;
mod claims;
mod copies;
mod desk;
mod discover;
mod explain;
mod folder;
mod index;
mod inspect;
mod journal;
mod links;
mod make;
mod parse;
mod permalinks;
mod places;
mod plan;
mod preview;
mod prove;
mod record;
mod redirects;
mod stamp;
mod write;

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use std::time::Instant;

use crate::catalog::record::RECORD_VERSION;
use crate::catalog::{Catalog, RowId, Spellings};
use crate::diagnostic::{Diagnostic, Error, Severity};
use crate::history::Past;
use crate::model::Fingerprint;
use crate::pages::{View, globals};
use crate::register::{self, Recorded};
use crate::search;
use crate::site::{CONFIG_FILE, REDACTIONS_FILE, Site};
use crate::state::{State, Writer};
use crate::templates::Templates;
use before::{Before, Left};
use folder::Folder;
use index::{Index, Indexed};
use make::Maker;
use parse::Runs;
use permalinks::Permalinks;
use prove::Proof;
use record::Book;
use stamp::Scan;
use write::{Outcome, Sink};

pub use changes::{ChangeList, Changes, Paths};
pub use desk::{Desk, Effect, Registered};
pub use explain::{Change, Explanation, output_path};
pub(crate) use journal::Lock;
pub use places::Planned;
pub use preview::{Made, Preview};
pub(crate) use write::hash_of;

/// How a build is to go.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Render every page, whatever the ledger says.
    pub force: bool,
    /// Compare the bytes of every file with the ledger, not just length and time.
    pub verify: bool,
    /// Write nothing.
    pub dry_run: bool,
    /// Note the path of every file that is written or removed.
    pub list: bool,
    /// Addresses or paths whose pages are to be explained.
    pub explain: Vec<String>,
    /// Make nothing, not even to compare it: explain and end.
    pub only_explain: bool,
}

/// How a build went.
#[derive(Debug, Default)]
pub struct BuildReport {
    /// Articles that are published.
    pub articles: usize,
    /// Files that the site has.
    pub pages: usize,
    /// Files that were written and removed.
    pub changes: Changes,
    /// Files that were left alone.
    pub unchanged: usize,
    /// Articles held back: drafts, future ones, expired ones.
    pub held_back: HeldBack,
    /// Nothing was written, since `site.yaml` has mistakes that could move every page, or `redactions.yaml` has any.
    pub stopped: bool,
    /// Files that were looked through for names that are to be taken out.
    pub proven: usize,
    /// Everything that is wrong, by file and line.
    pub diagnostics: Vec<Diagnostic>,
    /// What became of the register of permalinks, if it was to be written.
    pub recorded: Option<Recorded>,
    /// Why pages were or weren't made.
    pub explanations: Vec<Explanation>,
    /// How long it took.
    pub seconds: f64,
}

/// Articles that are not published, and why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HeldBack {
    /// `draft: true`.
    pub drafts: usize,
    /// A date that is yet to come.
    pub future: usize,
    /// An expiry date that is past.
    pub expired: usize,
}

impl HeldBack {
    fn add(&mut self, other: Self) {
        self.drafts += other.drafts;
        self.future += other.future;
        self.expired += other.expired;
    }
}

impl BuildReport {
    /// How many diagnostics of a severity there are.
    pub fn count(&self, severity: Severity) -> usize {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count()
    }
}

/// Who wants to know how far a build is.
pub trait Progress: Sync {
    /// So many more units of work are known.
    fn expect(&self, units: usize);
    /// One unit is done.
    fn done(&self);
    /// Another build holds the site; this one waits for it.
    fn waits(&self);
}

/// Builds a site.
///
/// # Errors
/// What the machine refused. Mistakes in the content are in the report.
pub fn build(
    site: &Site,
    mistakes: Vec<Diagnostic>,
    options: &Options,
    progress: &dyn Progress,
) -> Result<BuildReport, Error> {
    let start = Instant::now();
    let _lock = Lock::take(&site.state, options.dry_run, || progress.waits())?;
    let mut report = BuildReport { diagnostics: mistakes, ..BuildReport::default() };
    report.changes.list = options.list.then(|| ChangeList::new(&site.state));
    let scan = Scan::now();
    let (left, files) = rayon::join(|| Left::open(site), || discover(site));
    let left = left?;
    let (ledger, indexed) = rayon::join(
        || left.ledger(options.force),
        || read(site, scan, &left, files, options.dry_run, progress, &mut report),
    );
    let before = Before::of(&left, ledger?);
    let Indexed { mut catalog, writer, assets, pictures, names, mut broken, mut news, .. } = indexed?;
    let mut templates = load_templates(site, &catalog, &mut report.diagnostics);
    let mut permalinks = Permalinks::without(&names);
    let past = Past::walk(site);
    report.diagnostics.extend(past.diagnostics.iter().cloned());
    // A dry build's index lasts as long as this.
    let (view, batches, planned_before, _index) = loop {
        let former = permalinks.resolve(site, &catalog, &mut report.diagnostics)?;
        let history = Arc::new(past.of(site, &catalog));
        report.diagnostics.extend(history.diagnostics.iter().cloned());
        let view = View::new(site, &catalog, &templates).leading(former).remembering(history);
        let index = search::index(site, &catalog, left.keeping(options))?;
        let files = plan::Files { assets: &assets, pictures: &pictures, index: &index.files };
        let plan = plan::plan(&view, files, scan, &before.ledger, news.any);
        report.diagnostics.extend(plan.diagnostics);
        if plan.lost.is_empty() {
            if permalinks.settle(&view, &plan.batches) {
                continue;
            }
            break (view, plan.batches, plan.same, index);
        }
        // An article without a place is in no listing either: everything is planned again without it.
        drop(view);
        let path = |row: &RowId| Fingerprint::of(catalog.story(*row).path().as_bytes());
        news.gone();
        broken.extend(plan.lost.iter().map(path));
        catalog = catalog.without(&plan.lost);
        templates = load_templates(site, &catalog, &mut Vec::new());
    };
    report.articles = catalog.len();
    report.diagnostics.extend(links::check(site, &catalog));
    report.diagnostics.extend(redirects::check(&view, &batches));
    if report.held_back == HeldBack::default() {
        report.diagnostics.extend(prove::unknown(site, &catalog));
    }
    report.explanations = before.explainer(&view, &batches).all(&options.explain)?;
    if options.only_explain {
        report.diagnostics.sort();
        return Ok(report);
    }

    // A slip in site.yaml may move every address: where there is a good site already, it stays until that is mended.
    let wrong =
        |file| report.diagnostics.iter().any(|diagnostic| diagnostic.file == file && stops(diagnostic));
    let stopped = !before.ledger.is_empty() && wrong(CONFIG_FILE) || wrong(REDACTIONS_FILE);
    let news = news.bodies.filter(|_| planned_before && view.common() == before.common);
    let work = Work { view: &view, batches: &batches, before: &before, names: &names, broken: &broken };
    let sink = (!stopped).then(|| Sink::of(options.dry_run, &site.output)).transpose()?;
    work.carry_out(
        options,
        Plans { writer, same: planned_before, news, permalinks },
        sink,
        progress,
        &mut report,
    )?;
    report.stopped = stopped;
    report.diagnostics.sort();
    report.diagnostics.dedup_by(|a, b| {
        a.code == b.code && a.file == b.file && a.place == b.place && a.message == b.message
    });
    report.seconds = start.elapsed().as_secs_f64();
    Ok(report)
}

/// What is to be made, and from what.
struct Work<'a> {
    view: &'a View<'a>,
    batches: &'a [plan::Batch],
    before: &'a Before<'a>,
    names: &'a BTreeSet<String>,
    broken: &'a HashSet<Fingerprint>,
}

/// What planning leaves to the rest of the line.
struct Plans<'a> {
    writer: Writer<'a>,
    /// Whether these are the files that the last build left.
    same: bool,
    /// Where pages are made from what they were, but for some articles' bodies: these articles.
    news: Option<HashSet<Fingerprint>>,
    permalinks: Permalinks,
}

impl Work<'_> {
    /// Make, prove, record. Without a sink nothing is made.
    fn carry_out(
        &self,
        options: &Options,
        plans: Plans<'_>,
        sink: Option<Sink<'_>>,
        progress: &dyn Progress,
        report: &mut BuildReport,
    ) -> Result<(), Error> {
        let Self { view, batches, before, .. } = *self;
        let Plans { writer, same: planned_before, news, mut permalinks } = plans;
        let maker = Maker {
            view,
            old: &before.ledger,
            output: Folder::open(&view.site.output),
            sink: sink.as_ref(),
            verify: options.verify,
            news,
            progress,
        };
        let writes = sink.is_some() && !options.dry_run;
        if writes {
            let new = (!planned_before).then(|| maker.creates(batches)).into_iter().flatten();
            before.left.list(new)?;
        }
        let mut book = Book::open(writer, view, writes && before.left.is_nothing())?;
        let mut proof = Proof::new(self.names, before.left.proven());
        let same = make(&maker, batches, &mut book, &mut proof, report)?;
        let leftovers = before.leftovers(&book, planned_before, self.broken)?;
        report.pages += leftovers.kept();
        report.diagnostics.extend(permalinks.lost(view.catalog, self.broken, &leftovers));
        let Some(sink) = sink else { return Ok(()) };
        if options.dry_run {
            leftovers.forecast(&sink, &mut report.changes);
            return Ok(());
        }
        leftovers.remove(&sink, &mut report.changes)?;
        sink.close();
        let outputs = batches.iter().flat_map(|(_, outputs)| outputs);
        copies::forget(view.site, outputs.filter_map(plan::Output::copied));
        let proven = proof.run(view, batches, &leftovers, progress)?;
        let same = same && proven.about == before.left.proven();
        report.proven = proven.files;
        report.diagnostics.extend(proven.diagnostics);
        book.close(view, batches, &leftovers, same, &before.common, proven.about)?;
        before.left.close()?;
        if view.site.options.record {
            let register = permalinks.into_register();
            report.recorded = Some(register::record(view.site, view.catalog, &register)?);
        }
        Ok(())
    }
}

/// Reads a site without building it: its stories, and what is wrong with them.
///
/// # Errors
/// What the machine refused.
pub fn catalog(
    site: &Site,
    mistakes: Vec<Diagnostic>,
    progress: &dyn Progress,
) -> Result<(Catalog, Vec<Diagnostic>), Error> {
    let mut report = BuildReport { diagnostics: mistakes, ..BuildReport::default() };
    if report.diagnostics.iter().any(|diagnostic| diagnostic.file == REDACTIONS_FILE && stops(diagnostic)) {
        let message = "redactions.yaml has mistakes, so that it isn't known which names are to be taken out: `dateline check` tells them";
        return Err(Error::Usage(message.to_owned()));
    }
    let scan = Scan::now();
    let left = Left::open(site)?;
    let Indexed { catalog, .. } = read(site, scan, &left, discover(site), true, progress, &mut report)?;
    report.diagnostics.sort();
    Ok((catalog, report.diagnostics))
}

/// The articles and term pages of a site, as paths below `content/`, in order; and files that can't be any.
pub fn files(site: &Site) -> (Vec<Box<str>>, Vec<Diagnostic>) {
    discover(site)
}

fn discover(site: &Site) -> (Vec<Box<str>>, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let files = discover::discover(site, &mut diagnostics);
    (files, diagnostics)
}

/// Whether a mistake in site.yaml is more than a key that nothing knows, or a redirect that goes astray: neither moves a page.
pub fn stops(diagnostic: &Diagnostic) -> bool {
    const HARMLESS: [&str; 5] =
        ["unknown-setting", "alias-hides-page", "redirect-chain", "redirect-loop", "redirect-twice"];
    diagnostic.severity == Severity::Error && !HARMLESS.contains(&diagnostic.code)
}

fn load_templates(site: &Site, catalog: &Catalog, diagnostics: &mut Vec<Diagnostic>) -> Templates {
    Templates::load(site, |languages| globals(site, catalog, languages), diagnostics)
}

/// What records depend on besides their files.
fn settings(site: &Site) -> Fingerprint {
    let options = &site.options;
    let held = (options.drafts, options.future, options.expired);
    let texts = (site.registered, held);
    let names = site.redactions.fingerprint.0;
    let text = format!(
        "{RECORD_VERSION} {:?} {:?} {} {texts:?} {names:x}",
        site.config, site.taxonomies, site.base_url
    );
    Fingerprint::of(text.as_bytes())
}

/// Parse, index: while one run of files is parsed, the one before goes into the catalog.
fn read<'a>(
    site: &'a Site,
    scan: Scan,
    left: &'a Left,
    (files, wrong): (Vec<Box<str>>, Vec<Diagnostic>),
    dry: bool,
    progress: &dyn Progress,
    report: &mut BuildReport,
) -> Result<Indexed<'a>, Error> {
    report.diagnostics.extend(left.notice());
    report.diagnostics.extend(wrong);
    progress.expect(files.len());
    let settings = settings(site);
    let fitting = left.state.as_ref().filter(|state| state.settings == settings);
    let writer = match dry {
        true => Writer::idle(&left.file, settings),
        false => Writer::new(&left.file, fitting, settings),
    };
    let mut index = Index::new(site, files.len(), writer);
    let records = fitting.map(State::records).transpose()?;
    let mut runs = Runs::new(site, scan, &files, records, progress);
    let mut done = None;
    loop {
        let (next, added) = rayon::join(|| runs.next(), || done.take().map_or(Ok(()), |run| index.add(run)));
        added?;
        match next? {
            Some(run) => done = Some(run),
            None => break,
        }
    }
    let mut indexed = index.finish();
    // Only a catalog that is amended needs them.
    indexed.spellings = Spellings::default();
    if runs.gone || fitting.is_none() {
        indexed.news.gone();
    }
    report.diagnostics.append(&mut indexed.diagnostics);
    report.held_back = indexed.held_back;
    Ok(indexed)
}

/// Render and write, batch by batch. Tells whether the ledger's entries are the old ones.
fn make(
    maker: &Maker<'_>,
    batches: &[plan::Batch],
    book: &mut Book<'_>,
    proof: &mut Proof,
    report: &mut BuildReport,
) -> Result<bool, Error> {
    let (mut same, mut first) = (true, 0);
    for (number, batch) in batches.iter().enumerate() {
        maker.progress.expect(batch.1.len());
        let made = maker.batch(first, batch)?;
        first += made.len();
        let mut kept = Vec::with_capacity(made.len());
        for (at, (made, output)) in made.into_iter().zip(&batch.1).enumerate() {
            if !made.same {
                proof.note((number as u32, at as u32));
            }
            match made.outcome {
                Some(Outcome::Written) => {
                    report.changes.written(|| output.path(maker.view).as_str().to_owned());
                }
                Some(Outcome::Unchanged) => report.unchanged += 1,
                None => {}
            }
            same &= made.same;
            report.pages += usize::from(made.entry.bytes != Fingerprint::UNSETTLED);
            report.diagnostics.extend(made.diagnostics);
            kept.push(made.entry);
        }
        book.batch(maker.view, &batch.1, kept)?;
    }
    Ok(same)
}

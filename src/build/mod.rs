//! The line: discover → parse → index → plan → render → write → record. Stages meet only here.

mod discover;
mod parse;
mod plan;
mod record;
mod write;

use std::collections::HashSet;
use std::time::Instant;

use rayon::prelude::*;

use crate::catalog::Builder;
use crate::diagnostic::{Diagnostic, Error, Severity};
use crate::ledger::{self, Entry, Ledger};
use crate::model::Fingerprint;
use crate::pages::{Teasers, View, globals};
use crate::site::Site;
use crate::templates::{ASSETS, Templates};
use parse::Parsed;
use plan::Output;
use write::Outcome;

/// How a build went.
#[derive(Debug, Default)]
pub struct BuildReport {
    /// Articles that are published.
    pub articles: usize,
    /// Files that the site has.
    pub pages: usize,
    /// Files that were written.
    pub written: usize,
    /// Files that were left alone.
    pub unchanged: usize,
    /// Files that were removed.
    pub removed: usize,
    /// Articles held back: drafts, future ones, expired ones.
    pub held_back: HeldBack,
    /// Everything that is wrong, by file and line.
    pub diagnostics: Vec<Diagnostic>,
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
}

/// Builds a site.
///
/// # Errors
/// What the machine refused. Mistakes in the content are in the report.
pub fn build(
    site: &Site,
    mistakes: Vec<Diagnostic>,
    force: bool,
    progress: &dyn Progress,
) -> Result<BuildReport, Error> {
    let start = Instant::now();
    let mut report = BuildReport { diagnostics: mistakes, ..BuildReport::default() };
    let ledger_file = ledger::file(&site.state, &site.root, &site.output);
    let (mut old, notice) = Ledger::load(&ledger_file);
    report.diagnostics.extend(notice.map(|why| {
        Diagnostic::warning("ledger-lost", ".dateline", format!("{why}: everything is built anew"))
    }));
    if force {
        old.entries.values_mut().for_each(|entry| entry.fingerprint = Fingerprint::default());
    }

    let files = discover::discover(site, &mut report.diagnostics)?;
    progress.expect(files.len());
    let Parsed { entries, pages, assets, broken, held_back, diagnostics } =
        parse::parse(site, files, progress);
    report.diagnostics.extend(diagnostics);
    report.held_back = held_back;
    let mut catalog = Builder::new(site);
    entries.into_iter().for_each(|entry| catalog.add(entry));
    let catalog = catalog.finish(pages);
    report.articles = catalog.len();

    let mut kept: HashSet<String> = broken;
    let mut new = Ledger::default();
    let claimed = plan::Claims::default();
    match Templates::load(site, |words| globals(site, words)) {
        Ok(templates) => {
            let view = View::new(site, &catalog, &templates);
            for (rows, outputs) in plan::batches(&view, assets, claimed, &mut report.diagnostics) {
                progress.expect(outputs.len());
                let teasers = Teasers::new(&view, rows);
                let results: Vec<_> = outputs
                    .into_par_iter()
                    .map(|output| make(output, &view, &teasers, &old, progress))
                    .collect();
                for result in results {
                    match result? {
                        Made::File(path, entry, outcome) => {
                            report.count_outcome(outcome);
                            new.entries.insert(path, entry);
                        }
                        Made::Nothing(path, diagnostics) => {
                            report.diagnostics.extend(diagnostics);
                            kept.insert(path);
                        }
                    }
                }
            }
        }
        Err(diagnostics) => {
            report.diagnostics.extend(diagnostics);
            kept.extend(old.entries.keys().cloned());
        }
    }
    record::carry_over(&old, &mut new, &kept);
    report.removed = record::remove_orphans(site, &old, &new)?;
    record::save(&old, &new, &ledger_file)?;
    report.pages = new.entries.len();
    report.diagnostics.sort();
    report.diagnostics.dedup_by(|a, b| {
        a.code == b.code && a.file == b.file && a.place == b.place && a.message == b.message
    });
    report.seconds = start.elapsed().as_secs_f64();
    Ok(report)
}

impl BuildReport {
    fn count_outcome(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Written => self.written += 1,
            Outcome::Unchanged => self.unchanged += 1,
        }
    }
}

/// What became of a planned file.
enum Made {
    File(String, Entry, Outcome),
    Nothing(String, Vec<Diagnostic>),
}

/// Renders and writes one file, unless the ledger and the file itself say that it is as it should be.
fn make(
    output: Output,
    view: &View<'_>,
    teasers: &Teasers<'_>,
    old: &Ledger,
    progress: &dyn Progress,
) -> Result<Made, Error> {
    thread_local! {
        static BUFFER: std::cell::RefCell<Vec<u8>> = const { std::cell::RefCell::new(Vec::new()) };
    }
    progress.done();
    let path = output.path(view);
    let path = path.as_str();
    let target = view.site.output.join(path);
    let fingerprint = output.fingerprint(view);
    let article = output.article(view);
    if let Some(entry) = old.entries.get(path).filter(|entry| entry.fingerprint == fingerprint)
        && write::stamp(&target) == Some((entry.length, entry.modified))
    {
        return Ok(Made::File(path.to_owned(), entry.clone(), Outcome::Unchanged));
    }
    BUFFER.with_borrow_mut(|buffer| {
        let rendered = match &output {
            Output::Page(page) => page.render(view, teasers, buffer),
            Output::Embedded(at) => {
                buffer.clear();
                buffer.extend_from_slice(ASSETS[*at].1);
                Ok(())
            }
            Output::Copy { from, .. } => match std::fs::read(from) {
                Ok(bytes) => {
                    *buffer = bytes;
                    Ok(())
                }
                Err(error) => Err(vec![Diagnostic::error(
                    "unreadable",
                    path,
                    format!("can't read {}: {error}", from.display()),
                )]),
            },
        };
        if let Err(diagnostics) = rendered {
            return Ok(Made::Nothing(path.to_owned(), diagnostics));
        }
        let outcome = write::write(&target, buffer)?;
        let (length, modified) = write::stamp(&target).unwrap_or_default();
        Ok(Made::File(path.to_owned(), Entry { fingerprint, length, modified, article }, outcome))
    })
}

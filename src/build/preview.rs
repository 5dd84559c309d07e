//! Preview: a site in memory, whose files are made when they are asked for. Nothing is written but what the search index and pictures keep in
//! the state folder, and the records, so that the next preview begins where this one was.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use super::discover::discover;
use super::index::{Index, Indexed};
use super::inspect::{Found, Inspected, inspect};
use super::journal::Lock;
use super::parse::{Parsed, Runs, may_be_saved};
use super::plan::{self, Batch, Output};
use super::stamp::Scan;
use super::{HeldBack, Progress, links, load_templates, redirects, settings};
use crate::catalog::record::{Record, same_but_for_body, same_place};
use crate::catalog::{Catalog, RowId};
use crate::diagnostic::{Diagnostic, Error};
use crate::ledger::Ledger;
use crate::model::Fingerprint;
use crate::model::slug::collision_key;
use crate::pages::{Page, Teasers, View, all_redirects, is_redirect};
use crate::search;
use crate::site::Site;
use crate::state::{self, State, Writer};
use crate::templates::Templates;

/// How many pages are made before what was found in them is taken.
const RUN: usize = 4096;

/// All files of `content/`, as they were last read.
pub struct Desk {
    files: BTreeMap<Box<str>, Inspected>,
    settings: Fingerprint,
    unreadable: Vec<Diagnostic>,
    /// What the files came to, until a change makes it old.
    assembled: Option<Assembled>,
}

/// A site put together.
struct Assembled {
    catalog: Catalog,
    templates: Templates,
    batches: Vec<Batch>,
    places: Vec<(Fingerprint, Planned)>,
    held_back: HeldBack,
    diagnostics: Vec<Diagnostic>,
}

/// What a change of files comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// Nothing that a page shows.
    #[default]
    None,
    /// The bodies of stories and no more: their pages are the next time made from what the files hold now.
    Bodies,
    /// Templates alone.
    Templates,
    /// What other pages may show of stories: a new [`Preview`] is needed.
    Stories,
    /// Which pages there are: a new [`Preview`] is needed, too, and takes longer.
    Site,
}

impl Desk {
    /// Reads all files: by their saved records where there are some that are still good. Those of this time are saved for the next.
    ///
    /// # Errors
    /// What the machine refused.
    pub fn open(site: &Site, progress: &dyn Progress) -> Result<Self, Error> {
        let (desk, news) = Self::read(site, progress)?;
        if news {
            desk.save(site, &kept(site), progress)?;
        }
        Ok(desk)
    }

    /// Reads all files and leaves no trace of it.
    ///
    /// # Errors
    /// What the machine refused.
    pub fn look(site: &Site, progress: &dyn Progress) -> Result<Self, Error> {
        Self::read(site, progress).map(|(desk, _)| desk)
    }

    /// Reads all files. Tells whether the saved records are others.
    fn read(site: &Site, progress: &dyn Progress) -> Result<(Self, bool), Error> {
        let mut unreadable = Vec::new();
        let names = discover(site, &mut unreadable);
        progress.expect(names.len());
        let settings = settings(site);
        // Those of an earlier preview, or those of the last build.
        let own = kept(site);
        let built = state::file(&site.state, &site.root, &site.output);
        let fits = |file: &PathBuf| State::open(file).0.filter(|state| state.settings == settings);
        let saved = [&own, &built].into_iter().find_map(fits);
        let records = saved.as_ref().map(State::records).transpose()?;
        let mut runs = Runs::new(site, Scan::now(), &names, records, progress);
        let (mut files, mut news) = (BTreeMap::new(), false);
        while let Some(run) = runs.next()? {
            for (path, parsed) in run {
                let inspected = match parsed {
                    Parsed::Kept(saved) => Inspected {
                        found: Found::Record(saved.record),
                        stamp: saved.stamp,
                        diagnostics: Vec::new(),
                    },
                    Parsed::New(inspected, _) => {
                        news = true;
                        inspected
                    }
                };
                files.insert(path.into(), inspected);
            }
        }
        let news = news || runs.gone;
        Ok((Self { files, settings, unreadable, assembled: None }, news))
    }

    /// The terms of every story as it writes them: its file below `content/`, the number of the taxonomy, and the name.
    pub fn terms(&self, mut visit: impl FnMut(&str, usize, &str)) {
        for (path, inspected) in &self.files {
            let Found::Record(record) = &inspected.found else { continue };
            if let Some(Record::Article(record)) = Record::decode(record) {
                record.terms.iter().for_each(|&(taxonomy, name)| visit(path, taxonomy, name));
            }
        }
    }

    /// Keeps the records for the next preview.
    fn save(&self, site: &Site, file: &Path, progress: &dyn Progress) -> Result<(), Error> {
        let _lock = Lock::take(&site.state, false, || progress.waits())?;
        let mut writer = Writer::new(file, None, self.settings);
        for (path, inspected) in self.files.iter().filter(|(_, inspected)| may_be_saved(inspected)) {
            if let Found::Record(record) = &inspected.found {
                writer.put(path, inspected.stamp, record)?;
            }
        }
        writer.end_records(&[])?;
        writer.finish(Fingerprint::UNSETTLED)
    }

    /// Whether what was read is still what it would be under the settings of a site.
    pub fn fits(&self, site: &Site) -> bool {
        self.settings == settings(site)
    }

    /// How many files there are.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Reads again what a change touches: files below `content/` or `static/`, given from the site's folder, and folders with all below them.
    pub fn change(&mut self, site: &Site, changed: &[String]) -> Effect {
        let (mut articles, mut others) = (BTreeSet::new(), BTreeSet::new());
        let mut folders = false;
        for path in changed {
            match path.strip_prefix("content/") {
                Some(path) if path.ends_with(".md") || path.ends_with(".markdown") => {
                    articles.insert(path.to_owned());
                }
                Some(path) => {
                    folders |= !site.content.join(path).is_file();
                    others.insert((false, path.to_owned()));
                }
                None => drop(path.strip_prefix("static/").map(|path| others.insert((true, path.to_owned())))),
            }
        }
        let mut effect = Effect::None;
        if folders {
            effect = self.walk_again(site, &mut articles);
        }
        if !others.is_empty() {
            let files = self.files.par_iter().filter(|(_, inspected)| refers(inspected, &others));
            articles.par_extend(files.map(|(path, _)| path.to_string()));
        }
        let scan = Scan::now();
        let articles: Vec<String> = articles.into_iter().collect();
        let read: Vec<(String, Option<Inspected>)> = articles
            .into_par_iter()
            .map(|path| {
                let there = site.content.join(&path).is_file();
                let inspected = there.then(|| inspect(site, &path, scan));
                (path, inspected)
            })
            .collect();
        for (path, inspected) in read {
            effect = effect.max(self.replace(site, &path, inspected));
        }
        self.forget(site, effect);
        effect
    }

    /// Finds the files that came or went with a folder.
    fn walk_again(&mut self, site: &Site, articles: &mut BTreeSet<String>) -> Effect {
        self.unreadable.clear();
        let now: BTreeSet<Box<str>> = discover(site, &mut self.unreadable).into_iter().collect();
        let gone = self.files.keys().filter(|path| !now.contains(*path));
        let new = now.iter().filter(|path| !self.files.contains_key(*path));
        let before = articles.len();
        articles.extend(gone.chain(new).map(ToString::to_string));
        if articles.len() > before { Effect::Site } else { Effect::None }
    }

    fn replace(&mut self, site: &Site, path: &str, inspected: Option<Inspected>) -> Effect {
        let old = self.files.get(path);
        let mut effect = match (old.map(|old| (&old.found, &old.diagnostics)), &inspected) {
            (None, None) => Effect::None,
            (
                Some((Found::Record(old), told)),
                Some(Inspected { found: Found::Record(new), diagnostics, .. }),
            ) => match () {
                () if old == new && told == diagnostics => Effect::None,
                () if same_but_for_body(old, new) && told == diagnostics => Effect::Bodies,
                () if same_place(old, new) => Effect::Stories,
                () => Effect::Site,
            },
            _ => Effect::Site,
        };
        if let (Effect::Bodies | Effect::Stories, Some(Found::Record(record)), Some(assembled)) =
            (effect, inspected.as_ref().map(|inspected| &inspected.found), &mut self.assembled)
        {
            let replaced = match Record::decode(record) {
                Some(Record::Article(record)) => assembled.catalog.replace(site, path, &record),
                _ => false,
            };
            effect = if replaced { effect } else { Effect::Site };
        }
        match inspected {
            Some(inspected) => drop(self.files.insert(path.into(), inspected)),
            None => drop(self.files.remove(path)),
        }
        effect
    }

    /// Makes the next preview read templates again, or plan all files again.
    pub fn forget(&mut self, site: &Site, effect: Effect) {
        match (&mut self.assembled, effect) {
            (assembled, Effect::Site) => *assembled = None,
            (Some(assembled), Effect::Templates) => assembled.read_templates(site),
            _ => {}
        }
    }

    /// Puts the site together, for as long as the work takes.
    pub fn preview<R>(
        &mut self,
        site: &Site,
        mistakes: Vec<Diagnostic>,
        work: impl FnOnce(&Preview<'_>) -> R,
    ) -> R {
        let assembled = self.assembled.take().unwrap_or_else(|| self.assemble(site));
        let assembled = self.assembled.insert(assembled);
        let mut wrong = mistakes;
        wrong.extend(self.unreadable.iter().cloned());
        wrong.extend(self.files.values().flat_map(|inspected| inspected.diagnostics.iter().cloned()));
        wrong.extend(assembled.diagnostics.iter().cloned());
        wrong.sort();
        wrong.dedup();
        work(&Preview {
            view: View::new(site, &assembled.catalog, &assembled.templates),
            batches: &assembled.batches,
            places: &assembled.places,
            index: Mutex::default(),
            held_back: assembled.held_back,
            diagnostics: wrong,
        })
    }

    fn assemble(&self, site: &Site) -> Assembled {
        let mut index = Index::new(site, self.files.len(), Writer::idle(&site.state, self.settings));
        self.files.iter().for_each(|(path, inspected)| index.known(path, inspected));
        let Indexed { mut catalog, assets, pictures, held_back, mut diagnostics, .. } = index.finish();
        let mut templates = load_templates(site, &catalog, &mut diagnostics);
        let files = plan::Files { assets: &assets, pictures: &pictures, index: &[] };
        let (batches, places) = loop {
            let view = View::new(site, &catalog, &templates);
            let plan = plan::plan(&view, files, Scan::now(), &Ledger::default(), true);
            diagnostics.extend(plan.diagnostics);
            if plan.lost.is_empty() {
                diagnostics.extend(links::check(site, &catalog));
                diagnostics.extend(redirects::check(&view, &plan.batches));
                let places = places(&plan.batches, &view);
                break (plan.batches, places);
            }
            drop(view);
            catalog = catalog.without(&plan.lost);
            templates = load_templates(site, &catalog, &mut Vec::new());
        };
        Assembled { catalog, templates, batches, places, held_back, diagnostics }
    }
}

impl Assembled {
    fn read_templates(&mut self, site: &Site) {
        self.diagnostics.retain(|diagnostic| !diagnostic.file.starts_with("templates/"));
        self.templates = load_templates(site, &self.catalog, &mut self.diagnostics);
    }
}

/// Where the records of previews are kept.
fn kept(site: &Site) -> PathBuf {
    state::file(&site.state, &site.root, &site.root.join(".preview"))
}

/// Whether a file refers to one of some others, or to one below them.
fn refers(inspected: &Inspected, others: &BTreeSet<(bool, String)>) -> bool {
    let Found::Record(record) = &inspected.found else { return false };
    let named = |in_static: bool, path: &str| others.contains(&(in_static, path.to_owned()));
    match Record::decode(record) {
        Some(Record::Article(record)) => record.probes.iter().any(|probe| named(probe.in_static, probe.path)),
        Some(Record::Term(page)) => page.probes.iter().any(|(in_static, path, ..)| named(*in_static, path)),
        _ => false,
    }
}

/// Every planned file by the hash of its path, sorted.
fn places(batches: &[Batch], view: &View<'_>) -> Vec<(Fingerprint, Planned)> {
    let of_batch = |(batch, (_, outputs)): (usize, &Batch)| {
        let place = move |(at, output): (usize, &Output)| {
            (output.path(view).key(), Planned { batch: batch as u32, at: at as u32 })
        };
        outputs.par_iter().enumerate().with_min_len(256).map(place).collect::<Vec<_>>()
    };
    let mut places: Vec<(Fingerprint, Planned)> =
        batches.par_iter().enumerate().flat_map_iter(of_batch).collect();
    places.par_sort_unstable_by_key(|(path, _)| *path);
    places
}

/// A planned file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Planned {
    batch: u32,
    at: u32,
}

impl Planned {
    /// Its batch in the plan.
    pub fn batch(self) -> u32 {
        self.batch
    }

    /// Its place in the batch.
    pub fn at(self) -> u32 {
        self.at
    }
}

/// What a file comes to.
pub enum Made {
    /// Bytes.
    Bytes(Vec<u8>),
    /// A file that is published as it is.
    File(PathBuf),
}

/// A site in memory.
pub struct Preview<'a> {
    view: View<'a>,
    batches: &'a [Batch],
    places: &'a [(Fingerprint, Planned)],
    /// The search index, once it was asked for.
    index: Mutex<Option<Arc<search::Index>>>,
    /// Articles held back.
    pub held_back: HeldBack,
    /// Everything that is wrong with the content, but for what only rendering finds.
    pub diagnostics: Vec<Diagnostic>,
}

impl Preview<'_> {
    /// The site's settings and folders.
    pub fn site(&self) -> &Site {
        self.view.site
    }

    /// Whether a file below the output folder is a copy of one of `static/`.
    pub fn copies(&self, path: &str) -> bool {
        let copied = self.find(path).and_then(|planned| self.output(planned).copied());
        copied.is_some_and(|copied| !copied.asset && copied.width.is_none())
    }

    /// Its stories.
    pub fn catalog(&self) -> &Catalog {
        self.view.catalog
    }

    /// How many files the site has, without those of the search index.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The file at a path below the output folder.
    pub fn find(&self, path: &str) -> Option<Planned> {
        let key = Fingerprint::of(path.as_bytes());
        let at = self.places.binary_search_by_key(&key, |(path, _)| *path).ok()?;
        Some(self.places[at].1)
    }

    /// The story whose page it is.
    pub fn story(&self, planned: Planned) -> Option<RowId> {
        match self.output(planned) {
            Output::Page(Page::Article(row)) => Some(*row),
            _ => None,
        }
    }

    fn output(&self, planned: Planned) -> &Output {
        &self.batches[planned.batch as usize].1[planned.at as usize]
    }

    /// Makes a file.
    ///
    /// # Errors
    /// What is wrong with what it is made from.
    pub fn make(&self, planned: Planned) -> Result<Made, Vec<Diagnostic>> {
        let (rows, _) = &self.batches[planned.batch as usize];
        let mut bytes = Vec::new();
        let file = self.fill(self.output(planned), &Teasers::new(&self.view, rows.clone()), &mut bytes)?;
        Ok(file.map_or(Made::Bytes(bytes), Made::File))
    }

    /// Puts a file's bytes in a buffer, or says which file it is.
    fn fill(
        &self,
        output: &Output,
        teasers: &Teasers<'_>,
        bytes: &mut Vec<u8>,
    ) -> Result<Option<PathBuf>, Vec<Diagnostic>> {
        bytes.clear();
        match output {
            Output::Embedded(at) => bytes.extend_from_slice(&crate::templates::asset(*at, self.view.site)),
            Output::Index(file) => return Ok(Some(file.from.clone())),
            Output::Copy(copied) => match copied.content(self.view.site, true)?.0 {
                Some(content) => *bytes = content,
                None => return Ok(Some(copied.from.clone())),
            },
            // What is wrong with it is among the diagnostics.
            Output::Page(page) if self.view.templates.is_broken(page.template()) => return Err(Vec::new()),
            Output::Page(page) => drop(page.render(&self.view, teasers, bytes)?),
        }
        Ok(None)
    }

    /// Renders every page of HTML, redirects and those of `static/` among them, on all cores, and gives what is made of each, in the order of the plan.
    pub fn pages<T: Send>(
        &self,
        progress: &dyn Progress,
        look: impl Fn(Planned, &str, Result<&str, Vec<Diagnostic>>) -> T + Sync,
        mut take: impl FnMut(T),
    ) {
        thread_local! {
            static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
        }
        for (batch, (rows, outputs)) in self.batches.iter().enumerate() {
            progress.expect(outputs.len());
            let teasers = Teasers::new(&self.view, rows.clone());
            let one = |(at, output): (usize, &Output)| {
                progress.done();
                let path = output.path(&self.view);
                let planned = Planned { batch: batch as u32, at: at as u32 };
                path.as_str().ends_with(".html").then(|| {
                    BUFFER.with_borrow_mut(|buffer| {
                        let html = self.html(output, &teasers, buffer);
                        look(planned, path.as_str(), html.as_deref().map_err(Clone::clone))
                    })
                })
            };
            // A year may have a million files.
            for (number, run) in outputs.chunks(RUN).enumerate() {
                let place = |(at, output)| one((number * RUN + at, output));
                let made: Vec<Option<T>> = run.par_iter().enumerate().with_min_len(16).map(place).collect();
                made.into_iter().flatten().for_each(&mut take);
            }
        }
    }

    fn html<'b>(
        &self,
        output: &Output,
        teasers: &Teasers<'_>,
        buffer: &'b mut Vec<u8>,
    ) -> Result<Cow<'b, str>, Vec<Diagnostic>> {
        if let Some(file) = self.fill(output, teasers, buffer)? {
            *buffer = std::fs::read(&file).map_err(|error| {
                let name = file.strip_prefix(&self.view.site.root).unwrap_or(&file).to_string_lossy();
                vec![Diagnostic::error("unreadable", name, format!("can't read it: {error}"))]
            })?;
        }
        Ok(String::from_utf8_lossy(buffer))
    }

    /// Whether a page is one that readers come to, and not one that only leads on or says that there is none.
    pub fn is_for_readers(&self, planned: Planned) -> bool {
        match self.output(planned) {
            Output::Page(page) => !(matches!(page, Page::NotFound) || is_redirect(page)),
            _ => true,
        }
    }

    /// The paths of the pages that are made from a file of `content/`, its own first.
    pub fn showing(&self, path: &str) -> Vec<String> {
        let file = format!("content/{path}");
        let names = |told: &str| {
            let at = told.find(&file);
            at.is_some_and(|at| {
                told[at + file.len()..].chars().next().is_none_or(|next| !next.is_alphanumeric())
            })
        };
        let shows = |output: &Output| match output {
            Output::Page(page) => {
                let own = page.article().is_some_and(|row| self.view.catalog.story(row).path() == path);
                own || page.explain(&self.view).1.iter().any(|(name, _)| names(name))
            }
            _ => false,
        };
        let outputs = self.batches.par_iter().flat_map(|(_, outputs)| outputs.par_iter().with_min_len(64));
        let is_own = |output: &Output| match output {
            Output::Page(Page::Article(row)) => self.view.catalog.story(*row).path() == path,
            _ => false,
        };
        let mut found: Vec<(bool, String)> = outputs
            .filter(|output| shows(output))
            .map(|output| (!is_own(output), output.path(&self.view).as_str().to_owned()))
            .collect();
        found.sort();
        found.into_iter().map(|(_, path)| path).collect()
    }

    /// The number of a file in the plan, from 0.
    pub fn number(&self, planned: Planned) -> usize {
        let before = &self.batches[..planned.batch as usize];
        before.iter().map(|(_, outputs)| outputs.len()).sum::<usize>() + planned.at as usize
    }

    /// Where a file goes, below the output folder.
    pub fn path(&self, planned: Planned) -> String {
        self.output(planned).path(&self.view).as_str().to_owned()
    }

    /// The addresses that lead elsewhere, by what differs on no file system: without the slashes at their ends.
    pub fn redirects(&self) -> HashSet<String> {
        let all = all_redirects(self.view.site, self.view.catalog).into_iter();
        all.map(|redirect| collision_key(redirect.from.trim_matches('/'))).collect()
    }

    /// A file of the search index, which is made when it is first asked for.
    ///
    /// # Errors
    /// What the machine refused.
    pub fn search_file(&self, path: &str) -> Result<Option<PathBuf>, Error> {
        let mut index = self.index.lock().unwrap_or_else(PoisonError::into_inner);
        let made = match &*index {
            Some(index) => Arc::clone(index),
            None => {
                let folder = kept(self.view.site).with_extension("search");
                let keeping = search::Keeping { folder, dry: false, verify: false, force: false };
                let made = Arc::new(search::index(self.view.site, self.view.catalog, keeping)?);
                Arc::clone(index.insert(made))
            }
        };
        drop(index);
        Ok(made.files.iter().find(|file| file.to == path).map(|file| file.from.clone()))
    }
}

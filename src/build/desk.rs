//! Desk: all files of `content/` as they were last read, and what they come to, for as long as someone works on them. Nothing is written but the
//! records, so that the next desk begins where this one was.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use rayon::prelude::*;

use super::assembly::Assembly;
use super::discover::discover;
use super::inspect::{Found, Inspected, inspect};
use super::journal::Lock;
use super::parse::{Parsed, Runs, may_be_saved};
use super::preview::{Preview, kept};
use super::record::Leftovers;
use super::stamp::{Scan, UNSETTLED};
use super::{Progress, settings};
use crate::catalog::record::{ArticleRecord, Probe, Record, same_but_for_body, same_place};
use crate::catalog::{Catalog, Change};
use crate::diagnostic::{Diagnostic, Error};
use crate::history::Past;
use crate::model::Fingerprint;
use crate::register::Register;
use crate::site::{Site, is_article};
use crate::state::{self, State, Writer};

/// All files of `content/`, as they were last read.
pub struct Desk {
    files: BTreeMap<Box<str>, Inspected>,
    settings: Fingerprint,
    unreadable: Vec<Diagnostic>,
    /// The versions of files when it was opened.
    past: Past,
    /// How many files the last change made it read.
    read: usize,
    /// How often the site was put together from all files.
    whole: usize,
    /// What the files came to, until a change makes it old.
    assembled: Option<Assembly>,
}

/// What the register of permalinks says of a site as it is.
#[derive(Debug)]
pub struct Registered {
    /// The stories.
    pub catalog: Catalog,
    /// What leads on, and what is lost.
    pub register: Register,
    /// Everything that is wrong: with the content, with the register, and what is lost.
    pub diagnostics: Vec<Diagnostic>,
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
        let (desk, news) = Self::read_all(site, progress)?;
        if news {
            // What can't be kept is read again next time.
            let _ = desk.save(site, &kept(site), progress);
        }
        Ok(desk)
    }

    /// Reads all files and leaves no trace of it.
    ///
    /// # Errors
    /// What the machine refused.
    pub fn look(site: &Site, progress: &dyn Progress) -> Result<Self, Error> {
        Self::read_all(site, progress).map(|(desk, _)| desk)
    }

    /// Reads all files. Tells whether the saved records are others.
    fn read_all(site: &Site, progress: &dyn Progress) -> Result<(Self, bool), Error> {
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
        let read = files.len();
        let past = Past::walk(site);
        Ok((Self { files, settings, unreadable, past, read, whole: 0, assembled: None }, news))
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

    /// How many files the last change made it read.
    pub fn read(&self) -> usize {
        self.read
    }

    /// How often the site was put together from all files, and not only amended.
    pub fn whole(&self) -> usize {
        self.whole
    }

    /// Reads again what a change touches: files below `content/` or `static/`, given from the site's folder, and folders with all below them.
    pub fn change(&mut self, site: &Site, changed: &[String]) -> Effect {
        let (mut articles, mut others, mut folders) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
        for path in changed {
            let (top, path) = path.split_once('/').unwrap_or((path, ""));
            match top {
                "content" if is_article(path) => {
                    // Of a link, or a folder of such a name, the walk knows what counts.
                    let found = site.content.join(path).symlink_metadata();
                    if found.is_ok_and(|found| !found.is_file()) || self.is_refused(path) {
                        folders.push(path);
                    }
                    articles.insert(path.to_owned());
                }
                "content" => {
                    if site.content.join(path).is_dir() || self.has_below(path) || self.is_refused(path) {
                        folders.push(path);
                    }
                    others.insert((false, path.to_owned()));
                }
                "static" => drop(others.insert((true, path.to_owned()))),
                _ => {}
            }
        }
        let scan = Scan::now();
        let mut effect = Effect::None;
        if !folders.is_empty() {
            effect = self.walk_again(site, &folders, scan, &mut articles);
        }
        if !others.is_empty() {
            let shows = self.files.par_iter().filter(|(_, inspected)| refers(inspected, &others));
            articles.par_extend(shows.map(|(path, _)| path.to_string()));
        }
        self.read = articles.len();
        let articles: Vec<String> = articles.into_iter().collect();
        let read: Vec<(String, Option<Inspected>)> = articles
            .into_par_iter()
            .map(|path| {
                let inspected = is_there(site, &path).then(|| inspect(site, &path, scan));
                (path, inspected)
            })
            .collect();
        let mut moved = Vec::new();
        for (path, inspected) in read {
            let (of_file, old) = self.replace(site, &path, inspected);
            if of_file == Effect::Site {
                moved.push((path, old));
            }
            effect = effect.max(of_file);
        }
        self.amend(site, &moved);
        effect
    }

    /// Puts the site together anew where files, given with what they were, come to other stories.
    fn amend(&mut self, site: &Site, moved: &[(String, Option<Inspected>)]) {
        let Some(mut assembled) = self.assembled.take() else { return };
        let changes = moved.iter().map(|(path, old)| change(path, old.as_ref(), self.files.get(&**path)));
        let changes: Option<Vec<Change<'_>>> = changes.collect();
        let amended =
            changes.is_some_and(|changes| changes.is_empty() || assembled.amend(site, &self.past, &changes));
        self.assembled = Some(assembled).filter(|_| amended);
    }

    /// Whether the last walk had something to say of a path.
    fn is_refused(&self, path: &str) -> bool {
        self.unreadable.iter().any(|wrong| wrong.file.strip_prefix("content/") == Some(path))
    }

    /// Whether there are files below a path, so that it was a folder.
    fn has_below(&self, path: &str) -> bool {
        let below = if path.is_empty() { String::new() } else { format!("{path}/") };
        let from = (std::ops::Bound::Included(below.as_str()), std::ops::Bound::Unbounded);
        self.files.range::<str, _>(from).next().is_some_and(|(path, _)| path.starts_with(&below))
    }

    /// Finds the files that came or went, and those of some folders that are others now.
    fn walk_again(
        &mut self,
        site: &Site,
        folders: &[&str],
        scan: Scan,
        articles: &mut BTreeSet<String>,
    ) -> Effect {
        let before = std::mem::take(&mut self.unreadable);
        let now: BTreeSet<Box<str>> = discover(site, &mut self.unreadable).into_iter().collect();
        let gone = self.files.keys().filter(|path| !now.contains(*path));
        let new = now.iter().filter(|path| !self.files.contains_key(*path));
        let others = self.files.par_iter().filter(|(path, inspected)| {
            let inside = folders.iter().any(|folder| Path::new(&***path).starts_with(folder));
            let stamp = inspected.stamp;
            inside && (stamp == UNSETTLED || scan.file(&site.content.join(&***path)) != stamp)
        });
        let others: Vec<String> = others.map(|(path, _)| path.to_string()).collect();
        let count = articles.len();
        articles.extend(gone.chain(new).map(ToString::to_string));
        let effect =
            if articles.len() > count || before != self.unreadable { Effect::Site } else { Effect::None };
        articles.extend(others);
        effect
    }

    /// Takes what a file holds now in the place of what it held, which it gives back.
    fn replace(
        &mut self,
        site: &Site,
        path: &str,
        inspected: Option<Inspected>,
    ) -> (Effect, Option<Inspected>) {
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
            if !replaced {
                // It lost its place to another one.
                effect = Effect::Site;
                self.assembled = None;
            }
        }
        let old = match inspected {
            Some(inspected) => self.files.insert(path.into(), inspected),
            None => self.files.remove(path),
        };
        (effect, old)
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
        let amended = self.assembled.take();
        self.whole += usize::from(amended.is_none());
        let assembled = amended.unwrap_or_else(|| self.assemble(site));
        let assembled = self.assembled.insert(assembled);
        let mut wrong = told(mistakes, &self.unreadable, &self.files);
        wrong.extend(assembled.diagnostics());
        wrong.sort();
        wrong.dedup();
        work(&Preview {
            view: assembled.view(site),
            batches: &assembled.laid.batches,
            places: &assembled.laid.places,
            index: Mutex::default(),
            diagnostics: wrong,
        })
    }

    /// Looks up the register of permalinks, as a build does.
    ///
    /// # Errors
    /// What the machine refused.
    pub fn registered(&self, site: &Site, mistakes: Vec<Diagnostic>) -> Result<Registered, Error> {
        let mut assembled = self.assemble(site);
        if let Some(error) = assembled.laid.refused.take() {
            return Err(error);
        }
        let mut wrong = told(mistakes, &self.unreadable, &self.files);
        wrong.extend(assembled.diagnostics());
        let Assembly { catalog, laid, broken, .. } = assembled;
        let mut permalinks = laid.permalinks;
        wrong.extend(permalinks.lost(&catalog, &broken, &Leftovers::default()));
        wrong.sort();
        wrong.dedup();
        Ok(Registered { catalog, register: permalinks.into_register(), diagnostics: wrong })
    }

    fn assemble(&self, site: &Site) -> Assembly {
        Assembly::of(site, &self.files, &self.past, self.settings)
    }
}

/// The change of a file, if it touches nothing but which stories there are, and what they are filed under.
fn change<'a>(path: &'a str, old: Option<&'a Inspected>, new: Option<&'a Inspected>) -> Option<Change<'a>> {
    let story = |inspected: Option<&'a Inspected>| match inspected.map(|inspected| &inspected.found) {
        Some(Found::Record(record)) => match Record::decode(record)? {
            Record::Article(record) => Some(Some(record)),
            Record::Nothing => Some(None),
            Record::Term(_) | Record::Tombstone(_) => None,
        },
        Some(Found::HeldBack(_) | Found::Broken) | None => Some(None),
    };
    let (old, new) = (story(old)?, story(new)?);
    let same = beside(old.as_ref()) == beside(new.as_ref());
    same.then_some(Change { path, old, new })
}

/// What a story brings with it: files, the main picture, shortcodes that nothing stands for, and names that are taken out.
type Beside<'r, 'a> = (&'r [Probe<'a>], Option<String>, &'r [&'a str], &'r [&'a str]);

fn beside<'r, 'a>(story: Option<&'r ArticleRecord<'a>>) -> Beside<'r, 'a> {
    let of = |story: &'r ArticleRecord<'a>| {
        (&*story.probes, story.image().map(|image| image.src), &*story.shortcodes, &*story.names)
    };
    story.map_or_else(Default::default, of)
}

/// Mistakes in the settings, and what is wrong with files.
fn told(
    mut mistakes: Vec<Diagnostic>,
    unreadable: &[Diagnostic],
    files: &BTreeMap<Box<str>, Inspected>,
) -> Vec<Diagnostic> {
    let of_files = files.values().flat_map(|inspected| &inspected.diagnostics);
    mistakes.extend(unreadable.iter().chain(of_files).cloned());
    mistakes
}

/// Whether a file below `content/` is there, and really below it.
fn is_there(site: &Site, path: &str) -> bool {
    let inside = |real: PathBuf| site.content.canonicalize().is_ok_and(|content| real.starts_with(content));
    let file = site.content.join(path);
    file.is_file() && file.canonicalize().is_ok_and(inside)
}

/// Whether a file refers to one of some others, or to one below them.
fn refers(inspected: &Inspected, others: &BTreeSet<(bool, String)>) -> bool {
    let Found::Record(record) = &inspected.found else { return false };
    let named = |in_static: bool, path: &str| {
        let mut above = Path::new(path).ancestors().filter_map(Path::to_str);
        above.any(|path| others.contains(&(in_static, path.to_owned())))
    };
    match Record::decode(record) {
        Some(Record::Article(record)) => record.probes.iter().any(|probe| named(probe.in_static, probe.path)),
        Some(Record::Term(page)) => page.probes.iter().any(|(in_static, path, ..)| named(*in_static, path)),
        _ => false,
    }
}

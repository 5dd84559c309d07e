//! Preview: a site in memory, whose files are made when they are asked for.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use super::Progress;
use super::places::{Places, Planned};
use super::plan::{Batch, Output};
use crate::catalog::{Catalog, RowId};
use crate::diagnostic::{Diagnostic, Error};
use crate::model::slug::collision_key;
use crate::pages::{Page, Teasers, View, all_redirects, is_redirect};
use crate::search;
use crate::site::Site;
use crate::state;

/// How many pages are made before what was found in them is taken.
const RUN: usize = 4096;

/// Where the records of previews are kept.
pub(super) fn kept(site: &Site) -> PathBuf {
    state::file(&site.state, &site.root, &site.root.join(".preview"))
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
    pub(super) view: View<'a>,
    pub(super) batches: &'a [Batch],
    pub(super) places: &'a Places,
    /// The search index, once it was asked for.
    pub(super) index: Mutex<Option<Arc<search::Index>>>,
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
        copied.is_some_and(|copied| !copied.asset && copied.kind.is_none())
    }

    /// Its stories.
    pub fn catalog(&self) -> &Catalog {
        self.view.catalog
    }

    /// How many files the site has, without those of the search index.
    pub fn files(&self) -> usize {
        self.places.len()
    }

    /// The file at a path below the output folder.
    pub fn find(&self, path: &str) -> Option<Planned> {
        self.places.find(path)
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
        let all = all_redirects(&self.view).into_iter();
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

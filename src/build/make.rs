//! Make: renders and writes the planned files of a batch, on all cores, but for those that are as they should be.

use std::cell::RefCell;
use std::collections::HashSet;

use rayon::prelude::*;

use super::Progress;
use super::folder::Folder;
use super::plan::{Batch, Output};
use super::stamp;
use super::write::{Outcome, Sink, Written, hash_of};
use crate::diagnostic::{Diagnostic, Error};
use crate::ledger::{Entry, Ledger};
use crate::model::{Fingerprint, OutputPath};
use crate::pages::{Page, Teasers, View};
use crate::templates::asset;

/// Everything that making a file takes.
pub(super) struct Maker<'a> {
    pub(super) view: &'a View<'a>,
    pub(super) old: &'a Ledger,
    /// The output folder as it is.
    pub(super) output: Folder<'a>,
    /// Where files go; none if nothing is to be made.
    pub(super) sink: Option<&'a Sink<'a>>,
    /// Whether the bytes of a file are compared with the ledger, too.
    pub(super) verify: bool,
    /// Where pages are made from what they were made from in the last build, but for some articles' bodies: the hashes of these articles' files.
    pub(super) news: Option<HashSet<Fingerprint>>,
    pub(super) progress: &'a dyn Progress,
}

/// What became of a planned file.
pub(super) struct Made {
    /// What the ledger is to know of it. Without bytes, there is no such file.
    pub(super) entry: Entry,
    /// Nothing, if it couldn't be made.
    pub(super) outcome: Option<Outcome>,
    /// Whether the ledger knew just that.
    pub(super) same: bool,
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// A file, whether it was made from what its inputs say, and what is wrong with it; or why there is none.
type Rendered = Result<(Written, bool, Vec<Diagnostic>), Vec<Diagnostic>>;

impl Maker<'_> {
    /// The paths that the old ledger doesn't have, a batch at a time.
    pub(super) fn creates(&self, batches: &[Batch]) -> impl Iterator<Item = String> {
        batches.iter().flat_map(|(_, outputs)| {
            let new = |output: &Output| {
                let path = output.path(self.view);
                let known = self.old.get(path.key());
                known.is_none().then(|| path.as_str().to_owned())
            };
            outputs.par_iter().with_min_len(256).filter_map(new).collect::<Vec<String>>()
        })
    }

    /// Makes the files of a batch. In the old ledger they most likely stand from `first` on.
    pub(super) fn batch(&self, first: usize, (rows, outputs): &Batch) -> Result<Vec<Made>, Error> {
        let teasers = Teasers::new(self.view, rows.clone());
        outputs.par_iter().enumerate().map(|(at, output)| self.one(first + at, output, &teasers)).collect()
    }

    fn one(&self, place: usize, output: &Output, teasers: &Teasers<'_>) -> Result<Made, Error> {
        self.progress.done();
        let path = output.path(self.view);
        let key = path.key();
        let old = self.old.get_near(place, key).copied();
        let known = match (output, old) {
            (Output::Page(page), Some(old)) if self.is_as_before(page, &old) => Some(old.inputs),
            _ => None,
        };
        let inputs = known.unwrap_or_else(|| output.inputs(self.view, &path));
        if let Some(entry) = old.filter(|entry| self.is_good(entry, inputs, &path)) {
            // A page may stay as it is when its article's file moves; the next build knows it by the new one.
            let article = if known.is_some() { entry.article } else { output.article(self.view) };
            let entry = Entry { article, ..entry };
            return Ok(Made {
                entry,
                outcome: Some(Outcome::Unchanged),
                same: old == Some(entry),
                diagnostics: Vec::new(),
            });
        }
        let left = self.output.is_there() && old.is_some_and(|entry| entry.bytes != Fingerprint::UNSETTLED);
        let rendered = self.sink.map(|sink| self.render(output, &path, left, teasers, sink)).transpose()?;
        match rendered.unwrap_or(Err(Vec::new())) {
            Ok((written, settled, diagnostics)) => {
                let Written { outcome, stamp, bytes } = written;
                let inputs = if settled { inputs } else { Fingerprint::UNSETTLED };
                let entry = Entry { path: key, inputs, stamp, bytes, article: output.article(self.view) };
                Ok(Made { entry, outcome: Some(outcome), same: old == Some(entry), diagnostics })
            }
            Err(diagnostics) => {
                // Its last good page stays, and the next build tries again, so that what is wrong is told again.
                let kept = old.unwrap_or(Entry { path: key, ..Entry::default() });
                let entry = Entry { inputs: Fingerprint::UNSETTLED, ..kept };
                Ok(Made { entry, outcome: None, same: old == Some(entry), diagnostics })
            }
        }
    }

    /// Whether a page is known to be made from what the ledger says.
    fn is_as_before(&self, page: &Page, entry: &Entry) -> bool {
        let shows =
            |news: &HashSet<Fingerprint>| news.contains(&entry.article) || page.shows_bodies(self.view);
        let unchanged = |news: &HashSet<Fingerprint>| news.is_empty() || !shows(news);
        entry.inputs != Fingerprint::UNSETTLED && self.news.as_ref().is_some_and(unchanged)
    }

    /// Whether a file is what it should be, as far as the ledger and the file system tell.
    fn is_good(&self, entry: &Entry, inputs: Fingerprint, path: &OutputPath) -> bool {
        let looks =
            inputs.settles(entry.inputs) && stamp::output_file(&self.output, path.as_str()) == entry.stamp;
        let hash = || hash_of(&self.view.site.output.join(path.as_str()), |_| ());
        looks && (!self.verify || hash().is_ok_and(|(_, bytes)| bytes == entry.bytes))
    }

    /// Renders or copies a file to its place; `left` tells whether the last build left one there.
    fn render(
        &self,
        output: &Output,
        path: &OutputPath,
        left: bool,
        teasers: &Teasers<'_>,
        sink: &Sink<'_>,
    ) -> Result<Rendered, Error> {
        thread_local! {
            static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
        }
        let place = sink.place(path.as_str())?;
        match output {
            Output::Embedded(at) => {
                Ok(Ok((sink.write(&place, &asset(*at, self.view.site), left)?, true, Vec::new())))
            }
            Output::Index(file) => Ok(Ok((sink.copy(&file.from, &place, left)?, true, Vec::new()))),
            // What is wrong with a picture is told again in the next build, so it is made again.
            Output::Copy(copied) => match copied.content(self.view.site, !sink.is_dry()) {
                Ok((Some(bytes), wrong)) => {
                    Ok(Ok((sink.write(&place, &bytes, left)?, wrong.is_empty(), wrong)))
                }
                Ok((None, wrong)) => {
                    Ok(Ok((sink.copy(&copied.from, &place, left)?, wrong.is_empty(), wrong)))
                }
                Err(wrong) => Ok(Err(wrong)),
            },
            Output::Page(page) if self.view.templates.is_broken(page.template()) => Ok(Err(Vec::new())),
            Output::Page(page) => {
                BUFFER.with_borrow_mut(|buffer| match page.render(self.view, teasers, buffer) {
                    Ok(settled) => Ok(Ok((sink.write(&place, buffer, left)?, settled, Vec::new()))),
                    Err(diagnostics) => Ok(Err(diagnostics)),
                })
            }
        }
    }
}

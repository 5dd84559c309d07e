//! A file under mending: a mend is tried, read again, and kept only if all that it isn't about reads as before.

use std::collections::BTreeSet;
use std::ops::Range;

use super::Mend;
use super::scan::{self, Entry, entries};
use crate::content::article::plain;
use crate::content::{Article, FrontMatter, Source, Values};
use crate::diagnostic::Diagnostic;
use crate::model::slug::term_key;
use crate::model::{Day, Moment};
use crate::site::Site;

/// So many edits of one mend are tried one by one if all together can't be kept.
const ONE_BY_ONE: usize = 64;

/// A piece of a file and what is to stand there.
#[derive(Clone, Debug)]
pub(super) struct Edit {
    /// Where, in the whole text.
    pub(super) range: Range<usize>,
    /// What is to stand there.
    pub(super) with: String,
    /// The keys, as written before or after, whose values it may touch.
    pub(super) keys: Vec<String>,
    /// The value before and after, as text.
    pub(super) texts: (String, String),
}

/// What was mended on a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// By which mend.
    pub mend: Mend,
    /// The number of the line in the file as it was, from 1.
    pub line: usize,
    /// The line as it was.
    pub before: String,
    /// The line as it is to be; `None` if it goes.
    pub after: Option<String>,
}

/// What a file says.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) front: FrontMatter,
    pub(super) values: Values,
    /// What the site makes of it; `None` for what is no article or has a mistake.
    pub(super) settled: Option<Settled>,
}

/// What a mend may never move.
#[derive(Debug)]
pub(super) struct Settled {
    place: (String, Day, Moment, Option<Moment>, Option<Moment>, String),
    /// The number of the taxonomy and the name.
    pub(super) terms: Vec<(usize, String)>,
}

impl Settled {
    fn of(article: Article) -> Self {
        let Article { permalink, day, date, updated, expires, lang, terms, .. } = article;
        Self { place: (permalink.as_str().to_owned(), day, date, updated, expires, lang), terms }
    }

    /// Whether another is at the same place, under the same terms however they are spelled.
    fn same(&self, other: &Self) -> bool {
        let keys = |of: &Self| -> BTreeSet<(usize, String)> {
            of.terms.iter().map(|(taxonomy, name)| (*taxonomy, term_key(name))).collect()
        };
        self.place == other.place && keys(self) == keys(other)
    }
}

/// A file that can be read, with what was mended so far.
#[derive(Debug)]
pub(super) struct Draft<'a> {
    pub(super) site: &'a Site,
    /// Its path below `content/`.
    pub(super) path: &'a str,
    pub(super) text: String,
    /// Where its front matter is.
    pub(super) front: Range<usize>,
    pub(super) known: Known,
    pub(super) changes: Vec<Change>,
    /// The number that each line had in the file as it was.
    lines: Vec<usize>,
}

impl<'a> Draft<'a> {
    /// Takes a text that can be read.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn open(site: &'a Site, path: &'a str, text: &str) -> Result<Self, Vec<Diagnostic>> {
        let file = format!("content/{path}");
        let source =
            Source::read(&file, text.as_bytes(), &site.config.limits).map_err(|wrong| vec![*wrong])?;
        let known = read(site, path, &source)?;
        let front = source.front_start..source.front_start + source.front.len();
        let lines = (1..=text.split_inclusive('\n').count()).collect();
        Ok(Self { site, path, text: text.to_owned(), front, known, changes: Vec::new(), lines })
    }

    /// The entries of its front matter.
    pub(super) fn entries(&self) -> Vec<Entry> {
        entries(&self.text, self.front.clone())
    }

    /// Makes edits if what they come to is as meant: every other value is as before, so are the address, the dates and the terms, and `wanted` says
    /// so of the rest. Where not all can be made, those are that can be.
    pub(super) fn make(
        &mut self,
        mend: Mend,
        mut edits: Vec<Edit>,
        wanted: &dyn Fn(&Known, &Known, &[Edit]) -> bool,
    ) {
        edits.sort_by_key(|edit| edit.range.start);
        if edits.is_empty() || self.try_all(mend, &edits, wanted) || edits.len() == 1 {
            return;
        }
        if edits.len() <= ONE_BY_ONE {
            // From the last to the first, so that those that are yet to come stay where they are.
            for edit in edits.into_iter().rev() {
                self.try_all(mend, &[edit], wanted);
            }
        }
    }

    fn try_all(
        &mut self,
        mend: Mend,
        edits: &[Edit],
        wanted: &dyn Fn(&Known, &Known, &[Edit]) -> bool,
    ) -> bool {
        let Some((text, starts)) = edited(&self.text, edits) else { return false };
        let Ok(next) = Self::open(self.site, self.path, &text) else { return false };
        let keys: Vec<&str> = edits.iter().flat_map(|edit| edit.keys.iter().map(String::as_str)).collect();
        let settled = match (&self.known.settled, &next.known.settled) {
            (Some(before), Some(after)) => before.same(after),
            // What had a mistake may have none any more.
            (before, _) => before.is_none(),
        };
        let fits = settled
            && self.text[..self.front.start] == next.text[..next.front.start]
            && self.text[self.front.end..] == next.text[next.front.end..]
            && self.known.values.same_besides(&next.known.values, &keys)
            && wanted(&self.known, &next.known, edits);
        if fits {
            let before = std::mem::replace(&mut self.text, next.text);
            self.note(mend, edits, &before, &text, &starts);
            (self.front, self.known) = (next.front, next.known);
        }
        fits
    }

    /// Notes what edits change, line by line; `starts` are their places in the text after them.
    pub(super) fn note(&mut self, mend: Mend, edits: &[Edit], before: &str, after: &str, starts: &[usize]) {
        let mut gone: Vec<Range<usize>> = Vec::new();
        let (mut at, mut number) = (0, 0);
        for (edit, &start) in edits.iter().zip(starts) {
            number += before[at..edit.range.start].matches('\n').count();
            at = edit.range.start;
            let breaks = before[edit.range.clone()].matches('\n').count();
            let whole = edit.with.is_empty() && before[..edit.range.end].ends_with('\n');
            let line = self.lines.get(number).copied().unwrap_or_default();
            let shown = (!whole).then(|| line_at(after, start));
            let change = Change { mend, line, before: line_at(before, at), after: shown };
            if self.changes.last() != Some(&change) {
                self.changes.push(change);
            }
            let first = number + usize::from(!whole);
            gone.push(first..first + breaks);
        }
        for range in gone.into_iter().rev() {
            self.lines.drain(range);
        }
    }
}

/// The line of a place, without its line break.
fn line_at(text: &str, at: usize) -> String {
    let line = &text[scan::line_start(text, at)..scan::line_end(text, at, text.len())];
    line.trim_end_matches(['\r', '\n']).to_owned()
}

/// What a file says.
fn read(site: &Site, path: &str, source: &Source<'_>) -> Result<Known, Vec<Diagnostic>> {
    let front = FrontMatter::parse(source, site)?;
    let settled = Article::resolve(front.clone(), source, path, site).ok().map(Settled::of);
    let values = Values::read(source.front).ok_or_else(Vec::new)?;
    Ok(Known { front, values, settled })
}

/// A text with edits made, in their order, and where each begins in it; `None` if they overlap.
pub(super) fn edited(text: &str, edits: &[Edit]) -> Option<(String, Vec<usize>)> {
    let (mut out, mut starts, mut at) = (String::with_capacity(text.len() + 64), Vec::new(), 0);
    for edit in edits {
        out.push_str(text.get(at..edit.range.start)?);
        starts.push(out.len());
        out.push_str(&edit.with);
        at = edit.range.end;
    }
    out.push_str(&text[at..]);
    Some((out, starts))
}

/// Front matter as it counts where only the spelling of terms may differ: each name by its key, none twice.
pub(super) fn by_keys(front: &FrontMatter) -> FrontMatter {
    let mut front = front.clone();
    let keyed = |names: &mut Vec<String>| {
        let mut seen = BTreeSet::new();
        names.iter_mut().for_each(|name| *name = term_key(&plain(name)));
        names.retain(|name| seen.insert(name.clone()));
    };
    front.terms.iter_mut().for_each(|(_, names)| keyed(names));
    keyed(&mut front.categories);
    front
}

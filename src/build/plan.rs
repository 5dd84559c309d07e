//! Plan: every file that the site should have, in a fixed order, a batch a year; and no two at one place.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::path::PathBuf;

use rayon::prelude::*;
use walkdir::WalkDir;

use super::claims::{Claim, Claimant, Claims, Dotless, are_apart, hides};
use super::copies::{self, Asset, Copied, Picture};
use super::stamp::Scan;
use crate::catalog::RowId;
use crate::diagnostic::Diagnostic;
use crate::ledger::Ledger;
use crate::model::slug::collision_key;
use crate::model::{Day, Fingerprint, OutputPath};
use crate::pages::{File, Page, View, corrections, is_redirect, languages, pages_for};
use crate::search::IndexFile;
use crate::site::{CONFIG_FILE, REGISTER_FILE};
use crate::templates::{ASSETS, SEARCH, asset};

/// A file to be.
pub(super) enum Output {
    /// A page from a template.
    Page(Page),
    /// One of the program's own assets.
    Embedded(usize),
    /// A file that is copied.
    Copy(Box<Copied>),
    /// A file of the search index.
    Index(Box<IndexFile>),
}

/// Who has a place that two want, the first before the others.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rank {
    Static,
    Own,
    Asset,
    Article,
    Redirect,
}

impl Output {
    pub(super) fn path(&self, view: &View<'_>) -> OutputPath {
        match self {
            Self::Page(page) => page.path(view),
            Self::Embedded(at) => OutputPath::of_address(format!("/{}", ASSETS[*at].0)),
            Self::Copy(copied) => copied.to.clone(),
            Self::Index(file) => OutputPath::of_address(format!("/{}", file.to)),
        }
    }

    /// The hash of everything that the file at a path is made from.
    pub(super) fn inputs(&self, view: &View<'_>, path: &OutputPath) -> Fingerprint {
        match self {
            Self::Page(page) => page.fingerprint(view, path),
            Self::Embedded(at) => Fingerprint::of(&asset(*at, view.site)),
            Self::Copy(copied) => copied.inputs(view.site),
            Self::Index(file) => file.inputs,
        }
    }

    /// The hash of the file of the article that this is the page of; unsettled if it is none's.
    pub(super) fn article(&self, view: &View<'_>) -> Fingerprint {
        let row = if let Self::Page(page) = self { page.article() } else { None };
        row.map_or(Fingerprint::UNSETTLED, |row| Fingerprint::of(view.catalog.story(row).path().as_bytes()))
    }

    /// The copy, if it is one.
    pub(super) fn copied(&self) -> Option<&Copied> {
        match self {
            Self::Copy(copied) => Some(copied),
            _ => None,
        }
    }

    fn rank(&self) -> Rank {
        match self {
            Self::Page(Page::Article(_)) => Rank::Article,
            Self::Page(Page::Tombstone(..) | Page::History(_)) => Rank::Redirect,
            Self::Page(page) if is_redirect(page) => Rank::Redirect,
            Self::Page(_) | Self::Embedded(_) | Self::Index(_) => Rank::Own,
            Self::Copy(copied) if copied.kind.is_some() => Rank::Own,
            Self::Copy(copied) if copied.asset => Rank::Asset,
            Self::Copy(_) => Rank::Static,
        }
    }

    pub(super) fn owner(&self, view: &View<'_>) -> String {
        match self {
            Self::Page(Page::Article(row)) => format!("content/{}", view.catalog.story(*row).path()),
            Self::Page(Page::History(row)) => {
                format!("the history of content/{}", view.catalog.story(*row).path())
            }
            Self::Page(Page::Machine(File::Alias(row, _))) => {
                format!("content/{}", view.catalog.story(*row).path())
            }
            Self::Page(Page::Machine(File::Rule(_))) => CONFIG_FILE.to_owned(),
            Self::Page(Page::Machine(File::Former(_))) => REGISTER_FILE.to_owned(),
            Self::Page(page) => format!("the site's own page {}", page.address(view)),
            Self::Embedded(at) => format!("the program's {}", ASSETS[*at].0),
            Self::Index(file) => format!("the search index's {}", file.to),
            Self::Copy(copied) => {
                let from = copied.from.strip_prefix(&view.site.root).unwrap_or(&copied.from);
                from.to_string_lossy().into_owned()
            }
        }
    }
}

/// Rows whose teasers a batch shares, and the files of the batch.
pub(super) type Batch = (Range<RowId>, Vec<Output>);

/// Files that are no pages.
#[derive(Clone, Copy, Default)]
pub(super) struct Files<'a> {
    /// Those that stories show or link to, below `content/`.
    pub(super) assets: &'a [Asset],
    /// The pictures of which smaller copies are wanted.
    pub(super) pictures: &'a [Picture],
    /// Those of the search index.
    pub(super) index: &'a [IndexFile],
}

/// Every file that the site should have.
pub(super) struct Plan {
    pub(super) batches: Vec<Batch>,
    /// Articles that can't have the place they want, in order: the plan is to be made again without them.
    pub(super) lost: Vec<RowId>,
    pub(super) diagnostics: Vec<Diagnostic>,
    /// Whether these are the files that the last build left, in its order.
    pub(super) same: bool,
}

/// Plans all files of the site: static ones and the pages of no year first, then a batch a year.
pub(super) fn plan(view: &View<'_>, files: Files<'_>, scan: Scan, old: &Ledger, news: bool) -> Plan {
    let mut diagnostics = Vec::new();
    let batches = batches(view, files, scan, HashMap::new(), &mut diagnostics);
    let same = as_before(&batches, view, old, news);
    // What had each a place of its own has it again.
    if same {
        return Plan { batches, lost: Vec::new(), diagnostics, same };
    }
    let plan = settled(batches, view);
    diagnostics.extend(plan.diagnostics);
    Plan { diagnostics, ..plan }
}

/// The plan without the files that can't have the place they want.
pub(super) fn settled(mut batches: Vec<Batch>, view: &View<'_>) -> Plan {
    let mut diagnostics = Vec::new();
    let losers = settle(&batches, view);
    let mut lost = Vec::new();
    for &((batch, at), (other_batch, other)) in &losers {
        let output = &batches[batch as usize].1[at as usize];
        diagnostics.extend(collision(output, &batches[other_batch as usize].1[other as usize], view));
        if let Output::Page(Page::Article(row)) = output {
            lost.push(*row);
        }
    }
    lost.sort_unstable();
    let losers: HashSet<Claimant> = losers.into_iter().map(|(loser, _)| loser).collect();
    if !losers.is_empty() {
        for (batch, (_, outputs)) in batches.iter_mut().enumerate() {
            let mut at = 0..;
            outputs.retain(|_| at.next().is_none_or(|at: u32| !losers.contains(&(batch as u32, at))));
        }
    }
    Plan { batches, lost, diagnostics, same: false }
}

/// Whether the old ledger has just these files, in this order. Without news of any article only their number and the files that belong to no
/// year could differ.
fn as_before(batches: &[Batch], view: &View<'_>, old: &Ledger, news: bool) -> bool {
    let mut first = 0;
    let mut starts = Vec::with_capacity(batches.len());
    for (_, outputs) in batches {
        starts.push(first);
        first += outputs.len();
    }
    first == old.len()
        && batches[..if news { batches.len() } else { 1 }].par_iter().zip(starts).all(
            |((_, outputs), start)| {
                let known = |(at, output): (usize, &Output)| old.has_at(start + at, output.path(view).key());
                outputs.par_iter().enumerate().with_min_len(256).all(known)
            },
        )
}

/// All files, as they would like to be. Of the years that are `kept` the stories are the same as when they were planned, but perhaps in other rows.
pub(super) fn batches(
    view: &View<'_>,
    files: Files<'_>,
    scan: Scan,
    mut kept: HashMap<i32, Batch>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Batch> {
    let mut batches = vec![(0..0, fixed(view, files, scan, diagnostics))];
    let years = view.catalog.years().into_iter();
    let years: Vec<(i32, Option<Batch>)> = years.map(|year| (year, kept.remove(&year))).collect();
    batches.par_extend(years.into_par_iter().map(|(year, kept)| {
        let rows = view.catalog.year(year);
        match kept {
            Some(batch) => moved(batch, rows),
            None => (rows, of_year(year, view)),
        }
    }));
    batches
}

/// Follows the stories of a year to the rows where they are now.
fn moved((from, mut outputs): Batch, to: Range<RowId>) -> Batch {
    let by = i64::from(to.start) - i64::from(from.start);
    for output in outputs.iter_mut().filter(|_| by != 0) {
        if let Output::Page(page) = output {
            page.move_rows(by);
        }
    }
    (to, outputs)
}

/// Settles who has which place: static files before the site's own pages, these before pictures, these before articles. Gives those that
/// lose, each with the one that it loses to.
fn settle(batches: &[Batch], view: &View<'_>) -> Vec<(Claimant, Claimant)> {
    let dotless = dotless(batches, view);
    if all_apart(batches, view, &dotless) {
        return Vec::new();
    }
    let mut claims = Claims::new(!dotless.is_empty());
    let mut losers = Vec::new();
    for rank in [Rank::Static, Rank::Own, Rank::Asset, Rank::Article, Rank::Redirect] {
        for (batch, (_, outputs)) in batches.iter().enumerate() {
            for (at, output) in outputs.iter().enumerate().filter(|(_, output)| output.rank() == rank) {
                let claimant = (batch as u32, at as u32);
                if let Err(other) = claims.claim(output.path(view).as_str(), claimant) {
                    losers.push((claimant, other));
                }
            }
        }
    }
    losers
}

/// The copied files whose names have no dot: the program's own always have one.
pub(super) fn dotless(batches: &[Batch], view: &View<'_>) -> Dotless {
    let outputs = batches.iter().flat_map(|(_, outputs)| outputs);
    Dotless::of(outputs.filter(|output| output.copied().is_some()).map(|copy| copy.path(view)))
}

/// Whether every output has a place of its own; told on all cores.
fn all_apart(batches: &[Batch], view: &View<'_>, dotless: &Dotless) -> bool {
    type Claimed = (Vec<Fingerprint>, Vec<Fingerprint>);
    let claim = |output: &Output| dotless.claim(output.path(view).as_str());
    let outputs = batches.par_iter().flat_map(|(_, outputs)| outputs.par_iter().with_min_len(256));
    let add = |mut claimed: Claimed, claim: Option<Claim>| {
        let Claim { path, folders } = claim?;
        claimed.0.push(path);
        claimed.1.extend(folders);
        Some(claimed)
    };
    let join = |mut one: Claimed, mut other: Claimed| {
        one.0.append(&mut other.0);
        one.1.append(&mut other.1);
        Some(one)
    };
    let claimed = outputs.map(claim).try_fold(Claimed::default, add).try_reduce(Claimed::default, join);
    claimed.is_some_and(|(mut paths, folders)| {
        paths.par_sort_unstable();
        are_apart(&paths, |path| *path, folders.into_iter())
    })
}

/// Two files at one place: the first stays. A site's own static file quietly replaces the program's page or asset.
fn collision(output: &Output, other: &Output, view: &View<'_>) -> Option<Diagnostic> {
    let (one, two) = (output.path(view), other.path(view));
    if output.rank() == Rank::Own && other.rank() == Rank::Static && one == two {
        return None;
    }
    let (this, that) = (output.owner(view), other.owner(view));
    let same = collision_key(one.as_str()) == collision_key(two.as_str());
    if let (Output::Page(Page::Machine(File::Former(_))), true) = (output, same) {
        // A page answers at the former address: all is well.
        return None;
    }
    if let Output::Page(page) = output
        && is_redirect(page)
    {
        // Two redirects from one address are told where all redirects are looked at.
        let page = !matches!(other, Output::Page(page) if is_redirect(page));
        return page
            .then(|| hides(&format!("/{}", one.as_str().trim_end_matches("index.html")), &that, &this));
    }
    let message = format!("{this} and {that} want the same address: `/{}`", one.as_str());
    let file = if this.starts_with("the ") { that } else { this };
    let file = if file.starts_with("the ") { CONFIG_FILE.to_owned() } else { file };
    let help = "addresses that differ only by case or accents' encoding count as one, and none may lie in a folder that another is; give one of them another `slug:`";
    Some(Diagnostic::error("same-address", file, message).help(help))
}

/// Files that belong to no year.
fn fixed(view: &View<'_>, files: Files<'_>, scan: Scan, diagnostics: &mut Vec<Diagnostic>) -> Vec<Output> {
    let copy = |from: PathBuf, to: OutputPath, asset: bool| {
        Output::Copy(Box::new(Copied::new(from, to, asset, scan)))
    };
    let mut outputs: Vec<Output> =
        statics(view, diagnostics).into_iter().map(|(from, to)| copy(from, to, false)).collect();
    let wanted = |asset: &usize| view.site.config.search.is_some() || !ASSETS[*asset].0.starts_with(SEARCH);
    outputs.extend((0..ASSETS.len()).filter(wanted).map(Output::Embedded));
    outputs.extend(files.assets.iter().map(|Asset { path, to }| {
        copy(view.site.content.join(path), OutputPath::of_address(to.clone()), true)
    }));
    let copied = copies::of_pictures(files.pictures, view.site, scan);
    outputs.extend(copied.into_iter().map(|copied| Output::Copy(Box::new(copied))));
    outputs.extend(files.index.iter().map(|file| Output::Index(Box::new(file.clone()))));
    let mut pages = vec![Page::Home, Page::Archive, Page::OnThisDayIndex, Page::NotFound];
    pages.extend(view.site.config.search.as_ref().map(|_| Page::Search));
    pages.extend(languages(view.site, view.catalog).into_iter().map(|(_, lang)| Page::Language(lang)));
    pages.extend(corrections(view));
    pages.extend(view.history.stories().map(Page::History));
    pages.extend(File::fixed(view).into_iter().map(Page::Machine));
    pages.extend(view.calendar.days().map(|(month, day)| Page::OnThisDay(month, day)));
    for taxonomy in 0..view.site.taxonomies.len() {
        let terms = view.catalog.terms_of(taxonomy);
        if !terms.is_empty() {
            pages.push(Page::Terms(taxonomy as u32));
        }
        pages.extend(terms.iter().map(|&id| Page::Term(id)));
    }
    outputs.extend(pages.into_iter().map(Output::Page));
    outputs
}

/// The files of `static/`, each with its place.
fn statics(view: &View<'_>, diagnostics: &mut Vec<Diagnostic>) -> Vec<(PathBuf, OutputPath)> {
    let folder = &view.site.statics;
    let mut files = Vec::new();
    for entry in WalkDir::new(folder).sort_by_file_name().into_iter().filter_map(Result::ok) {
        let Ok(path) = entry.path().strip_prefix(folder) else { continue };
        let name = path.to_string_lossy().replace('\\', "/");
        let file = format!("static/{name}");
        if entry.path_is_symlink() {
            let message = "links in static/ are not followed";
            let help = "put the file itself into static/";
            diagnostics.push(Diagnostic::error("symlink", file, message).help(help));
        } else if entry.file_type().is_file() {
            let address = format!("/{name}");
            match crate::model::Permalink::new(&address) {
                Ok(permalink) if !permalink.as_str().ends_with('/') => {
                    files.push((entry.into_path(), OutputPath::of(&permalink)));
                }
                // A name without a dot (CNAME) is a file here, not a folder.
                Ok(_) => files.push((entry.into_path(), OutputPath::of_address(address))),
                Err(why) => {
                    let message = format!("can't be published: {why}");
                    diagnostics.push(Diagnostic::error("file-name", file, message).help("rename the file"));
                }
            }
        }
    }
    files
}

/// The pages of a year: its articles, days, months, terms, its sitemap and itself.
fn of_year(year: i32, view: &View<'_>) -> Vec<Output> {
    let rows = view.catalog.year(year);
    let mut pages: Vec<Page> = rows.clone().map(Page::Article).collect();
    let mut last: Option<Day> = None;
    for story in view.catalog.stories(rows.clone()) {
        let day = story.day();
        if last.replace(day) == Some(day) {
            continue;
        }
        let count = view.catalog.day(day).len();
        pages.extend((1..=pages_for(count)).map(|number| Page::Day { day, number }));
    }
    pages.extend(view.catalog.months_of(year).map(|month| Page::Month(year, month)));
    pages.push(Page::Year(year));
    pages.extend(File::of_year(year, view).into_iter().map(Page::Machine));
    for term in view.catalog.terms_within(&rows) {
        let count = view.catalog.term_rows(term, &rows).len();
        pages.extend((1..=pages_for(count)).map(|number| Page::TermYear { term, year, number }));
    }
    let mut outputs: Vec<Output> = pages.into_iter().map(Output::Page).collect();
    outputs.shrink_to_fit(); // all years' stay until the end
    outputs
}

#[cfg(test)]
mod tests {
    use super::Output;

    /// The plan of a million stories holds more than a million and a half of them.
    #[test]
    fn a_planned_file_is_small() {
        assert_eq!(size_of::<Output>(), 16);
    }
}

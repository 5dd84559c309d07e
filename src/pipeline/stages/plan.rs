//! Plan: every file that the site should have, in a fixed order, a batch a year; and no two at one
//! place.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::path::PathBuf;

use rayon::prelude::*;
use walkdir::WalkDir;

use crate::archive::ArticleId;
use crate::config::{CONFIG_FILE, PERMALINK_REGISTRY_FILE};
use crate::diagnostics::Diagnostic;
use crate::model::slug::collision_key;
use crate::model::{Day, Fingerprint, OutputPath};
use crate::pages::{
    OutputFile, Page, SiteView, corrections, is_redirect, languages_with_front_page, page_count,
};
use crate::pipeline::cache::file_stamps::ScanTime;
use crate::pipeline::cache::manifest::Manifest;
use crate::pipeline::copies::{self, Asset, CopiedFile, SourceImage};
use crate::pipeline::output_paths::{
    CollisionKeys, DotlessFiles, OutputPaths, OutputPosition, alias_hides_page, are_distinct,
};
use crate::search::IndexFile;
use crate::templates::{ASSETS, SEARCH_ASSETS_DIR, asset_bytes};

/// A file to be.
pub(crate) enum PlannedOutput {
    /// A page from a template.
    Page(Page),
    /// One of the program's own assets.
    Embedded(usize),
    /// A file that is copied.
    Copy(Box<CopiedFile>),
    /// A file of the search index.
    SearchIndex(Box<IndexFile>),
}

/// Who has a place that two want, the first before the others.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Precedence {
    Static,
    Generated,
    Asset,
    Article,
    Redirect,
}

impl PlannedOutput {
    pub(crate) fn path(&self, view: &SiteView<'_>) -> OutputPath {
        match self {
            Self::Page(page) => page.output_path(view),
            Self::Embedded(index) => OutputPath::from_url_path(format!("/{}", ASSETS[*index].0)),
            Self::Copy(copy) => copy.to.clone(),
            Self::SearchIndex(file) => OutputPath::from_url_path(format!("/{}", file.output_path)),
        }
    }

    /// The hash of everything that the file at a path is made from.
    pub(crate) fn inputs_hash(&self, view: &SiteView<'_>, path: &OutputPath) -> Fingerprint {
        match self {
            Self::Page(page) => page.fingerprint(view, path),
            Self::Embedded(index) => Fingerprint::hash_bytes(&asset_bytes(*index, view.site)),
            Self::Copy(copy) => copy.inputs_hash(view.site),
            Self::SearchIndex(file) => file.inputs,
        }
    }

    /// The hash of the file of the article that this is the page of; unsettled if it is none's.
    pub(crate) fn article_hash(&self, view: &SiteView<'_>) -> Fingerprint {
        let id = if let Self::Page(page) = self { page.article() } else { None };
        id.map_or(Fingerprint::DIRTY, |id| {
            Fingerprint::hash_bytes(view.catalog.article(id).path().as_bytes())
        })
    }

    /// The copy, if it is one.
    pub(crate) fn as_copy(&self) -> Option<&CopiedFile> {
        match self {
            Self::Copy(copy) => Some(copy),
            _ => None,
        }
    }

    fn precedence(&self) -> Precedence {
        match self {
            Self::Page(Page::Article(_)) => Precedence::Article,
            Self::Page(Page::Tombstone(..) | Page::History(_)) => Precedence::Redirect,
            Self::Page(page) if is_redirect(page) => Precedence::Redirect,
            Self::Page(_) | Self::Embedded(_) | Self::SearchIndex(_) => Precedence::Generated,
            Self::Copy(copy) if copy.variant.is_some() => Precedence::Generated,
            Self::Copy(copy) if copy.is_asset => Precedence::Asset,
            Self::Copy(_) => Precedence::Static,
        }
    }

    pub(crate) fn owner(&self, view: &SiteView<'_>) -> String {
        match self {
            Self::Page(Page::Article(id)) => {
                format!("content/{}", view.catalog.article(*id).path())
            }
            Self::Page(Page::History(id)) => {
                format!("the history of content/{}", view.catalog.article(*id).path())
            }
            Self::Page(Page::OutputFile(OutputFile::Alias(id, _))) => {
                format!("content/{}", view.catalog.article(*id).path())
            }
            Self::Page(Page::OutputFile(OutputFile::ConfiguredRedirect(_))) => {
                CONFIG_FILE.to_owned()
            }
            Self::Page(Page::OutputFile(OutputFile::RegistryRedirect(_))) => {
                PERMALINK_REGISTRY_FILE.to_owned()
            }
            Self::Page(page) => format!("the site's own page {}", page.url_path(view)),
            Self::Embedded(index) => format!("the program's {}", ASSETS[*index].0),
            Self::SearchIndex(file) => format!("the search index's {}", file.output_path),
            Self::Copy(copy) => {
                let from = copy.from.strip_prefix(&view.site.root).unwrap_or(&copy.from);
                from.to_string_lossy().into_owned()
            }
        }
    }
}

/// Rows whose teasers a batch shares, and the files of the batch.
pub(crate) type Batch = (Range<ArticleId>, Vec<PlannedOutput>);

/// Files that are no pages.
#[derive(Clone, Copy, Default)]
pub(crate) struct NonPageFiles<'a> {
    /// Those that stories show or link to, below `content/`.
    pub(crate) assets: &'a [Asset],
    /// The pictures of which smaller copies are wanted.
    pub(crate) images: &'a [SourceImage],
    /// Those of the search index.
    pub(crate) search_index: &'a [IndexFile],
}

/// Every file that the site should have.
pub(crate) struct Plan {
    pub(crate) batches: Vec<Batch>,
    /// Articles that can't have the place they want, in order: the plan is to be made again without
    /// them.
    pub(crate) colliding_articles: Vec<ArticleId>,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// Whether these are the files that the last build left, in its order.
    pub(crate) is_same_as_previous: bool,
}

/// Plans all files of the site: static ones and the pages of no year first, then a batch a year.
pub(crate) fn plan(
    view: &SiteView<'_>,
    files: NonPageFiles<'_>,
    scan_time: ScanTime,
    previous_manifest: &Manifest,
    has_non_body_changes: bool,
) -> Plan {
    let mut diagnostics = Vec::new();
    let batches = plan_batches(view, files, scan_time, HashMap::new(), &mut diagnostics);
    let is_same_as_previous =
        matches_manifest(&batches, view, previous_manifest, has_non_body_changes);
    // What had each a place of its own has it again.
    if is_same_as_previous {
        return Plan { batches, colliding_articles: Vec::new(), diagnostics, is_same_as_previous };
    }
    let plan = without_collisions(batches, view);
    diagnostics.extend(plan.diagnostics);
    Plan { diagnostics, ..plan }
}

/// The plan without the files that can't have the place they want.
pub(crate) fn without_collisions(mut batches: Vec<Batch>, view: &SiteView<'_>) -> Plan {
    let mut diagnostics = Vec::new();
    let collisions = find_collisions(&batches, view);
    let mut colliding_articles = Vec::new();
    for &((batch, index), (other_batch, other_index)) in &collisions {
        let output = &batches[batch as usize].1[index as usize];
        diagnostics.extend(collision_diagnostic(
            output,
            &batches[other_batch as usize].1[other_index as usize],
            view,
        ));
        if let PlannedOutput::Page(Page::Article(id)) = output {
            colliding_articles.push(*id);
        }
    }
    colliding_articles.sort_unstable();
    let displaced: HashSet<OutputPosition> =
        collisions.into_iter().map(|(output, _)| output).collect();
    if !displaced.is_empty() {
        for (batch, (_, outputs)) in batches.iter_mut().enumerate() {
            let mut indices = 0..;
            outputs.retain(|_| {
                indices.next().is_none_or(|index: u32| !displaced.contains(&(batch as u32, index)))
            });
        }
    }
    Plan { batches, colliding_articles, diagnostics, is_same_as_previous: false }
}

/// Whether the old ledger has just these files, in this order. Without news of any article only
/// their number and the files that belong to no year could differ.
fn matches_manifest(
    batches: &[Batch],
    view: &SiteView<'_>,
    previous_manifest: &Manifest,
    has_non_body_changes: bool,
) -> bool {
    let mut total = 0;
    let mut starts = Vec::with_capacity(batches.len());
    for (_, outputs) in batches {
        starts.push(total);
        total += outputs.len();
    }
    total == previous_manifest.len()
        && batches[..if has_non_body_changes { batches.len() } else { 1 }]
            .par_iter()
            .zip(starts)
            .all(|((_, outputs), start)| {
                let is_in_manifest = |(index, output): (usize, &PlannedOutput)| {
                    previous_manifest.has_at(start + index, output.path(view).manifest_key())
                };
                outputs.par_iter().enumerate().with_min_len(256).all(is_in_manifest)
            })
}

/// All files, as they would like to be. Of the years that are `kept` the stories are the same as
/// when they were planned, but perhaps in other rows.
pub(crate) fn plan_batches(
    view: &SiteView<'_>,
    files: NonPageFiles<'_>,
    scan_time: ScanTime,
    mut reusable_batches: HashMap<i32, Batch>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Batch> {
    let mut batches = vec![(0..0, plan_undated_files(view, files, scan_time, diagnostics))];
    let years = view.catalog.years().into_iter();
    let years: Vec<(i32, Option<Batch>)> =
        years.map(|year| (year, reusable_batches.remove(&year))).collect();
    batches.par_extend(years.into_par_iter().map(|(year, reused_batch)| {
        let ids = view.catalog.ids_in_year(year);
        match reused_batch {
            Some(batch) => with_shifted_ids(batch, ids),
            None => (ids, plan_year(year, view)),
        }
    }));
    batches
}

/// Follows the stories of a year to the rows where they are now.
fn with_shifted_ids((old_ids, mut outputs): Batch, new_ids: Range<ArticleId>) -> Batch {
    let shift = i64::from(new_ids.start) - i64::from(old_ids.start);
    for output in outputs.iter_mut().filter(|_| shift != 0) {
        if let PlannedOutput::Page(page) = output {
            page.shift_ids(shift);
        }
    }
    (new_ids, outputs)
}

/// Settles who has which place: static files before the site's own pages, these before pictures,
/// these before articles. Gives those that lose, each with the one that it loses to.
fn find_collisions(
    batches: &[Batch],
    view: &SiteView<'_>,
) -> Vec<(OutputPosition, OutputPosition)> {
    let dotless = find_dotless_files(batches, view);
    if is_collision_free(batches, view, &dotless) {
        return Vec::new();
    }
    let mut output_paths = OutputPaths::new(!dotless.is_empty());
    let mut collisions = Vec::new();
    for precedence in [
        Precedence::Static,
        Precedence::Generated,
        Precedence::Asset,
        Precedence::Article,
        Precedence::Redirect,
    ] {
        for (batch, (_, outputs)) in batches.iter().enumerate() {
            for (index, output) in
                outputs.iter().enumerate().filter(|(_, output)| output.precedence() == precedence)
            {
                let position = (batch as u32, index as u32);
                if let Err(other) = output_paths.reserve(output.path(view).as_str(), position) {
                    collisions.push((position, other));
                }
            }
        }
    }
    collisions
}

/// The copied files whose names have no dot: the program's own always have one.
pub(crate) fn find_dotless_files(batches: &[Batch], view: &SiteView<'_>) -> DotlessFiles {
    let outputs = batches.iter().flat_map(|(_, outputs)| outputs);
    DotlessFiles::from_paths(
        outputs.filter(|output| output.as_copy().is_some()).map(|copy| copy.path(view)),
    )
}

/// Whether every output has a place of its own; told on all cores.
fn is_collision_free(batches: &[Batch], view: &SiteView<'_>, dotless: &DotlessFiles) -> bool {
    type KeyLists = (Vec<Fingerprint>, Vec<Fingerprint>);
    let keys_of = |output: &PlannedOutput| dotless.collision_keys(output.path(view).as_str());
    let outputs = batches.par_iter().flat_map(|(_, outputs)| outputs.par_iter().with_min_len(256));
    let add = |mut key_lists: KeyLists, keys: Option<CollisionKeys>| {
        let CollisionKeys { path, folders } = keys?;
        key_lists.0.push(path);
        key_lists.1.extend(folders);
        Some(key_lists)
    };
    let join = |mut merged: KeyLists, mut other: KeyLists| {
        merged.0.append(&mut other.0);
        merged.1.append(&mut other.1);
        Some(merged)
    };
    let key_lists =
        outputs.map(keys_of).try_fold(KeyLists::default, add).try_reduce(KeyLists::default, join);
    key_lists.is_some_and(|(mut paths, folders)| {
        paths.par_sort_unstable();
        are_distinct(&paths, |path| *path, folders.into_iter())
    })
}

/// Two files at one place: the first stays. A site's own static file quietly replaces the program's
/// page or asset.
fn collision_diagnostic(
    output: &PlannedOutput,
    other: &PlannedOutput,
    view: &SiteView<'_>,
) -> Option<Diagnostic> {
    let (path, other_path) = (output.path(view), other.path(view));
    if output.precedence() == Precedence::Generated
        && other.precedence() == Precedence::Static
        && path == other_path
    {
        return None;
    }
    let (owner, other_owner) = (output.owner(view), other.owner(view));
    let is_same_key = collision_key(path.as_str()) == collision_key(other_path.as_str());
    if let (PlannedOutput::Page(Page::OutputFile(OutputFile::RegistryRedirect(_))), true) =
        (output, is_same_key)
    {
        // A page answers at the former address: all is well.
        return None;
    }
    if let PlannedOutput::Page(page) = output
        && is_redirect(page)
    {
        // Two redirects from one address are told where all redirects are looked at.
        let hides_page = !matches!(other, PlannedOutput::Page(page) if is_redirect(page));
        return hides_page.then(|| {
            alias_hides_page(
                &format!("/{}", path.as_str().trim_end_matches("index.html")),
                &other_owner,
                &owner,
            )
        });
    }
    let message = format!("{owner} and {other_owner} want the same address: `/{}`", path.as_str());
    let file = if owner.starts_with("the ") { other_owner } else { owner };
    let file = if file.starts_with("the ") { CONFIG_FILE.to_owned() } else { file };
    let help = "addresses that differ only by case or accents' encoding count as one, and none may lie in a folder that another is; give one of them another `slug:`";
    Some(Diagnostic::error("same-address", file, message).help(help))
}

/// Files that belong to no year.
fn plan_undated_files(
    view: &SiteView<'_>,
    files: NonPageFiles<'_>,
    scan_time: ScanTime,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<PlannedOutput> {
    let plan_copy = |from: PathBuf, to: OutputPath, is_asset: bool| {
        PlannedOutput::Copy(Box::new(CopiedFile::new(from, to, is_asset, scan_time)))
    };
    let mut outputs: Vec<PlannedOutput> = static_files(view, diagnostics)
        .into_iter()
        .map(|(from, to)| plan_copy(from, to, false))
        .collect();
    let is_wanted = |asset_index: &usize| {
        view.site.config.search.is_some() || !ASSETS[*asset_index].0.starts_with(SEARCH_ASSETS_DIR)
    };
    outputs.extend((0..ASSETS.len()).filter(is_wanted).map(PlannedOutput::Embedded));
    outputs.extend(files.assets.iter().map(|Asset { path, url }| {
        plan_copy(view.site.content_dir.join(path), OutputPath::from_url_path(url.clone()), true)
    }));
    let image_copies = copies::image_copies(files.images, view.site, scan_time);
    outputs.extend(image_copies.into_iter().map(|copy| PlannedOutput::Copy(Box::new(copy))));
    outputs.extend(
        files.search_index.iter().map(|file| PlannedOutput::SearchIndex(Box::new(file.clone()))),
    );
    let mut pages = vec![Page::Home, Page::Archive, Page::OnThisDayIndex, Page::NotFound];
    pages.extend(view.site.config.search.as_ref().map(|_| Page::Search));
    pages.extend(
        languages_with_front_page(view.site, view.catalog)
            .into_iter()
            .map(|(_, lang)| Page::Language(lang)),
    );
    pages.extend(corrections(view));
    pages.extend(view.history.ids().map(Page::History));
    pages.extend(OutputFile::site_wide(view).into_iter().map(Page::OutputFile));
    pages.extend(view.calendar.days().map(|(month, day)| Page::OnThisDay(month, day)));
    for taxonomy in 0..view.site.taxonomies.len() {
        let terms = view.catalog.terms_of(taxonomy);
        if !terms.is_empty() {
            pages.push(Page::Terms(taxonomy as u32));
        }
        pages.extend(terms.iter().map(|&id| Page::Term(id)));
    }
    outputs.extend(pages.into_iter().map(PlannedOutput::Page));
    outputs
}

/// The files of `static/`, each with its place.
fn static_files(
    view: &SiteView<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<(PathBuf, OutputPath)> {
    let folder = &view.site.static_dir;
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
            let url = format!("/{name}");
            match crate::model::Permalink::new(&url) {
                Ok(permalink) if !permalink.as_str().ends_with('/') => {
                    files.push((entry.into_path(), OutputPath::from_permalink(&permalink)));
                }
                // A name without a dot (CNAME) is a file here, not a folder.
                Ok(_) => files.push((entry.into_path(), OutputPath::from_url_path(url))),
                Err(reason) => {
                    let message = format!("can't be published: {reason}");
                    diagnostics.push(
                        Diagnostic::error("file-name", file, message).help("rename the file"),
                    );
                }
            }
        }
    }
    files
}

/// The pages of a year: its articles, days, months, terms, its sitemap and itself.
fn plan_year(year: i32, view: &SiteView<'_>) -> Vec<PlannedOutput> {
    let ids = view.catalog.ids_in_year(year);
    let mut pages: Vec<Page> = ids.clone().map(Page::Article).collect();
    let mut previous_day: Option<Day> = None;
    for article in view.catalog.articles(ids.clone()) {
        let day = article.day();
        if previous_day.replace(day) == Some(day) {
            continue;
        }
        let count = view.catalog.ids_on_day(day).len();
        pages.extend((1..=page_count(count)).map(|number| Page::Day { day, page_number: number }));
    }
    pages.extend(view.catalog.months_of(year).map(|month| Page::Month(year, month)));
    pages.push(Page::Year(year));
    pages.extend(OutputFile::for_year(year, view).into_iter().map(Page::OutputFile));
    for term in view.catalog.terms_within(&ids) {
        let count = view.catalog.ids_of_term(term, &ids).len();
        pages.extend((1..=page_count(count)).map(|number| Page::TermYear {
            term,
            year,
            page_number: number,
        }));
    }
    let mut outputs: Vec<PlannedOutput> = pages.into_iter().map(PlannedOutput::Page).collect();
    outputs.shrink_to_fit(); // all years' stay until the end
    outputs
}

#[cfg(test)]
mod tests {
    use super::PlannedOutput;

    /// The plan of a million stories holds more than a million and a half of them.
    #[test]
    fn a_planned_file_is_small() {
        assert_eq!(size_of::<PlannedOutput>(), 16);
    }
}

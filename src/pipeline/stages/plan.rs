//! Plans every file that the site is to have, in a fixed order, in batches of a year, and no two
//! files with the same path.

use std::collections::{HashMap, HashSet};
use std::io::ErrorKind;
use std::ops::Range;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use walkdir::WalkDir;

use crate::archive::ArticleId;
use crate::config::{CONFIG_FILE, find_source_folder};
use crate::content::front_matter::accepted_keys;
use crate::content::redaction::RedactedFile;
use crate::content::{SourceFile, read};
use crate::diagnostics::{Cause, Diagnostic, Location};
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
use crate::pipeline::planned_output::{Batch, PlannedOutput, Precedence, find_dotless_files};
use crate::pipeline::unreadable_paths::UnreadablePaths;
use crate::search::IndexFile;
use crate::templates::{ASSETS, SEARCH_ASSETS_DIR};

/// In an output folder with a path up to this length, in bytes, paths fit that did in another one.
const MAX_UNCHECKED_FOLDER_BYTES: usize = 200;

/// The files of a site that aren't pages.
#[derive(Clone, Copy)]
pub(crate) struct NonPageFiles<'a> {
    /// Files below `content/` that articles show or link to.
    pub(crate) assets: &'a [Asset],
    /// The images of which smaller copies are made.
    pub(crate) images: &'a [SourceImage],
    pub(crate) search_index: &'a [IndexFile],
    pub(crate) scan_time: ScanTime,
}

impl NonPageFiles<'_> {
    /// No files but those of `static/`.
    pub(crate) fn none() -> Self {
        Self { assets: &[], images: &[], search_index: &[], scan_time: ScanTime::now() }
    }
}

/// The files of the last build, to compare the plan with.
pub(crate) struct PreviousFiles<'a> {
    pub(crate) manifest: &'a Manifest,
    /// True if anything but the bodies of known articles has changed since.
    pub(crate) has_non_body_changes: bool,
}

/// Every file that the site is to have.
pub(crate) struct Plan {
    pub(crate) batches: Vec<Batch>,
    /// Articles whose path is taken, in order: the site must be planned again without them.
    pub(crate) colliding_articles: Vec<ArticleId>,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// True if these are the files of the last build, in the same order.
    pub(crate) is_same_as_previous: bool,
}

/// Plans all files of the site: first a batch with the static files and the pages of no year, then
/// a batch per year.
pub(crate) fn plan(
    view: &SiteView<'_>,
    files: NonPageFiles<'_>,
    previous: &PreviousFiles<'_>,
) -> Plan {
    let mut diagnostics = Vec::new();
    let batches = plan_batches(view, files, HashMap::new(), &mut diagnostics);
    let is_same_as_previous = matches_manifest(&batches, view, previous);
    // The last build has checked these paths for collisions and, unless the output folder was
    // moved, for their lengths.
    let has_long_folder = view.site.output_dir.as_os_str().len() > MAX_UNCHECKED_FOLDER_BYTES;
    if is_same_as_previous && !has_long_folder {
        return Plan { batches, colliding_articles: Vec::new(), diagnostics, is_same_as_previous };
    }
    let plan = without_collisions(batches, view);
    diagnostics.extend(plan.diagnostics);
    Plan { diagnostics, ..plan }
}

/// Removes the files whose path is taken by a file that takes precedence.
pub(crate) fn without_collisions(mut batches: Vec<Batch>, view: &SiteView<'_>) -> Plan {
    let (too_long, mut diagnostics) = find_long_paths(&batches, view);
    let mut colliding_articles = articles_at(&too_long, &batches);
    let collisions = find_collisions(&batches, view);
    for &((batch, index), (other_batch, other_index)) in &collisions {
        let output = &batches[batch as usize].1[index as usize];
        diagnostics.extend(collision_diagnostic(
            output,
            &batches[other_batch as usize].1[other_index as usize],
            view,
        ));
        colliding_articles.extend(output.own_article());
    }
    colliding_articles.sort_unstable();
    colliding_articles.dedup();
    let collisions = collisions.into_iter().map(|(output, _)| output);
    let displaced: HashSet<OutputPosition> = collisions.chain(too_long).collect();
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

/// Finds the files whose paths are longer than file systems or the system allow, and reports them.
fn find_long_paths(
    batches: &[Batch],
    view: &SiteView<'_>,
) -> (Vec<OutputPosition>, Vec<Diagnostic>) {
    let folder_bytes = view.site.output_dir.as_os_str().len();
    let long_path = |batch: usize, (index, output): (usize, &PlannedOutput)| {
        let reason = output.path(view).length_error(folder_bytes)?;
        Some(((batch as u32, index as u32), long_path_diagnostic(output, &reason, view)))
    };
    let found = batches.par_iter().enumerate().flat_map(|(batch, (_, outputs))| {
        let outputs = outputs.par_iter().enumerate().with_min_len(256);
        outputs.filter_map(move |output| long_path(batch, output))
    });
    found.collect::<Vec<_>>().into_iter().unzip()
}

/// Returns the articles whose pages are at some positions.
fn articles_at(positions: &[OutputPosition], batches: &[Batch]) -> Vec<ArticleId> {
    let article =
        |&(batch, index): &OutputPosition| batches[batch as usize].1[index as usize].own_article();
    positions.iter().filter_map(article).collect()
}

fn long_path_diagnostic(output: &PlannedOutput, reason: &str, view: &SiteView<'_>) -> Diagnostic {
    let (path, owner) = (output.path(view), output.owner(view));
    let start: String = path.as_str().chars().take(80).collect();
    let message = format!("{owner} can't be published at `/{start}…`: {reason}");
    let file = if owner.starts_with("the ") { CONFIG_FILE.to_owned() } else { owner };
    let help = "give it a shorter `permalink`, `slug`, alias or file name, or choose an output \
                folder with a shorter path";
    Diagnostic::error("path-too-long", file, message).help(help)
}

/// Returns true if the last build's manifest has the same files, in the same order. If only bodies
/// have changed, comparing the number of files and the batch of no year is enough.
fn matches_manifest(batches: &[Batch], view: &SiteView<'_>, previous: &PreviousFiles<'_>) -> bool {
    let mut total = 0;
    let mut starts = Vec::with_capacity(batches.len());
    for (_, outputs) in batches {
        starts.push(total);
        total += outputs.len();
    }
    let compared_batches = if previous.has_non_body_changes { batches.len() } else { 1 };
    total == previous.manifest.len()
        && batches[..compared_batches].par_iter().zip(starts).all(|((_, outputs), start)| {
            let is_in_manifest = |(index, output): (usize, &PlannedOutput)| {
                previous.manifest.has_at(start + index, output.path(view).manifest_key())
            };
            outputs.par_iter().enumerate().with_min_len(256).all(is_in_manifest)
        })
}

/// Plans all files, at their preferred paths. A year of `reusable_batches` has the same articles as
/// when it was planned, but their ids may be others.
pub(crate) fn plan_batches(
    view: &SiteView<'_>,
    files: NonPageFiles<'_>,
    mut reusable_batches: HashMap<i32, Batch>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Batch> {
    let mut batches = vec![(0..0, plan_undated_files(view, files, diagnostics))];
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

/// Replaces the article ids in the batch of a year by the present ones.
fn with_shifted_ids((old_ids, mut outputs): Batch, new_ids: Range<ArticleId>) -> Batch {
    let shift = i64::from(new_ids.start) - i64::from(old_ids.start);
    for output in outputs.iter_mut().filter(|_| shift != 0) {
        if let PlannedOutput::Page(page) = output {
            page.shift_ids(shift);
        }
    }
    (new_ids, outputs)
}

/// Finds the files whose path is taken, each with the file that takes precedence: static files
/// before the site's own pages, these before assets, these before articles, these before redirects.
fn find_collisions(
    batches: &[Batch],
    view: &SiteView<'_>,
) -> Vec<(OutputPosition, OutputPosition)> {
    let dotless = find_dotless_files(batches, view);
    if is_collision_free(batches, view, &dotless) {
        return Vec::new();
    }
    let mut output_paths = OutputPaths::alongside(&dotless);
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

/// Returns true if no two files have the same path. Runs on all cores.
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

/// Reports that the path of a file is taken. A static file replaces a page or an asset of the
/// program without a message.
fn collision_diagnostic(
    output: &PlannedOutput,
    other: &PlannedOutput,
    view: &SiteView<'_>,
) -> Option<Diagnostic> {
    if let (PlannedOutput::Page(page), PlannedOutput::Page(other_page)) = (output, other)
        && is_redirect(page)
        && is_redirect(other_page)
    {
        // Two redirects from one URL are reported by `redirect_checks`.
        return None;
    }
    let (path, other_path) = (output.path(view), other.path(view));
    if output.precedence() == Precedence::Generated
        && other.precedence() == Precedence::Static
        && path == other_path
    {
        return None;
    }
    if let (PlannedOutput::Page(page), PlannedOutput::Page(other_page)) = (output, other)
        && let Some(diagnostic) = language_collision(page, other_page, view)
            .or_else(|| language_collision(other_page, page, view))
    {
        return Some(diagnostic);
    }
    let (owner, other_owner) = (output.owner(view), other.owner(view));
    let is_same_key = collision_key(path.as_str()) == collision_key(other_path.as_str());
    if let (PlannedOutput::Page(Page::OutputFile(OutputFile::RegistryRedirect(_))), true) =
        (output, is_same_key)
    {
        // There is a page at the old URL.
        return None;
    }
    if let PlannedOutput::Page(page) = output
        && is_redirect(page)
    {
        return Some(alias_hides_page(
            &format!("/{}", path.as_str().trim_end_matches("index.html")),
            &other_owner,
            &owner,
        ));
    }
    let message = format!("{owner} and {other_owner} have the same URL: `/{}`", path.as_str());
    let location = output.own_article().and_then(|id| url_location(id, view));
    let cause = differ_in_first_folder(&owner, &other_owner).then_some(Cause::FirstFolder);
    let file = if owner.starts_with("the ") { other_owner } else { owner };
    let file = if file.starts_with("the ") { CONFIG_FILE.to_owned() } else { file };
    let help = "URLs that differ only in case or in the encoding of accents count as the same, \
                and a file can't be in a folder with the name of another file; \
                give one of them another `slug:`";
    Some(
        Diagnostic::error("same-address", file, message).location(location).help(help).cause(cause),
    )
}

/// Returns the position of the key that decides an article's URL, or of its front matter.
fn url_location(id: ArticleId, view: &SiteView<'_>) -> Option<Location> {
    let path = view.catalog.article(id).path();
    let RedactedFile { bytes, .. } = read::read_redacted(view.site, &path).ok()?;
    let source = SourceFile::parse(&path, &bytes, &view.site.config.limits).ok()?;
    let keys = ["permalink", "slug"].into_iter().flat_map(accepted_keys);
    let location = keys.filter_map(|key| source.key_location(key, 0)).next();
    Some(location.unwrap_or_else(|| source.fence_location()))
}

/// Returns true if the paths of two articles' files are the same but for their first folder.
fn differ_in_first_folder(file: &str, other: &str) -> bool {
    let below_first_folder =
        |file: &str| Some(file.strip_prefix("content/")?.split_once('/')?.1.to_owned());
    below_first_folder(file).is_some_and(|rest| below_first_folder(other) == Some(rest))
}

/// Returns the error for a taxonomy at the path of a language's front page. Which languages there
/// are is known only now.
fn language_collision(page: &Page, other: &Page, view: &SiteView<'_>) -> Option<Diagnostic> {
    let (Page::Terms(taxonomy), Page::Language(lang)) = (page, other) else { return None };
    let taxonomy = &view.site.taxonomies[*taxonomy as usize];
    let tag = &view.catalog.languages()[*lang as usize];
    let (key, path) = (&taxonomy.key, &taxonomy.path);
    let message = format!(
        "the taxonomy `{key}` can't have the path `{path}`: the site uses it for the front page \
         of the language `{tag}`"
    );
    let help = format!("choose another path: `taxonomies: {{{key}: {{path: …}}}}`");
    let diagnostic = Diagnostic::error("same-address", CONFIG_FILE, message);
    Some(diagnostic.location(view.site.setting_location(&["taxonomies", key, "path"])).help(help))
}

/// Plans the files that belong to no year.
fn plan_undated_files(
    view: &SiteView<'_>,
    files: NonPageFiles<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<PlannedOutput> {
    let scan_time = files.scan_time;
    let mut outputs: Vec<PlannedOutput> = static_files(view, diagnostics)
        .into_iter()
        .map(|(from, to)| CopiedFile::of_static(from, to, scan_time))
        .map(|copy| PlannedOutput::Copy(Box::new(copy)))
        .collect();
    // The site may have its own file at the path of a built-in one.
    let unreadable = UnreadablePaths::of_static(diagnostics);
    let is_wanted = |asset_index: &usize| {
        if unreadable.contains(ASSETS[*asset_index].0) {
            return false;
        }
        view.site.config.search.is_some() || !ASSETS[*asset_index].0.starts_with(SEARCH_ASSETS_DIR)
    };
    outputs.extend((0..ASSETS.len()).filter(is_wanted).map(PlannedOutput::Embedded));
    outputs.extend(files.assets.iter().map(|Asset { path, url }| {
        let from = view.site.content_dir.join(path);
        let copy = CopiedFile::of_asset(from, OutputPath::from_url_path(url.clone()), scan_time);
        PlannedOutput::Copy(Box::new(copy))
    }));
    let image_copies = copies::image_copies(files.images, view.site, scan_time);
    outputs.extend(image_copies.into_iter().map(|copy| PlannedOutput::Copy(Box::new(copy))));
    outputs.extend(
        files.search_index.iter().map(|file| PlannedOutput::SearchIndex(Box::new(file.clone()))),
    );
    outputs.extend(undated_pages(view).into_iter().map(PlannedOutput::Page));
    outputs
}

/// Returns the pages that belong to no year.
fn undated_pages(view: &SiteView<'_>) -> Vec<Page> {
    let mut pages = vec![Page::Home, Page::Archive, Page::OnThisDayIndex, Page::NotFound];
    pages.extend(view.catalog.page_ids().map(Page::Standalone));
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
    pages
}

/// Finds the files of `static/`, each with its path below the output folder.
fn static_files(
    view: &SiteView<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<(PathBuf, OutputPath)> {
    let folder = match find_source_folder(&view.site.root, "static") {
        Ok(Some(folder)) => folder,
        Ok(None) => return Vec::new(),
        Err(error) => {
            diagnostics.push(*error);
            return Vec::new();
        }
    };
    let folder = folder.as_path();
    let mut files = Vec::new();
    for entry in WalkDir::new(folder).sort_by_file_name() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                diagnostics.extend(unreadable_static(folder, &error));
                continue;
            }
        };
        let Ok(path) = entry.path().strip_prefix(folder) else { continue };
        let name = path.to_string_lossy().replace('\\', "/");
        let file = format!("static/{name}");
        if entry.path_is_symlink() {
            let message = "symbolic links in static/ are not followed";
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
        } else if !entry.file_type().is_dir() {
            diagnostics.push(not_a_file(file));
        }
    }
    files
}

/// Reports a folder below `static/` that can't be read. `static/` itself may be missing.
fn unreadable_static(folder: &Path, error: &walkdir::Error) -> Option<Diagnostic> {
    let reason = error.io_error().map_or_else(|| error.to_string(), ToString::to_string);
    let path = error.path().unwrap_or(folder);
    let is_missing = error.io_error().is_some_and(|io| io.kind() == ErrorKind::NotFound);
    if path == folder && is_missing {
        return None;
    }
    let name = path.strip_prefix(folder).unwrap_or(path).to_string_lossy().replace('\\', "/");
    let message = format!("can't read it: {reason}");
    Some(Diagnostic::error("unreadable", format!("static/{name}"), message))
}

/// Reports a named pipe, a socket or a device.
fn not_a_file(file: String) -> Diagnostic {
    let message = "it is a named pipe, a socket or a device, not a file, and isn't published";
    Diagnostic::error("unreadable", file, message).help("replace it with a file, or remove it")
}

/// Plans the pages of a year: of its articles, days and months, of the year itself, its output
/// files, and of its terms.
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
    // All batches stay in memory until the end of the build.
    outputs.shrink_to_fit();
    outputs
}

//! Plan: every file that the site should have, in a fixed order, a batch a year; and no two at one place.

use std::collections::HashMap;
use std::ops::Range;
use std::path::PathBuf;

use walkdir::WalkDir;

use crate::catalog::RowId;
use crate::content::references::asset_permalink;
use crate::diagnostic::Diagnostic;
use crate::model::slug::collision_key;
use crate::model::{Day, Fingerprint, Fingerprinter, OutputPath};
use crate::pages::{Page, View, pages_for, sitemap_parts};
use crate::templates::ASSETS;

/// A file to be.
pub(super) enum Output {
    /// A page from a template.
    Page(Page),
    /// One of the program's own assets.
    Embedded(usize),
    /// A file that is copied.
    Copy { from: PathBuf, to: OutputPath },
}

impl Output {
    pub(super) fn path(&self, view: &View<'_>) -> OutputPath {
        match self {
            Self::Page(page) => page.path(view),
            Self::Embedded(at) => OutputPath::of_address(&format!("/{}", ASSETS[*at].0)),
            Self::Copy { to, .. } => to.clone(),
        }
    }

    pub(super) fn fingerprint(&self, view: &View<'_>) -> Fingerprint {
        match self {
            Self::Page(page) => page.fingerprint(view),
            Self::Embedded(at) => Fingerprint::of(ASSETS[*at].1),
            Self::Copy { from, .. } => {
                let mut hash = Fingerprinter::new();
                let (length, modified) = super::write::stamp(from).unwrap_or_default();
                hash.number(length).number(modified).finish()
            }
        }
    }

    /// The file of the article that this is the page of.
    pub(super) fn article(&self, view: &View<'_>) -> Option<String> {
        match self {
            Self::Page(Page::Article(row)) => Some(view.catalog.story(*row).path().to_owned()),
            _ => None,
        }
    }

    fn owner(&self, view: &View<'_>) -> String {
        match self {
            Self::Page(Page::Article(row)) => format!("content/{}", view.catalog.story(*row).path()),
            Self::Page(page) => format!("the site's own page {}", page.address(view)),
            Self::Embedded(at) => format!("the program's {}", ASSETS[*at].0),
            Self::Copy { from, .. } => {
                from.strip_prefix(&view.site.root).unwrap_or(from).to_string_lossy().into_owned()
            }
        }
    }
}

/// Which paths are taken, by what differs on no file system.
#[derive(Default)]
pub(super) struct Claims(HashMap<u64, (u32, u32)>);

/// Rows whose teasers a batch shares, and the files of the batch.
pub(super) type Batch = (Range<RowId>, Vec<Output>);

/// All files of the site: static ones and the pages of no year first, then a batch a year.
pub(super) fn batches(
    view: &View<'_>,
    assets: Vec<String>,
    claims: Claims,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Batch> {
    let mut batches = vec![(0..0, fixed(view, assets, diagnostics))];
    batches
        .extend(view.catalog.years().into_iter().map(|year| (view.catalog.year(year), of_year(year, view))));
    let Claims(mut taken) = claims;
    for number in 0..batches.len() {
        let outputs = std::mem::take(&mut batches[number].1);
        let mut kept: Vec<Output> = Vec::with_capacity(outputs.len());
        for output in outputs {
            let key = Fingerprint::of(collision_key(output.path(view).as_str()).as_bytes()).0;
            match taken.get(&key).copied() {
                None => {
                    taken.insert(key, (number as u32, kept.len() as u32));
                    kept.push(output);
                }
                Some((batch, at)) => {
                    let other = if batch as usize == number {
                        &kept[at as usize]
                    } else {
                        &batches[batch as usize].1[at as usize]
                    };
                    diagnostics.extend(collision(&output, other, view));
                }
            }
        }
        batches[number].1 = kept;
    }
    batches
}

/// Two files at one place: the first stays. A site's own static file quietly replaces the program's.
fn collision(output: &Output, other: &Output, view: &View<'_>) -> Option<Diagnostic> {
    if matches!(output, Output::Embedded(_)) {
        return None;
    }
    let (this, that) = (output.owner(view), other.owner(view));
    let message = format!("{this} and {that} want the same address: `/{}`", output.path(view).as_str());
    let file = if this.starts_with("the ") { that } else { this };
    let help = "addresses that differ only by case or accents' encoding count as one; give one of them another `slug:`";
    Some(Diagnostic::error("same-address", file, message).help(help))
}

/// Files that belong to no year.
fn fixed(view: &View<'_>, assets: Vec<String>, diagnostics: &mut Vec<Diagnostic>) -> Vec<Output> {
    let mut outputs = statics(view, diagnostics);
    outputs.extend((0..ASSETS.len()).map(Output::Embedded));
    outputs.extend(assets.into_iter().filter_map(|asset| {
        let to = OutputPath::of(&asset_permalink(&asset)?);
        Some(Output::Copy { from: view.site.content.join(asset), to })
    }));
    let mut pages = vec![
        Page::Home,
        Page::Archive,
        Page::OnThisDayIndex,
        Page::NotFound,
        Page::Feed,
        Page::SitemapIndex,
        Page::Robots,
    ];
    pages.extend((1..=sitemap_parts(None, view)).map(|number| Page::Sitemap { year: None, number }));
    let mut days = [[false; 32]; 13];
    view.catalog.stories(view.catalog.all()).for_each(|story| {
        let day = story.day();
        days[day.month() as usize][day.day() as usize] = true;
    });
    for month in 1..=12 {
        pages.extend(
            (1..=31).filter(|&day| days[month as usize][day as usize]).map(|day| Page::OnThisDay(month, day)),
        );
    }
    for taxonomy in 0..view.site.taxonomies.len() {
        let terms = view.catalog.terms_of(taxonomy);
        if !terms.is_empty() {
            pages.push(Page::Terms(taxonomy));
        }
        pages.extend(terms.iter().map(|&id| Page::Term(id)));
    }
    outputs.extend(pages.into_iter().map(Output::Page));
    outputs
}

fn statics(view: &View<'_>, diagnostics: &mut Vec<Diagnostic>) -> Vec<Output> {
    let folder = &view.site.statics;
    let mut outputs = Vec::new();
    for entry in WalkDir::new(folder).sort_by_file_name().into_iter().filter_map(Result::ok) {
        let Ok(path) = entry.path().strip_prefix(folder) else { continue };
        let name = path.to_string_lossy().replace('\\', "/");
        if entry.path_is_symlink() {
            diagnostics.push(Diagnostic::error(
                "symlink",
                format!("static/{name}"),
                "links in static/ are not followed",
            ));
        } else if entry.file_type().is_file() {
            match crate::model::Permalink::new(&format!("/{name}")) {
                Ok(permalink) if !permalink.as_str().ends_with('/') => {
                    outputs
                        .push(Output::Copy { from: entry.path().to_owned(), to: OutputPath::of(&permalink) });
                }
                // A name without a dot (CNAME) is a file here, not a folder.
                Ok(_) => outputs.push(Output::Copy {
                    from: entry.path().to_owned(),
                    to: OutputPath::of_address(&format!("/{name}")),
                }),
                Err(why) => diagnostics.push(Diagnostic::error(
                    "file-name",
                    format!("static/{name}"),
                    format!("can't be published: {why}"),
                )),
            }
        }
    }
    outputs
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
    pages.extend(
        (1..=12)
            .filter(|&month| !view.catalog.month(year, month).is_empty())
            .map(|month| Page::Month(year, month)),
    );
    pages.push(Page::Year(year));
    pages.extend(
        (1..=sitemap_parts(Some(year), view)).map(|number| Page::Sitemap { year: Some(year), number }),
    );
    for term in view.catalog.terms_within(&rows) {
        let count = view.catalog.term_rows(term, &rows).len();
        pages.extend((1..=pages_for(count)).map(|number| Page::TermYear { term, year, number }));
    }
    pages.into_iter().map(Output::Page).collect()
}

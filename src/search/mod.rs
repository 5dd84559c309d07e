//! Search from static files: an index that a browser asks for small pieces of. `docs/search-format.md` specifies what is written here.
//!
//! Stories are indexed by volume: all years before the newest story's, that year's months before its newest month, and that month. A new story
//! changes the last of them and the manifest, and nothing else. A volume is merged from parts of some hundred stories each; both are kept in the site's state
//! folder, so that an edit reads one part's stories again and no others.

mod aside;
mod deflate;
mod lexicon;
mod look;
mod pairs;
mod part;
mod postings;
mod reopened;
mod store;
mod text;
mod volume;
mod words;

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde_json::{Map, Value, json};
use tempfile::TempDir;

use crate::catalog::record::Flags;
use crate::catalog::{Catalog, RowId, Story, Term};
use crate::diagnostic::Error;
use crate::model::{Fingerprint, Fingerprinter};
use crate::site::{SearchFiles, Site};
use part::{Builder, NAME};
use store::Store;
use text::{LANGUAGE, Searched};

pub use look::{is_volume, texts};
pub use words::words;

/// How the files are laid out; a client refuses other layouts.
const FORMAT: u64 = 3;
/// Changes with that, and with what is put into the files: what an older program made is made again.
const VERSION: u64 = 6;
/// Of how many terms of a taxonomy readers see counts among hits.
const MOST_TERMS: usize = 20;
/// The most stories of a part.
const PART: usize = 1024;
/// Where the files are, below the output folder.
pub const FOLDER: &str = "search";
/// The manifest's name there.
pub const MANIFEST: &str = "search/manifest.json";
/// What a volume's folder says of it.
const ABOUT: &str = "about.json";

/// A file of the index.
#[derive(Clone, Debug)]
pub struct IndexFile {
    /// Where it is kept.
    pub from: PathBuf,
    /// Where it goes, below the output folder.
    pub to: String,
    /// The hash of all that it is made from; unsettled, if a story changed while it was read.
    pub inputs: Fingerprint,
}

/// The files of the index, as long as they are needed.
#[derive(Debug, Default)]
pub struct Index {
    /// The files.
    pub files: Vec<IndexFile>,
    /// Where they are for a build that leaves no trace.
    _passing: Option<TempDir>,
}

/// Stories that share a volume.
struct Volume {
    name: String,
    rows: Vec<RowId>,
    parts: Vec<Range<usize>>,
    /// The number of each year's first story.
    years: Vec<(i32, usize)>,
}

/// What a build does with an index of before.
#[derive(Clone, Debug)]
pub struct Keeping {
    /// Where it is.
    pub folder: PathBuf,
    /// Keep nothing of this build's.
    pub dry: bool,
    /// Read all of it to see that nobody changed it.
    pub verify: bool,
    /// Make all of it again.
    pub force: bool,
}

/// Makes whatever of the index isn't kept already, and tells which files it has.
///
/// # Errors
/// What the machine refused.
pub fn index(site: &Site, catalog: &Catalog, keeping: Keeping) -> Result<Index, Error> {
    let kept = keeping.folder;
    if site.config.search.is_none() {
        if !keeping.dry {
            store::remove(&kept).map_err(Error::io("can't remove", &kept))?;
        }
        return Ok(Index::default());
    }
    let passing =
        keeping.dry.then(TempDir::new).transpose().map_err(Error::io("can't make", "a temporary folder"))?;
    let new = passing.as_ref().map_or(&*kept, TempDir::path).to_owned();
    let store = Store { kept: (!keeping.force).then_some(kept), new, verify: keeping.verify };
    let files =
        files(site, catalog, &store).map_err(Error::io("can't make the search index in", &store.new))?;
    Ok(Index { files, _passing: passing })
}

fn files(site: &Site, catalog: &Catalog, store: &Store) -> io::Result<Vec<IndexFile>> {
    fs::create_dir_all(&store.new)?;
    let settings = settings(site);
    let (mut files, mut about, mut wanted) = (Vec::new(), Vec::new(), Vec::new());
    let mut all_settled = true;
    for volume in volumes(catalog) {
        let parts = volume.parts.par_iter();
        let parts: Vec<String> =
            parts.map(|part| part_name(&volume.rows[part.clone()], catalog, site, settings)).collect();
        let mut hash = Fingerprinter::new();
        for part in &parts {
            hash.text(part);
        }
        let hash = hash.finish();
        let name = format!("{}-{:016x}", volume.name, hash.0);
        let (place, settled) = match store.volume(&name) {
            Some(place) => (place, true),
            None => make(&volume, &name, &parts, store, catalog, site)?,
        };
        let mut kept: Value = serde_json::from_str(&fs::read_to_string(place.join(ABOUT))?)?;
        let packs = kept["packs"].as_u64().unwrap_or(0);
        files.extend((0..packs).map(|pack| IndexFile {
            from: place.join(format!("{pack}.bin")),
            to: format!("{FOLDER}/{name}.{pack}.bin"),
            inputs: if settled { hash } else { Fingerprint::UNSETTLED },
        }));
        kept["name"] = name.into();
        kept["years"] = json!(volume.years);
        about.push(kept);
        wanted.extend(parts);
        wanted.extend(place.file_name().map(|name| name.to_string_lossy().into_owned()));
        all_settled &= settled;
    }
    let manifest = manifest(site, catalog, about);
    let from = store.new.join("manifest.json");
    if !fs::read(&from).is_ok_and(|old| old == manifest.as_bytes()) {
        fs::write(&from, &manifest)?;
    }
    let inputs = if all_settled { Fingerprint::of(manifest.as_bytes()) } else { Fingerprint::UNSETTLED };
    files.push(IndexFile { from, to: MANIFEST.to_owned(), inputs });
    store.forget(|name| name == "manifest.json" || wanted.iter().any(|wanted| wanted == name));
    Ok(files)
}

/// What all of the index depends on besides stories.
fn settings(site: &Site) -> Fingerprint {
    let config = &site.config;
    Fingerprint::of(
        format!(
            "{VERSION} {:?} {:?} {:?} {:?}",
            config.search, site.taxonomies, config.limits, config.corrections.retracted
        )
        .as_bytes(),
    )
}

/// The name of a part: the hash of all that it is made from.
fn part_name(rows: &[RowId], catalog: &Catalog, site: &Site, settings: Fingerprint) -> String {
    let mut hash = Fingerprinter::new();
    hash.add(settings);
    for story in rows.iter().map(|&row| catalog.story(row)) {
        hash.number(u64::from(story.flags().has(Flags::RETRACTED)));
        hash.add(story.details().source)
            .text(story.permalink())
            .text(story.title())
            .optional(story.standfirst());
        hash.optional(story.place()).text(story.lang()).number(story.day_number() as u64);
        for term in story.terms() {
            hash.text(&site.taxonomies[term.taxonomy].key).text(&term.slug).text(&term.name);
        }
    }
    format!("part-{:016x}", hash.finish().0)
}

/// The volumes of a catalog.
fn volumes(catalog: &Catalog) -> Vec<Volume> {
    let Some(newest) = catalog.stories(catalog.all()).next_back().map(|story| story.day()) else {
        return Vec::new();
    };
    let (year, month) = (newest.year(), newest.month());
    let all = catalog.all();
    let months = catalog.month(year, month);
    let this_year = catalog.year(year);
    let volumes = [
        (format!("until-{}", year - 1), all.start..this_year.start),
        (format!("{year}"), this_year.start..months.start),
        (format!("{year}-{month:02}"), months.start..all.end),
    ];
    let searched = |story: &Story<'_>| !story.flags().has(Flags::SEARCH_OFF);
    let volumes = volumes.into_iter().map(|(name, rows)| {
        let rows: Vec<RowId> = catalog.stories(rows).filter(searched).map(|story| story.id).collect();
        let mut years = Vec::new();
        let mut parts = Vec::new();
        let year = |at: usize| catalog.story(rows[at]).day().year();
        let mut start = 0;
        for at in 0..rows.len() {
            if at == 0 || year(at) != year(at - 1) {
                years.push((year(at), at));
            }
            // A part ends with its year, so that a new story in one moves no other's.
            if at + 1 == rows.len() || at + 1 - start == PART || year(at + 1) != year(at) {
                parts.push(start..at + 1);
                start = at + 1;
            }
        }
        Volume { name, rows, parts, years }
    });
    volumes.filter(|volume| !volume.rows.is_empty()).collect()
}

/// Makes a volume, and those of its parts that aren't there. Tells where it is, and whether its stories were what the catalog says.
fn make(
    volume: &Volume,
    name: &str,
    parts: &[String],
    store: &Store,
    catalog: &Catalog,
    site: &Site,
) -> io::Result<(PathBuf, bool)> {
    let rows = volume.parts.par_iter().map(|part| &volume.rows[part.clone()]);
    let parts: Vec<(PathBuf, bool)> = parts
        .par_iter()
        .zip(rows)
        .map(|(name, rows)| part(name, rows, store, catalog, site))
        .collect::<io::Result<_>>()?;
    let settled = parts.iter().all(|(_, settled)| *settled);
    let limit = site.config.search.as_ref().map_or(0, |search| search.files.limit());
    let fill = |place: &Path| {
        let files: Vec<PathBuf> = parts.iter().flat_map(|(part, _)| part_files(part)).collect();
        let made = volume::merge(&files, place, limit)?;
        fs::write(place.join(ABOUT), made.to_string())
    };
    // What was read while it changed is made again next time.
    let name = if settled { name.to_owned() } else { format!("{name}.unsettled") };
    store.make(&name, fill).map(|(place, ())| (place, settled))
}

/// A part, made now or before, and whether its stories were what the catalog says.
fn part(
    name: &str,
    rows: &[RowId],
    store: &Store,
    catalog: &Catalog,
    site: &Site,
) -> io::Result<(PathBuf, bool)> {
    if let Some(place) = store.part(name) {
        return Ok((place, true));
    }
    let searched = |row: &RowId| Searched::read(&catalog.story(*row), site);
    let settled = |rows: &[RowId], place: &Path| {
        let (mut builder, mut number, mut settled) = (Builder::new(), 0, true);
        for (at, row) in rows.iter().enumerate() {
            let searched = searched(row);
            settled &= searched.unchanged;
            builder.add(&searched)?;
            if builder.is_full() || at + 1 == rows.len() {
                std::mem::replace(&mut builder, Builder::new()).write(&place.join(number.to_string()))?;
                number += 1;
            }
        }
        Ok(settled)
    };
    let (place, settled) = store.make(name, |place| settled(rows, place))?;
    if settled {
        return Ok((place, true));
    }
    let unsettled = place.with_extension("unsettled");
    store::remove(&unsettled)?;
    fs::rename(&place, &unsettled)?;
    Ok((unsettled, false))
}

/// The files of a part in order.
fn part_files(part: &Path) -> Vec<PathBuf> {
    (0..).map(|number: usize| part.join(number.to_string())).take_while(|file| file.is_file()).collect()
}

/// The most frequent terms of a taxonomy, as the lexicon has them behind its key.
fn frequent(catalog: &Catalog, taxonomy: usize) -> Vec<String> {
    let mut terms: Vec<&Term> = catalog.terms_of(taxonomy).iter().map(|&id| catalog.term(id)).collect();
    terms.sort_by(|a, b| b.rows.len().cmp(&a.rows.len()).then_with(|| a.slug.cmp(&b.slug)));
    terms.truncate(MOST_TERMS);
    terms.iter().map(|term| format!("{}{}{}", term.slug, char::from(NAME), term.name)).collect()
}

/// What a browser reads first.
fn manifest(site: &Site, catalog: &Catalog, volumes: Vec<Value>) -> String {
    let files = site.config.search.as_ref().map(|search| search.files).unwrap_or_default();
    let taxonomies = site.taxonomies.iter().enumerate();
    let mut facets: Map<String, Value> = taxonomies
        .map(|(number, taxonomy)| (taxonomy.key.clone(), json!(frequent(catalog, number))))
        .collect();
    let languages: BTreeSet<&String> = catalog.languages().iter().collect();
    let languages = languages.into_iter().map(|language| format!("{language}{}", char::from(NAME)));
    facets.insert(LANGUAGE.to_owned(), languages.collect());
    let manifest = json!({
        "format": FORMAT,
        "pack": files.limit(),
        "ranges": files == SearchFiles::Ranges,
        "facets": facets,
        "volumes": volumes,
    });
    manifest.to_string() + "\n"
}

//! Search from static files: an index that a browser asks for small pieces of.
//! `docs/search-format.md` specifies what is written here.
//!
//! Stories are indexed by volume: all years before the newest story's, that year's months before
//! its newest month, and that month. A new story changes the last of them and the manifest, and
//! nothing else. A volume is merged from parts of some hundred stories each; both are kept in the
//! site's state folder, so that an edit reads one part's stories again and no others.

mod bigrams;
mod deflate;
mod document;
mod postings;
mod reopening_reader;
mod segment;
mod segment_builder;
mod segment_reader;
mod segment_store;
mod spill_file;
mod term_dict;
mod tokenizer;

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde_json::{Map, Value, json};
use tempfile::TempDir;

use crate::archive::record::Flags;
use crate::archive::{Article, ArticleId, Catalog, Term};
use crate::config::{SearchIndexLayout, Site};
use crate::diagnostics::Error;
use crate::model::{Fingerprint, Fingerprinter};
use document::{LANGUAGE_FACET, SearchDocument};
use segment_builder::{FACET_NAME_SEPARATOR, SegmentBuilder};
use segment_store::SegmentStore;

pub(crate) use segment_reader::{is_segment, read_texts};

/// How the files are laid out; a client refuses other layouts.
const FORMAT_VERSION: u64 = 3;
/// Changes with that, and with what is put into the files: what an older program made is made
/// again.
const INDEXING_VERSION: u64 = 6;
/// Of how many terms of a taxonomy readers see counts among hits.
const MAX_FACET_TERMS: usize = 20;
/// The most stories of a part.
const ARTICLES_PER_PARTIAL: usize = 1024;
/// Where the files are, below the output folder.
pub(crate) const OUTPUT_DIR: &str = "search";
/// The manifest's name there.
pub(crate) const MANIFEST_PATH: &str = "search/manifest.json";
/// What a volume's folder says of it.
const SEGMENT_METADATA_FILE: &str = "about.json";

/// A file of the index.
#[derive(Clone, Debug)]
pub(crate) struct IndexFile {
    /// Where it is kept.
    pub source: PathBuf,
    /// Where it goes, below the output folder.
    pub output_path: String,
    /// The hash of all that it is made from; unsettled, if a story changed while it was read.
    pub inputs: Fingerprint,
}

/// The files of the index, as long as they are needed.
#[derive(Debug, Default)]
pub(crate) struct SearchIndex {
    /// The files.
    pub files: Vec<IndexFile>,
    /// Where they are for a build that leaves no trace.
    _temp_dir: Option<TempDir>,
}

/// Stories that share a volume.
struct SegmentPlan {
    name: String,
    ids: Vec<ArticleId>,
    partials: Vec<Range<usize>>,
    /// The number of each year's first story.
    year_starts: Vec<(i32, usize)>,
}

/// What a build does with an index of before.
#[derive(Clone, Debug)]
pub(crate) struct IndexOptions {
    /// Where it is.
    pub cache_dir: PathBuf,
    /// Keep nothing of this build's.
    pub dry_run: bool,
    /// Read all of it to see that nobody changed it.
    pub verify: bool,
    /// Make all of it again.
    pub force: bool,
}

/// Makes whatever of the index isn't kept already, and tells which files it has.
///
/// # Errors
/// What the machine refused.
pub(crate) fn build_index(
    site: &Site,
    catalog: &Catalog,
    options: IndexOptions,
) -> Result<SearchIndex, Error> {
    let cache_dir = options.cache_dir;
    if site.config.search.is_none() {
        if !options.dry_run {
            segment_store::remove_dir_if_exists(&cache_dir)
                .map_err(Error::io("can't remove", &cache_dir))?;
        }
        return Ok(SearchIndex::default());
    }
    let temp_dir = options
        .dry_run
        .then(TempDir::new)
        .transpose()
        .map_err(Error::io("can't make", "a temporary folder"))?;
    let new_dir = temp_dir.as_ref().map_or(&*cache_dir, TempDir::path).to_owned();
    let store = SegmentStore {
        cache_dir: (!options.force).then_some(cache_dir),
        new_dir,
        verify: options.verify,
    };
    let files = build_files(site, catalog, &store)
        .map_err(Error::io("can't make the search index in", &store.new_dir))?;
    Ok(SearchIndex { files, _temp_dir: temp_dir })
}

fn build_files(site: &Site, catalog: &Catalog, store: &SegmentStore) -> io::Result<Vec<IndexFile>> {
    fs::create_dir_all(&store.new_dir)?;
    let settings = settings_fingerprint(site);
    let (mut files, mut segment_metadata, mut wanted) = (Vec::new(), Vec::new(), Vec::new());
    let mut all_clean = true;
    for segment in plan_segments(catalog) {
        let ranges = segment.partials.par_iter();
        let partial_names: Vec<String> = ranges
            .map(|range| partial_index_name(&segment.ids[range.clone()], catalog, site, settings))
            .collect();
        let mut fingerprinter = Fingerprinter::new();
        for partial_name in &partial_names {
            fingerprinter.text(partial_name);
        }
        let fingerprint = fingerprinter.finish();
        let name = format!("{}-{:016x}", segment.name, fingerprint.0);
        let (dir, is_clean) = match store.find_segment(&name) {
            Some(dir) => (dir, true),
            None => build_segment(&segment, &name, &partial_names, store, catalog, site)?,
        };
        let mut metadata: Value =
            serde_json::from_str(&fs::read_to_string(dir.join(SEGMENT_METADATA_FILE))?)?;
        let shard_count = metadata["packs"].as_u64().unwrap_or(0);
        files.extend((0..shard_count).map(|shard| IndexFile {
            source: dir.join(format!("{shard}.bin")),
            output_path: format!("{OUTPUT_DIR}/{name}.{shard}.bin"),
            inputs: if is_clean { fingerprint } else { Fingerprint::DIRTY },
        }));
        metadata["name"] = name.into();
        metadata["years"] = json!(segment.year_starts);
        segment_metadata.push(metadata);
        wanted.extend(partial_names);
        wanted.extend(dir.file_name().map(|name| name.to_string_lossy().into_owned()));
        all_clean &= is_clean;
    }
    let manifest = manifest_json(site, catalog, segment_metadata);
    let manifest_file = store.new_dir.join("manifest.json");
    if !fs::read(&manifest_file).is_ok_and(|old| old == manifest.as_bytes()) {
        fs::write(&manifest_file, &manifest)?;
    }
    let inputs =
        if all_clean { Fingerprint::hash_bytes(manifest.as_bytes()) } else { Fingerprint::DIRTY };
    files.push(IndexFile { source: manifest_file, output_path: MANIFEST_PATH.to_owned(), inputs });
    store.retain(|name| name == "manifest.json" || wanted.iter().any(|wanted| wanted == name));
    Ok(files)
}

/// What all of the index depends on besides stories.
fn settings_fingerprint(site: &Site) -> Fingerprint {
    let keys = ["search", "taxonomies", "limits", "corrections.retracted"];
    let mut fingerprinter = Fingerprinter::new();
    fingerprinter.number(INDEXING_VERSION);
    for (name, value) in site.setting_texts.select(&keys) {
        fingerprinter.text(&name).text(&value);
    }
    fingerprinter.finish()
}

/// The name of a part: the hash of all that it is made from.
fn partial_index_name(
    ids: &[ArticleId],
    catalog: &Catalog,
    site: &Site,
    settings: Fingerprint,
) -> String {
    let mut fingerprinter = Fingerprinter::new();
    fingerprinter.add(settings);
    for article in ids.iter().map(|&id| catalog.article(id)) {
        fingerprinter.number(u64::from(article.flags().contains(Flags::RETRACTED)));
        fingerprinter
            .add(article.details().file_hash)
            .text(article.permalink())
            .text(article.title())
            .optional(article.standfirst());
        fingerprinter
            .optional(article.dateline_location())
            .text(article.lang())
            .number(article.day_number() as u64);
        for term in article.terms() {
            fingerprinter
                .text(&site.taxonomies[term.taxonomy].key)
                .text(&term.slug)
                .text(&term.name);
        }
    }
    format!("part-{:016x}", fingerprinter.finish().0)
}

/// The volumes of a catalog.
fn plan_segments(catalog: &Catalog) -> Vec<SegmentPlan> {
    let Some(newest_day) = catalog.articles(catalog.ids()).next_back().map(|article| article.day())
    else {
        return Vec::new();
    };
    let (year, month) = (newest_day.year(), newest_day.month());
    let all = catalog.ids();
    let this_month = catalog.ids_in_month(year, month);
    let this_year = catalog.ids_in_year(year);
    let ranges_by_name = [
        (format!("until-{}", year - 1), all.start..this_year.start),
        (format!("{year}"), this_year.start..this_month.start),
        (format!("{year}-{month:02}"), this_month.start..all.end),
    ];
    let is_searchable = |article: &Article<'_>| !article.flags().contains(Flags::SEARCH_OFF);
    let segments = ranges_by_name.into_iter().map(|(name, id_range)| {
        let ids: Vec<ArticleId> =
            catalog.articles(id_range).filter(is_searchable).map(|article| article.id).collect();
        let mut year_starts = Vec::new();
        let mut partials = Vec::new();
        let year_at = |index: usize| catalog.article(ids[index]).day().year();
        let mut start = 0;
        for index in 0..ids.len() {
            if index == 0 || year_at(index) != year_at(index - 1) {
                year_starts.push((year_at(index), index));
            }
            // A part ends with its year, so that a new story in one moves no other's.
            if index + 1 == ids.len()
                || index + 1 - start == ARTICLES_PER_PARTIAL
                || year_at(index + 1) != year_at(index)
            {
                partials.push(start..index + 1);
                start = index + 1;
            }
        }
        SegmentPlan { name, ids, partials, year_starts }
    });
    segments.filter(|segment| !segment.ids.is_empty()).collect()
}

/// Makes a volume, and those of its parts that aren't there. Tells where it is, and whether its
/// stories were what the catalog says.
fn build_segment(
    segment: &SegmentPlan,
    name: &str,
    partial_names: &[String],
    store: &SegmentStore,
    catalog: &Catalog,
    site: &Site,
) -> io::Result<(PathBuf, bool)> {
    let partial_ids = segment.partials.par_iter().map(|range| &segment.ids[range.clone()]);
    let partials: Vec<(PathBuf, bool)> = partial_names
        .par_iter()
        .zip(partial_ids)
        .map(|(name, ids)| build_partial_index(name, ids, store, catalog, site))
        .collect::<io::Result<_>>()?;
    let all_clean = partials.iter().all(|(_, is_clean)| *is_clean);
    let limit = site.config.search.as_ref().map_or(0, |search| search.files.max_file_bytes());
    let write_files = |dir: &Path| {
        let files: Vec<PathBuf> =
            partials.iter().flat_map(|(partial_dir, _)| partial_index_files(partial_dir)).collect();
        let metadata = segment::merge(&files, dir, limit)?;
        fs::write(dir.join(SEGMENT_METADATA_FILE), metadata.to_string())
    };
    // What was read while it changed is made again next time.
    let name = if all_clean { name.to_owned() } else { format!("{name}.unsettled") };
    store.create_atomically(&name, write_files).map(|(dir, ())| (dir, all_clean))
}

/// A part, made now or before, and whether its stories were what the catalog says.
fn build_partial_index(
    name: &str,
    ids: &[ArticleId],
    store: &SegmentStore,
    catalog: &Catalog,
    site: &Site,
) -> io::Result<(PathBuf, bool)> {
    if let Some(dir) = store.find_partial_index(name) {
        return Ok((dir, true));
    }
    let read_document = |id: &ArticleId| SearchDocument::read(&catalog.article(*id), site);
    let write_files = |ids: &[ArticleId], dir: &Path| {
        let (mut builder, mut file_number, mut is_clean) = (SegmentBuilder::new(), 0, true);
        for (index, id) in ids.iter().enumerate() {
            let document = read_document(id);
            is_clean &= document.is_unchanged;
            builder.add(&document)?;
            if builder.is_full() || index + 1 == ids.len() {
                std::mem::replace(&mut builder, SegmentBuilder::new())
                    .write(&dir.join(file_number.to_string()))?;
                file_number += 1;
            }
        }
        Ok(is_clean)
    };
    let (dir, is_clean) = store.create_atomically(name, |dir| write_files(ids, dir))?;
    if is_clean {
        return Ok((dir, true));
    }
    let dirty_dir = dir.with_extension("unsettled");
    segment_store::remove_dir_if_exists(&dirty_dir)?;
    fs::rename(&dir, &dirty_dir)?;
    Ok((dirty_dir, false))
}

/// The files of a part in order.
fn partial_index_files(partial_dir: &Path) -> Vec<PathBuf> {
    (0..)
        .map(|number: usize| partial_dir.join(number.to_string()))
        .take_while(|file| file.is_file())
        .collect()
}

/// The most frequent terms of a taxonomy, as the lexicon has them behind its key.
fn most_frequent_terms(catalog: &Catalog, taxonomy: usize) -> Vec<String> {
    let mut terms: Vec<&Term> =
        catalog.terms_of(taxonomy).iter().map(|&id| catalog.term(id)).collect();
    terms.sort_by(|a, b| {
        b.article_ids.len().cmp(&a.article_ids.len()).then_with(|| a.slug.cmp(&b.slug))
    });
    terms.truncate(MAX_FACET_TERMS);
    terms
        .iter()
        .map(|term| format!("{}{}{}", term.slug, char::from(FACET_NAME_SEPARATOR), term.name))
        .collect()
}

/// What a browser reads first.
fn manifest_json(site: &Site, catalog: &Catalog, segments: Vec<Value>) -> String {
    let files = site.config.search.as_ref().map(|search| search.files).unwrap_or_default();
    let taxonomies = site.taxonomies.iter().enumerate();
    let mut facets: Map<String, Value> = taxonomies
        .map(|(number, taxonomy)| {
            (taxonomy.key.clone(), json!(most_frequent_terms(catalog, number)))
        })
        .collect();
    let languages: BTreeSet<&String> = catalog.languages().iter().collect();
    let languages = languages
        .into_iter()
        .map(|language| format!("{language}{}", char::from(FACET_NAME_SEPARATOR)));
    facets.insert(LANGUAGE_FACET.to_owned(), languages.collect());
    let manifest = json!({
        "format": FORMAT_VERSION,
        "pack": files.max_file_bytes(),
        "ranges": files == SearchIndexLayout::Ranges,
        "facets": facets,
        "volumes": segments,
    });
    manifest.to_string() + "\n"
}

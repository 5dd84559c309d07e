//! The index as a build makes it: segments from the build cache, new ones where articles changed,
//! and the manifest.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde_json::{Map, Value, json};
use tempfile::TempDir;

use super::document::{LANGUAGE_FACET, SearchDocument};
use super::inflection;
use super::plan::{SegmentPlan, partial_index_name, plan_segments, settings_fingerprint};
use super::segment::{self, METADATA_FILE};
use super::segment_builder::SegmentBuilder;
use super::segment_store::{Publication, SegmentStore, file_hashes};
use super::stop_words::stop_words;
use super::term_interner::FACET_NAME_SEPARATOR;
use crate::archive::{ArticleId, Catalog, Term};
use crate::config::{RootName, SearchIndexLayout, Site};
use crate::diagnostics::Error;
use crate::model::{Fingerprint, Fingerprinter};
use crate::regular_file;

/// The version of the format that `docs/search-format.md` specifies. A client rejects others.
const FORMAT_VERSION: u64 = 7;
/// The number of a taxonomy's terms, the most frequent ones, that a client counts among results.
const MAX_FACET_TERMS: usize = 20;
/// The folder of the index's files, below the output folder.
pub(crate) const OUTPUT_DIR: &str = RootName::Search.as_str();
/// The path of the manifest, below the output folder.
const MANIFEST_PATH: &str = "search/manifest.json";
/// The manifest's name in the build cache.
const MANIFEST_FILE: &str = "manifest.json";

/// A file of the index.
#[derive(Clone, Debug)]
pub(crate) struct IndexFile {
    /// The file in the build cache.
    pub source: PathBuf,
    /// The path below the output folder.
    pub output_path: String,
    /// The hash of the file's content when it was made.
    pub content_hash: Fingerprint,
    /// The hash of everything that it is made from; dirty if an article changed while it was read.
    pub inputs: Fingerprint,
}

/// The files of the index, which exist as long as this value.
#[derive(Debug, Default)]
pub(crate) struct SearchIndex {
    /// The files; the manifest is the last.
    pub files: Vec<IndexFile>,
    /// The folder of the new files of a dry run.
    _temp_dir: Option<TempDir>,
}

/// The build cache of an index, and how a build uses it.
#[derive(Clone, Debug)]
pub(crate) struct IndexOptions {
    /// The folder of the build cache.
    pub cache_dir: PathBuf,
    /// Write new files to a temporary folder instead.
    pub dry_run: bool,
    /// Check the contents of all files, not only their sizes.
    pub verify: bool,
    /// Build everything again.
    pub force: bool,
}

/// Builds the parts of the index that aren't in the build cache, and returns all files.
///
/// # Errors
/// [`Error::Io`] if a file of the build cache or of the temporary folder can't be read or written.
pub(crate) fn build_index(
    site: &Site,
    catalog: &Catalog,
    options: IndexOptions,
) -> Result<SearchIndex, Error> {
    let cache_dir = options.cache_dir;
    if site.config.search.is_none() {
        if !options.dry_run {
            regular_file::remove_any(&cache_dir).map_err(Error::io("can't remove", &cache_dir))?;
        }
        return Ok(SearchIndex::default());
    }
    let temp_dir = options
        .dry_run
        .then(TempDir::new)
        .transpose()
        .map_err(Error::io("can't create", "a temporary folder"))?;
    let new_dir = temp_dir.as_ref().map_or(&*cache_dir, TempDir::path).to_owned();
    if fs::symlink_metadata(&new_dir).is_ok_and(|metadata| !metadata.is_dir()) {
        regular_file::remove_any(&new_dir).map_err(Error::io("can't remove", &new_dir))?;
    }
    let cache_dir = (!options.force).then_some(cache_dir);
    let mut store = SegmentStore { cache_dir, new_dir, verify: options.verify };
    let build = |store: &SegmentStore| IndexBuilder { site, catalog, store }.build();
    let files = match build(&store) {
        // Files whose checksums are right can be invalid only if they were tampered with.
        Err(error) if store.cache_dir.is_some() && is_damage(&error) => {
            store.cache_dir = None;
            build(&store)
        }
        result => result,
    };
    let files = files.map_err(Error::io("can't write the search index in", &store.new_dir))?;
    Ok(SearchIndex { files, _temp_dir: temp_dir })
}

/// Returns true if an error may be caused by invalid contents of a file.
fn is_damage(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidData, InvalidInput, NotFound, Other, UnexpectedEof};
    matches!(error.kind(), InvalidData | InvalidInput | NotFound | Other | UnexpectedEof)
}

/// A segment or a partial index in the build cache.
struct CachedIndex {
    dir: PathBuf,
    /// False if an article's file changed since it was cataloged.
    is_clean: bool,
}

/// Builds an index from a catalog.
struct IndexBuilder<'a> {
    site: &'a Site,
    catalog: &'a Catalog,
    store: &'a SegmentStore,
}

impl IndexBuilder<'_> {
    /// Builds what is missing, and removes what isn't part of the index from the build cache.
    fn build(&self) -> io::Result<Vec<IndexFile>> {
        fs::create_dir_all(&self.store.new_dir)?;
        let settings = settings_fingerprint(self.site);
        let (mut files, mut segment_metadata, mut wanted) = (Vec::new(), Vec::new(), Vec::new());
        let mut all_clean = true;
        for plan in plan_segments(self.catalog) {
            let ids = plan.partials.par_iter().map(|range| &plan.ids[range.clone()]);
            let partial_names: Vec<String> =
                ids.map(|ids| partial_index_name(ids, self.catalog, self.site, settings)).collect();
            let mut fingerprinter = Fingerprinter::new();
            for partial_name in &partial_names {
                fingerprinter.text(partial_name);
            }
            let fingerprint = fingerprinter.finish();
            let name = format!("{}-{:016x}", plan.period, fingerprint.0);
            let (segment, metadata) = match self.find_segment(&plan, &name) {
                Some(found) => found,
                None => {
                    let segment = self.build_segment(&plan, &name, &partial_names)?;
                    let metadata = published_metadata(&segment.dir, &name, &plan)?;
                    (segment, metadata)
                }
            };
            let inputs = if segment.is_clean { fingerprint } else { Fingerprint::DIRTY };
            files.extend(segment_files(&segment.dir, &name, &metadata, inputs)?);
            segment_metadata.push(metadata);
            wanted.extend(partial_names);
            wanted.extend(segment.dir.file_name().map(|name| name.to_string_lossy().into_owned()));
            all_clean &= segment.is_clean;
        }
        let manifest = self.manifest_json(segment_metadata);
        let source = self.store.new_dir.join(MANIFEST_FILE);
        if !regular_file::has_content(&source, manifest.as_bytes()) {
            regular_file::write(&source, manifest.as_bytes())?;
        }
        let content_hash = Fingerprint::hash_bytes(manifest.as_bytes());
        let inputs = if all_clean { content_hash } else { Fingerprint::DIRTY };
        let output_path = MANIFEST_PATH.to_owned();
        files.push(IndexFile { source, output_path, content_hash, inputs });
        self.store.retain(|name| name == MANIFEST_FILE || wanted.iter().any(|other| other == name));
        Ok(files)
    }

    /// Finds an undamaged segment in the build cache, and its metadata.
    fn find_segment(&self, plan: &SegmentPlan, name: &str) -> Option<(CachedIndex, Value)> {
        let find = |publication| {
            let dir = self.store.find_segment(name, publication)?;
            let metadata = published_metadata(&dir, name, plan).ok()?;
            let files = segment_files(&dir, name, &metadata, Fingerprint::DIRTY).ok()?;
            Some((CachedIndex { dir, is_clean: true }, metadata, files))
        };
        let (segment, metadata, files) = find(Publication::Published)?;
        let is_published =
            files.iter().all(|file| self.site.output_dir.join(&file.output_path).is_file());
        if is_published {
            return Some((segment, metadata));
        }
        let (segment, metadata, _) = find(Publication::Unknown)?;
        Some((segment, metadata))
    }

    /// Builds a segment, and those of its partial indexes that aren't in the build cache.
    fn build_segment(
        &self,
        plan: &SegmentPlan,
        name: &str,
        partial_names: &[String],
    ) -> io::Result<CachedIndex> {
        let partial_ids = plan.partials.par_iter().map(|range| &plan.ids[range.clone()]);
        let partials: Vec<CachedIndex> = partial_names
            .par_iter()
            .zip(partial_ids)
            .map(|(name, ids)| self.build_partial_index(name, ids))
            .collect::<io::Result<_>>()?;
        let is_clean = partials.iter().all(|partial| partial.is_clean);
        let max_file_bytes =
            self.site.config.search.as_ref().map_or(0, |search| search.files.max_file_bytes());
        let write_files = |dir: &Path| {
            let files: Vec<PathBuf> =
                partials.iter().flat_map(|partial| partial_index_files(&partial.dir)).collect();
            let metadata = segment::merge(&files, dir, max_file_bytes)?;
            fs::write(dir.join(METADATA_FILE), metadata.to_string())
        };
        // The next build doesn't look for this name, and so builds the segment again.
        let name = if is_clean { name.to_owned() } else { format!("{name}.dirty") };
        let (dir, ()) = self.store.create_atomically(&name, write_files)?;
        Ok(CachedIndex { dir, is_clean })
    }

    /// Finds a partial index in the build cache, or builds it.
    fn build_partial_index(&self, name: &str, ids: &[ArticleId]) -> io::Result<CachedIndex> {
        if let Some(dir) = self.store.find_partial_index(name) {
            return Ok(CachedIndex { dir, is_clean: true });
        }
        let write_files = |dir: &Path| self.write_partial_index(ids, dir);
        let (dir, is_clean) = self.store.create_atomically(name, write_files)?;
        if is_clean {
            return Ok(CachedIndex { dir, is_clean });
        }
        let dirty_dir = dir.with_extension("dirty");
        regular_file::remove_any(&dirty_dir)?;
        fs::rename(&dir, &dirty_dir)?;
        Ok(CachedIndex { dir: dirty_dir, is_clean })
    }

    /// Writes a partial index in one or more numbered files. Returns false if an article's file
    /// changed since it was cataloged.
    fn write_partial_index(&self, ids: &[ArticleId], dir: &Path) -> io::Result<bool> {
        let mut builder = SegmentBuilder::new();
        let mut file_number = 0;
        let mut is_clean = true;
        for (index, id) in ids.iter().enumerate() {
            let document = SearchDocument::read(&self.catalog.article(*id), self.site);
            is_clean &= document.is_unchanged;
            builder.add(&document)?;
            if builder.is_full() || index + 1 == ids.len() {
                std::mem::replace(&mut builder, SegmentBuilder::new())
                    .write(&dir.join(file_number.to_string()))?;
                file_number += 1;
            }
        }
        Ok(is_clean)
    }

    /// The manifest, which a client reads first.
    fn manifest_json(&self, segments: Vec<Value>) -> String {
        let (site, catalog) = (self.site, self.catalog);
        let layout = site.config.search.as_ref().map(|search| search.files).unwrap_or_default();
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
            "shard_bytes": layout.max_file_bytes(),
            "ranges": layout == SearchIndexLayout::Ranges,
            "facets": facets,
            "inflection": inflection::common_rules(catalog.languages().iter().map(String::as_str)),
            "stop_words": stop_words(catalog.languages().iter().map(String::as_str)),
            "segments": segments,
        });
        manifest.to_string() + "\n"
    }
}

/// The metadata of a segment as written to the manifest.
fn published_metadata(dir: &Path, name: &str, plan: &SegmentPlan) -> io::Result<Value> {
    let text = regular_file::read_cached_text(&dir.join(METADATA_FILE))?;
    let mut metadata: Value = serde_json::from_str(&text)?;
    if !metadata.is_object() {
        return Err(io::ErrorKind::InvalidData.into());
    }
    metadata["name"] = name.into();
    metadata["years"] = json!(plan.year_starts);
    Ok(metadata)
}

/// Returns the shard files of a segment.
///
/// # Errors
/// An I/O error if the list of checksums can't be read.
fn segment_files(
    dir: &Path,
    name: &str,
    metadata: &Value,
    inputs: Fingerprint,
) -> io::Result<Vec<IndexFile>> {
    let hashes = file_hashes(dir)?;
    let shard_count = metadata["shards"].as_u64().unwrap_or(0);
    // Metadata that was tampered with can claim any number.
    let files = (0..shard_count).map_while(|shard| {
        let file_name = format!("{shard}.bin");
        Some(IndexFile {
            content_hash: *hashes.get(&file_name)?,
            source: dir.join(file_name),
            output_path: shard_path(name, shard),
            inputs,
        })
    });
    Ok(files.collect())
}

/// Returns the path of a shard below the output folder.
fn shard_path(segment: &str, shard: u64) -> String {
    format!("{OUTPUT_DIR}/{segment}.{shard}.bin")
}

/// The files of a partial index, in the order of their articles.
fn partial_index_files(partial_dir: &Path) -> Vec<PathBuf> {
    (0..)
        .map(|number: usize| partial_dir.join(number.to_string()))
        .take_while(|file| file.is_file())
        .collect()
}

/// The most frequent terms of a taxonomy, each in the form that follows the `/` of a facet in the
/// term dictionary.
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

//! A site in memory, whose files are rendered on request.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use super::cache::manifest::ArticleFile;
use super::cache::store;
use super::copies::CopiedFile;
use super::options::WriteMode;
use super::output_ids::{OutputId, OutputIds};
use super::parsed_file::{ParseOutcome, ParsedFile};
use super::planned_output::{Batch, PlannedOutput};
use super::progress::Progress;
use super::stages::render::{ContentSource, render};
use crate::archive::{ArticleId, Catalog};
use crate::config::Site;
use crate::diagnostics::{Diagnostic, Error};
use crate::model::slug::collision_key;
use crate::pages::{Page, SiteView, Teasers, all_redirects, is_redirect};
use crate::regular_file;
use crate::search;

/// The number of pages that are rendered before their results are consumed.
const CHUNK_SIZE: usize = 4096;

/// Returns the file in which the records of previews are cached.
pub(crate) fn preview_cache_file(site: &Site) -> PathBuf {
    store::cache_file(&site.cache_dir, &site.root, &site.root.join(".preview"))
}

/// The content of a file.
pub enum FileContent {
    /// Rendered bytes.
    Bytes(Vec<u8>),
    /// A file that is published as it is.
    File(PathBuf),
}

/// A site in memory.
pub struct SitePreview<'a> {
    pub(crate) view: SiteView<'a>,
    pub(crate) batches: &'a [Batch],
    pub(crate) output_ids: &'a OutputIds,
    /// The parsed files of `content/`.
    pub(crate) files: &'a BTreeMap<Box<str>, ParsedFile>,
    /// The search index, after the first request for one of its files.
    pub(crate) search_index: Mutex<Option<Arc<search::SearchIndex>>>,
    /// All diagnostics except those that only rendering finds.
    pub diagnostics: Vec<Diagnostic>,
}

impl SitePreview<'_> {
    /// Returns the site's settings and folders.
    pub fn site(&self) -> &Site {
        self.view.site
    }

    /// Returns true if a file below the output folder is a copy of one of `static/`.
    pub fn is_static_copy(&self, path: &str) -> bool {
        let copy = self.find_output(path).and_then(|output_id| self.output(output_id).as_copy());
        copy.is_some_and(|copy| !copy.is_asset && copy.variant.is_none())
    }

    /// Returns true if an article has an error, given by its path below `content/`.
    pub(crate) fn is_broken(&self, article_path: &str) -> bool {
        let file = self.files.get(article_path);
        file.is_some_and(|file| matches!(file.outcome, ParseOutcome::Broken))
    }

    /// Returns the page that the last build wrote to a path below the output folder, if its article
    /// has an error now.
    pub(crate) fn last_built_page(&self, path: &str) -> Option<Vec<u8>> {
        let site = self.site();
        let cache_file = store::cache_file(&site.cache_dir, &site.root, &site.output_dir);
        let mut is_found = false;
        store::Cache::open(&cache_file)
            .0?
            .read_manifest(|written_path, article, _| {
                is_found |= written_path == path
                    && article.role == ArticleFile::Page
                    && self.is_broken(article.path);
            })
            .ok()?;
        let file = is_found.then(|| site.output_dir.join(path))?;
        regular_file::read(&file).ok()
    }

    /// Returns the articles.
    pub(crate) fn catalog(&self) -> &Catalog {
        self.view.catalog
    }

    /// Returns the number of files, without those of the search index.
    pub fn file_count(&self) -> usize {
        self.output_ids.len()
    }

    /// Finds the file with a path below the output folder.
    pub fn find_output(&self, path: &str) -> Option<OutputId> {
        self.output_ids.find(path)
    }

    /// Returns the article whose page a file is.
    pub fn article(&self, output_id: OutputId) -> Option<ArticleId> {
        self.output(output_id).own_article()
    }

    fn output(&self, output_id: OutputId) -> &PlannedOutput {
        &self.batches[output_id.batch as usize].1[output_id.index as usize]
    }

    /// Renders a file.
    ///
    /// # Errors
    /// The mistakes because of which it can't be rendered.
    pub fn render(&self, output_id: OutputId) -> Result<FileContent, Vec<Diagnostic>> {
        let (ids, _) = &self.batches[output_id.batch as usize];
        let mut bytes = Vec::new();
        let file = self.render_into(
            self.output(output_id),
            &Teasers::new(&self.view, ids.clone()),
            &mut bytes,
        )?;
        Ok(file.map_or(FileContent::Bytes(bytes), FileContent::File))
    }

    /// Renders a file into a buffer, or returns the file that it is a copy of.
    fn render_into(
        &self,
        output: &PlannedOutput,
        teasers: &Teasers<'_>,
        buffer: &mut Vec<u8>,
    ) -> Result<Option<PathBuf>, Vec<Diagnostic>> {
        let content = render(output, &self.view, teasers, WriteMode::Write, buffer)?;
        match content.source {
            ContentSource::Buffer => {}
            ContentSource::Image(image) => *buffer = image.bytes,
            ContentSource::File(file) | ContentSource::IndexFile(file, _) => {
                return Ok(Some(file));
            }
        }
        Ok(None)
    }

    /// Renders every HTML file, including redirects and files of `static/`, on all cores. `visit`
    /// is called for each with its path and its content, `consume` with the results in the order of
    /// the plan.
    pub fn visit_pages<T: Send>(
        &self,
        progress: &dyn Progress,
        visit: impl Fn(OutputId, &str, Result<&str, Vec<Diagnostic>>) -> T + Sync,
        mut consume: impl FnMut(T),
    ) {
        thread_local! {
            static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
        }
        for (batch_index, (ids, outputs)) in self.batches.iter().enumerate() {
            progress.add_work(outputs.len());
            let teasers = Teasers::new(&self.view, ids.clone());
            let visit_output = |(index, output): (usize, &PlannedOutput)| {
                progress.advance();
                let path = output.path(&self.view);
                let output_id = OutputId { batch: batch_index as u32, index: index as u32 };
                path.as_str().ends_with(".html").then(|| {
                    BUFFER.with_borrow_mut(|buffer| {
                        let html = self.render_html(output, &teasers, buffer);
                        visit(output_id, path.as_str(), html.as_deref().map_err(Clone::clone))
                    })
                })
            };
            // A batch may have a million files.
            for (chunk_index, chunk) in outputs.chunks(CHUNK_SIZE).enumerate() {
                let visit_at =
                    |(index, output)| visit_output((chunk_index * CHUNK_SIZE + index, output));
                let results: Vec<Option<T>> =
                    chunk.par_iter().enumerate().with_min_len(16).map(visit_at).collect();
                results.into_iter().flatten().for_each(&mut consume);
            }
        }
    }

    fn render_html<'b>(
        &self,
        output: &PlannedOutput,
        teasers: &Teasers<'_>,
        buffer: &'b mut Vec<u8>,
    ) -> Result<Cow<'b, str>, Vec<Diagnostic>> {
        if let Some(file) = self.render_into(output, teasers, buffer)? {
            *buffer = regular_file::read(&file).map_err(|error| {
                let name =
                    file.strip_prefix(&self.view.site.root).unwrap_or(&file).to_string_lossy();
                vec![Diagnostic::error("unreadable", name, format!("can't read it: {error}"))]
            })?;
        }
        Ok(String::from_utf8_lossy(buffer))
    }

    /// Returns the files that are images published with metadata, each by its path in the site.
    pub fn images_with_metadata(&self) -> Vec<String> {
        let site = self.view.site;
        let outputs = self.batches.iter().flat_map(|(_, outputs)| outputs);
        let copies: Vec<&CopiedFile> = outputs.filter_map(PlannedOutput::as_copy).collect();
        let path = |copy: &&CopiedFile| {
            let path = copy.from.strip_prefix(&site.root).unwrap_or(&copy.from);
            path.to_string_lossy().replace('\\', "/")
        };
        copies.par_iter().filter(|copy| copy.has_published_metadata(site)).map(path).collect()
    }

    /// Returns true if a page is for readers: neither a redirect nor the page for missing URLs.
    pub fn is_for_readers(&self, output_id: OutputId) -> bool {
        match self.output(output_id) {
            PlannedOutput::Page(page) => !(matches!(page, Page::NotFound) || is_redirect(page)),
            _ => true,
        }
    }

    /// Returns the paths of the pages that show a file of `content/`, its own first.
    pub fn pages_showing(&self, path: &str) -> Vec<String> {
        let file = format!("content/{path}");
        let mentions_file = |input: &str| {
            let offset = input.find(&file);
            offset.is_some_and(|offset| {
                input[offset + file.len()..]
                    .chars()
                    .next()
                    .is_none_or(|next| !next.is_alphanumeric())
            })
        };
        let shows = |output: &PlannedOutput| match output {
            PlannedOutput::Page(page) => {
                let is_article_page =
                    page.article().is_some_and(|id| self.view.catalog.article(id).path() == path);
                is_article_page
                    || page.explain(&self.view).1.iter().any(|(name, _)| mentions_file(name))
            }
            _ => false,
        };
        let outputs =
            self.batches.par_iter().flat_map(|(_, outputs)| outputs.par_iter().with_min_len(64));
        let is_own = |output: &&PlannedOutput| {
            output.own_article().is_some_and(|id| self.view.catalog.article(id).path() == path)
        };
        let (own, others): (Vec<&PlannedOutput>, Vec<&PlannedOutput>) =
            outputs.filter(|output| shows(output)).partition(is_own);
        let sorted_paths = |outputs: Vec<&PlannedOutput>| {
            let paths = outputs.into_iter().map(|output| output.path(&self.view));
            let mut paths: Vec<String> = paths.map(|path| path.as_str().to_owned()).collect();
            paths.sort();
            paths
        };
        [sorted_paths(own), sorted_paths(others)].concat()
    }

    /// Returns the number of a file in the plan, from 0.
    pub fn position(&self, output_id: OutputId) -> usize {
        let earlier = &self.batches[..output_id.batch as usize];
        earlier.iter().map(|(_, outputs)| outputs.len()).sum::<usize>() + output_id.index as usize
    }

    /// Returns the path of a file below the output folder.
    pub fn path(&self, output_id: OutputId) -> String {
        self.output(output_id).path(&self.view).as_str().to_owned()
    }

    /// Returns the normalized URLs that are redirected, without the slashes at their ends.
    pub fn redirect_sources(&self) -> HashSet<String> {
        let all = all_redirects(&self.view).into_iter();
        all.map(|redirect| collision_key(redirect.from.trim_matches('/'))).collect()
    }

    /// Finds a file of the search index, which is built on the first request.
    ///
    /// # Errors
    /// [`Error::Io`] if the index can't be written into the cache folder.
    pub fn search_file(&self, path: &str) -> Result<Option<PathBuf>, Error> {
        let mut cached_index = self.search_index.lock().unwrap_or_else(PoisonError::into_inner);
        let built_index = match &*cached_index {
            Some(index) => Arc::clone(index),
            None => {
                let cache_dir = preview_cache_file(self.view.site).with_extension("search");
                let index_options =
                    search::IndexOptions { cache_dir, dry_run: false, verify: false, force: false };
                let new_index = Arc::new(search::build_index(
                    self.view.site,
                    self.view.catalog,
                    index_options,
                )?);
                Arc::clone(cached_index.insert(new_index))
            }
        };
        drop(cached_index);
        Ok(built_index
            .files
            .iter()
            .find(|file| file.output_path == path)
            .map(|file| file.source.clone()))
    }
}

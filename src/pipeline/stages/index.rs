//! Indexes records: adds them to the catalog, and to the cache for the next build.

use std::collections::{BTreeSet, HashSet};

use crate::archive::record::{FileReference, Record};
use crate::archive::{Catalog, CatalogBuilder, TermVariants};
use crate::config::Site;
use crate::content::references::asset_url;
use crate::diagnostics::{Diagnostic, Error};
use crate::images::is_raster;
use crate::model::{Fingerprint, Image, RedactionMatcher};
use crate::pipeline::article_lists::{ArticleList, ArticleLists};
use crate::pipeline::cache::file_stamps;
use crate::pipeline::cache::store::CacheWriter;
use crate::pipeline::copies::{Asset, SourceImage};
use crate::pipeline::dropped_content::DroppedContentReport;
use crate::pipeline::parsed_file::{
    LoadedRecord, ParseOutcome, ParsedFile, RecordChange, RecordChunk, Unpublished, WithheldArticle,
};
use crate::pipeline::unreadable_paths::UnreadablePaths;

/// Collects the records of all files.
pub(crate) struct Indexer<'a> {
    builder: CatalogBuilder<'a>,
    writer: CacheWriter<'a>,
    site: &'a Site,
    assets: BTreeSet<Asset>,
    unpublishable_files: BTreeSet<String>,
    /// Images of which copies are made.
    images: BTreeSet<SourceImage>,
    /// Names that are redacted from articles.
    redacted_names: BTreeSet<String>,
    dropped_content: DroppedContentReport,
    /// The hashes of the paths of articles with an error: their last good pages stay.
    broken_articles: HashSet<Fingerprint>,
    /// The paths of articles that readers must not see: their last pages don't stay.
    hidden_paths: Vec<Box<str>>,
    unpublished: Unpublished,
    article_lists: ArticleLists,
    /// The paths of articles with an error.
    broken_paths: Vec<Box<str>>,
    withheld: Vec<WithheldArticle>,
    changes: ChangeSet,
    diagnostics: Vec<Diagnostic>,
}

impl<'a> Indexer<'a> {
    /// An indexer for about this many files.
    pub(crate) fn new(site: &'a Site, file_count: usize, writer: CacheWriter<'a>) -> Self {
        Self {
            builder: CatalogBuilder::new(site, file_count),
            writer,
            site,
            assets: BTreeSet::new(),
            unpublishable_files: BTreeSet::new(),
            images: BTreeSet::new(),
            redacted_names: site.redactions.all_names.iter().cloned().collect(),
            dropped_content: DroppedContentReport::default(),
            broken_articles: HashSet::new(),
            hidden_paths: Vec::new(),
            unpublished: Unpublished::default(),
            article_lists: ArticleLists::default(),
            broken_paths: Vec::new(),
            withheld: Vec::new(),
            changes: ChangeSet {
                has_non_body_changes: false,
                changed_bodies: Some(HashSet::new()),
            },
            diagnostics: Vec::new(),
        }
    }

    /// Adds files.
    ///
    /// # Errors
    /// [`Error::Io`] if the cache folder can't be written to.
    pub(crate) fn add_chunk(&mut self, chunk: RecordChunk<'_>) -> Result<(), Error> {
        for (path, loaded) in chunk {
            match loaded {
                LoadedRecord::Cached(cached) => {
                    self.add_record(path, &cached.record);
                    self.writer.reuse(&cached)?;
                }
                LoadedRecord::Parsed(parsed_file, record_change) => {
                    self.changes.add(path, &parsed_file, record_change);
                    let is_cacheable = parsed_file.is_cacheable();
                    self.diagnostics.extend(parsed_file.diagnostics);
                    match parsed_file.outcome {
                        ParseOutcome::Record(record) => {
                            self.add_record(path, &record);
                            if is_cacheable {
                                self.writer.write_record(path, parsed_file.stamp, &record)?;
                            }
                        }
                        ParseOutcome::Unpublished(unpublished) => {
                            self.add_unpublished(unpublished, path);
                            self.hidden_paths.push(path.into());
                        }
                        ParseOutcome::Withheld(article) => {
                            self.add_withheld_article(*article);
                            self.hidden_paths.push(path.into());
                        }
                        ParseOutcome::Broken => self.add_broken_article(path),
                    }
                }
            }
        }
        Ok(())
    }

    /// Adds a file that was parsed before, without its diagnostics.
    pub(crate) fn add_parsed_file(&mut self, path: &str, parsed_file: &ParsedFile) {
        match &parsed_file.outcome {
            ParseOutcome::Record(record) => self.add_record(path, record),
            ParseOutcome::Unpublished(unpublished) => self.add_unpublished(*unpublished, path),
            ParseOutcome::Withheld(article) => self.add_withheld_article((**article).clone()),
            ParseOutcome::Broken => self.add_broken_article(path),
        }
    }

    fn add_unpublished(&mut self, unpublished: Unpublished, path: &str) {
        self.unpublished.add(unpublished);
        self.article_lists.add_unpublished(unpublished, path);
    }

    fn add_broken_article(&mut self, path: &str) {
        self.broken_paths.push(path.into());
        self.broken_articles.insert(Fingerprint::hash_bytes(path.as_bytes()));
    }

    fn add_withheld_article(&mut self, article: WithheldArticle) {
        if !article.is_broken {
            self.article_lists.add(ArticleList::Withheld, &article.path);
        }
        self.broken_paths.push(article.path.as_str().into());
        self.withheld.push(article);
    }

    /// Adds the files that an article or the page of a term refers to, and the names that are
    /// redacted from it.
    fn note_file_references(
        &mut self,
        references: &[FileReference<'_>],
        redacted_names: &[&str],
        main_image: Option<Image>,
    ) {
        self.redacted_names.extend(redacted_names.iter().map(|name| (*name).to_owned()));
        let exists = |reference: &FileReference<'_>| {
            reference.is_asset || reference.in_static && reference.stamp != file_stamps::MISSING
        };
        if !references.iter().any(exists) {
            return;
        }
        let matcher = RedactionMatcher::from_names(redacted_names.iter().copied())
            .union(&self.site.redactions.everywhere);
        for reference in references.iter().filter(|reference| exists(reference)) {
            // Files of `static/` are published as they are.
            let matcher = if reference.in_static { &RedactionMatcher::empty() } else { &matcher };
            let path = reference.path.clone().into_owned();
            let Some(url) = asset_url(&path, matcher) else {
                self.unpublishable_files.insert(path);
                continue;
            };
            if self.site.config.images.is_some() && is_raster(&path) {
                let (in_static, path, url) = (reference.in_static, path.clone(), url.clone());
                let is_main =
                    main_image.as_ref().is_some_and(|image| image.src == self.site.href(&url));
                self.images.insert(SourceImage { in_static, path, url, is_main });
            }
            if reference.is_asset {
                self.assets.insert(Asset { path, url });
            }
        }
    }

    fn add_record(&mut self, path: &str, record: &[u8]) {
        let record = Record::decode(record);
        if let Some(record) = &record {
            self.article_lists.add_record(record, path);
        }
        match record {
            Some(Record::Article(record)) => {
                self.dropped_content.add(path, record.dropped_content.iter().copied());
                let has_crops = self
                    .site
                    .config
                    .images
                    .as_ref()
                    .is_some_and(|image_settings| !image_settings.ratios.is_empty());
                let main_image = if has_crops { record.image() } else { None };
                self.note_file_references(
                    &record.file_references,
                    &record.redacted_names,
                    main_image,
                );
                self.builder.add(path, &record);
            }
            Some(Record::Term(page)) => {
                let dropped = page.dropped_content.iter().map(String::as_str);
                self.dropped_content.add(path, dropped);
                let redacted_names: Vec<&str> =
                    page.redacted_names.iter().map(String::as_str).collect();
                self.note_file_references(&page.file_references, &redacted_names, None);
                self.builder.add_term_page(page);
            }
            Some(Record::Tombstone(tombstone)) => self.builder.add_tombstone(tombstone),
            Some(Record::NotAPage) | None => {}
        }
    }

    /// Returns the catalog and everything else that was collected.
    pub(crate) fn finish(self) -> IndexedContent<'a> {
        let mut diagnostics = self.diagnostics;
        diagnostics.extend(self.dropped_content.into_diagnostics(self.site));
        let (catalog, term_variants) = self.builder.finish_with_term_variants();
        // The main image of one article may be in the body of another.
        let mut images: Vec<SourceImage> = self.images.into_iter().collect();
        images.dedup_by(|next, previous| {
            let is_same_image = (next.in_static, &next.path, &next.url)
                == (previous.in_static, &previous.path, &previous.url);
            previous.is_main |= is_same_image && next.is_main;
            is_same_image
        });
        IndexedContent {
            changes: self.changes,
            catalog,
            term_variants,
            writer: self.writer,
            assets: self.assets.into_iter().collect(),
            unpublishable_files: self.unpublishable_files,
            images,
            redacted_names: self.redacted_names,
            broken_articles: self.broken_articles,
            hidden_paths: self.hidden_paths,
            unreadable: UnreadablePaths::default(),
            unpublished: self.unpublished,
            article_lists: self.article_lists,
            broken_paths: self.broken_paths,
            withheld: self.withheld,
            diagnostics,
        }
    }
}

/// The changes since the last build.
pub(crate) struct ChangeSet {
    /// True if anything but the bodies of known articles has changed.
    pub(crate) has_non_body_changes: bool,
    /// If only bodies of articles have changed: the hashes of their paths. This is reliable only if
    /// the same files are planned as in the last build, because it isn't known whether a file that
    /// can't be published now was published then.
    pub(crate) changed_bodies: Option<HashSet<Fingerprint>>,
}

impl ChangeSet {
    fn add(&mut self, path: &str, parsed_file: &ParsedFile, record_change: RecordChange) {
        self.has_non_body_changes |= record_change != RecordChange::BodyOnly;
        match (&parsed_file.outcome, record_change) {
            (ParseOutcome::Record(_), RecordChange::BodyOnly) => {
                self.changed_bodies.iter_mut().for_each(|hashes| {
                    hashes.insert(Fingerprint::hash_bytes(path.as_bytes()));
                });
            }
            (ParseOutcome::Broken | ParseOutcome::Unpublished(_), RecordChange::Unknown) => {}
            // Its tombstone isn't in the list of changed bodies.
            _ => self.changed_bodies = None,
        }
    }

    /// Adds the removal of a file.
    pub(crate) fn mark_file_removed(&mut self) {
        *self = Self { has_non_body_changes: true, changed_bodies: None };
    }
}

/// Everything that is known before files are planned.
pub(crate) struct IndexedContent<'a> {
    pub(crate) changes: ChangeSet,
    pub(crate) catalog: Catalog,
    /// The spellings of terms in articles.
    pub(crate) term_variants: TermVariants,
    pub(crate) writer: CacheWriter<'a>,
    pub(crate) assets: Vec<Asset>,
    /// The paths of files that articles refer to, and whose names can't be part of a URL.
    pub(crate) unpublishable_files: BTreeSet<String>,
    /// Images of which copies are made.
    pub(crate) images: Vec<SourceImage>,
    /// Names that are redacted from articles.
    pub(crate) redacted_names: BTreeSet<String>,
    pub(crate) broken_articles: HashSet<Fingerprint>,
    /// The paths of articles that readers must not see.
    pub(crate) hidden_paths: Vec<Box<str>>,
    /// Files and folders that can't be read.
    pub(crate) unreadable: UnreadablePaths,
    pub(crate) unpublished: Unpublished,
    pub(crate) article_lists: ArticleLists,
    /// The paths of articles with an error.
    pub(crate) broken_paths: Vec<Box<str>>,
    pub(crate) withheld: Vec<WithheldArticle>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

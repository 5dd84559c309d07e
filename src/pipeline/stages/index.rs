//! Index: records go into the catalog, and into the state for the next build.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::parse::{LoadedRecord, RecordChange, RecordChunk, may_be_cached};
use super::parse_file::{ParseOutcome, ParsedFile};
use crate::archive::record::{FileReference, Record};
use crate::archive::{Catalog, CatalogBuilder, TermVariants};
use crate::config::Site;
use crate::content::references::asset_url;
use crate::diagnostics::{Diagnostic, Error};
use crate::images::is_raster;
use crate::model::{Fingerprint, Image, RedactionMatcher};
use crate::pipeline::Unpublished;
use crate::pipeline::cache::file_stamps;
use crate::pipeline::cache::store::CacheWriter;
use crate::pipeline::copies::{Asset, SourceImage};

/// Gathers what all files came to.
pub(crate) struct Indexer<'a> {
    builder: CatalogBuilder<'a>,
    pub(crate) writer: CacheWriter<'a>,
    site: &'a Site,
    assets: BTreeSet<Asset>,
    /// Pictures of which smaller copies are wanted.
    images: BTreeSet<SourceImage>,
    /// Names that are taken out of stories.
    redacted_names: BTreeSet<String>,
    unknown_shortcodes: BTreeMap<String, (usize, String)>,
    /// Articles that can't be read now, by the hash of their file: their last good page is kept.
    pub(crate) broken_articles: HashSet<Fingerprint>,
    pub(crate) unpublished: Unpublished,
    changes: ChangeSet,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl<'a> Indexer<'a> {
    pub(crate) fn new(site: &'a Site, file_count: usize, writer: CacheWriter<'a>) -> Self {
        Self {
            builder: CatalogBuilder::new(site, file_count),
            writer,
            site,
            assets: BTreeSet::new(),
            images: BTreeSet::new(),
            redacted_names: site.redactions.all_names.iter().cloned().collect(),
            unknown_shortcodes: BTreeMap::new(),
            broken_articles: HashSet::new(),
            unpublished: Unpublished::default(),
            changes: ChangeSet {
                has_non_body_changes: false,
                changed_bodies: Some(HashSet::new()),
            },
            diagnostics: Vec::new(),
        }
    }

    /// Adds a run of files.
    pub(crate) fn add_chunk(&mut self, chunk: RecordChunk<'_>) -> Result<(), Error> {
        for (path, loaded) in chunk {
            match loaded {
                LoadedRecord::Cached(cached) => {
                    self.add_record(path, &cached.record);
                    self.writer.reuse(&cached)?;
                }
                LoadedRecord::Parsed(parsed_file, record_change) => {
                    self.changes.add(path, &parsed_file, record_change);
                    let is_cacheable = may_be_cached(&parsed_file);
                    self.diagnostics.extend(parsed_file.diagnostics);
                    match parsed_file.outcome {
                        ParseOutcome::Record(record) => {
                            self.add_record(path, &record);
                            if is_cacheable {
                                self.writer.write_record(path, parsed_file.stamp, &record)?;
                            }
                        }
                        ParseOutcome::Unpublished(unpublished) => self.unpublished.add(unpublished),
                        ParseOutcome::Broken => drop(
                            self.broken_articles.insert(Fingerprint::hash_bytes(path.as_bytes())),
                        ),
                    }
                }
            }
        }
        Ok(())
    }

    /// Adds a file that was read before, but for what is wrong with it.
    pub(crate) fn add_parsed_file(&mut self, path: &str, parsed_file: &ParsedFile) {
        match &parsed_file.outcome {
            ParseOutcome::Record(record) => self.add_record(path, record),
            ParseOutcome::Unpublished(unpublished) => self.unpublished.add(*unpublished),
            ParseOutcome::Broken => {
                drop(self.broken_articles.insert(Fingerprint::hash_bytes(path.as_bytes())))
            }
        }
    }

    fn note_shortcodes<'n>(&mut self, path: &str, names: impl Iterator<Item = &'n str>) {
        for name in names {
            let first = || (0, format!("content/{path}"));
            self.unknown_shortcodes.entry(name.to_owned()).or_insert_with(first).0 += 1;
        }
    }

    /// Notes the files that a story, or a term's page, refers to, and the names that are taken out
    /// of it.
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
            let Some(url) = asset_url(&reference.path, matcher) else { continue };
            let path = reference.path.clone().into_owned();
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
        match Record::decode(record) {
            Some(Record::Article(record)) => {
                self.note_shortcodes(path, record.shortcodes.iter().copied());
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
                self.note_shortcodes(path, page.shortcodes.iter().map(String::as_str));
                let redacted_names: Vec<&str> =
                    page.redacted_names.iter().map(String::as_str).collect();
                self.note_file_references(&page.file_references, &redacted_names, None);
                self.builder.add_term_page(page);
            }
            Some(Record::Tombstone(tombstone)) => self.builder.add_tombstone(tombstone),
            Some(Record::NotAPage) | None => {}
        }
    }

    /// The catalog, and the files of `content/` that articles show, in order.
    pub(crate) fn finish(self) -> IndexedContent<'a> {
        let mut diagnostics = self.diagnostics;
        for (name, (count, file)) in self.unknown_shortcodes {
            let message = format!(
                "the shortcode `{name}` means nothing here: it is left out of {count} article{}, this one first",
                if count == 1 { "" } else { "s" }
            );
            diagnostics.push(
                Diagnostic::warning("shortcode", file, message)
                    .help("what it encloses is kept; write the rest as Markdown"),
            );
        }
        let (catalog, term_variants) = self.builder.finish_with_term_variants();
        // One that is a story's main picture may be in another's body.
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
            images,
            redacted_names: self.redacted_names,
            broken_articles: self.broken_articles,
            unpublished: self.unpublished,
            diagnostics,
        }
    }
}

/// What is new since the last build.
pub(crate) struct ChangeSet {
    /// Whether there is anything but other bodies of articles that were known.
    pub(crate) has_non_body_changes: bool,
    /// If it is only articles' bodies: the hashes of their files' paths. Only to be relied on where
    /// the same files are planned as before, since of a file that can't be published now it isn't
    /// known whether it was.
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
            _ => self.changed_bodies = None,
        }
    }

    /// A saved record's file is gone.
    pub(crate) fn mark_file_removed(&mut self) {
        *self = Self { has_non_body_changes: true, changed_bodies: None };
    }
}

/// Everything that is known before pages are planned.
pub(crate) struct IndexedContent<'a> {
    pub(crate) changes: ChangeSet,
    pub(crate) catalog: Catalog,
    /// How stories write their terms.
    pub(crate) term_variants: TermVariants,
    pub(crate) writer: CacheWriter<'a>,
    pub(crate) assets: Vec<Asset>,
    /// Pictures of which smaller copies are wanted.
    pub(crate) images: Vec<SourceImage>,
    /// Names that are taken out of stories, in order.
    pub(crate) redacted_names: BTreeSet<String>,
    pub(crate) broken_articles: HashSet<Fingerprint>,
    pub(crate) unpublished: Unpublished,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

//! Building a catalog: records are added in the order of their files, and sorted once.

use rayon::prelude::*;

use super::catalog::{Article, ArticleRow, Catalog};
use super::ids::{ArticleId, LangId, TermId};
use super::record::{ArticleRecord, EncodedArticle, Flags, TermPage, Tombstone};
use super::terms::TermVariants;
use crate::config::{AUTHORS, SECTIONS, Site};
use crate::model::{Fingerprint, Fingerprinter};

/// Builds a [`Catalog`].
#[derive(Debug)]
pub(crate) struct CatalogBuilder<'a> {
    site: &'a Site,
    catalog: Catalog,
    term_variants: TermVariants,
    buffer: Vec<u8>,
}

impl<'a> CatalogBuilder<'a> {
    /// Returns a builder with the capacity for a number of articles.
    pub(crate) fn new(site: &'a Site, capacity: usize) -> Self {
        let catalog = Catalog { rows: Vec::with_capacity(capacity), ..Catalog::default() };
        Self {
            site,
            catalog,
            term_variants: TermVariants::new(site.taxonomies.len()),
            buffer: Vec::new(),
        }
    }

    /// Adds an article. Must be called in the order of the paths.
    pub(crate) fn add(&mut self, path: &str, record: &ArticleRecord<'_>) {
        let row =
            self.catalog.store_article(&mut self.term_variants, &mut self.buffer, path, record);
        self.catalog.rows.push(row);
    }

    /// Adds an `_index.md`.
    pub(crate) fn add_term_page(&mut self, page: TermPage) {
        self.catalog.term_pages.insert((page.taxonomy, page.key.clone()), page);
    }

    /// Adds an article that was taken down.
    pub(crate) fn add_tombstone(&mut self, tombstone: Tombstone) {
        self.catalog.tombstones.push(tombstone);
    }

    /// Sorts the articles, resolves the names of the terms, and hashes the teasers.
    pub(crate) fn finish(self) -> Catalog {
        self.finish_with_term_variants().0
    }

    /// As [`Self::finish`], but also returns the spellings of the terms, which [`Catalog::amend`]
    /// needs.
    pub(crate) fn finish_with_term_variants(mut self) -> (Catalog, TermVariants) {
        self.sort();
        self.resolve_terms();
        let Self { site, mut catalog, term_variants, .. } = self;
        catalog.by_taxonomy = vec![Vec::new(); site.taxonomies.len()];
        for (id, term) in catalog.terms.iter().enumerate() {
            catalog.by_taxonomy[term.taxonomy].push(id as TermId);
        }
        for ids in &mut catalog.by_taxonomy {
            ids.sort_by(|&a, &b| {
                catalog.terms[a as usize].slug.cmp(&catalog.terms[b as usize].slug)
            });
        }
        catalog.article_terms.shrink_to_fit();
        let teaser_taxonomies = teaser_taxonomies(site);
        let teaser_hashes: Vec<Fingerprint> = (0..catalog.rows.len() as ArticleId)
            .into_par_iter()
            .with_min_len(1024)
            .map(|id| teaser_hash(&catalog.article(id), &teaser_taxonomies))
            .collect();
        for (row, hash) in catalog.rows.iter_mut().zip(teaser_hashes) {
            row.teaser_hash = hash;
        }
        catalog.translations = find_translations(&catalog);
        (catalog, term_variants)
    }

    /// Sorts the rows by day, time and path. They were added in the order of their paths.
    fn sort(&mut self) {
        let rows = &mut self.catalog.rows;
        let mut order: Vec<(i32, i64, ArticleId)> = rows
            .iter()
            .enumerate()
            .map(|(index, row)| (row.day, row.date, index as ArticleId))
            .collect();
        order.par_sort_unstable();
        *rows = order.iter().map(|&(_, _, index)| rows[index as usize].clone()).collect();
        self.catalog.ids_by_path = vec![0; order.len()];
        for (id, (_, _, index)) in order.into_iter().enumerate() {
            self.catalog.ids_by_path[index as usize] = id as ArticleId;
        }
        self.catalog.count_articles();
    }

    fn resolve_terms(&mut self) {
        let Catalog { terms, term_pages, rows, article_terms, .. } = &mut self.catalog;
        self.term_variants.assign_names(terms, |_| true);
        for term in terms.iter_mut() {
            let page = term_pages.remove(&(term.taxonomy, term.slug.clone()));
            term.resolve_name(page, configured_name(self.site, term.taxonomy, &term.slug));
            term.article_ids = Vec::with_capacity(term.article_count as usize);
        }
        for (id, row) in rows.iter().enumerate() {
            for &term in &article_terms[row.term_range()] {
                terms[term as usize].article_ids.push(id as ArticleId);
            }
        }
    }
}

/// Returns the name of a term in the settings, where only sections can have one.
pub(super) fn configured_name<'s>(site: &'s Site, taxonomy: usize, slug: &str) -> Option<&'s str> {
    let mut sections =
        site.config.sections.iter().filter(|_| Some(taxonomy) == site.taxonomy_index(SECTIONS));
    sections.find(|item| item.slug == slug)?.name.as_deref()
}

impl Catalog {
    /// Adds the texts and the terms of an article, and returns its row, which the caller adds.
    pub(super) fn store_article(
        &mut self,
        term_variants: &mut TermVariants,
        buffer: &mut Vec<u8>,
        path: &str,
        record: &ArticleRecord<'_>,
    ) -> ArticleRow {
        let first_term = self.article_terms.len();
        for &(taxonomy, name) in &record.terms {
            let Some(id) = term_variants.intern(&mut self.terms, taxonomy, name) else { continue };
            if !self.article_terms[first_term..].contains(&id)
                && self.article_terms.len() - first_term < usize::from(u16::MAX)
            {
                self.terms[id as usize].article_count += 1;
                self.article_terms.push(id);
            }
        }
        self.article_terms[first_term..].sort_by_key(|&id| self.terms[id as usize].taxonomy);
        EncodedArticle::encode(buffer, path, record.encoded_details);
        ArticleRow {
            arena_position: self.arena.push(buffer),
            date: record.date.seconds,
            day: record.day,
            first_term: first_term as u32,
            term_count: (self.article_terms.len() - first_term) as u16,
            lang: self.intern_language(record.lang),
            flags: record.flags,
            content_hash: record.content_hash,
            teaser_hash: Fingerprint::default(),
        }
    }

    fn intern_language(&mut self, lang: &str) -> LangId {
        let index =
            self.languages.iter().position(|language| *language == lang).unwrap_or_else(|| {
                self.languages.push(lang.to_owned());
                self.languages.len() - 1
            });
        index as LangId
    }
}

/// Returns the taxonomies whose terms a teaser shows.
pub(super) fn teaser_taxonomies(site: &Site) -> [Option<usize>; 2] {
    [site.taxonomy_index(SECTIONS), site.taxonomy_index(AUTHORS)]
}

/// The maximum number of languages in which an article has translations.
const MAX_LANGUAGES: usize = 64;

/// Pairs each article with its translations: the articles with the same translation key in other
/// languages, the first of each language.
pub(super) fn find_translations(catalog: &Catalog) -> Vec<(ArticleId, ArticleId)> {
    if catalog.languages.len() < 2 {
        return Vec::new();
    }
    let key = |article: Article<'_>| {
        Some((Fingerprint::hash_bytes(article.translation_key()?.as_bytes()).0, article.id))
    };
    let ids = catalog.ids_with_pages().into_par_iter().with_min_len(1024);
    let mut keyed: Vec<(u64, ArticleId)> = ids.filter_map(|id| key(catalog.article(id))).collect();
    keyed.par_sort_unstable();
    let mut translations = Vec::new();
    for group in keyed.chunk_by(|a, b| a.0 == b.0).filter(|group| group.len() > 1) {
        let mut firsts: Vec<(LangId, ArticleId)> = Vec::new();
        for &(_, id) in group {
            let lang = catalog.rows[id as usize].lang;
            if firsts.len() < MAX_LANGUAGES && firsts.iter().all(|(other, _)| *other != lang) {
                firsts.push((lang, id));
            }
        }
        for &(_, id) in group {
            let lang = catalog.rows[id as usize].lang;
            translations.extend(
                firsts.iter().filter(|(other, _)| *other != lang).map(|(_, other)| (id, *other)),
            );
        }
    }
    translations.sort_unstable();
    translations
}

/// Returns the hash of everything that other pages show of an article.
pub(super) fn teaser_hash(article: &Article<'_>, taxonomies: &[Option<usize>]) -> Fingerprint {
    let mut hash = Fingerprinter::new();
    hash.text(article.permalink())
        .text(article.title())
        .optional(article.standfirst())
        .optional(article.dateline_location());
    hash.text(article.lang())
        .number(article.date().seconds as u64)
        .number(u64::from(article.date().day_only));
    for term in article.terms().filter(|term| taxonomies.contains(&Some(term.taxonomy))) {
        hash.text(&term.slug).text(&term.name);
    }
    // Lists mark retracted articles.
    if article.flags().contains(Flags::RETRACTED) {
        hash.number(1);
    }
    if let Some(image) = article.image() {
        hash.text(&image.src)
            .text(&image.alt)
            .optional(image.caption.as_deref())
            .optional(image.credit.as_deref())
            .optional(image.srcset.as_deref());
        let (width, height) = image.size.unwrap_or_default();
        hash.number(u64::from(width)).number(u64::from(height));
    }
    hash.finish()
}

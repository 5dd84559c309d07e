//! How the catalog comes to be: records are added in the order of their files and sorted once.

use rayon::prelude::*;

use super::record::{ArticleRecord, Flags, TermPage, Tombstone, path_to_store};
use super::terms::TermVariants;
use super::{Article, ArticleId, ArticleRow, Catalog, TermId};
use crate::config::{AUTHORS, SECTIONS, Site};
use crate::model::codec::Encode;
use crate::model::{Fingerprint, Fingerprinter};

/// Gathers articles.
#[derive(Debug)]
pub(crate) struct CatalogBuilder<'a> {
    site: &'a Site,
    catalog: Catalog,
    term_variants: TermVariants,
    buffer: Vec<u8>,
}

impl<'a> CatalogBuilder<'a> {
    /// An empty catalog with room for so many articles.
    pub(crate) fn new(site: &'a Site, capacity: usize) -> Self {
        let catalog = Catalog { rows: Vec::with_capacity(capacity), ..Catalog::default() };
        Self {
            site,
            catalog,
            term_variants: TermVariants::new(site.taxonomies.len()),
            buffer: Vec::new(),
        }
    }

    /// Adds the article of a file. Files come in the order of their paths.
    pub(crate) fn add(&mut self, path: &str, record: &ArticleRecord<'_>) {
        let row =
            self.catalog.store_article(&mut self.term_variants, &mut self.buffer, path, record);
        self.catalog.rows.push(row);
    }

    /// Adds a term's own page.
    pub(crate) fn add_term_page(&mut self, page: TermPage) {
        self.catalog.term_pages.insert((page.taxonomy, page.key.clone()), page);
    }

    /// Adds what stands in the place of a story that was taken down.
    pub(crate) fn add_tombstone(&mut self, tombstone: Tombstone) {
        self.catalog.tombstones.push(tombstone);
    }

    /// Sorts the articles, settles the names of terms, and fingerprints what other pages see.
    pub(crate) fn finish(self) -> Catalog {
        self.finish_with_term_variants().0
    }

    /// As [`Builder::finish`], with what is needed to amend the catalog later.
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

    /// Puts the rows into order, by day, time and path. They came in the order of their paths.
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
            for &term in &article_terms[row.first_term as usize..][..row.term_count as usize] {
                terms[term as usize].article_ids.push(id as ArticleId);
            }
        }
    }
}

/// The name that the site's settings give a term: only sections have one.
pub(super) fn configured_name<'s>(site: &'s Site, taxonomy: usize, slug: &str) -> Option<&'s str> {
    let mut sections =
        site.config.sections.iter().filter(|_| Some(taxonomy) == site.taxonomy_index(SECTIONS));
    sections.find(|item| item.slug == slug)?.name.as_deref()
}

impl Catalog {
    /// Keeps an article, and makes the row that it is to have.
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
        buffer.clear();
        buffer.text(path_to_store(path, record.encoded_details));
        buffer.extend_from_slice(record.encoded_details);
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

    fn intern_language(&mut self, lang: &str) -> u16 {
        let index =
            self.languages.iter().position(|language| *language == lang).unwrap_or_else(|| {
                self.languages.push(lang.to_owned());
                self.languages.len() - 1
            });
        index as u16
    }
}

/// The taxonomies whose terms a teaser shows.
pub(super) fn teaser_taxonomies(site: &Site) -> [Option<usize>; 2] {
    [site.taxonomy_index(SECTIONS), site.taxonomy_index(AUTHORS)]
}

/// In how many languages one story is looked for.
const MAX_LANGUAGES: usize = 64;

/// The stories that share an id, or name one, in several languages: of each language the first.
pub(super) fn find_translations(catalog: &Catalog) -> Vec<(ArticleId, ArticleId)> {
    if catalog.languages.len() < 2 {
        return Vec::new();
    }
    let key = |article: Article<'_>| {
        Some((Fingerprint::hash_bytes(article.translation_key()?.as_bytes()).0, article.id))
    };
    let ids = catalog.ids().into_par_iter().with_min_len(1024);
    let mut keyed: Vec<(u64, ArticleId)> = ids.filter_map(|id| key(catalog.article(id))).collect();
    keyed.par_sort_unstable();
    let mut translations = Vec::new();
    for group in keyed.chunk_by(|a, b| a.0 == b.0).filter(|group| group.len() > 1) {
        let mut firsts: Vec<(u16, ArticleId)> = Vec::new();
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

/// The fingerprint of all that other pages may see of a story.
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
    // Lists mark what was retracted.
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

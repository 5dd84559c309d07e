//! How the catalog comes to be: records are added in the order of their files and sorted once.

use rayon::prelude::*;

use super::record::{ArticleRecord, Flags, TermPage, Tombstone, path_to_keep};
use super::terms::Spellings;
use super::{Catalog, Row, RowId, Story, TermId};
use crate::model::codec::Encode;
use crate::model::{Fingerprint, Fingerprinter};
use crate::site::{AUTHORS, SECTIONS, Site};

/// Gathers articles.
#[derive(Debug)]
pub struct Builder<'a> {
    site: &'a Site,
    catalog: Catalog,
    spellings: Spellings,
    buffer: Vec<u8>,
}

impl<'a> Builder<'a> {
    /// An empty catalog with room for so many articles.
    pub fn new(site: &'a Site, articles: usize) -> Self {
        let catalog = Catalog { rows: Vec::with_capacity(articles), ..Catalog::default() };
        Self { site, catalog, spellings: Spellings::new(site.taxonomies.len()), buffer: Vec::new() }
    }

    /// Adds the article of a file. Files come in the order of their paths.
    pub fn add(&mut self, path: &str, record: &ArticleRecord<'_>) {
        let row = self.catalog.keep(&mut self.spellings, &mut self.buffer, path, record);
        self.catalog.rows.push(row);
    }

    /// Adds a term's own page.
    pub fn add_page(&mut self, page: TermPage) {
        self.catalog.pages.insert((page.taxonomy, page.key.clone()), page);
    }

    /// Adds what stands in the place of a story that was taken down.
    pub fn add_tombstone(&mut self, tombstone: Tombstone) {
        self.catalog.tombstones.push(tombstone);
    }

    /// Sorts the articles, settles the names of terms, and fingerprints what other pages see.
    pub fn finish(self) -> Catalog {
        self.finish_to_amend().0
    }

    /// As [`Builder::finish`], with what is needed to amend the catalog later.
    pub fn finish_to_amend(mut self) -> (Catalog, Spellings) {
        self.sort();
        self.settle_terms();
        let Self { site, mut catalog, spellings, .. } = self;
        catalog.by_taxonomy = vec![Vec::new(); site.taxonomies.len()];
        for (id, term) in catalog.terms.iter().enumerate() {
            catalog.by_taxonomy[term.taxonomy].push(id as TermId);
        }
        for ids in &mut catalog.by_taxonomy {
            ids.sort_by(|&a, &b| catalog.terms[a as usize].slug.cmp(&catalog.terms[b as usize].slug));
        }
        catalog.row_terms.shrink_to_fit();
        let shown = shown(site);
        let teasers: Vec<Fingerprint> = (0..catalog.rows.len() as RowId)
            .into_par_iter()
            .with_min_len(1024)
            .map(|id| teaser(&catalog.story(id), &shown))
            .collect();
        for (row, teaser) in catalog.rows.iter_mut().zip(teasers) {
            row.teaser = teaser;
        }
        catalog.translations = translations(&catalog);
        (catalog, spellings)
    }

    /// Puts the rows into order, by day, time and path. They came in the order of their paths.
    fn sort(&mut self) {
        let rows = &mut self.catalog.rows;
        let mut order: Vec<(i32, i64, RowId)> =
            rows.iter().enumerate().map(|(at, row)| (row.day, row.date, at as RowId)).collect();
        order.par_sort_unstable();
        *rows = order.iter().map(|&(_, _, at)| rows[at as usize].clone()).collect();
        self.catalog.by_path = vec![0; order.len()];
        for (row, (_, _, at)) in order.into_iter().enumerate() {
            self.catalog.by_path[at as usize] = row as RowId;
        }
    }

    fn settle_terms(&mut self) {
        let Catalog { terms, pages, rows, row_terms, .. } = &mut self.catalog;
        self.spellings.name(terms, |_| true);
        for term in terms.iter_mut() {
            let page = pages.remove(&(term.taxonomy, term.slug.clone()));
            term.settle(page, configured_name(self.site, term.taxonomy, &term.slug));
            term.rows = Vec::with_capacity(term.stories as usize);
        }
        for (id, row) in rows.iter().enumerate() {
            for &term in &row_terms[row.first_term as usize..][..row.terms as usize] {
                terms[term as usize].rows.push(id as RowId);
            }
        }
    }
}

/// The name that the site's settings give a term: only sections have one.
pub(super) fn configured_name<'s>(site: &'s Site, taxonomy: usize, slug: &str) -> Option<&'s str> {
    let mut sections = site.config.sections.iter().filter(|_| Some(taxonomy) == site.taxonomy(SECTIONS));
    sections.find(|item| item.slug == slug)?.name.as_deref()
}

impl Catalog {
    /// Keeps an article, and makes the row that it is to have.
    pub(super) fn keep(
        &mut self,
        spellings: &mut Spellings,
        buffer: &mut Vec<u8>,
        path: &str,
        record: &ArticleRecord<'_>,
    ) -> Row {
        let first_term = self.row_terms.len();
        for &(taxonomy, name) in &record.terms {
            let Some(id) = spellings.read(&mut self.terms, taxonomy, name) else { continue };
            if !self.row_terms[first_term..].contains(&id)
                && self.row_terms.len() - first_term < usize::from(u16::MAX)
            {
                self.terms[id as usize].stories += 1;
                self.row_terms.push(id);
            }
        }
        self.row_terms[first_term..].sort_by_key(|&id| self.terms[id as usize].taxonomy);
        buffer.clear();
        buffer.text(path_to_keep(path, record.kept));
        buffer.extend_from_slice(record.kept);
        Row {
            kept: self.arena.push(buffer),
            date: record.date.seconds,
            day: record.day,
            first_term: first_term as u32,
            terms: (self.row_terms.len() - first_term) as u16,
            lang: self.language(record.lang),
            flags: record.flags,
            content: record.content,
            teaser: Fingerprint::default(),
        }
    }

    fn language(&mut self, lang: &str) -> u16 {
        let at = self.languages.iter().position(|known| *known == lang).unwrap_or_else(|| {
            self.languages.push(lang.to_owned());
            self.languages.len() - 1
        });
        at as u16
    }
}

/// The taxonomies whose terms a teaser shows.
pub(super) fn shown(site: &Site) -> [Option<usize>; 2] {
    [site.taxonomy(SECTIONS), site.taxonomy(AUTHORS)]
}

/// In how many languages one story is looked for.
const LANGUAGES: usize = 64;

/// The stories that share an id, or name one, in several languages: of each language the first.
pub(super) fn translations(catalog: &Catalog) -> Vec<(RowId, RowId)> {
    if catalog.languages.len() < 2 {
        return Vec::new();
    }
    let key = |story: Story<'_>| Some((Fingerprint::of(story.translation_key()?.as_bytes()).0, story.id));
    let rows = catalog.all().into_par_iter().with_min_len(1024);
    let mut keyed: Vec<(u64, RowId)> = rows.filter_map(|row| key(catalog.story(row))).collect();
    keyed.par_sort_unstable();
    let mut pairs = Vec::new();
    for group in keyed.chunk_by(|one, other| one.0 == other.0).filter(|group| group.len() > 1) {
        let mut firsts: Vec<(u16, RowId)> = Vec::new();
        for &(_, row) in group {
            let lang = catalog.rows[row as usize].lang;
            if firsts.len() < LANGUAGES && firsts.iter().all(|(known, _)| *known != lang) {
                firsts.push((lang, row));
            }
        }
        for &(_, row) in group {
            let lang = catalog.rows[row as usize].lang;
            pairs.extend(firsts.iter().filter(|(other, _)| *other != lang).map(|(_, other)| (row, *other)));
        }
    }
    pairs.sort_unstable();
    pairs
}

/// The fingerprint of all that other pages may see of a story.
pub(super) fn teaser(story: &Story<'_>, shown: &[Option<usize>]) -> Fingerprint {
    let mut hash = Fingerprinter::new();
    hash.text(story.permalink()).text(story.title()).optional(story.standfirst()).optional(story.place());
    hash.text(story.lang()).number(story.date().seconds as u64).number(u64::from(story.date().day_only));
    for term in story.terms().filter(|term| shown.contains(&Some(term.taxonomy))) {
        hash.text(&term.slug).text(&term.name);
    }
    // Lists mark what was retracted.
    if story.flags().has(Flags::RETRACTED) {
        hash.number(1);
    }
    if let Some(image) = story.image() {
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

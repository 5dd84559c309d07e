//! How the catalog comes to be: records are added in the order of their files and sorted once.

use std::collections::HashMap;

use rayon::prelude::*;

use super::record::{ArticleRecord, Flags, TermPage, Tombstone, path_to_keep};
use super::{Arena, Catalog, Row, RowId, Story, Term, TermId};
use crate::model::codec::Encode;
use crate::model::slug::term_key;
use crate::model::{Fingerprint, Fingerprinter};
use crate::site::{AUTHORS, SECTIONS, Site};

/// Gathers articles.
#[derive(Debug)]
pub struct Builder<'a> {
    site: &'a Site,
    arena: Arena,
    rows: Vec<Row>,
    row_terms: Vec<TermId>,
    terms: Vec<Term>,
    /// Terms by their key, and spellings with the term they stand for and how often they were used; by taxonomy.
    keys: Vec<HashMap<String, TermId>>,
    spellings: Vec<HashMap<String, (TermId, u32)>>,
    languages: Vec<String>,
    pages: HashMap<(usize, String), TermPage>,
    tombstones: Vec<Tombstone>,
    buffer: Vec<u8>,
}

impl<'a> Builder<'a> {
    /// An empty catalog with room for so many articles.
    pub fn new(site: &'a Site, articles: usize) -> Self {
        Self {
            site,
            arena: Arena::default(),
            rows: Vec::with_capacity(articles),
            row_terms: Vec::new(),
            terms: Vec::new(),
            keys: vec![HashMap::new(); site.taxonomies.len()],
            spellings: vec![HashMap::new(); site.taxonomies.len()],
            languages: Vec::new(),
            pages: HashMap::new(),
            tombstones: Vec::new(),
            buffer: Vec::new(),
        }
    }

    /// Adds the article of a file. Files come in the order of their paths.
    pub fn add(&mut self, path: &str, record: &ArticleRecord<'_>) {
        let first_term = self.row_terms.len();
        for &(taxonomy, name) in &record.terms {
            let Some(id) = self.term(taxonomy, name) else { continue };
            if !self.row_terms[first_term..].contains(&id)
                && self.row_terms.len() - first_term < usize::from(u16::MAX)
            {
                self.terms[id as usize].stories += 1;
                self.row_terms.push(id);
            }
        }
        self.row_terms[first_term..].sort_by_key(|&id| self.terms[id as usize].taxonomy);
        self.buffer.clear();
        self.buffer.text(path_to_keep(path, record.kept));
        self.buffer.extend_from_slice(record.kept);
        let kept = self.arena.push(&self.buffer);
        let lang = self.language(record.lang);
        self.rows.push(Row {
            kept,
            date: record.date.seconds,
            day: record.day,
            first_term: first_term as u32,
            terms: (self.row_terms.len() - first_term) as u16,
            lang,
            flags: record.flags,
            content: record.content,
            teaser: Fingerprint::default(),
        });
    }

    /// Adds a term's own page.
    pub fn add_page(&mut self, page: TermPage) {
        self.pages.insert((page.taxonomy, page.key.clone()), page);
    }

    /// Adds what stands in the place of a story that was taken down.
    pub fn add_tombstone(&mut self, tombstone: Tombstone) {
        self.tombstones.push(tombstone);
    }

    fn term(&mut self, taxonomy: usize, name: &str) -> Option<TermId> {
        if let Some((id, times)) = self.spellings.get_mut(taxonomy)?.get_mut(name) {
            *times += 1;
            return Some(*id);
        }
        let key = term_key(name);
        let id = match self.keys[taxonomy].get(&key) {
            Some(&id) => id,
            None => {
                self.terms.push(Term::new(taxonomy, key.clone()));
                let id = self.terms.len() as TermId - 1;
                self.keys[taxonomy].insert(key, id);
                id
            }
        };
        self.spellings[taxonomy].insert(name.to_owned(), (id, 1));
        Some(id)
    }

    fn language(&mut self, lang: &str) -> u16 {
        let at = self.languages.iter().position(|known| *known == lang).unwrap_or_else(|| {
            self.languages.push(lang.to_owned());
            self.languages.len() - 1
        });
        at as u16
    }

    /// Sorts the articles, settles the names of terms, and fingerprints what other pages see.
    pub fn finish(mut self) -> Catalog {
        let by_path = self.sort();
        self.settle_terms();
        let mut by_taxonomy = vec![Vec::new(); self.site.taxonomies.len()];
        for (id, term) in self.terms.iter().enumerate() {
            by_taxonomy[term.taxonomy].push(id as TermId);
        }
        for ids in &mut by_taxonomy {
            ids.sort_by(|&a, &b| self.terms[a as usize].slug.cmp(&self.terms[b as usize].slug));
        }
        self.row_terms.shrink_to_fit();
        let mut catalog = Catalog {
            arena: self.arena,
            rows: self.rows,
            row_terms: self.row_terms,
            terms: self.terms,
            by_taxonomy,
            languages: self.languages,
            by_path,
            translations: Vec::new(),
            pages: self.pages,
            tombstones: self.tombstones,
            names: std::sync::OnceLock::new(),
        };
        let shown = shown(self.site);
        let teasers: Vec<Fingerprint> = (0..catalog.rows.len() as RowId)
            .into_par_iter()
            .with_min_len(1024)
            .map(|id| teaser(&catalog.story(id), &shown))
            .collect();
        for (row, teaser) in catalog.rows.iter_mut().zip(teasers) {
            row.teaser = teaser;
        }
        catalog.translations = translations(&catalog);
        catalog
    }

    /// Puts the rows into order, by day, time and path; gives the rows in the order of their paths, in which they came.
    fn sort(&mut self) -> Vec<RowId> {
        let mut order: Vec<(i32, i64, RowId)> =
            self.rows.iter().enumerate().map(|(at, row)| (row.day, row.date, at as RowId)).collect();
        order.par_sort_unstable();
        self.rows = order.iter().map(|&(_, _, at)| self.rows[at as usize].clone()).collect();
        let mut by_path = vec![0; order.len()];
        for (row, (_, _, at)) in order.into_iter().enumerate() {
            by_path[at as usize] = row as RowId;
        }
        by_path
    }

    fn settle_terms(&mut self) {
        for spellings in &self.spellings {
            for (name, &(id, times)) in spellings {
                self.terms[id as usize].spelled(name, times);
            }
        }
        let sections = self.site.taxonomy(SECTIONS);
        for term in &mut self.terms {
            let fits = |item: &&crate::site::NavItem| item.slug == term.slug;
            let configured = self.site.config.sections.iter().find(fits);
            let configured = configured.filter(|_| Some(term.taxonomy) == sections);
            let page = self.pages.remove(&(term.taxonomy, term.slug.clone()));
            term.settle(page, configured.and_then(|item| item.name.as_deref()));
            term.rows = Vec::with_capacity(term.stories as usize);
        }
        for (id, row) in self.rows.iter().enumerate() {
            for &term in &self.row_terms[row.first_term as usize..][..row.terms as usize] {
                self.terms[term as usize].rows.push(id as RowId);
            }
        }
    }
}

impl Catalog {
    /// Puts another record in the place of a story's that stays where it is ([`super::record::same_place`]). Tells whether there is such a story.
    pub fn replace(&mut self, site: &Site, path: &str, record: &ArticleRecord<'_>) -> bool {
        let Some(row) = self.by_path(path).map(|story| story.id) else { return false };
        let mut bytes = Vec::with_capacity(record.kept.len() + path.len() + 2);
        bytes.text(path_to_keep(path, record.kept));
        bytes.extend_from_slice(record.kept);
        let kept = self.arena.push(&bytes);
        let at = row as usize;
        self.rows[at] = Row { kept, content: record.content, flags: record.flags, ..self.rows[at].clone() };
        self.rows[at].teaser = teaser(&self.story(row), &shown(site));
        true
    }
}

/// The taxonomies whose terms a teaser shows.
fn shown(site: &Site) -> [Option<usize>; 2] {
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
    let mut keyed: Vec<(u64, RowId)> = catalog.stories(catalog.all()).filter_map(key).collect();
    keyed.sort_unstable();
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
fn teaser(story: &Story<'_>, shown: &[Option<usize>]) -> Fingerprint {
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

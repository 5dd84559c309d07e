//! How the catalog comes to be: articles are added in any order and sorted once.

use std::collections::HashMap;

use super::{Arena, Catalog, NONE, Row, RowId, Term, TermId};
use crate::content::Article;
use crate::model::slug::term_key;
use crate::model::{Fingerprint, Fingerprinter, Image};
use crate::site::{AUTHORS, SECTIONS, Site};

/// An article on its way into the catalog.
#[derive(Debug)]
pub struct Entry {
    /// The file, relative to `content/`.
    pub path: String,
    /// The article.
    pub article: Article,
    /// Its main picture with the published address.
    pub image: Option<Image>,
    /// The hash of the file and of the pictures it shows.
    pub content: Fingerprint,
    /// Whether its body links to other stories by their files.
    pub story_links: bool,
}

/// What a term's or section's own `_index.md` says.
#[derive(Clone, Debug)]
pub struct TermPage {
    /// The file, relative to `content/`.
    pub path: String,
    /// The name to show.
    pub title: Option<String>,
    /// One sentence about it.
    pub description: Option<String>,
    /// The hash of the file.
    pub content: Fingerprint,
}

/// Gathers articles.
#[derive(Debug)]
pub struct Builder<'a> {
    site: &'a Site,
    arena: Arena,
    rows: Vec<Row>,
    row_terms: Vec<TermId>,
    terms: Vec<Term>,
    known: HashMap<(usize, String), TermId>,
    languages: Vec<String>,
    images: Vec<Image>,
}

impl<'a> Builder<'a> {
    /// An empty catalog of a site.
    pub fn new(site: &'a Site) -> Self {
        Self {
            site,
            arena: Arena::default(),
            rows: Vec::new(),
            row_terms: Vec::new(),
            terms: Vec::new(),
            known: HashMap::new(),
            languages: Vec::new(),
            images: Vec::new(),
        }
    }

    /// Adds an article.
    pub fn add(&mut self, entry: Entry) {
        let Entry { path, article, image, content, story_links } = entry;
        let first_term = self.row_terms.len() as u32;
        let mut terms: Vec<TermId> = Vec::new();
        for (taxonomy, name) in article.terms {
            let id = self.term(taxonomy, name);
            if !terms.contains(&id) && terms.len() < usize::from(u16::MAX) {
                terms.push(id);
            }
        }
        terms.sort_by_key(|&id| self.terms[id as usize].taxonomy);
        self.row_terms.extend(&terms);
        let image = image.map_or(NONE, |image| {
            self.images.push(image);
            self.images.len() as u32 - 1
        });
        let lang = self.language(article.lang);
        let mut text = |text: Option<&str>| self.arena.push(text.unwrap_or_default());
        self.rows.push(Row {
            path: text(Some(&path)),
            permalink: text(Some(article.permalink.as_str())),
            title: text(Some(&article.title)),
            standfirst: text(article.standfirst.as_deref()),
            place: text(article.dateline.as_deref()),
            id: text(article.id.as_deref()),
            date: article.date,
            updated: article.updated,
            day: article.day.number(),
            lang,
            first_term,
            terms: terms.len() as u16,
            image,
            story_links,
            content,
            teaser: Fingerprint::default(),
        });
    }

    fn term(&mut self, taxonomy: usize, name: String) -> TermId {
        let id = match self.known.get(&(taxonomy, term_key(&name))) {
            Some(&id) => id,
            None => {
                let slug = term_key(&name);
                self.terms.push(Term::new(taxonomy, slug.clone()));
                let id = self.terms.len() as TermId - 1;
                self.known.insert((taxonomy, slug), id);
                id
            }
        };
        self.terms[id as usize].spelled(name);
        id
    }

    fn language(&mut self, lang: String) -> u16 {
        let at = self.languages.iter().position(|known| *known == lang).unwrap_or_else(|| {
            self.languages.push(lang);
            self.languages.len() - 1
        });
        at as u16
    }

    /// Sorts the articles, settles the names of terms, and fingerprints what other pages see.
    pub fn finish(mut self, mut pages: HashMap<(usize, String), TermPage>) -> Catalog {
        let arena = &self.arena;
        self.rows
            .sort_by(|a, b| (a.date.seconds, arena.get(a.path)).cmp(&(b.date.seconds, arena.get(b.path))));
        let sections = self.site.taxonomy(SECTIONS);
        for term in &mut self.terms {
            let configured = self
                .site
                .config
                .sections
                .iter()
                .find(|item| Some(term.taxonomy) == sections && item.slug == term.slug);
            term.settle(
                pages.remove(&(term.taxonomy, term.slug.clone())),
                configured.map(|item| item.name.as_str()),
            );
        }
        for (id, row) in self.rows.iter().enumerate() {
            for &term in &self.row_terms[row.first_term as usize..][..row.terms as usize] {
                self.terms[term as usize].rows.push(id as RowId);
            }
        }
        let mut by_taxonomy = vec![Vec::new(); self.site.taxonomies.len()];
        for (id, term) in self.terms.iter().enumerate() {
            by_taxonomy[term.taxonomy].push(id as TermId);
        }
        for ids in &mut by_taxonomy {
            ids.sort_by(|&a, &b| self.terms[a as usize].slug.cmp(&self.terms[b as usize].slug));
        }
        let mut catalog = Catalog {
            arena: self.arena,
            rows: self.rows,
            row_terms: self.row_terms,
            terms: self.terms,
            by_taxonomy,
            languages: self.languages,
            images: self.images,
            by_path: Vec::new(),
            addresses: Fingerprint::default(),
        };
        seal(&mut catalog, self.site);
        catalog
    }
}

/// Fills what follows from the sorted rows: the order by path and the fingerprints.
fn seal(catalog: &mut Catalog, site: &Site) {
    let mut by_path: Vec<RowId> = catalog.all().collect();
    by_path.sort_by(|&a, &b| catalog.story(a).path().cmp(catalog.story(b).path()));
    let mut addresses = Fingerprinter::new();
    for &id in &by_path {
        let story = catalog.story(id);
        addresses.text(story.path()).text(story.permalink());
    }
    catalog.addresses = addresses.finish();
    catalog.by_path = by_path;
    let shown = [site.taxonomy(SECTIONS), site.taxonomy(AUTHORS)];
    let teasers: Vec<Fingerprint> =
        catalog.stories(catalog.all()).map(|story| teaser(&story, &shown)).collect();
    for (row, teaser) in catalog.rows.iter_mut().zip(teasers) {
        row.teaser = teaser;
    }
}

/// The fingerprint of all that other pages may see of a story.
fn teaser(story: &super::Story<'_>, shown: &[Option<usize>]) -> Fingerprint {
    let mut hash = Fingerprinter::new();
    hash.text(story.permalink()).text(story.title()).optional(story.standfirst()).optional(story.place());
    hash.text(story.lang()).number(story.date().seconds as u64).number(u64::from(story.date().day_only));
    for term in story.terms().filter(|term| shown.contains(&Some(term.taxonomy))) {
        hash.text(&term.slug).text(&term.name);
    }
    if let Some(image) = story.image() {
        hash.text(&image.src)
            .text(&image.alt)
            .optional(image.caption.as_deref())
            .optional(image.credit.as_deref());
        let (width, height) = image.size.unwrap_or_default();
        hash.number(u64::from(width)).number(u64::from(height));
    }
    hash.finish()
}

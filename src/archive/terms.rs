//! The terms of taxonomies, such as sections, tags and authors.

use std::collections::HashMap;

use super::ids::{ArticleId, TermId};
use super::record::TermPage;
use crate::model::slug::{is_preferred_name, term_key};

/// A term of a taxonomy: a section, a tag, an author.
#[derive(Debug)]
pub(crate) struct Term {
    /// The number of its taxonomy.
    pub(crate) taxonomy: usize,
    /// Its slug. Spellings with the same slug are one term.
    pub(crate) slug: String,
    /// The name that readers see: from the settings or the term's `_index.md`, or else the most
    /// frequent spelling.
    pub(crate) name: String,
    /// Its articles, oldest first.
    pub(crate) article_ids: Vec<ArticleId>,
    /// Its `_index.md`.
    pub(crate) page: Option<TermPage>,
    pub(super) article_count: u32,
    name_uses: u32,
}

impl Term {
    pub(super) fn new(taxonomy: usize, slug: String) -> Self {
        Self {
            taxonomy,
            slug,
            name: String::new(),
            article_ids: Vec::new(),
            page: None,
            article_count: 0,
            name_uses: 0,
        }
    }

    /// Makes a spelling the name if it is used more often than the current name; of equally
    /// frequent spellings, the first in alphabetical order is the name.
    pub(super) fn offer_name(&mut self, name: &str, uses: u32) {
        if is_preferred_name((name, uses), (&self.name, self.name_uses)) {
            self.name_uses = uses;
            name.clone_into(&mut self.name);
        }
    }

    /// Removes the name, so that any spelling replaces it.
    pub(super) fn clear_name(&mut self) {
        self.name.clear();
        self.name_uses = 0;
    }

    /// Sets the page, and the name if the settings or the page give one.
    pub(super) fn resolve_name(&mut self, page: Option<TermPage>, configured_name: Option<&str>) {
        if let Some(name) = configured_name.or(page.as_ref().and_then(|page| page.title.as_deref()))
        {
            name.clone_into(&mut self.name);
        }
        self.page = page;
    }
}

/// The spellings of terms in articles, by taxonomy.
#[derive(Debug, Default)]
pub(crate) struct TermVariants {
    /// The terms by their key.
    ids_by_key: Vec<HashMap<String, TermId>>,
    /// The terms by their spellings, and the number of uses of each spelling.
    variants: Vec<HashMap<String, (TermId, u32)>>,
}

impl TermVariants {
    pub(super) fn new(taxonomy_count: usize) -> Self {
        Self {
            ids_by_key: vec![HashMap::new(); taxonomy_count],
            variants: vec![HashMap::new(); taxonomy_count],
        }
    }

    /// Returns the term of a spelling in an article, and adds it if there is none. Returns `None`
    /// if there is no such taxonomy.
    pub(super) fn intern(
        &mut self,
        terms: &mut Vec<Term>,
        taxonomy: usize,
        name: &str,
    ) -> Option<TermId> {
        let variants = self.variants.get_mut(taxonomy)?;
        if let Some((id, uses)) = variants.get_mut(name) {
            *uses += 1;
            return Some(*id);
        }
        let key = term_key(name);
        let id = match self.ids_by_key[taxonomy].get(&key) {
            Some(&id) => id,
            None => {
                terms.push(Term::new(taxonomy, key.clone()));
                let id = terms.len() as TermId - 1;
                self.ids_by_key[taxonomy].insert(key, id);
                id
            }
        };
        variants.insert(name.to_owned(), (id, 1));
        Some(id)
    }

    /// Removes one use of a spelling, and returns its term.
    pub(super) fn release(&mut self, taxonomy: usize, name: &str) -> Option<TermId> {
        let variants = self.variants.get_mut(taxonomy)?;
        let (id, uses) = variants.get_mut(name)?;
        let id = *id;
        *uses -= 1;
        if *uses == 0 {
            variants.remove(name);
        }
        Some(id)
    }

    /// Sets the names of some terms to their most frequent spellings.
    pub(super) fn assign_names(&self, terms: &mut [Term], is_affected: impl Fn(TermId) -> bool) {
        for (name, &(id, uses)) in
            self.variants.iter().flatten().filter(|(_, (id, _))| is_affected(*id))
        {
            terms[id as usize].offer_name(name, uses);
        }
    }
}

//! Terms: what stories are filed under.

use std::collections::HashMap;

use super::ArticleId;
use super::record::TermPage;
use crate::model::slug::{is_preferred_name, term_key};

/// The number of a term, over all taxonomies.
pub(crate) type TermId = u32;

/// One term: a tag, a section, a byline.
#[derive(Debug)]
pub struct Term {
    /// The number of its taxonomy.
    pub taxonomy: usize,
    /// Its slug, which is also what makes two spellings one term.
    pub slug: String,
    /// Its name as readers see it: as its own page has it, else as most often written.
    pub name: String,
    /// Its stories, oldest first.
    pub article_ids: Vec<ArticleId>,
    /// What its `_index.md` says.
    pub page: Option<TermPage>,
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

    /// Hears how often a spelling was used: the most frequent one is the name, of equals the first
    /// in the alphabet.
    pub(super) fn offer_name(&mut self, name: &str, uses: u32) {
        if is_preferred_name((name, uses), (&self.name, self.name_uses)) {
            self.name_uses = uses;
            name.clone_into(&mut self.name);
        }
    }

    /// Forgets its name.
    pub(super) fn clear_name(&mut self) {
        self.name.clear();
        self.name_uses = 0;
    }

    /// Takes the name that the site or the term's own page gives it.
    pub(super) fn resolve_name(&mut self, page: Option<TermPage>, configured_name: Option<&str>) {
        if let Some(name) = configured_name.or(page.as_ref().and_then(|page| page.title.as_deref()))
        {
            name.clone_into(&mut self.name);
        }
        self.page = page;
    }
}

/// How stories write their terms, by taxonomy.
#[derive(Debug, Default)]
pub struct TermVariants {
    /// Terms by their key.
    ids_by_key: Vec<HashMap<String, TermId>>,
    /// The term that a spelling stands for, and how often it was used.
    variants: Vec<HashMap<String, (TermId, u32)>>,
}

impl TermVariants {
    pub(super) fn new(taxonomy_count: usize) -> Self {
        Self {
            ids_by_key: vec![HashMap::new(); taxonomy_count],
            variants: vec![HashMap::new(); taxonomy_count],
        }
    }

    /// The term that a story means by a name: a new one, if there is none yet.
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

    /// Takes back one use of a name; gives the term that it was used for.
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

    /// Names some terms anew as they are most often written.
    pub(super) fn assign_names(&self, terms: &mut [Term], is_affected: impl Fn(TermId) -> bool) {
        for (name, &(id, uses)) in
            self.variants.iter().flatten().filter(|(_, (id, _))| is_affected(*id))
        {
            terms[id as usize].offer_name(name, uses);
        }
    }
}

//! Terms: what stories are filed under.

use std::collections::HashMap;

use super::RowId;
use super::record::TermPage;
use crate::model::slug::{is_rather_the_name, term_key};

/// The number of a term, over all taxonomies.
pub type TermId = u32;

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
    pub rows: Vec<RowId>,
    /// What its `_index.md` says.
    pub page: Option<TermPage>,
    pub(super) stories: u32,
    most: u32,
}

impl Term {
    pub(super) fn new(taxonomy: usize, slug: String) -> Self {
        Self { taxonomy, slug, name: String::new(), rows: Vec::new(), page: None, stories: 0, most: 0 }
    }

    /// Hears how often a spelling was used: the most frequent one is the name, of equals the first in the alphabet.
    pub(super) fn spelled(&mut self, name: &str, times: u32) {
        if is_rather_the_name((name, times), (&self.name, self.most)) {
            self.most = times;
            name.clone_into(&mut self.name);
        }
    }

    /// Forgets its name.
    pub(super) fn unname(&mut self) {
        self.name.clear();
        self.most = 0;
    }

    /// Takes the name that the site or the term's own page gives it.
    pub(super) fn settle(&mut self, page: Option<TermPage>, configured: Option<&str>) {
        if let Some(name) = configured.or(page.as_ref().and_then(|page| page.title.as_deref())) {
            name.clone_into(&mut self.name);
        }
        self.page = page;
    }
}

/// How stories write their terms, by taxonomy.
#[derive(Debug, Default)]
pub struct Spellings {
    /// Terms by their key.
    keys: Vec<HashMap<String, TermId>>,
    /// The term that a spelling stands for, and how often it was used.
    written: Vec<HashMap<String, (TermId, u32)>>,
}

impl Spellings {
    pub(super) fn new(taxonomies: usize) -> Self {
        Self { keys: vec![HashMap::new(); taxonomies], written: vec![HashMap::new(); taxonomies] }
    }

    /// The term that a story means by a name: a new one, if there is none yet.
    pub(super) fn read(&mut self, terms: &mut Vec<Term>, taxonomy: usize, name: &str) -> Option<TermId> {
        let written = self.written.get_mut(taxonomy)?;
        if let Some((id, times)) = written.get_mut(name) {
            *times += 1;
            return Some(*id);
        }
        let key = term_key(name);
        let id = match self.keys[taxonomy].get(&key) {
            Some(&id) => id,
            None => {
                terms.push(Term::new(taxonomy, key.clone()));
                let id = terms.len() as TermId - 1;
                self.keys[taxonomy].insert(key, id);
                id
            }
        };
        written.insert(name.to_owned(), (id, 1));
        Some(id)
    }

    /// Takes back one use of a name; gives the term that it was used for.
    pub(super) fn forget(&mut self, taxonomy: usize, name: &str) -> Option<TermId> {
        let written = self.written.get_mut(taxonomy)?;
        let (id, times) = written.get_mut(name)?;
        let id = *id;
        *times -= 1;
        if *times == 0 {
            written.remove(name);
        }
        Some(id)
    }

    /// Names some terms anew as they are most often written.
    pub(super) fn name(&self, terms: &mut [Term], which: impl Fn(TermId) -> bool) {
        for (name, &(id, times)) in self.written.iter().flatten().filter(|(_, (id, _))| which(*id)) {
            terms[id as usize].spelled(name, times);
        }
    }
}

//! Terms: what stories are filed under.

use super::RowId;
use super::builder::TermPage;
use std::collections::HashMap;

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
    spellings: HashMap<String, u32>,
}

impl Term {
    pub(super) fn new(taxonomy: usize, slug: String) -> Self {
        Self { taxonomy, slug, name: String::new(), rows: Vec::new(), page: None, spellings: HashMap::new() }
    }

    pub(super) fn spelled(&mut self, name: String) {
        *self.spellings.entry(name).or_default() += 1;
    }

    /// Settles the name: the most frequent spelling, of equals the first in the alphabet.
    pub(super) fn settle(&mut self, page: Option<TermPage>, configured: Option<&str>) {
        let spellings = std::mem::take(&mut self.spellings);
        let most = spellings.into_iter().max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(&a.0)));
        self.name = most.map(|(name, _)| name).unwrap_or_default();
        if let Some(name) = configured.or(page.as_ref().and_then(|page| page.title.as_deref())) {
            name.clone_into(&mut self.name);
        }
        self.page = page;
    }
}

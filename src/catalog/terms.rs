//! Terms: what stories are filed under.

use super::RowId;
use super::record::TermPage;
use crate::model::slug::is_rather_the_name;

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

    /// Takes the name that the site or the term's own page gives it.
    pub(super) fn settle(&mut self, page: Option<TermPage>, configured: Option<&str>) {
        if let Some(name) = configured.or(page.as_ref().and_then(|page| page.title.as_deref())) {
            name.clone_into(&mut self.name);
        }
        self.page = page;
    }
}

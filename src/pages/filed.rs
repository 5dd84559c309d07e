//! What a story is filed under, as machines are told it: in the page, in feeds, as data.

use super::View;
use crate::catalog::Story;
use crate::site::{AUTHORS, SECTIONS};

/// A story's terms by what they say of it.
pub(super) struct Filed<'a> {
    pub(super) section: Option<&'a str>,
    /// Names and absolute addresses.
    pub(super) authors: Vec<(&'a str, String)>,
    /// What it is about.
    pub(super) tags: Vec<&'a str>,
}

impl<'a> Filed<'a> {
    pub(super) fn of(story: &Story<'a>, view: &'a View<'_>) -> Self {
        let site = view.site;
        let (sections, authors) = (site.taxonomy(SECTIONS), site.taxonomy(AUTHORS));
        let mut filed = Self { section: None, authors: Vec::new(), tags: Vec::new() };
        for &id in story.term_ids() {
            let term = view.catalog.term(id);
            match Some(term.taxonomy) {
                taxonomy if taxonomy == sections => filed.section = Some(&term.name),
                taxonomy if taxonomy == authors => {
                    filed.authors.push((&term.name, site.absolute(&view.term_path(id))));
                }
                _ if site.taxonomies[term.taxonomy].is_topic => filed.tags.push(&term.name),
                _ => {}
            }
        }
        filed
    }
}

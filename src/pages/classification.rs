//! What a story is filed under, as machines are told it: in the page, in feeds, as data.

use super::SiteView;
use crate::archive::Article;
use crate::config::{AUTHORS, SECTIONS};

/// A story's terms by what they say of it.
pub(super) struct Classification<'a> {
    pub(super) section: Option<&'a str>,
    /// Names and absolute addresses.
    pub(super) authors: Vec<(&'a str, String)>,
    /// What it is about.
    pub(super) tags: Vec<&'a str>,
}

impl<'a> Classification<'a> {
    pub(super) fn for_article(article: &Article<'a>, view: &'a SiteView<'_>) -> Self {
        let site = view.site;
        let (sections, authors) = (site.taxonomy_index(SECTIONS), site.taxonomy_index(AUTHORS));
        let mut classification = Self { section: None, authors: Vec::new(), tags: Vec::new() };
        for &id in article.term_ids() {
            let term = view.catalog.term(id);
            match Some(term.taxonomy) {
                taxonomy if taxonomy == sections => classification.section = Some(&term.name),
                taxonomy if taxonomy == authors => {
                    classification
                        .authors
                        .push((&term.name, site.absolute_url(&view.term_path(id))));
                }
                _ if site.taxonomies[term.taxonomy].is_topic => {
                    classification.tags.push(&term.name)
                }
                _ => {}
            }
        }
        classification
    }
}

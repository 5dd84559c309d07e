//! The terms of an article as structured data, feeds and tables show them.

use super::view::SiteView;
use crate::archive::Article;
use crate::config::{AUTHORS, SECTIONS};

/// An article's terms, by their meaning.
pub(super) struct Classification<'a> {
    pub(super) section: Option<&'a str>,
    /// Names and absolute URLs.
    pub(super) authors: Vec<(&'a str, String)>,
    /// The names of its topics.
    pub(super) tags: Vec<&'a str>,
}

impl<'a> Classification<'a> {
    /// Collects the terms of an article.
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
                    classification.tags.push(&term.name);
                }
                _ => {}
            }
        }
        classification
    }
}

//! What of a story is searched, and what of it a result shows.

use std::borrow::Cow;

use crate::archive::Article;
use crate::archive::record::Flags;
use crate::config::{AUTHORS, SECTIONS, Site};
use crate::content::markdown::search_text;
use crate::content::{read, shortcodes};
use crate::model::Fingerprint;

/// How much a word counts in each field of [`Searched`].
pub(super) const FIELD_WEIGHTS: [u32; 4] = [5, 2, 2, 1];

/// How much of a body a result can show an excerpt of at most, in bytes.
pub(super) const MAX_EXCERPT_BYTES: usize = 4 << 10;

/// What filters know languages by, beside the keys of taxonomies.
pub(super) const LANGUAGE_FACET: &str = "lang";

/// A story as search sees it.
pub(super) struct SearchDocument<'a> {
    /// Headline, standfirst, what it is filed under, body.
    pub(super) fields: [String; 4],
    /// What a filter can ask for: taxonomy or `lang`, term and the term's name.
    pub(super) facets: Vec<(&'a str, &'a str, &'a str)>,
    permalink: &'a str,
    day: String,
    lang: &'a str,
    section: &'a str,
    byline: String,
    is_retracted: bool,
    /// Whether the file is still the one that the catalog knows.
    pub(super) is_unchanged: bool,
}

impl<'a> SearchDocument<'a> {
    /// Reads a story's file.
    pub(super) fn read(article: &Article<'a>, site: &'a Site) -> Self {
        let (body, is_unchanged) = read_body(article, site);
        let body = without_boilerplate(body, site);
        let mut classification: Vec<&str> = article.dateline_location().into_iter().collect();
        let mut facets = vec![(LANGUAGE_FACET, article.lang(), "")];
        for term in article.terms() {
            classification.push(&term.name);
            facets.push((&site.taxonomies[term.taxonomy].key, &term.slug, &term.name));
        }
        // A list that repeats itself, and a standfirst that is the body's beginning, say nothing
        // twice.
        let standfirst = article.standfirst().unwrap_or_default();
        let section =
            site.taxonomy_index(SECTIONS).and_then(|sections| article.terms_of(sections).next());
        let authors = site
            .taxonomy_index(AUTHORS)
            .map(|authors| article.terms_of(authors).map(|term| term.name.as_str()));
        Self {
            permalink: article.permalink(),
            day: article.day().iso().to_string(),
            lang: article.lang(),
            section: section.map_or("", |term| term.name.as_str()),
            byline: authors.map(|names| names.collect::<Vec<_>>().join(", ")).unwrap_or_default(),
            is_retracted: article.flags().contains(Flags::RETRACTED),
            fields: [
                article.title().to_owned(),
                standfirst.to_owned(),
                classification.join("\n"),
                body,
            ],
            facets,
            is_unchanged,
        }
    }

    /// What a result shows, as JSON: headline, address, date, section, byline, standfirst,
    /// language, text. Of what writers make as long as they like so many bytes at most.
    pub(super) fn stored_fields(&self, max_bytes: usize) -> String {
        let [title, standfirst, _, body] = &self.fields;
        // A sign, since this room knows no words.
        let title =
            if self.is_retracted { Cow::from(format!("⚠ {title}")) } else { title.into() };
        let truncate = |text: &str| {
            let end = (0..=max_bytes.min(text.len()))
                .rev()
                .find(|&index| text.is_char_boundary(index))
                .unwrap_or(0);
            text[..end].trim_end().to_owned()
        };
        let (permalink, day, lang) = (self.permalink, &*self.day, self.lang);
        let [title, section, byline, standfirst, body] =
            [&*title, self.section, &self.byline, standfirst, body].map(truncate);
        let fields = [&*title, permalink, day, &section, &byline, &standfirst, lang, &body];
        serde_json::to_string(&fields).unwrap_or_default()
    }
}

/// The text of a story's body, and whether its file is the one that the catalog knows; nothing, if
/// it is gone.
fn read_body(article: &Article<'_>, site: &Site) -> (String, bool) {
    let Ok(bytes) = read::read_article(site, &article.path()) else {
        return (String::new(), false);
    };
    let details = article.details();
    let text = std::str::from_utf8(&bytes)
        .ok()
        .and_then(|text| text.get(details.body_start..))
        .unwrap_or_default();
    let text = if article.is_removed(site) { "" } else { text };
    (
        search_text(&shortcodes::expand(text).body),
        Fingerprint::hash_bytes(&bytes) == details.file_hash,
    )
}

/// A body without the lines that the site says mean nothing.
fn without_boilerplate(body: String, site: &Site) -> String {
    let Some(search) = site.config.search.as_ref().filter(|search| !search.boilerplate.is_empty())
    else {
        return body;
    };
    let is_content = |line: &&str| {
        !search.boilerplate.iter().any(|start| line.trim_start().starts_with(start.as_str()))
    };
    body.lines().filter(is_content).collect::<Vec<_>>().join("\n")
}

//! Articles as search indexes them, and the stored fields that a result shows.

use std::borrow::Cow;

use crate::archive::Article;
use crate::archive::record::Flags;
use crate::config::{AUTHORS, SECTIONS, Site};
use crate::content::markdown::search_text;
use crate::content::redaction::RedactedFile;
use crate::content::{read, shortcodes};
use crate::model::Fingerprint;

/// The weight of an occurrence of a word in each of [`SearchDocument::fields`].
pub(super) const FIELD_WEIGHTS: [u32; 4] = [5, 2, 2, 1];

/// The maximum size of each text of the stored fields, in bytes. Excerpts are made from it.
pub(super) const MAX_EXCERPT_BYTES: usize = 4 << 10;

/// The key of the facet for languages, beside those of taxonomies.
pub(super) const LANGUAGE_FACET: &str = "lang";

/// A term or a language that results can be filtered by.
#[derive(Clone, Copy)]
pub(super) struct Facet<'a> {
    /// The taxonomy's key, or `lang`.
    pub(super) key: &'a str,
    pub(super) slug: &'a str,
    /// The term's name; empty for languages.
    pub(super) name: &'a str,
}

/// An article as search indexes it.
pub(super) struct SearchDocument<'a> {
    /// Headline, standfirst, dateline location and terms, body.
    pub(super) fields: [String; 4],
    pub(super) facets: Vec<Facet<'a>>,
    permalink: &'a str,
    day: String,
    pub(super) lang: &'a str,
    section: &'a str,
    byline: String,
    is_retracted: bool,
    /// False if the article's file changed since it was cataloged.
    pub(super) is_unchanged: bool,
}

impl<'a> SearchDocument<'a> {
    /// Reads an article's file.
    pub(super) fn read(article: &Article<'a>, site: &'a Site) -> Self {
        let body = read_body(article, site);
        let mut classification: Vec<&str> = article.dateline_location().into_iter().collect();
        let mut facets = vec![Facet { key: LANGUAGE_FACET, slug: article.lang(), name: "" }];
        for term in article.terms() {
            classification.push(&term.name);
            let key = site.taxonomies[term.taxonomy].key.as_str();
            facets.push(Facet { key, slug: &term.slug, name: &term.name });
        }
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
                without_boilerplate(body.text, site),
            ],
            facets,
            is_unchanged: body.is_unchanged,
        }
    }

    /// Returns the stored fields as JSON: headline, permalink, date, section, byline, standfirst,
    /// language, and the beginning of the body. Texts of any length are truncated to `max_bytes`.
    pub(super) fn stored_fields(&self, max_bytes: usize) -> String {
        let [title, standfirst, _, body] = &self.fields;
        // A symbol, since the index isn't translated.
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

/// The searchable text of an article's body.
struct BodyText {
    text: String,
    /// False if the article's file changed since it was cataloged.
    is_unchanged: bool,
}

/// Reads an article's body; an empty one if the file can't be read.
fn read_body(article: &Article<'_>, site: &Site) -> BodyText {
    let Ok(RedactedFile { bytes, matcher, .. }) = read::read_redacted(site, &article.path()) else {
        return BodyText { text: String::new(), is_unchanged: false };
    };
    let details = article.details();
    let text = std::str::from_utf8(&bytes)
        .ok()
        .and_then(|text| text.get(details.body_start..))
        .unwrap_or_default();
    let text = if article.is_removed(site) { "" } else { text };
    BodyText {
        text: matcher.redact(&search_text(&shortcodes::expand(text).body)).into_owned(),
        is_unchanged: Fingerprint::hash_bytes(&bytes) == details.file_hash,
    }
}

/// Removes the lines that begin with a text in the setting `search.boilerplate`.
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

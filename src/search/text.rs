//! What of a story is searched, and what of it a result shows.

use std::borrow::Cow;

use crate::catalog::Story;
use crate::catalog::record::Flags;
use crate::content::markdown::searchable;
use crate::content::{read, shortcodes};
use crate::model::Fingerprint;
use crate::site::{AUTHORS, SECTIONS, Site};

/// How much a word counts in each field of [`Searched`].
pub(super) const WEIGHTS: [u32; 4] = [5, 2, 2, 1];

/// How much of a body a result can show an excerpt of at most, in bytes.
pub(super) const SHOWN: usize = 4 << 10;

/// What filters know languages by, beside the keys of taxonomies.
pub(super) const LANGUAGE: &str = "lang";

/// A story as search sees it.
pub(super) struct Searched<'a> {
    /// Headline, standfirst, what it is filed under, body.
    pub(super) fields: [String; 4],
    /// What a filter can ask for: taxonomy or `lang`, term and the term's name.
    pub(super) facets: Vec<(&'a str, &'a str, &'a str)>,
    address: &'a str,
    day: String,
    lang: &'a str,
    section: &'a str,
    byline: String,
    is_retracted: bool,
    /// Whether the file is still the one that the catalog knows.
    pub(super) unchanged: bool,
}

impl<'a> Searched<'a> {
    /// Reads a story's file.
    pub(super) fn read(story: &Story<'a>, site: &'a Site) -> Self {
        let (body, unchanged) = body(story, site);
        let body = without_boilerplate(body, site);
        let mut filed: Vec<&str> = story.place().into_iter().collect();
        let mut facets = vec![(LANGUAGE, story.lang(), "")];
        for term in story.terms() {
            filed.push(&term.name);
            facets.push((&site.taxonomies[term.taxonomy].key, &term.slug, &term.name));
        }
        // A list that repeats itself, and a standfirst that is the body's beginning, say nothing twice.
        let standfirst = story.standfirst().unwrap_or_default();
        let section = site.taxonomy(SECTIONS).and_then(|sections| story.terms_of(sections).next());
        let authors =
            site.taxonomy(AUTHORS).map(|authors| story.terms_of(authors).map(|term| term.name.as_str()));
        Self {
            address: story.permalink(),
            day: story.day().iso().to_string(),
            lang: story.lang(),
            section: section.map_or("", |term| term.name.as_str()),
            byline: authors.map(|names| names.collect::<Vec<_>>().join(", ")).unwrap_or_default(),
            is_retracted: story.flags().has(Flags::RETRACTED),
            fields: [story.title().to_owned(), standfirst.to_owned(), filed.join("\n"), body],
            facets,
            unchanged,
        }
    }

    /// What a result shows, as JSON: headline, address, date, section, byline, standfirst, language, text. Of what writers make as long as they like so
    /// many bytes at most.
    pub(super) fn card(&self, most: usize) -> String {
        let [title, standfirst, _, body] = &self.fields;
        // A sign, since this room knows no words.
        let title = if self.is_retracted { Cow::from(format!("⚠ {title}")) } else { title.into() };
        let cut = |text: &str| {
            let end = (0..=most.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
            text[..end].trim_end().to_owned()
        };
        let (address, day, lang) = (self.address, &*self.day, self.lang);
        let [title, section, byline, standfirst, body] =
            [&*title, self.section, &self.byline, standfirst, body].map(cut);
        let fields = [&*title, address, day, &section, &byline, &standfirst, lang, &body];
        serde_json::to_string(&fields).unwrap_or_default()
    }
}

/// The text of a story's body, and whether its file is the one that the catalog knows; nothing, if it is gone.
fn body(story: &Story<'_>, site: &Site) -> (String, bool) {
    let Ok(bytes) = read::story(site, &story.path()) else { return (String::new(), false) };
    let details = story.details();
    let text = std::str::from_utf8(&bytes).ok().and_then(|text| text.get(details.body..)).unwrap_or_default();
    let text = if story.is_removed(site) { "" } else { text };
    (searchable(&shortcodes::expand(text).body), Fingerprint::of(&bytes) == details.source)
}

/// A body without the lines that the site says mean nothing.
fn without_boilerplate(body: String, site: &Site) -> String {
    let Some(search) = site.config.search.as_ref().filter(|search| !search.boilerplate.is_empty()) else {
        return body;
    };
    let means =
        |line: &&str| !search.boilerplate.iter().any(|start| line.trim_start().starts_with(start.as_str()));
    body.lines().filter(means).collect::<Vec<_>>().join("\n")
}

//! Taxonomies: the ways in which articles are grouped, besides their date.

use std::fmt::{self, Write};

use serde::Serialize;

/// The key of the taxonomy of sections, of which an article has at most one.
pub(crate) const SECTIONS: &str = "sections";
/// The key of the taxonomy of bylines.
pub(crate) const AUTHORS: &str = "authors";
/// The key of the taxonomy of series.
pub(crate) const SERIES: &str = "series";

/// A taxonomy: its name, its path, and the front matter keys that it is filled from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Taxonomy {
    /// Its key in `site.yaml`.
    #[serde(skip)]
    pub key: String,
    /// Its configured name; the default taxonomies have names in every interface language.
    pub name: Option<String>,
    /// The name of one of its terms, as configured.
    pub singular: Option<String>,
    /// The path of its URL, without the slashes around it.
    pub path: String,
    /// The keys of front matter whose values are its terms.
    #[serde(rename = "from")]
    pub front_matter_keys: Vec<String>,
    /// True for all taxonomies except sections, authors and series.
    #[serde(skip)]
    pub is_topic: bool,
    /// True if each of its terms has a feed.
    #[serde(rename = "feed")]
    pub has_feed: bool,
}

impl Taxonomy {
    fn new(key: &str, front_matter_keys: &[&str]) -> Self {
        let front_matter_keys = front_matter_keys.iter().map(|&name| name.to_owned()).collect();
        let is_topic = !matches!(key, SECTIONS | AUTHORS | SERIES);
        let has_feed = key == SECTIONS;
        Self {
            key: key.to_owned(),
            name: None,
            singular: None,
            path: key.to_owned(),
            front_matter_keys,
            is_topic,
            has_feed,
        }
    }

    /// Returns the path of a term's URL, by its slug.
    pub(crate) fn term_path(&self, slug: &str) -> String {
        let mut path = String::with_capacity(64);
        // Writing to a string can't fail.
        let _ = self.write_term_path(slug, &mut path);
        path
    }

    /// Appends the path of a term's URL to a text.
    ///
    /// # Errors
    /// The errors of `out`; a string has none.
    pub(crate) fn write_term_path(&self, slug: &str, out: &mut impl Write) -> fmt::Result {
        write!(out, "/{}/{slug}/", self.path)
    }

    /// Returns a custom taxonomy, filled from the front matter key of the same name.
    pub(super) fn custom(key: &str) -> Self {
        let lower = key.to_ascii_lowercase();
        Self { key: key.to_owned(), ..Self::new(&lower, &[&lower]) }
    }

    /// Returns the taxonomies of a site whose settings don't change them.
    pub(crate) fn defaults() -> Vec<Self> {
        vec![
            Self::new(SECTIONS, &["section"]),
            Self::new("tags", &["tags", "tag", "keywords"]),
            Self::new(AUTHORS, &["authors", "author", "byline"]),
            Self::new("places", &["places", "place", "locations"]),
            Self::new("people", &["people", "persons", "person"]),
            Self::new("organisations", &["organisations", "organizations", "orgs"]),
            Self::new(SERIES, &["series"]),
        ]
    }
}

//! Everything that pages are rendered from.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, OnceLock};

use tera::Value;

use super::calendar_index::CalendarIndex;
use super::common_inputs::CommonInputs;
use super::correction_index::CorrectionIndex;
use super::day_cache::{DayCache, DayValues, in_other_calendars};
use super::kinds::OUTPUT_FILES;
use super::languages::latest_by_language;
use super::menus::menu_urls;
use super::shared_parts::SharedParts;
use super::values::{link_value, map};
use crate::archive::{Article, ArticleId, Catalog, LangId, TermId};
use crate::config::{FeedSettings, Site, SitemapSettings, Taxonomy};
use crate::history::History;
use crate::model::{Day, RedactionMatcher};
use crate::permalinks::{BrokenLinks, Redirect};
use crate::templates::{DateStyle, Messages, TEMPLATES, Templates, direction};

/// The keys of `page` as the template of a teaser in a list sees it.
pub(super) const LISTING_PAGE_KEYS: [&str; 3] = ["kind", "lang", "dir"];

/// Everything that pages are rendered from.
pub(crate) struct SiteView<'a> {
    /// The site.
    pub site: &'a Site,
    /// Its articles.
    pub catalog: &'a Catalog,
    /// Its templates.
    pub templates: &'a Templates,
    /// The interface text in the site's language.
    pub messages: Messages,
    /// The days of the calendar, with their articles of every year.
    pub calendar: CalendarIndex,
    day_cache: DayCache,
    /// All corrections, by the year in which they were made.
    pub corrections: CorrectionIndex,
    pub(super) common_inputs: BTreeMap<&'static str, CommonInputs>,
    term_values: Vec<OnceLock<Value>>,
    taxonomy_names: Vec<TaxonomyNames>,
    listing_page: Value,
    latest_by_language: Vec<Vec<ArticleId>>,
    /// The URLs that the menus link to.
    pub(super) menu_urls: HashSet<String>,
    /// An empty map.
    pub(super) empty_map: Value,
    pub(super) shared_parts: SharedParts,
    pub(super) redirects: Vec<Redirect>,
    /// The links to files that no article has, and those of them that the registry resolves.
    pub(crate) broken_links: BrokenLinks,
    /// The names that are redacted from articles: an old URL that contains one doesn't redirect.
    pub(super) redacted_names: RedactionMatcher,
    /// The aliases of articles with many of them, once one was looked up.
    pub(super) long_alias_lists: OnceLock<HashMap<ArticleId, Vec<String>>>,
    /// The versions of articles.
    pub history: Arc<History>,
}

impl<'a> SiteView<'a> {
    /// Indexes a catalog for its pages.
    pub(crate) fn new(site: &'a Site, catalog: &'a Catalog, templates: &'a Templates) -> Self {
        let messages = templates.languages.get(&site.config.language);
        // Those of pages are in no folder.
        let page_templates = TEMPLATES.iter().map(|(name, _)| *name).filter(|n| !n.contains('/'));
        let common_inputs = page_templates
            .chain([OUTPUT_FILES])
            .map(|name| (name, CommonInputs::new(name, site, templates)))
            .collect();
        let taxonomy_names =
            site.taxonomies.iter().map(|taxonomy| TaxonomyNames::new(taxonomy, &messages));
        Self {
            taxonomy_names: taxonomy_names.collect(),
            listing_page: Value::from(map! {
                "kind" => "term_year",
                "lang" => site.config.language.as_str(),
                "dir" => direction(&site.config.language),
            }),
            empty_map: Value::from(map! {}),
            shared_parts: SharedParts::new(templates),
            term_values: (0..catalog.term_count()).map(|_| OnceLock::new()).collect(),
            calendar: CalendarIndex::from_catalog(catalog),
            day_cache: DayCache::from_catalog(catalog),
            corrections: CorrectionIndex::from_catalog(site, catalog),
            latest_by_language: latest_by_language(site, catalog),
            menu_urls: menu_urls(site, catalog),
            site,
            catalog,
            templates,
            messages,
            common_inputs,
            redirects: Vec::new(),
            broken_links: BrokenLinks::default(),
            redacted_names: RedactionMatcher::empty(),
            long_alias_lists: OnceLock::new(),
            history: Arc::default(),
        }
    }

    /// Adds the old URLs that the permalink registry redirects.
    #[must_use]
    pub(crate) fn with_redirects(self, redirects: Vec<Redirect>) -> Self {
        Self { redirects, ..self }
    }

    /// Adds the broken links, of which the permalink registry resolves some.
    #[must_use]
    pub(crate) fn with_broken_links(self, broken_links: BrokenLinks) -> Self {
        Self { broken_links, ..self }
    }

    /// Finds the article to which a link in the file `from` leads: by its file, or by an old path
    /// of its file.
    pub(super) fn find_linked(&self, link: &str, from: &str) -> Option<Article<'a>> {
        let renamed = || self.broken_links.find(link, from).map(|id| self.catalog.article(id));
        self.catalog.find(link, from).or_else(renamed)
    }

    /// Adds the names that are redacted from articles.
    #[must_use]
    pub(crate) fn with_redacted_names(self, redacted_names: RedactionMatcher) -> Self {
        Self { redacted_names, ..self }
    }

    /// Adds the versions of articles.
    #[must_use]
    pub(crate) fn with_history(self, history: Arc<History>) -> Self {
        Self { history, ..self }
    }

    /// Returns the settings of feeds, if the site has feeds.
    pub(super) fn feeds(&self) -> Option<&FeedSettings> {
        self.site.config.outputs.feeds.as_ref()
    }

    /// Returns the settings of sitemaps, if the site has sitemaps.
    pub(super) fn sitemaps(&self) -> Option<&SitemapSettings> {
        self.site.config.outputs.sitemaps.as_ref()
    }

    /// Returns `page` as the template of a teaser in a list sees it.
    pub(super) fn listing_page(&self) -> Value {
        self.listing_page.clone()
    }

    /// Returns the newest articles in a language, newest first.
    pub(super) fn latest_in(&self, lang: LangId) -> impl Iterator<Item = ArticleId> {
        self.latest_by_language[lang as usize].iter().copied()
    }

    /// Returns a term as `{name, url}`, which is made once.
    pub(super) fn term_value(&self, id: TermId) -> Value {
        let create = || {
            let url = self.site.href(&self.term_path(id));
            Value::from(map! { "name" => self.catalog.term(id).name.as_str(), "url" => url })
        };
        self.term_values[id as usize].get_or_init(create).clone()
    }

    /// Returns `{name, url}`: a link to a path of the site.
    pub(super) fn link_value(&self, name: &str, path: &str) -> Value {
        link_value(name, path, self.site)
    }

    /// Returns a year in the digits of the site's language.
    pub(super) fn year_label(&self, year: i32) -> String {
        self.messages.formats().digits(&year.to_string())
    }

    /// Returns a day as templates see dates, with its weekday.
    pub(super) fn day_value(&self, day: Day) -> Value {
        let label = self.messages.formats().day(DateStyle::Weekday, day);
        Value::from(map! {
            "iso" => day.iso(),
            "label" => label,
            "other_calendars" => in_other_calendars(day, self.site, &self.messages),
            "time" => Value::none(),
            "day_url" => self.site.href(&day.path()),
        })
    }

    /// Returns the texts and links of a day, if it has articles.
    pub(super) fn day_values(&self, day: Day) -> Option<&DayValues> {
        self.day_cache.get(day, self.site, &self.messages)
    }

    /// Returns the path of a term's page.
    pub(super) fn term_path(&self, id: TermId) -> String {
        let term = self.catalog.term(id);
        self.site.taxonomies[term.taxonomy].term_path(&term.slug)
    }

    /// Appends the path of a term's page to a string.
    ///
    /// # Errors
    /// None: writing to a string can't fail.
    pub(super) fn write_term_path(&self, id: TermId, out: &mut String) -> std::fmt::Result {
        let term = self.catalog.term(id);
        self.site.taxonomies[term.taxonomy].write_term_path(&term.slug, out)
    }

    /// Returns the names of a taxonomy, by its index.
    pub(super) fn taxonomy_names(&self, taxonomy: usize) -> &TaxonomyNames {
        &self.taxonomy_names[taxonomy]
    }
}

/// The names of a taxonomy for readers.
pub(super) struct TaxonomyNames {
    /// The name of all its terms: Tags.
    pub(super) plural: String,
    /// The name of one of its terms: Tag.
    pub(super) singular: String,
}

impl TaxonomyNames {
    fn new(taxonomy: &Taxonomy, messages: &Messages) -> Self {
        let name = |configured: Option<&String>, message: String| {
            let message = || messages.find(&message).map(str::to_owned);
            configured.cloned().or_else(message).unwrap_or_else(|| taxonomy.key.clone())
        };
        let key = format!("taxonomy_{}", taxonomy.key);
        Self {
            singular: name(
                taxonomy.singular.as_ref().or(taxonomy.name.as_ref()),
                format!("{key}_one"),
            ),
            plural: name(taxonomy.name.as_ref(), key),
        }
    }
}

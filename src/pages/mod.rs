//! What each kind of page is made of: its address, its template, its inputs, its context.
//!
//! A page is planned as plain numbers ([`Page`]); its fingerprint and its context are both made
//! from those and from the teasers of the rows it names, so that one can't see what the other
//! doesn't.

mod archive;
mod article;
mod calendar;
mod citations;
mod classification;
mod common_inputs;
mod corrections;
mod history;
mod home;
mod language;
mod outputs;
mod pager;
mod period;
mod related;
mod search;
mod shared_parts;
mod structured_data;
mod teaser;
mod teaser_cache;
mod term;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, OnceLock};

use tera::{Context, Value};

use crate::archive::{ArticleId, Catalog, LangId, TermId};
use crate::config::{FeedSettings, Site, SitemapSettings, Taxonomy};
use crate::diagnostics::Diagnostic;
use crate::history::History;
use crate::model::{Day, Dependencies, Fingerprint, Inputs, OutputPath};
use crate::permalinks::Redirect;
use crate::templates::{DateStyle, Messages, Templates, direction};

use archive::CalendarIndex;
use common_inputs::CommonInputs;
use corrections::CorrectionIndex;
pub(crate) use corrections::correction_pages as corrections;
pub(crate) use home::site_context;
pub(crate) use language::languages_with_front_page;
pub(crate) use outputs::OutputFile;
pub(crate) use outputs::{RedirectRule, RedirectSource, all_redirects, is_redirect};
pub(crate) use pager::{PAGE_SIZE, page_count};
use pager::{add_pager_inputs, ids_on_page, pager_value};
use teaser::DayCache;
pub(crate) use teaser::Teasers;

/// Changes whenever the same inputs would give other bytes.
const RENDERING_VERSION: u64 = 16;

const ARTICLE_TEMPLATE: &str = "article.html";

/// Every template that a page is rendered from.
const PAGE_TEMPLATES: [&str; 17] = [
    ARTICLE_TEMPLATE,
    "day.html",
    "month.html",
    "year.html",
    "term_year.html",
    "home.html",
    "archive.html",
    "on_this_day_index.html",
    "on_this_day.html",
    "terms.html",
    "term.html",
    "404.html",
    "language.html",
    "search.html",
    "corrections.html",
    "tombstone.html",
    "history.html",
];

/// What stands in a template's place for files that are made without one.
const OUTPUTS: &str = "machines";

/// Builds a template map from pairs of names and values.
macro_rules! map {
    () => { tera::Map::default() };
    ($($key:literal => $value:expr),+ $(,)?) => {{
        let mut map = tera::Map::with_capacity_and_hasher([$($key),+].len(), Default::default());
        $(map.insert(tera::value::Key::Str($key), tera::Value::from($value));)+
        map
    }};
}
pub(crate) use map;

/// Rendered HTML as a value that isn't escaped again.
fn safe_html(html: &[u8]) -> Value {
    // A template's output is UTF-8, as its source and all values are.
    Value::safe_string(std::str::from_utf8(html).unwrap_or_default())
}

/// A page of the site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Page {
    /// An article.
    Article(ArticleId),
    /// A day's edition, or a later page of a full one.
    Day {
        /// The day.
        day: Day,
        /// The page, from 1.
        page_number: u32,
    },
    /// A month.
    Month(i32, u32),
    /// A year.
    Year(i32),
    /// A term's stories of one year.
    TermYear {
        /// The term.
        term: TermId,
        /// The year.
        year: i32,
        /// The page, from 1.
        page_number: u32,
    },
    /// The front page.
    Home,
    /// All years.
    Archive,
    /// The days of the year.
    OnThisDayIndex,
    /// One day in every year.
    OnThisDay(u32, u32),
    /// All terms of a taxonomy, by its number.
    Terms(u32),
    /// A term.
    Term(TermId),
    /// What a host shows for an address without a page.
    NotFound,
    /// The front page of a language other than the site's.
    Language(LangId),
    /// The search page.
    Search,
    /// All corrections: of a year, or the newest year's with the way to the others.
    Corrections(Option<i32>),
    /// What stands at an address of a story that was taken down: the story's number, and the
    /// address's.
    Tombstone(u32, u32),
    /// The versions of a story.
    History(ArticleId),
    /// A file for machines.
    OutputFile(OutputFile),
}

/// Everything that pages are made from.
pub(crate) struct SiteView<'a> {
    /// The site.
    pub site: &'a Site,
    /// Its articles.
    pub catalog: &'a Catalog,
    /// Its templates.
    pub templates: &'a Templates,
    /// The words of the site's language.
    pub messages: Messages,
    /// The days of the calendar, with their stories of every year.
    pub calendar: CalendarIndex,
    day_cache: DayCache,
    /// Every correction, by the year in which it was made.
    pub corrections: CorrectionIndex,
    common_inputs: BTreeMap<&'static str, CommonInputs>,
    term_values: Vec<OnceLock<Value>>,
    taxonomy_names: Vec<[String; 2]>,
    listing_page: Value,
    latest_by_language: Vec<Vec<ArticleId>>,
    /// An empty map.
    empty_map: Value,
    shared_parts: shared_parts::SharedParts,
    redirects: Vec<Redirect>,
    /// The versions of stories.
    pub history: Arc<History>,
}

impl<'a> SiteView<'a> {
    /// Puts together what pages are made from.
    pub(crate) fn new(site: &'a Site, catalog: &'a Catalog, templates: &'a Templates) -> Self {
        let messages = templates.languages.get(&site.config.language);
        let template_names = PAGE_TEMPLATES.iter().chain(&[OUTPUTS]);
        let common_inputs =
            template_names.map(|&name| (name, CommonInputs::new(name, site, templates))).collect();
        let taxonomy_names = |index| {
            [false, true].map(|singular| {
                localized_taxonomy_name(&site.taxonomies[index], &messages, singular)
            })
        };
        Self {
            taxonomy_names: (0..site.taxonomies.len()).map(taxonomy_names).collect(),
            listing_page: Value::from(map! {
                "kind" => "term_year",
                "lang" => site.config.language.as_str(),
                "dir" => direction(&site.config.language),
            }),
            empty_map: Value::from(map! {}),
            shared_parts: shared_parts::SharedParts::new(templates),
            term_values: (0..catalog.term_count()).map(|_| OnceLock::new()).collect(),
            calendar: CalendarIndex::from_catalog(catalog),
            day_cache: DayCache::from_catalog(catalog),
            corrections: CorrectionIndex::from_catalog(site, catalog),
            latest_by_language: language::latest_by_language(site, catalog),
            site,
            catalog,
            templates,
            messages,
            common_inputs,
            redirects: Vec::new(),
            history: Arc::default(),
        }
    }

    /// With former addresses that the register leads on.
    #[must_use]
    pub(crate) fn with_redirects(self, redirects: Vec<Redirect>) -> Self {
        Self { redirects, ..self }
    }

    /// With the versions of stories.
    #[must_use]
    pub(crate) fn with_history(self, history: Arc<History>) -> Self {
        Self { history, ..self }
    }

    /// The settings of feeds, if there are any.
    fn feeds(&self) -> Option<&FeedSettings> {
        self.site.config.outputs.feeds.as_ref()
    }

    /// The settings of sitemaps, if there are any.
    fn sitemaps(&self) -> Option<&SitemapSettings> {
        self.site.config.outputs.sitemaps.as_ref()
    }

    /// `page`, as far as a teaser in a list knows it.
    fn listing_page(&self) -> Value {
        self.listing_page.clone()
    }

    /// The newest stories in a language, newest first.
    fn latest_in(&self, lang: LangId) -> impl Iterator<Item = ArticleId> {
        self.latest_by_language[lang as usize].iter().copied()
    }

    /// Every input that is common to pages, by name.
    pub(crate) fn common_dependencies(&self) -> Dependencies {
        let all =
            self.common_inputs.values().flat_map(|inputs| inputs.dependencies.iter().cloned());
        // No page depends on all former addresses, but a build without news has to see that there
        // are others.
        let redirects = outputs::registry_fingerprint(self)
            .map(|hash| ("former addresses".to_owned(), format!("[{:016x}]", hash.0)));
        // Likewise all versions.
        let history = Some(self.history.fingerprint()).filter(|_| !self.history.is_empty());
        let history = history.map(|hash| ("versions".to_owned(), format!("[{:016x}]", hash.0)));
        all.chain(redirects).chain(history).collect::<BTreeMap<_, _>>().into_iter().collect()
    }

    /// A term as `{name, url}`, made once.
    fn term_value(&self, id: TermId) -> Value {
        let create = || {
            let url = self.site.href(&self.term_path(id));
            Value::from(map! { "name" => self.catalog.term(id).name.as_str(), "url" => url })
        };
        self.term_values[id as usize].get_or_init(create).clone()
    }

    /// A page's context with what every page has.
    fn context(
        &self,
        page: &Page,
        title: &str,
        description: Option<&str>,
        lang: &str,
        breadcrumbs: Vec<Value>,
    ) -> Context {
        let messages = self.templates.languages.get(lang);
        let url_path = page.url_path(self);
        let mut context = Context::new();
        if page.uses_shared_parts()
            && let Some(shared_parts) = self.shared_parts.get(lang, self)
        {
            context.insert_value("shared_parts", shared_parts);
        }
        context.insert_value("t", messages.to_value());
        let metadata = page.is_listing().then(|| {
            structured_data::render_listing(page, title, description, lang, &breadcrumbs, self)
        });
        context.insert_value(
            "page",
            Value::from(map! {
                "kind" => page.kind(),
                "title" => title,
                "description" => description,
                "url" => self.site.href(&url_path),
                "canonical" => self.site.absolute_url(&url_path),
                "lang" => lang,
                "dir" => direction(lang),
                "breadcrumbs" => breadcrumbs,
                "structured_data" => metadata.flatten().map(|html| Value::safe_string(&html)),
            }),
        );
        context
    }

    fn site_language_context(&self, page: &Page, title: &str, breadcrumbs: Vec<Value>) -> Context {
        self.context(page, title, None, &self.site.config.language, breadcrumbs)
    }

    fn link_value(&self, name: &str, path: &str) -> Value {
        Value::from(map! { "name" => name, "url" => self.site.href(path) })
    }

    /// A year in the digits of the site's language.
    fn year_label(&self, year: i32) -> String {
        self.messages.formats().digits(&year.to_string())
    }

    /// A day of the site, as templates see dates.
    fn day_value(&self, day: Day) -> Value {
        let label = self.messages.formats().day(DateStyle::Weekday, day);
        Value::from(
            map! { "iso" => day.iso(), "label" => label, "other_calendars" => teaser::in_other_calendars(day, self, &self.messages), "time" => Value::none(), "day_url" => self.site.href(&day.path()) },
        )
    }

    /// The address of a term.
    fn term_path(&self, id: TermId) -> String {
        let term = self.catalog.term(id);
        self.site.taxonomies[term.taxonomy].term_path(&term.slug)
    }

    fn write_term_path(&self, id: TermId, out: &mut String) -> std::fmt::Result {
        let term = self.catalog.term(id);
        self.site.taxonomies[term.taxonomy].write_term_path(&term.slug, out)
    }

    /// The name of a taxonomy, or of one of its terms.
    fn taxonomy_name(&self, taxonomy: usize, singular: bool) -> &str {
        &self.taxonomy_names[taxonomy][usize::from(singular)]
    }
}

fn localized_taxonomy_name(taxonomy: &Taxonomy, messages: &Messages, singular: bool) -> String {
    let configured = if singular {
        taxonomy.singular.as_ref().or(taxonomy.name.as_ref())
    } else {
        taxonomy.name.as_ref()
    };
    let key = format!("taxonomy_{}{}", taxonomy.key, if singular { "_one" } else { "" });
    configured
        .cloned()
        .or_else(|| messages.find(&key).map(str::to_owned))
        .unwrap_or_else(|| taxonomy.key.clone())
}

impl Page {
    /// The kind, as templates see it.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Article(_) => "article",
            Self::Day { .. } => "day",
            Self::Month(..) => "month",
            Self::Year(_) => "year",
            Self::TermYear { .. } => "term_year",
            Self::Home => "home",
            Self::Archive => "archive",
            Self::OnThisDayIndex => "on_this_day_index",
            Self::OnThisDay(..) => "on_this_day",
            Self::Terms(_) => "terms",
            Self::Term(_) => "term",
            Self::NotFound => "not_found",
            Self::Language(_) => "language",
            Self::Search => "search",
            Self::Corrections(_) => "corrections",
            Self::Tombstone(..) => "tombstone",
            Self::History(_) => "history",
            Self::OutputFile(file) => file.kind(),
        }
    }

    /// Whether its masthead and colophon are those of any such page: no link in them leads to
    /// itself.
    fn uses_shared_parts(&self) -> bool {
        matches!(
            self,
            Self::Article(_)
                | Self::Day { .. }
                | Self::Month(..)
                | Self::Year(_)
                | Self::TermYear { .. }
        )
    }

    /// The article that it is made from, and what only its own file says, if it is of one.
    pub(crate) fn article(&self) -> Option<ArticleId> {
        match self {
            Self::Article(id) | Self::History(id) => Some(*id),
            Self::OutputFile(file) => file.article(),
            _ => None,
        }
    }

    /// Whether it shows of several stories what only their own files say.
    pub(crate) fn shows_bodies(&self, view: &SiteView<'_>) -> bool {
        matches!(self, Self::OutputFile(file) if file.shows_bodies(view))
    }

    /// Whether it is a list of stories.
    fn is_listing(&self) -> bool {
        !matches!(
            self,
            Self::Article(_)
                | Self::NotFound
                | Self::Corrections(_)
                | Self::Tombstone(..)
                | Self::History(_)
                | Self::OutputFile(_)
                | Self::Terms(_)
                | Self::OnThisDayIndex
                | Self::Archive
        )
    }

    /// The template that it is rendered from.
    pub(crate) fn template(&self) -> &'static str {
        match self {
            Self::Article(_) => ARTICLE_TEMPLATE,
            Self::Day { .. } => "day.html",
            Self::Month(..) => "month.html",
            Self::Year(_) => "year.html",
            Self::TermYear { .. } => "term_year.html",
            Self::Home => "home.html",
            Self::Archive => "archive.html",
            Self::OnThisDayIndex => "on_this_day_index.html",
            Self::OnThisDay(..) => "on_this_day.html",
            Self::Terms(_) => "terms.html",
            Self::Term(_) => "term.html",
            Self::NotFound => "404.html",
            Self::Language(_) => "language.html",
            Self::Search => "search.html",
            Self::Corrections(_) => "corrections.html",
            Self::Tombstone(..) => "tombstone.html",
            Self::History(_) => "history.html",
            Self::OutputFile(_) => OUTPUTS,
        }
    }

    /// The address below the site's root.
    pub(crate) fn url_path(&self, view: &SiteView<'_>) -> String {
        // Room for an `index.html` behind it.
        let mut url_path = String::with_capacity(96);
        // Writing to a string can't fail.
        let _ = self.write_url_path(view, &mut url_path);
        url_path
    }

    fn write_url_path(&self, view: &SiteView<'_>, out: &mut String) -> std::fmt::Result {
        match self {
            Self::Article(id) => out.write_str(view.catalog.article(*id).permalink())?,
            Self::Day { day, .. } => day.write_path(out)?,
            Self::Month(year, month) => write!(out, "/{year:04}/{month:02}/")?,
            Self::Year(year) => write!(out, "/{year:04}/")?,
            Self::TermYear { term, year, .. } => {
                view.write_term_path(*term, out)?;
                write!(out, "{year:04}/")?;
            }
            Self::Home => out.write_str("/")?,
            Self::Archive => out.write_str("/archive/")?,
            Self::OnThisDayIndex => out.write_str("/on-this-day/")?,
            Self::OnThisDay(month, day) => write!(out, "/on-this-day/{month:02}-{day:02}/")?,
            Self::Terms(taxonomy) => {
                write!(out, "/{}/", view.site.taxonomies[*taxonomy as usize].path)?
            }
            Self::Term(term) => view.write_term_path(*term, out)?,
            Self::NotFound => out.write_str("/404.html")?,
            Self::Language(lang) => write!(out, "/{}/", view.catalog.languages()[*lang as usize])?,
            Self::Search => out.write_str("/search/")?,
            Self::Corrections(None) => out.write_str("/corrections/")?,
            Self::Corrections(Some(year)) => write!(out, "/corrections/{year:04}/")?,
            Self::Tombstone(tombstone, url_index) => {
                out.write_str(corrections::tombstone_url_path(*tombstone, *url_index, view))?;
            }
            Self::History(id) => out.write_str(&history::url_path(*id, view))?,
            Self::OutputFile(file) => file.write_url_path(view, out)?,
        }
        match self {
            Self::Day { page_number, .. } | Self::TermYear { page_number, .. }
                if *page_number > 1 =>
            {
                write!(out, "{page_number}/")
            }
            _ => Ok(()),
        }
    }

    /// Follows the stories of a year whose rows have moved by so many.
    pub(crate) fn shift_ids(&mut self, offset: i64) {
        match self {
            Self::Article(id)
            | Self::OutputFile(OutputFile::Ninjs(id) | OutputFile::Alias(id, _)) => {
                *id = (i64::from(*id) + offset) as ArticleId;
            }
            _ => {}
        }
    }

    /// Where the page lies in the output folder.
    pub(crate) fn output_path(&self, view: &SiteView<'_>) -> OutputPath {
        OutputPath::from_url_path(self.url_path(view))
    }

    /// The hash of everything that the page at a path is made from.
    pub(crate) fn fingerprint(&self, view: &SiteView<'_>, path: &OutputPath) -> Fingerprint {
        let mut inputs = Inputs::hash_only();
        let common = view.common_inputs.get(self.template()).map(|common| common.fingerprint);
        inputs.part(common.unwrap_or_default(), || ("common".into(), String::new()));
        self.add_inputs(view, path, &mut inputs);
        inputs.finish()
    }

    /// Everything that the page is made from, by name: what is common to pages of its kind, then
    /// what it shows.
    pub(crate) fn explain(&self, view: &SiteView<'_>) -> (Dependencies, Dependencies) {
        let common =
            view.common_inputs.get(self.template()).map(|common| common.dependencies.clone());
        let mut inputs = Inputs::with_dependencies();
        self.add_inputs(view, &self.output_path(view), &mut inputs);
        (common.unwrap_or_default(), inputs.into_dependencies())
    }

    /// The one walk over what the page shows.
    fn add_inputs(&self, view: &SiteView<'_>, path: &OutputPath, inputs: &mut Inputs) {
        inputs.text("its place", path.as_str());
        match self {
            Self::Article(id) => article::add_inputs(*id, view, inputs),
            Self::Day { day, page_number } => {
                period::add_day_inputs(*day, *page_number, view, inputs)
            }
            Self::Month(year, month) => period::add_month_inputs(*year, *month, view, inputs),
            Self::Year(year) => period::add_year_inputs(*year, view, inputs),
            Self::TermYear { term, year, page_number } => {
                term::add_year_inputs(*term, *year, *page_number, view, inputs)
            }
            Self::Home => home::add_inputs(view, inputs),
            Self::Archive | Self::OnThisDayIndex => archive::add_inputs(view, inputs),
            Self::OnThisDay(month, day) => {
                archive::add_on_this_day_inputs(*month, *day, view, inputs)
            }
            Self::Terms(taxonomy) => term::add_index_inputs(*taxonomy as usize, view, inputs),
            Self::Term(id) => term::add_inputs(*id, view, inputs),
            Self::Language(lang) => language::add_inputs(*lang, view, inputs),
            Self::Search => search::add_inputs(view, inputs),
            Self::Corrections(year) => corrections::add_inputs(*year, view, inputs),
            Self::Tombstone(tombstone, _) => {
                corrections::add_tombstone_inputs(*tombstone, view, inputs)
            }
            Self::History(id) => history::add_inputs(*id, view, inputs),
            Self::OutputFile(file) => file.add_inputs(view, inputs),
            Self::NotFound => {}
        }
    }

    /// Renders the page into a buffer. Gives whether what it was made from is what its fingerprint
    /// says: an article may change while a build runs.
    ///
    /// # Errors
    /// What in the article or in a template went wrong.
    pub(crate) fn render(
        &self,
        view: &SiteView<'_>,
        teasers: &Teasers<'_>,
        buffer: &mut Vec<u8>,
    ) -> Result<bool, Vec<Diagnostic>> {
        let mut is_current = true;
        let context = match self {
            Self::Article(id) => {
                let (context, unchanged) = article::context(self, *id, view, teasers)?;
                is_current = unchanged;
                context
            }
            Self::Day { day, page_number } => {
                period::day_context(self, *day, *page_number, view, teasers)
            }
            Self::Month(year, month) => period::month_context(self, *year, *month, view, teasers),
            Self::Year(year) => period::year_context(self, *year, view, teasers),
            Self::TermYear { term, year, page_number } => {
                term::year_context(self, *term, *year, *page_number, view, teasers)
                    .map_err(|diagnostic| vec![*diagnostic])?
            }
            Self::Home => home::context(self, view, teasers),
            Self::Archive => archive::context(self, view),
            Self::OnThisDayIndex => archive::on_this_day_index_context(self, view),
            Self::OnThisDay(month, day) => {
                archive::on_this_day_context(self, *month, *day, view, teasers)
            }
            Self::Terms(taxonomy) => term::index_context(self, *taxonomy as usize, view),
            Self::Term(id) => term::context(self, *id, view, teasers),
            Self::NotFound => {
                view.site_language_context(self, view.messages.get("not_found"), Vec::new())
            }
            Self::Language(lang) => language::context(self, *lang, view),
            Self::Search => search::context(self, view),
            Self::Corrections(year) => corrections::context(self, *year, view),
            Self::Tombstone(tombstone, _) => corrections::tombstone_context(self, *tombstone, view),
            Self::History(id) => history::context(self, *id, view)?,
            Self::OutputFile(file) => return file.write(view, buffer),
        };
        let rendered = view.templates.render(self.template(), &context, buffer);
        rendered.map(|()| is_current).map_err(|diagnostic| vec![*diagnostic])
    }
}

/// Adds the teasers of some rows to a page's inputs.
fn add_teaser_inputs(
    ids: impl IntoIterator<Item = ArticleId>,
    view: &SiteView<'_>,
    inputs: &mut Inputs,
) {
    for id in ids {
        let article = view.catalog.article(id);
        inputs.part(article.teaser_hash(), || {
            (format!("teaser of content/{}", article.path()), article.title().to_owned())
        });
    }
}

//! What each kind of page is made of: its address, its template, its inputs, its context.
//!
//! A page is planned as plain numbers ([`Page`]); its fingerprint and its context are both made from those and from the teasers of the rows it
//! names, so that one can't see what the other doesn't.

mod archive;
mod article;
mod calendar;
mod cite;
mod common;
mod corrections;
mod filed;
mod front;
mod furniture;
mod history;
mod language;
mod machines;
mod metadata;
mod pager;
mod period;
mod related;
mod search;
mod slots;
mod teaser;
mod term;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, OnceLock};

use tera::{Context, Value};

use crate::catalog::{Catalog, LangId, RowId, TermId};
use crate::diagnostic::Diagnostic;
use crate::history::History;
use crate::model::{Day, Fingerprint, Inputs, OutputPath, Told};
use crate::register::Former;
use crate::site::{Feeds, Site, Sitemaps, Taxonomy};
use crate::templates::{Form, Templates, Words, direction};

use archive::Calendar;
use common::Common;
use corrections::Corrected;
pub use corrections::pages as corrections;
pub use front::globals;
pub use language::languages;
pub use machines::{File, Hint, Scope, Table};
pub(crate) use machines::{Redirect, Source, all_redirects, is_redirect};
pub use pager::{PAGE_SIZE, pages_for};
use pager::{page_of, pager, pager_inputs};
use teaser::Days;
pub use teaser::Teasers;

/// Changes whenever the same inputs would give other bytes.
const RENDERING_VERSION: u64 = 16;

const ARTICLE: &str = "article.html";

/// Every template that a page is rendered from.
const TEMPLATES_OF_PAGES: [&str; 17] = [
    ARTICLE,
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
const MACHINES: &str = "machines";

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
fn rendered(html: &[u8]) -> Value {
    // A template's output is UTF-8, as its source and all values are.
    Value::safe_string(std::str::from_utf8(html).unwrap_or_default())
}

/// A page of the site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Page {
    /// An article.
    Article(RowId),
    /// A day's edition, or a later page of a full one.
    Day {
        /// The day.
        day: Day,
        /// The page, from 1.
        number: u32,
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
        number: u32,
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
    /// What stands at an address of a story that was taken down: the story's number, and the address's.
    Tombstone(u32, u32),
    /// The versions of a story.
    History(RowId),
    /// A file for machines.
    Machine(File),
}

/// Everything that pages are made from.
pub struct View<'a> {
    /// The site.
    pub site: &'a Site,
    /// Its articles.
    pub catalog: &'a Catalog,
    /// Its templates.
    pub templates: &'a Templates,
    /// The words of the site's language.
    pub words: Words,
    /// The days of the calendar, with their stories of every year.
    pub calendar: Calendar,
    days: Days,
    /// Every correction, by the year in which it was made.
    pub corrected: Corrected,
    common: BTreeMap<&'static str, Common>,
    terms: Vec<OnceLock<Value>>,
    taxonomies: Vec<[String; 2]>,
    page_of_lists: Value,
    latest: Vec<Vec<RowId>>,
    /// An empty map.
    nothing: Value,
    furniture: furniture::Furniture,
    former: Vec<Former>,
    /// The versions of stories.
    pub history: Arc<History>,
}

impl<'a> View<'a> {
    /// Puts together what pages are made from.
    pub fn new(site: &'a Site, catalog: &'a Catalog, templates: &'a Templates) -> Self {
        let words = templates.languages.get(&site.config.language);
        let names = TEMPLATES_OF_PAGES.iter().chain(&[MACHINES]);
        let common = names.map(|&name| (name, Common::of(name, site, templates))).collect();
        let taxonomy_name =
            |number| [false, true].map(|singular| taxonomy_name(&site.taxonomies[number], &words, singular));
        Self {
            taxonomies: (0..site.taxonomies.len()).map(taxonomy_name).collect(),
            page_of_lists: Value::from(map! {
                "kind" => "term_year",
                "lang" => site.config.language.as_str(),
                "dir" => direction(&site.config.language),
            }),
            nothing: Value::from(map! {}),
            furniture: furniture::Furniture::of(templates),
            terms: (0..catalog.terms()).map(|_| OnceLock::new()).collect(),
            calendar: Calendar::of(catalog),
            days: Days::of(catalog),
            corrected: Corrected::of(site, catalog),
            latest: language::latest(site, catalog),
            site,
            catalog,
            templates,
            words,
            common,
            former: Vec::new(),
            history: Arc::default(),
        }
    }

    /// With former addresses that the register leads on.
    #[must_use]
    pub fn leading(self, former: Vec<Former>) -> Self {
        Self { former, ..self }
    }

    /// With the versions of stories.
    #[must_use]
    pub fn remembering(self, history: Arc<History>) -> Self {
        Self { history, ..self }
    }

    /// The settings of feeds, if there are any.
    fn feeds(&self) -> Option<&Feeds> {
        self.site.config.machines.feeds.as_ref()
    }

    /// The settings of sitemaps, if there are any.
    fn sitemaps(&self) -> Option<&Sitemaps> {
        self.site.config.machines.sitemaps.as_ref()
    }

    /// `page`, as far as a teaser in a list knows it.
    fn page_of_lists(&self) -> Value {
        self.page_of_lists.clone()
    }

    /// The newest stories in a language, newest first.
    fn latest(&self, lang: LangId) -> impl Iterator<Item = RowId> {
        self.latest[lang as usize].iter().copied()
    }

    /// Every input that is common to pages, by name.
    pub fn common(&self) -> Told {
        let all = self.common.values().flat_map(|common| common.told.iter().cloned());
        // No page depends on all former addresses, but a build without news has to see that there are others.
        let former =
            machines::led_on(self).map(|hash| ("former addresses".to_owned(), format!("[{:016x}]", hash.0)));
        // Likewise all versions.
        let history = Some(self.history.fingerprint()).filter(|_| !self.history.is_empty());
        let history = history.map(|hash| ("versions".to_owned(), format!("[{:016x}]", hash.0)));
        all.chain(former).chain(history).collect::<BTreeMap<_, _>>().into_iter().collect()
    }

    /// A term as `{name, url}`, made once.
    fn term(&self, id: TermId) -> Value {
        let make = || {
            let url = self.site.href(&self.term_path(id));
            Value::from(map! { "name" => self.catalog.term(id).name.as_str(), "url" => url })
        };
        self.terms[id as usize].get_or_init(make).clone()
    }

    /// A page's context with what every page has.
    fn context(
        &self,
        page: &Page,
        title: &str,
        description: Option<&str>,
        lang: &str,
        crumbs: Vec<Value>,
    ) -> Context {
        let words = self.templates.languages.get(lang);
        let address = page.address(self);
        let mut context = Context::new();
        if page.has_plain_furniture()
            && let Some(furniture) = self.furniture.get(lang, self)
        {
            context.insert_value("furniture", furniture);
        }
        context.insert_value("t", words.value());
        let metadata =
            page.is_listing().then(|| metadata::of_listing(page, title, description, lang, &crumbs, self));
        context.insert_value(
            "page",
            Value::from(map! {
                "kind" => page.kind(),
                "title" => title,
                "description" => description,
                "url" => self.site.href(&address),
                "canonical" => self.site.absolute(&address),
                "lang" => lang,
                "dir" => direction(lang),
                "crumbs" => crumbs,
                "metadata" => metadata.flatten().map(|html| Value::safe_string(&html)),
            }),
        );
        context
    }

    fn site_context(&self, page: &Page, title: &str, crumbs: Vec<Value>) -> Context {
        self.context(page, title, None, &self.site.config.language, crumbs)
    }

    fn crumb(&self, name: &str, path: &str) -> Value {
        Value::from(map! { "name" => name, "url" => self.site.href(path) })
    }

    /// A year in the digits of the site's language.
    fn year_label(&self, year: i32) -> String {
        self.words.formats().digits(&year.to_string())
    }

    /// A day of the site, as templates see dates.
    fn day(&self, day: Day) -> Value {
        let label = self.words.formats().day(Form::Weekday, day);
        Value::from(
            map! { "iso" => day.iso(), "label" => label, "also" => teaser::also(day, self, &self.words), "time" => Value::none(), "day_url" => self.site.href(&day.path()) },
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
        &self.taxonomies[taxonomy][usize::from(singular)]
    }
}

fn taxonomy_name(taxonomy: &Taxonomy, words: &Words, singular: bool) -> String {
    let configured =
        if singular { taxonomy.singular.as_ref().or(taxonomy.name.as_ref()) } else { taxonomy.name.as_ref() };
    let key = format!("taxonomy_{}{}", taxonomy.key, if singular { "_one" } else { "" });
    configured
        .cloned()
        .or_else(|| words.find(&key).map(str::to_owned))
        .unwrap_or_else(|| taxonomy.key.clone())
}

impl Page {
    /// The kind, as templates see it.
    pub fn kind(&self) -> &'static str {
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
            Self::Machine(file) => file.kind(),
        }
    }

    /// Whether its masthead and colophon are those of any such page: no link in them leads to itself.
    fn has_plain_furniture(&self) -> bool {
        matches!(
            self,
            Self::Article(_) | Self::Day { .. } | Self::Month(..) | Self::Year(_) | Self::TermYear { .. }
        )
    }

    /// The article that it is made from, and what only its own file says, if it is of one.
    pub fn article(&self) -> Option<RowId> {
        match self {
            Self::Article(row) | Self::History(row) => Some(*row),
            Self::Machine(file) => file.article(),
            _ => None,
        }
    }

    /// Whether it shows of several stories what only their own files say.
    pub fn shows_bodies(&self, view: &View<'_>) -> bool {
        matches!(self, Self::Machine(file) if file.shows_bodies(view))
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
                | Self::Machine(_)
                | Self::Terms(_)
                | Self::OnThisDayIndex
                | Self::Archive
        )
    }

    /// The template that it is rendered from.
    pub fn template(&self) -> &'static str {
        match self {
            Self::Article(_) => ARTICLE,
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
            Self::Machine(_) => MACHINES,
        }
    }

    /// The address below the site's root.
    pub fn address(&self, view: &View<'_>) -> String {
        // Room for an `index.html` behind it.
        let mut address = String::with_capacity(96);
        // Writing to a string can't fail.
        let _ = self.write_address(view, &mut address);
        address
    }

    fn write_address(&self, view: &View<'_>, out: &mut String) -> std::fmt::Result {
        match self {
            Self::Article(row) => out.write_str(view.catalog.story(*row).permalink())?,
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
            Self::Terms(taxonomy) => write!(out, "/{}/", view.site.taxonomies[*taxonomy as usize].path)?,
            Self::Term(term) => view.write_term_path(*term, out)?,
            Self::NotFound => out.write_str("/404.html")?,
            Self::Language(lang) => write!(out, "/{}/", view.catalog.languages()[*lang as usize])?,
            Self::Search => out.write_str("/search/")?,
            Self::Corrections(None) => out.write_str("/corrections/")?,
            Self::Corrections(Some(year)) => write!(out, "/corrections/{year:04}/")?,
            Self::Tombstone(story, address) => {
                out.write_str(corrections::address(*story, *address, view))?;
            }
            Self::History(row) => out.write_str(&history::address(*row, view))?,
            Self::Machine(file) => file.write_address(view, out)?,
        }
        match self {
            Self::Day { number, .. } | Self::TermYear { number, .. } if *number > 1 => {
                write!(out, "{number}/")
            }
            _ => Ok(()),
        }
    }

    /// Follows the stories of a year whose rows have moved by so many.
    pub fn move_rows(&mut self, by: i64) {
        match self {
            Self::Article(row) | Self::Machine(File::Ninjs(row) | File::Alias(row, _)) => {
                *row = (i64::from(*row) + by) as RowId;
            }
            _ => {}
        }
    }

    /// Where the page lies in the output folder.
    pub fn path(&self, view: &View<'_>) -> OutputPath {
        OutputPath::of_address(self.address(view))
    }

    /// The hash of everything that the page at a path is made from.
    pub fn fingerprint(&self, view: &View<'_>, path: &OutputPath) -> Fingerprint {
        let mut inputs = Inputs::hashed();
        let common = view.common.get(self.template()).map(|common| common.fingerprint);
        inputs.part(common.unwrap_or_default(), || ("common".into(), String::new()));
        self.inputs(view, path, &mut inputs);
        inputs.finish()
    }

    /// Everything that the page is made from, by name: what is common to pages of its kind, then what it shows.
    pub fn explain(&self, view: &View<'_>) -> (Told, Told) {
        let common = view.common.get(self.template()).map(|common| common.told.clone());
        let mut inputs = Inputs::told();
        self.inputs(view, &self.path(view), &mut inputs);
        (common.unwrap_or_default(), inputs.into_told())
    }

    /// The one walk over what the page shows.
    fn inputs(&self, view: &View<'_>, path: &OutputPath, inputs: &mut Inputs) {
        inputs.text("its place", path.as_str());
        match self {
            Self::Article(row) => article::inputs(*row, view, inputs),
            Self::Day { day, number } => period::day_inputs(*day, *number, view, inputs),
            Self::Month(year, month) => period::month_inputs(*year, *month, view, inputs),
            Self::Year(year) => period::year_inputs(*year, view, inputs),
            Self::TermYear { term, year, number } => term::year_inputs(*term, *year, *number, view, inputs),
            Self::Home => front::inputs(view, inputs),
            Self::Archive | Self::OnThisDayIndex => archive::inputs(view, inputs),
            Self::OnThisDay(month, day) => archive::day_inputs(*month, *day, view, inputs),
            Self::Terms(taxonomy) => term::index_inputs(*taxonomy as usize, view, inputs),
            Self::Term(id) => term::inputs(*id, view, inputs),
            Self::Language(lang) => language::inputs(*lang, view, inputs),
            Self::Search => search::inputs(view, inputs),
            Self::Corrections(year) => corrections::inputs(*year, view, inputs),
            Self::Tombstone(story, _) => corrections::tombstone_inputs(*story, view, inputs),
            Self::History(row) => history::inputs(*row, view, inputs),
            Self::Machine(file) => file.inputs(view, inputs),
            Self::NotFound => {}
        }
    }

    /// Renders the page into a buffer. Gives whether what it was made from is what its fingerprint says: an article may change while a build
    /// runs.
    ///
    /// # Errors
    /// What in the article or in a template went wrong.
    pub fn render(
        &self,
        view: &View<'_>,
        teasers: &Teasers<'_>,
        buffer: &mut Vec<u8>,
    ) -> Result<bool, Vec<Diagnostic>> {
        let mut settled = true;
        let context = match self {
            Self::Article(row) => {
                let (context, unchanged) = article::context(self, *row, view, teasers)?;
                settled = unchanged;
                context
            }
            Self::Day { day, number } => period::day(self, *day, *number, view, teasers),
            Self::Month(year, month) => period::month(self, *year, *month, view, teasers),
            Self::Year(year) => period::year(self, *year, view, teasers),
            Self::TermYear { term, year, number } => {
                term::year(self, *term, *year, *number, view, teasers).map_err(|mistake| vec![*mistake])?
            }
            Self::Home => front::context(self, view, teasers),
            Self::Archive => archive::context(self, view),
            Self::OnThisDayIndex => archive::days(self, view),
            Self::OnThisDay(month, day) => archive::day(self, *month, *day, view, teasers),
            Self::Terms(taxonomy) => term::index(self, *taxonomy as usize, view),
            Self::Term(id) => term::context(self, *id, view, teasers),
            Self::NotFound => view.site_context(self, view.words.get("not_found"), Vec::new()),
            Self::Language(lang) => language::context(self, *lang, view),
            Self::Search => search::context(self, view),
            Self::Corrections(year) => corrections::context(self, *year, view),
            Self::Tombstone(story, _) => corrections::tombstone(self, *story, view),
            Self::History(row) => history::context(self, *row, view)?,
            Self::Machine(file) => return file.write(view, buffer),
        };
        let rendered = view.templates.render(self.template(), &context, buffer);
        rendered.map(|()| settled).map_err(|diagnostic| vec![*diagnostic])
    }
}

/// Adds the teasers of some rows to a page's inputs.
fn teasers_of(rows: impl IntoIterator<Item = RowId>, view: &View<'_>, inputs: &mut Inputs) {
    for row in rows {
        let story = view.catalog.story(row);
        inputs.part(story.teaser(), || {
            (format!("teaser of content/{}", story.path()), story.title().to_owned())
        });
    }
}

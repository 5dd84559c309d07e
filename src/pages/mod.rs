//! What each kind of page is made of: its address, its template, its inputs, its context.
//!
//! A page is planned as plain numbers ([`Page`]); its fingerprint and its context are both made from those and from the teasers of the rows it
//! names, so that one can't see what the other doesn't.

mod archive;
mod article;
mod calendar;
mod front;
mod machine;
mod period;
mod teaser;
mod term;

use std::ops::Range;

use tera::{Context, Map, Value};

use crate::catalog::{Catalog, RowId, TermId};
use crate::diagnostic::Diagnostic;
use crate::model::{Day, Fingerprint, Fingerprinter, OutputPath};
use crate::site::Site;
use crate::templates::{Templates, Words};

pub(crate) use article::size as image_size;
pub use front::globals;
pub(crate) use machine::sitemap_parts;
pub use teaser::Teasers;

/// A listing never shows more stories than this on one page.
pub const PAGE_SIZE: usize = 100;

/// The addresses in one sitemap (sitemaps.org allows 50,000).
pub const SITEMAP_SIZE: usize = 50_000;

/// Changes whenever the same inputs would give other bytes.
const RENDERING_VERSION: u64 = 1;

/// Builds a template map from pairs of names and values.
macro_rules! map {
    () => { tera::Map::default() };
    ($($key:literal => $value:expr),+ $(,)?) => {{
        let mut map = tera::Map::default();
        $(map.insert(tera::value::Key::Str($key), tera::Value::from($value));)+
        map
    }};
}
pub(crate) use map;

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
        number: usize,
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
        number: usize,
    },
    /// The front page.
    Home,
    /// All years.
    Archive,
    /// The days of the year.
    OnThisDayIndex,
    /// One day in every year.
    OnThisDay(u32, u32),
    /// All terms of a taxonomy.
    Terms(usize),
    /// A term.
    Term(TermId),
    /// What a host shows for an address without a page.
    NotFound,
    /// The Atom feed.
    Feed,
    /// The index of sitemaps.
    SitemapIndex,
    /// A part of the sitemap: of one year, or of all that has no year.
    Sitemap {
        /// The year, if it is of one.
        year: Option<i32>,
        /// The part, from 1.
        number: usize,
    },
    /// `robots.txt`.
    Robots,
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
    /// What every page depends on: templates, settings, the program's own version.
    pub common: Fingerprint,
}

impl<'a> View<'a> {
    /// Puts together what pages are made from.
    pub fn new(site: &'a Site, catalog: &'a Catalog, templates: &'a Templates) -> Self {
        let words = templates.languages.get(&site.config.language);
        let mut common = Fingerprinter::new();
        common.number(RENDERING_VERSION).add(templates.fingerprint);
        // The settings as read: their debug form names each with its value, in a fixed order.
        common.text(&format!("{:?}{:?}{}", site.config, site.taxonomies, site.base_url));
        Self { site, catalog, templates, words, common: common.finish() }
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
        context.insert_value("t", words.value());
        context.insert_value(
            "page",
            Value::from(map! {
                "kind" => page.kind(),
                "title" => title,
                "description" => description,
                "url" => self.site.href(&address),
                "canonical" => self.site.absolute(&address),
                "lang" => lang,
                "dir" => crate::templates::direction(lang),
                "crumbs" => crumbs,
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

    /// A day of the site, as templates see dates.
    fn day(&self, day: Day) -> Value {
        let label = self.words.day("date_weekday", day);
        Value::from(
            map! { "iso" => day.iso(), "label" => label, "time" => Value::none(), "day_url" => self.site.href(&day.path()) },
        )
    }

    /// The address of a term.
    fn term_path(&self, id: TermId) -> String {
        let term = self.catalog.term(id);
        format!("/{}/{}/", self.site.taxonomies[term.taxonomy].path, term.slug)
    }

    /// The name of a taxonomy, or of one of its terms.
    fn taxonomy_name(&self, taxonomy: usize, singular: bool) -> String {
        let taxonomy = &self.site.taxonomies[taxonomy];
        let configured = if singular {
            taxonomy.singular.as_ref().or(taxonomy.name.as_ref())
        } else {
            taxonomy.name.as_ref()
        };
        let key = format!("taxonomy_{}{}", taxonomy.key, if singular { "_one" } else { "" });
        configured
            .cloned()
            .or_else(|| self.words.find(&key).map(str::to_owned))
            .unwrap_or_else(|| taxonomy.key.clone())
    }
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
            Self::Feed => "feed",
            Self::SitemapIndex => "sitemap_index",
            Self::Sitemap { .. } => "sitemap",
            Self::Robots => "robots",
        }
    }

    fn template(&self) -> &'static str {
        match self {
            Self::Article(_) => "article.html",
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
            Self::Feed => "feed.xml",
            Self::SitemapIndex => "sitemap_index.xml",
            Self::Sitemap { .. } => "sitemap.xml",
            Self::Robots => "robots.txt",
        }
    }

    /// The address below the site's root.
    pub fn address(&self, view: &View<'_>) -> String {
        let numbered =
            |path: String, number: usize| if number > 1 { format!("{path}{number}/") } else { path };
        match self {
            Self::Article(row) => view.catalog.story(*row).permalink().to_owned(),
            Self::Day { day, number } => numbered(day.path(), *number),
            Self::Month(year, month) => format!("/{year:04}/{month:02}/"),
            Self::Year(year) => format!("/{year:04}/"),
            Self::TermYear { term, year, number } => {
                numbered(format!("{}{year:04}/", view.term_path(*term)), *number)
            }
            Self::Home => "/".into(),
            Self::Archive => "/archive/".into(),
            Self::OnThisDayIndex => "/on-this-day/".into(),
            Self::OnThisDay(month, day) => format!("/on-this-day/{month:02}-{day:02}/"),
            Self::Terms(taxonomy) => format!("/{}/", view.site.taxonomies[*taxonomy].path),
            Self::Term(term) => view.term_path(*term),
            Self::NotFound => "/404.html".into(),
            Self::Feed => "/feed.xml".into(),
            Self::SitemapIndex => "/sitemap.xml".into(),
            Self::Sitemap { year, number } => {
                let name = year.map_or("site".into(), |year| format!("{year:04}"));
                let part = if *number > 1 { format!("-{number}") } else { String::new() };
                format!("/sitemaps/{name}{part}.xml")
            }
            Self::Robots => "/robots.txt".into(),
        }
    }

    /// Where the page lies in the output folder.
    pub fn path(&self, view: &View<'_>) -> OutputPath {
        OutputPath::of_address(&self.address(view))
    }

    /// The hash of everything that the page is made from.
    pub fn fingerprint(&self, view: &View<'_>) -> Fingerprint {
        let mut hash = Fingerprinter::new();
        hash.add(view.common).text(&self.address(view));
        match self {
            Self::Article(row) => article::inputs(*row, view, &mut hash),
            Self::Day { day, number } => period::day_inputs(*day, *number, view, &mut hash),
            Self::Month(year, month) => period::month_inputs(*year, *month, view, &mut hash),
            Self::Year(year) => period::year_inputs(*year, view, &mut hash),
            Self::TermYear { term, year, number } => {
                term::year_inputs(*term, *year, *number, view, &mut hash);
            }
            Self::Home => front::inputs(view, &mut hash),
            Self::Archive | Self::OnThisDayIndex => archive::inputs(view, &mut hash),
            Self::OnThisDay(month, day) => archive::day_inputs(*month, *day, view, &mut hash),
            Self::Terms(taxonomy) => term::index_inputs(*taxonomy, view, &mut hash),
            Self::Term(id) => term::inputs(*id, view, &mut hash),
            Self::Feed => machine::feed_inputs(view, &mut hash),
            Self::SitemapIndex => machine::sitemap_index_inputs(view, &mut hash),
            Self::Sitemap { year, .. } => machine::sitemap_inputs(*year, view, &mut hash),
            Self::NotFound | Self::Robots => {}
        }
        hash.finish()
    }

    /// Renders the page into a buffer.
    ///
    /// # Errors
    /// What in the article or in a template went wrong.
    pub fn render(
        &self,
        view: &View<'_>,
        teasers: &Teasers<'_>,
        buffer: &mut Vec<u8>,
    ) -> Result<(), Vec<Diagnostic>> {
        let context = match self {
            Self::Article(row) => article::context(self, *row, view, teasers)?,
            Self::Day { day, number } => period::day(self, *day, *number, view, teasers),
            Self::Month(year, month) => period::month(self, *year, *month, view, teasers),
            Self::Year(year) => period::year(self, *year, view, teasers),
            Self::TermYear { term, year, number } => term::year(self, *term, *year, *number, view, teasers),
            Self::Home => front::context(self, view, teasers),
            Self::Archive => archive::context(self, view),
            Self::OnThisDayIndex => archive::days(self, view),
            Self::OnThisDay(month, day) => archive::day(self, *month, *day, view, teasers),
            Self::Terms(taxonomy) => term::index(self, *taxonomy, view),
            Self::Term(id) => term::context(self, *id, view, teasers),
            Self::NotFound => view.site_context(self, view.words.get("not_found"), Vec::new()),
            Self::Feed => machine::feed(self, view, teasers),
            Self::SitemapIndex => machine::sitemap_index(self, view),
            Self::Sitemap { year, number } => machine::sitemap(self, *year, *number, view),
            Self::Robots => view.site_context(self, &view.site.config.title, Vec::new()),
        };
        view.templates.render(self.template(), &context, buffer).map_err(|diagnostic| vec![*diagnostic])
    }
}

/// Adds the teasers of some rows to a fingerprint.
fn hash_rows(rows: impl IntoIterator<Item = RowId>, view: &View<'_>, hash: &mut Fingerprinter) {
    for row in rows {
        hash.add(view.catalog.story(row).teaser());
    }
}

/// The rows of one page of a listing that goes oldest first.
fn page_of(rows: &Range<RowId>, number: usize) -> Range<RowId> {
    let start = rows.start + ((number - 1) * PAGE_SIZE) as RowId;
    start.min(rows.end)..(start + PAGE_SIZE as RowId).min(rows.end)
}

/// How many pages a listing of so many stories takes.
pub fn pages_for(stories: usize) -> usize {
    stories.div_ceil(PAGE_SIZE).max(1)
}

/// The addresses of a listing's pages; `none` if there is just one.
fn pager(total: usize, number: usize, first: &str, view: &View<'_>) -> Value {
    if total < 2 {
        return Value::none();
    }
    let url = |n: usize| view.site.href(&if n > 1 { format!("{first}{n}/") } else { first.to_owned() });
    let pages: Vec<Value> = (1..=total)
        .map(|n| Value::from(map! { "number" => n, "url" => url(n), "current" => n == number }))
        .collect();
    Value::from(map! {
        "number" => number,
        "total" => total,
        "previous" => (number > 1).then(|| url(number - 1)),
        "next" => (number < total).then(|| url(number + 1)),
        "pages" => pages,
    })
}

/// A map as a value.
fn value(map: Map) -> Value {
    Value::from(map)
}

//! The pages of a site, as the plan names them, and one row for each kind of page.

use super::output_file::OutputFile;
use crate::archive::{ArticleId, LangId, TermId};
use crate::model::Day;

/// The template of an article's page.
pub(super) const ARTICLE_TEMPLATE: &str = "article.html";

/// The template of a page without a date.
pub(super) const STANDALONE_PAGE_TEMPLATE: &str = "page.html";

/// The template of a page of a term's year.
pub(super) const TERM_YEAR_TEMPLATE: &str = "term_year.html";

/// The name that is used instead of a template's for files that are written without one.
pub(super) const OUTPUT_FILES: &str = "output files";

/// A page of the site, as plain numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Page {
    /// An article.
    Article(ArticleId),
    /// A page without a date, such as About.
    Standalone(ArticleId),
    /// A day's edition, or a later page of a long one.
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
    /// A term's articles of one year.
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
    /// One day in every year: month and day.
    OnThisDay(u32, u32),
    /// All terms of a taxonomy, by its index.
    Terms(u32),
    /// A term.
    Term(TermId),
    /// The page that a host sends for a URL that doesn't exist.
    NotFound,
    /// The front page of a language other than the site's.
    Language(LangId),
    /// The search page.
    Search,
    /// All corrections of a year; without a year those of the newest, with links to the others.
    Corrections(Option<i32>),
    /// The notice at a URL of an unpublished article: the index of its tombstone, and of the URL
    /// in the tombstone's list.
    Tombstone(u32, u32),
    /// The versions of an article.
    History(ArticleId),
    /// A file that is written without a template.
    OutputFile(OutputFile),
}

/// The properties that all pages of one kind share.
struct PageKind {
    /// The name, as templates and reports show it.
    name: &'static str,
    template: &'static str,
    /// True if its structured data describes it as a collection of articles.
    is_collection: bool,
}

impl PageKind {
    const fn collection(name: &'static str, template: &'static str) -> Self {
        Self { name, template, is_collection: true }
    }

    const fn single(name: &'static str, template: &'static str) -> Self {
        Self { name, template, is_collection: false }
    }
}

impl Page {
    /// The row of its kind.
    const fn row(&self) -> PageKind {
        match self {
            Self::Article(_) => PageKind::single("article", ARTICLE_TEMPLATE),
            Self::Standalone(_) => PageKind::single("page", STANDALONE_PAGE_TEMPLATE),
            Self::Day { .. } => PageKind::collection("day", "day.html"),
            Self::Month(..) => PageKind::collection("month", "month.html"),
            Self::Year(_) => PageKind::collection("year", "year.html"),
            Self::TermYear { .. } => PageKind::collection("term_year", TERM_YEAR_TEMPLATE),
            Self::Home => PageKind::collection("home", "home.html"),
            Self::Archive => PageKind::single("archive", "archive.html"),
            Self::OnThisDayIndex => PageKind::single("on_this_day_index", "on_this_day_index.html"),
            Self::OnThisDay(..) => PageKind::collection("on_this_day", "on_this_day.html"),
            Self::Terms(_) => PageKind::single("terms", "terms.html"),
            Self::Term(_) => PageKind::collection("term", "term.html"),
            Self::NotFound => PageKind::single("not_found", "404.html"),
            Self::Language(_) => PageKind::collection("language", "language.html"),
            Self::Search => PageKind::collection("search", "search.html"),
            Self::Corrections(_) => PageKind::single("corrections", "corrections.html"),
            Self::Tombstone(..) => PageKind::single("tombstone", "tombstone.html"),
            Self::History(_) => PageKind::single("history", "history.html"),
            Self::OutputFile(file) => PageKind::single(file.kind(), OUTPUT_FILES),
        }
    }

    /// Returns the name of its kind, as templates see it.
    pub(crate) fn kind(&self) -> &'static str {
        self.row().name
    }

    /// Returns the name of the template that it is rendered from.
    pub(crate) fn template(&self) -> &'static str {
        self.row().template
    }

    /// Returns whether its structured data describes it as a collection of articles.
    pub(super) fn is_collection(&self) -> bool {
        self.row().is_collection
    }

    /// Returns the article whose file is read to render it, if there is one.
    pub(crate) fn article(&self) -> Option<ArticleId> {
        match self {
            Self::Article(id) | Self::Standalone(id) | Self::History(id) => Some(*id),
            Self::OutputFile(file) => file.article(),
            _ => None,
        }
    }

    /// Returns the article or page without a date that it is the main page of.
    pub(crate) fn own_article(&self) -> Option<ArticleId> {
        match self {
            Self::Article(id) | Self::Standalone(id) => Some(*id),
            _ => None,
        }
    }

    /// Adds an offset to the ids of articles in a year's page, after articles were added or
    /// removed before that year.
    pub(crate) fn shift_ids(&mut self, offset: i64) {
        match self {
            Self::Article(id)
            | Self::OutputFile(OutputFile::Ninjs(id) | OutputFile::Alias(id, _)) => {
                *id = (i64::from(*id) + offset) as ArticleId;
            }
            _ => {}
        }
    }
}

/// Returns whether a page only redirects to another.
pub(crate) fn is_redirect(page: &Page) -> bool {
    matches!(page, Page::OutputFile(file) if file.is_redirect())
}

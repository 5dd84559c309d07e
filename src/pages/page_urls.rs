//! The URL path of every page.

use std::fmt::Write as _;

use super::kinds::Page;
use super::urls::{corrections_path, on_this_day_path};
use super::view::SiteView;
use crate::archive::ArticleId;
use crate::config::RootName;
use crate::model::OutputPath;

impl Page {
    /// Returns the path of its URL, below the site's root.
    pub(crate) fn url_path(&self, view: &SiteView<'_>) -> String {
        // Long enough for most paths with `index.html` appended.
        let mut url_path = String::with_capacity(96);
        // Writing to a string can't fail.
        let _ = self.write_url_path(view, &mut url_path);
        url_path
    }

    fn write_url_path(&self, view: &SiteView<'_>, out: &mut String) -> std::fmt::Result {
        match self {
            Self::Article(id) | Self::Standalone(id) => {
                out.write_str(view.catalog.article(*id).permalink())?;
            }
            Self::Day { day, .. } => day.write_path(out)?,
            Self::Month(year, month) => write!(out, "/{year:04}/{month:02}/")?,
            Self::Year(year) => write!(out, "/{year:04}/")?,
            Self::TermYear { term, year, .. } => {
                view.write_term_path(*term, out)?;
                write!(out, "{year:04}/")?;
            }
            Self::Home => out.write_str("/")?,
            Self::Archive => out.write_str(&RootName::Archive.dir_path())?,
            Self::OnThisDayIndex => out.write_str(&RootName::OnThisDay.dir_path())?,
            Self::OnThisDay(month, day) => out.write_str(&on_this_day_path(*month, *day))?,
            Self::Terms(taxonomy) => {
                write!(out, "/{}/", view.site.taxonomies[*taxonomy as usize].path)?;
            }
            Self::Term(term) => view.write_term_path(*term, out)?,
            Self::NotFound => out.write_str(&RootName::NotFound.file_path())?,
            Self::Language(lang) => write!(out, "/{}/", view.catalog.languages()[*lang as usize])?,
            Self::Search => out.write_str(&RootName::Search.dir_path())?,
            Self::Corrections(year) => out.write_str(&corrections_path(*year))?,
            Self::Tombstone(tombstone, url_index) => {
                out.write_str(tombstone_path(*tombstone, *url_index, view))?;
            }
            Self::History(id) => out.write_str(&history_path(*id, view))?,
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

    /// Returns the path of its file in the output folder.
    pub(crate) fn output_path(&self, view: &SiteView<'_>) -> OutputPath {
        OutputPath::from_url_path(self.url_path(view))
    }
}

/// Returns the path of an article's version history: below the article's own.
pub(super) fn history_path(id: ArticleId, view: &SiteView<'_>) -> String {
    let article = view.catalog.article(id);
    let permalink = article.permalink();
    let dir = permalink.strip_suffix(".html").unwrap_or(permalink).trim_end_matches('/');
    format!("{dir}/history/")
}

/// Returns a URL path of an unpublished article, by the index of its tombstone and of the path.
fn tombstone_path<'a>(index: u32, path_index: u32, view: &SiteView<'a>) -> &'a str {
    let tombstone = view.catalog.tombstones().get(index as usize);
    tombstone
        .and_then(|tombstone| tombstone.permalinks.get(path_index as usize))
        .map_or("", String::as_str)
}

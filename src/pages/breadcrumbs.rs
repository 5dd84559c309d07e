//! The breadcrumbs of an article.

use tera::Value;

use super::teaser::section_value;
use super::view::SiteView;
use crate::archive::Article;

/// Returns the breadcrumbs of an article: its section, then its year, month and day.
pub(super) fn breadcrumbs(article: &Article<'_>, view: &SiteView<'_>) -> Vec<Value> {
    let section = Some(section_value(article, view)).filter(|section| !section.is_none());
    let day = view
        .day_values(article.day())
        .into_iter()
        .flat_map(|day_values| day_values.breadcrumbs.iter().cloned());
    section.into_iter().chain(day).collect()
}

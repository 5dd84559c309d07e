//! URLs that several pages and files name.

use std::borrow::Cow;

use super::output_file::TableFormat;
use crate::archive::Article;
use crate::config::{RootName, Site};

/// Returns the absolute URL of an image or a page.
pub(super) fn absolute_url<'h>(site: &Site, href: &'h str) -> Cow<'h, str> {
    let origin =
        site.base_url.strip_suffix(site.base_path.trim_end_matches('/')).unwrap_or(&site.base_url);
    match href {
        _ if href.starts_with("//") => format!("https:{href}").into(),
        _ if href.starts_with('/') => format!("{origin}{href}").into(),
        _ => href.into(),
    }
}

/// Returns the path of an article's ninjs: `index.json` in the folder of its page, or the page's
/// path with another extension.
pub(super) fn ninjs_path(article: &Article<'_>) -> String {
    let page = article.permalink();
    match page.strip_suffix('/') {
        Some(dir) => format!("{dir}/index.json"),
        None => format!("{}.json", page.rsplit_once('.').map_or(page, |(stem, _)| stem)),
    }
}

/// Returns the path of the corrections of a year; without a year, of the page of all.
pub(super) fn corrections_path(year: Option<i32>) -> String {
    let dir = RootName::Corrections.dir_path();
    year.map_or_else(|| dir.clone(), |year| format!("{dir}{year:04}/"))
}

/// Returns the path of the page of a day in every year.
pub(super) fn on_this_day_path(month: u32, day: u32) -> String {
    format!("{}{month:02}-{day:02}/", RootName::OnThisDay.dir_path())
}

/// Returns the path of the table of a year's articles.
pub(super) fn table_path(year: i32, format: TableFormat) -> String {
    let extension = match format {
        TableFormat::JsonLines => "jsonl",
        TableFormat::Csv => "csv",
    };
    format!("{}{year:04}.{extension}", RootName::Data.dir_path())
}

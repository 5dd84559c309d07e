//! URLs that several pages and files name.

use std::borrow::Cow;

use crate::archive::Article;
use crate::config::Site;

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

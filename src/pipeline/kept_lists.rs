//! Files of the last build whose source is unknown: pages of lists while articles can't be read,
//! and files of `static/` while it can't be read. They stay, unless they show a hidden article.

use std::collections::HashSet;

use super::cache::manifest::{ArticleFile, SavedFile};
use super::lost_pages::HiddenArticles;
use super::permalink_resolver::PermalinkResolver;
use super::unplanned_files::UnplannedFiles;
use super::unreadable_paths::UnreadablePaths;
use super::url_changes::url_of_file;
use crate::archive::Catalog;
use crate::config::Site;
use crate::content::html::{UrlEdit, edit_urls};
use crate::model::permalink::percent_decode_path;
use crate::model::{Fingerprint, OutputPath, Permalink};
use crate::{regular_file, search};

/// Sources that can't be read.
#[derive(Clone, Copy)]
pub(crate) struct UnreadSources<'a> {
    /// Files and folders of `content/`.
    pub(crate) content: &'a UnreadablePaths,
    /// Files and folders of `static/`.
    pub(crate) statics: &'a UnreadablePaths,
    /// The registered URLs that may be those of articles with errors.
    pub(crate) resolver: &'a PermalinkResolver,
}

/// Retains the pages of lists (terms, days, months, years, feeds and so on) while a file or
/// folder of `content/` can't be read: its articles may be in any of them. While an article has an
/// error, retains only the lists with registered URLs. Retains the files of `static/` that
/// can't be read. A page that links to a hidden article is removed all the same.
pub(crate) fn retain_unknown_files(
    unplanned: &mut UnplannedFiles,
    (site, catalog): (&Site, &Catalog),
    unread: UnreadSources<'_>,
    hidden: impl FnOnce() -> HiddenArticles,
) {
    let has_unknown_articles = unplanned.retained_count() > 0;
    let is_unknown =
        |path: &str| !unread.content.is_empty() || unread.resolver.is_unknown(&url_of_file(path));
    let is_candidate = |file: &SavedFile| {
        let is_saved = file.entry.content_hash != Fingerprint::DIRTY;
        let is_generated = is_saved && file.article.path.is_empty() && !is_search_index(&file.path);
        is_generated
            && (has_unknown_articles && is_list(&file.path) && is_unknown(&file.path)
                || unread.statics.contains(&file.path) && !is_in_content(site, &file.path))
    };
    if !unplanned.orphans.iter().any(is_candidate) {
        return;
    }
    let hidden_pages = find_hidden_pages(unplanned, catalog, &hidden());
    unplanned.retain_orphans(|file| {
        is_candidate(file)
            && (hidden_pages.is_empty()
                || !is_list(&file.path)
                || !links_to_any(site, &file.path, &hidden_pages))
    });
}

/// Returns true for a file that may be the page of a list, a feed or a sitemap.
fn is_list(path: &str) -> bool {
    [".html", ".xml", ".json", ".csv", ".txt"].iter().any(|end| path.ends_with(end))
}

/// Returns true for a file of the search index, which has the words of all articles.
fn is_search_index(path: &str) -> bool {
    path.strip_prefix(search::OUTPUT_DIR).is_some_and(|rest| rest.starts_with('/'))
}

/// Returns true if a file may be published from `content/`, as the images of articles are, so that
/// it isn't one of `static/`.
fn is_in_content(site: &Site, path: &str) -> bool {
    let folder = path.rsplit_once('/').map(|(folder, _)| folder);
    folder.is_some_and(|folder| site.content_dir.join(folder).is_dir())
        || site.content_dir.join(path).symlink_metadata().is_ok()
}

/// Returns the paths of the pages that hidden articles have, or had in the last build.
fn find_hidden_pages(
    unplanned: &UnplannedFiles,
    catalog: &Catalog,
    hidden: &HiddenArticles,
) -> HashSet<String> {
    let is_hidden = |file: &&SavedFile| {
        file.article.role == ArticleFile::Page
            && hidden.may_include(&url_of_file(&file.path), &file.article.path, None)
    };
    let orphans = unplanned.orphans.iter().filter(is_hidden).map(|file| file.path.clone());
    let tombstones = catalog.tombstones().iter().flat_map(|tombstone| &tombstone.permalinks);
    let tombstones = tombstones.filter_map(|url| Permalink::new(url).ok());
    let tombstones = tombstones.map(|url| OutputPath::from_permalink(&url).as_str().to_owned());
    orphans.chain(tombstones).collect()
}

/// Returns true if a file of the output folder has a link to one of some pages. So that nothing
/// hidden stays visible, a file that can't be read counts as one that has.
fn links_to_any(site: &Site, path: &str, pages: &HashSet<String>) -> bool {
    let Ok(bytes) = regular_file::read(&site.output_dir.join(path)) else { return true };
    let text = String::from_utf8_lossy(&bytes);
    let is_page = |url: &str| {
        let path = url.strip_prefix(site.base_url.as_str()).unwrap_or(url);
        let path = path.strip_prefix(site.base_path.as_str()).or(path.strip_prefix('/'));
        let path = path.and_then(|path| path.split(['?', '#']).next()).map(percent_decode_path);
        path.is_some_and(|path| {
            pages.contains(OutputPath::from_url_path(path.into_owned()).as_str())
        })
    };
    let mut has_link = false;
    if path.ends_with(".html") {
        edit_urls(&text, |_, url| {
            has_link |= is_page(url);
            UrlEdit::Keep
        });
    }
    // Feeds, data and scripts have URLs in quotation marks, in elements or in cells.
    let is_separator = |c: char| c.is_whitespace() || "\"'<>,;()[]{}".contains(c);
    has_link || text.split(is_separator).any(is_page)
}

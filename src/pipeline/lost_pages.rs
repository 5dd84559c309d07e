//! Pages of URLs that are lost: they stay until the loss is accepted, unless readers must no longer
//! see what they show.

use std::collections::{BTreeSet, HashSet};

use super::cache::manifest::{ArticleFile, SavedFile};
use super::unplanned_files::UnplannedFiles;
use super::url_changes::{UrlChange, url_of_file};
use crate::archive::{Catalog, path_stem};
use crate::config::Site;
use crate::content::html::{UrlEdit, edit_urls};
use crate::content::read::read_article;
use crate::content::{FrontMatter, ParsedArticle, SourceFile};
use crate::model::Fingerprint;
use crate::model::permalink::percent_decode_path;
use crate::permalinks::{MissingPermalink, body_evidence};
use crate::regular_file;

/// The URLs that the site loses.
#[derive(Clone, Copy)]
pub(crate) struct LostUrls<'a> {
    /// The missing URLs of the permalink registry.
    pub(crate) missing: &'a [MissingPermalink],
    /// The old URLs of articles whose URL changed.
    pub(crate) changes: &'a [UrlChange],
}

/// Retains the pages of lost URLs with the other files that belong to their articles. A page stays
/// only if no article that readers must not see could be the one that it shows.
pub(crate) fn retain_lost_pages(
    unplanned: &mut UnplannedFiles,
    lost_urls: LostUrls<'_>,
    hidden: impl FnOnce() -> HiddenArticles,
) {
    let is_page = |file: &&SavedFile| file.article.role == ArticleFile::Page;
    let pages: Vec<(String, &str)> = unplanned
        .orphans
        .iter()
        .filter(is_page)
        .map(|file| (url_of_file(&file.path), &*file.article.path))
        .collect();
    let changed_urls: HashSet<&str> =
        lost_urls.changes.iter().map(|change| change.from.as_str()).collect();
    let mut lost_pages: Vec<(String, &str, Option<&MissingPermalink>)> = Vec::new();
    for (url, article_path) in pages {
        let missing =
            lost_urls.missing.binary_search_by(|missing| missing.permalink.as_str().cmp(&url));
        let missing = missing.ok().map(|index| &lost_urls.missing[index]);
        if missing.is_some() || changed_urls.contains(url.as_str()) {
            lost_pages.push((url, article_path, missing));
        }
    }
    if lost_pages.is_empty() {
        return;
    }
    let hidden = hidden();
    lost_pages
        .retain(|(url, article_path, missing)| !hidden.may_include(url, article_path, *missing));
    let urls: HashSet<String> = lost_pages.iter().map(|(url, ..)| url.clone()).collect();
    let articles: HashSet<Box<str>> =
        lost_pages.iter().map(|(_, path, _)| (*path).into()).collect();
    unplanned.retain_orphans(|file| match file.article.role {
        ArticleFile::Page => urls.contains(&url_of_file(&file.path)),
        ArticleFile::Other => articles.contains(&file.article.path),
    });
}

/// Retains the images and other files that retained pages show or link to.
pub(crate) fn retain_linked_files(unplanned: &mut UnplannedFiles, site: &Site) {
    let is_candidate = |file: &SavedFile| {
        let is_page = [".html", ".xml", ".json"].iter().any(|end| file.path.ends_with(end));
        file.article.path.is_empty() && !is_page
    };
    if !unplanned.orphans.iter().any(is_candidate) {
        return;
    }
    let mut linked = HashSet::new();
    for path in unplanned.retained_paths().filter(|path| path.ends_with(".html")) {
        // A page that can't be read has no images either.
        let bytes = regular_file::read(&site.output_dir.join(path)).unwrap_or_default();
        edit_urls(&String::from_utf8_lossy(&bytes), |_, url| {
            let path = url.strip_prefix(site.base_url.as_str()).unwrap_or(url);
            let path = path.strip_prefix(site.base_path.as_str()).or(path.strip_prefix('/'));
            let path = path.and_then(|path| path.split(['?', '#']).next());
            linked.extend(path.map(|path| percent_decode_path(path).into_owned()));
            UrlEdit::Keep
        });
    }
    unplanned.retain_orphans(|file| is_candidate(file) && linked.contains(&file.path));
}

/// Evidence of the articles that readers must not see, to recognize their former pages.
#[derive(Debug, Default)]
pub(crate) struct HiddenArticles {
    /// The paths of their files without extensions.
    path_stems: BTreeSet<String>,
    /// The last parts of these paths and of their permalinks.
    names: BTreeSet<String>,
    permalinks: BTreeSet<String>,
    ids: BTreeSet<String>,
    bodies: HashSet<Fingerprint>,
}

impl HiddenArticles {
    /// Reads the files of hidden articles. Those that can't be parsed are known by their paths.
    pub(crate) fn load<'p>(
        site: &Site,
        catalog: &Catalog,
        paths: impl Iterator<Item = &'p str>,
    ) -> Self {
        let mut hidden = Self::default();
        for tombstone in catalog.tombstones() {
            hidden.add_path(&tombstone.path);
            tombstone.permalinks.iter().for_each(|url| hidden.add_permalink(url));
            hidden.add_contents(site, &tombstone.path);
        }
        for path in paths {
            hidden.add_path(path);
            hidden.add_contents(site, path);
        }
        hidden
    }

    fn add_path(&mut self, path: &str) {
        let stem = path_stem(path);
        self.names.insert(last_part(stem).to_owned());
        self.path_stems.insert(stem.to_owned());
    }

    fn add_permalink(&mut self, permalink: &str) {
        self.names.insert(last_part(permalink).to_owned());
        self.permalinks.insert(permalink.to_owned());
    }

    fn add_contents(&mut self, site: &Site, path: &str) {
        let Ok(bytes) = read_article(site, path) else { return };
        let file = format!("content/{path}");
        let Ok(source) = SourceFile::parse(&file, &bytes, &site.config.limits) else { return };
        let body = body_evidence(source.body());
        self.bodies.extend(Some(body).filter(|body| *body != Fingerprint::DIRTY));
        let Ok(front_matter) = FrontMatter::parse(&source, site) else { return };
        self.ids.extend(front_matter.id.clone());
        let Ok(article) = ParsedArticle::resolve(front_matter, &source, path, site) else { return };
        self.add_permalink(article.permalink.as_str());
    }

    /// Returns true if the page at a URL may show one of these articles. `article_path` is the file
    /// that it was made from, `missing` the evidence of the permalink registry.
    pub(super) fn may_include(
        &self,
        url: &str,
        article_path: &str,
        missing: Option<&MissingPermalink>,
    ) -> bool {
        let stem = path_stem(article_path);
        let is_known = self.path_stems.contains(stem)
            || self.permalinks.contains(url)
            || [last_part(stem), last_part(url)].iter().any(|name| self.names.contains(*name));
        is_known
            || missing.is_some_and(|missing| {
                missing.path_stems.iter().any(|stem| self.path_stems.contains(stem))
                    || missing.ids.iter().any(|id| self.ids.contains(id))
                    || missing.bodies.iter().any(|body| self.bodies.contains(body))
            })
    }
}

/// Returns the last part of a path, without slashes and `.html`.
fn last_part(path: &str) -> &str {
    let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    last.strip_suffix(".html").unwrap_or(last)
}

//! Published articles that would get another URL without a redirect from the old one.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::cache::manifest::{ArticleFile, SavedFile};
use super::cache::store::Cache;
use super::unplanned_files::{BrokenArticles, UnplannedFiles};
use crate::archive::path_stem;
use crate::config::CONFIG_FILE;
use crate::diagnostics::{Diagnostic, Error};
use crate::model::Fingerprint;
use crate::model::slug::collision_key;
use crate::pages::{SiteView, all_redirects};

/// So many changed URLs stop a build, if they also are at least this share of the published
/// articles.
const MIN_CHANGES: usize = 5;
const MIN_SHARE: usize = 100;
/// The number of examples in the message.
const EXAMPLES: usize = 3;

/// A published article that has another URL now.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UrlChange {
    /// The article's file, below the site's folder.
    pub file: String,
    /// The URL path at which the last build published it.
    pub from: String,
    /// Its URL path now.
    pub to: String,
}

/// Returns the published articles that have another URL now, if they are so many that a setting is
/// the likely cause; otherwise nothing. Articles whose old URL redirects aren't counted.
pub(crate) fn find_mass_change(view: &SiteView<'_>, unplanned: &UnplannedFiles) -> Vec<UrlChange> {
    let pages: Vec<&SavedFile> =
        unplanned.orphans.iter().filter(|file| file.article.role == ArticleFile::Page).collect();
    let is_mass = |count: usize| {
        count >= MIN_CHANGES && count * MIN_SHARE >= unplanned.published_articles.len()
    };
    if !is_mass(pages.len()) {
        return Vec::new();
    }
    let targets = Targets::find(view, &pages, &unplanned.published_articles);
    let redirects = Redirected::new(view);
    let mut changes: Vec<UrlChange> = pages
        .into_iter()
        .filter_map(|file| {
            let (path, to) = targets.target(file)?;
            let from = url_of_file(&file.path);
            let is_lost = from != *to && !redirects.contains(&from);
            is_lost.then(|| UrlChange { file: format!("content/{path}"), from, to: to.clone() })
        })
        .collect();
    changes.sort_by(|a, b| a.from.cmp(&b.from));
    if is_mass(changes.len()) { changes } else { Vec::new() }
}

/// Returns true if an article that the last build published is no longer published, or may not be
/// the one of its file any more. Then a build must not stop: the article has to disappear.
///
/// # Errors
/// [`Error::Io`] if the cache file can't be read.
pub(crate) fn hides_published_articles(
    cache: &Cache,
    view: &SiteView<'_>,
    broken_articles: BrokenArticles<'_>,
    changes: &[UrlChange],
) -> Result<bool, Error> {
    let catalog = view.catalog;
    let published: HashSet<Fingerprint> = catalog
        .articles(catalog.ids_with_pages())
        .map(|article| Fingerprint::hash_bytes(article.path().as_bytes()))
        .collect();
    let moved: HashSet<&str> = changes.iter().map(|change| change.from.as_str()).collect();
    let mut is_hiding = false;
    cache.read_manifest(|path, article, entry| {
        is_hiding |= article.role == ArticleFile::Page
            && !published.contains(&entry.article_hash)
            && !broken_articles.contains(article.path)
            && !moved.contains(url_of_file(path).as_str());
    })?;
    Ok(is_hiding)
}

/// Returns the error for changed URLs.
pub(crate) fn diagnostic(changes: &[UrlChange], published_articles: usize) -> Diagnostic {
    let examples = changes.iter().take(EXAMPLES);
    let list: Vec<String> = examples
        .clone()
        .map(|UrlChange { file, from, to }| format!("{file}: `{from}` → `{to}`"))
        .collect();
    let rules: Vec<String> =
        examples.map(|UrlChange { from, to, .. }| format!("\"{from}\": \"{to}\"")).collect();
    let more = if changes.len() > EXAMPLES { ", …" } else { "" };
    let message = format!(
        "{} of {published_articles} published articles would get another URL, and the old URLs \
         would no longer exist: {}{more}",
        changes.len(),
        list.join("; ")
    );
    let help = format!(
        "undo the change of `permalink`, `time_zone`, slugs or sections; or keep the old URLs with \
         `redirects: {{rules: {{{}{more}}}}}` in {CONFIG_FILE} (`--format json` lists all), or \
         `aliases` in the articles, or by running `dateline permalinks record` before the change; \
         or accept the loss with `dateline build --accept-removals`",
        rules.join(", ")
    );
    Diagnostic::error("changed-permalinks", CONFIG_FILE, message).help(help)
}

/// Returns the URL path of a file below the output folder.
pub(crate) fn url_of_file(path: &str) -> String {
    match path.strip_suffix("index.html") {
        Some(folder) if folder.is_empty() || folder.ends_with('/') => format!("/{folder}"),
        _ => format!("/{path}"),
    }
}

/// The present articles of former pages, each with the path of its file and its permalink.
struct Targets {
    /// By the path of the file.
    by_path: HashMap<Box<str>, String>,
    /// Articles in files that the last build didn't have, by the name of the file; `None` if it
    /// isn't unique.
    by_name: BTreeMap<String, Option<(String, String)>>,
}

impl Targets {
    fn find(
        view: &SiteView<'_>,
        pages: &[&SavedFile],
        published_articles: &HashSet<Fingerprint>,
    ) -> Self {
        let mut by_path: HashMap<Box<str>, String> =
            pages.iter().map(|file| (file.article.path.clone(), String::new())).collect();
        let mut by_name: BTreeMap<String, Option<(String, String)>> = BTreeMap::new();
        let names: HashSet<String> =
            pages.iter().map(|file| file_name(&file.article.path).to_owned()).collect();
        for article in view.catalog.articles(view.catalog.ids_with_pages()) {
            let path = article.path();
            if let Some(permalink) = by_path.get_mut(&*path) {
                article.permalink().clone_into(permalink);
            } else if names.contains(file_name(&path))
                && !published_articles.contains(&Fingerprint::hash_bytes(path.as_bytes()))
            {
                let target = Some((path.to_string(), article.permalink().to_owned()));
                by_name
                    .entry(file_name(&path).to_owned())
                    .and_modify(|other| *other = None)
                    .or_insert(target);
            }
        }
        by_path.retain(|_, permalink| !permalink.is_empty());
        Self { by_path, by_name }
    }

    /// Returns the article that a page showed: that of the same file, or else of the only file with
    /// its name, as after a folder was renamed.
    fn target(&self, page: &SavedFile) -> Option<(&str, &String)> {
        let path = &page.article.path;
        if let Some((path, permalink)) = self.by_path.get_key_value(path) {
            return Some((path, permalink));
        }
        let (path, permalink) = self.by_name.get(file_name(path))?.as_ref()?;
        Some((path, permalink))
    }
}

/// Returns the name of an article's file, without its extension.
fn file_name(path: &str) -> &str {
    let stem = path_stem(path);
    stem.rsplit('/').next().unwrap_or(stem)
}

/// The URLs that redirect without a page of their own.
struct Redirected<'a> {
    keys: HashSet<String>,
    view: &'a SiteView<'a>,
}

impl<'a> Redirected<'a> {
    fn new(view: &'a SiteView<'a>) -> Self {
        let is_enabled = !view.site.config.outputs.redirects.formats.is_empty();
        let redirects = if is_enabled { all_redirects(view) } else { Vec::new() };
        let keys = redirects.iter().map(|redirect| collision_key(&redirect.from)).collect();
        Self { keys, view }
    }

    fn contains(&self, url: &str) -> bool {
        let settings = &self.view.site.config.outputs.redirects;
        self.keys.contains(&collision_key(url))
            || settings.wildcards.iter().any(|rule| url.starts_with(&rule.from))
    }
}

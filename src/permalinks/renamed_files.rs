//! Links to files that were renamed: the registry recognizes the article.

use std::collections::{HashMap, HashSet};

use super::entry::{RegistryEntry, old_path_stems};
use super::registry_file::read_lines;
use super::resolve::{Evidence, Redirect, RedirectTarget};
use crate::archive::record::Flags;
use crate::archive::{ArticleId, Catalog, link_path_stems};
use crate::config::Site;
use crate::diagnostics::Error;
use crate::model::permalink::alias_path;
use crate::model::{Fingerprint, Fingerprinter, Permalink};

/// A link to the file of an article that doesn't exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BrokenLink {
    /// The file that has the link, relative to `content/`.
    pub(crate) from: String,
    /// The link, percent-decoded if it is a reference of another system.
    pub(crate) link: String,
}

/// Broken links, and the articles that had the files to which they refer.
#[derive(Clone, Debug, Default)]
pub(crate) struct BrokenLinks {
    /// All broken links, in the order of the files that have them.
    pub(crate) links: Vec<BrokenLink>,
    /// The articles by the old path of their file, without its extension; `None` if several
    /// articles had a file with this path.
    by_path: HashMap<String, Option<ArticleId>>,
    /// The same by the end of the path, from the beginning of a folder's or file's name.
    by_path_end: HashMap<String, Option<ArticleId>>,
}

impl BrokenLinks {
    /// Returns the article that had the file to which a link in the file `from` refers. As for
    /// present files, an exact path takes precedence over a file name.
    pub(crate) fn find(&self, link: &str, from: &str) -> Option<ArticleId> {
        if self.by_path.is_empty() && self.by_path_end.is_empty() {
            return None;
        }
        let [relative, absolute] = link_path_stems(link, from);
        let exact = relative.iter().chain(&absolute).find_map(|path| self.by_path.get(path));
        let by_name = || absolute.as_ref().and_then(|path| self.by_path_end.get(path));
        exact.or_else(by_name).copied().flatten()
    }

    /// Returns the hash of the permalinks to which the links lead; `None` if there are none.
    pub(crate) fn fingerprint(&self, catalog: &Catalog) -> Option<Fingerprint> {
        let mut hash = Fingerprinter::new();
        let mut is_empty = true;
        for BrokenLink { from, link } in &self.links {
            if let Some(id) = self.find(link, from) {
                is_empty = false;
                hash.text(from).text(link).text(catalog.article(id).permalink());
            }
        }
        (!is_empty).then(|| hash.finish())
    }
}

/// Looks up the files of broken links in the registry. `redirects` are those that were resolved.
/// Only the lines of these files are held in memory.
///
/// # Errors
/// [`Error::Io`] if the registry can't be read.
pub(crate) fn find_renamed_files(
    site: &Site,
    catalog: &Catalog,
    links: Vec<BrokenLink>,
    redirects: &[Redirect],
) -> Result<BrokenLinks, Error> {
    let mut found = BrokenLinks { links, ..BrokenLinks::default() };
    if found.links.is_empty() || !site.has_permalink_registry {
        return Ok(found);
    }
    let wanted = WantedPaths::new(&found.links);
    let mut lines: Vec<(String, Vec<MatchedPath>)> = Vec::new();
    // A build reports invalid lines.
    read_lines(site, &mut Vec::new(), |_, text, line| {
        if line.term.is_none() {
            let stems = line.path_stem.into_iter().chain(old_path_stems(text));
            let matches: Vec<MatchedPath> =
                stems.flat_map(|stem| wanted.matches(stem, catalog)).collect();
            if !matches.is_empty() {
                lines.push((text.to_owned(), matches));
            }
        }
    })?;
    let entries: Vec<(RegistryEntry<'_>, &[MatchedPath])> = lines
        .iter()
        .filter_map(|(text, matches)| Some((RegistryEntry::parse(text).ok()?, &**matches)))
        .collect();
    if entries.is_empty() {
        return Ok(found);
    }
    let articles = RegisteredArticles::new(&entries, catalog, redirects);
    for (line, matches) in &entries {
        let Some(id) = articles.find(line) else { continue };
        for matched in *matches {
            let (paths, path) = match matched {
                MatchedPath::Whole(path) => (&mut found.by_path, path),
                MatchedPath::End(path) => (&mut found.by_path_end, path),
            };
            paths
                .entry(path.clone())
                .and_modify(|known| *known = known.filter(|known| *known == id))
                .or_insert(Some(id));
        }
    }
    Ok(found)
}

/// The path of a broken link that a registered file fits.
enum MatchedPath {
    /// The whole path of the file.
    Whole(String),
    /// The end of its path.
    End(String),
}

/// The paths to which broken links refer, without extensions.
struct WantedPaths {
    whole: HashSet<String>,
    ends: HashSet<String>,
}

impl WantedPaths {
    fn new(links: &[BrokenLink]) -> Self {
        let (mut whole, mut ends) = (HashSet::new(), HashSet::new());
        for BrokenLink { from, link } in links {
            let [relative, absolute] = link_path_stems(link, from);
            ends.extend(absolute.clone());
            whole.extend(relative.into_iter().chain(absolute));
        }
        Self { whole, ends }
    }

    /// Returns the paths that fit the old file of an article. A file that exists wasn't renamed.
    fn matches(&self, stem: &str, catalog: &Catalog) -> Vec<MatchedPath> {
        let whole = self.whole.get(stem).map(|path| MatchedPath::Whole(path.clone()));
        let starts = stem.match_indices('/').map(|(slash, _)| slash + 1);
        let ends = std::iter::once(0).chain(starts).filter_map(|at| self.ends.get(&stem[at..]));
        let matches: Vec<MatchedPath> =
            whole.into_iter().chain(ends.map(|path| MatchedPath::End(path.clone()))).collect();
        if !matches.is_empty() && catalog.has_path_stem(stem) { Vec::new() } else { matches }
    }
}

/// The articles that fit the lines of broken links.
struct RegisteredArticles<'a> {
    evidence: Evidence<'a>,
    by_url: HashMap<&'a str, Option<ArticleId>>,
}

impl<'a> RegisteredArticles<'a> {
    fn new(
        entries: &[(RegistryEntry<'a>, &[MatchedPath])],
        catalog: &Catalog,
        redirects: &[Redirect],
    ) -> Self {
        let mut evidence = Evidence::from_lines(entries.iter().map(|(line, _)| line));
        let mut by_url: HashMap<&str, Option<ArticleId>> = HashMap::new();
        for (line, _) in entries {
            let redirect = redirects
                .binary_search_by(|redirect| redirect.from.as_str().cmp(line.permalink))
                .ok()
                .map(|index| redirects[index].to);
            let article = match redirect {
                Some(RedirectTarget::Article(id)) => Some(id),
                _ => None,
            };
            by_url.insert(line.permalink, article);
        }
        for article in catalog.articles(catalog.ids_with_pages()) {
            evidence.add_article(&article);
            if let Some(target) = by_url.get_mut(article.permalink()) {
                *target = Some(article.id);
            }
            if article.flags().contains(Flags::ALIASES) {
                for alias in article.details().aliases {
                    let Ok(url) = Permalink::new(&alias_path(alias)) else { continue };
                    if let Some(target) = by_url.get_mut(url.as_str()) {
                        target.get_or_insert(article.id);
                    }
                }
            }
        }
        Self { evidence, by_url }
    }

    /// Finds the article of a line by its id, its body, its file, or its URL.
    fn find(&self, line: &RegistryEntry<'_>) -> Option<ArticleId> {
        let by_evidence = self.evidence.find_article(line).map(|(_, id)| id);
        by_evidence.or_else(|| self.by_url.get(line.permalink).copied().flatten())
    }
}

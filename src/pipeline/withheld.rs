//! Tombstones of withheld articles that were published before.
//!
//! Such an article is replaced at once by a page that states only that an article was taken down.
//! An article that was never published has none: its URL may give away what it is about.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::cache::store::Cache;
use super::parsed_file::WithheldArticle;
use super::url_changes::url_of_file;
use crate::archive::Catalog;
use crate::archive::record::Tombstone;
use crate::config::Site;
use crate::diagnostics::Error;
use crate::model::{OutputPath, Permalink};
use crate::permalinks::{ArticleEvidence, registered_urls};

/// Adds a tombstone to the catalog for each withheld article that was published before: by the
/// last build, or by any build that the permalink registry knows of. Articles with an error that
/// weren't published are removed from the list.
///
/// # Errors
/// [`Error::Io`] if the cache or the registry can't be read.
pub(crate) fn add_tombstones(
    site: &Site,
    catalog: &mut Catalog,
    withheld: &mut Vec<WithheldArticle>,
    cache: Option<&Cache>,
) -> Result<(), Error> {
    if withheld.is_empty() {
        return Ok(());
    }
    let evidence: Vec<ArticleEvidence<'_>> = withheld.iter().map(evidence_of).collect();
    let mut urls: Vec<BTreeSet<String>> = registered_urls(site, &evidence)?;
    if let Some(cache) = cache {
        add_published_pages(withheld, cache, &mut urls)?;
    }
    for (article, urls) in withheld.iter().zip(&mut urls).filter(|(_, urls)| !urls.is_empty()) {
        // Its old URLs redirected to it.
        urls.extend(article.permalinks.iter().cloned());
    }
    remove_urls_of_articles(catalog, &mut urls);
    let tombstones = withheld.iter().zip(urls).filter(|(_, urls)| !urls.is_empty());
    catalog.add_tombstones(
        tombstones
            .map(|(article, urls)| Tombstone {
                path: article.path.clone(),
                permalinks: urls.into_iter().collect(),
                lang: article.lang.clone().unwrap_or_else(|| site.config.language.clone()),
                date: None,
                reason: None,
            })
            .collect(),
    );
    let with_tombstone: BTreeSet<&str> =
        catalog.tombstones().iter().map(|tombstone| tombstone.path.as_str()).collect();
    withheld.retain(|article| !article.is_broken || with_tombstone.contains(article.path.as_str()));
    Ok(())
}

/// Removes the URLs that published articles have now.
fn remove_urls_of_articles(catalog: &Catalog, urls: &mut [BTreeSet<String>]) {
    if urls.iter().all(BTreeSet::is_empty) {
        return;
    }
    let candidates: HashSet<&str> = urls.iter().flatten().map(String::as_str).collect();
    let published: HashSet<&str> = catalog
        .articles(catalog.ids_with_pages())
        .map(|article| article.permalink())
        .filter(|permalink| candidates.contains(permalink))
        .collect();
    for urls in urls {
        urls.retain(|url| !published.contains(url.as_str()));
    }
}

fn evidence_of(article: &WithheldArticle) -> ArticleEvidence<'_> {
    ArticleEvidence {
        path: &article.path,
        own_id: article.own_id.as_deref(),
        body: article.body_evidence,
        permalink: article.permalinks.first().map(String::as_str),
    }
}

/// Returns true if a file is the one at the permalink of an article.
fn is_output_of(path: &str, article: &WithheldArticle) -> bool {
    let permalink = article.permalinks.first().and_then(|url| Permalink::new(url).ok());
    permalink.is_some_and(|permalink| OutputPath::from_permalink(&permalink).as_str() == path)
}

/// Adds the URLs of the pages that the last build made from the articles' files.
fn add_published_pages(
    withheld: &[WithheldArticle],
    cache: &Cache,
    urls: &mut [BTreeSet<String>],
) -> Result<(), Error> {
    let indices: BTreeMap<&str, usize> = withheld
        .iter()
        .enumerate()
        .map(|(index, article)| (article.path.as_str(), index))
        .collect();
    let mut pages: Vec<BTreeSet<String>> = vec![BTreeSet::new(); withheld.len()];
    cache.read_manifest(|path, article, _| {
        if let Some(&index) = indices.get(article.path)
            && (path.ends_with(".html") || is_output_of(path, &withheld[index]))
        {
            pages[index].insert(path.to_owned());
        }
    })?;
    for (pages, urls) in pages.iter().zip(urls) {
        // An article's history is beside its page.
        let is_history = |page: &&String| {
            let parent = page.strip_suffix("history/index.html");
            parent.is_some_and(|parent| {
                pages.iter().any(|other| {
                    other.strip_suffix("index.html") == Some(parent)
                        || other.strip_suffix(".html") == parent.strip_suffix('/')
                })
            })
        };
        let pages = pages.iter().filter(|page| !is_history(page));
        urls.extend(pages.map(|page| url_of_file(page)));
    }
    Ok(())
}

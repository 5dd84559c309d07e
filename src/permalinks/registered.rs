//! The registered URLs of articles that aren't in the catalog.

use std::collections::BTreeSet;

use super::registry_file::read_lines;
use crate::archive::path_stem;
use crate::config::Site;
use crate::diagnostics::Error;
use crate::model::Fingerprint;

/// The evidence by which the registry recognizes an article.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ArticleEvidence<'a> {
    /// The file, relative to `content/`.
    pub(crate) path: &'a str,
    /// The `id:`.
    pub(crate) own_id: Option<&'a str>,
    /// The hash of the body, see [`body_evidence`](super::body_evidence).
    pub(crate) body: Option<Fingerprint>,
    /// The permalink.
    pub(crate) permalink: Option<&'a str>,
}

/// Returns the registered URLs of each of some articles. Invalid lines are skipped: they are
/// reported when the registry is resolved.
///
/// # Errors
/// If the registry can't be read.
pub(crate) fn registered_urls(
    site: &Site,
    articles: &[ArticleEvidence<'_>],
) -> Result<Vec<BTreeSet<String>>, Error> {
    let mut urls = vec![BTreeSet::new(); articles.len()];
    if !site.has_permalink_registry {
        return Ok(urls);
    }
    read_lines(site, &mut Vec::new(), |_, _, line| {
        if line.term.is_some() {
            return;
        }
        for (article, urls) in articles.iter().zip(&mut urls) {
            let body = article.body.filter(|body| *body != Fingerprint::DIRTY);
            let is_same = line.path_stem == Some(path_stem(article.path))
                || line.id.is_some() && line.id == article.own_id
                || line.body_evidence.is_some() && line.body_evidence == body
                || article.permalink == Some(line.permalink);
            if is_same {
                urls.insert(line.permalink.to_owned());
            }
        }
    })?;
    Ok(urls)
}

//! The registered URLs of articles that aren't in the catalog.

use std::collections::{BTreeSet, HashMap};

use super::entry::RegistryEntry;
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
/// [`Error::Io`] if the registry can't be read.
pub(crate) fn registered_urls(
    site: &Site,
    articles: &[ArticleEvidence<'_>],
) -> Result<Vec<BTreeSet<String>>, Error> {
    let mut urls = vec![BTreeSet::new(); articles.len()];
    if !site.has_permalink_registry {
        return Ok(urls);
    }
    let index = EvidenceIndex::new(articles);
    read_lines(site, &mut Vec::new(), |_, _, line| {
        if line.term.is_none() {
            for article in index.matches(&line) {
                urls[article].insert(line.permalink.to_owned());
            }
        }
    })?;
    Ok(urls)
}

/// The positions of articles in a list, by each kind of evidence.
#[derive(Default)]
struct EvidenceIndex<'a> {
    by_path_stem: HashMap<&'a str, Vec<usize>>,
    by_id: HashMap<&'a str, Vec<usize>>,
    by_body: HashMap<Fingerprint, Vec<usize>>,
    by_permalink: HashMap<&'a str, Vec<usize>>,
}

impl<'a> EvidenceIndex<'a> {
    fn new(articles: &[ArticleEvidence<'a>]) -> Self {
        let mut index = Self::default();
        for (position, article) in articles.iter().enumerate() {
            index.by_path_stem.entry(path_stem(article.path)).or_default().push(position);
            if let Some(id) = article.own_id {
                index.by_id.entry(id).or_default().push(position);
            }
            if let Some(body) = article.body.filter(|body| *body != Fingerprint::DIRTY) {
                index.by_body.entry(body).or_default().push(position);
            }
            if let Some(permalink) = article.permalink {
                index.by_permalink.entry(permalink).or_default().push(position);
            }
        }
        index
    }

    /// Returns the articles that a line may be of; one may be returned several times.
    fn matches(&self, line: &RegistryEntry<'_>) -> impl Iterator<Item = usize> {
        let found = [
            line.path_stem.and_then(|stem| self.by_path_stem.get(stem)),
            line.id.and_then(|id| self.by_id.get(id)),
            line.body_evidence.and_then(|body| self.by_body.get(&body)),
            self.by_permalink.get(line.permalink),
        ];
        found.into_iter().flatten().flatten().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_kind_of_evidence_recognizes_an_article() {
        let body = Fingerprint(7);
        let by_path = ArticleEvidence { path: "2024/harbor.md", ..ArticleEvidence::default() };
        let by_others = ArticleEvidence {
            path: "2024/bridge.md",
            own_id: Some("b"),
            body: Some(body),
            permalink: Some("/bridge/"),
        };
        let index = EvidenceIndex::new(&[by_path, by_others]);
        let found = |line: RegistryEntry<'_>| {
            index.matches(&line).collect::<BTreeSet<usize>>().into_iter().collect::<Vec<usize>>()
        };
        let line = RegistryEntry { permalink: "/old/", ..RegistryEntry::default() };
        assert!(found(line).is_empty());
        assert_eq!(found(RegistryEntry { path_stem: Some("2024/harbor"), ..line }), [0]);
        assert_eq!(found(RegistryEntry { id: Some("b"), ..line }), [1]);
        assert_eq!(found(RegistryEntry { body_evidence: Some(body), ..line }), [1]);
        assert_eq!(found(RegistryEntry { permalink: "/bridge/", ..line }), [1]);
        let both = RegistryEntry { path_stem: Some("2024/harbor"), id: Some("b"), ..line };
        assert_eq!(found(both), [0, 1]);
    }

    #[test]
    fn an_unknown_body_is_no_evidence() {
        let article = ArticleEvidence {
            path: "a.md",
            body: Some(Fingerprint::DIRTY),
            ..ArticleEvidence::default()
        };
        let line = RegistryEntry {
            permalink: "/old/",
            body_evidence: Some(Fingerprint::DIRTY),
            ..RegistryEntry::default()
        };
        assert_eq!(EvidenceIndex::new(&[article]).matches(&line).count(), 0);
    }
}

//! Finding articles whose text was changed since it was recorded, without a new `updated` date.

use std::collections::{BTreeMap, HashMap};

use super::registry_file::read_lines;
use crate::archive::{ArticleId, Catalog};
use crate::config::Site;
use crate::diagnostics::Error;
use crate::model::{Fingerprint, Moment};

/// The recorded bodies of an article.
#[derive(Default)]
struct RecordedBodies {
    /// A line has the current body.
    has_current_body: bool,
    /// A line has another body and the current `updated` date.
    has_other_body: bool,
}

/// Returns the articles whose body differs from the recorded one although their `updated` date
/// doesn't, sorted by ID. If one of several lines for a URL has the current body, the article isn't
/// returned.
///
/// # Errors
/// [`Error::Io`] if the registry can't be read.
pub(crate) fn silently_changed(site: &Site, catalog: &Catalog) -> Result<Vec<ArticleId>, Error> {
    if !site.has_permalink_registry {
        return Ok(Vec::new());
    }
    let permalink_hash = |permalink: &str| Fingerprint::hash_bytes(permalink.as_bytes());
    let ids: HashMap<Fingerprint, ArticleId> = catalog
        .articles(catalog.ids_with_pages())
        .map(|article| (permalink_hash(article.permalink()), article.id))
        .collect();
    let mut recorded_bodies: BTreeMap<ArticleId, RecordedBodies> = BTreeMap::new();
    // A build reports invalid lines.
    read_lines(site, &mut Vec::new(), |_, _, line| {
        let (Some(body), Some(&id)) =
            (line.body_evidence, ids.get(&permalink_hash(line.permalink)))
        else {
            return;
        };
        let details = catalog.article(id).details();
        let Some(current) = details.body_evidence.filter(|current| *current != Fingerprint::DIRTY)
        else {
            return;
        };
        let recorded_updated = line.updated.map(|updated| Moment::parse(updated, site.zone).ok());
        let bodies = recorded_bodies.entry(id).or_default();
        bodies.has_current_body |= body == current;
        bodies.has_other_body |= body != current && recorded_updated == details.updated.map(Some);
    })?;
    Ok(recorded_bodies
        .into_iter()
        .filter(|(_, bodies)| bodies.has_other_body && !bodies.has_current_body)
        .map(|(id, _)| id)
        .collect())
}

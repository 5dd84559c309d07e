//! Changed: stories whose text is another than was recorded although they say that they were not
//! changed since.

use std::collections::{BTreeMap, HashMap};

use super::read_lines;
use crate::archive::{ArticleId, Catalog};
use crate::config::Site;
use crate::diagnostics::Error;
use crate::model::{Fingerprint, Moment};

/// What the lines of a story's address say of it.
#[derive(Default)]
struct RecordedBodies {
    /// One has the body that it has now.
    has_current_body: bool,
    /// One has another body, and the `updated` that the story has now.
    has_other_body: bool,
}

/// The stories that have another body than was recorded for their address, and the `updated` that
/// was recorded, or none as then; in order. Of several lines for one address, one that knows the
/// body is enough.
///
/// # Errors
/// If the register can't be read.
pub(crate) fn silently_changed(site: &Site, catalog: &Catalog) -> Result<Vec<ArticleId>, Error> {
    if !site.has_permalink_registry {
        return Ok(Vec::new());
    }
    let permalink_hash = |permalink: &str| Fingerprint::hash_bytes(permalink.as_bytes());
    let ids: HashMap<Fingerprint, ArticleId> = catalog
        .articles(catalog.ids())
        .map(|article| (permalink_hash(article.permalink()), article.id))
        .collect();
    let mut recorded_bodies: BTreeMap<ArticleId, RecordedBodies> = BTreeMap::new();
    // A build tells what is wrong with the register itself.
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

//! Changed: stories whose text is another than was recorded although they say that they were not changed since.

use std::collections::{BTreeMap, HashMap};

use super::read;
use crate::catalog::{Catalog, RowId};
use crate::diagnostic::Error;
use crate::model::{Fingerprint, Moment};
use crate::site::Site;

/// What the lines of a story's address say of it.
#[derive(Default)]
struct Said {
    /// One has the body that it has now.
    same: bool,
    /// One has another body, and the `updated` that the story has now.
    stale: bool,
}

/// The stories that have another body than was recorded for their address, and the `updated` that was recorded, or none as then; in order. Of
/// several lines for one address, one that knows the body is enough.
///
/// # Errors
/// If the register can't be read.
pub fn changed(site: &Site, catalog: &Catalog) -> Result<Vec<RowId>, Error> {
    if !site.registered {
        return Ok(Vec::new());
    }
    let key = |address: &str| Fingerprint::of(address.as_bytes());
    let rows: HashMap<Fingerprint, RowId> =
        catalog.stories(catalog.all()).map(|story| (key(story.permalink()), story.id)).collect();
    let mut said: BTreeMap<RowId, Said> = BTreeMap::new();
    // A build tells what is wrong with the register itself.
    read(site, &mut Vec::new(), |_, _, line| {
        let (Some(body), Some(&row)) = (line.body, rows.get(&key(line.address))) else { return };
        let details = catalog.story(row).details();
        let Some(now) = details.text.filter(|now| *now != Fingerprint::UNSETTLED) else { return };
        let recorded = line.updated.map(|updated| Moment::parse(updated, site.zone).ok());
        let said = said.entry(row).or_default();
        said.same |= body == now;
        said.stale |= body != now && recorded == details.updated.map(Some);
    })?;
    Ok(said.into_iter().filter(|(_, said)| said.stale && !said.same).map(|(row, _)| row).collect())
}

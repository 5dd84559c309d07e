//! Merge keys of YAML at the top level of front matter: `<<: *defaults` adds the keys of a map.

use std::collections::BTreeSet;

use super::raw::{RawFrontMatter, SOURCE_URL_KEY};
use crate::content::yaml::CorrectionList;

impl RawFrontMatter {
    /// Applies the merge keys, as YAML 1.1 does: a key of the map itself takes precedence, then
    /// that of the first map of a list. Case doesn't matter. Returns the keys that a merged map
    /// sets twice.
    pub(super) fn apply_merge_keys(&mut self) -> Vec<String> {
        let merged = std::mem::take(&mut self.merged);
        if merged.is_empty() {
            return Vec::new();
        }
        let mut set_keys: BTreeSet<String> = self.keys.iter().cloned().collect();
        let mut repeated = Vec::new();
        for mut part in merged {
            repeated.extend(part.apply_merge_keys());
            let own_keys: BTreeSet<String> = part.keys.iter().cloned().collect();
            let mut seen = BTreeSet::new();
            repeated.extend(part.keys.iter().filter(|key| !seen.insert(*key)).cloned());
            part.keys = own_keys.difference(&set_keys).cloned().collect();
            self.add_missing(part, &set_keys);
            set_keys.extend(own_keys);
        }
        repeated
    }

    /// Adds the values of the keys that aren't set.
    fn add_missing(&mut self, mut part: Self, set_keys: &BTreeSet<String>) {
        let is_missing = |key: &str| !set_keys.contains(key);
        part.repeated.retain(|(key, _)| is_missing(key));
        part.texts.retain(|(_, _, key, _)| match key.as_str() {
            // The URL in a map of `source`.
            SOURCE_URL_KEY => is_missing("source"),
            key => is_missing(key),
        });
        part.lists.retain(|(key, _)| is_missing(key));
        part.flags.retain(|(key, _)| is_missing(key));
        part.extra
            .retain(|key, _| key.as_str().is_none_or(|key| is_missing(&key.to_ascii_lowercase())));
        if !is_missing("taxonomies") {
            part.nested.clear();
        }
        if !["corrections", "correction"].into_iter().all(is_missing) {
            part.corrections = CorrectionList::default();
        }
        if !is_missing("updates") {
            part.updates = CorrectionList::default();
        }
        if !is_missing("redact") {
            part.redact.clear();
        }
        part.image = part.image.filter(|_| is_missing("image"));
        part.status = part.status.filter(|_| is_missing("status"));
        self.append(part);
    }
}

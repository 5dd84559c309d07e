//! Merge keys of YAML at the top level of front matter: `<<: *defaults` adds the keys of a map.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::raw::{FrontMatterSeed, RawFrontMatter, SOURCE_URL_KEY};
use crate::config::MERGED_TYPE;
use crate::content::yaml::CorrectionList;

/// Reads the value of a merge key as front matter: of one map, or of each map of a list.
#[derive(Clone, Copy)]
pub(super) struct MergeSeed<'a> {
    pub(super) front_matter: FrontMatterSeed<'a>,
    /// The maps that are accepted.
    pub(super) value: MergeValue,
}

/// The accepted values of a merge key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum MergeValue {
    MapOrList,
    Map,
}

impl<'de> DeserializeSeed<'de> for MergeSeed<'_> {
    type Value = Vec<RawFrontMatter>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for MergeSeed<'_> {
    type Value = Vec<RawFrontMatter>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MERGED_TYPE)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        Ok(vec![self.front_matter.visit_map(map)?])
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        if self.value == MergeValue::Map {
            let unexpected = serde::de::Unexpected::Seq;
            return Err(serde::de::Error::invalid_type(unexpected, &self));
        }
        let mut parts = Vec::new();
        while let Some(maps) = list.next_element_seed(Self { value: MergeValue::Map, ..self })? {
            parts.extend(maps);
        }
        Ok(parts)
    }
}

impl RawFrontMatter {
    /// Applies the merge keys, as YAML 1.1 does: a key of the map itself takes precedence, then that
    /// of the first map of a list. Case doesn't matter. Returns the keys that a merged map sets
    /// twice.
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

//! The preferred spelling of each term, which is the one that pages show.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::candidate::Invariants;
use crate::content::plain_text::to_plain_text;
use crate::model::slug::{is_preferred_name, term_key, to_nfc};

/// The number of uses of each spelling, by taxonomy and name.
#[derive(Debug, Default)]
pub(super) struct VariantCounts(HashMap<(usize, String), u32>);

impl VariantCounts {
    /// Counts the terms of an article.
    pub(super) fn add(&mut self, invariants: &Invariants) {
        for (taxonomy, name) in &invariants.terms {
            self.count((*taxonomy, to_nfc(name)), 1);
        }
    }

    /// Adds the counts of another set of articles.
    pub(super) fn merge(mut self, other: Self) -> Self {
        if self.0.len() < other.0.len() {
            return other.merge(self);
        }
        for (name, times) in other.0 {
            self.count(name, times);
        }
        self
    }

    fn count(&mut self, name: (usize, String), times: u32) {
        let total = self.0.entry(name).or_default();
        *total = total.saturating_add(times);
    }
}

/// The preferred spelling of every term with its number of uses, by taxonomy and key.
#[derive(Debug, Default)]
pub(super) struct PreferredVariants(HashMap<(usize, String), (String, u32)>);

impl PreferredVariants {
    /// Determines the preferred spellings. A spelling that plain text would change, such as
    /// `AT&amp;amp;T`, is never preferred.
    pub(super) fn from_counts(counts: VariantCounts) -> Self {
        let mut preferred: HashMap<(usize, String), (String, u32)> = HashMap::new();
        for ((taxonomy, name), times) in
            counts.0.into_iter().filter(|((_, name), _)| to_plain_text(name) == *name)
        {
            match preferred.entry((taxonomy, term_key(&name))) {
                Entry::Vacant(entry) => {
                    entry.insert((name, times));
                }
                Entry::Occupied(mut entry) => {
                    let (current, current_times) = entry.get();
                    if is_preferred_name((&name, times), (current, *current_times)) {
                        entry.insert((name, times));
                    }
                }
            }
        }
        Self(preferred)
    }

    /// The preferred spelling of a term that is spelled in any way.
    pub(super) fn preferred(&self, taxonomy: usize, name: &str) -> Option<&str> {
        self.0.get(&(taxonomy, term_key(name))).map(|(name, _)| name.as_str())
    }
}

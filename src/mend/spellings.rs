//! The one spelling of each term: the one that pages show it in.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::draft::Settled;
use crate::content::article::plain;
use crate::model::slug::{composed, is_rather_the_name, term_key};

/// How often each spelling is used, by taxonomy.
#[derive(Debug, Default)]
pub(super) struct Counts(HashMap<(usize, String), u32>);

impl Counts {
    /// Counts the terms of a story.
    pub(super) fn add(&mut self, story: &Settled) {
        for (taxonomy, name) in &story.terms {
            self.count((*taxonomy, composed(name)), 1);
        }
    }

    /// Adds what was counted elsewhere.
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
        let known = self.0.entry(name).or_default();
        *known = known.saturating_add(times);
    }
}

/// The spelling of every term, by its taxonomy and its key.
#[derive(Debug, Default)]
pub(super) struct Spellings(HashMap<(usize, String), (String, u32)>);

impl Spellings {
    /// Settles what was counted. Only what reads as it is written can be a spelling: `AT&amp;amp;T` can't.
    pub(super) fn settle(counts: Counts) -> Self {
        let mut settled: HashMap<(usize, String), (String, u32)> = HashMap::new();
        for ((taxonomy, name), times) in counts.0.into_iter().filter(|((_, name), _)| plain(name) == *name) {
            match settled.entry((taxonomy, term_key(&name))) {
                Entry::Vacant(entry) => drop(entry.insert((name, times))),
                Entry::Occupied(mut entry) => {
                    let (known, most) = entry.get();
                    if is_rather_the_name((&name, times), (known, *most)) {
                        entry.insert((name, times));
                    }
                }
            }
        }
        Self(settled)
    }

    /// The spelling of a term, by any of its spellings.
    pub(super) fn of(&self, taxonomy: usize, name: &str) -> Option<&str> {
        self.0.get(&(taxonomy, term_key(name))).map(|(name, _)| name.as_str())
    }
}

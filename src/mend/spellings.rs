//! The one spelling of each term: the commonest in the site, of equals the one that was published first.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::draft::Settled;
use crate::content::article::plain;
use crate::model::slug::{composed, term_key};

/// How often a spelling is used, and when and where first: seconds since 1970 and the number of the file.
#[derive(Clone, Copy, Debug)]
struct Use {
    times: u32,
    first: (i64, usize),
}

/// Spellings as they are counted, by taxonomy.
#[derive(Debug, Default)]
pub(super) struct Counts(HashMap<(usize, String), Use>);

impl Counts {
    /// Counts the terms of a story; `file` is its number in the order of paths.
    pub(super) fn add(&mut self, story: &Settled, file: usize) {
        for (taxonomy, name) in &story.terms {
            self.count((*taxonomy, composed(name)), Use { times: 1, first: (story.date.seconds, file) });
        }
    }

    /// Adds what was counted elsewhere.
    pub(super) fn merge(mut self, other: Self) -> Self {
        if self.0.len() < other.0.len() {
            return other.merge(self);
        }
        for (name, used) in other.0 {
            self.count(name, used);
        }
        self
    }

    fn count(&mut self, name: (usize, String), used: Use) {
        match self.0.entry(name) {
            Entry::Vacant(entry) => drop(entry.insert(used)),
            Entry::Occupied(mut entry) => {
                let known = entry.get_mut();
                known.times = known.times.saturating_add(used.times);
                known.first = known.first.min(used.first);
            }
        }
    }
}

/// The spelling of every term, by its taxonomy and its key.
#[derive(Debug, Default)]
pub(super) struct Spellings(HashMap<(usize, String), (String, Use)>);

impl Spellings {
    /// Settles what was counted. Only what reads as it is written can be a spelling: `AT&amp;amp;T` can't.
    pub(super) fn settle(counts: Counts) -> Self {
        let mut settled: HashMap<(usize, String), (String, Use)> = HashMap::new();
        for ((taxonomy, name), used) in counts.0.into_iter().filter(|((_, name), _)| plain(name) == *name) {
            match settled.entry((taxonomy, term_key(&name))) {
                Entry::Vacant(entry) => drop(entry.insert((name, used))),
                Entry::Occupied(mut entry) => {
                    // The text itself decides between two of one story.
                    let rank = |name: &str, used: Use| {
                        (used.times, std::cmp::Reverse((used.first, name.to_owned())))
                    };
                    let (known, best) = entry.get();
                    if rank(&name, used) > rank(known, *best) {
                        entry.insert((name, used));
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

//! Suffix rules: an ending of a form, and the ending of its base form instead.

use std::collections::HashMap;

/// The suffix rules of a language.
pub(super) struct SuffixRules {
    /// All rules, the most common first.
    rules: Vec<[&'static str; 2]>,
    by_ending: HashMap<&'static str, Vec<&'static str>>,
    /// The maximum size of an ending in bytes.
    max_bytes: usize,
}

impl SuffixRules {
    /// Parses rules, one on a line: an ending, a space, and the ending of the base form, which may
    /// be empty.
    pub(super) fn parse(text: &'static str) -> Self {
        let rules: Vec<[&str; 2]> =
            text.lines().map(|line| line.split_once(' ').unwrap_or((line, "")).into()).collect();
        let mut by_ending: HashMap<&str, Vec<&str>> = HashMap::new();
        for [ending, base] in &rules {
            by_ending.entry(ending).or_default().push(base);
        }
        let max_bytes = rules.iter().map(|[ending, _]| ending.len()).max().unwrap_or(0);
        Self { rules, by_ending, max_bytes }
    }

    /// Passes each base form that a word may have to `on_base`.
    pub(super) fn for_each_base(&self, word: &str, on_base: &mut impl FnMut(&str)) {
        let mut candidate = String::new();
        let starts = word.char_indices().map(|(start, _)| start);
        for start in starts.skip(1).filter(|start| word.len() - start <= self.max_bytes) {
            for base in self.by_ending.get(&word[start..]).into_iter().flatten() {
                candidate.clear();
                candidate.push_str(&word[..start]);
                candidate.push_str(base);
                on_base(&candidate);
            }
        }
    }

    /// Returns the most common rules.
    pub(super) fn common(&self, count: usize) -> Vec<[&'static str; 2]> {
        self.rules.iter().take(count).copied().collect()
    }
}

//! The sums of an import, and the records that a person should read about. Its size doesn't grow
//! with the number of records.

use std::collections::BTreeMap;

use super::record::RecordResult;
use crate::import::media::MediaCounts;
use crate::import::outcome::{FileState, Outcome};
use crate::import::words::{beginning, count_words};

/// The maximum number of records in a list of the page for people.
const MAX_LISTED: usize = 1_000;
/// The maximum number of examples of a rule.
const MAX_EXAMPLES: usize = 20;
/// The maximum length of an example, in characters.
const MAX_EXAMPLE_CHARS: usize = 160;

/// A record in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ListedRecord {
    /// The headline, or the id if there is none.
    pub(crate) title: String,
    /// The source with the line.
    pub(crate) position: String,
    /// The reason why it is listed.
    pub(crate) reason: String,
}

/// A list of records.
#[derive(Clone, Debug, Default)]
pub(crate) struct RecordList {
    /// The first records.
    pub(crate) records: Vec<ListedRecord>,
    /// The number of all records.
    pub(crate) count: usize,
}

impl RecordList {
    fn add(&mut self, result: &RecordResult, reason: &str) {
        self.count += 1;
        if self.records.len() < MAX_LISTED {
            let title = if result.title.is_empty() { &result.id } else { &result.title };
            self.records.push(ListedRecord {
                title: title.clone(),
                position: format!("{}:{}", result.source, result.line),
                reason: reason.to_owned(),
            });
        }
    }
}

/// The differences of one rule.
#[derive(Clone, Debug, Default)]
pub(crate) struct WordRule {
    /// The number of differences.
    pub(crate) count: usize,
    /// The number of words that were left out.
    pub(crate) removed: usize,
    /// The number of words that were added.
    pub(crate) added: usize,
    /// Texts of the first differences.
    pub(crate) examples: Vec<String>,
}

/// The sums of an import.
#[derive(Clone, Debug, Default)]
pub(crate) struct ReportSummary {
    /// The number of records.
    pub(crate) records: usize,
    /// The number of records that have an unexplained difference or couldn't be imported.
    pub(crate) unexplained: usize,
    /// The number of records by outcome.
    pub(crate) outcomes: BTreeMap<&'static str, usize>,
    /// The number of files by state.
    pub(crate) files: BTreeMap<&'static str, usize>,
    pub(crate) words_in: usize,
    pub(crate) words_out: usize,
    /// The differences by rule.
    pub(crate) rules: BTreeMap<&'static str, WordRule>,
    /// The number of differences in links, images and markup by rule.
    pub(crate) markup_rules: BTreeMap<&'static str, usize>,
    /// Records that weren't published in the source.
    pub(crate) withheld: RecordList,
    pub(crate) failed: RecordList,
    pub(crate) duplicates: RecordList,
    /// Articles that were left as they are.
    pub(crate) conflicts: RecordList,
    /// Records with warnings, once per warning.
    pub(crate) warnings: RecordList,
    /// Files in the folders whose format isn't known.
    pub(crate) unknown_files: Vec<String>,
    /// The images and other files that texts refer to, if there are folders with copies.
    pub(crate) media: MediaCounts,
    /// The number of images and other media in the folders.
    pub(crate) media_files: usize,
    /// Files in which there is no record.
    pub(crate) empty_files: Vec<String>,
}

impl ReportSummary {
    /// Returns true if every record and every word is explained.
    pub(crate) fn is_explained(&self) -> bool {
        self.problems() == 0
    }

    /// Returns the number of problems for which the import isn't complete: unexplained records,
    /// files that weren't read, and the lack of any record.
    pub(crate) fn problems(&self) -> usize {
        self.unexplained + self.unknown_files.len() + usize::from(self.records == 0)
    }

    /// Adds the result of a record.
    pub(super) fn add(&mut self, result: &RecordResult) {
        self.records += 1;
        self.unexplained += usize::from(!result.is_explained());
        *self.outcomes.entry(result.outcome.name()).or_default() += 1;
        self.words_in += result.words_in;
        self.words_out += result.words_out;
        if let Some(state) = &result.state {
            *self.files.entry(state.name()).or_default() += 1;
            if let FileState::Conflict(reason) = state {
                self.conflicts.add(result, reason);
            }
        }
        match &result.outcome {
            Outcome::Withheld(reason) => self.withheld.add(result, reason),
            Outcome::Failed(reason) => self.failed.add(result, reason),
            Outcome::Duplicate(id) => self.duplicates.add(result, id),
            Outcome::Article
            | Outcome::Page
            | Outcome::Private
            | Outcome::Redirect
            | Outcome::NotAnArticle(_) => {}
        }
        result.warnings.iter().for_each(|warning| self.warnings.add(result, warning));
        for difference in &result.markup_differences {
            *self.markup_rules.entry(difference.rule.name()).or_default() += 1;
        }
        for difference in &result.differences {
            let rule = self.rules.entry(difference.rule).or_default();
            rule.count += 1;
            rule.removed += count_words(&difference.removed);
            rule.added += count_words(&difference.added);
            if rule.examples.len() < MAX_EXAMPLES {
                let text = [&difference.removed, &difference.added].map(String::as_str).join(" ");
                let example = beginning(&text, MAX_EXAMPLE_CHARS);
                if !example.is_empty() && !rule.examples.contains(&example) {
                    rule.examples.push(example);
                }
            }
        }
    }
}

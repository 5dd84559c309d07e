//! The result for one record.

use crate::import::body::{ConvertedBody, UNEXPLAINED, WordDifference};
use crate::import::item::ItemKind;
use crate::import::outcome::{FileState, Outcome};
use crate::import::text::Difference;

/// The result for one record.
#[derive(Clone, Debug)]
pub(crate) struct RecordResult {
    /// The name of the source.
    pub(crate) source: String,
    /// The line of the source.
    pub(crate) line: usize,
    /// The id in the source; empty if the record can't be read.
    pub(crate) id: String,
    /// The kind; `None` if the record can't be read.
    pub(crate) kind: Option<ItemKind>,
    pub(crate) title: String,
    pub(crate) outcome: Outcome,
    /// The path of the article's file below the site's folder.
    pub(crate) file: Option<String>,
    pub(crate) state: Option<FileState>,
    pub(crate) old_urls: Vec<String>,
    /// The URL of the article's page below the site's root.
    pub(crate) new_url: Option<String>,
    pub(crate) words_in: usize,
    pub(crate) words_out: usize,
    pub(crate) differences: Vec<WordDifference>,
    /// The differences of links, images and other markup.
    pub(crate) markup_differences: Vec<Difference>,
    pub(crate) warnings: Vec<String>,
}

impl RecordResult {
    /// Creates the result for a record of a source, about which nothing is known.
    pub(crate) fn new(source: &str) -> Self {
        Self {
            source: source.to_owned(),
            line: 1,
            id: String::new(),
            kind: None,
            title: String::new(),
            outcome: Outcome::Failed(String::new()),
            file: None,
            state: None,
            old_urls: Vec::new(),
            new_url: None,
            words_in: 0,
            words_out: 0,
            differences: Vec::new(),
            markup_differences: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// Adds the words and differences of a converted body.
    pub(crate) fn set_body(&mut self, body: ConvertedBody) {
        self.words_in = body.words_in;
        self.words_out = body.words_out;
        self.differences = body.differences;
        self.markup_differences = body.markup_differences;
    }

    /// Returns true if every word is explained, and the record was imported or has a reason that
    /// isn't a failure.
    pub(super) fn is_explained(&self) -> bool {
        let mut rules = self.differences.iter().map(|found| found.rule);
        let mut markup_rules = self.markup_differences.iter().map(|found| found.rule.name());
        let has_unexplained =
            rules.any(|rule| rule == UNEXPLAINED) || markup_rules.any(|rule| rule == UNEXPLAINED);
        !has_unexplained && !matches!(self.outcome, Outcome::Failed(_))
    }
}

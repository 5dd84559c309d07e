//! How a paper corrects itself.

use serde::{Deserialize, Serialize};

/// How a paper corrects itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct CorrectionSettings {
    /// Where in a story its corrections stand.
    pub position: CorrectionsPosition,
    /// What becomes of the text of a story that was retracted.
    pub retracted: RetractionPolicy,
}

/// Where in a story its corrections stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CorrectionsPosition {
    /// Above the text.
    Top,
    /// Below the text; `foot` is the old name.
    #[default]
    #[serde(alias = "foot")]
    Bottom,
}

/// What becomes of the text of a story that was retracted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RetractionPolicy {
    /// It stays as it is, below the notice.
    Keep,
    /// It stays, struck out.
    #[default]
    Strike,
    /// It goes, also from feeds, search and data.
    Remove,
}

/// Where the versions of stories come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum HistorySource {
    /// The repository of git that the site is in.
    #[default]
    Git,
}

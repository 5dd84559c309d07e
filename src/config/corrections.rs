//! The display of corrections and retractions.

use serde::{Deserialize, Serialize};

/// The display of corrections and retractions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct CorrectionSettings {
    /// The position of an article's corrections.
    pub position: CorrectionsPosition,
    /// The treatment of a retracted article's text.
    pub retracted: RetractionPolicy,
}

/// The position of an article's corrections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum CorrectionsPosition {
    /// Above the text.
    Top,
    /// Below the text; `foot` is the old name.
    #[default]
    #[serde(alias = "foot")]
    Bottom,
}

/// The treatment of a retracted article's text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RetractionPolicy {
    /// The text is kept, below the notice.
    Keep,
    /// The text is struck through.
    #[default]
    Strike,
    /// The text is removed, also from feeds, search and data.
    Remove,
}

/// The source of articles' versions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum HistorySource {
    /// The Git repository that contains the site.
    #[default]
    Git,
}

//! The status of an article after its publication.

/// The status of an article.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Status {
    /// It is published.
    #[default]
    Published,
    /// It was corrected: its page has a notice.
    Corrected,
    /// It was withdrawn: its page stays, with a notice.
    Retracted,
    /// It was taken down: its URL shows a tombstone page, and nothing else mentions it.
    Unpublished,
    /// Names were removed from it.
    Anonymized,
}

/// Every status and its value in front matter.
pub(crate) const STATUSES: [(&str, Status); 5] = [
    ("published", Status::Published),
    ("corrected", Status::Corrected),
    ("retracted", Status::Retracted),
    ("unpublished", Status::Unpublished),
    ("anonymised", Status::Anonymized),
];

impl Status {
    /// Parses a value of front matter; returns `None` for values of other systems.
    pub fn parse(word: &str) -> Option<Self> {
        let word = word.trim().to_lowercase();
        let word = match word.as_str() {
            "publish" => "published",
            "anonymized" => "anonymised",
            word => word,
        };
        STATUSES.iter().find(|(name, _)| *name == word).map(|(_, status)| *status)
    }

    /// Returns its value in front matter.
    pub fn as_str(self) -> &'static str {
        STATUSES.iter().find(|(_, status)| *status == self).map_or("published", |(word, _)| word)
    }
}

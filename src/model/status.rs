//! What a paper says of a story after it was published.

/// What became of a story.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Status {
    /// It stands as it is.
    #[default]
    Published,
    /// It was put right, and says so.
    Corrected,
    /// It was wrong as a whole: its page stays, with a notice.
    Retracted,
    /// It was taken down: in its place is a notice, and nothing else knows of it.
    Unpublished,
    /// Names were taken out of it.
    Anonymized,
}

/// Every status by the word that front matter has for it.
pub(crate) const STATUSES: [(&str, Status); 5] = [
    ("published", Status::Published),
    ("corrected", Status::Corrected),
    ("retracted", Status::Retracted),
    ("unpublished", Status::Unpublished),
    ("anonymised", Status::Anonymized),
];

impl Status {
    /// Reads a word of front matter; none, if it is another system's.
    pub fn parse(word: &str) -> Option<Self> {
        let word = word.trim().to_lowercase();
        let word = match word.as_str() {
            "publish" => "published",
            "anonymized" => "anonymised",
            word => word,
        };
        STATUSES.iter().find(|(name, _)| *name == word).map(|(_, status)| *status)
    }

    /// Its word.
    pub fn as_str(self) -> &'static str {
        STATUSES.iter().find(|(_, status)| *status == self).map_or("published", |(word, _)| word)
    }
}

//! The result of the parse stage: a file of `content/` with its record.

use super::cache::store::CachedRecord;
use crate::diagnostics::Diagnostic;
use crate::model::Fingerprint;

/// The result of parsing a file.
pub(crate) enum ParseOutcome {
    /// The encoded record of an article or a page of a term. The file may have warnings.
    Record(Vec<u8>),
    /// An article that isn't published in this build.
    Unpublished(Unpublished),
    /// An article that readers must not see: by its status, or because its front matter probably
    /// hides it and has a mistake.
    Withheld(Box<WithheldArticle>),
    /// An article with an error.
    Broken,
}

/// An article that readers must not see.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct WithheldArticle {
    /// The file, relative to `content/`.
    pub path: String,
    /// The reason, such as "the status is `private`".
    pub reason: String,
    /// True if an error alone would keep it from being published, so that it is withheld only if it
    /// was published before.
    pub(crate) is_broken: bool,
    /// The permalink and the aliases, if its front matter can be read.
    pub permalinks: Vec<String>,
    /// The language, if it is known.
    pub(crate) lang: Option<String>,
    /// The `id:`.
    pub(crate) own_id: Option<String>,
    /// The hash by which the permalink registry recognizes its text.
    pub(crate) body_evidence: Option<Fingerprint>,
}

/// A parsed file.
pub(crate) struct ParsedFile {
    pub(crate) outcome: ParseOutcome,
    pub(crate) stamp: u64,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl ParsedFile {
    /// True if its record may be saved for the next build. A file with errors or warnings is parsed
    /// in every build, so that every build reports them.
    pub(crate) fn is_cacheable(&self) -> bool {
        self.diagnostics.is_empty() && matches!(self.outcome, ParseOutcome::Record(_))
    }
}

/// The record of a file.
pub(crate) enum LoadedRecord {
    /// A record from the cache: the file hasn't changed.
    Cached(CachedRecord),
    /// A new record.
    Parsed(ParsedFile, RecordChange),
}

/// The difference between a newly parsed file and its cached record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RecordChange {
    /// There is no cached record.
    Unknown,
    /// It is the same article with another body.
    BodyOnly,
    /// Anything else differs.
    Changed,
}

/// Files in the order of their paths, each with its record.
pub(crate) type RecordChunk<'a> = Vec<(&'a str, LoadedRecord)>;

/// The number of articles that aren't published, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unpublished {
    /// Articles with `draft: true`.
    pub drafts: usize,
    /// Articles whose date or embargo is in the future.
    pub scheduled: usize,
    /// Articles whose expiry date is past.
    pub expired: usize,
    /// Articles that their status, or a mistake in their front matter, withholds.
    pub withheld: usize,
}

impl Unpublished {
    /// Adds other counts.
    pub(crate) fn add(&mut self, other: Self) {
        self.drafts += other.drafts;
        self.scheduled += other.scheduled;
        self.expired += other.expired;
        self.withheld += other.withheld;
    }
}

//! A redirect of the old site.

/// The URLs that a rule matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RedirectSource {
    /// One path.
    Exact(String),
    /// All paths that begin with one, which ends with a slash.
    Prefix(String),
}

/// A redirect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OldRedirect {
    /// The line at which it begins, from 1.
    pub(crate) line: usize,
    pub(crate) from: RedirectSource,
    /// The path or URL; `:splat` at its end is what follows the prefix.
    pub(crate) to: String,
    /// A problem that a person should check.
    pub(crate) warning: Option<&'static str>,
}

/// A rule that can't be converted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UnreadRule {
    /// The line at which it begins, from 1.
    pub(crate) line: usize,
    /// The rule as it is written.
    pub(crate) text: String,
    pub(crate) reason: &'static str,
}

/// A rule as it was read.
pub(crate) type ReadRule = Result<OldRedirect, UnreadRule>;

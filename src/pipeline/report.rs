//! The result of a build.

use super::article_lists::ArticleLists;
use super::explain::Explanation;
use super::output_changes::OutputChanges;
use super::parsed_file::{Unpublished, WithheldArticle};
use super::url_changes::UrlChange;
use crate::diagnostics::{Diagnostic, Severity};
use crate::permalinks::RecordSummary;

/// The result of a build.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct BuildReport {
    /// The number of published articles.
    pub articles: usize,
    /// The number of published pages without a date, such as About.
    pub standalone_pages: usize,
    /// The number of files of the site.
    pub files: usize,
    /// The files that were written and removed.
    pub output_changes: OutputChanges,
    /// The number of files that were already up to date.
    pub unchanged: usize,
    /// The number of articles that aren't published, by reason.
    pub unpublished: Unpublished,
    /// The articles that readers must not see, by file, each with the reason.
    pub withheld: Vec<WithheldArticle>,
    /// The articles that aren't published, were retracted or had names removed.
    pub(crate) article_lists: ArticleLists,
    /// The files of `content/` that are neither read nor published with an article, relative to
    /// `content/`, in order. A hidden folder is one entry, which ends with a slash.
    pub unread_files: Vec<String>,
    /// Set if nothing was written because `site.yaml` has mistakes that could move every page,
    /// `redactions.yaml` has any mistake, or many published URLs would change.
    pub is_blocked: bool,
    /// The published articles that would get another URL, if they are so many that nothing was
    /// written, or that their old pages stay.
    pub url_changes: Vec<UrlChange>,
    /// The number of published URLs whose loss was accepted.
    pub accepted_removals: usize,
    /// True if it isn't known which URLs were published before: there is neither a build cache nor
    /// a permalink registry.
    pub has_unknown_urls: bool,
    /// The number of files that the redaction audit searched.
    pub audited_files: usize,
    /// All errors and warnings, by file and line.
    pub diagnostics: Vec<Diagnostic>,
    /// The changes of the permalink registry, if it was recorded.
    pub registry_update: Option<RecordSummary>,
    /// The pages of [`BuildOptions::explain`](super::BuildOptions::explain), each with the reason
    /// why it is rebuilt or unchanged.
    pub explanations: Vec<Explanation>,
    /// The duration of the build in seconds.
    pub seconds: f64,
}

impl BuildReport {
    /// Returns the number of diagnostics of a severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count()
    }
}

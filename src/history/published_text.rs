//! Shown: what readers saw of a version: headline, standfirst, and the words of the text.

use crate::config::{RetractionPolicy, Site};
use crate::content::markdown::{find_excessive_nesting, search_text};
use crate::content::redaction::{RedactedFile, redact};
use crate::content::{FrontMatter, ParsedArticle, SourceFile, shortcodes};
use crate::model::{Moment, Status};

/// What readers saw of a version.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PublishedText {
    pub(super) headline: String,
    pub(super) standfirst: String,
    /// The text, a line a block, without markup: what isn't seen in a page isn't here either.
    pub(super) lines: Vec<String>,
}

impl PublishedText {
    /// Reads a file as it was at a moment, without the names that are taken out of every story;
    /// nothing, if it was not published then: a draft, held back, taken down, or no story; or if
    /// names were taken out of it.
    pub(super) fn parse(
        bytes: &[u8],
        path: &str,
        version_date: Moment,
        site: &Site,
    ) -> Option<Self> {
        let file = format!("content/{path}");
        let RedactedFile { bytes, listed_names: listed, .. } =
            redact(site, path, bytes.to_vec()).ok()?;
        let source = SourceFile::parse(&file, &bytes, &site.config.limits).ok()?;
        let front = FrontMatter::parse(&source, site).ok()?;
        let article = ParsedArticle::resolve(front, &source, path, site).ok()?;
        let not_yet_published = [Some(article.date), article.embargo]
            .into_iter()
            .flatten()
            .any(|release| release.seconds > version_date.seconds);
        let is_private = matches!(article.status, Status::Unpublished | Status::Anonymized);
        if article.draft || not_yet_published || is_private || !listed.is_empty() {
            return None;
        }
        let is_removed = article.status == Status::Retracted
            && site.config.corrections.retracted == RetractionPolicy::Remove;
        let expanded = shortcodes::expand(if is_removed { "" } else { source.body() });
        if find_excessive_nesting(&expanded.body, site.config.limits.nesting).is_some() {
            return None;
        }
        let text = search_text(&expanded.body);
        let lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
        Some(Self {
            headline: article.title,
            standfirst: article.standfirst.unwrap_or_default(),
            lines: lines.filter(|line| !line.is_empty()).collect(),
        })
    }
}

//! The text of a version as readers saw it.

use crate::config::{RetractionPolicy, Site};
use crate::content::markdown::{find_excessive_html, find_excessive_nesting, to_plain_text};
use crate::content::redaction::{RedactedFile, redact};
use crate::content::{FrontMatter, ParsedArticle, SourceFile, shortcodes};
use crate::model::{Moment, Status};

/// The text of a version as readers saw it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PublishedText {
    pub(super) headline: String,
    pub(super) standfirst: String,
    /// The text without its markup, one line per block; without anything that readers don't see.
    pub(super) lines: Vec<String>,
}

impl PublishedText {
    /// Parses a file as it was at a time, and redacts the names that the site redacts everywhere.
    /// Returns `None` if the version wasn't published: if it was a draft, scheduled, embargoed,
    /// taken down or invalid, or if its front matter redacted names.
    pub(super) fn parse(
        bytes: &[u8],
        path: &str,
        version_date: Moment,
        site: &Site,
    ) -> Option<Self> {
        let file = format!("content/{path}");
        let RedactedFile { bytes, matcher, listed_names: listed } =
            redact(site, path, bytes.to_vec()).ok()?;
        let source = SourceFile::parse(&file, &bytes, &site.config.limits).ok()?;
        let source = source.with_matcher(matcher);
        let front = FrontMatter::parse(&source, site).ok()?;
        let article = ParsedArticle::resolve(front, &source, path, site).ok()?;
        let not_yet_published = [Some(article.date), article.embargo]
            .into_iter()
            .flatten()
            .any(|release| release.seconds > version_date.seconds);
        let is_private = matches!(article.status, Status::Unpublished | Status::Anonymized);
        let is_withheld = article.withheld_status.is_some();
        if article.draft || is_withheld || not_yet_published || is_private || !listed.is_empty() {
            return None;
        }
        let is_removed = article.status == Status::Retracted
            && site.config.corrections.retracted == RetractionPolicy::Remove;
        let expanded = shortcodes::expand(if is_removed { "" } else { source.body() });
        if find_excessive_nesting(&expanded.body, site.config.limits.nesting).is_some()
            || find_excessive_html(&expanded.body).is_some()
        {
            return None;
        }
        let text = to_plain_text(&expanded.body);
        let text = source.matcher.redact(&text);
        let lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
        Some(Self {
            headline: article.title,
            standfirst: article.standfirst.unwrap_or_default(),
            lines: lines.filter(|line| !line.is_empty()).collect(),
        })
    }
}

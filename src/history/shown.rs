//! Shown: what readers saw of a version: headline, standfirst, and the words of the text.

use crate::content::markdown::{searchable, too_deep};
use crate::content::redact::{Redacted, redact};
use crate::content::{Article, FrontMatter, Source, shortcodes};
use crate::model::{Moment, Status};
use crate::site::{Retracted, Site};

/// What readers saw of a version.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) headline: String,
    pub(super) standfirst: String,
    /// The text, a line a block, without markup: what isn't seen in a page isn't here either.
    pub(super) lines: Vec<String>,
}

impl Shown {
    /// Reads a file as it was at a moment, without the names that are taken out of every story; nothing, if it was not published then: a draft, held back,
    /// taken down, or no story; or if names were taken out of it.
    pub(super) fn of(bytes: &[u8], path: &str, at: Moment, site: &Site) -> Option<Self> {
        let file = format!("content/{path}");
        let Redacted { bytes, listed, .. } = redact(site, path, bytes.to_vec()).ok()?;
        let source = Source::read(&file, &bytes, &site.config.limits).ok()?;
        let front = FrontMatter::parse(&source, site).ok()?;
        let article = Article::resolve(front, &source, path, site).ok()?;
        let held_back =
            [Some(article.date), article.embargo].into_iter().flatten().any(|from| from.seconds > at.seconds);
        let private = matches!(article.status, Status::Unpublished | Status::Anonymised);
        if article.draft || held_back || private || !listed.is_empty() {
            return None;
        }
        let removed =
            article.status == Status::Retracted && site.config.corrections.retracted == Retracted::Remove;
        let expanded = shortcodes::expand(if removed { "" } else { source.body() });
        if too_deep(&expanded.body, site.config.limits.nesting).is_some() {
            return None;
        }
        let text = searchable(&expanded.body);
        let lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
        Some(Self {
            headline: article.title,
            standfirst: article.standfirst.unwrap_or_default(),
            lines: lines.filter(|line| !line.is_empty()).collect(),
        })
    }
}

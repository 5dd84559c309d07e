//! Check: everything that is wrong with a site and can be known without readers. Every page is
//! rendered, as a build would, and looked at instead of written; the stories' own files are looked
//! at where a finding is to be shown in them.

mod article_file;
mod articles;
mod external;
mod html;
mod links;
mod pages;

use std::time::Instant;

use crate::config::{RuleLevel, Site};
use crate::diagnostics::{Diagnostic, Error, Severity};
use crate::pipeline::{Progress, Session, SitePreview};

/// How to check.
#[derive(Clone, Copy, Debug, Default)]
pub struct CheckOptions {
    /// Ask the links that lead out of the site.
    pub external: bool,
}

/// What was found.
#[derive(Debug, Default)]
pub struct CheckReport {
    /// Stories.
    pub articles: usize,
    /// Pages that were looked at.
    pub pages: usize,
    /// Links within the site that were followed.
    pub links: usize,
    /// Links out of the site: how many there are, each counted once.
    pub external: usize,
    /// How many of these were asked now.
    pub requested: usize,
    /// Everything that is wrong, by file and line.
    pub diagnostics: Vec<Diagnostic>,
    /// How long it took.
    pub seconds: f64,
}

impl CheckReport {
    /// How many diagnostics of a severity there are.
    pub fn count(&self, severity: Severity) -> usize {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count()
    }
}

/// Checks a site.
///
/// # Errors
/// What the machine refused.
pub fn check(
    site: &Site,
    mistakes: Vec<Diagnostic>,
    options: CheckOptions,
    progress: &dyn Progress,
) -> Result<CheckReport, Error> {
    let start = Instant::now();
    let mut session = Session::open_read_only(site, progress)?;
    let mut diagnostics = articles::check_term_variants(&session, site);
    let (mut findings, external) = session
        .with_preview(site, mistakes, |preview| run_checks(preview, progress, &mut diagnostics))?;
    if options.external {
        let external_result = external::check_links(site, &external, progress)?;
        findings.requested = external_result.requested;
        findings.diagnostics.extend(external_result.diagnostics);
    }
    findings.external = external.len();
    findings.diagnostics.sort();
    findings.diagnostics.dedup();
    findings.seconds = start.elapsed().as_secs_f64();
    Ok(findings)
}

fn run_checks(
    preview: &SitePreview<'_>,
    progress: &dyn Progress,
    collected: &mut Vec<Diagnostic>,
) -> Result<(CheckReport, Vec<external::ExternalLink>), Error> {
    let pages::PageFindings { pages, links, external, diagnostics } =
        pages::check_pages(preview, progress);
    collected.extend(preview.diagnostics.iter().cloned());
    collected.extend(diagnostics);
    collected.extend(articles::check_articles(preview));
    collected.extend(articles::stale_updated(preview)?);
    let findings = CheckReport {
        articles: preview.catalog().len(),
        pages,
        links,
        diagnostics: std::mem::take(collected),
        ..CheckReport::default()
    };
    Ok((findings, external))
}

/// A finding, at the level that the site gives to its rule; none where the rule is off.
fn finding(
    site: &Site,
    rule: &'static str,
    file: impl Into<String>,
    message: impl Into<String>,
) -> Option<Diagnostic> {
    match site.config.check.level(rule) {
        RuleLevel::Off => None,
        RuleLevel::Warning => Some(Diagnostic::warning(rule, file, message)),
        RuleLevel::Error => Some(Diagnostic::error(rule, file, message)),
    }
}

/// Whether a rule is looked for at all.
fn is_enabled(site: &Site, rule: &str) -> bool {
    site.config.check.level(rule) != RuleLevel::Off
}

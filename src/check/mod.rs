//! Check: everything that is wrong with a site and can be known without readers. Every page is rendered, as a build would, and looked at instead of
//! written; the stories' own files are looked at where a finding is to be shown in them.

mod external;
mod html;
mod links;
mod pages;
mod places;
mod stories;

use std::time::Instant;

use crate::build::{Desk, Preview, Progress};
use crate::diagnostic::{Diagnostic, Error, Severity};
use crate::site::{Level, Site};

/// How to check.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Ask the links that lead out of the site.
    pub external: bool,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Findings {
    /// Stories.
    pub articles: usize,
    /// Pages that were looked at.
    pub pages: usize,
    /// Links within the site that were followed.
    pub links: usize,
    /// Links out of the site: how many there are, each counted once.
    pub external: usize,
    /// How many of these were asked now.
    pub asked: usize,
    /// Everything that is wrong, by file and line.
    pub diagnostics: Vec<Diagnostic>,
    /// How long it took.
    pub seconds: f64,
}

impl Findings {
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
    options: Options,
    progress: &dyn Progress,
) -> Result<Findings, Error> {
    let start = Instant::now();
    let mut desk = Desk::look(site, progress)?;
    let mut found = stories::spellings(&desk, site);
    let (mut findings, external) =
        desk.preview(site, mistakes, |preview| look(preview, progress, &mut found))?;
    if options.external {
        let asked = external::ask(site, &external, progress)?;
        findings.asked = asked.asked;
        findings.diagnostics.extend(asked.diagnostics);
    }
    findings.external = external.len();
    findings.diagnostics.sort();
    findings.diagnostics.dedup();
    findings.seconds = start.elapsed().as_secs_f64();
    Ok(findings)
}

fn look(
    preview: &Preview<'_>,
    progress: &dyn Progress,
    found: &mut Vec<Diagnostic>,
) -> Result<(Findings, Vec<external::Link>), Error> {
    let pages::Looked { pages, links, external, diagnostics } = pages::look(preview, progress);
    found.extend(preview.diagnostics.iter().cloned());
    found.extend(diagnostics);
    found.extend(stories::look(preview));
    found.extend(stories::stale(preview)?);
    let findings = Findings {
        articles: preview.catalog().len(),
        pages,
        links,
        diagnostics: std::mem::take(found),
        ..Findings::default()
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
        Level::Off => None,
        Level::Warning => Some(Diagnostic::warning(rule, file, message)),
        Level::Error => Some(Diagnostic::error(rule, file, message)),
    }
}

/// Whether a rule is looked for at all.
fn wants(site: &Site, rule: &str) -> bool {
    site.config.check.level(rule) != Level::Off
}

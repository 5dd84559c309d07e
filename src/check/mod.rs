//! `dateline check`: renders every page as a build would, and checks the pages instead of writing
//! them. Articles' files are read to find the lines of findings.

mod article_file;
mod articles;
mod external;
mod html;
mod images;
mod links;
mod one_cause;
mod pages;
mod rules;

use std::time::Instant;

use crate::config::Site;
use crate::diagnostics::{Diagnostic, Error, Severity};
use crate::pipeline::{Progress, Session, SitePreview};

/// Options of [`check`].
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct CheckOptions {
    /// Request links to other sites.
    pub external: bool,
}

/// The results of [`check`].
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct CheckReport {
    /// The number of published articles.
    pub articles: usize,
    /// The number of pages.
    pub pages: usize,
    /// The number of links within the site that were checked.
    pub links: usize,
    /// The number of distinct links to other sites.
    pub external: usize,
    /// The number of them that were requested now, not read from the cache; `None` without
    /// [`CheckOptions::external`].
    pub requested: Option<usize>,
    /// The files of `content/` that are neither read nor published with an article, relative to
    /// `content/`, in order.
    pub unread_files: Vec<String>,
    /// All findings, sorted by file and line.
    pub diagnostics: Vec<Diagnostic>,
    /// The duration of the check, in seconds.
    pub seconds: f64,
}

impl CheckReport {
    /// The number of diagnostics with a severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count()
    }
}

/// Checks a site.
///
/// # Errors
/// [`Error::Io`] if the content folder or the build cache can't be read, or the cache of external
/// links can't be written.
pub fn check(
    site: &Site,
    options: CheckOptions,
    progress: &dyn Progress,
) -> Result<CheckReport, Error> {
    let start = Instant::now();
    let mut session = Session::open_read_only(site, progress)?;
    let term_findings = articles::check_term_variants(&session, site);
    let (mut findings, external) =
        session
            .with_preview(site, site.mistakes.clone(), |preview| run_checks(preview, progress))?;
    findings.diagnostics.extend(term_findings);
    let (unread_files, unread_files_warning) = session.unread_files(site);
    findings.unread_files = unread_files;
    findings.diagnostics.extend(unread_files_warning);
    one_cause::keep_one_finding_per_cause(&mut findings.diagnostics);
    if options.external {
        let external_result = external::check_links(site, &external, progress)?;
        findings.requested = Some(external_result.requested);
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
) -> Result<(CheckReport, Vec<external::ExternalLink>), Error> {
    let pages::PageFindings { pages, links, external, mut diagnostics } =
        pages::check_pages(preview, progress);
    diagnostics.extend(preview.diagnostics.iter().cloned());
    diagnostics.extend(articles::check_articles(preview));
    diagnostics.extend(images::check_metadata(preview));
    diagnostics.extend(articles::stale_updated(preview)?);
    let findings = CheckReport {
        articles: preview.catalog().len(),
        pages,
        links,
        diagnostics,
        ..CheckReport::default()
    };
    Ok((findings, external))
}

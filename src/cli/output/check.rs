//! What is told of a check, and of a story.

use std::collections::BTreeMap;

use super::format::{
    CheckFormat, article_explanation_to_json, findings_to_json, to_github_annotation, to_sarif,
};
use super::report::{Reporter, pluralize};
use super::safe_println;
use crate::check::CheckReport;
use crate::diagnostics::Severity;
use crate::explain::{ArticleExplanation, Fact, change_lines};

impl Reporter {
    /// Tells what is known of a story.
    pub(crate) fn print_article_explanation(&self, explanation: &ArticleExplanation, json: bool) {
        self.clear_progress();
        if json {
            safe_println!("{}", article_explanation_to_json(explanation));
            return;
        }
        self.print_diagnostics(&explanation.diagnostics);
        safe_println!("{}", explanation.file);
        for Fact { name, value, reason } in &explanation.facts {
            let reason = if reason.is_empty() { String::new() } else { format!("  ({reason})") };
            safe_println!("  {name:<15}{value}{reason}");
        }
        if !explanation.pages.is_empty() {
            safe_println!("{} made from it:", pluralize(explanation.pages.len(), "page"));
        }
        for page in &explanation.pages {
            safe_println!("  {}: {}", page.path, page.verdict);
            change_lines(page).iter().for_each(|line| safe_println!("    {line}"));
        }
    }

    /// Tells what a check found: in a form for people, no more than some findings of each rule.
    pub(crate) fn print_findings(
        &self,
        findings: &CheckReport,
        format: CheckFormat,
        max_shown: usize,
        external: bool,
    ) {
        self.clear_progress();
        match format {
            CheckFormat::Json => safe_println!("{}", findings_to_json(findings)),
            CheckFormat::Sarif => safe_println!("{}", to_sarif(&findings.diagnostics)),
            CheckFormat::Github => findings
                .diagnostics
                .iter()
                .for_each(|diagnostic| safe_println!("{}", to_github_annotation(diagnostic))),
            CheckFormat::Human => self.print_findings_text(findings, max_shown, external),
        }
    }

    fn print_findings_text(&self, findings: &CheckReport, max_shown: usize, external: bool) {
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        let mut shown = findings.diagnostics.clone();
        shown.retain(|diagnostic| {
            let count = seen.entry(diagnostic.code).or_default();
            *count += 1;
            max_shown == 0 || *count <= max_shown
        });
        self.print_diagnostics(&shown);
        if self.verbosity.quiet {
            return;
        }
        let counts = findings.diagnostics.iter().fold(
            BTreeMap::<&str, usize>::new(),
            |mut counts, diagnostic| {
                *counts.entry(diagnostic.code).or_default() += 1;
                counts
            },
        );
        for (code, count) in counts {
            let more = if max_shown > 0 && count > max_shown {
                format!(", {max_shown} of them shown (--most 0 shows all)")
            } else {
                String::new()
            };
            safe_println!("{count:>8} {code}{more}");
        }
        let external_summary = match external {
            true => {
                format!(
                    "{} out of the site, {} asked now",
                    pluralize(findings.external, "link"),
                    findings.requested
                )
            }
            false => format!(
                "{} out of the site not asked (--external)",
                pluralize(findings.external, "link")
            ),
        };
        safe_println!(
            "{}, {}, {} followed, {external_summary}: {}, {}, in {:.2} s",
            pluralize(findings.articles, "article"),
            pluralize(findings.pages, "page"),
            pluralize(findings.links, "link"),
            pluralize(findings.count(Severity::Error), "error"),
            pluralize(findings.count(Severity::Warning), "warning"),
            findings.seconds
        );
    }
}

//! The results of `dateline check` and `dateline explain`.

use std::collections::BTreeMap;

use super::format::{
    article_explanation_to_json, findings_to_json, to_github_annotation, to_sarif,
};
use super::report::{Reporter, pluralize};
use super::stdio::safe_println;
use crate::check::CheckReport;
use crate::cli::args::CheckFormat;
use crate::diagnostics::Severity;
use crate::explain::{ArticleExplanation, Fact, explanation_lines};

impl Reporter {
    /// Prints the facts of an article, and the pages that show it.
    pub(crate) fn print_article_explanation(&self, explanation: &ArticleExplanation) {
        self.clear_progress();
        if self.is_json() {
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
            let verb = if explanation.pages.len() == 1 { "shows" } else { "show" };
            safe_println!("{} {verb} it:", pluralize(explanation.pages.len(), "page"));
        }
        explanation_lines(&explanation.pages).iter().for_each(|line| safe_println!("  {line}"));
    }

    /// Prints the findings of a check. Text for people has at most `max_shown` findings per rule
    /// (0: all); the formats for programs have all.
    pub(crate) fn print_findings(
        &self,
        findings: &CheckReport,
        format: CheckFormat,
        max_shown: usize,
    ) {
        self.clear_progress();
        match format {
            CheckFormat::Json => safe_println!("{}", findings_to_json(findings)),
            CheckFormat::Sarif => safe_println!("{}", to_sarif(&findings.diagnostics)),
            CheckFormat::Github => findings
                .diagnostics
                .iter()
                .for_each(|diagnostic| safe_println!("{}", to_github_annotation(diagnostic))),
            CheckFormat::Human => self.print_findings_text(findings, max_shown),
        }
    }

    fn print_findings_text(&self, findings: &CheckReport, max_shown: usize) {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        let mut shown = findings.diagnostics.clone();
        shown.retain(|diagnostic| {
            let count = counts.entry(diagnostic.code).or_default();
            *count += 1;
            max_shown == 0 || *count <= max_shown
        });
        self.print_diagnostics(&shown);
        if self.is_quiet() {
            return;
        }
        for (code, count) in counts {
            let more = if max_shown > 0 && count > max_shown {
                format!(", {max_shown} of them shown (--max-messages 0 shows all)")
            } else {
                String::new()
            };
            safe_println!("{count:>8} {code}{more}");
        }
        safe_println!("{}", check_summary(findings));
    }
}

fn check_summary(findings: &CheckReport) -> String {
    let external_links = pluralize(findings.external, "external link");
    let external = match findings.requested {
        Some(requested) => format!("{external_links}, {requested} requested now"),
        None => format!("{external_links} not checked (--external)"),
    };
    format!(
        "{}, {}, {} checked, {external}: {}, {}, in {:.2} s",
        pluralize(findings.articles, "article"),
        pluralize(findings.pages, "page"),
        pluralize(findings.links, "link"),
        pluralize(findings.count(Severity::Error), "error"),
        pluralize(findings.count(Severity::Warning), "warning"),
        findings.seconds
    )
}

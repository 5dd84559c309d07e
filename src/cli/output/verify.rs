//! The results of `dateline verify` and `dateline permalinks`.

use super::build::recorded_summary;
use super::format::diagnostic_to_json;
use super::report::{Reporter, pluralize};
use super::stdio::safe_println;
use crate::config::PERMALINK_REGISTRY_FILE;
use crate::diagnostics::Diagnostic;
use crate::permalinks::{PermalinkRegistry, RecordSummary, RedirectTarget};
use crate::verify::{Baseline, PathList, VerifyReport};

/// The result for the aliases of an article.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AliasOutcome {
    /// They were added to its front matter.
    Added,
    /// They would be added without `--dry-run`.
    WouldBeAdded,
    /// Its front matter has to be changed by hand.
    AddByHand,
}

impl Reporter {
    /// Prints the differences between the output folder and the baseline.
    pub(crate) fn print_verify_report(
        &self,
        report: &VerifyReport,
        baseline: &Baseline,
        mistakes: &[Diagnostic],
    ) {
        self.print_diagnostics(mistakes);
        if self.is_json() {
            safe_println!("{}", verify_json(report, mistakes));
            return;
        }
        print_paths("missing", &report.missing);
        print_paths("altered", &report.altered);
        if self.is_quiet() {
            return;
        }
        print_paths("untracked", &report.untracked);
        if report.interrupted {
            safe_println!("the last build was interrupted: build again");
        }
        safe_println!("{}", verify_summary(report, baseline));
    }

    /// Prints the number of URLs in a registry that was written.
    pub(crate) fn print_recorded(&self, counts: RecordSummary, diagnostics: &[Diagnostic]) {
        self.print_diagnostics(diagnostics);
        if !self.is_quiet() {
            safe_println!("{}", recorded_summary(counts));
        }
    }

    /// Prints the broken permalinks, and the number of redirects, of a registry if there is one.
    pub(crate) fn print_registry_status(
        &self,
        registry: Option<&PermalinkRegistry>,
        errors: &[Diagnostic],
    ) {
        self.print_diagnostics(errors);
        if self.is_quiet() {
            return;
        }
        let Some(registry) = registry else {
            safe_println!(
                "there is no {PERMALINK_REGISTRY_FILE}; `dateline permalinks record` creates it"
            );
            return;
        };
        let term_redirects = registry
            .redirects
            .iter()
            .filter(|redirect| matches!(redirect.to, RedirectTarget::Taxonomy(_)))
            .count();
        safe_println!(
            "redirects: {} to articles, {term_redirects} to lists of terms; broken: {}",
            registry.redirects.len() - term_redirects,
            registry.missing.len()
        );
    }

    /// Prints the aliases of an article, and what happened to them.
    pub(crate) fn print_aliases(&self, path: &str, aliases: &[String], outcome: AliasOutcome) {
        let aliases: Vec<String> = aliases.iter().map(|alias| format!("\"{alias}\"")).collect();
        let status = match outcome {
            AliasOutcome::Added => "added",
            AliasOutcome::WouldBeAdded => "would be added",
            AliasOutcome::AddByHand => "add by hand",
        };
        if outcome == AliasOutcome::AddByHand || !self.is_quiet() {
            safe_println!("content/{path}: {status}: aliases: [{}]", aliases.join(", "));
        }
    }

    /// Prints the number of broken permalinks that remain.
    pub(crate) fn print_alias_summary(&self, remaining: usize, missing: usize) {
        match (remaining, missing) {
            _ if self.is_quiet() => {}
            (_, 0) => safe_println!("no permalink is broken"),
            (0, _) => safe_println!("every broken permalink has a matching article"),
            _ => safe_println!(
                "{} without a matching article; `dateline permalinks check` lists them",
                pluralize(remaining, "broken permalink")
            ),
        }
    }
}

fn print_paths(label: &str, paths: &PathList) {
    paths.listed.iter().for_each(|path| safe_println!("{label}: {path}"));
    if paths.count > paths.listed.len() {
        safe_println!("{label}: {} more", paths.count - paths.listed.len());
    }
}

fn verify_summary(report: &VerifyReport, baseline: &Baseline) -> String {
    let VerifyReport { expected, missing, altered, untracked, .. } = report;
    let intact = expected - (missing.count + altered.count).min(*expected);
    let mut line = format!(
        "{} tracked: {intact} intact, {} missing, {} altered; {} untracked",
        pluralize(*expected, "file"),
        missing.count,
        altered.count,
        untracked.count
    );
    match baseline {
        Baseline::BuildManifestAndExport(file) if report.written => {
            line.push_str(&format!("; manifest written to {}", file.display()));
        }
        Baseline::BuildManifestAndExport(file) => {
            line.push_str(&format!("; manifest {} was not written", file.display()));
        }
        _ => {}
    }
    line
}

fn verify_json(report: &VerifyReport, mistakes: &[Diagnostic]) -> serde_json::Value {
    serde_json::json!({
        "tracked": report.expected,
        "missing": report.missing.count,
        "altered": report.altered.count,
        "untracked": report.untracked.count,
        "missing_files": report.missing.listed,
        "altered_files": report.altered.listed,
        "untracked_files": report.untracked.listed,
        "interrupted": report.interrupted,
        "manifest_written": report.written,
        "diagnostics": mistakes.iter().map(diagnostic_to_json).collect::<Vec<_>>(),
    })
}

//! What is told of fixity and of the register.

use super::format::diagnostic_to_json;
use super::report::{Reporter, pluralize, recorded_summary};
use super::safe_println;
use crate::config::PERMALINK_REGISTRY_FILE;
use crate::diagnostics::Diagnostic;
use crate::permalinks::{PermalinkRegistry, RecordSummary, RedirectTarget};
use crate::verify::{Baseline, PathList, VerifyReport};

impl Reporter {
    /// Tells how the output folder differs.
    pub(crate) fn print_verify_report(
        &self,
        report: &VerifyReport,
        baseline: &Baseline,
        mistakes: &[Diagnostic],
    ) {
        self.print_diagnostics(mistakes);
        if self.json {
            safe_println!("{}", verify_json(report, mistakes));
            return;
        }
        print_paths("missing", &report.missing);
        print_paths("altered", &report.altered);
        if self.verbosity.quiet {
            return;
        }
        print_paths("extra", &report.extra);
        if report.interrupted {
            safe_println!("the last build was killed before it was whole: build again");
        }
        safe_println!("{}", verify_summary(report, baseline));
    }

    /// Tells of a register that was written.
    pub(crate) fn print_recorded(&self, counts: RecordSummary, diagnostics: &[Diagnostic]) {
        self.print_diagnostics(diagnostics);
        if !self.verbosity.quiet {
            safe_println!("{}", recorded_summary(counts));
        }
    }

    /// Tells how the register stands.
    pub(crate) fn print_registry_status(
        &self,
        exists: bool,
        registry: &PermalinkRegistry,
        errors: &[Diagnostic],
    ) {
        self.print_diagnostics(errors);
        if self.verbosity.quiet {
            return;
        }
        if !exists {
            safe_println!(
                "there is no {PERMALINK_REGISTRY_FILE}: `dateline permalinks record` makes it"
            );
            return;
        }
        let term_redirects = registry
            .redirects
            .iter()
            .filter(|redirect| matches!(redirect.to, RedirectTarget::Taxonomy(_)))
            .count();
        safe_println!(
            "former addresses that lead on: {}, {term_redirects} more to lists of terms; lost: {}",
            registry.redirects.len() - term_redirects,
            registry.missing.len()
        );
    }

    /// Tells of a story that was given former addresses, or couldn't be.
    pub(crate) fn print_added_aliases(
        &self,
        path: &str,
        aliases: &[String],
        done: bool,
        dry_run: bool,
    ) {
        let aliases: Vec<String> = aliases.iter().map(|alias| format!("\"{alias}\"")).collect();
        let status = match (done, dry_run) {
            (false, _) => "add by hand",
            (true, true) => "would be added",
            (true, false) => "added",
        };
        if !done || !self.verbosity.quiet {
            safe_println!("content/{path}: {status}: aliases: [{}]", aliases.join(", "));
        }
    }

    /// Tells what is left to be done by hand.
    pub(crate) fn print_alias_summary(&self, remaining: usize, missing: usize) {
        match (remaining, missing) {
            _ if self.verbosity.quiet => {}
            (_, 0) => safe_println!("no registered address is lost"),
            (0, _) => safe_println!("every lost address has a story"),
            _ => safe_println!(
                "{remaining} lost without a story that is likely theirs: `dateline permalinks check` lists them"
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
    let VerifyReport { expected, missing, altered, extra, .. } = report;
    let intact = expected - (missing.count + altered.count).min(*expected);
    let mut line = format!(
        "{} known: {intact} sound, {} missing, {} altered; {} extra",
        pluralize(*expected, "file"),
        missing.count,
        altered.count,
        extra.count
    );
    match baseline {
        Baseline::BuildManifestAndExport(file) if report.written => {
            line.push_str(&format!("; listed in {}", file.display()));
        }
        Baseline::BuildManifestAndExport(file) => {
            line.push_str(&format!("; {} was not written", file.display()))
        }
        _ => {}
    }
    line
}

fn verify_json(report: &VerifyReport, mistakes: &[Diagnostic]) -> serde_json::Value {
    serde_json::json!({
        "known": report.expected,
        "missing": report.missing.count,
        "altered": report.altered.count,
        "extra": report.extra.count,
        "missing_files": report.missing.listed,
        "altered_files": report.altered.listed,
        "extra_files": report.extra.listed,
        "interrupted": report.interrupted,
        "manifest_written": report.written,
        "diagnostics": mistakes.iter().map(diagnostic_to_json).collect::<Vec<_>>(),
    })
}

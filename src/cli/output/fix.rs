//! What people and programs are told of mends.

use super::format::diagnostic_to_json;
use super::report::{Reporter, pluralize};
use super::safe_println;
use crate::cli::output;
use crate::diagnostics::Diagnostic;
use crate::fix::{FixReport, FixedFile, LineChange};

/// How the object for programs begins.
const OPENING: &str = "{\"files\":[";

/// Tells of files as they are mended: a diff each for people, a part of one object for programs.
pub(crate) struct FixPrinter<'a> {
    reporter: &'a Reporter,
    write: bool,
    printed: usize,
}

impl Reporter {
    /// Begins to tell of mends that are written, or only proposed.
    pub(crate) fn fix_printer(&self, write: bool) -> FixPrinter<'_> {
        FixPrinter { reporter: self, write, printed: 0 }
    }

    /// Tells why nothing is mended.
    pub(crate) fn print_cannot_fix(&self, mistakes: &[Diagnostic]) {
        self.print_diagnostics(mistakes);
        if self.is_json() {
            output::print(format_args!(
                "{OPENING}{}",
                json_tail(&FixReport::default(), mistakes, false)
            ));
        } else if !self.is_quiet() {
            safe_println!("nothing was looked at: mend site.yaml first");
        }
    }
}

impl FixPrinter<'_> {
    /// Tells of a file.
    pub(crate) fn print_file(&mut self, fixed: &FixedFile) {
        self.reporter.clear_progress();
        if self.reporter.is_json() {
            let separator = if self.printed == 0 { OPENING } else { "," };
            output::print(format_args!("{separator}{}", fixed_file_to_json(fixed)));
        } else if !self.reporter.is_quiet() && (!self.write || self.reporter.is_verbose()) {
            let styled = self.reporter.color_on_stdout();
            let is_terminal = self.reporter.is_stdout_terminal();
            fixed.diff.split_inclusive('\n').for_each(|line| {
                output::print(format_args!("{}", style_line(line, styled, is_terminal)))
            });
        }
        self.printed += 1;
    }

    /// Tells what it all came to.
    pub(crate) fn finish(self, report: &FixReport) {
        self.reporter.print_diagnostics(&report.diagnostics);
        if self.reporter.is_json() {
            let opening = if self.printed == 0 { OPENING } else { "" };
            output::print(format_args!(
                "{opening}{}",
                json_tail(report, &report.diagnostics, self.write)
            ));
        } else if !self.reporter.is_quiet() {
            output::print(format_args!("{}", fix_summary(report, self.write)));
        }
    }
}

/// A line of a diff; for eyes, in colours and without signs that move a terminal.
fn style_line(line: &str, styled: bool, for_terminal: bool) -> String {
    if !styled && !for_terminal {
        return line.to_owned();
    }
    let bare = line.trim_end_matches(['\n', '\r']);
    let safe: String =
        bare.chars().map(|c| if c.is_control() && c != '\t' { '\u{fffd}' } else { c }).collect();
    let style = match line {
        _ if !styled => None,
        _ if line.starts_with("--- a/") || line.starts_with("+++ b/") => Some("1"),
        _ if line.starts_with("@@") => Some("36"),
        _ if line.starts_with('-') => Some("31"),
        _ if line.starts_with('+') => Some("32"),
        _ => None,
    };
    match style {
        Some(style) => format!("\u{1b}[{style}m{safe}\u{1b}[0m\n"),
        None => format!("{safe}\n"),
    }
}

/// `2 files to mend: quotes in 3 lines, dates in 1 line; nothing was written: call again with
/// --write`.
fn fix_summary(report: &FixReport, write: bool) -> String {
    let fixes = report
        .lines
        .iter()
        .map(|(fix, lines)| format!("{} in {}", fix.name(), pluralize(*lines, "line")));
    let fixes = fixes.collect::<Vec<_>>().join(", ");
    let mut line = match (report.files, write) {
        (0, _) => format!("nothing to mend in {}", pluralize(report.examined, "article")),
        (files, true) => format!("{} mended: {fixes}", pluralize(files, "file")),
        (files, false) => {
            format!(
                "{} to mend: {fixes}; nothing was written: call again with --write",
                pluralize(files, "file")
            )
        }
    };
    if !report.diagnostics.is_empty() {
        line.push_str(&format!(
            "; {} can't be mended safely",
            pluralize(report.diagnostics.len(), "mistake")
        ));
    }
    line.push('\n');
    line
}

fn fixed_file_to_json(fixed: &FixedFile) -> serde_json::Value {
    let fixes: Vec<serde_json::Value> = fixed.changes.iter().map(change_to_json).collect();
    serde_json::json!({ "file": fixed.file, "mends": fixes })
}

fn change_to_json(change: &LineChange) -> serde_json::Value {
    serde_json::json!({
        "mend": change.fix.name(),
        "line": change.line,
        "before": change.before,
        "after": change.after,
    })
}

/// What follows the list of files, up to the end of the object.
fn json_tail(report: &FixReport, diagnostics: &[Diagnostic], written: bool) -> String {
    let lines: serde_json::Map<String, serde_json::Value> =
        report.lines.iter().map(|(fix, lines)| (fix.name().to_owned(), (*lines).into())).collect();
    let rest = serde_json::json!({
        "articles": report.examined,
        "lines": lines,
        "written": written,
        "diagnostics": diagnostics.iter().map(diagnostic_to_json).collect::<Vec<_>>(),
    });
    format!("],{}\n", rest.to_string().trim_start_matches('{'))
}

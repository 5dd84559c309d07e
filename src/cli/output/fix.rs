//! The results of `dateline fix`.

use super::format::diagnostic_to_json;
use super::report::{Reporter, pluralize};
use super::stdio::{self, safe_println};
use crate::diagnostics::Diagnostic;
use crate::fix::{FixMode, FixReport, FixedFile, LineChange};

/// The beginning of the JSON object.
const OPENING: &str = "{\"files\":[";

/// Prints fixed files one by one: a diff for people, or an element of one JSON object.
pub(crate) struct FixPrinter<'a> {
    reporter: &'a Reporter,
    mode: FixMode,
    printed: usize,
}

/// The style of a diff on standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DiffStyle {
    /// Unchanged, for programs.
    Plain,
    /// Without control characters.
    Safe,
    /// Colored, and without control characters.
    Colored,
}

impl Reporter {
    /// Returns the style of a diff on standard output.
    pub(super) fn diff_style(&self) -> DiffStyle {
        if self.color_on_stdout() {
            DiffStyle::Colored
        } else if self.is_stdout_terminal() {
            DiffStyle::Safe
        } else {
            DiffStyle::Plain
        }
    }

    /// Returns a printer for the fixes of one run.
    pub(crate) fn fix_printer(&self, mode: FixMode) -> FixPrinter<'_> {
        FixPrinter { reporter: self, mode, printed: 0 }
    }

    /// Prints the errors that prevent the run.
    pub(crate) fn print_cannot_fix(&self, mistakes: &[Diagnostic]) {
        self.print_diagnostics(mistakes);
        if self.is_json() {
            stdio::print(format_args!(
                "{OPENING}{}",
                json_tail(&FixReport::default(), mistakes, FixMode::Preview)
            ));
        } else if !self.is_quiet() {
            safe_println!("nothing was checked: fix site.yaml first");
        }
    }
}

impl FixPrinter<'_> {
    /// Prints the fixes of a file.
    pub(crate) fn print_file(&mut self, fixed: &FixedFile) {
        self.reporter.clear_progress();
        if self.reporter.is_json() {
            let separator = if self.printed == 0 { OPENING } else { "," };
            stdio::print(format_args!("{separator}{}", fixed_file_to_json(fixed)));
        } else if !self.reporter.is_quiet()
            && (self.mode == FixMode::Preview || self.reporter.is_verbose())
        {
            let style = self.reporter.diff_style();
            fixed.diff.split_inclusive('\n').for_each(|line| {
                stdio::print(format_args!("{}", style_line(line, style)));
            });
        }
        self.printed += 1;
    }

    /// Prints the totals.
    pub(crate) fn finish(self, report: &FixReport) {
        self.reporter.print_diagnostics(&report.diagnostics);
        if self.reporter.is_json() {
            let opening = if self.printed == 0 { OPENING } else { "" };
            stdio::print(format_args!(
                "{opening}{}",
                json_tail(report, &report.diagnostics, self.mode)
            ));
        } else if !self.reporter.is_quiet() {
            stdio::print(format_args!("{}", fix_summary(report, self.mode)));
        }
    }
}

/// Returns a line of a diff in a style.
pub(super) fn style_line(line: &str, style: DiffStyle) -> String {
    if style == DiffStyle::Plain {
        return line.to_owned();
    }
    let bare = line.trim_end_matches(['\n', '\r']);
    let safe: String =
        bare.chars().map(|c| if c.is_control() && c != '\t' { '\u{fffd}' } else { c }).collect();
    let color = match line {
        _ if style == DiffStyle::Safe => None,
        _ if line.starts_with("--- a/") || line.starts_with("+++ b/") => Some("1"),
        _ if line.starts_with("@@") => Some("36"),
        _ if line.starts_with('-') => Some("31"),
        _ if line.starts_with('+') => Some("32"),
        _ => None,
    };
    match color {
        Some(color) => format!("\u{1b}[{color}m{safe}\u{1b}[0m\n"),
        None => format!("{safe}\n"),
    }
}

/// `2 files to fix: quotes in 3 lines, dates in 1 line; nothing was written: run again with
/// --write`.
fn fix_summary(report: &FixReport, mode: FixMode) -> String {
    let fixes = report
        .lines
        .iter()
        .map(|(fix, lines)| format!("{} in {}", fix.name(), pluralize(*lines, "line")));
    let fixes = fixes.collect::<Vec<_>>().join(", ");
    let mut line = match (report.files, mode) {
        (0, _) => format!("nothing to fix in {}", pluralize(report.examined, "article")),
        (files, FixMode::Write) => format!("{} fixed: {fixes}", pluralize(files, "file")),
        (files, FixMode::Preview) => {
            format!(
                "{} to fix: {fixes}; nothing was written: run again with --write",
                pluralize(files, "file")
            )
        }
    };
    if !report.diagnostics.is_empty() {
        line.push_str(&format!(
            "; {} can't be fixed safely",
            pluralize(report.diagnostics.len(), "error")
        ));
    }
    line.push('\n');
    line
}

fn fixed_file_to_json(fixed: &FixedFile) -> serde_json::Value {
    let fixes: Vec<serde_json::Value> = fixed.changes.iter().map(change_to_json).collect();
    serde_json::json!({ "file": fixed.file, "fixes": fixes })
}

fn change_to_json(change: &LineChange) -> serde_json::Value {
    serde_json::json!({
        "fix": change.fix.name(),
        "line": change.line,
        "before": change.before,
        "after": change.after,
    })
}

/// The end of the JSON object, after the list of files.
fn json_tail(report: &FixReport, diagnostics: &[Diagnostic], mode: FixMode) -> String {
    let lines: serde_json::Map<String, serde_json::Value> =
        report.lines.iter().map(|(fix, lines)| (fix.name().to_owned(), (*lines).into())).collect();
    let rest = serde_json::json!({
        "articles": report.examined,
        "lines": lines,
        "written": mode == FixMode::Write,
        "diagnostics": diagnostics.iter().map(diagnostic_to_json).collect::<Vec<_>>(),
    });
    format!("],{}\n", rest.to_string().trim_start_matches('{'))
}

//! What people and programs are told of mends.

use super::formats::json_of_diagnostic;
use super::out::{self, say};
use super::report::{Reporter, count};
use crate::diagnostic::Diagnostic;
use crate::mend::{Change, Mended, Tally};

/// How the object for programs begins.
const OPENING: &str = "{\"files\":[";

/// Tells of files as they are mended: a diff each for people, a part of one object for programs.
pub(super) struct FixTeller<'a> {
    reporter: &'a Reporter,
    write: bool,
    told: usize,
}

impl Reporter {
    /// Begins to tell of mends that are written, or only proposed.
    pub(super) fn fixes(&self, write: bool) -> FixTeller<'_> {
        FixTeller { reporter: self, write, told: 0 }
    }

    /// Tells why nothing is mended.
    pub(super) fn cannot_fix(&self, mistakes: &[Diagnostic]) {
        self.tell(mistakes);
        if self.is_json() {
            out::text(format_args!("{OPENING}{}", tail(&Tally::default(), mistakes, false)));
        } else if !self.is_quiet() {
            say!("nothing was looked at: mend site.yaml first");
        }
    }
}

impl FixTeller<'_> {
    /// Tells of a file.
    pub(super) fn tell(&mut self, mended: &Mended) {
        self.reporter.clear();
        if self.reporter.is_json() {
            let before = if self.told == 0 { OPENING } else { "," };
            out::text(format_args!("{before}{}", json_of_file(mended)));
        } else if !self.reporter.is_quiet() && (!self.write || self.reporter.is_verbose()) {
            let styled = self.reporter.colours_out();
            let terminal = self.reporter.is_terminal_out();
            mended
                .diff
                .split_inclusive('\n')
                .for_each(|line| out::text(format_args!("{}", shown(line, styled, terminal))));
        }
        self.told += 1;
    }

    /// Tells what it all came to.
    pub(super) fn finish(self, tally: &Tally) {
        self.reporter.tell(&tally.diagnostics);
        if self.reporter.is_json() {
            let before = if self.told == 0 { OPENING } else { "" };
            out::text(format_args!("{before}{}", tail(tally, &tally.diagnostics, self.write)));
        } else if !self.reporter.is_quiet() {
            out::text(format_args!("{}", summary(tally, self.write)));
        }
    }
}

/// A line of a diff; for eyes, in colours and without signs that move a terminal.
fn shown(line: &str, styled: bool, for_eyes: bool) -> String {
    if !styled && !for_eyes {
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

/// `2 files to mend: quotes in 3 lines, dates in 1 line; nothing was written: call again with --write`.
fn summary(tally: &Tally, write: bool) -> String {
    let mends =
        tally.lines.iter().map(|(mend, lines)| format!("{} in {}", mend.name(), count(*lines, "line")));
    let mends = mends.collect::<Vec<_>>().join(", ");
    let mut line = match (tally.files, write) {
        (0, _) => format!("nothing to mend in {}", count(tally.looked_at, "article")),
        (files, true) => format!("{} mended: {mends}", count(files, "file")),
        (files, false) => {
            format!("{} to mend: {mends}; nothing was written: call again with --write", count(files, "file"))
        }
    };
    if !tally.diagnostics.is_empty() {
        line.push_str(&format!("; {} can't be mended safely", count(tally.diagnostics.len(), "mistake")));
    }
    line.push('\n');
    line
}

fn json_of_file(mended: &Mended) -> serde_json::Value {
    let mends: Vec<serde_json::Value> = mended.changes.iter().map(json_of_change).collect();
    serde_json::json!({ "file": mended.file, "mends": mends })
}

fn json_of_change(change: &Change) -> serde_json::Value {
    serde_json::json!({
        "mend": change.mend.name(),
        "line": change.line,
        "before": change.before,
        "after": change.after,
    })
}

/// What follows the list of files, up to the end of the object.
fn tail(tally: &Tally, diagnostics: &[Diagnostic], written: bool) -> String {
    let lines: serde_json::Map<String, serde_json::Value> =
        tally.lines.iter().map(|(mend, lines)| (mend.name().to_owned(), (*lines).into())).collect();
    let rest = serde_json::json!({
        "articles": tally.looked_at,
        "lines": lines,
        "written": written,
        "diagnostics": diagnostics.iter().map(json_of_diagnostic).collect::<Vec<_>>(),
    });
    format!("],{}\n", rest.to_string().trim_start_matches('{'))
}

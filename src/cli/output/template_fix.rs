//! The results of `dateline fix --templates`.

use super::fix::style_line;
use super::format::diagnostic_to_json;
use super::report::{Reporter, pluralize};
use super::stdio;
use crate::fix::FixMode;
use crate::fix::templates::{FixedTemplate, TemplateFixReport};

impl Reporter {
    /// Prints the changes of templates, the errors and the totals.
    pub(crate) fn print_template_fixes(&self, report: &TemplateFixReport, mode: FixMode) {
        self.clear_progress();
        if self.is_json() {
            self.print_diagnostics(&report.diagnostics);
            stdio::print(format_args!("{}\n", report_to_json(report, mode)));
            return;
        }
        if !self.is_quiet() && (mode == FixMode::Preview || self.is_verbose()) {
            let style = self.diff_style();
            for line in report.files.iter().flat_map(|file| file.diff.split_inclusive('\n')) {
                stdio::print(format_args!("{}", style_line(line, style)));
            }
        }
        self.print_diagnostics(&report.diagnostics);
        if !self.is_quiet() {
            stdio::print(format_args!("{}\n", summary(report, mode)));
        }
    }
}

/// `3 templates to fix: 12 names, 1 renamed file; nothing was written: run again with --write`.
fn summary(report: &TemplateFixReport, mode: FixMode) -> String {
    let names: usize = report.files.iter().map(|file| file.names.len()).sum();
    let renamed = report.files.iter().filter(|file| file.new_file.is_some()).count();
    let changes = format!("{}, {}", pluralize(names, "name"), pluralize(renamed, "renamed file"));
    let files = pluralize(report.files.len(), "template");
    let mut line = match mode {
        _ if report.files.is_empty() => {
            format!("nothing to fix in {}", pluralize(report.examined, "template"))
        }
        FixMode::Write => format!("{files} fixed: {changes}"),
        FixMode::Preview => {
            format!("{files} to fix: {changes}; nothing was written: run again with --write")
        }
    };
    if !report.diagnostics.is_empty() {
        let errors = pluralize(report.diagnostics.len(), "error");
        line.push_str(&format!("; {errors} can't be fixed safely"));
    }
    line
}

fn report_to_json(report: &TemplateFixReport, mode: FixMode) -> serde_json::Value {
    serde_json::json!({
        "files": report.files.iter().map(template_to_json).collect::<Vec<_>>(),
        "templates": report.examined,
        "written": mode == FixMode::Write,
        "diagnostics": report.diagnostics.iter().map(diagnostic_to_json).collect::<Vec<_>>(),
    })
}

fn template_to_json(template: &FixedTemplate) -> serde_json::Value {
    let names = template
        .names
        .iter()
        .map(|name| serde_json::json!({ "line": name.line, "old": name.old, "new": name.new }));
    serde_json::json!({
        "file": template.file,
        "new_file": template.new_file,
        "names": names.collect::<Vec<_>>(),
    })
}

//! Diagnostics in the forms of programs.

use clap::ValueEnum;
use serde_json::{Value, json};

use crate::build::Explanation;
use crate::check::Findings;
use crate::diagnostic::{Diagnostic, Severity};
use crate::explain::Known;

/// How to report.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    Human,
    /// One JSON object
    Json,
    /// SARIF 2.1.0, as code hosts show it
    Sarif,
    /// Lines that GitHub Actions turns into annotations
    Github,
}

fn level(diagnostic: &Diagnostic) -> &'static str {
    if diagnostic.severity == Severity::Error { "error" } else { "warning" }
}

/// A diagnostic as JSON.
pub(super) fn json_of_diagnostic(diagnostic: &Diagnostic) -> Value {
    let place = diagnostic.place.as_ref();
    json!({
        "code": diagnostic.code,
        "severity": level(diagnostic),
        "message": diagnostic.message,
        "file": diagnostic.file,
        "line": place.map(|place| place.line),
        "column": place.map(|place| place.column),
        "help": diagnostic.help,
    })
}

/// Why a page is or isn't made, as JSON.
pub(super) fn json_of_explanation(explanation: &Explanation) -> Value {
    let changes = explanation.changes.iter();
    let changes = changes.map(|c| json!({ "input": c.name, "from": c.from, "to": c.to }));
    json!({
        "path": explanation.path,
        "verdict": explanation.verdict,
        "inputs": explanation.inputs,
        "changes": changes.collect::<Vec<_>>(),
    })
}

/// What is known of a story, as JSON.
pub(super) fn json_of_known(known: &Known) -> Value {
    let facts = known.facts.iter();
    let facts = facts.map(|fact| json!({ "name": fact.name, "value": fact.value, "because": fact.because }));
    json!({
        "file": known.file,
        "facts": facts.collect::<Vec<_>>(),
        "pages": known.pages.iter().map(json_of_explanation).collect::<Vec<_>>(),
        "diagnostics": known.diagnostics.iter().map(json_of_diagnostic).collect::<Vec<_>>(),
    })
}

/// What a check found, as one JSON object.
pub(super) fn json_of_findings(findings: &Findings) -> Value {
    json!({
        "articles": findings.articles,
        "pages": findings.pages,
        "links": findings.links,
        "external": findings.external,
        "asked": findings.asked,
        "errors": findings.count(Severity::Error),
        "warnings": findings.count(Severity::Warning),
        "seconds": findings.seconds,
        "diagnostics": findings.diagnostics.iter().map(json_of_diagnostic).collect::<Vec<_>>(),
    })
}

/// The Static Analysis Results Interchange Format, version 2.1.0 (OASIS).
pub(super) fn sarif(diagnostics: &[Diagnostic]) -> Value {
    let mut codes: Vec<&str> = diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
    codes.sort_unstable();
    codes.dedup();
    let help = |code: &str| json!({ "text": format!("docs/check.md or docs/errors.md, `{code}`") });
    let rules: Vec<Value> = codes.iter().map(|code| json!({ "id": code, "help": help(code) })).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "dateline",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "results": diagnostics.iter().map(result).collect::<Vec<_>>(),
        }],
    })
}

fn result(diagnostic: &Diagnostic) -> Value {
    let help = diagnostic.help.as_ref().map(|help| format!(". {help}")).unwrap_or_default();
    let mut location = json!({ "artifactLocation": { "uri": uri(&diagnostic.file) } });
    if let Some(place) = &diagnostic.place {
        location["region"] = json!({
            "startLine": place.line,
            "startColumn": place.column,
            "endColumn": place.column + place.width,
        });
    }
    json!({
        "ruleId": diagnostic.code,
        "level": level(diagnostic),
        "message": { "text": format!("{}{help}", diagnostic.message) },
        "locations": [{ "physicalLocation": location }],
    })
}

/// A path as a relative URI (RFC 3986, section 4.2).
fn uri(path: &str) -> String {
    let mut uri = String::new();
    crate::model::permalink::encode_ascii(path, &mut uri);
    uri
}

/// A line that GitHub Actions turns into an annotation (its "workflow commands").
pub(super) fn github(diagnostic: &Diagnostic) -> String {
    let message = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |text: &str| message(text).replace(':', "%3A").replace(',', "%2C");
    let mut line = format!("::{} file={}", level(diagnostic), property(&diagnostic.file));
    if let Some(place) = &diagnostic.place {
        line +=
            &format!(",line={},col={},endColumn={}", place.line, place.column, place.column + place.width);
    }
    let help = diagnostic.help.as_ref().map(|help| format!("\n{help}")).unwrap_or_default();
    format!(
        "{line},title={}::{}",
        property(diagnostic.code),
        message(&format!("{}{help}", diagnostic.message))
    )
}

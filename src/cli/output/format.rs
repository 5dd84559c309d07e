//! Diagnostics, explanations and findings as JSON, SARIF and GitHub workflow commands.

use serde_json::{Value, json};

use crate::check::CheckReport;
use crate::diagnostics::{Diagnostic, Severity};
use crate::explain::ArticleExplanation;
use crate::pipeline::{ChangeCause, Explanation, group_changes};

fn level(diagnostic: &Diagnostic) -> &'static str {
    if diagnostic.severity == Severity::Error { "error" } else { "warning" }
}

/// Returns a diagnostic as JSON.
pub(crate) fn diagnostic_to_json(diagnostic: &Diagnostic) -> Value {
    let location = diagnostic.location.as_ref();
    json!({
        "code": diagnostic.code,
        "severity": level(diagnostic),
        "message": diagnostic.message,
        "file": diagnostic.file,
        "line": location.map(|location| location.line),
        "column": location.map(|location| location.column),
        "help": diagnostic.help,
    })
}

/// Returns the explanation of a page as JSON.
pub(crate) fn explanation_to_json(explanation: &Explanation) -> Value {
    let changes = explanation.changes.iter();
    let changes =
        changes.map(|change| json!({ "input": change.name, "from": change.from, "to": change.to }));
    json!({
        "path": explanation.path,
        "verdict": explanation.verdict,
        "inputs": explanation.inputs,
        "changes": changes.collect::<Vec<_>>(),
    })
}

/// A changed input as JSON, with all pages that are rebuilt because of it.
fn cause_to_json(cause: &ChangeCause<'_>) -> Value {
    let change = cause.change;
    json!({ "input": change.name, "from": change.from, "to": change.to, "pages": cause.pages })
}

/// Returns the explanation of an article as JSON.
pub(crate) fn article_explanation_to_json(explanation: &ArticleExplanation) -> Value {
    let facts = explanation.facts.iter();
    let facts =
        facts.map(|fact| json!({ "name": fact.name, "value": fact.value, "reason": fact.reason }));
    json!({
        "file": explanation.file,
        "facts": facts.collect::<Vec<_>>(),
        "pages": explanation.pages.iter().map(explanation_to_json).collect::<Vec<_>>(),
        "causes": group_changes(&explanation.pages).iter().map(cause_to_json).collect::<Vec<_>>(),
        "diagnostics": explanation.diagnostics.iter().map(diagnostic_to_json).collect::<Vec<_>>(),
    })
}

/// Returns the results of a check as one JSON object.
pub(crate) fn findings_to_json(findings: &CheckReport) -> Value {
    json!({
        "articles": findings.articles,
        "pages": findings.pages,
        "links": findings.links,
        "external": findings.external,
        "requested": findings.requested.unwrap_or_default(),
        "unread_files": findings.unread_files,
        "errors": findings.count(Severity::Error),
        "warnings": findings.count(Severity::Warning),
        "seconds": findings.seconds,
        "diagnostics": findings.diagnostics.iter().map(diagnostic_to_json).collect::<Vec<_>>(),
    })
}

/// Returns diagnostics in the Static Analysis Results Interchange Format, version 2.1.0 (OASIS).
pub(crate) fn to_sarif(diagnostics: &[Diagnostic]) -> Value {
    let mut codes: Vec<&str> = diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
    codes.sort_unstable();
    codes.dedup();
    let help = |code: &str| json!({ "text": format!("dateline help {code}") });
    let rules: Vec<Value> =
        codes.iter().map(|code| json!({ "id": code, "help": help(code) })).collect();
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
            "results": diagnostics.iter().map(sarif_result).collect::<Vec<_>>(),
        }],
    })
}

fn sarif_result(diagnostic: &Diagnostic) -> Value {
    let help = diagnostic.help.as_ref().map(|help| format!(". {help}")).unwrap_or_default();
    let mut location = json!({ "artifactLocation": { "uri": to_relative_uri(&diagnostic.file) } });
    if let Some(position) = &diagnostic.location {
        location["region"] = json!({
            "startLine": position.line,
            "startColumn": position.column,
            "endColumn": position.column + position.width,
        });
    }
    json!({
        "ruleId": diagnostic.code,
        "level": level(diagnostic),
        "message": { "text": format!("{}{help}", diagnostic.message) },
        "locations": [{ "physicalLocation": location }],
    })
}

/// Returns a path as a relative URI (RFC 3986, section 4.2).
fn to_relative_uri(path: &str) -> String {
    let mut uri = String::new();
    crate::model::permalink::encode_ascii(path, &mut uri);
    uri
}

/// Returns the workflow command that GitHub Actions displays as an annotation.
pub(crate) fn to_github_annotation(diagnostic: &Diagnostic) -> String {
    let message = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |text: &str| message(text).replace(':', "%3A").replace(',', "%2C");
    let mut line = format!("::{} file={}", level(diagnostic), property(&diagnostic.file));
    if let Some(location) = &diagnostic.location {
        line += &format!(
            ",line={},col={},endColumn={}",
            location.line,
            location.column,
            location.column + location.width
        );
    }
    let help = diagnostic.help.as_ref().map(|help| format!("\n{help}")).unwrap_or_default();
    format!(
        "{line},title={}::{}",
        property(diagnostic.code),
        message(&format!("{}{help}", diagnostic.message))
    )
}

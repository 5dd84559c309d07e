//! The report as JSON.

use serde_json::{Map, Value, json};

use super::record::RecordResult;
use super::summary::{RecordList, ReportSummary, WordRule};
use crate::import::body::WordDifference;
use crate::import::item::ItemKind;
use crate::import::media::MediaCounts;
use crate::import::outcome::FileState;
use crate::import::text::{Difference, Part};

/// Returns the result of a record.
pub(super) fn record(result: &RecordResult) -> Value {
    let conflict = match &result.state {
        Some(FileState::Conflict(reason)) => Some(reason),
        _ => None,
    };
    json!({
        "source": result.source,
        "line": result.line,
        "id": result.id,
        "kind": result.kind.map(ItemKind::name),
        "title": result.title,
        "outcome": result.outcome.name(),
        "reason": result.outcome.reason(),
        "file": result.file,
        "file_state": result.state.as_ref().map(FileState::name),
        "conflict": conflict,
        "old_urls": result.old_urls,
        "new_url": result.new_url,
        "words_in": result.words_in,
        "words_out": result.words_out,
        "differences": result.differences.iter().map(word_difference).collect::<Vec<_>>(),
        "markup_differences":
            result.markup_differences.iter().map(markup_difference).collect::<Vec<_>>(),
        "warnings": result.warnings,
    })
}

fn markup_difference(difference: &Difference) -> Value {
    let part = match difference.part {
        Part::Text => "text",
        Part::Link => "link",
        Part::Image => "image",
        Part::Markup => "markup",
    };
    let Difference { rule, removed, added, .. } = difference;
    json!({ "rule": rule.name(), "part": part, "removed": removed, "added": added })
}

fn word_difference(difference: &WordDifference) -> Value {
    let WordDifference { rule, removed, added } = difference;
    json!({ "rule": rule, "removed": removed, "added": added })
}

/// Returns the sums.
pub(crate) fn totals(summary: &ReportSummary) -> Map<String, Value> {
    let mut totals = Map::new();
    let mut add = |name: &str, value: Value| totals.insert(name.to_owned(), value);
    add("explained", summary.is_explained().into());
    add("records", summary.records.into());
    add("unexplained", summary.unexplained.into());
    add("outcomes", json!(summary.outcomes));
    add("files", json!(summary.files));
    add("words_in", summary.words_in.into());
    add("words_out", summary.words_out.into());
    let MediaCounts { found, missing, remote, .. } = summary.media;
    add("media", json!({ "found": found, "missing": missing, "remote": remote }));
    totals
}

/// Returns the sums and the lists of records.
pub(super) fn summary(summary: &ReportSummary) -> Value {
    let rules = summary.rules.iter().map(|(name, rule)| ((*name).to_owned(), word_rule(rule)));
    let mut all = totals(summary);
    let lists = json!({
        "differences": rules.collect::<Map<_, _>>(),
        "markup_differences": summary.markup_rules,
        "withheld": record_list(&summary.withheld),
        "failed": record_list(&summary.failed),
        "duplicates": record_list(&summary.duplicates),
        "conflicts": record_list(&summary.conflicts),
        "warnings": record_list(&summary.warnings),
        "unknown_files": summary.unknown_files,
        "missing_media": summary.media.missing_urls,
        "media_files": summary.media_files,
        "empty_files": summary.empty_files,
    });
    if let Value::Object(lists) = lists {
        all.extend(lists);
    }
    Value::Object(all)
}

fn word_rule(rule: &WordRule) -> Value {
    json!({
        "count": rule.count,
        "words_removed": rule.removed,
        "words_added": rule.added,
        "examples": rule.examples,
    })
}

fn record_list(list: &RecordList) -> Value {
    let records = list.records.iter().map(|record| {
        json!({ "title": record.title, "position": record.position, "reason": record.reason })
    });
    json!({ "count": list.count, "records": records.collect::<Vec<_>>() })
}

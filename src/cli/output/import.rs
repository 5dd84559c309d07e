//! The result of `dateline import`.

use serde_json::{Value, json};

use super::report::{Reporter, pluralize};
use super::stdio::{safe_eprintln, safe_println};
use crate::import::{ImportOutcome, MediaCounts, WriteMode, import_totals};

/// The maximum number of records that are printed; the report lists all.
const MAX_PRINTED: usize = 20;

impl Reporter {
    /// Prints the sums of an import, and the records that weren't imported.
    pub(crate) fn print_import_summary(&self, outcome: &ImportOutcome, mode: WriteMode) {
        self.clear_progress();
        let summary = &outcome.summary;
        if self.is_json() {
            let mut totals = import_totals(summary);
            totals.insert("report".to_owned(), json!(outcome.report));
            totals.insert("dry_run".to_owned(), json!(mode == WriteMode::DryRun));
            safe_println!("{}", Value::Object(totals));
            return;
        }
        for list in [&summary.failed, &summary.conflicts] {
            for record in list.records.iter().take(MAX_PRINTED) {
                safe_eprintln!("{}: {}", record.position, record.title);
                safe_eprintln!("    {}", record.reason);
            }
            if list.count > MAX_PRINTED {
                safe_eprintln!("… and {} more", list.count - MAX_PRINTED);
            }
        }
        for name in summary.unknown_files.iter().take(MAX_PRINTED) {
            safe_eprintln!("{name}: it wasn't imported, since its format isn't known");
        }
        for name in summary.empty_files.iter().take(MAX_PRINTED) {
            safe_eprintln!("{name}: it contains no record");
        }
        if self.is_quiet() {
            return;
        }
        let outcomes = summary.outcomes.iter().map(|(name, count)| format!("{count} {name}"));
        let verb = if mode == WriteMode::DryRun { "would be imported" } else { "imported" };
        let records = pluralize(summary.records, "record");
        safe_println!("{records} {verb}: {}", outcomes.collect::<Vec<_>>().join(", "));
        let MediaCounts { found, missing, remote, .. } = summary.media;
        if found + missing + remote > 0 {
            safe_println!(
                "images and other files: {found} found, {missing} missing, {remote} remote"
            );
        }
        safe_println!("report: {}", outcome.report.display());
    }
}

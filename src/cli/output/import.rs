//! The result of `dateline import`.

use serde_json::json;

use super::report::{Reporter, pluralize};
use super::stdio::{safe_eprintln, safe_println};
use crate::import::{ImportOutcome, WriteMode};

/// The maximum number of records that are printed; the report lists all.
const MAX_PRINTED: usize = 20;

impl Reporter {
    /// Prints the sums of an import, and the records that weren't imported.
    pub(crate) fn print_import_summary(&self, outcome: &ImportOutcome, mode: WriteMode) {
        self.clear_progress();
        let summary = &outcome.summary;
        if self.is_json() {
            safe_println!(
                "{}",
                json!({
                    "explained": summary.is_explained(),
                    "records": summary.records,
                    "unexplained": summary.unexplained,
                    "outcomes": summary.outcomes,
                    "files": summary.files,
                    "words_in": summary.words_in,
                    "words_out": summary.words_out,
                    "report": outcome.report,
                    "dry_run": mode == WriteMode::DryRun,
                })
            );
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
        if self.is_quiet() {
            return;
        }
        let outcomes = summary.outcomes.iter().map(|(name, count)| format!("{count} {name}"));
        let verb = if mode == WriteMode::DryRun { "would be imported" } else { "imported" };
        let records = pluralize(summary.records, "record");
        safe_println!("{records} {verb}: {}", outcomes.collect::<Vec<_>>().join(", "));
        safe_println!("report: {}", outcome.report.display());
    }
}

//! The results of `dateline build`.

use std::io::{self, Write};

use serde_json::Value;

use super::format::{diagnostic_to_json, explanation_to_json};
use super::report::{MoreDiagnostics, Reporter, pluralize};
use super::stdio::{self, safe_println};
use crate::config::{CONFIG_FILE, PERMALINK_REGISTRY_FILE, REDACTIONS_FILE, Site};
use crate::diagnostics::{Diagnostic, Severity};
use crate::explain::explanation_lines;
use crate::permalinks::RecordSummary;
use crate::pipeline::{
    ArticleList, ArticleLists, BuildOptions, BuildReport, UrlChange, WithheldArticle,
    with_separators,
};

impl Reporter {
    /// Prints the results of a build; of its diagnostics, at most `max_shown` of a code (0: all).
    pub(crate) fn print_build_report(
        &self,
        report: &mut BuildReport,
        site: &Site,
        options: &BuildOptions,
        max_shown: usize,
    ) {
        if self.is_json() {
            self.print_diagnostics(&report.diagnostics);
            stdio::stream(|out| write_json(report, out));
            return;
        }
        let more = self.print_most(&report.diagnostics, max_shown);
        for MoreDiagnostics { code, count } in more.iter().filter(|_| !self.is_quiet()) {
            let hidden = with_separators(count - max_shown);
            self.print_note(&format!(
                "{hidden} more {code}: --max-messages 0 prints all, --format json lists all"
            ));
        }
        for line in explanation_lines(&report.explanations) {
            stdio::print(format_args!("{line}\n"));
        }
        if self.is_verbose()
            && let Some(list) = &mut report.output_changes.list
        {
            stdio::stream(|out| list.try_for_each_line(|line| writeln!(out, "{line}")));
        }
        if self.is_verbose() {
            safe_println!("{}", article_list_counts(&report.article_lists));
        }
        if !self.is_quiet() {
            safe_println!("{}", build_summary(report, site, options));
            if report.has_unknown_urls && report.articles > 0 {
                let is_recorded = report.registry_update.is_some();
                safe_println!("{}", if is_recorded { FIRST_URLS_NOTE } else { UNKNOWN_URLS_NOTE });
            }
        }
    }
}

/// Printed after a build without anything to compare its URLs with.
const UNKNOWN_URLS_NOTE: &str = "Without a build cache and a permalink registry, it isn't known \
                                 whether published URLs have changed; `dateline build --record` \
                                 creates a registry.";

/// Printed after the first build of a site with the setting `record_permalinks`.
const FIRST_URLS_NOTE: &str = "permalinks.txt had no URLs, so it isn't known whether published \
                               URLs have changed; now it has those of this build: keep it under \
                               version control, with the articles.";

fn build_summary(report: &BuildReport, site: &Site, options: &BuildOptions) -> String {
    let mut line = if report.is_blocked {
        let articles = pluralize(report.articles, "article");
        if report.url_changes.is_empty() {
            format!("{articles}; nothing was written: fix {} first", blocking_file(report))
        } else {
            let urls = pluralize(report.url_changes.len(), "published URL");
            format!("{articles}; nothing was written: {urls} would change")
        }
    } else {
        counts_text(report, site, options)
    };
    let reasons = unpublished_reasons(report);
    if !reasons.is_empty() {
        line.push_str(&format!("; not published: {}", reasons.join(", ")));
    }
    if report.accepted_removals > 0 {
        let urls = pluralize(report.accepted_removals, "URL");
        line.push_str(&format!("; {urls} removed from {PERMALINK_REGISTRY_FILE}"));
    }
    if let Some(summary) = report.registry_update {
        line.push_str(&format!("; {}", recorded_summary(summary)));
    }
    let (errors, warnings) = (report.count(Severity::Error), report.count(Severity::Warning));
    if errors + warnings > 0 {
        let (errors, warnings) = (pluralize(errors, "error"), pluralize(warnings, "warning"));
        line.push_str(&format!("; {errors}, {warnings}"));
    }
    line
}

/// `20 articles, 2 pages, 93 files in public: 93 written, 0 unchanged, 0 removed, in 0.03 s`.
fn counts_text(report: &BuildReport, site: &Site, options: &BuildOptions) -> String {
    let output = site.output_dir.strip_prefix(&site.root).unwrap_or(&site.output_dir);
    let pages = match report.standalone_pages {
        0 => String::new(),
        count => format!(", {}", pluralize(count, "page")),
    };
    format!(
        "{}{pages}, {} in {}: {} {}written, {} unchanged, {} removed, in {:.2} s",
        pluralize(report.articles, "article"),
        pluralize(report.files, "file"),
        output.display(),
        report.output_changes.written,
        if options.dry_run { "would be " } else { "" },
        report.unchanged,
        report.output_changes.removed,
        report.seconds
    )
}

/// The file whose errors prevent the build from writing anything.
fn blocking_file(report: &BuildReport) -> &'static str {
    let is_redactions_error = |diagnostic: &Diagnostic| {
        diagnostic.file == REDACTIONS_FILE && diagnostic.severity == Severity::Error
    };
    if report.diagnostics.iter().any(is_redactions_error) { REDACTIONS_FILE } else { CONFIG_FILE }
}

/// The numbers of articles that aren't published, by reason: `2 drafts`, `1 scheduled`.
fn unpublished_reasons(report: &BuildReport) -> Vec<String> {
    let unpublished = report.unpublished;
    let drafts = if unpublished.drafts == 1 { "draft" } else { "drafts" };
    let counts = [
        (unpublished.drafts, drafts),
        (unpublished.scheduled, "scheduled"),
        (unpublished.expired, "expired"),
        (unpublished.withheld, "withheld"),
    ];
    let nonzero = counts.iter().filter(|(count, _)| *count > 0);
    nonzero.map(|(count, reason)| format!("{count} {reason}")).collect()
}

/// Writes the report as JSON. Its lists of files come last and are streamed: they can be too long
/// for memory.
fn write_json(report: &mut BuildReport, out: &mut dyn Write) -> io::Result<()> {
    let head = serde_json::json!({
        "articles": report.articles,
        "standalone_pages": report.standalone_pages,
        "pages": report.files,
        "written": report.output_changes.written,
        "unchanged": report.unchanged,
        "audited_files": report.audited_files,
        "removed": report.output_changes.removed,
        "unpublished": {
            "drafts": report.unpublished.drafts,
            "future": report.unpublished.scheduled,
            "expired": report.unpublished.expired,
            "withheld": report.unpublished.withheld,
        },
        "lists": article_lists_to_json(&report.article_lists),
        "unread_files": report.unread_files,
        "accepted_removals": report.accepted_removals,
        "urls_compared": !report.has_unknown_urls,
        "url_changes": report.url_changes.iter().map(url_change_to_json).collect::<Vec<_>>(),
        "withheld": report.withheld.iter().map(withheld_to_json).collect::<Vec<_>>(),
        "errors": report.count(Severity::Error),
        "warnings": report.count(Severity::Warning),
        "seconds": report.seconds,
        "diagnostics": report.diagnostics.iter().map(diagnostic_to_json).collect::<Vec<_>>(),
        "explanations": report.explanations.iter().map(explanation_to_json).collect::<Vec<_>>(),
    })
    .to_string();
    out.write_all(head.strip_suffix('}').unwrap_or(&head).as_bytes())?;
    let Some(list) = &mut report.output_changes.list else {
        return writeln!(out, ",\"written_files\":null,\"removed_files\":null}}");
    };
    for (key, paths) in [("written_files", &mut list.written), ("removed_files", &mut list.removed)]
    {
        let mut separator = "";
        write!(out, ",\"{key}\":[")?;
        paths.try_for_each(|path| {
            write!(out, "{separator}{}", Value::from(path))?;
            separator = ",";
            Ok(())
        })?;
        write!(out, "]")?;
    }
    writeln!(out, "}}")
}

/// `2 drafts, 0 scheduled, …`: the number of articles in each list for editors.
fn article_list_counts(lists: &ArticleLists) -> String {
    let counts = ArticleList::ALL.map(|list| format!("{} {}", lists.count(list), list.name()));
    format!("{} (`dateline list drafts` and so on)", counts.join(", "))
}

/// The number of articles in each list for editors, as JSON.
fn article_lists_to_json(lists: &ArticleLists) -> Value {
    let counts = ArticleList::ALL.map(|list| (list.name().to_owned(), lists.count(list).into()));
    Value::Object(counts.into_iter().collect())
}

fn url_change_to_json(change: &UrlChange) -> Value {
    serde_json::json!({"file": change.file, "from": change.from, "to": change.to})
}

fn withheld_to_json(article: &WithheldArticle) -> Value {
    serde_json::json!({
        "file": format!("content/{}", article.path),
        "reason": article.reason,
        "url": article.permalinks.first(),
    })
}

/// `120 URLs in permalinks.txt, 3 of them new`.
pub(super) fn recorded_summary(summary: RecordSummary) -> String {
    let RecordSummary { total, added } = summary;
    format!("{} in {PERMALINK_REGISTRY_FILE}, {added} of them new", pluralize(total, "URL"))
}

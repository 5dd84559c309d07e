//! The report as a page for people who decide about an archive and don't read JSON.

use std::fmt::Write as _;

use super::summary::{RecordList, ReportSummary};
use crate::content::html::escape;
use crate::import::media::MediaCounts;

/// The style sheet of the page.
const STYLE: &str = "body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;\
     padding:0 1rem}table{border-collapse:collapse;width:100%}td,th{border:1px solid #bbb;\
     padding:.3rem .6rem;text-align:start;vertical-align:top}td.number{text-align:end;\
     font-variant-numeric:tabular-nums}.result{padding:.8rem 1rem;border-inline-start:.4rem solid}\
     .complete{border-color:#2a7a2a}.incomplete{border-color:#b32020}";

/// The meaning of each outcome, in the order of the table.
const OUTCOMES: [(&str, &str); 12] = [
    ("article", "became articles"),
    ("page", "became pages with their own URL"),
    ("private", "became articles that aren't published"),
    ("redirect", "are redirects, which the site has now"),
    ("withheld", "left out, because they weren't published before"),
    ("failed", "couldn't be imported"),
    ("duplicate", "left out, because they occur twice"),
    ("attachment", "are images or other files"),
    ("revision", "are earlier versions of articles"),
    ("comment", "are comments of readers"),
    ("menu entry", "are entries of menus"),
    ("system record", "belong to the old system itself"),
];

/// Returns the page.
pub(super) fn page(summary: &ReportSummary) -> String {
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>Import report\
         </title>\n<meta name=\"viewport\" content=\"width=device-width\">\n<style>{STYLE}</style>\
         \n<h1>Import report</h1>\n"
    );
    page.push_str(&result(summary));
    page.push_str(&outcome_table(summary));
    page.push_str(&word_table(summary));
    let introduction = "They are in the source, but readers couldn't see them.";
    push_list(&mut page, "Not published before", introduction, &summary.withheld);
    let introduction = "These need your attention: nothing of them is in the site.";
    push_list(&mut page, "Not imported", introduction, &summary.failed);
    let introduction = "The import has left these as they are. Compare them with the source.";
    push_list(&mut page, "Edited since the last import", introduction, &summary.conflicts);
    push_list(&mut page, "Duplicates", "The first of them was imported.", &summary.duplicates);
    push_list(&mut page, "Please check", "They were imported.", &summary.warnings);
    push_files(&mut page, "Files of an unknown format, which weren't read", &summary.unknown_files);
    push_files(&mut page, "Files without a record", &summary.empty_files);
    let MediaCounts { found, missing, remote, missing_urls } = &summary.media;
    if found + missing + remote > 0 {
        let _ = writeln!(
            page,
            "<h2>Images and other files in the texts</h2>\n<p>{found} were copied into the site, \
             {missing} of the old site aren't in the folders, {remote} are on other sites.</p>"
        );
    }
    push_files(&mut page, "Missing images and other files", missing_urls);
    if summary.media_files > 0 {
        let files = count(summary.media_files, "image or other media file");
        let _ = writeln!(page, "<p>There are {files} in the folders.</p>");
    }
    page
}

fn push_files(page: &mut String, heading: &str, names: &[String]) {
    if names.is_empty() {
        return;
    }
    let _ = write!(page, "<h2>{heading}</h2>\n<ul>\n");
    for name in names {
        let _ = writeln!(page, "<li>{}", escape(name));
    }
    page.push_str("</ul>\n");
}

/// The result in one sentence.
fn result(summary: &ReportSummary) -> String {
    let records = count(summary.records, "record");
    let (class, text) = match (summary.is_explained(), summary.unexplained) {
        (true, _) => ("complete", format!("All {records} of the source are accounted for.")),
        (false, 0) => {
            ("incomplete", format!("There are {records}, and files that couldn't be read."))
        }
        (false, unexplained) => {
            let text = format!("{unexplained} of {records} of the source need your attention.");
            ("incomplete", text)
        }
    };
    format!("<p class=\"result {class}\">{text}</p>\n")
}

fn outcome_table(summary: &ReportSummary) -> String {
    let mut table = "<h2>Records</h2>\n<table>\n".to_owned();
    for (name, meaning) in OUTCOMES {
        if let Some(count) = summary.outcomes.get(name) {
            let _ = writeln!(table, "<tr><td class=\"number\">{count}<td>{meaning}");
        }
    }
    table.push_str("</table>\n");
    table
}

fn word_table(summary: &ReportSummary) -> String {
    let mut table = format!(
        "<h2>Words</h2>\n<p>The imported records have {} in the source and {} in the site. These \
         are all differences:</p>\n<table>\n<tr><th>Reason<th>Cases<th>Left out<th>Added\
         <th>Examples\n",
        count(summary.words_in, "word"),
        count(summary.words_out, "word")
    );
    for (name, rule) in &summary.rules {
        let examples: Vec<String> =
            rule.examples.iter().map(|example| format!("“{}”", escape(example))).collect();
        let _ = writeln!(
            table,
            "<tr><td>{name}<td class=\"number\">{}<td class=\"number\">{}<td class=\"number\">{}\
             <td>{}",
            rule.count,
            rule.removed,
            rule.added,
            examples.join("<br>")
        );
    }
    table.push_str("</table>\n");
    table
}

fn push_list(page: &mut String, heading: &str, introduction: &str, list: &RecordList) {
    if list.count == 0 {
        return;
    }
    let _ = write!(
        page,
        "<h2>{heading} ({})</h2>\n<p>{introduction}</p>\n<table>\n<tr><th>Record<th>Reason<th>\
         Source\n",
        list.count
    );
    for record in &list.records {
        let _ = writeln!(
            page,
            "<tr><td>{}<td>{}<td>{}",
            escape(&record.title),
            escape(&record.reason),
            escape(&record.position)
        );
    }
    page.push_str("</table>\n");
    let more = list.count - list.records.len();
    if more > 0 {
        let _ = writeln!(page, "<p>{more} more are in the file that ends in .jsonl.</p>");
    }
}

fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

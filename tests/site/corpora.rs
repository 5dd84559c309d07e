//! Real archives, if they are available: nothing panics, and the diagnostics are right.
//!
//! `DATELINE_CORPORA` names the folder of the archives.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::diagnostics::ReportedDiagnostic;
use crate::harness::{CommandOutput, SETTINGS, TestSite, report_skipped};

/// Returns the archive's file, or reports that the test is skipped.
fn corpus_file(test: &str, name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("DATELINE_CORPORA");
    let file = folder.map(|folder| Path::new(&folder).join(name)).filter(|file| file.is_file());
    if file.is_none() {
        report_skipped(test, &format!("there is no {name}; DATELINE_CORPORA names its folder"));
    }
    file
}

/// Runs `tar` in a site's folder.
fn run_tar(site: &TestSite, args: &[&str], archive: &Path) -> String {
    let mut command = Command::new("tar");
    let output =
        command.arg("-C").arg(site.root()).args(args).arg(archive).output().expect("tar runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("it is UTF-8")
}

/// Counts the diagnostics by code, and prints the counts for `--nocapture`.
fn print_counts(name: &str, build: &CommandOutput) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for diagnostic in &build.diagnostics {
        *counts.entry(diagnostic.code.clone()).or_default() += 1;
    }
    let mut out = std::io::stderr().lock();
    let numbers =
        ["articles", "pages", "errors", "warnings", "unpublished.drafts", "unpublished.expired"];
    for key in numbers {
        let _ = writeln!(out, "{name}: {key:<20} {:>6}", build.report_number(key));
    }
    for (code, count) in &counts {
        let _ = writeln!(out, "{name}: {code:<20} {count:>6}");
    }
    counts
}

/// Asserts that each file is an article, unpublished, reported, or no article at all, and that each
/// diagnostic has advice.
#[track_caller]
fn assert_accounted(site: &TestSite, build: &CommandOutput, files: usize) {
    let unpublished: u64 = ["drafts", "future", "expired"]
        .iter()
        .map(|key| build.report_number(&format!("unpublished.{key}")))
        .sum();
    let indexes = crate::harness::read_files(&site.path("content"));
    let indexes = indexes.keys().filter(|path| path.ends_with("_index.md")).count();
    let mut broken: Vec<&str> = build
        .diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity == "error")
        .map(|diagnostic| diagnostic.file.as_str())
        .collect();
    broken.sort_unstable();
    broken.dedup();
    let accounted = build.report_number("articles") as usize + unpublished as usize + broken.len();
    assert!(
        (files - indexes..=files).contains(&accounted),
        "{accounted} of {files} files, {indexes} indexes"
    );
    for diagnostic in &build.diagnostics {
        assert!(!diagnostic.help.is_empty() && !diagnostic.file.is_empty(), "{diagnostic:#?}");
        assert!(
            diagnostic.position.is_none() || !diagnostic.source_lines.is_empty(),
            "{diagnostic:#?}"
        );
    }
    assert_eq!(build.report_number("pages"), site.outputs().len() as u64);
    let second_build = site.build();
    assert_eq!(
        (second_build.report_number("written"), second_build.report_number("removed")),
        (0, 0),
        "a second build writes nothing"
    );
    assert!(second_build.diagnostics == build.diagnostics, "and reports the same");
}

/// A site made for Hugo, unchanged, with its shortcodes, expired events, drafts, and images in
/// other folders.
#[test]
fn builds_digitalgov_unchanged() {
    let Some(archive) = corpus_file("digitalgov_as_it_is", "digitalgov.tar.xz") else { return };
    let site = TestSite::empty();
    run_tar(&site, &["-xf"], &archive);
    site.write("site.yaml", SETTINGS);
    let files = crate::harness::read_files(&site.path("content"));
    let files = files.keys().filter(|path| path.ends_with(".md")).count();
    let build = site.build();
    let counts = print_counts("digitalgov", &build);
    assert_accounted(&site, &build, files);
    assert!(files > 4_000, "{files}");
    // The mistakes of its authors: no date on pages that aren't news, keys set twice, slugs with
    // slashes, aliases that are URLs of pages or of two articles.
    let expected = [
        ("alias-hides-page", 6),
        ("bad-slug", 17),
        ("duplicate-key", 13),
        ("front-matter-too-long", 1),
        ("missing-date", 94),
        ("redirect-twice", 1),
    ];
    for (code, count) in expected {
        let is_error =
            |found: &&ReportedDiagnostic| found.code == code && found.severity == "error";
        assert_eq!(build.diagnostics.iter().filter(is_error).count(), count, "{code}");
    }
    // Nobody misspelled a takedown, and pages without a title are built.
    for (code, count) in [("missing-title", 58), ("misspelled-status", 0), ("misspelled-key", 0)] {
        assert_eq!(counts.get(code).copied().unwrap_or_default(), count, "{code}");
    }
    assert_eq!(build.report_number("unpublished.withheld"), 0);
    assert_eq!(build.report_number("standalone_pages"), 1, "the one with `type: page`");
    let collisions = counts.get("same-address").copied().unwrap_or_default();
    let errors = expected.iter().map(|(_, count)| count).sum::<usize>() + collisions;
    assert_eq!(build.report_number("errors"), errors as u64, "no others");
    let unpublished = ["drafts", "future", "expired"]
        .map(|key| build.report_number(&format!("unpublished.{key}")));
    let published = build.report_number("articles") + collisions as u64;
    assert_eq!(published + unpublished.iter().sum::<u64>(), 2_810, "whatever day it is");
}

/// Every twentieth of 20,000 press releases: text from web pages, never meant to be YAML.
#[test]
fn builds_every_twentieth_senate_press_release() {
    let test = "every_twentieth_press_release_of_the_senate";
    let Some(archive) = corpus_file(test, "senate-20k.tar.xz") else { return };
    let site = TestSite::empty();
    let list = run_tar(&site, &["-tf"], &archive);
    let chosen: Vec<&str> = list.lines().filter(|path| path.ends_with(".md")).step_by(20).collect();
    assert!(chosen.len() > 900, "{}", chosen.len());
    site.write("list.txt", chosen.join("\n"));
    let names = site.path("list.txt");
    run_tar(&site, &["-T", names.to_str().expect("it is UTF-8"), "-xf"], &archive);
    site.write("site.yaml", SETTINGS);
    let build = site.build();
    let counts = print_counts("senate", &build);
    assert_accounted(&site, &build, chosen.len());
    let errors: usize =
        build.diagnostics.iter().filter(|diagnostic| diagnostic.severity == "error").count();
    assert!(errors * 100 < chosen.len(), "{errors} errors in {} files: {counts:#?}", chosen.len());
}

/// The first ten results of the search client are those of an exhaustive search.
#[test]
fn searches_the_senate_corpus() {
    let test = "searching_the_senate";
    let Some(archive) = corpus_file(test, "senate-20k.tar.xz") else { return };
    if Command::new("node").arg("--version").output().is_err() {
        return report_skipped(test, "there is no node");
    }
    let site = TestSite::empty().with_file("site.yaml", format!("{SETTINGS}search: true\n"));
    run_tar(&site, &["-xJf"], &archive);
    site.build_with_args(&["--quiet"]);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/search/relevance.js");
    let output = Command::new("node").arg(script).arg(site.path("public")).arg("500").output();
    let output = output.expect("node runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    crate::harness::print_uncaptured(text(&output.stdout).trim());
}

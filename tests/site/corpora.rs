//! Real archives, where they are at hand: nothing panics, and what is told is right.
//!
//! The archives lie in the folder that `DATELINE_CORPORA` names, else in `../shared/data` beside the repository.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::harness::{Build, SETTINGS, Site, skipped};

/// The archive's file, or a line that says that the test can't run.
fn archive(test: &str, name: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let folder = std::env::var_os("DATELINE_CORPORA").map_or_else(beside, PathBuf::from);
    let file = folder.join(name);
    if !file.is_file() {
        skipped(test, &format!("there is no {name}; DATELINE_CORPORA names its folder"));
        return None;
    }
    Some(file)
}

/// Runs `tar` in a site's folder.
fn tar(site: &Site, args: &[&str], archive: &Path) -> String {
    let mut command = Command::new("tar");
    let output = command.arg("-C").arg(site.root()).args(args).arg(archive).output().expect("tar runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// How many of each code there are, printed for `--nocapture`.
fn table(name: &str, build: &Build) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for told in &build.told {
        *counts.entry(told.code.clone()).or_default() += 1;
    }
    let mut out = std::io::stderr().lock();
    let numbers = ["articles", "pages", "errors", "warnings", "held_back.drafts", "held_back.expired"];
    for key in numbers {
        let _ = writeln!(out, "{name}: {key:<20} {:>6}", build.number(key));
    }
    for (code, count) in &counts {
        let _ = writeln!(out, "{name}: {code:<20} {count:>6}");
    }
    counts
}

/// Every file is an article, held back, told of, or no article at all; everything told can be acted upon.
#[track_caller]
fn assert_accounted(site: &Site, build: &Build, files: usize) {
    let held: u64 =
        ["drafts", "future", "expired"].iter().map(|key| build.number(&format!("held_back.{key}"))).sum();
    let indexes = crate::harness::files(&site.path("content"));
    let indexes = indexes.keys().filter(|path| path.ends_with("_index.md")).count();
    let mut broken: Vec<&str> =
        build.told.iter().filter(|told| told.severity == "error").map(|t| t.file.as_str()).collect();
    broken.sort_unstable();
    broken.dedup();
    let accounted = build.number("articles") as usize + held as usize + broken.len();
    assert!(
        (files - indexes..=files).contains(&accounted),
        "{accounted} of {files} files, {indexes} indexes"
    );
    for told in &build.told {
        assert!(!told.help.is_empty() && !told.file.is_empty(), "{told:#?}");
        assert!(told.place.is_none() || !told.shown.is_empty(), "{told:#?}");
    }
    assert_eq!(build.number("pages"), site.outputs().len() as u64);
    let again = site.build();
    assert_eq!((again.number("written"), again.number("removed")), (0, 0), "a second build writes nothing");
    assert!(again.told == build.told, "and says the same");
}

/// A site of Hugo's, with its shortcodes, expired events, drafts and pictures elsewhere, as it is.
#[test]
fn digitalgov_as_it_is() {
    let Some(archive) = archive("digitalgov_as_it_is", "digitalgov.tar.xz") else { return };
    let site = Site::empty();
    tar(&site, &["-xf"], &archive);
    site.put("site.yaml", SETTINGS);
    let files = crate::harness::files(&site.path("content"));
    let files = files.keys().filter(|path| path.ends_with(".md")).count();
    let build = site.build();
    let counts = table("digitalgov", &build);
    assert_accounted(&site, &build, files);
    assert!(files > 4_000, "{files}");
    // Its authors' own mistakes: no date on pages that aren't news, keys set twice, slugs with slashes; former addresses where there are pages, or
    // that two claim.
    let expected = [
        ("alias-hides-page", 6),
        ("bad-slug", 17),
        ("duplicate-key", 16),
        ("front-matter-too-long", 1),
        ("missing-date", 94),
        ("missing-title", 58),
        ("redirect-twice", 1),
    ];
    for (code, count) in expected {
        assert_eq!(counts.get(code), Some(&count), "{code}");
    }
    let collisions = counts.get("same-address").copied().unwrap_or_default();
    let errors = expected.iter().map(|(_, count)| count).sum::<usize>() + collisions;
    assert_eq!(build.number("errors"), errors as u64, "no others");
    let held = ["drafts", "future", "expired"].map(|key| build.number(&format!("held_back.{key}")));
    let published = build.number("articles") + collisions as u64;
    assert_eq!(published + held.iter().sum::<u64>(), 2_804, "whatever day it is");
}

/// Every twentieth of 20,000 press releases: scraped text, written by no one who knew of YAML.
#[test]
fn every_twentieth_press_release_of_the_senate() {
    let test = "every_twentieth_press_release_of_the_senate";
    let Some(archive) = archive(test, "senate-20k.tar.xz") else { return };
    let site = Site::empty();
    let list = tar(&site, &["-tf"], &archive);
    let chosen: Vec<&str> = list.lines().filter(|path| path.ends_with(".md")).step_by(20).collect();
    assert!(chosen.len() > 900, "{}", chosen.len());
    site.put("list.txt", chosen.join("\n"));
    let names = site.path("list.txt");
    tar(&site, &["-T", names.to_str().expect("UTF-8"), "-xf"], &archive);
    site.put("site.yaml", SETTINGS);
    let build = site.build();
    let counts = table("senate", &build);
    assert_accounted(&site, &build, chosen.len());
    let errors: usize = build.told.iter().filter(|told| told.severity == "error").count();
    assert!(errors * 100 < chosen.len(), "{errors} errors in {} files: {counts:#?}", chosen.len());
}

/// The first ten that the search client finds are those of an exhaustive search.
#[test]
fn searching_the_senate() {
    let test = "searching_the_senate";
    let Some(archive) = archive(test, "senate-20k.tar.xz") else { return };
    if Command::new("node").arg("--version").output().is_err() {
        return skipped(test, "there is no node");
    }
    let site = Site::empty().with("site.yaml", format!("{SETTINGS}search: true\n"));
    tar(&site, &["-xJf"], &archive);
    site.build_with(&["--quiet"]);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/search/real.js");
    let output = Command::new("node").arg(script).arg(site.path("public")).arg("500").output();
    let output = output.expect("node runs");
    let told = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}{}", told(&output.stdout), told(&output.stderr));
    crate::harness::told_past_capture(told(&output.stdout).trim());
}

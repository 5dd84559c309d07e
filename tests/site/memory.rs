//! A limit of memory: 100,000 articles in at most 150 MB, and linear growth.
//!
//! These tests take minutes, so they run only if `DATELINE_SCALE=1` is set, and where `/proc`
//! contains the memory of a process.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tempfile::TempDir;

use crate::archive::wait_until_mtimes_are_reliable;
use crate::harness::{dateline, print_uncaptured, report_skipped};

#[path = "../../examples/synthesize/main.rs"]
#[allow(dead_code, reason = "its own command line isn't used here")]
mod synthesize;

const LIMIT_KILOBYTES: u64 = 150 * 1024;
const ARTICLES: u64 = 100_000;
/// Every thread takes some megabytes, so the limit is for this number of threads.
const THREADS: &str = "4";

/// Returns a synthetic archive of short articles.
fn synthetic_archive(articles: u64) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder is created");
    let output_path = folder.path().to_str().expect("it is UTF-8").to_owned();
    let arguments = [
        "--articles",
        &articles.to_string(),
        "--seed",
        "1",
        "--profile",
        "short",
        "--out",
        &output_path,
    ];
    let result = synthesize::run(arguments.iter().map(|&argument| argument.to_owned()));
    assert!(result.is_ok(), "{result:?}");
    folder
}

/// Returns the peak memory of a process so far in kilobytes; nothing if it is unknown, or the
/// process has ended.
fn peak_memory(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}

/// The summary of a build, and its peak memory.
#[derive(Debug, Default)]
struct BuildStats {
    articles: u64,
    files: u64,
    written: u64,
    unchanged: u64,
    removed: u64,
    peak_kilobytes: u64,
}

#[track_caller]
fn measure_build(root: &Path) -> BuildStats {
    let mut command = dateline();
    command.args(["build", "--jobs", THREADS, "--root"]).arg(root);
    let mut child =
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    let mut stats = BuildStats::default();
    // Its output is short enough for the buffer of a pipe.
    let status = loop {
        stats.peak_kilobytes =
            peak_memory(child.id()).unwrap_or_default().max(stats.peak_kilobytes);
        match child.try_wait().expect("the process can be checked") {
            Some(status) => break status,
            None => std::thread::sleep(Duration::from_millis(2)),
        }
    };
    let mut streams = [String::new(), String::new()];
    child
        .stdout
        .take()
        .expect("the stream is piped")
        .read_to_string(&mut streams[0])
        .expect("it is UTF-8");
    child
        .stderr
        .take()
        .expect("the stream is piped")
        .read_to_string(&mut streams[1])
        .expect("it is UTF-8");
    assert!(status.success() && streams[1].is_empty(), "{status}: {}", streams[1]);
    assert!(stats.peak_kilobytes > 0, "a process has memory");
    let words: Vec<&str> = streams[0].split([' ', ',']).filter(|word| !word.is_empty()).collect();
    let number_before = |word: &str| -> u64 {
        let index = words
            .iter()
            .position(|other| *other == word)
            .unwrap_or_else(|| panic!("{}", streams[0]));
        words[index - 1].parse().expect("it is a number")
    };
    stats.articles = number_before("articles");
    stats.files = number_before("files");
    stats.written = number_before("written");
    stats.unchanged = number_before("unchanged");
    stats.removed = number_before("removed");
    stats
}

/// Returns one article of an archive, always the same.
fn some_article(folder: &Path) -> std::path::PathBuf {
    let entries = walkdir::WalkDir::new(folder.join("content")).sort_by_file_name().into_iter();
    let mut files = entries.filter_map(Result::ok).filter(|entry| entry.file_type().is_file());
    files.nth(12_345).expect("there are enough files").into_path()
}

#[test]
fn memory_and_written_files_at_scale() {
    let test = "memory_and_counts_at_scale";
    if std::env::var("DATELINE_SCALE").as_deref() != Ok("1") {
        return report_skipped(test, "it takes minutes; set DATELINE_SCALE=1");
    }
    if peak_memory(std::process::id()).is_none() {
        return report_skipped(test, "there is no /proc that tells how much memory a process had");
    }

    let folder = synthetic_archive(ARTICLES);
    let clean_build = measure_build(folder.path());
    assert_eq!(
        (clean_build.articles, clean_build.written, clean_build.unchanged),
        (ARTICLES, clean_build.files, 0)
    );
    assert!(
        clean_build.peak_kilobytes <= LIMIT_KILOBYTES,
        "a clean build took {} kB",
        clean_build.peak_kilobytes
    );
    check_growth(&clean_build);
    check_incremental_builds(folder.path());
}

/// Asserts that the memory grows no faster than the number of articles.
fn check_growth(clean_build: &BuildStats) {
    // The memory for nearly no articles, and for half of them.
    let base_kilobytes = measure_build(synthetic_archive(100).path()).peak_kilobytes;
    let half_kilobytes = measure_build(synthetic_archive(ARTICLES / 2).path()).peak_kilobytes;
    let bytes_per_article = |kilobytes: u64, articles: u64| {
        (kilobytes - base_kilobytes) as f64 * 1024.0 / articles as f64
    };
    let (half_per_article, all_per_article) = (
        bytes_per_article(half_kilobytes, ARTICLES / 2),
        bytes_per_article(clean_build.peak_kilobytes, ARTICLES),
    );
    print_uncaptured(&format!(
        "{} articles, {} files, {THREADS} threads: {base_kilobytes} kB for 100 articles, \
            {half_kilobytes} kB for half, {} kB for all; \
         {half_per_article:.0} bytes an article among half as many, {all_per_article:.0} among all",
        clean_build.articles, clean_build.files, clean_build.peak_kilobytes,
    ));
    // Only growth faster than linear fails. With half as many articles, the memory per article was
    // measured to be 8 to 17 % higher, since the generator halves neither the tags nor the fullest
    // day.
    assert!(
        all_per_article <= half_per_article * 1.15,
        "an article takes {half_per_article:.0} bytes among half as many, {all_per_article:.0} \
            among all"
    );
}

/// Builds without an edit, and after one: each writes only what has changed, within the limit.
fn check_incremental_builds(folder: &Path) {
    wait_until_mtimes_are_reliable();
    let second_build = measure_build(folder);
    assert_eq!(
        (second_build.written, second_build.removed, second_build.unchanged),
        (0, 0, second_build.files),
        "nothing changed"
    );
    let mut article =
        File::options().append(true).open(some_article(folder)).expect("the article exists");
    article.write_all(b"\nA paragraph more.\n").expect("the file is written");
    drop(article);
    let edited_build = measure_build(folder);
    assert_eq!((edited_build.written, edited_build.removed), (1, 0), "one body, one page");
    let (second_kilobytes, edited_kilobytes) =
        (second_build.peak_kilobytes, edited_build.peak_kilobytes);
    print_uncaptured(&format!(
        "{second_kilobytes} kB for nothing new, {edited_kilobytes} kB for one edit"
    ));
    assert!(
        second_kilobytes.max(edited_kilobytes) <= LIMIT_KILOBYTES,
        "{second_kilobytes} kB for nothing new, {edited_kilobytes} kB for one edit"
    );
}

//! The search index in the cache and in the output; `tests/search/run.js` queries it in Node,
//! `tests/browser/search/` in a browser.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use crate::archive::{
    Archive, Article, OutputChanges, assert_same_as_clean_build, build_with_changes, flip_byte,
    wait_until_mtimes_are_reliable,
};
use crate::explain::assert_dry_run_predicts_build;
use crate::harness::{CommandOutput, SETTINGS, read_files};

/// Returns an archive of 2021 to October 2024 with search.
fn search_archive() -> Archive {
    let archive = Archive::generate_and_build(80, 23);
    archive.site.write("site.yaml", format!("{SETTINGS}search: true\n"));
    archive.site.build().assert_success();
    archive
}

/// Returns the segments of changed files: their names without hash and number.
fn segments(paths: &BTreeSet<String>) -> BTreeSet<&str> {
    let files = paths.iter().filter_map(|path| path.strip_prefix("search/"));
    files
        .filter(|file| *file != "index.html")
        .map(|file| file.rsplit_once('-').map_or(file, |(segment, _)| segment))
        .collect()
}

/// Returns the folder of the cached parts of the index.
fn saved_index_dir(archive: &Archive) -> Option<PathBuf> {
    let cache_entries =
        fs::read_dir(archive.site.path(".dateline")).expect("the cache folder exists");
    cache_entries
        .filter_map(Result::ok)
        .map(|file| file.path())
        .find(|path| path.extension().is_some_and(|end| end == "search"))
}

fn assert_changed_segments(changes: &OutputChanges, expected: &[&str], step: &str) {
    let mut expected: BTreeSet<&str> = expected.iter().copied().collect();
    assert_eq!(segments(&changes.removed), expected, "{step}: removed");
    expected.insert("manifest.json");
    assert_eq!(segments(&changes.written), expected, "{step}: written");
}

#[test]
fn a_new_article_changes_only_its_segment() {
    let mut archive = search_archive();
    let paths = archive.site.output_paths();
    let index: Vec<&String> = paths.iter().filter(|path| path.starts_with("search/")).collect();
    assert_eq!(index.len(), 5, "three volumes, the manifest and the page: {index:?}");
    archive.write(Article::on_day((2024, 10, 29), 3, "2024/new.md"));
    assert_changed_segments(
        &assert_dry_run_predicts_build(&archive.site, "a new story"),
        &["2024-10"],
        "a new story",
    );
    archive.edit(3, |article| article.body.push_str(" More."));
    let year = archive.articles[3].day.0;
    let segment = if year == 2024 { "2024" } else { "until-2023" };
    assert_changed_segments(
        &assert_dry_run_predicts_build(&archive.site, "an edit"),
        &[segment],
        "an edit",
    );
    assert_same_as_clean_build(&archive.site, "after both");
}

#[test]
fn without_the_setting_the_index_goes() {
    let archive = search_archive();
    archive.site.write("site.yaml", SETTINGS);
    let removed = assert_dry_run_predicts_build(&archive.site, "search turned off").removed;
    assert!(
        removed.contains("search/manifest.json") && removed.contains("assets/search/page.js"),
        "{removed:?}"
    );
    assert!(saved_index_dir(&archive).is_none(), "nor is anything kept for it");
    assert_same_as_clean_build(&archive.site, "without search");
}

#[test]
fn a_damaged_saved_index_is_rebuilt() {
    let mut archive = search_archive();
    let index_dir = saved_index_dir(&archive).expect("the index is cached");
    let index_files = read_files(&index_dir);
    assert!(index_files.len() >= 20, "parts and volumes: {:?}", index_files.keys());
    for damage in ["cut", "emptied", "flipped"] {
        for (name, bytes) in read_files(&index_dir) {
            let mut bytes = match damage {
                "cut" => bytes[..bytes.len() / 2].to_vec(),
                "emptied" => Vec::new(),
                _ => bytes,
            };
            if damage == "flipped" && name.contains("partial-") {
                let middle = bytes.len() / 2;
                bytes[middle] ^= 0x20;
            }
            fs::write(index_dir.join(name), bytes).expect("the file is written");
        }
        archive.edit(3, |article| article.body.push_str(damage));
        archive.site.build().assert_success();
        assert_same_as_clean_build(&archive.site, damage);
    }
    fs::remove_dir_all(&index_dir).expect("the file is removed");
    archive.site.build().assert_success();
    assert_same_as_clean_build(&archive.site, "lost");
}

#[test]
fn verify_checks_the_index() {
    let archive = search_archive();
    wait_until_mtimes_are_reliable();
    archive.site.build().assert_success();
    let shard = archive
        .site
        .output_paths()
        .into_iter()
        .find(|path| path.ends_with(".bin"))
        .expect("there is a shard file");
    flip_byte(&archive.site, &shard);
    let (build, changes) = build_with_changes(&archive.site, &["--verify"]);
    build.assert_success();
    assert_eq!(changes.written.into_iter().collect::<Vec<_>>(), [shard]);
    assert_same_as_clean_build(&archive.site, "verified");
}

#[test]
fn force_rebuilds_the_index() {
    let archive = search_archive();
    let index_dir = saved_index_dir(&archive).expect("the index is cached");
    let segment_file = read_files(&index_dir)
        .into_keys()
        .find(|name| name.starts_with("partial-") && name.ends_with("/0"));
    let segment_file = index_dir.join(segment_file.expect("there is a segment file"));
    let modified = |file: &PathBuf| {
        fs::metadata(file).and_then(|file| file.modified()).expect("the modification time is known")
    };
    let modified_before = modified(&segment_file);
    wait_until_mtimes_are_reliable();
    let (build, changes) = build_with_changes(&archive.site, &["--force"]);
    build.assert_success();
    assert!(modified(&segment_file) > modified_before, "made again");
    assert_eq!(changes, OutputChanges::default(), "what comes out the same isn't written");
}

#[test]
fn each_output_folder_has_its_own_index() {
    let archive = search_archive();
    let preview = archive.site.path("preview");
    archive
        .site
        .build_with_args(&["--output", &preview.to_string_lossy(), "--drafts"])
        .assert_success();
    let cache_entries = fs::read_dir(archive.site.path(".dateline"))
        .expect("the cache folder exists")
        .filter_map(Result::ok);
    let saved_indexes =
        cache_entries.filter(|file| file.path().extension().is_some_and(|end| end == "search"));
    assert_eq!(saved_indexes.count(), 2);
    assert_eq!(build_with_changes(&archive.site, &[]).1, OutputChanges::default());
}

#[test]
fn explain_covers_the_index() {
    let mut archive = search_archive();
    archive.write(Article::on_day((2024, 10, 29), 3, "2024/new.md"));
    let build = CommandOutput::run(archive.site.build_command().args([
        "--dry-run",
        "--explain",
        "/search/manifest.json",
    ]));
    let first = build.stdout.lines().next().unwrap_or_default();
    assert!(first.starts_with("search/manifest.json: rebuilt: "), "{}", build.stdout);
}

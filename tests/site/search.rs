//! The search index as a build keeps and publishes it; `tests/search/run.js` asks it, `tests/browser/search/` in a browser.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use crate::archive::{Archive, Changes, Story, assert_clean, changes_of, settle};
use crate::explain::{assert_forecast, flip};
use crate::harness::{Build, SETTINGS, files};

/// An archive of 2021 to October 2024 with search.
fn archive() -> Archive {
    let archive = Archive::built(80, 23);
    archive.site.put("site.yaml", format!("{SETTINGS}search: true\n"));
    archive.site.build().fine();
    archive
}

/// The volumes that changes are about: a file's name without its hash and number.
fn volumes(paths: &BTreeSet<String>) -> BTreeSet<&str> {
    let files = paths.iter().filter_map(|path| path.strip_prefix("search/"));
    files
        .filter(|file| *file != "index.html")
        .map(|file| file.rsplit_once('-').map_or(file, |(volume, _)| volume))
        .collect()
}

/// Where a build keeps what it needs for the next index.
fn kept(archive: &Archive) -> Option<PathBuf> {
    let state = fs::read_dir(archive.site.path(".dateline")).expect("a state");
    state
        .filter_map(Result::ok)
        .map(|file| file.path())
        .find(|path| path.extension().is_some_and(|end| end == "search"))
}

fn assert_volumes(changes: &Changes, expected: &[&str], what: &str) {
    let mut expected: BTreeSet<&str> = expected.iter().copied().collect();
    assert_eq!(volumes(&changes.removed), expected, "{what}: removed");
    expected.insert("manifest.json");
    assert_eq!(volumes(&changes.written), expected, "{what}: written");
}

#[test]
fn a_new_story_leaves_the_past_as_it_is() {
    let mut archive = archive();
    let paths = archive.site.paths();
    let index: Vec<&String> = paths.iter().filter(|path| path.starts_with("search/")).collect();
    assert_eq!(index.len(), 5, "three volumes, the manifest and the page: {index:?}");
    archive.put(Story::on((2024, 10, 29), 3, "2024/new.md"));
    assert_volumes(&assert_forecast(&archive.site, "a new story"), &["2024-10"], "a new story");
    archive.change(3, |story| story.body.push_str(" More."));
    let year = archive.stories[3].day.0;
    let volume = if year == 2024 { "2024" } else { "until-2023" };
    assert_volumes(&assert_forecast(&archive.site, "an edit"), &[volume], "an edit");
    assert_clean(&archive.site, "after both");
}

#[test]
fn without_the_setting_the_index_goes() {
    let archive = archive();
    archive.site.put("site.yaml", SETTINGS);
    let removed = assert_forecast(&archive.site, "search turned off").removed;
    assert!(
        removed.contains("search/manifest.json") && removed.contains("assets/search/page.js"),
        "{removed:?}"
    );
    assert!(kept(&archive).is_none(), "nor is anything kept for it");
    assert_clean(&archive.site, "without search");
}

#[test]
fn what_is_kept_is_made_again_where_it_is_damaged() {
    let mut archive = archive();
    let kept = kept(&archive).expect("an index is kept");
    let all = files(&kept);
    assert!(all.len() >= 20, "parts and volumes: {:?}", all.keys());
    for damage in ["cut", "emptied", "flipped"] {
        for (name, bytes) in files(&kept) {
            let mut bytes = match damage {
                "cut" => bytes[..bytes.len() / 2].to_vec(),
                "emptied" => Vec::new(),
                _ => bytes,
            };
            if damage == "flipped" && name.contains("part-") {
                let middle = bytes.len() / 2;
                bytes[middle] ^= 0x20;
            }
            fs::write(kept.join(name), bytes).expect("written");
        }
        archive.change(3, |story| story.body.push_str(damage));
        archive.site.build().fine();
        assert_clean(&archive.site, damage);
    }
    fs::remove_dir_all(&kept).expect("removed");
    archive.site.build().fine();
    assert_clean(&archive.site, "lost");
}

#[test]
fn verify_reads_the_index() {
    let archive = archive();
    settle();
    archive.site.build().fine();
    let pack = archive.site.paths().into_iter().find(|path| path.ends_with(".bin")).expect("a pack");
    flip(&archive.site, &pack);
    let (build, changes) = changes_of(&archive.site, &["--verify"]);
    build.fine();
    assert_eq!(changes.written.into_iter().collect::<Vec<_>>(), [pack]);
    assert_clean(&archive.site, "verified");
}

#[test]
fn force_makes_all_of_it_again() {
    let archive = archive();
    let kept = kept(&archive).expect("an index is kept");
    let part = files(&kept).into_keys().find(|name| name.starts_with("part-") && name.ends_with("/0"));
    let part = kept.join(part.expect("a part"));
    let made = |file: &PathBuf| fs::metadata(file).and_then(|file| file.modified()).expect("a time");
    let before = made(&part);
    settle();
    let (build, changes) = changes_of(&archive.site, &["--force"]);
    build.fine();
    assert!(made(&part) > before, "made again");
    assert_eq!(changes, Changes::default(), "what comes out the same isn't written");
}

#[test]
fn each_output_folder_has_its_own() {
    let archive = archive();
    let preview = archive.site.path("preview");
    archive.site.build_with(&["--output", &preview.to_string_lossy(), "--drafts"]).fine();
    let state = fs::read_dir(archive.site.path(".dateline")).expect("a state").filter_map(Result::ok);
    let kept = state.filter(|file| file.path().extension().is_some_and(|end| end == "search"));
    assert_eq!(kept.count(), 2);
    assert_eq!(changes_of(&archive.site, &[]).1, Changes::default());
}

#[test]
fn the_index_explains_itself() {
    let mut archive = archive();
    archive.put(Story::on((2024, 10, 29), 3, "2024/new.md"));
    let build = Build::of(archive.site.command().args(["--dry-run", "--explain", "/search/manifest.json"]));
    let first = build.stdout.lines().next().unwrap_or_default();
    assert!(first.starts_with("search/manifest.json: it is made again"), "{}", build.stdout);
}

//! A page is made from its inputs alone: not from the clock, the order of threads or files, the environment.

use std::collections::BTreeMap;
use std::fs;
#[cfg(unix)]
use std::os::unix::fs::PermissionsExt as _;
#[cfg(unix)]
use std::process::Command;

use crate::harness::{Build, Site, story};

type Files = BTreeMap<String, Vec<u8>>;

/// A few hundred stories over three years, with terms, pictures, links and scripts of two directions; the same every time.
fn stories() -> Vec<(String, String)> {
    let mut all = Vec::new();
    for number in 0..240u32 {
        let (year, month, day) = (2022 + number % 3, 1 + number % 12, 1 + number % 28);
        let lines = format!(
            "tags: [Tag {}, tag-{}]\nauthors: [Writer {}]\nsection: {}\n{}",
            number % 7,
            number % 5,
            number % 3,
            ["world", "city", "sport"][number as usize % 3],
            if number % 40 == 0 { "lang: ur\n" } else { "" },
        );
        let body =
            format!("Text {number}.\n\n## Heading\n\n[Another](story-{}.md) <b>story</b>.\n", number / 2);
        let title = if number % 40 == 0 { format!("خبر {number}") } else { format!("Story {number}") };
        let date = format!("{year}-{month:02}-{day:02} 10:{:02}", number % 60);
        all.push((format!("content/{year}/story-{number}.md"), story(&title, &date, &lines, &body)));
    }
    all
}

fn site(stories: impl IntoIterator<Item = (String, String)>) -> Site {
    stories.into_iter().fold(Site::empty(), |site, (path, text)| site.with(&path, text))
}

#[track_caller]
fn assert_same(one: &Files, other: &Files) {
    assert!(one.len() > 400, "a site worth comparing: {}", one.len());
    assert_eq!(one.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>());
    for (path, bytes) in one {
        assert!(*bytes == other[path], "{path} differs");
    }
}

#[test]
fn one_thread_or_four() {
    let site = site(stories());
    site.build_with(&["--jobs", "1"]).fine();
    let one = site.outputs();
    fs::remove_dir_all(site.path("public")).expect("removed");
    fs::remove_dir_all(site.path(".dateline")).expect("removed");
    site.build_with(&["--jobs", "4"]).fine();
    assert_same(&one, &site.outputs());
}

#[test]
fn twice_is_once() {
    let site = site(stories());
    let first = site.build().fine();
    let (files, stamps) = (site.outputs(), site.stamps());
    let second = site.build().fine();
    assert_eq!((second.number("written"), second.number("removed")), (0, 0));
    assert_eq!(second.number("unchanged"), first.number("pages"));
    assert_same(&files, &site.outputs());
    assert_eq!(stamps, site.stamps(), "nothing was touched");
    site.build_with(&["--force"]).fine();
    assert_same(&files, &site.outputs());
    assert_eq!(stamps, site.stamps(), "what comes out the same is left alone even then");
}

/// Folders list their files in the order of their making on some disks.
#[test]
fn files_made_in_another_order() {
    let forwards = site(stories());
    let backwards = site(stories().into_iter().rev());
    forwards.build().fine();
    backwards.build().fine();
    assert_same(&forwards.outputs(), &backwards.outputs());
}

#[test]
fn another_environment() {
    let site = site(stories());
    site.build().fine();
    let usual = site.outputs();
    for (zone, lang) in [("Asia/Karachi", "ur_PK.UTF-8"), ("America/New_York", "tr_TR.UTF-8"), ("UTC", "C")] {
        fs::remove_dir_all(site.path("public")).expect("removed");
        let mut command = site.command();
        command.env("TZ", zone).env("LANG", lang).env("LC_ALL", lang).env("SOURCE_DATE_EPOCH", "1");
        Build::of(command.args(["--format", "json"])).fine();
        assert_same(&usual, &site.outputs());
    }
}

/// Who may read the files is the call's to say, and not in them.
#[cfg(unix)]
#[test]
fn another_umask() {
    let site = site(stories());
    site.build().fine();
    let usual = site.outputs();
    fs::remove_dir_all(site.path("public")).expect("removed");
    fs::remove_dir_all(site.path(".dateline")).expect("removed");
    let mut shell = Command::new("sh");
    shell.args(["-c", "umask 077; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_dateline"), "build", "--root"]);
    Build::of(shell.arg(site.root())).fine();
    let mode = fs::metadata(site.path("public/index.html")).expect("there").permissions().mode();
    assert_eq!(mode & 0o077, 0, "it was another");
    assert_same(&usual, &site.outputs());
}

/// Neither the site's folder nor the way it is named is in any page.
#[test]
fn another_folder() {
    let (one, other) = (site(stories()), site(stories()));
    one.build().fine();
    let mut command = crate::harness::dateline();
    Build::of(command.arg("build").current_dir(other.root())).fine();
    assert_same(&one.outputs(), &other.outputs());
    let root = one.root();
    let root = root.to_str().expect("UTF-8");
    for (path, bytes) in one.outputs() {
        assert!(!String::from_utf8_lossy(&bytes).contains(root), "{path} names the site's folder");
    }

    let (_, clean) = one.clean();
    assert_same(&one.outputs(), &clean);
}

/// The output folder moved to another place with its site: nothing is written anew.
#[test]
fn a_site_that_moves() {
    let site = site(stories());
    site.build().fine();
    let parent = tempfile::tempdir().expect("a folder");
    let moved = parent.path().join("moved");
    fs::rename(site.root(), &moved).expect("moved on one disk");
    let mut command = crate::harness::dateline();
    let build = Build::of(command.args(["build", "--format", "json", "--root"]).arg(&moved)).fine();
    assert_eq!(build.number("written"), 0);
    fs::rename(&moved, site.root()).expect("moved back");
}

/// Any sequence of edits ends where a clean build does.
#[test]
fn edits_end_where_a_clean_build_does() {
    let all = stories();
    let site = site(all.clone());
    site.build().fine();
    let edits: [&dyn Fn(&Site); 8] = [
        &|site| site.put("content/2023/story-1.md", story("Changed", "2023-02-02", "tags: [New]\n", "x")),
        &|site| site.put("content/2022/story-0.md", story("Moved on", "2024-07-07", "", "x")),
        &|site| site.remove("content/2024/story-2.md"),
        &|site| {
            site.put("content/2019/old.md", story("Older", "2019-01-01", "section: city\n", "x"));
        },
        &|site| site.put("content/2024/story-5.md", "broken"),
        &|site| site.put("site.yaml", "title: Another\nbase_url: https://test.example\n"),
        &|site| site.put("content/city/_index.md", "---\ntitle: The City\n---\nAbout the city.\n"),
        &|site| site.put("content/2024/story-5.md", &all[5].1),
    ];
    for (number, edit) in edits.iter().enumerate() {
        edit(&site);
        site.build();
        let (build, clean) = site.clean();
        let mut outputs = site.outputs();
        for told in build.told.iter().filter(|told| told.code == "no-front-matter") {
            assert_eq!(told.file, "content/2024/story-5.md");
            let kept = outputs.remove("2024/06/06/story-5/index.html");
            assert!(kept.is_some(), "the last good page stays");
        }
        assert!(outputs == clean, "after edit {number}");
    }
}

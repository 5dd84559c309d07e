//! A page depends on its inputs alone, not on the clock, the order of threads or files, or the
//! environment.

use std::collections::BTreeMap;
use std::fs;
#[cfg(unix)]
use std::os::unix::fs::PermissionsExt as _;
#[cfg(unix)]
use std::process::Command;

use crate::harness::{CommandOutput, TestSite, article};

type Files = BTreeMap<String, Vec<u8>>;

/// Returns a few hundred articles of three years, with terms, images, links and scripts of both
/// directions; always the same.
fn generate_articles() -> Vec<(String, String)> {
    let mut articles = Vec::new();
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
        let body = format!(
            "Text {number}.\n\n## Heading\n\n[Another](story-{}.md) <b>story</b>.\n",
            number / 2
        );
        let title =
            if number % 40 == 0 { format!("خبر {number}") } else { format!("Story {number}") };
        let date = format!("{year}-{month:02}-{day:02} 10:{:02}", number % 60);
        articles.push((
            format!("content/{year}/story-{number}.md"),
            article(&title, &date, &lines, &body),
        ));
    }
    articles
}

fn site_with_articles(articles: impl IntoIterator<Item = (String, String)>) -> TestSite {
    articles.into_iter().fold(TestSite::empty(), |site, (path, text)| site.with_file(&path, text))
}

#[track_caller]
fn assert_same_files(first: &Files, second: &Files) {
    assert!(first.len() > 400, "a site worth comparing: {}", first.len());
    assert_eq!(first.keys().collect::<Vec<_>>(), second.keys().collect::<Vec<_>>());
    for (path, bytes) in first {
        assert!(*bytes == second[path], "{path} differs");
    }
}

#[test]
fn thread_count_does_not_matter() {
    let site = site_with_articles(generate_articles());
    site.build_with_args(&["--jobs", "1"]).assert_success();
    let single_threaded = site.outputs();
    fs::remove_dir_all(site.path("public")).expect("the file is removed");
    fs::remove_dir_all(site.path(".dateline")).expect("the file is removed");
    site.build_with_args(&["--jobs", "4"]).assert_success();
    assert_same_files(&single_threaded, &site.outputs());
}

#[test]
fn a_second_build_writes_nothing() {
    let site = site_with_articles(generate_articles());
    let first = site.build().assert_success();
    let (files, stamps) = (site.outputs(), site.output_mtimes());
    let second = site.build().assert_success();
    assert_eq!((second.report_number("written"), second.report_number("removed")), (0, 0));
    assert_eq!(second.report_number("unchanged"), first.report_number("pages"));
    assert_same_files(&files, &site.outputs());
    assert_eq!(stamps, site.output_mtimes(), "nothing was touched");
    site.build_with_args(&["--force"]).assert_success();
    assert_same_files(&files, &site.outputs());
    assert_eq!(stamps, site.output_mtimes(), "what comes out the same is left alone even then");
}

/// Some file systems list files in the order of their creation.
#[test]
fn file_creation_order_does_not_matter() {
    let forwards = site_with_articles(generate_articles());
    let backwards = site_with_articles(generate_articles().into_iter().rev());
    forwards.build().assert_success();
    backwards.build().assert_success();
    assert_same_files(&forwards.outputs(), &backwards.outputs());
}

#[test]
fn environment_variables_do_not_matter() {
    let site = site_with_articles(generate_articles());
    site.build().assert_success();
    let default_files = site.outputs();
    for (zone, lang) in
        [("Asia/Karachi", "ur_PK.UTF-8"), ("America/New_York", "tr_TR.UTF-8"), ("UTC", "C")]
    {
        fs::remove_dir_all(site.path("public")).expect("the file is removed");
        let mut command = site.build_command();
        command.env("TZ", zone).env("LANG", lang).env("LC_ALL", lang).env("SOURCE_DATE_EPOCH", "1");
        CommandOutput::run(command.args(["--format", "json"])).assert_success();
        assert_same_files(&default_files, &site.outputs());
    }
}

/// The permissions of the files follow the umask, and don't change their bytes.
#[cfg(unix)]
#[test]
fn umask_does_not_matter() {
    let site = site_with_articles(generate_articles());
    site.build().assert_success();
    let default_files = site.outputs();
    fs::remove_dir_all(site.path("public")).expect("the file is removed");
    fs::remove_dir_all(site.path(".dateline")).expect("the file is removed");
    let mut shell = Command::new("sh");
    shell.args([
        "-c",
        "umask 077; exec \"$@\"",
        "sh",
        env!("CARGO_BIN_EXE_dateline"),
        "build",
        "--root",
    ]);
    CommandOutput::run(shell.arg(site.root())).assert_success();
    let mode =
        fs::metadata(site.path("public/index.html")).expect("the file exists").permissions().mode();
    assert_eq!(mode & 0o077, 0, "it was another");
    assert_same_files(&default_files, &site.outputs());
}

/// No page contains the site's folder, or depends on how it is named.
#[test]
fn the_site_folder_does_not_matter() {
    let (first, second) =
        (site_with_articles(generate_articles()), site_with_articles(generate_articles()));
    first.build().assert_success();
    let mut command = crate::harness::dateline();
    CommandOutput::run(command.arg("build").current_dir(second.root())).assert_success();
    assert_same_files(&first.outputs(), &second.outputs());
    let root = first.root();
    let root = root.to_str().expect("it is UTF-8");
    for (path, bytes) in first.outputs() {
        assert!(!String::from_utf8_lossy(&bytes).contains(root), "{path} names the site's folder");
    }

    let (_, clean_files) = first.build_clean();
    assert_same_files(&first.outputs(), &clean_files);
}

/// After a site is moved with its output folder, nothing is written.
#[test]
fn a_moved_site_writes_nothing() {
    let site = site_with_articles(generate_articles());
    site.build().assert_success();
    let parent = tempfile::tempdir().expect("a temporary folder is created");
    let moved = parent.path().join("moved");
    fs::rename(site.root(), &moved).expect("the folder is moved");
    let mut command = crate::harness::dateline();
    let build =
        CommandOutput::run(command.args(["build", "--format", "json", "--root"]).arg(&moved))
            .assert_success();
    assert_eq!(build.report_number("written"), 0);
    fs::rename(&moved, site.root()).expect("the folder is moved back");
}

/// After any sequence of edits the output is that of a clean build.
#[test]
fn edits_give_the_same_files_as_a_clean_build() {
    let articles = generate_articles();
    let site = site_with_articles(articles.clone());
    site.build().assert_success();
    let edits: [&dyn Fn(&TestSite); 8] = [
        &|site| {
            site.write(
                "content/2023/story-1.md",
                article("Changed", "2023-02-02", "tags: [New]\n", "x"),
            );
        },
        &|site| site.write("content/2022/story-0.md", article("Moved on", "2024-07-07", "", "x")),
        &|site| site.remove("content/2024/story-2.md"),
        &|site| {
            site.write(
                "content/2019/old.md",
                article("Older", "2019-01-01", "section: city\n", "x"),
            );
        },
        &|site| site.write("content/2024/story-5.md", "broken"),
        &|site| site.write("site.yaml", "title: Another\nbase_url: https://test.example\n"),
        &|site| {
            site.write("content/city/_index.md", "---\ntitle: The City\n---\nAbout the city.\n");
        },
        &|site| site.write("content/2024/story-5.md", &articles[5].1),
    ];
    for (number, edit) in edits.iter().enumerate() {
        edit(&site);
        site.build();
        let (build, clean_files) = site.build_clean();
        let mut outputs = site.outputs();
        for diagnostic in
            build.diagnostics.iter().filter(|diagnostic| diagnostic.code == "no-front-matter")
        {
            assert_eq!(diagnostic.file, "content/2024/story-5.md");
            let kept_page = outputs.remove("2024/06/06/story-5/index.html");
            assert!(kept_page.is_some(), "the last good page stays");
        }
        assert!(outputs == clean_files, "after edit {number}");
    }
}

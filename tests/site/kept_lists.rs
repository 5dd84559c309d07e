//! While an article or a folder can't be read, the lists of the last build stay, unless they show
//! an article that was taken down.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::symlink;

use crate::archive::assert_same_as_clean_build;
use crate::harness::{TestSite, article};

const LISTED: &str = "tags: [ta]\nsection: sa\nauthors: [Ann Author]\n";

/// A site with an article in a folder that no other article shares a list with, and `content/b.md`
/// with the tag `tb`, built and recorded.
fn site_with_lists() -> TestSite {
    let site = TestSite::new()
        .with_file("content/2023/a.md", article("A", "2023-05-01", LISTED, "Text of A.\n"))
        .with_file("content/b.md", article("B", "2022-06-01", "tags: [tb]\n", "Marker of B.\n"))
        .with_file("static/sub/a.txt", "static")
        .with_file("static/sub/b.png", "no image")
        .with_file("static/c.txt", "static");
    site.build_with_args(&["--record"]);
    assert!(site.has_output("tags/ta/index.html") && site.has_output("tags/tb/index.html"));
    site
}

/// Replaces a file or folder by a link to itself, which nobody can read.
fn make_unreadable(site: &TestSite, path: &str) {
    let file = site.path(path);
    fs::rename(&file, site.path("renamed")).expect("it is renamed");
    symlink(file.file_name().expect("it has a name"), &file).expect("it is linked");
}

fn make_readable(site: &TestSite, path: &str) {
    fs::remove_file(site.path(path)).expect("the link is removed");
    fs::rename(site.path("renamed"), site.path(path)).expect("it is renamed");
}

/// Returns the paths of all published files except those of the search index.
fn published(site: &TestSite) -> Vec<String> {
    site.output_paths().into_iter().filter(|path| !path.starts_with("search/")).collect()
}

#[test]
fn an_unreadable_folder_keeps_the_lists_of_its_articles() {
    let site = site_with_lists();
    let before = published(&site);
    let page = site.read_output("tags/ta/index.html");
    make_unreadable(&site, "content/2023");
    for _ in 0..2 {
        let build = site.build().assert_errors();
        assert_eq!(build.codes(), ["symlink"], "{}", build.stderr);
        assert_eq!(published(&site), before);
        assert_eq!(site.read_output("tags/ta/index.html"), page);
    }
    make_readable(&site, "content/2023");
    site.build();
    assert_same_as_clean_build(&site, "it is readable");
    fs::remove_dir_all(site.path("content/2023")).expect("it is removed");
    site.build_with_args(&["--accept-removals"]);
    let is_kept =
        site.has_output("tags/ta/index.html") && site.read_output("tags/ta/index.html") == page;
    assert!(!is_kept, "a removed folder isn't unreadable");
}

#[test]
fn an_unreadable_folder_of_static_keeps_its_files() {
    for path in ["static/sub", "static"] {
        let site = site_with_lists();
        let before = site.outputs();
        make_unreadable(&site, path);
        for _ in 0..2 {
            let build = site.build().assert_errors();
            assert!(build.codes().contains(&"symlink"), "{}", build.stderr);
            assert_eq!(site.outputs(), before, "{path}");
        }
        make_readable(&site, path);
        site.build();
        assert_eq!(site.outputs(), before);
        fs::remove_dir_all(site.path(path)).expect("it is removed");
        site.build();
        assert!(!site.has_output("sub/a.txt"), "a removed folder isn't unreadable");
    }
}

/// The built-in file doesn't replace the site's own.
#[test]
fn an_unreadable_file_of_static_is_not_replaced() {
    let site = TestSite::new().with_file("static/assets/dateline.css", "p { color: red }\n");
    site.build();
    let own = site.read_output("assets/dateline.css");
    make_unreadable(&site, "static");
    site.build().assert_errors();
    assert_eq!(site.read_output("assets/dateline.css"), own);
}

/// A takedown in the same build outranks the lists that show it, and no others.
#[test]
fn lists_of_hidden_articles_are_removed() {
    for breaks_article in [true, false] {
        for hidden in ["status: hidden\n", "draft: true\n"] {
            let site = site_with_lists();
            let page = site.read_output("tags/ta/index.html");
            if breaks_article {
                site.write("content/2023/a.md", "---\ntitle: [\n---\nText.\n");
            } else {
                make_unreadable(&site, "content/2023");
            }
            let lines = format!("tags: [tb]\n{hidden}");
            site.write("content/b.md", article("B", "2022-06-01", &lines, "Marker of B.\n"));
            for _ in 0..2 {
                let build = site.build().assert_errors();
                let context = format!("{hidden} {}", build.stderr);
                assert!(!build.stderr.contains("/tags/ta/"), "{context}");
                assert_eq!(site.read_output("tags/ta/index.html"), page, "{context}");
                assert!(!site.has_output("tags/tb/index.html"), "{context}");
                for (path, bytes) in site.outputs() {
                    let text = String::from_utf8_lossy(&bytes);
                    assert!(!text.contains("Marker of B"), "{path}: {context}");
                    assert!(
                        !text.contains("/2022/06/01/b/") || path.starts_with("2022/06/01/b/")
                            // The last good page of the article with an error.
                            || path.starts_with("2023/05/01/a/"),
                        "{path}: {context}"
                    );
                }
            }
        }
    }
}

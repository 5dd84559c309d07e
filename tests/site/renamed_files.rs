//! Links to content files that were renamed: the permalink registry finds the article.

use crate::harness::{CommandOutput, TestSite, article};
use crate::permalinks::{read_registry, run_permalinks};

const LINKING_PAGE: &str = "2024/11/05/linking/index.html";

/// Returns a recorded site with an article that links to `harbor.md`.
fn linking_site(harbor_lines: &str, link: &str) -> TestSite {
    let body = format!("They [met]({link}) before.\n");
    let site = TestSite::empty()
        .with_file("content/news/linking.md", article("Linking", "2024-11-05", "", &body))
        .with_file("content/news/harbor.md", article("Harbor", "2024-11-06", harbor_lines, "T.\n"));
    assert_eq!(site.build_with_args(&["--record"]).status, 0);
    site
}

fn rename(site: &TestSite, from: &str, to: &str) {
    let text = std::fs::read_to_string(site.path(from)).expect("the article exists");
    std::fs::remove_file(site.path(from)).expect("the article can be removed");
    site.write(to, text);
}

/// Asserts that the link is the only mistake, is resolved, and that its warning names the file.
#[track_caller]
fn assert_resolved(site: &TestSite, build: &CommandOutput, file: &str, url: &str) {
    assert_eq!(build.status, 0);
    build
        .only_diagnostic()
        .assert_code("renamed-file")
        .assert_position(5, 12)
        .assert_message_contains(&format!("is now `content/{file}`"))
        .assert_help_contains(&format!("write `/{file}"));
    let page = site.read_output(LINKING_PAGE);
    assert!(page.contains(&format!("<a href=\"{url}\">met</a>")), "{page}");
}

/// Compares every output with those of a clean build, which has the same warnings.
#[track_caller]
fn assert_equals_clean_build(site: &TestSite, context: &str) {
    assert!(site.outputs() == site.build_clean().1, "{context}");
}

#[test]
fn a_link_follows_a_file_that_was_renamed() {
    for (lines, link, anchor) in [
        ("id: h1\n", "harbor.md", ""),
        ("id: h1\n", "/news/harbor.md#pier", "#pier"),
        ("slug: harbor\n", "../news/harbor.md", ""),
        ("id: h1\nslug: harbor\n", "{{< ref \"harbor\" >}}", ""),
    ] {
        let site = linking_site(lines, link);
        rename(&site, "content/news/harbor.md", "content/port/quay.md");
        let slug = if lines.contains("slug") { "harbor" } else { "quay" };
        let url = format!("/2024/11/06/{slug}/{anchor}");
        if link.contains("ref") {
            let build = site.build();
            assert!(build.codes().contains(&"renamed-file"), "{:?}", build.codes());
            assert!(site.read_output(LINKING_PAGE).contains(&url));
        } else {
            assert_resolved(&site, &site.build(), "port/quay.md", &url);
        }
        assert_equals_clean_build(&site, link);
    }
}

/// The registry keeps every old path, also after the new one was recorded.
#[test]
fn old_files_stay_in_the_registry() {
    let site = linking_site("id: h1\nslug: harbor\n", "harbor.md");
    rename(&site, "content/news/harbor.md", "content/news/port.md");
    site.build_with_args(&["--record"]);
    rename(&site, "content/news/port.md", "content/news/quay.md");
    assert_eq!(run_permalinks(&site, "record", &[]).status, 0);
    let registry = read_registry(&site);
    let fields = "file:news/quay\tlang:en\told-file:news/harbor\told-file:news/port";
    assert!(registry.contains(fields), "{registry}");
    let build = site.build_with_args(&["--record"]);
    assert_resolved(&site, &build, "news/quay.md", "/2024/11/06/harbor/");
    assert_eq!(read_registry(&site), registry);
    assert_equals_clean_build(&site, "after two renames");
}

/// Only the registry is edited between two builds: the page must notice.
#[test]
fn a_line_that_is_added_to_the_registry_resolves_a_link() {
    let site = linking_site("slug: harbor\n", "harbor.md");
    rename(&site, "content/news/harbor.md", "content/news/quay.md");
    let registry = read_registry(&site);
    site.write("permalinks.txt", "/2024/11/06/harbor/\n");
    site.build().only_diagnostic().assert_code("missing-story");
    assert_equals_clean_build(&site, "without the file in the registry");
    site.write("permalinks.txt", registry);
    assert_resolved(&site, &site.build(), "news/quay.md", "/2024/11/06/harbor/");
    assert_equals_clean_build(&site, "with the file in the registry");
}

#[test]
fn a_link_that_two_old_files_fit_is_not_resolved() {
    let site = linking_site("slug: harbor\n", "/old.md");
    let lines = "/2024/11/05/linking/\tfile:a/old\n/2024/11/06/harbor/\tfile:b/old\n";
    site.write("permalinks.txt", lines);
    site.build().only_diagnostic().assert_code("missing-story");
    site.write("permalinks.txt", format!("{lines}/2024/11/06/harbor/\told-file:old\n"));
    assert_resolved(&site, &site.build(), "news/harbor.md", "/2024/11/06/harbor/");
}

/// A new article at the old path takes precedence.
#[test]
fn a_link_leads_to_the_file_that_exists() {
    let site = linking_site("id: h1\n", "harbor.md");
    rename(&site, "content/news/harbor.md", "content/news/quay.md");
    site.write("content/news/harbor.md", article("New", "2024-11-07", "id: h2\n", "N.\n"));
    site.build().assert_success();
    assert!(site.read_output(LINKING_PAGE).contains("<a href=\"/2024/11/07/harbor/\">met</a>"));
    assert_equals_clean_build(&site, "with a new file");
}

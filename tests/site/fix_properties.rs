//! `dateline fix` on generated front matter: properties that hold for any files.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::fix::{ZONED, proposed_fixes, run_fix};
use crate::harness::{CommandOutput, TestSite, read_files};

/// Generates a line of front matter as people write it, or a list.
fn front_matter_line() -> impl Strategy<Value = String> {
    let key = prop::sample::select(vec![
        "title",
        "description",
        "date",
        "updated",
        "expiryDate",
        "tags",
        "categories",
        "category",
        "section",
        "authors",
        "kicker",
        "extra",
        "summary",
        "image",
    ]);
    let value = prop::sample::select(vec![
        "Iran: talks",
        "iran",
        "IRAN ",
        "[Iran, iran, 'I.R.A.N.']",
        "[World]",
        "[a, b: c",
        "@x",
        "\"Quote\" he",
        "'it's'",
        "&a b",
        "*a",
        "! now",
        "2024/11/5",
        "5 May 2024",
        "2024-11-05 9:05 +0100",
        "x # y",
        "x: #1",
        "|\n  a: b",
        "\n\t- Iran\n\t- b: c",
        "\n  - iran\n  - IRAN # z\n  - Iran",
        "\n  note: a: b",
        "",
        "~",
        "a\n  b",
        "\"AT&amp;amp;T\"",
        "{a: b}",
        "E\u{301}té",
        "Été",
    ]);
    (key, prop::sample::select(vec![":", ": ", ":  ", " : "]), value)
        .prop_map(|(key, colon, value)| format!("{key}{colon}{value}\n"))
}

/// Generates a few articles; most have the required fields, so that there is something to fix.
fn article_sources() -> impl Strategy<Value = Vec<String>> {
    let article = (any::<bool>(), prop::collection::vec(front_matter_line(), 0..5), any::<bool>())
        .prop_map(|(is_complete, lines, has_crlf)| {
            let head = if is_complete { "title: T\ndate: 2024-11-05 10:00\n" } else { "" };
            let text = format!("---\n{head}{}---\nBody: @x\n", lines.concat());
            if has_crlf { text.replace('\n', "\r\n") } else { text }
        });
    prop::collection::vec(article, 1..12)
}

/// Asserts that bodies, comments, and files that a build could parse are unchanged.
fn assert_rest_unchanged(
    before: &BTreeMap<String, Vec<u8>>,
    after: &BTreeMap<String, Vec<u8>>,
) -> Result<(), TestCaseError> {
    for (path, bytes) in before {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("it is UTF-8");
        let (old, new) = (text(bytes), text(&after[path]));
        prop_assert_eq!(old.contains("\r\n"), new.contains("\r\n"));
        prop_assert_eq!(
            old.matches('\r').count() - old.matches('\n').count().min(old.matches('\r').count()),
            0
        );
        prop_assert!(new.ends_with("Body: @x\n") || new.ends_with("Body: @x\r\n"));
        let comments = |text: &str| text.matches("# z").count() + text.matches("# y").count();
        prop_assert_eq!(comments(&old), comments(&new), "{} -> {}", old, new);
    }
    Ok(())
}

/// Fixes a site twice: a second run finds nothing, no other file is made invalid, and permalinks
/// are unchanged.
fn check_fix(articles: &[String], fix_args: &[&str]) -> Result<(), TestCaseError> {
    let mut site = TestSite::empty().with_file("site.yaml", ZONED);
    for (number, text) in articles.iter().enumerate() {
        site = site.with_file(&format!("content/n{number}.md"), text);
    }
    let before = read_files(&site.path("content"));
    let first_build = site.build();
    let pages: Vec<String> = site.output_paths();
    run_fix(&site, &[&["--write"], fix_args].concat());
    assert_rest_unchanged(&before, &read_files(&site.path("content")))?;
    let second_fixes = proposed_fixes(&site, fix_args);
    prop_assert!(second_fixes.is_empty(), "{second_fixes:#?}");
    let second_build = site.build();
    let broken_before: Vec<&str> = files_with_diagnostics(&first_build);
    let broken_after = files_with_diagnostics(&second_build);
    prop_assert!(
        broken_after.iter().all(|file| broken_before.contains(file)),
        "{broken_after:#?} {}",
        second_build.stderr
    );
    let is_article = |page: &&String| page.starts_with("2024/11/0") && page.contains("/n");
    for page in pages.iter().filter(is_article) {
        prop_assert!(site.has_output(page), "{page} is gone");
    }
    Ok(())
}

fn files_with_diagnostics(build: &CommandOutput) -> Vec<&str> {
    build.diagnostics.iter().map(|diagnostic| diagnostic.file.as_str()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_second_run_finds_nothing(articles in article_sources(), keys in any::<bool>()) {
        let all_fixes: &[&str] = &["--only", "tabs,quotes,dates,terms,section,keys"];
        check_fix(&articles, if keys { all_fixes } else { &[] })?;
    }
}

//! Properties of every article that has errors: no other page is lost, and its own last good page
//! stays.

use crate::diagnostics::ReportedDiagnostic;
use crate::harness::{ARTICLE, CommandOutput, TestSite, article};

/// The page of the invalid article.
pub(crate) const PAGE: &str = "2024/11/06/bad/index.html";

/// Returns a built site with two valid articles.
fn built_site() -> TestSite {
    let site = TestSite::new()
        .with_file("content/bad.md", article("Bad news", "2024-11-06", "", "Good once.\n"));
    site.build().assert_success();
    assert!(site.read_output(PAGE).contains("Good once."));
    site
}

/// Makes a valid article invalid, builds incrementally and from scratch, checks the properties of
/// every mistake, and returns the diagnostics.
#[track_caller]
pub(crate) fn break_article(bytes: impl AsRef<[u8]>) -> Vec<ReportedDiagnostic> {
    let site = built_site();
    let good = site.read_output(PAGE);
    site.write("content/bad.md", bytes);
    let build = site.build().assert_errors();
    assert_reported(&build);
    assert_eq!(
        (build.report_number("articles"), build.report_number("warnings")),
        (1, 0),
        "{}",
        build.stderr
    );
    assert_eq!(site.read_output(PAGE), good, "the last good page stays");
    assert!(
        site.read_output("2024/11/05/good/index.html").contains("Border talks"),
        "the rest is built"
    );
    for listing in
        ["index.html", "2024/index.html", "2024/11/index.html", "feed.xml", "sitemaps/2024.xml"]
    {
        let text = site.read_output(listing);
        assert!(
            text.contains("/2024/11/05/") && !text.contains("/2024/11/06/"),
            "{listing}: {text}"
        );
    }

    let (clean_build, files) = site.build_clean();
    assert_eq!(clean_build.diagnostics, build.diagnostics, "a clean build reports the same");
    let mut outputs = site.outputs();
    outputs.remove(PAGE);
    assert!(
        outputs == files,
        "an incremental build is a clean one and the kept page: {:#?}",
        site.output_paths()
    );
    build.diagnostics
}

/// Returns the diagnostic of a mistake that is reported once; otherwise as
/// [`check_broken_article`].
#[track_caller]
pub(crate) fn break_article_once(bytes: impl AsRef<[u8]>) -> ReportedDiagnostic {
    let diagnostics = break_article(bytes);
    assert_eq!(diagnostics.len(), 1, "{diagnostics:#?}");
    diagnostics.into_iter().next().expect("there is one diagnostic")
}

/// A mistake is reported by every build until it is fixed, also if nothing has changed.
#[test]
fn errors_are_reported_by_every_build() {
    let site = built_site();
    let good = site.read_output(PAGE);
    site.write("templates/article.html", "{{ article.nothing }}");
    for _ in 0..3 {
        let build = site.build().assert_errors();
        assert!(
            build.diagnostics.iter().any(|diagnostic| diagnostic.code == "template-error"),
            "{:#?}",
            build.diagnostics
        );
        assert_eq!(site.read_output(PAGE), good, "the last good page stays");
    }
    site.remove("templates/article.html");
    site.build().assert_success();
    assert_eq!(site.read_output(PAGE), good);
    assert_eq!(site.build().assert_success().report_number("written"), 0);
}

/// Returns the diagnostic of a mistake that is found when the body is rendered.
#[track_caller]
pub(crate) fn break_article_body(body: &str) -> ReportedDiagnostic {
    let site = built_site();
    let good = site.read_output(PAGE);
    site.write("content/bad.md", article("Bad news", "2024-11-06", "", body));
    let build = site.build().assert_errors();
    assert_reported(&build);
    assert_eq!(site.read_output(PAGE), good, "the last good page stays");
    assert!(site.has_output("2024/11/05/good/index.html"), "the rest is built");
    build.only_diagnostic().clone()
}

/// Asserts that all diagnostics are errors of the invalid file, and that the report counts them.
#[track_caller]
fn assert_reported(build: &CommandOutput) {
    assert!(!build.diagnostics.is_empty(), "{}", build.stderr);
    for diagnostic in &build.diagnostics {
        assert_eq!(
            (diagnostic.file.as_str(), diagnostic.severity.as_str()),
            ("content/bad.md", "error"),
            "{diagnostic:#?}"
        );
    }
    assert_eq!(build.report_number("errors"), build.diagnostics.len() as u64);
}

/// An invalid article that is built, then fixed: the site is as before.
#[test]
fn a_fixed_article_leaves_no_trace() {
    let site = built_site();
    let before = site.outputs();
    site.write("content/bad.md", ARTICLE.replace("date:", "day:"));
    site.build().assert_errors();
    site.write("content/bad.md", article("Bad news", "2024-11-06", "", "Good once.\n"));
    site.build().assert_success();
    assert!(site.outputs() == before);
}

/// An article that has errors in two builds and is then renamed: only then its page is removed.
#[test]
fn a_kept_page_is_removed_with_its_article() {
    let site = built_site();
    site.write("content/bad.md", "no fence");
    for _ in 0..2 {
        site.build().assert_errors();
        assert!(site.has_output(PAGE));
    }
    site.remove("content/bad.md");
    site.build().assert_success();
    assert!(!site.has_output(PAGE));
}

//! Two files with the same URL: an error that names both, and the site without the second.

use crate::diagnostics::ReportedDiagnostic;
use crate::harness::{ARTICLE, CommandOutput, TestSite, article, dateline};

/// Builds a site with two articles and returns the only diagnostic, which must name both files.
#[track_caller]
fn assert_collision(site: &TestSite, first: &str, second: &str) -> ReportedDiagnostic {
    let build = site.build().assert_errors();
    let diagnostic = build.only_diagnostic();
    diagnostic
        .assert_code("same-address")
        .assert_message_contains(first)
        .assert_message_contains(second)
        .assert_help_contains("slug:");
    assert!([first, second].contains(&diagnostic.file.as_str()), "{diagnostic:#?}");
    let (clean_build, files) = site.build_clean();
    assert!(
        clean_build.diagnostics == build.diagnostics && files == site.outputs(),
        "from nothing it is the same"
    );
    diagnostic.clone()
}

fn article_with_permalink(title: &str, permalink: &str) -> String {
    article(title, "2024-11-06", &format!("permalink: {permalink}\n"), "Text.")
}

#[test]
fn two_articles_at_one_path() {
    let site =
        TestSite::new().with_file("content/b.md", ARTICLE.replace("tags", "slug: good\ntags"));
    let diagnostic = assert_collision(&site, "content/good.md", "content/b.md");
    diagnostic.assert_message_contains("/2024/11/05/good/");
    assert!(site.has_output("2024/11/05/good/index.html"));
    let site = TestSite::empty()
        .with_file("content/a.md", article_with_permalink("A", "/x"))
        .with_file("content/b.md", article_with_permalink("B", "/x/"))
        .with_file("content/c.md", article_with_permalink("C", "/y/"));
    assert_collision(&site, "content/a.md", "content/b.md");
    assert!(site.has_output("y/index.html"), "the rest is built");
}

#[test]
fn three_articles_at_one_path() {
    let site = TestSite::empty();
    for name in ["a", "b", "c"] {
        site.write(&format!("content/{name}.md"), article_with_permalink(name, "/x/"));
    }
    let build = site.build().assert_errors();
    assert_eq!(build.codes(), ["same-address"; 2]);
    for name in ["content/a.md", "content/b.md", "content/c.md"] {
        assert!(
            build.diagnostics.iter().any(|diagnostic| diagnostic.message.contains(name)),
            "{name}: {}",
            build.stderr
        );
    }
}

/// On a file system that ignores case they would be one file.
#[test]
fn paths_that_differ_only_in_case() {
    for (first, second) in
        [("/a/", "/A/"), ("/Straße.html", "/STRAßE.html"), ("/É/", "/é/"), ("/a/b/", "/A/b/")]
    {
        let site = TestSite::empty()
            .with_file("content/a.md", article_with_permalink("A", first))
            .with_file("content/b.md", article_with_permalink("B", second));
        assert_collision(&site, "content/a.md", "content/b.md").assert_help_contains("case");
    }
}

/// On a file system that normalizes names they would be one file: é as one character, and as e with
/// an accent.
#[test]
fn paths_that_differ_only_in_unicode_normalization() {
    let site = TestSite::empty()
        .with_file("content/a.md", article_with_permalink("A", "/caf\u{e9}/"))
        .with_file("content/b.md", article_with_permalink("B", "/cafe\u{301}/"));
    assert_collision(&site, "content/a.md", "content/b.md").assert_help_contains("accents");
    let site = TestSite::empty()
        .with_file("content/1/caf\u{e9}.md", article("A", "2024-11-06", "", ""))
        .with_file("content/2/cafe\u{301}.md", article("B", "2024-11-06", "", ""));
    assert_collision(&site, "content/1/caf\u{e9}.md", "content/2/cafe\u{301}.md");
}

/// Asserts that the site's own page has the URL, and that the article is reported.
#[track_caller]
fn assert_existing_page_wins(permalink: &str, page: &str) {
    // The day has another article, so that it has its page without this one.
    let text = article("Intruder", "2024-11-05", &format!("permalink: {permalink}\n"), "Text.");
    let site = TestSite::new().with_file("content/a.md", text);
    let build = site.build().assert_errors();
    let diagnostic = build.only_diagnostic();
    assert_eq!(diagnostic.file, "content/a.md", "{permalink}");
    diagnostic
        .assert_code("same-address")
        .assert_message_contains("content/a.md")
        .assert_message_contains(page)
        .assert_help_contains("slug:");
    assert!(
        !site.read_output(page).contains("<h1 class=\"p-name\">Intruder</h1>"),
        "{permalink}: the site's own page stands"
    );
    let listed = site
        .outputs()
        .into_values()
        .any(|bytes| String::from_utf8_lossy(&bytes).contains("Intruder"));
    assert!(!listed, "{permalink}: what has no page is in no listing");
    assert!(site.has_output("2024/11/05/good/index.html"), "the rest is built");
}

#[test]
fn an_article_at_the_path_of_a_fixed_page() {
    for page in [
        "index.html",
        "archive/index.html",
        "tags/index.html",
        "tags/iran/index.html",
        "on-this-day/11-05/index.html",
    ] {
        assert_existing_page_wins(&format!("/{}", page.trim_end_matches("index.html")), page);
    }
    for page in
        ["index.html", "feed.xml", "sitemap.xml", "404.html", "robots.txt", "assets/dateline.css"]
    {
        assert_existing_page_wins(&format!("/{page}"), page);
    }
}

#[test]
fn an_article_at_the_path_of_a_period_page() {
    for folder in ["2024", "2024/11", "2024/11/05", "tags/iran/2024"] {
        assert_existing_page_wins(&format!("/{folder}/"), &format!("{folder}/index.html"));
    }
    assert_existing_page_wins("/sitemaps/2024.xml", "sitemaps/2024.xml");
}

#[test]
fn an_article_at_the_path_of_a_static_file() {
    let site = TestSite::new()
        .with_file("static/about.html", "by hand")
        .with_file("content/a.md", article_with_permalink("A", "/about.html"));
    let diagnostic = assert_collision(&site, "content/a.md", "static/about.html");
    assert_eq!(diagnostic.file, "content/a.md");
    assert_eq!(site.read_output("about.html"), "by hand");
}

/// A path can't be a folder and a file.
#[test]
fn a_file_at_the_path_of_a_folder() {
    let site = TestSite::new()
        .with_file("content/a.md", article_with_permalink("A", "/x.html"))
        .with_file("content/b.md", article_with_permalink("B", "/x.html/y/"));
    let build = site.build().assert_errors();
    build
        .only_diagnostic()
        .assert_code("same-address")
        .assert_message_contains("content/a.md")
        .assert_message_contains("content/b.md");
    assert!(site.has_output("2024/11/05/good/index.html"), "the rest is built");
}

/// A static file replaces an asset of the program: so a site changes its style.
#[test]
fn a_static_file_replaces_an_asset() {
    let site = TestSite::new().with_file("static/assets/dateline.css", "p {}");
    site.build().assert_success();
    assert_eq!(site.read_output("assets/dateline.css"), "p {}");
}

#[test]
fn a_static_file_replaces_a_page() {
    let site = TestSite::new()
        .with_file("static/feed.xml", "by hand")
        .with_file("static/robots.txt", "by hand");
    site.build().assert_success();
    for path in ["feed.xml", "robots.txt"] {
        assert_eq!(site.read_output(path), "by hand");
    }
}

/// If one of the two is removed, the other gets the URL.
#[test]
fn a_resolved_collision_publishes_the_other_article() {
    let site = TestSite::empty()
        .with_file("content/a.md", article_with_permalink("First", "/x/"))
        .with_file("content/b.md", article_with_permalink("Second", "/x/"));
    site.build().assert_errors();
    site.remove("content/a.md");
    site.build().assert_success();
    assert!(site.read_output("x/index.html").contains("<h1 class=\"p-name\">Second</h1>"));
    assert!(site.outputs() == site.build_clean().1);
}

/// Collisions with one cause are one message in text, with their number; JSON has all of them.
#[test]
fn collisions_that_differ_in_the_first_folder_are_one_message() {
    let site = TestSite::empty();
    for number in 0..30 {
        for folder in ["news", "sport", "arts"] {
            let name = format!("content/{folder}/2024/a{number}.md");
            site.write(&name, article("x", "2024-11-05", "", "Text.\n"));
        }
    }
    site.write("content/news/b.md", article_with_permalink("B", "/x/"));
    site.write("content/news/c.md", article_with_permalink("C", "/x/"));
    let build = site.build().assert_errors();
    assert_eq!(build.codes(), ["same-address"; 61], "{}", build.stderr);
    let text = CommandOutput::run(dateline().args(["build", "--root"]).arg(site.root()));
    let errors = text.stderr.matches("error[same-address]").count();
    assert_eq!(errors, 2, "{}", text.stderr);
    let message = "60 URLs collide and differ only in the first folder of their files";
    assert!(text.stderr.contains(message), "{}", text.stderr);
    assert!(text.stderr.contains("/{section}/"), "{}", text.stderr);
}

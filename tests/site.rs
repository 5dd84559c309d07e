//! Whole builds of small sites.

use std::fs;
use std::path::Path;

use dateline::build::{BuildReport, Progress, build};
use dateline::site::{Options, Site};

struct Silent;

impl Progress for Silent {
    fn expect(&self, _: usize) {}
    fn done(&self) {}
}

/// The moment that the tests live in: 2025-01-01T00:00:00Z.
const NOW: i64 = 1_735_689_600;

fn run(root: &Path) -> BuildReport {
    let options = Options { root: root.into(), now: NOW, ..Options::default() };
    let (site, mistakes) = Site::load(options).expect("the site loads");
    build(&site, mistakes, false, &Silent).expect("the machine plays along")
}

fn site(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    put(folder.path(), "site.yaml", "title: The Test\nbase_url: https://test.example\n");
    for (path, text) in files {
        put(folder.path(), path, text);
    }
    folder
}

fn put(root: &Path, path: &str, text: impl AsRef<[u8]>) {
    let file = root.join(path);
    fs::create_dir_all(file.parent().expect("a folder")).expect("created");
    fs::write(file, text).expect("written");
}

fn codes(report: &BuildReport) -> Vec<&str> {
    report.diagnostics.iter().map(|diagnostic| diagnostic.code).collect()
}

const STORY: &str =
    "---\ntitle: Border talks\ndate: 2024-11-05\ntags: [Iran, I.R.A.N.]\nsection: world\n---\nText.\n";

#[test]
fn every_address_of_the_scheme_is_there() {
    let site = site(&[("content/a.md", STORY)]);
    let report = run(site.path());
    assert_eq!(codes(&report), Vec::<&str>::new());
    for path in [
        "index.html",
        "2024/11/05/a/index.html",
        "2024/11/05/index.html",
        "2024/11/index.html",
        "2024/index.html",
        "archive/index.html",
        "on-this-day/index.html",
        "on-this-day/11-05/index.html",
        "tags/index.html",
        "tags/iran/index.html",
        "tags/iran/2024/index.html",
        "sections/world/index.html",
        "feed.xml",
        "sitemap.xml",
        "sitemaps/2024.xml",
        "robots.txt",
        "404.html",
        "assets/dateline.css",
    ] {
        assert!(site.path().join("public").join(path).is_file(), "{path}");
    }
}

#[test]
fn a_second_build_writes_nothing_and_a_removed_story_goes() {
    let site = site(&[("content/a.md", STORY), ("content/b.md", &STORY.replace("Border", "Other"))]);
    let first = run(site.path());
    let second = run(site.path());
    assert_eq!((second.written, second.removed, second.unchanged), (0, 0, first.pages));
    fs::remove_file(site.path().join("content/b.md")).expect("removed");
    let third = run(site.path());
    assert_eq!(third.removed, 1);
    assert!(!site.path().join("public/2024/11/05/b").exists());
}

#[test]
fn a_broken_story_keeps_its_last_good_page() {
    let site = site(&[("content/a.md", STORY)]);
    run(site.path());
    put(site.path(), "content/a.md", "---\ntitle: x: y\n---\n");
    let report = run(site.path());
    assert_eq!(codes(&report), ["invalid-yaml"]);
    assert!(report.diagnostics[0].help.as_deref().is_some_and(|help| help.contains("title: \"x: y\"")));
    assert!(site.path().join("public/2024/11/05/a/index.html").is_file());
}

#[test]
fn every_mistake_is_told_at_once_and_the_rest_is_built() {
    let cases: [(&str, &[u8], &str); 12] = [
        ("no-front", b"Just text.", "no-front-matter"),
        ("unclosed", b"---\ntitle: x\n", "unclosed-front-matter"),
        ("no-date", b"---\ntitle: x\n---\n", "missing-date"),
        ("bad-date", b"---\ntitle: x\ndate: 2023-02-30\n---\n", "bad-date"),
        ("no-title", b"---\ndate: 2023-02-20\n---\n", "missing-title"),
        ("list-title", b"---\ntitle: [a]\ndate: 2023-02-20\n---\n", "wrong-type"),
        ("latin1", b"---\ntitle: caf\xe9\ndate: 2023-02-20\n---\n", "not-utf8"),
        ("nul", b"---\ntitle: x\ndate: 2023-02-20\n---\n\0", "nul-byte"),
        ("utf16", b"\xff\xfe-\0-\0", "not-utf8"),
        ("slug", b"---\ntitle: x\ndate: 2023-02-20\nslug: ../../etc/passwd\n---\n", "bad-slug"),
        ("twice", b"---\ntitle: x\ntitle: y\ndate: 2023-02-20\n---\n", "duplicate-key"),
        ("bomb", b"---\na: &a [1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e]\ntitle: x\ndate: 2023-02-20\n---\n", "invalid-yaml"),
    ];
    let site = site(&[("content/good.md", STORY)]);
    for (name, bytes, _) in &cases {
        put(site.path(), &format!("content/bad/{name}.md"), bytes);
    }
    let report = run(site.path());
    assert_eq!(report.articles, 1);
    for (name, _, code) in &cases {
        let file = format!("content/bad/{name}.md");
        let found: Vec<&str> = report.diagnostics.iter().filter(|d| d.file == file).map(|d| d.code).collect();
        assert_eq!(found, [*code], "{name}");
    }
}

#[test]
fn yaml_traps_are_text() {
    let site = site(&[("content/a.md", "---\ntitle: 1.10\ndate: 2024-01-02\nslug: 0755\ntags: 1.20\n---\n")]);
    let report = run(site.path());
    assert_eq!(codes(&report), Vec::<&str>::new());
    let page = fs::read_to_string(site.path().join("public/2024/01/02/0755/index.html")).expect("the page");
    assert!(page.contains("<h1>1.10</h1>"), "{page}");
    assert!(site.path().join("public/tags/1-20/index.html").is_file());
}

#[test]
fn two_articles_of_one_address_are_an_error_that_names_both() {
    let site = site(&[("content/a.md", STORY), ("content/b.md", &STORY.replace("tags", "slug: a\ntags"))]);
    let report = run(site.path());
    assert_eq!(codes(&report), ["same-address"]);
    let message = &report.diagnostics[0].message;
    assert!(message.contains("content/a.md") && message.contains("content/b.md"), "{message}");
}

#[test]
fn drafts_future_and_expired_stories_are_held_back() {
    let with = |line: &str| STORY.replace("section: world", line);
    let site = site(&[
        ("content/a.md", &with("draft: true")),
        ("content/b.md", &STORY.replace("2024-11-05", "2099-01-01")),
        ("content/c.md", &with("expirydate: 2024-12-01")),
    ]);
    let report = run(site.path());
    assert_eq!(
        (report.articles, report.held_back.drafts, report.held_back.future, report.held_back.expired),
        (0, 1, 1, 1)
    );
}

#[test]
fn a_broken_template_is_told_with_its_line() {
    let site = site(&[
        ("content/a.md", STORY),
        (
            "templates/article.html",
            "{% extends \"base.html\" %}\n{% block main %}{{ oops }}{% endblock main %}",
        ),
    ]);
    let report = run(site.path());
    assert_eq!(codes(&report), ["template-error"]);
    assert_eq!(report.diagnostics[0].place.as_ref().map(|place| place.line), Some(2));
    assert!(site.path().join("public/index.html").is_file(), "the rest is built");
}

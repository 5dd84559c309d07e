//! Every setting changed alone, with the built-in templates and with parts that name no setting:
//! what an incremental build leaves is what a clean build writes.

use std::collections::BTreeMap;
use std::path::Path;

use dateline::{BuildOptions, SiteOptions};
use tempfile::TempDir;

use crate::harness::read_files;
use crate::in_process::{site_dir, try_build_site, write_file};

/// The settings that every variant adds to: most outputs are on, so that a change shows in them.
const BASE: &[(&str, &str)] = &[
    ("title", "The Test"),
    ("base_url", "https://test.example"),
    ("feeds", "{formats: [atom, rss, json], full_text: true}"),
    ("sitemaps", "{images: true, news: true}"),
    ("data", "{articles: true, ninjs: true}"),
    ("redirects", "{formats: [html, netlify, nginx, apache, s3], rules: {/old/: /archive/}}"),
    ("humans", "By hand."),
    ("trust", "{contact: \"mailto:a@test.example\"}"),
    ("security", "{contact: \"mailto:a@test.example\", expires: \"2099-12-31T00:00:00Z\"}"),
    ("llms", "true"),
    ("headers", "true"),
    ("search", "true"),
];

/// Each key of `site.yaml` with values that it is changed to, one after the other; after them it is
/// as in [`BASE`] again.
const VARIANTS: &[(&str, &[&str])] = &[
    ("title", &["Another Test"]),
    ("description", &["All of it", "\"\""]),
    ("base_url", &["https://other.example", "https://test.example/sub"]),
    ("language", &["fr", "ar"]),
    ("time_zone", &["Asia/Karachi"]),
    ("calendars", &["[persian]", "[islamic-civil]"]),
    ("copyright", &["One", "Two", "\"\""]),
    ("permalink", &["/{section}/{year}/{slug}/"]),
    ("sections", &["{world: The World}", "{business: Business, world: World}"]),
    ("taxonomies", &["{places: false}", "{tags: {name: Subjects, path: subjects, feed: true}}"]),
    (
        "reactions",
        &["false", "{kinds: [like]}", "{kinds: [like, sad], endpoint: \"https://react.example/\"}"],
    ),
    ("theme", &["{light: {paper: \"#eeeeee\", accent: \"#00509e\"}, type: {measure: 60ch}}"]),
    ("images", &["{}", "{widths: [20], ratios: [\"1:1\"]}"]),
    ("metadata", &["false"]),
    ("license", &["https://creativecommons.org/licenses/by/4.0/"]),
    ("cite", &["false"]),
    (
        "feeds",
        &[
            "false",
            "{formats: [atom]}",
            "{formats: [atom, rss, json], full_text: true, hub: \"https://hub.example/\"}",
            "{formats: [atom, rss, json], full_text: true, authority: old.example}",
            "{formats: [atom, rss, json], full_text: true, archive: false}",
        ],
    ),
    ("sitemaps", &["false", "{images: false, news: true}", "{images: true, news: false}"]),
    ("data", &["false", "{articles: true}", "{articles: false, ninjs: true}"]),
    ("redirects", &["{formats: [html], rules: {/old/: /2024/}}", "{formats: [nginx]}"]),
    ("robots", &["false", "{disallow: [/data/], refuse: [ExampleBot]}"]),
    ("humans", &["By others.", "\"\""]),
    ("trust", &["{contact: \"mailto:b@test.example\"}"]),
    ("security", &["{contact: \"mailto:b@test.example\", expires: \"2099-12-31T00:00:00Z\"}"]),
    ("llms", &["false"]),
    ("headers", &["false"]),
    (
        "search",
        &[
            "false",
            "{files: chunked, boilerplate: [Body]}",
            "{engine: {name: Duck, url: \"https://duck.example/\", site_field: sites}}",
            "{engine: {name: Duck, url: \"https://goose.example/\", field: p}}",
        ],
    ),
    ("corrections", &["{position: top}", "{retracted: keep}", "{retracted: remove}"]),
    ("check", &["{description: 200}"]),
    ("html", &["trusted"]),
    ("smart_punctuation", &["true"]),
    ("well_known", &["true"]),
    ("expired", &["keep"]),
    ("limits", &["{nesting: 2}", "{article_bytes: 400}", "{front_matter_bytes: 60}"]),
    ("logo", &["logo.svg"]),
    ("favicon", &["logo.svg"]),
    ("extra", &["{motto: All of it}", "{motto: {motto: 1}}", "{motto: {motto: \"1\"}}"]),
];

/// Keys that no page can show, or whose other values need more than a setting: `history` needs a
/// repository (see `history.rs`), `state` is a folder, `record_permalinks` writes a file that the
/// next build reads.
const NOT_VARIED: &[&str] = &["history", "state", "image_metadata", "record_permalinks"];

/// Parts of a site with a look of its own: they name no setting.
const PLAIN_PARTS: &[(&str, &str)] = &[
    ("templates/parts/head.html", "<link rel=\"stylesheet\" href=\"/own.css\">\n"),
    ("templates/parts/masthead.html", "<header>Ours</header>\n"),
    ("templates/parts/colophon.html", "<footer>Ours, too</footer>\n"),
];

/// Quotation marks, HTML that runs, and lists within lists: every setting of bodies shows in it.
const BODY: &str =
    "It's \"here\" <b onclick=\"x()\">in bold</b>.\n\n- One\n  - Two\n\n![P](/p.png)\n";

/// The head of a PNG of 400 by 300.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x01\x90\0\0\x01\x2c\x08\x02\0\0\0";

fn varied_site(parts: &[(&str, &str)]) -> TempDir {
    let folder = site_dir(parts);
    let root = folder.path();
    write_settings(root, &[]);
    write_file(root, "static/logo.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>");
    write_file(root, "static/p.png", PNG);
    for (number, date, lines) in [
        (1, "2023-05-06", "section: world\nimage: /p.png\ncorrections: [{text: It was two.}]\n"),
        (2, "2024-05-06 23:30", "section: business\nstatus: retracted\nreason: It was wrong.\n"),
        (3, "2024-12-31", "section: world\nlang: ar\naliases: [/former/]\nplaces: [Basra]\n"),
        (4, "2024-12-31", "expires: 2024-12-31\nid: four\n"),
    ] {
        let front_matter = format!(
            "title: Story {number}\ndate: {date}\ntags: [Iran, Trade]\n\
             authors: [Ada Lovelace]\n{lines}"
        );
        write_file(root, &format!("content/a{number}.md"), page_file(&front_matter));
    }
    write_file(
        root,
        "content/gone.md",
        page_file("title: G\ndate: 2024-01-01\nstatus: unpublished\n"),
    );
    for path in INDEX_PAGES {
        write_file(root, &format!("content/{path}"), page_file(""));
    }
    folder
}

/// The `_index.md` of every kind of page that has one: the front page, a section, all terms of a
/// taxonomy, a term, an author.
const INDEX_PAGES: [&str; 5] = [
    "_index.md",
    "world/_index.md",
    "tags/_index.md",
    "tags/iran/_index.md",
    "authors/ada-lovelace/_index.md",
];

fn page_file(front_matter: &str) -> String {
    format!("---\n{front_matter}---\n{BODY}")
}

/// Writes `site.yaml`: [`BASE`] with some settings changed.
fn write_settings(root: &Path, changed: &[(&str, &str)]) {
    let settings: BTreeMap<&str, &str> = BASE.iter().chain(changed).copied().collect();
    let lines = settings.iter().map(|(key, value)| format!("{key}: {value}\n"));
    write_file(root, "site.yaml", lines.collect::<String>());
}

#[track_caller]
fn build(root: &Path, options: &SiteOptions) {
    let report = try_build_site(root, options, &BuildOptions::default()).expect("it builds");
    let settings = report.diagnostics.iter().filter(|diagnostic| diagnostic.file == "site.yaml");
    assert_eq!(settings.count(), 0, "{:?}", report.diagnostics);
}

/// The output files of the site's incremental build that differ from those of a clean one.
fn stale_files(root: &Path) -> Vec<String> {
    build(root, &SiteOptions::default());
    let elsewhere = tempfile::tempdir().expect("a folder");
    let mut clean_options = SiteOptions::default();
    clean_options.output_dir = Some(elsewhere.path().join("out"));
    clean_options.cache_dir = Some(elsewhere.path().join("cache"));
    build(root, &clean_options);
    let incremental = read_files(&root.join("public"));
    let clean = read_files(&elsewhere.path().join("out"));
    let paths: Vec<&String> = incremental.keys().chain(clean.keys()).collect();
    let differs = |path: &&&String| incremental.get(**path) != clean.get(**path);
    let mut stale: Vec<String> = paths.iter().filter(differs).map(|path| (*path).clone()).collect();
    stale.dedup();
    stale
}

#[track_caller]
fn assert_nothing_stale(parts: &[(&str, &str)]) {
    let folder = varied_site(parts);
    let root = folder.path();
    assert_eq!(stale_files(root), [""; 0]);
    let mut failures = Vec::new();
    for (key, values) in VARIANTS {
        let base = BASE.iter().find(|(name, _)| name == key).map(|(_, value)| *value);
        let settings = values.iter().map(|value| vec![(*key, *value)]);
        for changed in settings.chain([base.map(|value| (*key, value)).into_iter().collect()]) {
            write_settings(root, &changed);
            let mut stale = stale_files(root);
            if *key == "limits" {
                // An article that a limit refuses keeps its last good page, and its alias.
                stale.retain(|path| !path.starts_with("20") && path != "former/index.html");
            }
            if !stale.is_empty() {
                failures.push(format!("{changed:?}: {stale:?}"));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn a_setting_changed_alone_leaves_nothing_stale_with_built_in_templates() {
    assert_nothing_stale(&[]);
}

#[test]
fn a_setting_changed_alone_leaves_nothing_stale_with_parts_that_name_no_setting() {
    assert_nothing_stale(PLAIN_PARTS);
}

/// A setting that this table doesn't vary is a gap in it.
#[test]
fn every_documented_setting_is_varied() {
    let documentation = include_str!("../../docs/configuration.md");
    let documented = documentation.lines().filter_map(|line| line.strip_prefix("### `"));
    let documented: Vec<&str> = documented.map(|rest| rest.trim_end_matches('`')).collect();
    assert!(documented.len() > 30, "the headings are settings: {documented:?}");
    let varied: Vec<&str> =
        VARIANTS.iter().map(|(key, _)| *key).chain(NOT_VARIED.iter().copied()).collect();
    let missing: Vec<&&str> = documented.iter().filter(|key| !varied.contains(key)).collect();
    assert!(missing.is_empty(), "not varied: {missing:?}");
}

/// Bodies of `_index.md` files: unsafe HTML goes from every page as soon as it is set so.
#[test]
fn html_of_index_pages_follows_its_setting() {
    let folder = varied_site(&[]);
    let root = folder.path();
    write_settings(root, &[("html", "trusted")]);
    assert_eq!(stale_files(root), [""; 0]);
    let pages = ["index.html", "sections/world/index.html", "tags/index.html"];
    let pages = pages.iter().chain(&["tags/iran/index.html", "authors/ada-lovelace/index.html"]);
    let pages = pages.chain(&["2023/05/06/a1/index.html"]);
    for page in pages.clone() {
        let html = std::fs::read_to_string(root.join("public").join(page)).expect(page);
        assert!(html.contains("onclick"), "{page}");
    }
    write_settings(root, &[]);
    assert_eq!(stale_files(root), [""; 0]);
    for page in pages {
        let html = std::fs::read_to_string(root.join("public").join(page)).expect(page);
        assert!(!html.contains("onclick"), "{page}");
    }
}

//! Every setting changed alone, with the built-in templates and with parts that name no setting:
//! what an incremental build leaves is what a clean build writes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use dateline::internals::{Setting, example_path, set_at_path};
use dateline::{BuildOptions, SiteOptions};
use serde_yaml::Mapping;
use tempfile::TempDir;

use crate::harness::read_files;
use crate::in_process::{site_dir, try_build_site, write_file};
use crate::reference_pages::settings;

/// The settings that are changed one by one: most outputs are on, so that a change shows in them.
const BASE: &str = "\
title: The Test
base_url: https://test.example
sections: {business: Business}
feeds: {full_text: true}
sitemaps: true
data: {articles: true, ninjs: true}
redirects: {formats: [html, netlify, nginx, apache, s3], rules: {/old/: /archive/}}
humans: By hand.
trust: {contact: \"mailto:a@test.example\"}
security: {contact: \"mailto:a@test.example\", expires: \"2099-12-31T00:00:00Z\"}
llms: true
headers: true
search: {engine: {name: Duck, url: \"https://duck.example/\"}}
reactions: {kinds: [like, {key: odd, symbol: o}]}
menus: {masthead: [{name: A, children: [{name: B, url: /archive/}]}], footer: [{name: A, children: \
[{name: B, url: /archive/}]}]}
images: {widths: [200]}
";

/// Settings whose examples need more than a setting: `history` needs a repository (`history.rs`),
/// and another `state` is another cache, so that its build isn't incremental.
const NOT_VARIED: &[&str] = &["history", "state"];

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
    write_settings(root, &base_settings());
    write_file(root, "static/logo.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>");
    write_file(root, "static/p.png", PNG);
    for (number, date, lines) in [
        (1, "2023-05-06", "section: world\nimage: /p.png\ncorrections: [{text: It was two.}]\n"),
        (2, "2024-05-06 23:30", "section: business\nstatus: retracted\nreason: It was wrong.\n"),
        (3, "2024-12-31", "section: world\nlang: ar\naliases: [/former/]\npeople: [Ada]\n"),
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
    write_file(root, "content/pages/about.md", page_file("title: About\n"));
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

fn base_settings() -> Mapping {
    serde_yaml::from_str(BASE).expect("the settings are a map")
}

/// Returns [`BASE`] with one value changed.
fn changed_settings(path: &[&str], value: &str) -> Mapping {
    let mut settings = base_settings();
    set_at_path(&mut settings, path, serde_yaml::from_str(value).expect("a value"));
    settings
}

fn write_settings(root: &Path, settings: &Mapping) {
    write_file(root, "site.yaml", serde_yaml::to_string(settings).expect("a map is YAML"));
}

#[track_caller]
fn build(root: &Path, options: &SiteOptions) {
    let report = try_build_site(root, options, &BuildOptions::default()).expect("it builds");
    let settings = report.diagnostics.iter().filter(|diagnostic| diagnostic.file == "site.yaml");
    assert_eq!(settings.count(), 0, "{:?}", report.diagnostics);
}

/// Files by their paths.
type Files = BTreeMap<String, Vec<u8>>;

/// Returns the output of a clean build.
fn clean_files(root: &Path) -> Files {
    let elsewhere = tempfile::tempdir().expect("a folder");
    let mut clean_options = SiteOptions::default();
    clean_options.output_dir = Some(elsewhere.path().join("out"));
    clean_options.cache_dir = Some(elsewhere.path().join("cache"));
    build(root, &clean_options);
    read_files(&elsewhere.path().join("out"))
}

/// Builds the site incrementally; returns its files that differ from those of a clean build.
fn stale_files(root: &Path, clean: &Files) -> Vec<String> {
    build(root, &SiteOptions::default());
    let incremental = read_files(&root.join("public"));
    let paths: BTreeSet<&String> = incremental.keys().chain(clean.keys()).collect();
    let differs = |path: &&String| incremental.get(*path) != clean.get(*path);
    paths.into_iter().filter(differs).cloned().collect()
}

#[track_caller]
fn assert_nothing_stale(parts: &[(&str, &str)], is_varied: impl Fn(&Setting) -> bool) {
    let folder = varied_site(parts);
    let root = folder.path();
    let clean_base = clean_files(root);
    assert_eq!(stale_files(root, &clean_base), [""; 0]);
    let mut failures = Vec::new();
    for setting in settings().filter(|row| is_varied(row) && !NOT_VARIED.contains(&row.key)) {
        let path = example_path(setting);
        let mut check = |name: &str, clean: &Files| {
            let mut stale = stale_files(root, clean);
            if path[0] == "limits" {
                // An article that a limit refuses keeps its last good page, its alias and the
                // images of its page.
                let is_kept = |path: &str| {
                    path.starts_with("20")
                        || ["about/index.html", "former/index.html"].contains(&path)
                        || path.ends_with(".webp")
                };
                stale.retain(|path| !is_kept(path));
            }
            if !stale.is_empty() {
                failures.push(format!("{}, {name}: {stale:?}", setting.key));
            }
        };
        for value in setting.examples.values() {
            write_settings(root, &changed_settings(&path, value));
            check(value, &clean_files(root));
        }
        write_settings(root, &base_settings());
        check("changed back", &clean_base);
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn a_setting_changed_alone_leaves_nothing_stale_with_built_in_templates() {
    assert_nothing_stale(&[], |_| true);
}

#[test]
fn a_setting_changed_alone_leaves_nothing_stale_with_parts_that_name_no_setting() {
    assert_nothing_stale(PLAIN_PARTS, Setting::is_top_level);
}

/// Bodies of `_index.md` files: unsafe HTML goes from every page as soon as it is set so.
#[test]
fn html_of_index_pages_follows_its_setting() {
    let folder = varied_site(&[]);
    let root = folder.path();
    write_settings(root, &changed_settings(&["html"], "trusted"));
    assert_eq!(stale_files(root, &clean_files(root)), [""; 0]);
    let pages = ["index.html", "sections/world/index.html", "tags/index.html"];
    let pages = pages.iter().chain(&["tags/iran/index.html", "authors/ada-lovelace/index.html"]);
    let pages = pages.chain(&["2023/05/06/a1/index.html"]);
    for page in pages.clone() {
        let html = std::fs::read_to_string(root.join("public").join(page)).expect(page);
        assert!(html.contains("onclick"), "{page}");
    }
    write_settings(root, &base_settings());
    assert_eq!(stale_files(root, &clean_files(root)), [""; 0]);
    for page in pages {
        let html = std::fs::read_to_string(root.join("public").join(page)).expect(page);
        assert!(!html.contains("onclick"), "{page}");
    }
}

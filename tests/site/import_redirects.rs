//! Redirects of the old site, imported with its articles.

use std::fs;

use crate::harness::{TestSite, read_files};
use crate::import::{Import, path_text, source};

const FEED: &str = "<rss><channel><item><title>One</title>\
    <link>https://www.old.example/2014/one/</link>\
    <pubDate>Wed, 05 Nov 2014 16:40:00 GMT</pubDate><description>Text.</description></item>\
    </channel></rss>";

#[test]
fn redirects_become_aliases_and_rules() {
    let site = TestSite::empty();
    let settings = fs::read_to_string(site.path("site.yaml")).unwrap_or_default();
    source(&site, "feed.xml", FEED);
    let htaccess = "RewriteEngine On\nRedirect 301 /one.html /one\n\
        RewriteRule ^one$ https://old.example/2014/one [R=301,L]\n\
        Redirect 301 /about.php /about-us/\nRedirect 301 /a /b\nRedirect 301 /b /a\n\
        RedirectMatch ^/(\\d+)$ /?p=$1\nRedirect 301 /2014/one/ /other/\n";
    source(&site, ".htaccess", htaccess);
    source(&site, "_redirects", "/about.php /about-us/\n/old/* /archive/ 301\n");
    let folder = site.root().with_file_name("old");
    let import = Import::run(&site, &[path_text(&folder)]);
    assert_eq!(import.output.status, 1, "some can't be converted");
    let records = import.records();
    let lines: Vec<String> = records
        .iter()
        .filter(|record| record["kind"].is_null())
        .map(|record| {
            let reason = record["reason"].as_str().unwrap_or_default();
            format!("{} {} {}", record["line"], record["file"], reason)
        })
        .collect();
    let beginnings = [
        "2 \"content/2014/11/05/one.md\"",
        "3 \"content/2014/11/05/one.md\"",
        "4 \"site.yaml\"",
        "5 null the redirects form a cycle",
        "6 null the redirects form a cycle",
        "7 null its expression",
        "8 null it is the URL of an imported article",
        "1 null ",
        "2 null a rule for all URLs below a path needs",
    ];
    assert_eq!(lines.len(), beginnings.len(), "{lines:?}");
    for (line, beginning) in lines.iter().zip(beginnings) {
        assert!(line.starts_with(beginning), "{line}: {beginning}");
    }
    let article = fs::read_to_string(site.path("content/2014/11/05/one.md")).expect("it exists");
    assert!(article.contains("\"/one.html\"") && article.contains("\"/one/\""), "{article}");
    let changed = fs::read_to_string(site.path("site.yaml")).expect("it exists");
    assert!(changed.starts_with(settings.trim_end()), "{changed}");
    assert!(changed.contains("    \"/about.php\": \"/about-us/\"\n"), "{changed}");
    // Importing again changes nothing.
    let before = read_files(&site.path("content"));
    Import::run(&site, &[path_text(&folder)]);
    assert_eq!(fs::read_to_string(site.path("site.yaml")).expect("it exists"), changed);
    assert_eq!(read_files(&site.path("content")), before);
}

#[test]
fn a_dry_run_adds_no_rule() {
    let site = TestSite::empty();
    let settings = fs::read_to_string(site.path("site.yaml")).ok();
    source(&site, "feed.xml", FEED);
    source(&site, "r.csv", "source,target,regex,code\n/a/,/archive/,0,301\n");
    let folder = site.root().with_file_name("old");
    Import::run(&site, &[path_text(&folder), "--dry-run"]).assert_explained();
    assert_eq!(fs::read_to_string(site.path("site.yaml")).ok(), settings);
    Import::run(&site, &[path_text(&folder)]).assert_explained();
    let changed = fs::read_to_string(site.path("site.yaml")).expect("it exists");
    assert!(changed.contains("\"/a/\": \"/archive/\""), "{changed}");
}

//! Local copies of images (`dateline import --media`).

use std::fs;

use serde_json::Value;

use crate::harness::{TestSite, read_files};
use crate::import::{Import, path_text, source};

const FEED: &str = "<rss><channel><item><title>One</title>\
    <link>https://old.example/2014/one/</link><pubDate>Wed, 05 Nov 2014 16:40:00 GMT</pubDate>\
    <description>&lt;p>&lt;img src='https://old.example/up/2014/q-300x200.jpg'>\
    &lt;img src='/up/2014/a b.png'> &lt;a href='https://old.example/up/x.pdf'>PDF&lt;/a>\
    &lt;img src='https://old.example/up/none.jpg'> &lt;img src='https://cdn.example/r.jpg'>\
    &lt;img src='https://old.example/up/../../site.yaml.png'>&lt;/p></description>\
    <enclosure url='https://old.example/up/main.jpg' type='image/jpeg'/></item></channel></rss>";

#[test]
fn images_are_copied_and_their_urls_replaced() {
    let site = TestSite::empty();
    let feed = source(&site, "feed.xml", FEED);
    for name in ["2014/q.jpg", "2014/a b.png", "x.pdf", "main.jpg", "unused.jpg"] {
        source(&site, &format!("copies/{name}"), name);
    }
    let copies = feed.with_file_name("copies");
    let args = [path_text(&feed), "--media", path_text(&copies)];
    let dry_run = [&args[..], &["--dry-run"]].concat();
    Import::run(&site, &dry_run).assert_explained();
    assert!(!site.path("static/up").exists());
    let import = Import::run(&site, &args).assert_explained();
    let article = fs::read_to_string(site.path("content/2014/11/05/one.md")).expect("it exists");
    for url in [
        "(/up/2014/q-300x200.jpg",
        "(/up/2014/a%20b.png",
        "[PDF](/up/x.pdf)",
        "(https://old.example/up/none.jpg",
        "(https://cdn.example/r.jpg",
        "image: \"/up/main.jpg\"",
    ] {
        assert!(article.contains(url), "{url}: {article}");
    }
    let files: Vec<String> = read_files(&site.path("static/up")).into_keys().collect();
    assert_eq!(files, ["2014/a b.png", "2014/q-300x200.jpg", "main.jpg", "x.pdf"]);
    let sums: Value = serde_json::from_str(&import.output.stdout).expect("it is JSON");
    let counts = (&sums["media"]["found"], &sums["media"]["missing"], &sums["media"]["remote"]);
    assert_eq!(counts, (&4.into(), &1.into(), &1.into()));
    // A different file is kept.
    fs::write(site.path("static/up/x.pdf"), "other").expect("it is written");
    Import::run(&site, &args);
    assert_eq!(fs::read_to_string(site.path("static/up/x.pdf")).expect("it exists"), "other");
    let missing = Import::run(&site, &[path_text(&feed), "--media", "/nonexistent"]);
    assert_eq!(missing.output.status, 2, "{}", missing.output.stderr);
}

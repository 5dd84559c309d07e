//! Damaged exports: nothing is lost silently, whatever is missing or changed.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::harness::TestSite;
use crate::import::{Import, path_text, source};

/// The number of articles of an export.
const ARTICLES: usize = 8;

/// An export of the same articles in a format, with the name of its file.
fn exports() -> Vec<(&'static str, String)> {
    let numbers = 1..=ARTICLES;
    let body = |number: usize| format!("<p>Text {number} of the “quay”, with é.</p>");
    let xml = |number: usize| {
        format!(
            "<item><title>Article {number}</title><link>https://old.example/{number}/</link>\
             <pubDate>Wed, 05 Nov 2014 16:40:00 GMT</pubDate>\
             <content:encoded><![CDATA[{}]]></content:encoded>\
             <wp:post_id>{number}</wp:post_id><wp:status>publish</wp:status></item>\n",
            body(number)
        )
    };
    let feed: String = numbers.clone().map(xml).collect();
    let wxr = format!(
        "<rss xmlns:wp=\"http://wordpress.org/export/1.2/\" \
         xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"><channel>\n{feed}</channel>\
         </rss>\n"
    );
    let posts: Vec<Value> = numbers
        .clone()
        .map(|number| {
            json!({"id": number, "date_gmt": "2014-11-05T16:40:00", "status": "publish",
                "title": {"rendered": format!("Article {number}")},
                "content": {"rendered": body(number)},
                "link": format!("https://old.example/{number}/")})
        })
        .collect();
    let ghost: Vec<Value> = numbers
        .clone()
        .map(|number| {
            json!({"id": number, "title": format!("Article {number}"), "status": "published",
                "published_at": "2014-11-05T16:40:00Z", "lexical": null, "html": body(number)})
        })
        .collect();
    let entries: Vec<Value> = numbers
        .map(|number| {
            json!({"id": number, "title": format!("Article {number}"),
                "date_published": "2014-11-05T16:40:00Z", "content_html": body(number)})
        })
        .collect();
    vec![
        ("wxr", wxr),
        ("wp-rest", format!("{:#}\n", Value::Array(posts))),
        ("ghost", format!("{:#}\n", json!({"db": [{"data": {"posts": ghost}}]}))),
        ("json-feed", format!("{:#}\n", json!({"items": entries}))),
    ]
}

/// Imports a damaged export, and asserts that the report accounts for each record: an article that
/// is missing is a failure, and the sums are those of the records.
fn assert_accounted_for(format: &str, bytes: &[u8], damage: &str) {
    let site = TestSite::empty();
    let file = source(&site, "damaged", bytes);
    let import = Import::run(&site, &[format, path_text(&file), "--dry-run"]);
    let position = format!("{format}, {damage}: {}", import.output.stderr);
    assert!([0, 1].contains(&import.output.status), "{position}");
    let sums: Value = serde_json::from_str(&import.output.stdout).expect("it is JSON");
    let outcomes: BTreeMap<String, usize> =
        serde_json::from_value(sums["outcomes"].clone()).expect("they are numbers");
    let records = import.records();
    assert_eq!(sums["records"], records.len(), "{position}");
    assert_eq!(outcomes.values().sum::<usize>(), records.len(), "{position}");
    let count = |name: &str| outcomes.get(name).copied().unwrap_or_default();
    // A damaged status isn't that of a published article.
    let accounted = count("article") + count("withheld");
    if accounted < ARTICLES {
        assert_eq!(import.output.status, 1, "{position}: {outcomes:?}");
    }
    for failed in records.iter().filter(|record| record["outcome"] == "failed") {
        assert!(failed["reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{position}");
    }
}

#[test]
fn truncated_exports_are_accounted_for() {
    for (format, text) in exports() {
        for percent in (1..100).step_by(7) {
            let end = text.len() * percent / 100;
            assert_accounted_for(format, &text.as_bytes()[..end], &format!("{percent} %"));
        }
    }
}

#[test]
fn hostile_exports_are_accounted_for() {
    let deep = "<a>".repeat(50_000);
    let entities = "<!DOCTYPE rss [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;\">]>";
    let item = "<item><title>T</title><pubDate>2014-11-05</pubDate><description>&b; x\
                </description>";
    for (name, text) in [
        ("deep", format!("<rss><channel><item>{deep}</item>{item}</item></channel></rss>")),
        ("entities", format!("{entities}<rss><channel>{item}</item></channel></rss>")),
        ("attributes", format!("<rss><item {}>x</item></rss>", "a=\"b\" ".repeat(20_000))),
    ] {
        let site = TestSite::empty();
        let file = source(&site, name, text);
        let import = Import::run(&site, &["feed", path_text(&file)]);
        assert!([0, 1].contains(&import.output.status), "{name}: {}", import.output.stderr);
        assert!(!import.records().is_empty(), "{name}");
    }
    for (name, text) in [
        ("deep", format!("{{\"x\":{},\"items\":[]}}", "[".repeat(100_000))),
        ("duplicates", "{\"items\":[{\"id\":1},{\"id\":1},{\"id\":1,\"title\":\"x\"}]}".to_owned()),
    ] {
        let site = TestSite::empty();
        let file = source(&site, name, text);
        let import = Import::run(&site, &["json-feed", path_text(&file)]);
        assert_eq!(import.output.status, 1, "{name}: {}", import.output.stderr);
    }
}
#[test]
fn changed_bytes_are_accounted_for() {
    // A linear congruential generator (Knuth, MMIX) gives the same positions each time.
    let mut state: u64 = 1;
    let mut random = |limit: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005);
        state = state.wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % limit
    };
    for (format, text) in exports() {
        for round in 0..12 {
            let mut bytes = text.clone().into_bytes();
            for _ in 0..=round % 3 {
                let at = random(bytes.len());
                match round % 4 {
                    0 | 1 => drop(bytes.remove(at)),
                    2 => bytes[at] = 0xff,
                    _ => bytes.insert(at, b'<'),
                }
            }
            assert_accounted_for(format, &bytes, &format!("round {round}"));
        }
    }
}

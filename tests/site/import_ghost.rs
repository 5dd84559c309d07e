//! `dateline import` of Ghost's exports.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::harness::{TestSite, report_skipped};
use crate::import::{Import, source};

#[test]
fn an_export_becomes_articles() {
    let site = TestSite::empty();
    let lexical = json!({"root": {"children": [
        {"type": "paragraph", "children": [
            {"type": "text", "text": "The council agreed "},
            {"type": "text", "text": "with the port", "format": 1},
            {"type": "link", "url": "__GHOST_URL__/fees/", "children": [
                {"type": "text", "text": " again"}]}]},
        {"type": "image", "src": "https://x.example/a.png", "caption": "The quay"},
        {"type": "email", "html": "<p>Dear reader</p>"},
    ]}});
    let post = |id: &str, more: Value| {
        let mut post = json!({"id": id, "title": format!("Post {id}"), "slug": id, "type": "post",
            "status": "published", "visibility": "public",
            "published_at": "2024-11-05T10:00:00.000Z"});
        let fields = post.as_object_mut().expect("it is an object");
        fields.extend(more.as_object().cloned().unwrap_or_default());
        post
    };
    let export = json!({"db": [{"meta": {"exported_on": 1}, "data": {
        "posts": [
            post("quay", json!({"lexical": lexical.to_string()})),
            post("draft", json!({"status": "draft", "html": "<p>Secret.</p>"})),
            post("paid", json!({"visibility": "paid", "html": "<p>Secret.</p>"})),
        ],
        "tags": [{"id": "t", "name": "Ports"}], "posts_tags": [{"post_id": "quay", "tag_id": "t"}],
    }}]});
    let file = source(&site, "export.json", export.to_string());
    let import = Import::run(&site, &[file.to_str().expect("it is UTF-8")]).assert_explained();
    let records = import.records();
    let outcomes: Vec<&Value> = records.iter().map(|record| &record["outcome"]).collect();
    assert_eq!(outcomes, ["article", "withheld", "withheld"]);
    assert_eq!(
        records[0]["differences"][0],
        json!({"rule": "card", "removed": "Dear reader",
        "added": ""})
    );
    let text = fs::read_to_string(site.path("content/2024/11/05/quay.md")).expect("it is written");
    assert!(text.contains("tags: [\"Ports\"]\n"), "{text}");
    assert!(
        text.ends_with(
            "---\n\nThe council agreed **with the port** [again](/fees/)\n\n\
             ![](https://x.example/a.png \"The quay\")\n"
        ),
        "{text}"
    );
    site.build().assert_success();
}

/// The id of an article in whose text a tag is inside a word.
const TRUTH_WITH_DIVIDED_WORDS: u64 = 117;

fn count_words(text: &str) -> usize {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).count()
}

/// Every post of a small newspaper comes in with the text, headline, date, authors and tags that it
/// has.
#[test]
fn a_newspaper_comes_in_complete() {
    let folder = std::env::var_os("DATELINE_CORPORA").unwrap_or_default();
    let folder = Path::new(&folder).join("import/made-here/one-archive-many-doors");
    let Ok(truth) = fs::read_to_string(folder.join("truth.jsonl")) else {
        return report_skipped("import_ghost", "DATELINE_CORPORA has no folder import/made-here");
    };
    let site = TestSite::empty();
    let export = folder.join("ghost.json");
    let args = [export.to_str().expect("it is UTF-8"), "--include-private"];
    let records = Import::run(&site, &args).assert_explained().records();
    let by_id: BTreeMap<String, &Value> = records
        .iter()
        .map(|record| (record["id"].as_str().unwrap_or_default().to_owned(), record))
        .collect();
    for line in truth.lines() {
        let truth: Value = serde_json::from_str(line).expect("it is JSON");
        let record = by_id[&format!("p{}", truth["id"])];
        let file = record["file"].as_str().expect("it has a file");
        let text = fs::read_to_string(site.path(file)).expect("it is written");
        let is_public = truth["status"] == "published" || truth["status"] == "page";
        assert_eq!(!text.contains("\ndraft: true\n") && !text.contains("\nembargo: "), is_public);
        for author in truth["authors"].as_array().into_iter().flatten() {
            assert!(text.contains(author.as_str().unwrap_or_default()), "{file}: {author}");
        }
        // The truth divides words at tags inside them.
        if truth["id"] == TRUTH_WITH_DIVIDED_WORDS {
            continue;
        }
        // Ghost has the beginning of a long standfirst.
        let standfirst = text.lines().find_map(|line| line.strip_prefix("description: "));
        // The truth has entities in headlines, and one article without a headline.
        let texts =
            [&record["title"], &truth["text"]].map(|text| text.as_str().unwrap_or_default());
        let texts = texts.into_iter().chain(standfirst);
        let words: usize = texts.map(count_words).sum();
        assert_eq!(record["words_out"].as_u64(), Some(words as u64), "{file}");
    }
    assert_eq!(records.len(), truth.lines().count());
}

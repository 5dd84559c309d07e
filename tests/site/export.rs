//! `dateline export`: the archive as a database.

use std::process::Output;

use rusqlite::Connection;

use crate::harness::{Site, dateline, story};

fn export(site: &Site, file: &str) -> Output {
    dateline()
        .args(["export", "sqlite", "--root"])
        .arg(site.root())
        .arg(site.path(file))
        .output()
        .expect("it runs")
}

fn ask(database: &Connection, question: &str) -> Vec<String> {
    let mut question = database.prepare(question).expect("a question");
    let rows = question.query_map([], |row| row.get::<_, String>(0)).expect("answers");
    rows.map(|row| row.expect("text")).collect()
}

#[test]
fn a_database_of_all_stories() {
    let site = Site::new();
    let body = "The *harbour* opened, see [the first](good.md).\n\n## After the storm\n\nA `code`.\n";
    site.put(
        "content/b.md",
        story(
            "Quay",
            "2024-11-06 10:00",
            "section: city\ntags: [Iran, Port]\nauthors: [Asma Khan]\nid: q-1\n",
            body,
        ),
    );
    site.put("content/draft.md", story("Draft", "2024-11-06", "draft: true\n", ""));
    let done = export(&site, "archive.db");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert!(String::from_utf8_lossy(&done.stdout).starts_with("2 articles in "));
    assert!(!site.path("public").exists() && !site.path(".dateline").exists(), "nothing is built");
    let database = Connection::open(site.path("archive.db")).expect("a database");
    assert_eq!(ask(&database, "SELECT title FROM stories ORDER BY day"), ["Border talks", "Quay"]);
    assert_eq!(
        ask(&database, "SELECT url FROM stories WHERE own_id = 'q-1'"),
        ["https://test.example/2024/11/06/b/"]
    );
    let found = "SELECT title FROM stories_fts WHERE stories_fts MATCH 'harbour'";
    assert_eq!(ask(&database, found), ["Quay"]);
    assert_eq!(
        ask(&database, "SELECT body FROM stories WHERE id = 2"),
        ["The harbour opened, see the first.\nAfter the storm\nA code."]
    );
    let tagged = "SELECT title FROM stories JOIN story_terms ON story_id = stories.id JOIN terms ON term_id = terms.id \
                  WHERE taxonomy = 'tags' AND slug = 'iran' ORDER BY day";
    assert_eq!(ask(&database, tagged), ["Border talks", "Quay"]);
    assert_eq!(ask(&database, "PRAGMA integrity_check"), ["ok"]);
    assert!(ask(&database, "SELECT CAST(parent AS TEXT) FROM pragma_foreign_key_check").is_empty());
    drop(database);
    // The same stories are the same bytes; a database is replaced.
    let before = std::fs::read(site.path("archive.db")).expect("readable");
    assert!(export(&site, "archive.db").status.success());
    assert!(std::fs::read(site.path("archive.db")).expect("readable") == before);
}

#[test]
fn what_is_no_database_stays() {
    let site = Site::new().with("notes.txt", "Mine.");
    let done = export(&site, "notes.txt");
    assert_eq!(done.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&done.stderr).contains("no database"));
    assert_eq!(std::fs::read_to_string(site.path("notes.txt")).expect("it is there"), "Mine.");
    assert_eq!(export(&site, "no/such/folder/a.db").status.code(), Some(2));
}

#[test]
fn mistakes_are_told_and_the_others_are_exported() {
    let site = Site::new().with("content/broken.md", "no front matter");
    let done = export(&site, "archive.db");
    assert_eq!(done.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&done.stderr).contains("no-front-matter"));
    let database = Connection::open(site.path("archive.db")).expect("a database");
    assert_eq!(ask(&database, "SELECT title FROM stories"), ["Border talks"]);
}

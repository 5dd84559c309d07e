//! `dateline export`: the archive as an SQLite database.

use std::process::Output;

use rusqlite::Connection;

use crate::harness::{TestSite, article, dateline};

fn run_export(site: &TestSite, file: &str) -> Output {
    dateline()
        .args(["export", "sqlite", "--root"])
        .arg(site.root())
        .arg(site.path(file))
        .output()
        .expect("the program runs")
}

fn query(database: &Connection, sql: &str) -> Vec<String> {
    let mut statement = database.prepare(sql).expect("a valid query");
    let rows = statement.query_map([], |row| row.get::<_, String>(0)).expect("there are rows");
    rows.map(|row| row.expect("it is text")).collect()
}

#[test]
fn exports_all_articles() {
    let site = TestSite::new();
    let body =
        "The *harbour* opened, see [the first](good.md).\n\n## After the storm\n\nA `code`.\n";
    site.write(
        "content/b.md",
        article(
            "Quay",
            "2024-11-06 10:00",
            "section: city\ntags: [Iran, Port]\nauthors: [Asma Khan]\nid: q-1\n",
            body,
        ),
    );
    site.write("content/draft.md", article("Draft", "2024-11-06", "draft: true\n", ""));
    let output = run_export(&site, "archive.db");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("2 articles in "));
    assert!(!site.path("public").exists() && !site.path(".dateline").exists(), "nothing is built");
    let database = Connection::open(site.path("archive.db")).expect("the database opens");
    assert_eq!(
        query(&database, "SELECT title FROM articles ORDER BY day"),
        ["Border talks", "Quay"]
    );
    assert_eq!(
        query(&database, "SELECT url FROM articles WHERE own_id = 'q-1'"),
        ["https://test.example/2024/11/06/b/"]
    );
    let full_text_query = "SELECT title FROM articles_fts WHERE articles_fts MATCH 'harbour'";
    assert_eq!(query(&database, full_text_query), ["Quay"]);
    // Datasette looks for the name of the table in double quotes or brackets.
    let datasette_query = "SELECT name FROM sqlite_master WHERE rootpage = 0 \
                           AND sql LIKE '%VIRTUAL TABLE%USING FTS%content=\"articles\"%'";
    assert_eq!(query(&database, datasette_query), ["articles_fts"]);
    assert_eq!(
        query(&database, "SELECT body FROM articles WHERE id = 2"),
        ["The harbour opened, see the first.\nAfter the storm\nA code."]
    );
    let tag_query = "SELECT title FROM articles \
                     JOIN article_terms ON article_id = articles.id \
                     JOIN terms ON term_id = terms.id \
                     WHERE taxonomy = 'tags' AND slug = 'iran' ORDER BY day";
    assert_eq!(query(&database, tag_query), ["Border talks", "Quay"]);
    assert_schema(&database);
    drop(database);
    // The same articles give the same bytes, and an existing database is replaced.
    let before = std::fs::read(site.path("archive.db")).expect("the file is readable");
    assert!(run_export(&site, "archive.db").status.success());
    assert!(std::fs::read(site.path("archive.db")).expect("the file is readable") == before);
}

fn assert_schema(database: &Connection) {
    assert_eq!(query(database, "SELECT CAST(version AS TEXT) FROM schema_version"), ["2"]);
    let user_version = "SELECT CAST(user_version AS TEXT) FROM pragma_user_version";
    assert_eq!(query(database, user_version), ["2"]);
    let tables = "SELECT name FROM sqlite_schema WHERE type IN ('table', 'index') \
                  AND name NOT LIKE 'sqlite%' AND name NOT LIKE 'articles_fts_%' ORDER BY name";
    assert_eq!(
        query(database, tables),
        [
            "article_terms",
            "article_terms_term",
            "articles",
            "articles_day",
            "articles_fts",
            "articles_section",
            "schema_version",
            "terms"
        ]
    );
    assert_eq!(query(database, "PRAGMA integrity_check"), ["ok"]);
    assert!(
        query(database, "SELECT CAST(parent AS TEXT) FROM pragma_foreign_key_check").is_empty()
    );
}

#[test]
fn a_file_that_is_no_database_is_not_replaced() {
    let site = TestSite::new().with_file("notes.txt", "Mine.");
    let output = run_export(&site, "notes.txt");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("isn't an SQLite database"));
    assert_eq!(std::fs::read_to_string(site.path("notes.txt")).expect("it exists"), "Mine.");
    assert_eq!(run_export(&site, "no/such/folder/a.db").status.code(), Some(2));
}

#[test]
fn errors_are_reported_and_the_other_articles_exported() {
    let site = TestSite::new().with_file("content/broken.md", "no front matter");
    let output = run_export(&site, "archive.db");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no-front-matter"));
    let database = Connection::open(site.path("archive.db")).expect("the database opens");
    assert_eq!(query(&database, "SELECT title FROM articles"), ["Border talks"]);
}

//! `dateline stats`: its numbers, compared with a count by hand.

use std::process::Command;

use serde_json::{Value, json};

use crate::harness::{CommandOutput, SETTINGS, TestSite, article, dateline, report_skipped};

fn run_stats(site: &TestSite, args: &[&str]) -> CommandOutput {
    CommandOutput::run(dateline().arg("stats").arg("--root").arg(site.root()).args(args))
}

fn json_stats(site: &TestSite) -> Value {
    serde_json::from_str(&run_stats(site, &["--format", "json"]).assert_success().stdout)
        .expect("the output is a JSON object")
}

/// Returns a site with five articles of two years, with a gap at the end of the year.
fn sample_site() -> TestSite {
    TestSite::empty()
        .with_file(
            "content/a.md",
            article(
                "A",
                "2023-12-29",
                "section: World\ntags: [Iran, Oil]\nauthors: Asma\n",
                "One two three.\n",
            ),
        )
        .with_file(
            "content/b.md",
            article(
                "B",
                "2023-12-29",
                "section: World\ntags: [iran]\n",
                "One two.\n\n## Three four\n",
            ),
        )
        .with_file("content/c.md", article("C", "2024-01-02", "section: city\nlang: fr\n", "Un.\n"))
        .with_file("content/d.md", article("D", "2024-01-04", "tags: [\"=cmd\", \"a, b\"]\n", ""))
        .with_file("content/e.md", article("E", "2024-01-05", "", &"mot ".repeat(150)))
        .with_file("content/draft.md", article("F", "2024-01-09", "draft: true\n", "x"))
}

#[test]
fn json_counts_everything() {
    let counts = json_stats(&sample_site());
    assert_eq!(
        (&counts["articles"], &counts["words"], &counts["median_words"]),
        (&json!(5), &json!(158), &json!(3))
    );
    assert_eq!(
        (&counts["first_day"], &counts["last_day"]),
        (&json!("2023-12-29"), &json!("2024-01-05"))
    );
    assert_eq!(
        counts["years"],
        json!([
            { "year": 2023, "articles": 2, "words": 7, "days_without_articles": 2 },
            { "year": 2024, "articles": 3, "words": 151, "days_without_articles": 2 },
        ])
    );
    assert_eq!(
        counts["gaps"],
        json!([
            { "from": "2023-12-30", "to": "2024-01-01", "days": 3 },
            { "from": "2024-01-03", "to": "2024-01-03", "days": 1 },
        ])
    );
    assert_eq!(
        counts["taxonomies"]["sections"],
        json!({ "without": 2, "terms": [
            { "key": "world", "name": "World", "articles": 2, "words": 7 },
            { "key": "city", "name": "city", "articles": 1, "words": 1 },
        ] })
    );
    assert_eq!(
        counts["taxonomies"]["tags"]["terms"][0]["articles"],
        json!(2),
        "two spellings are one tag"
    );
    assert_eq!(
        (&counts["taxonomies"]["tags"]["without"], &counts["taxonomies"]["authors"]["without"]),
        (&json!(2), &json!(4))
    );
    assert!(counts["taxonomies"].get("series").is_none(), "a taxonomy without terms isn't listed");
    assert_eq!(
        counts["languages"][0],
        json!({ "key": "en", "name": "en", "articles": 4, "words": 157 })
    );
    assert_eq!(counts["lengths"][0], json!({ "from": 0, "below": 100, "articles": 4 }));
    assert_eq!(counts["lengths"][1], json!({ "from": 100, "below": 200, "articles": 1 }));
}

/// Word counts are the same from cached records and from bodies; drafts are counted with
/// `--drafts`; nothing is written.
#[test]
fn cached_and_fresh_counts_agree() {
    let site = sample_site();
    let counts = json_stats(&site);
    assert!(!site.path("public").exists() && !site.path(".dateline").exists());
    site.write("site.yaml", format!("{SETTINGS}data: true\n"));
    assert_eq!(json_stats(&site), counts);
    site.build().assert_success();
    assert_eq!(json_stats(&site), counts, "by the records of a build");
    let drafts = run_stats(&site, &["--format", "json", "--drafts"]).assert_success();
    assert_eq!(
        serde_json::from_str::<Value>(&drafts.stdout).expect("it is JSON")["articles"],
        json!(6)
    );
}

#[test]
fn tables_fit_80_columns() {
    let site = sample_site();
    site.write(
        "content/long.md",
        article(
            "L",
            "2024-01-05",
            "section: \"A section whose name is \
        far longer than any table has room for, to the end\"\n\
        tags: [新聞社の記者たちの長い長い長い長い長い名前はどこまでも続く長い長い]\n",
            "",
        ),
    );
    let text = run_stats(&site, &[]).assert_success().stdout;
    for line in text.lines() {
        let width: usize = line.chars().map(|c| if c as u32 >= 0x3000 { 2 } else { 1 }).sum();
        assert!(width <= 80 && line.trim_end() == line, "{width}: {line}");
    }
    let totals = "The Test\n6 articles from 2023-12-29 to 2024-01-05\n\
                  158 words: 26 per article, median 3\n4 of 8 days without an article\n";
    assert!(text.starts_with(totals), "{text}");
    let busiest_year =
        text.lines().find(|line| line.starts_with("2024 ")).expect("the year is listed");
    assert!(busiest_year.ends_with('█') && busiest_year.contains("  4  "), "{busiest_year}");
    assert!(text.contains("A section whose name") && text.contains('…'), "{text}");
    assert!(text.contains("2023-12-30 to 2024-01-01"), "{text}");
    assert!(text.contains("2 articles without one\n"), "{text}");
    let top_one = run_stats(&site, &["--top", "1"]).assert_success().stdout;
    assert!(top_one.contains("2 more; 2 articles without one\n"), "{top_one}");
}

/// The terminal's width is used, within bounds.
#[test]
fn tables_fit_the_terminal() {
    let site = sample_site();
    for (columns, width) in [(50, 50), (20, 40), (300, 120)] {
        let line = format!(
            "stty cols {columns} rows 24; '{}' stats --root '{}'",
            env!("CARGO_BIN_EXE_dateline"),
            site.root().display()
        );
        let output = Command::new("script").args(["-qec", &line, "/dev/null"]).output();
        let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
        let Some(text) = text.ok().filter(|text| text.contains("Years")) else {
            return report_skipped(
                "tables_fit_the_terminal",
                "there is no `script` to make a terminal with",
            );
        };
        let year = text
            .lines()
            .find(|line| line.starts_with("2024 "))
            .expect("the year is listed")
            .trim_end();
        assert_eq!(year.chars().count(), width, "{year}");
    }
}

#[test]
fn csv_is_one_table_without_formulas() {
    let text = run_stats(&sample_site(), &["--format", "csv"]).assert_success().stdout;
    let lines: Vec<&str> = text.split_terminator("\r\n").collect();
    assert_eq!(lines[0], "counted,key,name,articles,words,days");
    for line in [
        "year,2023,,2,7,2",
        "sections,world,World,2,7,",
        "tags,cmd,'=cmd,1,0,",
        "tags,a-b,\"a, b\",1,0,",
        "language,fr,fr,1,1,",
        "length,5000,,0,,",
        "gap,2023-12-30,2024-01-01,,,3",
    ] {
        assert!(lines.contains(&line), "{line}: {text}");
    }
}

#[test]
fn an_empty_archive_and_one_with_mistakes() {
    let site = TestSite::empty();
    assert_eq!(run_stats(&site, &[]).assert_success().stdout, "The Test\nno articles\n");
    site.write("site.yaml", "title: The Test\n");
    assert_eq!(
        run_stats(&site, &[]).assert_success().stdout,
        "The Test\nno articles\n",
        "it needs no address"
    );
    let counts = json_stats(&site);
    assert_eq!(
        (&counts["articles"], &counts["first_day"], &counts["gaps"]),
        (&json!(0), &Value::Null, &json!([]))
    );
    site.write("content/bad.md", "x");
    site.write("content/old.md", article("Typo", "0202-01-01", "", ""));
    site.write("content/new.md", article("New", "2024-01-01", "", ""));
    let output = run_stats(&site, &[]).assert_errors();
    assert_eq!(output.codes(), ["no-front-matter"]);
    assert!(
        output.stdout.lines().count() < 40,
        "years without a story take no line: {}",
        output.stdout
    );
    assert!(output.stdout.contains("0202-01-02 to 2023-12-31"), "{}", output.stdout);
}

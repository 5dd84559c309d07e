//! `dateline stats`: the archive in numbers, counted once more by hand.

use std::process::Command;

use serde_json::{Value, json};

use crate::harness::{Build, SETTINGS, Site, dateline, skipped, story};

fn stats(site: &Site, args: &[&str]) -> Build {
    Build::of(dateline().arg("stats").arg("--root").arg(site.root()).args(args))
}

fn counted(site: &Site) -> Value {
    serde_json::from_str(&stats(site, &["--format", "json"]).fine().stdout).expect("one JSON object")
}

/// Five stories of two years, with a gap over the year's end.
fn archive() -> Site {
    Site::empty()
        .with(
            "content/a.md",
            story(
                "A",
                "2023-12-29",
                "section: World\ntags: [Iran, Oil]\nauthors: Asma\n",
                "One two three.\n",
            ),
        )
        .with(
            "content/b.md",
            story("B", "2023-12-29", "section: World\ntags: [iran]\n", "One two.\n\n## Three four\n"),
        )
        .with("content/c.md", story("C", "2024-01-02", "section: city\nlang: fr\n", "Un.\n"))
        .with("content/d.md", story("D", "2024-01-04", "tags: [\"=cmd\", \"a, b\"]\n", ""))
        .with("content/e.md", story("E", "2024-01-05", "", &"mot ".repeat(150)))
        .with("content/draft.md", story("F", "2024-01-09", "draft: true\n", "x"))
}

#[test]
fn everything_is_counted() {
    let found = counted(&archive());
    assert_eq!(
        (&found["stories"], &found["words"], &found["median_words"]),
        (&json!(5), &json!(158), &json!(3))
    );
    assert_eq!((&found["first_day"], &found["last_day"]), (&json!("2023-12-29"), &json!("2024-01-05")));
    assert_eq!(
        found["years"],
        json!([
            { "year": 2023, "stories": 2, "words": 7, "days_without": 2 },
            { "year": 2024, "stories": 3, "words": 151, "days_without": 2 },
        ])
    );
    assert_eq!(
        found["gaps"],
        json!([
            { "from": "2023-12-30", "to": "2024-01-01", "days": 3 },
            { "from": "2024-01-03", "to": "2024-01-03", "days": 1 },
        ])
    );
    assert_eq!(
        found["registers"]["sections"],
        json!({ "without": 2, "terms": [
            { "key": "world", "name": "World", "stories": 2, "words": 7 },
            { "key": "city", "name": "city", "stories": 1, "words": 1 },
        ] })
    );
    assert_eq!(found["registers"]["tags"]["terms"][0]["stories"], json!(2), "two spellings are one tag");
    assert_eq!(
        (&found["registers"]["tags"]["without"], &found["registers"]["authors"]["without"]),
        (&json!(2), &json!(4))
    );
    assert!(found["registers"].get("series").is_none(), "what nobody uses isn't told");
    assert_eq!(found["languages"][0], json!({ "key": "en", "name": "en", "stories": 4, "words": 157 }));
    assert_eq!(found["lengths"][0], json!({ "from": 0, "below": 100, "stories": 4 }));
    assert_eq!(found["lengths"][1], json!({ "from": 100, "below": 200, "stories": 1 }));
}

/// Words are the same whether the records have them or bodies are read again; drafts count where they are asked for; nothing is written.
#[test]
fn other_ways_give_the_same() {
    let site = archive();
    let found = counted(&site);
    assert!(!site.path("public").exists() && !site.path(".dateline").exists());
    site.put("site.yaml", format!("{SETTINGS}data: true\n"));
    assert_eq!(counted(&site), found);
    site.build().fine();
    assert_eq!(counted(&site), found, "by the records of a build");
    let drafts = stats(&site, &["--format", "json", "--drafts"]).fine();
    assert_eq!(serde_json::from_str::<Value>(&drafts.stdout).expect("JSON")["stories"], json!(6));
}

#[test]
fn tables_fit_the_width() {
    let site = archive();
    site.put("content/long.md", story("L", "2024-01-05", "section: \"A section whose name is far longer than any table has room for, to the end\"\ntags: [新聞社の記者たちの長い長い長い長い長い名前はどこまでも続く長い長い]\n", ""));
    let text = stats(&site, &[]).fine().stdout;
    for line in text.lines() {
        let width: usize = line.chars().map(|c| if c as u32 >= 0x3000 { 2 } else { 1 }).sum();
        assert!(width <= 80 && line.trim_end() == line, "{width}: {line}");
    }
    assert!(text.starts_with("The Test\n6 stories from 2023-12-29 to 2024-01-05\n158 words: 26 a story, 3 in the median\n4 of 8 days without a story\n"), "{text}");
    let most = text.lines().find(|line| line.starts_with("2024 ")).expect("a year");
    assert!(most.ends_with('█') && most.contains("  4  "), "{most}");
    assert!(text.contains("A section whose name") && text.contains('…'), "{text}");
    assert!(text.contains("2023-12-30 to 2024-01-01"), "{text}");
    assert!(text.contains("2 stories without any\n"), "{text}");
    let one = stats(&site, &["--top", "1"]).fine().stdout;
    assert!(one.contains("2 more; 2 stories without any\n"), "{one}");
}

/// A terminal's own width counts, within bounds.
#[test]
fn tables_fit_the_terminal() {
    let site = archive();
    for (columns, width) in [(50, 50), (20, 40), (300, 120)] {
        let line = format!(
            "stty cols {columns} rows 24; '{}' stats --root '{}'",
            env!("CARGO_BIN_EXE_dateline"),
            site.root().display()
        );
        let output = Command::new("script").args(["-qec", &line, "/dev/null"]).output();
        let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
        let Some(text) = text.ok().filter(|text| text.contains("Years")) else {
            return skipped("tables_fit_the_terminal", "there is no `script` to make a terminal with");
        };
        let year = text.lines().find(|line| line.starts_with("2024 ")).expect("a year").trim_end();
        assert_eq!(year.chars().count(), width, "{year}");
    }
}

#[test]
fn csv_is_one_table_without_formulas() {
    let text = stats(&archive(), &["--format", "csv"]).fine().stdout;
    let lines: Vec<&str> = text.split_terminator("\r\n").collect();
    assert_eq!(lines[0], "counted,key,name,stories,words,days");
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
    let site = Site::empty();
    assert_eq!(stats(&site, &[]).fine().stdout, "The Test\nno stories\n");
    site.put("site.yaml", "title: The Test\n");
    assert_eq!(stats(&site, &[]).fine().stdout, "The Test\nno stories\n", "it needs no address");
    let found = counted(&site);
    assert_eq!(
        (&found["stories"], &found["first_day"], &found["gaps"]),
        (&json!(0), &Value::Null, &json!([]))
    );
    site.put("content/bad.md", "x");
    site.put("content/old.md", story("Typo", "0202-01-01", "", ""));
    site.put("content/new.md", story("New", "2024-01-01", "", ""));
    let told = stats(&site, &[]).faulty();
    assert_eq!(told.codes(), ["no-front-matter"]);
    assert!(told.stdout.lines().count() < 40, "years without a story take no line: {}", told.stdout);
    assert!(told.stdout.contains("0202-01-02 to 2023-12-31"), "{}", told.stdout);
}

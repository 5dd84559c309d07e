//! Front matter in TOML and JSON means the same as in YAML.

use crate::harness::{SETTINGS, TestSite};

const YAML: &str = "---\ntitle: The dam at Chilas\ndate: 2019-06-03T08:15:00+05:00\n\
    authors: [A. Malik, B. Shah]\ntags: [water]\nslug: dam\naliases: [/old/dam.html]\n\
    corrections:\n  - {date: 2019-06-05, text: The height was wrong.}\nbeat: rivers\n---\n\
    Work began on Monday.\n";
const TOML: &str = "+++\ntitle = \"The dam at Chilas\"\ndate = 2019-06-03T08:15:00+05:00\n\
    authors = [\"A. Malik\", \"B. Shah\"]\nslug = 'dam'\naliases = [\"/old/dam.html\"]\n\
    [[corrections]]\ndate = 2019-06-05\ntext = \"The height was wrong.\"\n\
    [taxonomies]\ntags = [\"water\"]\n[extra]\nbeat = \"rivers\"\n+++\nWork began on Monday.\n";
const JSON: &str = r#"{
	"title": "The dam at Chilas", "date": "2019-06-03T08:15:00+05:00",
	"authors": ["A. Malik", "B. Shah"], "tags": ["water"],
	"slug": "dam", "aliases": ["\/old\/dam.html"],
	"corrections": [{"date": "2019-06-05", "text": "The height was wrong."}],
	"params": {"beat": "rivers"}
}
Work began on Monday.
"#;

fn site_with(source: &str) -> TestSite {
    TestSite::empty()
        .with_file("site.yaml", format!("{SETTINGS}time_zone: Asia/Karachi\n"))
        .with_file("content/a.md", source)
}

/// Returns the diagnostics of a site with one file as codes with their lines.
fn codes(source: &str) -> Vec<(String, usize)> {
    let diagnostics = site_with(source).build().diagnostics;
    let codes = diagnostics.into_iter().map(|diagnostic| {
        let (line, _) = diagnostic.position.expect("it has a position");
        (diagnostic.code, line)
    });
    codes.collect()
}

#[test]
fn the_pages_of_all_formats_are_the_same() {
    let pages = |source: &str| {
        let site = site_with(source);
        site.build().assert_success();
        let mut pages: Vec<(String, String)> = site
            .output_paths()
            .into_iter()
            .filter(|path| path.ends_with(".html"))
            .map(|path| (path.clone(), site.read_output(&path)))
            .collect();
        pages.sort();
        pages
    };
    let expected = pages(YAML);
    assert!(expected.iter().any(|(path, _)| path == "2019/06/03/dam/index.html"));
    for source in [TOML, JSON] {
        for (actual, expected) in pages(source).iter().zip(&expected) {
            assert_eq!(actual, expected, "{source}");
        }
        assert_eq!(pages(source).len(), expected.len());
    }
}

#[test]
fn dates_of_toml_are_dates() {
    for (date, datetime) in [
        ("2019-06-03", "2019-06-03"),
        ("2019-06-03 08:15:00", "2019-06-03T08:15:00+05:00"),
        ("2019-06-03T08:15:00", "2019-06-03T08:15:00+05:00"),
        ("2019-06-03T08:15:00.25Z", "2019-06-03T13:15:00+05:00"),
        ("\"June 3, 2019\"", "2019-06-03"),
    ] {
        let site = site_with(&format!("+++\ntitle = \"A\"\ndate = {date}\n+++\nText.\n"));
        site.build().assert_success();
        let page = site.read_output("2019/06/03/a/index.html");
        assert!(page.contains(&format!("datetime=\"{datetime}\"")), "{date}: {page}");
    }
}

#[test]
fn zolas_path_is_the_permalink() {
    let site = site_with("+++\ntitle = \"A\"\ndate = 2019-06-03\npath = \"old/talks\"\n+++\n");
    site.build().assert_success();
    assert!(site.has_output("old/talks/index.html"));
    // In YAML it is a value for templates.
    let site = site_with("---\ntitle: A\ndate: 2019-06-03\npath: old/talks\n---\n");
    site.build().assert_success();
    assert!(!site.has_output("old/talks/index.html"));
}

#[test]
fn mistakes_have_their_lines() {
    let toml = "+++\ntitle = \"A\"\ndate = 2019-06-03\nslug = [1]\nreactions = \"maybe\"\n+++\n";
    assert_eq!(codes(toml), [("wrong-type".into(), 4), ("wrong-type".into(), 5)]);
    let toml = "+++\ntitle = \"A\"\ndate = \"June 31, 2019\"\n+++\n";
    assert_eq!(codes(toml), [("bad-date".into(), 3)]);
    let json = "{\n\"title\": \"A\",\n\"date\": \"2019-06-03\",\n\"descripton\": \"x\"\n}\n";
    assert_eq!(codes(json), [("misspelled-key".into(), 4)]);
    let json = "{\n\"title\": \"A\",\n\"date\": \"2019-06-03\",\n\"date\": \"2019-06-04\"\n}\n";
    assert_eq!(codes(json), [("duplicate-key".into(), 4)]);
}

#[test]
fn a_takedown_in_toml_or_json_removes_the_page() {
    for hidden in [
        "+++\ntitle = \"A\"\ndate = 2019-06-03\nstatus = \"unpublished\"\n+++\nSecret.\n",
        "+++\ntitle = \"A\"\ndate = 2019-06-03\ndraft = true\n+++\nSecret.\n",
        // A misspelled key, and one that can't be parsed.
        "+++\ntitle = \"A\"\ndate = 2019-06-03\nstatsu = \"unpublished\"\n+++\nSecret.\n",
        "+++\ntitle = \"A\"\ndate = soon\ndraft = true\n+++\nSecret.\n",
        "{\"title\": \"A\", \"date\": \"2019-06-03\", \"draft\": true}\nSecret.\n",
        "{\"title\": \"A\", \"date\": \"2019-06-03\" \"draft\": true}\nSecret.\n",
    ] {
        let site = site_with("---\ntitle: A\ndate: 2019-06-03\n---\nSecret.\n");
        site.build().assert_success();
        std::fs::write(site.path("content/a.md"), hidden).expect("the file is written");
        site.build();
        let page = "2019/06/03/a/index.html";
        assert!(!site.has_output(page) || !site.read_output(page).contains("Secret"), "{hidden}");
    }
}

#[test]
fn names_are_redacted_in_toml_and_json() {
    let toml = "title = \"The trial of Jane Roe\"\nredact = [\"Jane Roe\"]\n";
    let escaped = "title = \"The trial of J\\u0061ne Roe\"\nredact = \"Jane Roe\"\n";
    let json = r#""title": "The trial of Jane Roe", "redact": ["Jane \u0052oe"]"#;
    for source in [
        format!("+++\ndate = 2019-06-03\n{toml}+++\nJane Roe spoke.\n"),
        format!("+++\ndate = 2019-06-03\n{escaped}+++\nJane Roe spoke.\n"),
        format!("{{\"date\": \"2019-06-03\", {json}}}\nJane Roe spoke.\n"),
    ] {
        let site = site_with(&source);
        let build = site.build();
        for (path, page) in site.outputs() {
            let has_name = page.windows(8).any(|window| window == b"Jane Roe");
            assert!(!has_name, "{path}: {source}");
        }
        assert!(!build.stderr.contains("Jane"), "{}", build.stderr);
    }
    // Without a readable list, nothing is published.
    let broken =
        "+++\ntitle = \"Jane Roe\"\ndate = 2019-06-03\nredact = [\"Jane Roe\n+++\nJane Roe.\n";
    let site = site_with(broken);
    site.build().only_diagnostic().assert_code("bad-redaction");
    assert!(!site.has_output("2019/06/03/a/index.html"));
}

#[test]
fn fixes_leave_toml_and_json_alone() {
    for source in [TOML, JSON] {
        let site = site_with(source);
        crate::harness::CommandOutput::run(
            crate::harness::dateline().args(["fix", "--write", "--root"]).arg(site.root()),
        );
        let text = std::fs::read_to_string(site.path("content/a.md")).expect("the file exists");
        assert_eq!(text, source);
    }
}

//! `dateline fix`: what is mended, what is left alone, and that a mend changes nothing else.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use proptest::prelude::*;
use serde_json::Value;

use crate::harness::{Build, Site, dateline, files, story};

const ZONED: &str = "title: T\nbase_url: https://test.example\ntime_zone: Asia/Karachi\n";

fn command(site: &Site) -> Command {
    let mut command = dateline();
    command.arg("fix").arg("--root").arg(site.root());
    command
}

fn fix(site: &Site, args: &[&str]) -> Build {
    Build::of(command(site).args(args))
}

/// The lines that a call without `--write` would change, as `before` and `after` of each with its mend.
fn proposed(site: &Site, args: &[&str]) -> Vec<(String, u64, String, Option<String>)> {
    let done = fix(site, &[&["--format", "json"], args].concat());
    let report: Value = serde_json::from_str(&done.stdout).expect("one object");
    let mut found = Vec::new();
    for file in report["files"].as_array().expect("files") {
        for mend in file["mends"].as_array().expect("mends") {
            let text = |key: &str| mend[key].as_str().map(str::to_owned);
            let line = mend["line"].as_u64().expect("a number");
            found.push((text("mend").expect("a name"), line, text("before").expect("a line"), text("after")));
        }
    }
    found
}

/// What becomes of one file; the status of the call that writes is its second half.
#[track_caller]
fn mended(before: &str) -> (String, i32) {
    let site = Site::empty().with("site.yaml", ZONED).with("content/a.md", before);
    let done = fix(&site, &["--write"]);
    assert_eq!(fix(&site, &["--write", "--quiet"]).stdout, "");
    (fs::read_to_string(site.path("content/a.md")).expect("there"), done.status)
}

#[track_caller]
fn becomes(front: &str, expected: &str) {
    let wrap = |front: &str| format!("---\n{front}\ndate: 2024-11-05\n---\nBody: @x\n");
    assert_eq!(mended(&wrap(front)), (wrap(expected), 0), "{front}");
}

#[test]
fn what_yaml_needs_quoted_is_quoted() {
    for (text, quoted) in [
        ("Iran: the talks", "\"Iran: the talks\""),
        ("ends with:", "\"ends with:\""),
        ("@handle speaks", "\"@handle speaks\""),
        ("%percent", "\"%percent\""),
        ("`tick` here", "\"`tick` here\""),
        ("*star* of it", "\"*star* of it\""),
        ("- dash", "\"- dash\""),
        ("[Update] Talks", "\"[Update] Talks\""),
        ("[Update Talks", "\"[Update Talks\""),
        ("{half", "\"{half\""),
        ("> more", "\"> more\""),
        ("\"Quote\" he said", "'\"Quote\" he said'"),
        ("'Quote' he said", "\"'Quote' he said\""),
        ("'It's here'", "\"It's here\""),
        ("@it's \"q\" \\", "\"@it's \\\"q\\\" \\\\\""),
        ("! now", "\"! now\""),
        ("!x", "\"!x\""),
        ("&Co expands", "\"&Co expands\""),
        ("a: b   # comment", "\"a: b\"   # comment"),
    ] {
        becomes(&format!("title: {text}"), &format!("title: {quoted}"));
    }
    becomes("title: x\nextra:\n  note: a: b # c", "title: x\nextra:\n  note: \"a: b\" # c");
    becomes(
        "title: x\nimage:\n  src: https://x.example/a.png\n  caption: @a",
        "title: x\nimage:\n  src: https://x.example/a.png\n  caption: \"@a\"",
    );
    becomes(
        "title: x\ntags:\n- Trade: news\n# kept\n- @b",
        "title: x\ntags:\n- \"Trade: news\"\n# kept\n- \"@b\"",
    );
    becomes("title: x\ntags: [a, Trade: news, @b]", "title: x\ntags: [a, \"Trade: news\", \"@b\"]");
}

/// Where it isn't sure what was meant, nothing is touched and the mistake is told.
#[test]
fn what_is_not_sure_is_left() {
    for text in [
        "A: talk #1",
        "\"open",
        "\"a\" and \"b\"",
        "'Tis so",
        "[\"a\", b",
        "two: lines\n  of: it",
        "[a, b]",
        "{{ .Title }}: x",
    ] {
        let before = format!("---\ntitle: {text}\ndate: 2024-11-05\n---\n");
        let (after, status) = mended(&before);
        // What YAML can't close takes the rest with it, but for a bracket in front of a headline.
        if text == "[\"a\", b" {
            continue;
        }
        assert_eq!((after, status), (before, 1), "{text}");
    }
    // These read, if not as someone may have hoped: a comment, nothing, a type of YAML's own, a name that is used.
    for front in [
        "title: A #1 hit",
        "title: !!str x",
        "title: &a x\ndescription: *a",
        "title: x\ntags: [a, {name: b}]",
        "title: x\ndate_of: 5 May 2020",
    ] {
        becomes(front, front);
    }
    let unreadable = Site::empty().with("content/a.md", "no front matter");
    let done = fix(&unreadable, &[]);
    assert_eq!((done.status, done.codes()), (1, vec!["no-front-matter"]));
}

#[test]
fn tabs_become_blanks_where_their_width_does_not_matter() {
    becomes("title: x\ntags:\n\t- a\n\t- b", "title: x\ntags:\n  - a\n  - b");
    becomes("title: x: y\nextra:\n\tnote:\n\t\tdeep: 1", "title: \"x: y\"\nextra:\n  note:\n    deep: 1");
    let text = "---\ntitle: x\ndate: 2024-11-05\nbody: |\n  a\n  \tb\n---\n";
    assert_eq!(mended(text), (text.to_owned(), 0), "text of several lines is nobody's indentation");
    // Four blanks and a tab: who knows on which side of the other it is.
    let mixed = "---\ntitle: x\ndate: 2024-11-05\nextra:\n    a:\n\tb: 1\n---\n";
    assert_eq!(mended(mixed), (mixed.to_owned(), 1));
}

#[test]
fn dates_become_rfc_3339() {
    for (before, after) in [
        ("2014-10-08 11:50:21 -0400", "2014-10-08T11:50:21-04:00"),
        ("'2014-1-2 9:05'", "'2014-01-02T09:05:00+05:00'"),
        ("5 November 2024 # first", "2024-11-05 # first"),
        ("Tue, 1 Jul 2003 10:52:37 GMT", "2003-07-01T10:52:37Z"),
        ("2024-11-05", "2024-11-05"),
        ("2024-11-05T10:00:00+00:00", "2024-11-05T10:00:00+00:00"),
        ("05/11/2024", "05/11/2024"),
    ] {
        let file = |date: &str| format!("---\ntitle: x\npublishDate: {date}\n---\n");
        assert_eq!(mended(&file(before)).0, file(after), "{before}");
    }
    // The second name of a field is a value of the site's own, which a template may show as it is.
    becomes("title: x\npubdate: 5 May 2024", "title: x\npubdate: 5 May 2024");
    // Without a zone of its own a site's dates say no offset.
    let site = Site::empty().with("content/a.md", story("x", "2024-11-05 10:00", "", ""));
    assert!(proposed(&site, &[]).is_empty());
}

#[test]
fn terms_get_the_commonest_spelling() {
    let site = Site::empty()
        .with("content/a.md", story("a", "2024-01-01", "tags: [Iran, U.S.]\n", ""))
        .with("content/b.md", story("b", "2024-01-02", "tags: [\"iran \", 'us']\nauthors: [É. One]\n", ""))
        .with(
            "content/c.md",
            story("c", "2024-01-03", "tags:\n- IRAN # shouted\n- Iran\nauthors: [E\u{301}. One]\n", ""),
        )
        .with("content/d.md", story("d", "2024-01-04", "taxonomies:\n  tags: [Iran, IRAN, peace]\n", ""))
        .with("content/e.md", story("e", "2024-01-05", "tags:\n  - iran\n  - Peace\n  - peace\n", ""));
    let line = |line, before: &str, after: Option<&str>| {
        ("terms".to_owned(), line, before.to_owned(), after.map(str::to_owned))
    };
    let expected = [
        line(4, "tags: [\"iran \", 'us']", Some("tags: [\"Iran\", 'U.S.']")),
        line(5, "- IRAN # shouted", Some("- Iran # shouted")),
        line(6, "- Iran", None),
        line(7, "authors: [E\u{301}. One]", Some("authors: [É. One]")),
        line(5, "  tags: [Iran, IRAN, peace]", Some("  tags: [Iran, peace]")),
        line(5, "  - iran", Some("  - Iran")),
        line(6, "  - Peace", Some("  - peace")),
        line(7, "  - peace", None),
    ];
    assert_eq!(proposed(&site, &[]), expected);
    assert_eq!(proposed(&site, &[site.path("content/e.md").to_str().expect("UTF-8")]).len(), 3);
    let before = site.build().fine();
    let pages = site.outputs();
    assert_eq!(fix(&site, &["--write"]).status, 0);
    assert!(proposed(&site, &[]).is_empty());
    assert_eq!(site.build().fine().number("articles"), before.number("articles"));
    assert_eq!(site.outputs().into_keys().collect::<Vec<_>>(), pages.into_keys().collect::<Vec<_>>());
    assert!(site.page("tags/iran/index.html").contains(">Iran<"));
}

#[test]
fn of_two_spellings_as_common_the_one_that_pages_show_counts() {
    let site = Site::empty()
        .with("content/a.md", story("a", "2024-01-02", "tags: [iran]\n", ""))
        .with("content/z.md", story("z", "2024-01-03", "tags: [IRAN]\n", ""));
    assert_eq!(proposed(&site, &[])[0].3.as_deref(), Some("tags: [IRAN]"));
    site.build().fine();
    assert!(site.page("tags/iran/index.html").contains(">IRAN<"));
}

#[test]
fn one_category_becomes_the_section() {
    for (before, after) in [
        ("categories: [World]", "section: World"),
        ("categories: [\"World\"]  # c", "section: \"World\"  # c"),
        ("category:   World", "section:   World"),
        ("categories:\n  - World", "section: World"),
        ("categories:\n  # why\n  - World", "section:\n  # why\n  - World"),
        ("categories: [World, Asia]", "categories: [World, Asia]"),
        ("categories: World\nsection: Asia", "categories: World\nsection: Asia"),
        ("categories: World\nsection:", "categories: World\nsection:"),
    ] {
        becomes(&format!("title: x\n{before}"), &format!("title: x\n{after}"));
    }
}

#[test]
fn keys_get_other_names_only_on_demand() {
    let site = Site::empty().with(
        "content/a.md",
        "---\ntitle: x\npublishDate: 2024-11-05 # d\nlastmod: 2024-11-06\nsummary: s\ndeck: t\n---\n",
    );
    assert!(proposed(&site, &[]).is_empty());
    assert_eq!(fix(&site, &["--write", "--only", "keys"]).status, 0);
    let text = fs::read_to_string(site.path("content/a.md")).expect("there");
    // `deck` counts before `summary`, which is then a value of the site's own.
    let expected =
        "---\ntitle: x\ndate: 2024-11-05 # d\nupdated: 2024-11-06\nsummary: s\ndescription: t\n---\n";
    assert_eq!(text, expected);
}

#[test]
fn marks_line_breaks_and_comments_stay() {
    let before = "\u{feff}---\r\n# top\r\ntitle:   Iran: x   # why\r\n\r\ndate:\t2024/11/05\r\ncategories:\r\n  - world\r\n---  \r\nBody: [x\r\n\t@y";
    let after = "\u{feff}---\r\n# top\r\ntitle:   \"Iran: x\"   # why\r\n\r\ndate:\t2024-11-05\r\nsection: world\r\n---  \r\nBody: [x\r\n\t@y";
    assert_eq!(mended(before), (after.to_owned(), 0));
}

#[test]
fn the_diff_is_shown_first_and_can_be_applied() {
    let site = Site::empty()
        .with("content/a b.md", story("x: y", "2024-11-05", "", "One.\n"))
        .with("content/c.md", story("z", "2024/11/5", "", ""));
    let before = files(&site.root());
    let done = fix(&site, &[]);
    let expected = "--- a/content/a b.md\n+++ b/content/a b.md\n@@ -1,5 +1,5 @@\n ---\n-title: x: y\n+title: \"x: y\"\n date: 2024-11-05\n ---\n One.\n";
    assert!(done.stdout.starts_with(expected), "{}", done.stdout);
    let summary =
        "2 files to mend: quotes in 1 line, dates in 1 line; nothing was written: call again with --write\n";
    assert!(done.stdout.ends_with(summary), "{}", done.stdout);
    assert_eq!((done.status, done.stderr.as_str()), (1, ""));
    assert_eq!(files(&site.root()), before, "nothing was written");
    let patched = Command::new("git")
        .args(["apply", "-"])
        .current_dir(site.root())
        .stdin(std::process::Stdio::piped())
        .spawn();
    if let Ok(mut git) = patched {
        std::io::Write::write_all(&mut git.stdin.take().expect("piped"), done.stdout.as_bytes())
            .expect("read");
        assert!(git.wait().expect("it ran").success());
        assert_eq!(fix(&site, &[]).stdout, "nothing to mend in 2 articles\n");
    }
}

#[test]
fn written_once_and_for_all() {
    let site = Site::new()
        .with("content/a.md", story("x: y", "2024-11-05", "", "One.\n"))
        .with("content/ok.md", story("x", "2024-11-05", "", ""));
    let untouched = fs::metadata(site.path("content/ok.md")).expect("there").modified().expect("a time");
    let done = fix(&site, &["--write"]);
    assert_eq!(
        (done.status, done.stdout.as_str()),
        (0, "2 files mended: quotes in 1 line, terms in 1 line\n")
    );
    assert_eq!(fix(&site, &[]).stdout, "nothing to mend in 3 articles\n");
    assert_eq!(
        fs::metadata(site.path("content/ok.md")).expect("there").modified().expect("a time"),
        untouched
    );
    let names: Vec<String> = files(&site.path("content")).into_keys().collect();
    assert_eq!(names, ["a.md", "good.md", "ok.md"], "nothing is left behind");
    assert_eq!(site.build().fine().number("articles"), 3);
}

#[cfg(unix)]
#[test]
fn permissions_stay_and_links_are_not_followed() {
    use std::os::unix::fs::PermissionsExt;
    let bad = story("x: y", "2024-11-05", "", "");
    let site =
        Site::empty().with("outside.md", &bad).with("content/mode.md", &bad).with("content/locked.md", &bad);
    let site = site
        .link("content/out.md", "../outside.md")
        .link("content/in.md", "mode.md")
        .link("content/folder", "..");
    let set = |file: &str, mode| {
        fs::set_permissions(site.path(file), fs::Permissions::from_mode(mode)).expect("set");
    };
    set("content/mode.md", 0o640);
    set("content/locked.md", 0o444);
    let done = fix(&site, &["--write"]);
    assert_eq!((done.status, done.codes()), (1, vec!["not-mended"]), "{}", done.stderr);
    let text = |file: &str| fs::read_to_string(site.path(file)).expect("there");
    assert_eq!((text("outside.md"), text("content/locked.md")), (bad.clone(), bad.clone()));
    assert!(text("content/mode.md").contains("\"x: y\""));
    assert_eq!(
        fs::metadata(site.path("content/mode.md")).expect("there").permissions().mode() & 0o777,
        0o640
    );
    assert!(fs::symlink_metadata(site.path("content/in.md")).expect("there").is_symlink());
    let done = fix(&site, &[site.path("content/out.md").to_str().expect("UTF-8")]);
    assert_eq!(done.status, 2);
    assert!(done.stderr.contains("is not in "), "{}", done.stderr);
}

#[test]
fn files_and_mends_can_be_chosen() {
    let bad = story("x: y", "2024/11/5", "", "");
    let site = Site::empty()
        .with("content/a/one.md", &bad)
        .with("content/b/two.md", &bad)
        .with("content/ab.md", &bad);
    let files = |args: &[&str]| -> Vec<String> {
        let done = fix(&site, &[&["--format", "json"], args].concat());
        let report: Value = serde_json::from_str(&done.stdout).expect("one object");
        report["files"]
            .as_array()
            .expect("files")
            .iter()
            .map(|file| file["file"].as_str().expect("a name").to_owned())
            .collect()
    };
    assert_eq!(files(&["content/a"]), ["content/a/one.md"]);
    assert_eq!(
        files(&[site.path("content/b/two.md").to_str().expect("UTF-8"), "content/ab.md"]),
        ["content/ab.md", "content/b/two.md"]
    );
    assert_eq!(files(&[]).len(), 3);
    // Dates can't be mended where nothing can be read.
    assert_eq!(files(&["--only", "dates"]), Vec::<String>::new());
    let names =
        |args: &[&str]| -> Vec<String> { proposed(&site, args).into_iter().map(|mend| mend.0).collect() };
    assert_eq!(names(&["--only", "quotes,dates", "content/ab.md"]), ["quotes", "dates"]);
    assert_eq!(names(&["--except", "dates", "content/ab.md"]), ["quotes"]);
    for args in [
        &["--only", "quote"][..],
        &["--only", "tabs", "--except", "dates"],
        &["content/none.md"],
        &["site.yaml"],
        &[".."],
    ] {
        let done = fix(&site, args);
        assert_eq!((done.status, done.stdout.as_str()), (2, ""), "{args:?}: {}", done.stderr);
    }
    assert!(fix(&site, &["--only", "quote"]).stderr.contains("'quotes'"));
}

#[test]
fn settings_that_cannot_be_used_stop_it() {
    let site = Site::new().with("site.yaml", "time_zone: Asia/Karachy\nbase_url: https://x.example\n");
    let done = fix(&site, &["--write"]);
    assert_eq!((done.status, done.codes()), (1, vec!["bad-setting"]));
    assert_eq!(done.stdout, "nothing was looked at: mend site.yaml first\n");
    let report: Value = serde_json::from_str(&fix(&site, &["--format", "json"]).stdout).expect("one object");
    assert_eq!(report["diagnostics"][0]["code"], "bad-setting");
}

#[test]
fn colours_and_control_signs() {
    let site = Site::empty().with("content/a.md", story("x", "2024/11/5", "", "\u{1b}[2J\n"));
    let plain = fix(&site, &[]);
    assert!(plain.stdout.contains("\n \u{1b}[2J\n"), "what is applied is byte for byte: {:?}", plain.stdout);
    let coloured = fix(&site, &["--color", "always"]);
    assert!(coloured.stdout.contains("\u{1b}[32m+date: 2024-11-05\u{1b}[0m\n"));
    assert!(!coloured.stdout.contains("\u{1b}[2J"), "{:?}", coloured.stdout);
    assert!(!fix(&site, &["--color", "never"]).stdout.contains("\u{1b}[3"));
}

/// Whoever reads may stop: `dateline fix | head -1`.
#[test]
fn a_closed_pipe_is_no_panic() {
    let mut site = Site::empty();
    for number in 0..400 {
        site =
            site.with(&format!("content/{number}.md"), story("x: y", "2024/11/5", "", &"line\n".repeat(40)));
    }
    let mut child = command(&site)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("it starts");
    drop(child.stdout.take());
    let done = child.wait_with_output().expect("it ends");
    assert_eq!(String::from_utf8_lossy(&done.stderr), "");
    assert_eq!(done.status.code(), Some(1));
}

/// The page of the documentation shows what the program prints, and explains every mend.
#[test]
fn the_page_tells_the_truth() {
    let page = include_str!("../../docs/fix.md");
    let shown = page.split("```text\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
    let old = shown.lines().skip(3).filter(|line| line.starts_with([' ', '-']));
    let old: String = old.map(|line| format!("{}\n", &line[1..])).collect();
    let site = Site::empty().with("content/2024/talks.md", old);
    assert_eq!(fix(&site, &[]).stdout, shown);
    let help = Build::of(dateline().args(["fix", "--help"])).stdout;
    let options =
        help.split(|c: char| !(c.is_ascii_lowercase() || c == '-')).filter(|word| word.starts_with("--"));
    for option in options.filter(|option| *option != "--help") {
        assert!(page.contains(&format!("`{option}")), "{option}");
    }
    for mend in dateline::mend::Mend::ALL {
        assert!(page.contains(&format!("\n### `{}`\n", mend.name())), "{}", mend.name());
    }
}

/// A piece of front matter: a line as people write them, or a list.
fn line() -> impl Strategy<Value = String> {
    let key = prop::sample::select(vec![
        "title",
        "description",
        "date",
        "updated",
        "expiryDate",
        "tags",
        "categories",
        "category",
        "section",
        "authors",
        "kicker",
        "extra",
        "summary",
        "image",
    ]);
    let value = prop::sample::select(vec![
        "Iran: talks",
        "iran",
        "IRAN ",
        "[Iran, iran, 'I.R.A.N.']",
        "[World]",
        "[a, b: c",
        "@x",
        "\"Quote\" he",
        "'it's'",
        "&a b",
        "*a",
        "! now",
        "2024/11/5",
        "5 May 2024",
        "2024-11-05 9:05 +0100",
        "x # y",
        "x: #1",
        "|\n  a: b",
        "\n\t- Iran\n\t- b: c",
        "\n  - iran\n  - IRAN # z\n  - Iran",
        "\n  note: a: b",
        "",
        "~",
        "a\n  b",
        "\"AT&amp;amp;T\"",
        "{a: b}",
        "E\u{301}té",
        "Été",
    ]);
    (key, prop::sample::select(vec![":", ": ", ":  ", " : "]), value)
        .prop_map(|(key, colon, value)| format!("{key}{colon}{value}\n"))
}

/// A few articles; most have what an article needs, so that there is something to mend.
fn articles() -> impl Strategy<Value = Vec<String>> {
    let one = (any::<bool>(), prop::collection::vec(line(), 0..5), any::<bool>()).prop_map(
        |(sound, lines, windows)| {
            let head = if sound { "title: T\ndate: 2024-11-05 10:00\n" } else { "" };
            let text = format!("---\n{head}{}---\nBody: @x\n", lines.concat());
            if windows { text.replace('\n', "\r\n") } else { text }
        },
    );
    prop::collection::vec(one, 1..12)
}

/// What every mend must leave alone: bodies, comments, and files that a build could read before.
fn unharmed(
    before: &BTreeMap<String, Vec<u8>>,
    after: &BTreeMap<String, Vec<u8>>,
) -> Result<(), TestCaseError> {
    for (path, bytes) in before {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
        let (old, new) = (text(bytes), text(&after[path]));
        prop_assert_eq!(old.contains("\r\n"), new.contains("\r\n"));
        prop_assert_eq!(
            old.matches('\r').count() - old.matches('\n').count().min(old.matches('\r').count()),
            0
        );
        prop_assert!(new.ends_with("Body: @x\n") || new.ends_with("Body: @x\r\n"));
        let comments = |text: &str| text.matches("# z").count() + text.matches("# y").count();
        prop_assert_eq!(comments(&old), comments(&new), "{} -> {}", old, new);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever the files, a second run finds nothing; what was broken before is all that may be broken after; addresses stay.
    #[test]
    fn a_second_run_finds_nothing(articles in articles(), keys in any::<bool>()) {
        let mut site = Site::empty().with("site.yaml", ZONED);
        for (number, text) in articles.iter().enumerate() {
            site = site.with(&format!("content/n{number}.md"), text);
        }
        let mends: &[&str] = if keys { &["--only", "tabs,quotes,dates,terms,section,keys"] } else { &[] };
        let before = files(&site.path("content"));
        let built = site.build();
        let pages: Vec<String> = site.paths();
        fix(&site, &[&["--write"], mends].concat());
        unharmed(&before, &files(&site.path("content")))?;
        let again = proposed(&site, mends);
        prop_assert!(again.is_empty(), "{:#?}", again);
        let rebuilt = site.build();
        let broken = |build: &Build| build.told.iter().map(|told| told.file.clone()).collect::<Vec<_>>();
        let (was, is) = (broken(&built), broken(&rebuilt));
        prop_assert!(is.iter().all(|file| was.contains(file)), "{:#?} {}", is, rebuilt.stderr);
        for page in pages.iter().filter(|page| page.starts_with("2024/11/0") && page.contains("/n")) {
            prop_assert!(site.has(page), "{} is gone", page);
        }
    }
}

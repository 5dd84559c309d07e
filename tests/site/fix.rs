//! `dateline fix`: what is fixed, what isn't, and that a fix changes nothing else.

use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::harness::{CommandOutput, TestSite, article, dateline, read_files};

pub(crate) const ZONED: &str =
    "title: T\nbase_url: https://test.example\ntime_zone: Asia/Karachi\n";

fn fix_command(site: &TestSite) -> Command {
    let mut command = dateline();
    command.arg("fix").arg("--root").arg(site.root());
    command
}

pub(crate) fn run_fix(site: &TestSite, args: &[&str]) -> CommandOutput {
    CommandOutput::run(fix_command(site).args(args))
}

/// Returns the lines that would change without `--write`: the fix, the line, and the text before
/// and after.
pub(crate) fn proposed_fixes(
    site: &TestSite,
    args: &[&str],
) -> Vec<(String, u64, String, Option<String>)> {
    let output = run_fix(site, &[&["--format", "json"], args].concat());
    let report: Value = serde_json::from_str(&output.stdout).expect("the output is a JSON object");
    let mut found = Vec::new();
    for file in report["files"].as_array().expect("the value is a list") {
        for fix in file["fixes"].as_array().expect("the value is a list") {
            let text = |key: &str| fix[key].as_str().map(str::to_owned);
            let line = fix["line"].as_u64().expect("the value is a number");
            found.push((
                text("fix").expect("there is a name"),
                line,
                text("before").expect("there is a line"),
                text("after"),
            ));
        }
    }
    found
}

/// Returns the fixed text of a file, and the status of the call with `--write`.
#[track_caller]
fn fix_file(before: &str) -> (String, i32) {
    let site = TestSite::empty().with_file("site.yaml", ZONED).with_file("content/a.md", before);
    let output = run_fix(&site, &["--write"]);
    assert_eq!(run_fix(&site, &["--write", "--quiet"]).stdout, "");
    (fs::read_to_string(site.path("content/a.md")).expect("the file is readable"), output.status)
}

#[track_caller]
fn assert_fix(front: &str, expected: &str) {
    let wrap = |front: &str| format!("---\n{front}\ndate: 2024-11-05\n---\nBody: @x\n");
    assert_eq!(fix_file(&wrap(front)), (wrap(expected), 0), "{front}");
}

#[test]
fn values_that_need_quotes_are_quoted() {
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
        assert_fix(&format!("title: {text}"), &format!("title: {quoted}"));
    }
    assert_fix("title: x\nextra:\n  note: a: b # c", "title: x\nextra:\n  note: \"a: b\" # c");
    assert_fix(
        "title: x\nimage:\n  src: https://x.example/a.png\n  caption: @a",
        "title: x\nimage:\n  src: https://x.example/a.png\n  caption: \"@a\"",
    );
    assert_fix(
        "title: x\ntags:\n- Trade: news\n# kept\n- @b",
        "title: x\ntags:\n- \"Trade: news\"\n# kept\n- \"@b\"",
    );
    assert_fix(
        "title: x\ntags: [a, Trade: news, @b]",
        "title: x\ntags: [a, \"Trade: news\", \"@b\"]",
    );
}

/// If the intention isn't certain, nothing is changed and the mistake is reported.
#[test]
fn ambiguous_values_are_left_alone() {
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
        let (after, status) = fix_file(&before);
        // An unclosed value contains the rest of the front matter, except a bracket at the start of
        // a headline.
        if text == "[\"a\", b" {
            continue;
        }
        assert_eq!((after, status), (before, 1), "{text}");
    }
    // These are valid YAML, though perhaps not what was intended: a comment, null, a tag, an alias.
    for front in [
        "title: A #1 hit",
        "title: !!str x",
        "title: &a x\ndescription: *a",
        "title: x\ntags: [a, {name: b}]",
        "title: x\ndate_of: 5 May 2020",
    ] {
        assert_fix(front, front);
    }
    let unreadable = TestSite::empty().with_file("content/a.md", "no front matter");
    let output = run_fix(&unreadable, &[]);
    assert_eq!((output.status, output.codes()), (1, vec!["no-front-matter"]));
}

#[test]
fn tabs_become_spaces_where_their_width_does_not_matter() {
    assert_fix("title: x\ntags:\n\t- a\n\t- b", "title: x\ntags:\n  - a\n  - b");
    assert_fix(
        "title: x: y\nextra:\n\tnote:\n\t\tdeep: 1",
        "title: \"x: y\"\nextra:\n  note:\n    deep: 1",
    );
    let text = "---\ntitle: x\ndate: 2024-11-05\nbody: |\n  a\n  \tb\n---\n";
    assert_eq!(
        fix_file(text),
        (text.to_owned(), 0),
        "text of several lines is nobody's indentation"
    );
    // Four spaces and a tab: the nesting is ambiguous.
    let mixed = "---\ntitle: x\ndate: 2024-11-05\nextra:\n    a:\n\tb: 1\n---\n";
    assert_eq!(fix_file(mixed), (mixed.to_owned(), 1));
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
        assert_eq!(fix_file(&file(before)).0, file(after), "{before}");
    }
    // An alternative name of a field is a custom value, which a template can show.
    assert_fix("title: x\npubdate: 5 May 2024", "title: x\npubdate: 5 May 2024");
    // Without a time zone the dates of a site have no offset.
    let site =
        TestSite::empty().with_file("content/a.md", article("x", "2024-11-05 10:00", "", ""));
    assert!(proposed_fixes(&site, &[]).is_empty());
}

#[test]
fn terms_get_the_most_common_spelling() {
    let site = TestSite::empty()
        .with_file("content/a.md", article("a", "2024-01-01", "tags: [Iran, U.S.]\n", ""))
        .with_file(
            "content/b.md",
            article("b", "2024-01-02", "tags: [\"iran \", 'us']\nauthors: [É. One]\n", ""),
        )
        .with_file(
            "content/c.md",
            article(
                "c",
                "2024-01-03",
                "tags:\n- IRAN # shouted\n- Iran\nauthors: [E\u{301}. One]\n",
                "",
            ),
        )
        .with_file(
            "content/d.md",
            article("d", "2024-01-04", "taxonomies:\n  tags: [Iran, IRAN, peace]\n", ""),
        )
        .with_file(
            "content/e.md",
            article("e", "2024-01-05", "tags:\n  - iran\n  - Peace\n  - peace\n", ""),
        );
    let fix_at_line = |line, before: &str, after: Option<&str>| {
        ("terms".to_owned(), line, before.to_owned(), after.map(str::to_owned))
    };
    let expected = [
        fix_at_line(4, "tags: [\"iran \", 'us']", Some("tags: [\"Iran\", 'U.S.']")),
        fix_at_line(5, "- IRAN # shouted", Some("- Iran # shouted")),
        fix_at_line(6, "- Iran", None),
        fix_at_line(7, "authors: [E\u{301}. One]", Some("authors: [É. One]")),
        fix_at_line(5, "  tags: [Iran, IRAN, peace]", Some("  tags: [Iran, peace]")),
        fix_at_line(5, "  - iran", Some("  - Iran")),
        fix_at_line(6, "  - Peace", Some("  - peace")),
        fix_at_line(7, "  - peace", None),
    ];
    assert_eq!(proposed_fixes(&site, &[]), expected);
    assert_eq!(
        proposed_fixes(&site, &[site.path("content/e.md").to_str().expect("it is UTF-8")]).len(),
        3
    );
    let first_build = site.build().assert_success();
    let outputs_before = site.outputs();
    assert_eq!(run_fix(&site, &["--write"]).status, 0);
    assert!(proposed_fixes(&site, &[]).is_empty());
    assert_eq!(
        site.build().assert_success().report_number("articles"),
        first_build.report_number("articles")
    );
    assert_eq!(
        site.outputs().into_keys().collect::<Vec<_>>(),
        outputs_before.into_keys().collect::<Vec<_>>()
    );
    assert!(site.read_output("tags/iran/index.html").contains(">Iran<"));
}

#[test]
fn of_equally_common_spellings_the_published_one_is_used() {
    let site = TestSite::empty()
        .with_file("content/a.md", article("a", "2024-01-02", "tags: [iran]\n", ""))
        .with_file("content/z.md", article("z", "2024-01-03", "tags: [IRAN]\n", ""));
    assert_eq!(proposed_fixes(&site, &[])[0].3.as_deref(), Some("tags: [IRAN]"));
    site.build().assert_success();
    assert!(site.read_output("tags/iran/index.html").contains(">IRAN<"));
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
        assert_fix(&format!("title: x\n{before}"), &format!("title: x\n{after}"));
    }
}

#[test]
fn keys_are_renamed_only_on_demand() {
    let site = TestSite::empty().with_file(
        "content/a.md",
        "---\ntitle: x\npublishDate: 2024-11-05 # d\nlastmod: 2024-11-06\nsummary: s\ndeck: t\n\
            ---\n",
    );
    assert!(proposed_fixes(&site, &[]).is_empty());
    assert_eq!(run_fix(&site, &["--write", "--only", "keys"]).status, 0);
    let text = fs::read_to_string(site.path("content/a.md")).expect("the file is readable");
    // `deck` takes precedence over `summary`, which is then a custom value.
    let expected = "---\ntitle: x\ndate: 2024-11-05 # d\nupdated: 2024-11-06\nsummary: s\n\
        description: t\n---\n";
    assert_eq!(text, expected);
}

#[test]
fn byte_order_marks_line_breaks_and_comments_stay() {
    let before = "\u{feff}---\r\n# top\r\ntitle:   Iran: x   # why\r\n\r\ndate:\t2024/11/05\r\n\
        categories:\r\n  - world\r\n---  \r\nBody: [x\r\n\t@y";
    let after = "\u{feff}---\r\n# top\r\ntitle:   \"Iran: x\"   # why\r\n\r\ndate:\t2024-11-05\r\n\
        section: world\r\n---  \r\nBody: [x\r\n\t@y";
    assert_eq!(fix_file(before), (after.to_owned(), 0));
}

#[test]
fn the_diff_is_shown_first_and_can_be_applied() {
    let site = TestSite::empty()
        .with_file("content/a b.md", article("x: y", "2024-11-05", "", "One.\n"))
        .with_file("content/c.md", article("z", "2024/11/5", "", ""));
    let before = read_files(&site.root());
    let output = run_fix(&site, &[]);
    let expected = "--- a/content/a b.md\n+++ b/content/a b.md\n@@ -1,5 +1,5 @@\n ---\n\
        -title: x: y\n+title: \"x: y\"\n date: 2024-11-05\n ---\n One.\n";
    assert!(output.stdout.starts_with(expected), "{}", output.stdout);
    let summary = "2 files to fix: quotes in 1 line, dates in 1 line; nothing was written: run \
        again with --write\n";
    assert!(output.stdout.ends_with(summary), "{}", output.stdout);
    assert_eq!((output.status, output.stderr.as_str()), (1, ""));
    assert_eq!(read_files(&site.root()), before, "nothing was written");
    let patched = Command::new("git")
        .args(["apply", "-"])
        .current_dir(site.root())
        .stdin(std::process::Stdio::piped())
        .spawn();
    if let Ok(mut git) = patched {
        std::io::Write::write_all(
            &mut git.stdin.take().expect("the stream is piped"),
            output.stdout.as_bytes(),
        )
        .expect("git reads its input");
        assert!(git.wait().expect("git ends").success());
        assert_eq!(run_fix(&site, &[]).stdout, "nothing to fix in 2 articles\n");
    }
}

#[test]
fn a_second_run_writes_nothing() {
    let site = TestSite::new()
        .with_file("content/a.md", article("x: y", "2024-11-05", "", "One.\n"))
        .with_file("content/ok.md", article("x", "2024-11-05", "", ""));
    let untouched = fs::metadata(site.path("content/ok.md"))
        .expect("the file exists")
        .modified()
        .expect("the modification time is known");
    let output = run_fix(&site, &["--write"]);
    assert_eq!(
        (output.status, output.stdout.as_str()),
        (0, "2 files fixed: quotes in 1 line, terms in 1 line\n")
    );
    assert_eq!(run_fix(&site, &[]).stdout, "nothing to fix in 3 articles\n");
    assert_eq!(
        fs::metadata(site.path("content/ok.md"))
            .expect("the file exists")
            .modified()
            .expect("the modification time is known"),
        untouched
    );
    let names: Vec<String> = read_files(&site.path("content")).into_keys().collect();
    assert_eq!(names, ["a.md", "good.md", "ok.md"], "nothing is left behind");
    assert_eq!(site.build().assert_success().report_number("articles"), 3);
}

#[cfg(unix)]
#[test]
fn permissions_stay_and_symlinks_are_not_followed() {
    use std::os::unix::fs::PermissionsExt;
    let bad = article("x: y", "2024-11-05", "", "");
    let site = TestSite::empty()
        .with_file("outside.md", &bad)
        .with_file("content/mode.md", &bad)
        .with_file("content/locked.md", &bad);
    let site = site
        .with_symlink("content/out.md", "../outside.md")
        .with_symlink("content/in.md", "mode.md")
        .with_symlink("content/folder", "..");
    let set = |file: &str, mode| {
        fs::set_permissions(site.path(file), fs::Permissions::from_mode(mode))
            .expect("the permissions are set");
    };
    set("content/mode.md", 0o640);
    set("content/locked.md", 0o444);
    let output = run_fix(&site, &["--write"]);
    assert_eq!((output.status, output.codes()), (1, vec!["not-mended"]), "{}", output.stderr);
    let text = |file: &str| fs::read_to_string(site.path(file)).expect("the file is readable");
    assert_eq!((text("outside.md"), text("content/locked.md")), (bad.clone(), bad.clone()));
    assert!(text("content/mode.md").contains("\"x: y\""));
    assert_eq!(
        fs::metadata(site.path("content/mode.md")).expect("the file exists").permissions().mode()
            & 0o777,
        0o640
    );
    assert!(
        fs::symlink_metadata(site.path("content/in.md")).expect("the file exists").is_symlink()
    );
    let output = run_fix(&site, &[site.path("content/out.md").to_str().expect("it is UTF-8")]);
    assert_eq!(output.status, 2);
    assert!(output.stderr.contains("is not in "), "{}", output.stderr);
}

#[test]
fn files_and_fixes_can_be_chosen() {
    let bad = article("x: y", "2024/11/5", "", "");
    let site = TestSite::empty()
        .with_file("content/a/one.md", &bad)
        .with_file("content/b/two.md", &bad)
        .with_file("content/ab.md", &bad);
    let fixed_files = |args: &[&str]| -> Vec<String> {
        let output = run_fix(&site, &[&["--format", "json"], args].concat());
        let report: Value =
            serde_json::from_str(&output.stdout).expect("the output is a JSON object");
        report["files"]
            .as_array()
            .expect("the value is a list")
            .iter()
            .map(|file| file["file"].as_str().expect("there is a name").to_owned())
            .collect()
    };
    assert_eq!(fixed_files(&["content/a"]), ["content/a/one.md"]);
    assert_eq!(
        fixed_files(&[
            site.path("content/b/two.md").to_str().expect("it is UTF-8"),
            "content/ab.md"
        ]),
        ["content/ab.md", "content/b/two.md"]
    );
    assert_eq!(fixed_files(&[]).len(), 3);
    // Dates can't be fixed in front matter that can't be parsed.
    assert_eq!(fixed_files(&["--only", "dates"]), Vec::<String>::new());
    let fix_names = |args: &[&str]| -> Vec<String> {
        proposed_fixes(&site, args).into_iter().map(|fix| fix.0).collect()
    };
    assert_eq!(fix_names(&["--only", "quotes,dates", "content/ab.md"]), ["quotes", "dates"]);
    assert_eq!(fix_names(&["--except", "dates", "content/ab.md"]), ["quotes"]);
    for args in [
        &["--only", "quote"][..],
        &["--only", "tabs", "--except", "dates"],
        &["content/none.md"],
        &["site.yaml"],
        &[".."],
    ] {
        let output = run_fix(&site, args);
        assert_eq!((output.status, output.stdout.as_str()), (2, ""), "{args:?}: {}", output.stderr);
    }
    assert!(run_fix(&site, &["--only", "quote"]).stderr.contains("'quotes'"));
}

#[test]
fn invalid_settings_stop_the_fix() {
    let site = TestSite::new()
        .with_file("site.yaml", "time_zone: Asia/Karachy\nbase_url: https://x.example\n");
    let output = run_fix(&site, &["--write"]);
    assert_eq!((output.status, output.codes()), (1, vec!["bad-setting"]));
    assert_eq!(output.stdout, "nothing was checked: fix site.yaml first\n");
    let report: Value = serde_json::from_str(&run_fix(&site, &["--format", "json"]).stdout)
        .expect("the output is a JSON object");
    assert_eq!(report["diagnostics"][0]["code"], "bad-setting");
}

#[test]
fn colors_and_control_characters() {
    let site =
        TestSite::empty().with_file("content/a.md", article("x", "2024/11/5", "", "\u{1b}[2J\n"));
    let plain_output = run_fix(&site, &[]);
    assert!(
        plain_output.stdout.contains("\n \u{1b}[2J\n"),
        "what is applied is byte for byte: {:?}",
        plain_output.stdout
    );
    let colored_output = run_fix(&site, &["--color", "always"]);
    assert!(colored_output.stdout.contains("\u{1b}[32m+date: 2024-11-05\u{1b}[0m\n"));
    assert!(!colored_output.stdout.contains("\u{1b}[2J"), "{:?}", colored_output.stdout);
    assert!(!run_fix(&site, &["--color", "never"]).stdout.contains("\u{1b}[3"));
}

/// The reader can close the pipe: `dateline fix | head -1`.
#[test]
fn a_closed_pipe_is_no_panic() {
    let mut site = TestSite::empty();
    for number in 0..400 {
        site = site.with_file(
            &format!("content/{number}.md"),
            article("x: y", "2024/11/5", "", &"line\n".repeat(40)),
        );
    }
    let mut child = fix_command(&site)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the program starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("the process ends");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(1));
}

/// The documentation shows what the program prints, and explains every fix.
#[test]
fn the_documentation_page_is_accurate() {
    let page = include_str!("../../docs/fix.md");
    let example = page
        .split("```text\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next())
        .expect("the page has an example");
    let old_lines = example.lines().skip(3).filter(|line| line.starts_with([' ', '-']));
    let old_source: String = old_lines.map(|line| format!("{}\n", &line[1..])).collect();
    let site = TestSite::empty().with_file("content/2024/talks.md", old_source);
    assert_eq!(run_fix(&site, &[]).stdout, example);
    let help = CommandOutput::run(dateline().args(["fix", "--help"])).stdout;
    let options = help
        .split(|c: char| !(c.is_ascii_lowercase() || c == '-'))
        .filter(|word| word.starts_with("--"));
    for option in options.filter(|option| *option != "--help") {
        assert!(page.contains(&format!("`{option}")), "{option}");
    }
    for fix in dateline::internals::Fix::ALL {
        assert!(page.contains(&format!("\n### `{}`\n", fix.name())), "{}", fix.name());
    }
}

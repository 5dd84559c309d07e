//! Every file below `content/` is accounted for: it is read, published with an article, or named.

use serde_json::Value;

use crate::harness::{CommandOutput, TestSite, article, dateline};

fn report(output: &CommandOutput) -> Value {
    serde_json::from_str(&output.stdout).expect("the output is a JSON object")
}

fn unread(output: &CommandOutput) -> Vec<String> {
    let report = report(output);
    let list = report["unread_files"].as_array().expect("it is a list");
    list.iter().map(|path| path.as_str().expect("it is a path").to_owned()).collect()
}

#[test]
fn markdown_has_an_extension_in_any_case() {
    let site = TestSite::empty();
    for (name, date) in [
        ("a.MD", "2024-11-01"),
        ("b.Markdown", "2024-11-02"),
        ("c.MARKDOWN", "2024-11-03"),
        ("d.mD", "2024-11-04"),
        ("e/index.MD", "2024-11-05"),
    ] {
        let body = "See [a](/a.MD), [b](b.markdown), [c](c.MARKDOWN) and [e](/e/index.md).";
        site.write(&format!("content/{name}"), article(name, date, "", body));
    }
    let build = site.build();
    for path in ["2024/11/01/a", "2024/11/02/b", "2024/11/03/c", "2024/11/04/d", "2024/11/05/e"] {
        assert!(site.has_output(&format!("{path}/index.html")), "{path}: {}", build.stderr);
    }
    assert_eq!(unread(&build), [""; 0]);
    // Links to articles find the files, however their extension is written.
    let page = site.read_output("2024/11/01/a/index.html");
    for href in ["/2024/11/01/a/", "/2024/11/03/c/", "/2024/11/05/e/"] {
        assert!(page.contains(&format!("href=\"{href}\"")), "{href}: {page}");
    }
}

#[test]
fn all_unread_files_are_one_line_and_a_list() {
    let site = TestSite::new();
    for number in 0..1050 {
        let extension = match number % 7 {
            0..=3 => "txt",
            4 | 5 => "HTML",
            _ => "doc",
        };
        site.write(&format!("content/notes/{number:04}.{extension}"), "x");
    }
    let build = site.build();
    assert_eq!(build.status, 0);
    build.only_diagnostic().assert_code("unread-files").assert_message_contains(
        "1,050 files in content/ are not read: 600 .txt, 300 .html, 150 .doc",
    );
    let list = unread(&build);
    assert_eq!((list.len(), list[0].as_str()), (1050, "notes/0000.txt"));
    // An incremental build and `check` report the same.
    assert_eq!(unread(&site.build()), list);
    let check = CommandOutput::run(
        dateline().args(["check", "--format", "json", "--root"]).arg(site.root()),
    );
    assert_eq!(unread(&check), list);
}

#[test]
fn files_that_articles_use_are_not_in_it() {
    let png = crate::redaction::png(4);
    let site = TestSite::empty();
    let body =
        "![x](img/a.png) [report](report.pdf) <img src=\"b.png\"> <video src=\"v.mp4\"></video>\n";
    site.write("content/2024/a.md", article("A", "2024-11-05", "image: main.png\n", body));
    site.write("content/world/_index.md", "---\ntitle: World\nimage: world.png\n---\n![](c.png)\n");
    // The files of articles that aren't published, or have a mistake, are used, too.
    site.write("content/d.md", article("D", "2024-11-05", "draft: true\n", "![](d.png)"));
    site.write("content/e.md", article("E", "2024-11-05", "image: e.png\ndraft: yes\n", ""));
    site.write("content/f.md", "---\ntitle: [\nimage: f.png\n---\n![](g.png)\n");
    site.write("content/h.md", article("H", "2024-11-05", "status: unpublished\n", "![](h.png)"));
    for used in [
        "2024/img/a.png",
        "2024/report.pdf",
        "2024/b.png",
        "2024/v.mp4",
        "2024/main.png",
        "world/world.png",
        "world/c.png",
        "d.png",
        "e.png",
        "f.png",
        "g.png",
        "h.png",
    ] {
        site.write(&format!("content/{used}"), &png);
    }
    site.write("content/2024/unused.png", &png);
    for ignored in [".DS_Store", ".gitkeep", "2024/Thumbs.db", "2024/._a.md", ".git/config"] {
        site.write(&format!("content/{ignored}"), "x");
    }
    let build = site.build();
    assert_eq!(unread(&build), ["2024/unused.png"], "{}", build.stderr);
    assert_eq!(unread(&site.build()), ["2024/unused.png"]);
    // An article that begins to use it takes it off the list.
    site.write("content/i.md", article("I", "2024-11-05", "", "![](2024/unused.png)"));
    assert_eq!(unread(&site.build()), [""; 0]);
}

#[test]
fn hidden_files_are_accounted_for() {
    let site = TestSite::new()
        .with_file("content/.notes/a.md", "x")
        .with_file("content/2024/11/.old/b.md", "x");
    let build = site.build().assert_success();
    assert_eq!(unread(&build), [".notes/", "2024/11/.old/"]);
    site.write("content/2024/.draft.md", "x");
    let build = site.build();
    build.only_diagnostic().assert_message_contains("2 hidden folders, 1 hidden");
}

/// The lists, each with its articles, and a part of the reason of the first.
const LISTS: [(&str, &[&str], &str); 6] = [
    ("drafts", &["draft"], "draft: true"),
    ("scheduled", &["embargo", "later"], "embargoed until 2024-12-24"),
    ("expired", &["gone"], "expired 2024-11-08"),
    ("withheld", &["down"], "A court order"),
    ("retracted", &["wrong"], "The source was wrong"),
    ("redacted", &["name"], "names are redacted"),
];

/// The time of the builds of [`LISTS`].
const NOW: [&str; 2] = ["--now", "2024-11-10"];

fn site_with_lists() -> TestSite {
    let site = TestSite::new();
    for (name, lines) in [
        ("draft", "draft: true\n"),
        ("embargo", "embargo: 2024-12-24 06:00\n"),
        ("gone", "expires: 2024-11-08\n"),
        ("down", "status: unpublished\nstatus_reason: A court order\n"),
        ("wrong", "status: retracted\nstatus_reason: The source was wrong\n"),
        ("name", "redact: [\"Jane Doe\"]\n"),
    ] {
        let title = format!("About {name}");
        let text = article(&title, "2024-11-05", lines, "Text of Jane Doe.");
        site.write(&format!("content/{name}.md"), text);
    }
    site.with_file("content/later.md", article("About later", "2024-12-01", "", "Text."))
}

fn assert_list(site: &TestSite, (list, names, reason): (&str, &[&str], &str)) {
    let run = |format: &str| {
        let mut command = dateline();
        command.args(["list", list, "--format", format]).args(NOW).arg(site.root());
        CommandOutput::run(&mut command).assert_success()
    };
    let json = report(&run("json"));
    let listed = json["articles"].as_array().expect("it is a list");
    let files: Vec<&str> = listed.iter().filter_map(|article| article["file"].as_str()).collect();
    let expected: Vec<String> = names.iter().map(|name| format!("content/{name}.md")).collect();
    assert_eq!(files, expected, "{list}");
    assert_eq!(json["count"].as_u64(), Some(names.len() as u64), "{list}");
    assert!(listed[0]["reason"].as_str().is_some_and(|text| text.contains(reason)), "{json}");
    let text = run("human").stdout;
    let line = format!("{}  2024-11-05  About {}", expected[0], names[0]);
    assert!(text.contains(&line) && !text.contains("Jane Doe"), "{text}");
}

/// Before and after a build, whose cache the command reads.
#[test]
fn lists_for_editors_name_each_article() {
    let site = site_with_lists();
    for _ in 0..2 {
        LISTS.into_iter().for_each(|list| assert_list(&site, list));
        let build = site.build_with_args(&NOW);
        for (list, names, _) in LISTS {
            assert_eq!(build.report_number(&format!("lists.{list}")), names.len() as u64, "{list}");
        }
    }
    let verbose = CommandOutput::run(site.build_command().arg("-v").args(NOW)).stdout;
    let counts = "1 drafts, 2 scheduled, 1 expired, 1 withheld, 1 retracted, 1 redacted";
    assert!(verbose.contains(counts), "{verbose}");
}

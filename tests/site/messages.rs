//! Messages say what is wrong where it is wrong, once, and how to fix it; and `dateline help`
//! explains them.

use std::collections::BTreeSet;
use std::process::Command;

use crate::docs_parser::{Document, files_with_extension, read_file};
use crate::harness::{CommandOutput, SETTINGS, TestSite, article, dateline};
use crate::source_items::SourceItems;

/// Runs the program in a folder.
fn run_in(folder: &std::path::Path, args: &[&str]) -> CommandOutput {
    CommandOutput::run(dateline().args(args).current_dir(folder))
}

#[test]
fn time_zones_are_suggested_by_meaning() {
    for (written, zone) in
        [("PST", "America/Los_Angeles"), ("PKT", "Asia/Karachi"), ("UTC+5", "Etc/GMT-5")]
    {
        let site = TestSite::new();
        site.write("site.yaml", format!("{SETTINGS}time_zone: {written}\n"));
        let build = site.build().assert_errors();
        build.only_diagnostic().assert_code("bad-setting").assert_help_contains(zone);
    }
    // A name that means nothing gets no far-fetched suggestion.
    let site = TestSite::new();
    site.write("site.yaml", format!("{SETTINGS}time_zone: XYZ\n"));
    site.build().only_diagnostic().assert_help_contains("IANA");
}

#[test]
fn the_option_is_to_blame_for_its_url() {
    let site = TestSite::new();
    let build = site.build_with_args(&["--base-url", "x"]);
    assert_eq!((build.status, build.diagnostics.len()), (2, 0), "{}", build.stderr);
    assert!(build.stderr.contains("--base-url: `x`"), "{}", build.stderr);
    assert!(!build.stderr.contains("site.yaml"), "{}", build.stderr);
    assert!(!site.path("public").exists());
}

#[test]
fn unreadable_settings_are_one_mistake() {
    for settings in ["title: T\n\tbase_url: https://t.example\n", "- title\n", "title: [a\n"] {
        let site = TestSite::new().with_file("site.yaml", settings);
        let build = site.build().assert_errors();
        build.only_diagnostic();
    }
    let site = TestSite::new().with_file("site.yaml", "title: T\nsections:\n\tnews: News\n");
    let build = site.build();
    build
        .only_diagnostic()
        .assert_position(3, 1)
        .assert_message_contains("tab")
        .assert_help_contains("spaces");
}

#[test]
fn patterns_of_other_systems_are_translated() {
    for (written, own) in [
        ("/:year/:month/:title/", "`/{year}/{month}/{slug}/`"),
        ("/%year%/%postname%/", "`/{year}/{slug}/`"),
        ("/{title}/", "`/{slug}/`"),
    ] {
        let site = TestSite::new();
        site.write("site.yaml", format!("{SETTINGS}permalink: \"{written}\"\n"));
        site.build().only_diagnostic().assert_position(3, 1).assert_help_contains(own);
    }
    let site = TestSite::new();
    site.write("site.yaml", format!("{SETTINGS}permalink: /:author/:slug/\n"));
    let build = site.build();
    build.only_diagnostic().assert_message_contains("`:author`").assert_help_contains("{section}");
}

#[test]
fn the_archive_setting_is_named() {
    let site = TestSite::new();
    site.write("site.yaml", format!("{SETTINGS}check: {{archive: https://a.example/}}\n"));
    site.build().only_diagnostic().assert_message_contains("`check.archive`");
}

#[test]
fn the_folder_of_a_site_is_an_argument() {
    let site = TestSite::new();
    let parent = site.root().parent().expect("the site is in a folder").to_owned();
    for args in [
        &["build", "site"][..],
        &["build", "--format", "json", "site"],
        &["check", "site"],
        &["stats", "site"],
        &["verify", "site"],
        &["permalinks", "check", "site"],
        &["explain", "site/content/good.md", "site"],
        &["export", "sqlite", "archive.db", "site"],
        &["fix", "site"],
    ] {
        let output = run_in(&parent, args);
        assert!(output.status < 2, "{args:?}: {}", output.stderr);
    }
    assert!(site.has_output("2024/11/05/good/index.html"));
    let both = run_in(&parent, &["build", "site", "--root", "site"]);
    assert_eq!(both.status, 2, "{}", both.stderr);
}

#[test]
fn outside_a_site_the_way_to_one_is_shown() {
    let folder = tempfile::tempdir().expect("a temporary folder is created");
    for command in ["build", "check", "stats", "serve"] {
        let output = run_in(folder.path(), &[command]);
        assert_eq!(output.status, 2);
        assert!(output.stderr.contains("dateline init"), "{command}: {}", output.stderr);
    }
    // In a folder of a site, the site's own folder is named.
    let site = TestSite::new().with_file("content/2024/a.md", article("A", "2024-01-01", "", ""));
    let output = run_in(&site.path("content/2024"), &["build"]);
    assert_eq!(output.status, 2);
    let root = site.root().canonicalize().expect("the site exists");
    assert!(output.stderr.contains(&format!("the site is in {}", root.display())));
}

#[test]
fn a_file_with_the_word_redacted_is_reported_as_what_it_is() {
    for (text, code, part) in [
        ("+++\ntitle = \"Names redacted\"\n+++\nText.\n", "missing-date", "no date"),
        ("{\"title\": \"Redacted\"}\nText.\n", "missing-date", "no date"),
        ("{{ x }}\nRedacted text.\n", "no-front-matter", "no front matter"),
        ("---\ntitle: A\nThe redacted report.\n", "unclosed-front-matter", "never closed"),
        ("---\ntitle: [a]\ndate: 2024-11-05\n---\nThe redacted report.\n", "wrong-type", "list"),
    ] {
        let site = TestSite::empty().with_file("content/a.md", text);
        let build = site.build().assert_errors();
        build.only_diagnostic().assert_code(code).assert_message_contains(part);
    }
    // If the front matter may list names, its lines aren't shown.
    let site = TestSite::empty()
        .with_file("content/a.md", "---\ntitle: A\nredact: [Jane Doe\ndate: 2024-11-05\n---\n");
    let build = site.build().assert_errors();
    build.only_diagnostic().assert_code("bad-redaction");
    assert!(!build.stderr.contains("Jane Doe"), "{}", build.stderr);
}

#[test]
fn a_missing_file_is_reported_by_one_rule() {
    let body = "Text ![x](gone.png) [f](gone.pdf) <img src=\"other.png\" alt=\"x\">\n";
    let site = TestSite::empty()
        .with_file("content/a.md", article("A", "2024-11-05", "section: news\n", body));
    let check = CommandOutput::run(dateline().args(["check", "--root"]).arg(site.root()));
    for missing in ["gone.png", "gone.pdf", "other.png"] {
        let about: Vec<_> = check
            .diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.message.contains(missing))
            .collect();
        assert_eq!(about.len(), 1, "{about:#?}");
    }
    // A rule that is off hides nothing.
    site.write(
        "site.yaml",
        format!("{SETTINGS}check: {{rules: {{broken-link: off, broken-image: off}}}}\n"),
    );
    let check = CommandOutput::run(dateline().args(["check", "--root"]).arg(site.root()));
    let codes = check.codes();
    assert!(codes.contains(&"missing-file") && codes.contains(&"missing-image"), "{codes:?}");
}

#[test]
fn help_prints_the_documentation_of_every_code() {
    for code in SourceItems::parse("src/").diagnostic_codes().keys() {
        let help = CommandOutput::run(dateline().args(["help", code])).assert_success().stdout;
        assert!(help.contains(&format!("### `{code}`\n")), "{code}: {help}");
        assert!(help.contains(&format!("[{code}]: ")), "{code}: {help}");
    }
    for (rule, _) in dateline::internals::RULES {
        let help = CommandOutput::run(dateline().args(["help", rule])).assert_success().stdout;
        assert!(help.contains(&format!("### {rule}\n")), "{rule}: {help}");
    }
}

#[test]
fn help_prints_every_topic() {
    let list = CommandOutput::run(dateline().arg("help")).assert_success().stdout;
    for path in files_with_extension("docs", "md") {
        let topic = path.trim_start_matches("docs/").trim_end_matches(".md");
        if topic == "README" {
            continue;
        }
        assert!(list.contains(&format!("\n  {topic} ")), "{topic}: {list}");
        let help = CommandOutput::run(dateline().args(["help", topic])).assert_success().stdout;
        // Code is printed as it is written; of links, the text.
        let lines: BTreeSet<&str> = help.lines().map(str::trim).collect();
        for block in Document::parse(&path).blocks() {
            for line in block.text.lines() {
                assert!(lines.contains(line.trim()), "{topic}: {line}");
            }
        }
        let by_path = CommandOutput::run(dateline().args(["help", &path])).assert_success();
        assert!(help.ends_with(&by_path.stdout), "{topic}");
    }
    let build = CommandOutput::run(dateline().args(["help", "build"])).assert_success();
    let long = CommandOutput::run(dateline().args(["build", "--help"])).assert_success();
    assert_eq!(build.stdout.trim(), long.stdout.trim());
    for (unknown, suggestion) in [("mising-date", "missing-date"), ("templats", "template")] {
        let output = CommandOutput::run(dateline().args(["help", unknown]));
        assert_eq!(output.status, 2);
        assert!(output.stderr.contains(suggestion), "{}", output.stderr);
    }
}

/// Readers of messages have the program, but not its repository.
#[test]
fn no_message_refers_to_the_repository() {
    for path in files_with_extension("src", "rs") {
        let is_comment = |line: &str| line.trim_start().starts_with("//");
        for line in read_file(&path).lines().filter(|line| !is_comment(line)) {
            let is_reference = line.contains("docs/") && line.contains(".md");
            assert!(!is_reference || line.contains("include_str!"), "{path}: {line}");
        }
    }
    let mut commands = vec![vec!["--help"]];
    commands.extend(["build", "check", "serve", "init", "fix"].map(|name| vec![name, "--help"]));
    for args in commands {
        let help = CommandOutput::run(Command::new(env!("CARGO_BIN_EXE_dateline")).args(&args));
        assert!(!help.stdout.contains("docs/"), "{args:?}: {}", help.stdout);
    }
}

#[test]
fn many_messages_of_a_kind_are_counted() {
    let site = TestSite::new();
    for number in 0..25 {
        let name = format!("content/{number:02}.md");
        site.write(&name, article("A", "2024-13-05", "", ""));
    }
    let count = |args: &[&str]| {
        let output = CommandOutput::run(site.build_command().args(args));
        (output.codes().len(), output.stderr)
    };
    let (shown, stderr) = count(&[]);
    assert!(shown == 20 && stderr.contains("5 more bad-date: --max-messages 0"), "{stderr}");
    assert_eq!(count(&["--max-messages", "3"]).0, 3);
    // Its former name.
    assert_eq!(count(&["--most", "0"]).0, 25);
    let json: serde_json::Value =
        serde_json::from_str(&site.build().stdout).expect("the output is a JSON object");
    assert_eq!(json["diagnostics"].as_array().map(Vec::len), Some(25));
}

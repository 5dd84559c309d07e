//! Published pages stay until the loss of their URLs is accepted, and articles that readers must no
//! longer see disappear at once.

use std::fs;

use crate::archive::assert_same_as_clean_build;
use crate::harness::{CommandOutput, SETTINGS, TestSite, article, dateline};

const BODY: &str = "The delegations met on Tuesday, and the talks went on until late at night.\n";

/// A site with articles `content/a0.md` to `content/a6.md`, built.
fn seven_articles() -> TestSite {
    let site = TestSite::empty();
    for number in 0..7 {
        site.write(
            &format!("content/a{number}.md"),
            article(
                &format!("Article {number}"),
                "2024-11-05T23:30:00Z",
                "section: world\n",
                &format!("{BODY}Marker {number}.\n"),
            ),
        );
    }
    site.build().assert_success();
    site
}

/// A site with `content/a.md`, published and in the registry, and `content/good.md`.
fn recorded_site() -> TestSite {
    let site = TestSite::new().with_file("content/a.md", article("Talks", "2024-11-06", "", BODY));
    site.build_with_args(&["--record"]).assert_success();
    site
}

const PAGE: &str = "2024/11/06/a/index.html";

fn registry(site: &TestSite) -> String {
    fs::read_to_string(site.path("permalinks.txt")).expect("there is a registry")
}

#[test]
fn a_lost_page_stays_until_its_loss_is_accepted() {
    let site = recorded_site();
    let page = site.read_output(PAGE);
    site.remove("content/a.md");
    for _ in 0..2 {
        let build = site.build().assert_errors();
        assert_eq!(build.codes(), ["lost-permalink"]);
        build.only_diagnostic().assert_help_contains("--accept-removals");
        assert_eq!(site.read_output(PAGE), page, "it stays as it is");
        assert!(!site.read_output("index.html").contains("Talks"), "in no list");
    }
    let dry_run = site.build_with_args(&["--accept-removals", "--dry-run"]).assert_success();
    assert_eq!(dry_run.report_number("removed"), 1);
    assert!(site.has_output(PAGE) && registry(&site).contains("/2024/11/06/a/"));
    let accepted = site.build_with_args(&["--accept-removals"]).assert_success();
    assert_eq!(accepted.report_number("accepted_removals"), 1);
    assert!(!site.has_output(PAGE) && !registry(&site).contains("/2024/11/06/a/"));
    assert!(registry(&site).contains("/2024/11/05/good/"), "other lines stay");
    site.build().assert_success();
    assert_same_as_clean_build(&site, "accepted");
}

#[test]
fn an_alias_replaces_a_lost_page() {
    for format in ["html", "netlify"] {
        let site = recorded_site();
        site.write("site.yaml", format!("{SETTINGS}redirects: {{formats: [{format}]}}\n"));
        site.remove("content/a.md");
        site.build().assert_errors();
        assert!(site.has_output(PAGE));
        site.write("content/b.md", article("B", "2024-11-07", "aliases: [/2024/11/06/a/]\n", ""));
        site.build().assert_success();
        assert_same_as_clean_build(&site, format);
    }
}

#[test]
fn an_article_that_returns_leaves_no_trace() {
    let site = recorded_site();
    let content = fs::read(site.path("content/a.md")).expect("it is readable");
    site.remove("content/a.md");
    site.build().assert_errors();
    site.write("content/a.md", content);
    site.build().assert_success();
    assert_same_as_clean_build(&site, "it returned");
}

/// However it is hidden, and wherever its file is then, its page disappears at once.
#[test]
fn a_takedown_outranks_permalinks() {
    let hidden = [
        "draft: true\n",
        "published: false\n",
        "embargo: 2999-01-01\n",
        "expires: 2024-12-01\n",
        "status: unpublished\n",
    ];
    for lines in hidden {
        for (file, title, body) in [
            // The same file.
            ("content/a.md", "Talks", BODY),
            ("content/a.md", "Other", "Short."),
            // Moved, with the same body or the same name.
            ("content/archive/x.md", "Talks", BODY),
            ("content/drafts/a.md", "Other", "Short."),
        ] {
            let site = recorded_site();
            site.remove("content/a.md");
            site.write(file, article(title, "2024-11-06", lines, body));
            site.build();
            let context = format!("{lines} {file}");
            let page = site.path("public").join(PAGE);
            let text = fs::read_to_string(page).unwrap_or_default();
            assert!(!text.contains("delegations"), "{context}: {text}");
            let outputs = site.outputs();
            let leaks = outputs
                .iter()
                .filter(|(_, bytes)| String::from_utf8_lossy(bytes).contains("delegations"));
            assert_eq!(leaks.count(), 0, "{context}");
        }
    }
    // By its id alone.
    let site = recorded_site();
    site.write("content/a.md", article("Talks", "2024-11-06", "id: c1\n", BODY));
    site.build_with_args(&["--record"]).assert_success();
    site.remove("content/a.md");
    site.write("content/z.md", article("Zzz", "2024-01-01", "id: c1\ndraft: true\n", "Short."));
    site.build();
    assert!(!site.has_output(PAGE));
}

/// A lost page that stays is removed once a name in it is redacted, or its article is hidden.
#[test]
fn a_lost_page_that_stays_can_be_taken_down() {
    let site = recorded_site();
    site.write("content/a.md", article("Talks", "2024-11-06", "", "Ilse Brandt met them.\n"));
    site.build().assert_success();
    site.remove("content/a.md");
    site.build().assert_errors();
    assert!(site.has_output(PAGE));
    site.write("redactions.yaml", "everywhere: [Ilse Brandt]\n");
    site.build().assert_errors();
    assert!(!site.has_output(PAGE), "the name is redacted");
    fs::remove_file(site.path("redactions.yaml")).expect("it is removed");
    let site = recorded_site();
    site.remove("content/a.md");
    site.build().assert_errors();
    site.write("content/a.md", article("Talks", "2024-11-06", "draft: true\n", BODY));
    site.build();
    assert!(!site.has_output(PAGE), "the article is a draft");
}

/// Changes of settings that change the URL of every article.
#[test]
fn many_changed_urls_stop_a_build() {
    for settings in [
        "permalink: /{slug}/\n",
        "time_zone: Asia/Tokyo\n",
        "permalink: /{section}/{year}/{slug}/\n",
    ] {
        let site = seven_articles();
        let before = site.outputs();
        let old_settings = fs::read_to_string(site.path("site.yaml")).expect("it is readable");
        site.write("site.yaml", format!("{SETTINGS}{settings}"));
        for _ in 0..2 {
            let build = site.build().assert_errors();
            let diagnostic = build.only_diagnostic();
            diagnostic
                .assert_code("changed-permalinks")
                .assert_message_contains("7 of 7 published articles")
                .assert_message_contains("content/a0.md: `/2024/11/05/a0/` → `/")
                .assert_help_contains("\"/2024/11/05/a0/\": \"/")
                .assert_help_contains("--accept-removals");
            assert_eq!(site.outputs(), before, "{settings}: nothing is written");
            let report: serde_json::Value =
                serde_json::from_str(&build.stdout).expect("it is JSON");
            assert_eq!(report["url_changes"].as_array().map(Vec::len), Some(7));
            assert_eq!(report["url_changes"][6]["from"], "/2024/11/05/a6/");
        }
        site.write("site.yaml", &old_settings);
        site.build().assert_success();
        assert_eq!(site.outputs(), before);
        site.write("site.yaml", format!("{SETTINGS}{settings}"));
        site.build_with_args(&["--accept-removals"]).assert_success();
        assert_same_as_clean_build(&site, settings);
        site.build().assert_success();
    }
}

#[test]
fn slugs_sections_and_moved_folders_stop_a_build_too() {
    let rewrite = |site: &TestSite, lines: &str| {
        for number in 0..7 {
            let title = format!("Article {number}");
            let lines = lines.replace('#', &number.to_string());
            site.write(
                &format!("content/a{number}.md"),
                article(&title, "2024-11-05T23:30:00Z", &lines, &format!("{BODY}{number}")),
            );
        }
    };
    let site = seven_articles();
    rewrite(&site, "slug: new-#\n");
    assert_eq!(site.build().assert_errors().codes(), ["changed-permalinks"]);
    let site = seven_articles();
    site.write("site.yaml", format!("{SETTINGS}permalink: /{{section}}/{{slug}}/\n"));
    site.build_with_args(&["--accept-removals"]).assert_success();
    rewrite(&site, "section: city\n");
    assert_eq!(site.build().assert_errors().codes(), ["changed-permalinks"]);
    // Files that move to another folder, which is their section.
    let site = TestSite::empty()
        .with_file("site.yaml", format!("{SETTINGS}permalink: /{{section}}/{{slug}}/\n"));
    for number in 0..7 {
        let file = format!("content/world/a{number}.md");
        site.write(&file, article("A", "2024-11-05", "", &format!("{BODY}{number}")));
    }
    site.build().assert_success();
    fs::rename(site.path("content/world"), site.path("content/city")).expect("it is renamed");
    let build = site.build().assert_errors();
    build
        .only_diagnostic()
        .assert_code("changed-permalinks")
        .assert_message_contains("content/city/a0.md: `/world/a0/` → `/city/a0/`");
    // Redirects keep the old URLs.
    for format in ["html", "netlify"] {
        site.write(
            "site.yaml",
            format!(
                "{SETTINGS}permalink: /{{section}}/{{slug}}/\nredirects: {{formats: [{format}], \
                 rules: {{\"/world/*\": \"/city/:splat\"}}}}\n"
            ),
        );
        if format == "netlify" {
            site.build().assert_success();
            assert_same_as_clean_build(&site, format);
        }
    }
}

#[test]
fn few_changed_urls_and_removed_articles_do_not_stop_a_build() {
    let site = seven_articles();
    for number in 0..4 {
        let file = format!("content/a{number}.md");
        site.write(&file, article("A", "2024-11-05", &format!("slug: x{number}\n"), ""));
    }
    site.build().assert_success();
    assert_same_as_clean_build(&site, "four changed");
    for number in 0..6 {
        site.remove(&format!("content/a{number}.md"));
    }
    site.build().assert_success();
    assert_same_as_clean_build(&site, "six removed");
}

/// With a registry, the old URLs redirect.
#[test]
fn registered_urls_may_change() {
    let site = seven_articles();
    site.build_with_args(&["--record"]).assert_success();
    site.write("site.yaml", format!("{SETTINGS}permalink: /{{slug}}/\n"));
    site.build().assert_success();
    assert!(site.read_output("2024/11/05/a0/index.html").contains("/a0/"));
}

/// A takedown isn't stopped by changed URLs: it is published, and the old pages of the others stay.
#[test]
fn a_takedown_outranks_changed_urls() {
    let hide: [fn(&TestSite); 4] = [
        |site| {
            let lines = "section: world\ndraft: true\n";
            site.write("content/a3.md", article("Article 3", "2024-11-05T23:30:00Z", lines, BODY));
        },
        |site| site.remove("content/a3.md"),
        |site| {
            let lines = "section: world\nstatus: unpublished\n";
            site.write("content/a3.md", article("Article 3", "2024-11-05T23:30:00Z", lines, BODY));
        },
        |site| site.write("redactions.yaml", "a3.md: [Marker 3]\n"),
    ];
    for (number, hide) in hide.into_iter().enumerate() {
        let site = seven_articles();
        site.write("site.yaml", format!("{SETTINGS}permalink: /{{slug}}/\n"));
        hide(&site);
        let build = site.build().assert_errors();
        assert!(build.codes().contains(&"changed-permalinks"), "{:?}", build.codes());
        for (path, bytes) in site.outputs() {
            assert!(!String::from_utf8_lossy(&bytes).contains("Marker 3"), "{number}: {path}");
        }
        assert!(site.has_output("2024/11/05/a0/index.html"), "{number}: its old page stays");
        assert!(site.has_output("a0/index.html"), "{number}: and it has a new one");
        site.build_with_args(&["--accept-removals"]).assert_success();
        assert_same_as_clean_build(&site, "accepted");
    }
}

#[test]
fn a_first_build_without_a_registry_says_that_it_cannot_tell() {
    let site = TestSite::new();
    let note = "isn't known whether published URLs have changed";
    let build = |args: &[&str]| {
        let output = CommandOutput::run(site.build_command().args(args));
        assert_eq!((output.status, output.stderr.as_str()), (0, ""));
        output.stdout
    };
    assert!(build(&["--dry-run"]).contains(note));
    assert!(!build(&["--quiet"]).contains(note));
    assert!(!build(&[]).contains(note), "there is a cache");
    fs::remove_dir_all(site.path(".dateline")).expect("the folder is removed");
    assert!(build(&["--record"]).matches(note).count() == 0, "there is a registry");
    let json = site.build();
    let report: serde_json::Value = serde_json::from_str(&json.stdout).expect("it is JSON");
    assert_eq!(report["urls_compared"], true);
}

/// A folder that can't be read keeps its pages, with the files that they show.
#[test]
fn an_unreadable_folder_keeps_its_pages() {
    let site = TestSite::new()
        .with_file("content/2023/05/photo.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>")
        .with_file(
            "content/2023/05/old.md",
            article(
                "Old",
                "2023-05-01",
                "aliases: [/old.html]\n",
                "![A](photo.svg)\n\n[A report](report.pdf)\n",
            ),
        )
        .with_file("content/2023/05/report.pdf", "%PDF-")
        .with_file("content/2023/warned.md", article("W", "2023-05-02", "", "![x](none.png)\n"));
    site.build();
    let kept_paths = [
        "2023/05/01/old/index.html",
        "2023/05/02/warned/index.html",
        "old.html",
        "2023/05/photo.svg",
        "2023/05/report.pdf",
    ];
    let before = site.outputs();
    // A folder in a loop of links can't be read, whoever runs the build.
    fs::rename(site.path("content/2023"), site.path("2023-aside")).expect("it is renamed");
    std::os::unix::fs::symlink("2023", site.path("content/2023")).expect("it is a link");
    for _ in 0..2 {
        let build = site.build().assert_errors();
        assert_eq!(build.codes(), ["symlink"]);
        for path in kept_paths {
            assert_eq!(site.outputs().get(path), before.get(path), "{path}");
        }
    }
    fs::remove_file(site.path("content/2023")).expect("the link is removed");
    fs::rename(site.path("2023-aside"), site.path("content/2023")).expect("it is renamed");
    site.build();
    assert_eq!(site.outputs(), before);
    // A folder that is removed isn't one that can't be read.
    fs::remove_dir_all(site.path("content/2023")).expect("the folder is removed");
    site.build().assert_success();
    assert_same_as_clean_build(&site, "removed");
}

/// The same with permissions, which don't count for the administrator.
#[test]
fn a_folder_without_permission_keeps_its_pages() {
    use std::os::unix::fs::PermissionsExt as _;
    let site = TestSite::new()
        .with_file("content/2023/old.md", article("Old", "2023-05-01", "", "Old."))
        .with_file("content/2023/05/old2.md", article("Old 2", "2023-05-02", "", "Old."));
    site.build().assert_success();
    let set_mode = |mode: u32| {
        let permissions = fs::Permissions::from_mode(mode);
        fs::set_permissions(site.path("content/2023"), permissions).expect("they are set");
    };
    set_mode(0o000);
    let mut command = as_nobody(&site);
    let Some(build) = command.as_mut().map(CommandOutput::run) else {
        set_mode(0o755);
        return crate::harness::report_skipped(
            "a_folder_without_permission_keeps_its_pages",
            "`setpriv` isn't there, or the program is in a private folder",
        );
    };
    set_mode(0o755);
    assert_eq!((build.status, build.codes()), (1, vec!["unreadable"]), "{}", build.stderr);
    assert!(site.has_output("2023/05/01/old/index.html"));
    assert!(site.has_output("2023/05/02/old2/index.html"));
}

/// Returns a build as a user without privileges; `None` if that isn't possible.
fn as_nobody(site: &TestSite) -> Option<std::process::Command> {
    let program = dateline().get_program().to_owned();
    let base = |command: &mut std::process::Command| {
        command.env("RUST_BACKTRACE", "0");
    };
    let is_root = fs::metadata("/proc/self").is_ok_and(|metadata| {
        use std::os::unix::fs::MetadataExt as _;
        metadata.uid() == 0
    });
    if !is_root {
        return Some(site.build_command());
    }
    let own = std::process::Command::new("chown")
        .args(["-R", "65534:65534"])
        .arg(site.root().parent()?)
        .status();
    own.ok().filter(std::process::ExitStatus::success)?;
    let privileges = ["--reuid=65534", "--regid=65534", "--clear-groups"];
    let mut probe = std::process::Command::new("setpriv");
    probe.args(privileges).arg(&program).arg("--version");
    probe.output().ok().filter(|output| output.status.success())?;
    let mut command = std::process::Command::new("setpriv");
    base(&mut command);
    command.args(privileges).arg(program).arg("build").arg("--root").arg(site.root());
    Some(command)
}

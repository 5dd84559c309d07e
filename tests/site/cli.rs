//! The command line: exit statuses, the stream of each output, the effect of each option.

use std::process::Command;

use crate::harness::{CommandOutput, TestSite, article, dateline, report_skipped};

fn run_dateline(args: &[&str]) -> CommandOutput {
    CommandOutput::run(dateline().args(args))
}

#[test]
fn exit_statuses() {
    let site = TestSite::new();
    assert_eq!(site.build().status, 0);
    site.write("content/a.md", article("x", "2024-11-06", "image: gone.png\n", ""));
    let build = site.build();
    assert_eq!(
        (build.status, build.codes()),
        (0, vec!["missing-image"]),
        "a warning alone is no failure"
    );
    site.write("content/a.md", "x");
    assert_eq!(site.build().status, 1);
    for args in [
        &["build", "--no-such-flag"][..],
        &["no-such-command"],
        &[],
        &["build", "--root", "/no/such"],
    ] {
        let output = run_dateline(args);
        assert_eq!((output.status, output.stdout.as_str()), (2, ""), "{args:?}: {}", output.stderr);
        assert!(!output.stderr.is_empty(), "{args:?}");
    }
    assert!(run_dateline(&["build", "--no-such-flag"]).stderr.contains("'--no-such-flag'"));
    assert!(
        run_dateline(&["build", "--frmat", "json"]).stderr.contains("'--format'"),
        "the nearest is suggested"
    );
}

#[test]
fn help_and_version() {
    let help = run_dateline(&["build", "--help"]);
    assert_eq!((help.status, help.stderr.as_str()), (0, ""));
    for flag in [
        "--root",
        "--output",
        "--base-url",
        "--drafts",
        "--future",
        "--expired",
        "--jobs",
        "--force",
        "--quiet",
    ] {
        assert!(help.stdout.contains(flag), "{flag}");
    }
    assert!(run_dateline(&["--help"]).stdout.contains("Exit status: 0"));
    assert_eq!(
        run_dateline(&["--version"]).stdout.trim(),
        format!("dateline {}", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn missing_content_folder_is_a_usage_error() {
    let site = TestSite::empty();
    std::fs::remove_dir(site.path("content")).expect("the file is removed");
    let build = site.build();
    assert_eq!((build.status, build.stdout.as_str()), (2, ""));
    assert!(
        build.stderr.contains("isn't a site: it has no folder `content/`")
            && build.stderr.contains("dateline init"),
        "{}",
        build.stderr
    );
    assert!(!site.path("public").exists() && !site.path(".dateline").exists(), "nothing was made");
}

#[test]
fn no_articles_is_a_site() {
    let site = TestSite::empty();
    let build = site.build().assert_success();
    assert_eq!(build.report_number("articles"), 0);
    assert!(
        site.has_output("index.html") && site.has_output("feed.xml") && site.has_output("404.html")
    );
}

#[test]
fn json_is_one_object_and_nothing_else() {
    let site = TestSite::new()
        .with_file("content/bad.md", "x")
        .with_file("content/d.md", article("x", "2024-01-01", "draft: on\n", ""));
    let build = site.build().assert_errors();
    assert_eq!(build.stdout.trim_end().lines().count(), 1);
    let report: serde_json::Value =
        serde_json::from_str(&build.stdout).expect("the output is a JSON object");
    let keys: Vec<&str> =
        report.as_object().expect("the value is an object").keys().map(String::as_str).collect();
    let expected = "accepted_removals articles audited_files diagnostics errors explanations \
        lists pages removed removed_files seconds standalone_pages unchanged unpublished \
        unread_files url_changes urls_compared warnings withheld written written_files";
    assert_eq!(keys.join(" "), expected);
    assert!(report["seconds"].as_f64().is_some_and(|seconds| seconds > 0.0));
    let counts = ["articles", "errors", "warnings"].map(|key| build.report_number(key));
    assert_eq!(counts, [1, 1, 0]);
    assert_eq!(build.report_number("unpublished.drafts"), 1);
    assert_eq!(
        build.report_number("pages"),
        site.outputs().len() as u64,
        "every file counts, none twice"
    );
    assert_eq!(build.report_number("written"), build.report_number("pages"));
    assert_eq!((build.report_number("removed"), build.report_number("unchanged")), (0, 0));
    assert!(build.stderr.contains("no-front-matter"), "mistakes are printed to standard error");
    site.remove("content/good.md");
    let (count_before, build) = (site.outputs().len(), site.build());
    let removed_count = count_before - site.outputs().len();
    assert!(removed_count > 0);
    assert_eq!(build.report_number("pages"), site.outputs().len() as u64);
    assert_eq!(build.report_number("removed"), removed_count as u64);
    assert_eq!(
        build.report_number("written") + build.report_number("unchanged"),
        build.report_number("pages")
    );
}

#[test]
fn summary_on_the_terminal() {
    let site = TestSite::new();
    let build = CommandOutput::run(&mut site.build_command());
    assert_eq!((build.status, build.stderr.as_str()), (0, ""));
    let pages = site.outputs().len();
    let expected =
        format!("1 article, {pages} files in public: {pages} written, 0 unchanged, 0 removed, in ");
    assert!(
        build.stdout.starts_with(&expected)
            && build.stdout.lines().next().is_some_and(|line| line.ends_with(" s")),
        "{}",
        build.stdout
    );
    site.write("content/d.md", article("x", "2024-01-01", "draft: true\n", ""));
    site.write("content/f.md", article("x", "2099-01-01", "", ""));
    site.write("content/e.md", article("x", "2024-01-01", "expires: 2024-02-01\n", ""));
    site.write("content/bad.md", "x");
    let build = CommandOutput::run(&mut site.build_command());
    let expected_suffix = "; not published: 1 draft, 1 scheduled, 1 expired; 1 error, 0 warnings\n";
    assert!(build.stdout.ends_with(expected_suffix), "{}", build.stdout);
    assert_eq!(build.stdout.lines().count(), 1);
    assert!(build.stderr.starts_with("error[no-front-matter]: "), "{}", build.stderr);
}

#[test]
fn quiet_prints_only_errors() {
    let site = TestSite::new()
        .with_file("content/w.md", article("x", "2024-11-06", "image: gone.png\n", ""));
    for flag in ["--quiet", "-q"] {
        let build = CommandOutput::run(site.build_command().arg(flag));
        assert_eq!((build.status, build.stdout.as_str(), build.stderr.as_str()), (0, "", ""));
    }
    site.write("content/bad.md", "x");
    let build = CommandOutput::run(site.build_command().arg("--quiet"));
    assert_eq!(
        (build.status, build.stdout.as_str(), build.codes()),
        (1, "", vec!["no-front-matter"])
    );
}

#[test]
fn custom_output_folder() {
    let site = TestSite::new();
    let output = tempfile::tempdir().expect("a temporary folder is created");
    let target = output.path().join("a/b c");
    site.build_with_args(&["--output", target.to_str().expect("it is UTF-8")]).assert_success();
    assert!(target.join("2024/11/05/good/index.html").is_file() && !site.path("public").exists());
    // Each output folder has its own manifest.
    site.build().assert_success();
    let build =
        site.build_with_args(&["--output", target.to_str().expect("it is UTF-8")]).assert_success();
    assert_eq!(build.report_number("written"), 0);
}

#[test]
fn an_output_folder_among_the_sources_is_refused() {
    let site = TestSite::new();
    for output in [
        "content/public",
        "content",
        "templates",
        "static/x",
        ".",
        "..",
        ".dateline",
        "x/../content",
    ] {
        let build = CommandOutput::run(site.build_command().arg("--output").arg(site.path(output)));
        assert_eq!(build.status, 2, "{output}: {}", build.stderr);
        assert!(build.stderr.contains("--output"), "{output}: {}", build.stderr);
    }
    assert_eq!(
        site.outside_files(),
        Vec::<std::path::PathBuf>::new(),
        "nothing was written around the site"
    );
    let sources: Vec<String> = crate::harness::read_files(&site.root()).into_keys().collect();
    assert_eq!(sources, ["content/good.md", "site.yaml"], "nothing was written");
}

#[test]
fn custom_base_url() {
    let site = TestSite::new();
    site.build().assert_success();
    site.build_with_args(&["--base-url", "https://other.example/archive/"]).assert_success();
    assert!(
        site.read_output("sitemaps/2024.xml")
            .contains("<loc>https://other.example/archive/2024/11/05/good/</loc>")
    );
    assert!(site.read_output("index.html").contains("href=\"/archive/2024/11/05/good/\""));
    for (path, bytes) in site.outputs() {
        assert!(!String::from_utf8_lossy(&bytes).contains("test.example"), "{path}");
    }
    let build = site.build_with_args(&["--base-url", "nonsense"]);
    assert_eq!(build.status, 2, "it is wrong usage, not a mistake in site.yaml");
    assert!(build.stderr.contains("--base-url: `nonsense` is not the URL of a site"));
}

#[test]
fn drafts_future_and_expired_on_demand() {
    let site = TestSite::empty()
        .with_file("content/d.md", article("x", "2024-01-01", "draft: true\n", ""))
        .with_file("content/p.md", article("x", "2024-01-01", "published: false\n", ""))
        .with_file("content/f.md", article("x", "2099-01-01", "", ""))
        .with_file("content/e.md", article("x", "2024-01-01", "expirydate: 2024-02-01\n", ""))
        .with_file("content/later.md", article("x", "2024-01-01", "expires: 2099-01-01\n", ""));
    let counts_with = |args: &[&str]| {
        let build = site.build_with_args(args).assert_success();
        let unpublished = ["drafts", "future", "expired"]
            .map(|key| build.report_number(&format!("unpublished.{key}")));
        (build.report_number("articles"), unpublished)
    };
    assert_eq!(counts_with(&[]), (1, [2, 1, 1]));
    assert_eq!(counts_with(&["--drafts"]), (3, [0, 1, 1]));
    assert_eq!(counts_with(&["--future"]), (2, [2, 0, 1]));
    assert_eq!(counts_with(&["--expired"]), (2, [2, 1, 0]));
    assert_eq!(counts_with(&["--drafts", "--future", "--expired"]), (5, [0, 0, 0]));
    assert!(site.has_output("2099/01/01/f/index.html"));
    assert_eq!(counts_with(&[]), (1, [2, 1, 1]));
    assert!(!site.has_output("2099/01/01/f/index.html"), "what is unpublished again is removed");
}

#[test]
fn invalid_job_counts_are_rejected() {
    let site = TestSite::new();
    for value in ["0", "many", "99999"] {
        let build = site.build_with_args(&["--jobs", value]);
        assert_eq!(build.status, 2, "{value}");
        assert!(build.stderr.contains("--jobs"), "{}", build.stderr);
    }
    assert!(!site.path("public").exists());
    site.build_with_args(&["--jobs", "1"]).assert_success();
}

/// Without a terminal there are no escape sequences, whatever the environment.
#[test]
fn no_colors_without_a_terminal() {
    let site = TestSite::new()
        .with_file("content/bad.md", "x")
        .with_file("content/w.md", "---\ntitle: a: b\n---\n");
    for (key, value) in [("TERM", "xterm-256color"), ("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")] {
        let build = CommandOutput::run(site.build_command().env(key, value));
        assert_eq!(build.codes().len(), 3);
        assert!(
            !build.stderr.contains('\u{1b}') && !build.stdout.contains('\u{1b}'),
            "{}",
            build.stderr
        );
    }
}

/// On a terminal there are colors, unless `NO_COLOR` is set to anything (no-color.org).
#[test]
fn colors_on_a_terminal() {
    let site = TestSite::new().with_file("content/bad.md", "x");
    let run_on_terminal = |no_color: Option<&str>| {
        let line = format!(
            "'{}' build --root '{}'",
            env!("CARGO_BIN_EXE_dateline"),
            site.root().display()
        );
        let mut script = Command::new("script");
        script.args(["-qec", &line, "/dev/null"]).env("TERM", "xterm").env_remove("NO_COLOR");
        no_color.map(|value| script.env("NO_COLOR", value));
        script.output().ok().map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let Some(default_output) =
        run_on_terminal(None).filter(|text| text.contains("no-front-matter"))
    else {
        return report_skipped(
            "colours_on_a_terminal",
            "there is no `script` to make a terminal with",
        );
    };
    let is_colored = |text: &str| text.contains("\u{1b}[1m") || text.contains("\u{1b}[91m");
    assert!(is_colored(&default_output), "{default_output:?}");
    assert!(
        is_colored(&run_on_terminal(Some("")).expect("it ran the first time")),
        "set to nothing is not set"
    );
    let no_color_output = run_on_terminal(Some("1")).expect("it ran the first time");
    assert!(
        no_color_output.contains("no-front-matter") && !is_colored(&no_color_output),
        "{no_color_output:?}"
    );
}

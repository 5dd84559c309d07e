//! The command line: exit statuses, what goes to which stream, what each option does.

use std::process::Command;

use crate::harness::{Build, Site, dateline, skipped, story};

fn run(args: &[&str]) -> Build {
    Build::of(dateline().args(args))
}

#[test]
fn statuses() {
    let site = Site::new();
    assert_eq!(site.build().status, 0);
    site.put("content/a.md", story("x", "2024-11-06", "image: gone.png\n", ""));
    let build = site.build();
    assert_eq!((build.status, build.codes()), (0, vec!["missing-image"]), "a warning alone is no failure");
    site.put("content/a.md", "x");
    assert_eq!(site.build().status, 1);
    for args in
        [&["build", "--no-such-flag"][..], &["no-such-command"], &[], &["build", "--root", "/no/such"]]
    {
        let build = run(args);
        assert_eq!((build.status, build.stdout.as_str()), (2, ""), "{args:?}: {}", build.stderr);
        assert!(!build.stderr.is_empty(), "{args:?}");
    }
    assert!(run(&["build", "--no-such-flag"]).stderr.contains("'--no-such-flag'"));
    assert!(run(&["build", "--frmat", "json"]).stderr.contains("'--format'"), "the nearest is suggested");
}

#[test]
fn help_and_version() {
    let help = run(&["build", "--help"]);
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
    assert!(run(&["--help"]).stdout.contains("Exit status: 0"));
    assert_eq!(run(&["--version"]).stdout.trim(), format!("dateline {}", env!("CARGO_PKG_VERSION")));
}

#[test]
fn no_content_is_a_mistake_of_the_call() {
    let site = Site::empty();
    std::fs::remove_dir(site.path("content")).expect("removed");
    let build = site.build();
    assert_eq!((build.status, build.stdout.as_str()), (2, ""));
    assert!(
        build.stderr.starts_with("error: there is no ") && build.stderr.contains("--root"),
        "{}",
        build.stderr
    );
    assert!(!site.path("public").exists() && !site.path(".dateline").exists(), "nothing was made");
}

#[test]
fn no_articles_is_a_site() {
    let site = Site::empty();
    let build = site.build().fine();
    assert_eq!(build.number("articles"), 0);
    assert!(site.has("index.html") && site.has("feed.xml") && site.has("404.html"));
}

#[test]
fn json_is_one_object_and_nothing_else() {
    let site = Site::new()
        .with("content/bad.md", "x")
        .with("content/d.md", story("x", "2024-01-01", "draft: on\n", ""));
    let build = site.build().faulty();
    assert_eq!(build.stdout.trim_end().lines().count(), 1);
    let report: serde_json::Value = serde_json::from_str(&build.stdout).expect("one JSON object");
    let keys: Vec<&str> = report.as_object().expect("an object").keys().map(String::as_str).collect();
    let expected = [
        "articles",
        "diagnostics",
        "errors",
        "explanations",
        "held_back",
        "pages",
        "proven",
        "removed",
        "removed_files",
        "seconds",
        "unchanged",
        "warnings",
        "written",
        "written_files",
    ];
    assert_eq!(keys, expected);
    assert!(report["seconds"].as_f64().is_some_and(|seconds| seconds > 0.0));
    assert_eq!((build.number("articles"), build.number("errors"), build.number("warnings")), (1, 1, 0));
    assert_eq!(build.number("held_back.drafts"), 1);
    assert_eq!(build.number("pages"), site.outputs().len() as u64, "every file counts, none twice");
    assert_eq!(build.number("written"), build.number("pages"));
    assert_eq!((build.number("removed"), build.number("unchanged")), (0, 0));
    assert!(build.stderr.contains("no-front-matter"), "mistakes are told on standard error");
    site.remove("content/good.md");
    let (before, build) = (site.outputs().len(), site.build());
    let gone = before - site.outputs().len();
    assert!(gone > 0);
    assert_eq!(build.number("pages"), site.outputs().len() as u64);
    assert_eq!(build.number("removed"), gone as u64);
    assert_eq!(build.number("written") + build.number("unchanged"), build.number("pages"));
}

#[test]
fn the_summary_for_people() {
    let site = Site::new();
    let build = Build::of(&mut site.command());
    assert_eq!((build.status, build.stderr.as_str()), (0, ""));
    let pages = site.outputs().len();
    let expected =
        format!("1 article, {pages} files in public: {pages} written, 0 unchanged, 0 removed, in ");
    assert!(build.stdout.starts_with(&expected) && build.stdout.ends_with(" s\n"), "{}", build.stdout);
    site.put("content/d.md", story("x", "2024-01-01", "draft: true\n", ""));
    site.put("content/f.md", story("x", "2099-01-01", "", ""));
    site.put("content/e.md", story("x", "2024-01-01", "expires: 2024-02-01\n", ""));
    site.put("content/bad.md", "x");
    let build = Build::of(&mut site.command());
    let held = "; held back: 1 draft, 1 dated in the future, 1 expired; 1 error, 0 warnings\n";
    assert!(build.stdout.ends_with(held), "{}", build.stdout);
    assert_eq!(build.stdout.lines().count(), 1);
    assert!(build.stderr.starts_with("error[no-front-matter]: "), "{}", build.stderr);
}

#[test]
fn quiet_says_nothing_but_errors() {
    let site = Site::new().with("content/w.md", story("x", "2024-11-06", "image: gone.png\n", ""));
    for flag in ["--quiet", "-q"] {
        let build = Build::of(site.command().arg(flag));
        assert_eq!((build.status, build.stdout.as_str(), build.stderr.as_str()), (0, "", ""));
    }
    site.put("content/bad.md", "x");
    let build = Build::of(site.command().arg("--quiet"));
    assert_eq!((build.status, build.stdout.as_str(), build.codes()), (1, "", vec!["no-front-matter"]));
}

#[test]
fn another_output_folder() {
    let site = Site::new();
    let output = tempfile::tempdir().expect("a folder");
    let target = output.path().join("a/b c");
    site.build_with(&["--output", target.to_str().expect("UTF-8")]).fine();
    assert!(target.join("2024/11/05/good/index.html").is_file() && !site.path("public").exists());
    // Each folder has a ledger of its own.
    site.build().fine();
    let build = site.build_with(&["--output", target.to_str().expect("UTF-8")]).fine();
    assert_eq!(build.number("written"), 0);
}

#[test]
fn an_output_folder_among_the_sources_is_refused() {
    let site = Site::new();
    for output in
        ["content/public", "content", "templates", "static/x", ".", "..", ".dateline", "x/../content"]
    {
        let build = Build::of(site.command().arg("--output").arg(site.path(output)));
        assert_eq!(build.status, 2, "{output}: {}", build.stderr);
        assert!(build.stderr.contains("--output"), "{output}: {}", build.stderr);
    }
    assert_eq!(site.around(), Vec::<std::path::PathBuf>::new(), "nothing was written around the site");
    let sources: Vec<String> = crate::harness::files(&site.root()).into_keys().collect();
    assert_eq!(sources, ["content/good.md", "site.yaml"], "nothing was written");
}

#[test]
fn another_base_url() {
    let site = Site::new();
    site.build().fine();
    site.build_with(&["--base-url", "https://other.example/archive/"]).fine();
    assert!(
        site.page("sitemaps/2024.xml").contains("<loc>https://other.example/archive/2024/11/05/good/</loc>")
    );
    assert!(site.page("index.html").contains("href=\"/archive/2024/11/05/good/\""));
    for (path, bytes) in site.outputs() {
        assert!(!String::from_utf8_lossy(&bytes).contains("test.example"), "{path}");
    }
    let build = site.build_with(&["--base-url", "nonsense"]).faulty();
    build.only().code("bad-setting").says("`nonsense` is not an address");
}

#[test]
fn drafts_future_and_expired_on_demand() {
    let site = Site::empty()
        .with("content/d.md", story("x", "2024-01-01", "draft: true\n", ""))
        .with("content/p.md", story("x", "2024-01-01", "published: false\n", ""))
        .with("content/f.md", story("x", "2099-01-01", "", ""))
        .with("content/e.md", story("x", "2024-01-01", "expirydate: 2024-02-01\n", ""))
        .with("content/later.md", story("x", "2024-01-01", "expires: 2099-01-01\n", ""));
    let held = |args: &[&str]| {
        let build = site.build_with(args).fine();
        let held = ["drafts", "future", "expired"].map(|key| build.number(&format!("held_back.{key}")));
        (build.number("articles"), held)
    };
    assert_eq!(held(&[]), (1, [2, 1, 1]));
    assert_eq!(held(&["--drafts"]), (3, [0, 1, 1]));
    assert_eq!(held(&["--future"]), (2, [2, 0, 1]));
    assert_eq!(held(&["--expired"]), (2, [2, 1, 0]));
    assert_eq!(held(&["--drafts", "--future", "--expired"]), (5, [0, 0, 0]));
    assert!(site.has("2099/01/01/f/index.html"));
    assert_eq!(held(&[]), (1, [2, 1, 1]));
    assert!(!site.has("2099/01/01/f/index.html"), "what is held back again goes");
}

#[test]
fn jobs() {
    let site = Site::new();
    for wrong in ["0", "many", "99999"] {
        let build = site.build_with(&["--jobs", wrong]);
        assert_eq!(build.status, 2, "{wrong}");
        assert!(build.stderr.contains("--jobs"), "{}", build.stderr);
    }
    assert!(!site.path("public").exists());
    site.build_with(&["--jobs", "1"]).fine();
}

/// What isn't a terminal gets no escape sequences, whatever the environment hopes for.
#[test]
fn no_colours_into_a_file() {
    let site = Site::new().with("content/bad.md", "x").with("content/w.md", "---\ntitle: a: b\n---\n");
    for (key, value) in [("TERM", "xterm-256color"), ("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")] {
        let build = Build::of(site.command().env(key, value));
        assert_eq!(build.codes().len(), 2);
        assert!(!build.stderr.contains('\u{1b}') && !build.stdout.contains('\u{1b}'), "{}", build.stderr);
    }
}

/// On a terminal there are colours, unless `NO_COLOR` is set to anything (no-color.org).
#[test]
fn colours_on_a_terminal() {
    let site = Site::new().with("content/bad.md", "x");
    let on_a_terminal = |no_color: Option<&str>| {
        let line = format!("'{}' build --root '{}'", env!("CARGO_BIN_EXE_dateline"), site.root().display());
        let mut script = Command::new("script");
        script.args(["-qec", &line, "/dev/null"]).env("TERM", "xterm").env_remove("NO_COLOR");
        no_color.map(|value| script.env("NO_COLOR", value));
        script.output().ok().map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let Some(usual) = on_a_terminal(None).filter(|text| text.contains("no-front-matter")) else {
        return skipped("colours_on_a_terminal", "there is no `script` to make a terminal with");
    };
    let coloured = |text: &str| text.contains("\u{1b}[1m") || text.contains("\u{1b}[91m");
    assert!(coloured(&usual), "{usual:?}");
    assert!(coloured(&on_a_terminal(Some("")).expect("it ran before")), "set to nothing is not set");
    let plain = on_a_terminal(Some("1")).expect("it ran before");
    assert!(plain.contains("no-front-matter") && !coloured(&plain), "{plain:?}");
}

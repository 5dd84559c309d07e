//! Histories of articles, from real git repositories: which versions readers see, and what they
//! never see.

use std::process::{Command, Stdio};

use crate::archive::{Rng, assert_same_as_clean_build, build_with_changes};
use crate::harness::{
    ARTICLE, CommandOutput, SETTINGS, TestSite, article, dateline, read_files, report_skipped,
};

const PAGE: &str = "2024/11/05/bridge/history/index.html";
const ARTICLE_PAGE: &str = "2024/11/05/bridge/index.html";

/// A site in its own git repository.
struct Repository {
    site: TestSite,
}

impl Repository {
    /// Creates the repository; returns nothing if there is no git.
    fn new(test: &str) -> Option<Self> {
        let git_version = Command::new("git").arg("--version").stdout(Stdio::null()).status();
        if !git_version.is_ok_and(|status| status.success()) {
            report_skipped(test, "there is no git");
            return None;
        }
        let site = TestSite::new()
            .with_file("site.yaml", format!("{SETTINGS}time_zone: Asia/Karachi\nhistory: git\n"));
        let repository = Self { site };
        repository.git(&["init", "--quiet", "--initial-branch=main"]);
        Some(repository)
    }

    fn git(&self, args: &[&str]) -> String {
        self.git_on("2024-11-05T10:00:00Z", args)
    }

    /// Runs git with a date, without the settings of this computer.
    fn git_on(&self, date: &str, args: &[&str]) -> String {
        let mut command = Command::new("git");
        command.arg("-C").arg(self.site.root()).args([
            "-c",
            "user.name=A",
            "-c",
            "user.email=a@a.example",
        ]);
        command.args(["-c", "commit.gpgSign=false", "-c", "core.autocrlf=false"]).args(args);
        command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
        // Only the author's date is used.
        command.env("GIT_AUTHOR_DATE", date).env("GIT_COMMITTER_DATE", "2025-01-01T00:00:00Z");
        let output = command.output().expect("git runs");
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("it is UTF-8")
    }

    fn commit(&self, date: &str) {
        self.git(&["add", "--all", "content"]);
        self.git_on(date, &["commit", "--quiet", "--allow-empty", "--message", "A: b"]);
    }

    /// Commits an article about a bridge with a title, further lines of front matter, and a body.
    fn commit_article(&self, date: &str, title: &str, lines: &str, body: &str) {
        self.site.write("content/bridge.md", article(title, "2024-11-05", lines, body));
        self.commit(date);
    }

    /// Commits an article about a bridge, and a correction.
    fn commit_corrected_article(&self, lines: &str) {
        self.commit_article("2024-11-05T10:00:00Z", "Bridge opens", lines, "It has six lanes.\n");
        self.commit_article("2024-11-07T20:30:00Z", "Bridge opens", lines, "It has four lanes.\n");
    }

    /// Returns the days of the versions, in the order of the page.
    fn version_days(&self) -> Vec<String> {
        let page = self.site.read_output(PAGE);
        let version_list = page
            .split("<ol class=\"versions\"")
            .nth(1)
            .expect("the page lists versions")
            .to_owned();
        version_list.split("<time datetime=\"").skip(1).map(|rest| rest[..10].to_owned()).collect()
    }
}

#[test]
fn versions_are_shown_with_their_changes() {
    let Some(repository) = Repository::new("history") else { return };
    let text = "First line.\n\nIt has six lanes & a <b>rail</b>.\n\nLast line.\n";
    repository.commit_article("2024-11-05T10:00:00Z", "Bridge opens", "", text);
    repository.commit_article(
        "2024-11-07T20:30:00Z",
        "Bridge opens",
        "",
        &text.replace("six", "four"),
    );
    let lines = "description: Four lanes\n";
    repository.commit_article(
        "2024-11-09T09:00:00+02:00",
        "Bridge <b> open",
        lines,
        &text.replace("six", "four"),
    );
    repository.site.build().assert_success();
    let page = repository.site.read_output(PAGE);
    for part in [
        "It has <del>six</del> <ins>four</ins> lanes &amp; a rail.</p>",
        "<h3>Bridge <del>opens</del> <ins>&lt;b&gt; open</ins></h3>",
        "<p class=\"standfirst\"><ins>Four lanes</ins></p>",
        "<p>…</p>\n<p>It has",
        "<meta name=\"robots\" content=\"noindex\">",
        "<title>Bridge &lt;b&gt; open – Version history – The Test</title>",
        "<time datetime=\"2024-11-08T01:30:00+05:00\">November 8, 2024, 1:30\u{202f}a.m.</time>",
        "<a href=\"/2024/11/05/bridge/\">Bridge &lt;b&gt; open</a>",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains("First line") && !page.contains("rel=\"canonical\""), "{page}");
    assert_eq!(
        repository.version_days(),
        ["2024-11-09", "2024-11-08", "2024-11-05"],
        "newest first, in the site's zone"
    );
    assert!(
        repository.site.read_output(ARTICLE_PAGE).contains(
            "<a class=\"updated\" href=\"/2024/11/05/bridge/history/\">Version history</a>"
        )
    );
    let mentions_history = |(path, bytes): &(String, Vec<u8>)| {
        path != PAGE
            && path != ARTICLE_PAGE
            && String::from_utf8_lossy(bytes).contains("bridge/history")
    };
    assert!(
        !repository.site.outputs().into_iter().any(|file| mentions_history(&file)),
        "in no sitemap, feed, list or search"
    );
    let unversioned_page = repository.site.read_output("2024/11/05/good/index.html");
    assert!(
        !unversioned_page.contains("Version history")
            && !repository.site.has_output("2024/11/05/good/history/index.html")
    );
    assert_same_as_clean_build(&repository.site, "built once");
}

#[test]
fn without_the_setting_there_is_no_history() {
    let Some(repository) = Repository::new("history") else { return };
    repository.commit_corrected_article("");
    for settings in [SETTINGS.to_owned(), format!("{SETTINGS}history: false\n")] {
        repository.site.write("site.yaml", settings);
        repository.site.build().assert_success();
        assert!(
            !repository.site.has_output(PAGE)
                && !repository.site.read_output(ARTICLE_PAGE).contains("/history/")
        );
    }
    repository.site.write("site.yaml", format!("{SETTINGS}history: hg\n"));
    let build = repository.site.build().assert_errors();
    assert_eq!(build.codes(), ["bad-setting"]);
}

#[test]
fn drafts_and_hidden_text_are_no_versions() {
    let Some(repository) = Repository::new("history") else { return };
    repository.commit_article("2024-11-03T10:00:00Z", "Notes", "", "Who says so: secretsource.\n");
    repository.commit_article(
        "2024-11-05T08:00:00Z",
        "Bridge opens",
        "draft: true\n",
        "Unfinished draftword.\n",
    );
    let embargo = "embargo: 2024-11-05T12:00:00Z\n";
    repository.commit_article(
        "2024-11-05T09:00:00Z",
        "Bridge opens",
        embargo,
        "Embargoed earlyword.\n",
    );
    repository.commit_article(
        "2024-11-05T13:00:00Z",
        "Bridge opens",
        embargo,
        "It has six lanes.\n",
    );
    let hidden = "It has\nsix *lanes*. <!-- ask thewitness -->\n";
    repository.commit_article("2024-11-06T10:00:00Z", "Bridge opens", "tags: [Iran]\n", hidden);
    repository.site.build().assert_success();
    assert!(!repository.site.has_output(PAGE), "one version that readers could tell from none");
    repository.commit_article(
        "2024-11-07T10:00:00Z",
        "Bridge opens",
        "status: unpublished\n",
        "Takendown.\n",
    );
    repository.site.write("content/bridge.md", "no front matter brokenword\n");
    repository.commit("2024-11-08T10:00:00Z");
    repository.commit_article("2024-11-09T10:00:00Z", "Bridge opens", "", "It has four lanes.\n");
    repository.site.build().assert_success();
    assert_eq!(repository.version_days(), ["2024-11-09", "2024-11-05"]);
    let page = repository.site.read_output(PAGE);
    let private =
        ["secretsource", "draftword", "earlyword", "thewitness", "Takendown", "brokenword"];
    assert!(private.iter().all(|word| !page.contains(word)), "{page}");
    assert!(page.contains("<del>six</del> <ins>four</ins>"));
}

#[test]
fn redacted_names_have_no_history() {
    let Some(repository) = Repository::new("history") else { return };
    repository.commit_corrected_article("");
    repository.site.build().assert_success();
    assert!(repository.site.has_output(PAGE));
    let body = "It has four lanes.\n";
    for lines in ["redact: [Jane Doe]\n", "status: anonymised\n", "history: false\n"] {
        // The same without a commit.
        repository
            .site
            .write("content/bridge.md", article("Bridge opens", "2024-11-05", lines, body));
        repository.site.build();
        assert!(
            !repository.site.has_output(PAGE)
                && !repository.site.read_output(ARTICLE_PAGE).contains("/history/"),
            "{lines}"
        );
        repository.site.write("content/bridge.md", article("Bridge opens", "2024-11-05", "", body));
        repository.site.build().assert_success();
        assert!(repository.site.has_output(PAGE), "{lines}");
    }
    let retracted = "status: retracted\nstatus_date: 2024-11-09\n";
    repository
        .site
        .write("content/bridge.md", article("Bridge opens", "2024-11-05", retracted, body));
    repository.site.build().assert_success();
    assert!(repository.site.has_output(PAGE), "struck out");
    let settings = repository.site.path("site.yaml");
    let removed = std::fs::read_to_string(&settings).expect("the file is readable")
        + "corrections: {retracted: remove}\n";
    std::fs::write(&settings, removed).expect("the file is written");
    repository.site.build().assert_success();
    assert!(!repository.site.has_output(PAGE), "removed");
    // A version that was anonymized later.
    repository.site.write("site.yaml", format!("{SETTINGS}history: git\n"));
    repository.commit_article(
        "2024-11-10T10:00:00Z",
        "Bridge opens",
        "redact: [Jane]\n",
        "Jane built four lanes.\n",
    );
    repository.commit_article("2024-11-11T10:00:00Z", "Bridge opens", "", "It has five lanes.\n");
    repository.site.build().assert_success();
    assert!(!repository.site.read_output(PAGE).contains("Jane"));
    assert_same_as_clean_build(&repository.site, "after all of this");
}

#[test]
fn articles_are_followed_through_renames_and_merges() {
    let Some(repository) = Repository::new("history") else { return };
    let text =
        |word: &str| format!("It has {word} lanes, and a rail between them that nobody uses.\n");
    repository.commit_article("2024-11-05T10:00:00Z", "Bridge opens", "", &text("six"));
    repository.git(&["checkout", "--quiet", "-b", "desk"]);
    repository.commit_article("2024-11-06T10:00:00Z", "Bridge opens", "", &text("seventy"));
    repository.commit_article("2024-11-07T10:00:00Z", "Bridge opens", "", &text("four"));
    repository.git(&["checkout", "--quiet", "main"]);
    repository.site.write("content/other.md", ARTICLE);
    repository.commit("2024-11-07T12:00:00Z");
    repository
        .git_on("2024-11-08T10:00:00Z", &["merge", "--quiet", "--no-ff", "-m", "Merge", "desk"]);
    std::fs::create_dir(repository.site.path("content/city")).expect("the folder is created");
    repository.git(&["mv", "content/bridge.md", "content/city/bridge.md"]);
    repository.commit("2024-11-09T10:00:00Z");
    // Another article with the old file name has its own history.
    repository
        .site
        .write("content/bridge.md", article("Tunnel", "2024-11-10", "", "A tunnel opens.\n"));
    repository.commit("2024-11-10T10:00:00Z");
    repository
        .site
        .write("content/city/bridge.md", article("Bridge opens", "2024-11-05", "", &text("five")));
    repository.commit("2024-11-11T10:00:00Z");
    repository.site.build().assert_success();
    assert_eq!(repository.version_days(), ["2024-11-11", "2024-11-08", "2024-11-05"]);
    let page = repository.site.read_output(PAGE);
    assert!(
        page.contains("<del>four</del> <ins>five</ins>")
            && page.contains("<del>six</del> <ins>four</ins>")
    );
    assert!(!page.contains("seventy"), "what was tried beside the published line");
    assert!(!repository.site.has_output("2024/11/10/bridge/history/index.html"));
}

#[test]
fn a_commit_changes_only_its_articles_pages() {
    let Some(repository) = Repository::new("history") else { return };
    repository.commit_corrected_article("");
    for day in 1..=9 {
        let body = format!("The body of {day}.\n");
        let date = format!("2024-0{day}-01");
        repository.site.write(
            &format!("content/s{day}.md"),
            article(&format!("Story {day}"), &date, "", &body),
        );
    }
    repository.commit("2024-11-10T10:00:00Z");
    repository.site.build().assert_success();
    let (_, changes) = build_with_changes(&repository.site, &[]);
    assert_eq!((changes.written.len(), changes.removed.len()), (0, 0), "nothing is new");
    // The text is edited, built, and then committed.
    repository
        .site
        .write("content/s3.md", article("Story 3", "2024-03-01", "", "Another body of 3.\n"));
    let (_, changes) = build_with_changes(&repository.site, &[]);
    assert!(changes.written.contains("2024/03/01/s3/index.html"), "{changes:?}");
    repository.commit("2024-11-11T10:00:00Z");
    let (_, changes) = build_with_changes(&repository.site, &[]);
    let own_pages = ["2024/03/01/s3/history/index.html", "2024/03/01/s3/index.html"];
    assert_eq!(changes.written.iter().map(String::as_str).collect::<Vec<_>>(), own_pages);
    assert_same_as_clean_build(&repository.site, "after a commit");
    // A later commit reverts it.
    repository.git_on(
        "2024-11-12T10:00:00Z",
        &["commit", "--quiet", "--amend", "--reset-author", "-m", "x"],
    );
    let (_, changes) = build_with_changes(&repository.site, &[]);
    assert_eq!(changes.written.iter().map(String::as_str).collect::<Vec<_>>(), own_pages[..1]);
    repository.git(&["reset", "--quiet", "--soft", "HEAD~1"]);
    let (_, changes) = build_with_changes(&repository.site, &[]);
    assert_eq!((changes.written.len(), changes.removed.len()), (1, 1), "{changes:?}");
    assert_same_as_clean_build(&repository.site, "after the commit is gone");
}

#[test]
fn missing_or_shallow_history_is_reported() {
    let Some(repository) = Repository::new("history") else { return };
    let build = repository.site.build();
    assert_eq!((build.status, build.codes()), (0, vec!["no-history"]));
    assert!(build.only_diagnostic().message.contains("no commits"), "{}", build.stderr);
    repository.commit_corrected_article("");
    repository.site.build().assert_success();
    // A shallow clone.
    let clone = TestSite::new();
    let url = format!("file://{}", repository.site.root().display());
    let into = clone.path("clone");
    let status = Command::new("git")
        .args(["clone", "--quiet", "--depth=1", &url])
        .arg(&into)
        .status()
        .expect("git runs");
    assert!(status.success());
    std::fs::copy(repository.site.path("site.yaml"), into.join("site.yaml"))
        .expect("the file is copied");
    let build =
        CommandOutput::run(dateline().args(["build", "--format", "json", "--root"]).arg(&into));
    assert_eq!((build.status, build.codes()), (0, vec!["shallow-history"]));
    assert!(
        !into.join("public").join(PAGE).exists() && into.join("public").join(ARTICLE_PAGE).exists()
    );
    // Without a repository, and without git.
    std::fs::remove_dir_all(repository.site.path(".git")).expect("the file is removed");
    let build = repository.site.build();
    let diagnostic = build.only_diagnostic();
    assert_eq!(
        (build.status, diagnostic.code.as_str(), diagnostic.file.as_str()),
        (0, "no-history", "site.yaml")
    );
    assert!(diagnostic.message.contains("isn't in a Git repository"), "{}", build.stderr);
    assert!(
        !repository.site.has_output(PAGE)
            && !repository.site.read_output(ARTICLE_PAGE).contains("/history/"),
        "nothing is kept that isn't known"
    );
    let build = CommandOutput::run(
        repository.site.build_command().args(["--format", "json"]).env("PATH", ""),
    );
    assert!(
        build.only_diagnostic().message.contains("the program `git` isn't installed"),
        "{}",
        build.stderr
    );
}

#[test]
fn versions_whose_files_are_gone_are_left_out() {
    let Some(repository) = Repository::new("history") else { return };
    repository.commit_corrected_article("");
    repository.commit_article("2024-11-09T10:00:00Z", "Bridge opens", "", "It has five lanes.\n");
    let object_id = repository.git(&["rev-parse", "HEAD~1:content/bridge.md"]);
    let (folder, file) = object_id.trim().split_at(2);
    std::fs::remove_file(repository.site.path(&format!(".git/objects/{folder}/{file}")))
        .expect("the file is removed");
    let build = repository.site.build();
    assert_eq!((build.status, build.codes()), (0, vec!["shallow-history"]));
    assert_eq!(repository.version_days(), ["2024-11-09", "2024-11-05"]);
    assert!(repository.site.read_output(PAGE).contains("<del>six</del> <ins>five</ins>"));
}

/// After any sequence of edits, renames, commits and reverts the output is that of a clean build.
#[test]
fn any_commits_give_the_same_files_as_a_clean_build() {
    let Some(repository) = Repository::new("history") else { return };
    let mut rng = Rng(7);
    let mut paths: Vec<String> = (0..4).map(|number| format!("content/s{number}.md")).collect();
    let words = ["one", "two", "three", "four"];
    let lines = [
        "",
        "",
        "",
        "draft: true\n",
        "history: false\n",
        "redact: [Jane]\n",
        "description: More\n",
    ];
    let mut history_pages = 0;
    for step in 0..24 {
        for _ in 0..=rng.below(2) {
            let number = rng.below(paths.len());
            let body = format!("A line that stays.\n\nThen {} of {step}.\n", rng.choose(&words));
            let id = format!("slug: story-{number}\n{}", rng.choose(&lines));
            repository.site.write(
                &paths[number],
                article(&format!("Story {number}"), "2024-11-05", &id, &body),
            );
        }
        let number = rng.below(paths.len());
        let old_path = repository.site.path(&paths[number]);
        if rng.below(4) == 0 && old_path.exists() {
            paths[number] = format!("content/s{number}-{step}.md");
            std::fs::rename(old_path, repository.site.path(&paths[number]))
                .expect("the file is renamed");
        }
        match rng.below(5) {
            0 => {}
            1 if step > 4 => drop(repository.git(&["reset", "--quiet", "--soft", "HEAD~1"])),
            _ => repository.commit(&format!("2024-11-{:02}T10:00:00Z", step + 6)),
        }
        repository.site.build();
        history_pages += repository
            .site
            .output_paths()
            .iter()
            .filter(|path| path.ends_with("/history/index.html"))
            .count();
        assert_same_files_as_clean_build(&repository.site, step);
    }
    assert!(history_pages > 10, "only {history_pages} pages of versions");
}

/// Asserts that the output is that of a clean build; some steps have warnings.
fn assert_same_files_as_clean_build(site: &TestSite, step: usize) {
    let folder = tempfile::tempdir().expect("a temporary folder is created");
    let state = folder.path().join("state");
    let output = folder.path().join("out");
    let path_arg = |path: &std::path::Path| path.to_str().expect("it is UTF-8").to_owned();
    site.build_with_args(&["--output", &path_arg(&output), "--state", &path_arg(&state)]);
    let (clean_files, found) = (read_files(&output), site.outputs());
    let differs: Vec<&String> = clean_files
        .keys()
        .chain(found.keys())
        .filter(|path| clean_files.get(*path) != found.get(*path))
        .collect();
    assert!(differs.is_empty(), "step {step}: {differs:?}");
}

/// A build runs no command that a repository configures.
#[cfg(unix)]
#[test]
fn the_repository_configuration_runs_no_programs() {
    let Some(repository) = Repository::new("history") else { return };
    repository.commit_corrected_article("");
    let trap = repository.site.path("trap.sh");
    let marker = repository.site.path("sprung");
    std::fs::write(&trap, format!("#!/bin/sh\necho x >> {}\n", marker.display()))
        .expect("the file is written");
    std::os::unix::fs::symlink("/bin/sh", repository.site.path("sh"))
        .expect("the symbolic link is created");
    let call = format!("sh {}", trap.display());
    for key in [
        "core.fsmonitor",
        "core.pager",
        "diff.external",
        "core.sshCommand",
        "gpg.program",
        "diff.x.textconv",
    ] {
        repository.git(&["config", key, &call]);
    }
    repository.git(&["config", "log.showSignature", "true"]);
    repository.site.write(".gitattributes", "*.md diff=x\n");
    let build = CommandOutput::run(
        repository.site.build_command().args(["--format", "json"]).env("GIT_DIR", "/nowhere"),
    );
    assert_eq!(build.status, 0, "{}", build.stderr);
    assert!(repository.site.has_output(PAGE) && !marker.exists());
}

/// An article with the URL of a history page keeps it.
#[test]
fn an_article_keeps_the_url_of_a_history_page() {
    let Some(repository) = Repository::new("history") else { return };
    repository.commit_corrected_article("");
    let lines = "permalink: /2024/11/05/bridge/history/\n";
    repository
        .site
        .write("content/history.md", article("A history", "2024-11-06", lines, "Of bridges.\n"));
    let build = repository.site.build().assert_errors();
    let diagnostic = build.only_diagnostic();
    assert_eq!(
        (diagnostic.code.as_str(), diagnostic.file.as_str()),
        ("same-address", "content/history.md")
    );
    assert!(repository.site.read_output(PAGE).contains("Of bridges."));
}

#[test]
fn check_accepts_history_pages() {
    let Some(repository) = Repository::new("history") else { return };
    repository
        .site
        .write("content/good.md", article("A story", "2024-11-04", "section: world\n", "Text.\n"));
    repository.commit_corrected_article("section: world\n");
    let check = CommandOutput::run(
        dateline().args(["check", "--strict", "--root"]).arg(repository.site.root()),
    );
    assert_eq!(check.status, 0, "{}{}", check.stdout, check.stderr);
}

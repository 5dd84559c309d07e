//! Versions: what readers are shown of what a story was, from real repositories of git; and what they are never shown.

use std::process::{Command, Stdio};

use crate::archive::{Rng, assert_clean, changes_of};
use crate::harness::{Build, SETTINGS, STORY, Site, dateline, files, skipped, story};

const PAGE: &str = "2024/11/05/bridge/history/index.html";
const OWN: &str = "2024/11/05/bridge/index.html";

/// A site in a repository of its own.
struct Repository {
    site: Site,
}

impl Repository {
    /// Nothing, where there is no git.
    fn new(test: &str) -> Option<Self> {
        let there = Command::new("git").arg("--version").stdout(Stdio::null()).status();
        if !there.is_ok_and(|status| status.success()) {
            skipped(test, "there is no git");
            return None;
        }
        let site =
            Site::new().with("site.yaml", format!("{SETTINGS}time_zone: Asia/Karachi\nhistory: git\n"));
        let repository = Self { site };
        repository.git(&["init", "--quiet", "--initial-branch=main"]);
        Some(repository)
    }

    fn git(&self, args: &[&str]) -> String {
        self.git_on("2024-11-05T10:00:00Z", args)
    }

    /// Calls git on a day, whatever the settings of this machine.
    fn git_on(&self, date: &str, args: &[&str]) -> String {
        let mut command = Command::new("git");
        command.arg("-C").arg(self.site.root()).args(["-c", "user.name=A", "-c", "user.email=a@a.example"]);
        command.args(["-c", "commit.gpgSign=false", "-c", "core.autocrlf=false"]).args(args);
        command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
        // Only the author's date is anyone's business.
        command.env("GIT_AUTHOR_DATE", date).env("GIT_COMMITTER_DATE", "2025-01-01T00:00:00Z");
        let output = command.output().expect("git runs");
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    fn commit(&self, date: &str) {
        self.git(&["add", "--all", "content"]);
        self.git_on(date, &["commit", "--quiet", "--allow-empty", "--message", "A: b"]);
    }

    /// Commits a bridge with a title, further lines of front matter, and a body.
    fn bridge(&self, date: &str, title: &str, lines: &str, body: &str) {
        self.site.put("content/bridge.md", story(title, "2024-11-05", lines, body));
        self.commit(date);
    }

    /// A bridge that was corrected once.
    fn corrected(&self, lines: &str) {
        self.bridge("2024-11-05T10:00:00Z", "Bridge opens", lines, "It has six lanes.\n");
        self.bridge("2024-11-07T20:30:00Z", "Bridge opens", lines, "It has four lanes.\n");
    }

    /// The days of the versions on the page, in its order.
    fn days(&self) -> Vec<String> {
        let page = self.site.page(PAGE);
        let main = page.split("<ol class=\"versions\"").nth(1).expect("versions").to_owned();
        main.split("<time datetime=\"").skip(1).map(|rest| rest[..10].to_owned()).collect()
    }
}

#[test]
fn versions_are_shown_with_what_changed() {
    let Some(here) = Repository::new("history") else { return };
    let text = "First line.\n\nIt has six lanes & a <b>rail</b>.\n\nLast line.\n";
    here.bridge("2024-11-05T10:00:00Z", "Bridge opens", "", text);
    here.bridge("2024-11-07T20:30:00Z", "Bridge opens", "", &text.replace("six", "four"));
    let lines = "description: Four lanes\n";
    here.bridge("2024-11-09T09:00:00+02:00", "Bridge <b> open", lines, &text.replace("six", "four"));
    here.site.build().fine();
    let page = here.site.page(PAGE);
    for part in [
        "It has <del>six</del> <ins>four</ins> lanes &amp; a rail.</p>",
        "<h3>Bridge <del>opens</del> <ins>&lt;b&gt; open</ins></h3>",
        "<p class=\"standfirst\"><ins>Four lanes</ins></p>",
        "<p>…</p>\n<p>It has",
        "<meta name=\"robots\" content=\"noindex\">",
        "<title>Bridge &lt;b&gt; open – Earlier versions – The Test</title>",
        "<time datetime=\"2024-11-08T01:30:00+05:00\">November 8, 2024, 1:30\u{202f}a.m.</time>",
        "<a href=\"/2024/11/05/bridge/\">Bridge &lt;b&gt; open</a>",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains("First line") && !page.contains("rel=\"canonical\""), "{page}");
    assert_eq!(here.days(), ["2024-11-09", "2024-11-08", "2024-11-05"], "newest first, in the site's zone");
    assert!(
        here.site
            .page(OWN)
            .contains("<a class=\"updated\" href=\"/2024/11/05/bridge/history/\">Earlier versions</a>")
    );
    let others = |(path, bytes): &(String, Vec<u8>)| {
        path != PAGE && path != OWN && String::from_utf8_lossy(bytes).contains("bridge/history")
    };
    assert!(
        !here.site.outputs().into_iter().any(|file| others(&file)),
        "in no sitemap, feed, list or search"
    );
    let none = here.site.page("2024/11/05/good/index.html");
    assert!(!none.contains("Earlier versions") && !here.site.has("2024/11/05/good/history/index.html"));
    assert_clean(&here.site, "built once");
}

#[test]
fn without_the_setting_there_is_no_history() {
    let Some(here) = Repository::new("history") else { return };
    here.corrected("");
    for settings in [SETTINGS.to_owned(), format!("{SETTINGS}history: false\n")] {
        here.site.put("site.yaml", settings);
        here.site.build().fine();
        assert!(!here.site.has(PAGE) && !here.site.page(OWN).contains("/history/"));
    }
    here.site.put("site.yaml", format!("{SETTINGS}history: hg\n"));
    let build = here.site.build().faulty();
    assert_eq!(build.codes(), ["bad-setting"]);
}

#[test]
fn drafts_and_what_readers_dont_see_are_no_versions() {
    let Some(here) = Repository::new("history") else { return };
    here.bridge("2024-11-03T10:00:00Z", "Notes", "", "Who says so: secretsource.\n");
    here.bridge("2024-11-05T08:00:00Z", "Bridge opens", "draft: true\n", "Unfinished draftword.\n");
    let embargo = "embargo: 2024-11-05T12:00:00Z\n";
    here.bridge("2024-11-05T09:00:00Z", "Bridge opens", embargo, "Embargoed earlyword.\n");
    here.bridge("2024-11-05T13:00:00Z", "Bridge opens", embargo, "It has six lanes.\n");
    let hidden = "It has\nsix *lanes*. <!-- ask thewitness -->\n";
    here.bridge("2024-11-06T10:00:00Z", "Bridge opens", "tags: [Iran]\n", hidden);
    here.site.build().fine();
    assert!(!here.site.has(PAGE), "one version that readers could tell from none");
    here.bridge("2024-11-07T10:00:00Z", "Bridge opens", "status: unpublished\n", "Takendown.\n");
    here.site.put("content/bridge.md", "no front matter brokenword\n");
    here.commit("2024-11-08T10:00:00Z");
    here.bridge("2024-11-09T10:00:00Z", "Bridge opens", "", "It has four lanes.\n");
    here.site.build().fine();
    assert_eq!(here.days(), ["2024-11-09", "2024-11-05"]);
    let page = here.site.page(PAGE);
    let private = ["secretsource", "draftword", "earlyword", "thewitness", "Takendown", "brokenword"];
    assert!(private.iter().all(|word| !page.contains(word)), "{page}");
    assert!(page.contains("<del>six</del> <ins>four</ins>"));
}

#[test]
fn names_that_were_taken_out_have_no_history() {
    let Some(here) = Repository::new("history") else { return };
    here.corrected("");
    here.site.build().fine();
    assert!(here.site.has(PAGE));
    let body = "It has four lanes.\n";
    for lines in ["redact: [Jane Doe]\n", "status: anonymised\n", "history: false\n"] {
        // Without a commit, too.
        here.site.put("content/bridge.md", story("Bridge opens", "2024-11-05", lines, body));
        here.site.build();
        assert!(!here.site.has(PAGE) && !here.site.page(OWN).contains("/history/"), "{lines}");
        here.site.put("content/bridge.md", story("Bridge opens", "2024-11-05", "", body));
        here.site.build().fine();
        assert!(here.site.has(PAGE), "{lines}");
    }
    let retracted = "status: retracted\nstatus_date: 2024-11-09\n";
    here.site.put("content/bridge.md", story("Bridge opens", "2024-11-05", retracted, body));
    here.site.build().fine();
    assert!(here.site.has(PAGE), "struck out");
    let settings = here.site.path("site.yaml");
    let removed = std::fs::read_to_string(&settings).expect("there") + "corrections: {retracted: remove}\n";
    std::fs::write(&settings, removed).expect("written");
    here.site.build().fine();
    assert!(!here.site.has(PAGE), "removed");
    // A version that was anonymised then.
    here.site.put("site.yaml", format!("{SETTINGS}history: git\n"));
    here.bridge("2024-11-10T10:00:00Z", "Bridge opens", "redact: [Jane]\n", "Jane built four lanes.\n");
    here.bridge("2024-11-11T10:00:00Z", "Bridge opens", "", "It has five lanes.\n");
    here.site.build().fine();
    assert!(!here.site.page(PAGE).contains("Jane"));
    assert_clean(&here.site, "after all of this");
}

#[test]
fn stories_are_followed_through_renames_and_merges() {
    let Some(here) = Repository::new("history") else { return };
    let text = |word: &str| format!("It has {word} lanes, and a rail between them that nobody uses.\n");
    here.bridge("2024-11-05T10:00:00Z", "Bridge opens", "", &text("six"));
    here.git(&["checkout", "--quiet", "-b", "desk"]);
    here.bridge("2024-11-06T10:00:00Z", "Bridge opens", "", &text("seventy"));
    here.bridge("2024-11-07T10:00:00Z", "Bridge opens", "", &text("four"));
    here.git(&["checkout", "--quiet", "main"]);
    here.site.put("content/other.md", STORY);
    here.commit("2024-11-07T12:00:00Z");
    here.git_on("2024-11-08T10:00:00Z", &["merge", "--quiet", "--no-ff", "-m", "Merge", "desk"]);
    std::fs::create_dir(here.site.path("content/city")).expect("made");
    here.git(&["mv", "content/bridge.md", "content/city/bridge.md"]);
    here.commit("2024-11-09T10:00:00Z");
    // Another story takes the old name: it has a history of its own.
    here.site.put("content/bridge.md", story("Tunnel", "2024-11-10", "", "A tunnel opens.\n"));
    here.commit("2024-11-10T10:00:00Z");
    here.site.put("content/city/bridge.md", story("Bridge opens", "2024-11-05", "", &text("five")));
    here.commit("2024-11-11T10:00:00Z");
    here.site.build().fine();
    assert_eq!(here.days(), ["2024-11-11", "2024-11-08", "2024-11-05"]);
    let page = here.site.page(PAGE);
    assert!(
        page.contains("<del>four</del> <ins>five</ins>") && page.contains("<del>six</del> <ins>four</ins>")
    );
    assert!(!page.contains("seventy"), "what was tried beside the published line");
    assert!(!here.site.has("2024/11/10/bridge/history/index.html"));
}

#[test]
fn a_commit_changes_only_its_storys_pages() {
    let Some(here) = Repository::new("history") else { return };
    here.corrected("");
    for day in 1..=9 {
        let body = format!("The body of {day}.\n");
        let date = format!("2024-0{day}-01");
        here.site.put(&format!("content/s{day}.md"), story(&format!("Story {day}"), &date, "", &body));
    }
    here.commit("2024-11-10T10:00:00Z");
    here.site.build().fine();
    let (_, changes) = changes_of(&here.site, &[]);
    assert_eq!((changes.written.len(), changes.removed.len()), (0, 0), "nothing is new");
    // The text is edited, built, and committed only then.
    here.site.put("content/s3.md", story("Story 3", "2024-03-01", "", "Another body of 3.\n"));
    let (_, changes) = changes_of(&here.site, &[]);
    assert!(changes.written.contains("2024/03/01/s3/index.html"), "{changes:?}");
    here.commit("2024-11-11T10:00:00Z");
    let (_, changes) = changes_of(&here.site, &[]);
    let own = ["2024/03/01/s3/history/index.html", "2024/03/01/s3/index.html"];
    assert_eq!(changes.written.iter().map(String::as_str).collect::<Vec<_>>(), own);
    assert_clean(&here.site, "after a commit");
    // A commit that takes it back at another time.
    here.git_on("2024-11-12T10:00:00Z", &["commit", "--quiet", "--amend", "--reset-author", "-m", "x"]);
    let (_, changes) = changes_of(&here.site, &[]);
    assert_eq!(changes.written.iter().map(String::as_str).collect::<Vec<_>>(), own[..1]);
    here.git(&["reset", "--quiet", "--soft", "HEAD~1"]);
    let (_, changes) = changes_of(&here.site, &[]);
    assert_eq!((changes.written.len(), changes.removed.len()), (1, 1), "{changes:?}");
    assert_clean(&here.site, "after the commit is gone");
}

#[test]
fn where_there_is_no_history_to_read_it_is_said() {
    let Some(here) = Repository::new("history") else { return };
    let build = here.site.build();
    assert_eq!((build.status, build.codes()), (0, vec!["no-history"]));
    assert!(build.only().message.contains("no commit yet"), "{}", build.stderr);
    here.corrected("");
    here.site.build().fine();
    // A clone that isn't whole.
    let clone = Site::new();
    let url = format!("file://{}", here.site.root().display());
    let into = clone.path("clone");
    let status = Command::new("git")
        .args(["clone", "--quiet", "--depth=1", &url])
        .arg(&into)
        .status()
        .expect("git runs");
    assert!(status.success());
    std::fs::copy(here.site.path("site.yaml"), into.join("site.yaml")).expect("copied");
    let build = Build::of(dateline().args(["build", "--format", "json", "--root"]).arg(&into));
    assert_eq!((build.status, build.codes()), (0, vec!["shallow-history"]));
    assert!(!into.join("public").join(PAGE).exists() && into.join("public").join(OWN).exists());
    // No repository, and no git.
    std::fs::remove_dir_all(here.site.path(".git")).expect("removed");
    let build = here.site.build();
    let told = build.only();
    assert_eq!((build.status, told.code.as_str(), told.file.as_str()), (0, "no-history", "site.yaml"));
    assert!(told.message.contains("in no repository"), "{}", build.stderr);
    assert!(
        !here.site.has(PAGE) && !here.site.page(OWN).contains("/history/"),
        "nothing is kept that isn't known"
    );
    let build = Build::of(here.site.command().args(["--format", "json"]).env("PATH", ""));
    assert!(build.only().message.contains("there is no program `git`"), "{}", build.stderr);
}

#[test]
fn versions_whose_files_are_gone_are_left_out() {
    let Some(here) = Repository::new("history") else { return };
    here.corrected("");
    here.bridge("2024-11-09T10:00:00Z", "Bridge opens", "", "It has five lanes.\n");
    let old = here.git(&["rev-parse", "HEAD~1:content/bridge.md"]);
    let (folder, file) = old.trim().split_at(2);
    std::fs::remove_file(here.site.path(&format!(".git/objects/{folder}/{file}"))).expect("removed");
    let build = here.site.build();
    assert_eq!((build.status, build.codes()), (0, vec!["shallow-history"]));
    assert_eq!(here.days(), ["2024-11-09", "2024-11-05"]);
    assert!(here.site.page(PAGE).contains("<del>six</del> <ins>five</ins>"));
}

/// Whatever is written, renamed, committed or taken back, in whatever order: what a build makes of it is what a clean one makes.
#[test]
fn any_commits_build_as_if_anew() {
    let Some(here) = Repository::new("history") else { return };
    let mut rng = Rng(7);
    let mut paths: Vec<String> = (0..4).map(|number| format!("content/s{number}.md")).collect();
    let words = ["one", "two", "three", "four"];
    let lines = ["", "", "", "draft: true\n", "history: false\n", "redact: [Jane]\n", "description: More\n"];
    let mut shown = 0;
    for step in 0..24 {
        for _ in 0..=rng.below(2) {
            let number = rng.below(paths.len());
            let body = format!("A line that stays.\n\nThen {} of {step}.\n", rng.one_of(&words));
            let id = format!("slug: story-{number}\n{}", rng.one_of(&lines));
            here.site.put(&paths[number], story(&format!("Story {number}"), "2024-11-05", &id, &body));
        }
        let number = rng.below(paths.len());
        let old = here.site.path(&paths[number]);
        if rng.below(4) == 0 && old.exists() {
            paths[number] = format!("content/s{number}-{step}.md");
            std::fs::rename(old, here.site.path(&paths[number])).expect("renamed");
        }
        match rng.below(5) {
            0 => {}
            1 if step > 4 => drop(here.git(&["reset", "--quiet", "--soft", "HEAD~1"])),
            _ => here.commit(&format!("2024-11-{:02}T10:00:00Z", step + 6)),
        }
        here.site.build();
        shown += here.site.paths().iter().filter(|path| path.ends_with("/history/index.html")).count();
        assert_same_as_clean(&here.site, step);
    }
    assert!(shown > 10, "only {shown} pages of versions");
}

/// Asserts that the output folder holds what a clean build makes; some steps have warnings.
fn assert_same_as_clean(site: &Site, step: usize) {
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path().join("state");
    let output = folder.path().join("out");
    let place = |path: &std::path::Path| path.to_str().expect("UTF-8").to_owned();
    site.build_with(&["--output", &place(&output), "--state", &place(&state)]);
    let (clean, found) = (files(&output), site.outputs());
    let differs: Vec<&String> =
        clean.keys().chain(found.keys()).filter(|path| clean.get(*path) != found.get(*path)).collect();
    assert!(differs.is_empty(), "step {step}: {differs:?}");
}

/// What a repository says is run by no build.
#[cfg(unix)]
#[test]
fn a_repository_runs_nothing() {
    let Some(here) = Repository::new("history") else { return };
    here.corrected("");
    let trap = here.site.path("trap.sh");
    let mark = here.site.path("sprung");
    std::fs::write(&trap, format!("#!/bin/sh\necho x >> {}\n", mark.display())).expect("written");
    std::os::unix::fs::symlink("/bin/sh", here.site.path("sh")).expect("linked");
    let call = format!("sh {}", trap.display());
    for key in
        ["core.fsmonitor", "core.pager", "diff.external", "core.sshCommand", "gpg.program", "diff.x.textconv"]
    {
        here.git(&["config", key, &call]);
    }
    here.git(&["config", "log.showSignature", "true"]);
    here.site.put(".gitattributes", "*.md diff=x\n");
    let build = Build::of(here.site.command().args(["--format", "json"]).env("GIT_DIR", "/nowhere"));
    assert_eq!(build.status, 0, "{}", build.stderr);
    assert!(here.site.has(PAGE) && !mark.exists());
}

/// A story that has the address where the page of versions would be keeps it.
#[test]
fn a_story_keeps_its_address() {
    let Some(here) = Repository::new("history") else { return };
    here.corrected("");
    let lines = "permalink: /2024/11/05/bridge/history/\n";
    here.site.put("content/history.md", story("A history", "2024-11-06", lines, "Of bridges.\n"));
    let build = here.site.build().faulty();
    let told = build.only();
    assert_eq!((told.code.as_str(), told.file.as_str()), ("same-address", "content/history.md"));
    assert!(here.site.page(PAGE).contains("Of bridges."));
}

#[test]
fn a_check_finds_nothing_wrong_with_versions() {
    let Some(here) = Repository::new("history") else { return };
    here.site.put("content/good.md", story("A story", "2024-11-04", "section: world\n", "Text.\n"));
    here.corrected("section: world\n");
    let check = Build::of(dateline().args(["check", "--strict", "--root"]).arg(here.site.root()));
    assert_eq!(check.status, 0, "{}{}", check.stdout, check.stderr);
}

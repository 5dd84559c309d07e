//! `dateline serve` under difficulties: thousands of changes, removed folders, systems without file
//! events, closed terminals, signals.

use std::collections::BTreeSet;
use std::fs;
use std::process::{Command, Stdio};
use std::time::SystemTime;

use walkdir::WalkDir;

use crate::archive::{Archive, assert_same_as_clean_build, generate_articles};
use crate::harness::{SETTINGS, TestSite, article, dateline, read_files, report_skipped};
use crate::server::TestServer;

#[test]
fn thousands_of_files_renamed_at_once() {
    let site =
        TestSite::empty().with_file("site.yaml", format!("{SETTINGS}data: {{articles: true}}\n"));
    let article_path = |branch: &str, number: usize| {
        format!("content/{branch}{}/{branch}{number:04}.md", number % 5)
    };
    for number in 0..5_000 {
        let date = format!("2024-{:02}-{:02}", number % 12 + 1, number % 7 + 1);
        site.write(
            &article_path("a", number),
            article(&format!("Story {number}"), &date, "", "Text.\n"),
        );
    }
    let mut server = TestServer::start(&site, &[]);
    let data_file = crate::archive::clean_build_files(&site)
        .into_keys()
        .find(|path| path.ends_with(".jsonl"))
        .expect("there is one diagnostic");
    let count = |server: &TestServer, branch: &str| {
        let text = server.get(&data_file).body_text();
        text.lines().filter(|line| line.contains(&format!("/{branch}"))).count()
    };
    assert_eq!(count(&server, "a"), 5_000);
    // Like a checkout of another branch: every file has another name, and most have another text.
    for number in 0..5_000 {
        let to = site.path(&article_path("b", number));
        fs::create_dir_all(to.parent().expect("the path has a parent"))
            .expect("the folder is created");
        fs::rename(site.path(&article_path("a", number)), &to).expect("the file is renamed");
        if number % 3 > 0 {
            let date = format!("2024-{:02}-{:02}", number % 12 + 1, number % 7 + 1);
            fs::write(to, article(&format!("Other {number}"), &date, "", "Other.\n"))
                .expect("the file is written");
        }
    }
    for branch in 0..5 {
        fs::remove_dir(site.path(&format!("content/a{branch}"))).expect("the file is removed");
    }
    server.wait_until(|server| {
        let text = server.get(&data_file).body_text();
        count(server, "b") == 5_000 && text.matches("Other ").count() >= 3_333
    });
    assert_eq!(count(&server, "a"), 0);
    server.assert_serves_clean_build(&site, "after the storm", &BTreeSet::new());
}

#[test]
fn folders_that_replace_each_other() {
    let site = TestSite::empty();
    for folder in ["one", "two"] {
        site.write(
            &format!("content/{folder}/same.md"),
            article(folder, "2024-11-06", "", &format!("In {folder}.\n")),
        );
    }
    let mut server = TestServer::start(&site, &[]);
    let rename = |from: &str, to: &str| {
        fs::rename(site.path(from), site.path(to)).expect("the file is renamed");
    };
    site.remove("content/two/same.md");
    server.wait_for_text("2024/11/06/same/", "In one.");
    site.write("aside/same.md", article("three", "2024-11-06", "", "In three.\n"));
    rename("content/one", "away");
    rename("aside", "content/one");
    server.wait_for_text("2024/11/06/same/", "In three.");
    // Files in a folder that was moved into the site are watched, too.
    site.write("content/one/other.md", article("other", "2024-11-06", "", "Another.\n"));
    server.wait_for_text("2024/11/06/other/", "Another.");
    server.assert_serves_clean_build(&site, "folders moved", &BTreeSet::new());
}

#[test]
fn a_site_moved_away_and_back() {
    let site = TestSite::new();
    let moved_site = site.root().with_file_name("aside");
    let mut server = TestServer::start(&site, &[]);
    for _ in 0..2 {
        fs::rename(site.root(), &moved_site).expect("the file is renamed");
        server.wait_for_error_count(1);
        assert_eq!((server.first().0, server.get("").status), ("no-site", 500));
        assert!(server.first().3.contains("restore it"), "{:?}", server.first());
        fs::rename(&moved_site, site.root()).expect("the file is renamed");
        server.wait_for_error_count(0);
        assert_eq!(server.get("2024/11/05/good/").status, 200);
    }
    // The site is removed with its cache, and another one is created at its path.
    fs::remove_dir_all(site.root()).expect("the file is removed");
    server.wait_for_error_count(1);
    site.write("site.yaml", "title: [\n");
    site.write("content/other.md", article("Other", "2024-11-06", "", "Other.\n"));
    server.wait_for_text("2024/11/06/other/", "Other.");
    site.write("site.yaml", SETTINGS);
    server.wait_for_error_count(0);
    fs::remove_dir_all(site.path("content")).expect("the file is removed");
    site.write("content/third.md", article("Third", "2024-11-06", "", "Third.\n"));
    server.wait_for_text("2024/11/06/third/", "Third.");
    site.write("content/third.md", article("Third", "2024-11-06", "", "Still seen.\n"));
    server.wait_for_text("2024/11/06/third/", "Still seen.");
    server.assert_serves_clean_build(&site, "in the end", &BTreeSet::new());
}

/// Asserts that polling notices edits within a second, of the same length, and with an earlier
/// modification time.
fn assert_edits_are_seen(site: &TestSite, server: &mut TestServer) {
    for word in ["One", "Two", "Six"] {
        site.write(
            "content/deep/er/a.md",
            article("Looked", "2024-11-06", "", &format!("{word}.\n")),
        );
        server.wait_for_text("2024/11/06/a/", &format!("{word}."));
    }
    let old_file = site.path("content/.old");
    fs::write(&old_file, article("Looked", "2024-11-06", "", "Old.\n"))
        .expect("the file is written");
    let file = fs::OpenOptions::new().write(true).open(&old_file).expect("the file is opened");
    file.set_modified(SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000))
        .expect("the modification time is set");
    fs::rename(old_file, site.path("content/deep/er/a.md")).expect("the file is renamed");
    server.wait_for_text("2024/11/06/a/", "Old.");
    site.write(
        "templates/day.html",
        "{% extends \"builtin/day.html\" %}{% block head %}<!-- mine -->{% endblock %}",
    );
    server.wait_for_text("2024/11/06/", "<!-- mine -->");
    fs::remove_dir_all(site.path("content/deep")).expect("the file is removed");
    server.wait_until(|server| server.get("2024/11/06/a/").status == 404);
}

#[test]
fn polling_instead_of_notifications() {
    let site = TestSite::new();
    let mut server = TestServer::start(&site, &["--poll"]);
    assert_edits_are_seen(&site, &mut server);
    let moved_site = site.root().with_file_name("aside");
    fs::rename(site.root(), &moved_site).expect("the file is renamed");
    server.wait_for_error_count(1);
    fs::rename(moved_site, site.root()).expect("the file is renamed");
    server.wait_for_error_count(0);
    assert_edits_are_seen(&site, &mut server);
}

/// Returns the program with a limit of watched folders; nothing if that isn't possible here.
fn command_with_watch_limit(site: &TestSite, max_watches: u32) -> Option<Command> {
    let set_limit = format!("echo {max_watches} > /proc/sys/user/max_inotify_watches");
    let probe = Command::new("unshare")
        .args(["-Ur", "sh", "-c", &set_limit])
        .stderr(Stdio::null())
        .status();
    if !probe.is_ok_and(|status| status.success()) {
        report_skipped(
            "the limit of inotify",
            "a user namespace with a limit of its own can't be made here",
        );
        return None;
    }
    let mut command = Command::new("unshare");
    command.args([
        "-Ur",
        "sh",
        "-c",
        &format!("{set_limit} && exec \"$0\" \"$@\""),
        env!("CARGO_BIN_EXE_dateline"),
    ]);
    command.args(["serve", "--verbose", "--port", "0", "--root"]).arg(site.root());
    Some(command)
}

#[test]
fn the_watch_limit_is_reached() {
    let site = TestSite::new().with_file("content/b/b.md", article("B", "2024-11-06", "", "B.\n"));
    let Some(command) = command_with_watch_limit(&site, 2) else { return };
    let mut server = TestServer::spawn(command);
    // The warning may be printed after the server's address.
    let mut polls = 0;
    while !server.terminal_output().contains("fs.inotify.max_user_watches=") && polls < 200 {
        polls += 1;
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    assert!(
        server.terminal_output().contains("fs.inotify.max_user_watches="),
        "{}",
        server.terminal_output()
    );
    assert_edits_are_seen(&site, &mut server);
    // The limit is reached later, by a new folder.
    let site = TestSite::new();
    let Some(command) = command_with_watch_limit(&site, 3) else { return };
    let mut server = TestServer::spawn(command);
    assert!(!server.terminal_output().contains("sysctl"), "{}", server.terminal_output());
    for folder in 0..4 {
        site.write(
            &format!("content/f{folder}/n{folder}.md"),
            article("New", "2024-11-06", "", "New.\n"),
        );
        server.wait_for_text(&format!("2024/11/06/n{folder}/"), "New.");
    }
    assert_edits_are_seen(&site, &mut server);
    assert_eq!(
        server.terminal_output().matches("sysctl").count(),
        1,
        "{}",
        server.terminal_output()
    );
}

#[test]
fn a_closed_terminal() {
    let site = TestSite::new();
    let mut command = dateline();
    command.args(["serve", "--port", "0", "--root"]).arg(site.root());
    let mut server = TestServer::spawn_and_close_output_after(command, 1);
    for word in ["One", "Two"] {
        site.write("content/a.md", article("A", "2024-11-06", "", &format!("{word}.\n")));
        server.wait_for_text("2024/11/06/a/", &format!("{word}."));
    }
    site.write("content/a.md", "---\ntitle: [\n");
    server.wait_for_error_count(1);
    site.write("content/a.md", article("A", "2024-11-06", "", "Three.\n"));
    server.wait_for_text("2024/11/06/a/", "Three.");
}

/// Returns a command that reacts to Ctrl-C, also if the tests run in the background and ignore it.
fn interruptible(command: Command) -> Command {
    let probe =
        Command::new("env").args(["--default-signal=INT", "true"]).stderr(Stdio::null()).status();
    if !probe.is_ok_and(|status| status.success()) {
        return command;
    }
    let mut wrapped = Command::new("env");
    wrapped.arg("--default-signal=INT").arg(command.get_program()).args(command.get_args());
    wrapped
}

fn interrupt(pid: u32) {
    let status = Command::new("kill").args(["-INT", &pid.to_string()]).status().expect("kill runs");
    assert!(status.success());
}

/// Returns the temporary files of unfinished writes.
fn partial_files(site: &TestSite) -> Vec<String> {
    let mut names: Vec<String> = read_files(&site.root()).into_keys().collect();
    names.retain(|name| name.ends_with(".tmp") || name.contains(".dateline-tmp"));
    names
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_serve_at_once() {
    use std::os::unix::process::ExitStatusExt;
    let site = Archive::new(generate_articles(60, 3))
        .site
        .with_file("site.yaml", format!("{SETTINGS}search: true\n"));
    let mut command = dateline();
    command.args(["serve", "--port", "0", "--root"]).arg(site.root());
    let mut server = TestServer::spawn(interruptible(command));
    let pages = server.assert_serves_clean_build(&site, "at first", &BTreeSet::new());
    interrupt(server.pid());
    let status = server.wait();
    assert_eq!(
        (status.signal(), status.code()),
        (Some(2), None),
        "as any program that is interrupted"
    );
    assert_eq!(partial_files(&site), [""; 0]);
    assert!(!site.path("public").exists());
    TestServer::start(&site, &[]).assert_serves_clean_build(&site, "begun again", &pages);
}

#[cfg(unix)]
#[test]
fn ctrl_c_during_a_build_loses_nothing() {
    let mut archive = Archive::generate_and_build(400, 11);
    let mut interrupted = 0;
    for round in 0..8 {
        for index in 0..archive.articles.len() {
            archive.edit(index, |article| article.title = format!("Title {round} of {index}"));
        }
        let start = SystemTime::now();
        let mut command = interruptible(archive.site.build_command());
        let mut child = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        // During the build: after as many pages as this round needs.
        let written_threshold = round * 60;
        let enough_written = || {
            // A file can be replaced in the meantime.
            let entries =
                WalkDir::new(archive.site.path("public")).into_iter().filter_map(Result::ok);
            let times = entries.filter_map(|entry| entry.metadata().ok()?.modified().ok());
            times.filter(|time| *time > start).count() > written_threshold
        };
        while child.try_wait().expect("the process can be checked").is_none() && !enough_written() {
        }
        if child.try_wait().expect("the process can be checked").is_none() {
            interrupt(child.id());
        }
        interrupted += usize::from(child.wait().expect("the process ends").code().is_none());
        archive.site.build().assert_success();
        assert_same_as_clean_build(&archive.site, &format!("round {round}"));
        assert_eq!(partial_files(&archive.site), [""; 0]);
    }
    assert!(interrupted > 0, "no build was interrupted");
}

/// While an article has an error, its last good page is shown; a draft's isn't.
#[test]
fn the_last_good_page_is_shown_while_front_matter_is_broken() {
    let source = |lines: &str, body: &str| article("Talks", "2024-11-06", lines, body);
    let site = TestSite::new()
        .with_file("content/talks.md", source("", "First text.\n"))
        .with_file("content/unseen.md", article("Unseen", "2024-11-07", "", "Built text.\n"));
    site.build().assert_success();
    let mut server = TestServer::start(&site, &[]);
    let page = "2024/11/06/talks/";
    assert!(server.get(page).body_text().contains("First text."));
    site.write("content/talks.md", "---\ntitle: Talks\ndate: [2024\n---\nSecond text.\n");
    server.wait_for_error_count(1);
    let shown = server.get(page);
    assert_eq!((shown.status, shown.body_text().contains("First text.")), (200, true));
    assert!(shown.body_text().contains("/.dateline/client.js"), "with the overlay");
    // A page that wasn't requested before is that of the last build.
    site.write("content/unseen.md", "---\ntitle: Unseen\ndate: [2024\n---\nOther.\n");
    server.wait_for_error_count(2);
    let shown = server.get("2024/11/07/unseen/");
    assert_eq!((shown.status, shown.body_text().contains("Built text.")), (200, true));
    site.write("content/talks.md", source("draft: true\n", "First text.\n"));
    server.wait_for_error_count(1);
    assert_eq!(server.get(page).status, 404, "a draft isn't shown");
    site.write("content/talks.md", source("", "Third text.\n"));
    server.wait_for_text(page, "Third text.");
    site.remove("content/talks.md");
    server.wait_until(|server| server.get(page).status == 404);
}

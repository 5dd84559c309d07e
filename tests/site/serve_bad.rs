//! `dateline serve` when the machine is in its way: storms, folders that go, systems that don't watch, terminals that close, signals.

use std::collections::BTreeSet;
use std::fs;
use std::process::{Command, Stdio};
use std::time::SystemTime;

use walkdir::WalkDir;

use crate::archive::{Archive, assert_clean, stories};
use crate::harness::{SETTINGS, Site, dateline, files, skipped, story};
use crate::served::Served;

#[test]
fn a_storm_of_names() {
    let site = Site::empty().with("site.yaml", format!("{SETTINGS}data: {{catalogue: true}}\n"));
    let name = |branch: &str, number: usize| format!("content/{branch}{}/{branch}{number:04}.md", number % 5);
    for number in 0..5_000 {
        let date = format!("2024-{:02}-{:02}", number % 12 + 1, number % 7 + 1);
        site.put(&name("a", number), story(&format!("Story {number}"), &date, "", "Text.\n"));
    }
    let mut served = Served::start(&site, &[]);
    let catalogue =
        crate::archive::clean(&site).into_keys().find(|path| path.ends_with(".jsonl")).expect("one");
    let count = |served: &Served, branch: &str| {
        let text = served.get(&catalogue).text();
        text.lines().filter(|line| line.contains(&format!("/{branch}"))).count()
    };
    assert_eq!(count(&served, "a"), 5_000);
    // Like a checkout of another branch: every file has another name, and most have another text.
    for number in 0..5_000 {
        let to = site.path(&name("b", number));
        fs::create_dir_all(to.parent().expect("a folder")).expect("created");
        fs::rename(site.path(&name("a", number)), &to).expect("renamed");
        if number % 3 > 0 {
            let date = format!("2024-{:02}-{:02}", number % 12 + 1, number % 7 + 1);
            fs::write(to, story(&format!("Other {number}"), &date, "", "Other.\n")).expect("written");
        }
    }
    for branch in 0..5 {
        fs::remove_dir(site.path(&format!("content/a{branch}"))).expect("removed");
    }
    served.until(|served| {
        let text = served.get(&catalogue).text();
        count(served, "b") == 5_000 && text.matches("Other ").count() >= 3_333
    });
    assert_eq!(count(&served, "a"), 0);
    served.assert_same(&site, "after the storm", &BTreeSet::new());
}

#[test]
fn folders_that_take_each_others_place() {
    let site = Site::empty();
    for folder in ["one", "two"] {
        site.put(
            &format!("content/{folder}/same.md"),
            story(folder, "2024-11-06", "", &format!("In {folder}.\n")),
        );
    }
    let mut served = Served::start(&site, &[]);
    let rename = |from: &str, to: &str| fs::rename(site.path(from), site.path(to)).expect("renamed");
    site.remove("content/two/same.md");
    served.shows("2024/11/06/same/", "In one.");
    site.put("aside/same.md", story("three", "2024-11-06", "", "In three.\n"));
    rename("content/one", "away");
    rename("aside", "content/one");
    served.shows("2024/11/06/same/", "In three.");
    // What is written in a folder that was moved here is seen, too.
    site.put("content/one/other.md", story("other", "2024-11-06", "", "Another.\n"));
    served.shows("2024/11/06/other/", "Another.");
    served.assert_same(&site, "folders moved", &BTreeSet::new());
}

#[test]
fn a_site_that_is_taken_away_and_put_back() {
    let site = Site::new();
    let aside = site.root().with_file_name("aside");
    let mut served = Served::start(&site, &[]);
    for _ in 0..2 {
        fs::rename(site.root(), &aside).expect("renamed");
        served.errors(1);
        assert_eq!((served.first().0, served.get("").status), ("no-site", 500));
        assert!(served.first().3.contains("put it back"), "{:?}", served.first());
        fs::rename(&aside, site.root()).expect("renamed");
        served.errors(0);
        assert_eq!(served.get("2024/11/05/good/").status, 200);
    }
    // Removed for good, with what is kept in it, and another one in its place.
    fs::remove_dir_all(site.root()).expect("removed");
    served.errors(1);
    site.put("site.yaml", "title: [\n");
    site.put("content/other.md", story("Other", "2024-11-06", "", "Other.\n"));
    served.shows("2024/11/06/other/", "Other.");
    site.put("site.yaml", SETTINGS);
    served.errors(0);
    fs::remove_dir_all(site.path("content")).expect("removed");
    site.put("content/third.md", story("Third", "2024-11-06", "", "Third.\n"));
    served.shows("2024/11/06/third/", "Third.");
    site.put("content/third.md", story("Third", "2024-11-06", "", "Still seen.\n"));
    served.shows("2024/11/06/third/", "Still seen.");
    served.assert_same(&site, "in the end", &BTreeSet::new());
}

/// Edits that looking has to see: within one second, of one length, and with a time that lies before.
fn edits_are_seen(site: &Site, served: &mut Served) {
    for word in ["One", "Two", "Six"] {
        site.put("content/deep/er/a.md", story("Looked", "2024-11-06", "", &format!("{word}.\n")));
        served.shows("2024/11/06/a/", &format!("{word}."));
    }
    let old = site.path("content/.old");
    fs::write(&old, story("Looked", "2024-11-06", "", "Old.\n")).expect("written");
    let file = fs::OpenOptions::new().write(true).open(&old).expect("open");
    file.set_modified(SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000)).expect("set");
    fs::rename(old, site.path("content/deep/er/a.md")).expect("renamed");
    served.shows("2024/11/06/a/", "Old.");
    site.put(
        "templates/day.html",
        "{% extends \"builtin/day.html\" %}{% block head %}<!-- mine -->{% endblock %}",
    );
    served.shows("2024/11/06/", "<!-- mine -->");
    fs::remove_dir_all(site.path("content/deep")).expect("removed");
    served.until(|served| served.get("2024/11/06/a/").status == 404);
}

#[test]
fn looking_instead_of_being_told() {
    let site = Site::new();
    let mut served = Served::start(&site, &["--poll"]);
    edits_are_seen(&site, &mut served);
    let aside = site.root().with_file_name("aside");
    fs::rename(site.root(), &aside).expect("renamed");
    served.errors(1);
    fs::rename(aside, site.root()).expect("renamed");
    served.errors(0);
    edits_are_seen(&site, &mut served);
}

/// The program where no more than some folders can be watched; none if that can't be arranged here.
fn few_watches(site: &Site, most: u32) -> Option<Command> {
    let set = format!("echo {most} > /proc/sys/user/max_inotify_watches");
    let can = Command::new("unshare").args(["-Ur", "sh", "-c", &set]).stderr(Stdio::null()).status();
    if !can.is_ok_and(|status| status.success()) {
        skipped("the limit of inotify", "a user namespace with a limit of its own can't be made here");
        return None;
    }
    let mut command = Command::new("unshare");
    command.args([
        "-Ur",
        "sh",
        "-c",
        &format!("{set} && exec \"$0\" \"$@\""),
        env!("CARGO_BIN_EXE_dateline"),
    ]);
    command.args(["serve", "--verbose", "--port", "0", "--root"]).arg(site.root());
    Some(command)
}

#[test]
fn a_system_that_watches_no_more() {
    let site = Site::new().with("content/b/b.md", story("B", "2024-11-06", "", "B.\n"));
    let Some(command) = few_watches(&site, 2) else { return };
    let mut served = Served::of(command);
    assert!(served.said().contains("fs.inotify.max_user_watches="), "{}", served.said());
    edits_are_seen(&site, &mut served);
    // The limit is met later, by a new folder.
    let site = Site::new();
    let Some(command) = few_watches(&site, 3) else { return };
    let mut served = Served::of(command);
    assert!(!served.said().contains("sysctl"), "{}", served.said());
    for folder in 0..4 {
        site.put(&format!("content/f{folder}/n{folder}.md"), story("New", "2024-11-06", "", "New.\n"));
        served.shows(&format!("2024/11/06/n{folder}/"), "New.");
    }
    edits_are_seen(&site, &mut served);
    assert_eq!(served.said().matches("sysctl").count(), 1, "{}", served.said());
}

#[test]
fn a_terminal_that_is_closed() {
    let site = Site::new();
    let mut command = dateline();
    command.args(["serve", "--port", "0", "--root"]).arg(site.root());
    let mut served = Served::heard_for(command, 1);
    for word in ["One", "Two"] {
        site.put("content/a.md", story("A", "2024-11-06", "", &format!("{word}.\n")));
        served.shows("2024/11/06/a/", &format!("{word}."));
    }
    site.put("content/a.md", "---\ntitle: [\n");
    served.errors(1);
    site.put("content/a.md", story("A", "2024-11-06", "", "Three.\n"));
    served.shows("2024/11/06/a/", "Three.");
}

/// A command that heeds Ctrl-C, also where the tests themselves run in the background and were told not to.
fn interruptible(command: Command) -> Command {
    let can = Command::new("env").args(["--default-signal=INT", "true"]).stderr(Stdio::null()).status();
    if !can.is_ok_and(|status| status.success()) {
        return command;
    }
    let mut other = Command::new("env");
    other.arg("--default-signal=INT").arg(command.get_program()).args(command.get_args());
    other
}

fn interrupt(pid: u32) {
    let done = Command::new("kill").args(["-INT", &pid.to_string()]).status().expect("kill runs");
    assert!(done.success());
}

/// Files that were begun and not ended.
fn halves(site: &Site) -> Vec<String> {
    let mut names: Vec<String> = files(&site.root()).into_keys().collect();
    names.retain(|name| name.ends_with(".tmp") || name.contains(".dateline-tmp"));
    names
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_it_at_once() {
    use std::os::unix::process::ExitStatusExt;
    let site = Archive::new(stories(60, 3)).site.with("site.yaml", format!("{SETTINGS}search: true\n"));
    let mut command = dateline();
    command.args(["serve", "--port", "0", "--root"]).arg(site.root());
    let mut served = Served::of(interruptible(command));
    let pages = served.assert_same(&site, "at first", &BTreeSet::new());
    interrupt(served.pid());
    let status = served.ended();
    assert_eq!((status.signal(), status.code()), (Some(2), None), "as any program that is interrupted");
    assert_eq!(halves(&site), [""; 0]);
    assert!(!site.path("public").exists());
    Served::start(&site, &[]).assert_same(&site, "begun again", &pages);
}

#[cfg(unix)]
#[test]
fn ctrl_c_in_mid_build_costs_nothing() {
    let mut archive = Archive::built(400, 11);
    let mut stopped = 0;
    for round in 0..8 {
        for at in 0..archive.stories.len() {
            archive.change(at, |story| story.title = format!("Title {round} of {at}"));
        }
        let before = SystemTime::now();
        let mut build = interruptible(archive.site.command());
        let mut child =
            build.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts");
        // In the midst of it: when as many of its pages are written as this round wants.
        let wanted = round * 60;
        let written = || {
            // Of files that others replace meanwhile nothing is to be known.
            let entries = WalkDir::new(archive.site.path("public")).into_iter().filter_map(Result::ok);
            let times = entries.filter_map(|entry| entry.metadata().ok()?.modified().ok());
            times.filter(|time| *time > before).count() > wanted
        };
        while child.try_wait().expect("asked").is_none() && !written() {}
        if child.try_wait().expect("asked").is_none() {
            interrupt(child.id());
        }
        stopped += usize::from(child.wait().expect("it ends").code().is_none());
        archive.site.build().fine();
        assert_clean(&archive.site, &format!("round {round}"));
        assert_eq!(halves(&archive.site), [""; 0]);
    }
    assert!(stopped > 0, "no build was interrupted");
}

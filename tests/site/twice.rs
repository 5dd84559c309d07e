//! Two builds of one site at once: the second waits, and both end well.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Stdio};

use crate::archive::{Archive, Story, assert_clean, stories};
use crate::harness::{Build, Site};

const WAITS: &str = "another build of this site is running: waiting for it to end";

fn start(site: &Site) -> Child {
    let mut command = site.command();
    command.args(["--format", "json"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("the program starts")
}

/// Waits for a build to end; gives its status and what it said on standard error.
#[track_caller]
fn end(mut build: Child) -> (Option<i32>, String) {
    let mut said = String::new();
    build.stderr.take().expect("piped").read_to_string(&mut said).expect("UTF-8");
    (build.wait().expect("it ends").code(), said)
}

/// The test holds the lock, as a build does.
fn lock(site: &Site) -> File {
    let file = File::options().create(true).truncate(false).write(true).open(site.path(".dateline/lock"));
    let file = file.expect("a file");
    file.lock().expect("locked");
    file
}

#[test]
fn the_second_waits_and_says_so() {
    let mut archive = Archive::built(40, 3);
    archive.change(10, |story| story.title = "Another title".into());
    let before = (archive.site.outputs(), archive.site.stamps());
    let held = lock(&archive.site);
    let mut second = start(&archive.site);
    let mut said = BufReader::new(second.stderr.take().expect("piped"));
    let mut line = String::new();
    said.read_line(&mut line).expect("UTF-8");
    assert_eq!(line.trim_end(), WAITS);
    assert!(second.try_wait().expect("known").is_none(), "it waits");
    assert!(before == (archive.site.outputs(), archive.site.stamps()), "and writes nothing meanwhile");
    // What is edited while it waits counts.
    archive.put(Story::on((2024, 11, 5), 9, "late.md"));
    drop(held);
    let mut rest = String::new();
    said.read_to_string(&mut rest).expect("UTF-8");
    assert_eq!((second.wait().expect("it ends").code(), rest.as_str()), (Some(0), ""));
    assert_clean(&archive.site, "after waiting");
    assert_eq!(archive.site.build().fine().number("written"), 0);
}

/// A dry run waits as well: what it would say while files change under it is worth nothing.
#[test]
fn a_dry_run_waits_too() {
    let archive = Archive::built(20, 4);
    let held = lock(&archive.site);
    let mut command = archive.site.command();
    let mut second = command
        .args(["--dry-run", "--format", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut said = BufReader::new(second.stderr.take().expect("piped"));
    let mut line = String::new();
    said.read_line(&mut line).expect("UTF-8");
    assert_eq!(line.trim_end(), WAITS);
    drop(held);
    assert!(second.wait().expect("it ends").success());
}

#[test]
fn several_at_once() {
    let mut archive = Archive::new(stories(150, 5));
    for round in 0..6 {
        let builds: Vec<Child> = (0..3).map(|_| start(&archive.site)).collect();
        for build in builds {
            let (status, said) = end(build);
            assert_eq!(status, Some(0), "round {round}: {said}");
            assert!(said.lines().all(|line| line == WAITS), "round {round}: {said}");
        }
        assert_clean(&archive.site, &format!("round {round}"));
        assert_eq!(archive.site.build().fine().number("written"), 0);
        archive.remove(round * 3);
        archive.put(Story::on((2023, 3, 1 + round as u32), 9, &format!("new/n{round}.md")));
        archive.change(100, |story| story.title = format!("Title {round}"));
    }
}

/// Two output folders of one site have states of their own, and one lock.
#[test]
fn at_once_into_two_folders() {
    let archive = Archive::new(stories(100, 6));
    let other = tempfile::tempdir().expect("a folder");
    let target = other.path().join("out");
    let first = start(&archive.site);
    let second = archive.site.build_with(&["--output", target.to_str().expect("UTF-8")]);
    assert_eq!(second.status, 0);
    assert_eq!(end(first).0, Some(0));
    assert!(crate::harness::files(&target) == archive.site.outputs());
}

#[test]
fn a_lock_that_nobody_holds() {
    let mut archive = Archive::built(20, 7);
    fs::write(archive.site.path(".dateline/lock"), "12345\n").expect("written");
    archive.change(3, |story| story.body = "Other.".into());
    assert_eq!(archive.changes().written.len(), 1);
    // A killed build's lock goes with it.
    let mut child = archive.site.command().arg("--force").stdout(Stdio::null()).spawn().expect("it starts");
    let lock = archive.site.path(".dateline/lock");
    let held = || File::options().write(true).open(&lock).is_ok_and(|file| file.try_lock().is_err());
    while !held() && child.try_wait().expect("known").is_none() {
        std::thread::yield_now();
    }
    child.kill().expect("killed");
    child.wait().expect("it ends");
    Build::of(&mut archive.site.command()).fine();
    assert_clean(&archive.site, "after a killed build");
}

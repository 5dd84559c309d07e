//! Two builds of one site at the same time: the second waits, and both succeed.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Stdio};

use crate::archive::{Archive, Article, assert_same_as_clean_build, generate_articles};
use crate::harness::{CommandOutput, TestSite};

const WAITING_MESSAGE: &str = "another build of this site is running: waiting for it to finish";

fn start_build(site: &TestSite) -> Child {
    let mut command = site.build_command();
    command.args(["--format", "json"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("the program starts")
}

/// Waits for a build to end; returns its status and its standard error.
#[track_caller]
fn wait_for_build(mut child: Child) -> (Option<i32>, String) {
    let mut stderr = String::new();
    child
        .stderr
        .take()
        .expect("the stream is piped")
        .read_to_string(&mut stderr)
        .expect("it is UTF-8");
    (child.wait().expect("the process ends").code(), stderr)
}

/// Locks the site, as a build does.
fn hold_lock(site: &TestSite) -> File {
    let file =
        File::options().create(true).truncate(false).write(true).open(site.path(".dateline/lock"));
    let file = file.expect("there is a file");
    file.lock().expect("the file is locked");
    file
}

#[test]
fn the_second_build_waits_and_reports_it() {
    let mut archive = Archive::generate_and_build(40, 3);
    archive.edit(10, |article| article.title = "Another title".into());
    let before = (archive.site.outputs(), archive.site.output_mtimes());
    let lock_file = hold_lock(&archive.site);
    let mut second = start_build(&archive.site);
    let mut stderr = BufReader::new(second.stderr.take().expect("the stream is piped"));
    let mut line = String::new();
    stderr.read_line(&mut line).expect("it is UTF-8");
    assert_eq!(line.trim_end(), WAITING_MESSAGE);
    assert!(second.try_wait().expect("the process can be checked").is_none(), "it waits");
    assert!(
        before == (archive.site.outputs(), archive.site.output_mtimes()),
        "and writes nothing meanwhile"
    );
    // An edit during the wait is built.
    archive.write(Article::on_day((2024, 11, 5), 9, "late.md"));
    drop(lock_file);
    let mut rest = String::new();
    stderr.read_to_string(&mut rest).expect("it is UTF-8");
    assert_eq!((second.wait().expect("the process ends").code(), rest.as_str()), (Some(0), ""));
    assert_same_as_clean_build(&archive.site, "after waiting");
    assert_eq!(archive.site.build().assert_success().report_number("written"), 0);
}

/// A dry run waits, too: while files change its report would be wrong.
#[test]
fn a_dry_run_waits_too() {
    let archive = Archive::generate_and_build(20, 4);
    let lock_file = hold_lock(&archive.site);
    let mut command = archive.site.build_command();
    let mut second = command
        .args(["--dry-run", "--format", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stderr = BufReader::new(second.stderr.take().expect("the stream is piped"));
    let mut line = String::new();
    stderr.read_line(&mut line).expect("it is UTF-8");
    assert_eq!(line.trim_end(), WAITING_MESSAGE);
    drop(lock_file);
    assert!(second.wait().expect("the process ends").success());
}

#[test]
fn several_builds_at_once() {
    let mut archive = Archive::new(generate_articles(150, 5));
    for round in 0..6 {
        let builds: Vec<Child> = (0..3).map(|_| start_build(&archive.site)).collect();
        for build in builds {
            let (status, stderr) = wait_for_build(build);
            assert_eq!(status, Some(0), "round {round}: {stderr}");
            assert!(stderr.lines().all(|line| line == WAITING_MESSAGE), "round {round}: {stderr}");
        }
        assert_same_as_clean_build(&archive.site, &format!("round {round}"));
        assert_eq!(archive.site.build().assert_success().report_number("written"), 0);
        archive.remove(round * 3);
        archive.write(Article::on_day((2023, 3, 1 + round as u32), 9, &format!("new/n{round}.md")));
        archive.edit(100, |article| article.title = format!("Title {round}"));
    }
}

/// Two output folders of one site have separate caches, and one lock.
#[test]
fn concurrent_builds_into_two_folders() {
    let archive = Archive::new(generate_articles(100, 6));
    let other = tempfile::tempdir().expect("a temporary folder is created");
    let target = other.path().join("out");
    let first = start_build(&archive.site);
    let second = archive.site.build_with_args(&["--output", target.to_str().expect("it is UTF-8")]);
    assert_eq!(second.status, 0);
    assert_eq!(wait_for_build(first).0, Some(0));
    assert!(crate::harness::read_files(&target) == archive.site.outputs());
}

#[test]
fn a_stale_lock_is_ignored() {
    let mut archive = Archive::generate_and_build(20, 7);
    fs::write(archive.site.path(".dateline/lock"), "12345\n").expect("the file is written");
    archive.edit(3, |article| article.body = "Other.".into());
    assert_eq!(archive.build_changes().written.len(), 1);
    // The lock of a killed build is released.
    let mut child = archive
        .site
        .build_command()
        .arg("--force")
        .stdout(Stdio::null())
        .spawn()
        .expect("the program starts");
    let lock_path = archive.site.path(".dateline/lock");
    let is_locked =
        || File::options().write(true).open(&lock_path).is_ok_and(|file| file.try_lock().is_err());
    while !is_locked() && child.try_wait().expect("the process can be checked").is_none() {
        std::thread::yield_now();
    }
    child.kill().expect("the process is killed");
    child.wait().expect("the process ends");
    CommandOutput::run(&mut archive.site.build_command()).assert_success();
    assert_same_as_clean_build(&archive.site, "after a killed build");
}

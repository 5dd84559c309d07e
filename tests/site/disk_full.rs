//! Disks that fill up or become read-only while a build runs: status 2, every page whole, and once
//! there is room the site as a clean build makes it. The pages and the state may lie on different
//! disks.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::SystemTime;

use crate::archive::{
    Archive, Article, assert_same_as_clean_build, clean_build_files, generate_articles,
};
use crate::harness::{CommandOutput, TestSite, dateline, read_files, report_skipped};
use crate::io_errors::mount_tmpfs;

type Files = BTreeMap<String, Vec<u8>>;

const ARTICLES: usize = 120;

/// Every old page is there, and every page is the old one or the new one, whole.
#[track_caller]
fn assert_no_partial_files(site: &TestSite, old: &Files, new: &Files, context: &str) {
    let mut current = site.outputs();
    // What was being written when a disk became read-only can't be taken away again; the next build
    // does.
    current.retain(|path, _| !path.starts_with(".dateline-tmp/"));
    let missing: Vec<&String> =
        old.keys().filter(|path| new.contains_key(*path) && !current.contains_key(*path)).collect();
    assert!(missing.is_empty(), "{context}: lost: {missing:?}");
    let is_old_or_new = |path: &String, bytes: &Vec<u8>| {
        old.get(path) == Some(bytes) || new.get(path) == Some(bytes)
    };
    let partial: Vec<&String> = current
        .iter()
        .filter(|(path, bytes)| !is_old_or_new(path, bytes))
        .map(|(path, _)| path)
        .collect();
    assert!(partial.is_empty(), "{context}: neither the old file nor the new one: {partial:?}");
}

/// It ended with status 2, and said in one line what the machine refused, naming a file.
#[track_caller]
fn assert_io_error(build: &CommandOutput, path: &str, reason: &str) {
    assert_eq!((build.status, build.stdout.as_str()), (2, ""), "{}", build.stderr);
    assert!(build.stderr.starts_with("error: can't "), "{}", build.stderr);
    assert_eq!(build.stderr.lines().count(), 1, "{}", build.stderr);
    assert!(build.stderr.contains(path) && build.stderr.contains(reason), "{}", build.stderr);
}

/// What files take on a disk of memory.
fn size_in_kilobytes(files: &Files) -> usize {
    files.values().map(|bytes| bytes.len().div_ceil(4096) * 4).sum()
}

/// Each story gets a long body.
fn lengthen_bodies(archive: &mut Archive, bytes: usize) {
    for index in 0..archive.articles.len() {
        archive.edit(index, |article| article.body = "Long. ".repeat(bytes / 6));
    }
}

/// Room for less and less of what is new: the build fails sooner or later, at every kind of file.
#[test]
fn output_disk_fills_up() {
    let mut archive = Archive::new(generate_articles(ARTICLES, 31));
    let Some(tmpfs) = mount_tmpfs("a_disk_that_fills_up", &archive.site, "public", "64m") else {
        return;
    };
    archive.site.build().assert_success();
    for (round, spare_kilobytes) in [0, 20, 60, 200, 400].into_iter().enumerate() {
        let old = archive.site.outputs();
        lengthen_bodies(&mut archive, 9_000 * (round + 1));
        archive.write(Article::on_day(
            (2024, 11, 1 + round as u32),
            9,
            &format!("new/n{round}.md"),
        ));
        archive.remove(10);
        let new = clean_build_files(&archive.site);
        tmpfs.resize(&format!("{}k", size_in_kilobytes(&old) + spare_kilobytes));
        let build = archive.site.build();
        assert_io_error(&build, "public", "space");
        assert_no_partial_files(&archive.site, &old, &new, &format!("round {round}"));
        assert!(
            !archive
                .site
                .path("public/.dateline-tmp")
                .read_dir()
                .is_ok_and(|mut entries| entries.next().is_some())
        );
        // Once more with no more room: no worse.
        assert_io_error(&archive.site.build(), "public", "space");
        assert_no_partial_files(&archive.site, &old, &new, &format!("round {round}, again"));
        tmpfs.resize("64m");
        archive.site.build().assert_success();
        assert_same_as_clean_build(&archive.site, &format!("round {round}, with room"));
        assert_eq!(archive.site.build().assert_success().report_number("written"), 0);
    }
}

/// Starts a build and does something as soon as it has written a page.
fn act_during_build(site: &TestSite, act: impl FnOnce()) -> CommandOutput {
    let before = site.output_mtimes();
    let mut command = site.build_command();
    command
        .args(["--force", "--jobs", "1", "--format", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let child = command.spawn().expect("the program starts");
    while all_unmodified(site, &before) {
        std::thread::yield_now();
    }
    act();
    let output = child.wait_with_output().expect("it ends");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    let (stdout, stderr) = (text(output.stdout), text(output.stderr));
    assert!(!stderr.contains("panicked at"), "{stderr}");
    let status = output.status.code().expect("no signal");
    CommandOutput { status, stdout, stderr, diagnostics: Vec::new() }
}

/// Whether files are still as old as they were. Only some are looked at, so that looking is quick.
fn all_unmodified(site: &TestSite, before: &BTreeMap<String, SystemTime>) -> bool {
    before.iter().filter(|(path, _)| path.ends_with("index.html")).step_by(7).all(|(path, time)| {
        let metadata = fs::metadata(site.path("public").join(path));
        metadata.and_then(|metadata| metadata.modified()).is_ok_and(|modified| modified == *time)
    })
}

/// A disk becomes read-only under a build, as a failing one does.
#[test]
fn output_folder_becomes_read_only() {
    let mut archive = Archive::new(generate_articles(ARTICLES * 3, 37));
    let test = "an_output_folder_that_becomes_read_only";
    let Some(tmpfs) = mount_tmpfs(test, &archive.site, "public", "256m") else { return };
    archive.site.build().assert_success();
    let mut failures = 0;
    for round in 0..8 {
        let old = archive.site.outputs();
        lengthen_bodies(&mut archive, 20_000 + 600 * round);
        let new = clean_build_files(&archive.site);
        // Refused while a file is open for writing; that is never for long.
        let build = act_during_build(&archive.site, || while !tmpfs.remount("ro") {});
        assert_no_partial_files(&archive.site, &old, &new, &format!("round {round}"));
        if build.status != 0 {
            assert_io_error(&build, "public", "Read-only");
            failures += 1;
        }
        assert!(tmpfs.remount("rw"));
        archive.site.build().assert_success();
        assert_same_as_clean_build(&archive.site, &format!("round {round}, writable again"));
    }
    assert!(failures > 0, "each build was done before its disk was read-only");
}

#[test]
fn output_folder_is_read_only() {
    let mut archive = Archive::new(generate_articles(30, 41));
    let Some(tmpfs) =
        mount_tmpfs("an_output_folder_that_is_read_only", &archive.site, "public", "64m")
    else {
        return;
    };
    archive.site.build().assert_success();
    let old = archive.site.outputs();
    assert!(tmpfs.remount("ro"));
    // Nothing to do needs no writing.
    assert_eq!(archive.site.build().assert_success().report_number("written"), 0);
    archive.edit(4, |article| article.title = "Another".into());
    assert_io_error(&archive.site.build(), "public", "Read-only");
    assert!(archive.site.outputs() == old);
    archive.site.build_with_args(&["--dry-run"]).assert_success();
    assert!(tmpfs.remount("rw"));
    archive.site.build().assert_success();
    assert_same_as_clean_build(&archive.site, "writable again");
}

/// The same by permissions, where those count (not for the administrator).
#[cfg(unix)]
#[test]
fn folders_without_permission() {
    use std::os::unix::fs::PermissionsExt as _;
    let mut archive = Archive::generate_and_build(30, 43);
    let set_mode = |path: &Path, mode: u32| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("set")
    };
    for folder in ["public", ".dateline"] {
        let path = archive.site.path(folder);
        set_mode(&path, 0o555);
        if fs::write(path.join("probe"), "").is_ok() {
            fs::remove_file(path.join("probe")).expect("removed");
            set_mode(&path, 0o755);
            return report_skipped(
                "folders_without_permission",
                "permissions don't count for the administrator",
            );
        }
        archive.edit(4, |article| article.title = format!("Not into {folder}"));
        let old = archive.site.outputs();
        let build = archive.site.build();
        let new = clean_build_files(&archive.site);
        assert_io_error(&build, folder, "denied");
        assert_no_partial_files(&archive.site, &old, &new, folder);
        set_mode(&path, 0o755);
        archive.site.build().assert_success();
        assert_same_as_clean_build(&archive.site, folder);
    }
}

/// The state has a disk of its own, with no room: what was written is known to the next build.
#[test]
fn cache_disk_is_full() {
    let mut archive = Archive::new(generate_articles(ARTICLES, 47));
    let Some(tmpfs) = mount_tmpfs("a_full_disk_under_the_state", &archive.site, ".dateline", "8m")
    else {
        return;
    };
    archive.site.build().assert_success();
    let cache_kilobytes = |site: &TestSite| size_in_kilobytes(&read_files(&site.path(".dateline")));
    // Room for nothing, for the journal alone, and for parts of the next state, which is no smaller
    // than this one.
    let cache_size = cache_kilobytes(&archive.site);
    for (round, spare_kilobytes) in [0, 4, cache_size / 4, cache_size / 2].into_iter().enumerate() {
        let old = archive.site.outputs();
        (0..40).for_each(|number| {
            archive.write(Article::on_day(
                (2024, 11, 1 + number % 28),
                9,
                &format!("brief/r{round}-{number}.md"),
            ));
        });
        let new = clean_build_files(&archive.site);
        tmpfs.resize(&format!("{}k", cache_kilobytes(&archive.site) + spare_kilobytes));
        assert_io_error(&archive.site.build(), ".dateline", "space");
        assert_no_partial_files(&archive.site, &old, &new, &format!("round {round}"));
        assert_io_error(&archive.site.build(), ".dateline", "space");
        // All is taken back: what the failed builds made goes too.
        for number in 0..40 {
            let file = format!("brief/r{round}-{number}.md");
            let index = archive
                .articles
                .iter()
                .position(|article| article.file == file)
                .expect("it is there");
            archive.remove(index);
        }
        tmpfs.resize("8m");
        archive.site.build().assert_success();
        assert_same_as_clean_build(&archive.site, &format!("round {round}, with room"));
        assert!(archive.site.outputs() == old);
        let remaining: Vec<String> =
            read_files(&archive.site.path(".dateline")).into_keys().collect();
        assert_eq!(remaining.len(), 2, "the state and the lock: {remaining:?}");
    }
}

/// What a killed build created is known by its journal; a build that finds no room for its own
/// doesn't lose that one.
#[test]
fn no_space_for_the_journal() {
    let mut archive = Archive::new(generate_articles(30, 53));
    let Some(tmpfs) =
        mount_tmpfs("a_full_disk_under_the_journal", &archive.site, ".dateline", "8m")
    else {
        return;
    };
    archive.site.build().assert_success();
    let name =
        read_files(&archive.site.path(".dateline")).into_keys().find(|name| name.ends_with(".bin"));
    let journal = format!(".dateline/{}", name.expect("a state").replace(".bin", ".journal"));
    archive.site.write(&journal, "2024/12/30/gone/index.html\n");
    archive.site.write("public/2024/12/30/gone/index.html", "<!doctype ht");
    // More files to create than what the old journal takes has room for.
    for number in 0..150 {
        archive.write(Article::on_day(
            (2024, 11, 1 + number % 28),
            9,
            &format!("new/of-many-{number}.md"),
        ));
    }
    // No room at all.
    let mut size = 8 * 1024;
    while size > 0 && tmpfs.remount(&format!("size={size}k")) {
        size -= 4;
    }
    assert_io_error(&archive.site.build(), ".journal", "space");
    tmpfs.resize("8m");
    archive.site.build().assert_success();
    assert_same_as_clean_build(&archive.site, "with room");
}

#[test]
fn cache_folder_is_read_only() {
    let mut archive = Archive::new(generate_articles(30, 59));
    let Some(tmpfs) =
        mount_tmpfs("a_state_folder_that_is_read_only", &archive.site, ".dateline", "8m")
    else {
        return;
    };
    archive.site.build().assert_success();
    let old = (archive.site.outputs(), archive.site.output_mtimes());
    archive.edit(4, |article| article.title = "Another".into());
    assert!(tmpfs.remount("ro"));
    assert_io_error(&archive.site.build(), ".dateline", "Read-only");
    assert!(
        old == (archive.site.outputs(), archive.site.output_mtimes()),
        "what can't be remembered isn't written"
    );
    archive.site.build_with_args(&["--dry-run"]).assert_success();
    assert!(tmpfs.remount("rw"));
    archive.site.build().assert_success();
    assert_same_as_clean_build(&archive.site, "writable again");
}

#[test]
fn cache_folder_becomes_read_only() {
    let mut archive = Archive::new(generate_articles(ARTICLES * 3, 61));
    let test = "a_state_folder_that_becomes_read_only";
    let Some(tmpfs) = mount_tmpfs(test, &archive.site, ".dateline", "32m") else { return };
    archive.site.build().assert_success();
    for round in 0..4 {
        let old = archive.site.outputs();
        lengthen_bodies(&mut archive, 20_000 + 600 * round);
        archive.write(Article::on_day(
            (2024, 11, 1 + round as u32),
            9,
            &format!("new/n{round}.md"),
        ));
        let new = clean_build_files(&archive.site);
        // The new state is open all the time, so that the disk can be read-only only before or
        // after.
        let build = act_during_build(&archive.site, || {
            let _done = (0..200).any(|_| tmpfs.remount("ro"));
        });
        assert!(matches!(build.status, 0 | 2), "{}", build.stderr);
        assert_no_partial_files(&archive.site, &old, &new, &format!("round {round}"));
        assert!(tmpfs.remount("rw"));
        archive.site.build().assert_success();
        assert_same_as_clean_build(&archive.site, &format!("round {round}, writable again"));
    }
}

/// A report that can't be written, as to a full disk, loses no page and is told.
#[cfg(target_os = "linux")]
#[test]
fn report_to_a_full_disk() {
    let site = TestSite::new();
    for args in [
        &["build"][..],
        &["build", "--format", "json"],
        &["stats"],
        &["check"],
        &["fix"],
        &["verify"],
    ] {
        let full_device = fs::OpenOptions::new()
            .write(true)
            .open("/dev/full")
            .expect("a device that is always full");
        let mut command = dateline();
        command
            .args(args)
            .arg("--root")
            .arg(site.root())
            .stdout(full_device)
            .stderr(Stdio::piped());
        let output = command.output().expect("run");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {stderr}");
        assert!(
            stderr.contains("can't write standard output") && stderr.contains("space"),
            "{args:?}: {stderr}"
        );
    }
    assert!(site.has_output("index.html"));
}

/// Whoever stops reading a report has seen enough.
#[cfg(target_os = "linux")]
#[test]
fn reader_closes_the_report_early() {
    let site = TestSite::new();
    for args in [&["build", "-v"][..], &["stats"], &["check", "--format", "json"], &["verify"]] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let mut command = dateline();
        command.args(args).arg("--root").arg(site.root()).stdout(writer).stderr(Stdio::piped());
        let output = command.output().expect("run");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(
            matches!(output.status.code(), Some(0 | 1)),
            "{args:?}: {:?} {stderr}",
            output.status
        );
        assert!(!stderr.contains("panicked"), "{args:?}: {stderr}");
    }
}

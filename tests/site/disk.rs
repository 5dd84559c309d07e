//! Disks that fill up or become read-only while a build runs: status 2, every page whole, and once there is room the site as a clean
//! build makes it. The pages and the state may lie on different disks.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::SystemTime;

use crate::archive::{Archive, Story, assert_clean, clean, stories};
use crate::harness::{Build, Site, dateline, files, skipped};
use crate::machine::disk;

type Files = BTreeMap<String, Vec<u8>>;

const STORIES: usize = 120;

/// Every old page is there, and every page is the old one or the new one, whole.
#[track_caller]
fn assert_whole(site: &Site, old: &Files, new: &Files, why: &str) {
    let mut left = site.outputs();
    // What was being written when a disk became read-only can't be taken away again; the next build does.
    left.retain(|path, _| !path.starts_with(".dateline-tmp/"));
    let lost: Vec<&String> =
        old.keys().filter(|path| new.contains_key(*path) && !left.contains_key(*path)).collect();
    assert!(lost.is_empty(), "{why}: lost: {lost:?}");
    let known = |path: &String, bytes: &Vec<u8>| old.get(path) == Some(bytes) || new.get(path) == Some(bytes);
    let cut: Vec<&String> =
        left.iter().filter(|(path, bytes)| !known(path, bytes)).map(|(path, _)| path).collect();
    assert!(cut.is_empty(), "{why}: neither the old file nor the new one: {cut:?}");
}

/// It ended with status 2, and said in one line what the machine refused, naming a file.
#[track_caller]
fn assert_refused(build: &Build, place: &str, reason: &str) {
    assert_eq!((build.status, build.stdout.as_str()), (2, ""), "{}", build.stderr);
    assert!(build.stderr.starts_with("error: can't "), "{}", build.stderr);
    assert_eq!(build.stderr.lines().count(), 1, "{}", build.stderr);
    assert!(build.stderr.contains(place) && build.stderr.contains(reason), "{}", build.stderr);
}

/// What files take on a disk of memory.
fn kilobytes(files: &Files) -> usize {
    files.values().map(|bytes| bytes.len().div_ceil(4096) * 4).sum()
}

/// Each story gets a long body.
fn lengthen(archive: &mut Archive, bytes: usize) {
    for at in 0..archive.stories.len() {
        archive.change(at, |story| story.body = "Long. ".repeat(bytes / 6));
    }
}

/// Room for less and less of what is new: the build fails sooner or later, at every kind of file.
#[test]
fn a_disk_that_fills_up() {
    let mut archive = Archive::new(stories(STORIES, 31));
    let Some(disk) = disk("a_disk_that_fills_up", &archive.site, "public", "64m") else { return };
    archive.site.build().fine();
    for (round, more) in [0, 20, 60, 200, 400].into_iter().enumerate() {
        let old = archive.site.outputs();
        lengthen(&mut archive, 9_000 * (round + 1));
        archive.put(Story::on((2024, 11, 1 + round as u32), 9, &format!("new/n{round}.md")));
        archive.remove(10);
        let new = clean(&archive.site);
        disk.grow(&format!("{}k", kilobytes(&old) + more));
        let build = archive.site.build();
        assert_refused(&build, "public", "space");
        assert_whole(&archive.site, &old, &new, &format!("round {round}"));
        assert!(
            !archive.site.path("public/.dateline-tmp").read_dir().is_ok_and(|mut left| left.next().is_some())
        );
        // Once more with no more room: no worse.
        assert_refused(&archive.site.build(), "public", "space");
        assert_whole(&archive.site, &old, &new, &format!("round {round}, again"));
        disk.grow("64m");
        archive.site.build().fine();
        assert_clean(&archive.site, &format!("round {round}, with room"));
        assert_eq!(archive.site.build().fine().number("written"), 0);
    }
}

/// Starts a build and does something as soon as it has written a page.
fn in_mid_build(site: &Site, act: impl FnOnce()) -> Build {
    let before = site.stamps();
    let mut command = site.command();
    command
        .args(["--force", "--jobs", "1", "--format", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let child = command.spawn().expect("the program starts");
    while all_as_old(site, &before) {
        std::thread::yield_now();
    }
    act();
    let output = child.wait_with_output().expect("it ends");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    let (stdout, stderr) = (text(output.stdout), text(output.stderr));
    assert!(!stderr.contains("panicked at"), "{stderr}");
    let status = output.status.code().expect("no signal");
    Build { status, stdout, stderr, told: Vec::new() }
}

/// Whether files are still as old as they were. Only some are looked at, so that looking is quick.
fn all_as_old(site: &Site, before: &BTreeMap<String, SystemTime>) -> bool {
    before.iter().filter(|(path, _)| path.ends_with("index.html")).step_by(7).all(|(path, time)| {
        let metadata = fs::metadata(site.path("public").join(path));
        metadata.and_then(|metadata| metadata.modified()).is_ok_and(|now| now == *time)
    })
}

/// A disk becomes read-only under a build, as a failing one does.
#[test]
fn an_output_folder_that_becomes_read_only() {
    let mut archive = Archive::new(stories(STORIES * 3, 37));
    let test = "an_output_folder_that_becomes_read_only";
    let Some(disk) = disk(test, &archive.site, "public", "256m") else { return };
    archive.site.build().fine();
    let mut met = 0;
    for round in 0..8 {
        let old = archive.site.outputs();
        lengthen(&mut archive, 20_000 + 600 * round);
        let new = clean(&archive.site);
        // Refused while a file is open for writing; that is never for long.
        let build = in_mid_build(&archive.site, || while !disk.remount("ro") {});
        assert_whole(&archive.site, &old, &new, &format!("round {round}"));
        if build.status != 0 {
            assert_refused(&build, "public", "Read-only");
            met += 1;
        }
        assert!(disk.remount("rw"));
        archive.site.build().fine();
        assert_clean(&archive.site, &format!("round {round}, writable again"));
    }
    assert!(met > 0, "each build was done before its disk was read-only");
}

#[test]
fn an_output_folder_that_is_read_only() {
    let mut archive = Archive::new(stories(30, 41));
    let Some(disk) = disk("an_output_folder_that_is_read_only", &archive.site, "public", "64m") else {
        return;
    };
    archive.site.build().fine();
    let old = archive.site.outputs();
    assert!(disk.remount("ro"));
    // Nothing to do needs no writing.
    assert_eq!(archive.site.build().fine().number("written"), 0);
    archive.change(4, |story| story.title = "Another".into());
    assert_refused(&archive.site.build(), "public", "Read-only");
    assert!(archive.site.outputs() == old);
    archive.site.build_with(&["--dry-run"]).fine();
    assert!(disk.remount("rw"));
    archive.site.build().fine();
    assert_clean(&archive.site, "writable again");
}

/// The same by permissions, where those count (not for the administrator).
#[cfg(unix)]
#[test]
fn folders_without_permission() {
    use std::os::unix::fs::PermissionsExt as _;
    let mut archive = Archive::built(30, 43);
    let allow =
        |path: &Path, mode: u32| fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("set");
    for folder in ["public", ".dateline"] {
        let path = archive.site.path(folder);
        allow(&path, 0o555);
        if fs::write(path.join("probe"), "").is_ok() {
            fs::remove_file(path.join("probe")).expect("removed");
            allow(&path, 0o755);
            return skipped("folders_without_permission", "permissions don't count for the administrator");
        }
        archive.change(4, |story| story.title = format!("Not into {folder}"));
        let old = archive.site.outputs();
        let build = archive.site.build();
        let new = clean(&archive.site);
        assert_refused(&build, folder, "denied");
        assert_whole(&archive.site, &old, &new, folder);
        allow(&path, 0o755);
        archive.site.build().fine();
        assert_clean(&archive.site, folder);
    }
}

/// The state has a disk of its own, with no room: what was written is known to the next build.
#[test]
fn a_full_disk_under_the_state() {
    let mut archive = Archive::new(stories(STORIES, 47));
    let Some(disk) = disk("a_full_disk_under_the_state", &archive.site, ".dateline", "8m") else { return };
    archive.site.build().fine();
    let used = |site: &Site| kilobytes(&files(&site.path(".dateline")));
    // Room for nothing, for the journal alone, and for parts of the next state, which is no smaller than this one.
    let state = used(&archive.site);
    for (round, more) in [0, 4, state / 4, state / 2].into_iter().enumerate() {
        let old = archive.site.outputs();
        (0..40).for_each(|number| {
            archive.put(Story::on((2024, 11, 1 + number % 28), 9, &format!("brief/r{round}-{number}.md")));
        });
        let new = clean(&archive.site);
        disk.grow(&format!("{}k", used(&archive.site) + more));
        assert_refused(&archive.site.build(), ".dateline", "space");
        assert_whole(&archive.site, &old, &new, &format!("round {round}"));
        assert_refused(&archive.site.build(), ".dateline", "space");
        // All is taken back: what the failed builds made goes too.
        for number in 0..40 {
            let file = format!("brief/r{round}-{number}.md");
            let at = archive.stories.iter().position(|story| story.file == file).expect("it is there");
            archive.remove(at);
        }
        disk.grow("8m");
        archive.site.build().fine();
        assert_clean(&archive.site, &format!("round {round}, with room"));
        assert!(archive.site.outputs() == old);
        let left: Vec<String> = files(&archive.site.path(".dateline")).into_keys().collect();
        assert_eq!(left.len(), 2, "the state and the lock: {left:?}");
    }
}

/// What a killed build created is known by its journal; a build that finds no room for its own doesn't lose that one.
#[test]
fn a_full_disk_under_the_journal() {
    let mut archive = Archive::new(stories(30, 53));
    let Some(disk) = disk("a_full_disk_under_the_journal", &archive.site, ".dateline", "8m") else { return };
    archive.site.build().fine();
    let name = files(&archive.site.path(".dateline")).into_keys().find(|name| name.ends_with(".bin"));
    let journal = format!(".dateline/{}", name.expect("a state").replace(".bin", ".journal"));
    archive.site.put(&journal, "2024/12/30/gone/index.html\n");
    archive.site.put("public/2024/12/30/gone/index.html", "<!doctype ht");
    // More files to create than what the old journal takes has room for.
    for number in 0..150 {
        archive.put(Story::on((2024, 11, 1 + number % 28), 9, &format!("new/of-many-{number}.md")));
    }
    // No room at all.
    let mut size = 8 * 1024;
    while size > 0 && disk.remount(&format!("size={size}k")) {
        size -= 4;
    }
    assert_refused(&archive.site.build(), ".journal", "space");
    disk.grow("8m");
    archive.site.build().fine();
    assert_clean(&archive.site, "with room");
}

#[test]
fn a_state_folder_that_is_read_only() {
    let mut archive = Archive::new(stories(30, 59));
    let Some(disk) = disk("a_state_folder_that_is_read_only", &archive.site, ".dateline", "8m") else {
        return;
    };
    archive.site.build().fine();
    let old = (archive.site.outputs(), archive.site.stamps());
    archive.change(4, |story| story.title = "Another".into());
    assert!(disk.remount("ro"));
    assert_refused(&archive.site.build(), ".dateline", "Read-only");
    assert!(old == (archive.site.outputs(), archive.site.stamps()), "what can't be remembered isn't written");
    archive.site.build_with(&["--dry-run"]).fine();
    assert!(disk.remount("rw"));
    archive.site.build().fine();
    assert_clean(&archive.site, "writable again");
}

#[test]
fn a_state_folder_that_becomes_read_only() {
    let mut archive = Archive::new(stories(STORIES * 3, 61));
    let test = "a_state_folder_that_becomes_read_only";
    let Some(disk) = disk(test, &archive.site, ".dateline", "32m") else { return };
    archive.site.build().fine();
    for round in 0..4 {
        let old = archive.site.outputs();
        lengthen(&mut archive, 20_000 + 600 * round);
        archive.put(Story::on((2024, 11, 1 + round as u32), 9, &format!("new/n{round}.md")));
        let new = clean(&archive.site);
        // The new state is open all the time, so that the disk can be read-only only before or after.
        let build = in_mid_build(&archive.site, || {
            let _done = (0..200).any(|_| disk.remount("ro"));
        });
        assert!(matches!(build.status, 0 | 2), "{}", build.stderr);
        assert_whole(&archive.site, &old, &new, &format!("round {round}"));
        assert!(disk.remount("rw"));
        archive.site.build().fine();
        assert_clean(&archive.site, &format!("round {round}, writable again"));
    }
}

/// A report that can't be written, as to a full disk, loses no page and is told.
#[cfg(target_os = "linux")]
#[test]
fn a_report_to_a_full_disk() {
    let site = Site::new();
    for args in
        [&["build"][..], &["build", "--format", "json"], &["stats"], &["check"], &["fix"], &["verify"]]
    {
        let full =
            fs::OpenOptions::new().write(true).open("/dev/full").expect("a device that is always full");
        let mut command = dateline();
        command.args(args).arg("--root").arg(site.root()).stdout(full).stderr(Stdio::piped());
        let done = command.output().expect("run");
        let told = String::from_utf8_lossy(&done.stderr);
        assert_eq!(done.status.code(), Some(2), "{args:?}: {told}");
        assert!(told.contains("can't write standard output") && told.contains("space"), "{args:?}: {told}");
    }
    assert!(site.has("index.html"));
}

/// Whoever stops reading a report has seen enough.
#[cfg(target_os = "linux")]
#[test]
fn a_report_that_nobody_reads_on() {
    let site = Site::new();
    for args in [&["build", "-v"][..], &["stats"], &["check", "--format", "json"], &["verify"]] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let mut command = dateline();
        command.args(args).arg("--root").arg(site.root()).stdout(writer).stderr(Stdio::piped());
        let done = command.output().expect("run");
        let told = String::from_utf8_lossy(&done.stderr);
        assert!(matches!(done.status.code(), Some(0 | 1)), "{args:?}: {:?} {told}", done.status);
        assert!(!told.contains("panicked"), "{args:?}: {told}");
    }
}

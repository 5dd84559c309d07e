//! Disks that get full or read-only during a build: the status is 2, every page is complete, and
//! once there is space the site equals that of a clean build. The pages and the cache can be on
//! different disks.

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

/// Asserts that every old page exists, and that each is the complete old or the complete new one.
#[track_caller]
fn assert_no_partial_files(site: &TestSite, old: &Files, new: &Files, context: &str) {
    let mut current = site.outputs();
    // A temporary file on a disk that became read-only can't be removed; the next build removes it.
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

/// Asserts status 2 and a one-line I/O error that names a file.
#[track_caller]
fn assert_io_error(build: &CommandOutput, path: &str, reason: &str) {
    assert_eq!((build.status, build.stdout.as_str()), (2, ""), "{}", build.stderr);
    assert!(build.stderr.starts_with("error: can't "), "{}", build.stderr);
    assert_eq!(build.stderr.lines().count(), 1, "{}", build.stderr);
    assert!(build.stderr.contains(path) && build.stderr.contains(reason), "{}", build.stderr);
}

/// Returns the size of files in a tmpfs.
fn size_in_kilobytes(files: &Files) -> usize {
    files.values().map(|bytes| bytes.len().div_ceil(4096) * 4).sum()
}

/// Gives each article a long body.
fn lengthen_bodies(archive: &mut Archive, bytes: usize) {
    for index in 0..archive.articles.len() {
        archive.edit(index, |article| article.body = "Long. ".repeat(bytes / 6));
    }
}

/// Less and less space for new files: the build fails at each type of file.
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
        // Another build without more space fails in the same way.
        assert_io_error(&archive.site.build(), "public", "space");
        assert_no_partial_files(&archive.site, &old, &new, &format!("round {round}, again"));
        tmpfs.resize("64m");
        archive.site.build().assert_success();
        assert_same_as_clean_build(&archive.site, &format!("round {round}, with room"));
        assert_eq!(archive.site.build().assert_success().report_number("written"), 0);
    }
}

/// Starts a build and calls a function as soon as it has written a page.
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
    let output = child.wait_with_output().expect("the process ends");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("it is UTF-8");
    let (stdout, stderr) = (text(output.stdout), text(output.stderr));
    assert!(!stderr.contains("panicked at"), "{stderr}");
    let status = output.status.code().expect("the process wasn't killed");
    CommandOutput { status, stdout, stderr, diagnostics: Vec::new() }
}

/// Compares the modification times of some files with earlier ones; only some, so that it is fast.
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
        // It fails while a file is open for writing, which is never long.
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
    // An unchanged build writes nothing.
    assert_eq!(archive.site.build().assert_success().report_number("written"), 0);
    archive.edit(4, |article| article.title = "Another".into());
    assert_io_error(&archive.site.build(), "public", "Read-only");
    assert!(archive.site.outputs() == old);
    archive.site.build_with_args(&["--dry-run"]).assert_success();
    assert!(tmpfs.remount("rw"));
    archive.site.build().assert_success();
    assert_same_as_clean_build(&archive.site, "writable again");
}

/// The same by permissions, if they apply (not to the administrator).
#[cfg(unix)]
#[test]
fn folders_without_permission() {
    use std::os::unix::fs::PermissionsExt as _;
    let mut archive = Archive::generate_and_build(30, 43);
    let set_mode = |path: &Path, mode: u32| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode))
            .expect("the permissions are set");
    };
    for folder in ["public", ".dateline"] {
        let path = archive.site.path(folder);
        set_mode(&path, 0o555);
        if fs::write(path.join("probe"), "").is_ok() {
            fs::remove_file(path.join("probe")).expect("the file is removed");
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

/// The cache is on another disk, which is full: the next build knows the written files.
#[test]
fn cache_disk_is_full() {
    let mut archive = Archive::new(generate_articles(ARTICLES, 47));
    let Some(tmpfs) = mount_tmpfs("a_full_disk_under_the_state", &archive.site, ".dateline", "8m")
    else {
        return;
    };
    archive.site.build().assert_success();
    let cache_kilobytes = |site: &TestSite| size_in_kilobytes(&read_files(&site.path(".dateline")));
    // There is space for nothing, for the journal alone, and for parts of the next cache, which
    // isn't smaller than this one.
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
        // All edits are undone: the files of the failed builds are removed, too.
        for number in 0..40 {
            let file = format!("brief/r{round}-{number}.md");
            let index = archive
                .articles
                .iter()
                .position(|article| article.file == file)
                .expect("it exists");
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

/// The journal of a killed build lists its new files; a build without space for its own journal
/// keeps the old one.
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
    let journal =
        format!(".dateline/{}", name.expect("there is a cache file").replace(".bin", ".journal"));
    archive.site.write(&journal, "2024/12/30/gone/index.html\n");
    archive.site.write("public/2024/12/30/gone/index.html", "<!doctype ht");
    // The journal of these new files is larger than the space of the old one.
    for number in 0..150 {
        archive.write(Article::on_day(
            (2024, 11, 1 + number % 28),
            9,
            &format!("new/of-many-{number}.md"),
        ));
    }
    // There is no space at all.
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
        // The new cache is open during the whole build: the disk can become read-only only before
        // or after.
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

/// A report that can't be written, for example to a full disk, loses no page and is an error.
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
        let full_device =
            fs::OpenOptions::new().write(true).open("/dev/full").expect("/dev/full exists");
        let mut command = dateline();
        command
            .args(args)
            .arg("--root")
            .arg(site.root())
            .stdout(full_device)
            .stderr(Stdio::piped());
        let output = command.output().expect("the program runs");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {stderr}");
        assert!(
            stderr.contains("can't write standard output") && stderr.contains("space"),
            "{args:?}: {stderr}"
        );
    }
    assert!(site.has_output("index.html"));
}

/// A closed pipe is no error.
#[cfg(target_os = "linux")]
#[test]
fn reader_closes_the_report_early() {
    let site = TestSite::new();
    for args in [&["build", "-v"][..], &["stats"], &["check", "--format", "json"], &["verify"]] {
        let (reader, writer) = std::io::pipe().expect("the stream is piped");
        drop(reader);
        let mut command = dateline();
        command.args(args).arg("--root").arg(site.root()).stdout(writer).stderr(Stdio::piped());
        let output = command.output().expect("the program runs");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(
            matches!(output.status.code(), Some(0 | 1)),
            "{args:?}: {:?} {stderr}",
            output.status
        );
        assert!(!stderr.contains("panicked"), "{args:?}: {stderr}");
    }
}

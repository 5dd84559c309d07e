//! I/O errors: no folder, no space. The build ends with status 2, and existing files stay complete.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::harness::{TestSite, article, read_files, report_skipped};

#[test]
fn an_output_folder_below_a_file() {
    let site = TestSite::new().with_file("file", "not a folder");
    let output = site.path("file/public");
    let build = site.build_with_args(&["--output", output.to_str().expect("it is UTF-8")]);
    assert_eq!((build.status, build.stdout.as_str()), (2, ""));
    assert!(build.stderr.starts_with("error: can't "), "{}", build.stderr);
    assert!(build.stderr.contains("file/public"), "it names the place: {}", build.stderr);
    assert_eq!(
        fs::read_to_string(site.path("file")).expect("the file still exists"),
        "not a folder"
    );
}

#[test]
fn an_output_folder_that_is_a_file() {
    let site = TestSite::new().with_file("public", "not a folder");
    let build = site.build();
    assert_eq!((build.status, build.stdout.as_str()), (2, ""));
    assert!(
        build.stderr.starts_with("error: ") && build.stderr.contains("public"),
        "{}",
        build.stderr
    );
}

/// A folder at the path of a page isn't removed, whoever created it.
#[test]
fn a_folder_at_the_path_of_a_page() {
    let site = TestSite::new().with_file("public/feed.xml/mine.txt", "mine");
    let build = site.build();
    assert_eq!(build.status, 2);
    assert!(build.stderr.contains("feed.xml"), "{}", build.stderr);
    assert_eq!(site.read_output("feed.xml/mine.txt"), "mine");
    fs::remove_dir_all(site.path("public/feed.xml")).expect("the file is removed");
    site.build().assert_success();
    assert!(site.outputs() == site.build_clean().1, "what the failed build left is no different");
}

/// The next build knows the files of a failed one, and removes those that aren't needed.
#[test]
fn an_article_removed_after_a_failed_build() {
    let site = TestSite::new().with_file("content/gone.md", article("Gone", "2024-11-06", "", ""));
    site.write("public/2024/11/index.html/mine.txt", "mine");
    assert_eq!(site.build().status, 2);
    fs::remove_dir_all(site.path("public/2024/11/index.html")).expect("the file is removed");
    site.remove("content/gone.md");
    site.build().assert_success();
    assert!(
        !site.has_output("2024/11/06/gone/index.html"),
        "a story that isn't there any more has no page"
    );
}

/// A damaged manifest makes a build slower, never wrong.
#[test]
fn a_damaged_manifest_costs_only_time() {
    let site = TestSite::new();
    site.build().assert_success();
    let before = site.outputs();
    let cache_files =
        read_files(&site.path(".dateline")).into_keys().filter(|name| name.starts_with("state-"));
    let manifests: Vec<String> = cache_files.collect();
    assert!(!manifests.is_empty());
    for name in &manifests {
        let file = format!(".dateline/{name}");
        let mut bytes = fs::read(site.path(&file)).expect("the file is readable");
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0xff;
        site.write(&file, &bytes);
    }
    let build = site.build();
    assert_eq!(
        (build.status, build.codes().first().copied()),
        (0, Some("ledger-lost")),
        "{}",
        build.stderr
    );
    assert_eq!(build.diagnostics[0].severity, "warning");
    assert!(site.outputs() == before);
    site.build().assert_success();
}

/// A small tmpfs, unmounted when it is dropped.
pub(crate) struct TmpfsMount {
    mount_point: PathBuf,
}

impl TmpfsMount {
    fn mount(mount_point: &Path, size: &str) -> Option<Self> {
        let options = format!("size={size}");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &options, "tmpfs"])
            .arg(mount_point)
            .output()
            .ok()?;
        mounted.status.success().then(|| Self { mount_point: mount_point.to_owned() })
    }

    /// Changes its size.
    pub(crate) fn resize(&self, size: &str) {
        assert!(self.remount(&format!("size={size}")), "it has another size");
    }

    /// Remounts it with other options; reports success.
    pub(crate) fn remount(&self, options: &str) -> bool {
        let options = format!("remount,{options}");
        let output = Command::new("mount").args(["-o", &options]).arg(&self.mount_point).output();
        output.expect("mount runs").status.success()
    }
}

impl Drop for TmpfsMount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.mount_point).status();
    }
}

/// Mounts a small tmpfs below a site, or reports that the test is skipped.
pub(crate) fn mount_tmpfs(
    test: &str,
    site: &TestSite,
    path: &str,
    size: &str,
) -> Option<TmpfsMount> {
    fs::create_dir_all(site.path(path)).expect("the folder is created");
    let tmpfs = TmpfsMount::mount(&site.path(path), size);
    if tmpfs.is_none() {
        report_skipped(test, "mounting a tmpfs isn't permitted");
    }
    tmpfs
}

fn write_articles(site: &TestSite, body: &str) {
    for number in 0..20 {
        site.write(&format!("content/{number}.md"), article("Story", "2024-11-06", "", body));
    }
}

#[test]
fn a_full_disk_loses_nothing() {
    let site = TestSite::new();
    let Some(tmpfs) = mount_tmpfs("a_full_disk_loses_nothing", &site, "public", "800k") else {
        return;
    };
    write_articles(&site, "Short.\n");
    site.build().assert_success();
    let old_files = site.outputs();

    write_articles(&site, &"Long, longer. ".repeat(8_000));
    let build = site.build();
    assert_eq!((build.status, build.stdout.as_str()), (2, ""), "{}", build.stderr);
    assert!(build.stderr.starts_with("error: can't write "), "{}", build.stderr);
    let (_, clean_files) = site.build_clean();
    let current = site.outputs();
    for path in old_files.keys() {
        assert!(current.contains_key(path), "{path} is lost");
    }
    for (path, bytes) in &current {
        let is_old_or_new =
            old_files.get(path) == Some(bytes) || clean_files.get(path) == Some(bytes);
        assert!(is_old_or_new, "{path} is neither the old file nor the new one");
    }

    tmpfs.resize("64m");
    site.build().assert_success();
    assert!(site.outputs() == clean_files, "with room again the site is as a clean build makes it");
    assert_eq!(site.build().assert_success().report_number("written"), 0);
}

/// No space for the cache: the pages are written, and the next build is correct.
#[test]
fn a_full_disk_for_the_manifest() {
    let site = TestSite::new();
    let Some(tmpfs) = mount_tmpfs("a_full_disk_under_the_ledger", &site, ".dateline", "4k") else {
        return;
    };
    write_articles(&site, "Short.\n");
    for number in 0..100 {
        site.write(&format!("content/more/{number}.md"), article("More", "2023-01-01", "", ""));
    }
    let build = site.build();
    assert_eq!(build.status, 2, "{}", build.stderr);
    assert!(build.stderr.contains(".dateline"), "{}", build.stderr);
    tmpfs.resize("64m");
    site.build().assert_success();
    assert!(site.outputs() == site.build_clean().1);
    site.remove("content/0.md");
    site.build().assert_success();
    assert!(!site.has_output("2024/11/06/0/index.html"));
}

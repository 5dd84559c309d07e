//! What the machine refuses: no folder, no room. The build ends with status 2, and what was there stays whole.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::harness::{Site, files, skipped, story};

#[test]
fn an_output_folder_below_a_file() {
    let site = Site::new().with("file", "not a folder");
    let output = site.path("file/public");
    let build = site.build_with(&["--output", output.to_str().expect("UTF-8")]);
    assert_eq!((build.status, build.stdout.as_str()), (2, ""));
    assert!(build.stderr.starts_with("error: can't "), "{}", build.stderr);
    assert!(build.stderr.contains("file/public"), "it names the place: {}", build.stderr);
    assert_eq!(fs::read_to_string(site.path("file")).expect("still there"), "not a folder");
}

#[test]
fn an_output_folder_that_is_a_file() {
    let site = Site::new().with("public", "not a folder");
    let build = site.build();
    assert_eq!((build.status, build.stdout.as_str()), (2, ""));
    assert!(build.stderr.starts_with("error: ") && build.stderr.contains("public"), "{}", build.stderr);
}

/// A folder where a page should be is not removed, whoever made it.
#[test]
fn a_folder_in_the_place_of_a_page() {
    let site = Site::new().with("public/feed.xml/mine.txt", "mine");
    let build = site.build();
    assert_eq!(build.status, 2);
    assert!(build.stderr.contains("feed.xml"), "{}", build.stderr);
    assert_eq!(site.page("feed.xml/mine.txt"), "mine");
    fs::remove_dir_all(site.path("public/feed.xml")).expect("removed");
    site.build().fine();
    assert!(site.outputs() == site.clean().1, "what the failed build left is no different");
}

/// What a failed build wrote is known to the next one, which removes it if it is no longer wanted.
#[test]
fn a_story_removed_after_a_failed_build() {
    let site = Site::new().with("content/gone.md", story("Gone", "2024-11-06", "", ""));
    site.put("public/2024/11/index.html/mine.txt", "mine");
    assert_eq!(site.build().status, 2);
    fs::remove_dir_all(site.path("public/2024/11/index.html")).expect("removed");
    site.remove("content/gone.md");
    site.build().fine();
    assert!(!site.has("2024/11/06/gone/index.html"), "a story that isn't there any more has no page");
}

/// A ledger that is damaged costs time, never truth.
#[test]
fn a_damaged_ledger() {
    let site = Site::new();
    site.build().fine();
    let before = site.outputs();
    let states = files(&site.path(".dateline")).into_keys().filter(|name| name.starts_with("state-"));
    let ledgers: Vec<String> = states.collect();
    assert!(!ledgers.is_empty());
    for name in &ledgers {
        let file = format!(".dateline/{name}");
        let mut bytes = fs::read(site.path(&file)).expect("readable");
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0xff;
        site.put(&file, &bytes);
    }
    let build = site.build();
    assert_eq!((build.status, build.codes().first().copied()), (0, Some("ledger-lost")), "{}", build.stderr);
    assert_eq!(build.told[0].severity, "warning");
    assert!(site.outputs() == before);
    site.build().fine();
}

/// A small file system of memory, unmounted when it goes.
pub(crate) struct Disk {
    folder: PathBuf,
}

impl Disk {
    fn mount(folder: &Path, size: &str) -> Option<Self> {
        let options = format!("size={size}");
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(folder).output().ok()?;
        mounted.status.success().then(|| Self { folder: folder.to_owned() })
    }

    /// Gives it another size.
    pub(crate) fn grow(&self, size: &str) {
        assert!(self.remount(&format!("size={size}")), "it has another size");
    }

    /// Mounts it anew with other options; refused while they can't be.
    pub(crate) fn remount(&self, options: &str) -> bool {
        let options = format!("remount,{options}");
        let output = Command::new("mount").args(["-o", &options]).arg(&self.folder).output();
        output.expect("mount runs").status.success()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.folder).status();
    }
}

/// Mounts a small disk below a site, or says that it can't be done here.
pub(crate) fn disk(test: &str, site: &Site, at: &str, size: &str) -> Option<Disk> {
    fs::create_dir_all(site.path(at)).expect("created");
    let disk = Disk::mount(&site.path(at), size);
    if disk.is_none() {
        skipped(test, "mounting a tmpfs isn't permitted");
    }
    disk
}

fn fill(site: &Site, body: &str) {
    for number in 0..20 {
        site.put(&format!("content/{number}.md"), story("Story", "2024-11-06", "", body));
    }
}

#[test]
fn a_full_disk_loses_nothing() {
    let site = Site::new();
    let Some(disk) = disk("a_full_disk_loses_nothing", &site, "public", "800k") else { return };
    fill(&site, "Short.\n");
    site.build().fine();
    let old = site.outputs();

    fill(&site, &"Long, longer. ".repeat(8_000));
    let build = site.build();
    assert_eq!((build.status, build.stdout.as_str()), (2, ""), "{}", build.stderr);
    assert!(build.stderr.starts_with("error: can't write "), "{}", build.stderr);
    let (_, clean) = site.clean();
    let left = site.outputs();
    for path in old.keys() {
        assert!(left.contains_key(path), "{path} is lost");
    }
    for (path, bytes) in &left {
        let whole = old.get(path) == Some(bytes) || clean.get(path) == Some(bytes);
        assert!(whole, "{path} is neither the old file nor the new one");
    }

    disk.grow("64m");
    site.build().fine();
    assert!(site.outputs() == clean, "with room again the site is as a clean build makes it");
    assert_eq!(site.build().fine().number("written"), 0);
}

/// No room for the ledger: the pages are written, and the next build sets things right.
#[test]
fn a_full_disk_under_the_ledger() {
    let site = Site::new();
    let Some(disk) = disk("a_full_disk_under_the_ledger", &site, ".dateline", "4k") else { return };
    fill(&site, "Short.\n");
    for number in 0..100 {
        site.put(&format!("content/more/{number}.md"), story("More", "2023-01-01", "", ""));
    }
    let build = site.build();
    assert_eq!(build.status, 2, "{}", build.stderr);
    assert!(build.stderr.contains(".dateline"), "{}", build.stderr);
    disk.grow("64m");
    site.build().fine();
    assert!(site.outputs() == site.clean().1);
    site.remove("content/0.md");
    site.build().fine();
    assert!(!site.has("2024/11/06/0/index.html"));
}

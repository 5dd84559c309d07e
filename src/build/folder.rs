//! Folder: what the file system knows of files. A folder that many are asked of is opened once, so that the system needn't walk the way to it
//! for each of them.

use std::fs::{self, File, Metadata};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// What the file system knows of a file; times in nanoseconds since 1970.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts {
    pub(super) is_file: bool,
    pub(super) length: u64,
    pub(super) modified: u64,
    pub(super) changed: u64,
}

impl Facts {
    pub(super) fn of(metadata: &Metadata) -> Self {
        Self {
            is_file: metadata.is_file(),
            length: metadata.len(),
            modified: nanoseconds(metadata.modified().unwrap_or(UNIX_EPOCH)),
            changed: nanoseconds(changed(metadata)),
        }
    }
}

/// An opened folder.
#[derive(Debug)]
pub(super) struct Folder<'a> {
    path: &'a Path,
    opened: Option<File>,
    /// Tells it from others of this process.
    #[cfg_attr(
        not(target_os = "linux"),
        expect(dead_code, reason = "only Linux opens folders without reading them")
    )]
    number: u64,
}

impl<'a> Folder<'a> {
    /// Opens a folder; one that can't be opened is asked by its path.
    pub(super) fn open(path: &'a Path) -> Self {
        static OPENED: AtomicU64 = AtomicU64::new(0);
        let number = OPENED.fetch_add(1, Ordering::Relaxed);
        Self { path, opened: File::open(path).ok().filter(|_| cfg!(unix)), number }
    }

    /// Whether it is there, as far as is known.
    pub(super) fn is_there(&self) -> bool {
        self.opened.is_some()
    }

    /// What is known of a file by its path below the folder, or of the one that a link there leads to if links are to be followed.
    pub(super) fn facts(&self, path: &str, follow: bool) -> Option<Facts> {
        match &self.opened {
            #[cfg(target_os = "linux")]
            Some(folder) => near::facts(self.number, folder, path, follow),
            #[cfg(all(unix, not(target_os = "linux")))]
            Some(folder) => facts_at(folder, path, follow),
            _ => {
                let path = self.path.join(path);
                let metadata = if follow { fs::metadata(path) } else { fs::symlink_metadata(path) };
                metadata.ok().map(|metadata| Facts::of(&metadata))
            }
        }
    }
}

/// Files are asked for in the order of their paths, so a day's come one after the other: its folder is opened when it is met a second time, which
/// saves the way to it for the rest.
#[cfg(target_os = "linux")]
mod near {
    use std::cell::RefCell;
    use std::fs::File;
    use std::os::fd::OwnedFd;

    use rustix::fs::{Mode, OFlags, openat};

    use super::{Facts, facts_at};

    /// The folder that a thread was last asked about.
    #[derive(Default)]
    struct Near {
        /// The number of the folder that it lies below.
        below: u64,
        path: String,
        opened: Option<OwnedFd>,
    }

    thread_local! {
        static NEAR: RefCell<Near> = RefCell::default();
    }

    pub(super) fn facts(number: u64, folder: &File, path: &str, follow: bool) -> Option<Facts> {
        let Some(parent) = parent(path) else { return facts_at(folder, path, follow) };
        NEAR.with_borrow_mut(|near| {
            if near.below != number || near.path != parent {
                near.below = number;
                near.path.clear();
                near.path.push_str(parent);
                near.opened = None;
                return facts_at(folder, path, follow);
            }
            if near.opened.is_none() {
                let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
                near.opened = openat(folder, parent, flags, Mode::empty()).ok();
            }
            match &near.opened {
                Some(opened) => facts_at(opened, &path[parent.len() + 1..], follow),
                None => facts_at(folder, path, follow),
            }
        })
    }

    /// The folder that a file shares with its neighbours: for a page's `index.html`, the one around its own.
    fn parent(path: &str) -> Option<&str> {
        let own = path.strip_suffix("/index.html").unwrap_or(path);
        own.rsplit_once('/').map(|(parent, _)| parent)
    }
}

#[cfg(unix)]
fn facts_at(folder: impl std::os::fd::AsFd, path: &str, follow: bool) -> Option<Facts> {
    use rustix::fs::{AtFlags, FileType, statat};
    let flags = if follow { AtFlags::empty() } else { AtFlags::SYMLINK_NOFOLLOW };
    let found = statat(folder, path, flags).ok()?;
    // Systems differ in the integers that they tell times in.
    let nanoseconds = |seconds: i128, rest: i128| (seconds.max(0) * 1_000_000_000 + rest.max(0)) as u64;
    Some(Facts {
        is_file: FileType::from_raw_mode(found.st_mode) == FileType::RegularFile,
        length: found.st_size.try_into().unwrap_or_default(),
        modified: nanoseconds(found.st_mtime.into(), found.st_mtime_nsec.into()),
        changed: nanoseconds(found.st_ctime.into(), found.st_ctime_nsec.into()),
    })
}

/// Nanoseconds since 1970.
pub(super) fn nanoseconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64)
}

#[cfg(unix)]
fn changed(metadata: &Metadata) -> SystemTime {
    use std::os::unix::fs::MetadataExt;
    use std::time::Duration;
    let seconds = Duration::from_secs(metadata.ctime().max(0) as u64);
    UNIX_EPOCH + seconds + Duration::from_nanos(metadata.ctime_nsec().max(0) as u64)
}

#[cfg(not(unix))]
fn changed(metadata: &Metadata) -> SystemTime {
    metadata.created().unwrap_or(UNIX_EPOCH)
}

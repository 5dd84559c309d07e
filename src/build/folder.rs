//! Folder: what the file system knows of files. A folder that many are asked of is opened once, so that the system needn't walk the way to it
//! for each of them.

use std::fs::{self, File, Metadata};
use std::path::Path;
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
}

impl<'a> Folder<'a> {
    /// Opens a folder; one that can't be opened is asked by its path.
    pub(super) fn open(path: &'a Path) -> Self {
        Self { path, opened: File::open(path).ok().filter(|_| cfg!(unix)) }
    }

    /// What is known of a file by its path below the folder, or of the one that a link there leads to if links are to be followed.
    pub(super) fn facts(&self, path: &str, follow: bool) -> Option<Facts> {
        match &self.opened {
            #[cfg(unix)]
            Some(folder) => facts_at(folder, path, follow),
            _ => {
                let path = self.path.join(path);
                let metadata = if follow { fs::metadata(path) } else { fs::symlink_metadata(path) };
                metadata.ok().map(|metadata| Facts::of(&metadata))
            }
        }
    }
}

#[cfg(unix)]
fn facts_at(folder: &File, path: &str, follow: bool) -> Option<Facts> {
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

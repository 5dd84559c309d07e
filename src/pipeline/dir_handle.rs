//! Folder: what the file system knows of files. A folder that many are asked of is opened once, so
//! that the system needn't walk the way to it for each of them.

use std::fs::{self, File, Metadata};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// What the file system knows of a file; times in nanoseconds since 1970.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FileMetadata {
    pub(crate) is_file: bool,
    pub(crate) length: u64,
    pub(crate) modified: u64,
    pub(crate) changed: u64,
}

impl FileMetadata {
    pub(crate) fn from_metadata(metadata: &Metadata) -> Self {
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
pub(crate) struct DirHandle<'a> {
    path: &'a Path,
    file: Option<File>,
    /// Tells it from others of this process.
    #[cfg_attr(
        not(target_os = "linux"),
        expect(dead_code, reason = "only Linux opens folders without reading them")
    )]
    id: u64,
}

impl<'a> DirHandle<'a> {
    /// Opens a folder; one that can't be opened is asked by its path.
    pub(crate) fn open(path: &'a Path) -> Self {
        static NEXT_ID: AtomicU64 = AtomicU64::new(0);
        let id = NEXT_ID.fetch_add(1, Ordering::Relaxed);
        Self { path, file: File::open(path).ok().filter(|_| cfg!(unix)), id }
    }

    /// Whether it is there, as far as is known.
    pub(crate) fn exists(&self) -> bool {
        self.file.is_some()
    }

    /// What is known of a file by its path below the folder, or of the one that a link there leads
    /// to if links are to be followed.
    pub(crate) fn metadata(&self, path: &str, follow: bool) -> Option<FileMetadata> {
        match &self.file {
            #[cfg(target_os = "linux")]
            Some(folder) => near::metadata(self.id, folder, path, follow),
            #[cfg(all(unix, not(target_os = "linux")))]
            Some(folder) => metadata_at(folder, path, follow),
            _ => {
                let path = self.path.join(path);
                let metadata = if follow { fs::metadata(path) } else { fs::symlink_metadata(path) };
                metadata.ok().map(|metadata| FileMetadata::from_metadata(&metadata))
            }
        }
    }
}

/// Files are asked for in the order of their paths, so a day's come one after the other: its folder
/// is opened when it is met a second time, which saves the way to it for the rest.
#[cfg(target_os = "linux")]
mod near {
    use std::cell::RefCell;
    use std::fs::File;
    use std::os::fd::OwnedFd;

    use rustix::fs::{Mode, OFlags, openat};

    use super::{FileMetadata, metadata_at};

    /// The folder that a thread was last asked about.
    #[derive(Default)]
    struct LastDir {
        /// The number of the folder that it lies below.
        handle_id: u64,
        path: String,
        fd: Option<OwnedFd>,
    }

    thread_local! {
        static LAST_DIR: RefCell<LastDir> = RefCell::default();
    }

    pub(crate) fn metadata(
        handle_id: u64,
        folder: &File,
        path: &str,
        follow: bool,
    ) -> Option<FileMetadata> {
        let Some(parent) = shared_parent(path) else { return metadata_at(folder, path, follow) };
        LAST_DIR.with_borrow_mut(|last_dir| {
            if last_dir.handle_id != handle_id || last_dir.path != parent {
                last_dir.handle_id = handle_id;
                last_dir.path.clear();
                last_dir.path.push_str(parent);
                last_dir.fd = None;
                return metadata_at(folder, path, follow);
            }
            if last_dir.fd.is_none() {
                let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
                last_dir.fd = openat(folder, parent, flags, Mode::empty()).ok();
            }
            match &last_dir.fd {
                Some(fd) => metadata_at(fd, &path[parent.len() + 1..], follow),
                None => metadata_at(folder, path, follow),
            }
        })
    }

    /// The folder that a file shares with its neighbours: for a page's `index.html`, the one around
    /// its own.
    fn shared_parent(path: &str) -> Option<&str> {
        let page_path = path.strip_suffix("/index.html").unwrap_or(path);
        page_path.rsplit_once('/').map(|(parent, _)| parent)
    }
}

#[cfg(unix)]
fn metadata_at(folder: impl std::os::fd::AsFd, path: &str, follow: bool) -> Option<FileMetadata> {
    use rustix::fs::{AtFlags, FileType, statat};
    let flags = if follow { AtFlags::empty() } else { AtFlags::SYMLINK_NOFOLLOW };
    let stat = statat(folder, path, flags).ok()?;
    // Systems differ in the integers that they tell times in.
    let nanoseconds =
        |seconds: i128, subsecond: i128| (seconds.max(0) * 1_000_000_000 + subsecond.max(0)) as u64;
    Some(FileMetadata {
        is_file: FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile,
        length: stat.st_size.try_into().unwrap_or_default(),
        modified: nanoseconds(stat.st_mtime.into(), stat.st_mtime_nsec.into()),
        changed: nanoseconds(stat.st_ctime.into(), stat.st_ctime_nsec.into()),
    })
}

/// Nanoseconds since 1970.
pub(crate) fn nanoseconds(time: SystemTime) -> u64 {
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

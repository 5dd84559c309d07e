//! Metadata of files. A folder in which many files are looked up is opened once, so that the system
//! doesn't resolve its path for each of them.

use std::fs::{self, File, Metadata};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// The metadata of a file, with times in nanoseconds since 1970.
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

/// The treatment of a symbolic link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Links {
    /// The metadata is that of the target of the link.
    Follow,
    /// The metadata is that of the link itself.
    Keep,
}

/// An open folder.
#[derive(Debug)]
pub(crate) struct DirHandle<'a> {
    path: &'a Path,
    file: Option<File>,
    /// A number that no other handle of this process has.
    #[cfg_attr(
        not(target_os = "linux"),
        expect(dead_code, reason = "only Linux opens folders without reading them")
    )]
    id: u64,
}

impl<'a> DirHandle<'a> {
    /// Opens a folder. If that fails, files are looked up by their full paths.
    pub(crate) fn open(path: &'a Path) -> Self {
        static NEXT_ID: AtomicU64 = AtomicU64::new(0);
        let id = NEXT_ID.fetch_add(1, Ordering::Relaxed);
        Self { path, file: open_dir(path), id }
    }

    /// Returns true if the folder could be opened.
    pub(crate) fn exists(&self) -> bool {
        self.file.is_some()
    }

    /// Looks up a file by its path below the folder; `None` if it doesn't exist. With
    /// [`Links::Keep`], a file below a link to a folder doesn't exist either.
    pub(crate) fn metadata(&self, path: &str, links: Links) -> Option<FileMetadata> {
        match &self.file {
            #[cfg(target_os = "linux")]
            Some(folder) => last_dir::metadata(self.id, folder, path, links),
            #[cfg(all(unix, not(target_os = "linux")))]
            Some(folder) => file_metadata_at(folder, path, links),
            _ => {
                if links == Links::Keep && linked_folder(self.path, path).is_some() {
                    return None;
                }
                let path = self.path.join(path);
                let metadata = match links {
                    Links::Follow => fs::metadata(path),
                    Links::Keep => fs::symlink_metadata(path),
                };
                metadata.ok().map(|metadata| FileMetadata::from_metadata(&metadata))
            }
        }
    }
}

/// Files are looked up in the order of their paths, so those of a day follow each other. The folder
/// of a day is opened once: for its second file, or for its first if links are not followed, since
/// its path is then checked for links.
#[cfg(target_os = "linux")]
mod last_dir {
    use std::cell::RefCell;
    use std::fs::File;
    use std::os::fd::OwnedFd;

    use rustix::fs::{Mode, OFlags, ResolveFlags, openat, openat2};
    use rustix::io::Errno;

    use super::{FileMetadata, Links, file_metadata_at, is_folder_at, split_shared_parent};

    /// The folder in which a thread last looked up a file.
    #[derive(Default)]
    struct LastDir {
        /// The number of the handle that its path is relative to.
        handle_id: u64,
        path: String,
        links: Option<Links>,
        fd: Option<OwnedFd>,
    }

    thread_local! {
        static LAST_DIR: RefCell<LastDir> = RefCell::default();
    }

    pub(crate) fn metadata(
        handle_id: u64,
        folder: &File,
        path: &str,
        links: Links,
    ) -> Option<FileMetadata> {
        let Some((parent, rest)) = split_shared_parent(path) else {
            return file_metadata_at(folder, path, links);
        };
        LAST_DIR.with_borrow_mut(|last_dir| {
            let is_first_file = last_dir.handle_id != handle_id
                || last_dir.path != parent
                || last_dir.links != Some(links);
            if is_first_file {
                last_dir.handle_id = handle_id;
                last_dir.path.clear();
                last_dir.path.push_str(parent);
                last_dir.links = Some(links);
                last_dir.fd = None;
                if links == Links::Follow {
                    return file_metadata_at(folder, path, links);
                }
            }
            if last_dir.fd.is_none() && (links == Links::Follow || is_first_file) {
                last_dir.fd = open_parent(folder, parent, links);
            }
            match (&last_dir.fd, links) {
                (Some(fd), _) => file_metadata_at(fd, rest, links),
                (None, Links::Follow) => file_metadata_at(folder, path, links),
                // The folder doesn't exist, or a link leads to it.
                (None, Links::Keep) => None,
            }
        })
    }

    fn open_parent(folder: &File, parent: &str, links: Links) -> Option<OwnedFd> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        if links == Links::Keep {
            match openat2(folder, parent, flags, Mode::empty(), ResolveFlags::NO_SYMLINKS) {
                Ok(fd) => return Some(fd),
                // Linux before 5.6, or a sandbox that forbids the call.
                Err(Errno::NOSYS | Errno::PERM) => {}
                Err(_) => return None,
            }
            let mut prefixes = parent.match_indices('/').map(|(end, _)| &parent[..end]);
            if !prefixes.all(|prefix| is_folder_at(folder, prefix)) || !is_folder_at(folder, parent)
            {
                return None;
            }
        }
        openat(folder, parent, flags, Mode::empty()).ok()
    }
}

/// Splits a path after the folder that a file shares with its neighbors. For an `index.html`, that
/// is the parent of its own folder.
#[cfg(target_os = "linux")]
fn split_shared_parent(path: &str) -> Option<(&str, &str)> {
    let page_path = path.strip_suffix("/index.html").unwrap_or(path);
    let (parent, _) = page_path.rsplit_once('/')?;
    Some((parent, &path[parent.len() + 1..]))
}

/// Looks up a file below a folder. With [`Links::Keep`], no folder of the path may be a link.
#[cfg(unix)]
fn file_metadata_at(
    folder: impl std::os::fd::AsFd,
    path: &str,
    links: Links,
) -> Option<FileMetadata> {
    if links == Links::Keep {
        let mut prefixes = path.match_indices('/').map(|(end, _)| &path[..end]);
        if !prefixes.all(|prefix| is_folder_at(&folder, prefix)) {
            return None;
        }
    }
    metadata_at(folder, path, links)
}

/// Returns true if a path is a folder, and not a link to one.
#[cfg(unix)]
fn is_folder_at(folder: impl std::os::fd::AsFd, path: &str) -> bool {
    use rustix::fs::{AtFlags, FileType, statat};
    statat(folder, path, AtFlags::SYMLINK_NOFOLLOW)
        .is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::Directory)
}

#[cfg(unix)]
fn metadata_at(folder: impl std::os::fd::AsFd, path: &str, links: Links) -> Option<FileMetadata> {
    use rustix::fs::{AtFlags, FileType, statat};
    let flags = match links {
        Links::Follow => AtFlags::empty(),
        Links::Keep => AtFlags::SYMLINK_NOFOLLOW,
    };
    let stat = statat(folder, path, flags).ok()?;
    // The integer types of times differ between systems.
    let nanoseconds =
        |seconds: i128, subsecond: i128| (seconds.max(0) * 1_000_000_000 + subsecond.max(0)) as u64;
    Some(FileMetadata {
        is_file: FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile,
        length: stat.st_size.try_into().unwrap_or_default(),
        modified: nanoseconds(stat.st_mtime.into(), stat.st_mtime_nsec.into()),
        changed: nanoseconds(stat.st_ctime.into(), stat.st_ctime_nsec.into()),
    })
}

/// Returns the first folder of a path below a base folder that is a symbolic link.
pub(crate) fn linked_folder<'p>(base: &Path, path: &'p str) -> Option<&'p str> {
    let mut folders = path.match_indices('/').map(|(end, _)| &path[..end]);
    folders.find(|folder| {
        fs::symlink_metadata(base.join(folder)).is_ok_and(|metadata| metadata.is_symlink())
    })
}

/// Opens a folder; `None` if there is none, or folders can't be opened on this system.
#[cfg(unix)]
fn open_dir(path: &Path) -> Option<File> {
    use rustix::fs::{Mode, OFlags};
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    rustix::fs::open(path, flags, Mode::empty()).ok().map(File::from)
}

#[cfg(not(unix))]
fn open_dir(_path: &Path) -> Option<File> {
    None
}

/// Returns a time in nanoseconds since 1970.
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

//! File stamps: hashes of size and times that show, without opening a file, whether it has changed.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use crate::model::{Fingerprint, Fingerprinter};
use crate::pipeline::dir_handle::{DirHandle, FileMetadata, Links, nanoseconds};

/// The stamp of a file that may change without its stamp changing. It counts as different from
/// every stamp.
pub(crate) const DIRTY: u64 = 0;
/// The stamp of a file that doesn't exist.
pub(crate) const MISSING: u64 = 1;

/// The coarsest resolution of times in file systems (FAT: two seconds), and in those that record
/// fractions of a millisecond (Linux: the kernel's tick).
const COARSE_RESOLUTION: Duration = Duration::from_secs(2);
const FINE_RESOLUTION: Duration = Duration::from_millis(50);

/// The time at which a build begins to look at files. A file that was changed just before could
/// change again and have the same times, so its stamp is [`DIRTY`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct ScanTime(SystemTime);

impl ScanTime {
    /// Returns the present time.
    pub(crate) fn now() -> Self {
        Self(SystemTime::now())
    }

    /// Returns the stamp of an input: its length, and the times at which it and its entry in the
    /// file system were last changed.
    pub(crate) fn input_stamp(self, metadata: &FileMetadata) -> u64 {
        let has_fine_times = !metadata.changed.is_multiple_of(1_000_000);
        let margin =
            if has_fine_times { FINE_RESOLUTION } else { COARSE_RESOLUTION }.as_nanos() as u64;
        let now = nanoseconds(self.0);
        if metadata.modified + margin >= now || metadata.changed + margin >= now {
            return DIRTY;
        }
        let mut hash = Fingerprinter::new();
        hash.number(metadata.length).number(metadata.modified).number(metadata.changed);
        hash.finish().0.max(MISSING + 1)
    }

    /// Returns the stamp of an input by its path.
    pub(crate) fn file_stamp(self, path: &Path) -> u64 {
        self.stamp_or_missing(
            fs::metadata(path).ok().map(|metadata| FileMetadata::from_metadata(&metadata)),
        )
    }

    /// Returns the stamp of an input by its path below a folder.
    pub(crate) fn file_stamp_in(self, folder: &DirHandle<'_>, path: &str) -> u64 {
        self.stamp_or_missing(folder.metadata(path, Links::Follow))
    }

    fn stamp_or_missing(self, metadata: Option<FileMetadata>) -> u64 {
        metadata
            .filter(|metadata| metadata.is_file)
            .map_or(MISSING, |metadata| self.input_stamp(&metadata))
    }
}

/// Returns the stamp of an output: its length and modification time, which a copy that preserves
/// times keeps.
pub(crate) fn output_stamp(metadata: &FileMetadata) -> u64 {
    let mut hash = Fingerprinter::new();
    hash.number(metadata.length).number(metadata.modified);
    hash.finish().0
}

/// Returns the stamp of an output by its path below the output folder, [`DIRTY`] if it doesn't
/// exist.
pub(crate) fn output_file_stamp(folder: &DirHandle<'_>, path: &str) -> u64 {
    folder
        .metadata(path, Links::Keep)
        .filter(|metadata| metadata.is_file)
        .map_or(DIRTY, |metadata| output_stamp(&metadata))
}

/// Returns the fingerprint of a copy by the stamp of its source.
pub(crate) fn copy_inputs_hash(stamp: u64) -> Fingerprint {
    if stamp == DIRTY { Fingerprint::DIRTY } else { Fingerprinter::new().number(stamp).finish() }
}

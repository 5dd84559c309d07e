//! Stamps: what tells, without opening it, whether a file is still the one that it was.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use crate::model::{Fingerprint, Fingerprinter};
use crate::pipeline::dir_handle::{DirHandle, FileMetadata, nanoseconds};

/// The stamp of what may change again without its stamp changing: it equals none.
pub(crate) const DIRTY: u64 = 0;
/// The stamp of a file that isn't there.
pub(crate) const MISSING: u64 = 1;

/// How coarse the times of file systems may be (FAT: two seconds), and of those that tell fractions
/// of a millisecond (Linux: the kernel's tick).
const COARSE_RESOLUTION: Duration = Duration::from_secs(2);
const FINE_RESOLUTION: Duration = Duration::from_millis(50);

/// When a build began to look at files. One that was changed just before may change once more and
/// still show the same times, so its stamp isn't relied on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ScanTime(SystemTime);

impl ScanTime {
    pub(crate) fn now() -> Self {
        Self(SystemTime::now())
    }

    /// The stamp of an input: its length, and when it and its entry in the file system were last
    /// changed.
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

    /// The stamp of an input by its path.
    pub(crate) fn file_stamp(self, path: &Path) -> u64 {
        self.stamp_or_missing(
            fs::metadata(path).ok().map(|metadata| FileMetadata::from_metadata(&metadata)),
        )
    }

    /// The stamp of an input in a folder.
    pub(crate) fn file_stamp_in(self, folder: &DirHandle<'_>, path: &str) -> u64 {
        self.stamp_or_missing(folder.metadata(path, true))
    }

    fn stamp_or_missing(self, metadata: Option<FileMetadata>) -> u64 {
        metadata
            .filter(|metadata| metadata.is_file)
            .map_or(MISSING, |metadata| self.input_stamp(&metadata))
    }
}

/// The stamp of an output: its length and modification time, which survive a copy that keeps times.
pub(crate) fn output_stamp(metadata: &FileMetadata) -> u64 {
    let mut hash = Fingerprinter::new();
    hash.number(metadata.length).number(metadata.modified);
    hash.finish().0
}

/// The stamp of an output by its path below the output folder; unsettled if it isn't there.
pub(crate) fn output_file_stamp(folder: &DirHandle<'_>, path: &str) -> u64 {
    folder
        .metadata(path, false)
        .filter(|metadata| metadata.is_file)
        .map_or(DIRTY, |metadata| output_stamp(&metadata))
}

/// What a copied file is made from.
pub(crate) fn copy_inputs_hash(stamp: u64) -> Fingerprint {
    if stamp == DIRTY { Fingerprint::DIRTY } else { Fingerprinter::new().number(stamp).finish() }
}

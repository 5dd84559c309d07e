//! Stamps: what tells, without opening it, whether a file is still the one that it was.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::folder::{Facts, Folder, nanoseconds};
use crate::model::{Fingerprint, Fingerprinter};

/// The stamp of what may change again without its stamp changing: it equals none.
pub(super) const UNSETTLED: u64 = 0;
/// The stamp of a file that isn't there.
pub(super) const MISSING: u64 = 1;

/// How coarse the times of file systems may be (FAT: two seconds), and of those that tell fractions of a millisecond (Linux: the kernel's tick).
const COARSE: Duration = Duration::from_secs(2);
const FINE: Duration = Duration::from_millis(50);

/// When a build began to look at files. One that was changed just before may change once more and still show the same times, so its stamp isn't
/// relied on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scan(SystemTime);

impl Scan {
    pub(super) fn now() -> Self {
        Self(SystemTime::now())
    }

    /// The stamp of an input: its length, and when it and its entry in the file system were last changed.
    pub(super) fn input(self, file: &Facts) -> u64 {
        let fine = !file.changed.is_multiple_of(1_000_000);
        let margin = if fine { FINE } else { COARSE }.as_nanos() as u64;
        let now = nanoseconds(self.0);
        if file.modified + margin >= now || file.changed + margin >= now {
            return UNSETTLED;
        }
        let mut hash = Fingerprinter::new();
        hash.number(file.length).number(file.modified).number(file.changed);
        hash.finish().0.max(MISSING + 1)
    }

    /// The stamp of an input by its path.
    pub(super) fn file(self, path: &Path) -> u64 {
        self.found(fs::metadata(path).ok().map(|metadata| Facts::of(&metadata)))
    }

    /// The stamp of an input in a folder.
    pub(super) fn file_in(self, folder: &Folder<'_>, path: &str) -> u64 {
        self.found(folder.facts(path, true))
    }

    fn found(self, facts: Option<Facts>) -> u64 {
        facts.filter(|facts| facts.is_file).map_or(MISSING, |facts| self.input(&facts))
    }
}

/// The stamp of an output: its length and modification time, which survive a copy that keeps times.
pub(super) fn output(file: &Facts) -> u64 {
    let mut hash = Fingerprinter::new();
    hash.number(file.length).number(file.modified);
    hash.finish().0
}

/// The stamp of an output by its path below the output folder; unsettled if it isn't there.
pub(super) fn output_file(folder: &Folder<'_>, path: &str) -> u64 {
    folder.facts(path, false).filter(|facts| facts.is_file).map_or(UNSETTLED, |facts| output(&facts))
}

/// What a copied file is made from.
pub(super) fn copied(stamp: u64) -> Fingerprint {
    if stamp == UNSETTLED { Fingerprint::UNSETTLED } else { Fingerprinter::new().number(stamp).finish() }
}

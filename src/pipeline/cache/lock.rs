//! The lock that keeps two builds of a site from running at the same time.

use std::fs::{self, File, TryLockError};
use std::path::Path;

use crate::diagnostics::Error;
use crate::pipeline::options::WriteMode;
use crate::regular_file;

/// The lock of a site. The system releases it when the process ends, in whatever way.
pub(crate) struct Lock(
    #[expect(dead_code, reason = "holding the file holds the lock")] Option<File>,
);

impl Lock {
    /// Acquires the lock. If another build has it, calls `on_wait` and waits. A dry run doesn't
    /// create the lock file: if there is none, no build is running.
    ///
    /// # Errors
    /// [`Error::Io`] if the lock file can't be opened or locked.
    pub(crate) fn acquire(
        folder: &Path,
        mode: WriteMode,
        on_wait: impl FnOnce(),
    ) -> Result<Self, Error> {
        let path = folder.join("lock");
        let open = || match mode {
            WriteMode::DryRun => regular_file::open(&path),
            WriteMode::Write => {
                fs::create_dir_all(folder)?;
                // Only a file that a build made is locked, not one that a link leads to.
                if fs::symlink_metadata(&path).is_ok_and(|metadata| !metadata.is_file()) {
                    regular_file::remove_any(&path)?;
                }
                File::options().create(true).truncate(false).write(true).open(&path)
            }
        };
        let file = match open() {
            Err(_) if mode == WriteMode::DryRun && !path.is_file() => return Ok(Self(None)),
            result => result.map_err(Error::io("can't open", &path))?,
        };
        match file.try_lock() {
            Ok(()) => Ok(Self(Some(file))),
            Err(TryLockError::WouldBlock) => {
                on_wait();
                file.lock().map_err(Error::io("can't lock", &path))?;
                Ok(Self(Some(file)))
            }
            // The file system has no locks: there it is up to the user to run one build at a time.
            Err(TryLockError::Error(error)) if error.kind() == std::io::ErrorKind::Unsupported => {
                Ok(Self(Some(file)))
            }
            Err(TryLockError::Error(error)) => Err(Error::io("can't lock", &path)(error)),
        }
    }
}

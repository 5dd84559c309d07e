//! Atomic replacement of files outside the output folder: no reader ever sees an incomplete file.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use crate::diagnostics::Error;

/// A file that is being written and replaces another once it is complete.
#[derive(Debug)]
pub(crate) struct AtomicFile<'a> {
    target: &'a Path,
    temp_path: std::path::PathBuf,
    writer: Option<BufWriter<File>>,
}

impl<'a> AtomicFile<'a> {
    /// Begins to replace a file, which need not exist.
    ///
    /// # Errors
    /// [`Error::Io`] if a temporary file can't be created in the folder, or an old one removed.
    pub(crate) fn create(target: &'a Path) -> Result<Self, Error> {
        let name =
            target.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let temp_path = target.with_file_name(format!(".{name}.new"));
        let open_temp = || {
            // An interrupted run may have left a temporary file. `create_new` never follows a link.
            match fs::remove_file(&temp_path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            let new = OpenOptions::new().write(true).create_new(true).open(&temp_path)?;
            if let Ok(old) = fs::metadata(target) {
                new.set_permissions(old.permissions())?;
            }
            Ok(new)
        };
        let temp_file = open_temp().map_err(Error::io("can't write", &temp_path))?;
        Ok(Self { target, temp_path, writer: Some(BufWriter::with_capacity(1 << 16, temp_file)) })
    }

    /// Adds bytes.
    ///
    /// # Errors
    /// [`Error::Io`] if the bytes can't be written, for example because the disk is full.
    pub(crate) fn write_all(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let result = self.writer.as_mut().map_or(Ok(()), |writer| writer.write_all(bytes));
        result.map_err(|error| Error::io("can't write", &self.temp_path)(error))
    }

    /// Replaces the old file with the new one.
    ///
    /// # Errors
    /// [`Error::Io`] if the new file can't be synced or renamed; the old file is then unchanged.
    pub(crate) fn commit(mut self) -> Result<(), Error> {
        let Some(writer) = self.writer.take() else { return Ok(()) };
        let sync_and_rename = || {
            writer.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
            fs::rename(&self.temp_path, self.target)
        };
        sync_and_rename().map_err(Error::io("can't write", self.target))
    }
}

impl Drop for AtomicFile<'_> {
    /// Removes the temporary file of an unfinished write; after the rename there is none.
    fn drop(&mut self) {
        self.writer = None;
        let _ = fs::remove_file(&self.temp_path);
    }
}

/// Replaces the contents of a file.
///
/// # Errors
/// [`Error::Io`] if the new file can't be written, synced or renamed; the old file is then
/// unchanged.
pub(crate) fn replace_file(target: &Path, bytes: &[u8]) -> Result<(), Error> {
    let mut file = AtomicFile::create(target)?;
    file.write_all(bytes)?;
    file.commit()
}

//! Files that people own besides the output: replaced as a whole, so that nobody ever finds half of one.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use crate::diagnostic::Error;

/// A file that is being written and takes another's place once it is whole.
#[derive(Debug)]
pub struct Replacement<'a> {
    file: &'a Path,
    temporary: std::path::PathBuf,
    out: Option<BufWriter<File>>,
}

impl<'a> Replacement<'a> {
    /// Begins to replace a file, which need not be there yet.
    ///
    /// # Errors
    /// If the folder can't be written to.
    pub fn begin(file: &'a Path) -> Result<Self, Error> {
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let temporary = file.with_file_name(format!(".{name}.new"));
        let create = || {
            // A killed run may have left one. What is created can't be a link that somebody put there.
            match fs::remove_file(&temporary) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            let new = OpenOptions::new().write(true).create_new(true).open(&temporary)?;
            if let Ok(old) = fs::metadata(file) {
                new.set_permissions(old.permissions())?;
            }
            Ok(new)
        };
        let out = create().map_err(Error::io("can't write", &temporary))?;
        Ok(Self { file, temporary, out: Some(BufWriter::with_capacity(1 << 16, out)) })
    }

    /// Adds bytes.
    ///
    /// # Errors
    /// If the disk is full.
    pub fn add(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let written = self.out.as_mut().map_or(Ok(()), |out| out.write_all(bytes));
        written.map_err(|error| Error::io("can't write", &self.temporary)(error))
    }

    /// Puts the new file in the old one's place.
    ///
    /// # Errors
    /// If the system refuses; the old file then stays as it is.
    pub fn finish(mut self) -> Result<(), Error> {
        let Some(out) = self.out.take() else { return Ok(()) };
        let end = || {
            out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
            fs::rename(&self.temporary, self.file)
        };
        end().map_err(Error::io("can't write", self.file))
    }
}

impl Drop for Replacement<'_> {
    /// What was begun and not ended is taken away; after the rename there is none.
    fn drop(&mut self) {
        self.out = None;
        let _ = fs::remove_file(&self.temporary);
    }
}

/// Replaces a file by some bytes.
///
/// # Errors
/// If the system refuses; the old file then stays as it is.
pub fn replace(file: &Path, bytes: &[u8]) -> Result<(), Error> {
    let mut new = Replacement::begin(file)?;
    new.add(bytes)?;
    new.finish()
}

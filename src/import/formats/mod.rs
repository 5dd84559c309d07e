//! The formats of sources: one file per format, each a reader that returns one record at a time.

mod ghost;
mod plain_text;
mod reader;
mod text_layout;

use std::fs::File;
use std::io::BufReader;

use super::source::{Format, ImportSource};
use crate::diagnostics::Error;
use crate::regular_file;
pub(crate) use reader::{ItemError, ItemReader};

/// Opens a source.
///
/// # Errors
/// [`Error::Io`] if the file can't be opened.
pub(crate) fn open(source: &ImportSource) -> Result<Box<dyn ItemReader>, Error> {
    let file = regular_file::open(&source.path).map_err(Error::io("can't read", &source.path))?;
    let input: BufReader<File> = BufReader::with_capacity(1 << 16, file);
    Ok(match source.format {
        Format::Ghost => Box::new(ghost::GhostReader::new(input)),
        Format::PlainText => Box::new(plain_text::PlainTextReader::new(input, &source.name)),
    })
}

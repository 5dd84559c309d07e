//! CSV (RFC 4180) with a line of names, in any encoding, separated by commas, semicolons or tabs.

use std::io::{BufRead, Cursor, Read as _, Seek as _};
use std::path::Path;

use super::row::{RowReader, TableRow};
use crate::diagnostics::Error;
use crate::import::formats::reader::ItemError;
use crate::import::text::decode;
use crate::regular_file;

/// The number of bytes by which the encoding is recognized as UTF-8.
const CHECKED_BYTES: u64 = 1 << 20;
/// The maximum length of a file that isn't UTF-8, which is decoded in memory.
const MAX_DECODED_BYTES: u64 = 512 << 20;

/// Reads the rows of a file.
pub(super) struct CsvRows {
    reader: csv::Reader<Box<dyn BufRead>>,
    names: Vec<String>,
    number: usize,
}

impl CsvRows {
    /// Opens a file.
    ///
    /// # Errors
    /// [`Error::Io`] if the file can't be read.
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let to_error = |error| Error::io("can't read", path)(error);
        let mut input = open_text(path).map_err(to_error)?;
        let start = input.fill_buf().map_err(to_error)?;
        let delimiter = delimiter(start);
        let mut builder = csv::ReaderBuilder::new();
        let mut reader = builder.flexible(true).delimiter(delimiter).from_reader(input);
        let headers =
            reader.byte_headers().map_err(|error| to_error(std::io::Error::other(error)))?;
        let to_text = |name: &[u8]| String::from_utf8_lossy(name).trim().to_owned();
        let names = headers.iter().map(to_text).collect();
        Ok(Self { reader, names, number: 0 })
    }
}

impl RowReader for CsvRows {
    fn next_row(&mut self) -> Option<Result<TableRow, ItemError>> {
        let mut record = csv::ByteRecord::new();
        self.number += 1;
        match self.reader.read_byte_record(&mut record) {
            Ok(false) => None,
            Ok(true) => {
                let line =
                    record.position().map_or(self.number, |position| position.line() as usize);
                let texts =
                    record.iter().map(|text| vec![String::from_utf8_lossy(text).into_owned()]);
                let columns = self.names.iter().cloned().zip(texts).collect();
                Some(Ok(TableRow { number: self.number, line, columns }))
            }
            Err(error) => {
                let line =
                    error.position().map_or(self.number, |position| position.line() as usize);
                Some(Err(ItemError { line, message: format!("the row can't be read: {error}") }))
            }
        }
    }
}

/// Returns the most frequent of the possible delimiters in the line of names.
fn delimiter(start: &[u8]) -> u8 {
    let line = start.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |delimiter: u8| line.iter().filter(|byte| **byte == delimiter).count();
    [b',', b';', b'\t'].into_iter().rev().max_by_key(|delimiter| count(*delimiter)).unwrap_or(b',')
}

/// Opens a file as UTF-8: a file in another encoding is decoded in memory.
fn open_text(path: &Path) -> std::io::Result<Box<dyn BufRead>> {
    let mut file = regular_file::open(path)?;
    let mut start = Vec::new();
    file.by_ref().take(CHECKED_BYTES).read_to_end(&mut start)?;
    let is_utf8 = match std::str::from_utf8(&start) {
        Ok(_) => true,
        // The last character may be incomplete.
        Err(error) => error.error_len().is_none() && start.len() as u64 == CHECKED_BYTES,
    };
    file.rewind()?;
    if is_utf8 {
        if start.starts_with("\u{feff}".as_bytes()) {
            file.seek(std::io::SeekFrom::Start(3))?;
        }
        return Ok(Box::new(std::io::BufReader::with_capacity(1 << 16, file)));
    }
    let mut bytes = Vec::new();
    file.by_ref().take(MAX_DECODED_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_DECODED_BYTES {
        let message = format!("it is longer than {MAX_DECODED_BYTES} bytes and isn't UTF-8");
        return Err(std::io::Error::other(message));
    }
    Ok(Box::new(Cursor::new(decode(&bytes, None).text.into_bytes())))
}

//! Tables in JSON: a list of objects, an object that contains one, or one object per line.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;

use serde_json::{Map, Value};

use super::row::{RowReader, TableRow};
use crate::diagnostics::Error;
use crate::import::formats::reader::ItemError;
use crate::regular_file;

/// The maximum length of a file with a list, which is read at once, and of a line.
const MAX_BYTES: u64 = 512 << 20;

/// Reads the rows of a file.
pub(super) struct JsonRows {
    rows: JsonSource,
    number: usize,
}

enum JsonSource {
    List(std::vec::IntoIter<Value>),
    Lines(BufReader<std::fs::File>),
}

impl JsonRows {
    /// Opens a file. `records` is the key of the list in an object.
    ///
    /// # Errors
    /// [`Error::Io`] if the file can't be read; [`Error::Usage`] if it isn't JSON or has no list.
    pub(super) fn open(path: &Path, records: Option<&str>) -> Result<Self, Error> {
        let to_error = |error| Error::io("can't read", path)(error);
        let mut input = BufReader::new(regular_file::open(path).map_err(to_error)?);
        let start = input.fill_buf().map_err(to_error)?;
        let is_list = start.trim_ascii_start().starts_with(b"[");
        if !is_list && records.is_none() {
            return Ok(Self { rows: JsonSource::Lines(input), number: 0 });
        }
        let usage = |reason: String| Error::Usage(format!("{}: {reason}", path.display()));
        let value: Value = serde_json::from_reader(input.take(MAX_BYTES))
            .map_err(|error| usage(format!("it isn't JSON: {error}")))?;
        let list = match (value, records) {
            (Value::Array(list), _) => list,
            (Value::Object(mut object), Some(key)) => match object.remove(key) {
                Some(Value::Array(list)) => list,
                _ => return Err(usage(format!("it has no list `{key}`"))),
            },
            _ => return Err(usage("it isn't a list of records".to_owned())),
        };
        Ok(Self { rows: JsonSource::List(list.into_iter()), number: 0 })
    }
}

impl RowReader for JsonRows {
    fn next_row(&mut self) -> Option<Result<TableRow, ItemError>> {
        loop {
            self.number += 1;
            let number = self.number;
            let value = match &mut self.rows {
                JsonSource::List(list) => list.next()?,
                JsonSource::Lines(input) => {
                    let mut line = Vec::new();
                    let read = input.by_ref().take(MAX_BYTES).read_until(b'\n', &mut line);
                    if read.is_ok() && line.is_empty() {
                        return None;
                    }
                    if line.trim_ascii().is_empty() {
                        continue;
                    }
                    match serde_json::from_slice(&line) {
                        Ok(value) => value,
                        Err(error) => {
                            let message = format!("the line isn't JSON: {error}");
                            return Some(Err(ItemError { line: number, message }));
                        }
                    }
                }
            };
            return Some(match value {
                Value::Object(object) => Ok(row(number, &object)),
                _ => {
                    let message = "the record isn't an object".to_owned();
                    Err(ItemError { line: number, message })
                }
            });
        }
    }
}

/// Returns the row of an object. The values of inner objects have names such as `author.name`.
fn row(number: usize, object: &Map<String, Value>) -> TableRow {
    let mut row = TableRow { number, line: number, ..TableRow::default() };
    for (key, value) in object {
        if let Value::Object(inner) = value {
            for (inner_key, value) in inner {
                row.columns.insert(format!("{key}.{inner_key}"), texts(value));
            }
        }
        row.columns.insert(key.clone(), texts(value));
    }
    row
}

/// Returns the texts of a value: of a list, those of its items; of an object, its name.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Null => Vec::new(),
        Value::String(text) => vec![text.clone()],
        Value::Bool(_) | Value::Number(_) => vec![value.to_string()],
        Value::Array(list) => list.iter().flat_map(texts).collect(),
        Value::Object(object) => {
            let name = ["name", "title", "label"].iter().find_map(|key| object.get(*key)?.as_str());
            name.map(str::to_owned).into_iter().collect()
        }
    }
}

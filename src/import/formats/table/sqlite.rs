//! SQLite databases, read by a query.

use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};

use super::row::{RowReader, TableRow};
use crate::diagnostics::Error;
use crate::import::formats::reader::ItemError;

/// The number of rows that are read in advance.
const ROWS_IN_ADVANCE: usize = 64;

/// Reads the rows of a query. A thread runs it, since its rows borrow from the statement.
pub(super) struct SqliteRows {
    rows: Receiver<Result<TableRow, ItemError>>,
}

impl SqliteRows {
    /// Opens a database without write access, and starts a query.
    ///
    /// # Errors
    /// [`Error::Usage`] if the file isn't a database, or the query is wrong.
    pub(super) fn open(path: &Path, query: &str) -> Result<Self, Error> {
        let usage = |error: rusqlite::Error| Error::Usage(format!("{}: {error}", path.display()));
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(usage)?;
        connection.prepare(query).map_err(usage)?;
        let (sender, rows) = sync_channel(ROWS_IN_ADVANCE);
        let query = query.to_owned();
        std::thread::spawn(move || {
            if let Err(error) = send_rows(&connection, &query, &sender) {
                let message = format!("the database can't be read: {error}");
                // Nobody receives it if the import has ended.
                let _ = sender.send(Err(ItemError { line: 1, message }));
            }
        });
        Ok(Self { rows })
    }
}

fn send_rows(
    connection: &Connection,
    query: &str,
    sender: &SyncSender<Result<TableRow, ItemError>>,
) -> rusqlite::Result<()> {
    let mut statement = connection.prepare(query)?;
    let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let mut rows = statement.query([])?;
    let mut number = 0;
    while let Some(found) = rows.next()? {
        number += 1;
        let mut row = TableRow { number, line: number, ..TableRow::default() };
        for (index, name) in names.iter().enumerate() {
            let text = match found.get_ref(index)? {
                ValueRef::Null => continue,
                ValueRef::Integer(number) => number.to_string(),
                ValueRef::Real(number) => number.to_string(),
                ValueRef::Text(text) | ValueRef::Blob(text) => {
                    String::from_utf8_lossy(text).into_owned()
                }
            };
            row.columns.insert(name.clone(), vec![text]);
        }
        if sender.send(Ok(row)).is_err() {
            return Ok(());
        }
    }
    Ok(())
}

impl RowReader for SqliteRows {
    fn next_row(&mut self) -> Option<Result<TableRow, ItemError>> {
        self.rows.recv().ok()
    }
}

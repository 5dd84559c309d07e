//! A row of a table.

use std::collections::HashMap;

use crate::import::formats::reader::ItemError;

/// A row: the texts of its columns.
#[derive(Clone, Debug, Default)]
pub(super) struct TableRow {
    /// The number of the row, from 1.
    pub(super) number: usize,
    /// The line at which it begins, from 1; the number of the row in files without lines.
    pub(super) line: usize,
    /// The texts of each column: several if its value is a list.
    pub(super) columns: HashMap<String, Vec<String>>,
}

impl TableRow {
    /// Returns the text of a column; empty if the row doesn't have it.
    pub(super) fn text(&self, column: &str) -> String {
        self.columns.get(column).map(|texts| texts.join(" ")).unwrap_or_default()
    }

    /// Returns the texts of a column.
    pub(super) fn texts(&self, column: &str) -> Vec<String> {
        self.columns.get(column).cloned().unwrap_or_default()
    }
}

/// Reads the rows of a table, one at a time.
pub(super) trait RowReader {
    /// Reads the next row; `None` at the end.
    fn next_row(&mut self) -> Option<Result<TableRow, ItemError>>;
}

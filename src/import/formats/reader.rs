//! The interface of the readers of all formats.

use crate::import::item::Item;

/// A part of a source that can't be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ItemError {
    /// The line, from 1.
    pub(crate) line: usize,
    /// The problem.
    pub(crate) message: String,
}

/// Reads the records of a source, one at a time, in the order of the source. After an error, it
/// continues with the next record that can be read.
pub(crate) trait ItemReader {
    /// Reads the next record; `None` at the end.
    fn next_item(&mut self) -> Option<Result<Item, ItemError>>;
}

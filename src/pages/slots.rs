//! Values that are made once a row and shared by every page of a batch that shows them.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{OnceLock, PoisonError, RwLock};

use tera::Value;

use crate::catalog::RowId;

/// How many more values of its own rows a batch may hold; the others are made each time.
pub(super) struct Room(AtomicUsize);

impl Room {
    pub(super) fn new(values: usize) -> Self {
        Self(AtomicUsize::new(values))
    }

    fn take(&self) -> bool {
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |room| room.checked_sub(1)).is_ok()
    }
}

/// How many values of rows beyond the batch's own are kept at most: the pages of terms show stories of all years, by the hundred thousand.
const OTHERS: usize = 4096;

/// One value a row: a slot for each row of the batch, and a map for the few others that its pages show.
pub(super) struct Slots {
    rows: Range<RowId>,
    own: Vec<OnceLock<Value>>,
    others: RwLock<HashMap<RowId, Value>>,
}

impl Slots {
    pub(super) fn of(rows: Range<RowId>) -> Self {
        Self { own: rows.clone().map(|_| OnceLock::new()).collect(), rows, others: RwLock::default() }
    }

    /// The value of a row. It is made if there is none yet, and kept while there is room.
    ///
    /// # Errors
    /// What went wrong when it was made.
    pub(super) fn get<E>(
        &self,
        row: RowId,
        room: &Room,
        make: impl FnOnce() -> Result<Value, E>,
    ) -> Result<Value, E> {
        let slot = self.rows.contains(&row).then(|| &self.own[(row - self.rows.start) as usize]);
        let known = match slot {
            Some(slot) => slot.get().cloned(),
            None => self.others.read().unwrap_or_else(PoisonError::into_inner).get(&row).cloned(),
        };
        if let Some(known) = known {
            return Ok(known);
        }
        let made = make()?;
        // Should another thread have been faster, its value is the same.
        if let Some(slot) = slot {
            if room.take() {
                drop(slot.set(made.clone()));
            }
        } else {
            let mut others = self.others.write().unwrap_or_else(PoisonError::into_inner);
            if others.len() < OTHERS {
                others.insert(row, made.clone());
            }
        }
        Ok(made)
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    fn get(slots: &Slots, row: RowId, room: &Room, value: u32) -> Value {
        slots.get(row, room, || Ok::<_, Infallible>(Value::from(value))).expect("infallible")
    }

    #[test]
    fn values_are_made_once_while_there_is_room() {
        let (slots, room) = (Slots::of(10..12), Room::new(1));
        for row in [10, 40] {
            assert_eq!(get(&slots, row, &room, row), Value::from(row), "made");
            assert_eq!(get(&slots, row, &room, 0), Value::from(row), "kept");
        }
        assert_eq!(get(&slots, 11, &room, 1), Value::from(1));
        assert_eq!(get(&slots, 11, &room, 2), Value::from(2), "there was no room to keep it");
        assert!(slots.get(11, &room, || Err("no")).is_err());
    }
}

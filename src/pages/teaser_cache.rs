//! Values that are made once a row and shared by every page of a batch that shows them.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{OnceLock, PoisonError, RwLock};

use tera::Value;

use crate::archive::ArticleId;

/// How many more values of its own rows a batch may hold; the others are made each time.
pub(super) struct Budget(AtomicUsize);

impl Budget {
    pub(super) fn new(values: usize) -> Self {
        Self(AtomicUsize::new(values))
    }

    fn try_spend(&self) -> bool {
        self.0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |remaining| {
                remaining.checked_sub(1)
            })
            .is_ok()
    }
}

/// How many values of rows beyond the batch's own are kept at most: the pages of terms show stories
/// of all years, by the hundred thousand.
const MAX_OTHER_VALUES: usize = 4096;

/// One value a row: a slot for each row of the batch, and a map for the few others that its pages
/// show.
pub(super) struct TeaserCache {
    ids: Range<ArticleId>,
    batch_values: Vec<OnceLock<Value>>,
    other_values: RwLock<HashMap<ArticleId, Value>>,
}

impl TeaserCache {
    pub(super) fn new(ids: Range<ArticleId>) -> Self {
        Self {
            batch_values: ids.clone().map(|_| OnceLock::new()).collect(),
            ids,
            other_values: RwLock::default(),
        }
    }

    /// The value of a row. It is made if there is none yet, and kept while there is room.
    ///
    /// # Errors
    /// What went wrong when it was made.
    pub(super) fn get<E>(
        &self,
        id: ArticleId,
        budget: &Budget,
        create: impl FnOnce() -> Result<Value, E>,
    ) -> Result<Value, E> {
        let cell =
            self.ids.contains(&id).then(|| &self.batch_values[(id - self.ids.start) as usize]);
        let cached = match cell {
            Some(cell) => cell.get().cloned(),
            None => {
                self.other_values.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
            }
        };
        if let Some(cached) = cached {
            return Ok(cached);
        }
        let value = create()?;
        // Should another thread have been faster, its value is the same.
        if let Some(cell) = cell {
            if budget.try_spend() {
                drop(cell.set(value.clone()));
            }
        } else {
            let mut other_values =
                self.other_values.write().unwrap_or_else(PoisonError::into_inner);
            if other_values.len() < MAX_OTHER_VALUES {
                other_values.insert(id, value.clone());
            }
        }
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    fn get(cache: &TeaserCache, id: ArticleId, budget: &Budget, value: u32) -> Value {
        cache.get(id, budget, || Ok::<_, Infallible>(Value::from(value))).expect("infallible")
    }

    #[test]
    fn values_are_made_once_while_there_is_room() {
        let (cache, budget) = (TeaserCache::new(10..12), Budget::new(1));
        for id in [10, 40] {
            assert_eq!(get(&cache, id, &budget, id), Value::from(id), "made");
            assert_eq!(get(&cache, id, &budget, 0), Value::from(id), "kept");
        }
        assert_eq!(get(&cache, 11, &budget, 1), Value::from(1));
        assert_eq!(get(&cache, 11, &budget, 2), Value::from(2), "there was no room to keep it");
        assert!(cache.get(11, &budget, || Err("no")).is_err());
    }
}

//! Values that are made once per article and shared by all pages of a batch that show them.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{OnceLock, PoisonError, RwLock};

use tera::Value;

use crate::archive::ArticleId;

/// The number of values of its own articles that a batch may still cache; others are created each
/// time.
pub(super) struct Budget(AtomicUsize);

impl Budget {
    /// Creates a budget of so many values.
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

/// The maximum number of values of articles outside the batch: the pages of terms can show hundreds
/// of thousands of articles from all years.
const MAX_OTHER_VALUES: usize = 4096;

/// One value per article: a slot for each article of the batch, and a map for the few others that
/// its pages show.
pub(super) struct TeaserCache {
    ids: Range<ArticleId>,
    batch_values: Vec<OnceLock<Value>>,
    other_values: RwLock<HashMap<ArticleId, Value>>,
}

impl TeaserCache {
    /// Creates a cache for a batch of articles.
    pub(super) fn new(ids: Range<ArticleId>) -> Self {
        Self {
            batch_values: ids.clone().map(|_| OnceLock::new()).collect(),
            ids,
            other_values: RwLock::default(),
        }
    }

    /// Returns the value of an article. It is created if there is none yet, and kept while the
    /// budget lasts.
    ///
    /// # Errors
    /// The error of `create`.
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
        // If another thread was faster, its value is the same.
        if let Some(cell) = cell {
            if budget.try_spend() {
                let _ = cell.set(value.clone());
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
    fn values_are_created_once_while_the_budget_lasts() {
        let (cache, budget) = (TeaserCache::new(10..12), Budget::new(1));
        for id in [10, 40] {
            assert_eq!(get(&cache, id, &budget, id), Value::from(id), "created");
            assert_eq!(get(&cache, id, &budget, 0), Value::from(id), "kept");
        }
        assert_eq!(get(&cache, 11, &budget, 1), Value::from(1));
        assert_eq!(get(&cache, 11, &budget, 2), Value::from(2), "the budget is spent");
        assert!(cache.get(11, &budget, || Err("no")).is_err());
    }
}

//! The known keys that each key is near, which doesn't depend on the key's value. Most articles of
//! an archive have the same keys, so they are found once for each.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// The number of keys whose results are kept. Keys of a hostile archive are all different.
const MAX_KEYS: usize = 1_024;

/// The results of a function of a key.
pub(super) struct ByKey<T: 'static>(RefCell<HashMap<String, Rc<[T]>>>);

impl<T> ByKey<T> {
    pub(super) fn new() -> Self {
        Self(RefCell::new(HashMap::new()))
    }

    /// Returns the result for a key, from an earlier call if there was one.
    pub(super) fn get(&self, key: &str, find: impl FnOnce() -> Vec<T>) -> Rc<[T]> {
        if let Some(found) = self.0.borrow().get(key) {
            return Rc::clone(found);
        }
        let found: Rc<[T]> = find().into();
        let mut results = self.0.borrow_mut();
        if results.len() >= MAX_KEYS {
            results.clear();
        }
        results.insert(key.to_owned(), Rc::clone(&found));
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_is_found_once_and_few_are_kept() {
        let (results, mut count) = (ByKey::new(), 0);
        for _ in 0..3 {
            let found = results.get("a", || {
                count += 1;
                vec![7]
            });
            assert_eq!(*found, [7]);
        }
        assert_eq!(count, 1);
        for number in 0..3 * MAX_KEYS {
            assert_eq!(*results.get(&number.to_string(), || vec![number]), [number]);
        }
        assert!(results.0.borrow().len() <= MAX_KEYS);
    }
}

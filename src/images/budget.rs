//! A limit of memory for all threads that hold images: each reserves the bytes that it needs before
//! it reads a file, and waits while others hold too many.

use std::sync::{Condvar, Mutex, PoisonError};

/// A number of bytes that threads share.
pub(super) struct ByteBudget {
    limit: u64,
    usage: Mutex<Usage>,
    released: Condvar,
}

#[derive(Clone, Copy)]
struct Usage {
    reserved: u64,
    /// The most bytes that were ever reserved at a time.
    peak: u64,
}

/// Reserved bytes, released when it is dropped.
pub(super) struct Reservation<'b> {
    budget: &'b ByteBudget,
    bytes: u64,
}

impl ByteBudget {
    pub(super) const fn new(limit: u64) -> Self {
        let usage = Mutex::new(Usage { reserved: 0, peak: 0 });
        Self { limit, usage, released: Condvar::new() }
    }

    /// Waits until there are enough bytes, and reserves them; `None` if there never are. A thread
    /// that holds a reservation must not ask for another one: two could wait for each other.
    pub(super) fn reserve(&self, bytes: u64) -> Option<Reservation<'_>> {
        if bytes > self.limit {
            return None;
        }
        let usage = self.usage.lock().unwrap_or_else(PoisonError::into_inner);
        let has_too_few = |usage: &mut Usage| usage.reserved + bytes > self.limit;
        let waited = self.released.wait_while(usage, has_too_few);
        let mut usage = waited.unwrap_or_else(PoisonError::into_inner);
        usage.reserved += bytes;
        usage.peak = usage.peak.max(usage.reserved);
        Some(Reservation { budget: self, bytes })
    }

    /// Returns the most bytes that were ever reserved at a time.
    #[cfg(test)]
    pub(super) fn peak(&self) -> u64 {
        self.usage.lock().unwrap_or_else(PoisonError::into_inner).peak
    }
}

impl Drop for Reservation<'_> {
    fn drop(&mut self) {
        let mut usage = self.budget.usage.lock().unwrap_or_else(PoisonError::into_inner);
        usage.reserved -= self.bytes;
        drop(usage);
        self.budget.released.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_never_hold_more_than_the_limit() {
        let budget = ByteBudget::new(100);
        std::thread::scope(|scope| {
            for thread in 0..20 {
                let budget = &budget;
                scope.spawn(move || {
                    for round in 0..50 {
                        let bytes = (thread * 7 + round * 13) % 100 + 1;
                        let reservation = budget.reserve(bytes).expect("it is within the limit");
                        std::thread::yield_now();
                        drop(reservation);
                    }
                });
            }
        });
        assert!((1..=100).contains(&budget.peak()), "{}", budget.peak());
        assert!(budget.reserve(101).is_none());
        assert!(budget.reserve(100).is_some(), "everything was released");
    }
}

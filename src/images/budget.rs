//! A limit of memory for all threads that hold images: each reserves the bytes that it needs before
//! it reads a file, and waits while others hold too many.
//!
//! Memory that was freed isn't returned to the system at once: the allocator keeps it for a tenth
//! of a second for the next allocation. Blocks that are too small for that one would add to it, so
//! a thread that needs a larger block waits until they are returned, if there would be too much of
//! both.

use std::hint::black_box;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The time after which mimalloc returns a freed block: `purge_delay` × `arena_purge_mult`, and
/// some more.
const RETURN_DELAY: Duration = Duration::from_millis(110);

/// The size of the blocks in which mimalloc gets memory from the system, and returns it.
const BLOCK_BYTES: u64 = 32 << 20;

/// A number of bytes that threads share.
pub(super) struct ByteBudget {
    /// The most bytes that are reserved. A block that none of the freed ones can become waits, too,
    /// while it would be more together with those.
    limit: u64,
    usage: Mutex<Usage>,
    released: Condvar,
}

#[derive(Clone, Copy)]
struct Usage {
    reserved: u64,
    /// The most bytes that were ever reserved at a time.
    peak: u64,
    /// The bytes that were released and perhaps not returned to the system.
    freed: u64,
    /// The most bytes of a reservation in `freed`.
    largest_freed: u64,
    /// The time of the last release.
    released_at: Option<Instant>,
}

impl Usage {
    /// Returns true if a reservation would be added to too many freed bytes. A small one takes the
    /// place of a freed one that was as large; a large one may find only parts of it.
    fn must_return_freed(&self, bytes: u64, limit: u64) -> bool {
        let is_reused = bytes <= limit / 2
            && bytes.div_ceil(BLOCK_BYTES) <= self.largest_freed.div_ceil(BLOCK_BYTES);
        !is_reused && self.freed > 0 && self.reserved + bytes + self.freed > limit
    }

    fn reserve(&mut self, bytes: u64) {
        self.reserved += bytes;
        self.peak = self.peak.max(self.reserved);
        if bytes <= self.largest_freed {
            self.freed = self.freed.saturating_sub(bytes);
        }
    }

    fn release(&mut self, bytes: u64) {
        self.reserved -= bytes;
        self.freed += bytes;
        self.largest_freed = self.largest_freed.max(bytes);
        self.released_at = Some(Instant::now());
    }

    fn forget_freed(&mut self) {
        (self.freed, self.largest_freed, self.released_at) = (0, 0, None);
    }
}

/// Reserved bytes, released when it is dropped.
pub(super) struct Reservation<'b> {
    budget: &'b ByteBudget,
    bytes: u64,
}

impl ByteBudget {
    pub(super) const fn new(limit: u64) -> Self {
        let usage = Usage { reserved: 0, peak: 0, freed: 0, largest_freed: 0, released_at: None };
        let usage = Mutex::new(usage);
        Self { limit, usage, released: Condvar::new() }
    }

    /// Waits until there are enough bytes, and reserves them; `None` if there never are. A thread
    /// that holds a reservation must not ask for another one: two could wait for each other.
    pub(super) fn reserve(&self, bytes: u64) -> Option<Reservation<'_>> {
        if bytes > self.limit {
            return None;
        }
        let mut usage = self.lock();
        loop {
            let has_too_few = |usage: &mut Usage| usage.reserved + bytes > self.limit;
            let waited = self.released.wait_while(usage, has_too_few);
            usage = waited.unwrap_or_else(PoisonError::into_inner);
            if !usage.must_return_freed(bytes, self.limit) {
                break;
            }
            let age = usage.released_at.map_or(RETURN_DELAY, |released| released.elapsed());
            let Some(rest) = RETURN_DELAY.checked_sub(age).filter(|rest| !rest.is_zero()) else {
                return_freed_memory();
                usage.forget_freed();
                continue;
            };
            let waited = self.released.wait_timeout(usage, rest);
            usage = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        usage.reserve(bytes);
        Some(Reservation { budget: self, bytes })
    }

    fn lock(&self) -> MutexGuard<'_, Usage> {
        self.usage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the most bytes that were ever reserved at a time.
    #[cfg(test)]
    pub(super) fn peak(&self) -> u64 {
        self.lock().peak
    }
}

/// Makes the allocator return memory that was freed a while ago: it does so when it is given back a
/// block. This one is never written to, so it takes no memory itself.
fn return_freed_memory() {
    let length = usize::try_from(BLOCK_BYTES).unwrap_or_default();
    drop(black_box(Vec::<u8>::with_capacity(length)));
}

impl Drop for Reservation<'_> {
    fn drop(&mut self) {
        self.budget.lock().release(self.bytes);
        self.budget.released.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn larger_blocks_wait_for_freed_ones() {
        let mut usage =
            Usage { reserved: 0, peak: 0, freed: 0, largest_freed: 0, released_at: None };
        let (block, limit) = (BLOCK_BYTES, 4 * BLOCK_BYTES);
        usage.reserve(2 * block);
        usage.release(2 * block);
        assert!(!usage.must_return_freed(2 * block, limit), "it takes the place of the other");
        assert!(usage.must_return_freed(3 * block, limit));
        assert!(!usage.must_return_freed(3 * block, limit + block), "both fit into the limit");
        usage.reserve(4 * block);
        usage.release(4 * block);
        assert!(usage.must_return_freed(3 * block, limit), "it may find only parts of it");
        usage.forget_freed();
        assert!(!usage.must_return_freed(4 * block, limit));
    }

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

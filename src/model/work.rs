//! A count of steps, for tests that work is proportional to the length of its input. Outside the
//! library's own tests it counts nothing.

#[cfg(test)]
thread_local! {
    static STEPS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// Adds to the number of steps of this thread.
#[inline]
pub(crate) fn add_steps(steps: usize) {
    #[cfg(test)]
    STEPS.set(STEPS.get() + steps);
    #[cfg(not(test))]
    let _ = steps;
}

/// Asserts that the work for an input of double the length is at most 2.2 times the work.
#[cfg(test)]
#[track_caller]
pub(crate) fn assert_linear(name: &str, run: impl Fn(usize)) {
    let count = |length: usize| {
        STEPS.set(0);
        run(length);
        STEPS.get()
    };
    let (once, twice) = (count(3_000), count(6_000));
    assert!(once > 0, "{name}: no work is counted");
    assert!(10 * twice <= 22 * once, "{name}: {once} steps, and {twice} for double the length");
}

//! The progress of a build or a check.

/// Receives the progress of a build or a check. `()` ignores it.
pub trait Progress: Sync {
    /// Adds units of work to those that are to be done.
    fn add_work(&self, _units: usize) {}
    /// Counts one unit as done.
    fn advance(&self) {}
    /// Called before waiting for another build of the same site to end.
    fn waiting_for_lock(&self) {}
}

impl Progress for () {}

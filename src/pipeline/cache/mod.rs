//! The build cache: what one build saves for the next.

pub(crate) mod file_stamps;
pub(crate) mod journal;
pub(crate) mod lock;
pub(crate) mod manifest;
pub(crate) mod previous_build;
pub(crate) mod store;

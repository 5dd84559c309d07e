//! Limits of memory.

/// The largest image of which smaller copies are made, in pixels. A file of a few kilobytes can
/// declare a size thousands of times as large.
pub(crate) const MAX_PIXELS: u64 = 64 << 20;

/// The largest file that is read as an image, in bytes.
pub(crate) const MAX_BYTES: u64 = 64 << 20;

/// The most bytes that all threads together hold for images.
pub(super) const MAX_BYTES_IN_FLIGHT: u64 = 384 << 20;

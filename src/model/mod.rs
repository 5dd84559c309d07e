//! The words that everything else is written in: dates, slugs, permalinks, fingerprints. No I/O happens here.

pub mod codec;
pub mod csv;
pub mod date;
pub mod fingerprint;
pub mod fold;
pub mod lang;
pub mod names;
pub mod permalink;
pub mod picture;
pub mod slug;
pub mod status;

pub use date::{Day, Moment};
pub use fingerprint::{Fingerprint, Fingerprinter, Inputs, Told};
pub use names::Names;
pub use permalink::{OutputPath, Permalink};
pub use picture::Image;
pub use status::Status;

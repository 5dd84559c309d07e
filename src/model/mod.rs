//! The basic types of the other modules: dates, slugs, permalinks, fingerprints. Nothing here does
//! I/O.

pub(crate) mod codec;
pub(crate) mod csv;
pub(crate) mod date;
mod date_parts;
mod date_words;
mod date_zones;
pub(crate) mod fingerprint;
pub(crate) mod fold;
pub(crate) mod foreign_pattern;
pub(crate) mod image;
pub(crate) mod lang;
pub(crate) mod permalink;
pub(crate) mod redaction;
pub(crate) mod reserved_path;
pub(crate) mod slug;
pub(crate) mod status;
pub(crate) mod text;
pub(crate) mod work;

pub(crate) use date::{Day, Moment};
pub(crate) use fingerprint::{Dependencies, Fingerprint, Fingerprinter, Inputs};
pub(crate) use image::Image;
pub(crate) use permalink::{OutputPath, Permalink};
pub(crate) use redaction::RedactionMatcher;
pub(crate) use status::Status;

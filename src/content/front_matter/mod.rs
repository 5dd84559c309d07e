//! Front matter: the only place that reads an article's YAML, TOML and JSON.

mod blocks;
mod byline;
mod errors;
mod fields;
mod merge;
mod raw;
mod reading;
mod tree;

pub use fields::FrontMatter;
pub(crate) use fields::{ALIAS_KEYS, accepted_keys, canonical_key};
pub(crate) use reading::FrontMatterReading;

//! Front matter: the only place that reads an article's YAML.

mod blocks;
mod errors;
mod fields;
mod raw;
mod reading;

pub use fields::FrontMatter;
pub(crate) use fields::{accepted_keys, canonical_key};
pub(crate) use reading::FrontMatterReading;

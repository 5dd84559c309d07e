//! `dateline import`: reads the archive of another system into the site, and accounts for every
//! record and every word of it.
//!
//! The sources are read twice. The first pass ([`plan`](mod@plan)) decides about each record and
//! remembers only paths and hashes of URLs; the second converts and writes one record at a time. So
//! memory doesn't grow with the length of the texts.

mod body;
mod dates;
mod field_map;
mod fields;
mod formats;
mod item;
mod media;
mod month_names;
mod names;
mod outcome;
mod plan;
mod publication;
mod records;
mod redirects;
mod report;
mod run;
mod run_redirects;
mod source;
mod text;
mod urls;
mod words;
mod write;

pub(crate) use media::MediaCounts;
pub(crate) use publication::PrivateItems;
pub(crate) use report::import_totals;
pub(crate) use run::{ImportOptions, ImportOutcome, import};
pub(crate) use source::Format;
pub(crate) use write::WriteMode;

//! The permalink registry: a text file with every URL that was ever published, one per line, and
//! the evidence by which its page is recognized.
//!
//! The file is made for version control. Every line is independent of the others, so that the union
//! of two registries is a valid registry; the order of lines, duplicates and line endings don't
//! matter, and several lines for one URL are all used as evidence. Fields are separated by tabs,
//! which no URL contains. `docs/permalinks.md` documents the format.

mod alias_fix;
mod entry;
mod old_urls;
mod record;
mod redacted_url;
mod registered;
mod registry_file;
mod removal;
mod renamed_files;
mod resolve;
mod silent_changes;

pub(crate) use alias_fix::add_aliases;
pub(crate) use entry::body_evidence;
pub(crate) use old_urls::{RegisteredArticle, record_old_urls};
pub use record::RecordSummary;
pub(crate) use record::record_permalinks;
pub(crate) use registered::{ArticleEvidence, registered_urls};
pub(crate) use registry_file::has_entries;
pub(crate) use removal::remove_missing;
pub(crate) use renamed_files::{BrokenLink, BrokenLinks, find_renamed_files};
pub(crate) use resolve::{MissingPermalink, PermalinkRegistry, Redirect, RedirectTarget, resolve};
pub(crate) use silent_changes::silently_changed;

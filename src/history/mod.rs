//! The published versions of articles, from the site's Git repository.
//!
//! One walk over the commits (`walk`) finds the versions of each file. The history of an article
//! consists of those versions that were published and that look different to readers. Only their
//! object IDs and dates are held in memory; a version page reads the texts again.

mod diff;
mod git;
mod published_text;
mod versions;
mod walk;

pub(crate) use diff::{DiffLine, DiffTag, VersionDiff};
pub(crate) use versions::{History, RepositoryHistory};

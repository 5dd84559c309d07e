//! Dateline: a static site generator for news archives.
//!
//! [`Site::load`] reads a site's settings, [`build`] writes its pages, and [`check`] reports what
//! is wrong with them without writing anything. Mistakes of authors are [`Diagnostic`]s in the
//! report; [`Error`] is for I/O and the environment.
//!
//! `ARCHITECTURE.md` describes the structure of the program.

mod archive;
mod atomic_file;
mod check;
mod cli;
mod config;
mod content;
mod diagnostics;
mod explain;
mod export;
mod fix;
mod history;
mod images;
mod model;
mod pages;
mod permalinks;
mod pipeline;
mod scaffold;
mod search;
mod serve;
mod stats;
mod templates;
mod verify;

pub use check::{CheckOptions, CheckReport, check};
pub use config::{Site, SiteOptions};
pub use diagnostics::{Diagnostic, Error, Location, Severity};
pub use pipeline::{BuildOptions, BuildReport, Progress, build};

#[doc(hidden)]
pub use cli::run as run_command_line;

/// Internal parts that the integration tests use. Not part of the API: anything here may change at
/// any time.
#[doc(hidden)]
pub mod internals {
    pub use crate::config::{Limits, RULES};
    pub use crate::content::{FrontMatter, ParsedArticle, SourceFile};
    pub use crate::fix::Fix;
    pub use crate::pipeline::{Effect, FileContent, Session};
    pub use crate::templates::TEMPLATES;
}

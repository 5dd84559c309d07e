//! Dateline: a static site generator for news archives.
//!
//! [`Site::load`] reads a site's settings, [`build`] writes its pages, and [`check()`] reports what
//! is wrong with them without writing anything. Mistakes of authors are [`Diagnostic`]s in the
//! report; an [`Error`] is an I/O failure or a usage error.
//!
//! ```
//! use dateline::{BuildOptions, Site, SiteOptions};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let folder = tempfile::tempdir()?;
//! std::fs::create_dir(folder.path().join("content"))?;
//! std::fs::write(
//!     folder.path().join("content/border-talks.md"),
//!     "---\ntitle: Border talks\ndate: 2024-11-05\n---\n\nThe talks began on Tuesday.\n",
//! )?;
//!
//! let site = Site::load(SiteOptions::new(folder.path()))?;
//! let report = dateline::build(&site, &BuildOptions::default(), &())?;
//!
//! assert_eq!(report.articles, 1);
//! assert!(folder.path().join("public/2024/11/05/border-talks/index.html").is_file());
//! # Ok(())
//! # }
//! ```
//!
//! [`SiteOptions`] takes precedence over `site.yaml`. By default, articles with a date in the
//! future are not published; [`SiteOptions::now`] sets the time that counts as the present:
//!
//! ```no_run
//! use dateline::{BuildTime, Site, SiteOptions};
//!
//! # fn main() -> Result<(), dateline::Error> {
//! let mut options = SiteOptions::new("path/to/site");
//! options.base_url = Some("https://preview.example".to_owned());
//! options.now = BuildTime::Date("2024-11-06".to_owned());
//! let site = Site::load(options)?;
//! # Ok(())
//! # }
//! ```
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
mod import;
mod listing;
mod model;
mod pages;
mod permalinks;
mod pipeline;
mod regular_file;
mod scaffold;
mod search;
mod serve;
mod stats;
mod templates;
mod verify;

pub use check::{CheckOptions, CheckReport, check};
pub use config::{BuildTime, Site, SiteOptions};
pub use diagnostics::{Diagnostic, Error, Location, Severity};
pub use pipeline::{BuildOptions, BuildReport, Progress, build};

/// The types of the fields of a [`BuildReport`].
pub mod report {
    pub use crate::permalinks::RecordSummary;
    pub use crate::pipeline::{
        ChangeList, Explanation, InputChange, OutputChanges, Unpublished, UrlChange,
        WithheldArticle,
    };
}

#[doc(hidden)]
pub use cli::run as run_command_line;

/// Internal parts that the integration tests use. Not part of the API: anything here may change at
/// any time.
#[doc(hidden)]
pub mod internals {
    pub use crate::config::Effect as SettingEffect;
    pub use crate::config::{
        DefaultValue, Limits, RULES, SETTING_GROUPS, Setting, SettingGroup, ValueType,
        example_path, set_at_path,
    };
    pub use crate::content::{
        FieldValue, FrontMatter, FrontMatterField, ParsedArticle, SourceFile, front_matter_fields,
    };
    pub use crate::fix::Fix;
    pub use crate::pipeline::{Effect, FileContent, Session};
    pub use crate::templates::TEMPLATES;

    use crate::diagnostics::Error;
    use crate::{config, content, fix, images, pipeline, serve};

    /// Returns HTML as `html: sanitized` publishes it.
    pub fn sanitize_html(html: &str) -> String {
        content::sanitize::sanitize(html)
    }

    /// Returns an image without its metadata except the texts that are kept by default; `None` if
    /// it isn't an image.
    ///
    /// # Errors
    /// The reason, as text, why the metadata can't be removed.
    pub fn remove_image_metadata(name: &str, bytes: &[u8]) -> Option<Result<Vec<u8>, String>> {
        images::remove_metadata(name, bytes)
    }

    /// Returns the part of a file that a `Range` header is for, as the preview server sends it;
    /// `None` if that is the whole file or nothing.
    pub fn requested_range(header: &str, length: u64) -> Option<(u64, u64)> {
        serve::requested_range(header, length)
    }

    /// Applies the standard fixes to all articles.
    ///
    /// # Errors
    /// [`Error::Io`] if a file can't be written.
    pub fn fix_articles(site: &config::Site) -> Result<(), Error> {
        let all_paths = pipeline::content_files(site).paths;
        let paths: Vec<&str> = all_paths.iter().map(|path| &**path).collect();
        let (fixes, mode) = (fix::FixSet::standard(), fix::FixMode::Write);
        let request = fix::FixRequest { all_paths: &all_paths, paths: &paths, fixes, mode };
        fix::fix(site, request, &(), &mut |_| ()).map(drop)
    }

    /// Returns the limits that a site sets.
    pub fn limits(site: &crate::Site) -> &Limits {
        &site.config.limits
    }

    /// Returns the keys of front matter that set the terms of a site's taxonomies.
    pub fn term_keys(site: &crate::Site) -> Vec<String> {
        let taxonomies = site.taxonomies.iter();
        taxonomies.flat_map(|taxonomy| taxonomy.front_matter_keys.clone()).collect()
    }
}

//! Options that several commands share.

use std::path::PathBuf;
use std::time::SystemTime;

use clap::{Args, ValueEnum};

use crate::config::{BuildTime, SiteOptions};

/// The options of every command: how much is printed, and in which colors.
#[derive(Args, Clone, Copy)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Verbosity {
    /// Print only errors
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Print more details, such as each file that is written or removed
    #[arg(long, short, global = true)]
    pub(crate) verbose: bool,
    /// When to use colors
    #[arg(long, global = true, value_enum, default_value = "auto", value_name = "WHEN")]
    pub(crate) color: ColorChoice,
}

/// When to use colors.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorChoice {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// The format of a command's output.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputFormat {
    /// Text for people
    Human,
    /// One JSON object on standard output
    Json,
}

/// The format of the findings of `dateline check`.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CheckFormat {
    /// Text for people
    Human,
    /// One JSON object on standard output
    Json,
    /// SARIF 2.1.0, which code hosts display
    Sarif,
    /// Workflow commands, which GitHub Actions displays as annotations
    Github,
}

/// The format of the tables of `dateline stats`.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum StatsFormat {
    /// Tables with bars for people
    Human,
    /// One JSON object on standard output
    Json,
    /// One CSV table on standard output
    Csv,
}

/// The options that select a site, and the articles in it.
#[derive(Args)]
pub(crate) struct SiteArgs {
    /// The site's folder, instead of --root
    #[arg(value_name = "FOLDER", conflicts_with = "root")]
    folder: Option<PathBuf>,
    /// The site's folder
    #[arg(long, default_value = ".", value_name = "DIR")]
    root: PathBuf,
    /// The URL of the site; overrides `base_url` in site.yaml
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// Include drafts
    #[arg(long)]
    drafts: bool,
    /// Include articles dated in the future
    #[arg(long)]
    future: bool,
    /// Include expired articles
    #[arg(long)]
    expired: bool,
    /// Use this day or time as the current time, for reproducible builds
    #[arg(long, value_name = "DATE")]
    now: Option<String>,
    /// The build cache directory [default: .dateline/ in the site's folder]
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
}

impl SiteArgs {
    /// Returns the options for loading the site.
    pub(crate) fn into_options(self) -> SiteOptions {
        SiteOptions {
            root: self.folder.unwrap_or(self.root),
            output_dir: None,
            base_url: self.base_url,
            include_drafts: self.drafts,
            include_future: self.future,
            include_expired: self.expired,
            cache_dir: self.state,
            now: self.now.map_or(BuildTime::SystemClock, BuildTime::Date),
            record_permalinks: false,
        }
    }
}

/// The current time, in seconds since 1970-01-01 00:00:00 UTC.
pub(crate) fn now() -> i64 {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs() as i64)
}

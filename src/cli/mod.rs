//! The command line: one file a command.

mod build;
mod export;
mod fix;
mod report;
mod tell_fix;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::SystemTime;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::diagnostic::Error;
use crate::site::Options;
use report::Reporter;

/// Turns a folder of dated articles into a permanent, fast news archive.
#[derive(Parser)]
#[command(
    name = "dateline",
    version,
    about,
    after_help = "Exit status: 0 all well; 1 something in the content is wrong (everything else was built); 2 usage or the machine."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    voice: Voice,
}

#[derive(Subcommand)]
enum Command {
    /// Builds the site: reads content/, templates/, static/ and site.yaml, writes public/
    #[command(
        after_help = "Examples:\n  dateline build\n  dateline build --root my-site --output /srv/www --base-url https://example.org/archive"
    )]
    Build(build::Build),
    /// Mends front matter where what was meant is sure: shows a diff, and writes with --write
    #[command(
        after_help = "Mends: tabs (blanks for them in indentation), quotes (what YAML needs quoted), dates (RFC 3339), terms (one spelling), section (from one category); only on demand: keys (Dateline's names).\n\nExit status: 0 nothing to mend, or all was written; 1 something is to be mended, or can't be mended safely; 2 usage or the machine.\n\nExamples:\n  dateline fix\n  dateline fix --write --only quotes,dates\n  dateline fix --except terms content/2024\n  dateline fix > mends.diff && git apply mends.diff"
    )]
    Fix(fix::Fix),
    /// Writes the archive in another form
    Export(export::Export),
}

impl Command {
    /// Whether standard output is for a program.
    fn for_programs(&self) -> bool {
        match self {
            Self::Build(build) => build.format == Format::Json,
            Self::Fix(fix) => fix.format == Format::Json,
            Self::Export(_) => false,
        }
    }

    /// Does it, and gives the number of errors in the content.
    fn run(self, reporter: &Reporter) -> Result<usize, Error> {
        match self {
            Self::Build(build) => build.run(reporter),
            Self::Fix(fix) => fix.run(reporter),
            Self::Export(export) => export.run(reporter),
        }
    }
}

/// How much is said, and in which colours.
#[derive(Args, Clone, Copy)]
struct Voice {
    /// Say nothing but errors
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Say more: each file that is written or removed
    #[arg(long, short, global = true)]
    verbose: bool,
    /// Whether to use colours; `auto` heeds NO_COLOR
    #[arg(long, global = true, value_enum, default_value = "auto", value_name = "WHEN")]
    color: Colour,
}

/// When to use colours.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Colour {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// How to report.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Human,
    /// One JSON object on standard output
    Json,
}

/// Which site, and which of its stories.
#[derive(Args)]
struct Which {
    /// The site's folder
    #[arg(long, default_value = ".", value_name = "DIR")]
    root: PathBuf,
    /// The address of the site, instead of site.yaml's base_url
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// Drafts too
    #[arg(long)]
    drafts: bool,
    /// Articles with a future date too
    #[arg(long)]
    future: bool,
    /// Articles whose expiry date is past too
    #[arg(long)]
    expired: bool,
    /// The day or moment to take for now, so that a build gives the same at any time: what is later is in the future
    #[arg(long, value_name = "DATE")]
    now: Option<String>,
    /// Where to keep what the next build needs [default: .dateline/ in the site's folder]
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
}

impl Which {
    /// The call's settings of a site.
    fn options(self) -> Options {
        Options {
            root: self.root,
            output: None,
            base_url: self.base_url,
            drafts: self.drafts,
            future: self.future,
            expired: self.expired,
            state: self.state,
            now: now(),
            said_now: self.now,
        }
    }
}

/// Runs the program with its arguments and gives its exit status.
pub fn run() -> ExitCode {
    let Cli { command, voice } = Cli::parse();
    let reporter = Reporter::new(command.for_programs(), voice);
    match command.run(&reporter) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(1),
        Err(error) => {
            reporter.failed(&error);
            ExitCode::from(2)
        }
    }
}

/// Seconds since 1970.
fn now() -> i64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64)
}

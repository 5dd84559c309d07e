//! The command line.

mod report;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::SystemTime;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::build::{self, ChangeList};
use crate::diagnostic::{Error, Severity};
use crate::export;
use crate::site::{Options, Site};
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
}

#[derive(Subcommand)]
enum Command {
    /// Builds the site: reads content/, templates/, static/ and site.yaml, writes public/
    #[command(
        after_help = "Examples:\n  dateline build\n  dateline build --root my-site --output /srv/www --base-url https://example.org/archive"
    )]
    Build(Build),
    /// Writes the archive in another form
    Export(Export),
}

#[derive(Args)]
struct Export {
    #[command(subcommand)]
    form: Form,
}

/// A form that the archive can be written in.
#[derive(Subcommand)]
enum Form {
    /// One SQLite database of all stories, with an index of their text, as Datasette reads it
    #[command(after_help = "Example:\n  dateline export sqlite archive.db && datasette archive.db")]
    Sqlite(Sqlite),
}

#[derive(Args)]
struct Sqlite {
    /// The database; one that is there is replaced
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The site's folder
    #[arg(long, default_value = ".", value_name = "DIR")]
    root: PathBuf,
    /// The address of the site, instead of site.yaml's base_url
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// The day or moment to take for now
    #[arg(long, value_name = "DATE")]
    now: Option<String>,
    /// Say nothing but errors
    #[arg(long, short)]
    quiet: bool,
}

#[derive(Args)]
struct Build {
    /// The site's folder
    #[arg(long, default_value = ".", value_name = "DIR")]
    root: PathBuf,
    /// Where to write [default: public/ in the site's folder]
    #[arg(long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// The address of the site, instead of site.yaml's base_url
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// Publish drafts too
    #[arg(long)]
    drafts: bool,
    /// Publish articles with a future date too
    #[arg(long)]
    future: bool,
    /// Publish articles whose expiry date is past too
    #[arg(long)]
    expired: bool,
    /// The day or moment to take for now, so that a build gives the same at any time: what is later is in the future
    #[arg(long, value_name = "DATE")]
    now: Option<String>,
    /// How many threads to use [default: one a core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
    /// Render every page, whatever the ledger says
    #[arg(long)]
    force: bool,
    /// Compare the bytes of every file with the ledger, not just its length and time
    #[arg(long)]
    verify: bool,
    /// Write nothing: say what would be done
    #[arg(long)]
    dry_run: bool,
    /// Say why a page is made or left alone: its address, or its path below the output folder
    #[arg(long, value_name = "PAGE")]
    explain: Vec<String>,
    /// List every file that was written (`+ path`) or removed (`- path`), one a line
    #[arg(long, value_name = "FILE")]
    changes: Option<PathBuf>,
    /// Where to keep what the next build needs [default: .dateline/ in the site's folder]
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    /// Say nothing but errors
    #[arg(long, short)]
    quiet: bool,
    /// How to report
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

/// How to report.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Human,
    /// One JSON object on standard output
    Json,
}

/// Runs the program with its arguments and gives its exit status.
pub fn run() -> ExitCode {
    let (done, reporter) = match Cli::parse().command {
        Command::Build(arguments) => {
            let reporter = Reporter::new(arguments.format == Format::Json, arguments.quiet);
            (run_build(arguments, &reporter), reporter)
        }
        Command::Export(Export { form: Form::Sqlite(arguments) }) => {
            let reporter = Reporter::new(false, arguments.quiet);
            (run_sqlite(arguments, &reporter), reporter)
        }
    };
    match done {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(1),
        Err(error) => {
            reporter.failed(&error);
            ExitCode::from(2)
        }
    }
}

/// Writes the database, and gives the number of errors in the content.
fn run_sqlite(arguments: Sqlite, reporter: &Reporter) -> Result<usize, Error> {
    let options = Options {
        root: arguments.root,
        base_url: arguments.base_url,
        said_now: arguments.now,
        now: now(),
        ..Options::default()
    };
    let (site, mistakes) = Site::load(options)?;
    let (catalog, diagnostics) = build::catalog(&site, mistakes, reporter)?;
    let stories = export::sqlite(&site, &catalog, &arguments.file)?;
    reporter.exported(stories, &arguments.file, &diagnostics);
    Ok(diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count())
}

/// Seconds since 1970.
fn now() -> i64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64)
}

/// Builds, and gives the number of errors in the content.
fn run_build(arguments: Build, reporter: &Reporter) -> Result<usize, Error> {
    if let Some(jobs) = arguments.jobs {
        // The pool can be set only once, and this is where.
        let _ = rayon::ThreadPoolBuilder::new().num_threads(jobs.into()).build_global();
    }
    let options = Options {
        root: arguments.root,
        output: arguments.output,
        base_url: arguments.base_url,
        drafts: arguments.drafts,
        future: arguments.future,
        expired: arguments.expired,
        state: arguments.state,
        now: now(),
        said_now: arguments.now,
    };
    let (site, mistakes) = Site::load(options)?;
    let how = build::Options {
        force: arguments.force,
        verify: arguments.verify,
        dry_run: arguments.dry_run,
        list: arguments.changes.is_some() || arguments.format == Format::Json,
        explain: arguments.explain,
    };
    let report = build::build(&site, mistakes, &how, reporter)?;
    if let (Some(file), Some(list)) = (arguments.changes, &report.changes.list) {
        write_changes(&file, list).map_err(Error::io("can't write", &file))?;
    }
    reporter.finished(&report, &site, how.dry_run);
    Ok(report.count(Severity::Error))
}

/// One line a file, for programs that upload just what changed.
fn write_changes(file: &Path, list: &ChangeList) -> std::io::Result<()> {
    let mut out = BufWriter::new(File::create(file)?);
    let written = list.written.iter().map(|path| ('+', path));
    for (sign, path) in written.chain(list.removed.iter().map(|path| ('-', path))) {
        writeln!(out, "{sign} {path}")?;
    }
    out.flush()
}

//! The command line: one file a command.

mod commands;
mod output;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::SystemTime;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::config::SiteOptions;
use crate::diagnostics::Error;
use output::report::Reporter;

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
    verbosity: Verbosity,
}

#[derive(Subcommand)]
enum Command {
    /// Makes a starting site: settings, a first story, an example of a template; nothing that is
    /// there is written over
    #[command(
        after_help = "Examples:\n  dateline init my-site --title \"The Courier\"\n  dateline init --ci github\n\nA file that is there stays as it is, and is told; the exit status is 0 all the same."
    )]
    Init(commands::init::InitCommand),
    /// Writes the file of a new story where the site's other stories would have it, and prints its
    /// path
    #[command(
        after_help = "Examples:\n  dateline new \"Harbour bridge opens to traffic\" --section city --tags bridge,harbour\n  dateline new \"Budget: the first reading\" --date 2024-11-05 --author \"A. Reporter\" --draft --edit\n  $EDITOR \"$(dateline new \"Late train\")\"\n  dateline new -- \"-12 degrees, and falling\""
    )]
    New(commands::new::NewCommand),
    /// Builds the site: reads content/, templates/, static/ and site.yaml, writes public/
    #[command(
        after_help = "Examples:\n  dateline build\n  dateline build --root my-site --output /srv/www --base-url https://example.org/archive"
    )]
    Build(commands::build::BuildCommand),
    /// Shows the site on this machine while you write, and shows each change at once
    #[command(
        after_help = "Examples:\n  dateline serve --open\n  dateline serve --root my-site --port 4000 --drafts --future\n  dateline serve --host 0.0.0.0"
    )]
    Serve(commands::serve::ServeCommand),
    /// Looks for everything that is wrong in the site: links, pictures, headlines, tags, HTML
    #[command(
        after_help = "Examples:\n  dateline check\n  dateline check --external --strict\n  dateline check --format sarif > check.sarif\n\nEach rule has a name; site.yaml sets how bad it is: check: {rules: {no-section: off}}. docs/check.md explains them."
    )]
    Check(commands::check::CheckCommand),
    /// Tells what is known of a story: which date and why, its address, every page that shows it
    /// and why each would be made again
    #[command(
        after_help = "Examples:\n  dateline explain content/2024/11/border-security.md\n  dateline explain /2024/11/05/border-security/"
    )]
    Explain(commands::explain::ExplainCommand),
    /// Mends front matter where what was meant is sure: shows a diff, and writes with --write
    #[command(
        after_help = "Mends: tabs (blanks for them in indentation), quotes (what YAML needs quoted), dates (RFC 3339), terms (one spelling), section (from one category); only on demand: keys (Dateline's names).\n\nExit status: 0 nothing to mend, or all was written; 1 something is to be mended, or can't be mended safely; 2 usage or the machine.\n\nExamples:\n  dateline fix\n  dateline fix --write --only quotes,dates\n  dateline fix --except terms content/2024\n  dateline fix > mends.diff && git apply mends.diff"
    )]
    Fix(commands::fix::FixCommand),
    /// Writes the archive in another form
    #[command(after_help = "Example:\n  dateline export sqlite archive.db && datasette archive.db")]
    Export(commands::export::ExportCommand),
    /// Counts the archive: stories and words by year, section, tag, byline and language, and days
    /// without a story
    #[command(
        after_help = "Examples:\n  dateline stats\n  dateline stats --root my-site --top 25\n  dateline stats --format csv > archive.csv\n  dateline stats --format json | jq '.gaps[0]'"
    )]
    Stats(commands::stats::StatsCommand),
    /// Prints what completes this command line in a shell
    #[command(
        after_help = "Examples:\n  dateline completions bash > ~/.local/share/bash-completion/completions/dateline\n  dateline completions zsh > ~/.zfunc/_dateline\n  dateline completions fish > ~/.config/fish/completions/dateline.fish"
    )]
    Completions(commands::shell::CompletionsCommand),
    /// Writes manual pages, one a command
    #[command(
        after_help = "Examples:\n  dateline man ~/.local/share/man/man1\n  dateline man | man -l -"
    )]
    Man(commands::shell::ManCommand),
    /// Keeps the register of permalinks: every address that was ever published
    #[command(
        after_help = "Examples:\n  dateline permalinks record\n  dateline permalinks check\n  dateline permalinks fix --dry-run"
    )]
    Permalinks(commands::permalinks::PermalinksCommand),
    /// Tells whether the output folder still holds what was built: missing, altered and extra files
    #[command(
        after_help = "Examples:\n  dateline verify\n  dateline verify --write-manifest public.sha256\n  dateline verify --manifest public.sha256 --output /mnt/backup/public\n  cd public && sha256sum --check --quiet ../public.sha256"
    )]
    Verify(commands::verify::VerifyCommand),
}

impl Command {
    /// Whether standard output is for a program.
    fn is_machine_readable(&self) -> bool {
        match self {
            Self::Build(build) => build.format == OutputFormat::Json,
            Self::Check(check) => check.is_machine_readable(),
            Self::Explain(explain) => explain.format == OutputFormat::Json,
            Self::Stats(stats) => stats.format != commands::stats::StatsFormat::Human,
            Self::Verify(verify) => verify.format == OutputFormat::Json,
            Self::Fix(fix) => fix.format == OutputFormat::Json,
            _ => false,
        }
    }

    /// Does it, and gives the number of errors in the content.
    fn run(self, reporter: &Reporter) -> Result<usize, Error> {
        match self {
            Self::Build(build) => build.run(reporter),
            Self::Serve(serve) => serve.run(reporter),
            Self::Check(check) => check.run(reporter),
            Self::Explain(explain) => explain.run(reporter),
            Self::Init(init) => init.run(reporter),
            Self::New(new) => new.run(reporter),
            Self::Fix(fix) => fix.run(reporter),
            Self::Export(export) => export.run(reporter),
            Self::Stats(stats) => stats.run(reporter),
            Self::Completions(completions) => {
                completions.run();
                Ok(0)
            }
            Self::Man(manual) => manual.run(reporter),
            Self::Permalinks(permalinks) => permalinks.run(reporter),
            Self::Verify(verify) => verify.run(reporter),
        }
    }
}

/// How much is said, and in which colours.
#[derive(Args, Clone, Copy)]
struct Verbosity {
    /// Say nothing but errors
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Say more: each file that is written or removed
    #[arg(long, short, global = true)]
    verbose: bool,
    /// Whether to use colours; `auto` heeds NO_COLOR
    #[arg(long, global = true, value_enum, default_value = "auto", value_name = "WHEN")]
    color: ColorChoice,
}

/// When to use colours.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ColorChoice {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// How to report.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum OutputFormat {
    /// For people
    Human,
    /// One JSON object on standard output
    Json,
}

/// Which site, and which of its stories.
#[derive(Args)]
struct SiteArgs {
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
    /// The day or moment to take for now, so that a build gives the same at any time: what is later
    /// is in the future
    #[arg(long, value_name = "DATE")]
    now: Option<String>,
    /// Where to keep what the next build needs [default: .dateline/ in the site's folder]
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
}

impl SiteArgs {
    /// The call's settings of a site.
    fn into_options(self) -> SiteOptions {
        SiteOptions {
            root: self.root,
            output_dir: None,
            base_url: self.base_url,
            include_drafts: self.drafts,
            include_future: self.future,
            include_expired: self.expired,
            cache_dir: self.state,
            now: now(),
            now_override: self.now,
            record_permalinks: false,
        }
    }
}

/// Runs the program with its arguments and gives its exit status.
pub fn run() -> ExitCode {
    let Cli { command, verbosity } = Cli::parse();
    let reporter = Reporter::new(command.is_machine_readable(), verbosity);
    let result = command.run(&reporter);
    if let Err(error) = &result {
        reporter.print_error(error);
    }
    match (result, output::stdout_error()) {
        (Ok(_), Some(error)) => {
            reporter.print_error(&format!("can't write standard output: {error}"));
            ExitCode::from(2)
        }
        (Ok(0), None) => ExitCode::SUCCESS,
        (Ok(_), None) => ExitCode::from(1),
        (Err(_), _) => ExitCode::from(2),
    }
}

/// Seconds since 1970.
fn now() -> i64 {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs() as i64)
}

//! The definition of the command line: every command with its description and examples.

use clap::{Parser, Subcommand};

use super::args::{CheckFormat, OutputFormat, StatsFormat, Verbosity};
use super::commands::build::BuildCommand;
use super::commands::check::CheckCommand;
use super::commands::explain::ExplainCommand;
use super::commands::export::ExportCommand;
use super::commands::fix::FixCommand;
use super::commands::help::HelpCommand;
use super::commands::import::ImportCommand;
use super::commands::init::InitCommand;
use super::commands::list::ListCommand;
use super::commands::new::NewCommand;
use super::commands::permalinks::PermalinksCommand;
use super::commands::schema::SchemaCommand;
use super::commands::serve::ServeCommand;
use super::commands::shell::{CompletionsCommand, ManCommand};
use super::commands::stats::StatsCommand;
use super::commands::verify::VerifyCommand;
use super::output::report::StdoutReader;

/// A static site generator for news archives
#[derive(Parser)]
#[command(
    name = "dateline",
    version,
    about,
    disable_help_subcommand = true,
    after_help = concat!(
        "Exit status: 0 success; 1 errors in the content, the templates or the settings \
         (everything else was built); 2 usage error or I/O failure.\n\n",
        "`dateline help CODE` explains a message `error[CODE]`; `dateline help` lists all topics."
    )
)]
pub(crate) struct CommandLine {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) verbosity: Verbosity,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Create a new site: settings, an example article, and an example of a template override
    #[command(after_help = concat!(
        "Existing files are never overwritten: they are kept and listed, and the exit status is \
         still 0.\n\n",
        "Examples:\n",
        "  dateline init my-site --title \"The Courier\"\n",
        "  dateline init --ci github",
    ))]
    Init(InitCommand),
    /// Create a new article next to the existing ones, and print its path
    #[command(after_help = concat!(
        "Examples:\n",
        "  dateline new \"Harbour bridge opens to traffic\" --section city --tags bridge,harbour\n",
        "  dateline new \"Budget: the first reading\" --date 2024-11-05 --author \"A. Reporter\" ",
        "--draft --edit\n",
        "  $EDITOR \"$(dateline new \"Late train\")\"\n",
        "  dateline new -- \"-12 degrees, and falling\"",
    ))]
    New(NewCommand),
    /// Import the archive of another system, and account for every record and every word of it
    #[command(after_help = concat!(
        "Formats: wxr (WordPress), feed (RSS, RDF, Atom, Blogger), text (plain text, one article \
         per file, or several separated by lines of =), ghost; with --map: csv, json, sqlite. The \
         format of each file is recognized by its content; name it before the paths to set it.\n\n",
        "The report is import-report.html in the site's folder, with the sums in \
         import-report.json and one line per record in import-report.jsonl. Articles that were \
         edited since the last import are kept.\n\n",
        "Exit status: 0 every record and word is accounted for; 1 some aren't, and the report \
         lists them; 2 usage error or I/O failure.\n\n",
        "Examples:\n",
        "  dateline import old-articles/ --root my-site\n",
        "  dateline import wordpress.xml --include-private\n",
        "  dateline import articles.csv --map columns.yaml\n",
        "  dateline import text talks.txt --date 2024-11-05 --dry-run",
    ))]
    Import(ImportCommand),
    /// Build the site from content/, templates/, static/ and site.yaml into public/
    #[command(after_help = concat!(
        "Examples:\n",
        "  dateline build\n",
        "  dateline build --root my-site --output /srv/www ",
        "--base-url https://example.org/archive",
    ))]
    Build(BuildCommand),
    /// Serve the site on this computer, and reload pages in the browser when files change
    #[command(after_help = concat!(
        "Examples:\n",
        "  dateline serve --open\n",
        "  dateline serve --root my-site --port 4000 --drafts --future\n",
        "  dateline serve --host 0.0.0.0",
    ))]
    Serve(ServeCommand),
    /// Check the site for broken links, missing images and descriptions, invalid HTML, and more
    #[command(after_help = concat!(
        "You can set the severity of each rule in site.yaml: check: {rules: {no-section: off}}. \
         `dateline help check` describes the rules.\n\n",
        "Examples:\n",
        "  dateline check\n",
        "  dateline check --external --strict\n",
        "  dateline check --format sarif > check.sarif",
    ))]
    Check(CheckCommand),
    /// Explain an article: its resolved date and URL, the pages it appears on, and why they would
    /// be rebuilt
    #[command(after_help = concat!(
        "Examples:\n",
        "  dateline explain content/2024/11/border-security.md\n",
        "  dateline explain /2024/11/05/border-security/",
    ))]
    Explain(ExplainCommand),
    /// List the articles that aren't published, by reason, or that were retracted or redacted
    #[command(after_help = concat!(
        "Examples:\n",
        "  dateline list drafts\n",
        "  dateline list scheduled --format json | jq -r '.articles[].file'\n",
        "  dateline list withheld my-site",
    ))]
    List(ListCommand),
    /// Fix front matter where the fix is unambiguous: show a diff, or write the files with --write
    #[command(after_help = concat!(
        "Fixes:\n",
        "  tabs     replaces tabs in indentation with spaces\n",
        "  quotes   adds quotation marks where YAML needs them\n",
        "  dates    rewrites dates in RFC 3339 format\n",
        "  terms    gives each tag, author and other term one spelling\n",
        "  section  replaces a single category with `section`\n",
        "  keys     renames keys to Dateline's own names; only with --only keys\n\n",
        "Exit status: 0 nothing to fix, or all fixes were written; 1 files to fix, or files that \
         can't be fixed safely; 2 usage error or I/O failure.\n\n",
        "Examples:\n",
        "  dateline fix\n",
        "  dateline fix --write --only quotes,dates\n",
        "  dateline fix --except terms content/2024\n",
        "  dateline fix > fixes.diff && git apply fixes.diff",
    ))]
    Fix(FixCommand),
    /// Export the archive to another format
    #[command(after_help = concat!(
        "Example:\n",
        "  dateline export sqlite archive.db && datasette archive.db",
    ))]
    Export(ExportCommand),
    /// Count articles and words by year, section, tag, author and language, and days without
    /// articles
    #[command(after_help = concat!(
        "Examples:\n",
        "  dateline stats\n",
        "  dateline stats --root my-site --top 25\n",
        "  dateline stats --format csv > archive.csv\n",
        "  dateline stats --format json | jq '.gaps[0]'",
    ))]
    Stats(StatsCommand),
    /// Generate shell completions
    #[command(after_help = concat!(
        "Examples:\n",
        "  dateline completions bash > ~/.local/share/bash-completion/completions/dateline\n",
        "  dateline completions zsh > ~/.zfunc/_dateline\n",
        "  dateline completions fish > ~/.config/fish/completions/dateline.fish",
    ))]
    Completions(CompletionsCommand),
    /// Print the JSON Schema of site.yaml or of front matter, for editors
    #[command(after_help = concat!(
        "Examples:\n",
        "  dateline schema > site.schema.json\n",
        "  dateline schema front-matter > front-matter.schema.json",
    ))]
    Schema(SchemaCommand),
    /// Generate man pages
    #[command(after_help = concat!(
        "Examples:\n",
        "  dateline man ~/.local/share/man/man1\n",
        "  dateline man | man -l -",
    ))]
    Man(ManCommand),
    /// Manage the permalink registry, which records every URL that was published
    #[command(after_help = concat!(
        "Examples:\n",
        "  dateline permalinks record\n",
        "  dateline permalinks check\n",
        "  dateline permalinks fix --dry-run",
    ))]
    Permalinks(PermalinksCommand),
    /// Verify the output folder: find files that are missing, altered, or not from a build
    #[command(after_help = concat!(
        "Examples:\n",
        "  dateline verify\n",
        "  dateline verify --write-manifest public.sha256\n",
        "  dateline verify --manifest public.sha256 --output /mnt/backup/public\n",
        "  cd public && sha256sum --check --quiet ../public.sha256",
    ))]
    Verify(VerifyCommand),
    /// Print the help of a command, or the documentation of a code, a setting or a topic
    #[command(after_help = concat!(
        "Examples:\n",
        "  dateline help build\n",
        "  dateline help missing-date\n",
        "  dateline help front-matter | less",
    ))]
    Help(HelpCommand),
}

impl Command {
    /// The reader of the command's standard output.
    pub(crate) fn stdout_reader(&self) -> StdoutReader {
        let is_text = match self {
            Self::Build(build) => build.format == OutputFormat::Human,
            Self::Check(check) => check.format == CheckFormat::Human,
            Self::Explain(explain) => explain.format == OutputFormat::Human,
            Self::Import(import) => import.format == OutputFormat::Human,
            Self::List(list) => list.format == OutputFormat::Human,
            Self::Stats(stats) => stats.format == StatsFormat::Human,
            Self::Verify(verify) => verify.format == OutputFormat::Human,
            Self::Fix(fix) => fix.format == OutputFormat::Human,
            Self::Serve(_)
            | Self::Init(_)
            | Self::New(_)
            | Self::Export(_)
            | Self::Completions(_)
            | Self::Schema(_)
            | Self::Man(_)
            | Self::Permalinks(_)
            | Self::Help(_) => true,
        };
        if is_text { StdoutReader::Person } else { StdoutReader::Program }
    }
}

//! `dateline permalinks`.

use std::collections::BTreeMap;

use clap::{Args, Subcommand};

use super::Which;
use super::report::Reporter;
use crate::build::{Desk, Lock, Registered};
use crate::catalog::RowId;
use crate::content::source::read_whole;
use crate::diagnostic::{Diagnostic, Error, Severity};
use crate::files::replace;
use crate::register::{self, Target, add_aliases};
use crate::site::{Options, Site};

#[derive(Args)]
pub(super) struct Permalinks {
    #[command(subcommand)]
    command: Command,
}

/// What to do with the register.
#[derive(Subcommand)]
enum Command {
    /// Write every address of a story and of a term into permalinks.txt
    #[command(after_help = "Example:\n  dateline permalinks record && git add permalinks.txt")]
    Record(Which),
    /// Tell which registered addresses lead nowhere, as every build does
    #[command(after_help = "Example:\n  dateline permalinks check --root my-site")]
    Check(Which),
    /// Add lost addresses to the `aliases:` of the stories that they were
    #[command(
        after_help = "Examples:\n  dateline permalinks fix --dry-run\n  dateline permalinks fix\n  dateline permalinks fix --all"
    )]
    Fix(Fix),
}

#[derive(Args)]
struct Fix {
    #[command(flatten)]
    which: Which,
    /// Those, too, that lead on by themselves, so that they no longer need the register
    #[arg(long)]
    all: bool,
    /// Write nothing: say what would be added
    #[arg(long)]
    dry_run: bool,
}

impl Permalinks {
    /// Does it, and gives the number of errors.
    pub(super) fn run(self, reporter: &Reporter) -> Result<usize, Error> {
        match self.command {
            Command::Record(which) => record(which, reporter),
            Command::Check(which) => check(which, reporter),
            Command::Fix(fix) => fix.run(reporter),
        }
    }
}

fn errors(diagnostics: &[Diagnostic]) -> usize {
    diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count()
}

/// A site with its register looked up, while no build works on it; `writes` says whether something is to be written.
fn look_up(options: Options, writes: bool, reporter: &Reporter) -> Result<(Site, Lock, Registered), Error> {
    use crate::build::Progress;
    let (site, mistakes) = Site::load(options)?;
    let lock = Lock::take(&site.state, !writes, || reporter.waits())?;
    let registered = Desk::look(&site, reporter)?.registered(&site, mistakes)?;
    Ok((site, lock, registered))
}

fn record(which: Which, reporter: &Reporter) -> Result<usize, Error> {
    let options = which.options();
    if options.drafts || options.future || options.expired {
        let message = "what isn't published can't be recorded: leave out --drafts, --future and --expired";
        return Err(Error::Usage(message.to_owned()));
    }
    let (site, _lock, Registered { catalog, register, diagnostics }) =
        look_up(Options { record: true, ..options }, true, reporter)?;
    let recorded = register::record(&site, &catalog, &register)?;
    reporter.recorded(recorded, &diagnostics);
    Ok(errors(&diagnostics))
}

fn check(which: Which, reporter: &Reporter) -> Result<usize, Error> {
    let (site, _lock, Registered { register, mut diagnostics, .. }) =
        look_up(which.options(), false, reporter)?;
    diagnostics.retain(|diagnostic| diagnostic.severity == Severity::Error);
    reporter.registered(site.registered, &register, &diagnostics);
    Ok(diagnostics.len())
}

impl Fix {
    fn run(self, reporter: &Reporter) -> Result<usize, Error> {
        let Self { which, all, dry_run } = self;
        let (site, _lock, registered) = look_up(which.options(), !dry_run, reporter)?;
        let mut wanted: BTreeMap<RowId, Vec<String>> = BTreeMap::new();
        for lost in &registered.register.lost {
            if let Some(row) = lost.likely {
                wanted.entry(row).or_default().push(lost.address.clone());
            }
        }
        for former in registered.register.former.iter().filter(|_| all) {
            if let Target::Story(row) = former.to {
                wanted.entry(row).or_default().push(former.from.clone());
            }
        }
        let mut left = registered.register.lost.iter().filter(|lost| lost.likely.is_none()).count();
        for (row, addresses) in wanted {
            let path = registered.catalog.story(row).path().into_owned();
            let mended = mend(&site, &path, &addresses, dry_run)?;
            left += if !mended { addresses.len() } else { 0 };
            reporter.mended(&path, &addresses, mended, dry_run);
        }
        reporter.mended_all(left, registered.register.lost.len());
        Ok(left)
    }
}

/// Adds former addresses to a story. Tells whether that could be done; else it has to be by hand.
fn mend(site: &Site, path: &str, addresses: &[String], dry_run: bool) -> Result<bool, Error> {
    let failed = |error| Error::io("can't read", site.content.join(path))(error);
    // A link inside the content stays one: what it leads to is mended.
    let file = site.content.join(path).canonicalize().map_err(failed)?;
    if !file.starts_with(&site.content) {
        return Ok(false);
    }
    let read = || {
        let mut opened = std::fs::File::open(&file)?;
        let length = opened.metadata()?.len();
        read_whole(&mut opened, length, site.config.limits.article_bytes)
    };
    let bytes = read().map_err(failed)?;
    let mended = add_aliases(&format!("content/{path}"), &bytes, addresses, site);
    if let Some(mended) = mended.as_ref().filter(|mended| !mended.added.is_empty() && !dry_run) {
        replace(&file, mended.text.as_bytes())?;
    }
    Ok(mended.is_some())
}

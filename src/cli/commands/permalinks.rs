//! `dateline permalinks`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::archive::ArticleId;
use crate::atomic_file::replace_file;
use crate::cli::args::SiteArgs;
use crate::cli::output::report::Reporter;
use crate::cli::output::verify::AliasOutcome;
use crate::config::{Site, SiteOptions};
use crate::content::source::read_with_limit;
use crate::diagnostics::{Diagnostic, Error, Severity};
use crate::permalinks::{self, RedirectTarget, add_aliases};
use crate::pipeline::{Lock, PermalinkReport, Session, WriteMode};
use crate::regular_file;

#[derive(Args)]
pub(crate) struct PermalinksCommand {
    #[command(subcommand)]
    command: PermalinksSubcommand,
}

/// An action on the permalink registry.
#[derive(Subcommand)]
enum PermalinksSubcommand {
    /// Record the URL of every article and every term in permalinks.txt
    #[command(after_help = "Example:\n  dateline permalinks record && git add permalinks.txt")]
    Record(SiteArgs),
    /// Report recorded URLs that are broken, as every build does
    #[command(after_help = "Example:\n  dateline permalinks check --root my-site")]
    Check(SiteArgs),
    /// Add broken old URLs to the matching articles' `aliases:`
    #[command(after_help = concat!(
        "Examples:\n",
        "  dateline permalinks fix --dry-run\n",
        "  dateline permalinks fix\n",
        "  dateline permalinks fix --all",
    ))]
    Fix(PermalinksFixCommand),
}

#[derive(Args)]
struct PermalinksFixCommand {
    #[command(flatten)]
    site_args: SiteArgs,
    /// Also add old URLs that already redirect, so that they no longer depend on the registry
    #[arg(long)]
    all: bool,
    /// Write nothing; print what would be added
    #[arg(long)]
    dry_run: bool,
}

impl PermalinksCommand {
    /// Runs the subcommand and returns the number of errors.
    ///
    /// # Errors
    /// As [`Site::load`]; [`Error::Io`] if the build cache can't be read or locked, or if the
    /// registry or an article can't be read or written; [`Error::Usage`] if the registry has
    /// invalid lines.
    pub(crate) fn run(self, reporter: &Reporter) -> Result<usize, Error> {
        match self.command {
            PermalinksSubcommand::Record(site_args) => record(site_args, reporter),
            PermalinksSubcommand::Check(site_args) => check(site_args, reporter),
            PermalinksSubcommand::Fix(fix) => fix.run(reporter),
        }
    }
}

fn count_errors(diagnostics: &[Diagnostic]) -> usize {
    diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count()
}

/// Loads a site and compares its permalink registry with it. No build of the site can run until the
/// lock is dropped.
fn load_registry(
    options: SiteOptions,
    mode: WriteMode,
    reporter: &Reporter,
) -> Result<(Site, Lock, PermalinkReport), Error> {
    use crate::pipeline::Progress;
    let site = Site::load(options)?;
    let lock = Lock::acquire(&site.cache_dir, mode, || reporter.waiting_for_lock())?;
    let registry_state = Session::open_read_only(&site, reporter)?.permalink_report(&site)?;
    Ok((site, lock, registry_state))
}

fn record(site_args: SiteArgs, reporter: &Reporter) -> Result<usize, Error> {
    let options = site_args.into_options();
    if options.include_drafts || options.include_future || options.include_expired {
        let message = "only published URLs can be recorded: omit --drafts, --future and --expired";
        return Err(Error::Usage(message.to_owned()));
    }
    let (site, _lock, PermalinkReport { catalog, registry, diagnostics }) = load_registry(
        SiteOptions { record_permalinks: true, ..options },
        WriteMode::Write,
        reporter,
    )?;
    let counts = permalinks::record_permalinks(&site, &catalog, &registry)?;
    reporter.print_recorded(counts, &diagnostics);
    Ok(count_errors(&diagnostics))
}

fn check(site_args: SiteArgs, reporter: &Reporter) -> Result<usize, Error> {
    let (site, _lock, PermalinkReport { registry, mut diagnostics, .. }) =
        load_registry(site_args.into_options(), WriteMode::DryRun, reporter)?;
    diagnostics.retain(|diagnostic| diagnostic.severity == Severity::Error);
    let registry = site.has_permalink_registry.then_some(&registry);
    reporter.print_registry_status(registry, &diagnostics);
    Ok(diagnostics.len())
}

impl PermalinksFixCommand {
    fn run(self, reporter: &Reporter) -> Result<usize, Error> {
        let Self { site_args, all, dry_run } = self;
        let mode = if dry_run { WriteMode::DryRun } else { WriteMode::Write };
        let (site, _lock, PermalinkReport { catalog, registry, .. }) =
            load_registry(site_args.into_options(), mode, reporter)?;
        let mut aliases_by_article: BTreeMap<ArticleId, Vec<String>> = BTreeMap::new();
        for missing in &registry.missing {
            if let Some(id) = missing.suggestion {
                aliases_by_article.entry(id).or_default().push(missing.permalink.clone());
            }
        }
        for redirect in registry.redirects.iter().filter(|_| all) {
            if let RedirectTarget::Article(id) = redirect.to {
                aliases_by_article.entry(id).or_default().push(redirect.from.clone());
            }
        }
        let mut remaining =
            registry.missing.iter().filter(|missing| missing.suggestion.is_none()).count();
        for (id, aliases) in aliases_by_article {
            let path = catalog.article(id).path().into_owned();
            let outcome = match updated_file(&site, &path, &aliases)? {
                None => AliasOutcome::AddByHand,
                Some(_) if dry_run => AliasOutcome::WouldBeAdded,
                Some(updated) => {
                    updated.write()?;
                    AliasOutcome::Added
                }
            };
            if outcome == AliasOutcome::AddByHand {
                remaining += aliases.len();
            }
            reporter.print_aliases(&path, &aliases, outcome);
        }
        reporter.print_alias_summary(remaining, registry.missing.len());
        Ok(remaining)
    }
}

/// The new contents of an article's file.
struct UpdatedFile {
    path: PathBuf,
    /// `None` if the file has all aliases already.
    text: Option<String>,
}

impl UpdatedFile {
    fn write(self) -> Result<(), Error> {
        match self.text {
            Some(text) => replace_file(&self.path, text.as_bytes()),
            None => Ok(()),
        }
    }
}

/// Returns the file of an article with old URLs added to its aliases; `None` if they have to be
/// added by hand.
fn updated_file(site: &Site, path: &str, aliases: &[String]) -> Result<Option<UpdatedFile>, Error> {
    let read_error = |error| Error::io("can't read", site.content_dir.join(path))(error);
    // A symbolic link inside `content/` is kept: its target is changed.
    let file = site.content_dir.join(path).canonicalize().map_err(read_error)?;
    if !file.starts_with(&site.content_dir) {
        return Ok(None);
    }
    let read = || {
        let (mut opened, metadata) = regular_file::open_with_metadata(&file)?;
        read_with_limit(&mut opened, metadata.len(), site.config.limits.article_bytes)
    };
    let bytes = read().map_err(read_error)?;
    let updated = add_aliases(&format!("content/{path}"), &bytes, aliases, site);
    Ok(updated.map(|updated| UpdatedFile {
        path: file,
        text: (!updated.added.is_empty()).then_some(updated.text),
    }))
}

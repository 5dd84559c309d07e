//! `dateline permalinks`.

use std::collections::BTreeMap;

use clap::{Args, Subcommand};

use crate::archive::ArticleId;
use crate::atomic_file::replace_file;
use crate::cli::SiteArgs;
use crate::cli::output::report::Reporter;
use crate::config::{Site, SiteOptions};
use crate::content::source::read_with_limit;
use crate::diagnostics::{Diagnostic, Error, Severity};
use crate::permalinks::{self, RedirectTarget, add_aliases};
use crate::pipeline::{Lock, PermalinkReport, Session};

#[derive(Args)]
pub(crate) struct PermalinksCommand {
    #[command(subcommand)]
    command: PermalinksSubcommand,
}

/// What to do with the register.
#[derive(Subcommand)]
enum PermalinksSubcommand {
    /// Write every address of a story and of a term into permalinks.txt
    #[command(after_help = "Example:\n  dateline permalinks record && git add permalinks.txt")]
    Record(SiteArgs),
    /// Tell which registered addresses lead nowhere, as every build does
    #[command(after_help = "Example:\n  dateline permalinks check --root my-site")]
    Check(SiteArgs),
    /// Add lost addresses to the `aliases:` of the stories that they were
    #[command(
        after_help = "Examples:\n  dateline permalinks fix --dry-run\n  dateline permalinks fix\n  dateline permalinks fix --all"
    )]
    Fix(PermalinksFixCommand),
}

#[derive(Args)]
struct PermalinksFixCommand {
    #[command(flatten)]
    site_args: SiteArgs,
    /// Those, too, that lead on by themselves, so that they no longer need the register
    #[arg(long)]
    all: bool,
    /// Write nothing: say what would be added
    #[arg(long)]
    dry_run: bool,
}

impl PermalinksCommand {
    /// Does it, and gives the number of errors.
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

/// A site with its register looked up, while no build works on it; `writes` says whether something
/// is to be written.
fn load_registry(
    options: SiteOptions,
    for_writing: bool,
    reporter: &Reporter,
) -> Result<(Site, Lock, PermalinkReport), Error> {
    use crate::pipeline::Progress;
    let (site, mistakes) = Site::load(options)?;
    let lock = Lock::acquire(&site.cache_dir, !for_writing, || reporter.waiting_for_lock())?;
    let registry_state =
        Session::open_read_only(&site, reporter)?.permalink_report(&site, mistakes)?;
    Ok((site, lock, registry_state))
}

fn record(site_args: SiteArgs, reporter: &Reporter) -> Result<usize, Error> {
    let options = site_args.into_options();
    if options.include_drafts || options.include_future || options.include_expired {
        let message =
            "what isn't published can't be recorded: leave out --drafts, --future and --expired";
        return Err(Error::Usage(message.to_owned()));
    }
    let (site, _lock, PermalinkReport { catalog, registry, diagnostics }) =
        load_registry(SiteOptions { record_permalinks: true, ..options }, true, reporter)?;
    let counts = permalinks::record_permalinks(&site, &catalog, &registry)?;
    reporter.print_recorded(counts, &diagnostics);
    Ok(count_errors(&diagnostics))
}

fn check(site_args: SiteArgs, reporter: &Reporter) -> Result<usize, Error> {
    let (site, _lock, PermalinkReport { registry, mut diagnostics, .. }) =
        load_registry(site_args.into_options(), false, reporter)?;
    diagnostics.retain(|diagnostic| diagnostic.severity == Severity::Error);
    reporter.print_registry_status(site.has_permalink_registry, &registry, &diagnostics);
    Ok(diagnostics.len())
}

impl PermalinksFixCommand {
    fn run(self, reporter: &Reporter) -> Result<usize, Error> {
        let Self { site_args, all, dry_run } = self;
        let (site, _lock, registry_state) =
            load_registry(site_args.into_options(), !dry_run, reporter)?;
        let mut aliases_by_article: BTreeMap<ArticleId, Vec<String>> = BTreeMap::new();
        for missing in &registry_state.registry.missing {
            if let Some(id) = missing.suggestion {
                aliases_by_article.entry(id).or_default().push(missing.permalink.clone());
            }
        }
        for redirect in registry_state.registry.redirects.iter().filter(|_| all) {
            if let RedirectTarget::Article(id) = redirect.to {
                aliases_by_article.entry(id).or_default().push(redirect.from.clone());
            }
        }
        let mut remaining = registry_state
            .registry
            .missing
            .iter()
            .filter(|missing| missing.suggestion.is_none())
            .count();
        for (id, aliases) in aliases_by_article {
            let path = registry_state.catalog.article(id).path().into_owned();
            let is_added = add_aliases_to_file(&site, &path, &aliases, dry_run)?;
            remaining += if !is_added { aliases.len() } else { 0 };
            reporter.print_added_aliases(&path, &aliases, is_added, dry_run);
        }
        reporter.print_alias_summary(remaining, registry_state.registry.missing.len());
        Ok(remaining)
    }
}

/// Adds former addresses to a story. Tells whether that could be done; else it has to be by hand.
fn add_aliases_to_file(
    site: &Site,
    path: &str,
    aliases: &[String],
    dry_run: bool,
) -> Result<bool, Error> {
    let read_error = |error| Error::io("can't read", site.content_dir.join(path))(error);
    // A link inside the content stays one: what it leads to is mended.
    let file = site.content_dir.join(path).canonicalize().map_err(read_error)?;
    if !file.starts_with(&site.content_dir) {
        return Ok(false);
    }
    let read = || {
        let mut opened = std::fs::File::open(&file)?;
        let length = opened.metadata()?.len();
        read_with_limit(&mut opened, length, site.config.limits.article_bytes)
    };
    let bytes = read().map_err(read_error)?;
    let updated = add_aliases(&format!("content/{path}"), &bytes, aliases, site);
    if let Some(updated) = updated.as_ref().filter(|updated| !updated.added.is_empty() && !dry_run)
    {
        replace_file(&file, updated.text.as_bytes())?;
    }
    Ok(updated.is_some())
}

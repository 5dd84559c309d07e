//! `dateline fix`.

use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::PossibleValuesParser;

use crate::cli::output::report::Reporter;
use crate::cli::{OutputFormat, now};
use crate::config::{CONFIG_FILE, Site, SiteOptions};
use crate::diagnostics::{Error, Severity};
use crate::fix::{self, Fix, FixSet};
use crate::pipeline;

/// What a call asks for.
#[derive(Args)]
pub(crate) struct FixCommand {
    /// Which articles, or folders of them [default: all of the site]
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The site's folder
    #[arg(long, default_value = ".", value_name = "DIR")]
    root: PathBuf,
    /// Write the files; without it, nothing is written
    #[arg(long)]
    write: bool,
    /// Make these mends alone
    #[arg(long, value_name = "MEND", value_delimiter = ',', value_parser = PossibleValuesParser::new(Fix::ALL.map(Fix::name)))]
    only: Vec<String>,
    /// Make all mends but these
    #[arg(long, value_name = "MEND", value_delimiter = ',', conflicts_with = "only", value_parser = PossibleValuesParser::new(Fix::ALL.map(Fix::name)))]
    except: Vec<String>,
    /// How to report
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: OutputFormat,
}

impl FixCommand {
    /// Mends, or says what it would mend; gives the number of files that are yet to be mended.
    pub(crate) fn run(self, reporter: &Reporter) -> Result<usize, Error> {
        let options = SiteOptions { root: self.root.clone(), now: now(), ..SiteOptions::default() };
        let (site, mut mistakes) = Site::load(options)?;
        // Settings that can't be used may be the time zone or the taxonomies: a mend would guess.
        mistakes.retain(|mistake| mistake.file == CONFIG_FILE && pipeline::blocks_build(mistake));
        if !mistakes.is_empty() {
            reporter.print_cannot_fix(&mistakes);
            return Ok(mistakes.len());
        }
        let (all, _) = pipeline::content_files(&site);
        let paths = select_files(&site, &self.files, &all)?;
        let mut printer = reporter.fix_printer(self.write);
        let mode = (self.fixes(), self.write);
        let report =
            fix::fix(&site, &all, &paths, mode, reporter, &mut |fixed| printer.print_file(&fixed))?;
        printer.finish(&report);
        let errors = report
            .diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.severity == Severity::Error)
            .count();
        Ok(errors + if self.write { 0 } else { report.files })
    }

    /// The mends that the call asks for.
    fn fixes(&self) -> FixSet {
        let from_names = |names: &[String]| -> Vec<Fix> {
            names.iter().filter_map(|name| Fix::from_name(name)).collect()
        };
        match self.only.is_empty() {
            true => FixSet::standard().except(&from_names(&self.except)),
            false => FixSet::only(&from_names(&self.only)),
        }
    }
}

/// The articles that a call names, in their order: all if it names none.
fn select_files<'a>(
    site: &Site,
    requested: &[PathBuf],
    all: &'a [Box<str>],
) -> Result<Vec<&'a str>, Error> {
    let prefixes: Vec<String> =
        requested.iter().map(|path| content_path(site, path)).collect::<Result<_, _>>()?;
    let is_within = |path: &str, prefix: &str| {
        prefix.is_empty()
            || path
                .strip_prefix(prefix)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    for (path, prefix) in requested.iter().zip(&prefixes) {
        if !all.iter().any(|file| is_within(file, prefix)) {
            let help = "name files that end in .md or .markdown, or folders that hold some";
            return Err(Error::Usage(format!("there is no article in {}; {help}", path.display())));
        }
    }
    let is_selected =
        |path: &&str| prefixes.is_empty() || prefixes.iter().any(|prefix| is_within(path, prefix));
    Ok(all.iter().map(|path| &**path).filter(is_selected).collect())
}

/// The path below `content/` of what a call names: from the current folder, or else from the
/// site's.
fn content_path(site: &Site, path: &Path) -> Result<String, Error> {
    let resolved =
        path.canonicalize().or_else(|error| site.root.join(path).canonicalize().map_err(|_| error));
    let resolved = resolved.map_err(Error::io("can't find", path))?;
    let relative = resolved.strip_prefix(&site.content_dir).ok().and_then(Path::to_str);
    let relative = relative.map(|relative| relative.replace('\\', "/"));
    relative.ok_or_else(|| {
        let help = "name articles of this site, or use --root to name another";
        Error::Usage(format!("{} is not in {}; {help}", path.display(), site.content_dir.display()))
    })
}

//! `dateline fix`.

use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::PossibleValuesParser;

use crate::cli::args::OutputFormat;
use crate::cli::output::report::Reporter;
use crate::config::{CONFIG_FILE, CONTENT_DIR, Site, SiteOptions};
use crate::diagnostics::{Diagnostic, Error, Severity};
use crate::fix::templates::fix_templates;
use crate::fix::{self, Fix, FixMode, FixRequest, FixSet};
use crate::pipeline;

#[derive(Args)]
pub(crate) struct FixCommand {
    /// Articles or folders to fix, or the site's folder [default: the whole site]
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The site's folder
    #[arg(long, default_value = ".", value_name = "DIR")]
    root: PathBuf,
    /// Write the files; without this, only a diff is printed
    #[arg(long)]
    write: bool,
    /// Apply only these fixes
    #[arg(long, value_name = "FIX", value_delimiter = ',', value_parser = fix_names())]
    only: Vec<String>,
    /// Apply all fixes except these
    #[arg(
        long,
        value_name = "FIX",
        value_delimiter = ',',
        conflicts_with = "only",
        value_parser = fix_names()
    )]
    except: Vec<String>,
    /// Rename variables, components and files in templates/ instead
    #[arg(long, conflicts_with_all = ["files", "only", "except"])]
    templates: bool,
    /// The output format
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: OutputFormat,
}

/// Accepts the names of fixes.
fn fix_names() -> PossibleValuesParser {
    PossibleValuesParser::new(Fix::ALL.map(Fix::name))
}

impl FixCommand {
    /// Fixes articles, or shows the fixes. Returns the number of files that still need one.
    ///
    /// # Errors
    /// As [`Site::load`] and [`fix::fix`]; [`Error::Usage`] for a file that isn't in the content
    /// folder.
    pub(crate) fn run(mut self, reporter: &Reporter) -> Result<usize, Error> {
        self.accept_folder();
        let site = Site::load(SiteOptions::new(&self.root))?;
        let mut mistakes = site.mistakes.clone();
        // An invalid setting may be the time zone or a taxonomy, so a fix would be a guess.
        mistakes.retain(|mistake| mistake.file == CONFIG_FILE && pipeline::blocks_build(mistake));
        if !mistakes.is_empty() {
            reporter.print_cannot_fix(&mistakes);
            return Ok(mistakes.len());
        }
        let mode = if self.write { FixMode::Write } else { FixMode::Preview };
        if self.templates {
            let report = fix_templates(&site, mode)?;
            reporter.print_template_fixes(&report, mode);
            return Ok(remaining(&report.diagnostics, report.files.len(), mode));
        }
        let all = pipeline::content_files(&site).paths;
        let paths = select_files(&site, &self.files, &all)?;
        let request = FixRequest { all_paths: &all, paths: &paths, fixes: self.fixes(), mode };
        let mut printer = reporter.fix_printer(mode);
        let report = fix::fix(&site, request, reporter, &mut |fixed| printer.print_file(&fixed))?;
        printer.finish(&report);
        Ok(remaining(&report.diagnostics, report.files, mode))
    }

    /// Takes a site's folder for `--root`, if it is the only file and the current folder isn't
    /// a site.
    fn accept_folder(&mut self) {
        if let [folder] = &*self.files
            && self.root == Path::new(".")
            && !Path::new(CONTENT_DIR).is_dir()
            && folder.join(CONTENT_DIR).is_dir()
        {
            self.root = folder.clone();
            self.files.clear();
        }
    }

    /// The fixes that the options select.
    fn fixes(&self) -> FixSet {
        let from_names = |names: &[String]| -> Vec<Fix> {
            names.iter().filter_map(|name| Fix::from_name(name)).collect()
        };
        if self.only.is_empty() {
            FixSet::standard().except(&from_names(&self.except))
        } else {
            FixSet::only(&from_names(&self.only))
        }
    }
}

/// The number of errors, and of files that are fixed only in a preview.
fn remaining(diagnostics: &[Diagnostic], files: usize, mode: FixMode) -> usize {
    let is_error = |diagnostic: &&Diagnostic| diagnostic.severity == Severity::Error;
    let errors = diagnostics.iter().filter(is_error).count();
    errors + if mode == FixMode::Write { 0 } else { files }
}

/// The requested articles, sorted by path: all if none are requested.
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
            let help =
                "name files that end in .md or .markdown, or folders that contain such files";
            return Err(Error::Usage(format!("there is no article in {}; {help}", path.display())));
        }
    }
    let is_selected =
        |path: &&str| prefixes.is_empty() || prefixes.iter().any(|prefix| is_within(path, prefix));
    Ok(all.iter().map(|path| &**path).filter(is_selected).collect())
}

/// The path below `content/` of a requested file or folder, which may be relative to the current
/// folder or to the site's.
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

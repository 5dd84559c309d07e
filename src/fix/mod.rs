//! `dateline fix`: fixes front matter where the fix is unambiguous. The rest of a file is preserved
//! byte for byte.
//!
//! A fix is a few edits of a text. It is applied only if the text can then be parsed, and if every
//! value that it isn't meant to change is the same as before (`candidate`). So fixes don't depend
//! on the line scanner (`yaml_lines`), which supports only a part of YAML.

mod candidate;
mod diff;
mod fix_set;
mod fixes;
mod quoting;
pub(crate) mod templates;
mod term_variants;
mod write;
mod yaml_lines;

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::config::Site;
use crate::content::SourceFile;
use crate::diagnostics::{Diagnostic, Error};
use crate::pipeline::Progress;
use candidate::Candidate;
use term_variants::{PreferredVariants, VariantCounts};

pub(crate) use candidate::LineChange;
pub use fix_set::Fix;
pub(crate) use fix_set::FixSet;

/// The number of files in a batch, which limits the memory in use.
const BATCH_SIZE: usize = 1024;

/// The treatment of fixed files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FixMode {
    /// Nothing is written.
    Preview,
    /// The files are replaced.
    Write,
}

/// Selects the files to fix, and the fixes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FixRequest<'a> {
    /// The paths of all articles, relative to `content/`: the spelling of terms depends on the
    /// whole site.
    pub all_paths: &'a [Box<str>],
    /// The paths of the files to fix.
    pub paths: &'a [&'a str],
    /// The fixes to apply.
    pub fixes: FixSet,
    /// The treatment of fixed files.
    pub mode: FixMode,
}

/// A file with fixes, which were written or not, depending on the mode.
#[derive(Debug)]
pub(crate) struct FixedFile {
    /// The path, relative to the site's folder.
    pub file: String,
    /// The changes, sorted by line.
    pub changes: Vec<LineChange>,
    /// The changes as a unified diff.
    pub diff: String,
}

/// The results of a run.
#[derive(Debug, Default)]
pub(crate) struct FixReport {
    /// The number of files that were checked.
    pub examined: usize,
    /// The number of files with fixes.
    pub files: usize,
    /// The number of lines that each fix changes.
    pub lines: BTreeMap<Fix, usize>,
    /// The errors that can't be fixed safely.
    pub diagnostics: Vec<Diagnostic>,
}

/// Fixes articles. Each fixed file is passed to `on_fixed` as soon as its batch is done, in the
/// order of the request.
///
/// # Errors
/// [`Error::Io`] if a file can't be written. The files that were passed to `on_fixed` before are
/// written.
pub(crate) fn fix(
    site: &Site,
    request: FixRequest<'_>,
    progress: &dyn Progress,
    on_fixed: &mut dyn FnMut(FixedFile),
) -> Result<FixReport, Error> {
    let FixRequest { all_paths, paths, fixes, mode } = request;
    let variants = if fixes.contains(Fix::Terms) {
        preferred_variants(site, all_paths, fixes, progress)
    } else {
        PreferredVariants::default()
    };
    let mut report = FixReport { examined: paths.len(), ..FixReport::default() };
    for batch in paths.chunks(BATCH_SIZE) {
        let outcomes: Vec<FileOutcome> = batch
            .par_iter()
            .map(|path| fix_file(site, path, fixes, mode, &variants))
            .collect::<Result<_, Error>>()?;
        for FileOutcome { fixed, diagnostics } in outcomes {
            report.diagnostics.extend(diagnostics);
            let Some(fixed) = fixed else { continue };
            report.files += 1;
            for change in &fixed.changes {
                *report.lines.entry(change.fix).or_default() += 1;
            }
            on_fixed(fixed);
        }
    }
    report.diagnostics.sort();
    Ok(report)
}

/// Determines the most frequent spelling of each term, after fixes that make files readable.
fn preferred_variants(
    site: &Site,
    all_paths: &[Box<str>],
    fixes: FixSet,
    progress: &dyn Progress,
) -> PreferredVariants {
    progress.add_work(all_paths.len());
    let count = |mut counts: VariantCounts, path: &str| {
        progress.advance();
        let bytes = write::read(site, path).ok().flatten();
        let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
        let candidate = text.and_then(|text| quoting::open_repaired(site, path, &text, fixes).ok());
        if let Some(invariants) = candidate.and_then(|candidate| candidate.parsed.invariants) {
            counts.add(&invariants);
        }
        counts
    };
    let paths = all_paths.par_iter().map(|path| &**path).with_min_len(64);
    let counts = paths.fold(VariantCounts::default, count);
    PreferredVariants::from_counts(counts.reduce(VariantCounts::default, VariantCounts::merge))
}

/// The result of fixing a file.
#[derive(Default)]
struct FileOutcome {
    fixed: Option<FixedFile>,
    diagnostics: Vec<Diagnostic>,
}

impl FileOutcome {
    /// A file that can't be fixed.
    fn failed(diagnostics: Vec<Diagnostic>) -> Self {
        Self { fixed: None, diagnostics }
    }
}

/// Fixes a file, and writes it depending on the mode.
fn fix_file(
    site: &Site,
    path: &str,
    fixes: FixSet,
    mode: FixMode,
    variants: &PreferredVariants,
) -> Result<FileOutcome, Error> {
    let bytes = match write::read(site, path) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return Ok(FileOutcome::default()),
        Err(diagnostic) => return Ok(FileOutcome::failed(vec![*diagnostic])),
    };
    let file = format!("content/{path}");
    let Ok(text) = std::str::from_utf8(&bytes) else {
        // The parser of articles reports what is wrong with the encoding.
        let result = SourceFile::parse(&file, &bytes, &site.config.limits);
        return Ok(FileOutcome::failed(
            result.err().into_iter().map(|diagnostic| *diagnostic).collect(),
        ));
    };
    let mut candidate = match quoting::open_repaired(site, path, text, fixes) {
        Ok(candidate) => candidate,
        Err(mistakes) => return Ok(FileOutcome::failed(mistakes)),
    };
    apply_fixes(&mut candidate, fixes, variants);
    if candidate.text == text {
        return Ok(FileOutcome::default());
    }
    if mode == FixMode::Write
        && let Some(diagnostic) = write::replace(site, path, &bytes, candidate.text.as_bytes())?
    {
        return Ok(FileOutcome::failed(vec![diagnostic]));
    }
    let diff = diff::unified_diff(
        &file,
        text,
        &candidate.text,
        candidate.text.len() - candidate.front.end,
    );
    let mut changes = candidate.changes;
    changes.sort_by_key(|change| (change.line, change.fix));
    Ok(FileOutcome { fixed: Some(FixedFile { file, changes, diff }), diagnostics: Vec::new() })
}

/// Applies fixes to a file that can be parsed.
fn apply_fixes(candidate: &mut Candidate<'_>, fixes: FixSet, variants: &PreferredVariants) {
    if fixes.contains(Fix::Dates) {
        fixes::fix_dates(candidate);
    }
    if fixes.contains(Fix::Terms) {
        fixes::fix_terms(candidate, variants);
    }
    if fixes.contains(Fix::Section) {
        fixes::fix_section(candidate);
    }
    if fixes.contains(Fix::Keys) {
        fixes::fix_keys(candidate);
    }
}

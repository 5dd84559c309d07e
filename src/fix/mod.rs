//! Mends: front matter put right where what was meant is sure. Everything else of a file stays byte
//! for byte.
//!
//! Each mend is a few edits of a text. It is made only if the text then reads, and if every value
//! reads as before but for those it is about (`draft.rs`). So no mend has to trust the reader of
//! lines (`scan.rs`), which knows less of YAML than YAML does.

mod candidate;
mod diff;
mod fixes;
mod quoting;
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

/// Files are mended in runs of this many, so that little is held however many there are.
const BATCH_SIZE: usize = 1024;

/// A kind of mend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fix {
    /// Blanks for the tabs that a file is indented with, which YAML can't read.
    Tabs,
    /// Quotation marks for what YAML can't read without, or reads as something else.
    Quotes,
    /// Dates as RFC 3339 writes them.
    Dates,
    /// Terms in the spelling that is the commonest in the site.
    Terms,
    /// The one category of a story without a section as its section.
    Section,
    /// Dateline's own names for keys of other systems.
    Keys,
}

impl Fix {
    /// All of them, in the order in which they are made.
    pub const ALL: [Self; 6] =
        [Self::Tabs, Self::Quotes, Self::Dates, Self::Terms, Self::Section, Self::Keys];

    /// Its name, which stays the same from version to version.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tabs => "tabs",
            Self::Quotes => "quotes",
            Self::Dates => "dates",
            Self::Terms => "terms",
            Self::Section => "section",
            Self::Keys => "keys",
        }
    }

    /// The mend of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fix| fix.name() == name)
    }
}

/// Which mends are to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FixSet(u8);

impl FixSet {
    /// All but [`Mend::Keys`], which changes nothing that Dateline reads and may be what another
    /// program needs.
    pub(crate) fn standard() -> Self {
        Self::only(&Fix::ALL).except(&[Fix::Keys])
    }

    /// These and no others.
    pub(crate) fn only(fixes: &[Fix]) -> Self {
        Self(fixes.iter().fold(0, |set, fix| set | 1 << *fix as u8))
    }

    /// All of these but some.
    #[must_use]
    pub(crate) fn except(self, fixes: &[Fix]) -> Self {
        Self(self.0 & !Self::only(fixes).0)
    }

    /// Whether a mend is among them.
    pub(crate) fn contains(self, fix: Fix) -> bool {
        self.0 & 1 << fix as u8 != 0
    }
}

/// A file that is to be mended, or was.
#[derive(Debug)]
pub(crate) struct FixedFile {
    /// The file, relative to the site.
    pub file: String,
    /// What changes, in the order of lines.
    pub changes: Vec<LineChange>,
    /// The same as a unified diff.
    pub diff: String,
    /// Whether it was written.
    pub written: bool,
}

/// What mending a site came to.
#[derive(Debug, Default)]
pub(crate) struct FixReport {
    /// How many files were looked at.
    pub examined: usize,
    /// How many files are to be mended, or were.
    pub files: usize,
    /// How many lines each mend changes.
    pub lines: BTreeMap<Fix, usize>,
    /// What is wrong and can't be mended safely.
    pub diagnostics: Vec<Diagnostic>,
}

/// Mends files of a site, given by their paths below `content/`, or says what it would mend. `all`
/// are the paths of every file: the whole site decides how a term is spelled. Each file is handed
/// on as soon as its run is done, in their order.
///
/// # Errors
/// What the machine refused. The files that were handed on until then are as told.
pub(crate) fn fix(
    site: &Site,
    all_paths: &[Box<str>],
    files: &[&str],
    mode: (FixSet, bool),
    progress: &dyn Progress,
    on_fixed: &mut dyn FnMut(FixedFile),
) -> Result<FixReport, Error> {
    let (fixes, write) = mode;
    let variants = if fixes.contains(Fix::Terms) {
        preferred_variants(site, all_paths, fixes, progress)
    } else {
        PreferredVariants::default()
    };
    let mut report = FixReport { examined: files.len(), ..FixReport::default() };
    for batch in files.chunks(BATCH_SIZE) {
        let outcomes: Vec<FileOutcome> = batch
            .par_iter()
            .map(|path| fix_file(site, path, fixes, write, &variants))
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

/// How the site spells its terms, counted in what its files are once they can be read.
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

/// What became of a file.
#[derive(Default)]
struct FileOutcome {
    fixed: Option<FixedFile>,
    diagnostics: Vec<Diagnostic>,
}

impl FileOutcome {
    /// A file that can't be mended.
    fn failed(diagnostics: Vec<Diagnostic>) -> Self {
        Self { fixed: None, diagnostics }
    }
}

/// Mends a file, or says what it would mend.
fn fix_file(
    site: &Site,
    path: &str,
    fixes: FixSet,
    write: bool,
    variants: &PreferredVariants,
) -> Result<FileOutcome, Error> {
    let bytes = match write::read(site, path) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return Ok(FileOutcome::default()),
        Err(diagnostic) => return Ok(FileOutcome::failed(vec![*diagnostic])),
    };
    let file = format!("content/{path}");
    let Ok(text) = std::str::from_utf8(&bytes) else {
        // The reader of articles knows best what is wrong.
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
    if write
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
    Ok(FileOutcome {
        fixed: Some(FixedFile { file, changes, diff, written: write }),
        diagnostics: Vec::new(),
    })
}

/// Makes the mends of a file that can be read.
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

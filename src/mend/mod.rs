//! Mends: front matter put right where what was meant is sure. Everything else of a file stays byte for byte.
//!
//! Each mend is a few edits of a text. It is made only if the text then reads, and if every value reads as before but for those it is about
//! (`draft.rs`). So no mend has to trust the reader of lines (`scan.rs`), which knows less of YAML than YAML does.

mod diff;
mod draft;
mod mends;
mod repair;
mod scan;
mod spellings;
mod write;

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::build::Progress;
use crate::content::Source;
use crate::diagnostic::{Diagnostic, Error};
use crate::site::Site;
use draft::Draft;
use spellings::{Counts, Spellings};

pub use draft::Change;

/// Files are mended in runs of this many, so that little is held however many there are.
const RUN: usize = 1024;

/// A kind of mend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mend {
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

impl Mend {
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
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mend| mend.name() == name)
    }
}

/// Which mends are to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mends(u8);

impl Mends {
    /// All but [`Mend::Keys`], which changes nothing that Dateline reads and may be what another program needs.
    pub fn usual() -> Self {
        Self::only(&Mend::ALL).except(&[Mend::Keys])
    }

    /// These and no others.
    pub fn only(mends: &[Mend]) -> Self {
        Self(mends.iter().fold(0, |set, mend| set | 1 << *mend as u8))
    }

    /// All of these but some.
    #[must_use]
    pub fn except(self, mends: &[Mend]) -> Self {
        Self(self.0 & !Self::only(mends).0)
    }

    /// Whether a mend is among them.
    pub fn has(self, mend: Mend) -> bool {
        self.0 & 1 << mend as u8 != 0
    }
}

/// A file that is to be mended, or was.
#[derive(Debug)]
pub struct Mended {
    /// The file, relative to the site.
    pub file: String,
    /// What changes, in the order of lines.
    pub changes: Vec<Change>,
    /// The same as a unified diff.
    pub diff: String,
    /// Whether it was written.
    pub written: bool,
}

/// What mending a site came to.
#[derive(Debug, Default)]
pub struct Tally {
    /// How many files were looked at.
    pub looked_at: usize,
    /// How many files are to be mended, or were.
    pub files: usize,
    /// How many lines each mend changes.
    pub lines: BTreeMap<Mend, usize>,
    /// What is wrong and can't be mended safely.
    pub diagnostics: Vec<Diagnostic>,
}

/// Mends files of a site, given by their paths below `content/`, or says what it would mend. `all` are the paths of every file: the whole site decides
/// how a term is spelled. Each file is handed on as soon as its run is done, in their order.
///
/// # Errors
/// What the machine refused. The files that were handed on until then are as told.
pub fn mend(
    site: &Site,
    all: &[Box<str>],
    files: &[&str],
    how: (Mends, bool),
    progress: &dyn Progress,
    tell: &mut dyn FnMut(Mended),
) -> Result<Tally, Error> {
    let (mends, write) = how;
    let spellings =
        if mends.has(Mend::Terms) { spellings(site, all, mends, progress) } else { Spellings::default() };
    let mut tally = Tally { looked_at: files.len(), ..Tally::default() };
    for run in files.chunks(RUN) {
        let mended: Vec<Outcome> = run
            .par_iter()
            .map(|path| one(site, path, mends, write, &spellings))
            .collect::<Result<_, Error>>()?;
        for Outcome { mended, diagnostics } in mended {
            tally.diagnostics.extend(diagnostics);
            let Some(mended) = mended else { continue };
            tally.files += 1;
            for change in &mended.changes {
                *tally.lines.entry(change.mend).or_default() += 1;
            }
            tell(mended);
        }
    }
    tally.diagnostics.sort();
    Ok(tally)
}

/// How the site spells its terms, counted in what its files are once they can be read.
fn spellings(site: &Site, all: &[Box<str>], mends: Mends, progress: &dyn Progress) -> Spellings {
    progress.expect(all.len());
    let count = |mut counts: Counts, path: &str| {
        progress.done();
        let bytes = write::read(site, path).ok().flatten();
        let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
        let draft = text.and_then(|text| repair::open(site, path, &text, mends).ok());
        if let Some(story) = draft.and_then(|draft| draft.known.settled) {
            counts.add(&story);
        }
        counts
    };
    let paths = all.par_iter().map(|path| &**path).with_min_len(64);
    let counts = paths.fold(Counts::default, count);
    Spellings::settle(counts.reduce(Counts::default, Counts::merge))
}

/// What became of a file.
#[derive(Default)]
struct Outcome {
    mended: Option<Mended>,
    diagnostics: Vec<Diagnostic>,
}

impl Outcome {
    /// A file that can't be mended.
    fn wrong(diagnostics: Vec<Diagnostic>) -> Self {
        Self { mended: None, diagnostics }
    }
}

/// Mends a file, or says what it would mend.
fn one(site: &Site, path: &str, mends: Mends, write: bool, spellings: &Spellings) -> Result<Outcome, Error> {
    let bytes = match write::read(site, path) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return Ok(Outcome::default()),
        Err(wrong) => return Ok(Outcome::wrong(vec![*wrong])),
    };
    let file = format!("content/{path}");
    let Ok(text) = std::str::from_utf8(&bytes) else {
        // The reader of articles knows best what is wrong.
        let read = Source::read(&file, &bytes, &site.config.limits);
        return Ok(Outcome::wrong(read.err().into_iter().map(|wrong| *wrong).collect()));
    };
    let mut draft = match repair::open(site, path, text, mends) {
        Ok(draft) => draft,
        Err(mistakes) => return Ok(Outcome::wrong(mistakes)),
    };
    mend_all(&mut draft, mends, spellings);
    if draft.text == text {
        return Ok(Outcome::default());
    }
    if write && let Some(wrong) = write::replace(site, path, &bytes, draft.text.as_bytes())? {
        return Ok(Outcome::wrong(vec![wrong]));
    }
    let diff = diff::unified(&file, text, &draft.text, draft.text.len() - draft.front.end);
    let mut changes = draft.changes;
    changes.sort_by_key(|change| (change.line, change.mend));
    Ok(Outcome { mended: Some(Mended { file, changes, diff, written: write }), diagnostics: Vec::new() })
}

/// Makes the mends of a file that can be read.
fn mend_all(draft: &mut Draft<'_>, mends: Mends, spellings: &Spellings) {
    if mends.has(Mend::Dates) {
        mends::dates(draft);
    }
    if mends.has(Mend::Terms) {
        mends::terms(draft, spellings);
    }
    if mends.has(Mend::Section) {
        mends::section(draft);
    }
    if mends.has(Mend::Keys) {
        mends::keys(draft);
    }
}

//! Prove: that no file which a build owns holds a name that is to be taken out. What was written is read again; where other names are to be looked for than in
//! the last build, all files are.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use rayon::prelude::*;

use super::Progress;
use super::claims::Claimant;
use super::plan::{Batch, Output};
use super::record::Leftovers;
use crate::catalog::Catalog;
use crate::diagnostic::{Diagnostic, Error};
use crate::model::{Fingerprint, Fingerprinter, Names};
use crate::pages::View;
use crate::search;
use crate::site::{Site, unknown_redaction};

/// Changes whenever names are looked for in another way.
const VERSION: u64 = 1;
/// How much of a file is looked through at a time, and how much of it once more with what follows, in bytes: no spelling of a name is longer.
const PIECE: usize = 256 << 10;
const OVERLAP: usize = 16 << 10;

/// What is to be proven.
pub(super) struct Proof {
    names: Names,
    /// The hash of all names; unsettled if there are none.
    pub(super) about: Fingerprint,
    /// Whether all files are to be looked through.
    all: bool,
    written: Vec<Claimant>,
}

/// What came of it.
pub(super) struct Proven {
    /// How many files were looked through.
    pub(super) files: usize,
    /// What the state is to say: unsettled, if a name was found.
    pub(super) about: Fingerprint,
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl Proof {
    /// The proof for some names, where the last build proved what has the hash `before`.
    pub(super) fn new(names: &BTreeSet<String>, before: Fingerprint) -> Self {
        let mut hash = Fingerprinter::new();
        hash.number(VERSION);
        for name in names {
            hash.text(name);
        }
        let about = if names.is_empty() { Fingerprint::UNSETTLED } else { hash.finish() };
        let names = Names::of(names.iter().map(String::as_str));
        Self { names, about, all: !about.settles(before), written: Vec::new() }
    }

    /// Notes that a file of the plan isn't just the one that the last build proved.
    pub(super) fn note(&mut self, file: Claimant) {
        if !self.all && !self.names.is_empty() {
            self.written.push(file);
        }
    }

    /// Looks through the files in the output folder.
    pub(super) fn run(
        &self,
        view: &View<'_>,
        batches: &[Batch],
        leftovers: &Leftovers,
        progress: &dyn Progress,
    ) -> Result<Proven, Error> {
        if self.names.is_empty() {
            return Ok(Proven { files: 0, about: self.about, diagnostics: Vec::new() });
        }
        let (mut files, mut diagnostics, mut index) = (0, Vec::new(), BTreeMap::new());
        let mut look = |outputs: &[&Output]| -> Result<(), Error> {
            progress.expect(outputs.len());
            files += outputs.len();
            let found = outputs.par_iter().filter_map(|output| {
                progress.done();
                self.output(output, view).transpose()
            });
            diagnostics.extend(found.collect::<Result<Vec<Diagnostic>, Error>>()?);
            for output in outputs {
                if let Output::Index(file) = output {
                    let volume = file.from.parent().unwrap_or(&file.from);
                    index.entry(volume.to_owned()).or_insert_with(|| file.to.clone());
                }
            }
            Ok(())
        };
        if self.all {
            for (_, outputs) in batches {
                look(&outputs.iter().collect::<Vec<_>>())?;
            }
        } else {
            let written = self.written.iter().map(|&(batch, at)| &batches[batch as usize].1[at as usize]);
            look(&written.collect::<Vec<_>>())?;
        }
        for path in leftovers.kept_paths().filter(|_| self.all) {
            files += 1;
            let found = self.file(view.site, path)?;
            diagnostics.extend(found.then(|| self.found(view.site, path, "a story that is broken now")));
        }
        for (volume, file) in index.iter().filter(|(volume, _)| search::is_volume(volume)) {
            if self.volume(volume).map_err(Error::io("can't read", volume))? {
                diagnostics.push(self.found(view.site, file, "the texts of stories"));
            }
        }
        let about = if diagnostics.is_empty() { self.about } else { Fingerprint::UNSETTLED };
        Ok(Proven { files, about, diagnostics })
    }

    /// Looks through a file of the plan.
    fn output(&self, output: &Output, view: &View<'_>) -> Result<Option<Diagnostic>, Error> {
        let path = output.path(view);
        let found = self.file(view.site, path.as_str())?;
        Ok(found.then(|| self.found(view.site, path.as_str(), &output.owner(view))))
    }

    /// Whether a file below the output folder holds a name, or its path does. A file that couldn't be made holds none.
    fn file(&self, site: &Site, path: &str) -> Result<bool, Error> {
        if self.names.found(path) {
            return Ok(true);
        }
        thread_local! {
            static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
        }
        let file = site.output.join(path);
        let look = |file| BUFFER.with_borrow_mut(|buffer| holds(file, &self.names, buffer));
        match File::open(&file).and_then(look) {
            Err(missing) if missing.kind() == io::ErrorKind::NotFound => Ok(false),
            found => found.map_err(Error::io("can't read", &file)),
        }
    }

    /// Whether a volume of the search index holds a name, in what is compressed there.
    fn volume(&self, volume: &Path) -> io::Result<bool> {
        let mut found = false;
        search::texts(volume, |texts| {
            found = found || texts.par_iter().any(|text| self.names.found(text));
        })?;
        Ok(found)
    }

    /// The mistake, which names the file and not what was found.
    fn found(&self, site: &Site, path: &str, from: &str) -> Diagnostic {
        let folder = site.output.strip_prefix(&site.root).unwrap_or(&site.output);
        let file = format!("{}/{}", folder.display(), self.names.redact(path)).replace('\\', "/");
        let from = self.names.redact(from);
        let message = "the file, or its path, holds a name that is to be taken out";
        let help = format!(
            "it is made from {from} or from what that shows: take the name out there, or list it there under `redact:`, or under `everywhere:` in redactions.yaml"
        );
        Diagnostic::error("redacted-name", file, message).help(help)
    }
}

/// Whether what is read, piece by piece, holds one of some names.
fn holds(mut from: impl Read, names: &Names, buffer: &mut Vec<u8>) -> io::Result<bool> {
    buffer.resize(PIECE + OVERLAP, 0);
    let mut filled = 0;
    loop {
        let read = from.read(&mut buffer[filled..])?;
        filled += read;
        if read > 0 && filled < buffer.len() {
            continue;
        }
        // A word must not be cut in two, which would make a name of a part of it.
        let blank = |from: usize| buffer[from..filled].iter().position(u8::is_ascii_whitespace);
        let cut = filled.saturating_sub(OVERLAP / 2);
        let end = if read == 0 { filled } else { blank(cut).map_or(filled, |at| cut + at) };
        if names.found(&String::from_utf8_lossy(&buffer[..end])) {
            return Ok(true);
        }
        if read == 0 {
            return Ok(false);
        }
        let again = end.saturating_sub(OVERLAP / 2);
        let again = blank(again).map_or(again, |at| again + at).min(end);
        buffer.copy_within(again..filled, 0);
        filled -= again;
    }
}

/// Ids in `redactions.yaml` that no story has. What is held back can't be known, so that nothing is told then.
pub(super) fn unknown(site: &Site, catalog: &Catalog) -> Vec<Diagnostic> {
    let ids = site.redactions.ids().filter(|(id, _)| {
        let names = Names::of(site.redactions.of_id(id).iter().map(String::as_str));
        let id = names.and(&site.redactions.everywhere).redact(id).into_owned();
        !catalog.stories(catalog.all()).any(|story| story.own_id() == Some(&id))
    });
    ids.map(|(_, place)| unknown_redaction("no story has this id").at(place.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_neither_hide_nor_make_a_name() {
        let names = Names::of(["Ann Berg"]);
        for before in [0, 1, PIECE - 4, PIECE, PIECE + OVERLAP - 5, PIECE + OVERLAP / 2 - 3, 3 * PIECE] {
            for filler in ["x ", "xxxxxxx", "é"] {
                let filler: String = filler.chars().cycle().take(before).collect();
                let held = |text: String| holds(text.as_bytes(), &names, &mut Vec::new()).expect("readable");
                assert!(held(format!("{filler} Ann Berg and more")), "{before}");
                assert!(!held(format!("{filler} Ann Bergman")), "{before}");
                assert!(!held(format!("{filler} Joann Berg {filler}")), "{before}");
            }
        }
    }
}

//! Prove: that no file which a build owns holds a name that is to be taken out. What was written is
//! read again; where other names are to be looked for than in the last build, all files are.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use rayon::prelude::*;

use super::commit::UnplannedFiles;
use super::plan::{Batch, PlannedOutput};
use crate::archive::Catalog;
use crate::config::{Site, unknown_redaction};
use crate::diagnostics::{Diagnostic, Error};
use crate::model::{Fingerprint, Fingerprinter, RedactionMatcher};
use crate::pages::SiteView;
use crate::pipeline::Progress;
use crate::pipeline::output_paths::OutputPosition;
use crate::search;

/// Changes whenever names are looked for in another way.
const VERSION: u64 = 1;
/// How much of a file is looked through at a time, and how much of it once more with what follows,
/// in bytes: no spelling of a name is longer.
const CHUNK_SIZE: usize = 256 << 10;
const OVERLAP: usize = 16 << 10;

/// What is to be proven.
pub(crate) struct RedactionAudit {
    matcher: RedactionMatcher,
    /// The hash of all names; unsettled if there are none.
    pub(crate) names_hash: Fingerprint,
    /// Whether all files are to be looked through.
    is_full: bool,
    changed_outputs: Vec<OutputPosition>,
}

/// What came of it.
pub(crate) struct AuditResult {
    /// How many files were looked through.
    pub(crate) files_checked: usize,
    /// What the state is to say: unsettled, if a name was found.
    pub(crate) names_hash: Fingerprint,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl RedactionAudit {
    /// The proof for some names, where the last build proved what has the hash `before`.
    pub(crate) fn new(redacted_names: &BTreeSet<String>, previous_names_hash: Fingerprint) -> Self {
        let mut hash = Fingerprinter::new();
        hash.number(VERSION);
        for name in redacted_names {
            hash.text(name);
        }
        let names_hash = if redacted_names.is_empty() { Fingerprint::DIRTY } else { hash.finish() };
        let matcher = RedactionMatcher::from_names(redacted_names.iter().map(String::as_str));
        Self {
            matcher,
            names_hash,
            is_full: !names_hash.matches(previous_names_hash),
            changed_outputs: Vec::new(),
        }
    }

    /// Notes that a file of the plan isn't just the one that the last build proved.
    pub(crate) fn add_changed(&mut self, output: OutputPosition) {
        if !self.is_full && !self.matcher.is_empty() {
            self.changed_outputs.push(output);
        }
    }

    /// Looks through the files in the output folder.
    pub(crate) fn run(
        &self,
        view: &SiteView<'_>,
        batches: &[Batch],
        unplanned_files: &UnplannedFiles,
        progress: &dyn Progress,
    ) -> Result<AuditResult, Error> {
        if self.matcher.is_empty() {
            return Ok(AuditResult {
                files_checked: 0,
                names_hash: self.names_hash,
                diagnostics: Vec::new(),
            });
        }
        let (mut files_checked, mut diagnostics, mut segments) = (0, Vec::new(), BTreeMap::new());
        let mut audit_outputs = |outputs: &[&PlannedOutput]| -> Result<(), Error> {
            progress.add_work(outputs.len());
            files_checked += outputs.len();
            let found = outputs.par_iter().filter_map(|output| {
                progress.advance();
                self.audit_output(output, view).transpose()
            });
            diagnostics.extend(found.collect::<Result<Vec<Diagnostic>, Error>>()?);
            for output in outputs {
                if let PlannedOutput::SearchIndex(file) = output {
                    let segment = file.source.parent().unwrap_or(&file.source);
                    segments.entry(segment.to_owned()).or_insert_with(|| file.output_path.clone());
                }
            }
            Ok(())
        };
        if self.is_full {
            for (_, outputs) in batches {
                audit_outputs(&outputs.iter().collect::<Vec<_>>())?;
            }
        } else {
            let changed_outputs = self
                .changed_outputs
                .iter()
                .map(|&(batch, index)| &batches[batch as usize].1[index as usize]);
            audit_outputs(&changed_outputs.collect::<Vec<_>>())?;
        }
        for path in unplanned_files.retained_paths().filter(|_| self.is_full) {
            files_checked += 1;
            let has_name = self.file_has_name(view.site, path)?;
            diagnostics.extend(has_name.then(|| {
                self.redacted_name_diagnostic(view.site, path, "a story that is broken now")
            }));
        }
        for (segment, file) in segments.iter().filter(|(segment, _)| search::is_segment(segment)) {
            if self.segment_has_name(segment).map_err(Error::io("can't read", segment))? {
                diagnostics.push(self.redacted_name_diagnostic(
                    view.site,
                    file,
                    "the texts of stories",
                ));
            }
        }
        let names_hash = if diagnostics.is_empty() { self.names_hash } else { Fingerprint::DIRTY };
        Ok(AuditResult { files_checked, names_hash, diagnostics })
    }

    /// Looks through a file of the plan.
    fn audit_output(
        &self,
        output: &PlannedOutput,
        view: &SiteView<'_>,
    ) -> Result<Option<Diagnostic>, Error> {
        let path = output.path(view);
        let has_name = self.file_has_name(view.site, path.as_str())?;
        Ok(has_name
            .then(|| self.redacted_name_diagnostic(view.site, path.as_str(), &output.owner(view))))
    }

    /// Whether a file below the output folder holds a name, or its path does. A file that couldn't
    /// be made holds none.
    fn file_has_name(&self, site: &Site, path: &str) -> Result<bool, Error> {
        if self.matcher.is_match(path) {
            return Ok(true);
        }
        thread_local! {
            static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
        }
        let file = site.output_dir.join(path);
        let scan =
            |file| BUFFER.with_borrow_mut(|buffer| contains_name(file, &self.matcher, buffer));
        match File::open(&file).and_then(scan) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            result => result.map_err(Error::io("can't read", &file)),
        }
    }

    /// Whether a volume of the search index holds a name, in what is compressed there.
    fn segment_has_name(&self, segment: &Path) -> io::Result<bool> {
        let mut has_name = false;
        search::read_texts(segment, |texts| {
            has_name = has_name || texts.par_iter().any(|text| self.matcher.is_match(text));
        })?;
        Ok(has_name)
    }

    /// The mistake, which names the file and not what was found.
    fn redacted_name_diagnostic(&self, site: &Site, path: &str, source: &str) -> Diagnostic {
        let folder = site.output_dir.strip_prefix(&site.root).unwrap_or(&site.output_dir);
        let file = format!("{}/{}", folder.display(), self.matcher.redact(path)).replace('\\', "/");
        let source = self.matcher.redact(source);
        let message = "the file, or its path, holds a name that is to be taken out";
        let help = format!(
            "it is made from {source} or from what that shows: take the name out there, or list it there under `redact:`, or under `everywhere:` in redactions.yaml"
        );
        Diagnostic::error("redacted-name", file, message).help(help)
    }
}

/// Whether what is read, piece by piece, holds one of some names.
fn contains_name(
    mut reader: impl Read,
    matcher: &RedactionMatcher,
    buffer: &mut Vec<u8>,
) -> io::Result<bool> {
    buffer.resize(CHUNK_SIZE + OVERLAP, 0);
    let mut filled = 0;
    loop {
        let read = reader.read(&mut buffer[filled..])?;
        filled += read;
        if read > 0 && filled < buffer.len() {
            continue;
        }
        // A word must not be cut in two, which would make a name of a part of it.
        let next_space =
            |start: usize| buffer[start..filled].iter().position(u8::is_ascii_whitespace);
        let cut = filled.saturating_sub(OVERLAP / 2);
        let end =
            if read == 0 { filled } else { next_space(cut).map_or(filled, |offset| cut + offset) };
        if matcher.is_match(&String::from_utf8_lossy(&buffer[..end])) {
            return Ok(true);
        }
        if read == 0 {
            return Ok(false);
        }
        let carry_start = end.saturating_sub(OVERLAP / 2);
        let carry_start =
            next_space(carry_start).map_or(carry_start, |offset| carry_start + offset).min(end);
        buffer.copy_within(carry_start..filled, 0);
        filled -= carry_start;
    }
}

/// Ids in `redactions.yaml` that no story has. What is held back can't be known, so that nothing is
/// told then.
pub(crate) fn check_unknown_ids(site: &Site, catalog: &Catalog) -> Vec<Diagnostic> {
    let ids = site.redactions.ids().filter(|(id, _)| {
        let matcher = RedactionMatcher::from_names(
            site.redactions.names_for_id(id).iter().map(String::as_str),
        );
        let id = matcher.union(&site.redactions.everywhere).redact(id).into_owned();
        !catalog.articles(catalog.ids()).any(|article| article.own_id() == Some(&id))
    });
    ids.map(|(_, location)| unknown_redaction("no story has this id").location(location.clone()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_neither_hide_nor_make_a_name() {
        let matcher = RedactionMatcher::from_names(["Ann Berg"]);
        for prefix_length in [
            0,
            1,
            CHUNK_SIZE - 4,
            CHUNK_SIZE,
            CHUNK_SIZE + OVERLAP - 5,
            CHUNK_SIZE + OVERLAP / 2 - 3,
            3 * CHUNK_SIZE,
        ] {
            for filler in ["x ", "xxxxxxx", "é"] {
                let filler: String = filler.chars().cycle().take(prefix_length).collect();
                let has_name = |text: String| {
                    contains_name(text.as_bytes(), &matcher, &mut Vec::new()).expect("readable")
                };
                assert!(has_name(format!("{filler} Ann Berg and more")), "{prefix_length}");
                assert!(!has_name(format!("{filler} Ann Bergman")), "{prefix_length}");
                assert!(!has_name(format!("{filler} Joann Berg {filler}")), "{prefix_length}");
            }
        }
    }
}

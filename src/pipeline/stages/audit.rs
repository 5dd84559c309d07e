//! The redaction audit: searches the written files for names that are to be redacted. Written files
//! are read again; if the names differ from the last build's, all files are searched.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::archive::Catalog;
use crate::config::{Site, unknown_redaction};
use crate::diagnostics::{Diagnostic, Error};
use crate::model::{Fingerprint, Fingerprinter, RedactionMatcher};
use crate::pages::SiteView;
use crate::pipeline::compressed_text::{compressed_texts, may_have_compressed_texts};
use crate::pipeline::output_paths::OutputPosition;
use crate::pipeline::planned_output::{Batch, PlannedOutput};
use crate::pipeline::progress::Progress;
use crate::pipeline::unplanned_files::UnplannedFiles;
use crate::regular_file;
use crate::search;

/// Changes whenever the way to search for names changes.
const VERSION: u64 = 2;
/// The number of bytes that are searched at a time, and of those that are searched again together
/// with the next ones: no spelling of a name is longer.
const CHUNK_SIZE: usize = 256 << 10;
const OVERLAP: usize = 16 << 10;

/// The names to search for, and the files to search.
pub(crate) struct RedactionAudit {
    matcher: RedactionMatcher,
    /// The hash of all names, [`Fingerprint::DIRTY`] if there are none.
    names_hash: Fingerprint,
    /// True if all files are searched.
    is_full: bool,
    changed_outputs: Vec<OutputPosition>,
}

/// The result of an audit.
pub(crate) struct AuditResult {
    /// The number of searched files.
    pub(crate) files_checked: usize,
    /// The hash of all names, [`Fingerprint::DIRTY`] if one was found.
    pub(crate) names_hash: Fingerprint,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl RedactionAudit {
    /// An audit for some names, after a build that searched for the names with this hash.
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

    /// Adds a file that isn't the one that the last build searched.
    pub(crate) fn add_changed(&mut self, output: OutputPosition) {
        if !self.is_full && !self.matcher.is_empty() {
            self.changed_outputs.push(output);
        }
    }

    /// Returns true if names are to be redacted that the last build didn't search for.
    pub(crate) fn has_new_names(&self) -> bool {
        self.is_full && !self.matcher.is_empty()
    }

    /// Releases retained files that contain a name, so that they are removed: nobody updates them.
    ///
    /// # Errors
    /// [`Error::Io`] if a file can't be read.
    pub(crate) fn release_named_files(
        &self,
        site: &Site,
        unplanned_files: &mut UnplannedFiles,
    ) -> Result<(), Error> {
        if !self.has_new_names() {
            return Ok(());
        }
        let mut named = HashSet::new();
        for path in unplanned_files.retained_paths() {
            if self.file_has_name(site, path)? {
                named.insert(path.to_owned());
            }
        }
        unplanned_files.release_retained(|file| named.contains(&file.path));
        Ok(())
    }

    /// Searches the files in the output folder. `retained_paths` are those of files that stay
    /// although they weren't planned.
    ///
    /// # Errors
    /// [`Error::Io`] if a file can't be read.
    pub(crate) fn run<'p>(
        &self,
        view: &SiteView<'_>,
        batches: &[Batch],
        retained_paths: impl Iterator<Item = &'p str>,
        progress: &dyn Progress,
    ) -> Result<AuditResult, Error> {
        let mut result =
            AuditResult { files_checked: 0, names_hash: self.names_hash, diagnostics: Vec::new() };
        if self.matcher.is_empty() {
            return Ok(result);
        }
        let mut segments = BTreeMap::new();
        let mut audit_outputs = |outputs: &[&PlannedOutput]| {
            collect_segments(outputs, &mut segments);
            progress.add_work(outputs.len());
            result.files_checked += outputs.len();
            let found = outputs.par_iter().filter_map(|output| {
                progress.advance();
                self.audit_output(output, view).transpose()
            });
            result.diagnostics.extend(found.collect::<Result<Vec<Diagnostic>, Error>>()?);
            Ok::<(), Error>(())
        };
        if self.is_full {
            for (_, outputs) in batches {
                audit_outputs(&outputs.iter().collect::<Vec<_>>())?;
            }
        } else {
            let changed_outputs = self.changed_outputs.iter();
            let output_at =
                |&(batch, index): &OutputPosition| &batches[batch as usize].1[index as usize];
            audit_outputs(&changed_outputs.map(output_at).collect::<Vec<_>>())?;
        }
        for path in retained_paths.filter(|_| self.is_full) {
            result.files_checked += 1;
            if self.file_has_name(view.site, path)? {
                let source = "an article that has an error now";
                result.diagnostics.push(self.redacted_name_diagnostic(view.site, path, source));
            }
        }
        result.diagnostics.extend(self.audit_segments(&segments, view.site)?);
        if !result.diagnostics.is_empty() {
            result.names_hash = Fingerprint::DIRTY;
        }
        Ok(result)
    }

    /// Searches the compressed texts in segments of the search index, each given with the path of
    /// one of its files.
    fn audit_segments(
        &self,
        segments: &BTreeMap<PathBuf, String>,
        site: &Site,
    ) -> Result<Vec<Diagnostic>, Error> {
        let mut diagnostics = Vec::new();
        for (segment, file) in segments.iter().filter(|(segment, _)| search::is_segment(segment)) {
            if self.segment_has_name(segment).map_err(Error::io("can't read", segment))? {
                let source = "the texts of articles";
                diagnostics.push(self.redacted_name_diagnostic(site, file, source));
            }
        }
        Ok(diagnostics)
    }

    /// Searches a planned file.
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

    /// Returns true if a file below the output folder, or its path, contains a name. A file that
    /// couldn't be rendered doesn't exist, and contains none.
    ///
    /// # Errors
    /// [`Error::Io`] if the file can't be read.
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
        match regular_file::open(&file).and_then(scan) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Ok(false) => self.compressed_text_has_name(&file),
            result => result.map_err(Error::io("can't read", &file)),
        }
    }

    /// Returns true if a text that is compressed in a file contains a name.
    fn compressed_text_has_name(&self, file: &Path) -> Result<bool, Error> {
        let read = || -> io::Result<bool> {
            let mut opened = regular_file::open(file)?;
            let mut bytes = Vec::new();
            opened.by_ref().take(8).read_to_end(&mut bytes)?;
            if !may_have_compressed_texts(&bytes) {
                return Ok(false);
            }
            opened.read_to_end(&mut bytes)?;
            Ok(compressed_texts(&bytes).iter().any(|text| bytes_have_name(text, &self.matcher)))
        };
        read().map_err(Error::io("can't read", file))
    }

    /// Returns the path of an output file below the site's root, without names.
    fn display_path(&self, site: &Site, path: &str) -> String {
        let folder = site.output_dir.strip_prefix(&site.root).unwrap_or(&site.output_dir);
        format!("{}/{}", folder.display(), self.matcher.redact(path)).replace('\\', "/")
    }

    /// Returns true if the compressed texts of a segment of the search index contain a name.
    fn segment_has_name(&self, segment: &Path) -> io::Result<bool> {
        let mut has_name = false;
        search::read_texts(segment, |texts| {
            has_name = has_name || texts.par_iter().any(|text| self.matcher.is_match(text));
        })?;
        Ok(has_name)
    }

    /// Reports a name in a file, without the name.
    fn redacted_name_diagnostic(&self, site: &Site, path: &str, source: &str) -> Diagnostic {
        let file = self.display_path(site, path);
        let source = self.matcher.redact(source);
        let message = "the file or its path contains a name that is to be redacted";
        let help = format!(
            "it is made from {source} or from articles shown there: remove the name from the \
             source, or add it to `redact:` there or to `everywhere:` in redactions.yaml"
        );
        Diagnostic::error("redacted-name", file, message).help(help)
    }
}

/// Adds the folders of the segments that files of the search index belong to, each with the path of
/// one of these files.
fn collect_segments(outputs: &[&PlannedOutput], segments: &mut BTreeMap<PathBuf, String>) {
    for output in outputs {
        if let PlannedOutput::SearchIndex(file) = output {
            let segment = file.source.parent().unwrap_or(&file.source);
            segments.entry(segment.to_owned()).or_insert_with(|| file.output_path.clone());
        }
    }
}

/// Returns true if bytes contain a name, as UTF-8 or, if they aren't UTF-8, as Latin-1. UTF-16 is
/// either with NULs, which the matcher ignores.
fn bytes_have_name(bytes: &[u8], matcher: &RedactionMatcher) -> bool {
    match String::from_utf8_lossy(bytes) {
        Cow::Borrowed(text) => matcher.is_match(text),
        Cow::Owned(text) => {
            let latin1 = || bytes.iter().map(|&byte| char::from(byte)).collect::<String>();
            matcher.is_match(&text) || matcher.is_match(&latin1())
        }
    }
}

/// Returns true if a stream contains a name. It is read in chunks.
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
        // A chunk ends between words: the first half of a word could be a name.
        let next_space =
            |start: usize| buffer[start..filled].iter().position(u8::is_ascii_whitespace);
        let cut = filled.saturating_sub(OVERLAP / 2);
        let end =
            if read == 0 { filled } else { next_space(cut).map_or(filled, |offset| cut + offset) };
        if bytes_have_name(&buffer[..end], matcher) {
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

/// Reports ids in `redactions.yaml` that no article has. Must not be called if there are articles
/// that aren't published: their ids aren't known.
pub(crate) fn check_unknown_ids(site: &Site, catalog: &Catalog) -> Vec<Diagnostic> {
    let ids = site.redactions.ids().filter(|(id, _)| {
        let matcher = RedactionMatcher::from_names(
            site.redactions.names_for_id(id).iter().map(String::as_str),
        );
        let id = matcher.union(&site.redactions.everywhere).redact(id).into_owned();
        !catalog.articles(catalog.ids_with_pages()).any(|article| article.own_id() == Some(&id))
    });
    ids.map(|(_, location)| unknown_redaction("no article has this id").location(location.clone()))
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

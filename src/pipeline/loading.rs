//! Reads the content of a site: discover → parse → index.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::Path;

use super::article_lists::ArticleLists;
use super::cache::file_stamps::ScanTime;
use super::cache::previous_build::PreviousBuild;
use super::cache::store::{Cache, CacheWriter};
use super::options::WriteMode;
use super::progress::Progress;
use super::stages::discover::{self, Discovery};
use super::stages::index::{IndexedContent, Indexer};
use super::stages::parse::RecordLoader;
use crate::archive::record::RECORD_VERSION;
use crate::archive::{Catalog, TermVariants};
use crate::config::{REDACTIONS_FILE, Site};
use crate::diagnostics::{Diagnostic, Error, Severity};
use crate::model::{Fingerprint, Fingerprinter, RedactionMatcher};
use crate::pages::site_context;
use crate::templates::Templates;

/// Finds the files of `content/`.
pub(crate) fn content_files(site: &Site) -> Discovery {
    discover::discover(site)
}

/// Calls a function with the data that the last build left, and the files of `content/`. If it
/// turns out that the cache is damaged although its checksum is right, calls it again without it.
///
/// # Errors
/// [`Error::Io`] if there is a journal that can't be read; the errors of `run`.
pub(crate) fn with_previous_build<T>(
    site: &Site,
    run: impl Fn(PreviousBuild, Discovery) -> Result<T, Error>,
) -> Result<T, Error> {
    let (previous_build, files) = rayon::join(|| PreviousBuild::open(site), || content_files(site));
    let previous_build = previous_build?;
    let cache_file = previous_build.cache_file.clone();
    match run(previous_build, files) {
        Err(error) if is_damage(&error, &cache_file) => {
            run(PreviousBuild::open(site)?.without_cache(), content_files(site))
        }
        result => result,
    }
}

/// Returns true if an error means that the contents of the cache file are invalid.
fn is_damage(error: &Error, cache_file: &Path) -> bool {
    matches!(
        error,
        Error::Io { path, source, .. } if path == cache_file
            && matches!(source.kind(), ErrorKind::InvalidData | ErrorKind::UnexpectedEof)
    )
}

/// Reads the lists of articles for editors without building the site. Returns them and all
/// diagnostics.
///
/// # Errors
/// Those of [`load_catalog`].
pub(crate) fn load_article_lists(
    site: &Site,
    progress: &dyn Progress,
) -> Result<(ArticleLists, Vec<Diagnostic>), Error> {
    let (indexed, diagnostics) = load_content(site, progress)?;
    Ok((indexed.article_lists, diagnostics))
}

/// Reads the articles of a site without building it. Returns the catalog and all diagnostics.
///
/// # Errors
/// [`Error::Io`] if the build cache can't be read; [`Error::Usage`] if `redactions.yaml` has
/// mistakes, so that the names to redact aren't known.
pub(crate) fn load_catalog(
    site: &Site,
    progress: &dyn Progress,
) -> Result<(Catalog, Vec<Diagnostic>), Error> {
    let (indexed, diagnostics) = load_content(site, progress)?;
    Ok((indexed.catalog, diagnostics))
}

/// Loads the articles of a site as [`load_catalog`] does, with the matcher of the names that are
/// redacted in any of them.
///
/// # Errors
/// Those of [`load_catalog`].
pub(crate) fn load_audited_catalog(
    site: &Site,
    progress: &dyn Progress,
) -> Result<(Catalog, RedactionMatcher, Vec<Diagnostic>), Error> {
    let (content, diagnostics) = load_content(site, progress)?;
    let names = content.redacted_names.iter().map(String::as_str);
    Ok((content.catalog, RedactionMatcher::from_names(names), diagnostics))
}

/// The content of a site without its diagnostics.
struct LoadedContent {
    catalog: Catalog,
    redacted_names: BTreeSet<String>,
    article_lists: ArticleLists,
}

fn load_content(
    site: &Site,
    progress: &dyn Progress,
) -> Result<(LoadedContent, Vec<Diagnostic>), Error> {
    let diagnostics = site.mistakes.clone();
    if diagnostics
        .iter()
        .any(|diagnostic| diagnostic.file == REDACTIONS_FILE && blocks_build(diagnostic))
    {
        let message = "redactions.yaml has errors, so it isn't known which names to redact: run \
                       `dateline check`, and correct them";
        return Err(Error::Usage(message.to_owned()));
    }
    let scan_time = ScanTime::now();
    with_previous_build(site, |previous_build, files| {
        let loader = ContentLoader { site, scan_time, previous_build: &previous_build, progress };
        let indexed = loader.load(files, WriteMode::DryRun)?;
        let mut diagnostics = diagnostics.clone();
        diagnostics.extend(indexed.diagnostics);
        diagnostics.sort();
        let IndexedContent { catalog, redacted_names, article_lists, .. } = indexed;
        Ok((LoadedContent { catalog, redacted_names, article_lists }, diagnostics))
    })
}

/// Parses and indexes files, with the records in the cache of the last build.
pub(crate) struct ContentLoader<'a, 'p> {
    pub(crate) site: &'a Site,
    pub(crate) scan_time: ScanTime,
    pub(crate) previous_build: &'a PreviousBuild,
    pub(crate) progress: &'p dyn Progress,
}

impl<'a> ContentLoader<'a, '_> {
    /// Loads the content of a site. While a chunk of files is parsed, the previous one is indexed.
    ///
    /// # Errors
    /// [`Error::Io`] if the build cache can't be read or written.
    pub(crate) fn load(
        &self,
        files: Discovery,
        mode: WriteMode,
    ) -> Result<IndexedContent<'a>, Error> {
        self.progress.add_work(files.paths.len());
        let settings_hash = hash_settings(self.site);
        let cache_file = &self.previous_build.cache_file;
        let cache = self.previous_build.cache.as_ref();
        let compatible_cache = cache.filter(|cache| cache.settings_hash == settings_hash);
        let writer = match mode {
            WriteMode::DryRun => CacheWriter::disabled(cache_file, settings_hash),
            WriteMode::Write => CacheWriter::new(cache_file, compatible_cache, settings_hash),
        };
        let mut indexer = Indexer::new(self.site, files.paths.len(), writer);
        let records = compatible_cache.map(Cache::records).transpose()?;
        let mut loader =
            RecordLoader::new(self.site, self.scan_time, &files.paths, records, self.progress);
        let mut pending = None;
        loop {
            let (next_chunk, added) = rayon::join(
                || loader.next_chunk(),
                || pending.take().map_or(Ok(()), |chunk| indexer.add_chunk(chunk)),
            );
            added?;
            match next_chunk? {
                Some(chunk) => pending = Some(chunk),
                None => break,
            }
        }
        let mut indexed = indexer.finish();
        // They are needed only to update a catalog.
        indexed.term_variants = TermVariants::default();
        if loader.has_removed_files || compatible_cache.is_none() {
            indexed.changes.mark_file_removed();
        }
        indexed.diagnostics.extend(self.previous_build.damage_diagnostic());
        indexed.diagnostics.extend(files.diagnostics);
        indexed.unreadable = files.unreadable;
        Ok(indexed)
    }
}

/// Returns true if a mistake in `site.yaml` or `redactions.yaml` can move or expose pages. An
/// unknown key and a redirect with a mistake can't.
pub(crate) fn blocks_build(diagnostic: &Diagnostic) -> bool {
    const HARMLESS: [&str; 5] = [
        "unknown-setting",
        "alias-hides-page",
        "redirect-chain",
        "redirect-loop",
        "redirect-twice",
    ];
    diagnostic.severity == Severity::Error && !HARMLESS.contains(&diagnostic.code)
}

/// Loads the templates of a site, with the values that they know as `site`.
pub(crate) fn load_templates(
    site: &Site,
    catalog: &Catalog,
    diagnostics: &mut Vec<Diagnostic>,
) -> Templates {
    Templates::load(site, |languages| site_context(site, catalog, languages), diagnostics)
}

/// Returns the hash of everything that records depend on besides their files.
pub(crate) fn hash_settings(site: &Site) -> Fingerprint {
    let options = &site.options;
    let mut hash = Fingerprinter::new();
    hash.number(RECORD_VERSION).add(site.redactions.fingerprint);
    for flag in [
        site.has_permalink_registry,
        options.include_drafts,
        options.include_future,
        options.include_expired,
    ] {
        hash.number(flag.into());
    }
    for (name, value) in site.setting_texts.all() {
        hash.text(name).text(value);
    }
    hash.finish()
}

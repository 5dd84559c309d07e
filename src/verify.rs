//! `dateline verify`: compares the output folder with the checksums of the last build or with a
//! SHA-256 manifest, and writes such manifests for other programs.
//!
//! The folder is walked once, sorted by the bytes of paths. Links are not followed, so nothing
//! outside it is read. Files are processed in batches; only the hashes of tracked files are held in
//! memory for the whole run.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use sha2::{Digest, Sha256};
use walkdir::{DirEntry, WalkDir};

use crate::atomic_file::AtomicFile;
use crate::config::Site;
use crate::diagnostics::{Diagnostic, Error, Location};
use crate::model::Fingerprint;
use crate::model::permalink::is_safe_relative_path;
use crate::pipeline::cache::manifest::Manifest;
use crate::pipeline::cache::store::{self, Cache};
use crate::pipeline::{Lock, Progress, WriteMode, hash_contents};

/// The number of files in a batch.
const BATCH_SIZE: usize = 4096;
/// The maximum number of paths that are listed for each status; all are counted.
const MAX_LISTED_PATHS: usize = 100_000;
/// The longest line of a manifest, in bytes.
const MAX_LINE_BYTES: usize = 16 * 1024;
/// The maximum number of invalid lines that are reported one by one.
const MAX_REPORTED_LINES: usize = 20;

/// The checksums that the output folder is compared with.
#[derive(Clone, Debug)]
pub(crate) enum Baseline {
    /// The build cache of the last build.
    BuildManifest,
    /// The build cache; if no file is missing or altered, a SHA-256 manifest is written to this
    /// path.
    BuildManifestAndExport(PathBuf),
    /// A SHA-256 manifest.
    ChecksumFile(PathBuf),
}

/// The paths of one status, relative to the output folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PathList {
    /// The number of paths.
    pub count: usize,
    /// The first of them, sorted.
    pub listed: Vec<String>,
}

impl PathList {
    fn add(&mut self, path: String) {
        self.count += 1;
        if self.listed.len() < MAX_LISTED_PATHS {
            self.listed.push(path);
        }
    }
}

/// The differences between the output folder and the baseline.
#[derive(Debug, Default)]
pub(crate) struct VerifyReport {
    /// The number of tracked files.
    pub expected: usize,
    /// Tracked files that don't exist.
    pub missing: PathList,
    /// Tracked files with other contents, or that can't be read or aren't regular files.
    pub altered: PathList,
    /// Files that the baseline doesn't have.
    pub untracked: PathList,
    /// True if the last build was interrupted: its files may be missing, altered or untracked.
    pub interrupted: bool,
    /// True if a manifest was written.
    pub written: bool,
    /// Invalid lines of the manifest.
    pub diagnostics: Vec<Diagnostic>,
}

impl VerifyReport {
    /// Returns true if no tracked file is missing or altered.
    pub(crate) fn is_intact(&self) -> bool {
        self.missing.count == 0 && self.altered.count == 0 && self.diagnostics.is_empty()
    }
}

/// A SHA-256 checksum.
type Checksum = [u8; 32];

/// The expected contents of files, by the hash of their path.
enum Expected {
    Manifest(Manifest),
    Checksums(HashMap<Fingerprint, Checksum>),
}

/// When to calculate the SHA-256 checksum of a file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Checksums {
    /// If the baseline has one.
    IfExpected,
    /// For every file, to write a manifest.
    Always,
}

/// The result of comparing a file.
enum FileStatus {
    Intact(Option<Checksum>),
    Altered,
    Untracked,
}

/// Compares the output folder with a baseline.
///
/// # Errors
/// [`Error::Io`] if the output folder, the build cache or the manifest can't be read, or if the
/// manifest can't be written; [`Error::Usage`] if there is no build of the folder.
pub(crate) fn verify(
    site: &Site,
    baseline: &Baseline,
    progress: &dyn Progress,
) -> Result<VerifyReport, Error> {
    let _lock = Lock::acquire(&site.cache_dir, WriteMode::DryRun, || progress.waiting_for_lock())?;
    let mut report = VerifyReport::default();
    let (expected, cache) = match baseline {
        Baseline::ChecksumFile(file) => {
            (Expected::Checksums(read_checksums(file, &mut report.diagnostics)?), None)
        }
        _ => {
            let file = store::cache_file(&site.cache_dir, &site.root, &site.output_dir);
            report.interrupted = file.with_extension("journal").exists();
            let cache = open_cache(&file, site)?;
            (Expected::Manifest(cache.load_manifest()?.0), Some(cache))
        }
    };
    let mut export_file = match baseline {
        Baseline::BuildManifestAndExport(file) => {
            Some(ensure_outside(file, &site.output_dir).and_then(|()| AtomicFile::create(file))?)
        }
        _ => None,
    };
    progress.add_work(expected.len());
    report.expected = expected.len();
    let seen = compare_files(&site.output_dir, &expected, &mut export_file, progress, &mut report)?;
    collect_missing(baseline, cache.as_ref(), &seen, &mut report)?;
    if let Some(export_file) = export_file.filter(|_| report.is_intact()) {
        export_file.commit()?;
        report.written = true;
    }
    Ok(report)
}

/// Compares every file in the output folder, and adds the lines of intact files to the manifest.
/// Returns the path hashes of the tracked files that exist.
fn compare_files(
    output_dir: &Path,
    expected: &Expected,
    export_file: &mut Option<AtomicFile<'_>>,
    progress: &dyn Progress,
    report: &mut VerifyReport,
) -> Result<HashSet<Fingerprint>, Error> {
    let checksums = if export_file.is_some() { Checksums::Always } else { Checksums::IfExpected };
    let mut seen = HashSet::with_capacity(expected.len());
    let mut entries = walk_files(output_dir).peekable();
    while entries.peek().is_some() {
        let batch: Vec<(String, Option<DirEntry>)> = entries
            .by_ref()
            .take(BATCH_SIZE)
            .map(|entry| relative_path(output_dir, entry))
            .collect::<Result<_, Error>>()?;
        let statuses = batch
            .par_iter()
            .map(|(path, entry)| expected.check_file(path, entry.as_ref(), checksums, progress));
        let statuses: Vec<(Fingerprint, FileStatus)> = statuses.collect();
        for ((path, _), (key, status)) in batch.into_iter().zip(statuses) {
            match status {
                FileStatus::Untracked => report.untracked.add(path),
                FileStatus::Altered => {
                    seen.insert(key);
                    report.altered.add(path);
                }
                FileStatus::Intact(checksum) => {
                    seen.insert(key);
                    if let (Some(export_file), Some(checksum)) = (&mut *export_file, checksum) {
                        export_file.write_all(format_line(&path, &checksum).as_bytes())?;
                    }
                }
            }
        }
    }
    Ok(seen)
}

/// Returns an error if a manifest would be in the output folder, where it would be untracked.
fn ensure_outside(file: &Path, output: &Path) -> Result<(), Error> {
    let folder =
        file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = folder.canonicalize().map_err(Error::io("can't write", file))?;
    if folder.starts_with(output) {
        let output = output.display();
        return Err(Error::Usage(format!(
            "the manifest can't be in the output folder {output}: write it somewhere else"
        )));
    }
    Ok(())
}

/// Opens the build cache of the last build to the output folder.
fn open_cache(file: &Path, site: &Site) -> Result<Cache, Error> {
    let (cache, reason) = Cache::open(file);
    cache.ok_or_else(|| {
        let reason = reason.unwrap_or_else(|| "there is no build of it".to_owned());
        let output = site.output_dir.display();
        Error::Usage(format!(
            "{output} can't be verified: {reason}; build the site first, name the folders of that \
             build with --output and --state, or use a manifest with --manifest"
        ))
    })
}

/// Adds the tracked files that don't exist to the report.
fn collect_missing(
    baseline: &Baseline,
    cache: Option<&Cache>,
    seen: &HashSet<Fingerprint>,
    report: &mut VerifyReport,
) -> Result<(), Error> {
    let mut add_if_missing = |path: &str| {
        if !seen.contains(&Fingerprint::hash_bytes(path.as_bytes())) {
            report.missing.add(path.to_owned());
        }
    };
    match (baseline, cache) {
        (Baseline::ChecksumFile(file), _) => {
            for_each_line(file, |_, text| {
                if let Ok((path, _)) = parse_line(text) {
                    add_if_missing(&path);
                }
            })?;
        }
        (_, Some(cache)) => {
            cache.read_manifest(|path, _, _| add_if_missing(path))?;
        }
        (_, None) => {}
    }
    Ok(())
}

impl Expected {
    fn len(&self) -> usize {
        match self {
            Self::Manifest(manifest) => manifest.len(),
            Self::Checksums(checksums) => checksums.len(),
        }
    }

    /// Compares a file with its expected contents. Returns the hash of its path and its status.
    fn check_file(
        &self,
        path: &str,
        entry: Option<&DirEntry>,
        checksums: Checksums,
        progress: &dyn Progress,
    ) -> (Fingerprint, FileStatus) {
        let key = Fingerprint::hash_bytes(path.as_bytes());
        let expected = match self {
            Self::Manifest(manifest) => {
                manifest.get(key).map(|entry| (Some(entry.content_hash), None))
            }
            Self::Checksums(checksums) => {
                checksums.get(&key).map(|checksum| (None, Some(*checksum)))
            }
        };
        // Only regular files are opened: links and pipes are altered files.
        let (Some((content_hash, checksum)), Some(entry)) = (expected, entry) else {
            return (key, FileStatus::Untracked);
        };
        progress.advance();
        let status = if entry.file_type().is_file() {
            hash_file(entry.path(), content_hash, checksum, checksums)
                .unwrap_or(FileStatus::Altered)
        } else {
            FileStatus::Altered
        };
        (key, status)
    }
}

/// Reads a file once, and compares every hash that is expected.
fn hash_file(
    path: &Path,
    content_hash: Option<Fingerprint>,
    checksum: Option<Checksum>,
    checksums: Checksums,
) -> io::Result<FileStatus> {
    let mut sha = (checksums == Checksums::Always || checksum.is_some()).then(Sha256::new);
    let (_, hash) = hash_contents(path, |piece| {
        if let Some(sha) = &mut sha {
            sha.update(piece);
        }
    })?;
    let actual: Option<Checksum> = sha.map(|sha| sha.finalize().into());
    let matches = content_hash.is_none_or(|content_hash| content_hash == hash)
        && checksum.is_none_or(|checksum| Some(checksum) == actual);
    Ok(if matches { FileStatus::Intact(actual) } else { FileStatus::Altered })
}

/// All entries of the output folder except folders, sorted by the bytes of paths. Folders are
/// sorted as if their names ended with a slash.
fn walk_files(output: &Path) -> impl Iterator<Item = walkdir::Result<DirEntry>> {
    let sorted = WalkDir::new(output).min_depth(1).follow_links(false).sort_by(compare_paths);
    // If the folder doesn't exist, every file is missing.
    let sorted = output.is_dir().then_some(sorted).into_iter().flatten();
    sorted.filter(|entry| entry.as_ref().map_or(true, |entry| !entry.file_type().is_dir()))
}

fn compare_paths(a: &DirEntry, b: &DirEntry) -> Ordering {
    let key = |entry: &DirEntry| (entry.file_name().to_owned(), entry.file_type().is_dir());
    let ((a_name, a_is_dir), (b_name, b_is_dir)) = (key(a), key(b));
    let slash = |is_dir: bool| is_dir.then_some(&b'/');
    let (a_name, b_name) = (a_name.as_encoded_bytes(), b_name.as_encoded_bytes());
    a_name.iter().chain(slash(a_is_dir)).cmp(b_name.iter().chain(slash(b_is_dir)))
}

/// The path of an entry relative to the output folder. If it isn't UTF-8, the entry is omitted: no
/// build wrote it.
fn relative_path(
    output: &Path,
    entry: walkdir::Result<DirEntry>,
) -> Result<(String, Option<DirEntry>), Error> {
    let entry = match entry {
        Ok(entry) => entry,
        Err(error) => {
            let path = error.path().unwrap_or(output).to_owned();
            return Err(Error::io("can't read", path)(error.into()));
        }
    };
    let path = entry.path().strip_prefix(output).unwrap_or(entry.path());
    match path.to_str() {
        Some(text) => Ok((text.replace('\\', if cfg!(windows) { "/" } else { "\\" }), Some(entry))),
        None => Ok((path.to_string_lossy().into_owned(), None)),
    }
}

/// Formats a line as `sha256sum` does. No path of a build contains characters that need escaping.
fn format_line(path: &str, checksum: &Checksum) -> String {
    let mut line = String::with_capacity(path.len() + 67);
    for byte in checksum {
        // Writing to a string can't fail.
        let _ = write!(line, "{byte:02x}");
    }
    line.push_str("  ");
    line.push_str(path);
    line.push('\n');
    line
}

/// Reads a manifest, and reports its invalid lines.
fn read_checksums(
    file: &Path,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<HashMap<Fingerprint, Checksum>, Error> {
    let name = file.to_string_lossy().into_owned();
    let (mut checksums, mut bad_lines) = (HashMap::new(), 0_usize);
    for_each_line(file, |number, text| {
        let result = parse_line(text).and_then(|(path, checksum)| {
            let previous =
                *checksums.entry(Fingerprint::hash_bytes(path.as_bytes())).or_insert(checksum);
            if previous == checksum {
                Ok(())
            } else {
                Err("an earlier line has a different checksum for this file")
            }
        });
        if let Err(reason) = result {
            bad_lines += 1;
            if bad_lines <= MAX_REPORTED_LINES {
                diagnostics.push(bad_line(&name, number, text, reason));
            }
        }
    })?;
    if bad_lines > MAX_REPORTED_LINES {
        let message = format!("{} more lines are invalid", bad_lines - MAX_REPORTED_LINES);
        diagnostics.push(Diagnostic::error("bad-manifest", name, message));
    }
    Ok(checksums)
}

fn bad_line(file: &str, number: usize, text: &str, reason: &str) -> Diagnostic {
    let message = format!("this line of the manifest is invalid: {reason}");
    let help = "a line is a SHA-256 checksum of 64 hexadecimal digits, two spaces, and a path in \
                the output folder, as `sha256sum` writes it";
    let location = Location { line: number, ..Location::from_span(text, 0, text.len().max(1)) };
    Diagnostic::error("bad-manifest", file, message).location(location).help(help)
}

/// Visits every line of a manifest with its number, without its line break. Of a line over the
/// limit only the beginning is passed.
fn for_each_line(file: &Path, mut visit: impl FnMut(usize, &str)) -> Result<(), Error> {
    let mut read = || {
        let mut input = BufReader::with_capacity(1 << 16, File::open(file)?);
        let (mut buffer, mut number) = (Vec::new(), 0);
        loop {
            buffer.clear();
            if input.by_ref().take(MAX_LINE_BYTES as u64).read_until(b'\n', &mut buffer)? == 0 {
                return Ok(());
            }
            number += 1;
            if buffer.pop_if(|byte| *byte == b'\n').is_none() && buffer.len() == MAX_LINE_BYTES {
                input.skip_until(b'\n')?;
                buffer.truncate(64);
            }
            let text = String::from_utf8_lossy(&buffer);
            let text = text.trim_end_matches('\r');
            if !text.is_empty() {
                visit(number, text);
            }
        }
    };
    read().map_err(Error::io("can't read", file))
}

/// Parses a line into the path and the checksum.
fn parse_line(text: &str) -> Result<(String, Checksum), &'static str> {
    // A backslash before the checksum means that the path is escaped.
    let escaped = text.starts_with('\\');
    let text = text.strip_prefix('\\').unwrap_or(text);
    let (hex, rest) = text.split_at_checked(64).ok_or("it is too short")?;
    let path = rest
        .strip_prefix("  ")
        .or(rest.strip_prefix(" *"))
        .ok_or("the checksum is not followed by two spaces")?;
    let mut checksum = Checksum::default();
    for (index, byte) in checksum.iter_mut().enumerate() {
        let digits = hex
            .get(2 * index..2 * index + 2)
            .filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
        *byte = digits
            .and_then(|digits| u8::from_str_radix(digits, 16).ok())
            .ok_or("the checksum is not a hexadecimal number")?;
    }
    let path = path.strip_prefix("./").unwrap_or(path);
    if escaped {
        Err("no output file has a name with a backslash or a line break")
    } else if is_safe_relative_path(path) {
        Ok((path.to_owned(), checksum))
    } else {
        Err("the path is outside the output folder")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_lines_are_parsed() {
        let checksum = [0xa5; 32];
        let written = format_line("2024/a b/خبر.html", &checksum);
        assert_eq!(parse_line(written.trim_end()), Ok(("2024/a b/خبر.html".to_owned(), checksum)));
        let upper = written.trim_end().replace("a5", "A5").replace("  ", " *./");
        assert_eq!(parse_line(&upper), Ok(("2024/a b/خبر.html".to_owned(), checksum)));
        for bad in [
            "",
            "x",
            &written[..64],
            &written.replace("a5", "+5"),
            &written.replace("a5a5a5a5", "خبرخ"),
            &format!("\\{written}"),
            &written.replace("2024/", "../"),
            &written.replace("2024/", "/etc/"),
        ] {
            assert!(parse_line(bad.trim_end()).is_err(), "{bad}");
        }
    }
}

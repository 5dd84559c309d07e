//! Fixity: whether the output folder still holds what was built, byte for byte; and lists of it
//! that other programs check.
//!
//! The folder is walked once, in the order of the bytes of paths. Links are not followed, so
//! nothing outside it is read. A run of files is held at a time, and of each known file its hashes.

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
use crate::pipeline::{Lock, Progress, hash_contents};

/// Files are read in runs of this many.
const BATCH_SIZE: usize = 4096;
/// How many paths of each kind are listed; all are counted.
const MAX_LISTED_PATHS: usize = 100_000;
/// The longest line of a list, in bytes.
const MAX_LINE_BYTES: usize = 16 * 1024;
/// How many bad lines are told one by one.
const MAX_REPORTED_LINES: usize = 20;

/// What the output folder is held against.
#[derive(Clone, Debug)]
pub(crate) enum Baseline {
    /// The ledger of the last build.
    BuildManifest,
    /// The ledger; if all is as it says, a list is written.
    BuildManifestAndExport(PathBuf),
    /// A list of SHA-256 sums.
    ChecksumFile(PathBuf),
}

/// Paths of one kind, below the output folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PathList {
    /// How many there are.
    pub count: usize,
    /// The first of them, in order.
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

/// How the output folder differs from what it should be.
#[derive(Debug, Default)]
pub(crate) struct VerifyReport {
    /// How many files there should be.
    pub expected: usize,
    /// Files that aren't there.
    pub missing: PathList,
    /// Files that hold something else, or can't be read, or are no files.
    pub altered: PathList,
    /// Files that nobody knows.
    pub extra: PathList,
    /// Whether the last build was killed, so that its files may be among the missing, the altered
    /// and the extra ones.
    pub interrupted: bool,
    /// Whether a list was written.
    pub written: bool,
    /// Lines of the list that can't be read.
    pub diagnostics: Vec<Diagnostic>,
}

impl VerifyReport {
    /// Whether every file that should be there is as it should be.
    pub(crate) fn is_intact(&self) -> bool {
        self.missing.count == 0 && self.altered.count == 0 && self.diagnostics.is_empty()
    }
}

/// A SHA-256 sum.
type Checksum = [u8; 32];

/// What files should be, by the hash of their path.
enum Expected {
    Manifest(Manifest),
    Checksums(HashMap<Fingerprint, Checksum>),
}

/// What a file was found to be.
enum FileStatus {
    Intact(Option<Checksum>),
    Altered,
    Extra,
}

/// Holds the output folder against what it should be.
///
/// # Errors
/// What the machine refused; or that there is nothing to hold it against.
pub(crate) fn verify(
    site: &Site,
    baseline: &Baseline,
    progress: &dyn Progress,
) -> Result<VerifyReport, Error> {
    let _lock = Lock::acquire(&site.cache_dir, true, || progress.waiting_for_lock())?;
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
    let mut seen = HashSet::with_capacity(expected.len());
    let mut entries = walk_files(&site.output_dir).peekable();
    while entries.peek().is_some() {
        let batch: Vec<(String, Option<DirEntry>)> = entries
            .by_ref()
            .take(BATCH_SIZE)
            .map(|entry| relative_path(&site.output_dir, entry))
            .collect::<Result<_, Error>>()?;
        let statuses = batch.par_iter().map(|(path, entry)| {
            expected.check_file(path, entry.as_ref(), export_file.is_some(), progress)
        });
        let statuses: Vec<(Fingerprint, FileStatus)> = statuses.collect();
        for ((path, _), (key, status)) in batch.into_iter().zip(statuses) {
            match status {
                FileStatus::Extra => report.extra.add(path),
                FileStatus::Altered => {
                    seen.insert(key);
                    report.altered.add(path);
                }
                FileStatus::Intact(checksum) => {
                    seen.insert(key);
                    if let (Some(export_file), Some(checksum)) = (&mut export_file, checksum) {
                        export_file.write_all(format_line(&path, &checksum).as_bytes())?;
                    }
                }
            }
        }
    }
    collect_missing(baseline, cache.as_ref(), &seen, &mut report)?;
    if let Some(export_file) = export_file.filter(|_| report.is_intact()) {
        export_file.commit()?;
        report.written = true;
    }
    Ok(report)
}

/// In the output folder, a list would be a file that nobody knows.
fn ensure_outside(file: &Path, output: &Path) -> Result<(), Error> {
    let folder =
        file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = folder.canonicalize().map_err(Error::io("can't write", file))?;
    if folder.starts_with(output) {
        let output = output.display();
        return Err(Error::Usage(format!(
            "write the list to another place than the output folder {output}"
        )));
    }
    Ok(())
}

/// What the last build into the output folder left.
fn open_cache(file: &Path, site: &Site) -> Result<Cache, Error> {
    let (cache, reason) = Cache::open(file);
    cache.ok_or_else(|| {
        let reason = reason.unwrap_or_else(|| "no build into it is known".to_owned());
        let output = site.output_dir.display();
        Error::Usage(format!(
            "{output} can't be verified: {reason}; build the site first, name the folders of that build by --output and --state, or use a list by --manifest"
        ))
    })
}

/// What of all that should be there was not seen.
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
        (_, Some(cache)) => drop(cache.read_manifest(|path, _| add_if_missing(path))?),
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

    /// Reads a file and tells what it is.
    fn check_file(
        &self,
        path: &str,
        entry: Option<&DirEntry>,
        with_checksum: bool,
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
        // What isn't a file by itself (a link, a pipe) is never opened.
        let (Some((content_hash, checksum)), Some(entry)) = (expected, entry) else {
            return (key, FileStatus::Extra);
        };
        progress.advance();
        let status = match entry.file_type().is_file() {
            true => hash_file(entry.path(), content_hash, checksum, with_checksum)
                .unwrap_or(FileStatus::Altered),
            false => FileStatus::Altered,
        };
        (key, status)
    }
}

/// Reads a file once, for every hash that is asked for.
fn hash_file(
    path: &Path,
    content_hash: Option<Fingerprint>,
    checksum: Option<Checksum>,
    with_checksum: bool,
) -> io::Result<FileStatus> {
    let mut sha = (with_checksum || checksum.is_some()).then(Sha256::new);
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

/// All that is in the output folder but folders, in the order of the bytes of paths; so a folder's
/// place is that of its name with a slash.
fn walk_files(output: &Path) -> impl Iterator<Item = walkdir::Result<DirEntry>> {
    let sorted = WalkDir::new(output).min_depth(1).follow_links(false).sort_by(compare_paths);
    // Of a folder that is gone, every file is missing.
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

/// The path of an entry below the output folder. One whose name is no text is given without the
/// entry: no build wrote it.
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

/// A line as `sha256sum` writes it. No path of a build holds what would have to be escaped.
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

/// Reads a list. Lines that can't be read are told.
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
                Err("an earlier line has another sum for this file")
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
        let message = format!("{} more lines can't be read", bad_lines - MAX_REPORTED_LINES);
        diagnostics.push(Diagnostic::error("bad-manifest", name, message));
    }
    Ok(checksums)
}

fn bad_line(file: &str, number: usize, text: &str, reason: &str) -> Diagnostic {
    let message = format!("this line of the list can't be read: {reason}");
    let help = "a line is a SHA-256 sum in 64 digits, two blanks, and a path below the output folder, as `sha256sum` writes it";
    let location = Location { line: number, ..Location::from_span(text, 0, text.len().max(1)) };
    Diagnostic::error("bad-manifest", file, message).location(location).help(help)
}

/// Gives every line of a list with its number, without its line break; of an over-long one just the
/// beginning.
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

/// The path and the sum in a line.
fn parse_line(text: &str) -> Result<(String, Checksum), &'static str> {
    // A backslash before the sum says that the path is escaped.
    let (escaped, text) = text.strip_prefix('\\').map_or((false, text), |rest| (true, rest));
    let (hex, rest) = text.split_at_checked(64).ok_or("it is too short")?;
    let path = rest
        .strip_prefix("  ")
        .or(rest.strip_prefix(" *"))
        .ok_or("the sum is not followed by two blanks")?;
    let mut checksum = Checksum::default();
    for (index, byte) in checksum.iter_mut().enumerate() {
        let digits = hex
            .get(2 * index..2 * index + 2)
            .filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
        *byte = digits
            .and_then(|digits| u8::from_str_radix(digits, 16).ok())
            .ok_or("the sum is no number")?;
    }
    let path = path.strip_prefix("./").unwrap_or(path);
    match escaped {
        true => Err("no file of a site has a name with a backslash or a line break"),
        false if !is_safe_relative_path(path) => Err("the path leads out of the output folder"),
        false => Ok((path.to_owned(), checksum)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_back() {
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

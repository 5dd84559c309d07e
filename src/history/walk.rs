//! Walk: from the newest commit to the oldest, along the line that was published, with the file of
//! each story followed through its renames.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Stdio};

use super::git::{git_command, is_shallow};
use crate::model::Fingerprint;

/// How many versions of a file are held, the newest ones.
const MAX_VERSIONS: usize = 200;
/// The longest path, in bytes.
const MAX_PATH_BYTES: u64 = 8 * 1024;
/// The last second of the year 9998: what is later is no date.
const MAX_TIMESTAMP: i64 = 253_370_764_799;

/// A version of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FileVersion {
    /// When it was written, in seconds since 1970.
    pub(super) timestamp: i64,
    /// Its id.
    pub(super) blob: Box<str>,
    /// Its path below the folder at that time.
    pub(super) path: Box<str>,
}

/// The versions of files by their paths of now, the newest first.
type VersionsByPath = BTreeMap<Box<str>, Vec<FileVersion>>;

/// Walks the repository around a folder: gives the files that have several versions, and whether it
/// is a shallow clone.
///
/// # Errors
/// Says in words why nothing is known.
pub(super) fn walk(folder: &Path) -> Result<(VersionsByPath, bool), String> {
    let shallow = is_shallow(folder)?;
    // What counts is when a version came to the line that is published, not when it was written
    // beside it.
    let mut command = git_command(folder);
    command.args([
        "log",
        "--first-parent",
        "-m",
        "--raw",
        "-z",
        "--no-abbrev",
        "--find-renames=50%",
    ]);
    command.args([
        "-O/dev/null",
        "--relative",
        "--no-ext-diff",
        "--no-textconv",
        "--no-color",
        "--format=%x01%at",
        "--",
        ".",
    ]);
    let describe_error = |error: io::Error| format!("git can't be read: {error}");
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(describe_error)?;
    let files_result = read_log(&mut child).map_err(describe_error);
    if files_result.is_err() {
        // It may have more to say, and nobody listens.
        let _ = child.kill();
    }
    let status = child.wait().map_err(describe_error)?;
    let files = files_result?;
    if !status.success() {
        return Err(format!("`git log` ended with {status}; call it in content/ to see why"));
    }
    Ok((files, shallow))
}

fn read_log(child: &mut Child) -> io::Result<VersionsByPath> {
    let mut tracker = RenameTracker::default();
    let output = child.stdout.take().ok_or_else(|| io::Error::other("there is no output"))?;
    let mut fields = NulSeparated(BufReader::with_capacity(1 << 16, output));
    let mut timestamp = 0;
    while let Some(field) = fields.next()? {
        let field = field.trim_start_matches('\n');
        if let Some(date) = field.strip_prefix('\u{1}') {
            timestamp = date.trim().parse().unwrap_or(0).clamp(0, MAX_TIMESTAMP);
        } else if let Some(header) = field.strip_prefix(':') {
            let change = FileChange::parse(header, &mut fields)?;
            tracker.follow(timestamp, change);
        }
    }
    Ok(tracker.finish())
}

/// The parts of an output, each ended by a NUL.
struct NulSeparated<R>(BufReader<R>);

impl<R: Read> NulSeparated<R> {
    /// The next part. What is no UTF-8 can't be the path of a story.
    fn next(&mut self) -> io::Result<Option<String>> {
        let mut bytes = Vec::new();
        self.0.by_ref().take(MAX_PATH_BYTES).read_until(0, &mut bytes)?;
        match bytes.pop() {
            None => Ok(None),
            Some(0) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
            Some(_) => Err(io::Error::other("a path is too long")),
        }
    }

    fn next_path(&mut self) -> io::Result<String> {
        self.next()?.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }
}

/// What a commit did to a file.
struct FileChange {
    /// The path before, if the file was there.
    from: Option<String>,
    /// The path after.
    to: String,
    /// The file's id after; none, if it is gone or no plain file.
    blob: Option<Box<str>>,
}

impl FileChange {
    /// Reads `100644 100644 <id> <id> M` and the paths behind it.
    fn parse<R: Read>(header: &str, paths: &mut NulSeparated<R>) -> io::Result<Self> {
        let fields: Vec<&str> = header.split(' ').collect();
        let [old_mode, new_mode, _, blob, status] = fields[..] else {
            return Err(io::Error::other("git speaks of a change in a way that is not known"));
        };
        let first = paths.next_path()?;
        let is_regular_file = |mode: &str| mode.starts_with("100");
        let (from, to) = match status.chars().next() {
            Some('R' | 'C') => (Some(first), paths.next_path()?),
            Some('A') => (None, first),
            _ => (Some(first.clone()), first),
        };
        let from = from.filter(|_| is_regular_file(old_mode) && !status.starts_with('C'));
        let blob = Some(blob.into()).filter(|_| is_regular_file(new_mode) && status != "D");
        Ok(Self { from, to, blob })
    }
}

/// Which story's file a path was, as far as the walk has come back.
#[derive(Default)]
struct RenameTracker {
    /// By the hash of a path: the number of its file; nothing, where the file begins after what
    /// comes.
    files_by_path: HashMap<Fingerprint, Option<usize>>,
    files: Vec<(Box<str>, Vec<FileVersion>)>,
    /// Places of files that are no longer held: most have one version only.
    free_slots: Vec<usize>,
}

impl RenameTracker {
    fn follow(&mut self, timestamp: i64, change: FileChange) {
        let path_hash = |path: &str| Fingerprint::hash_bytes(path.as_bytes());
        let FileChange { from, to, blob } = change;
        let previous = self.files_by_path.insert(path_hash(&to), None);
        let file = match (previous, &blob) {
            (None, Some(_)) => Some(self.add_file(&to)),
            (previous, Some(_)) => previous.flatten(),
            // What is gone, or was no file, is no version of the one that has its place now.
            (_, None) => None,
        };
        let Some(file) = file else { return };
        if let Some(blob) = blob
            && self.files[file].1.len() < MAX_VERSIONS
        {
            self.files[file].1.push(FileVersion { timestamp, blob, path: to.into() });
        }
        match from {
            Some(from) => drop(self.files_by_path.insert(path_hash(&from), Some(file))),
            None if self.files[file].1.len() < 2 => self.free_slots.push(file),
            None => {}
        }
    }

    /// A file that the walk meets for the first time: its path is that of now.
    fn add_file(&mut self, path: &str) -> usize {
        let entry = (path.into(), Vec::new());
        match self.free_slots.pop() {
            Some(file) => {
                self.files[file] = entry;
                file
            }
            None => {
                self.files.push(entry);
                self.files.len() - 1
            }
        }
    }

    fn finish(self) -> VersionsByPath {
        self.files.into_iter().filter(|(_, versions)| versions.len() > 1).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(from: Option<&str>, to: &str, blob: Option<&str>) -> FileChange {
        FileChange { from: from.map(str::to_owned), to: to.to_owned(), blob: blob.map(Into::into) }
    }

    #[test]
    fn files_are_followed_through_renames() {
        let mut tracker = RenameTracker::default();
        // The newest first: changed, renamed, changed, added; before that another file had the
        // name.
        tracker.follow(5, change(Some("b"), "b", Some("3")));
        tracker.follow(4, change(Some("a"), "b", Some("2")));
        tracker.follow(3, change(Some("a"), "a", Some("2")));
        tracker.follow(2, change(None, "a", Some("1")));
        tracker.follow(1, change(Some("a"), "a", None));
        tracker.follow(0, change(None, "a", Some("0")));
        tracker.follow(0, change(None, "c", Some("9")));
        let files = tracker.finish();
        let versions: Vec<(i64, &str, &str)> = files["b"]
            .iter()
            .map(|version| (version.timestamp, &*version.blob, &*version.path))
            .collect();
        assert_eq!(versions, [(5, "3", "b"), (4, "2", "b"), (3, "2", "a"), (2, "1", "a")]);
        assert_eq!(files.len(), 1, "a file with one version has no history");
    }

    #[test]
    fn what_was_removed_and_written_anew_begins_there() {
        let mut tracker = RenameTracker::default();
        tracker.follow(3, change(None, "a", Some("2")));
        tracker.follow(2, change(Some("a"), "a", None));
        tracker.follow(1, change(Some("a"), "a", Some("1")));
        tracker.follow(0, change(None, "a", Some("0")));
        assert!(tracker.finish().is_empty());
    }
}

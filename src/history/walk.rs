//! Walking the commits of the published branch from the newest to the oldest, and following each
//! file through its renames.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Stdio};

use super::git::{git_command, is_shallow};
use crate::model::Fingerprint;

/// The maximum number of versions of a file; older ones are left out.
const MAX_VERSIONS: usize = 200;
/// The maximum length of a path, in bytes.
const MAX_PATH_BYTES: u64 = 8 * 1024;
/// The last second of the year 9998; later timestamps are clamped to it.
const MAX_TIMESTAMP: i64 = 253_370_764_799;

/// A version of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FileVersion {
    /// The author date, in seconds since 1970.
    pub(super) timestamp: i64,
    /// The object ID.
    pub(super) blob: Box<str>,
    /// The path below the folder at that time.
    pub(super) path: Box<str>,
}

/// The versions of files, newest first, by their current paths.
pub(super) type VersionsByPath = BTreeMap<Box<str>, Vec<FileVersion>>;

/// The files of a repository that have several versions.
pub(super) struct WalkResult {
    pub(super) versions_by_path: VersionsByPath,
    /// Set if the repository is a shallow clone.
    pub(super) is_shallow: bool,
}

/// Walks the repository of a folder.
///
/// # Errors
/// The reason, as text, if git can't be run or reports an error, or if its output can't be parsed.
pub(super) fn walk(folder: &Path) -> Result<WalkResult, String> {
    let is_shallow = is_shallow(folder)?;
    // Only the first parent of a merge is followed: the commits of the merged branch were never
    // published by themselves.
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
    let describe_error = |error: io::Error| format!("the output of git can't be read: {error}");
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(describe_error)?;
    let files_result = read_log(&mut child).map_err(describe_error);
    if files_result.is_err() {
        // The rest of its output isn't read, so it would wait forever.
        let _ = child.kill();
    }
    let status = child.wait().map_err(describe_error)?;
    let files = files_result?;
    if !status.success() {
        return Err(format!("`git log` failed with {status}; run it in content/ to see why"));
    }
    Ok(WalkResult { versions_by_path: files, is_shallow })
}

fn read_log(child: &mut Child) -> io::Result<VersionsByPath> {
    let mut tracker = RenameTracker::default();
    let output = child.stdout.take().ok_or_else(|| io::Error::other("git has no output"))?;
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

/// A reader of fields that end with a NUL.
struct NulSeparated<R>(BufReader<R>);

impl<R: Read> NulSeparated<R> {
    /// Returns the next field. A path that isn't UTF-8 is never that of an article, so it may be
    /// changed.
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

/// The change of a file in a commit.
struct FileChange {
    /// The path before the commit, if the file existed.
    from: Option<String>,
    /// The path after the commit.
    to: String,
    /// The object ID after the commit; `None` if the file was removed or isn't a regular file.
    blob: Option<Box<str>>,
}

impl FileChange {
    /// Parses `100644 100644 <id> <id> M` and the paths that follow it.
    fn parse<R: Read>(header: &str, paths: &mut NulSeparated<R>) -> io::Result<Self> {
        let fields: Vec<&str> = header.split(' ').collect();
        let [old_mode, new_mode, _, blob, status] = fields[..] else {
            return Err(io::Error::other("git describes a change in an unknown format"));
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

/// The files that paths belonged to at the current point of the walk.
#[derive(Default)]
struct RenameTracker {
    /// The index of the file, by the hash of its path; `None` if older changes of the path belong
    /// to another file.
    files_by_path: HashMap<Fingerprint, Option<usize>>,
    files: Vec<(Box<str>, Vec<FileVersion>)>,
    /// The indexes of dropped files, for reuse: most files have only one version.
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
            // A removed file, or one that wasn't a regular file, isn't a version of the current
            // file.
            (_, None) => None,
        };
        let Some(file) = file else { return };
        if let Some(blob) = blob
            && self.files[file].1.len() < MAX_VERSIONS
        {
            self.files[file].1.push(FileVersion { timestamp, blob, path: to.into() });
        }
        if let Some(from) = from {
            self.files_by_path.insert(path_hash(&from), Some(file));
        } else if self.files[file].1.len() < 2 {
            self.free_slots.push(file);
        }
    }

    /// Adds a file that the walk encounters for the first time, with its current path.
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
    fn a_file_that_was_removed_and_created_again_begins_there() {
        let mut tracker = RenameTracker::default();
        tracker.follow(3, change(None, "a", Some("2")));
        tracker.follow(2, change(Some("a"), "a", None));
        tracker.follow(1, change(Some("a"), "a", Some("1")));
        tracker.follow(0, change(None, "a", Some("0")));
        assert!(tracker.finish().is_empty());
    }
}

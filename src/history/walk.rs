//! Walk: from the newest commit to the oldest, along the line that was published, with the file of each story followed through its renames.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Stdio};

use super::git::{git, is_shallow};
use crate::model::Fingerprint;

/// How many versions of a file are held, the newest ones.
const MOST: usize = 200;
/// The longest path, in bytes.
const LONGEST: u64 = 8 * 1024;
/// The last second of the year 9998: what is later is no date.
const LATEST: i64 = 253_370_764_799;

/// A version of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    /// When it was written, in seconds since 1970.
    pub(super) at: i64,
    /// Its id.
    pub(super) blob: Box<str>,
    /// Its path below the folder at that time.
    pub(super) path: Box<str>,
}

/// The versions of files by their paths of now, the newest first.
type Files = BTreeMap<Box<str>, Vec<Seen>>;

/// Walks the repository around a folder: gives the files that have several versions, and whether it is a shallow clone.
///
/// # Errors
/// Says in words why nothing is known.
pub(super) fn walk(folder: &Path) -> Result<(Files, bool), String> {
    let shallow = is_shallow(folder)?;
    // What counts is when a version came to the line that is published, not when it was written beside it.
    let mut command = git(folder);
    command.args(["log", "--first-parent", "-m", "--raw", "-z", "--no-abbrev", "--find-renames=50%"]);
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
    let failed = |error: io::Error| format!("git can't be read: {error}");
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(failed)?;
    let read = read(&mut child).map_err(failed);
    if read.is_err() {
        // It may have more to say, and nobody listens.
        let _ = child.kill();
    }
    let status = child.wait().map_err(failed)?;
    let files = read?;
    if !status.success() {
        return Err(format!("`git log` ended with {status}; call it in content/ to see why"));
    }
    Ok((files, shallow))
}

fn read(child: &mut Child) -> io::Result<Files> {
    let mut trail = Trail::default();
    let output = child.stdout.take().ok_or_else(|| io::Error::other("there is no output"))?;
    let mut parts = Parts(BufReader::with_capacity(1 << 16, output));
    let mut at = 0;
    while let Some(part) = parts.next()? {
        let part = part.trim_start_matches('\n');
        if let Some(date) = part.strip_prefix('\u{1}') {
            at = date.trim().parse().unwrap_or(0).clamp(0, LATEST);
        } else if let Some(head) = part.strip_prefix(':') {
            let change = Change::of(head, &mut parts)?;
            trail.follow(at, change);
        }
    }
    Ok(trail.finish())
}

/// The parts of an output, each ended by a NUL.
struct Parts<R>(BufReader<R>);

impl<R: Read> Parts<R> {
    /// The next part. What is no UTF-8 can't be the path of a story.
    fn next(&mut self) -> io::Result<Option<String>> {
        let mut bytes = Vec::new();
        self.0.by_ref().take(LONGEST).read_until(0, &mut bytes)?;
        match bytes.pop() {
            None => Ok(None),
            Some(0) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
            Some(_) => Err(io::Error::other("a path is too long")),
        }
    }

    fn path(&mut self) -> io::Result<String> {
        self.next()?.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }
}

/// What a commit did to a file.
struct Change {
    /// The path before, if the file was there.
    from: Option<String>,
    /// The path after.
    to: String,
    /// The file's id after; none, if it is gone or no plain file.
    blob: Option<Box<str>>,
}

impl Change {
    /// Reads `100644 100644 <id> <id> M` and the paths behind it.
    fn of<R: Read>(head: &str, parts: &mut Parts<R>) -> io::Result<Self> {
        let fields: Vec<&str> = head.split(' ').collect();
        let [old_mode, new_mode, _, blob, status] = fields[..] else {
            return Err(io::Error::other("git speaks of a change in a way that is not known"));
        };
        let first = parts.path()?;
        let is_plain = |mode: &str| mode.starts_with("100");
        let (from, to) = match status.chars().next() {
            Some('R' | 'C') => (Some(first), parts.path()?),
            Some('A') => (None, first),
            _ => (Some(first.clone()), first),
        };
        let from = from.filter(|_| is_plain(old_mode) && !status.starts_with('C'));
        let blob = Some(blob.into()).filter(|_| is_plain(new_mode) && status != "D");
        Ok(Self { from, to, blob })
    }
}

/// Which story's file a path was, as far as the walk has come back.
#[derive(Default)]
struct Trail {
    /// By the hash of a path: the number of its file; nothing, where the file begins after what comes.
    now: HashMap<Fingerprint, Option<usize>>,
    files: Vec<(Box<str>, Vec<Seen>)>,
    /// Places of files that are no longer held: most have one version only.
    free: Vec<usize>,
}

impl Trail {
    fn follow(&mut self, at: i64, change: Change) {
        let key = |path: &str| Fingerprint::of(path.as_bytes());
        let Change { from, to, blob } = change;
        let known = self.now.insert(key(&to), None);
        let file = match (known, &blob) {
            (None, Some(_)) => Some(self.begin(&to)),
            (known, Some(_)) => known.flatten(),
            // What is gone, or was no file, is no version of the one that has its place now.
            (_, None) => None,
        };
        let Some(file) = file else { return };
        if let Some(blob) = blob
            && self.files[file].1.len() < MOST
        {
            self.files[file].1.push(Seen { at, blob, path: to.into() });
        }
        match from {
            Some(from) => drop(self.now.insert(key(&from), Some(file))),
            None if self.files[file].1.len() < 2 => self.free.push(file),
            None => {}
        }
    }

    /// A file that the walk meets for the first time: its path is that of now.
    fn begin(&mut self, path: &str) -> usize {
        let new = (path.into(), Vec::new());
        match self.free.pop() {
            Some(file) => {
                self.files[file] = new;
                file
            }
            None => {
                self.files.push(new);
                self.files.len() - 1
            }
        }
    }

    fn finish(self) -> Files {
        self.files.into_iter().filter(|(_, seen)| seen.len() > 1).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(from: Option<&str>, to: &str, blob: Option<&str>) -> Change {
        Change { from: from.map(str::to_owned), to: to.to_owned(), blob: blob.map(Into::into) }
    }

    #[test]
    fn files_are_followed_through_renames() {
        let mut trail = Trail::default();
        // The newest first: changed, renamed, changed, added; before that another file had the name.
        trail.follow(5, change(Some("b"), "b", Some("3")));
        trail.follow(4, change(Some("a"), "b", Some("2")));
        trail.follow(3, change(Some("a"), "a", Some("2")));
        trail.follow(2, change(None, "a", Some("1")));
        trail.follow(1, change(Some("a"), "a", None));
        trail.follow(0, change(None, "a", Some("0")));
        trail.follow(0, change(None, "c", Some("9")));
        let files = trail.finish();
        let seen: Vec<(i64, &str, &str)> =
            files["b"].iter().map(|seen| (seen.at, &*seen.blob, &*seen.path)).collect();
        assert_eq!(seen, [(5, "3", "b"), (4, "2", "b"), (3, "2", "a"), (2, "1", "a")]);
        assert_eq!(files.len(), 1, "a file with one version has no history");
    }

    #[test]
    fn what_was_removed_and_written_anew_begins_there() {
        let mut trail = Trail::default();
        trail.follow(3, change(None, "a", Some("2")));
        trail.follow(2, change(Some("a"), "a", None));
        trail.follow(1, change(Some("a"), "a", Some("1")));
        trail.follow(0, change(None, "a", Some("0")));
        assert!(trail.finish().is_empty());
    }
}

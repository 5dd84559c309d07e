//! Fixity: whether the output folder still holds what was built, byte for byte; and lists of it that other programs check.
//!
//! The folder is walked once, in the order of the bytes of paths. Links are not followed, so nothing outside it is read. A run of files is held at a
//! time, and of each known file its hashes.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use sha2::{Digest, Sha256};
use walkdir::{DirEntry, WalkDir};

use crate::build::{Lock, Progress, hash_of};
use crate::diagnostic::{Diagnostic, Error, Place};
use crate::files::Replacement;
use crate::ledger::Ledger;
use crate::model::Fingerprint;
use crate::model::permalink::stays_below;
use crate::site::Site;
use crate::state::{self, State};

/// Files are read in runs of this many.
const RUN: usize = 4096;
/// How many paths of each kind are listed; all are counted.
const LISTED: usize = 100_000;
/// The longest line of a list, in bytes.
const LONGEST: usize = 16 * 1024;
/// How many bad lines are told one by one.
const TOLD: usize = 20;

/// What the output folder is held against.
#[derive(Clone, Debug)]
pub enum Against {
    /// The ledger of the last build.
    Ledger,
    /// The ledger; if all is as it says, a list is written.
    LedgerInto(PathBuf),
    /// A list of SHA-256 sums.
    List(PathBuf),
}

/// Paths of one kind, below the output folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paths {
    /// How many there are.
    pub count: usize,
    /// The first of them, in order.
    pub first: Vec<String>,
}

impl Paths {
    fn add(&mut self, path: String) {
        self.count += 1;
        if self.first.len() < LISTED {
            self.first.push(path);
        }
    }
}

/// How the output folder differs from what it should be.
#[derive(Debug, Default)]
pub struct Fixity {
    /// How many files there should be.
    pub known: usize,
    /// Files that aren't there.
    pub missing: Paths,
    /// Files that hold something else, or can't be read, or are no files.
    pub altered: Paths,
    /// Files that nobody knows.
    pub extra: Paths,
    /// Whether the last build was killed, so that its files may be among the missing, the altered and the extra ones.
    pub interrupted: bool,
    /// Whether a list was written.
    pub written: bool,
    /// Lines of the list that can't be read.
    pub diagnostics: Vec<Diagnostic>,
}

impl Fixity {
    /// Whether every file that should be there is as it should be.
    pub fn is_sound(&self) -> bool {
        self.missing.count == 0 && self.altered.count == 0 && self.diagnostics.is_empty()
    }
}

/// A SHA-256 sum.
type Sum = [u8; 32];

/// What files should be, by the hash of their path.
enum Known {
    Ledger(Ledger),
    List(HashMap<Fingerprint, Sum>),
}

/// What a file was found to be.
enum Found {
    Sound(Option<Sum>),
    Altered,
    Extra,
}

/// Holds the output folder against what it should be.
///
/// # Errors
/// What the machine refused; or that there is nothing to hold it against.
pub fn verify(site: &Site, against: &Against, progress: &dyn Progress) -> Result<Fixity, Error> {
    let _lock = Lock::take(&site.state, true, || progress.waits())?;
    let mut fixity = Fixity::default();
    let (known, state) = match against {
        Against::List(file) => (Known::List(list(file, &mut fixity.diagnostics)?), None),
        _ => {
            let file = state::file(&site.state, &site.root, &site.output);
            fixity.interrupted = file.with_extension("journal").exists();
            let state = saved(&file, site)?;
            (Known::Ledger(state.load_ledger()?.0), Some(state))
        }
    };
    let mut sums = match against {
        Against::LedgerInto(file) => {
            Some(outside(file, &site.output).and_then(|()| Replacement::begin(file))?)
        }
        _ => None,
    };
    progress.expect(known.len());
    fixity.known = known.len();
    let mut seen = HashSet::with_capacity(known.len());
    let mut walk = walk(&site.output).peekable();
    while walk.peek().is_some() {
        let run: Vec<(String, Option<DirEntry>)> =
            walk.by_ref().take(RUN).map(|entry| named(&site.output, entry)).collect::<Result<_, Error>>()?;
        let found =
            run.par_iter().map(|(path, entry)| known.found(path, entry.as_ref(), sums.is_some(), progress));
        let found: Vec<(Fingerprint, Found)> = found.collect();
        for ((path, _), (key, found)) in run.into_iter().zip(found) {
            match found {
                Found::Extra => fixity.extra.add(path),
                Found::Altered => {
                    seen.insert(key);
                    fixity.altered.add(path);
                }
                Found::Sound(sum) => {
                    seen.insert(key);
                    if let (Some(sums), Some(sum)) = (&mut sums, sum) {
                        sums.add(line(&path, &sum).as_bytes())?;
                    }
                }
            }
        }
    }
    missing(against, state.as_ref(), &seen, &mut fixity)?;
    if let Some(sums) = sums.filter(|_| fixity.is_sound()) {
        sums.finish()?;
        fixity.written = true;
    }
    Ok(fixity)
}

/// In the output folder, a list would be a file that nobody knows.
fn outside(file: &Path, output: &Path) -> Result<(), Error> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = folder.canonicalize().map_err(Error::io("can't write", file))?;
    if folder.starts_with(output) {
        let output = output.display();
        return Err(Error::Usage(format!("write the list to another place than the output folder {output}")));
    }
    Ok(())
}

/// What the last build into the output folder left.
fn saved(file: &Path, site: &Site) -> Result<State, Error> {
    let (state, why) = State::open(file);
    state.ok_or_else(|| {
        let why = why.unwrap_or_else(|| "no build into it is known".to_owned());
        let output = site.output.display();
        Error::Usage(format!(
            "{output} can't be verified: {why}; build the site first, name the folders of that build by --output and --state, or use a list by --manifest"
        ))
    })
}

/// What of all that should be there was not seen.
fn missing(
    against: &Against,
    state: Option<&State>,
    seen: &HashSet<Fingerprint>,
    fixity: &mut Fixity,
) -> Result<(), Error> {
    let mut absent = |path: &str| {
        if !seen.contains(&Fingerprint::of(path.as_bytes())) {
            fixity.missing.add(path.to_owned());
        }
    };
    match (against, state) {
        (Against::List(file), _) => {
            lines(file, |_, text| {
                if let Ok((path, _)) = parse(text) {
                    absent(&path);
                }
            })?;
        }
        (_, Some(state)) => drop(state.ledger(|path, _| absent(path))?),
        (_, None) => {}
    }
    Ok(())
}

impl Known {
    fn len(&self) -> usize {
        match self {
            Self::Ledger(ledger) => ledger.len(),
            Self::List(list) => list.len(),
        }
    }

    /// Reads a file and tells what it is.
    fn found(
        &self,
        path: &str,
        entry: Option<&DirEntry>,
        with_sum: bool,
        progress: &dyn Progress,
    ) -> (Fingerprint, Found) {
        let key = Fingerprint::of(path.as_bytes());
        let known = match self {
            Self::Ledger(ledger) => ledger.get(key).map(|entry| (Some(entry.bytes), None)),
            Self::List(list) => list.get(&key).map(|sum| (None, Some(*sum))),
        };
        // What isn't a file by itself (a link, a pipe) is never opened.
        let (Some((bytes, sum)), Some(entry)) = (known, entry) else { return (key, Found::Extra) };
        progress.done();
        let found = match entry.file_type().is_file() {
            true => read(entry.path(), bytes, sum, with_sum).unwrap_or(Found::Altered),
            false => Found::Altered,
        };
        (key, found)
    }
}

/// Reads a file once, for every hash that is asked for.
fn read(path: &Path, bytes: Option<Fingerprint>, sum: Option<Sum>, with_sum: bool) -> io::Result<Found> {
    let mut sha = (with_sum || sum.is_some()).then(Sha256::new);
    let (_, hash) = hash_of(path, |piece| {
        if let Some(sha) = &mut sha {
            sha.update(piece);
        }
    })?;
    let found: Option<Sum> = sha.map(|sha| sha.finalize().into());
    let same = bytes.is_none_or(|bytes| bytes == hash) && sum.is_none_or(|sum| Some(sum) == found);
    Ok(if same { Found::Sound(found) } else { Found::Altered })
}

/// All that is in the output folder but folders, in the order of the bytes of paths; so a folder's place is that of its name with a slash.
fn walk(output: &Path) -> impl Iterator<Item = walkdir::Result<DirEntry>> {
    let sorted = WalkDir::new(output).min_depth(1).follow_links(false).sort_by(by_path);
    // Of a folder that is gone, every file is missing.
    let sorted = output.is_dir().then_some(sorted).into_iter().flatten();
    sorted.filter(|entry| entry.as_ref().map_or(true, |entry| !entry.file_type().is_dir()))
}

fn by_path(one: &DirEntry, other: &DirEntry) -> Ordering {
    let key = |entry: &DirEntry| (entry.file_name().to_owned(), entry.file_type().is_dir());
    let ((one, folder), (other, other_folder)) = (key(one), key(other));
    let slash = |folder: bool| folder.then_some(&b'/');
    let (one, other) = (one.as_encoded_bytes(), other.as_encoded_bytes());
    one.iter().chain(slash(folder)).cmp(other.iter().chain(slash(other_folder)))
}

/// The path of an entry below the output folder. One whose name is no text is given without the entry: no build wrote it.
fn named(output: &Path, entry: walkdir::Result<DirEntry>) -> Result<(String, Option<DirEntry>), Error> {
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
fn line(path: &str, sum: &Sum) -> String {
    let mut line = String::with_capacity(path.len() + 67);
    for byte in sum {
        // Writing to a string can't fail.
        let _ = write!(line, "{byte:02x}");
    }
    line.push_str("  ");
    line.push_str(path);
    line.push('\n');
    line
}

/// Reads a list. Lines that can't be read are told.
fn list(file: &Path, diagnostics: &mut Vec<Diagnostic>) -> Result<HashMap<Fingerprint, Sum>, Error> {
    let name = file.to_string_lossy().into_owned();
    let (mut list, mut bad) = (HashMap::new(), 0_usize);
    lines(file, |number, text| {
        let read = parse(text).and_then(|(path, sum)| {
            let known = *list.entry(Fingerprint::of(path.as_bytes())).or_insert(sum);
            if known == sum { Ok(()) } else { Err("an earlier line has another sum for this file") }
        });
        if let Err(why) = read {
            bad += 1;
            if bad <= TOLD {
                diagnostics.push(bad_line(&name, number, text, why));
            }
        }
    })?;
    if bad > TOLD {
        let message = format!("{} more lines can't be read", bad - TOLD);
        diagnostics.push(Diagnostic::error("bad-manifest", name, message));
    }
    Ok(list)
}

fn bad_line(file: &str, number: usize, text: &str, why: &str) -> Diagnostic {
    let message = format!("this line of the list can't be read: {why}");
    let help = "a line is a SHA-256 sum in 64 digits, two blanks, and a path below the output folder, as `sha256sum` writes it";
    let place = Place { line: number, ..Place::at(text, 0, text.len().max(1)) };
    Diagnostic::error("bad-manifest", file, message).at(place).help(help)
}

/// Gives every line of a list with its number, without its line break; of an over-long one just the beginning.
fn lines(file: &Path, mut each: impl FnMut(usize, &str)) -> Result<(), Error> {
    let mut read = || {
        let mut input = BufReader::with_capacity(1 << 16, File::open(file)?);
        let (mut buffer, mut number) = (Vec::new(), 0);
        loop {
            buffer.clear();
            if input.by_ref().take(LONGEST as u64).read_until(b'\n', &mut buffer)? == 0 {
                return Ok(());
            }
            number += 1;
            if buffer.pop_if(|byte| *byte == b'\n').is_none() && buffer.len() == LONGEST {
                input.skip_until(b'\n')?;
                buffer.truncate(64);
            }
            let text = String::from_utf8_lossy(&buffer);
            let text = text.trim_end_matches('\r');
            if !text.is_empty() {
                each(number, text);
            }
        }
    };
    read().map_err(Error::io("can't read", file))
}

/// The path and the sum in a line.
fn parse(text: &str) -> Result<(String, Sum), &'static str> {
    // A backslash before the sum says that the path is escaped.
    let (escaped, text) = text.strip_prefix('\\').map_or((false, text), |rest| (true, rest));
    let (sum, rest) = text.split_at_checked(64).ok_or("it is too short")?;
    let path =
        rest.strip_prefix("  ").or(rest.strip_prefix(" *")).ok_or("the sum is not followed by two blanks")?;
    let mut bytes = Sum::default();
    for (at, byte) in bytes.iter_mut().enumerate() {
        let digits =
            sum.get(2 * at..2 * at + 2).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
        *byte =
            digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()).ok_or("the sum is no number")?;
    }
    let path = path.strip_prefix("./").unwrap_or(path);
    match escaped {
        true => Err("no file of a site has a name with a backslash or a line break"),
        false if !stays_below(path) => Err("the path leads out of the output folder"),
        false => Ok((path.to_owned(), bytes)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_back() {
        let sum = [0xa5; 32];
        let written = line("2024/a b/خبر.html", &sum);
        assert_eq!(parse(written.trim_end()), Ok(("2024/a b/خبر.html".to_owned(), sum)));
        let upper = written.trim_end().replace("a5", "A5").replace("  ", " *./");
        assert_eq!(parse(&upper), Ok(("2024/a b/خبر.html".to_owned(), sum)));
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
            assert!(parse(bad.trim_end()).is_err(), "{bad}");
        }
    }
}

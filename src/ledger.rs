//! The ledger: every file that a build wrote, with what it was made from.
//!
//! One file per output folder in the site's `.dateline/`: a header (magic, version, hash of the rest), then the entries. A ledger that is
//! missing, damaged or of another version counts as empty: the next build then compares bytes instead of fingerprints.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::diagnostic::Error;
use crate::model::Fingerprint;

const MAGIC: &[u8; 8] = b"dateline";
/// Changes with the layout below.
const VERSION: u32 = 1;

/// What is known of one written file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// What it was made from.
    pub fingerprint: Fingerprint,
    /// Its length in bytes.
    pub length: u64,
    /// Its modification time as the file system gave it, in nanoseconds since 1970.
    pub modified: u64,
    /// The article that it is the page of, if it is one: the file, relative to `content/`.
    pub article: Option<String>,
}

/// All files that were written, by their path below the output folder.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// The entries.
    pub entries: HashMap<String, Entry>,
}

/// Where the ledger of an output folder is kept.
pub fn file(state: &Path, root: &Path, output: &Path) -> PathBuf {
    let name = output.strip_prefix(root).unwrap_or(output).to_string_lossy().replace('\\', "/");
    state.join(format!("ledger-{:016x}.bin", Fingerprint::of(name.as_bytes()).0))
}

impl Ledger {
    /// Reads a ledger. The second value says why it is empty although there is a file.
    pub fn load(file: &Path) -> (Self, Option<String>) {
        let bytes = match std::fs::read(file) {
            Ok(bytes) => bytes,
            Err(missing) if missing.kind() == std::io::ErrorKind::NotFound => return (Self::default(), None),
            Err(error) => return (Self::default(), Some(format!("the ledger can't be read ({error})"))),
        };
        match Self::decode(&bytes) {
            Some(ledger) => (ledger, None),
            None => (Self::default(), Some("the ledger is damaged or from another version".into())),
        }
    }

    /// Saves a ledger by one rename.
    ///
    /// # Errors
    /// If the state folder can't be written to.
    pub fn save(&self, file: &Path) -> Result<(), Error> {
        let folder = file.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder).map_err(Error::io("can't create", folder))?;
        let temporary = file.with_extension("tmp");
        std::fs::write(&temporary, self.encode()).map_err(Error::io("can't write", &temporary))?;
        std::fs::rename(&temporary, file).map_err(Error::io("can't write", file))
    }

    fn encode(&self) -> Vec<u8> {
        let mut body = Vec::with_capacity(self.entries.len() * 96);
        let mut entries: Vec<_> = self.entries.iter().collect();
        entries.sort_by(|a, b| a.0.cmp(b.0));
        for (path, entry) in entries {
            put(&mut body, path);
            put(&mut body, entry.article.as_deref().unwrap_or_default());
            for number in [entry.fingerprint.0, entry.length, entry.modified] {
                body.extend(number.to_le_bytes());
            }
        }
        let mut out = Vec::with_capacity(body.len() + 20);
        out.extend(MAGIC);
        out.extend(VERSION.to_le_bytes());
        out.extend(Fingerprint::of(&body).0.to_le_bytes());
        out.extend(body);
        out
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(MAGIC)?.strip_prefix(&VERSION.to_le_bytes())?;
        let (sum, mut rest) = rest.split_at_checked(8)?;
        if sum != Fingerprint::of(rest).0.to_le_bytes() {
            return None;
        }
        let mut entries = HashMap::new();
        while !rest.is_empty() {
            let path = take(&mut rest)?;
            let article = Some(take(&mut rest)?).filter(|article| !article.is_empty());
            let mut number = || -> Option<u64> {
                let (head, tail) = rest.split_at_checked(8)?;
                rest = tail;
                Some(u64::from_le_bytes(head.try_into().ok()?))
            };
            let (fingerprint, length, modified) = (Fingerprint(number()?), number()?, number()?);
            entries.insert(path, Entry { fingerprint, length, modified, article });
        }
        Some(Self { entries })
    }
}

fn put(out: &mut Vec<u8>, text: &str) {
    out.extend((text.len() as u32).to_le_bytes());
    out.extend(text.as_bytes());
}

fn take(rest: &mut &[u8]) -> Option<String> {
    let (head, tail) = rest.split_at_checked(4)?;
    let (text, tail) = tail.split_at_checked(u32::from_le_bytes(head.try_into().ok()?) as usize)?;
    *rest = tail;
    String::from_utf8(text.to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ledger() -> Ledger {
        let entry =
            Entry { fingerprint: Fingerprint(7), length: 3, modified: 9, article: Some("a.md".into()) };
        Ledger {
            entries: HashMap::from([("a/index.html".into(), entry), ("feed.xml".into(), Entry::default())]),
        }
    }

    #[test]
    fn comes_back_as_it_was() {
        assert_eq!(Ledger::decode(&ledger().encode()), Some(ledger()));
    }

    #[test]
    fn damage_is_noticed() {
        let good = ledger().encode();
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1;
            assert_eq!(Ledger::decode(&bad), None, "byte {at}");
            assert_eq!(Ledger::decode(&good[..at]), None, "cut at {at}");
        }
    }
}

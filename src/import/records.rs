//! The records of earlier imports: `imports.txt` in the site's folder. Each line has the id of a
//! record, the path of its article below `content/`, and the hash of the file as it was written,
//! separated by tabs. The last line of an id takes precedence.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, BufWriter, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use crate::atomic_file::AtomicFile;
use crate::diagnostics::Error;
use crate::model::Fingerprint;
use crate::model::permalink::is_safe_relative_path;
use crate::regular_file;

/// The name of the file in the site's folder.
pub(crate) const IMPORT_RECORDS_FILE: &str = "imports.txt";
/// The first line of the file.
const HEADER: &str = "# The articles that `dateline import` has written: id, file, hash. Keep it \
     under version control: it protects edited articles.";

/// An article that an earlier import has written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ImportRecord {
    /// The path below `content/`.
    pub(crate) file: Box<str>,
    /// The hash of the file as it was written.
    pub(crate) hash: Fingerprint,
}

/// The records of all imports into a site.
#[derive(Debug)]
pub(crate) struct ImportRecords {
    path: PathBuf,
    by_key: HashMap<Box<str>, ImportRecord>,
    /// The file while records are appended.
    writer: Option<BufWriter<File>>,
}

impl ImportRecords {
    /// Reads the records. A line that is incomplete, because a run was killed, is skipped.
    ///
    /// # Errors
    /// [`Error::Io`] if the file exists and can't be read.
    pub(crate) fn read(site_root: &Path) -> Result<Self, Error> {
        let path = site_root.join(IMPORT_RECORDS_FILE);
        let mut by_key = HashMap::new();
        match regular_file::open(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(Error::io("can't read", &path)(error)),
            Ok(file) => {
                for line in BufReader::new(file).split(b'\n') {
                    let line = line.map_err(Error::io("can't read", &path))?;
                    let line = String::from_utf8_lossy(&line);
                    if let Some((key, record)) = parse_line(line.trim_end()) {
                        by_key.insert(key.into(), record);
                    }
                }
            }
        }
        Ok(Self { path, by_key, writer: None })
    }

    /// Returns the record of an id.
    pub(crate) fn get(&self, key: &str) -> Option<&ImportRecord> {
        self.by_key.get(key)
    }

    /// Returns all records.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &ImportRecord> {
        self.by_key.values()
    }

    /// Appends a record, so that an import that is killed can be continued.
    ///
    /// # Errors
    /// [`Error::Io`] if the file can't be written.
    pub(crate) fn append(&mut self, key: &str, record: ImportRecord) -> Result<(), Error> {
        if self.writer.is_none() {
            let file = OpenOptions::new().append(true).create(true).open(&self.path);
            let file = file.map_err(Error::io("can't write", &self.path))?;
            let mut writer = BufWriter::new(file);
            // An interrupted run may have left an incomplete line.
            writer.write_all(b"\n").map_err(Error::io("can't write", &self.path))?;
            self.writer = Some(writer);
        }
        if let Some(writer) = &mut self.writer {
            let written = writer.write_all(line(key, &record).as_bytes());
            let flushed = written.and_then(|()| writer.flush());
            flushed.map_err(Error::io("can't write", &self.path))?;
        }
        self.by_key.insert(key.into(), record);
        Ok(())
    }

    /// Replaces the file with a sorted one, if records were appended.
    ///
    /// # Errors
    /// [`Error::Io`] if the file can't be written.
    pub(crate) fn finish(&mut self) -> Result<(), Error> {
        if self.writer.take().is_none() {
            return Ok(());
        }
        let mut keys: Vec<&str> = self.by_key.keys().map(|key| &**key).collect();
        keys.sort_unstable();
        let mut file = AtomicFile::create(&self.path)?;
        file.write_all(format!("{HEADER}\n").as_bytes())?;
        for key in keys {
            if let Some(record) = self.by_key.get(key) {
                file.write_all(line(key, record).as_bytes())?;
            }
        }
        file.commit()
    }
}

fn line(key: &str, record: &ImportRecord) -> String {
    format!("{key}\t{}\t{:016x}\n", record.file, record.hash.0)
}

/// Parses a line; `None` if it is a comment, incomplete, or has a path outside `content/`.
fn parse_line(line: &str) -> Option<(&str, ImportRecord)> {
    let mut fields = line.split('\t');
    let (key, file, hash) = (fields.next()?, fields.next()?, fields.next()?);
    let is_valid = !key.is_empty() && hash.len() == 16 && is_safe_relative_path(file);
    let hash = Fingerprint(u64::from_str_radix(hash, 16).ok().filter(|_| is_valid)?);
    Some((key, ImportRecord { file: file.into(), hash }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_survive_an_interrupted_run() {
        let folder = tempfile::tempdir().unwrap();
        let record = |hash: u64| ImportRecord { file: "2024/a.md".into(), hash: Fingerprint(hash) };
        let mut records = ImportRecords::read(folder.path()).unwrap();
        records.append("text:b", record(1)).unwrap();
        records.append("text:a", record(2)).unwrap();
        drop(records);
        let file = folder.path().join(IMPORT_RECORDS_FILE);
        let mut text = std::fs::read_to_string(&file).unwrap();
        text.push_str("text:c\t2024/c.md\t00");
        std::fs::write(&file, text).unwrap();
        let mut records = ImportRecords::read(folder.path()).unwrap();
        assert_eq!(records.get("text:a"), Some(&record(2)));
        assert_eq!(records.get("text:c"), None);
        records.append("text:b", record(3)).unwrap();
        records.finish().unwrap();
        let text = std::fs::read_to_string(&file).unwrap();
        let lines: Vec<&str> = text.lines().skip(1).collect();
        assert_eq!(
            lines,
            ["text:a\t2024/a.md\t0000000000000002", "text:b\t2024/a.md\t0000000000000003"]
        );
        assert!(parse_line("k\t../a.md\t0000000000000003").is_none());
    }
}

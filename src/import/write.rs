//! Writes articles' files, without replacing what an editor has changed since the last import.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::outcome::FileState;
use super::records::{ImportRecord, ImportRecords};
use crate::atomic_file::replace_file;
use crate::config::Site;
use crate::diagnostics::Error;
use crate::model::Fingerprint;
use crate::regular_file;
use crate::scaffold::write_new;

/// The effect of an import on the site's files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WriteMode {
    /// Files are written.
    Write,
    /// Nothing is written.
    DryRun,
}

/// Writes articles, and records what it has written.
#[derive(Debug)]
pub(crate) struct ArticleWriter {
    /// The folder of articles, without symbolic links in its own path.
    content: PathBuf,
    records: ImportRecords,
    mode: WriteMode,
}

impl ArticleWriter {
    /// Creates a writer for a site.
    ///
    /// # Errors
    /// [`Error::Io`] if the folder of articles can't be opened.
    pub(crate) fn new(site: &Site, records: ImportRecords, mode: WriteMode) -> Result<Self, Error> {
        let content = site.content_dir.canonicalize();
        let content = content.map_err(Error::io("can't open", &site.content_dir))?;
        Ok(Self { content, records, mode })
    }

    /// Writes an article. `path` is its path below `content/`, `key` its id.
    ///
    /// # Errors
    /// [`Error::Io`] if a file can't be read or written; [`Error::Usage`] if a folder of the path
    /// is a file or a symbolic link.
    pub(crate) fn write(&mut self, key: &str, path: &str, text: &str) -> Result<FileState, Error> {
        let file = self.content.join(path);
        let new_hash = Fingerprint::hash_bytes(text.as_bytes());
        let recorded = self.records.get(key).map(|record| record.hash);
        let current = match regular_file::read(&file) {
            Ok(bytes) => Some(Fingerprint::hash_bytes(&bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(Error::io("can't read", &file)(error)),
        };
        let state = match (current, recorded) {
            (Some(current), _) if current == new_hash => FileState::Unchanged,
            (Some(current), Some(recorded)) if current == recorded => FileState::Updated,
            (Some(_), _) => FileState::Conflict("the article was edited since the last import"),
            (None, Some(_)) => FileState::Conflict("the article was moved or deleted"),
            (None, None) => FileState::Created,
        };
        if self.mode == WriteMode::DryRun {
            return Ok(state);
        }
        match state {
            FileState::Created => {
                if !write_new(&self.content, path, text)? {
                    return Ok(FileState::Conflict("another program has created the file"));
                }
            }
            FileState::Updated => self.replace(&file, path, text)?,
            FileState::Unchanged if recorded == Some(new_hash) => return Ok(state),
            FileState::Unchanged => {}
            FileState::Conflict(_) => return Ok(state),
        }
        self.records.append(key, ImportRecord { file: path.into(), hash: new_hash })?;
        Ok(state)
    }

    /// Replaces a file that an earlier import has written.
    fn replace(&self, file: &Path, path: &str, text: &str) -> Result<(), Error> {
        let folder = file.parent().unwrap_or(&self.content);
        let is_inside = folder.canonicalize().is_ok_and(|real| real == folder);
        if !is_inside || file.symlink_metadata().is_ok_and(|metadata| metadata.is_symlink()) {
            let message = format!("can't write {path}: it is a symbolic link, or in one");
            return Err(Error::Usage(message));
        }
        replace_file(file, text.as_bytes())
    }

    /// Saves the records.
    ///
    /// # Errors
    /// [`Error::Io`] if the file of records can't be written.
    pub(crate) fn finish(mut self) -> Result<(), Error> {
        self.records.finish()
    }
}

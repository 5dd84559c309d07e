//! Changes of the output: the files that a build wrote and those that it removed.

use std::io::{self, BufRead, BufReader, BufWriter, Seek, SeekFrom, Write};
use std::path::Path;

use tempfile::{SpooledTempFile, spooled_tempfile, spooled_tempfile_in};

/// The number of bytes of paths that are kept in memory.
const MEMORY_LIMIT: usize = 1 << 20;

/// Files that a build wrote or removed.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct OutputChanges {
    /// The number of files that were written.
    pub written: usize,
    /// The number of files that were removed.
    pub removed: usize,
    /// Their paths below the output folder, if they are listed.
    pub list: Option<ChangeList>,
}

impl OutputChanges {
    pub(crate) fn add_written(&mut self, path: impl FnOnce() -> String) {
        self.written += 1;
        if let Some(list) = &mut self.list {
            list.written.push(&path());
        }
    }

    pub(crate) fn add_removed(&mut self, path: &str) {
        self.removed += 1;
        if let Some(list) = &mut self.list {
            list.removed.push(path);
        }
    }
}

/// The paths of changed files, in order.
#[derive(Debug)]
#[non_exhaustive]
pub struct ChangeList {
    /// Files that were written.
    pub written: SpooledPaths,
    /// Files that were removed.
    pub removed: SpooledPaths,
}

impl ChangeList {
    /// Returns an empty list. If the folder exists, its temporary file is created there.
    pub(crate) fn new(folder: &Path) -> Self {
        Self { written: SpooledPaths::new(folder), removed: SpooledPaths::new(folder) }
    }

    /// Visits one line per file: `+ path` where it was written, `- path` where it was removed.
    ///
    /// # Errors
    /// The error of `visit`; the I/O error of reading or writing the temporary file of the paths.
    pub fn try_for_each_line(
        &mut self,
        mut visit: impl FnMut(&str) -> io::Result<()>,
    ) -> io::Result<()> {
        self.written.try_for_each(|path| visit(&format!("+ {path}")))?;
        self.removed.try_for_each(|path| visit(&format!("- {path}")))
    }
}

/// Paths in order. Those of a large build are in a temporary file, so that a million of
/// them take no memory.
#[derive(Debug)]
pub struct SpooledPaths {
    spool: BufWriter<SpooledTempFile>,
    /// The error of a failed write.
    write_error: Option<io::Error>,
}

impl SpooledPaths {
    fn new(folder: &Path) -> Self {
        let spool = if folder.is_dir() {
            spooled_tempfile_in(MEMORY_LIMIT, folder)
        } else {
            spooled_tempfile(MEMORY_LIMIT)
        };
        Self { spool: BufWriter::new(spool), write_error: None }
    }

    fn push(&mut self, path: &str) {
        // No path holds this byte (POSIX.1-2017, section 3.271).
        if let Err(error) =
            self.spool.write_all(path.as_bytes()).and_then(|()| self.spool.write_all(b"\0"))
        {
            self.write_error.get_or_insert(error);
        }
    }

    /// Visits each path.
    ///
    /// # Errors
    /// The error of `visit`; the I/O error of reading or writing the temporary file of the paths.
    pub fn try_for_each(
        &mut self,
        mut visit: impl FnMut(&str) -> io::Result<()>,
    ) -> io::Result<()> {
        if let Some(error) = self.write_error.take() {
            return Err(error);
        }
        self.spool.flush()?;
        let spool = self.spool.get_mut();
        spool.seek(SeekFrom::Start(0))?;
        let mut reader = BufReader::new(&mut *spool);
        let mut path = Vec::new();
        while reader.read_until(0, &mut path)? > 0 {
            path.pop();
            visit(&String::from_utf8_lossy(&path))?;
            path.clear();
        }
        spool.seek(SeekFrom::End(0)).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_visited_in_order_however_many() {
        let folder = tempfile::tempdir().expect("a folder");
        for (count, spool_folder) in
            [(3, folder.path()), (100_000, folder.path()), (100_000, Path::new("no such folder"))]
        {
            let mut list = ChangeList::new(spool_folder);
            (0..count).for_each(|number| {
                list.written.push(&format!("2024/11/05/story-{number}/index.html"));
            });
            list.removed.push("old\nname");
            // Visited twice, as for a file and on standard output.
            for _ in 0..2 {
                let mut lines = Vec::new();
                let mut visit = |line: &str| {
                    lines.push(line.to_owned());
                    Ok(())
                };
                list.try_for_each_line(&mut visit).expect("visited");
                assert_eq!(lines.len(), count + 1);
                assert!(
                    lines
                        .iter()
                        .take(count)
                        .enumerate()
                        .all(|(at, line)| line.ends_with(&format!("-{at}/index.html")))
                );
                assert_eq!(lines.last().map(String::as_str), Some("- old\nname"));
            }
            assert_eq!(
                std::fs::read_dir(folder.path()).expect("listed").count(),
                0,
                "a file without a name"
            );
        }
    }
}

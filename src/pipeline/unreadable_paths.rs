//! The files and folders of `content/` and `static/` that can't be read.

use crate::diagnostics::{Diagnostic, Severity};

/// Paths below `content/` or `static/` of files and folders that exist and can't be read. The
/// articles and files in them are known from the last build only.
#[derive(Debug, Default)]
pub(crate) struct UnreadablePaths(Vec<Box<str>>);

impl UnreadablePaths {
    /// Returns the files and folders of `static/` for which an error was reported.
    pub(crate) fn of_static(diagnostics: &[Diagnostic]) -> Self {
        let errors = diagnostics.iter().filter(|diagnostic| {
            diagnostic.severity == Severity::Error
                && ["unreadable", "symlink"].contains(&diagnostic.code)
        });
        Self(
            errors.filter_map(|error| error.file.strip_prefix("static/")).map(Into::into).collect(),
        )
    }

    /// Adds a file or folder; an empty path is `content/` or `static/` itself.
    pub(crate) fn add(&mut self, path: &str) {
        self.0.push(path.into());
    }

    /// Returns true if everything can be read.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds the paths of another list.
    pub(crate) fn append(&mut self, other: &mut Self) {
        self.0.append(&mut other.0);
    }

    /// Returns true if a file is one of them, or is in one of them.
    pub(crate) fn contains(&self, file: &str) -> bool {
        self.0.iter().any(|path| {
            path.is_empty()
                || file
                    .strip_prefix(&**path)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::UnreadablePaths;

    #[test]
    fn a_path_stands_for_everything_below_it() {
        let mut paths = UnreadablePaths::default();
        assert!(!paths.contains("2024/a.md"));
        paths.add("2024");
        paths.add("pipe.md");
        for file in ["2024/a.md", "2024/11/a.md", "pipe.md"] {
            assert!(paths.contains(file), "{file}");
        }
        for file in ["20245/a.md", "a.md", "x/2024/a.md", "pipe.md2"] {
            assert!(!paths.contains(file), "{file}");
        }
        paths.add("");
        assert!(paths.contains("a.md"));
    }
}

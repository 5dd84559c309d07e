//! The files and folders of `content/` that can't be read.

/// Paths below `content/` of files and folders that exist and can't be read. The articles in them
/// are known from the last build only.
#[derive(Debug, Default)]
pub(crate) struct UnreadablePaths(Vec<Box<str>>);

impl UnreadablePaths {
    /// Adds a file or folder; an empty path is `content/` itself.
    pub(crate) fn add(&mut self, path: &str) {
        self.0.push(path.into());
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

//! The paths of output files: no two files with the same path, and no file where another needs a
//! folder, on any file system.

use std::collections::{HashMap, HashSet};

use crate::diagnostics::Diagnostic;
use crate::model::slug::collision_key;
use crate::model::{Fingerprint, OutputPath};

/// The position of a file in the plan: its batch, and its index in the batch.
pub(crate) type OutputPosition = (u32, u32);

/// The paths that are taken, normalized so that two paths that are the same on some file system are
/// equal.
#[derive(Default)]
pub(crate) struct OutputPaths {
    files: HashMap<u64, OutputPosition>,
    /// Folders whose name could be that of a file.
    folders: HashMap<u64, OutputPosition>,
    /// True if there are files without a dot in their name (`CNAME`), so that any folder could be a
    /// file.
    has_dotless: bool,
}

impl OutputPaths {
    /// No paths yet, for a site with these files without a dot in their name.
    pub(crate) fn alongside(dotless: &DotlessFiles) -> Self {
        Self { has_dotless: !dotless.0.is_empty(), ..Self::default() }
    }

    /// Reserves a path for a file. If the path is taken, or is or needs a folder of the same name
    /// as a file, returns the other file.
    ///
    /// # Errors
    /// The file that has the path, or that is or needs a folder of the same name as a file.
    pub(crate) fn reserve(
        &mut self,
        path: &str,
        output: OutputPosition,
    ) -> Result<(), OutputPosition> {
        let normalized = collision_key(path);
        let key = Fingerprint::hash_bytes(normalized.as_bytes()).0;
        let name = normalized.rsplit('/').next().unwrap_or(&normalized);
        self.has_dotless |= !name.contains('.');
        let existing = self.files.get(&key).or_else(|| self.folders.get(&key)).copied();
        let folders: Vec<u64> = self.file_like_folders(&normalized);
        let blocked = || folders.iter().find_map(|folder| self.files.get(folder).copied());
        if let Some(other) = existing.or_else(blocked) {
            return Err(other);
        }
        self.files.insert(key, output);
        for folder in folders {
            self.folders.entry(folder).or_insert(output);
        }
        Ok(())
    }

    /// Returns the folders of a path that could be files.
    fn file_like_folders(&self, path: &str) -> Vec<u64> {
        let prefixes = path.match_indices('/').map(|(end, _)| &path[..end]);
        let could_be_file = |folder: &&str| {
            self.has_dotless || folder.rsplit('/').next().is_some_and(|name| name.contains('.'))
        };
        prefixes
            .filter(could_be_file)
            .map(|folder| Fingerprint::hash_bytes(folder.as_bytes()).0)
            .collect()
    }
}

/// The hashes of a normalized path and of those of its folders whose name could be that of a file.
pub(crate) struct CollisionKeys {
    pub(crate) path: Fingerprint,
    pub(crate) folders: Vec<Fingerprint>,
}

/// The normalized paths of files without a dot in their name (`CNAME`), which any folder could
/// collide with.
pub(crate) struct DotlessFiles(HashSet<String>);

impl DotlessFiles {
    /// Selects the files without a dot in their name.
    pub(crate) fn from_paths(paths: impl Iterator<Item = OutputPath>) -> Self {
        let dotless = paths.filter(|path| !path.file_name().contains('.'));
        Self(dotless.map(|path| collision_key(path.as_str())).collect())
    }

    /// Returns the keys of a path; none if a folder of it is one of these files.
    pub(crate) fn collision_keys(&self, path: &str) -> Option<CollisionKeys> {
        let normalized = collision_key(path);
        let prefixes = || normalized.match_indices('/').map(|(end, _)| &normalized[..end]);
        if !self.0.is_empty() && prefixes().any(|folder| self.0.contains(folder)) {
            return None;
        }
        let file_like = prefixes()
            .filter(|folder| folder.rsplit('/').next().is_some_and(|name| name.contains('.')));
        let folders = file_like.map(|folder| Fingerprint::hash_bytes(folder.as_bytes())).collect();
        Some(CollisionKeys { path: Fingerprint::hash_bytes(normalized.as_bytes()), folders })
    }
}

/// Returns true if all paths differ and none is a folder of another. Both are given by their
/// hashes, those of the paths in order.
pub(crate) fn are_distinct<T>(
    paths: &[T],
    path_of: impl Fn(&T) -> Fingerprint,
    mut folders: impl Iterator<Item = Fingerprint>,
) -> bool {
    paths.windows(2).all(|pair| path_of(&pair[0]) != path_of(&pair[1]))
        && folders.all(|folder| paths.binary_search_by_key(&folder, &path_of).is_err())
}

/// Reports a redirect from the URL of a page.
pub(crate) fn alias_hides_page(url: &str, page: &str, file: &str) -> Diagnostic {
    let message = format!("`{url}` can't be redirected: it is the URL of {page}");
    let help = "remove the URL from `aliases` or `redirects`";
    Diagnostic::error("alias-hides-page", file, message).help(help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_reserved_once() {
        let mut output_paths = OutputPaths::default();
        assert_eq!(output_paths.reserve("CNAME", (0, 0)), Ok(()));
        assert_eq!(output_paths.reserve("a/index.html", (0, 1)), Ok(()));
        assert_eq!(output_paths.reserve("A/index.html", (0, 2)), Err((0, 1)));
        assert_eq!(output_paths.reserve("cname/index.html", (0, 3)), Err((0, 0)));
        assert_eq!(output_paths.reserve("b.html/x/index.html", (0, 4)), Ok(()));
        assert_eq!(output_paths.reserve("b.html", (0, 5)), Err((0, 4)));
        assert_eq!(output_paths.reserve("é/index.html", (0, 6)), Ok(()));
        assert_eq!(output_paths.reserve("e\u{301}/index.html", (0, 7)), Err((0, 6)));
    }
}

//! Claims: no two outputs at one place, nor one at a place that another needs as a folder, on any
//! file system.

use std::collections::HashMap;

use crate::diagnostics::Diagnostic;
use crate::model::slug::collision_key;
use crate::model::{Fingerprint, OutputPath};

/// Where a claimant stands in the plan: its batch and its place in that.
pub(crate) type OutputPosition = (u32, u32);

/// Which paths are taken, by what differs on no file system.
#[derive(Default)]
pub(crate) struct OutputPaths {
    files: HashMap<u64, OutputPosition>,
    /// Folders whose name could be a file's.
    folders: HashMap<u64, OutputPosition>,
    /// Whether files without a dot in their name are about (`CNAME`), so that any folder could be
    /// one.
    has_dotless: bool,
}

impl OutputPaths {
    /// No claims yet. `dotless` says whether files without a dot in their name are to come.
    pub(crate) fn new(has_dotless: bool) -> Self {
        Self { has_dotless, ..Self::default() }
    }

    /// Claims a path. The claimant that has it already, or that is in its way, is given back
    /// instead.
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

    /// The folders of a path that could be files.
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

/// What a path needs for itself, by what differs on no file system: its own hash, and those of its
/// folders whose name could be a file's.
pub(crate) struct CollisionKeys {
    pub(crate) path: Fingerprint,
    pub(crate) folders: Vec<Fingerprint>,
}

/// Files without a dot in their name (`CNAME`), which any folder could be: their paths, by what
/// differs on no file system.
pub(crate) struct DotlessFiles(Vec<String>);

impl DotlessFiles {
    /// Those among some files.
    pub(crate) fn from_paths(paths: impl Iterator<Item = OutputPath>) -> Self {
        let dotless = paths.filter(|path| !path.file_name().contains('.'));
        Self(dotless.map(|path| collision_key(path.as_str())).collect())
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What a path claims; nothing, if one of these is in its way.
    pub(crate) fn collision_keys(&self, path: &str) -> Option<CollisionKeys> {
        let normalized = collision_key(path);
        let is_below = |file: &String| {
            normalized.strip_prefix(file.as_str()).is_some_and(|rest| rest.starts_with('/'))
        };
        if self.0.iter().any(is_below) {
            return None;
        }
        let prefixes = normalized.match_indices('/').map(|(end, _)| &normalized[..end]);
        let file_like = prefixes
            .filter(|folder| folder.rsplit('/').next().is_some_and(|name| name.contains('.')));
        let folders = file_like.map(|folder| Fingerprint::hash_bytes(folder.as_bytes())).collect();
        Some(CollisionKeys { path: Fingerprint::hash_bytes(normalized.as_bytes()), folders })
    }
}

/// Whether no two paths are one, and none is a folder of another, given the hashes of both, the
/// paths' in order.
pub(crate) fn are_distinct<T>(
    paths: &[T],
    path_of: impl Fn(&T) -> Fingerprint,
    mut folders: impl Iterator<Item = Fingerprint>,
) -> bool {
    paths.windows(2).all(|pair| path_of(&pair[0]) != path_of(&pair[1]))
        && folders.all(|folder| paths.binary_search_by_key(&folder, &path_of).is_err())
}

/// A redirect that wants the place of a page.
pub(crate) fn alias_hides_page(url: &str, page: &str, file: &str) -> Diagnostic {
    let message = format!("the former address `{url}` is where {page} is");
    let help = "take it out of `aliases` or `redirects`: an address leads to one place";
    Diagnostic::error("alias-hides-page", file, message).help(help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_place_has_one_claimant() {
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

//! Claims: no two outputs at one place, nor one at a place that another needs as a folder, on any file system.

use std::collections::HashMap;

use crate::diagnostic::Diagnostic;
use crate::model::slug::collision_key;
use crate::model::{Fingerprint, OutputPath};

/// Where a claimant stands in the plan: its batch and its place in that.
pub(super) type Claimant = (u32, u32);

/// Which paths are taken, by what differs on no file system.
#[derive(Default)]
pub(super) struct Claims {
    files: HashMap<u64, Claimant>,
    /// Folders whose name could be a file's.
    folders: HashMap<u64, Claimant>,
    /// Whether files without a dot in their name are about (`CNAME`), so that any folder could be one.
    dotless: bool,
}

impl Claims {
    /// No claims yet. `dotless` says whether files without a dot in their name are to come.
    pub(super) fn new(dotless: bool) -> Self {
        Self { dotless, ..Self::default() }
    }

    /// Claims a path. The claimant that has it already, or that is in its way, is given back instead.
    pub(super) fn claim(&mut self, path: &str, by: Claimant) -> Result<(), Claimant> {
        let whole = collision_key(path);
        let key = Fingerprint::of(whole.as_bytes()).0;
        let name = whole.rsplit('/').next().unwrap_or(&whole);
        self.dotless |= !name.contains('.');
        let taken = self.files.get(&key).or_else(|| self.folders.get(&key)).copied();
        let folders: Vec<u64> = self.folders_of(&whole);
        let blocked = || folders.iter().find_map(|folder| self.files.get(folder).copied());
        if let Some(other) = taken.or_else(blocked) {
            return Err(other);
        }
        self.files.insert(key, by);
        for folder in folders {
            self.folders.entry(folder).or_insert(by);
        }
        Ok(())
    }

    /// The folders of a path that could be files.
    fn folders_of(&self, path: &str) -> Vec<u64> {
        let ends = path.match_indices('/').map(|(end, _)| &path[..end]);
        let named =
            |folder: &&str| self.dotless || folder.rsplit('/').next().is_some_and(|n| n.contains('.'));
        ends.filter(named).map(|folder| Fingerprint::of(folder.as_bytes()).0).collect()
    }
}

/// What a path needs for itself, by what differs on no file system: its own hash, and those of its folders whose name could be a file's.
pub(super) struct Claim {
    pub(super) path: Fingerprint,
    pub(super) folders: Vec<Fingerprint>,
}

/// Files without a dot in their name (`CNAME`), which any folder could be: their paths, by what differs on no file system.
pub(super) struct Dotless(Vec<String>);

impl Dotless {
    /// Those among some files.
    pub(super) fn of(paths: impl Iterator<Item = OutputPath>) -> Self {
        let dotless = paths.filter(|path| !path.name().contains('.'));
        Self(dotless.map(|path| collision_key(path.as_str())).collect())
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What a path claims; nothing, if one of these is in its way.
    pub(super) fn claim(&self, path: &str) -> Option<Claim> {
        let whole = collision_key(path);
        let below =
            |file: &String| whole.strip_prefix(file.as_str()).is_some_and(|rest| rest.starts_with('/'));
        if self.0.iter().any(below) {
            return None;
        }
        let ends = whole.match_indices('/').map(|(end, _)| &whole[..end]);
        let named = ends.filter(|folder| folder.rsplit('/').next().is_some_and(|name| name.contains('.')));
        let folders = named.map(|folder| Fingerprint::of(folder.as_bytes())).collect();
        Some(Claim { path: Fingerprint::of(whole.as_bytes()), folders })
    }
}

/// Whether no two paths are one, and none is a folder of another, given the hashes of both, the paths' in order.
pub(super) fn are_apart<T>(
    paths: &[T],
    path: impl Fn(&T) -> Fingerprint,
    mut folders: impl Iterator<Item = Fingerprint>,
) -> bool {
    paths.windows(2).all(|pair| path(&pair[0]) != path(&pair[1]))
        && folders.all(|folder| paths.binary_search_by_key(&folder, &path).is_err())
}

/// A redirect that wants the place of a page.
pub(super) fn hides(address: &str, page: &str, file: &str) -> Diagnostic {
    let message = format!("the former address `{address}` is where {page} is");
    let help = "take it out of `aliases` or `redirects`: an address leads to one place";
    Diagnostic::error("alias-hides-page", file, message).help(help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_place_has_one_claimant() {
        let mut claims = Claims::default();
        assert_eq!(claims.claim("CNAME", (0, 0)), Ok(()));
        assert_eq!(claims.claim("a/index.html", (0, 1)), Ok(()));
        assert_eq!(claims.claim("A/index.html", (0, 2)), Err((0, 1)));
        assert_eq!(claims.claim("cname/index.html", (0, 3)), Err((0, 0)));
        assert_eq!(claims.claim("b.html/x/index.html", (0, 4)), Ok(()));
        assert_eq!(claims.claim("b.html", (0, 5)), Err((0, 4)));
        assert_eq!(claims.claim("é/index.html", (0, 6)), Ok(()));
        assert_eq!(claims.claim("e\u{301}/index.html", (0, 7)), Err((0, 6)));
    }
}

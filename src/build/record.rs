//! Record: what was written is saved, what is no longer wanted is removed. Last of all, by one rename.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use crate::diagnostic::Error;
use crate::ledger::Ledger;
use crate::site::Site;

/// Keeps the last good page of what couldn't be built now: by its own path, or by the file of its article.
pub(super) fn carry_over(old: &Ledger, new: &mut Ledger, kept: &HashSet<String>) {
    for (path, entry) in &old.entries {
        let wanted =
            kept.contains(path) || entry.article.as_ref().is_some_and(|article| kept.contains(article));
        if wanted && !new.entries.contains_key(path) {
            new.entries.insert(path.clone(), entry.clone());
        }
    }
}

/// Removes every file that an earlier build wrote and this one doesn't want, and the folders that this leaves empty.
pub(super) fn remove_orphans(site: &Site, old: &Ledger, new: &Ledger) -> Result<usize, Error> {
    let mut orphans: Vec<&String> =
        old.entries.keys().filter(|path| !new.entries.contains_key(*path)).collect();
    orphans.sort();
    let mut removed = 0;
    for path in orphans {
        let file = site.output.join(path);
        match fs::remove_file(&file) {
            Ok(()) => removed += 1,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(Error::io("can't remove", &file)(error)),
        }
        let mut folder = file.parent();
        // A folder that isn't empty refuses, which is where to stop.
        while let Some(empty) =
            folder.filter(|folder| *folder != site.output && fs::remove_dir(folder).is_ok())
        {
            folder = empty.parent();
        }
    }
    Ok(removed)
}

/// Saves the ledger, if it says anything new.
pub(super) fn save(old: &Ledger, new: &Ledger, file: &Path) -> Result<(), Error> {
    if old == new && file.exists() { Ok(()) } else { new.save(file) }
}

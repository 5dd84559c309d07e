//! Discover: which files there are. Nothing is opened.

use walkdir::WalkDir;

use crate::diagnostic::{Diagnostic, Error};
use crate::site::Site;

/// The articles and term pages of a site, relative to `content/`, in order.
pub(super) fn discover(site: &Site, diagnostics: &mut Vec<Diagnostic>) -> Result<Vec<String>, Error> {
    let mut files = Vec::new();
    let walk = WalkDir::new(&site.content).follow_links(false).into_iter();
    for entry in
        walk.filter_entry(|entry| entry.depth() == 0 || !entry.file_name().to_string_lossy().starts_with('.'))
    {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let file = error.path().unwrap_or(&site.content).to_string_lossy().into_owned();
                diagnostics.push(Diagnostic::error("unreadable", file, format!("can't be read: {error}")));
                continue;
            }
        };
        let Ok(path) = entry.path().strip_prefix(&site.content) else { continue };
        let Some(path) = path.to_str().map(|path| path.replace('\\', "/")) else {
            let file = format!("content/{}", path.display());
            diagnostics
                .push(Diagnostic::error("file-name", file, "the file's name is not UTF-8").help("rename it"));
            continue;
        };
        if entry.path_is_symlink() && !follow(site, &entry, &path, diagnostics) {
            continue;
        }
        let article = path.ends_with(".md") || path.ends_with(".markdown");
        if article && (entry.file_type().is_file() || entry.path_is_symlink()) {
            files.push(path);
        }
    }
    files.sort_unstable();
    Ok(files)
}

/// Whether a symbolic link may be followed: only to a file inside `content/`.
fn follow(site: &Site, entry: &walkdir::DirEntry, path: &str, diagnostics: &mut Vec<Diagnostic>) -> bool {
    let file = format!("content/{path}");
    let mut refuse = |message: String| {
        diagnostics.push(
            Diagnostic::error("symlink", file.as_str(), message)
                .help("put the files themselves into content/"),
        );
        false
    };
    match entry.path().canonicalize() {
        Err(error) => refuse(format!("the link leads nowhere or in a circle ({error})")),
        Ok(real) if !real.starts_with(&site.content) => {
            refuse("the link leads out of content/ and is not followed".into())
        }
        Ok(real) if real.is_dir() => {
            refuse("links to folders are not followed: they can lead in a circle".into())
        }
        Ok(_) => true,
    }
}

//! Discovers the files of `content/`. Nothing is opened.

use rayon::prelude::*;
use walkdir::{DirEntry, WalkDir};

use crate::config::{Site, is_markdown_path};
use crate::diagnostics::Diagnostic;

/// The articles and term pages of a site, relative to `content/`, in order.
pub(crate) fn discover(site: &Site, diagnostics: &mut Vec<Diagnostic>) -> Vec<Box<str>> {
    // The folders of the second level (the months of `2024/11/`) are walked in parallel.
    let mut discovery = Discovery::default();
    let mut folders = Vec::new();
    for entry in visible_entries(WalkDir::new(&site.content_dir).min_depth(1).max_depth(2)) {
        match entry {
            Ok(entry) if entry.depth() == 2 && entry.file_type().is_dir() => {
                folders.push(entry.into_path());
            }
            entry => discovery.add_entry(site, entry),
        }
    }
    let discoveries: Vec<Discovery> = folders
        .par_iter()
        .map(|folder| {
            let mut discovery = Discovery::default();
            visible_entries(WalkDir::new(folder).min_depth(1))
                .for_each(|entry| discovery.add_entry(site, entry));
            discovery
        })
        .collect();
    let mut files = discovery.files;
    diagnostics.extend(discovery.diagnostics);
    files.reserve(discoveries.iter().map(|discovery| discovery.files.len()).sum());
    for discovery in discoveries {
        files.extend(discovery.files);
        diagnostics.extend(discovery.diagnostics);
    }
    files.par_sort_unstable();
    files
}

fn visible_entries(walk: WalkDir) -> impl Iterator<Item = walkdir::Result<DirEntry>> {
    let is_hidden = |entry: &DirEntry| {
        entry.depth() > 0 && entry.file_name().as_encoded_bytes().starts_with(b".")
    };
    walk.follow_links(false).into_iter().filter_entry(move |entry| !is_hidden(entry))
}

#[derive(Default)]
struct Discovery {
    files: Vec<Box<str>>,
    diagnostics: Vec<Diagnostic>,
}

impl Discovery {
    fn add_entry(&mut self, site: &Site, entry: walkdir::Result<DirEntry>) {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let path = error.path().unwrap_or(&site.content_dir);
                let file =
                    path.strip_prefix(&site.root).unwrap_or(path).to_string_lossy().into_owned();
                let message = format!("can't be read: {error}");
                self.diagnostics.push(Diagnostic::error("unreadable", file, message));
                return;
            }
        };
        let Ok(path) = entry.path().strip_prefix(&site.content_dir) else { return };
        let Some(path) = path.to_str() else {
            let file = format!("content/{}", path.display());
            self.diagnostics.push(
                Diagnostic::error("file-name", file, "the file's name is not UTF-8")
                    .help("rename it"),
            );
            return;
        };
        let path = path.replace('\\', "/");
        if entry.path_is_symlink() && !may_follow_link(site, &entry, &path, &mut self.diagnostics) {
            return;
        }
        if is_markdown_path(&path) {
            if entry.file_type().is_file() || entry.path_is_symlink() {
                self.files.push(path.into());
            } else {
                self.diagnostics.push(not_an_article(&path, &entry));
            }
        }
    }
}

/// Reports an entry that has the name of an article but isn't a file.
fn not_an_article(path: &str, entry: &DirEntry) -> Diagnostic {
    let (message, help) = if entry.file_type().is_dir() {
        (
            "it has the name of an article, but is a folder",
            "rename the folder; the files in it are read",
        )
    } else {
        (
            "it has the name of an article, but is a named pipe, a socket or a device",
            "replace it with a file, or remove it",
        )
    };
    Diagnostic::error("unreadable", format!("content/{path}"), message).help(help)
}

/// Returns true if a symbolic link may be followed: only to a file inside `content/`.
fn may_follow_link(
    site: &Site,
    entry: &DirEntry,
    path: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> bool {
    let file = format!("content/{path}");
    let mut refuse = |message: String| {
        diagnostics.push(
            Diagnostic::error("symlink", file.as_str(), message)
                .help("put the files themselves into content/"),
        );
        false
    };
    match entry.path().canonicalize() {
        Err(error) => refuse(format!("the symbolic link is broken or circular ({error})")),
        Ok(real) if !real.starts_with(&site.content_dir) => {
            refuse("the symbolic link points outside content/ and is not followed".into())
        }
        Ok(real) if real.is_dir() => {
            refuse("symbolic links to folders are not followed: they could be circular".into())
        }
        Ok(_) => true,
    }
}

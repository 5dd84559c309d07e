//! Discovers the files of `content/`. Nothing is opened.

use std::path::Path;

use rayon::prelude::*;
use walkdir::{DirEntry, WalkDir};

use crate::config::{Site, is_markdown_path};
use crate::diagnostics::Diagnostic;
use crate::pipeline::unreadable_paths::UnreadablePaths;

/// The files below `content/`.
#[derive(Default)]
pub(crate) struct Discovery {
    /// The paths of articles and pages of terms below `content/`, in order.
    pub(crate) paths: Vec<Box<str>>,
    /// The paths of all other files, in order; a hidden folder is one entry that ends with a slash.
    pub(crate) other_files: Vec<Box<str>>,
    /// Files and folders that can't be read, and links that aren't followed.
    pub(crate) unreadable: UnreadablePaths,
    /// Reports on files that can't be read.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// Finds the files of a site's `content/`.
pub(crate) fn discover(site: &Site) -> Discovery {
    // The folders of the second level (the months of `2024/11/`) are walked in parallel.
    let mut discovery = Discovery::default();
    let mut folders = Vec::new();
    let is_second_level = |entry: &DirEntry| entry.depth() == 2 && entry.file_type().is_dir();
    discovery.walk(site, WalkDir::new(&site.content_dir).min_depth(1).max_depth(2), |entry| {
        is_second_level(entry).then(|| folders.push(entry.path().to_owned())).is_some()
    });
    let discoveries: Vec<Discovery> = folders
        .par_iter()
        .map(|folder| {
            let mut discovery = Discovery::default();
            discovery.walk(site, WalkDir::new(folder).min_depth(1), |_| false);
            discovery
        })
        .collect();
    discovery.paths.reserve(discoveries.iter().map(|discovery| discovery.paths.len()).sum());
    for Discovery { paths, other_files, mut unreadable, diagnostics } in discoveries {
        discovery.paths.extend(paths);
        discovery.other_files.extend(other_files);
        discovery.unreadable.append(&mut unreadable);
        discovery.diagnostics.extend(diagnostics);
    }
    discovery.paths.par_sort_unstable();
    discovery.other_files.sort_unstable();
    discovery
}

/// Hidden files and folders of systems and tools, which aren't content.
const TOOL_FILES: [&str; 27] = [
    ".DS_Store",
    ".directory",
    ".editorconfig",
    ".fseventsd",
    ".git",
    ".gitattributes",
    ".gitignore",
    ".gitkeep",
    ".gitmodules",
    ".hg",
    ".hugo_build.lock",
    ".idea",
    ".keep",
    ".localized",
    ".markdownlint.json",
    ".nojekyll",
    ".obsidian",
    ".prettierignore",
    ".prettierrc",
    ".Spotlight-V100",
    ".stfolder",
    ".svn",
    ".TemporaryItems",
    ".Trashes",
    ".vscode",
    "Thumbs.db",
    "desktop.ini",
];

/// Returns true if a file or folder belongs to a system or tool. AppleDouble files begin with `._`,
/// an editor's locks and backups with `.#` or end with `~` or `.swp`.
fn is_tool_file(name: &str) -> bool {
    TOOL_FILES.contains(&name)
        || name.starts_with("._")
        || name.starts_with(".#")
        || name.ends_with('~')
        || name.starts_with('.') && name.ends_with(".swp")
}

impl Discovery {
    /// Adds the files of a walk. Folders that `takes` accepts aren't entered.
    fn walk(&mut self, site: &Site, walk: WalkDir, mut takes: impl FnMut(&DirEntry) -> bool) {
        let mut entries = walk.follow_links(false).into_iter();
        while let Some(entry) = entries.next() {
            let hidden = entry.as_ref().ok().filter(|entry| is_hidden(entry));
            if let Some(hidden) = hidden {
                self.add_hidden_entry(site, hidden);
                if hidden.file_type().is_dir() {
                    entries.skip_current_dir();
                }
            } else if !entry.as_ref().is_ok_and(&mut takes) {
                self.add_entry(site, entry);
            }
        }
    }

    fn add_hidden_entry(&mut self, site: &Site, entry: &DirEntry) {
        let path = entry.path().strip_prefix(&site.content_dir).ok().and_then(|path| path.to_str());
        let name = entry.file_name().to_str().unwrap_or_default();
        if let Some(path) = path.filter(|_| !is_tool_file(name)) {
            let slash = if entry.file_type().is_dir() { "/" } else { "" };
            self.other_files.push(format!("{}{slash}", path.replace('\\', "/")).into());
        }
    }

    fn add_entry(&mut self, site: &Site, entry: walkdir::Result<DirEntry>) {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let path = error.path().unwrap_or(&site.content_dir);
                let file =
                    path.strip_prefix(&site.root).unwrap_or(path).to_string_lossy().into_owned();
                let below_content = path.strip_prefix(&site.content_dir).unwrap_or(Path::new(""));
                self.unreadable.add(&below_content.to_string_lossy().replace('\\', "/"));
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
        if !cfg!(windows) && path.contains('\\') && is_markdown_path(path) {
            self.report_backslash(path);
            return;
        }
        let path = path.replace('\\', "/");
        if entry.path_is_symlink() && !may_follow_link(site, &entry, &path, &mut self.diagnostics) {
            self.unreadable.add(&path);
            return;
        }
        let is_file = entry.file_type().is_file() || entry.path_is_symlink();
        match is_markdown_path(&path) {
            true if is_file => self.paths.push(path.into()),
            true => {
                self.diagnostics.push(not_an_article(&path, &entry));
                self.unreadable.add(&path);
            }
            false if !is_file => {}
            false if is_tool_file(entry.file_name().to_str().unwrap_or_default()) => {}
            false => self.other_files.push(path.into()),
        }
    }
}

impl Discovery {
    /// Reports an article with a backslash in its path, which would be the path of another file on
    /// Windows.
    fn report_backslash(&mut self, path: &str) {
        self.unreadable.add(&path.replace('\\', "/"));
        let message = "the file's path contains a backslash, which separates folders on Windows";
        let diagnostic = Diagnostic::error("file-name", format!("content/{path}"), message);
        self.diagnostics.push(diagnostic.help("rename it"));
    }
}

fn is_hidden(entry: &DirEntry) -> bool {
    entry.depth() > 0 && entry.file_name().as_encoded_bytes().starts_with(b".")
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

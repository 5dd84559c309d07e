//! The files of a site's own `templates/`.

use std::collections::BTreeMap;

use walkdir::{DirEntry, WalkDir};

use super::embedded::{BUILTIN_PREFIX, TEMPLATES};
use crate::config::{Site, find_source_folder};
use crate::diagnostics::Diagnostic;
use crate::regular_file;

/// A site's own templates and files of interface text.
#[derive(Default)]
pub(crate) struct SiteTemplates {
    /// Their sources by name, without those that are equal to the built-in ones.
    pub(crate) sources: BTreeMap<String, String>,
    /// True if a file or folder can't be read. It may be a part of any page, so none may be
    /// rendered: the built-in template isn't a substitute for one of the site.
    pub(crate) is_incomplete: bool,
}

impl SiteTemplates {
    /// Reads the files. Those that can't be read are reported; a missing folder is none.
    pub(crate) fn read(site: &Site, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let mut templates = Self::default();
        let errors = match find_source_folder(&site.root, "templates") {
            Ok(None) => Vec::new(),
            Ok(Some(_)) => templates.read_folder(site),
            Err(error) => vec![*error],
        };
        templates.is_incomplete = !errors.is_empty();
        diagnostics.extend(errors);
        // A template that is identical to the built-in one overrides nothing.
        templates.sources.retain(|name, source| {
            !TEMPLATES.iter().any(|(builtin_name, builtin_source)| {
                builtin_name == name && builtin_source == source
            })
        });
        templates
    }

    /// Reads the files of `templates/`. Returns an error for each file or folder that can't be
    /// read.
    fn read_folder(&mut self, site: &Site) -> Vec<Diagnostic> {
        let folder = &site.templates_dir;
        let mut errors = Vec::new();
        for entry in WalkDir::new(folder).min_depth(1).follow_links(false) {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    let path = error.path().unwrap_or(folder);
                    let name = path.strip_prefix(folder).unwrap_or(path).to_string_lossy();
                    let reason =
                        error.io_error().map_or_else(|| error.to_string(), ToString::to_string);
                    errors.push(unreadable(&name.replace('\\', "/"), &reason));
                    continue;
                }
            };
            let Ok(path) = entry.path().strip_prefix(folder) else { continue };
            let name = path.to_string_lossy().replace('\\', "/");
            match read_entry(&entry, &name) {
                Ok(source) => self.sources.extend(source.map(|source| (name, source))),
                Err(error) => errors.push(*error),
            }
        }
        errors
    }
}

/// Reads a file of `templates/`. None for a folder, and for a file that isn't a template.
///
/// # Errors
/// `symlink` if it is a symbolic link, `unreadable` if it can't be read, or is something else where
/// the built-in templates have a folder.
fn read_entry(entry: &DirEntry, name: &str) -> Result<Option<String>, Box<Diagnostic>> {
    let is_template =
        [".html", ".xml", ".txt", ".yaml"].iter().any(|extension| name.ends_with(extension));
    if name.starts_with(BUILTIN_PREFIX) {
        return Ok(None);
    }
    let is_folder_name = || {
        let inside = |builtin: &str| builtin.strip_prefix(name)?.strip_prefix('/').map(drop);
        TEMPLATES.iter().any(|(builtin, _)| inside(builtin).is_some())
    };
    if entry.path_is_symlink() {
        // The targets of other links, such as images, are no templates.
        let may_have_templates = is_template || is_folder_name() || entry.path().is_dir();
        return if may_have_templates { Err(Box::new(refused_link(name))) } else { Ok(None) };
    }
    if !is_template {
        return match !entry.file_type().is_dir() && is_folder_name() {
            true => Err(Box::new(unreadable(name, "it isn't a folder"))),
            false => Ok(None),
        };
    }
    match regular_file::read_to_string(entry.path()) {
        Ok(source) => Ok(Some(source)),
        Err(error) => Err(Box::new(unreadable(name, &error.to_string()))),
    }
}

fn refused_link(name: &str) -> Diagnostic {
    let message = "symbolic links in templates/ are not followed";
    let help = "put the file itself into templates/";
    Diagnostic::error("symlink", format!("templates/{name}"), message).help(help)
}

fn unreadable(name: &str, reason: &str) -> Diagnostic {
    let message = format!("can't read it: {reason}");
    Diagnostic::error("unreadable", format!("templates/{name}"), message)
}

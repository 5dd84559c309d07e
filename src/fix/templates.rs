//! `dateline fix --templates`: replaces the names of version 0.1 in a site's own templates.

use std::fs;
use std::path::Path;

use super::FixMode;
use super::diff::unified_diff;
use crate::atomic_file;
use crate::config::Site;
use crate::diagnostics::{Diagnostic, Error};
use crate::templates::renamed::{self, RenamedName};
use crate::templates::{SiteTemplates, find_old_names};

/// A template with old names.
#[derive(Debug)]
pub(crate) struct FixedTemplate {
    /// The path, relative to the site's folder.
    pub file: String,
    /// The new path, if the file itself has an old name.
    pub new_file: Option<String>,
    /// The names that are replaced in it.
    pub names: Vec<ReplacedName>,
    /// The changes as a diff that `git apply` accepts.
    pub diff: String,
}

/// A name that is replaced in a template.
#[derive(Debug)]
pub(crate) struct ReplacedName {
    /// The line, from 1.
    pub line: usize,
    pub old: String,
    pub new: String,
}

/// The results of a run.
#[derive(Debug, Default)]
pub(crate) struct TemplateFixReport {
    /// The number of templates that were checked.
    pub examined: usize,
    /// The templates with old names, sorted by path.
    pub files: Vec<FixedTemplate>,
    /// Errors that an editor has to decide on, and files that can't be read or written.
    pub diagnostics: Vec<Diagnostic>,
}

/// Replaces old names in all of a site's own templates, or only shows the changes.
///
/// # Errors
/// [`Error::Io`] if a template can't be written. Those that were written before remain so.
pub(crate) fn fix_templates(site: &Site, mode: FixMode) -> Result<TemplateFixReport, Error> {
    let mut report = TemplateFixReport::default();
    let SiteTemplates { sources, .. } = SiteTemplates::read(site, &mut report.diagnostics);
    report.examined = sources.len();
    for (name, source) in &sources {
        let names = find_old_names(name, source);
        let file = format!("templates/{name}");
        let undecided: Vec<RenamedName> =
            names.iter().filter(|name| !is_replaced(name, &names)).cloned().collect();
        report.diagnostics.extend(renamed::name_diagnostics(&file, source, &undecided));
        let new_name = renamed::new_file_name(name);
        let new_source = renamed::replace_names(source, &names);
        if new_name.is_none() && new_source == *source {
            continue;
        }
        if let Some(refusal) = refuse(&site.templates_dir, name, new_name) {
            report.diagnostics.push(refusal);
            continue;
        }
        if mode == FixMode::Write {
            write(&site.templates_dir, name, new_name, &new_source)?;
        }
        let new_file = new_name.map(|new| format!("templates/{new}"));
        let diff = template_diff(&file, new_file.as_deref(), source, &new_source);
        let names = names.iter().filter(|name| name.edit.is_some());
        let names = names.map(|name| ReplacedName {
            line: source[..name.range.start].matches('\n').count() + 1,
            old: name.old.clone(),
            new: name.new.clone(),
        });
        report.files.push(FixedTemplate { file, new_file, names: names.collect(), diff });
    }
    report.diagnostics.sort();
    Ok(report)
}

/// Returns true if an edit, of the name or of another one, replaces the name.
fn is_replaced(name: &RenamedName, names: &[RenamedName]) -> bool {
    let mut edits = names.iter().filter_map(|other| other.edit.as_ref());
    edits.any(|(range, _)| range.start <= name.range.start && name.range.end <= range.end)
}

/// Returns the reason why a template can't be replaced, if there is one.
fn refuse(dir: &Path, name: &str, new_name: Option<&str>) -> Option<Diagnostic> {
    let error = |message: String, help: &str| {
        Some(Diagnostic::error("not-mended", format!("templates/{name}"), message).help(help))
    };
    if let Some(new) = new_name
        && dir.join(new).exists()
    {
        let message = format!("the file can't be renamed to `{new}`, which exists");
        return error(message, "merge the two files, and delete this one");
    }
    if fs::metadata(dir.join(name)).is_ok_and(|metadata| metadata.permissions().readonly()) {
        let help = "make it writable (`chmod u+w FILE`), and run `dateline fix --templates` again";
        return error("the file is write-protected".to_owned(), help);
    }
    None
}

fn write(dir: &Path, name: &str, new_name: Option<&str>, source: &str) -> Result<(), Error> {
    atomic_file::replace_file(&dir.join(new_name.unwrap_or(name)), source.as_bytes())?;
    if new_name.is_some() {
        let old = dir.join(name);
        fs::remove_file(&old).map_err(Error::io("can't remove", &old))?;
    }
    Ok(())
}

/// Returns the changes of a template, with git's header for a renamed file.
fn template_diff(file: &str, new_file: Option<&str>, old: &str, new: &str) -> String {
    let diff = unified_diff(file, old, new, 0);
    let Some(new_file) = new_file else { return diff };
    let similarity = if old == new { "similarity index 100%\n" } else { "" };
    let diff = diff.replacen(&format!("+++ b/{file}\n"), &format!("+++ b/{new_file}\n"), 1);
    format!(
        "diff --git a/{file} b/{new_file}\n\
         {similarity}rename from {file}\nrename to {new_file}\n{diff}"
    )
}

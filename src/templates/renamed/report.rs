//! Errors about old names.

use std::collections::BTreeSet;

use super::names::{NameKind, RenamedName, new_file_name};
use crate::diagnostics::{Diagnostic, Location};

/// The help of the diagnostic.
const HELP: &str = "`dateline fix --templates` shows the changes for all templates of the site, \
                    and writes them with `--write`";

/// The help for a removed variable that no edit replaces.
const INCLUDE_HELP: &str =
    "write `{% include \"parts/NAME.html\" %}` in place of `{{ furniture.NAME }}`";

/// Returns an error for each old name in a file, at its first occurrence.
pub(crate) fn name_diagnostics(file: &str, source: &str, names: &[RenamedName]) -> Vec<Diagnostic> {
    let mut reported = BTreeSet::new();
    let first = names.iter().filter(|name| reported.insert((name.kind, name.old.as_str())));
    first
        .map(|name| {
            let location = Location::from_span(source, name.range.start, name.range.len());
            error(file, name.message(), help(name)).location(Some(location))
        })
        .collect()
}

fn help(name: &RenamedName) -> &'static str {
    match name.kind {
        NameKind::RemovedVariable if name.edit.is_none() => INCLUDE_HELP,
        _ => HELP,
    }
}

/// Returns an error if a template file has an old name.
pub(crate) fn file_diagnostic(name: &str) -> Option<Diagnostic> {
    let new = new_file_name(name)?;
    let message = format!("the template `{name}` was renamed to `{new}`");
    Some(error(&format!("templates/{name}"), message, HELP))
}

fn error(file: &str, message: String, help: &str) -> Diagnostic {
    Diagnostic::error("renamed-template-name", file, message).help(help)
}

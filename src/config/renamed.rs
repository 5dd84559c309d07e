//! Settings that were renamed: the old names are still read.

use serde_yaml::{Mapping, Value};

use super::file_names::CONFIG_FILE;
use super::key_lines::locate;
use crate::diagnostics::Diagnostic;

/// A setting that was renamed.
struct RenamedSetting {
    /// The setting that it is a part of; none at the top level.
    parent: Option<&'static str>,
    old: &'static str,
    new: &'static str,
}

const RENAMED_SETTINGS: [RenamedSetting; 4] = [
    RenamedSetting { parent: None, old: "pictures", new: "images" },
    RenamedSetting { parent: Some("feeds"), old: "stories", new: "articles" },
    RenamedSetting { parent: Some("data"), old: "catalogue", new: "articles" },
    RenamedSetting { parent: Some("corrections"), old: "place", new: "position" },
];

impl RenamedSetting {
    /// Returns the full name of the setting by one of its names: `feeds.articles`.
    fn full_name(&self, name: &str) -> String {
        self.parent.map_or_else(|| name.to_owned(), |parent| format!("{parent}.{name}"))
    }
}

/// Returns the old name of a setting of the top level.
pub(super) fn old_name(new: &str) -> Option<&'static str> {
    let renamed = RENAMED_SETTINGS.iter().find(|row| row.parent.is_none() && row.new == new);
    renamed.map(|row| row.old)
}

/// Gives renamed settings their new names, and reports them. If a setting has both names, the new
/// one is read.
pub(super) fn rename_settings(source: &str, values: &mut Mapping) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for row in &RENAMED_SETTINGS {
        let mapping = match row.parent {
            None => Some(&mut *values),
            Some(parent) => values.get_mut(parent).and_then(Value::as_mapping_mut),
        };
        let Some(mapping) = mapping else { continue };
        let Some(value) = mapping.remove(row.old) else { continue };
        let (old, new) = (row.full_name(row.old), row.full_name(row.new));
        let diagnostic = if mapping.contains_key(row.new) {
            let message = format!("both `{new}` and its old name `{old}` are set");
            Diagnostic::error("bad-setting", CONFIG_FILE, message)
                .help(format!("remove `{}`", row.old))
        } else {
            mapping.insert(row.new.into(), value);
            let message = format!("the setting `{old}` was renamed to `{new}`");
            Diagnostic::warning("renamed-setting", CONFIG_FILE, message)
                .help(format!("write `{}` instead; the old name is still read", row.new))
        };
        let path: Vec<&str> = row.parent.into_iter().chain([row.old]).collect();
        diagnostics.push(diagnostic.location(locate(source, &path)));
    }
    diagnostics
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rename(source: &str) -> (Mapping, Vec<Diagnostic>) {
        let mut values: Mapping = serde_yaml::from_str(source).unwrap();
        let diagnostics = rename_settings(source, &mut values);
        (values, diagnostics)
    }

    #[test]
    fn old_names_are_read_and_reported_at_their_lines() {
        let old = "title: x\npictures: {}\nfeeds:\n  stories: 3\ndata: {catalogue: true}\n\
            corrections: {place: top}\n";
        let new = "title: x\nimages: {}\nfeeds:\n  articles: 3\ndata: {articles: true}\n\
            corrections: {position: top}\n";
        let (values, diagnostics) = rename(old);
        assert_eq!(values, serde_yaml::from_str::<Mapping>(new).unwrap());
        let lines: Vec<_> =
            diagnostics.iter().map(|d| d.location.as_ref().map(|location| location.line)).collect();
        assert_eq!(lines, [Some(2), Some(4), Some(5), Some(6)]);
        assert!(diagnostics.iter().all(|d| d.code == "renamed-setting"), "{diagnostics:#?}");
        assert!(rename(new).1.is_empty());
    }

    #[test]
    fn both_names_are_a_mistake() {
        let (values, diagnostics) = rename("feeds: {articles: 2, stories: 3}\n");
        assert_eq!(values["feeds"]["articles"], 2);
        assert_eq!((diagnostics.len(), diagnostics[0].code), (1, "bad-setting"));
        assert!(rename("feeds: true\ndata: false\n").1.is_empty());
    }
}

//! `redactions.yaml`: names to redact, in a file next to the site's settings that can be kept out
//! of version control. The file is never published, and diagnostics about it never quote it.

use std::collections::HashMap;
use std::io::Read as _;
use std::path::Path;

use serde_yaml::{Mapping, Value};

use super::file_names::is_markdown_path;
use super::merge_keys::{MERGE_KEY, apply_merge_keys_in};
use crate::diagnostics::{Diagnostic, Location};
use crate::model::redaction::{MAX_NAMES, listed_names, name_problem};
use crate::model::{Fingerprint, RedactionMatcher};
use crate::regular_file;

/// The file's name in the site's root.
pub(crate) const REDACTIONS_FILE: &str = "redactions.yaml";
/// The key of the names to redact in every article.
const EVERYWHERE_KEY: &str = "everywhere";
/// The maximum length of the file, in bytes.
const MAX_FILE_BYTES: u64 = 4 << 20;

/// The names of a site's `redactions.yaml`.
#[derive(Debug, Default)]
pub(crate) struct Redactions {
    /// The names to redact, by the file below `content/` or by the id of the article.
    names_by_key: HashMap<String, Vec<String>>,
    /// Ids among the keys, with the line of each.
    ids: Vec<(String, Location)>,
    /// The names to redact in every article.
    pub everywhere: RedactionMatcher,
    /// All names.
    pub all_names: Vec<String>,
    /// The hash of the file; [`Fingerprint::DIRTY`] if there is none.
    pub fingerprint: Fingerprint,
}

impl Redactions {
    /// Returns true if there are no names.
    pub(crate) fn is_empty(&self) -> bool {
        self.all_names.is_empty()
    }

    /// The names for a file below `content/`.
    pub(crate) fn names_for_file(&self, path: &str) -> &[String] {
        self.names_by_key.get(path).map_or(&[], Vec::as_slice)
    }

    /// The names for an id.
    pub(crate) fn names_for_id(&self, id: &str) -> &[String] {
        if is_markdown_path(id) { &[] } else { self.names_for_file(id) }
    }

    /// The ids among its keys, with the line of each.
    pub(crate) fn ids(&self) -> impl Iterator<Item = (&str, &Location)> {
        self.ids.iter().map(|(id, location)| (id.as_str(), location))
    }

    /// Reads the file of a site, if there is one.
    pub(super) fn load(root: &Path, content: &Path) -> (Self, Vec<Diagnostic>) {
        let file = root.join(REDACTIONS_FILE);
        if file.symlink_metadata().is_err() {
            return (Self::default(), Vec::new());
        }
        match read_text(&file, root) {
            Ok(text) => Self::parse(&text, content),
            Err((message, help)) => (Self::default(), vec![redaction_error(message, help)]),
        }
    }

    fn parse(text: &str, content: &Path) -> (Self, Vec<Diagnostic>) {
        let fingerprint = Fingerprint::hash_bytes(text.as_bytes());
        let mut redactions = Self { fingerprint, ..Self::default() };
        let mut diagnostics = Vec::new();
        let values = match serde_yaml::from_str(text) {
            Ok(Value::Mapping(mut values)) => {
                if let Err(why) = apply_merge_keys_in(&mut values) {
                    let help = "write the files with their names out";
                    let location = Location::for_key(text, MERGE_KEY).map(Location::without_text);
                    diagnostics.push(redaction_error(why.to_string(), help).location(location));
                }
                values
            }
            Ok(Value::Null) => Mapping::new(),
            Ok(_) => {
                return (
                    redactions,
                    vec![redaction_error("each line must be `file: [names]`", FORMAT_HELP)],
                );
            }
            Err(error) => {
                // The parser's message may quote the file.
                let location = error.location().map(|yaml_location| {
                    Location::from_span(text, yaml_location.index(), 1).without_text()
                });
                let diagnostic = redaction_error(
                    "the file is not valid YAML",
                    "quote values with a colon or a bracket, and close all quotation marks",
                );
                return (redactions, vec![diagnostic.location(location)]);
            }
        };
        for (key, value) in &values {
            let key = scalar_text(key).unwrap_or_default();
            let location = Location::for_key(text, &key).map(Location::without_text);
            match parse_names(value) {
                Ok(texts) => {
                    let names = texts.iter().flat_map(|text| listed_names(text)).collect();
                    redactions.insert(&key, names, location, content, &mut diagnostics);
                }
                Err(why) => diagnostics.push(redaction_error(why, FORMAT_HELP).location(location)),
            }
        }
        if redactions.all_names.len() > MAX_NAMES {
            diagnostics.push(redaction_error(
                format!("the file contains more than {MAX_NAMES} names"),
                "remove the names that are no longer needed",
            ));
        }
        (redactions, diagnostics)
    }

    fn insert(
        &mut self,
        key: &str,
        names: Vec<String>,
        location: Option<Location>,
        content: &Path,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        if let Some(why) = names.iter().find_map(|name| name_problem(name)) {
            let message = format!("a name can't be redacted: {why}");
            diagnostics.push(
                redaction_error(message, "write the name as it appears in the article")
                    .location(location.clone()),
            );
        }
        self.all_names.extend(names.iter().cloned());
        if key == EVERYWHERE_KEY {
            self.everywhere = RedactionMatcher::from_names(names.iter().map(String::as_str));
            return;
        }
        let key = key.strip_prefix("content/").unwrap_or(key);
        if !is_markdown_path(key) {
            self.ids.extend(location.map(|location| (key.to_owned(), location)));
        } else if !content.join(key).is_file() {
            diagnostics
                .push(unknown_redaction("there is no such file below content/").location(location));
        }
        self.names_by_key.insert(key.to_owned(), names);
    }
}

/// A description of the file's format, for help texts.
const FORMAT_HELP: &str = "write `2024/11/talks.md: [First Last]`, with the file below content/ or \
                           the article's id; or `everywhere:` with a list";

/// Returns an error that prevents the build, because the names to redact are unknown.
fn redaction_error(message: impl Into<String>, help: &str) -> Diagnostic {
    Diagnostic::error("bad-redaction", REDACTIONS_FILE, message).help(help)
}

/// Returns a warning about names for an article that doesn't exist.
pub(crate) fn unknown_redaction(why: &str) -> Diagnostic {
    let help = "correct the key in this line, or remove it; until then, its names are still \
                searched for in all output";
    Diagnostic::warning(
        "unknown-redaction",
        REDACTIONS_FILE,
        format!("names are to be redacted in an article that doesn't exist: {why}"),
    )
    .help(help)
}

/// Reads the file. The error is a message and the way to fix it.
fn read_text(file: &Path, root: &Path) -> Result<String, (String, &'static str)> {
    let unreadable = |error: std::io::Error| {
        (format!("can't read it: {error}"), "make it readable: the site isn't built without it")
    };
    let is_inside = file.canonicalize().map_err(unreadable)?.starts_with(root);
    if !is_inside {
        return Err((
            "the symbolic link points outside the site and isn't followed".into(),
            "put the file itself into the site's folder; `.gitignore` keeps it out of version \
             control",
        ));
    }
    let mut bytes = Vec::new();
    regular_file::open(file)
        .and_then(|file| file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes))
        .map_err(unreadable)?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err((format!("it is longer than {MAX_FILE_BYTES} bytes"), "remove unneeded names"));
    }
    let text = String::from_utf8(bytes)
        .map_err(|_| ("the file is not UTF-8".into(), "save it as UTF-8"))?;
    Ok(text.trim_start_matches('\u{feff}').to_owned())
}

/// Parses one name, or a list of names.
fn parse_names(value: &Value) -> Result<Vec<String>, &'static str> {
    match value {
        Value::Null => Err("a key has no name"),
        Value::Sequence(items) if items.is_empty() => Err("a key has no name"),
        Value::Sequence(items) => items
            .iter()
            .map(|item| scalar_text(item).ok_or("a list contains something other than text"))
            .collect(),
        single => scalar_text(single)
            .map(|one| vec![one])
            .ok_or("a key has neither a name nor a list of names"),
    }
}

fn scalar_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(boolean) => Some(boolean.to_string()),
        _ => None,
    }
}

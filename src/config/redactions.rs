//! `redactions.yaml`: names that are taken out of articles, kept beside the site's settings and
//! perhaps out of version control. It is never published, and a message about a mistake in it never
//! quotes it.

use std::collections::HashMap;
use std::io::Read as _;
use std::path::Path;

use serde_yaml::{Mapping, Value};

use super::file_names::is_markdown_path;
use crate::diagnostics::{Diagnostic, Location};
use crate::model::redaction::{MAX_NAMES, name_problem};
use crate::model::{Fingerprint, RedactionMatcher};

/// The file's name in the site's root.
pub(crate) const REDACTIONS_FILE: &str = "redactions.yaml";
/// The key of names that are taken out of every article.
const EVERYWHERE_KEY: &str = "everywhere";
/// The longest file, in bytes.
const MAX_FILE_BYTES: u64 = 4 << 20;

/// The names of a site's `redactions.yaml`.
#[derive(Debug, Default)]
pub struct Redactions {
    /// By the file below `content/`, or by the id.
    names_by_key: HashMap<String, Vec<String>>,
    /// Ids among the keys, with the line of each.
    ids: Vec<(String, Location)>,
    /// Those that are taken out of every article.
    pub everywhere: RedactionMatcher,
    /// All of them.
    pub all_names: Vec<String>,
    /// The hash of the file; dirty, if there is none.
    pub fingerprint: Fingerprint,
}

impl Redactions {
    /// Returns true if there are none.
    pub fn is_empty(&self) -> bool {
        self.all_names.is_empty()
    }

    /// The names for a file below `content/`.
    pub fn names_for_file(&self, path: &str) -> &[String] {
        self.names_by_key.get(path).map_or(&[], Vec::as_slice)
    }

    /// The names for an id.
    pub fn names_for_id(&self, id: &str) -> &[String] {
        if is_markdown_path(id) { &[] } else { self.names_for_file(id) }
    }

    /// The ids among its keys, with the line of each.
    pub fn ids(&self) -> impl Iterator<Item = (&str, &Location)> {
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
        let values = match serde_yaml::from_str(text) {
            Ok(Value::Mapping(values)) => values,
            Ok(Value::Null) => Mapping::new(),
            Ok(_) => {
                return (
                    redactions,
                    vec![redaction_error("it must hold lines of `file: [names]`", FORMAT_HELP)],
                );
            }
            Err(error) => {
                // The parser's message may quote the file.
                let location = error.location().map(|yaml_location| {
                    Location::from_span(text, yaml_location.index(), 1).without_text()
                });
                let diagnostic = redaction_error(
                    "it is no YAML that can be read",
                    "quote what holds a colon or a bracket, and close what is opened",
                );
                return (redactions, vec![diagnostic.location(location)]);
            }
        };
        let mut diagnostics = Vec::new();
        for (key, value) in &values {
            let key = scalar_text(key).unwrap_or_default();
            let location = Location::for_key(text, &key).map(Location::without_text);
            match parse_names(value) {
                Ok(names) => redactions.insert(&key, names, location, content, &mut diagnostics),
                Err(why) => diagnostics.push(redaction_error(why, FORMAT_HELP).location(location)),
            }
        }
        if redactions.all_names.len() > MAX_NAMES {
            diagnostics.push(redaction_error(
                format!("it holds more than {MAX_NAMES} names"),
                "a site takes no more",
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
            let message = format!("a name can't be looked for: {why}");
            diagnostics.push(
                redaction_error(message, "write the name as it is in the article")
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

/// The form of the file.
const FORMAT_HELP: &str = "write `2024/11/talks.md: [First Last]`, with the file below content/ or \
                           the article's id; or `everywhere:` with a list";

/// A mistake that keeps a site from being built: what should be taken out isn't known.
fn redaction_error(message: impl Into<String>, help: &str) -> Diagnostic {
    Diagnostic::error("bad-redaction", REDACTIONS_FILE, message).help(help)
}

/// An error: names for an article that doesn't exist.
pub(crate) fn unknown_redaction(why: &str) -> Diagnostic {
    let help = "correct the key in this line, or remove it; until then its names are still looked \
                for in all output";
    Diagnostic::warning(
        "unknown-redaction",
        REDACTIONS_FILE,
        format!("names are to be taken out of an article that doesn't exist: {why}"),
    )
    .help(help)
}

/// The text of the file, or an error message and a way to fix it.
fn read_text(file: &Path, root: &Path) -> Result<String, (String, &'static str)> {
    let unreadable = |error: std::io::Error| {
        (format!("can't read it: {error}"), "a site whose names aren't known isn't built")
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
    std::fs::File::open(file)
        .and_then(|file| file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes))
        .map_err(unreadable)?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err((format!("it is longer than {MAX_FILE_BYTES} bytes"), "a site takes no more"));
    }
    let text = String::from_utf8(bytes)
        .map_err(|_| ("the file is not UTF-8".into(), "save it as UTF-8"))?;
    Ok(text.trim_start_matches('\u{feff}').to_owned())
}

/// One name, or a list of them.
fn parse_names(value: &Value) -> Result<Vec<String>, &'static str> {
    match value {
        Value::Null => Ok(Vec::new()),
        Value::Sequence(items) => items
            .iter()
            .map(|item| scalar_text(item).ok_or("a list holds something that is no text"))
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

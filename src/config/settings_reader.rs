//! Reads `site.yaml` key by key, and reports the mistakes in each.

use serde::de::DeserializeOwned;
use serde_yaml::{Mapping, Value};

use super::file_names::CONFIG_FILE;
use super::key_lines::locate;
use super::renamed::old_name;
use crate::diagnostics::{Diagnostic, explain_type_error, nearest};

/// The state of a setting that the file doesn't have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Toggle {
    On,
    Off,
}

/// Reads the settings one by one, so that one mistake doesn't hide the next.
pub(super) struct SettingsReader<'a> {
    pub(super) source: &'a str,
    pub(super) values: Mapping,
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl SettingsReader<'_> {
    /// Reads a setting; `None` if the file doesn't have it, or it can't be read.
    pub(super) fn read<T: DeserializeOwned>(&mut self, key: &str) -> Option<T> {
        let value = self.values.remove(key).filter(|value| !value.is_null())?;
        self.read_value(&[key], value)
    }

    /// Reads the value of the key at a path.
    pub(super) fn read_value<T: DeserializeOwned>(
        &mut self,
        path: &[&str],
        value: Value,
    ) -> Option<T> {
        read_value(self.source, path, value, &mut self.diagnostics)
    }

    /// Reports a mistake in the value of the key at a path.
    pub(super) fn report(&mut self, path: &[&str], message: &str, help: Option<String>) {
        self.diagnostics.push(setting_error(self.source, path, message, help));
    }

    /// Reads a setting that is `true`, `false` or a map; `None` if it is off.
    pub(super) fn read_toggle<T: DeserializeOwned + Default>(
        &mut self,
        key: &str,
        default: Toggle,
    ) -> Option<T> {
        match self.values.get(key) {
            Some(Value::Bool(enabled)) => {
                let enabled = *enabled;
                self.values.remove(key);
                enabled.then(T::default)
            }
            None | Some(Value::Null) => (default == Toggle::On).then(T::default),
            Some(_) => self.read(key),
        }
    }
}

/// Returns the diagnostic for a mistake in the value of the key at a path, such as
/// `["taxonomies", "tags", "path"]`; its position is that of the key.
pub(super) fn setting_error(
    source: &str,
    path: &[&str],
    message: &str,
    help: Option<String>,
) -> Diagnostic {
    let key = path.first().copied().unwrap_or_default();
    let help = help
        .unwrap_or_else(|| format!("`dateline help {key}` describes the setting with examples"));
    // The file may have the setting's old name.
    let location = locate(source, path).or_else(|| {
        let old_path: Vec<&str> =
            old_name(key).into_iter().chain(path.iter().skip(1).copied()).collect();
        old_name(key).and_then(|_| locate(source, &old_path))
    });
    Diagnostic::error("bad-setting", CONFIG_FILE, message).location(location).help(help)
}

/// The number of mistakes in one setting after which the whole setting is left out.
const MAX_MISTAKES: usize = 50;

/// Reads the value of the key at a path. Each mistake in a map or list is reported and left out, so
/// that it doesn't hide the next; `None` if nothing can be read.
pub(super) fn read_value<T: DeserializeOwned>(
    source: &str,
    path: &[&str],
    mut value: Value,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<T> {
    let key = path.join(".");
    for _ in 0..MAX_MISTAKES {
        let error = match serde_yaml::from_value::<T>(value.clone()) {
            Ok(read) => return Some(read),
            Err(error) => error,
        };
        // Only the parser of text reports the key of a value in the value.
        let text = serde_yaml::to_string(&value).unwrap_or_default();
        let error = serde_yaml::from_str::<T>(&text).err().unwrap_or(error).to_string();
        let inner_path = error_path(&error);
        let names = inner_path.iter().filter_map(|step| match step {
            Step::Key(name) => Some(name.as_str()),
            Step::Index(_) => None,
        });
        let full_path: Vec<&str> = path.iter().copied().chain(names).collect();
        let message = explain_value_error(&key, &error);
        diagnostics.push(setting_error(source, &full_path, &message, suggest_key(&error)));
        if inner_path.is_empty() || !remove(&mut value, &inner_path) {
            return None;
        }
    }
    None
}

/// A step from a value to one in it.
enum Step {
    Key(String),
    Index(usize),
}

/// Returns the path of the value that an error of the parser is about, within the value that was
/// read; empty if it is the whole value.
fn error_path(error: &str) -> Vec<Step> {
    let (inner_key, problem) = split_error(error);
    let mut path = Vec::new();
    for part in inner_key.split('.').filter(|part| !part.is_empty()) {
        let (name, indices) = part.split_at(part.find('[').unwrap_or(part.len()));
        if !name.is_empty() {
            path.push(Step::Key(name.to_owned()));
        }
        let indices = indices.split(['[', ']']).filter_map(|index| index.parse().ok());
        path.extend(indices.map(Step::Index));
    }
    let unknown = problem.strip_prefix("unknown field `").and_then(|rest| rest.split_once('`'));
    path.extend(unknown.map(|(name, _)| Step::Key(name.to_owned())));
    path
}

/// Removes the value at a path. Returns false if there is none.
fn remove(value: &mut Value, path: &[Step]) -> bool {
    let Some((step, rest)) = path.split_first() else { return false };
    match (step, value) {
        (Step::Key(name), Value::Mapping(mapping)) if rest.is_empty() => {
            mapping.remove(name.as_str()).is_some()
        }
        (Step::Key(name), Value::Mapping(mapping)) => {
            mapping.get_mut(name.as_str()).is_some_and(|inner| remove(inner, rest))
        }
        (Step::Index(index), Value::Sequence(items)) if rest.is_empty() => {
            let exists = *index < items.len();
            if exists {
                items.remove(*index);
            }
            exists
        }
        (Step::Index(index), Value::Sequence(items)) => {
            items.get_mut(*index).is_some_and(|inner| remove(inner, rest))
        }
        _ => false,
    }
}

/// Splits an error of the parser into the key that it is about, empty for the whole value, and the
/// problem, without the position.
fn split_error(error: &str) -> (&str, &str) {
    let error = error.split(" at line ").next().unwrap_or(error);
    let is_key_char = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '[' | ']');
    error
        .split_once(": ")
        .filter(|(inner_key, _)| inner_key.chars().all(is_key_char))
        .unwrap_or(("", error))
}

/// Returns the message for a value of the wrong type. The parser's begins with the key in the value
/// (`kinds[0].key: invalid type…`), if it is in a map or a list.
fn explain_value_error(key: &str, error: &str) -> String {
    let (inner_key, problem) = split_error(error);
    let path = match inner_key {
        "" | "." => key.to_owned(),
        index if index.starts_with('[') => format!("{key}{index}"),
        inner_key => format!("{key}.{inner_key}"),
    };
    explain_type_error(&format!("{path}: {problem}"), CONFIG_FILE)
        .unwrap_or_else(|| format!("`{path}`: {problem}"))
}

/// Turns serde's "unknown field `x`, expected one of …" (or variant) into a suggestion.
fn suggest_key(error: &str) -> Option<String> {
    let rest =
        ["unknown field `", "unknown variant `"].iter().find_map(|start| error.split_once(start));
    let (unknown, expected) = rest?.1.split_once('`')?;
    let known_keys = expected.split('`').skip(1).step_by(2);
    nearest(unknown, known_keys).map(|near| format!("did you mean `{near}`?"))
}

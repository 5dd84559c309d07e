//! Reads `site.yaml` key by key, and reports the mistakes in each.

use serde::de::DeserializeOwned;
use serde_yaml::{Mapping, Value};

use super::file_names::CONFIG_FILE;
use super::renamed::old_name;
use crate::diagnostics::{Diagnostic, Location, explain_type_error, nearest};

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
    pub(super) fn read<T: DeserializeOwned>(&mut self, key: &str) -> Option<T> {
        let value = self.values.remove(key).filter(|value| !value.is_null())?;
        match read_value(key, &value) {
            Ok(value) => Some(value),
            Err(ValueError { message, help }) => {
                self.diagnostics.push(setting_error(self.source, key, &message, help));
                None
            }
        }
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

/// Returns the diagnostic for a mistake in a setting, at the line of its key.
pub(super) fn setting_error(
    source: &str,
    key: &str,
    message: &str,
    help: Option<String>,
) -> Diagnostic {
    let help = help
        .unwrap_or_else(|| format!("`dateline help {key}` describes the setting with examples"));
    // The file may have the setting's old name.
    let location = Location::for_key(source, key)
        .or_else(|| old_name(key).and_then(|old| Location::for_key(source, old)));
    Diagnostic::error("bad-setting", CONFIG_FILE, message).location(location).help(help)
}

/// A value that a setting can't have.
pub(super) struct ValueError {
    /// The key of the value, and what is wrong with it.
    pub(super) message: String,
    /// A similar key.
    pub(super) help: Option<String>,
}

/// Reads a value of the file, given its key as in `taxonomies.tags`.
///
/// # Errors
/// [`ValueError`] if the value, or one in it, has the wrong type or an unknown key.
pub(super) fn read_value<T: DeserializeOwned>(key: &str, value: &Value) -> Result<T, ValueError> {
    serde_yaml::from_value(value.clone()).map_err(|error| {
        // Only the parser of text reports the key of a value in the value.
        let text = serde_yaml::to_string(value).unwrap_or_default();
        let error = serde_yaml::from_str::<T>(&text).err().unwrap_or(error).to_string();
        ValueError { message: explain_value_error(key, &error), help: suggest_key(&error) }
    })
}

/// Returns the message for a value of the wrong type. The parser's begins with the key in the value
/// (`kinds[0].key: invalid type…`), if it is in a map or a list.
fn explain_value_error(key: &str, error: &str) -> String {
    let error = error.split(" at line ").next().unwrap_or(error);
    let is_key_char = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '[' | ']');
    let (inner_key, problem) = error
        .split_once(": ")
        .filter(|(inner_key, _)| inner_key.chars().all(is_key_char))
        .unwrap_or(("", error));
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

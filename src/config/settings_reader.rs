//! Reads `site.yaml` key by key, and reports the mistakes in each.

use serde::de::DeserializeOwned;
use serde_yaml::{Mapping, Value};

use super::file_names::CONFIG_FILE;
use super::renamed::old_name;
use crate::diagnostics::{Diagnostic, Location, nearest};

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
        match serde_yaml::from_value(value) {
            Ok(value) => Some(value),
            Err(error) => {
                self.diagnostics.push(setting_error(
                    self.source,
                    key,
                    &format!("`{key}`: {error}"),
                    suggest_key(&error.to_string()),
                ));
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

/// Turns serde's "unknown field `x`, expected one of …" into a suggestion.
pub(super) fn suggest_key(error: &str) -> Option<String> {
    let (unknown, expected) = error.split_once("unknown field `")?.1.split_once('`')?;
    let known_keys = expected.split('`').skip(1).step_by(2);
    nearest(unknown, known_keys).map(|near| format!("did you mean `{near}`?"))
}

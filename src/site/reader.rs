//! Reading `site.yaml` key by key, and saying what is wrong with one.

use serde::de::DeserializeOwned;
use serde_yaml::{Mapping, Value};

use super::CONFIG_FILE;
use crate::diagnostic::{Diagnostic, Place, nearest};

/// Reads one key after the other, so that one mistake doesn't hide the next.
pub(super) struct Reader<'a> {
    pub(super) source: &'a str,
    pub(super) values: Mapping,
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl Reader<'_> {
    pub(super) fn take<T: DeserializeOwned>(&mut self, key: &str) -> Option<T> {
        let value = self.values.remove(key).filter(|value| !value.is_null())?;
        match serde_yaml::from_value(value) {
            Ok(value) => Some(value),
            Err(error) => {
                self.diagnostics.push(mistake(
                    self.source,
                    key,
                    &format!("`{key}`: {error}"),
                    suggestion(&error.to_string()),
                ));
                None
            }
        }
    }

    /// A setting that may be `true` or `false`, or a map of what it is to be like; what it is without being named, too.
    pub(super) fn switch<T: DeserializeOwned + Default>(&mut self, key: &str, on: bool) -> Option<T> {
        match self.values.get(key) {
            Some(Value::Bool(said)) => {
                let said = *said;
                self.values.remove(key);
                said.then(T::default)
            }
            None | Some(Value::Null) => on.then(T::default),
            Some(_) => self.take(key),
        }
    }
}

/// A mistake in a setting, at the line of its key.
pub(super) fn mistake(source: &str, key: &str, message: &str, help: Option<String>) -> Diagnostic {
    let help = help.unwrap_or_else(|| "docs/configuration.md shows each setting with an example".into());
    Diagnostic::error("bad-setting", CONFIG_FILE, message).at(Place::of_key(source, key)).help(help)
}

/// Turns serde's "unknown field `x`, expected one of …" into a suggestion.
pub(super) fn suggestion(error: &str) -> Option<String> {
    let (unknown, expected) = error.split_once("unknown field `")?.1.split_once('`')?;
    let known = expected.split('`').skip(1).step_by(2);
    nearest(unknown, known).map(|near| format!("did you mean `{near}`?"))
}

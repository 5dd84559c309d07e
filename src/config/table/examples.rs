//! Examples of single settings in the map of all settings, for tests.

use serde_yaml::{Mapping, Value};

use super::{Setting, ValueType, settings};

/// Returns the row of a key.
fn find(key: &str) -> Option<&'static Setting> {
    settings().find(|setting| setting.key == key)
}

/// Returns the keys of a setting, with the example of its map for each `*`.
pub fn example_path(setting: &Setting) -> Vec<&'static str> {
    let keys: Vec<&'static str> =
        find(setting.key).map(|row| row.key.split('.').collect()).unwrap_or_default();
    let parent_type = |index: usize| find(&keys[..index].join(".")).map(|parent| parent.value);
    let name = |(index, key): (usize, &&'static str)| match parent_type(index) {
        Some(ValueType::MapOf { example, .. }) if *key == "*" => example,
        _ => *key,
    };
    keys.iter().enumerate().map(name).collect()
}

/// Sets the value at a path. A value on the way that isn't a map is replaced with one; `[]` is the
/// last item of a list, which must be a map.
pub fn set_at_path(settings: &mut Mapping, path: &[&str], new: Value) {
    let Some((first, rest)) = path.split_first() else { return };
    if rest.is_empty() {
        settings.insert((*first).into(), new);
        return;
    }
    if let Some(Value::Sequence(items)) = settings.get_mut(*first) {
        if let Some(item) = items.last_mut().and_then(Value::as_mapping_mut) {
            set_at_path(item, &rest[1..], new);
        }
        return;
    }
    if !settings.get(*first).is_some_and(Value::is_mapping) {
        settings.insert((*first).into(), Mapping::new().into());
    }
    if let Some(Value::Mapping(inner)) = settings.get_mut(*first) {
        set_at_path(inner, rest, new);
    }
}

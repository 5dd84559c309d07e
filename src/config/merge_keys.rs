//! Merge keys of YAML 1.1 (<https://yaml.org/type/merge.html>), which the parser doesn't apply:
//! `<<: *defaults` adds the keys of another map.

use std::fmt;

use serde_yaml::{Mapping, Value};

/// The merge key.
pub(crate) const MERGE_KEY: &str = "<<";

/// The type of the value of a merge key, for messages.
pub(crate) const MERGED_TYPE: &str = "a map or a list of maps";

/// The value of a merge key isn't a map or a list of maps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InvalidMerge;

impl fmt::Display for InvalidMerge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the value of `{MERGE_KEY}` must be {MERGED_TYPE}")
    }
}

/// Applies the merge keys in a value and in all values in it. A merge key that is invalid is left
/// out.
///
/// # Errors
/// [`InvalidMerge`] if a merge key is invalid.
pub(crate) fn apply_merge_keys(value: &mut Value) -> Result<(), InvalidMerge> {
    match value {
        Value::Mapping(values) => apply_merge_keys_in(values),
        Value::Sequence(items) => {
            let mut result = Ok(());
            for item in items {
                // The others are merged, too.
                result = result.and(apply_merge_keys(item));
            }
            result
        }
        Value::Tagged(tagged) => apply_merge_keys(&mut tagged.value),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
    }
}

/// Applies the merge keys of a map and in all of its values, as [`apply_merge_keys`] does.
///
/// # Errors
/// [`InvalidMerge`] if a merge key is invalid.
pub(crate) fn apply_merge_keys_in(values: &mut Mapping) -> Result<(), InvalidMerge> {
    let mut result = Ok(());
    for value in values.values_mut() {
        result = result.and(apply_merge_keys(value));
    }
    result.and(merge_into(values))
}

/// Applies the merge key of a map, whose values have none: keys of the map itself take precedence,
/// then those of the first map of a list.
///
/// # Errors
/// [`InvalidMerge`] if the merge key is invalid; it is left out.
pub(crate) fn merge_into(values: &mut Mapping) -> Result<(), InvalidMerge> {
    let merged = match values.shift_remove(MERGE_KEY) {
        None => return Ok(()),
        Some(Value::Sequence(items)) => items,
        Some(item) => vec![item],
    };
    let mut result = Ok(());
    for item in merged {
        match item {
            Value::Mapping(item) => {
                for (key, value) in item {
                    values.entry(key).or_insert(value);
                }
            }
            _ => result = Err(InvalidMerge),
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(yaml: &str) -> (Value, Result<(), InvalidMerge>) {
        let mut value = serde_yaml::from_str(yaml).expect("it is YAML");
        let result = apply_merge_keys(&mut value);
        (value, result)
    }

    #[test]
    fn merge_keys_add_the_keys_of_other_maps() {
        for (yaml, expected) in [
            ("a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}", "a: {x: 1, y: 2}\nb: {y: 3, x: 1}"),
            ("b: {y: 3, <<: [{x: 1}, {x: 2, y: 4, z: 5}]}", "b: {y: 3, x: 1, z: 5}"),
            ("<<: {x: 1}\ny: 2\nz: 3", "y: 2\nz: 3\nx: 1"),
            // A merged map has a merge key, too.
            (
                "a: &a {x: 1}\nb: &b {<<: *a, y: 2}\n<<: *b",
                "a: {x: 1}\nb: {y: 2, x: 1}\ny: 2\nx: 1",
            ),
            ("- [{<<: {x: {<<: {y: 1}}}}]", "- [{x: {y: 1}}]"),
            ("<<: []\nx: 1", "x: 1"),
        ] {
            let (value, result) = applied(yaml);
            let expected: Value = serde_yaml::from_str(expected).expect("it is YAML");
            assert_eq!((&value, result), (&expected, Ok(())), "{yaml}");
            let keys = |value: &Value| -> Vec<Value> {
                value.as_mapping().into_iter().flat_map(Mapping::keys).cloned().collect()
            };
            assert_eq!(keys(&value), keys(&expected), "the order is kept: {yaml}");
        }
    }

    #[test]
    fn other_values_of_merge_keys_are_invalid() {
        for yaml in ["<<: text\nx: 1", "<<:\nx: 1", "<<: [[{y: 1}]]\nx: 1", "<<: !t {y: 1}\nx: 1"] {
            let (value, result) = applied(yaml);
            let expected: Value = serde_yaml::from_str("x: 1").expect("it is YAML");
            assert_eq!((value, result), (expected, Err(InvalidMerge)), "{yaml}");
        }
    }
}

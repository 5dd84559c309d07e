//! Keys under which names to redact are expected, but aren't read.

use serde_yaml::Value;

use super::foreign_keys::is_foreign_key;
use super::keys::parse_boolean;
use super::look_alikes::fold_look_alikes;

/// Keys that aren't read, in lower case and without underscores and hyphens.
const UNREAD_KEYS: [&str; 21] = [
    "redacts",
    "redacted",
    "redactions",
    "redactname",
    "redactnames",
    "redactlist",
    "redactpeople",
    "redactpersons",
    "redacttext",
    "redactterms",
    "redactwords",
    "redactedname",
    "redactednames",
    "redactionlist",
    "redactionnames",
    "namestoredact",
    "toredact",
    "removename",
    "removenames",
    "hidenames",
    "anonymize",
];

/// Returns true if a key that isn't `redact` at the top level was probably meant to list names:
/// one of the table, or one edit away from one. Keys of other systems (`redactor`, `redaction`)
/// aren't.
pub(crate) fn is_unread_redaction(key: &str, value: &Value) -> bool {
    if matches!(value, Value::Bool(false)) || value.as_str().and_then(parse_boolean) == Some(false)
    {
        return false;
    }
    let letters: String = fold_look_alikes(key).chars().filter(|c| c.is_alphanumeric()).collect();
    // A cheap test that nearly all keys fail.
    let is_candidate = |known: &str| letters.len().abs_diff(known.len()) <= 1;
    !is_foreign_key(key)
        && UNREAD_KEYS
            .iter()
            .any(|known| is_candidate(known) && strsim::osa_distance(&letters, known) <= 1)
}

/// A key in a map that was probably meant to list names.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct NestedRedaction<'v> {
    /// The key of the map.
    pub(super) parent: &'v str,
    pub(super) key: &'v str,
    pub(super) value: &'v Value,
}

/// Adds the keys in nested maps and lists that were probably meant to list names. `parent` is the
/// key of the value.
pub(super) fn find_nested_redactions<'v>(
    parent: &'v str,
    value: &'v Value,
    found: &mut Vec<NestedRedaction<'v>>,
) {
    match value {
        Value::Mapping(values) => {
            for (key, value) in values {
                let Some(key) = key.as_str() else { continue };
                let is_redact =
                    key.eq_ignore_ascii_case("redact") && value.as_bool() != Some(false);
                if is_redact || is_unread_redaction(key, value) {
                    found.push(NestedRedaction { parent, key, value });
                } else {
                    find_nested_redactions(key, value, found);
                }
            }
        }
        Value::Sequence(items) => {
            items.iter().for_each(|item| find_nested_redactions(parent, item, found));
        }
        Value::Tagged(tagged) => find_nested_redactions(parent, &tagged.value, found),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_list_names_are_recognized_at_any_depth() {
        let parse = |yaml: &str| serde_yaml::from_str::<Value>(yaml).expect("it is YAML");
        for key in ["redactions", "Redact_Names", "redacted", "redact-name", "redactoins"] {
            assert!(is_unread_redaction(key, &parse("[Jane Roe]")), "{key}");
            assert!(is_unread_redaction(key, &Value::Null), "{key}");
            assert!(!is_unread_redaction(key, &parse("false")), "{key}");
        }
        for key in ["redactor", "redaction", "redactie", "editor", "names", "redakteur"] {
            assert!(!is_unread_redaction(key, &parse("[Jane Roe]")), "{key}");
        }
        let nested = parse("{a: {b: [{c: 1}, {Redact: [Jane Roe]}]}, redact: false, d: [redact]}");
        let mut found = Vec::new();
        find_nested_redactions("extra", &nested, &mut found);
        let found: Vec<(&str, &str)> = found.iter().map(|item| (item.parent, item.key)).collect();
        assert_eq!(found, [("b", "Redact")]);
    }
}

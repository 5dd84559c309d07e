//! The front matter keys with which other systems hide an article.

use serde_yaml::Value;

use super::keys::{parse_boolean, scalar_text};
use super::statuses::StatusMeaning;

/// The effect of a key of another system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ForeignFlag {
    /// The article isn't finished.
    Draft,
    /// Readers must not see the article. The text is the status that the key stands for.
    Hidden(&'static str),
}

/// The value with which a key hides an article.
enum HidingValue {
    True,
    False,
    /// A status that hides an article.
    Status,
    /// Any text: a password.
    Text,
}

/// Keys, in lower case, that hide an article if they have some value: of Obsidian, Eleventy,
/// Gatsby, Hexo, Zola, WordPress, Ghost, Docusaurus.
const KEYS: &[(&str, HidingValue, ForeignFlag)] = &[
    ("publish", HidingValue::False, ForeignFlag::Draft),
    ("is_published", HidingValue::False, ForeignFlag::Draft),
    ("ispublished", HidingValue::False, ForeignFlag::Draft),
    ("is_draft", HidingValue::True, ForeignFlag::Draft),
    ("isdraft", HidingValue::True, ForeignFlag::Draft),
    ("render", HidingValue::False, ForeignFlag::Hidden("not rendered")),
    ("unpublished", HidingValue::True, ForeignFlag::Hidden("unpublished")),
    ("private", HidingValue::True, ForeignFlag::Hidden("private")),
    ("is_private", HidingValue::True, ForeignFlag::Hidden("private")),
    ("hidden", HidingValue::True, ForeignFlag::Hidden("hidden")),
    ("is_hidden", HidingValue::True, ForeignFlag::Hidden("hidden")),
    ("deleted", HidingValue::True, ForeignFlag::Hidden("deleted")),
    ("post_status", HidingValue::Status, ForeignFlag::Hidden("hidden")),
    ("visibility", HidingValue::Status, ForeignFlag::Hidden("hidden")),
    ("password", HidingValue::Text, ForeignFlag::Hidden("password-protected")),
    ("post_password", HidingValue::Text, ForeignFlag::Hidden("password-protected")),
];

/// Returns the effect of a key, in lower case, with a value; `None` if it doesn't hide an article.
pub(crate) fn foreign_flag(key: &str, value: &Value) -> Option<ForeignFlag> {
    let (_, hiding, flag) = KEYS.iter().find(|(known, ..)| *known == key)?;
    let text = scalar_text(value)?;
    let hides = match hiding {
        HidingValue::True => parse_boolean(&text) == Some(true),
        HidingValue::False => parse_boolean(&text) == Some(false),
        HidingValue::Status => StatusMeaning::parse(&text).conceals(),
        HidingValue::Text => parse_boolean(&text) != Some(false),
    };
    hides.then_some(*flag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_other_systems_hide_only_with_such_a_value() {
        let flag = |key: &str, value: &str| {
            foreign_flag(key, &serde_yaml::from_str(value).expect("it is YAML"))
        };
        assert_eq!(flag("publish", "false"), Some(ForeignFlag::Draft));
        assert_eq!(flag("isdraft", "yes"), Some(ForeignFlag::Draft));
        for (key, value) in [
            ("private", "true"),
            ("hidden", "on"),
            ("post_status", "private"),
            ("visibility", "Hidden"),
            ("password", "s3cret"),
        ] {
            assert!(matches!(flag(key, value), Some(ForeignFlag::Hidden(_))), "{key}");
        }
        for (key, value) in [
            ("publish", "true"),
            ("private", "false"),
            ("hidden", "[a, b]"),
            ("post_status", "publish"),
            ("visibility", "public"),
            ("visibility", "members"),
            ("password", "''"),
            ("render", "true"),
            ("layout", "private"),
        ] {
            assert_eq!(flag(key, value), None, "{key}: {value}");
        }
    }
}

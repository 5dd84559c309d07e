//! The front matter keys with which other systems hide an article.

use serde_yaml::Value;

use super::foreign_keys::is_foreign_key;
use super::keys::{parse_boolean, scalar_text};
use super::statuses::StatusMeaning;
use crate::config::Site;
use crate::model::Moment;

/// The effect of a key of another system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ForeignFlag {
    /// The article isn't finished.
    Draft,
    /// Readers must not see the article. The text is the status that the key stands for.
    Hidden(&'static str),
}

/// The value with which a key hides an article.
#[derive(Clone, Copy, PartialEq, Eq)]
enum HidingValue {
    True,
    False,
    /// A status that hides an article.
    Status,
    /// Any text: a password.
    Text,
}

/// Keys, in lower case, that hide an article if they have some value: of Obsidian, Eleventy,
/// Gatsby, Hexo, Zola, WordPress, Ghost, Docusaurus, Drupal, Wagtail and Payload. Underscores and
/// hyphens don't matter.
const KEYS: &[(&str, HidingValue, ForeignFlag)] = &[
    ("publish", HidingValue::False, ForeignFlag::Draft),
    ("is_published", HidingValue::False, ForeignFlag::Draft),
    ("live", HidingValue::False, ForeignFlag::Draft),
    ("is_live", HidingValue::False, ForeignFlag::Draft),
    ("is_draft", HidingValue::True, ForeignFlag::Draft),
    ("render", HidingValue::False, ForeignFlag::Hidden("not rendered")),
    ("public", HidingValue::False, ForeignFlag::Hidden("not public")),
    ("is_public", HidingValue::False, ForeignFlag::Hidden("not public")),
    ("visible", HidingValue::False, ForeignFlag::Hidden("not visible")),
    ("is_visible", HidingValue::False, ForeignFlag::Hidden("not visible")),
    ("unpublished", HidingValue::True, ForeignFlag::Hidden("unpublished")),
    ("unpublish", HidingValue::True, ForeignFlag::Hidden("unpublished")),
    ("private", HidingValue::True, ForeignFlag::Hidden("private")),
    ("is_private", HidingValue::True, ForeignFlag::Hidden("private")),
    ("hidden", HidingValue::True, ForeignFlag::Hidden("hidden")),
    ("hide", HidingValue::True, ForeignFlag::Hidden("hidden")),
    ("is_hidden", HidingValue::True, ForeignFlag::Hidden("hidden")),
    ("deleted", HidingValue::True, ForeignFlag::Hidden("deleted")),
    ("is_deleted", HidingValue::True, ForeignFlag::Hidden("deleted")),
    ("removed", HidingValue::True, ForeignFlag::Hidden("removed")),
    ("withdrawn", HidingValue::True, ForeignFlag::Hidden("withdrawn")),
    ("takedown", HidingValue::True, ForeignFlag::Hidden("taken down")),
    ("taken_down", HidingValue::True, ForeignFlag::Hidden("taken down")),
    ("trash", HidingValue::True, ForeignFlag::Hidden("trash")),
    ("trashed", HidingValue::True, ForeignFlag::Hidden("trash")),
    ("post_status", HidingValue::Status, ForeignFlag::Hidden("hidden")),
    ("publish_status", HidingValue::Status, ForeignFlag::Hidden("hidden")),
    ("publication_status", HidingValue::Status, ForeignFlag::Hidden("hidden")),
    ("workflow_state", HidingValue::Status, ForeignFlag::Hidden("hidden")),
    ("moderation_state", HidingValue::Status, ForeignFlag::Hidden("hidden")),
    ("workflow", HidingValue::Status, ForeignFlag::Hidden("hidden")),
    ("state", HidingValue::Status, ForeignFlag::Hidden("hidden")),
    ("stage", HidingValue::Status, ForeignFlag::Hidden("hidden")),
    ("access", HidingValue::Status, ForeignFlag::Hidden("hidden")),
    ("visibility", HidingValue::Status, ForeignFlag::Hidden("hidden")),
    ("password", HidingValue::Text, ForeignFlag::Hidden("password-protected")),
    ("post_password", HidingValue::Text, ForeignFlag::Hidden("password-protected")),
];

/// Keys, in lower case, of the time before which other systems don't publish an article. Hugo's
/// `publishDate` is the article's date if it has no other one.
const EMBARGO_KEYS: [&str; 3] = ["publishdate", "embargo_date", "embargo_end"];

/// Returns the end of an embargo that a key of another system sets, in lower case; `None` if it has
/// passed, if the site includes future articles, or if the value is no time.
pub(crate) fn foreign_embargo(key: &str, value: &Value, site: &Site) -> Option<String> {
    let text = EMBARGO_KEYS.contains(&key).then(|| scalar_text(value)).flatten()?;
    let end = Moment::parse_zoned(text.trim(), site.zone).ok()?;
    (end.seconds > site.now && !site.options.include_future).then_some(text)
}

/// Returns the effect of a key, in lower case, with a value; `None` if it doesn't hide an article.
pub(crate) fn foreign_flag(key: &str, value: &Value) -> Option<ForeignFlag> {
    let written = compact(key);
    let (_, hiding, flag) = KEYS.iter().find(|(known, ..)| compact(known) == written)?;
    hides(&scalar_text(value)?, *hiding).then_some(*flag)
}

/// Returns the key of another system that an unknown key is probably a misspelling of: it hides an
/// article with this value, both have at least 5 letters, and one edit makes one of the other. A
/// known key of another system is none.
pub(crate) fn misspelled_foreign_flag(written: &str, value: &Value) -> Option<&'static str> {
    let (text, letters) = (scalar_text(value)?, compact(written));
    let is_long = |letters: &str| letters.chars().count() >= 5;
    let is_near = |known: &str| {
        let known = compact(known);
        is_long(&known) && strsim::osa_distance(&letters, &known) <= 1
    };
    if !is_long(&letters) || is_foreign_key(written) {
        return None;
    }
    let is_meant =
        |(known, hiding, _): &&(&str, HidingValue, _)| is_near(known) && hides(&text, *hiding);
    KEYS.iter().find(is_meant).map(|(known, ..)| *known)
}

fn hides(text: &str, hiding: HidingValue) -> bool {
    match hiding {
        HidingValue::True => parse_boolean(text) == Some(true),
        HidingValue::False => parse_boolean(text) == Some(false),
        HidingValue::Status => StatusMeaning::parse(text).conceals(),
        HidingValue::Text => parse_boolean(text) != Some(false),
    }
}

/// Returns the letters and digits of a key, in lower case.
fn compact(key: &str) -> String {
    key.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
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
            ("workflow-state", "removed"),
            ("public", "false"),
            ("takedown", "yes"),
            ("is-hidden", "true"),
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
            ("state", "Virginia"),
            ("stage", "final"),
            ("hide", "[toc]"),
            ("public", "true"),
        ] {
            assert_eq!(flag(key, value), None, "{key}: {value}");
        }
    }

    #[test]
    fn misspelled_keys_of_other_systems_are_recognized() {
        let meant = |key: &str, value: &str| {
            misspelled_foreign_flag(key, &serde_yaml::from_str(value).expect("it is YAML"))
        };
        for (key, value, expected) in [
            ("privat", "true", "private"),
            ("hiden", "yes", "hidden"),
            ("post_staus", "trash", "post_status"),
            ("visibilty", "private", "visibility"),
            ("pasword", "s3cret", "password"),
            ("delete", "true", "deleted"),
            ("pubilc", "false", "public"),
        ] {
            assert_eq!(meant(key, value), Some(expected), "{key}");
        }
        for (key, value) in [
            ("privat", "false"),
            ("gender", "false"),
            ("selected", "true"),
            ("hiker", "true"),
            ("alive", "false"),
            ("passwords", "false"),
            ("visibilty", "public"),
        ] {
            assert_eq!(meant(key, value), None, "{key}: {value}");
        }
    }
}

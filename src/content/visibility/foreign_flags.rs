//! The front matter keys with which other systems hide an article.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde_yaml::Value;

use super::foreign_keys::is_foreign_key;
use super::keys::{is_almost_boolean, parse_boolean, scalar_text};
use super::look_alikes::fold_look_alikes;
use super::near_keys::ByKey;
use super::statuses::{Misspellings, StatusMeaning};
use crate::model::Status;

/// The effect of a key of another system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ForeignFlag {
    /// The article is a draft.
    Draft,
    /// The article isn't finished. The text is its status.
    Unfinished(&'static str),
    /// Readers must not see the article. The text is the status that the key stands for.
    Hidden(&'static str),
    /// The value isn't valid, and may hide the article. The text is the value that may be meant.
    Doubtful(&'static str),
}

/// The values with which a key hides an article.
#[derive(Clone, Copy, PartialEq, Eq)]
enum HidingValue {
    True,
    /// `true`, and any text: a reason, or the day on which it happened.
    TrueOrText,
    False,
    /// A status that hides an article.
    Status(Misspellings, &'static [&'static str]),
    /// Any text: a password.
    Text,
}

const DRAFT: ForeignFlag = ForeignFlag::Draft;
const STATUS: ForeignFlag = ForeignFlag::Hidden("hidden");
const ANY_STATUS: HidingValue = HidingValue::Status(Misspellings::AnyWord, &[]);
const GENERIC_STATUS: HidingValue = HidingValue::Status(Misspellings::LongWords, &[]);

const fn hidden(status: &'static str) -> ForeignFlag {
    ForeignFlag::Hidden(status)
}

/// Keys, in lower case, that hide an article if they have some value: of Obsidian, Eleventy,
/// Gatsby, Hexo, Zola, WordPress, Ghost, Docusaurus, Drupal, Wagtail, Payload, Superdesk and IPTC's
/// ninjs. Underscores and hyphens don't matter. A status can have further values that hide.
#[rustfmt::skip]
const KEYS: &[(&str, HidingValue, ForeignFlag)] = &[
    ("publish", HidingValue::False, DRAFT),
    ("is_published", HidingValue::False, DRAFT),
    ("live", HidingValue::False, DRAFT),
    ("is_live", HidingValue::False, DRAFT),
    ("is_draft", HidingValue::True, DRAFT),
    ("unfinished", HidingValue::True, DRAFT),
    ("wip", HidingValue::True, DRAFT),
    ("pending", HidingValue::True, DRAFT),
    ("render", HidingValue::False, hidden("not rendered")),
    ("public", HidingValue::False, hidden("not public")),
    ("is_public", HidingValue::False, hidden("not public")),
    ("visible", HidingValue::False, hidden("not visible")),
    ("is_visible", HidingValue::False, hidden("not visible")),
    ("unpublished", HidingValue::TrueOrText, hidden("unpublished")),
    ("unpublish", HidingValue::TrueOrText, hidden("unpublished")),
    ("depublished", HidingValue::TrueOrText, hidden("unpublished")),
    ("not_published", HidingValue::True, hidden("unpublished")),
    ("private", HidingValue::True, hidden("private")),
    ("is_private", HidingValue::True, hidden("private")),
    ("confidential", HidingValue::True, hidden("confidential")),
    ("hidden", HidingValue::True, hidden("hidden")),
    ("hide", HidingValue::True, hidden("hidden")),
    ("is_hidden", HidingValue::True, hidden("hidden")),
    ("unlisted", HidingValue::True, hidden("unlisted")),
    ("is_unlisted", HidingValue::True, hidden("unlisted")),
    ("protected", HidingValue::True, hidden("protected")),
    ("password_protected", HidingValue::True, hidden("password-protected")),
    ("members_only", HidingValue::True, hidden("for members only")),
    ("subscribers_only", HidingValue::True, hidden("for subscribers only")),
    ("email_only", HidingValue::True, hidden("sent by email only")),
    ("on_hold", HidingValue::True, hidden("on hold")),
    ("withheld", HidingValue::TrueOrText, hidden("withheld")),
    ("suppressed", HidingValue::TrueOrText, hidden("suppressed")),
    ("spiked", HidingValue::TrueOrText, hidden("spiked")),
    ("killed", HidingValue::True, hidden("killed")),
    ("recalled", HidingValue::TrueOrText, hidden("recalled")),
    ("embargoed", HidingValue::True, hidden("embargoed")),
    ("expired", HidingValue::True, hidden("expired")),
    ("deleted", HidingValue::TrueOrText, hidden("deleted")),
    ("is_deleted", HidingValue::True, hidden("deleted")),
    ("removed", HidingValue::TrueOrText, hidden("removed")),
    ("withdrawn", HidingValue::TrueOrText, hidden("withdrawn")),
    ("takedown", HidingValue::TrueOrText, hidden("taken down")),
    ("taken_down", HidingValue::TrueOrText, hidden("taken down")),
    ("trash", HidingValue::True, hidden("trash")),
    ("trashed", HidingValue::TrueOrText, hidden("trash")),
    // The status `archive` of WordPress' plugins isn't public.
    ("post_status", HidingValue::Status(Misspellings::AnyWord, &["archive", "archived"]), STATUS),
    ("wp_status", HidingValue::Status(Misspellings::AnyWord, &["archive", "archived"]), STATUS),
    ("publish_status", ANY_STATUS, STATUS),
    ("publishing_status", ANY_STATUS, STATUS),
    ("publication_status", ANY_STATUS, STATUS),
    ("publish_state", ANY_STATUS, STATUS),
    ("publication_state", ANY_STATUS, STATUS),
    ("article_status", ANY_STATUS, STATUS),
    ("content_status", ANY_STATUS, STATUS),
    ("entry_status", ANY_STATUS, STATUS),
    ("document_status", ANY_STATUS, STATUS),
    ("page_status", ANY_STATUS, STATUS),
    ("editorial_status", ANY_STATUS, STATUS),
    ("workflow_status", ANY_STATUS, STATUS),
    ("workflow_state", ANY_STATUS, STATUS),
    // An archived node of Drupal isn't published.
    ("moderation_state", HidingValue::Status(Misspellings::AnyWord, &["archived"]), STATUS),
    ("moderation_status", HidingValue::Status(Misspellings::AnyWord, &["archived"]), STATUS),
    ("pub_status", HidingValue::Status(Misspellings::AnyWord, &["canceled"]), STATUS),
    ("post_visibility", ANY_STATUS, STATUS),
    ("visibility", ANY_STATUS, STATUS),
    ("workflow", GENERIC_STATUS, STATUS),
    // Joomla: in the trash.
    ("state", HidingValue::Status(Misspellings::LongWords, &["-2"]), STATUS),
    ("stage", GENERIC_STATUS, STATUS),
    ("access", GENERIC_STATUS, STATUS),
    ("privacy", GENERIC_STATUS, STATUS),
    ("password", HidingValue::Text, hidden("password-protected")),
    ("post_password", HidingValue::Text, hidden("password-protected")),
];

/// The keys by their letters and digits.
static KEYS_BY_LETTERS: LazyLock<HashMap<String, (HidingValue, ForeignFlag)>> =
    LazyLock::new(|| {
        KEYS.iter().map(|(key, hiding, flag)| (compact(key), (*hiding, *flag))).collect()
    });

/// Returns the effect of a key, in lower case, with a value; `None` if it doesn't hide an article.
pub(crate) fn foreign_flag(key: &str, value: &Value) -> Option<ForeignFlag> {
    let (hiding, flag) = KEYS_BY_LETTERS.get(&compact(key))?;
    effect(value, *hiding, *flag)
}

/// Returns the key of another system that an unknown key is probably a misspelling of: it hides an
/// article with this value, both have at least 5 letters, and one edit makes one of the other. A
/// known key of another system is none.
pub(crate) fn misspelled_foreign_flag(written: &str, value: &Value) -> Option<&'static str> {
    thread_local! {
        static NEAR: ByKey<usize> = ByKey::new();
    }
    if matches!(value, Value::Null) {
        return None;
    }
    let near = NEAR.with(|near| near.get(written, || near_keys(written)));
    near.iter().map(|index| &KEYS[*index]).find_map(|(known, hiding, flag)| {
        // A text may mean anything if the key isn't certain.
        let hiding = if *hiding == HidingValue::TrueOrText { HidingValue::True } else { *hiding };
        effect(value, hiding, *flag).map(|_| *known)
    })
}

/// Returns the numbers of the keys that an unknown key may be a misspelling of.
fn near_keys(written: &str) -> Vec<usize> {
    let letters = compact(written);
    let is_long = |letters: &str| letters.chars().count() >= 5;
    if !is_long(&letters) || is_foreign_key(written) {
        return Vec::new();
    }
    let is_near = |known: &str| {
        let known = compact(known);
        letters.len().abs_diff(known.len()) <= 1
            && is_long(&known)
            && strsim::osa_distance(&letters, &known) <= 1
    };
    (0..KEYS.len()).filter(|index| is_near(KEYS[*index].0)).collect()
}

/// Returns the effect of a value.
fn effect(value: &Value, hiding: HidingValue, flag: ForeignFlag) -> Option<ForeignFlag> {
    let Some(text) = scalar_text(value) else { return effect_of_collection(value, hiding) };
    let boolean = parse_boolean(&text);
    match hiding {
        HidingValue::True | HidingValue::TrueOrText => match boolean {
            Some(is_hidden) => is_hidden.then_some(flag),
            None if hiding == HidingValue::TrueOrText || is_almost_boolean(&text) => {
                Some(ForeignFlag::Doubtful("true"))
            }
            None => None,
        },
        HidingValue::False => match boolean {
            Some(is_public) => (!is_public).then_some(flag),
            None if is_almost_boolean(&text) || means_no(&text) => {
                Some(ForeignFlag::Doubtful("false"))
            }
            None => None,
        },
        HidingValue::Status(misspellings, further) => status_effect(&text, misspellings, further),
        HidingValue::Text => (boolean != Some(false)).then_some(flag),
    }
}

fn status_effect(
    text: &str,
    misspellings: Misspellings,
    further: &[&'static str],
) -> Option<ForeignFlag> {
    let folded = fold_look_alikes(text.trim());
    if let Some(word) = further.iter().find(|word| **word == folded) {
        return Some(ForeignFlag::Hidden(word));
    }
    match StatusMeaning::parse_with(text, misspellings) {
        StatusMeaning::Own(Status::Unpublished) => Some(ForeignFlag::Hidden("unpublished")),
        StatusMeaning::Withheld(word) => Some(ForeignFlag::Hidden(word)),
        StatusMeaning::Draft(word) => Some(ForeignFlag::Unfinished(word)),
        StatusMeaning::Misspelled(word) => Some(ForeignFlag::Doubtful(word)),
        StatusMeaning::Own(_) | StatusMeaning::Scheduled | StatusMeaning::Unknown => further
            .iter()
            .find(|word| word.len() >= 5 && strsim::osa_distance(&folded, word) <= 1)
            .map(|word| ForeignFlag::Doubtful(word)),
    }
}

/// Returns the effect of a list or a map, of which a value hides the article.
fn effect_of_collection(value: &Value, hiding: HidingValue) -> Option<ForeignFlag> {
    let values: Vec<&Value> = match value {
        Value::Sequence(items) => items.iter().collect(),
        Value::Mapping(values) => values.values().collect(),
        _ => return None,
    };
    let hides = |value: &&Value| match hiding {
        // Lists of what is hidden: `hide: [toc]`.
        HidingValue::True | HidingValue::TrueOrText => {
            scalar_text(value).and_then(|text| parse_boolean(&text)) == Some(true)
        }
        _ => effect(value, hiding, STATUS).is_some(),
    };
    let meant = match hiding {
        HidingValue::True | HidingValue::TrueOrText => "true",
        HidingValue::False => "false",
        HidingValue::Status(..) | HidingValue::Text => "hidden",
    };
    values.iter().any(hides).then_some(ForeignFlag::Doubtful(meant))
}

/// Returns true for other words than `false`: `render: never`, and for a status that hides.
fn means_no(text: &str) -> bool {
    let text = fold_look_alikes(text.trim());
    matches!(text.as_str(), "never" | "none" | "nobody" | "not" | "null" | "nil")
        || StatusMeaning::parse_with(&text, Misspellings::LongWords).conceals()
}

/// Returns the letters and digits of a key, in lower case, with those that look like Latin letters
/// as these.
fn compact(key: &str) -> String {
    fold_look_alikes(key).chars().filter(|c| c.is_alphanumeric()).collect()
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
            ("visibility", "members"),
            ("moderation_state", "archived"),
            ("post_status", "archive"),
            ("state", "-2"),
            ("unlisted", "true"),
            ("email_only", "true"),
            ("\u{440}rivate", "true"),
        ] {
            assert!(matches!(flag(key, value), Some(ForeignFlag::Hidden(_))), "{key}");
        }
        for (key, value) in [
            ("publish", "true"),
            ("private", "false"),
            ("hidden", "[a, b]"),
            ("post_status", "publish"),
            ("visibility", "public"),
            ("password", "''"),
            ("render", "true"),
            ("layout", "private"),
            ("state", "Virginia"),
            ("stage", "final"),
            ("hide", "[toc]"),
            ("public", "true"),
            ("deleted", "false"),
            ("withdrawn", "''"),
            ("visibility", "archived"),
            ("state", "WI"),
            ("access", "open to members of the public"),
        ] {
            assert_eq!(flag(key, value), None, "{key}: {value}");
        }
    }

    #[test]
    fn invalid_values_of_keys_of_other_systems_are_doubtful() {
        let flag = |key: &str, value: &str| {
            foreign_flag(key, &serde_yaml::from_str(value).expect("it is YAML"))
        };
        for (key, value) in [
            ("post_status", "trahs"),
            ("post_status", "[trash]"),
            ("visibility", "{is: private}"),
            ("private", "ture"),
            ("private", "[true]"),
            ("private", "y"),
            ("visible", "flase"),
            ("render", "never"),
            ("public", "ｆａｌｓｅ"),
            ("withdrawn", "at the request of the author"),
            ("deleted", "2020-01-01"),
            ("moderation_state", "archivd"),
        ] {
            assert!(matches!(flag(key, value), Some(ForeignFlag::Doubtful(_))), "{key}: {value}");
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

//! The keys of front matter that control visibility, and their misspellings.

use serde_yaml::Value;

use super::foreign_keys::is_foreign_key;
use super::look_alikes::fold_look_alikes;
use super::near_keys::ByKey;
use super::statuses::StatusMeaning;
use crate::config::Site;
use crate::model::Moment;
use crate::model::redaction::name_problem;

/// The type of the value of a key that controls visibility.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ValueType {
    /// A status.
    Status,
    /// `true` or `false`. The article isn't published if it is this one.
    Boolean(bool),
    /// The end of an embargo.
    Embargo,
    /// A time from which the article isn't published any more.
    Expiry,
    /// Names that are removed from the article.
    Names,
    /// The time of publication. It hides an article only if it is in the future, and only if no
    /// other key has the date.
    PublicationDate,
}

/// The keys that control visibility, in lower case.
const VISIBILITY_KEYS: &[(&str, ValueType)] = &[
    ("status", ValueType::Status),
    ("draft", ValueType::Boolean(true)),
    ("published", ValueType::Boolean(false)),
    ("embargo", ValueType::Embargo),
    ("expires", ValueType::Expiry),
    ("expirydate", ValueType::Expiry),
    ("unpublishdate", ValueType::Expiry),
    ("redact", ValueType::Names),
    ("date", ValueType::PublicationDate),
    ("published_at", ValueType::PublicationDate),
    ("publishdate", ValueType::PublicationDate),
    ("pubdate", ValueType::PublicationDate),
];

/// Keys of other systems for the same. Keys near these are no misspellings of them: many systems
/// have similar ones with another meaning, such as `published_on`.
const FOREIGN_VISIBILITY_KEYS: &[(&str, ValueType)] = &[
    ("embargo_until", ValueType::Embargo),
    ("embargoed_until", ValueType::Embargo),
    ("publish_at", ValueType::Embargo),
    ("publish_on", ValueType::Embargo),
    ("publish_up", ValueType::Embargo),
    ("expiry", ValueType::Expiry),
    ("expiration", ValueType::Expiry),
    ("publish_down", ValueType::Expiry),
    ("unpublish_on", ValueType::Expiry),
    ("unpublish_at", ValueType::Expiry),
];

/// Returns the type of the value of a key, in lower case, that controls visibility; `None` for any
/// other key.
pub(super) fn value_type(key: &str) -> Option<ValueType> {
    let mut keys = VISIBILITY_KEYS.iter().chain(FOREIGN_VISIBILITY_KEYS);
    keys.find(|(known, _)| *known == key).map(|(_, value_type)| *value_type)
}

/// Returns true if a key, in lower case, controls the visibility of an article. The date does so,
/// too, but it always is an error if the date is wrong.
pub(crate) fn controls_visibility(key: &str) -> bool {
    value_type(key).is_some_and(|value_type| value_type != ValueType::PublicationDate)
}

/// Everything that decides whether a value would be valid for a key that controls visibility.
pub(crate) struct KeyContext<'a> {
    /// The site.
    pub(crate) site: &'a Site,
    /// True if the front matter has a date of publication.
    pub(crate) has_date: bool,
}

/// Parses a boolean in any common spelling; returns `None` if the text isn't one.
pub(crate) fn parse_boolean(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Some(true),
        "false" | "no" | "off" | "0" => Some(false),
        _ => None,
    }
}

/// Returns the key that controls visibility and that an unknown key is probably a misspelling of:
/// it is near that key, and its value would be valid for it. A known key of another system is a
/// misspelling only if its value makes no sense there: `publisher: false`.
pub(crate) fn misspelled_visibility_key(
    written: &str,
    value: &Value,
    context: &KeyContext<'_>,
) -> Option<&'static str> {
    thread_local! {
        static NEAR: ByKey<(usize, &'static str, ValueType)> = ByKey::new();
    }
    let find_near = || {
        let folded = fold_look_alikes(written);
        let near = |(key, value_type): &(&'static str, ValueType)| {
            Some((near_distance(&folded, key)?, *key, *value_type))
        };
        VISIBILITY_KEYS.iter().filter_map(near).collect()
    };
    let near = NEAR.with(|near| near.get(written, find_near));
    let valid = near.iter().filter(|(_, _, value_type)| is_valid(value, *value_type, context));
    let &(distance, key, value_type) = valid.min_by_key(|(distance, ..)| *distance)?;
    let may_be_foreign = distance > 1 || value_type == ValueType::PublicationDate;
    (!may_be_foreign || !is_foreign_key(written)).then_some(key)
}

/// Returns the most similar of some known keys, in lower case, if a key is probably a misspelling
/// of it: it isn't a known key of another system, has at least 5 letters, and is one edit away, or
/// two if it has at least 8 letters.
pub(crate) fn nearest_key<'k>(
    written: &str,
    known_keys: impl Iterator<Item = &'k str>,
) -> Option<&'k str> {
    let folded = fold_look_alikes(written);
    let near = known_keys.filter_map(|known| Some((near_distance(&folded, known)?, known)));
    let (_, known) = near.min()?;
    (!is_foreign_key(written)).then_some(known)
}

/// The number of edits between a key, folded by [`fold_look_alikes`], and a known one if they are
/// near each other.
fn near_distance(folded: &str, known: &str) -> Option<usize> {
    if folded == known {
        return Some(0);
    }
    if !may_be_near(folded, known) {
        return None;
    }
    let limit = edit_limit(folded)?;
    Some(distance(folded, known)).filter(|distance| *distance <= limit)
}

/// The number of edits within which a key is near another; `None` if it is too short.
fn edit_limit(written: &str) -> Option<usize> {
    match written.chars().filter(|c| c.is_alphabetic()).count() {
        ..5 => None,
        5..8 => Some(1),
        _ => Some(2),
    }
}

/// The number of edits between two keys, of which two swapped letters are one. Underscores and
/// hyphens between words don't count if the keys are the same without them.
fn distance(written: &str, known: &str) -> usize {
    let compact = |key: &str| -> String { key.chars().filter(|c| c.is_alphanumeric()).collect() };
    let plain = strsim::osa_distance(written, known);
    plain.min(strsim::osa_distance(&compact(written), &compact(known)))
}

/// Returns false if two keys are certainly not within two edits: a cheap test that most pairs of
/// keys fail, so that large archives with keys of their own don't take longer.
fn may_be_near(written: &str, known: &str) -> bool {
    let letters = |key: &str| {
        key.bytes().filter(u8::is_ascii_alphabetic).fold((0_u32, 0_usize), |(set, count), byte| {
            (set | 1 << (byte.to_ascii_lowercase() - b'a'), count + 1)
        })
    };
    let ((written_set, written_count), (known_set, known_count)) =
        (letters(written), letters(known));
    written_count.abs_diff(known_count) <= 2 && (written_set ^ known_set).count_ones() <= 4
}

/// Returns true if a value would be valid for a key of some type. What is almost valid counts, too:
/// a second misspelling must not undo a takedown.
fn is_valid(value: &Value, value_type: ValueType, context: &KeyContext<'_>) -> bool {
    let Some(text) = scalar_text(value) else {
        return match (value_type, value) {
            (ValueType::Names, Value::Sequence(names)) => {
                names.iter().filter_map(scalar_text).any(|name| is_name(&name))
            }
            _ => false,
        };
    };
    let parse_date = || Moment::parse_zoned(&text, context.site.zone).ok();
    match value_type {
        ValueType::Status => StatusMeaning::parse(&text) != StatusMeaning::Unknown,
        ValueType::Boolean(_) => parse_boolean(&text).is_some() || is_almost_boolean(&text),
        ValueType::Embargo | ValueType::Expiry => parse_date().is_some(),
        ValueType::Names => value.is_string() && is_name(&text),
        ValueType::PublicationDate => {
            !context.has_date && parse_date().is_some_and(|date| date.seconds > context.site.now)
        }
    }
}

/// Returns true if a text is probably a boolean: one edit away from `true` or `false`, one of their
/// first letters, or written with letters that look like those of one.
pub(super) fn is_almost_boolean(text: &str) -> bool {
    let folded = fold_look_alikes(text.trim());
    parse_boolean(&folded).is_some()
        || matches!(folded.as_str(), "y" | "n" | "t" | "f")
        || ["true", "false"].iter().any(|word| strsim::osa_distance(&folded, word) <= 1)
}

fn is_name(text: &str) -> bool {
    !text.trim().is_empty() && name_problem(text).is_none() && parse_boolean(text).is_none()
}

/// The text of a scalar that isn't empty.
pub(super) fn scalar_text(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(boolean) => boolean.to_string(),
        Value::Tagged(tagged) => return scalar_text(&tagged.value),
        Value::Null | Value::Sequence(_) | Value::Mapping(_) => return None,
    };
    Some(text).filter(|text| !text.trim().is_empty())
}

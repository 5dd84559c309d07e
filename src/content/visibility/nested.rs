//! Values that would hide an article, but are in a map in which they aren't read.

use serde_yaml::{Mapping, Value};

use super::dates::{DateEffect, DateRule, date_effect, date_rule, misspelled_date_key};
use super::foreign_flags::{foreign_flag, misspelled_foreign_flag};
use super::keys::{
    KeyContext, ValueType, is_almost_boolean, misspelled_visibility_key, parse_boolean,
    scalar_text, value_type,
};
use super::look_alikes::fold_look_alikes;
use super::redactions::{NestedRedaction, find_nested_redactions};
use super::statuses::StatusMeaning;
use crate::config::Site;

/// The maps of custom values, in lower case: Zola's and Hugo's.
const CUSTOM_MAPS: [&str; 2] = ["extra", "params"];

/// A key in a map that was probably meant to hide the article or to redact names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MisplacedKey {
    /// The key of the top level that the map is in, as written.
    pub(crate) top_key: String,
    /// The key of the map, as written.
    pub(crate) parent: String,
    /// The key, as written.
    pub(crate) key: String,
    /// The effect that it would have.
    pub(crate) effect: MisplacedEffect,
}

/// The effect that a key would have at the top level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MisplacedEffect {
    Hide,
    Redact,
}

/// Returns the keys in the maps of custom values that would hide the article, and for each value
/// the first key that would list names to redact which aren't among `read_names`.
pub(crate) fn misplaced_keys(
    values: &Mapping,
    read_names: &[String],
    context: &KeyContext<'_>,
) -> Vec<MisplacedKey> {
    let mut found = Vec::new();
    let keyed = values.iter().filter_map(|(key, value)| Some((key.as_str()?, value)));
    for (top_key, value) in keyed {
        let mut redactions = Vec::new();
        find_nested_redactions(top_key, value, &mut redactions);
        // A merge key adds names of a map to those of the article.
        let is_unread = |redaction: &&NestedRedaction<'_>| {
            let names = texts(redaction.value);
            names.is_empty() || names.iter().any(|name| !read_names.contains(name))
        };
        found.extend(redactions.iter().find(is_unread).map(|redaction| MisplacedKey {
            top_key: top_key.to_owned(),
            parent: redaction.parent.to_owned(),
            key: redaction.key.to_owned(),
            effect: MisplacedEffect::Redact,
        }));
        let is_custom = CUSTOM_MAPS.iter().any(|map| top_key.eq_ignore_ascii_case(map));
        let nested = value.as_mapping().filter(|_| is_custom).into_iter().flatten();
        found.extend(nested.filter_map(|(key, value)| {
            let key = key.as_str()?;
            hides(&key.to_lowercase(), value, context).then(|| MisplacedKey {
                top_key: top_key.to_owned(),
                parent: top_key.to_owned(),
                key: key.to_owned(),
                effect: MisplacedEffect::Hide,
            })
        }));
    }
    found
}

/// Returns true if a key hides the article with some value, or is a misspelling of one that does.
pub(crate) fn may_hide(key: &str, site: &Site) -> bool {
    let values = ["true", "false", "unpublished", "1970-01-02", "9999-12-30"];
    let context = KeyContext { site, has_date: true };
    let key = key.to_lowercase();
    values.iter().any(|value| hides(&key, &Value::from(*value), &context))
}

/// Returns true if a key, in lower case, would hide the article with its value.
fn hides(key: &str, value: &Value, context: &KeyContext<'_>) -> bool {
    if let Some(rule) = date_rule(key) {
        return date_hides(rule, value, context);
    }
    match value_type(&fold_look_alikes(key)) {
        Some(ValueType::Status) => {
            texts(value).iter().any(|text| StatusMeaning::parse(text).conceals())
        }
        Some(ValueType::Boolean(hiding)) => texts(value).iter().any(|text| {
            parse_boolean(text).map_or_else(|| is_almost_boolean(text), |value| value == hiding)
        }),
        Some(ValueType::Embargo) => date_hides(DateRule::Embargo, value, context),
        Some(ValueType::Expiry) => date_hides(DateRule::Expiry, value, context),
        Some(ValueType::Names | ValueType::PublicationDate) => false,
        None => {
            foreign_flag(key, value).is_some()
                || misspelled_visibility_key(key, value, context)
                    .is_some_and(|meant| hides(meant, value, context))
                || misspelled_foreign_flag(key, value).is_some()
                || misspelled_date_key(key, value, context.site).is_some()
        }
    }
}

fn date_hides(rule: DateRule, value: &Value, context: &KeyContext<'_>) -> bool {
    matches!(date_effect(rule, value, context.site), Some(DateEffect::Hides(..)))
}

/// The texts of a scalar, or of the scalars in a list or a map.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Sequence(items) => items.iter().filter_map(scalar_text).collect(),
        Value::Mapping(values) => values.values().filter_map(scalar_text).collect(),
        scalar => scalar_text(scalar).into_iter().collect(),
    }
}

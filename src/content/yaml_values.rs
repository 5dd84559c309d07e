//! Front matter as the YAML parser reads it; a fix is verified by comparing it before and after.

use serde_yaml::{Mapping, Value};

/// The values of front matter, or of a part of it, by their keys.
#[derive(Debug, PartialEq)]
pub(crate) struct YamlValues(Mapping);

impl YamlValues {
    /// Parses YAML; `None` if it is invalid or isn't a map.
    pub(crate) fn parse(front_matter: &str) -> Option<Self> {
        match serde_yaml::from_str(front_matter) {
            Ok(Value::Mapping(values)) => Some(Self(values)),
            Ok(Value::Null) => Some(Self(Mapping::new())),
            _ => None,
        }
    }

    /// The keys in their order, as far as they are text.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(|key| key.as_str().unwrap_or_default())
    }

    /// Returns true if another has the same keys in the same order with the same values, except
    /// for some ignored keys.
    pub(crate) fn eq_except(&self, other: &Self, ignored_keys: &[&str]) -> bool {
        let is_compared = |(key, _): &(&Value, &Value)| {
            !key.as_str().is_some_and(|key| ignored_keys.contains(&key))
        };
        self.0.iter().filter(is_compared).eq(other.0.iter().filter(is_compared))
    }

    /// Returns true if it contains all keys and values of another one.
    pub(crate) fn contains_all(&self, subset: &Self) -> bool {
        subset.0.iter().all(|(key, value)| self.0.get(key) == Some(value))
    }
}

/// The layout of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ListLayout {
    /// In brackets.
    Flow,
    /// One item per line.
    Block,
}

impl ListLayout {
    /// Writes a list of one item.
    fn list_of(self, item: &str) -> String {
        match self {
            Self::Flow => format!("[{item}]"),
            Self::Block => format!("- {item}\n"),
        }
    }
}

/// Returns true if YAML reads an unquoted item of a list as exactly this text.
pub(crate) fn is_plain_scalar(text: &str, layout: ListLayout) -> bool {
    parse_list(&layout.list_of(text))
        .is_some_and(|items| matches!(&items[..], [Value::String(item)] if item == text))
}

/// Returns true if an item of a list, as written, is one value and neither a map nor a list.
pub(crate) fn is_scalar(item_text: &str, layout: ListLayout) -> bool {
    let list = layout.list_of(item_text);
    let is_collection = |item: &Value| item.is_mapping() || item.is_sequence();
    parse_list(&list).is_some_and(|items| items.len() == 1 && !is_collection(&items[0]))
}

/// Parses one quoted value.
pub(crate) fn parse_quoted(quoted: &str) -> Option<String> {
    match parse_list(&format!("[{quoted}]"))?.pop()? {
        Value::String(text) => Some(text),
        _ => None,
    }
}

fn parse_list(list: &str) -> Option<Vec<Value>> {
    serde_yaml::from_str(list).ok()
}

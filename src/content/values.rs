//! Front matter as YAML itself sees it: what a mend compares before and after.

use serde_yaml::{Mapping, Value};

/// The values of front matter, or of a part of it, by their keys.
#[derive(Debug, PartialEq)]
pub struct Values(Mapping);

impl Values {
    /// Reads YAML; `None` if it can't be read or is anything but a map.
    pub fn read(front: &str) -> Option<Self> {
        match serde_yaml::from_str(front) {
            Ok(Value::Mapping(values)) => Some(Self(values)),
            Ok(Value::Null) => Some(Self(Mapping::new())),
            _ => None,
        }
    }

    /// The keys in their order, as far as they are text.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(|key| key.as_str().unwrap_or_default())
    }

    /// Whether another has the same keys in the same order with the same values, some keys left aside.
    pub fn same_besides(&self, other: &Self, aside: &[&str]) -> bool {
        let counts = |(key, _): &(&Value, &Value)| !key.as_str().is_some_and(|key| aside.contains(&key));
        self.0.iter().filter(counts).eq(other.0.iter().filter(counts))
    }

    /// Whether all that another, read from a part, holds is here too.
    pub fn holds(&self, part: &Self) -> bool {
        part.0.iter().all(|(key, value)| self.0.get(key) == Some(value))
    }
}

/// Whether an unquoted text, as an item of a list in brackets or of one with an item a line, is just that text for YAML.
pub fn is_plain(text: &str, in_brackets: bool) -> bool {
    let list = if in_brackets { format!("[{text}]") } else { format!("- {text}\n") };
    items(&list).is_some_and(|items| matches!(&items[..], [Value::String(item)] if item == text))
}

/// Whether an item of a list, as written, is one value and neither a map nor a list.
pub fn is_scalar(written: &str, in_brackets: bool) -> bool {
    let list = if in_brackets { format!("[{written}]") } else { format!("- {written}\n") };
    let nests = |item: &Value| item.is_mapping() || item.is_sequence();
    items(&list).is_some_and(|items| items.len() == 1 && !nests(&items[0]))
}

/// The text of one quoted value.
pub fn unquoted(written: &str) -> Option<String> {
    match items(&format!("[{written}]"))?.pop()? {
        Value::String(text) => Some(text),
        _ => None,
    }
}

fn items(list: &str) -> Option<Vec<Value>> {
    serde_yaml::from_str(list).ok()
}

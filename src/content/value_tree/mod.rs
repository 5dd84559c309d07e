//! Front matter in TOML and JSON as a tree of values, which is read by the same code as YAML.
//!
//! The crates that parse TOML and JSON convert values to numbers and dates. The tree keeps scalars
//! as they are written, and it knows the position of each top-level key.

mod deserializer;
mod json;
mod toml;

use std::ops::Range;

use serde_yaml::{Mapping, Number, Value};

pub(super) use deserializer::{MapDeserializer, TreeError};
pub(super) use json::{json_keys, object_length, parse_json};
pub(super) use toml::{parse_toml, toml_keys};

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    Null,
    Boolean(bool),
    /// A number as it is written.
    Number(String),
    /// A text, or a date of TOML in the format of RFC 3339.
    Text(String),
    List(Vec<Node>),
    /// The keys in their order. JSON can set a key twice.
    Map(Vec<(String, Node)>),
}

impl Node {
    /// Returns the value as the YAML parser would. If a key is set twice, the last value counts.
    pub(super) fn to_yaml(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Boolean(value) => Value::Bool(*value),
            Self::Number(written) => {
                parse_number(written).map_or_else(|| Value::String(written.clone()), Value::Number)
            }
            Self::Text(text) => Value::String(text.clone()),
            Self::List(items) => Value::Sequence(items.iter().map(Self::to_yaml).collect()),
            Self::Map(entries) => {
                let entries = entries.iter();
                let entries =
                    entries.map(|(key, node)| (Value::String(key.clone()), node.to_yaml()));
                Value::Mapping(entries.collect::<Mapping>())
            }
        }
    }
}

/// Returns a decimal number; `None` if it has another form or is too large.
fn parse_number(written: &str) -> Option<Number> {
    let written = written.trim_start_matches('+');
    let integer = || written.parse::<i64>().ok().map(Number::from);
    let unsigned = || written.parse::<u64>().ok().map(Number::from);
    let float = || written.parse::<f64>().ok().filter(|number| number.is_finite());
    integer().or_else(unsigned).or_else(|| float().map(Number::from))
}

/// A top-level key with its value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TopLevelEntry {
    /// The key as it is written, without quotation marks.
    pub(super) key: String,
    /// The bytes of the key in the front matter.
    pub(super) key_range: Range<usize>,
    pub(super) value: Node,
}

/// The position at which the front matter has a syntax error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SyntaxError {
    /// The parser's message.
    pub(super) message: String,
    /// A byte of the front matter.
    pub(super) offset: usize,
}

//! Deserializes a tree of values as the YAML parser deserializes a document.

use std::fmt;
use std::slice;

use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeSeed, Deserializer, Error, IntoDeserializer, MapAccess, SeqAccess, Unexpected,
    Visitor,
};
use serde::forward_to_deserialize_any;

use super::Node;

/// A value that has the wrong type.
#[derive(Debug)]
pub(crate) struct TreeError(String);

impl fmt::Display for TreeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for TreeError {}

impl Error for TreeError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

/// Deserializes keys with their values.
pub(crate) struct MapDeserializer<'n, I> {
    entries: I,
    value: Option<(&'n str, &'n Node)>,
    /// True if an error begins with the key, as those of the YAML parser do.
    names_keys: bool,
}

impl<'n, I: Iterator<Item = (&'n str, &'n Node)>> MapDeserializer<'n, I> {
    /// Returns a deserializer of the top-level map.
    pub(crate) fn new(entries: I) -> Self {
        Self { entries, value: None, names_keys: true }
    }
}

impl<'de, 'n, I: Iterator<Item = (&'n str, &'n Node)>> MapAccess<'de> for MapDeserializer<'n, I> {
    type Error = TreeError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, TreeError> {
        self.value = self.entries.next();
        self.value.map(|(key, _)| seed.deserialize(KeyDeserializer(key))).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, TreeError> {
        let Some((key, value)) = self.value.take() else {
            return Err(TreeError::custom("a value is read before its key"));
        };
        seed.deserialize(value).map_err(|TreeError(problem)| match self.names_keys {
            true => TreeError(format!("{key}: {problem}")),
            false => TreeError(problem),
        })
    }
}

impl<'de, 'n, I: Iterator<Item = (&'n str, &'n Node)>> Deserializer<'de>
    for MapDeserializer<'n, I>
{
    type Error = TreeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TreeError> {
        visitor.visit_map(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier
        ignored_any
    }
}

/// Deserializes a key as a text that may be missing.
struct KeyDeserializer<'n>(&'n str);

impl<'de> Deserializer<'de> for KeyDeserializer<'_> {
    type Error = TreeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TreeError> {
        visitor.visit_str(self.0)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TreeError> {
        let text: StrDeserializer<'_, TreeError> = self.0.into_deserializer();
        visitor.visit_some(text)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// Deserializes the items of a list.
struct ListAccess<'n>(slice::Iter<'n, Node>);

impl<'de> SeqAccess<'de> for ListAccess<'_> {
    type Error = TreeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, TreeError> {
        self.0.next().map(|item| seed.deserialize(item)).transpose()
    }
}

impl<'de> Deserializer<'de> for &Node {
    type Error = TreeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TreeError> {
        match self {
            Node::Null => visitor.visit_unit(),
            Node::Boolean(value) => visitor.visit_bool(*value),
            Node::Number(written) => visit_number(written, visitor),
            Node::Text(text) => visitor.visit_str(text),
            Node::List(items) => visitor.visit_seq(ListAccess(items.iter())),
            Node::Map(entries) => {
                let entries = entries.iter().map(|(key, value)| (key.as_str(), value));
                visitor.visit_map(MapDeserializer { entries, value: None, names_keys: false })
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TreeError> {
        match self {
            Node::Null => visitor.visit_none(),
            value => visitor.visit_some(value),
        }
    }

    /// Reads a scalar as the text that was written.
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TreeError> {
        match self {
            Node::Null => visitor.visit_str(""),
            Node::Boolean(value) => visitor.visit_str(if *value { "true" } else { "false" }),
            Node::Number(text) | Node::Text(text) => visitor.visit_str(text),
            Node::List(_) => Err(TreeError::invalid_type(Unexpected::Seq, &visitor)),
            Node::Map(_) => Err(TreeError::invalid_type(Unexpected::Map, &visitor)),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TreeError> {
        self.deserialize_str(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

fn visit_number<'de, V: Visitor<'de>>(written: &str, visitor: V) -> Result<V::Value, TreeError> {
    let decimal = written.trim_start_matches('+');
    if let Ok(number) = decimal.parse::<u64>() {
        return visitor.visit_u64(number);
    }
    if let Ok(number) = decimal.parse::<i64>() {
        return visitor.visit_i64(number);
    }
    match decimal.parse::<f64>() {
        Ok(number) => visitor.visit_f64(number),
        // A number to another base.
        Err(_) => visitor.visit_str(written),
    }
}

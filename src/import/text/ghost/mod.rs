//! Bodies in the formats of Ghost's editors, which become HTML.

mod cards;
mod lexical;
mod mobiledoc;

use serde_json::Value;

pub(crate) use lexical::lexical_to_html;
pub(crate) use mobiledoc::mobiledoc_to_html;

/// A body that isn't in the format that it should have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct InvalidBody {
    /// The reason, for a message.
    pub(crate) reason: String,
}

/// A body as HTML.
#[derive(Clone, Debug, Default)]
pub(crate) struct BodyHtml {
    pub(crate) html: String,
    /// The texts of the cards that were left out.
    pub(crate) left_out: Vec<String>,
}

impl BodyHtml {
    /// Records a card that was left out.
    fn leave_out(&mut self, text: &str) {
        self.left_out.push(text.to_owned());
    }
}

/// Parses the JSON of a body.
fn parse(json: &str) -> Result<Value, InvalidBody> {
    serde_json::from_str(json).map_err(|error| InvalidBody { reason: error.to_string() })
}

/// Returns a text of an object; empty if it has none.
fn text_of<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// Returns a list of an object; empty if it has none.
fn list_of<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

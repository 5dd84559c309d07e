//! The JSON Schema (draft 2020-12) of front matter.

use serde_json::{Map, Value, json};

use super::table::{FieldValue, front_matter_fields};
use crate::config::Taxonomy;
use crate::model::status::STATUSES;

/// Returns the schema of front matter. Keys of the default taxonomies are lists; any other key is a
/// custom value.
pub(crate) fn front_matter_schema() -> Value {
    let mut properties = Map::new();
    for taxonomy in Taxonomy::defaults() {
        for key in &taxonomy.front_matter_keys {
            let mut schema = list_schema(&json!({ "type": ["string", "number", "object"] }));
            schema["description"] = format!("Terms of the taxonomy `{}`.", taxonomy.key).into();
            properties.insert(key.clone(), schema);
        }
    }
    for row in front_matter_fields() {
        let own_name = row.names[0];
        for name in row.names {
            let mut schema = value_schema(row.value);
            let text = link_texts(row.summary);
            let is_own = *name == own_name;
            schema["description"] = if is_own {
                text.into()
            } else {
                format!("The same as `{own_name}`: {text}").into()
            };
            properties.insert((*name).to_owned(), schema);
        }
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Front matter of Dateline",
        "type": ["object", "null"],
        "properties": properties,
    })
}

fn value_schema(value: FieldValue) -> Value {
    // Numbers and booleans are read as the text that was written.
    let text = || json!({ "type": ["string", "number", "boolean", "null"] });
    match value {
        FieldValue::Text | FieldValue::PageType => text(),
        FieldValue::Date | FieldValue::RequiredDate => {
            json!({ "type": ["string", "number", "null"] })
        }
        FieldValue::Path | FieldValue::Url | FieldValue::LanguageTag => {
            json!({ "type": ["string", "null"] })
        }
        FieldValue::Source => {
            json!({ "type": ["string", "number", "boolean", "object", "null"] })
        }
        // Words of other systems are accepted, too.
        FieldValue::Status => {
            let words = STATUSES.map(|(word, _)| word);
            json!({ "anyOf": [{ "enum": words }, text()] })
        }
        FieldValue::Boolean => json!({
            "anyOf": [
                { "type": ["boolean", "null"] },
                { "enum": ["true", "false", "yes", "no", "on", "off", 1, 0, "1", "0"] },
            ]
        }),
        FieldValue::TextOrList | FieldValue::List => list_schema(&text()),
        FieldValue::Notes => {
            let note = json!({
                "type": "object",
                "properties": { "date": { "type": ["string", "number"] }, "text": text() },
                "required": ["text"],
            });
            let item = json!({ "anyOf": [text(), note] });
            json!({ "anyOf": [text(), note, { "type": "array", "items": item }] })
        }
        FieldValue::Image => json!({ "type": ["string", "object", "array", "null"] }),
        FieldValue::MapOfLists => {
            json!({ "type": ["object", "null"], "additionalProperties": list_schema(&text()) })
        }
        FieldValue::Map => json!({}),
    }
}

/// Returns the schema of a list, or of a single value.
fn list_schema(item: &Value) -> Value {
    json!({
        "anyOf": [
            { "type": ["string", "number", "boolean", "null"] },
            { "type": "array", "items": item },
        ]
    })
}

/// Replaces the links in Markdown with their texts.
fn link_texts(markdown: &str) -> String {
    let mut text = String::new();
    let mut rest = markdown;
    while let Some((before, after)) = rest.split_once('[') {
        text.push_str(before);
        match after.split_once("](").and_then(|(label, end)| Some((label, end.split_once(')')?.1)))
        {
            Some((label, end)) => {
                text.push_str(label);
                rest = end;
            }
            None => {
                text.push('[');
                rest = after;
            }
        }
    }
    text.push_str(rest);
    text
}

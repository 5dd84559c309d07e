//! The JSON Schema (draft 2020-12) of `site.yaml`.

use serde_json::{Map, Value, json};

use super::setting::{DefaultValue, Setting, ValueType};
use super::settings;

/// Returns the schema of `site.yaml`.
pub(crate) fn settings_schema() -> Value {
    let mut schema = map_schema("");
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema".into();
    schema["title"] = "site.yaml of Dateline".into();
    // A file without settings is a valid one.
    schema["type"] = json!(["object", "null"]);
    schema
}

/// Returns the schema of a map whose keys have rows below a prefix: `feeds.`.
fn map_schema(prefix: &str) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for setting in settings() {
        let name = setting.key.strip_prefix(prefix).filter(|name| !name.contains('.'));
        let Some(name) = name else { continue };
        properties.insert(name.to_owned(), setting_schema(setting));
        if setting.default == DefaultValue::Required {
            required.push(name);
        }
    }
    let mut schema =
        json!({ "type": "object", "properties": properties, "additionalProperties": false });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

fn setting_schema(setting: &Setting) -> Value {
    let mut schema = type_schema(setting.key, &setting.value);
    if setting.is_top_level() {
        schema = or_null(schema);
    }
    schema["description"] = setting.summary.into();
    if let DefaultValue::Value(default) = setting.default {
        schema["default"] = json_value(default);
    }
    schema["examples"] = setting.examples.values().map(json_value).collect();
    schema
}

/// Returns a value in YAML as JSON. Those of the table can be represented.
fn json_value(yaml: &str) -> Value {
    let value = serde_yaml::from_str::<serde_yaml::Value>(yaml).unwrap_or_default();
    serde_json::to_value(value).unwrap_or_default()
}

/// Returns the schema of a type; the rows of a map in it begin with a key.
fn type_schema(key: &str, value: &ValueType) -> Value {
    match value {
        ValueType::Any => json!({}),
        ValueType::Text | ValueType::Path | ValueType::LanguageTag | ValueType::TimeZone => {
            json!({ "type": "string" })
        }
        ValueType::Url => json!({ "type": "string", "pattern": "^https?://" }),
        ValueType::PermalinkPattern => json!({ "type": "string", "pattern": "^/" }),
        ValueType::Boolean => json!({ "type": "boolean" }),
        ValueType::Number => json!({ "type": "number" }),
        ValueType::Integer { min, max } => {
            json!({ "type": "integer", "minimum": min, "maximum": max })
        }
        ValueType::Choice(words) => json!({ "enum": words }),
        ValueType::List(item) => {
            json!({ "type": "array", "items": type_schema(&format!("{key}.[]"), item) })
        }
        ValueType::Map => map_schema(&format!("{key}.")),
        ValueType::MapOf { value, .. } => {
            let value = or_null(type_schema(&format!("{key}.*"), value));
            json!({ "type": "object", "additionalProperties": value })
        }
        ValueType::Fields { names, value } => {
            let value = type_schema(key, value);
            let properties: Map<String, Value> =
                names.iter().map(|name| ((*name).to_owned(), value.clone())).collect();
            json!({ "type": "object", "properties": properties, "additionalProperties": false })
        }
        ValueType::Toggle(inner) => {
            json!({ "anyOf": [{ "type": "boolean" }, type_schema(key, inner)] })
        }
        ValueType::Either(types) => {
            let schemas: Vec<Value> = types.iter().map(|inner| type_schema(key, inner)).collect();
            json!({ "anyOf": schemas })
        }
    }
}

/// Returns a schema that also accepts an empty value, which is the same as no setting.
fn or_null(mut schema: Value) -> Value {
    match schema.as_object_mut() {
        Some(map) if map.contains_key("anyOf") => {
            if let Some(Value::Array(schemas)) = map.get_mut("anyOf") {
                schemas.push(json!({ "type": "null" }));
            }
        }
        Some(map) if map.contains_key("enum") => {
            if let Some(Value::Array(words)) = map.get_mut("enum") {
                words.push(Value::Null);
            }
        }
        Some(map) => {
            if let Some(name) = map.get("type").cloned() {
                map.insert("type".into(), json!([name, "null"]));
            }
        }
        None => {}
    }
    schema
}

use serde_yaml::{Mapping, Value};

use super::examples::{example_path, set_at_path};
use super::setting::Sample;
use super::{DefaultValue, Effect, Setting, ValueType, settings, top_level_keys};
use crate::config::setting_texts::SettingTexts;
use crate::config::settings::{self, Config};
use crate::diagnostics::Diagnostic;

/// Settings with which every key of the table can be set alone.
const BASE: &str = "\
base_url: https://test.example
search: {engine: {name: Duck, url: \"https://duck.example/\"}}
reactions: {kinds: [like, {key: odd, symbol: o}]}
redirects: {formats: [html, netlify]}
sections: {world: World}
menus: {masthead: [{name: A, children: [{name: B, url: /b/}]}], footer: [{name: A, children: \
[{name: B, url: /b/}]}]}
";

struct Parsed {
    texts: Vec<(String, String)>,
    /// The fields of the settings, also those without a text.
    fields: String,
    diagnostics: Vec<Diagnostic>,
}

fn parse(values: &Mapping) -> Parsed {
    let source = serde_yaml::to_string(values).unwrap();
    let (config, mut diagnostics) = Config::parse(&source);
    let base_url = settings::resolve_base_url(&config, &source, &mut diagnostics);
    let resolved = settings::resolve(&config, &source, &mut diagnostics);
    let texts = SettingTexts::new(&config, &base_url, &resolved.taxonomies).all().to_vec();
    Parsed { texts, fields: format!("{config:?}"), diagnostics }
}

fn base() -> Mapping {
    serde_yaml::from_str(BASE).unwrap()
}

fn yaml(text: &str) -> Value {
    serde_yaml::from_str(text).unwrap()
}

/// Returns the row of a key.
fn find(key: &str) -> Option<&'static Setting> {
    settings().find(|setting| setting.key == key)
}

/// Removes the key at a path of maps.
fn remove(map: &mut Mapping, path: &[&str]) {
    match (path, path.first().and_then(|key| map.get_mut(*key))) {
        ([key], Some(_)) => drop(map.remove(*key)),
        ([_, rest @ ..], Some(Value::Mapping(inner))) => remove(inner, rest),
        _ => {}
    }
}

fn with(setting: &Setting, value: Value) -> Parsed {
    let mut values = base();
    set_at_path(&mut values, &example_path(setting), value);
    parse(&values)
}

#[test]
fn every_row_is_complete() {
    for setting in settings() {
        let key = setting.key;
        assert_eq!(settings().filter(|other| other.key == key).count(), 1, "{key} is listed once");
        assert!(!setting.is_top_level() || setting.effect != Effect::Parent, "{key}");
        assert_eq!(setting.is_top_level(), !matches!(setting.sample, Sample::None), "{key}");
        assert!(setting.summary.ends_with('.'), "{key}: {}", setting.summary);
        if let Some((parent, _)) = key.rsplit_once('.') {
            let parent = parent.trim_end_matches(".*").trim_end_matches(".[]");
            assert!(find(parent).is_some(), "{key}: there is no `{parent}`");
        }
    }
}

#[test]
fn every_example_is_accepted_and_changes_something() {
    let unchanged = parse(&base());
    assert_eq!(unchanged.diagnostics, []);
    for setting in settings() {
        let mut changed = false;
        for example in setting.examples.values() {
            let parsed = with(setting, yaml(example));
            assert_eq!(parsed.diagnostics, [], "{}: {example}", setting.key);
            changed |= parsed.fields != unchanged.fields;
        }
        assert!(changed, "{}: no example changes a field", setting.key);
    }
}

#[test]
fn a_value_of_another_type_is_refused() {
    for setting in settings().filter(|setting| setting.value != ValueType::Any) {
        let wrong = match setting.value {
            ValueType::MapOf { .. } | ValueType::Map | ValueType::Fields { .. } => "[7]",
            ValueType::Choice(_) => "another",
            ValueType::Toggle(ValueType::Choice(_)) => "another",
            _ => "{odd: [[7]]}",
        };
        let parsed = with(setting, yaml(wrong));
        assert!(!parsed.diagnostics.is_empty(), "{}: {wrong}", setting.key);
    }
}

#[test]
fn a_key_without_a_row_is_refused() {
    let mut values = base();
    values.insert("zzz".into(), 1.into());
    assert_eq!(parse(&values).diagnostics[0].code, "unknown-setting");
    let has_rows = |setting: &Setting| {
        let is_part = |other: &Setting| {
            other.key.rsplit_once('.').is_some_and(|(parent, _)| parent == setting.key)
        };
        settings().any(is_part) && !matches!(setting.value, ValueType::MapOf { .. })
    };
    for setting in settings().filter(|setting| has_rows(setting)) {
        let mut values = base();
        let path: Vec<&str> = example_path(setting).into_iter().chain(["zzz"]).collect();
        if setting.key != "reactions.kinds" {
            set_at_path(&mut values, &path, 1.into());
            let refused = parse(&values).diagnostics;
            assert!(!refused.is_empty(), "{path:?}");
        }
    }
}

/// The fields of the settings, which the texts list, have rows.
#[test]
fn every_field_has_a_row() {
    let mut values = base();
    for key in ["data", "images", "feeds", "sitemaps", "robots"] {
        values.insert(key.into(), Mapping::new().into());
    }
    for (name, _) in parse(&values).texts {
        let is_in_row = |setting: &Setting| {
            let pattern: Vec<&str> = setting.key.split('.').collect();
            let names: Vec<&str> = name.split('.').collect();
            let is_open = !matches!(setting.value, ValueType::Map | ValueType::Toggle(_))
                && names.len() > pattern.len();
            (names.len() == pattern.len() || is_open)
                && pattern.iter().zip(&names).all(|(key, name)| *key == "*" || key == name)
        };
        assert!(settings().any(is_in_row), "{name}");
    }
}

#[test]
fn a_setting_with_its_default_changes_nothing() {
    for setting in settings() {
        let DefaultValue::Value(default) = setting.default else { continue };
        let mut values = base();
        let path = example_path(setting);
        if let [parent, _] = *path.as_slice()
            && !values.contains_key(parent)
        {
            values.insert(parent.into(), Mapping::new().into());
        }
        remove(&mut values, &path);
        let without = parse(&values).texts;
        set_at_path(&mut values, &path, yaml(default));
        assert_eq!(parse(&values).texts, without, "{}: {default}", setting.key);
    }
}

#[test]
fn the_keys_of_the_top_level_are_suggested() {
    assert!(top_level_keys().count() > 40);
    let (_, diagnostics) = Config::parse("smart_punctation: true\n");
    let help = diagnostics[0].help.as_deref().unwrap_or_default();
    assert!(help.contains("did you mean `smart_punctuation`?"), "{help}");
}

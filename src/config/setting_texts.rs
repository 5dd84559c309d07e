//! The settings as text, one line per key, as an editor would write them. Pages and records depend
//! on these lines, and `--explain` prints those that differ.

use std::collections::HashSet;

use serde::{Serialize, Serializer};
use serde_yaml::{Mapping, Value};

use super::outputs::{RedirectSettings, WildcardRedirect};
use super::settings::{Config, NavItem};
use super::taxonomy::Taxonomy;

/// The text of a setting that isn't set, which differs from the text of an empty value.
pub(crate) const NOT_SET: &str = "(not set)";

/// The value of every setting as text, by its key: `limits.nesting`, `100`.
#[derive(Debug)]
pub(crate) struct SettingTexts(Vec<(String, String)>);

impl SettingTexts {
    /// Returns the effective settings: with the defaults, and with the base URL of the command
    /// line.
    pub(super) fn new(config: &Config, base_url: &str, taxonomies: &[Taxonomy]) -> Self {
        let mut settings = to_mapping(config);
        settings.extend(to_mapping(&config.outputs));
        settings.insert("base_url".into(), base_url.into());
        let mut texts = TextList::default();
        for (key, value) in &settings {
            texts.add_all(key.as_str().unwrap_or_default(), value);
        }
        texts.add_ordered("sections", sections(&config.sections));
        texts.add_ordered("taxonomies", taxonomies_by_key(taxonomies));
        add_redirects(&config.outputs.redirects, &mut texts);
        texts.add_all("trust", &field_list(&config.outputs.trust));
        texts.add_all("security", &field_list(&config.outputs.security));
        texts.add_all("extra", &config.extra);
        Self(texts.texts)
    }

    /// Returns the settings with these keys, and all settings below them. If a parent is turned
    /// off, as with `feeds: false`, its line is returned for `feeds.formats`.
    pub(crate) fn select(&self, keys: &[&str]) -> Vec<(String, String)> {
        let is_selected = |name: &str, key: &str| {
            let is_prefix = |prefix: &str, path: &str| {
                path.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('.'))
            };
            name == key || is_prefix(key, name) || is_prefix(name, key)
        };
        let selected = keys
            .iter()
            .flat_map(|key| self.0.iter().filter(move |(name, _)| is_selected(name, key)));
        selected.cloned().collect()
    }

    /// Returns every setting.
    pub(crate) fn all(&self) -> &[(String, String)] {
        &self.0
    }
}

/// Serializes a setting that can be turned off: `None` as `false`.
///
/// # Errors
/// The errors of the serializer.
pub(super) fn serialize_toggle<T: Serialize, S: Serializer>(
    setting: &Option<T>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match setting {
        Some(setting) => setting.serialize(serializer),
        None => serializer.serialize_bool(false),
    }
}

/// Returns the fields of settings. YAML can represent all of their types.
fn to_mapping(settings: &impl Serialize) -> Mapping {
    match serde_yaml::to_value(settings) {
        Ok(Value::Mapping(mapping)) => mapping,
        _ => Mapping::new(),
    }
}

/// The sections as in `sections: {city: City}`.
fn sections(items: &[NavItem]) -> Mapping {
    let value = |item: &NavItem| match &item.permalink {
        None => item.name.as_deref().map_or(Value::Null, Value::from),
        Some(permalink) => {
            let name = item.name.as_ref().map(|name| ("name".into(), name.as_str().into()));
            let permalink = ("permalink".into(), permalink.as_str().into());
            Value::Mapping(name.into_iter().chain([permalink]).collect())
        }
    };
    items.iter().map(|item| (item.slug.as_str().into(), value(item))).collect()
}

fn taxonomies_by_key(taxonomies: &[Taxonomy]) -> Mapping {
    taxonomies
        .iter()
        .map(|taxonomy| (taxonomy.key.as_str().into(), Value::Mapping(to_mapping(taxonomy))))
        .collect()
}

/// The redirects as in `redirects: {rules: {/old/*: /new/:splat}}`.
fn add_redirects(redirects: &RedirectSettings, texts: &mut TextList) {
    let formats = serde_yaml::to_value(&redirects.formats).unwrap_or_default();
    texts.add("redirects.formats", flow_text(&formats));
    for (from, to) in &redirects.exact {
        texts.add(&format!("redirects.rules.{from}"), to.clone());
    }
    for WildcardRedirect { from, to, splat } in &redirects.wildcards {
        let rest = if *splat { ":splat" } else { "" };
        texts.add(&format!("redirects.rules.{from}*"), format!("{to}{rest}"));
    }
}

/// Returns the fields of a text file, one per line, because a name may occur more than once.
fn field_list(fields: &[(String, String)]) -> Value {
    fields.iter().map(|(name, value)| Value::from(format!("{name}: {value}"))).collect()
}

#[derive(Default)]
struct TextList {
    texts: Vec<(String, String)>,
    names: HashSet<String>,
}

impl TextList {
    /// Adds a mapping whose order matters: the order first, then the settings below it.
    fn add_ordered(&mut self, name: &str, mapping: Mapping) {
        let keys: Vec<&str> = mapping.keys().filter_map(Value::as_str).collect();
        self.add(name, keys.join(", "));
        mapping.iter().for_each(|(key, value)| self.add_all(&child_name(name, key), value));
    }

    /// Adds a setting and all settings below it.
    fn add_all(&mut self, name: &str, value: &Value) {
        match value {
            Value::Mapping(mapping) if !mapping.is_empty() => {
                mapping.iter().for_each(|(key, value)| self.add_all(&child_name(name, key), value));
            }
            Value::Tagged(tagged) => self.add_all(name, &tagged.value),
            Value::String(text) => self.add(name, text.clone()),
            Value::Null => self.add(name, NOT_SET.to_owned()),
            _ => self.add(name, flow_text(value)),
        }
    }

    /// Adds a line. Names are made unique: a key that contains a dot can look like a nested key.
    fn add(&mut self, name: &str, text: String) {
        let mut unique_name = name.to_owned();
        while !self.names.insert(unique_name.clone()) {
            unique_name.push('\'');
        }
        self.texts.push((unique_name, text));
    }
}

fn child_name(parent: &str, key: &Value) -> String {
    format!("{parent}.{}", key.as_str().map_or_else(|| flow_text(key), str::to_owned))
}

/// Formats a value as YAML on one line.
fn flow_text(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(boolean) => boolean.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => flow_string(text),
        Value::Sequence(items) => {
            format!("[{}]", items.iter().map(flow_text).collect::<Vec<_>>().join(", "))
        }
        Value::Mapping(mapping) => {
            let item = |(key, value)| format!("{}: {}", flow_text(key), flow_text(value));
            format!("{{{}}}", mapping.iter().map(item).collect::<Vec<_>>().join(", "))
        }
        Value::Tagged(tagged) => flow_text(&tagged.value),
    }
}

/// Formats a text, in quotation marks if YAML would read it differently without them.
fn flow_string(text: &str) -> String {
    let is_plain = !text.is_empty()
        && text.trim() == text
        && !text.starts_with(['-', '?', '!', '&', '*', '|', '>', '%', '@', '`', '"', '\''])
        && !text.contains([',', '[', ']', '{', '}', '#', '\n'])
        && !text.contains(": ")
        && !text.ends_with(':')
        && matches!(serde_yaml::from_str(text), Ok(Value::String(_)));
    if is_plain {
        return text.to_owned();
    }
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::settings;

    fn texts(source: &str) -> SettingTexts {
        let (config, mut diagnostics) = Config::parse(source);
        let resolved = settings::resolve(&config, source, &mut diagnostics);
        assert_eq!(diagnostics, []);
        SettingTexts::new(&config, "https://paper.example", &resolved.taxonomies)
    }

    #[test]
    fn settings_are_written_as_an_editor_writes_them() {
        let texts = texts(
            "title: \"The: Paper\"\n\
             sections: {city: City, world: {name: World, permalink: '/{slug}/'}, sport: }\n\
             calendars: [persian]\n\
             html: trusted\n\
             feeds: false\n\
             search: {boilerplate: ['Call: 1', plain]}\n\
             redirects: {formats: [html, nginx], rules: {/old/: /new/, /a/*: '/b/:splat'}}\n\
             extra: {motto: {en: All the news}}\n",
        );
        let value = |name: &str| {
            let found = texts.all().iter().find(|(key, _)| key == name);
            found.map_or("no such setting", |(_, value)| value.as_str())
        };
        for (name, expected) in [
            ("title", "The: Paper"),
            ("base_url", "https://paper.example"),
            ("description", NOT_SET),
            ("sections", "city, world, sport"),
            ("sections.city", "City"),
            ("sections.world.name", "World"),
            ("sections.world.permalink", "/{slug}/"),
            ("sections.sport", NOT_SET),
            ("calendars", "[persian]"),
            ("html", "trusted"),
            ("limits.nesting", "100"),
            ("images", "false"),
            ("feeds", "false"),
            ("search.boilerplate", "[\"Call: 1\", plain]"),
            ("redirects.rules./old/", "/new/"),
            ("redirects.rules./a/*", "/b/:splat"),
            ("taxonomies.tags.from", "[tags, tag, keywords]"),
            ("corrections.retracted", "strike"),
            ("extra.motto.en", "All the news"),
        ] {
            assert_eq!(value(name), expected, "{name}");
        }
    }

    #[test]
    fn selected_settings_come_with_those_below_them() {
        let names = |texts: &SettingTexts, key: &str| -> Vec<String> {
            texts.select(&[key]).into_iter().map(|(name, _)| name).collect()
        };
        let with_feeds = texts("feeds: {archive: false}");
        assert_eq!(names(&with_feeds, "feeds.archive"), ["feeds.archive"]);
        assert_eq!(
            names(&with_feeds, "limits"),
            ["limits.article_bytes", "limits.front_matter_bytes", "limits.nesting"]
        );
        assert_eq!(names(&texts("feeds: false"), "feeds.archive"), ["feeds"]);
        assert_eq!(
            names(&texts("sections: {city: City}"), "sections.city"),
            ["sections", "sections.city"]
        );
    }
}

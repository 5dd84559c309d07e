//! The pages of `docs/` that are generated from the program's tables, and what tests read of these.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use dateline::internals::{
    DefaultValue, FieldValue, SETTING_GROUPS, Setting, SettingEffect, SettingGroup, ValueType,
    front_matter_fields,
};

/// The variable with which the pages are written instead of compared.
const UPDATE_VARIABLE: &str = "DATELINE_UPDATE_DOCS";

/// Returns every row of the table of settings.
pub(crate) fn settings() -> impl Iterator<Item = &'static Setting> {
    const GROUPS: &[SettingGroup] = &SETTING_GROUPS;
    GROUPS.iter().flat_map(|group| group.settings)
}

/// Returns the keys of the top level of `site.yaml`.
pub(crate) fn setting_keys() -> BTreeSet<String> {
    settings().filter(|row| row.is_top_level()).map(|row| row.key.to_owned()).collect()
}

/// Returns the words that a documentation of the settings must contain: the names of all keys, and
/// the values to choose from.
pub(crate) fn setting_words() -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for setting in settings() {
        let name = setting.key.rsplit('.').next().expect("a name");
        if name != "*" {
            words.insert(name.to_owned());
        }
        add_choices(&setting.value, &mut words);
    }
    words
}

fn add_choices(value: &ValueType, words: &mut BTreeSet<String>) {
    match value {
        ValueType::Choice(choices) => words.extend(choices.iter().map(|word| (*word).to_owned())),
        ValueType::List(inner) | ValueType::Toggle(inner) => add_choices(inner, words),
        ValueType::MapOf { value, .. } => add_choices(value, words),
        ValueType::Either(types) => types.iter().for_each(|inner| add_choices(inner, words)),
        _ => {}
    }
}

/// Returns the description of a type in the documentation.
fn type_text(value: &ValueType) -> String {
    let code = |words: &[&str]| {
        words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
    };
    match value {
        ValueType::Any => "any value".into(),
        ValueType::Text => "text".into(),
        ValueType::Url => "URL".into(),
        ValueType::Path => "path".into(),
        ValueType::LanguageTag => "language tag (BCP 47)".into(),
        ValueType::TimeZone => "name in the IANA time zone database".into(),
        ValueType::PermalinkPattern => "[pattern](configuration.md#permalink)".into(),
        ValueType::Boolean => "`true` or `false`".into(),
        ValueType::Number => "number".into(),
        ValueType::Integer { min: 0, max } if *max > 1 << 31 => "whole number".into(),
        ValueType::Integer { min, max } => format!("whole number, {min} to {max}"),
        ValueType::Choice([only]) => format!("`{only}`"),
        ValueType::Choice(words) => format!("one of {}", code(words)),
        ValueType::List(inner) => format!("list: {}", type_text(inner)),
        ValueType::Map => "map".into(),
        ValueType::MapOf { key, value, .. } => format!("map from {key} to {}", type_text(value)),
        ValueType::Fields { names, value } => {
            format!("map with the keys {}; values: {}", code(names), type_text(value))
        }
        ValueType::Toggle(ValueType::Map) => "`true`, `false` or map".into(),
        ValueType::Toggle(inner) => format!("{} or `false`", type_text(inner)),
        ValueType::Either(types) => types.iter().map(type_text).collect::<Vec<_>>().join(", or "),
    }
}

fn default_text(default: &DefaultValue) -> String {
    match default {
        DefaultValue::Value(value) => format!("`{value}`"),
        DefaultValue::Unset => "none".into(),
        DefaultValue::Required => "required".into(),
        DefaultValue::Described(description) => (*description).into(),
    }
}

/// Returns the pages that a change of a setting renders again.
fn effect_text(effect: SettingEffect) -> &'static str {
    match effect {
        SettingEffect::All => "all pages and files",
        SettingEffect::Pages => "all pages",
        SettingEffect::Bodies => "pages and files with text of articles or `_index.md`",
        SettingEffect::Articles => "articles",
        SettingEffect::ArticlesAndFiles => "articles, and files for programs",
        SettingEffect::Files => "files for programs",
        SettingEffect::Templates => "pages whose templates name it",
        SettingEffect::Catalog => "pages that show the articles or URLs that it changes",
        SettingEffect::Nothing => "no page",
        SettingEffect::Parent => "",
    }
}

const SETTINGS_INTRODUCTION: &str = "# Settings

All keys of `site.yaml`, generated from the program's table. [Configuration](configuration.md)
explains each setting with examples. A `*` in a key stands for a name that you choose, `[]` for an
item of a list. The last column lists what the next build renders again after a change, besides
pages whose templates name the setting; it applies to the parts of a setting, too.
";

fn settings_page() -> String {
    let mut page = SETTINGS_INTRODUCTION.to_owned();
    for group in &SETTING_GROUPS {
        let _ = write!(
            page,
            "\n## {}\n\n| key | value | default | meaning | renders again |\n\
             | --- | --- | --- | --- | --- |\n",
            group.title
        );
        for setting in group.settings {
            let cells = [
                format!("`{}`", setting.key),
                type_text(&setting.value),
                default_text(&setting.default),
                setting.summary.to_owned(),
                effect_text(setting.effect).to_owned(),
            ];
            let cells = cells.map(|cell| cell.replace('|', "\\|"));
            let _ = writeln!(page, "| {} |", cells.join(" | "));
        }
    }
    page
}

/// The rows of the taxonomies' keys, which a site can change.
const TERM_ROWS: &str = "\
| `section` | | text | the article's [section](#sections) |
| `tags` | `tag`, `keywords` | list | terms of the taxonomy `tags` |
| `authors` | `author`, `byline` | list | the byline; terms of `authors` |
| `places` | `place`, `locations` | list | terms of `places` |
| `people` | `persons`, `person` | list | terms of `people` |
| `organisations` | `organizations`, `orgs` | list | terms of `organisations` |
| `series` | | list | terms of `series` |
";

fn field_type_text(value: FieldValue) -> &'static str {
    match value {
        FieldValue::Text => "text",
        FieldValue::Date => "date",
        FieldValue::RequiredDate => "[date](#dates), required",
        FieldValue::Path => "path",
        FieldValue::Url => "URL",
        FieldValue::LanguageTag => "BCP 47 tag",
        FieldValue::Source => "text, or a map of `name` and `url`",
        FieldValue::Status => {
            "`published`, `corrected`, `retracted`, `unpublished` or `anonymised` (or `anonymized`)"
        }
        FieldValue::PageType => "`page` or `article`",
        FieldValue::Boolean => "true or false",
        FieldValue::TextOrList => "text or list",
        FieldValue::List => "list",
        FieldValue::Notes => "text, `{date, text}`, or a list of these",
        FieldValue::Image => "path, URL or map",
        FieldValue::MapOfLists => "map of lists",
        FieldValue::Map => "map",
    }
}

/// Returns the table of all keys in `docs/front-matter.md`.
fn front_matter_table() -> String {
    let mut table =
        "| key | other names | value | meaning |\n| --- | --- | --- | --- |\n".to_owned();
    for row in front_matter_fields() {
        if row.value == FieldValue::MapOfLists {
            table.push_str(TERM_ROWS);
        }
        let names = row.names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>();
        let others = names[1..].join(", ");
        let others = if others.is_empty() { " ".to_owned() } else { format!(" {others} ") };
        let value = field_type_text(row.value);
        let _ = writeln!(table, "| {} |{others}| {value} | {} |", names[0], row.summary);
    }
    table
}

/// Compares a generated page with the one in `docs/`, or writes it.
#[track_caller]
fn assert_current(name: &str, expected: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name);
    if std::env::var_os(UPDATE_VARIABLE).is_some() {
        std::fs::write(&path, expected).expect("the page is written");
    }
    let page = std::fs::read_to_string(&path).unwrap_or_default();
    let is_current = page.replace("\r\n", "\n") == expected;
    assert!(is_current, "docs/{name} isn't current: run the test with {UPDATE_VARIABLE}=1");
}

#[test]
fn the_table_of_front_matter_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/front-matter.md");
    let page = std::fs::read_to_string(path).expect("the page is read").replace("\r\n", "\n");
    let (start, rest) = page.split_once("## All keys\n\n").expect("the heading");
    let (_, end) = rest.split_once("\nThe keys of the taxonomies").expect("the text below");
    let table = front_matter_table();
    let expected = format!("{start}## All keys\n\n{table}\nThe keys of the taxonomies{end}");
    assert_current("front-matter.md", &expected);
}

#[test]
fn the_page_of_settings_is_current() {
    assert_current("settings.md", &settings_page());
}

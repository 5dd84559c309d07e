//! Interface text: one YAML file per language. Texts that a language lacks are in English.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, PoisonError, RwLock};

use serde_yaml::{Mapping, Value as Yaml};
use tera::Value;

use super::formats::Formats;
use super::locale::parent_tags;
use crate::config::{MERGE_KEY, apply_merge_keys_in};
use crate::diagnostics::{
    Diagnostic, Location, YamlError, explain_syntax_error, explain_type_error,
};
use crate::model::lang::canonical_tag;
use crate::templates::embedded::TEMPLATES;
use crate::templates::renamed::{self, RenamedName};

/// The language that all others fall back to.
const FALLBACK_TAG: &str = "en";

/// The CLDR parent of English outside of the United States, and the language whose file it uses:
/// the built-in British texts are also those of Australia, India, Ireland and so on.
const WORLD_ENGLISH: (&str, &str) = ("en-001", "en-GB");

/// The interface text of one language, with its formats of dates, numbers and lists.
#[derive(Clone, Debug)]
pub(crate) struct Messages(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    lang: String,
    texts: HashMap<String, String>,
    value: Value,
    formats: Formats,
}

/// The interface text of all languages.
#[derive(Debug)]
pub(crate) struct Languages {
    builtin: BTreeMap<String, Mapping>,
    /// The site's own files.
    own: BTreeMap<String, Mapping>,
    cache: RwLock<HashMap<String, Messages>>,
}

/// The number of tags whose texts are kept. Sites have fewer languages; the limit is for articles
/// with made-up tags.
const MAX_CACHED: usize = 200;

impl Languages {
    /// Reads the built-in languages and those in a site's `templates/i18n/`.
    pub(crate) fn load(
        site_sources: &BTreeMap<String, String>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Self {
        let builtin = TEMPLATES.iter().map(|(name, source)| (*name, *source));
        let own = site_sources.iter().map(|(name, source)| (name.as_str(), source.as_str()));
        Self {
            builtin: parse_files(builtin, diagnostics),
            own: parse_files(own, diagnostics),
            cache: RwLock::default(),
        }
    }

    /// Returns the texts of a language (BCP 47), with the formats that CLDR has for its tag.
    pub(crate) fn get(&self, lang: &str) -> Messages {
        let cached = self.cache.read().unwrap_or_else(PoisonError::into_inner).get(lang).cloned();
        cached.unwrap_or_else(|| {
            let messages = self.build_messages(lang);
            let mut cache = self.cache.write().unwrap_or_else(PoisonError::into_inner);
            if cache.len() < MAX_CACHED {
                cache.entry(lang.to_owned()).or_insert(messages).clone()
            } else {
                messages
            }
        })
    }

    /// Merges the files for a tag. Later ones take precedence: built-in English, the site's
    /// English, then the built-in files from the main language to the tag, then the site's. A
    /// site's `en.yaml` thus takes precedence over the built-in `en-GB.yaml`.
    fn build_messages(&self, lang: &str) -> Messages {
        let tags = lookup_tags(lang);
        let mut overrides = Mapping::new();
        let builtin = tags.iter().filter_map(|tag| self.builtin.get(tag));
        for file in builtin.chain(tags.iter().filter_map(|tag| self.own.get(tag))) {
            overrides.extend(file.clone());
        }
        let mut merged = Mapping::new();
        for files in [&self.builtin, &self.own] {
            merged.extend(files.get(FALLBACK_TAG).cloned().unwrap_or_default());
        }
        merged.extend(overrides.clone());
        let formats = Formats::for_language(lang, &overrides);
        Messages::new(self.language_of_texts(lang, &tags), &merged, formats)
    }

    /// Returns the language that the texts for a tag are in: the tag itself if it has a file, its
    /// main language if that or another tag of it has one, English otherwise.
    fn language_of_texts<'a>(&self, lang: &'a str, tags: &[String]) -> &'a str {
        let has_file = |tag: &str| self.builtin.contains_key(tag) || self.own.contains_key(tag);
        if has_file(lang) {
            lang
        } else if tags.iter().any(|tag| has_file(tag)) {
            lang.split('-').next().unwrap_or(lang)
        } else {
            FALLBACK_TAG
        }
    }
}

/// Returns the tags whose files contain texts for a tag, from the general to the specific: the main
/// language, the tag's CLDR parents, the tag itself.
fn lookup_tags(lang: &str) -> Vec<String> {
    let primary = lang.split('-').next().unwrap_or(lang);
    let mut tags = vec![primary.to_owned()];
    for tag in parent_tags(lang).into_iter().rev().chain([lang.to_owned()]) {
        if tag == WORLD_ENGLISH.0 {
            tags.extend([tag, WORLD_ENGLISH.1.to_owned()]);
        } else {
            tags.push(tag);
        }
    }
    // The last of equal tags would repeat an earlier one over more specific ones.
    let mut seen = HashSet::new();
    tags.retain(|tag| seen.insert(tag.clone()));
    tags
}

/// Parses the files of interface text among template files, by language.
fn parse_files<'a>(
    files: impl Iterator<Item = (&'a str, &'a str)>,
    diagnostics: &mut Vec<Diagnostic>,
) -> BTreeMap<String, Mapping> {
    let mut by_lang: BTreeMap<String, Mapping> = BTreeMap::new();
    for (name, source) in files {
        let Some(lang) = name.strip_prefix("i18n/").and_then(|name| name.strip_suffix(".yaml"))
        else {
            continue;
        };
        let file = format!("templates/{name}");
        match serde_yaml::from_str::<Mapping>(source) {
            Ok(mut messages) => {
                if let Err(why) = apply_merge_keys_in(&mut messages) {
                    let diagnostic = Diagnostic::error("invalid-yaml", &file, why.to_string());
                    diagnostics.push(
                        diagnostic
                            .location(Location::for_key(source, MERGE_KEY))
                            .help("write the keys of the other map out"),
                    );
                }
                let old_keys = find_old_keys(source, &messages);
                diagnostics.extend(renamed::name_diagnostics(&file, source, &old_keys));
                by_lang.entry(canonical_tag(lang)).or_default().extend(messages);
            }
            Err(error) => diagnostics.push(yaml_error(&file, source, &error)),
        }
    }
    by_lang
}

/// Returns the keys of version 0.1 in a file of interface text. A file that can't be parsed has
/// none: the build reports it.
pub(crate) fn old_keys(source: &str) -> Vec<RenamedName> {
    let messages = serde_yaml::from_str::<Mapping>(source).unwrap_or_default();
    find_old_keys(source, &messages)
}

fn find_old_keys(source: &str, messages: &Mapping) -> Vec<RenamedName> {
    let keys: Vec<&str> = messages.keys().filter_map(Yaml::as_str).collect();
    renamed::find_in_messages(source, &keys)
}

/// Returns the diagnostic for an error of the YAML parser.
fn yaml_error(file: &str, source: &str, error: &serde_yaml::Error) -> Diagnostic {
    let location = error.location().map(|at| Location::from_span(source, at.index(), 1));
    let error = error.to_string();
    let YamlError { message, help } = match explain_type_error(&error, "the file") {
        Some(message) => YamlError { message, help: "write `key: value` lines".to_owned() },
        None => {
            let line = location.as_ref().and_then(|location| source.lines().nth(location.line - 1));
            explain_syntax_error(&error, line.unwrap_or_default())
        }
    };
    Diagnostic::error("invalid-yaml", file, message).location(location).help(help)
}

impl Messages {
    fn new(lang: &str, mapping: &Mapping, formats: Formats) -> Self {
        let texts = mapping.iter().filter_map(|(key, value)| match value {
            Yaml::String(text) => Some((key.as_str()?.to_owned(), text.clone())),
            Yaml::Number(number) => Some((key.as_str()?.to_owned(), number.to_string())),
            _ => None,
        });
        let texts: HashMap<String, String> = texts.collect();
        let value = Value::from_serializable(&texts);
        Self(Arc::new(Inner { lang: lang.to_owned(), texts, value, formats }))
    }

    /// The language that the texts are in.
    pub(crate) fn lang(&self) -> &str {
        &self.0.lang
    }

    /// Returns true if both are the texts of one tag.
    pub(crate) fn is_same(&self, other: &Messages) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// All texts, as templates see them.
    pub(crate) fn to_value(&self) -> Value {
        self.0.value.clone()
    }

    /// Returns the text of a key, or the key itself if there is none even in English.
    pub(crate) fn get<'a>(&'a self, key: &'a str) -> &'a str {
        self.find(key).unwrap_or(key)
    }

    /// Returns the text of a key, if there is one.
    pub(crate) fn find(&self, key: &str) -> Option<&str> {
        self.0.texts.get(key).map(String::as_str)
    }

    /// The language's formats of dates, numbers and lists.
    pub(crate) fn formats(&self) -> &Formats {
        &self.0.formats
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn languages(own: &[(&str, &str)]) -> Languages {
        let files = own.iter().map(|(name, source)| ((*name).to_owned(), (*source).to_owned()));
        let mut diagnostics = Vec::new();
        let languages = Languages::load(&files.collect(), &mut diagnostics);
        assert_eq!(diagnostics, []);
        languages
    }

    /// Adds the keys of a file, and of the maps in it: `stories.one`.
    fn add_keys(values: &Mapping, prefix: &str, keys: &mut BTreeSet<String>) {
        for (key, value) in values {
            let key = format!("{prefix}{}", key.as_str().expect("keys are texts"));
            if let Some(values) = value.as_mapping() {
                add_keys(values, &format!("{key}."), keys);
            }
            keys.insert(key);
        }
    }

    #[test]
    fn american_and_british_english_have_the_same_keys() {
        let [american, british] = ["i18n/en.yaml", "i18n/en-GB.yaml"].map(|name| {
            let file = TEMPLATES.iter().find(|(file, _)| *file == name);
            let source = file.expect("the file is built in").1;
            let values = serde_yaml::from_str(source).expect("the file is valid");
            let mut keys = BTreeSet::new();
            add_keys(&values, "", &mut keys);
            keys
        });
        assert!(american.len() > 100, "{}", american.len());
        let difference: Vec<&String> = american.symmetric_difference(&british).collect();
        assert!(difference.is_empty(), "{difference:?}");
    }

    #[test]
    fn tags_are_looked_up_from_general_to_specific() {
        for (lang, tags) in [
            ("en", "en"),
            ("en-GB", "en en-001 en-GB"),
            ("en-AU", "en en-001 en-GB en-AU"),
            ("en-US", "en en-US"),
            ("de-AT", "de de-AT"),
            ("es-MX", "es es-419 es-MX"),
            ("zh-Hant-TW", "zh zh-Hant zh-TW zh-Hant-TW"),
            ("no such tag", "no such tag"),
        ] {
            assert_eq!(lookup_tags(lang).join(" "), tags);
        }
    }

    #[test]
    fn english_with_the_parent_en_001_is_british() {
        let builtin = languages(&[]);
        for lang in ["en-GB", "en-AU", "en-IE", "en-NZ", "en-ZA", "en-IN"] {
            let messages = builtin.get(lang);
            assert_eq!(messages.get("taxonomy_organisations"), "Organisations", "{lang}");
            assert_eq!(messages.get("language_name"), "English");
            assert!(lang.starts_with(messages.lang()), "{lang} is {}", messages.lang());
        }
        for lang in ["en", "en-US", "tlh"] {
            let messages = builtin.get(lang);
            assert_eq!(messages.get("taxonomy_organisations"), "Organizations", "{lang}");
            assert_eq!(messages.lang(), "en");
        }
    }

    #[test]
    fn own_files_take_precedence_over_built_in_ones() {
        let own = languages(&[
            ("i18n/en.yaml", "latest: Own en\nnext: Own en\nby: Own en\nmine: Own en\n"),
            ("i18n/en-GB.yaml", "next: Own en-GB\n"),
            ("i18n/en-AU.yaml", "by: Own en-AU\n"),
            ("i18n/de-AT.yaml", "next: Own de-AT\n"),
        ]);
        let texts = |lang| {
            let messages = own.get(lang);
            ["latest", "next", "by", "mine"].map(|key| messages.get(key).to_owned()).join(", ")
        };
        assert_eq!(texts("en"), "Own en, Own en, Own en, Own en");
        assert_eq!(texts("en-GB"), "Own en, Own en-GB, Own en, Own en");
        assert_eq!(texts("en-AU"), "Own en, Own en-GB, Own en-AU, Own en");
        assert_eq!(texts("de-AT"), "Neueste Artikel, Own de-AT, Von, Own en");
        assert_eq!(own.get("de-AT").lang(), "de-AT");
        assert_eq!(own.get("de-CH").lang(), "de");
    }

    /// A file of a language with regions doesn't hide the main language's.
    #[test]
    fn formats_come_from_all_files_of_the_language() {
        let own = languages(&[("i18n/fr-CA.yaml", "by: Par\n")]);
        assert_eq!(own.get("fr-CA").get("latest"), "Derniers articles");
        let british = languages(&[("i18n/en.yaml", "date_long: '{year}-{day}'\n")]);
        let day = crate::model::Day::new(2024, 5, 1).expect("a day");
        let long = crate::templates::DateStyle::Long;
        assert_eq!(british.get("en-GB").formats().day(long, day), "2024-1");
    }
}

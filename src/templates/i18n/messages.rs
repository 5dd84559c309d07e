//! The interface's words: one small YAML file a language, English where a language lacks one.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock};

use serde_yaml::{Mapping, Value as Yaml};
use tera::Value;

use super::formats::Formats;
use crate::diagnostics::{Diagnostic, Location};
use crate::model::lang::canonical_tag;
use crate::templates::embedded::TEMPLATES;

/// The words of one language, with its forms of dates, numbers and lists.
#[derive(Clone, Debug)]
pub(crate) struct Messages(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    lang: String,
    texts: HashMap<String, String>,
    value: Value,
    formats: Formats,
}

/// The words of all languages.
#[derive(Debug)]
pub(crate) struct Languages {
    by_lang: BTreeMap<String, Mapping>,
    cache: RwLock<HashMap<String, Messages>>,
}

/// Of how many tags the words are kept: more than a newspaper has languages, and a bound for one
/// that makes them up.
const MAX_CACHED: usize = 200;

impl Languages {
    /// Reads the built-in languages and those in a site's `templates/i18n/`.
    pub(crate) fn load(
        site_sources: &BTreeMap<String, String>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Self {
        let builtin = TEMPLATES.iter().map(|(name, source)| (*name, *source));
        let site_sources =
            site_sources.iter().map(|(name, source)| (name.as_str(), source.as_str()));
        let mut by_lang: BTreeMap<String, Mapping> = BTreeMap::new();
        for (name, source) in builtin.chain(site_sources) {
            let Some(lang) = name.strip_prefix("i18n/").and_then(|name| name.strip_suffix(".yaml"))
            else {
                continue;
            };
            match serde_yaml::from_str::<Mapping>(source) {
                Ok(messages) => by_lang.entry(canonical_tag(lang)).or_default().extend(messages),
                Err(error) => {
                    let location =
                        error.location().map(|at| Location::from_span(source, at.index(), 1));
                    diagnostics.push(
                        Diagnostic::error(
                            "invalid-yaml",
                            format!("templates/{name}"),
                            error.to_string(),
                        )
                        .location(location),
                    );
                }
            }
        }
        Self { by_lang, cache: RwLock::default() }
    }

    /// The words of a language: of the tag itself, else of its main language, else English; its
    /// dates and numbers as CLDR has them for the tag, whether or not there are words.
    pub(crate) fn get(&self, lang: &str) -> Messages {
        let cached = self.cache.read().unwrap_or_else(PoisonError::into_inner).get(lang).cloned();
        cached.unwrap_or_else(|| {
            let messages = self.build_messages(lang);
            let mut cache = self.cache.write().unwrap_or_else(PoisonError::into_inner);
            match cache.len() < MAX_CACHED {
                true => cache.entry(lang.to_owned()).or_insert(messages).clone(),
                false => messages,
            }
        })
    }

    fn build_messages(&self, lang: &str) -> Messages {
        let primary_tag = lang.split('-').next().unwrap_or(lang);
        let overrides =
            self.by_lang.get_key_value(lang).or_else(|| self.by_lang.get_key_value(primary_tag));
        let mut merged = self.by_lang.get("en").cloned().unwrap_or_default();
        merged.extend(overrides.map(|(_, overrides)| overrides.clone()).unwrap_or_default());
        let formats = Formats::for_language(
            lang,
            overrides.map_or(&Mapping::new(), |(_, overrides)| overrides),
        );
        Messages::new(overrides.map_or("en", |(lang, _)| lang), &merged, formats)
    }
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

    /// The language that the words are in.
    pub(crate) fn lang(&self) -> &str {
        &self.0.lang
    }

    /// Whether two are the words of one tag.
    pub(crate) fn is_same(&self, other: &Messages) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// All words, as templates see them.
    pub(crate) fn to_value(&self) -> Value {
        self.0.value.clone()
    }

    /// One word; its key if there is none even in English.
    pub(crate) fn get<'a>(&'a self, key: &'a str) -> &'a str {
        self.find(key).unwrap_or(key)
    }

    /// One word, if there is one.
    pub(crate) fn find(&self, key: &str) -> Option<&str> {
        self.0.texts.get(key).map(String::as_str)
    }

    /// The language's forms of dates, numbers and lists.
    pub(crate) fn formats(&self) -> &Formats {
        &self.0.formats
    }
}

/// The direction of a language's script, for languages that the interface may have no words in.
pub(crate) fn direction(lang: &str) -> &'static str {
    let rtl_languages = [
        "ar", "arc", "ckb", "dv", "fa", "he", "ks", "ku", "nqo", "pnb", "prs", "ps", "sd", "ug",
        "ur", "yi",
    ];
    let primary_tag = lang.split('-').next().unwrap_or(lang);
    let script = lang.split('-').nth(1).filter(|part| part.len() == 4);
    let by_script =
        script.map(|script| matches!(script, "Arab" | "Hebr" | "Thaa" | "Syrc" | "Nkoo" | "Adlm"));
    if by_script.unwrap_or_else(|| rtl_languages.contains(&primary_tag)) { "rtl" } else { "ltr" }
}

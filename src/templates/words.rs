//! The interface's words: one small YAML file a language, English where a language lacks one.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock};

use serde_yaml::{Mapping, Value as Yaml};
use tera::Value;

use super::embedded::TEMPLATES;
use super::formats::Formats;
use crate::diagnostic::{Diagnostic, Place};
use crate::model::lang::canonical_tag;

/// The words of one language, with its forms of dates, numbers and lists.
#[derive(Clone, Debug)]
pub struct Words(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    lang: String,
    texts: HashMap<String, String>,
    value: Value,
    formats: Formats,
}

/// The words of all languages.
#[derive(Debug)]
pub struct Languages {
    by_lang: BTreeMap<String, Mapping>,
    made: RwLock<HashMap<String, Words>>,
}

/// Of how many tags the words are kept: more than a newspaper has languages, and a bound for one that makes them up.
const KEPT: usize = 200;

impl Languages {
    /// Reads the built-in languages and those in a site's `templates/i18n/`.
    pub(super) fn load(own: &BTreeMap<String, String>, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let builtin = TEMPLATES.iter().map(|(name, source)| (*name, *source));
        let own = own.iter().map(|(name, source)| (name.as_str(), source.as_str()));
        let mut by_lang: BTreeMap<String, Mapping> = BTreeMap::new();
        for (name, source) in builtin.chain(own) {
            let Some(lang) = name.strip_prefix("i18n/").and_then(|name| name.strip_suffix(".yaml")) else {
                continue;
            };
            match serde_yaml::from_str::<Mapping>(source) {
                Ok(words) => by_lang.entry(canonical_tag(lang)).or_default().extend(words),
                Err(error) => {
                    let place = error.location().map(|at| Place::at(source, at.index(), 1));
                    diagnostics.push(
                        Diagnostic::error("invalid-yaml", format!("templates/{name}"), error.to_string())
                            .at(place),
                    );
                }
            }
        }
        Self { by_lang, made: RwLock::default() }
    }

    /// The words of a language: of the tag itself, else of its main language, else English; its dates and numbers as CLDR has them for the
    /// tag, whether or not there are words.
    pub fn get(&self, lang: &str) -> Words {
        let known = self.made.read().unwrap_or_else(PoisonError::into_inner).get(lang).cloned();
        known.unwrap_or_else(|| {
            let words = self.make(lang);
            let mut made = self.made.write().unwrap_or_else(PoisonError::into_inner);
            match made.len() < KEPT {
                true => made.entry(lang.to_owned()).or_insert(words).clone(),
                false => words,
            }
        })
    }

    fn make(&self, lang: &str) -> Words {
        let main = lang.split('-').next().unwrap_or(lang);
        let own = self.by_lang.get_key_value(lang).or_else(|| self.by_lang.get_key_value(main));
        let mut all = self.by_lang.get("en").cloned().unwrap_or_default();
        all.extend(own.map(|(_, own)| own.clone()).unwrap_or_default());
        let formats = Formats::of(lang, own.map_or(&Mapping::new(), |(_, own)| own));
        Words::new(own.map_or("en", |(lang, _)| lang), &all, formats)
    }
}

impl Words {
    fn new(lang: &str, words: &Mapping, formats: Formats) -> Self {
        let texts = words.iter().filter_map(|(key, value)| match value {
            Yaml::String(text) => Some((key.as_str()?.to_owned(), text.clone())),
            Yaml::Number(number) => Some((key.as_str()?.to_owned(), number.to_string())),
            _ => None,
        });
        let texts: HashMap<String, String> = texts.collect();
        let value = Value::from_serializable(&texts);
        Self(Arc::new(Inner { lang: lang.to_owned(), texts, value, formats }))
    }

    /// The language that the words are in.
    pub fn lang(&self) -> &str {
        &self.0.lang
    }

    /// Whether two are the words of one tag.
    pub fn same(&self, other: &Words) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// All words, as templates see them.
    pub fn value(&self) -> Value {
        self.0.value.clone()
    }

    /// One word; its key if there is none even in English.
    pub fn get<'a>(&'a self, key: &'a str) -> &'a str {
        self.find(key).unwrap_or(key)
    }

    /// One word, if there is one.
    pub fn find(&self, key: &str) -> Option<&str> {
        self.0.texts.get(key).map(String::as_str)
    }

    /// The language's forms of dates, numbers and lists.
    pub fn formats(&self) -> &Formats {
        &self.0.formats
    }
}

/// The direction of a language's script, for languages that the interface may have no words in.
pub fn direction(lang: &str) -> &'static str {
    let rtl =
        ["ar", "arc", "ckb", "dv", "fa", "he", "ks", "ku", "nqo", "pnb", "prs", "ps", "sd", "ug", "ur", "yi"];
    let main = lang.split('-').next().unwrap_or(lang);
    let script = lang.split('-').nth(1).filter(|part| part.len() == 4);
    let by_script =
        script.map(|script| matches!(script, "Arab" | "Hebr" | "Thaa" | "Syrc" | "Nkoo" | "Adlm"));
    if by_script.unwrap_or_else(|| rtl.contains(&main)) { "rtl" } else { "ltr" }
}

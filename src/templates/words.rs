//! The interface's words: one small YAML file a language, English where a language lacks one.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde_yaml::{Mapping, Value as Yaml};
use tera::Value;

use super::embedded::TEMPLATES;
use crate::diagnostic::{Diagnostic, Place};
use crate::model::Day;
use crate::model::lang::canonical_tag;

/// The words of one language, with the names and patterns of its dates.
#[derive(Clone, Debug)]
pub struct Words(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    lang: String,
    texts: HashMap<String, String>,
    lists: HashMap<String, Vec<String>>,
    value: Value,
}

/// The words of all languages.
#[derive(Debug)]
pub struct Languages {
    by_lang: HashMap<String, Words>,
    english: Words,
}

impl Languages {
    /// Reads the built-in languages and those in a site's `templates/i18n/`.
    pub(super) fn load(own: &BTreeMap<String, String>, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let builtin = TEMPLATES.iter().map(|(name, source)| (*name, *source));
        let own = own.iter().map(|(name, source)| (name.as_str(), source.as_str()));
        let mut by_lang: HashMap<String, Mapping> = HashMap::new();
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
        let english = by_lang.get("en").cloned().unwrap_or_default();
        let words = |lang: &str, own: &Mapping| {
            let mut all = english.clone();
            all.extend(own.clone());
            Words::new(lang, &all)
        };
        let english_words = words("en", &english);
        let by_lang = by_lang.iter().map(|(lang, own)| (lang.clone(), words(lang, own))).collect();
        Self { by_lang, english: english_words }
    }

    /// The words of a language: of the tag itself, else of its main language, else English.
    pub fn get(&self, lang: &str) -> Words {
        let main = lang.split('-').next().unwrap_or(lang);
        self.by_lang.get(lang).or_else(|| self.by_lang.get(main)).unwrap_or(&self.english).clone()
    }
}

impl Words {
    fn new(lang: &str, words: &Mapping) -> Self {
        let (mut texts, mut lists) = (HashMap::new(), HashMap::new());
        for (key, value) in words {
            let Some(key) = key.as_str() else { continue };
            match value {
                Yaml::Sequence(items) => {
                    let items = items.iter().filter_map(Yaml::as_str).map(str::to_owned).collect();
                    lists.insert(key.to_owned(), items);
                }
                Yaml::String(text) => drop(texts.insert(key.to_owned(), text.clone())),
                Yaml::Number(number) => drop(texts.insert(key.to_owned(), number.to_string())),
                _ => {}
            }
        }
        let value = Value::from_serializable(&texts);
        Self(Arc::new(Inner { lang: lang.to_owned(), texts, lists, value }))
    }

    /// The language.
    pub fn lang(&self) -> &str {
        &self.0.lang
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

    /// One of a list of words, from 0.
    pub fn nth(&self, list: &str, at: usize) -> &str {
        self.0.lists.get(list).and_then(|items| items.get(at)).map_or("", String::as_str)
    }

    /// `rtl` or `ltr`.
    pub fn dir(&self) -> &str {
        self.find("dir").unwrap_or("ltr")
    }

    /// The first day of the week, 0 for Monday.
    pub fn first_weekday(&self) -> usize {
        self.find("first_day_of_week")
            .and_then(|day| day.parse::<usize>().ok())
            .map_or(0, |day| (day + 6) % 7)
    }

    /// A number with the language's digits and grouping.
    pub fn number(&self, number: i64) -> String {
        let plain = number.unsigned_abs().to_string();
        let many = |key, default| self.find(key).and_then(|n| n.parse::<usize>().ok()).unwrap_or(default);
        let (from, size) = (many("group_from", 4), many("group_size", 3).max(1));
        let mut grouped = String::with_capacity(plain.len() + 4);
        for (at, digit) in plain.chars().enumerate() {
            let left = plain.len() - at;
            if at > 0 && plain.len() >= from && left >= 3 && (left - 3).is_multiple_of(size) {
                grouped.push_str(self.find("group").unwrap_or(","));
            }
            grouped.push(digit);
        }
        let sign = if number < 0 { "−" } else { "" };
        format!("{sign}{}", self.digits(&grouped))
    }

    /// A text with its ASCII digits in the language's shapes.
    pub fn digits(&self, text: &str) -> String {
        let zero = match self.find("digits") {
            Some("arab") => '\u{660}',
            Some("arabext") => '\u{6f0}',
            _ => return text.to_owned(),
        };
        let shape =
            |c: char| c.to_digit(10).and_then(|digit| char::from_u32(zero as u32 + digit)).unwrap_or(c);
        text.chars().map(|c| if c.is_ascii_digit() { shape(c) } else { c }).collect()
    }

    /// A day by one of the language's patterns: `date_long`, `date_weekday`, `day_month`, `month_year`.
    pub fn day(&self, pattern: &str, day: Day) -> String {
        let month = day.month() as usize - 1;
        let months = if pattern == "month_year" { "months_standalone" } else { "months" };
        let text = self.get(pattern);
        let number = day.day().to_string();
        let number = if day.day() == 1 { self.find("first_of_month").unwrap_or(&number) } else { &number };
        let text = text.replace("{day}", number).replace("{year}", &day.year().to_string());
        let text = text.replace("{month}", self.nth(months, month));
        self.digits(&text.replace("{weekday}", self.nth("weekdays", day.weekday())))
    }

    /// Names joined as the language joins them: `A, B and C`.
    pub fn list(&self, names: &[&str]) -> String {
        match names {
            [] => String::new(),
            [one] => (*one).to_owned(),
            [first @ .., last] => {
                format!("{}{}{last}", first.join(self.get("list_comma")), self.get("list_and"))
            }
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn words(lang: &str) -> Words {
        Languages::load(&BTreeMap::new(), &mut Vec::new()).get(lang)
    }

    /// As CLDR 47 has them (`supplemental/numbers`, minimumGroupingDigits and the decimal patterns).
    #[test]
    fn numbers_are_grouped_as_their_readers_group_them() {
        let said = |lang| [1_234, 12_345, 1_234_567].map(|number| words(lang).number(number)).join(" ");
        assert_eq!(said("en"), "1,234 12,345 1,234,567");
        assert_eq!(said("es"), "1234 12.345 1.234.567");
        assert_eq!(said("hi"), "1,234 12,345 12,34,567");
        assert_eq!(said("fa"), "۱٬۲۳۴ ۱۲٬۳۴۵ ۱٬۲۳۴٬۵۶۷");
        assert_eq!([0, -7, 999].map(|number| words("de").number(number)), ["0", "−7", "999"]);
    }

    #[test]
    fn dates_are_written_as_a_paper_of_the_language_writes_them() {
        let said = |lang, day| Day::new(2024, 5, day).map(|day| words(lang).day("date_weekday", day));
        let expected = [
            ("en", "Wednesday 1 May 2024"),
            ("fr", "mercredi 1er mai 2024"),
            ("es", "miércoles, 1 de mayo de 2024"),
            ("de", "Mittwoch, 1. Mai 2024"),
            ("fa", "چهارشنبه ۱ مه ۲۰۲۴"),
            ("zh", "2024年5月1日 星期三"),
        ];
        for (lang, text) in expected {
            assert_eq!(said(lang, 1).as_deref(), Some(text), "{lang}");
        }
        assert_eq!(said("fr", 2).as_deref(), Some("jeudi 2 mai 2024"));
    }
}

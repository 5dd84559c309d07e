//! Inflected forms: the base forms that a word may have, by the rules of its language.
//!
//! A base counts only if it is a word of the index. The rules and irregular forms of English are
//! written by hand, as are the suffixes of Persian and the articles of Arabic; the suffix rules of
//! other languages were learned by `benches/search/learn_suffixes.py`.

mod english;
mod suffixes;

use std::collections::{BTreeMap, HashSet};
use std::sync::LazyLock;

use suffixes::SuffixRules;

/// The minimum length of a base form that a rule produces.
const MIN_BASE_CHARS: usize = 3;
/// The number of a language's rules that the manifest contains.
const COMMON_RULES: usize = 40;
/// Arabic articles, with the conjunctions and prepositions that are written together with them.
const ARABIC_ARTICLES: [&str; 6] = ["ال", "وال", "بال", "فال", "كال", "لل"];

/// The rules of the most common ones for the manifest, in which `-` marks a prefix.
const ARABIC_PREFIX_RULES: [[&str; 2]; 4] = [["ال-", ""], ["وال-", ""], ["بال-", ""], ["لل-", ""]];

/// The languages with rules. The number of a language is its index.
const LANGUAGES: [&str; 11] = ["ar", "de", "en", "es", "fa", "fr", "hi", "it", "nl", "pt", "ru"];
const ARABIC: usize = 0;
const ENGLISH: usize = 2;

/// The suffix rules of each language in [`LANGUAGES`].
static SUFFIX_RULES: LazyLock<[SuffixRules; LANGUAGES.len()]> = LazyLock::new(|| {
    [
        "",
        concat!(include_str!("de.txt"), include_str!("de-plurals.txt")),
        "",
        include_str!("es.txt"),
        include_str!("fa.txt"),
        include_str!("fr.txt"),
        include_str!("hi.txt"),
        include_str!("it.txt"),
        include_str!("nl.txt"),
        include_str!("pt.txt"),
        include_str!("ru.txt"),
    ]
    .map(SuffixRules::parse)
});

/// Pairs of words that rules would connect, but that are different words, with their languages.
static APART: LazyLock<HashSet<(usize, &str, &str)>> = LazyLock::new(|| {
    let lines = include_str!("apart.txt").lines().filter_map(|line| {
        let mut words = line.split(' ');
        let number = language_number(words.next()?)?;
        Some((number, words.next()?, words.next()?))
    });
    lines.flat_map(|(language, a, b)| [(language, a, b), (language, b, a)]).collect()
});

/// Languages as the bits of a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct LanguageSet(pub(super) u16);

impl LanguageSet {
    /// Returns the set with the language of a tag (BCP 47); empty if it has no rules.
    pub(super) fn of_tag(tag: &str) -> Self {
        let primary = tag.split('-').next().unwrap_or(tag);
        Self(language_number(primary).map_or(0, |number| 1 << number))
    }

    pub(super) fn add(&mut self, other: Self) {
        self.0 |= other.0;
    }

    pub(super) fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Returns the numbers of its languages.
    fn numbers(self) -> impl Iterator<Item = usize> {
        (0..LANGUAGES.len()).filter(move |number| self.0 >> number & 1 == 1)
    }
}

fn language_number(primary: &str) -> Option<usize> {
    LANGUAGES.iter().position(|language| *language == primary)
}

/// Passes each base form that a word may have in one of its languages to `on_base`.
/// `is_word` reports which words the index contains.
pub(super) fn for_each_base(
    word: &str,
    languages: LanguageSet,
    is_word: &dyn Fn(&str) -> bool,
    mut on_base: impl FnMut(&str),
) {
    for language in languages.numbers() {
        let mut on_candidate = |base: &str| {
            let is_long = base.chars().count() >= MIN_BASE_CHARS;
            if is_long && base != word && !APART.contains(&(language, word, base)) {
                on_base(base);
            }
        };
        match LANGUAGES[language] {
            "en" => english::for_each_base(word, is_word, &mut on_candidate),
            "ar" => {
                ARABIC_ARTICLES
                    .iter()
                    .filter_map(|article| word.strip_prefix(article))
                    .for_each(&mut on_candidate);
            }
            _ => SUFFIX_RULES[language].for_each_base(word, &mut on_candidate),
        }
    }
}

/// Returns true for two different words that rules would connect.
pub(super) fn are_apart(languages: LanguageSet, a: &str, b: &str) -> bool {
    languages.numbers().any(|language| APART.contains(&(language, a, b)))
}

/// Returns true for a word that is a base form, although it looks like a form of another word.
pub(super) fn is_uninflected(languages: LanguageSet, word: &str) -> bool {
    languages.numbers().any(|number| number == ENGLISH) && english::is_uninflected(word)
}

/// Returns the irregular families of the languages: their words, the base form first.
pub(super) fn irregular_families(
    languages: LanguageSet,
) -> impl Iterator<Item = Vec<&'static str>> {
    let has_families = languages.numbers().any(|number| number == ENGLISH);
    has_families.then(english::families).into_iter().flatten()
}

/// Returns the language of [`irregular_families`].
pub(super) fn language_of_families() -> LanguageSet {
    LanguageSet(1 << ENGLISH)
}

/// Returns the most common suffix rules of languages for the manifest: each with the end of a form
/// and that of its base.
pub(super) fn common_rules<'a>(
    tags: impl Iterator<Item = &'a str>,
) -> BTreeMap<&'static str, Vec<[&'static str; 2]>> {
    let mut languages = LanguageSet::default();
    tags.for_each(|tag| languages.add(LanguageSet::of_tag(tag)));
    let rules = |number: usize| match number {
        ARABIC => ARABIC_PREFIX_RULES.to_vec(),
        ENGLISH => english::COMMON_RULES.to_vec(),
        _ => SUFFIX_RULES[number].common(COMMON_RULES),
    };
    languages.numbers().map(|number| (LANGUAGES[number], rules(number))).collect()
}

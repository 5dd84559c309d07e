//! Rules of languages from Unicode's CLDR, by ICU4X: plural categories, the order and the letters
//! of names, the direction of scripts, the parents of tags.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::{LazyLock, PoisonError, RwLock};

use icu_collator::options::{CollatorOptions, Strength};
use icu_collator::{Collator, CollatorBorrowed};
use icu_locale::{Direction, LocaleCanonicalizer, LocaleDirectionality, LocaleFallbacker};
use icu_locale_core::Locale as Tag;
use icu_plurals::{PluralCategory, PluralRules};
use unicode_normalization::UnicodeNormalization;

/// The rules of one language. An invalid tag, and one that CLDR doesn't contain, has the rules of
/// CLDR's root.
pub(crate) struct Locale {
    plurals: Option<PluralRules>,
    name_collator: Option<CollatorBorrowed<'static>>,
    letter_collator: Option<CollatorBorrowed<'static>>,
}

/// The number of tags whose direction is kept.
const MAX_CACHED_DIRECTIONS: usize = 200;

/// The directions by tag, which are needed once per article and page.
static DIRECTIONS: LazyLock<RwLock<HashMap<String, &'static str>>> = LazyLock::new(RwLock::default);

/// Returns the direction of the script that a language (BCP 47) is usually written in: `rtl` or
/// `ltr`. Unknown languages are written from left to right.
pub(crate) fn direction(lang: &str) -> &'static str {
    let cached = DIRECTIONS.read().unwrap_or_else(PoisonError::into_inner).get(lang).copied();
    cached.unwrap_or_else(|| {
        let direction = likely_direction(lang);
        let mut directions = DIRECTIONS.write().unwrap_or_else(PoisonError::into_inner);
        if directions.len() < MAX_CACHED_DIRECTIONS {
            directions.insert(lang.to_owned(), direction);
        }
        direction
    })
}

fn likely_direction(lang: &str) -> &'static str {
    let direction = lang.parse::<Tag>().ok().and_then(|mut tag| {
        // CLDR has no script for aliases, such as `prs` of `fa-AF`.
        LocaleCanonicalizer::new_extended().canonicalize(&mut tag);
        LocaleDirectionality::new_extended().get(&tag.id)
    });
    if direction == Some(Direction::RightToLeft) { "rtl" } else { "ltr" }
}

/// Returns the CLDR parents of a tag, the closest first, without the root: `es-419` and `es` for
/// `es-MX`.
pub(super) fn parent_tags(lang: &str) -> Vec<String> {
    let Ok(tag) = lang.parse::<Tag>() else { return Vec::new() };
    let fallbacker = LocaleFallbacker::new();
    let mut chain = fallbacker.for_config(Default::default()).fallback_for((&tag).into());
    let mut parents = Vec::new();
    while !chain.get().is_unknown() {
        parents.push(chain.get().to_string());
        chain.step();
    }
    parents.retain(|parent| parent != lang);
    parents
}

impl Locale {
    /// Loads the rules of a language (BCP 47).
    pub(crate) fn for_language(lang: &str) -> Self {
        let tag: Tag = lang.parse().unwrap_or(Tag::UNKNOWN);
        let collator = |strength| {
            let mut options = CollatorOptions::default();
            options.strength = Some(strength);
            Collator::try_new((&tag).into(), options).ok()
        };
        Self {
            plurals: PluralRules::try_new_cardinal((&tag).into()).ok(),
            name_collator: collator(Strength::Tertiary),
            letter_collator: collator(Strength::Primary),
        }
    }

    /// Returns the plural category of a number: `zero`, `one`, `two`, `few`, `many` or `other`.
    pub(crate) fn plural(&self, number: u64) -> &'static str {
        match self.plurals.as_ref().map(|rules| rules.category_for(number)) {
            Some(PluralCategory::Zero) => "zero",
            Some(PluralCategory::One) => "one",
            Some(PluralCategory::Two) => "two",
            Some(PluralCategory::Few) => "few",
            Some(PluralCategory::Many) => "many",
            _ => "other",
        }
    }

    /// Compares two names for an index page: word by word, without punctuation at the beginning.
    pub(crate) fn compare_names(&self, first: &str, other: &str) -> Ordering {
        let word_start = |name: &str| name.find(char::is_alphanumeric).unwrap_or(0);
        let (first_words, other_words) = (&first[word_start(first)..], &other[word_start(other)..]);
        let by_collation = self
            .name_collator
            .as_ref()
            .map_or(Ordering::Equal, |collator| collator.compare(first_words, other_words));
        // Different names that collate as equal need a fixed order.
        by_collation.then_with(|| first.cmp(other))
    }

    /// Returns the letter under which an index page lists a name: the first one, without an accent
    /// unless the accent makes another letter in this language; `#` if the name begins with a
    /// digit.
    pub(crate) fn index_letter(&self, name: &str) -> String {
        let Some(first) = name.nfc().find(|c| c.is_alphanumeric()).filter(|c| c.is_alphabetic())
        else {
            return "#".into();
        };
        let unaccented = std::iter::once(first).nfd().next().unwrap_or(first);
        let is_same_letter = |collator: &CollatorBorrowed<'_>| {
            let (mut first_buffer, mut plain_buffer) = ([0; 4], [0; 4]);
            collator
                .compare(
                    first.encode_utf8(&mut first_buffer),
                    unaccented.encode_utf8(&mut plain_buffer),
                )
                .is_eq()
        };
        let letter = if self.letter_collator.as_ref().is_none_or(is_same_letter) {
            unaccented
        } else {
            first
        };
        letter.to_uppercase().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directions_are_those_of_cldr() {
        for lang in [
            "ar", "he", "fa", "ur", "ps", "sd", "ug", "yi", "dv", "ckb", "skr", "ks", "nqo", "arc",
            "pnb", "prs", "pa-PK", "pa-Arab", "az-IR", "uz-AF", "ku-IQ", "ku-Arab", "und-Arab",
            "en-Hebr", "ff-Adlm", "syr", "ar-EG", "fa-AF", "UR",
        ] {
            assert_eq!(direction(lang), "rtl", "{lang}");
        }
        for lang in [
            "en",
            "de",
            "zh-Hant-TW",
            "ku",
            "ku-TR",
            "pa",
            "sd-Deva",
            "ks-Deva",
            "az",
            "uz",
            "ff",
            "ar-Latn",
            "und",
            "und-Latn",
            "tlh",
            "x-own",
            "",
            "no such tag",
            "123",
        ] {
            assert_eq!(direction(lang), "ltr", "{lang}");
        }
    }

    #[test]
    fn numbers_have_the_plural_forms_of_their_language() {
        let form = |lang, number| Locale::for_language(lang).plural(number);
        assert_eq!([0, 1, 2, 21].map(|n| form("en", n)), ["other", "one", "other", "other"]);
        assert_eq!([0, 1, 2, 1_000_000].map(|n| form("fr", n)), ["one", "one", "other", "many"]);
        assert_eq!(
            [0, 1, 2, 3, 11, 100].map(|n| form("ar", n)),
            ["zero", "one", "two", "few", "many", "other"]
        );
        assert_eq!([1, 2].map(|n| form("zh", n)), ["other", "other"]);
        assert_eq!(form("no such tag", 1), "other");
    }

    #[test]
    fn names_are_sorted_as_in_their_language() {
        let sorted = |lang, names: &[&str]| {
            let locale = Locale::for_language(lang);
            let mut names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
            names.sort_by(|a, b| locale.compare_names(a, b));
            names.join(" ")
        };
        assert_eq!(sorted("fr", &["zone", "École", "eau", "étape"]), "eau École étape zone");
        assert_eq!(sorted("sv", &["Ögat", "Zon", "Åre", "Alm"]), "Alm Zon Åre Ögat");
        assert_eq!(sorted("de", &["Zürich", "Ärzte", "Arzt", "Öl"]), "Arzt Ärzte Öl Zürich");
        assert_eq!(sorted("fa", &["یزد", "پاریس", "بم", "گیلان"]), "بم پاریس گیلان یزد");
        assert_eq!(sorted("en", &["\"B\" company", "Army", "Coast"]), "Army \"B\" company Coast");
        let authors = ["Alexander Hill", "Alex Young", "Ann-Marie Dow", "Anna Bell"];
        assert_eq!(sorted("en", &authors), "Alex Young Alexander Hill Ann-Marie Dow Anna Bell");
    }

    #[test]
    fn an_accent_makes_a_letter_where_it_does() {
        let letter = |lang, name| Locale::for_language(lang).index_letter(name);
        assert_eq!((letter("fr", "École").as_str(), letter("sv", "Åre").as_str()), ("E", "Å"));
        assert_eq!((letter("de", "Ärzte").as_str(), letter("en", "“Yes”").as_str()), ("A", "Y"));
        assert_eq!((letter("ur", "پاکستان").as_str(), letter("en", "9/11").as_str()), ("پ", "#"));
    }
}

//! What a language decides besides its words and its forms of dates: plural forms, the order and
//! the letters of names. All from Unicode's CLDR, by ICU4X.

use std::cmp::Ordering;

use icu_collator::options::{CollatorOptions, Strength};
use icu_collator::{Collator, CollatorBorrowed};
use icu_locale_core::Locale as Tag;
use icu_plurals::{PluralCategory, PluralRules};
use unicode_normalization::UnicodeNormalization;

/// The rules of one language. A tag that is none, or that CLDR doesn't know, has the rules of no
/// language in particular.
pub(crate) struct Locale {
    plurals: Option<PluralRules>,
    name_collator: Option<CollatorBorrowed<'static>>,
    letter_collator: Option<CollatorBorrowed<'static>>,
}

impl Locale {
    /// The rules of a language (BCP 47).
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

    /// The plural form that goes with a number: `zero`, `one`, `two`, `few`, `many` or `other`.
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

    /// The order of two names in a register: word by word, whatever signs a name begins with.
    pub(crate) fn compare_names(&self, first: &str, other: &str) -> Ordering {
        let word_start = |name: &str| name.find(char::is_alphanumeric).unwrap_or(0);
        let (first_words, other_words) = (&first[word_start(first)..], &other[word_start(other)..]);
        let by_collation = self
            .name_collator
            .as_ref()
            .map_or(Ordering::Equal, |collator| collator.compare(first_words, other_words));
        // Names that differ have an order, always the same.
        by_collation.then_with(|| first.cmp(other))
    }

    /// The letter that a name stands under: its first, without an accent that makes no letter of
    /// its own in this language; `#` for a digit or a sign.
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
    fn names_stand_as_in_a_register_of_their_language() {
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

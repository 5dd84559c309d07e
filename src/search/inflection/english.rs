//! Inflection in English: plurals, verb forms and comparatives.

use std::collections::HashSet;
use std::sync::LazyLock;

/// The irregular families, one on a line, the base form first.
const FAMILIES: &str = include_str!("en.txt");
/// Words that look like inflected forms, but are base forms.
const BASES: &str = include_str!("en-bases.txt");

static BASE_FORMS: LazyLock<HashSet<&str>> = LazyLock::new(|| BASES.lines().collect());

/// The words that no rule applies to: base forms, and irregular forms.
static UNINFLECTED: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    let irregular = FAMILIES.lines().flat_map(|family| family.split(' ').skip(1));
    BASE_FORMS.iter().copied().chain(irregular).collect()
});

/// The most common changes of a form into its base.
pub(super) const COMMON_RULES: [[&str; 2]; 8] = [
    ["s", ""],
    ["es", ""],
    ["ed", ""],
    ["d", ""],
    ["ing", ""],
    ["ing", "e"],
    ["ies", "y"],
    ["ied", "y"],
];

/// Returns true for a word that looks like a form of another word, but isn't.
pub(super) fn is_uninflected(word: &str) -> bool {
    BASE_FORMS.contains(word)
}

/// Returns the irregular families: their words, the base form first.
pub(super) fn families() -> impl Iterator<Item = Vec<&'static str>> {
    FAMILIES.lines().map(|family| family.split(' ').collect())
}

/// Passes each base form that a word may have to `on_base`. `is_word` reports which words the index
/// contains: a comparative counts only beside its superlative.
pub(super) fn for_each_base(
    word: &str,
    is_word: &dyn Fn(&str) -> bool,
    on_base: &mut impl FnMut(&str),
) {
    if !word.is_ascii() || UNINFLECTED.contains(word) {
        return;
    }
    if let Some(stem) = word.strip_suffix('s') {
        for_each_singular(stem, on_base);
    }
    if let Some(stem) = word.strip_suffix("ed").or_else(|| word.strip_suffix("ing")) {
        for_each_stem_base(stem, on_base);
    }
    let degrees = [("er", "est"), ("est", "er")];
    for (degree, other) in degrees {
        if let Some(stem) = word.strip_suffix(degree)
            && is_word(&format!("{stem}{other}"))
        {
            for_each_stem_base(stem, on_base);
        }
    }
}

/// Passes the singulars, or the verbs, of a word without its final `s` to `on_base`.
fn for_each_singular(stem: &str, on_base: &mut impl FnMut(&str)) {
    let has_sibilant = |stem: &str| {
        stem.ends_with(['s', 'x', 'z']) || stem.ends_with("ch") || stem.ends_with("sh")
    };
    if let Some(start) = stem.strip_suffix("ie") {
        on_base(&format!("{start}y"));
    }
    if let Some(short) = stem.strip_suffix('e')
        && (has_sibilant(short) || short.ends_with('o'))
    {
        on_base(short);
    }
    let before = stem.chars().nth_back(1).unwrap_or(' ');
    let is_plural_in_ies = stem.ends_with('y') && !is_vowel(before);
    if !has_sibilant(stem) && !is_plural_in_ies {
        on_base(stem);
    }
}

/// Passes the words that a stem without `ed`, `ing`, `er` or `est` may be of to `on_base`.
fn for_each_stem_base(stem: &str, on_base: &mut impl FnMut(&str)) {
    on_base(&format!("{stem}e"));
    if let Some(start) = stem.strip_suffix('i') {
        on_base(&format!("{start}y"));
    }
    let mut letters = stem.chars().rev();
    if let (Some(last), Some(before)) = (letters.next(), letters.next())
        && last == before
        && !is_vowel(last)
        && last != 's'
    {
        on_base(&stem[..stem.len() - 1]);
    }
    if !doubles_consonant(stem) {
        on_base(stem);
    }
}

fn is_vowel(c: char) -> bool {
    matches!(c, 'a' | 'e' | 'i' | 'o' | 'u' | 'y')
}

/// Returns true for words of one syllable that end with one vowel and one consonant, which is
/// doubled before a suffix: `hop`, `hopped`; so `hoped` isn't a form of `hop`.
fn doubles_consonant(word: &str) -> bool {
    let letters: Vec<char> = word.chars().collect();
    let &[.., before, vowel, last] = letters.as_slice() else { return false };
    let vowels = letters.iter().filter(|&&letter| is_vowel(letter)).count();
    vowels == 1
        && is_vowel(vowel)
        && !is_vowel(before)
        && !matches!(last, 'w' | 'x' | 'y')
        && !is_vowel(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bases(word: &str) -> Vec<String> {
        let mut found = Vec::new();
        for_each_base(word, &|word| word == "biggest", &mut |base| found.push(base.to_owned()));
        found
    }

    #[test]
    fn forms_lead_to_their_bases() {
        for (form, base) in [
            ("pipelines", "pipeline"),
            ("policies", "policy"),
            ("boxes", "box"),
            ("heroes", "hero"),
            ("hopped", "hop"),
            ("hoped", "hope"),
            ("visited", "visit"),
            ("travelled", "travel"),
            ("tried", "try"),
            ("announcing", "announce"),
            ("clearing", "clear"),
            ("bigger", "big"),
        ] {
            assert!(bases(form).iter().any(|found| found == base), "{form}: {:?}", bases(form));
        }
    }

    #[test]
    fn other_words_are_no_bases() {
        for (word, other) in [
            ("hoped", "hop"),
            ("caring", "car"),
            ("news", "new"),
            ("united", "unit"),
            ("wages", "wag"),
            ("butter", "but"),
            ("moody", "mood"),
            ("university", "universe"),
            ("police", "policy"),
        ] {
            assert!(!bases(word).iter().any(|found| found == other), "{word}: {:?}", bases(word));
        }
    }
}

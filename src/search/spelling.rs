//! Spellings of a word that differ in more than single letters: abbreviations that are written like
//! another word, Persian affixes that are written apart, Hindi nasals.

use std::borrow::Cow;

use crate::model::fold::is_word_character;

/// Marks between the letters of an abbreviation that is written like another word: `US`.
pub(super) const ABBREVIATION: char = '\u{f8fd}';
/// The same where all is in capitals, so that either word can be meant.
pub(super) const AMBIGUOUS: char = '\u{f8fc}';
/// Follows an `a` that is also written `aa`: `å`.
pub(super) const ADDED_A: char = '\u{f8fe}';
/// Follows a letter that is also written with an `e`: `ä`, `ö`, `ü`, `ø`.
pub(super) const ADDED_E: char = '\u{f8ff}';
/// Zero width non-joiner, which separates the parts of a Persian word.
pub(super) const NON_JOINER: char = '\u{200c}';

/// Abbreviations that are ordinary words in lowercase.
const ABBREVIATIONS: [&str; 4] = ["it", "un", "us", "who"];
/// The number of capitals around an abbreviation from which on it may be an ordinary word.
const MIN_CAPITALS: usize = 5;

/// Persian suffixes and prefixes that are written apart, joined, or with a non-joiner.
const SUFFIXES: [&str; 11] =
    ["ها", "های", "هایی", "هایم", "هایت", "هایش", "هایمان", "هایتان", "هایشان", "تر", "ترین"];
const PREFIXES: [&str; 2] = ["می", "نمی"];

/// Returns true for the marks that this module defines, which are removed from texts first.
pub(super) fn is_mark(c: char) -> bool {
    (AMBIGUOUS..=ADDED_E).contains(&c)
}

/// Returns true for an abbreviation, in lowercase, that is written like another word.
pub(super) fn is_abbreviation(letters: &str) -> bool {
    ABBREVIATIONS.contains(&letters)
}

/// Returns true for an abbreviation in capitals that is written like another word.
pub(super) fn is_capital_abbreviation(word: &str) -> bool {
    word.len() <= 3
        && word.bytes().all(|byte| byte.is_ascii_uppercase())
        && is_abbreviation(&word.to_ascii_lowercase())
}

/// Replaces marks that a text contains itself.
pub(super) fn without_marks(text: &str) -> Cow<'_, str> {
    // The first byte of all marks in UTF-8.
    if memchr::memchr(0xEF, text.as_bytes()).is_some() && text.contains(is_mark) {
        return text.replace(is_mark, " ").into();
    }
    text.into()
}

/// Marks the letters of abbreviations in capitals in a chunk of a text.
pub(super) fn mark_abbreviations<'a>(text: &str, chunk: &'a str) -> Cow<'a, str> {
    if chunk.bytes().filter(u8::is_ascii_uppercase).count() < 2 {
        return chunk.into();
    }
    let mut marked = String::new();
    let mut copied = 0;
    let mut start = None;
    let ends = chunk.char_indices().chain([(chunk.len(), ' ')]);
    for (end, c) in ends {
        if is_word_character(c) {
            start = start.or(Some(end));
            continue;
        }
        let Some(word) = start.take().map(|start| &chunk[start..end]) else { continue };
        if is_capital_abbreviation(word) {
            let mark = if is_in_capitals(text, chunk) { AMBIGUOUS } else { ABBREVIATION };
            marked.push_str(&chunk[copied..end - word.len()]);
            for (index, letter) in word.chars().enumerate() {
                marked.extend((index > 0).then_some(mark));
                marked.push(letter);
            }
            copied = end;
        }
    }
    if copied == 0 {
        return chunk.into();
    }
    marked.push_str(&chunk[copied..]);
    marked.into()
}

/// Returns true if the chunks before and after one are in capitals. `chunk` must be a part of
/// `text`.
fn is_in_capitals(text: &str, chunk: &str) -> bool {
    let start = chunk.as_ptr() as usize - text.as_ptr() as usize;
    let before = text[..start].split_ascii_whitespace().next_back();
    let after = text[start + chunk.len()..].split_ascii_whitespace().next();
    let around = || before.iter().chain(&after).flat_map(|chunk| chunk.bytes());
    around().filter(u8::is_ascii_uppercase).count() >= MIN_CAPITALS
        && !around().any(|byte| byte.is_ascii_lowercase())
}

/// Writes a non-joiner instead of the space between a Persian word and an affix.
pub(super) fn attach_persian_affixes(text: &str) -> Cow<'_, str> {
    // The first bytes of most Arabic letters in UTF-8.
    if memchr::memchr3(0xD9, 0xDA, 0xDB, text.as_bytes()).is_none() {
        return text.into();
    }
    let is_letter = |c: char| ('\u{620}'..='\u{6d3}').contains(&c);
    let is_affix = |word: &str, affixes: &[&str]| {
        let word = word.replace('ي', "ی");
        affixes.contains(&word.as_str())
    };
    let is_suffix = |chunk: &str| {
        let end = chunk.find(|c| !is_letter(c)).unwrap_or(chunk.len());
        !chunk[end..].starts_with(NON_JOINER) && is_affix(&chunk[..end], &SUFFIXES)
    };
    let is_prefix = |chunk: &str| {
        let word = chunk.trim_start_matches(|c| !is_letter(c));
        let start = chunk.len() - word.len();
        !chunk[..start].ends_with(NON_JOINER) && is_affix(word, &PREFIXES)
    };
    let mut attached = String::with_capacity(text.len());
    let mut previous = "";
    for (index, chunk) in text.split(' ').enumerate() {
        if index > 0 {
            let is_attached = previous.ends_with(is_letter)
                && (is_suffix(chunk) || (is_prefix(previous) && chunk.starts_with(is_letter)));
            attached.push(if is_attached { NON_JOINER } else { ' ' });
        }
        attached.push_str(chunk);
        previous = chunk;
    }
    attached.into()
}

/// Writes all nasals before a consonant that is homorganic in Hindi as anusvara:
/// `हिन्दी` and `हिंदी`, `चाँद` and `चांद` are the same words.
pub(super) fn unify_nasals(text: &str) -> Cow<'_, str> {
    const VIRAMA: char = '\u{94d}';
    if !text.contains([VIRAMA, 'ँ']) {
        return text.into();
    }
    let letters: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut index = 0;
    while index < letters.len() {
        let homorganic = match letters[index] {
            'ङ' => Some('क'..='घ'),
            'ञ' => Some('च'..='झ'),
            'ण' => Some('ट'..='ढ'),
            'न' => Some('त'..='ध'),
            'म' => Some('प'..='भ'),
            _ => None,
        };
        let next = letters.get(index + 2).filter(|_| letters[index + 1] == VIRAMA);
        if homorganic.is_some_and(|range| next.is_some_and(|next| range.contains(next))) {
            out.push('ं');
            index += 2;
            continue;
        }
        out.push(if letters[index] == 'ँ' { 'ं' } else { letters[index] });
        index += 1;
    }
    out.into()
}

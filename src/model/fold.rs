//! Folding: mapping the spellings of a word to one form. Search and the redaction of names both use
//! it.
//!
//! `docs/search-format.md` specifies it, and the search client has the same lists.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// Returns whether a character is ignored: accents, vowel marks and invisible characters. The marks
/// of scripts that write vowels with them (Devanagari, Thai) aren't ignored.
pub(crate) fn is_ignored(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{487}' | '\u{591}'..='\u{5bd}' | '\u{5bf}'
        | '\u{5c1}' | '\u{5c2}' | '\u{5c4}' | '\u{5c5}' | '\u{5c7}' | '\u{610}'..='\u{61a}'
        | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{6d6}'..='\u{6dc}' | '\u{6df}'..='\u{6e4}'
        | '\u{6e7}' | '\u{6e8}' | '\u{6ea}'..='\u{6ed}' | '\u{1ab0}'..='\u{1aff}'
        | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{fe20}'..='\u{fe2f}'
        // Soft hyphen, joiners, directional marks, tatweel.
        | '\u{ad}' | '\u{61c}' | '\u{640}' | '\u{200c}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Returns the characters of a text, decomposed (NFKD) and without those that are ignored.
pub(crate) fn decomposed(text: &str) -> impl Iterator<Item = char> {
    text.nfkd().filter(|c| !is_ignored(*c))
}

/// Returns a file name as file systems that ignore case and invisible characters compare it.
pub(crate) fn fold_file_name(name: &str) -> String {
    let is_visible = |c: &char| !is_ignored(*c) && !c.is_control() && *c != '\u{200b}';
    name.nfkc().filter(is_visible).flat_map(char::to_lowercase).collect()
}

/// Returns the form that represents all forms of a letter; empty for a letter in that form.
pub(crate) fn canonical_form(c: char) -> &'static str {
    match c {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'þ' => "th",
        'ħ' => "h",
        'ı' => "i",
        'ς' => "σ",
        // Arabic, Persian and Urdu write one letter with several characters.
        'ي' | 'ى' => "ی",
        'ك' => "ک",
        'ة' | 'ہ' | 'ە' | 'ۃ' | 'ھ' => "ه",
        '٠' | '۰' => "0",
        '١' | '۱' => "1",
        '٢' | '۲' => "2",
        '٣' | '۳' => "3",
        '٤' | '۴' => "4",
        '٥' | '۵' => "5",
        '٦' | '۶' => "6",
        '٧' | '۷' => "7",
        '٨' | '۸' => "8",
        '٩' | '۹' => "9",
        '٫' => ".",
        '٬' => ",",
        _ => "",
    }
}

/// Returns whether a character belongs to a word.
pub(crate) fn is_word_character(c: char) -> bool {
    c.is_alphanumeric() || (!c.is_ascii() && is_combining_mark(c))
}

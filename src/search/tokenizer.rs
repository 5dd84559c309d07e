//! Divides text into words, in the five steps that `docs/search-format.md` specifies.
//!
//! `client/tokenizer.js` does the same in the browser; `tests/search/tokenizer_vectors.json` has
//! test vectors for both.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

use crate::model::fold::{canonical_form, is_ignored, is_word_character};

/// The maximum length of a word. Longer words aren't indexed.
const MAX_WORD_CHARS: usize = 40;
/// The minimum length of words with letters and digits that aren't indexed: hashes and keys.
const MIXED_WORD_LIMIT: usize = 16;

/// Passes each word of a text to `on_word`, in order; an empty one in place of a word that isn't
/// indexed, so that the positions of the others are kept.
pub(crate) fn tokenize(text: &str, mut on_word: impl FnMut(&str)) {
    let mut splitter = Splitter::default();
    let mut folded = String::new();
    for chunk in text.split_ascii_whitespace() {
        folded.clear();
        // A fast path for most English words.
        let plain = chunk.trim_matches(|c: char| c.is_ascii_punctuation());
        if plain.bytes().fold(true, |all, byte| all & byte.is_ascii_alphanumeric()) {
            folded.push_str(plain);
            folded.make_ascii_lowercase();
            if !folded.is_empty() {
                on_word(if is_indexed(&folded) { &folded } else { "" });
            }
            continue;
        }
        if chunk.is_ascii() {
            folded.push_str(chunk);
            folded.make_ascii_lowercase();
        } else {
            fold(chunk, &mut folded);
        }
        splitter.split(&folded, &mut on_word);
    }
}

/// Normalizes case, accents, vowel marks and the variant forms of letters.
fn fold(text: &str, out: &mut String) {
    let letters = text.nfkd().flat_map(char::to_lowercase).filter(|&c| !is_ignored(c));
    let mut plain = String::with_capacity(text.len());
    for letter in letters {
        match canonical_form(letter) {
            "" => plain.push(letter),
            form => plain.push_str(form),
        }
    }
    out.extend(plain.nfc());
}

/// Returns true for characters of scripts without spaces between words. Runs of them are divided
/// into pairs of characters.
fn is_unspaced(c: char) -> bool {
    c >= '\u{e00}'
        && matches!(c,
            '\u{e00}'..='\u{eff}'
            | '\u{1000}'..='\u{109f}'
            | '\u{1780}'..='\u{17ff}'
            | '\u{3040}'..='\u{30ff}'
            | '\u{31f0}'..='\u{31ff}'
            | '\u{3400}'..='\u{4dbf}'
            | '\u{4e00}'..='\u{9fff}'
            | '\u{f900}'..='\u{faff}'
            | '\u{20000}'..='\u{3134f}')
        && is_word_character(c)
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | '\u{2bc}')
}

/// Splits normalized text into words.
#[derive(Default)]
struct Splitter {
    word: String,
    /// The current run of a script without spaces.
    unspaced_run: Vec<char>,
}

impl Splitter {
    /// Splits a piece of text without spaces.
    fn split(&mut self, text: &str, on_word: &mut impl FnMut(&str)) {
        let text = without_initials(text);
        let mut chars = text.chars().peekable();
        let mut previous = ' ';
        while let Some(c) = chars.next() {
            let next = chars.peek().copied().unwrap_or(' ');
            if is_apostrophe(c) {
                if !(previous.is_alphabetic() && next.is_alphabetic()) {
                    self.flush(on_word);
                }
            } else if is_unspaced(c) {
                self.flush_word(on_word);
                self.unspaced_run.push(c);
            } else if is_word_character(c) {
                self.flush_run(on_word);
                self.word.push(c);
            } else if matches!(c, '.' | ',') && previous.is_numeric() && next.is_numeric() {
                // 1,000 becomes 1000; 3.5 is kept.
                self.word.extend(Some(c).filter(|&c| c == '.'));
            } else {
                self.flush(on_word);
            }
            previous = c;
        }
        self.flush(on_word);
    }

    fn flush(&mut self, on_word: &mut impl FnMut(&str)) {
        self.flush_word(on_word);
        self.flush_run(on_word);
    }

    fn flush_word(&mut self, on_word: &mut impl FnMut(&str)) {
        if !self.word.is_empty() {
            on_word(if is_indexed(&self.word) { &self.word } else { "" });
            self.word.clear();
        }
    }

    fn flush_run(&mut self, on_word: &mut impl FnMut(&str)) {
        match self.unspaced_run.as_slice() {
            [] => return,
            [single] => on_word(single.encode_utf8(&mut [0; 4])),
            run => run.windows(2).for_each(|bigram| on_word(&String::from_iter(bigram))),
        }
        self.unspaced_run.clear();
    }
}

/// Removes the periods of initials: `u.s.` becomes `us`.
fn without_initials(text: &str) -> Cow<'_, str> {
    if memchr::memchr(b'.', text.as_bytes()).is_none_or(|at| at + 1 == text.len()) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    let (mut rest, mut previous) = (text, ' ');
    while let Some(c) = rest.chars().next() {
        let length = if is_word_character(previous) { 0 } else { initials_length(rest) };
        let (head, tail) = rest.split_at(length.max(c.len_utf8()));
        out.extend(head.chars().filter(|&c| length == 0 || c != '.'));
        previous = head.chars().next_back().unwrap_or(' ');
        rest = tail;
    }
    out.into()
}

/// Returns the length in bytes of the initials at the beginning of a text: two or more letters,
/// each followed by a period. 0 if there are none.
fn initials_length(text: &str) -> usize {
    let mut chars = text.chars();
    let (mut count, mut length) = (0, 0);
    while let (Some(letter), Some('.')) = (chars.next().filter(|c| c.is_alphabetic()), chars.next())
    {
        count += 1;
        length += letter.len_utf8() + 1;
    }
    if count >= 2 { length } else { 0 }
}

fn is_indexed(word: &str) -> bool {
    if word.len() < MIXED_WORD_LIMIT {
        return true;
    }
    let length = word.chars().count();
    let is_mixed = || word.chars().any(char::is_numeric) && word.chars().any(char::is_alphabetic);
    length <= MAX_WORD_CHARS && !(length >= MIXED_WORD_LIMIT && is_mixed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_agree_with_the_test_vectors() {
        let vectors = include_str!("../../tests/search/tokenizer_vectors.json");
        let vectors: Vec<(String, Vec<String>)> = serde_json::from_str(vectors).expect("pairs");
        assert!(vectors.len() > 40);
        for (text, expected) in vectors {
            let mut tokens = Vec::new();
            tokenize(&text, |word| tokens.push(word.to_owned()));
            assert_eq!(tokens, expected, "{text:?}");
        }
    }
}

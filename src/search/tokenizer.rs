//! Words: how text becomes what is searched for.
//!
//! `docs/search-format.md` specifies it in five steps. `client/words.js` takes the same steps in
//! the browser, and both run the vectors in `tests/search/tokenizer_vectors.json`.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

use crate::model::fold::{canonical_form, is_ignored, is_word_character};

/// Words of more characters than this are left out: nobody searches for them.
const MAX_WORD_CHARS: usize = 40;
/// Words of at least so many characters that mix letters and digits are left out, too: hashes and
/// keys.
const MIXED_WORD_LIMIT: usize = 16;

/// Gives each word of a text in order; an empty one stands for a word that is left out, so that the
/// others keep their distance.
pub(crate) fn tokenize(text: &str, mut on_word: impl FnMut(&str)) {
    let mut splitter = Splitter::default();
    let mut folded = String::new();
    for chunk in text.split_ascii_whitespace() {
        folded.clear();
        // Most of a text in English is a plain word with a comma at most.
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

/// Takes away what writers of one word may differ in: case, accents, vowel marks, forms of a
/// letter.
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

/// Whether a character is of a script that puts no blanks between words: its runs are told by
/// pairs.
fn is_unspaced(c: char) -> bool {
    c >= '\u{e00}'
        && matches!(c,
            '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3040}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}'
            | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3134f}')
        && is_word_character(c)
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | '\u{2bc}')
}

#[derive(Default)]
struct Splitter {
    word: String,
    /// The characters of a run without blanks.
    unspaced_run: Vec<char>,
}

impl Splitter {
    /// Splits folded text.
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
                // 1,000 is 1000, and 3.5 stays.
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

/// A text without the full stops of initials: `u.s.` is `us`.
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

/// The length of the initials that a text begins with: two or more letters, each with its full
/// stop.
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
    fn texts_become_the_words_that_the_vectors_say() {
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

//! Divides text into words, in the five steps that `docs/search-format.md` specifies.
//!
//! `client/tokenizer.js` does the same in the browser; `tests/search/tokenizer_vectors.json` has
//! test vectors for both.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

use super::spelling::{
    ABBREVIATION, ADDED_A, ADDED_E, AMBIGUOUS, NON_JOINER, attach_persian_affixes, is_abbreviation,
    is_capital_abbreviation, is_mark, mark_abbreviations, unify_nasals, without_marks,
};
use crate::model::fold::{canonical_form, is_ignored, is_word_character};

/// The maximum length of a word. Longer words aren't indexed.
const MAX_WORD_CHARS: usize = 40;
/// The minimum length of words with letters and digits that aren't indexed: hashes and keys.
const MIXED_WORD_LIMIT: usize = 16;
/// The maximum number of words of a hyphenated compound that is also indexed as one word, and the
/// minimum length of that word.
const MAX_COMPOUND_PARTS: usize = 3;
const MIN_COMPOUND_CHARS: usize = 4;
/// The ends of English contractions, which aren't divided: `don't` doesn't contain `don`.
const CONTRACTIONS: [&str; 6] = ["d", "ll", "m", "re", "t", "ve"];

/// A word of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    /// The word at the next position; empty if it isn't indexed.
    Next(&'a str),
    /// Another spelling of the word at the current position, or a part of it.
    Variant(&'a str),
}

/// Passes each word of a text to `on_token`, in order; an empty one in place of a word that isn't
/// indexed, so that the positions of the others are kept.
pub(crate) fn tokenize(text: &str, mut on_token: impl FnMut(Token<'_>)) {
    let text = without_marks(text);
    let text = &*attach_persian_affixes(&text);
    let mut splitter = Splitter::default();
    let mut folded = String::new();
    for chunk in text.split_ascii_whitespace() {
        folded.clear();
        // A fast path for most English words.
        let plain = chunk.trim_matches(|c: char| c.is_ascii_punctuation());
        if plain.bytes().fold(true, |all, byte| all & byte.is_ascii_alphanumeric())
            && !is_capital_abbreviation(plain)
        {
            folded.push_str(plain);
            folded.make_ascii_lowercase();
            if !folded.is_empty() {
                on_token(Token::Next(if is_indexed(&folded) { &folded } else { "" }));
            }
            continue;
        }
        let marked = mark_abbreviations(text, chunk);
        if marked.is_ascii() {
            folded.push_str(&marked);
            folded.make_ascii_lowercase();
        } else {
            fold(&marked, &mut folded);
        }
        splitter.split(&folded, &mut on_token);
    }
}

/// Normalizes case, accents, vowel marks and the variant forms of letters, and marks letters that
/// are also written as two.
fn fold(text: &str, out: &mut String) {
    let mut plain = String::with_capacity(text.len());
    for letter in text.nfkd().flat_map(char::to_lowercase) {
        match (letter, plain.chars().next_back()) {
            ('\u{308}', Some('a' | 'o' | 'u')) => plain.push(ADDED_E),
            ('\u{30a}', Some('a')) => plain.push(ADDED_A),
            ('ø', _) => plain.extend(['o', ADDED_E]),
            (NON_JOINER, Some('\u{620}'..='\u{6d3}')) => plain.push(letter),
            // The nukta of Hindi, which is often left out.
            ('\u{93c}', _) => {}
            _ if is_ignored(letter) => {}
            _ => match canonical_form(letter) {
                "" => plain.push(letter),
                form => plain.push_str(form),
            },
        }
    }
    out.extend(unify_nasals(&plain).nfc());
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
            | '\u{ac00}'..='\u{d7a3}'
            | '\u{f900}'..='\u{faff}'
            | '\u{20000}'..='\u{3134f}')
        && is_word_character(c)
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '‘' | '’' | '\u{2bc}')
}

fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '\u{2010}')
}

/// Returns true for letters that begin or continue a word of a script with spaces.
fn is_spaced_letter(c: char) -> bool {
    c.is_alphabetic() && !is_apostrophe(c) && !is_unspaced(c)
}

/// Returns whether a character of a folded text belongs to a word.
fn is_folded_word_character(c: char) -> bool {
    is_word_character(c) || is_mark(c)
}

/// Splits normalized text into words.
#[derive(Default)]
struct Splitter {
    word: String,
    /// Where an apostrophe or a non-joiner was removed from the word, in bytes.
    joints: Vec<usize>,
    /// The words of the current compound with hyphens; none if it isn't indexed as one word.
    compound: Option<String>,
    compound_parts: usize,
    /// The current run of a script without spaces.
    unspaced_run: Vec<char>,
}

impl Splitter {
    /// Splits a piece of text without spaces.
    fn split(&mut self, text: &str, on_token: &mut impl FnMut(Token<'_>)) {
        let text = without_initials(text);
        let mut chars = text.chars().peekable();
        let mut previous = ' ';
        while let Some(c) = chars.next() {
            let next = chars.peek().copied().unwrap_or(' ');
            let continues = !self.word.is_empty() && is_spaced_letter(next);
            let follows_letter = previous.is_alphabetic() || is_mark(previous);
            let joins = c == NON_JOINER || is_apostrophe(c) && follows_letter;
            if joins && continues {
                self.joints.push(self.word.len());
            } else if is_apostrophe(c) && previous.is_numeric() && is_lone_s(chars.clone()) {
                // The 1990's become 1990.
                chars.next();
            } else if is_hyphen(c) && continues {
                self.flush_word(on_token);
            } else if is_apostrophe(c) {
                self.flush(on_token);
            } else if c == NON_JOINER {
            } else if is_unspaced(c) {
                self.flush_word(on_token);
                self.end_compound(on_token);
                self.unspaced_run.push(c);
            } else if is_folded_word_character(c) {
                self.flush_run(on_token);
                self.word.push(c);
            } else if matches!(c, '.' | ',') && previous.is_numeric() && next.is_numeric() {
                // 1,000 becomes 1000; 3.5 is kept.
                self.word.extend(Some(c).filter(|&c| c == '.'));
            } else {
                self.flush(on_token);
            }
            previous = c;
        }
        self.flush(on_token);
    }

    fn flush(&mut self, on_token: &mut impl FnMut(Token<'_>)) {
        self.flush_word(on_token);
        self.end_compound(on_token);
        self.flush_run(on_token);
    }

    /// Passes on the current word with its variants.
    fn flush_word(&mut self, on_token: &mut impl FnMut(Token<'_>)) {
        if self.word.is_empty() {
            return;
        }
        let word = std::mem::take(&mut self.word);
        let mut joints = std::mem::take(&mut self.joints);
        let mut word = word.as_str();
        // A possessive.
        if let Some(at) = joints.pop_if(|at| &word[*at..] == "s") {
            word = &word[..at];
        }
        let plain = without_spelling_marks(word);
        self.add_to_compound(if joints.is_empty() { &plain } else { "" });
        if !is_indexed(&plain) {
            return on_token(Token::Next(""));
        }
        if let Some(mark) = word.chars().find(|c| matches!(*c, ABBREVIATION | AMBIGUOUS)) {
            let letters = word.replace(mark, "");
            on_token(Token::Next(&word.replace(mark, ".")));
            if mark == AMBIGUOUS {
                on_token(Token::Variant(&letters));
            }
            return;
        }
        on_token(Token::Next(&plain));
        let pieces = divide(word, &joints);
        for piece in &pieces {
            on_token(Token::Variant(&without_spelling_marks(piece)));
        }
        if plain.len() < word.len() {
            for word in [word].iter().chain(&pieces).filter(|word| word.contains(is_mark)) {
                on_token(Token::Variant(&spelled_out(word)));
            }
        }
    }

    /// Adds a word to the current compound; only letters can be part of one.
    fn add_to_compound(&mut self, word: &str) {
        let is_part = !word.is_empty() && word.chars().all(char::is_alphabetic);
        if self.compound_parts == 0 {
            self.compound = Some(String::new());
        }
        self.compound_parts += 1;
        self.compound = self.compound.take().filter(|_| is_part).map(|compound| compound + word);
    }

    /// Passes on the current compound as one word.
    fn end_compound(&mut self, on_token: &mut impl FnMut(Token<'_>)) {
        let parts = std::mem::take(&mut self.compound_parts);
        let Some(compound) = self.compound.take() else { return };
        if (2..=MAX_COMPOUND_PARTS).contains(&parts)
            && compound.chars().count() >= MIN_COMPOUND_CHARS
            && is_indexed(&compound)
        {
            on_token(Token::Variant(&compound));
        }
    }

    /// Passes on the current run as pairs of characters, and its last character.
    fn flush_run(&mut self, on_token: &mut impl FnMut(Token<'_>)) {
        let run = std::mem::take(&mut self.unspaced_run);
        let Some(last) = run.last() else { return };
        run.windows(2).for_each(|bigram| on_token(Token::Next(&String::from_iter(bigram))));
        let last = last.to_string();
        on_token(if run.len() == 1 { Token::Next(&last) } else { Token::Variant(&last) });
    }
}

/// Returns true if `s` follows that ends the word.
fn is_lone_s(mut chars: impl Iterator<Item = char>) -> bool {
    chars.next() == Some('s') && !chars.next().is_some_and(is_folded_word_character)
}

/// Returns the parts of a word between apostrophes or non-joiners if it is also indexed by them: an
/// elided article and its noun, but not an English contraction.
fn divide<'a>(word: &'a str, joints: &[usize]) -> Vec<&'a str> {
    let Some(&last) = joints.last() else { return Vec::new() };
    let is_divided = word.starts_with(|c| c < '\u{250}' || ('\u{620}'..='\u{6d3}').contains(&c))
        && !CONTRACTIONS.contains(&&word[last..]);
    if !is_divided {
        return Vec::new();
    }
    let starts = [0].into_iter().chain(joints.iter().copied());
    let ends = joints.iter().copied().chain([word.len()]);
    starts.zip(ends).map(|(start, end)| &word[start..end]).collect()
}

/// Returns a word without the marks of letters that are also written as two.
fn without_spelling_marks(word: &str) -> Cow<'_, str> {
    if word.contains([ADDED_A, ADDED_E]) {
        word.replace([ADDED_A, ADDED_E], "").into()
    } else {
        word.into()
    }
}

/// Returns a word with such letters written as two.
fn spelled_out(word: &str) -> String {
    word.replace(ADDED_A, "a").replace(ADDED_E, "e")
}

/// Removes the periods of initials: `n.a.t.o.` becomes `nato`. Abbreviations that are written like
/// another word get marks instead.
fn without_initials(text: &str) -> Cow<'_, str> {
    if memchr::memchr(b'.', text.as_bytes()).is_none_or(|at| at + 1 == text.len()) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    let (mut rest, mut previous) = (text, ' ');
    while let Some(c) = rest.chars().next() {
        let length = if is_folded_word_character(previous) { 0 } else { initials_length(rest) };
        let (head, tail) = rest.split_at(length.max(c.len_utf8()));
        let letters: String = head.chars().filter(|&c| length == 0 || c != '.').collect();
        if length > 0 && is_abbreviation(&letters) && !tail.starts_with(is_folded_word_character) {
            for (index, letter) in letters.chars().enumerate() {
                out.extend((index > 0).then_some(ABBREVIATION));
                out.push(letter);
            }
        } else {
            out.push_str(&letters);
        }
        previous = head.chars().next_back().unwrap_or(' ');
        rest = tail;
    }
    out.into()
}

/// Returns the length in bytes of the initials at the beginning of a text: two or more letters with
/// a period after each, which the last one doesn't need at the end of a word. 0 if there are none.
fn initials_length(text: &str) -> usize {
    let mut chars = text.chars().peekable();
    let (mut count, mut length) = (0, 0);
    while let Some(letter) = chars.next().filter(|c| c.is_alphabetic()) {
        let next = chars.next();
        if next == Some('.') {
            length += letter.len_utf8() + 1;
        } else if next.is_some_and(is_folded_word_character) {
            break;
        } else {
            count += 1;
            length += letter.len_utf8();
            break;
        }
        count += 1;
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
        let vectors: Vec<(String, Vec<Vec<String>>)> =
            serde_json::from_str(vectors).expect("pairs");
        assert!(vectors.len() > 40);
        for (text, expected) in vectors {
            let mut tokens: Vec<Vec<String>> = Vec::new();
            tokenize(&text, |token| match (token, tokens.last_mut()) {
                (Token::Variant(word), Some(last)) => last.push(word.to_owned()),
                (Token::Next(word) | Token::Variant(word), _) => tokens.push(vec![word.to_owned()]),
            });
            assert_eq!(tokens, expected, "{text:?}");
        }
    }
}

//! The matcher of redacted names.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use aho_corasick::AhoCorasick;
use unicode_normalization::UnicodeNormalization;

use super::derived_text::{MARKUP_SEPARATOR, visit_readings};
use crate::model::fold::{canonical_form, is_ignored, is_word_character};

/// The text that replaces a name.
pub(crate) const PLACEHOLDER: &str = "█████";
/// The text that replaces a name in URLs and file names.
const URL_PLACEHOLDER: &str = "redacted";

/// The maximum number of other characters between two words of a name.
const MAX_GAP: u8 = 8;
/// The maximum number of passes over a text, because replacing a name can form another one.
const MAX_PASSES: usize = 32;
/// The maximum length of a name, in letters.
const MAX_LETTERS: usize = 200;
/// The maximum number of names that a matcher finds.
pub(crate) const MAX_NAMES: usize = 100_000;

/// A matcher for names. Cloning is cheap.
#[derive(Clone, Debug, Default)]
pub struct RedactionMatcher(Vec<Arc<NameSet>>);

/// Names, and the automaton that finds their letters.
#[derive(Debug)]
struct NameSet {
    names: Vec<NamePattern>,
    automaton: AhoCorasick,
}

/// The letters of a name.
#[derive(Debug, Default)]
struct NamePattern {
    letters: String,
    /// For each letter, `true` if a word begins with it.
    word_starts: Vec<bool>,
    word_count: usize,
    /// Set if a letter directly before the name makes it part of another word.
    is_start_bounded: bool,
    /// Set if a letter directly after the name makes it part of another word.
    is_end_bounded: bool,
}

/// A letter of a text.
struct Letter {
    /// Its offset in the folded letters, in bytes.
    folded_offset: usize,
    /// Its range in the text, with the invisible characters that follow it.
    source_range: Range<usize>,
    /// The number of other characters before it; counted up to [`MAX_GAP`] + 1.
    gap: u8,
    /// Set if these may occur within a word because readers don't see them: Markdown syntax, tags.
    gap_is_invisible: bool,
    is_uppercase: bool,
    folded: char,
}

/// Returns the reason why a text can't be a name; `None` if it can.
pub(crate) fn name_problem(name: &str) -> Option<&'static str> {
    match NamePattern::new(name).word_starts.len() {
        0 | 1 => Some("it needs at least two letters or digits"),
        letters if letters > MAX_LETTERS => Some("it is longer than 200 letters"),
        _ => None,
    }
}

impl RedactionMatcher {
    /// Returns a matcher without names.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Returns a matcher for names. Texts that can't be names are ignored, and so are all names
    /// after the first [`MAX_NAMES`].
    pub fn from_names<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        let names = names.into_iter().filter(|name| name_problem(name).is_none()).take(MAX_NAMES);
        let names: Vec<NamePattern> = names.map(NamePattern::new).collect();
        // An automaton of so few short words can't be too large.
        let automaton = AhoCorasick::new(names.iter().map(|name| &name.letters)).ok();
        let set = automaton
            .filter(|_| !names.is_empty())
            .map(|automaton| Arc::new(NameSet { names, automaton }));
        Self(set.into_iter().collect())
    }

    /// Returns a matcher that also finds the names of another one.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self(self.0.iter().chain(&other.0).cloned().collect())
    }

    /// Returns whether the matcher has no names.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns whether a text contains one of the names.
    pub fn is_match(&self, text: &str) -> bool {
        let mut letters = String::new();
        !self.is_empty()
            && visit_readings(text, |reading, _| {
                letters.clear();
                fold_letters(reading, |_, folded| letters.extend(folded));
                self.0.iter().any(|set| {
                    set.automaton.is_match(&letters)
                        && set.any_match(&letters, &read_letters(reading), |_| true)
                })
            })
    }

    /// Replaces each name in a text with [`PLACEHOLDER`]. Line breaks and markup are kept: a name
    /// of two words of which one is bold is replaced with two placeholders.
    pub fn redact<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut redacted = Cow::Borrowed(text);
        // The rest of one name may form another with the text next to it. Placeholders separate
        // words, so two passes are usually enough.
        for _ in 0..MAX_PASSES {
            let Some(next) = self.redact_once(&redacted) else { break };
            redacted = Cow::Owned(next);
        }
        redacted
    }

    /// Replaces each name in a path, segment by segment, with a text that is valid in URLs.
    pub fn redact_path(&self, path: &str) -> String {
        if self.is_empty() {
            return path.to_owned();
        }
        let parts: Vec<String> = path
            .split('/')
            .map(|part| self.redact(part).replace(PLACEHOLDER, URL_PLACEHOLDER))
            .collect();
        parts.join("/")
    }

    fn redact_once(&self, text: &str) -> Option<String> {
        let mut ranges: Vec<Range<usize>> = Vec::new();
        let mut folded = String::new();
        visit_readings(text, |reading, steps| {
            folded.clear();
            fold_letters(reading, |_, letters| folded.extend(letters));
            for set in self.0.iter().filter(|set| set.automaton.is_match(&folded)) {
                let letters = read_letters(reading);
                set.any_match(&folded, &letters, |letter_range| {
                    let to_source = |piece| {
                        steps.iter().rev().fold(piece, |range, step| step.source_range(&range))
                    };
                    ranges.extend(source_ranges(&letters[letter_range], reading).map(to_source));
                    false
                });
            }
            false
        });
        ranges.sort_unstable_by_key(|piece| (piece.start, piece.end));
        let (mut out, mut copied_to) = (String::with_capacity(text.len()), 0);
        for piece in ranges.iter().filter(|piece| !piece.is_empty()) {
            if piece.start >= copied_to {
                out.push_str(&text[copied_to..piece.start]);
                out.push_str(PLACEHOLDER);
            }
            copied_to = copied_to.max(piece.end);
        }
        out.push_str(&text[copied_to..]);
        (copied_to > 0).then_some(out)
    }
}

impl NamePattern {
    fn new(text: &str) -> Self {
        let mut name = Self::default();
        for letter in read_letters(text) {
            let starts_word = letter.gap > 0 || name.word_starts.is_empty();
            name.word_count += usize::from(starts_word);
            name.word_starts.push(starts_word);
            name.letters.push(letter.folded);
        }
        let has_boundary = |c: Option<char>| c.is_some_and(has_word_boundaries);
        name.is_start_bounded = has_boundary(name.letters.chars().next());
        name.is_end_bounded = has_boundary(name.letters.chars().next_back());
        name
    }
}

impl NameSet {
    /// Calls `visit` with the range of letters of each name in a text, until it returns `true`.
    /// Returns whether it did.
    fn any_match(
        &self,
        folded: &str,
        letters: &[Letter],
        mut visit: impl FnMut(Range<usize>) -> bool,
    ) -> bool {
        self.automaton.find_overlapping_iter(folded).any(|hit| {
            let name = &self.names[hit.pattern().as_usize()];
            let start = letters.partition_point(|letter| letter.folded_offset < hit.start());
            let range = start..start + name.word_starts.len();
            name.matches(letters, &range) && visit(range)
        })
    }
}

impl NamePattern {
    /// Returns whether a match is the name, depending on the characters between and around its
    /// letters.
    fn matches(&self, letters: &[Letter], range: &Range<usize>) -> bool {
        let inner = letters[range.clone()].iter().zip(&self.word_starts).skip(1);
        let mut contiguous = inner.map(|(letter, starts_word)| {
            let may_have_gap = *starts_word || letter.gap_is_invisible;
            letter.gap == 0 || (may_have_gap && letter.gap <= MAX_GAP)
        });
        // In `JohnSmithGate`, capitals separate the words.
        let separated = |previous: &Letter, next: &Letter| {
            let camel_case_boundary =
                self.word_count > 1 && next.is_uppercase && !previous.is_uppercase;
            next.gap > 0 || camel_case_boundary || !continues_word(previous.folded, next.folded)
        };
        let previous = range.start.checked_sub(1).map(|index| &letters[index]);
        let start_fits = previous.is_none_or(|previous| {
            !self.is_start_bounded || separated(previous, &letters[range.start])
        });
        let next = letters.get(range.end);
        let end_fits = next
            .is_none_or(|next| !self.is_end_bounded || separated(&letters[range.end - 1], next));
        start_fits && end_fits && contiguous.all(|is_contiguous| is_contiguous)
    }
}

/// Returns whether a character is a digit or of a script that separates words. Arabic and Hebrew
/// write "and" and "to" before a name without a space, and other scripts have no spaces at all.
fn has_word_boundaries(c: char) -> bool {
    matches!(
        c,
        ..'\u{530}'
            | '\u{1c80}'..='\u{1c8f}'
            | '\u{1d00}'..='\u{1fff}'
            | '\u{2c60}'..='\u{2c7f}'
            | '\u{a640}'..='\u{a69f}'
            | '\u{a720}'..='\u{a7ff}'
    )
}

/// Returns whether two adjacent characters belong to one word.
fn continues_word(previous: char, next: char) -> bool {
    has_word_boundaries(previous)
        && has_word_boundaries(next)
        && previous.is_numeric() == next.is_numeric()
}

/// Calls `visit` with each letter and each invisible character of a text, and with its folded form;
/// that of an invisible character is empty.
fn fold_letters(text: &str, mut visit: impl FnMut((usize, char), &[char])) {
    let mut folded = Vec::new();
    for (at, c) in text.char_indices() {
        if c.is_ascii() {
            if c.is_ascii_alphanumeric() {
                visit((at, c), &[c.to_ascii_lowercase()]);
            } else if is_invisible(c) {
                visit((at, c), &[]);
            }
            continue;
        }
        folded.clear();
        let decomposed = c.nfkd().flat_map(char::to_lowercase).filter(|&c| !is_invisible(c));
        for c in decomposed {
            match canonical_form(c) {
                "" => folded.push(c),
                form => folded.extend(form.chars()),
            }
        }
        if folded.iter().any(|&c| is_word_character(c)) || is_invisible(c) {
            folded.retain(|&c| is_word_character(c));
            visit((at, c), &folded);
        }
    }
}

/// Returns the letters of a text.
fn read_letters(text: &str) -> Vec<Letter> {
    let mut letters: Vec<Letter> = Vec::new();
    let (mut folded_offset, mut last_end) = (0, 0);
    fold_letters(text, |(start, c), folded| {
        let end = start + c.len_utf8();
        let between = &text[last_end..start];
        if folded.is_empty() {
            if let Some(letter) = letters.last_mut().filter(|_| between.is_empty()) {
                letter.source_range.end = end;
                last_end = end;
            }
            return;
        }
        // A gap longer than the maximum needn't be counted exactly.
        let gap =
            between.chars().filter(|c| !is_invisible(*c)).take(usize::from(MAX_GAP) + 1).count()
                as u8;
        let gap_is_invisible = gap <= MAX_GAP && between.chars().all(may_be_invisible);
        for (number, &folded) in folded.iter().enumerate() {
            let is_first = number == 0;
            letters.push(Letter {
                folded_offset,
                source_range: start..end,
                gap: if is_first { gap } else { 0 },
                gap_is_invisible: gap_is_invisible || !is_first,
                is_uppercase: c.is_uppercase(),
                folded,
            });
            folded_offset += folded.len_utf8();
        }
        last_end = end;
    });
    letters
}

/// Returns whether a character is invisible: those that search ignores, and others that could
/// interrupt a name, such as the NULs of text in UTF-16.
fn is_invisible(c: char) -> bool {
    let is_zero_width = matches!(
        c,
        '\0' | '\u{180e}' | '\u{200b}' | '\u{2061}'..='\u{2064}' | '\u{e0000}'..='\u{e0fff}'
    );
    is_zero_width || is_ignored(c)
}

/// Returns whether a character may be invisible when the text is shown.
fn may_be_invisible(c: char) -> bool {
    matches!(c, MARKUP_SEPARATOR | '*' | '_' | '~' | '`' | '\\' | '[' | ']' | '^')
        || is_invisible(c)
}

/// Returns the ranges of a text that letters cover. Letters with only spaces, hyphens and the like
/// between them are one range.
fn source_ranges<'t>(
    letters: &'t [Letter],
    text: &'t str,
) -> impl Iterator<Item = Range<usize>> + use<'t> {
    let is_joiner = |c: char| {
        matches!(c, ' ' | '\t' | '\u{a0}' | '-' | '.' | '\'' | '’' | '+') || is_invisible(c)
    };
    let adjacent = move |a: &Letter, b: &Letter| {
        b.source_range.start < a.source_range.end
            || text[a.source_range.end..b.source_range.start].chars().all(is_joiner)
    };
    letters
        .chunk_by(adjacent)
        .filter_map(|piece| Some(piece.first()?.source_range.start..piece.last()?.source_range.end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redacted(names: &[&str], text: &str) -> String {
        RedactionMatcher::from_names(names.iter().copied()).redact(text).into_owned()
    }

    #[test]
    fn a_name_is_found_in_every_spelling() {
        for variant in [
            "Jörg Müller",
            "JÖRG MÜLLER",
            "jo\u{308}rg-mu\u{308}ller",
            "J&ouml;rg&nbsp;M&#xFC;ller",
            "J&amp;ouml;rg M&#252ller",
            "J%C3%B6rg%20M%C3%BCller",
            "J\\u00f6rg\\u0020M\\xfcller",
            "J\\\\u00f6rg M\\u{fc}ller",
            "JörgMüller",
            "Jo\u{ad}\u{308}rg Mül\u{200b}ler",
            "ＪＯＲＧ Muller",
            "Jörg **Müller**",
            "Jö<b>rg</b> Mü*ll*er",
            "Jörg</p>\n<p class=\"long enough\">Müller",
            "[Jörg](https://x.example/a/long/address) Müller",
            "Jörg{{< note \"x y z\" >}} Müller",
            "J\0\u{f6}\0r\0g\0 \0M\0\u{fc}\0l\0l\0e\0r",
        ] {
            let matcher = RedactionMatcher::from_names(["Jörg Müller"]);
            let text = format!("Then {variant} said.");
            assert!(matcher.is_match(&text), "{variant:?}");
            let redacted_text = matcher.redact(&text);
            assert!(
                redacted_text.contains(PLACEHOLDER) && !matcher.is_match(&redacted_text),
                "{variant:?}: {redacted_text:?}"
            );
            let still_visible =
                ["rg", "ller"].iter().any(|part| redacted_text.to_lowercase().contains(part));
            assert!(!still_visible, "{variant:?}: {redacted_text:?}");
        }
    }

    #[test]
    fn other_words_are_left_alone() {
        for other in [
            "Joann Smithson",
            "John, and then much later Smith",
            "Annabel",
            "John Smiths",
            "d'Annunzio",
        ] {
            assert_eq!(redacted(&["John Smith", "Ann"], other), other);
        }
        assert_eq!(redacted(&["محمد"], "قال لمحمد"), format!("قال ل{PLACEHOLDER}"));
        assert_eq!(redacted(&["王明"], "記者王明報道"), format!("記者{PLACEHOLDER}報道"));
    }

    #[test]
    fn markup_and_lines_stay() {
        assert_eq!(
            redacted(&["John Smith"], "a John **Smith** b"),
            format!("a {PLACEHOLDER} **{PLACEHOLDER}** b")
        );
        assert_eq!(
            redacted(&["John Smith"], "John</b> <i>Smith"),
            format!("{PLACEHOLDER}</b> <i>{PLACEHOLDER}")
        );
        assert_eq!(
            redacted(&["John Smith"], "- John\n- Smith"),
            format!("- {PLACEHOLDER}\n- {PLACEHOLDER}")
        );
        assert_eq!(redacted(&["John Smith"], "john-smith-2.jpg"), format!("{PLACEHOLDER}-2.jpg"));
        assert_eq!(
            redacted(&["John Smith"], "photoJohnSmithGate"),
            format!("photo{PLACEHOLDER}Gate")
        );
        assert_eq!(redacted(&["O'Brien"], "O&#39;Brien's"), format!("{PLACEHOLDER}'s"));
    }

    #[test]
    fn the_rest_of_a_name_forms_no_other_name() {
        let text = redacted(&["John Smith"], "John John Smith Smith");
        assert!(!text.contains("John") && !text.contains("Smith"), "{text}");
        let long = "王".repeat(50_000) + &"明".repeat(50_000);
        assert!(redacted(&["王明"], &long).contains(PLACEHOLDER));
        assert!(!RedactionMatcher::from_names(["ab"]).is_match(&"<a&amp;\\[(](".repeat(20_000)));
    }

    #[test]
    fn names_need_letters() {
        assert!(
            name_problem("?!").is_some()
                && name_problem("A").is_some()
                && name_problem(&"ab".repeat(101)).is_some()
        );
        assert!(name_problem("Al").is_none() && RedactionMatcher::from_names(["?"]).is_empty());
    }
}

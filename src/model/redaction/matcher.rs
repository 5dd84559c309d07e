//! The matcher of redacted names.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use aho_corasick::AhoCorasick;

use super::derived_text::DerivedText;
use super::letters::{Letter, MAX_GAP, fold_letters, read_letters, source_ranges};
use super::readings::visit_readings;

/// The text that replaces a name.
pub(crate) const PLACEHOLDER: &str = "█████";
/// The text that replaces a name in URLs and file names.
const URL_PLACEHOLDER: &str = "redacted";

/// The number of words from which on a name is only matched in the order in which it is written.
const MAX_REORDERED_WORDS: usize = 8;
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
    /// The letter that has to follow a comma, in the form `Smith, John`.
    comma_before: Option<usize>,
    /// Set if a letter directly before the name makes it part of another word.
    is_start_bounded: bool,
    /// Set if a letter directly after the name makes it part of another word.
    is_end_bounded: bool,
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
        let names: Vec<NamePattern> = names.flat_map(NamePattern::all_orders).collect();
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
        self.redact_ranges(text, |text| self.find_ranges(text))
    }

    /// Replaces each name in a text, and each in another reading of it that `derive` returns.
    pub(crate) fn redact_with<'t>(
        &self,
        text: &'t str,
        derive: impl Fn(&str) -> Option<DerivedText>,
    ) -> Cow<'t, str> {
        self.redact_ranges(text, |text| {
            let mut ranges = self.find_ranges(text);
            if let Some(derived) = derive(text) {
                let found = self.find_ranges(&derived.text);
                ranges.extend(found.iter().map(|range| derived.source_range(range)));
            }
            ranges
        })
    }

    /// Replaces each name in HTML. The names of elements stay.
    pub(crate) fn redact_html<'t>(&self, html: &'t str) -> Cow<'t, str> {
        self.redact_ranges(html, |html| {
            let is_element = |range: &Range<usize>| {
                ["<", "</"].iter().any(|open| html[..range.start].ends_with(open))
            };
            let mut ranges = self.find_ranges(html);
            ranges.retain(|range| !is_element(range));
            ranges
        })
    }

    fn redact_ranges<'t>(
        &self,
        text: &'t str,
        find: impl Fn(&str) -> Vec<Range<usize>>,
    ) -> Cow<'t, str> {
        let mut redacted = Cow::Borrowed(text);
        // The rest of one name may form another with the text next to it. Placeholders separate
        // words, so two passes are usually enough.
        for _ in 0..if self.is_empty() { 0 } else { MAX_PASSES } {
            let Some(next) = replace_ranges(&redacted, find(&redacted)) else { break };
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

    /// Returns the ranges of a text that the letters of names cover in any of its readings.
    fn find_ranges(&self, text: &str) -> Vec<Range<usize>> {
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
        ranges
    }
}

/// Replaces ranges of a text, in any order and overlapping or not, with placeholders. Returns
/// `None` if there are none.
fn replace_ranges(text: &str, mut ranges: Vec<Range<usize>>) -> Option<String> {
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

impl NamePattern {
    fn new(text: &str) -> Self {
        Self::from_letters(&read_letters(text))
    }

    /// Returns the patterns of a name as it is written, and with its last words first, as indexes
    /// and citations have it: `Smith, John`. A name that is listed in that form is also matched in
    /// the other.
    fn all_orders(text: &str) -> Vec<Self> {
        let letters = read_letters(text);
        let name = Self::from_letters(&letters);
        let word_starts: Vec<usize> =
            (1..letters.len()).filter(|&index| name.word_starts[index]).collect();
        if word_starts.len() >= MAX_REORDERED_WORDS {
            return vec![name];
        }
        let has_comma = |start: &usize| letters[*start].gap.has_comma;
        let comma = word_starts.iter().copied().find(has_comma);
        let splits = comma.map_or(word_starts, |comma| vec![comma]);
        let reordered = splits.into_iter().map(|start| {
            let (first, last) = letters.split_at(start);
            let mut pattern = Self::from_letters(last.iter().chain(first));
            if comma.is_none() {
                pattern.comma_before = Some(last.len());
            }
            // The word that was first had no gap before it.
            if !pattern.word_starts[last.len()] {
                pattern.word_starts[last.len()] = true;
                pattern.word_count += 1;
            }
            pattern
        });
        let reordered: Vec<Self> = reordered.collect();
        std::iter::once(name).chain(reordered).collect()
    }

    fn from_letters<'l>(letters: impl IntoIterator<Item = &'l Letter>) -> Self {
        let mut name = Self::default();
        for letter in letters {
            let starts_word = letter.gap.length > 0 || name.word_starts.is_empty();
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
        let inner = letters[range.clone()].iter().zip(&self.word_starts).enumerate().skip(1);
        let mut contiguous = inner.map(|(index, (letter, starts_word))| {
            let gap = letter.gap;
            let may_have_gap = *starts_word || gap.is_invisible;
            (gap.length == 0 || (may_have_gap && gap.length <= MAX_GAP))
                && (gap.has_comma || self.comma_before != Some(index))
        });
        // In `JohnSmithGate`, capitals separate the words.
        let separated = |previous: &Letter, next: &Letter| {
            let camel_case_boundary =
                self.word_count > 1 && next.is_uppercase && !previous.is_uppercase;
            next.gap.length > 0
                || camel_case_boundary
                || !continues_word(previous.folded, next.folded)
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

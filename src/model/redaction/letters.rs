//! The letters of a text, with what is between them.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;

use super::markup::MARKUP_SEPARATOR;
use crate::model::fold::{canonical_form, is_ignored, is_word_character};

/// The maximum number of other characters between two words of a name. A run of white space,
/// markup and the syntax of Markdown counts as one character.
pub(super) const MAX_GAP: u8 = 8;

/// A letter of a text.
pub(super) struct Letter {
    /// Its offset in the folded letters, in bytes.
    pub(super) folded_offset: usize,
    /// Its range in the text, with the invisible characters that follow it.
    pub(super) source_range: Range<usize>,
    /// The characters before it.
    pub(super) gap: Gap,
    pub(super) is_uppercase: bool,
    pub(super) folded: char,
}

/// The characters between two letters.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Gap {
    /// Their number, counted up to [`MAX_GAP`] + 1.
    pub(super) length: u8,
    /// Set if they may occur within a word because readers don't see them: Markdown syntax, tags.
    pub(super) is_invisible: bool,
    /// Set if one of them is a comma, as between a family name and the given names.
    pub(super) has_comma: bool,
}

impl Gap {
    const NONE: Self = Self { length: 0, is_invisible: true, has_comma: false };

    fn between(between: &str) -> Self {
        let mut gap = Self::NONE;
        let mut is_in_run = false;
        for c in between.chars().filter(|c| !is_invisible(*c)) {
            gap.is_invisible &= may_be_invisible(c);
            gap.has_comma |= matches!(c, ',' | '،' | '、' | '，' | '﹐' | '､');
            let continues_run = is_space_or_syntax(c);
            if !(continues_run && is_in_run) {
                gap.length += 1;
            }
            is_in_run = continues_run;
            // A longer gap needn't be counted exactly.
            if gap.length > MAX_GAP {
                gap.is_invisible = false;
                break;
            }
        }
        gap
    }
}

/// Calls `visit` with each letter and each invisible character of a text, and with its folded form;
/// that of an invisible character is empty.
pub(super) fn fold_letters(text: &str, mut visit: impl FnMut((usize, char), &[char])) {
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
pub(super) fn read_letters(text: &str) -> Vec<Letter> {
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
        let mut gap = Gap::between(between);
        for &folded in folded {
            letters.push(Letter {
                folded_offset,
                source_range: start..end,
                gap,
                is_uppercase: c.is_uppercase(),
                folded,
            });
            folded_offset += folded.len_utf8();
            gap = Gap::NONE;
        }
        last_end = end;
    });
    letters
}

/// Returns whether a character is invisible: those that search ignores, and others that could
/// interrupt a name, such as the NULs of text in UTF-16, fillers and control characters.
pub(super) fn is_invisible(c: char) -> bool {
    let is_zero_width = matches!(
        c,
        '\0' | '\u{2}'..='\u{8}' | '\u{e}'..='\u{1f}' | '\u{7f}'
            // Without U+0085, a line break.
            | '\u{80}'..='\u{84}' | '\u{86}'..='\u{9f}'
            | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}' | '\u{2061}'..='\u{2065}'
            | '\u{206a}'..='\u{206f}' | '\u{3164}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    );
    is_zero_width || is_ignored(c)
}

/// Returns whether a character may be invisible when the text is shown.
fn may_be_invisible(c: char) -> bool {
    matches!(c, MARKUP_SEPARATOR | '*' | '_' | '~' | '`' | '\\' | '[' | ']' | '^')
}

/// Returns whether a character is white space (Unicode's property White_Space), markup, or syntax
/// of Markdown that can be next to white space: the borders of table cells, markers of lists and
/// quotations, emphasis. A run of them counts as one character.
fn is_space_or_syntax(c: char) -> bool {
    c.is_whitespace()
        || may_be_invisible(c)
        || matches!(c, '|' | '>' | '<' | '#' | '=' | ':' | '-' | '+' | '\u{2800}')
}

/// Returns the ranges of a text that letters cover. Letters with only spaces, hyphens and the like
/// between them are one range.
pub(super) fn source_ranges<'t>(
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

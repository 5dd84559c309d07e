//! Counts words.

use std::ops::RangeInclusive;

/// Characters of scripts that are written without spaces.
const IDEOGRAPHS: [RangeInclusive<char>; 3] =
    ['\u{3040}'..='\u{30ff}', '\u{3400}'..='\u{9fff}', '\u{f900}'..='\u{faff}'];

/// Counts the words of a text: runs between white space, and each character of a script that is
/// written without spaces.
pub(super) fn count_words(text: &str) -> usize {
    if text.is_ascii() {
        // A word ends where white space follows another character. Counting bytes in runs lets the
        // compiler vectorize the loop.
        let bytes = text.as_bytes();
        let count_word_ends = |run: &[u8]| {
            let pairs = run.iter().zip(&run[1..]);
            usize::from(pairs.map(|(&at, &next)| u8::from(at > b' ' && next <= b' ')).sum::<u8>())
        };
        let runs = (0..bytes.len().saturating_sub(1)).step_by(255);
        let inner: usize =
            runs.map(|at| count_word_ends(&bytes[at..bytes.len().min(at + 256)])).sum();
        return inner + usize::from(bytes.last().is_some_and(|&last| last > b' '));
    }
    let is_ideograph = |c: char| IDEOGRAPHS.iter().any(|range| range.contains(&c));
    let words = text.split_whitespace();
    words.map(|word| word.chars().filter(|&c| is_ideograph(c)).count().max(1)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_counted_in_every_script() {
        assert_eq!(count_words("two words"), 2);
        assert_eq!(count_words(""), 0);
        for length in [1, 2, 254, 255, 256, 257, 511, 1000] {
            let text: String = "ab c  ".chars().cycle().take(length).collect();
            assert_eq!(count_words(&text), text.split_whitespace().count(), "{length}");
        }
        assert_eq!(count_words("پاکستان اور ایران"), 3);
        assert_eq!(count_words("新聞"), 2);
    }
}

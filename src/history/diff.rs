//! What a version changed, word by word. No clock ends it: what would take too long is told as a
//! whole, on every machine the same.

use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::published_text::PublishedText;

/// How many steps the words of one version may take.
const MAX_STEPS: usize = 50_000_000;

/// A piece of a text: whether it stayed, went or came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DiffTag {
    /// It is in both.
    Unchanged,
    /// It was there before only.
    Removed,
    /// It is there since.
    Added,
}

/// A line of text in pieces.
pub(crate) type DiffLine = Vec<(DiffTag, String)>;

/// What a version changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct VersionDiff {
    /// The headline, if it is another one.
    pub headline: Option<DiffLine>,
    /// Likewise the standfirst.
    pub standfirst: Option<DiffLine>,
    /// The lines of the text that changed, and nothing for each run of lines that didn't.
    pub text: Vec<Option<DiffLine>>,
}

/// What changed from one version to the next.
pub(super) fn diff_versions(
    old_version: &PublishedText,
    new_version: &PublishedText,
) -> VersionDiff {
    let mut steps_left = MAX_STEPS;
    let mut diff_text = |old: &str, new: &str| {
        (old != new).then(|| join_lines(diff_words(&[old], &[new], &mut steps_left)))
    };
    let headline = diff_text(&old_version.headline, &new_version.headline);
    let standfirst = diff_text(&old_version.standfirst, &new_version.standfirst);
    let (old, new): (Vec<&str>, Vec<&str>) = (
        old_version.lines.iter().map(String::as_str).collect(),
        new_version.lines.iter().map(String::as_str).collect(),
    );
    let mut text: Vec<Option<DiffLine>> = Vec::new();
    for (same, old_lines, new_lines) in diff_runs(&old, &new, &mut steps_left) {
        if !same {
            text.extend(
                diff_words(&old[old_lines], &new[new_lines], &mut steps_left).into_iter().map(Some),
            );
        } else if text.last() != Some(&None) {
            text.push(None);
        }
    }
    VersionDiff { headline, standfirst, text }
}

/// Lines as one.
fn join_lines(lines: Vec<DiffLine>) -> DiffLine {
    let space = [(DiffTag::Unchanged, " ".to_owned())];
    lines.join(&space[..])
}

/// Two lists in runs that are the same or aren't.
type DiffRun = (bool, Range<usize>, Range<usize>);

/// Compares two lists. If that could take more steps than are left, what lies between their common
/// ends is one run.
fn diff_runs(old: &[&str], new: &[&str], steps_left: &mut usize) -> Vec<DiffRun> {
    let start = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let end = old[start..]
        .iter()
        .rev()
        .zip(new[start..].iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    let (old_end, new_end) = (old.len() - end, new.len() - end);
    let size = (old_end - start) + (new_end - start);
    let steps = size.saturating_mul(size);
    let mut runs = vec![(true, 0..start, 0..start)];
    if steps <= *steps_left {
        *steps_left -= steps;
        let middle =
            capture_diff_slices(Algorithm::Myers, &old[start..old_end], &new[start..new_end]);
        let shifted = |range: Range<usize>| range.start + start..range.end + start;
        runs.extend(middle.iter().map(|op| {
            (matches!(op, DiffOp::Equal { .. }), shifted(op.old_range()), shifted(op.new_range()))
        }));
    } else {
        runs.push((false, start..old_end, start..new_end));
    }
    runs.push((true, old_end..old.len(), new_end..new.len()));
    runs.retain(|(_, old, new)| !old.is_empty() || !new.is_empty());
    runs
}

/// The end of a line, as a word.
const LINE_BREAK: &str = "\n";

/// A word, and whether there is a space before it.
type Word<'a> = (&'a str, bool);

/// The words of some lines. Scripts that set no spaces between words are taken sign by sign.
fn split_words<'a>(lines: &[&'a str]) -> Vec<Word<'a>> {
    let mut words = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        if index > 0 {
            words.push((LINE_BREAK, false));
        }
        for word in line.split_whitespace() {
            let mut space_before = true;
            let mut start = 0;
            for (position, character) in
                word.char_indices().filter(|(_, character)| is_unspaced_script(*character))
            {
                let end = position + character.len_utf8();
                for piece in [&word[start..position], &word[position..end]]
                    .into_iter()
                    .filter(|piece| !piece.is_empty())
                {
                    words.push((piece, std::mem::take(&mut space_before)));
                }
                start = end;
            }
            if start < word.len() {
                words.push((&word[start..], space_before));
            }
        }
    }
    words
}

/// Whether a sign is of a script without spaces between words: Thai, Lao, Burmese, Khmer, and those
/// of China and Japan.
fn is_unspaced_script(character: char) -> bool {
    matches!(character, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{2e80}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..='\u{3ffff}')
}

fn word_texts<'a>(words: &[Word<'a>]) -> Vec<&'a str> {
    words.iter().map(|(text, _)| *text).collect()
}

/// The lines of both in pieces. Where hardly a word stayed, the old ones are told as a whole, then
/// the new ones.
fn diff_words(old: &[&str], new: &[&str], steps_left: &mut usize) -> Vec<DiffLine> {
    let (old, new) = (split_words(old), split_words(new));
    let mut runs = diff_runs(&word_texts(&old), &word_texts(&new), steps_left);
    let unchanged_words: usize =
        runs.iter().filter(|(same, ..)| *same).map(|(_, old, _)| old.len()).sum();
    let replace_all = unchanged_words * 4 < old.len().min(new.len());
    if replace_all {
        runs = vec![(false, 0..old.len(), 0..new.len())];
    }
    let mut lines = vec![DiffLine::new()];
    for (same, old_words, new_words) in runs {
        if same {
            push_words(&mut lines, DiffTag::Unchanged, &new[new_words]);
            continue;
        }
        push_words(&mut lines, DiffTag::Removed, &old[old_words]);
        if replace_all {
            lines.push(DiffLine::new());
        }
        push_words(&mut lines, DiffTag::Added, &new[new_words]);
    }
    lines.retain(|line| !line.is_empty());
    lines
}

/// Puts words at the end of a page.
fn push_words(lines: &mut Vec<DiffLine>, tag: DiffTag, words: &[Word<'_>]) {
    let mut started = false;
    for &(text, space_before) in words {
        if text == LINE_BREAK {
            lines.push(DiffLine::new());
            started = false;
            continue;
        }
        let Some(line) = lines.last_mut() else { continue };
        let space = space_before && !line.is_empty();
        match line.last_mut().filter(|_| started) {
            Some((_, piece)) => {
                piece.push_str(if space { " " } else { "" });
                piece.push_str(text);
            }
            None => {
                // The space belongs to neither, so that no line is drawn through it or under it.
                if space {
                    line.push((DiffTag::Unchanged, " ".to_owned()));
                }
                line.push((tag, text.to_owned()));
                started = true;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn with_markers(lines: &[DiffLine]) -> String {
        let mark = |(tag, text): &(DiffTag, String)| match tag {
            DiffTag::Unchanged => text.clone(),
            DiffTag::Removed => format!("[-{text}-]"),
            DiffTag::Added => format!("[+{text}+]"),
        };
        lines
            .iter()
            .map(|line| line.iter().map(mark).collect::<String>())
            .collect::<Vec<_>>()
            .join("|")
    }

    #[test]
    fn words_are_marked() {
        for (old, new, expected) in [
            (
                &["It has six lanes."][..],
                &["It has four lanes."][..],
                "It has [-six-] [+four+] lanes.",
            ),
            (&["One two three four."], &["One two three", "four."], "One two three|four."),
            (&["A b c d"], &["A b c d", "E f"], "A b c d|[+E f+]"),
            (&["A b c d", "E f"], &["A b c d"], "A b c d|[-E f-]"),
            (&["Nothing is left."], &["All of it new"], "[-Nothing is left.-]|[+All of it new+]"),
            (&["大桥有六条车道"], &["大桥有四条车道"], "大桥有[-六-][+四+]条车道"),
        ] {
            assert_eq!(with_markers(&diff_words(old, new, &mut MAX_STEPS.clone())), expected);
        }
        assert_eq!(
            with_markers(&diff_words(&["One two three"], &["One two six"], &mut 0)),
            "One two [-three-] [+six+]"
        );
        assert_eq!(
            with_markers(&diff_words(&["a b c", "d"], &["x b c", "y"], &mut 0)),
            "[-a b c-]|[-d-]|[+x b c+]|[+y+]"
        );
    }

    #[test]
    fn lines_that_stayed_are_one_gap() {
        let published_text = |lines: &[&str]| PublishedText {
            headline: "Bridge opens".into(),
            standfirst: String::new(),
            lines: lines.iter().map(|line| (*line).to_owned()).collect(),
        };
        let diff = diff_versions(
            &published_text(&["a", "b", "It has six lanes.", "c"]),
            &published_text(&["a", "b", "It has four lanes.", "c"]),
        );
        assert!(diff.headline.is_none() && diff.standfirst.is_none());
        let lines: Vec<Option<String>> =
            diff.text.into_iter().map(|line| line.map(|line| with_markers(&[line]))).collect();
        assert_eq!(lines, [None, Some("It has [-six-] [+four+] lanes.".to_owned()), None]);
    }

    proptest! {
        /// What stayed and what went is the old text, what stayed and what came the new one,
        /// whatever the steps allow.
        #[test]
        fn nothing_is_lost(old in texts_of(), new in texts_of(), mut left in 0_usize..2000) {
            let signs = |text: &str| text.chars().filter(|sign| !sign.is_whitespace()).collect::<String>();
            let (a, b): (Vec<&str>, Vec<&str>) =
                (old.iter().map(String::as_str).collect(), new.iter().map(String::as_str).collect());
            let page = diff_words(&a, &b, &mut left);
            let side = |other: DiffTag| -> String {
                let pieces = page.iter().flatten().filter(|(passage, _)| *passage != other);
                pieces.map(|(_, text)| signs(text)).collect()
            };
            prop_assert_eq!(side(DiffTag::Added), signs(&old.concat()));
            prop_assert_eq!(side(DiffTag::Removed), signs(&new.concat()));
        }
    }

    fn texts_of() -> impl Strategy<Value = Vec<String>> {
        prop::collection::vec("([abc六車]{1,2} ?){0,6}", 0..5)
    }
}

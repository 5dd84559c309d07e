//! The differences between two versions of an article, word by word. The effort is limited by a
//! number of steps rather than by time, so that every computer gives the same result; texts that
//! would need more steps are shown as replaced entirely.

use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::published_text::PublishedText;

/// The maximum number of steps for the words of one version.
const MAX_STEPS: usize = 50_000_000;

/// The change of a piece of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DiffTag {
    /// It is in both versions.
    Unchanged,
    /// It is only in the old version.
    Removed,
    /// It is only in the new version.
    Added,
}

/// A line of text in pieces.
pub(crate) type DiffLine = Vec<(DiffTag, String)>;

/// The changes between a version and the one before it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct VersionDiff {
    /// The headline, if it changed.
    pub headline: Option<DiffLine>,
    /// The standfirst, if it changed.
    pub standfirst: Option<DiffLine>,
    /// The changed lines of the text; `None` for each run of unchanged lines.
    pub text: Vec<Option<DiffLine>>,
}

/// Compares two versions.
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
    for run in diff_runs(&old, &new, &mut steps_left) {
        if !run.is_unchanged {
            let lines = diff_words(&old[run.old], &new[run.new], &mut steps_left);
            text.extend(lines.into_iter().map(Some));
        } else if text.last() != Some(&None) {
            text.push(None);
        }
    }
    VersionDiff { headline, standfirst, text }
}

/// Joins lines with spaces.
fn join_lines(lines: Vec<DiffLine>) -> DiffLine {
    let space = [(DiffTag::Unchanged, " ".to_owned())];
    lines.join(&space[..])
}

/// Ranges of two lists that are either equal or different.
struct DiffRun {
    is_unchanged: bool,
    old: Range<usize>,
    new: Range<usize>,
}

/// Compares two lists. If that could take more steps than are left, everything between their common
/// start and end is one run.
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
    let mut runs = vec![DiffRun { is_unchanged: true, old: 0..start, new: 0..start }];
    if steps <= *steps_left {
        *steps_left -= steps;
        let middle =
            capture_diff_slices(Algorithm::Myers, &old[start..old_end], &new[start..new_end]);
        let shifted = |range: Range<usize>| range.start + start..range.end + start;
        runs.extend(middle.iter().map(|op| DiffRun {
            is_unchanged: matches!(op, DiffOp::Equal { .. }),
            old: shifted(op.old_range()),
            new: shifted(op.new_range()),
        }));
    } else {
        runs.push(DiffRun { is_unchanged: false, old: start..old_end, new: start..new_end });
    }
    let (old, new) = (old_end..old.len(), new_end..new.len());
    runs.push(DiffRun { is_unchanged: true, old, new });
    runs.retain(|run| !run.old.is_empty() || !run.new.is_empty());
    runs
}

/// The word that represents a line break.
const LINE_BREAK: &str = "\n";

/// A word of a text.
struct Word<'a> {
    text: &'a str,
    has_space_before: bool,
}

/// Splits lines into words. Scripts without spaces between words are split into characters.
fn split_words<'a>(lines: &[&'a str]) -> Vec<Word<'a>> {
    let mut words = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        if index > 0 {
            words.push(Word { text: LINE_BREAK, has_space_before: false });
        }
        for word in line.split_whitespace() {
            let mut has_space_before = true;
            let mut start = 0;
            for (position, character) in
                word.char_indices().filter(|(_, character)| is_unspaced_script(*character))
            {
                let end = position + character.len_utf8();
                for piece in [&word[start..position], &word[position..end]]
                    .into_iter()
                    .filter(|piece| !piece.is_empty())
                {
                    let has_space_before = std::mem::take(&mut has_space_before);
                    words.push(Word { text: piece, has_space_before });
                }
                start = end;
            }
            if start < word.len() {
                words.push(Word { text: &word[start..], has_space_before });
            }
        }
    }
    words
}

/// Returns whether a character is of a script without spaces between words: Thai, Lao, Burmese,
/// Khmer, and those of China and Japan.
fn is_unspaced_script(character: char) -> bool {
    let is_southeast_asian = matches!(
        character,
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
    );
    let is_east_asian = matches!(
        character,
        '\u{2e80}'..='\u{30ff}'
            | '\u{3400}'..='\u{9fff}'
            | '\u{f900}'..='\u{faff}'
            | '\u{ff00}'..='\u{ffef}'
            | '\u{20000}'..='\u{3ffff}'
    );
    is_southeast_asian || is_east_asian
}

fn word_texts<'a>(words: &[Word<'a>]) -> Vec<&'a str> {
    words.iter().map(|word| word.text).collect()
}

/// Compares lines word by word. If less than a quarter of the words are unchanged, returns all old
/// lines as removed, then all new lines as added.
fn diff_words(old: &[&str], new: &[&str], steps_left: &mut usize) -> Vec<DiffLine> {
    let (old, new) = (split_words(old), split_words(new));
    let mut runs = diff_runs(&word_texts(&old), &word_texts(&new), steps_left);
    let unchanged_words: usize =
        runs.iter().filter(|run| run.is_unchanged).map(|run| run.old.len()).sum();
    let replace_all = unchanged_words * 4 < old.len().min(new.len());
    if replace_all {
        runs = vec![DiffRun { is_unchanged: false, old: 0..old.len(), new: 0..new.len() }];
    }
    let mut lines = vec![DiffLine::new()];
    for run in runs {
        if run.is_unchanged {
            push_words(&mut lines, DiffTag::Unchanged, &new[run.new]);
            continue;
        }
        push_words(&mut lines, DiffTag::Removed, &old[run.old]);
        if replace_all {
            lines.push(DiffLine::new());
        }
        push_words(&mut lines, DiffTag::Added, &new[run.new]);
    }
    lines.retain(|line| !line.is_empty());
    lines
}

/// Appends words to the last line.
fn push_words(lines: &mut Vec<DiffLine>, tag: DiffTag, words: &[Word<'_>]) {
    let mut started = false;
    for &Word { text, has_space_before } in words {
        if text == LINE_BREAK {
            lines.push(DiffLine::new());
            started = false;
            continue;
        }
        let Some(line) = lines.last_mut() else { continue };
        let space = has_space_before && !line.is_empty();
        match line.last_mut().filter(|_| started) {
            Some((_, piece)) => {
                piece.push_str(if space { " " } else { "" });
                piece.push_str(text);
            }
            None => {
                // The space before a change is unchanged, so that it isn't underlined or struck
                // through.
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
    fn unchanged_lines_are_one_gap() {
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
        /// The unchanged and the removed pieces are the old text, the unchanged and the added ones
        /// the new text, with any number of steps.
        #[test]
        fn no_text_is_lost(old in lines(), new in lines(), mut steps_left in 0_usize..2000) {
            let visible = |text: &str| -> String {
                text.chars().filter(|character| !character.is_whitespace()).collect()
            };
            let old_lines: Vec<&str> = old.iter().map(String::as_str).collect();
            let new_lines: Vec<&str> = new.iter().map(String::as_str).collect();
            let diff = diff_words(&old_lines, &new_lines, &mut steps_left);
            let text_without = |excluded: DiffTag| -> String {
                let pieces = diff.iter().flatten().filter(|(tag, _)| *tag != excluded);
                pieces.map(|(_, text)| visible(text)).collect()
            };
            prop_assert_eq!(text_without(DiffTag::Added), visible(&old.concat()));
            prop_assert_eq!(text_without(DiffTag::Removed), visible(&new.concat()));
        }
    }

    fn lines() -> impl Strategy<Value = Vec<String>> {
        prop::collection::vec("([abc六車]{1,2} ?){0,6}", 0..5)
    }
}

//! What a version changed, word by word. No clock ends it: what would take too long is told as a whole, on every machine the same.

use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::shown::Shown;

/// How many steps the words of one version may take.
const STEPS: usize = 50_000_000;

/// A piece of a text: whether it stayed, went or came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passage {
    /// It is in both.
    Same,
    /// It was there before only.
    Gone,
    /// It is there since.
    New,
}

/// A line of text in pieces.
pub type Line = Vec<(Passage, String)>;

/// What a version changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// The headline, if it is another one.
    pub headline: Option<Line>,
    /// Likewise the standfirst.
    pub standfirst: Option<Line>,
    /// The lines of the text that changed, and nothing for each run of lines that didn't.
    pub text: Vec<Option<Line>>,
}

/// What changed from one version to the next.
pub(super) fn change(before: &Shown, now: &Shown) -> Change {
    let mut left = STEPS;
    let mut one =
        |before: &str, now: &str| (before != now).then(|| joined(words(&[before], &[now], &mut left)));
    let headline = one(&before.headline, &now.headline);
    let standfirst = one(&before.standfirst, &now.standfirst);
    let (old, new): (Vec<&str>, Vec<&str>) =
        (before.lines.iter().map(String::as_str).collect(), now.lines.iter().map(String::as_str).collect());
    let mut text: Vec<Option<Line>> = Vec::new();
    for (same, old_lines, new_lines) in runs(&old, &new, &mut left) {
        if !same {
            text.extend(words(&old[old_lines], &new[new_lines], &mut left).into_iter().map(Some));
        } else if text.last() != Some(&None) {
            text.push(None);
        }
    }
    Change { headline, standfirst, text }
}

/// Lines as one.
fn joined(lines: Vec<Line>) -> Line {
    let space = [(Passage::Same, " ".to_owned())];
    lines.join(&space[..])
}

/// Two lists in runs that are the same or aren't.
type Run = (bool, Range<usize>, Range<usize>);

/// Compares two lists. If that could take more steps than are left, what lies between their common ends is one run.
fn runs(old: &[&str], new: &[&str], left: &mut usize) -> Vec<Run> {
    let start = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let end = old[start..].iter().rev().zip(new[start..].iter().rev()).take_while(|(a, b)| a == b).count();
    let (old_end, new_end) = (old.len() - end, new.len() - end);
    let size = (old_end - start) + (new_end - start);
    let steps = size.saturating_mul(size);
    let mut runs = vec![(true, 0..start, 0..start)];
    if steps <= *left {
        *left -= steps;
        let middle = capture_diff_slices(Algorithm::Myers, &old[start..old_end], &new[start..new_end]);
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
const BREAK: &str = "\n";

/// A word, and whether there is a space before it.
type Word<'a> = (&'a str, bool);

/// The words of some lines. Scripts that set no spaces between words are taken sign by sign.
fn words_of<'a>(lines: &[&'a str]) -> Vec<Word<'a>> {
    let mut words = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        if number > 0 {
            words.push((BREAK, false));
        }
        for word in line.split_whitespace() {
            let mut spaced = true;
            let mut from = 0;
            for (at, sign) in word.char_indices().filter(|(_, sign)| stands_alone(*sign)) {
                let end = at + sign.len_utf8();
                for piece in [&word[from..at], &word[at..end]].into_iter().filter(|piece| !piece.is_empty()) {
                    words.push((piece, std::mem::take(&mut spaced)));
                }
                from = end;
            }
            if from < word.len() {
                words.push((&word[from..], spaced));
            }
        }
    }
    words
}

/// Whether a sign is of a script without spaces between words: Thai, Lao, Burmese, Khmer, and those of China and Japan.
fn stands_alone(sign: char) -> bool {
    matches!(sign, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{2e80}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..='\u{3ffff}')
}

fn texts<'a>(words: &[Word<'a>]) -> Vec<&'a str> {
    words.iter().map(|(text, _)| *text).collect()
}

/// The lines of both in pieces. Where hardly a word stayed, the old ones are told as a whole, then the new ones.
fn words(old: &[&str], new: &[&str], left: &mut usize) -> Vec<Line> {
    let (old, new) = (words_of(old), words_of(new));
    let mut runs = runs(&texts(&old), &texts(&new), left);
    let stayed: usize = runs.iter().filter(|(same, ..)| *same).map(|(_, old, _)| old.len()).sum();
    let whole = stayed * 4 < old.len().min(new.len());
    if whole {
        runs = vec![(false, 0..old.len(), 0..new.len())];
    }
    let mut page = vec![Line::new()];
    for (same, old_words, new_words) in runs {
        if same {
            put(&mut page, Passage::Same, &new[new_words]);
            continue;
        }
        put(&mut page, Passage::Gone, &old[old_words]);
        if whole {
            page.push(Line::new());
        }
        put(&mut page, Passage::New, &new[new_words]);
    }
    page.retain(|line| !line.is_empty());
    page
}

/// Puts words at the end of a page.
fn put(page: &mut Vec<Line>, passage: Passage, words: &[Word<'_>]) {
    let mut begun = false;
    for &(text, spaced) in words {
        if text == BREAK {
            page.push(Line::new());
            begun = false;
            continue;
        }
        let Some(line) = page.last_mut() else { continue };
        let space = spaced && !line.is_empty();
        match line.last_mut().filter(|_| begun) {
            Some((_, piece)) => {
                piece.push_str(if space { " " } else { "" });
                piece.push_str(text);
            }
            None => {
                // The space belongs to neither, so that no line is drawn through it or under it.
                if space {
                    line.push((Passage::Same, " ".to_owned()));
                }
                line.push((passage, text.to_owned()));
                begun = true;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn marked(lines: &[Line]) -> String {
        let one = |(passage, text): &(Passage, String)| match passage {
            Passage::Same => text.clone(),
            Passage::Gone => format!("[-{text}-]"),
            Passage::New => format!("[+{text}+]"),
        };
        lines.iter().map(|line| line.iter().map(one).collect::<String>()).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn words_are_marked() {
        for (old, new, expected) in [
            (&["It has six lanes."][..], &["It has four lanes."][..], "It has [-six-] [+four+] lanes."),
            (&["One two three four."], &["One two three", "four."], "One two three|four."),
            (&["A b c d"], &["A b c d", "E f"], "A b c d|[+E f+]"),
            (&["A b c d", "E f"], &["A b c d"], "A b c d|[-E f-]"),
            (&["Nothing is left."], &["All of it new"], "[-Nothing is left.-]|[+All of it new+]"),
            (&["大桥有六条车道"], &["大桥有四条车道"], "大桥有[-六-][+四+]条车道"),
        ] {
            assert_eq!(marked(&words(old, new, &mut STEPS.clone())), expected);
        }
        assert_eq!(marked(&words(&["One two three"], &["One two six"], &mut 0)), "One two [-three-] [+six+]");
        assert_eq!(
            marked(&words(&["a b c", "d"], &["x b c", "y"], &mut 0)),
            "[-a b c-]|[-d-]|[+x b c+]|[+y+]"
        );
    }

    #[test]
    fn lines_that_stayed_are_one_gap() {
        let shown = |lines: &[&str]| Shown {
            headline: "Bridge opens".into(),
            standfirst: String::new(),
            lines: lines.iter().map(|line| (*line).to_owned()).collect(),
        };
        let change = change(
            &shown(&["a", "b", "It has six lanes.", "c"]),
            &shown(&["a", "b", "It has four lanes.", "c"]),
        );
        assert!(change.headline.is_none() && change.standfirst.is_none());
        let lines: Vec<Option<String>> =
            change.text.into_iter().map(|line| line.map(|line| marked(&[line]))).collect();
        assert_eq!(lines, [None, Some("It has [-six-] [+four+] lanes.".to_owned()), None]);
    }

    proptest! {
        /// What stayed and what went is the old text, what stayed and what came the new one, whatever the steps allow.
        #[test]
        fn nothing_is_lost(old in texts_of(), new in texts_of(), mut left in 0_usize..2000) {
            let signs = |text: &str| text.chars().filter(|sign| !sign.is_whitespace()).collect::<String>();
            let (a, b): (Vec<&str>, Vec<&str>) =
                (old.iter().map(String::as_str).collect(), new.iter().map(String::as_str).collect());
            let page = words(&a, &b, &mut left);
            let side = |other: Passage| -> String {
                let pieces = page.iter().flatten().filter(|(passage, _)| *passage != other);
                pieces.map(|(_, text)| signs(text)).collect()
            };
            prop_assert_eq!(side(Passage::New), signs(&old.concat()));
            prop_assert_eq!(side(Passage::Gone), signs(&new.concat()));
        }
    }

    fn texts_of() -> impl Strategy<Value = Vec<String>> {
        prop::collection::vec("([abc六車]{1,2} ?){0,6}", 0..5)
    }
}

//! Names that are taken out of texts: found however they are spelled, and replaced by a mark.
//!
//! A name is the letters of its words. A text is read as a stream of letters, folded as search folds them ([`super::fold`]), each with how much stands
//! between it and the one before; an automaton (Aho and Corasick, 1975) finds all names in one pass, and what stands between a name's words decides. That is done
//! for each reading of the text (`derive`): as it is, with its escapes read, without its markup.

mod derive;

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use aho_corasick::AhoCorasick;
use unicode_normalization::UnicodeNormalization;

use super::fold::{is_ignored, is_part, one_form};
use derive::{SEAM, readings};

/// What stands in a name's place.
pub const MARK: &str = "█████";
/// What stands in its place in addresses.
pub const MARK_IN_ADDRESS: &str = "redacted";

/// How many characters that are no letters may stand between two words of a name.
const GAP: u8 = 8;
/// How often a text is looked through for what comes together once names are gone.
const PASSES: usize = 32;
/// The longest name, in letters.
const LONGEST: usize = 200;
/// The most names that are looked for at once.
pub const MOST: usize = 100_000;

/// Names that are looked for. A copy costs nothing.
#[derive(Clone, Debug, Default)]
pub struct Names(Vec<Arc<Set>>);

/// Names with the automaton that finds them.
#[derive(Debug)]
struct Set {
    names: Vec<Name>,
    finder: AhoCorasick,
}

/// A name's letters.
#[derive(Debug, Default)]
struct Name {
    letters: String,
    /// Of each letter, whether a word begins with it.
    begins: Vec<bool>,
    words: usize,
    /// Whether another letter before or behind it makes another word of it.
    bounded: (bool, bool),
}

/// A letter of a text.
struct Letter {
    /// Where it is among the folded letters.
    at: usize,
    /// Where it is in the text, with what belongs to it and shows nothing.
    range: Range<usize>,
    /// How many characters that are no letters stand before it.
    gap: u8,
    /// Whether these may stand within a word, since they don't show: signs of Markdown, tags.
    vanishes: bool,
    capital: bool,
    folded: char,
}

/// What is wrong with a text as a name; `None` if it can be looked for.
pub fn fault(name: &str) -> Option<&'static str> {
    match Name::of(name).begins.len() {
        0 | 1 => Some("it needs two letters or digits at least"),
        letters if letters > LONGEST => Some("it is longer than 200 letters"),
        _ => None,
    }
}

impl Names {
    /// Looks for nothing.
    pub fn none() -> Self {
        Self::default()
    }

    /// Looks for some names. What can't be one is left out, as is what is beyond [`MOST`].
    pub fn of<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        let names = names.into_iter().filter(|name| fault(name).is_none()).take(MOST);
        let names: Vec<Name> = names.map(Name::of).collect();
        // An automaton of so few short words can't be too large.
        let finder = AhoCorasick::new(names.iter().map(|name| &name.letters)).ok();
        let set = finder.filter(|_| !names.is_empty()).map(|finder| Arc::new(Set { names, finder }));
        Self(set.into_iter().collect())
    }

    /// Looks for others, too.
    #[must_use]
    pub fn and(&self, others: &Self) -> Self {
        Self(self.0.iter().chain(&others.0).cloned().collect())
    }

    /// Whether nothing is looked for.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a text holds one of the names.
    pub fn found(&self, text: &str) -> bool {
        let mut letters = String::new();
        !self.is_empty()
            && readings(text, |reading, _| {
                letters.clear();
                fold(reading, |_, folded| letters.extend(folded));
                self.0.iter().any(|set| {
                    set.finder.is_match(&letters) && set.find(&letters, &letters_of(reading), |_| true)
                })
            })
    }

    /// A text with a mark in the place of each name. Its lines and its markup stay: a name in two words of which one is set in bold gets two marks.
    pub fn redact<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut redacted = Cow::Borrowed(text);
        // What is left of one name may make another with what stands beside it; marks are wide, so that two passes are most.
        for _ in 0..PASSES {
            let Some(next) = self.once(&redacted) else { break };
            redacted = Cow::Owned(next);
        }
        redacted
    }

    /// A path with its names taken out, part by part, as it can be an address.
    pub fn redact_path(&self, path: &str) -> String {
        if self.is_empty() {
            return path.to_owned();
        }
        let parts: Vec<String> =
            path.split('/').map(|part| self.redact(part).replace(MARK, MARK_IN_ADDRESS)).collect();
        parts.join("/")
    }

    fn once(&self, text: &str) -> Option<String> {
        let mut pieces: Vec<Range<usize>> = Vec::new();
        let mut folded = String::new();
        readings(text, |reading, way| {
            folded.clear();
            fold(reading, |_, letters| folded.extend(letters));
            for set in self.0.iter().filter(|set| set.finder.is_match(&folded)) {
                let letters = letters_of(reading);
                set.find(&folded, &letters, |found| {
                    let back = |piece| way.iter().rev().fold(piece, |range, step| step.source(&range));
                    pieces.extend(pieces_of(&letters[found], reading).map(back));
                    false
                });
            }
            false
        });
        pieces.sort_unstable_by_key(|piece| (piece.start, piece.end));
        let (mut out, mut done) = (String::with_capacity(text.len()), 0);
        for piece in pieces.iter().filter(|piece| !piece.is_empty()) {
            if piece.start >= done {
                out.push_str(&text[done..piece.start]);
                out.push_str(MARK);
            }
            done = done.max(piece.end);
        }
        out.push_str(&text[done..]);
        (done > 0).then_some(out)
    }
}

impl Name {
    fn of(text: &str) -> Self {
        let mut name = Self::default();
        for letter in letters_of(text) {
            let begins = letter.gap > 0 || name.begins.is_empty();
            name.words += usize::from(begins);
            name.begins.push(begins);
            name.letters.push(letter.folded);
        }
        let bounded = |c: Option<char>| c.is_some_and(is_bounded);
        name.bounded = (bounded(name.letters.chars().next()), bounded(name.letters.chars().next_back()));
        name
    }
}

impl Set {
    /// Gives the names among a text's letters to `take`, until that says that it is enough.
    fn find(&self, folded: &str, letters: &[Letter], mut take: impl FnMut(Range<usize>) -> bool) -> bool {
        self.finder.find_overlapping_iter(folded).any(|hit| {
            let name = &self.names[hit.pattern().as_usize()];
            let start = letters.partition_point(|letter| letter.at < hit.start());
            let range = start..start + name.begins.len();
            name.fits(letters, &range) && take(range)
        })
    }
}

impl Name {
    /// Whether the letters of a range are the name by what stands between and around them.
    fn fits(&self, letters: &[Letter], range: &Range<usize>) -> bool {
        let within = letters[range.clone()].iter().zip(&self.begins).skip(1);
        let mut together = within.map(|(letter, begins)| match begins {
            true => letter.gap <= GAP,
            false => letter.gap == 0 || (letter.vanishes && letter.gap <= GAP),
        });
        // `JohnSmith` has its words apart by their capitals, and so has what stands beside it.
        let apart = |before: &Letter, behind: &Letter| {
            let capital = self.words > 1 && behind.capital && !before.capital;
            behind.gap > 0 || capital || !goes_on(before.folded, behind.folded)
        };
        let before = range.start.checked_sub(1).map(|before| &letters[before]);
        let begins = before.is_none_or(|before| !self.bounded.0 || apart(before, &letters[range.start]));
        let behind = letters.get(range.end);
        let ends = behind.is_none_or(|behind| !self.bounded.1 || apart(&letters[range.end - 1], behind));
        begins && ends && together.all(|together| together)
    }
}

/// Whether a character is of a script whose words end where its letters do, or a digit. Arabic and Hebrew put `and` and `to` before a name without a blank,
/// others have no blanks at all.
fn is_bounded(c: char) -> bool {
    c < '\u{530}'
        || matches!(c, '\u{1c80}'..='\u{1c8f}' | '\u{1d00}'..='\u{1fff}' | '\u{2c60}'..='\u{2c7f}' | '\u{a640}'..='\u{a69f}' | '\u{a720}'..='\u{a7ff}')
}

/// Whether two characters side by side belong to one word.
fn goes_on(before: char, behind: char) -> bool {
    is_bounded(before) && is_bounded(behind) && before.is_numeric() == behind.is_numeric()
}

/// Gives the characters of a text that are letters, or say nothing, with what they are folded to.
fn fold(text: &str, mut take: impl FnMut((usize, char), &[char])) {
    let mut several = Vec::new();
    for (at, c) in text.char_indices() {
        if c.is_ascii() {
            if c.is_ascii_alphanumeric() {
                take((at, c), &[c.to_ascii_lowercase()]);
            } else if shows_nothing(c) {
                take((at, c), &[]);
            }
            continue;
        }
        several.clear();
        let plain = c.nfkd().flat_map(char::to_lowercase).filter(|&c| !shows_nothing(c));
        for c in plain {
            match one_form(c) {
                "" => several.push(c),
                form => several.extend(form.chars()),
            }
        }
        if several.iter().any(|&c| is_part(c)) || shows_nothing(c) {
            several.retain(|&c| is_part(c));
            take((at, c), &several);
        }
    }
}

/// The letters of a text.
fn letters_of(text: &str) -> Vec<Letter> {
    let mut letters: Vec<Letter> = Vec::new();
    let (mut at, mut last) = (0, 0);
    fold(text, |(start, c), folded| {
        let end = start + c.len_utf8();
        // Beyond what may stand between two words nothing needs to be counted.
        let between = &text[last..start];
        if folded.is_empty() {
            if let Some(letter) = letters.last_mut().filter(|_| between.is_empty()) {
                letter.range.end = end;
                last = end;
            }
            return;
        }
        let gap = between.chars().filter(|c| !shows_nothing(*c)).take(usize::from(GAP) + 1).count() as u8;
        let vanishes = gap <= GAP && between.chars().all(vanishes);
        for (number, &folded) in folded.iter().enumerate() {
            let (gap, vanishes) = if number == 0 { (gap, vanishes) } else { (0, true) };
            letters.push(Letter { at, range: start..end, gap, vanishes, capital: c.is_uppercase(), folded });
            at += folded.len_utf8();
        }
        last = end;
    });
    letters
}

/// Whether a character shows nothing: what search ignores, and what a name could be cut with. A NUL is among them: text in UTF-16 is full of them.
fn shows_nothing(c: char) -> bool {
    let cuts =
        matches!(c, '\0' | '\u{180e}' | '\u{200b}' | '\u{2061}'..='\u{2064}' | '\u{e0000}'..='\u{e0fff}');
    cuts || is_ignored(c)
}

/// Whether a character between two letters may be gone once a text is shown.
fn vanishes(c: char) -> bool {
    matches!(c, SEAM | '*' | '_' | '~' | '`' | '\\' | '[' | ']' | '^') || shows_nothing(c)
}

/// The pieces of a text that letters are, with what is no more than a blank between two of them.
fn pieces_of<'t>(letters: &'t [Letter], text: &'t str) -> impl Iterator<Item = Range<usize>> + use<'t> {
    let plain =
        |c: char| matches!(c, ' ' | '\t' | '\u{a0}' | '-' | '.' | '\'' | '’' | '+') || shows_nothing(c);
    let joined = move |a: &Letter, b: &Letter| {
        b.range.start < a.range.end || text[a.range.end..b.range.start].chars().all(plain)
    };
    letters.chunk_by(joined).filter_map(|piece| Some(piece.first()?.range.start..piece.last()?.range.end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redacted(names: &[&str], text: &str) -> String {
        Names::of(names.iter().copied()).redact(text).into_owned()
    }

    #[test]
    fn a_name_is_found_in_every_spelling() {
        for spelled in [
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
            let names = Names::of(["Jörg Müller"]);
            let text = format!("Then {spelled} said.");
            assert!(names.found(&text), "{spelled:?}");
            let clean = names.redact(&text);
            assert!(clean.contains(MARK) && !names.found(&clean), "{spelled:?}: {clean:?}");
            let seen = ["rg", "ller"].iter().any(|part| clean.to_lowercase().contains(part));
            assert!(!seen, "{spelled:?}: {clean:?}");
        }
    }

    #[test]
    fn other_words_are_left_alone() {
        for other in
            ["Joann Smithson", "John, and then much later Smith", "Annabel", "John Smiths", "d'Annunzio"]
        {
            assert_eq!(redacted(&["John Smith", "Ann"], other), other);
        }
        assert_eq!(redacted(&["محمد"], "قال لمحمد"), format!("قال ل{MARK}"));
        assert_eq!(redacted(&["王明"], "記者王明報道"), format!("記者{MARK}報道"));
    }

    #[test]
    fn markup_and_lines_stay() {
        assert_eq!(redacted(&["John Smith"], "a John **Smith** b"), format!("a {MARK} **{MARK}** b"));
        assert_eq!(redacted(&["John Smith"], "John</b> <i>Smith"), format!("{MARK}</b> <i>{MARK}"));
        assert_eq!(redacted(&["John Smith"], "- John\n- Smith"), format!("- {MARK}\n- {MARK}"));
        assert_eq!(redacted(&["John Smith"], "john-smith-2.jpg"), format!("{MARK}-2.jpg"));
        assert_eq!(redacted(&["John Smith"], "photoJohnSmithGate"), format!("photo{MARK}Gate"));
        assert_eq!(redacted(&["O'Brien"], "O&#39;Brien's"), format!("{MARK}'s"));
    }

    #[test]
    fn what_is_left_makes_no_name() {
        let text = redacted(&["John Smith"], "John John Smith Smith");
        assert!(!text.contains("John") && !text.contains("Smith"), "{text}");
        let long = "王".repeat(50_000) + &"明".repeat(50_000);
        assert!(redacted(&["王明"], &long).contains(MARK));
        assert!(!Names::of(["ab"]).found(&"<a&amp;\\[(](".repeat(20_000)));
    }

    #[test]
    fn names_need_letters() {
        assert!(fault("?!").is_some() && fault("A").is_some() && fault(&"ab".repeat(101)).is_some());
        assert!(fault("Al").is_none() && Names::of(["?"]).is_empty());
    }
}

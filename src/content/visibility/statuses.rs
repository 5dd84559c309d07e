//! The values of `status:`, of this program and of others.

use super::look_alikes::fold_look_alikes;
use crate::model::Status;

/// The effect of a known value of `status:`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    /// A status of this program.
    Own(Status),
    /// Another system's word for a published article.
    Publish,
    /// Another system's word for an article that it publishes at its date.
    Schedule,
    /// Another system's word for an article that isn't finished. `--drafts` includes it.
    Draft,
    /// Another system's word for an article that readers must not see, or that only some readers
    /// may see.
    Withhold,
}

/// Every known value of `status:`, in lower case, American spelling and with spaces between words.
/// `docs/corrections.md` lists them, too.
///
/// Sources: the documentation of WordPress (post statuses, Edit Flow, PublishPress), Ghost
/// (`status` and `visibility`), Drupal (content moderation, `status: 0`), Movable Type, Joomla,
/// Docusaurus (`unlisted`), Arc and Superdesk, and IPTC (`pubStatus`).
#[rustfmt::skip]
const STATUSES: &[(Effect, &[&str])] = &[
    (Effect::Own(Status::Published), &["published"]),
    (Effect::Own(Status::Corrected), &["corrected"]),
    (Effect::Own(Status::Retracted), &["retracted"]),
    (Effect::Own(Status::Unpublished), &["unpublished"]),
    (Effect::Own(Status::Anonymized), &["anonymized"]),
    (Effect::Publish, &["publish", "public", "live", "featured", "usable"]),
    (Effect::Schedule, &["future", "scheduled", "schedule"]),
    (Effect::Draft, &[
        "draft", "auto draft", "pending", "pending review", "review", "in review", "under review",
        "needs review", "ready for review", "awaiting review", "in progress", "work in progress",
        "wip", "unfinished", "incomplete", "submitted", "assigned", "pitch", "planned", "editing",
        "in editing", "ready to publish", "ready for publication",
    ]),
    (Effect::Withhold, &[
        "unpublish", "not published", "not public", "depublished", "hidden", "private", "trash",
        "trashed", "removed", "deleted", "withdrawn", "suppressed", "embargoed", "takedown",
        "taken down", "offline", "disabled", "inactive", "expired",
        "spiked", "killed", "recalled", "withheld", "withhold", "on hold", "hold", "held",
        "unlisted", "password", "protected", "password protected", "members", "members only",
        "paid", "subscribers", "subscribers only", "registered", "tiers", "restricted",
        "confidential", "internal", "email only", "sent", "rejected", "declined", "blocked",
        "inherit", "spam", "junk", "0",
    ]),
];

/// Words that are one edit away from a short withholding status, but another word.
const OTHER_WORDS: [&str; 16] = [
    "sold", "gold", "cold", "bold", "old", "help", "rent", "cent", "spent", "vip", "zip", "win",
    "preview", "span", "eternal", "interval",
];

/// The words of a table that probably are misspelled in a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Misspellings {
    /// Those of any length, also as one word of several: the value can only be a status.
    AnyWord,
    /// Those of at least 5 letters: the value may be something else, such as a state of the USA.
    LongWords,
}

/// The meaning of a value of `status:`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StatusMeaning {
    /// A status of this program, or another system's word for `published`.
    Own(Status),
    /// Another system's status of an article that it publishes at its date.
    Scheduled,
    /// Another system's status of an article that isn't finished.
    Draft(&'static str),
    /// Another system's status of an article that readers must not see.
    Withheld(&'static str),
    /// Probably a misspelling of this status, which hides an article.
    Misspelled(&'static str),
    /// A status that isn't known.
    Unknown,
}

impl StatusMeaning {
    /// Returns the meaning of a value. Case, hyphens and underscores between words, and whether a
    /// word has the American or the British spelling, don't matter.
    pub(crate) fn parse(value: &str) -> Self {
        Self::parse_with(value, Misspellings::AnyWord)
    }

    /// Returns the meaning of a value, of which only some misspellings count.
    pub(super) fn parse_with(value: &str, misspellings: Misspellings) -> Self {
        let written = fold_spaces(&value.to_lowercase());
        let american = american_spelling(&written);
        let words = STATUSES
            .iter()
            .flat_map(|(effect, words)| words.iter().map(move |word| (*word, *effect)));
        if let Some((word, effect)) = words.clone().find(|(word, _)| *word == american) {
            return match effect {
                Effect::Own(status) => Self::Own(status),
                Effect::Publish => Self::Own(Status::Published),
                Effect::Schedule => Self::Scheduled,
                Effect::Draft => Self::Draft(word),
                Effect::Withhold => Self::Withheld(word),
            };
        }
        let folded = fold_spaces(&fold_look_alikes(value));
        misspelled_status(&folded, misspellings).map_or(Self::Unknown, Self::Misspelled)
    }

    /// Returns true if an article with the status isn't published.
    pub(crate) fn conceals(self) -> bool {
        match self {
            Self::Own(status) => status == Status::Unpublished,
            Self::Draft(_) | Self::Withheld(_) | Self::Misspelled(_) => true,
            Self::Scheduled | Self::Unknown => false,
        }
    }
}

/// The withholding statuses, apart from numbers.
fn withholding_words() -> impl Iterator<Item = &'static str> {
    let withholding = STATUSES.iter().filter(|(effect, _)| {
        matches!(effect, Effect::Draft | Effect::Withhold | Effect::Own(Status::Unpublished))
    });
    let words = withholding.flat_map(|(_, words)| words.iter().copied());
    words.filter(|word| word.contains(char::is_alphabetic))
}

/// Returns the withholding status that a value is a misspelling of: one edit away (two adjacent
/// letters that are swapped are one edit), or the same but for spaces and punctuation, or one word
/// of several.
fn misspelled_status(value: &str, misspellings: Misspellings) -> Option<&'static str> {
    if OTHER_WORDS.contains(&value) {
        return None;
    }
    let letters: String = value.chars().filter(|c| c.is_alphanumeric()).collect();
    let is_near = |status: &&str| {
        let compact: String = status.chars().filter(|c| c.is_alphanumeric()).collect();
        (misspellings == Misspellings::AnyWord || compact.len() >= 5)
            && (strsim::osa_distance(value, status) <= 1
                || strsim::osa_distance(&letters, &compact) <= 1)
    };
    let has_word = |status: &&str| {
        misspellings == Misspellings::AnyWord
            && value.split(|c: char| !c.is_alphanumeric()).any(|word| word == *status)
    };
    // A value that is the same but for spaces is that status.
    let is_same = |status: &&str| letters.chars().eq(status.chars().filter(|c| *c != ' '));
    withholding_words()
        .find(is_same)
        .or_else(|| withholding_words().find(is_near))
        .or_else(|| withholding_words().find(has_word))
}

/// Returns a value with single spaces between its words.
fn fold_spaces(value: &str) -> String {
    let is_space = |c: char| c.is_whitespace() || matches!(c, '-' | '_');
    value.split(is_space).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Returns a word with the American spelling of its ending.
fn american_spelling(word: &str) -> String {
    match word.strip_suffix("ised") {
        Some(stem) => format!("{stem}ized"),
        None => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_of_other_systems_have_a_meaning() {
        for word in ["publish", " Published ", "PUBLIC", "live", "featured", "usable"] {
            assert_eq!(StatusMeaning::parse(word), StatusMeaning::Own(Status::Published), "{word}");
        }
        for word in [
            "hidden",
            "Private",
            "TRASH",
            "removed",
            "deleted",
            "withdrawn",
            "on_hold",
            "Password-protected",
            "members only",
            "unlisted",
            "expired",
            "0",
            "spam",
        ] {
            assert!(matches!(StatusMeaning::parse(word), StatusMeaning::Withheld(_)), "{word}");
        }
        for word in ["draft", "pending", "in review", "in-progress", "WIP", "auto-draft"] {
            assert!(matches!(StatusMeaning::parse(word), StatusMeaning::Draft(_)), "{word}");
        }
        for word in ["future", "Scheduled"] {
            assert_eq!(StatusMeaning::parse(word), StatusMeaning::Scheduled, "{word}");
        }
        for word in ["anonymised", "Anonymized", "ANONYMISED"] {
            assert_eq!(
                StatusMeaning::parse(word),
                StatusMeaning::Own(Status::Anonymized),
                "{word}"
            );
        }
    }

    #[test]
    fn misspellings_conceal() {
        for word in [
            "unpublshed",
            "unpulbished",
            "unpublishedd",
            "unpublised",
            "un-published",
            "Un Published",
            "prviate",
            "draft, needs a lawyer",
            "withdraw",
            "ｐｒｉｖａｔｅ",
            "unрubliѕhеd",
            "un\u{200b}published",
            "holdd",
            "on hodl",
        ] {
            assert!(matches!(StatusMeaning::parse(word), StatusMeaning::Misspelled(_)), "{word}");
        }
        for word in ["active", "archived", "approved", "publishd", "retractd", "", "1", "sold"] {
            assert_eq!(StatusMeaning::parse(word), StatusMeaning::Unknown, "{word}");
        }
    }

    /// Returns every string that one edit makes of a word.
    fn edits(word: &str) -> Vec<String> {
        let chars: Vec<char> = word.chars().collect();
        let with = |from: usize, to: usize, middle: &[char]| -> String {
            chars[..from].iter().chain(middle).chain(&chars[to..]).collect()
        };
        let mut edited = Vec::new();
        for at in 0..=chars.len() {
            edited.extend(('a'..='z').map(|letter| with(at, at, &[letter])));
            if at < chars.len() {
                edited.push(with(at, at + 1, &[]));
                edited.extend(('a'..='z').map(|letter| with(at, at + 1, &[letter])));
            }
            if at + 1 < chars.len() {
                edited.push(with(at, at + 2, &[chars[at + 1], chars[at]]));
            }
        }
        edited
    }

    #[test]
    fn every_string_within_one_edit_of_a_withholding_status_conceals() {
        let mut count = 0;
        for edited in withholding_words().flat_map(edits) {
            let is_other_word = OTHER_WORDS.contains(&edited.as_str())
                || STATUSES.iter().any(|(effect, words)| {
                    matches!(effect, Effect::Publish | Effect::Schedule)
                        && words.contains(&edited.as_str())
                });
            let conceals = StatusMeaning::parse(&edited).conceals();
            assert!(conceals || is_other_word, "{edited}");
            count += 1;
        }
        assert!(count > 30_000, "{count}");
    }

    /// `state:` may be a state of the USA, by its name or an abbreviation.
    #[test]
    fn states_of_the_usa_are_no_misspellings() {
        let names = "Alabama Alaska Arizona Arkansas California Colorado Connecticut Delaware \
            Florida Georgia Hawaii Idaho Illinois Indiana Iowa Kansas Kentucky Louisiana Maine \
            Maryland Massachusetts Michigan Minnesota Mississippi Missouri Montana Nebraska Nevada \
            Ohio Oklahoma Oregon Pennsylvania Tennessee Texas Utah Vermont Virginia Washington \
            Wisconsin Wyoming WI WV PA Wis. Pa. Conn. Hampshire Jersey Mexico Dakota Carolina";
        for name in names.split_whitespace() {
            let meaning = StatusMeaning::parse_with(name, Misspellings::LongWords);
            assert_eq!(meaning, StatusMeaning::Unknown, "{name}");
        }
    }
}

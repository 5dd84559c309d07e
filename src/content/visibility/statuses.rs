//! The values of `status:`, of this program and of others.

use crate::model::Status;

/// The effect of a known value of `status:`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    /// A status of this program.
    Own(Status),
    /// Another system's word for a published article.
    Publish,
    /// Another system's word for an article that isn't finished. `--drafts` includes it.
    Draft,
    /// Another system's word for an article that readers must not see.
    Withhold,
}

/// Every known value of `status:`, in lower case and American spelling: those of this program, of
/// WordPress, Ghost, Drupal, Movable Type and others.
const STATUSES: &[(&str, Effect)] = &[
    ("published", Effect::Own(Status::Published)),
    ("corrected", Effect::Own(Status::Corrected)),
    ("retracted", Effect::Own(Status::Retracted)),
    ("unpublished", Effect::Own(Status::Unpublished)),
    ("anonymized", Effect::Own(Status::Anonymized)),
    ("publish", Effect::Publish),
    ("public", Effect::Publish),
    ("live", Effect::Publish),
    ("featured", Effect::Publish),
    ("draft", Effect::Draft),
    ("pending", Effect::Draft),
    ("unpublish", Effect::Withhold),
    ("not published", Effect::Withhold),
    ("hidden", Effect::Withhold),
    ("private", Effect::Withhold),
    ("trash", Effect::Withhold),
    ("trashed", Effect::Withhold),
    ("removed", Effect::Withhold),
    ("deleted", Effect::Withhold),
    ("withdrawn", Effect::Withhold),
    ("suppressed", Effect::Withhold),
    ("embargoed", Effect::Withhold),
    ("takedown", Effect::Withhold),
    ("taken down", Effect::Withhold),
    ("depublished", Effect::Withhold),
    ("offline", Effect::Withhold),
    ("spiked", Effect::Withhold),
    ("killed", Effect::Withhold),
];

/// The meaning of a value of `status:`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StatusMeaning {
    /// A status of this program, or another system's word for `published`.
    Own(Status),
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
    /// Returns the meaning of a value. Case, and whether a word has the American or the British
    /// spelling, don't matter.
    pub(crate) fn parse(value: &str) -> Self {
        let value = fold_spaces(value);
        let american = american_spelling(&value);
        if let Some((word, effect)) = STATUSES.iter().find(|(word, _)| *word == american) {
            return match effect {
                Effect::Own(status) => Self::Own(*status),
                Effect::Publish => Self::Own(Status::Published),
                Effect::Draft => Self::Draft(word),
                Effect::Withhold => Self::Withheld(word),
            };
        }
        misspelled_status(&value).map_or(Self::Unknown, Self::Misspelled)
    }

    /// Returns true if an article with the status isn't published.
    pub(crate) fn conceals(self) -> bool {
        !matches!(self, Self::Unknown)
            && !matches!(self, Self::Own(status) if status != Status::Unpublished)
    }
}

/// Returns the withholding status that a value is a misspelling of: one edit away (two adjacent
/// letters that are swapped are one edit), or the same but for spaces and punctuation, or one word
/// of several.
fn misspelled_status(value: &str) -> Option<&'static str> {
    let letters: String = value.chars().filter(|c| c.is_alphanumeric()).collect();
    let has_word = |status: &str| value.split(|c: char| !c.is_alphanumeric()).any(|w| w == status);
    let candidates = || {
        STATUSES
            .iter()
            .filter(|(_, effect)| {
                matches!(
                    effect,
                    Effect::Draft | Effect::Withhold | Effect::Own(Status::Unpublished)
                )
            })
            .map(|(word, _)| *word)
    };
    let is_near = |status: &&str| {
        let compact: String = status.chars().filter(|c| c.is_alphanumeric()).collect();
        strsim::osa_distance(value, status) <= 1 || strsim::osa_distance(&letters, &compact) <= 1
    };
    candidates().find(is_near).or_else(|| candidates().find(|status| has_word(status)))
}

/// Returns a value in lower case and with single spaces.
fn fold_spaces(value: &str) -> String {
    value.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
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
        for word in ["publish", " Published ", "PUBLIC", "live", "featured"] {
            assert_eq!(StatusMeaning::parse(word), StatusMeaning::Own(Status::Published), "{word}");
        }
        for word in ["hidden", "Private", "TRASH", "removed", "deleted", "withdrawn"] {
            assert!(matches!(StatusMeaning::parse(word), StatusMeaning::Withheld(_)), "{word}");
        }
        for word in ["draft", "pending"] {
            assert!(matches!(StatusMeaning::parse(word), StatusMeaning::Draft(_)), "{word}");
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
            "pending review",
            "draft, needs a lawyer",
            "auto-draft",
            "withdraw",
        ] {
            assert!(matches!(StatusMeaning::parse(word), StatusMeaning::Misspelled(_)), "{word}");
        }
        for word in ["active", "archived", "in review", "publishd", "retractd", ""] {
            assert_eq!(StatusMeaning::parse(word), StatusMeaning::Unknown, "{word}");
        }
    }
}

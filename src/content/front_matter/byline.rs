//! Bylines as newspapers print them: `By Jane Doe, Ann Ames and John Roe`.

/// Words of titles, which aren't names. A byline with one of them isn't divided.
const TITLE_WORDS: [&str; 11] = [
    "Bureau",
    "Chief",
    "Columnist",
    "Contributor",
    "Correspondent",
    "Editor",
    "Press",
    "Reporter",
    "Service",
    "Staff",
    "Writer",
];

/// Returns the authors of a byline. It is divided only if each part looks like the name of a
/// person, and otherwise is one author.
pub(super) fn split_byline(byline: &str) -> Vec<String> {
    let byline = byline.trim();
    let has_by = byline.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("by "));
    let byline = if has_by { byline[3..].trim_start() } else { byline };
    let Some((first, last)) = byline.rsplit_once(" and ").or_else(|| byline.rsplit_once(" & "))
    else {
        return vec![byline.to_owned()];
    };
    let parts: Vec<&str> =
        first.trim_end_matches(',').split(", ").chain([last]).map(str::trim).collect();
    if parts.iter().all(|part| is_name(part)) {
        parts.into_iter().map(str::to_owned).collect()
    } else {
        vec![byline.to_owned()]
    }
}

/// Returns true for two to five words, of which the first and the last begin with a capital letter
/// or with a letter of a script without capital letters.
fn is_name(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_capitalized = |word: Option<&&str>| {
        word.and_then(|word| word.chars().next())
            .is_some_and(|c| c.is_alphabetic() && !c.is_lowercase())
    };
    (2..=5).contains(&words.len())
        && is_capitalized(words.first())
        && is_capitalized(words.last())
        && !words.iter().any(|word| TITLE_WORDS.contains(word) || *word == "and")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byline_is_divided_into_names() {
        for (byline, authors) in [
            ("By Ada Ash and Bo van der Elm", &["Ada Ash", "Bo van der Elm"][..]),
            ("BY Ada Ash, Bo Elm and Cy Fir", &["Ada Ash", "Bo Elm", "Cy Fir"]),
            ("Ada Ash, Bo Elm, and Cy Fir", &["Ada Ash", "Bo Elm", "Cy Fir"]),
            ("by Ada Ash & Bo Elm", &["Ada Ash", "Bo Elm"]),
            ("By Ada Ash", &["Ada Ash"]),
            ("Ada Ash", &["Ada Ash"]),
            ("Ada Ash, Staff Writer and Bo Elm", &["Ada Ash, Staff Writer and Bo Elm"]),
            ("Science and Health News", &["Science and Health News"]),
            ("Byron Ash", &["Byron Ash"]),
        ] {
            assert_eq!(split_byline(byline), authors, "{byline}");
        }
    }
}

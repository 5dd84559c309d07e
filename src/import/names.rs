//! The names in bylines.

/// Words that precede the names, in lower case.
const INTRODUCTIONS: [&str; 7] =
    ["by ", "by: ", "written by ", "reported by ", "von ", "par ", "por "];

/// Splits a byline such as `By A. Reporter and B. Correspondent` into names. Names that are written
/// with the family name first (`Reporter, A.`) stay as they are.
pub(crate) fn split_byline(byline: &str) -> Vec<String> {
    let mut text = byline.trim();
    let lower = text.to_ascii_lowercase();
    let is_introduction = |start: &&&str| lower.starts_with(**start) || lower == start.trim_end();
    if let Some(introduction) = INTRODUCTIONS.iter().find(is_introduction) {
        text = text.get(introduction.len()..).unwrap_or_default().trim_start();
    }
    let parts = text.split(" and ").flat_map(|part| part.split(" & "));
    let parts = parts.flat_map(|part| part.split([';', '/', '|', '،']));
    let names = parts.flat_map(split_at_commas).map(|name| name.trim().to_owned());
    names.filter(|name| name.chars().any(char::is_alphanumeric)).collect()
}

/// Splits a list of full names at commas. A part without a space is a family name, a given name or
/// a suffix (`Jr.`), so the text is one name.
fn split_at_commas(text: &str) -> Vec<&str> {
    let parts: Vec<&str> = text.split(',').map(str::trim).filter(|part| !part.is_empty()).collect();
    if parts.iter().all(|part| part.contains(' ')) { parts } else { vec![text] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bylines_are_split() {
        for (byline, names) in [
            ("By A. Reporter", &["A. Reporter"][..]),
            ("A. Reporter and B. Writer", &["A. Reporter", "B. Writer"]),
            ("A. Reporter, B. Writer & C. Editor", &["A. Reporter", "B. Writer", "C. Editor"]),
            ("Martin Luther King, Jr.", &["Martin Luther King, Jr."]),
            ("Staff", &["Staff"]),
            (" By ", &[]),
            ("نامہ نگار", &["نامہ نگار"]),
        ] {
            assert_eq!(split_byline(byline), names, "{byline}");
        }
    }
}

//! Texts that list several names to redact.

/// Returns the names in a text that should be one name, with the text itself: an editor may write
/// several into one value. Lines and parts between semicolons are names. Parts between commas,
/// `and` or `&` are names only if each has two words or more, because `Smith, John` is one name.
/// A part in parentheses after a name is left out: `John Smith (witness)`.
pub(crate) fn listed_names(text: &str) -> Vec<String> {
    let mut names = vec![text.to_owned()];
    for part in text.split(['\n', '\r', ';']) {
        add_name(&mut names, part);
        let people: Vec<&str> = part
            .split([',', '&'])
            .flat_map(|part| part.split(" and "))
            .map(str::trim)
            .filter(|person| !person.is_empty())
            .collect();
        if people.iter().all(|person| person.split_whitespace().nth(1).is_some()) {
            people.into_iter().for_each(|person| add_name(&mut names, person));
        }
    }
    names
}

/// Adds a name that isn't in the list, without parentheses after it.
fn add_name(names: &mut Vec<String>, name: &str) {
    let plain = name.split('(').next().unwrap_or_default().trim();
    let has_letters = |name: &&str| name.chars().filter(|c| c.is_alphanumeric()).count() > 1;
    for name in [name.trim(), plain].iter().filter(|name| has_letters(name)) {
        if !names.iter().any(|known| known == name) {
            names.push((*name).to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::listed_names;

    #[test]
    fn several_names_in_one_text_are_found() {
        for text in [
            "Jane Roe, John Doe",
            "Jane Roe and John Doe",
            "Jane Roe & John Doe",
            "Jane Roe; John Doe",
            "Jane Roe\nJohn Doe\n",
            "Jane Roe (witness); John Doe (driver)",
        ] {
            let names = listed_names(text);
            assert!(names.iter().any(|name| name == "Jane Roe"), "{text}: {names:?}");
            assert!(names.iter().any(|name| name == "John Doe"), "{text}: {names:?}");
        }
        for text in ["Roe, Jane", "Jane Roe", "Rand and McNally", "Anderson"] {
            assert_eq!(listed_names(text), [text]);
        }
    }
}

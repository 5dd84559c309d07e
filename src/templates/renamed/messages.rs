//! Old keys in a file of interface text.

use super::names::{MESSAGE_KEYS, NameKind, RenamedName};

/// Returns the old keys in a YAML file, in the order of the table. `keys` are the keys of the
/// parsed file.
pub(crate) fn find_in_messages(source: &str, keys: &[&str]) -> Vec<RenamedName> {
    let is_used = |(old, _): &&(&str, &str)| keys.contains(old);
    let find = |names: &(&str, &str)| {
        let start = find_key(source, names.0)?;
        let range = start..start + names.0.len();
        let mut name = RenamedName::replaced(NameKind::MessageKey, *names, range);
        // A second entry with the same key would make the file invalid.
        name.edit = name.edit.filter(|_| !keys.contains(&names.1));
        Some(name)
    };
    MESSAGE_KEYS.iter().filter(is_used).filter_map(find).collect()
}

/// Returns the offset of a key: of the word that a colon follows, at the beginning of a line, after
/// `{` or after a comma.
fn find_key(source: &str, key: &str) -> Option<usize> {
    let is_key = |(start, _): &(usize, &str)| {
        let before = source[..*start].trim_end_matches(['"', '\'']);
        let after = source[start + key.len()..].trim_start_matches(['"', '\'']);
        let begins = before.is_empty()
            || before.ends_with(['\n', '\u{feff}'])
            || before.trim_end().ends_with(['{', ',']);
        begins && after.trim_start().starts_with(':')
    };
    source.match_indices(key).find(is_key).map(|(start, _)| start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::templates::renamed::replace_names;

    #[test]
    fn old_keys_are_found_in_all_styles() {
        for (source, keys, expected) in [
            (
                "more_stories: more_stories: x\n",
                vec!["more_stories"],
                "more_articles: more_stories: x\n",
            ),
            (
                "# more_stories\n\"share_mail\" : a\n",
                vec!["share_mail"],
                "# more_stories\n\"share_email\" : a\n",
            ),
            (
                "{a: story_one, story_one: b}",
                vec!["a", "story_one"],
                "{a: story_one, article_one: b}",
            ),
            ("a: b\n", vec!["a"], "a: b\n"),
            (
                "share_mail: a\nshare_email: b\n",
                vec!["share_mail", "share_email"],
                "share_mail: a\nshare_email: b\n",
            ),
        ] {
            let names = find_in_messages(source, &keys);
            assert_eq!(replace_names(source, &names), expected);
        }
    }
}

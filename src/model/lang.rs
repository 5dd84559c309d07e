//! Language tags.

/// Returns a tag in its usual form, so that `pt_br` and `pt-BR` are the same (RFC 5646, section
/// 2.1.1): the language in lower case, the script in title case, the region in upper case.
pub(crate) fn canonical_tag(tag: &str) -> String {
    let canonical_subtag = |(index, subtag): (usize, &str)| match subtag.len() {
        2 if index > 0 => subtag.to_ascii_uppercase(),
        4 if index > 0 && subtag.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
            subtag[..1].to_ascii_uppercase() + &subtag[1..].to_ascii_lowercase()
        }
        _ => subtag.to_ascii_lowercase(),
    };
    tag.split(['-', '_']).enumerate().map(canonical_subtag).collect::<Vec<String>>().join("-")
}

/// Returns true if a text has the form of a language tag (BCP 47): up to 35 characters, in parts of
/// 1 to 8 letters and digits.
pub(crate) fn is_tag(tag: &str) -> bool {
    let is_part = |part: &str| {
        (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    tag.len() <= 35 && tag.split('-').all(is_part)
}

#[cfg(test)]
mod tests {
    use super::canonical_tag;

    #[test]
    fn one_tag_has_one_spelling() {
        for (written, tag) in [
            ("UR", "ur"),
            ("pt_br", "pt-BR"),
            ("ZH-hant-tw", "zh-Hant-TW"),
            ("sl-1994", "sl-1994"),
            ("", ""),
        ] {
            assert_eq!(canonical_tag(written), tag);
        }
    }
}

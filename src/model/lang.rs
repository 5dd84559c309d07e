//! Tags of languages.

/// A tag as it is usually written, so that `pt_br` and `pt-BR` are one (RFC 5646, section 2.1.1): the language small, a script with a capital,
/// a country in capitals.
pub fn canonical_tag(tag: &str) -> String {
    let part = |(at, part): (usize, &str)| match part.len() {
        2 if at > 0 => part.to_ascii_uppercase(),
        4 if at > 0 && part.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
            part[..1].to_ascii_uppercase() + &part[1..].to_ascii_lowercase()
        }
        _ => part.to_ascii_lowercase(),
    };
    tag.split(['-', '_']).enumerate().map(part).collect::<Vec<String>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::canonical_tag;

    #[test]
    fn one_tag_has_one_spelling() {
        for (written, tag) in
            [("UR", "ur"), ("pt_br", "pt-BR"), ("ZH-hant-tw", "zh-Hant-TW"), ("sl-1994", "sl-1994"), ("", "")]
        {
            assert_eq!(canonical_tag(written), tag);
        }
    }
}

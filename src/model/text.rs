//! Parts of texts.

/// Returns the beginning of a text: at most a number of bytes, in whole characters.
pub(crate) fn beginning(text: &str, max_bytes: usize) -> &str {
    let mut end = text.len().min(max_bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Returns true if a text contains one of three ASCII characters three times in a row.
pub(crate) fn contains_tripled(text: &str, characters: [u8; 3]) -> bool {
    let [a, b, c] = characters;
    let bytes = text.as_bytes();
    memchr::memchr3_iter(a, b, c, bytes)
        .any(|at| bytes.get(at + 1..at + 3).is_some_and(|next| next == [bytes[at]; 2]))
}

#[cfg(test)]
mod tests {
    use super::{beginning, contains_tripled};

    #[test]
    fn tripled_characters_are_found() {
        let is_found = |text| contains_tripled(text, [b'!', b'?', b':']);
        assert!(["!!!", "ï ???", "a: :::x", "::::"].into_iter().all(is_found));
        assert!(!["", "!", "!!", "!?!", "::?", "a:: :", "ï…"].into_iter().any(is_found));
    }

    #[test]
    fn characters_are_whole() {
        assert_eq!(beginning("naïve", 3), "na");
        assert_eq!(beginning("naïve", 4), "naï");
        assert_eq!(beginning("naïve", 64), "naïve");
        assert_eq!(beginning("ï", 1), "");
    }
}

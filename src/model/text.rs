//! Parts of texts.

/// Returns the beginning of a text: at most a number of bytes, in whole characters.
pub(crate) fn beginning(text: &str, max_bytes: usize) -> &str {
    let mut end = text.len().min(max_bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::beginning;

    #[test]
    fn characters_are_whole() {
        assert_eq!(beginning("naïve", 3), "na");
        assert_eq!(beginning("naïve", 4), "naï");
        assert_eq!(beginning("naïve", 64), "naïve");
        assert_eq!(beginning("ï", 1), "");
    }
}

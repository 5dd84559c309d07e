//! Words, as an import counts them: maximal runs of letters or digits.

/// Returns the words of a text.
pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// Counts the words of a text.
pub(crate) fn count_words(text: &str) -> usize {
    words(text).count()
}

/// Returns the beginning of a text, at most `max_chars` long and cut between words.
pub(crate) fn beginning(text: &str, max_chars: usize) -> String {
    let text = text.trim();
    let Some((end, _)) = text.char_indices().nth(max_chars) else { return text.to_owned() };
    let cut = text[..end].rfind(char::is_whitespace).unwrap_or(end);
    format!("{}…", text[..cut].trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_runs_of_letters_and_digits() {
        assert_eq!(words("Iran's 3.5 %—no").collect::<Vec<_>>(), ["Iran", "s", "3", "5", "no"]);
        assert_eq!(count_words("اسلام آباد:"), 2);
        assert_eq!(count_words(" … "), 0);
    }

    #[test]
    fn beginnings_end_between_words() {
        assert_eq!(beginning(" One two ", 20), "One two");
        assert_eq!(beginning("One two three", 9), "One two…");
        assert_eq!(beginning("Abcdefghij", 4), "Abcd…");
    }
}

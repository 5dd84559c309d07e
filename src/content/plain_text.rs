//! Plain text from front matter.

use std::borrow::Cow;

/// Returns true if a slug can be made from a text: it contains a letter or a digit.
pub(crate) fn can_become_slug(text: &str) -> bool {
    text.chars().any(char::is_alphanumeric)
}

/// Converts a text of front matter to plain text: decodes entities, removes control characters, and
/// collapses white space.
pub(crate) fn to_plain_text(text: &str) -> String {
    // Most text is clean ASCII already: only single spaces, none at the ends, no entity, no control
    // character.
    let bytes = text.as_bytes();
    let is_clean = |byte: u8| (b' '..0x7f).contains(&byte) && byte != b'&';
    // A fold is vectorized; a search would examine one byte at a time.
    if bytes.iter().fold(true, |all, &byte| all & is_clean(byte))
        && !text.contains("  ")
        && !text.starts_with(' ')
        && !text.ends_with(' ')
    {
        return text.to_owned();
    }
    let decoded: Cow<'_, str> =
        if text.contains('&') { html_escape::decode_html_entities(text) } else { text.into() };
    let mut out = String::with_capacity(decoded.len());
    for word in
        decoded.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty())
    {
        if !out.is_empty() {
            out.push(' ');
        }
        // XML doesn't allow U+FFFE and U+FFFF.
        out.extend(word.chars().filter(|c| !matches!(c, '\u{fffe}' | '\u{ffff}')));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_one_clean_line() {
        assert_eq!(
            to_plain_text("Q&amp;A:\n  caf\u{e9}\u{0}\u{b} &#8220;x&#8221;"),
            "Q&A: café “x”"
        );
    }
}

//! The syntax of shortcodes (WordPress, `shortcode_parse_atts`).

/// The maximum length of a shortcode, in bytes. A longer one is text.
const MAX_TAG_BYTES: usize = 8192;

/// A shortcode: `[name argument="value"]` or `[/name]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ShortcodeTag<'s> {
    /// Its source.
    pub(super) source: &'s str,
    /// Its name in lower case.
    pub(super) name: String,
    pub(super) is_closing: bool,
    /// Names in lower case, and values; the name of a value alone is empty.
    pub(super) arguments: Vec<(String, &'s str)>,
}

impl<'s> ShortcodeTag<'s> {
    /// Parses the shortcode at the start of a text; `None` if it begins with other text.
    pub(super) fn parse(text: &'s str) -> Option<Self> {
        let inner = text.strip_prefix('[')?;
        let is_closing = inner.starts_with('/');
        let name_start = 1 + usize::from(is_closing);
        let rest = &text[name_start..];
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        let name_end = rest.find(|c| !is_name(c))?;
        if !rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return None;
        }
        let end = find_end(text, name_start + name_end)?;
        let arguments = text[name_start + name_end..end - 1].trim().trim_end_matches('/');
        let has_separator =
            rest[name_end..].starts_with([']', '/', '=', ' ', '\t', '\n', '\r', '\u{a0}']);
        has_separator.then(|| Self {
            source: &text[..end],
            name: rest[..name_end].to_ascii_lowercase(),
            is_closing,
            arguments: parse_arguments(arguments),
        })
    }

    /// Returns a named argument that isn't empty.
    pub(super) fn argument(&self, name: &str) -> Option<&'s str> {
        let mut arguments = self.arguments.iter();
        arguments.find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| *value)
    }

    /// Returns the first argument without a name.
    pub(super) fn positional(&self) -> Option<&'s str> {
        self.arguments.iter().find(|(key, _)| key.is_empty()).map(|(_, value)| *value)
    }
}

/// Returns the end of a shortcode, after its bracket. Brackets in quotation marks don't end it.
fn find_end(text: &str, start: usize) -> Option<usize> {
    let mut quote = None;
    for (offset, byte) in text.bytes().enumerate().take(MAX_TAG_BYTES).skip(start) {
        match (quote, byte) {
            (None, b']') => return Some(offset + 1),
            (None, b'[') => return None,
            // An apostrophe in a value isn't a quotation mark.
            (None, b'"' | b'\'') if text.as_bytes()[offset - 1] == b'=' => quote = Some(byte),
            (Some(open), byte) if byte == open => quote = None,
            _ => {}
        }
    }
    None
}

fn parse_arguments(text: &str) -> Vec<(String, &str)> {
    let is_space = |c: char| c.is_whitespace();
    let mut arguments = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let key_end = rest.find(|c: char| c == '=' || is_space(c)).unwrap_or(rest.len());
        let is_named = rest[key_end..].starts_with('=') && !rest.starts_with(['"', '\'']);
        let (key, value) =
            if is_named { (&rest[..key_end], &rest[key_end + 1..]) } else { ("", rest) };
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        let (value, remainder) = match quote {
            Some(quote) => value[1..].split_once(quote).unwrap_or((&value[1..], "")),
            None => value.split_at(value.find(is_space).unwrap_or(value.len())),
        };
        arguments.push((key.to_ascii_lowercase(), value));
        rest = remainder.trim_start();
    }
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_have_three_forms() {
        let tag = ShortcodeTag::parse("[video src=\"a ]b\" w='1' h=2 /x/ \"y z\"] text")
            .expect("it is a shortcode");
        assert_eq!(tag.source, "[video src=\"a ]b\" w='1' h=2 /x/ \"y z\"]");
        assert_eq!((tag.argument("src"), tag.argument("w")), (Some("a ]b"), Some("1")));
        assert_eq!((tag.argument("h"), tag.positional()), (Some("2"), Some("/x/")));
        assert!(ShortcodeTag::parse("[/video]").is_some_and(|tag| tag.is_closing));
        for text in ["[1]", "[a", "[ a]", "[a[b]]", "[é]", "[]"] {
            assert_eq!(ShortcodeTag::parse(text), None, "{text}");
        }
    }
}

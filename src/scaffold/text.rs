//! Texts from the command line, prepared for front matter and settings.

use crate::content::plain_text::to_plain_text;

/// Returns a text on one line, as front matter is read: with white space collapsed and control
/// characters removed. Entities are kept as they are written.
pub(super) fn single_line(text: &str) -> String {
    // Noncharacters are removed first, because they could leave two spaces.
    to_plain_text(&text.replace(['\u{fffe}', '\u{ffff}'], "").replace('&', "&amp;"))
}

/// Returns a text as a quoted YAML value that is parsed as exactly this text.
pub(crate) fn quoted(text: &str) -> String {
    let line = single_line(text);
    // If the text seems to contain an entity, `&` is escaped.
    let written = if to_plain_text(&line) == line { line } else { line.replace('&', "&amp;") };
    let mut out = String::with_capacity(written.len() + 2);
    out.push('"');
    for c in written.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            // A byte order mark is the only remaining character that YAML would interpret.
            '\u{feff}' => out.push_str("\\uFEFF"),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_quoted_for_yaml() {
        assert_eq!(quoted("Iran: \"the talks\""), "\"Iran: \\\"the talks\\\"\"");
        assert_eq!(quoted("a\\b\n\tc"), "\"a\\\\b c\"");
        assert_eq!(quoted("Q&A"), "\"Q&A\"");
        assert_eq!(quoted("how to write &lt;"), "\"how to write &amp;lt;\"");
    }
}

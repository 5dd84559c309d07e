//! Beginnings: a new site, a new story. Nothing here is ever written over.

mod article;
mod files;
mod init;
mod layout;

pub(crate) use article::{CreatedArticle, NewArticle, create_article};
pub(crate) use init::{Host, ScaffoldReport, init, needs_repository};

use crate::content::article::to_plain_text;

/// A text on one line, as every front matter is read: white space folded, control characters
/// dropped. Entities stay as they are written.
fn single_line(text: &str) -> String {
    // What no text may hold goes first, lest it leave two blanks.
    to_plain_text(&text.replace(['\u{fffe}', '\u{ffff}'], "").replace('&', "&amp;"))
}

/// A text as a value of YAML that is read back as it is, whatever it holds.
fn quoted(text: &str) -> String {
    let line = single_line(text);
    // Where there seems to be an entity, the sign itself is written as one.
    let written = if to_plain_text(&line) == line { line } else { line.replace('&', "&amp;") };
    let mut out = String::with_capacity(written.len() + 2);
    out.push('"');
    for c in written.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            // The one sign left that YAML takes for something else inside a text.
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

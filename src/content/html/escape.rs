//! Escaping of text for HTML.

/// Escapes text for HTML, in content and in double-quoted attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    // Writing to a string can't fail.
    let _ = pulldown_cmark_escape::escape_html(&mut out, text);
    out
}

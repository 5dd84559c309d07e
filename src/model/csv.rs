//! CSV: one field, as spreadsheets take it (RFC 4180).

/// A field: in quotation marks where it needs them. A text that a spreadsheet would take for a
/// formula gets an apostrophe before it (OWASP, CSV injection).
pub(crate) fn escape_field(text: &str) -> String {
    let formula_guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    match text.contains(['"', ',', '\n', '\r']) {
        true => format!("\"{formula_guard}{}\"", text.replace('"', "\"\"")),
        false => format!("{formula_guard}{text}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_one_field_each_and_no_formula() {
        assert_eq!(escape_field("a"), "a");
        assert_eq!(escape_field("a \"b\", c"), "\"a \"\"b\"\", c\"");
        assert_eq!(escape_field("=1+1"), "'=1+1");
        assert_eq!(escape_field("line\nbreak"), "\"line\nbreak\"");
    }
}

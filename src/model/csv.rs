//! Fields of CSV files (RFC 4180).

/// Formats a field, in quotation marks if it needs them. A text that a spreadsheet would interpret
/// as a formula begins with an apostrophe (OWASP, CSV injection).
pub(crate) fn escape_field(text: &str) -> String {
    let formula_guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    if text.contains(['"', ',', '\n', '\r']) {
        format!("\"{formula_guard}{}\"", text.replace('"', "\"\""))
    } else {
        format!("{formula_guard}{text}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_quoted_and_not_formulas() {
        assert_eq!(escape_field("a"), "a");
        assert_eq!(escape_field("a \"b\", c"), "\"a \"\"b\"\", c\"");
        assert_eq!(escape_field("=1+1"), "'=1+1");
        assert_eq!(escape_field("line\nbreak"), "\"line\nbreak\"");
    }
}

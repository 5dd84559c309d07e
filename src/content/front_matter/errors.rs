//! The diagnostics of front matter that a parser can't read.

use crate::content::source::SourceFile;
use crate::content::value_tree::{TopLevelEntry, TreeError};
use crate::diagnostics::{Diagnostic, YamlError, explain_syntax_error, explain_type_error};

/// An error of the YAML parser.
pub(super) struct ParserError {
    pub(super) diagnostic: Diagnostic,
    /// True if the YAML is valid, but a value has the wrong type.
    pub(super) is_wrong_type: bool,
}

/// Returns the diagnostic for an error of the YAML parser in a part of the front matter, which
/// begins at `start`.
pub(super) fn parser_error(
    source: &SourceFile<'_>,
    part: &str,
    start: usize,
    error: &serde_yaml::Error,
) -> ParserError {
    let error_text = error.to_string();
    let offset = unclosed_offset(part, &error_text)
        .or_else(|| error.location().map(|location| location.index()));
    let offset = offset.map(|at| at.min(part.len()));
    // Errors without a position (too many aliases) are reported at the fence.
    let location = offset
        .map_or_else(|| source.fence_location(), |at| source.front_matter_location(start + at, 1));
    let line = offset.map_or("", |at| line_at(part, at));
    if let Some(message) = explain_type_error(&error_text, "the front matter") {
        let is_text = message.ends_with("one value")
            && line.split_once(": ").is_some_and(|(_, value)| value.starts_with(['[', '{']));
        let help = if is_text {
            "put text that begins with a bracket in quotation marks; `dateline help \
             front-matter` lists the values of each key"
        } else {
            "`dateline help front-matter` lists the values of each key"
        };
        let diagnostic = Diagnostic::error("wrong-type", source.file, message);
        let diagnostic = diagnostic.location(location).help(help);
        return ParserError { diagnostic, is_wrong_type: true };
    }
    let YamlError { message, help } = explain_syntax_error(&error_text, line);
    let diagnostic = Diagnostic::error("invalid-yaml", source.file, message);
    ParserError { diagnostic: diagnostic.location(location).help(help), is_wrong_type: false }
}

/// Returns the diagnostic for a value of TOML or JSON that has the wrong type.
pub(super) fn tree_error(
    source: &SourceFile<'_>,
    entry: &TopLevelEntry,
    error: &TreeError,
) -> Diagnostic {
    let message = explain_type_error(&error.to_string(), "the front matter")
        .unwrap_or_else(|| format!("`{}` has a value of the wrong type", entry.key));
    let start = entry.key_range.start;
    let location = source.front_matter_location(start, source.line_length(start));
    Diagnostic::error("wrong-type", source.file, message)
        .location(location)
        .help("`dateline help front-matter` lists the values of each key")
}

/// Returns the offset of a value that is never closed, from the parser's message: "…, while
/// scanning a quoted scalar at line 1 column 8".
fn unclosed_offset(front_matter: &str, error_text: &str) -> Option<usize> {
    let (_, context) = error_text.split_once(", while ")?;
    let (construct, position) = context.split_once(" at line ")?;
    let (line, column) = position.split_once(" column ")?;
    let (line, column): (usize, usize) = (line.parse().ok()?, column.parse().ok()?);
    let start: usize =
        front_matter.split_inclusive('\n').take(line.checked_sub(1)?).map(str::len).sum();
    let column_offset: usize =
        front_matter[start..].chars().take(column.checked_sub(1)?).map(char::len_utf8).sum();
    ["quoted scalar", "flow sequence", "flow mapping"]
        .iter()
        .any(|open| construct.ends_with(open))
        .then_some(start + column_offset)
}

/// The line at an offset.
fn line_at(text: &str, offset: usize) -> &str {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let start = text[..offset].rfind('\n').map_or(0, |end| end + 1);
    text[start..].lines().next().unwrap_or_default()
}

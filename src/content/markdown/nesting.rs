//! The depth of lists, quotations and other blocks, which a site limits.

use pulldown_cmark::{Event, Parser};

use super::parser::parser_options;
use crate::diagnostics::{Diagnostic, Location};

/// The nesting limit is exceeded; contains the byte of the body at which that happens.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooDeep(pub usize);

/// Returns the error for a body that is nested too deep.
pub(crate) fn nesting_diagnostic(file: &str, nesting: usize, location: Location) -> Diagnostic {
    let message = format!("the body is nested more than {nesting} levels deep");
    let help = "flatten its lists and quotations, or raise `limits: {nesting: …}` in site.yaml";
    Diagnostic::error("nested-too-deep", file, message).location(location).help(help)
}

/// Returns the byte of a body at which the nesting limit is exceeded. A body with too few markers
/// for that isn't parsed.
pub(crate) fn find_excessive_nesting(body: &str, max_nesting: usize) -> Option<usize> {
    // A character opens at most two levels (a list and its item); a table has four without any.
    if 2 * count_nesting_markers(body.as_bytes()) + 4 <= max_nesting {
        return None;
    }
    let mut depth = 0_usize;
    for (event, range) in Parser::new_ext(body, parser_options()).into_offset_iter() {
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth -= 1,
            _ => {}
        }
        if depth > max_nesting {
            return Some(range.start);
        }
    }
    None
}

/// Counts the characters that could open a block or a span, depending on the characters next to
/// them: prose contains many hyphens and periods.
fn count_nesting_markers(body: &[u8]) -> usize {
    let preceding_byte = |at: usize| at.checked_sub(1).map_or(b' ', |index| body[index]);
    let is_space_after = |at: usize| body.get(at + 1).is_none_or(u8::is_ascii_whitespace);
    let bullets = memchr::memchr2_iter(b'-', b'+', body);
    let numbers = memchr::memchr2_iter(b'.', b')', body);
    memchr::memchr3_iter(b'>', b'*', b'_', body).count()
        + memchr::memchr2_iter(b'[', b'~', body).count()
        + bullets
            .filter(|&at| is_space_after(at) && !preceding_byte(at).is_ascii_alphanumeric())
            .count()
        + numbers.filter(|&at| is_space_after(at) && preceding_byte(at).is_ascii_digit()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_is_found_without_rendering() {
        assert_eq!(find_excessive_nesting(&format!("{}x", "> ".repeat(101)), 100), Some(200));
        assert_eq!(find_excessive_nesting(&format!("{}x", "> ".repeat(99)), 100), None);
        assert_eq!(find_excessive_nesting(&format!("{}x", "1. ".repeat(60)), 100), Some(150));
        assert_eq!(find_excessive_nesting(&"A well-known story. (It is.) ".repeat(1000), 4), None);
        assert!(find_excessive_nesting("| a |\n| - |\n| *b* |", 3).is_some());
    }
}

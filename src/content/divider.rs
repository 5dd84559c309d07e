//! Dividers between an excerpt and the rest of a body: `<!-- more -->`.

use std::borrow::Cow;

use super::markdown::code_ranges;

/// The first words of the dividers of WordPress, Hugo, Jekyll, Docusaurus and Hexo.
const DIVIDERS: [&str; 6] =
    ["more", "truncate", "excerpt", "endexcerpt", "readmore", "excerpt-end"];

/// Puts text behind a divider at the beginning of a line into a paragraph of its own. For Markdown,
/// it would belong to the HTML of the comment (CommonMark 0.31, section 4.6).
pub(super) fn convert(body: &str) -> Cow<'_, str> {
    let mut ends: Vec<usize> = Vec::new();
    for at in memchr::memmem::find_iter(body.as_bytes(), b"<!--") {
        ends.extend(divider_end(body, at));
    }
    if ends.is_empty() {
        return body.into();
    }
    let code = code_ranges(body);
    let (mut out, mut copied_to) = (String::with_capacity(body.len() + 2 * ends.len()), 0);
    for end in ends {
        let next = code.partition_point(|range| range.end <= end);
        if code.get(next).is_some_and(|range| range.contains(&end)) {
            continue;
        }
        out.push_str(&body[copied_to..end]);
        out.push_str("\n\n");
        copied_to = body.len() - body[end..].trim_start_matches([' ', '\t']).len();
    }
    out.push_str(&body[copied_to..]);
    out.into()
}

/// Returns the end of a divider that begins its line and is followed by text.
fn divider_end(body: &str, at: usize) -> Option<usize> {
    let line_start = at - body[..at].bytes().rev().take_while(|byte| *byte == b' ').count();
    let begins_line = line_start == 0 || body.as_bytes()[line_start - 1] == b'\n';
    if !begins_line || at - line_start > 3 {
        return None;
    }
    let line = body[at + 4..].lines().next()?;
    let (inner, rest) = line.split_once("-->")?;
    let word = inner.split_whitespace().next()?.to_ascii_lowercase();
    let is_divider = DIVIDERS.contains(&word.as_str()) && !rest.trim().is_empty();
    is_divider.then(|| at + 4 + inner.len() + 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_behind_a_divider_is_a_paragraph() {
        for (text, expected) in [
            ("A\n\n<!-- more --> *B*\n", "A\n\n<!-- more -->\n\n*B*\n"),
            ("<!--more Read on-->B", "<!--more Read on-->\n\nB"),
            ("  <!-- Truncate -->B", "  <!-- Truncate -->\n\nB"),
        ] {
            assert_eq!(convert(text), expected);
        }
        for text in [
            "A <!-- more --> B",
            "<!-- more -->\nB",
            "<!-- note --> B",
            "<!-- more",
            "```\n<!-- more --> B\n```\n",
        ] {
            assert_eq!(convert(text), text);
        }
    }
}

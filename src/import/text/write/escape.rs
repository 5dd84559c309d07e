//! Escapes text for Markdown (CommonMark 0.31, section 2.4, with the extensions that bodies have),
//! only where it would otherwise be read as markup: `snake_case`, `AT&T` and `[sic]` stay.

use super::Context;

/// Escapes text. `before` and `after` are the characters next to it.
pub(super) fn escape_text(text: &str, context: Context, before: char, after: char) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 16);
    let mut previous = before;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map_or(after, |(_, next)| *next);
        if needs_escape(c, previous, next, context) || (c == '&' && is_reference(&text[at..])) {
            out.push('\\');
        }
        out.push(c);
        previous = c;
    }
    out
}

/// Returns true if a character could be read as markup between two others.
fn needs_escape(c: char, previous: char, next: char, context: Context) -> bool {
    match c {
        '\\' | '`' | '*' | '~' => true,
        '_' => !(previous.is_alphanumeric() && next.is_alphanumeric()),
        '[' => context.is_in_link() || matches!(next, '^' | '!' | '\0'),
        ']' => context.is_in_link() || matches!(next, '(' | '[' | ':' | '\0'),
        '<' => {
            next.is_ascii_alphabetic() || matches!(next, '/' | '!' | '?' | '\0') || previous == '{'
        }
        // An image begins with it.
        '!' => matches!(next, '[' | '\0'),
        // Shortcodes, Liquid and attributes begin with a brace and one of these.
        '{' | '%' | ':' if previous == '{' => true,
        '{' | '}' => context.is_heading(),
        '|' => context.is_cell(),
        _ => false,
    }
}

/// Returns true if a text begins with what could be a character reference.
fn is_reference(text: &str) -> bool {
    let rest = &text[1..];
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '#';
    let end = rest.find(|c: char| !is_name(c)).unwrap_or(rest.len());
    end > 0 && rest[end..].starts_with(';')
}

/// Escapes the characters that begin a block at the start of a line.
pub(super) fn escape_line_starts(paragraph: &str) -> String {
    let mut out = String::with_capacity(paragraph.len() + 1);
    for (index, line) in paragraph.split('\n').enumerate() {
        if index > 0 {
            out.push('\n');
        }
        match block_start(line) {
            Some(at) => {
                out.push_str(&line[..at]);
                out.push('\\');
                out.push_str(&line[at..]);
            }
            None => out.push_str(line),
        }
    }
    out
}

/// Returns the byte of a line before which a backslash keeps the line from beginning a block.
fn block_start(line: &str) -> Option<usize> {
    let ends_marker = |rest: &str| rest.is_empty() || rest.starts_with([' ', '\t', '\\']);
    let first = line.chars().next()?;
    let is_line_of =
        |marks: &[char]| line.chars().all(|c| marks.contains(&c) || c == ' ' || c == '\\');
    match first {
        '>' | '|' => Some(0),
        // Admonitions begin with them.
        '!' | '?' => (line.starts_with("!!!") || line.starts_with("???")).then_some(0),
        ':' if line.starts_with(":::") => Some(0),
        '#' => {
            let rest = line.trim_start_matches('#');
            (line.len() - rest.len() <= 6 && ends_marker(rest)).then_some(0)
        }
        '+' => ends_marker(&line[1..]).then_some(0),
        '-' => (ends_marker(&line[1..]) || is_line_of(&['-', '|', ':'])).then_some(0),
        '=' => is_line_of(&['=']).then_some(0),
        ':' => is_line_of(&['-', '|', ':']).then_some(0),
        '0'..='9' => {
            let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
            let digits = line.len() - rest.len();
            let is_marker = digits <= 9 && rest.starts_with(['.', ')']) && ends_marker(&rest[1..]);
            is_marker.then_some(digits)
        }
        _ => None,
    }
}

/// Returns a URL as the destination of a link (CommonMark 0.31, section 6.3).
pub(super) fn escape_url(url: &str) -> String {
    let mut out = String::with_capacity(url.len());
    for (at, c) in url.char_indices() {
        match c {
            '(' | ')' | '<' | '>' | '`' | '|' | '"' | '{' | '}' => {
                out.push_str(&format!("%{:02X}", u32::from(c)));
            }
            c if c.is_whitespace() || c.is_control() => {
                let mut bytes = [0; 4];
                for byte in c.encode_utf8(&mut bytes).bytes() {
                    out.push_str(&format!("%{byte:02X}"));
                }
            }
            '\\' | '*' | '_' | '[' | ']' | '~' => {
                out.push('\\');
                out.push(c);
            }
            '&' if is_reference(&url[at..]) => out.push_str("&amp;"),
            c => out.push(c),
        }
    }
    out
}

/// Returns a text in double quotes as the title of a link or image.
pub(super) fn escape_title(title: &str, context: Context) -> String {
    let mut out = String::with_capacity(title.len() + 2);
    for (at, c) in title.char_indices() {
        let is_markup = matches!(c, '"' | '\\')
            || (c == '&' && is_reference(&title[at..]))
            || (matches!(c, '{' | '%' | ':' | '<') && title[..at].ends_with('{'))
            || (c == '|' && context.is_cell());
        if is_markup {
            out.push('\\');
        }
        out.push(if c.is_whitespace() && c != '\u{a0}' { ' ' } else { c });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_markup_is_escaped() {
        for (text, escaped) in [
            (
                "snake_case, AT&T, [sic], a < b, 5 > 4, {x}",
                "snake_case, AT&T, [sic], a < b, 5 > 4, {x}",
            ),
            ("*a* _b_ `c` ~d~ \\", "\\*a\\* \\_b\\_ \\`c\\` \\~d\\~ \\\\"),
            ("[a](b) [^1] ![x]", "[a\\](b) \\[^1] \\![x]"),
            ("&amp; &#8217; <b> {{% x %}}", "\\&amp; \\&#8217; \\<b> {\\{\\% x %}}"),
        ] {
            assert_eq!(escape_text(text, Context::PARAGRAPH, ' ', ' '), escaped);
        }
        assert_eq!(escape_text("a|b", Context::CELL, ' ', ' '), "a\\|b");
    }

    #[test]
    fn lines_begin_no_block() {
        for (line, escaped) in [
            ("1. a", "1\\. a"),
            ("1984.", "1984\\."),
            ("1.5 a", "1.5 a"),
            ("# a", "\\# a"),
            ("#a", "#a"),
            ("- a", "\\- a"),
            ("-5", "-5"),
            ("---", "\\---"),
            ("> a", "\\> a"),
            ("a\n=", "a\n\\="),
            ("+ a", "\\+ a"),
        ] {
            assert_eq!(escape_line_starts(line), escaped);
        }
    }

    #[test]
    fn urls_end_where_they_should() {
        assert_eq!(escape_url("/a b(c)?d=1&copy;e_f"), "/a%20b%28c%29?d=1&amp;copy;e\\_f");
    }
}

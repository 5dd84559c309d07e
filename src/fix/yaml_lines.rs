//! Scans front matter line by line for keys, values and list items, including invalid YAML. The
//! result is only a guess: a fix based on it is validated by the YAML parser.

use std::ops::Range;

use crate::content::yaml_values::parse_quoted;

/// The maximum length of a quoted or bracketed value, in bytes. It limits the time for unclosed
/// ones.
const MAX_SCAN_BYTES: usize = 16 << 10;

/// A `key: value` entry with the lines that belong to it.
#[derive(Debug)]
pub(super) struct YamlEntry {
    /// The range of the key as written, with its quotation marks.
    pub(super) key: Range<usize>,
    /// The key without quotation marks.
    pub(super) name: String,
    /// The range of the value after the colon, without a comment. A quoted or bracketed value may
    /// have several lines.
    pub(super) value: Range<usize>,
    /// The range of the rest of the line after the colon, with a comment if there is one.
    pub(super) rest: Range<usize>,
    /// The range of the lines below that belong to the entry.
    pub(super) below: Range<usize>,
}

impl YamlEntry {
    /// The range of all lines of the entry.
    pub(super) fn lines(&self, text: &str) -> Range<usize> {
        line_start(text, self.key.start)..self.below.end
    }

    /// Returns true if there are only comments and blank lines below.
    pub(super) fn is_inline(&self, text: &str) -> bool {
        lines(text, self.below.clone()).all(|line| is_blank_or_comment(&text[line]))
    }
}

/// An item of a list, or a single value.
#[derive(Debug)]
pub(super) struct YamlItem {
    /// The range as written, with quotation marks.
    pub(super) span: Range<usize>,
    /// The text without quotation marks.
    pub(super) text: String,
    /// The YAML style.
    pub(super) style: ItemStyle,
}

/// The YAML style of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ItemStyle {
    /// After its key.
    Scalar,
    /// In a list in brackets.
    FlowSequence,
    /// On its own line, with the range of the line.
    BlockSequence(Range<usize>),
}

/// Returns the entries of a map that begins with the first line of a range. More deeply indented
/// lines belong to the entry above.
pub(super) fn entries(text: &str, range: Range<usize>) -> Vec<YamlEntry> {
    let mut entries: Vec<YamlEntry> = Vec::new();
    let mut base_indent = None;
    for line in lines(text, range.clone()) {
        let next_start = entries.last().map_or(range.start, |entry| entry.below.start);
        let indent = indent(&text[line.clone()]);
        let expected_indent = *base_indent.get_or_insert(indent);
        let starts_entry = line.start >= next_start
            && indent == expected_indent
            && !is_blank_or_comment(&text[line.clone()]);
        match if starts_entry { parse_entry(text, line.clone(), range.end) } else { None } {
            Some(entry) => entries.push(entry),
            None if entries.is_empty() && !is_blank_or_comment(&text[line.clone()]) => {
                return entries;
            }
            None if entries.is_empty() => base_indent = None,
            None => {
                if let Some(last) = entries.last_mut() {
                    last.below.end = last.below.end.max(line.end);
                }
            }
        }
    }
    entries
}

/// Parses the entry that begins on a line.
fn parse_entry(text: &str, line: Range<usize>, end: usize) -> Option<YamlEntry> {
    let start = line.start + indent(&text[line.clone()]);
    let bare = text[line.clone()].trim_end();
    let content = bare.get(start - line.start..)?;
    let (name, length) = parse_key(content)?;
    let after = &content[length..];
    let colon = length + (after.len() - after.trim_start_matches([' ', '\t']).len());
    let value = &content[colon + 1..];
    let rest =
        start + colon + 1 + (value.len() - value.trim_start().len())..line.start + bare.len();
    let rest = rest.start.min(rest.end)..rest.end;
    let value = value_range(text, rest.clone(), end);
    let below = line_end(text, value.end.max(rest.start), end).max(line.end);
    Some(YamlEntry { key: start..start + length, name, value, rest, below: below..below })
}

/// Parses the key at the beginning of a line. Returns it with its length as written.
fn parse_key(content: &str) -> Option<(String, usize)> {
    let length = match content.as_bytes().first()? {
        b'"' | b'\'' => find_closing(content, 0)?,
        b'-' | b'?' | b'[' | b'{' | b'&' | b'*' | b'!' | b'#' | b'|' | b'>' | b'@' | b'%'
        | b'`' => {
            return None;
        }
        _ => {
            let colon = content.match_indices(':').find(|(at, _)| ends_key(&content[at + 1..]))?.0;
            content[..colon].trim_end().len()
        }
    };
    let after = content[length..].trim_start_matches([' ', '\t']).strip_prefix(':')?;
    let written = &content[..length];
    let name =
        if written.starts_with(['"', '\'']) { parse_quoted(written)? } else { written.to_owned() };
    (ends_key(after) && !name.is_empty()).then_some((name, length))
}

fn ends_key(after: &str) -> bool {
    after.is_empty() || after.starts_with([' ', '\t'])
}

/// The range of the text after a colon, without a comment.
fn value_range(text: &str, rest: Range<usize>, end: usize) -> Range<usize> {
    let raw = &text[rest.clone()];
    if raw.starts_with(['"', '\'', '[', '{'])
        && let Some(closed) = find_closing(
            &text[..clamp_to_char_boundary(text, rest.start + MAX_SCAN_BYTES, end)],
            rest.start,
        )
    {
        let after = &text[closed..line_end(text, closed, end)];
        let crosses_entry = || contains_entry(text, rest.end..closed);
        if is_comment(after) && (closed <= rest.end || !crosses_entry()) {
            return rest.start..closed;
        }
        return rest;
    }
    rest.start..rest.start + without_comment(raw).len()
}

/// The smaller of two offsets, moved back to a character boundary.
fn clamp_to_char_boundary(text: &str, offset: usize, end: usize) -> usize {
    let mut offset = offset.min(end);
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

/// Returns true if a line in a range begins an entry without indentation. A quotation mark or
/// bracket before it is then unclosed.
fn contains_entry(text: &str, range: Range<usize>) -> bool {
    let start = line_end(text, range.start, range.end);
    lines(text, start..range.end).any(|line| parse_key(text[line].trim_end()).is_some())
}

/// Returns a value without the comment after it.
pub(super) fn without_comment(value: &str) -> &str {
    if value.starts_with('#') {
        return "";
    }
    comment_start(value).map_or(value, |at| value[..at].trim_end())
}

/// The offset of the comment after a value: a `#` after a space.
pub(super) fn comment_start(value: &str) -> Option<usize> {
    value.match_indices('#').map(|(at, _)| at).find(|&at| value[..at].ends_with([' ', '\t']))
}

/// Returns true if the text after a closed value is empty or a comment.
fn is_comment(after: &str) -> bool {
    after.trim().is_empty() || after.starts_with([' ', '\t']) && after.trim_start().starts_with('#')
}

/// Returns the offset after the closing quotation mark or bracket for the one at `start`.
pub(super) fn find_closing(text: &str, start: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut quote = None;
    let mut previous_char = ' ';
    let mut skip_next = false;
    let mut chars = text[start..].char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let end = start + at + c.len_utf8();
        match (quote, c) {
            _ if skip_next => skip_next = false,
            (Some('"'), '\\') => skip_next = true,
            (Some('\''), '\'') if chars.peek().is_some_and(|(_, next)| *next == '\'') => {
                skip_next = true;
            }
            (Some(open), c) if c == open => {
                quote = None;
                if depth == 0 {
                    return Some(end);
                }
            }
            (Some(_), _) => {}
            (None, '"' | '\'')
                if previous_char.is_whitespace() || "[{,:".contains(previous_char) =>
            {
                quote = Some(c);
            }
            (None, '#') if previous_char.is_whitespace() && at > 0 => {
                while chars.next_if(|(_, c)| *c != '\n').is_some() {}
            }
            (None, '[' | '{') => depth += 1,
            (None, ']' | '}') => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(end);
                }
            }
            (None, _) => {}
        }
        previous_char = c;
    }
    None
}

/// Returns the items of an entry: a single value, a list in brackets, or a list with one item per
/// line. `None` if an item isn't plain or quoted text on one line.
pub(super) fn items(text: &str, entry: &YamlEntry) -> Option<Vec<YamlItem>> {
    let value = &text[entry.value.clone()];
    match value.as_bytes().first() {
        None => block_items(text, entry.below.clone()),
        Some(_) if !entry.is_inline(text) => None,
        Some(b'[') if value.ends_with(']') => flow_items(text, entry.value.clone()),
        Some(_) => Some(vec![parse_item(text, entry.value.clone(), ItemStyle::Scalar)?]),
    }
}

fn block_items(text: &str, below: Range<usize>) -> Option<Vec<YamlItem>> {
    let mut items = Vec::new();
    let mut base_indent = None;
    for line in lines(text, below).filter(|line| !is_blank_or_comment(&text[line.clone()])) {
        let rest = after_hyphen(text, line.clone())?;
        let indent = indent(&text[line.clone()]);
        if *base_indent.get_or_insert(indent) != indent {
            return None;
        }
        let raw = &text[rest.clone()];
        let end = if raw.starts_with(['"', '\'']) {
            find_closing(&text[..rest.end], rest.start)
                .filter(|&end| is_comment(&text[end..rest.end]))?
        } else {
            rest.start + without_comment(raw).len()
        };
        items.push(parse_item(text, rest.start..end, ItemStyle::BlockSequence(line))?);
    }
    Some(items)
}

/// The range after the hyphen of a line.
pub(super) fn after_hyphen(text: &str, line: Range<usize>) -> Option<Range<usize>> {
    let bare = text[line.clone()].trim_end();
    let after = bare.trim_start_matches(' ').strip_prefix('-')?;
    let rest = after.trim_start_matches([' ', '\t']);
    (rest.len() < after.len())
        .then(|| line.start + bare.len() - rest.len()..line.start + bare.len())
}

fn flow_items(text: &str, list: Range<usize>) -> Option<Vec<YamlItem>> {
    let mut pieces = split_flow_items(text, list);
    // A comma after the last item is allowed.
    if pieces.last().is_some_and(Range::is_empty) {
        pieces.pop();
    }
    pieces.into_iter().map(|piece| parse_item(text, piece, ItemStyle::FlowSequence)).collect()
}

/// The ranges between the commas of a list in brackets.
pub(super) fn split_flow_items(text: &str, list: Range<usize>) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    let (mut start, end) = (list.start + 1, list.end - 1);
    let mut at = start;
    while at < end {
        let byte = text.as_bytes()[at];
        let opens_quote = matches!(byte, b'"' | b'\'') && text[start..at].trim().is_empty();
        match byte {
            b',' => {
                pieces.push(trim_range(text, start..at));
                start = at + 1;
            }
            _ if opens_quote || matches!(byte, b'[' | b'{') => {
                at = find_closing(&text[..end], at).unwrap_or(end);
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    pieces.push(trim_range(text, start..end));
    pieces
}

fn trim_range(text: &str, range: Range<usize>) -> Range<usize> {
    let start = range.end - text[range.clone()].trim_start().len();
    start..start + text[range].trim().len()
}

/// Parses a value on one line.
fn parse_item(text: &str, span: Range<usize>, style: ItemStyle) -> Option<YamlItem> {
    let written = &text[span.clone()];
    let text = match written.as_bytes().first()? {
        _ if written.contains('\n') => return None,
        b'"' | b'\'' if find_closing(written, 0) == Some(written.len()) => parse_quoted(written)?,
        b'"' | b'\'' | b'[' | b'{' | b'&' | b'*' | b'!' | b'|' | b'>' | b'@' | b'%' | b'`'
        | b'#' => {
            return None;
        }
        _ if written.contains(": ")
            || written.ends_with(':')
            || comment_start(written).is_some() =>
        {
            return None;
        }
        _ => written.to_owned(),
    };
    Some(YamlItem { span, text, style })
}

/// The ranges of the lines in a range, each with its line break.
pub(super) fn lines(text: &str, range: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let mut at = range.start;
    text[range].split_inclusive('\n').map(move |line| {
        at += line.len();
        at - line.len()..at
    })
}

/// Returns true if a line is empty or contains only a comment.
pub(super) fn is_blank_or_comment(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with('#')
}

/// The number of spaces at the beginning of a line.
pub(super) fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// The start of the line at an offset.
pub(super) fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |end| end + 1)
}

/// The end of the line at an offset, after its line break, but at most `end`.
pub(super) fn line_end(text: &str, at: usize, end: usize) -> usize {
    text[at..end].find('\n').map_or(end, |length| at + length + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, &str, usize)> {
        let parsed = entries(text, 0..text.len());
        let below = |entry: &YamlEntry| lines(text, entry.below.clone()).count();
        parsed.into_iter().map(|e| (e.name.clone(), &text[e.value.clone()], below(&e))).collect()
    }

    #[test]
    fn entries_have_the_lines_below_them() {
        let text = "# top\ntitle : 'A: b' # c\n\"tags\":\n- a\n  - b\n\ndate: 2024 #x\n\
                    list: [a, # ]\n  b]\nurl: http://x\n";
        let expected = [
            ("title".to_owned(), "'A: b'", 0),
            ("tags".to_owned(), "", 3),
            ("date".to_owned(), "2024", 0),
            ("list".to_owned(), "[a, # ]\n  b]", 0),
            ("url".to_owned(), "http://x", 0),
        ];
        assert_eq!(read(text), expected);
    }

    #[test]
    fn unclosed_values_end_with_their_line() {
        let text = "title: [Update Talks\ndate: 2024 # ]\nslug: \"a\" b\nx: \"open\n";
        let values: Vec<&str> = read(text).into_iter().map(|(_, value, _)| value).collect();
        assert_eq!(values, ["[Update Talks", "2024", "\"a\" b", "\"open"]);
    }

    #[test]
    fn items_of_every_kind_of_list() {
        let texts = |text: &str| {
            let entry = entries(text, 0..text.len()).pop().expect("an entry");
            items(text, &entry)
                .map(|items| items.into_iter().map(|item| item.text).collect::<Vec<_>>())
        };
        let expected =
            |texts: &[&str]| Some(texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>());
        assert_eq!(texts("t: [a b, 'c, d', \"e\\\"]\", ]\n"), expected(&["a b", "c, d", "e\"]"]));
        assert_eq!(texts("t:\n- a # x\n# y\n- 'b # c'\n"), expected(&["a", "b # c"]));
        assert_eq!(texts("t: a, b\n"), expected(&["a, b"]));
        assert_eq!(texts("t: a\n  b\n"), None);
        assert_eq!(texts("t:\n- a: b\n"), None);
        assert_eq!(texts("t: [a, [b]]\n"), None);
        assert_eq!(texts("t:\n- a\n    b\n"), None);
        assert_eq!(texts("t: *a\n"), None);
    }
}

//! Front matter line by line: where keys, values and items stand. It reads what YAML can't, too, and is believed only where YAML agrees after
//! the mend.

use std::ops::Range;

use crate::content::values::unquoted;

/// How far a quotation mark or a bracket is looked for that closes one, so that many which nothing closes cost no more.
const FARTHEST: usize = 16 << 10;

/// One `key: value`, with all that belongs to it.
#[derive(Debug)]
pub(super) struct Entry {
    /// The key as it stands there, with its quotation marks if it has any.
    pub(super) key: Range<usize>,
    /// The key without them.
    pub(super) name: String,
    /// What stands behind the colon, without a comment; up to its end some lines below, if it is in quotes or brackets.
    pub(super) value: Range<usize>,
    /// What stands behind the colon on its line, with a comment if there is one.
    pub(super) rest: Range<usize>,
    /// The lines below that belong to it.
    pub(super) below: Range<usize>,
}

impl Entry {
    /// All its lines.
    pub(super) fn lines(&self, text: &str) -> Range<usize> {
        line_start(text, self.key.start)..self.below.end
    }

    /// Whether nothing but comments stands below.
    pub(super) fn is_alone(&self, text: &str) -> bool {
        lines(text, self.below.clone()).all(|line| is_blank(&text[line]))
    }
}

/// One value of a list, or a value that stands alone.
#[derive(Debug)]
pub(super) struct Item {
    /// As it stands there, with its quotation marks.
    pub(super) span: Range<usize>,
    /// Its text.
    pub(super) text: String,
    /// How it stands there.
    pub(super) stands: Stands,
}

/// How an item stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stands {
    /// Behind its key.
    Alone,
    /// In a list in brackets.
    InBrackets,
    /// On a line of its own, which is this.
    OnLine(Range<usize>),
}

/// The entries of a map that begins with the first line of a range; what stands deeper belongs to the entry above it.
pub(super) fn entries(text: &str, range: Range<usize>) -> Vec<Entry> {
    let mut found: Vec<Entry> = Vec::new();
    let mut margin = None;
    for line in lines(text, range.clone()) {
        let above = found.last().map_or(range.start, |entry| entry.below.start);
        let indent = indent(&text[line.clone()]);
        let here = *margin.get_or_insert(indent);
        let fresh = line.start >= above && indent == here && !is_blank(&text[line.clone()]);
        match if fresh { entry(text, line.clone(), range.end) } else { None } {
            Some(entry) => found.push(entry),
            None if found.is_empty() && !is_blank(&text[line.clone()]) => return found,
            None if found.is_empty() => margin = None,
            None => {
                if let Some(last) = found.last_mut() {
                    last.below.end = last.below.end.max(line.end);
                }
            }
        }
    }
    found
}

/// The entry that a line begins.
fn entry(text: &str, line: Range<usize>, end: usize) -> Option<Entry> {
    let start = line.start + indent(&text[line.clone()]);
    let bare = text[line.clone()].trim_end();
    let content = bare.get(start - line.start..)?;
    let (name, length) = key(content)?;
    let behind = &content[length..];
    let colon = length + (behind.len() - behind.trim_start_matches([' ', '\t']).len());
    let value = &content[colon + 1..];
    let rest = start + colon + 1 + (value.len() - value.trim_start().len())..line.start + bare.len();
    let rest = rest.start.min(rest.end)..rest.end;
    let value = value_of(text, rest.clone(), end);
    let below = line_end(text, value.end.max(rest.start), end).max(line.end);
    Some(Entry { key: start..start + length, name, value, rest, below: below..below })
}

/// The key that a line begins with, and the length that it takes.
fn key(content: &str) -> Option<(String, usize)> {
    let length = match content.as_bytes().first()? {
        b'"' | b'\'' => closing(content, 0)?,
        b'-' | b'?' | b'[' | b'{' | b'&' | b'*' | b'!' | b'#' | b'|' | b'>' | b'@' | b'%' | b'`' => {
            return None;
        }
        _ => {
            let colon = content.match_indices(':').find(|(at, _)| ends_key(&content[at + 1..]))?.0;
            content[..colon].trim_end().len()
        }
    };
    let behind = content[length..].trim_start_matches([' ', '\t']).strip_prefix(':')?;
    let written = &content[..length];
    let name = if written.starts_with(['"', '\'']) { unquoted(written)? } else { written.to_owned() };
    (ends_key(behind) && !name.is_empty()).then_some((name, length))
}

fn ends_key(behind: &str) -> bool {
    behind.is_empty() || behind.starts_with([' ', '\t'])
}

/// The part of what stands behind a colon that is no comment.
fn value_of(text: &str, rest: Range<usize>, end: usize) -> Range<usize> {
    let shown = &text[rest.clone()];
    if shown.starts_with(['"', '\'', '[', '{'])
        && let Some(closed) = closing(&text[..within(text, rest.start + FARTHEST, end)], rest.start)
    {
        let behind = &text[closed..line_end(text, closed, end)];
        let crosses = || entry_between(text, rest.end..closed);
        if is_comment(behind) && (closed <= rest.end || !crosses()) {
            return rest.start..closed;
        }
        return rest;
    }
    rest.start..rest.start + without_comment(shown).len()
}

/// A place or the end, whichever comes first, moved back to where a character begins.
fn within(text: &str, place: usize, end: usize) -> usize {
    let mut place = place.min(end);
    while !text.is_char_boundary(place) {
        place -= 1;
    }
    place
}

/// Whether a line of some lies at the margin and begins an entry: a quotation mark or a bracket above it was then never closed.
fn entry_between(text: &str, range: Range<usize>) -> bool {
    let start = line_end(text, range.start, range.end);
    lines(text, start..range.end).any(|line| key(text[line].trim_end()).is_some())
}

/// A value without the comment behind it.
pub(super) fn without_comment(value: &str) -> &str {
    if value.starts_with('#') {
        return "";
    }
    comment_start(value).map_or(value, |at| value[..at].trim_end())
}

/// Where a comment begins behind a value: a `#` behind a blank.
pub(super) fn comment_start(value: &str) -> Option<usize> {
    value.match_indices('#').map(|(at, _)| at).find(|&at| value[..at].ends_with([' ', '\t']))
}

/// Whether what follows a closed value is nothing or a comment.
fn is_comment(behind: &str) -> bool {
    behind.trim().is_empty() || behind.starts_with([' ', '\t']) && behind.trim_start().starts_with('#')
}

/// Where the quotation mark or the bracket at a place is closed: behind the closing one.
pub(super) fn closing(text: &str, start: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut quote = None;
    let mut before = ' ';
    let mut skip = false;
    let mut chars = text[start..].char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let end = start + at + c.len_utf8();
        match (quote, c) {
            _ if skip => skip = false,
            (Some('"'), '\\') => skip = true,
            (Some('\''), '\'') if chars.peek().is_some_and(|(_, next)| *next == '\'') => skip = true,
            (Some(open), c) if c == open => {
                quote = None;
                if depth == 0 {
                    return Some(end);
                }
            }
            (Some(_), _) => {}
            (None, '"' | '\'') if before.is_whitespace() || "[{,:".contains(before) => quote = Some(c),
            (None, '#') if before.is_whitespace() && at > 0 => {
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
        before = c;
    }
    None
}

/// The items of an entry: one value, a list in brackets, or one with an item a line. `None` if anything in it is more than plain or quoted text on
/// one line.
pub(super) fn items(text: &str, entry: &Entry) -> Option<Vec<Item>> {
    let value = &text[entry.value.clone()];
    match value.as_bytes().first() {
        None => on_lines(text, entry.below.clone()),
        Some(_) if !entry.is_alone(text) => None,
        Some(b'[') if value.ends_with(']') => in_brackets(text, entry.value.clone()),
        Some(_) => Some(vec![item(text, entry.value.clone(), Stands::Alone)?]),
    }
}

fn on_lines(text: &str, below: Range<usize>) -> Option<Vec<Item>> {
    let mut found = Vec::new();
    let mut margin = None;
    for line in lines(text, below).filter(|line| !is_blank(&text[line.clone()])) {
        let rest = dashed(text, line.clone())?;
        let indent = indent(&text[line.clone()]);
        if *margin.get_or_insert(indent) != indent {
            return None;
        }
        let shown = &text[rest.clone()];
        let end = match shown.starts_with(['"', '\'']) {
            true => closing(&text[..rest.end], rest.start).filter(|&end| is_comment(&text[end..rest.end]))?,
            false => rest.start + without_comment(shown).len(),
        };
        found.push(item(text, rest.start..end, Stands::OnLine(line))?);
    }
    Some(found)
}

/// What stands behind the hyphen of a line.
pub(super) fn dashed(text: &str, line: Range<usize>) -> Option<Range<usize>> {
    let bare = text[line.clone()].trim_end();
    let behind = bare.trim_start_matches(' ').strip_prefix('-')?;
    let rest = behind.trim_start_matches([' ', '\t']);
    (rest.len() < behind.len()).then(|| line.start + bare.len() - rest.len()..line.start + bare.len())
}

fn in_brackets(text: &str, list: Range<usize>) -> Option<Vec<Item>> {
    let mut pieces = pieces(text, list);
    // A comma behind the last item is allowed.
    if pieces.last().is_some_and(Range::is_empty) {
        pieces.pop();
    }
    pieces.into_iter().map(|piece| item(text, piece, Stands::InBrackets)).collect()
}

/// What stands between the commas of a list in brackets.
pub(super) fn pieces(text: &str, list: Range<usize>) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let (mut start, end) = (list.start + 1, list.end - 1);
    let mut at = start;
    while at < end {
        let byte = text.as_bytes()[at];
        let opens = matches!(byte, b'"' | b'\'') && text[start..at].trim().is_empty();
        match byte {
            b',' => {
                found.push(trimmed(text, start..at));
                start = at + 1;
            }
            _ if opens || matches!(byte, b'[' | b'{') => {
                at = closing(&text[..end], at).unwrap_or(end);
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    found.push(trimmed(text, start..end));
    found
}

fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let start = range.end - text[range.clone()].trim_start().len();
    start..start + text[range].trim().len()
}

/// One value on one line.
fn item(text: &str, span: Range<usize>, stands: Stands) -> Option<Item> {
    let written = &text[span.clone()];
    let text = match written.as_bytes().first()? {
        _ if written.contains('\n') => return None,
        b'"' | b'\'' if closing(written, 0) == Some(written.len()) => unquoted(written)?,
        b'"' | b'\'' | b'[' | b'{' | b'&' | b'*' | b'!' | b'|' | b'>' | b'@' | b'%' | b'`' | b'#' => {
            return None;
        }
        _ if written.contains(": ") || written.ends_with(':') || comment_start(written).is_some() => {
            return None;
        }
        _ => written.to_owned(),
    };
    Some(Item { span, text, stands })
}

/// The lines of a range, each with its line break.
pub(super) fn lines(text: &str, range: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let mut at = range.start;
    text[range].split_inclusive('\n').map(move |line| {
        at += line.len();
        at - line.len()..at
    })
}

/// Whether a line holds nothing but blanks or a comment.
pub(super) fn is_blank(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with('#')
}

/// How many blanks a line begins with.
pub(super) fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// Where the line of a place begins.
pub(super) fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |end| end + 1)
}

/// Where the line of a place ends, with its line break, at the latest at `end`.
pub(super) fn line_end(text: &str, at: usize, end: usize) -> usize {
    text[at..end].find('\n').map_or(end, |length| at + length + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, &str, usize)> {
        let found = entries(text, 0..text.len());
        let below = |entry: &Entry| lines(text, entry.below.clone()).count();
        found.into_iter().map(|e| (e.name.clone(), &text[e.value.clone()], below(&e))).collect()
    }

    #[test]
    fn entries_are_read_with_what_belongs_to_them() {
        let text = "# top\ntitle : 'A: b' # c\n\"tags\":\n- a\n  - b\n\ndate: 2024 #x\nlist: [a, # ]\n  b]\nurl: http://x\n";
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
    fn what_is_never_closed_ends_with_its_line() {
        let text = "title: [Update Talks\ndate: 2024 # ]\nslug: \"a\" b\nx: \"open\n";
        let values: Vec<&str> = read(text).into_iter().map(|(_, value, _)| value).collect();
        assert_eq!(values, ["[Update Talks", "2024", "\"a\" b", "\"open"]);
    }

    #[test]
    fn items_of_every_kind_of_list() {
        let texts = |text: &str| {
            let entry = entries(text, 0..text.len()).pop().expect("an entry");
            items(text, &entry).map(|items| items.into_iter().map(|item| item.text).collect::<Vec<_>>())
        };
        let of = |texts: &[&str]| Some(texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>());
        assert_eq!(texts("t: [a b, 'c, d', \"e\\\"]\", ]\n"), of(&["a b", "c, d", "e\"]"]));
        assert_eq!(texts("t:\n- a # x\n# y\n- 'b # c'\n"), of(&["a", "b # c"]));
        assert_eq!(texts("t: a, b\n"), of(&["a, b"]));
        assert_eq!(texts("t: a\n  b\n"), None);
        assert_eq!(texts("t:\n- a: b\n"), None);
        assert_eq!(texts("t: [a, [b]]\n"), None);
        assert_eq!(texts("t:\n- a\n    b\n"), None);
        assert_eq!(texts("t: *a\n"), None);
    }
}

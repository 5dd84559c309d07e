//! Derived texts: what a text says once its escapes are read, and once its markup is taken away; with where each character comes from.

use std::borrow::Cow;
use std::ops::Range;

/// What stands in the place of markup: a sign of no text, so that words on both sides of it stay apart.
pub(super) const SEAM: char = '\u{1}';
/// How often escapes may hold escapes: HTML in JSON in HTML, and one more.
const LEVELS: usize = 4;
/// The longest name of an entity, with some room (`&CounterClockwiseContourIntegral;` has 31).
const ENTITY: usize = 34;
/// The longest name of an entity that HTML takes without its semicolon (`&middot`).
const BARE_ENTITY: usize = 8;

/// A text made from another one.
pub(super) struct Derived {
    pub(super) text: String,
    edits: Vec<Edit>,
}

/// So many bytes at a place of the text stand for a range of the source.
struct Edit {
    at: usize,
    length: usize,
    from: Range<usize>,
}

impl Derived {
    /// The range of the source that a range of the text comes from.
    pub(super) fn source(&self, range: &Range<usize>) -> Range<usize> {
        let start = match self.last(|edit| edit.at <= range.start) {
            Some(edit) if range.start < edit.at + edit.length => edit.from.start,
            Some(edit) => edit.from.end + (range.start - edit.at - edit.length),
            None => range.start,
        };
        let end = match self.last(|edit| edit.at < range.end) {
            Some(edit) if range.end <= edit.at + edit.length => edit.from.end,
            Some(edit) => edit.from.end + (range.end - edit.at - edit.length),
            None => range.end,
        };
        start..end.max(start)
    }

    fn last(&self, before: impl Fn(&Edit) -> bool) -> Option<&Edit> {
        self.edits.partition_point(before).checked_sub(1).map(|at| &self.edits[at])
    }
}

/// A text in the making.
struct Draft<'a> {
    source: &'a str,
    done: usize,
    out: Derived,
}

impl<'a> Draft<'a> {
    fn new(source: &'a str) -> Self {
        Self { source, done: 0, out: Derived { text: String::new(), edits: Vec::new() } }
    }

    /// Puts something in the place of a range that lies behind all before.
    fn put(&mut self, from: Range<usize>, text: &str) {
        self.out.text.push_str(&self.source[self.done..from.start]);
        self.out.edits.push(Edit { at: self.out.text.len(), length: text.len(), from: from.clone() });
        self.out.text.push_str(text);
        self.done = from.end;
    }

    fn put_char(&mut self, from: Range<usize>, c: char) {
        self.put(from, c.encode_utf8(&mut [0; 4]));
    }

    /// The text, if anything was put.
    fn finish(mut self) -> Option<Derived> {
        self.out.text.push_str(&self.source[self.done..]);
        (!self.out.edits.is_empty()).then_some(self.out)
    }
}

/// Gives each reading of a text to `look`, until that says that it is enough: as it is, with its escapes read, and each of these without its markup. With
/// a reading come the steps that lead back to the text.
pub(super) fn readings(text: &str, mut look: impl FnMut(&str, &[&Derived]) -> bool) -> bool {
    let mut steps: Vec<Derived> = Vec::new();
    loop {
        let now = steps.last().map_or(text, |step| step.text.as_str());
        let way: Vec<&Derived> = steps.iter().collect();
        if look(now, &way) {
            return true;
        }
        if let Some(bare) = without_markup(now) {
            let way: Vec<&Derived> = steps.iter().chain([&bare]).collect();
            if look(&bare.text, &way) {
                return true;
            }
        }
        match decoded(now) {
            Some(next) if steps.len() < LEVELS => steps.push(next),
            _ => return false,
        }
    }
}

/// A text with its escapes read: HTML's entities, percent-encoding, the escapes of JSON, YAML and scripts. None if there are none.
fn decoded(text: &str) -> Option<Derived> {
    let mut draft = Draft::new(text);
    for at in memchr::memchr3_iter(b'&', b'%', b'\\', text.as_bytes()) {
        if at < draft.done {
            continue;
        }
        match text.as_bytes()[at] {
            b'&' => {
                if let Some((length, decoded)) = entity(&text[at..]) {
                    draft.put(at..at + length, &decoded);
                }
            }
            b'%' => percent(&mut draft, at),
            _ => backslash(&mut draft, at),
        }
    }
    draft.finish()
}

/// The entity that a text begins with: its length and what it stands for.
fn entity(text: &str) -> Option<(usize, Cow<'_, str>)> {
    if let Some(number) = text.strip_prefix("&#") {
        let hex = number.strip_prefix(['x', 'X']);
        let (digits, radix) = hex.map_or((number, 10), |hex| (hex, 16));
        let length = digits.bytes().take_while(|byte| char::from(*byte).is_digit(radix)).count();
        // Leading zeros are allowed; more than this many digits stand for no character.
        let c = u32::from_str_radix(digits.get(..length.min(32))?, radix).ok().and_then(char::from_u32)?;
        let end = text.len() - digits.len() + length;
        let end = end + usize::from(text[end..].starts_with(';'));
        return Some((end, c.to_string().into()));
    }
    let name = text[1..].bytes().take(ENTITY).take_while(u8::is_ascii_alphanumeric).count();
    let read = |entity: &str| {
        let decoded = html_escape::decode_html_entities(entity).into_owned();
        (decoded != entity).then_some(decoded)
    };
    if text[1 + name..].starts_with(';') {
        return Some((name + 2, read(&text[..name + 2])?.into()));
    }
    let bare = |length: usize| Some((length + 1, read(&format!("{};", &text[..=length]))?.into()));
    (2..=name.min(BARE_ENTITY)).rev().find_map(bare)
}

/// Reads a run of `%C3%B6`; what isn't UTF-8 stays.
fn percent(draft: &mut Draft<'_>, start: usize) {
    let bytes = &draft.source.as_bytes()[start..];
    let hex = |at: usize| {
        let digit = |at: usize| bytes.get(at).and_then(|byte| char::from(*byte).to_digit(16));
        (bytes.get(at) == Some(&b'%')).then(|| Some((digit(at + 1)? * 16 + digit(at + 2)?) as u8)).flatten()
    };
    let Some(first) = hex(0) else { return };
    let length = match first {
        0..=0x7f => 1,
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return,
    };
    let run: Option<Vec<u8>> = (0..length).map(|at| hex(3 * at)).collect();
    let Some(run) = run else { return };
    if let Ok(text) = std::str::from_utf8(&run) {
        draft.put(start..start + 3 * length, text);
    }
}

/// Reads an escape that begins with a backslash.
fn backslash(draft: &mut Draft<'_>, start: usize) {
    let rest = &draft.source[start + 1..];
    let Some(sign) = rest.chars().next() else { return };
    let (digits, fixed) = match sign {
        'x' => (2, true),
        'U' => (8, true),
        'u' if rest.starts_with("u{") => (6, false),
        'u' => (4, true),
        // A line that goes on in the next.
        '\n' | '\r' => {
            let blank = rest.len() - rest.trim_start_matches(['\r', '\n', ' ', '\t']).len();
            return draft.put(start..start + 1 + blank, "");
        }
        'n' | 'r' | 't' | 'b' | 'f' | 'v' | 'a' | 'e' | '0' | 'N' | '_' | 'L' | 'P' => {
            return draft.put(start..start + 2, " ");
        }
        sign => return draft.put_char(start..start + 1 + sign.len_utf8(), sign),
    };
    let open = if fixed { 1 } else { 2 };
    let count = rest[open..].bytes().take(digits).take_while(u8::is_ascii_hexdigit).count();
    let number = |text: &str| u32::from_str_radix(text, 16).ok();
    let Some(code) = rest.get(open..open + count).and_then(number) else { return };
    if (fixed && count < digits) || (!fixed && !rest[open + count..].starts_with('}')) {
        return;
    }
    let end = start + 1 + open + count + usize::from(!fixed);
    // Two halves of a character beyond the first 65,536.
    if let 0xd800..=0xdbff = code {
        let low = draft.source[end..].strip_prefix("\\u").and_then(|low| low.get(..4)).and_then(number);
        if let Some(low @ 0xdc00..=0xdfff) = low {
            let c = char::from_u32(0x1_0000 + ((code - 0xd800) << 10) + (low - 0xdc00));
            if let Some(c) = c {
                draft.put_char(start..end + 6, c);
            }
        }
        return;
    }
    if let Some(c) = char::from_u32(code) {
        draft.put_char(start..end, c);
    }
}

/// What encloses markup that is no text: where it opens, how much of the opening stays, and what closes it.
const MARKUP: [(&str, usize, &str); 7] = [
    ("<!--", 0, "-->"),
    ("{{<", 0, ">}}"),
    ("{{%", 0, "%}}"),
    ("](", 1, ")"),
    ("][", 1, "]"),
    ("[^", 0, "]"),
    ("<", 0, ">"),
];

/// A text without tags, comments, shortcodes, and the addresses of Markdown's links. None if there are none.
fn without_markup(text: &str) -> Option<Derived> {
    let mut draft = Draft::new(text);
    // Where each closing sign was last looked for, so that no part is looked through twice.
    let mut closing: [Option<usize>; MARKUP.len()] = [Some(0); MARKUP.len()];
    let signs = text.bytes().enumerate().filter(|(_, byte)| matches!(byte, b'<' | b'{' | b'[' | b']'));
    for (at, _) in signs {
        if at < draft.done {
            continue;
        }
        for (kind, (open, stays, close)) in MARKUP.iter().enumerate() {
            let Some(known) = closing[kind].filter(|_| opens(&text[at..], open)) else { continue };
            let inside = at + open.len();
            let look = || memchr::memmem::find(&text.as_bytes()[inside..], close.as_bytes());
            let found = if known >= inside { Some(known) } else { look().map(|end| inside + end) };
            closing[kind] = found;
            if let Some(end) = found {
                draft.put_char(at + stays..end + close.len(), SEAM);
                break;
            }
        }
    }
    draft.finish()
}

/// Whether a text begins with a sign that opens markup; `<` alone must have a tag's name behind it.
fn opens(text: &str, open: &str) -> bool {
    let tag =
        |rest: &str| rest.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'));
    text.strip_prefix(open).is_some_and(|rest| open != "<" || tag(rest))
}

//! Texts derived from another text, with the source range of each character; decoding of escapes.

use std::borrow::Cow;
use std::ops::Range;

/// The maximum length of an entity's name (`&CounterClockwiseContourIntegral;` has 31 letters).
const MAX_ENTITY_NAME: usize = 34;
/// The maximum length of an entity's name that is valid without a semicolon (`&middot`).
const MAX_BARE_ENTITY_NAME: usize = 8;

/// A text derived from another one.
#[derive(Debug)]
pub(crate) struct DerivedText {
    pub(super) text: String,
    replacements: Vec<Replacement>,
}

/// A range of the derived text that replaces a range of the source.
#[derive(Debug)]
struct Replacement {
    offset: usize,
    length: usize,
    source: Range<usize>,
}

impl DerivedText {
    /// The text itself.
    #[cfg(test)]
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Returns the range of the source that a range of the derived text comes from.
    pub(super) fn source_range(&self, range: &Range<usize>) -> Range<usize> {
        let start = match self.last_replacement(|replacement| replacement.offset <= range.start) {
            Some(replacement) if range.start < replacement.offset + replacement.length => {
                replacement.source.start
            }
            Some(replacement) => {
                replacement.source.end + (range.start - replacement.offset - replacement.length)
            }
            None => range.start,
        };
        let end = match self.last_replacement(|replacement| replacement.offset < range.end) {
            Some(replacement) if range.end <= replacement.offset + replacement.length => {
                replacement.source.end
            }
            Some(replacement) => {
                replacement.source.end + (range.end - replacement.offset - replacement.length)
            }
            None => range.end,
        };
        start..end.max(start)
    }

    fn last_replacement(&self, predicate: impl Fn(&Replacement) -> bool) -> Option<&Replacement> {
        self.replacements
            .partition_point(predicate)
            .checked_sub(1)
            .map(|index| &self.replacements[index])
    }
}

/// A builder of a derived text.
#[derive(Debug)]
pub(crate) struct DerivedTextBuilder<'a> {
    source: &'a str,
    copied_to: usize,
    derived: DerivedText,
}

impl<'a> DerivedTextBuilder<'a> {
    /// Returns a builder without replacements.
    pub(crate) fn new(source: &'a str) -> Self {
        Self {
            source,
            copied_to: 0,
            derived: DerivedText { text: String::new(), replacements: Vec::new() },
        }
    }

    /// Replaces a range of the source that is after all previous ones.
    pub(crate) fn replace(&mut self, source: Range<usize>, text: &str) {
        self.derived.text.push_str(&self.source[self.copied_to..source.start]);
        self.derived.replacements.push(Replacement {
            offset: self.derived.text.len(),
            length: text.len(),
            source: source.clone(),
        });
        self.derived.text.push_str(text);
        self.copied_to = source.end;
    }

    /// Replaces a range of the source, as [`Self::replace`] does, by one character.
    pub(crate) fn replace_with_char(&mut self, source: Range<usize>, c: char) {
        self.replace(source, c.encode_utf8(&mut [0; 4]));
    }

    /// Returns the text if anything was replaced.
    pub(crate) fn finish(mut self) -> Option<DerivedText> {
        self.derived.text.push_str(&self.source[self.copied_to..]);
        (!self.derived.replacements.is_empty()).then_some(self.derived)
    }
}

/// Decodes the escapes of CSS (CSS Syntax Module Level 3, section 4.3.7): a backslash, up to six
/// hexadecimal digits, and one white space character that ends them. They are read apart from
/// other escapes, because `\b` is one of both. Returns `None` if there are none.
pub(super) fn decode_css_escapes(text: &str) -> Option<DerivedText> {
    let mut builder = DerivedTextBuilder::new(text);
    for position in memchr::memchr_iter(b'\\', text.as_bytes()) {
        let rest = &text.as_bytes()[position + 1..];
        let digits = rest.iter().take(6).take_while(|byte| byte.is_ascii_hexdigit()).count();
        let end = position + 1 + digits;
        let code = u32::from_str_radix(&text[position + 1..end], 16).ok();
        let Some(decoded) = code.and_then(char::from_u32) else { continue };
        let space = rest.get(digits).is_some_and(u8::is_ascii_whitespace);
        builder.replace_with_char(position..end + usize::from(space), decoded);
    }
    builder.finish()
}

/// Decodes the escapes in a text: HTML entities, percent-encoding, and the escapes of JSON, YAML
/// and JavaScript. Returns `None` if it has none.
pub(super) fn decode_escapes(text: &str) -> Option<DerivedText> {
    let mut builder = DerivedTextBuilder::new(text);
    for position in memchr::memchr3_iter(b'&', b'%', b'\\', text.as_bytes()) {
        if position < builder.copied_to {
            continue;
        }
        match text.as_bytes()[position] {
            b'&' => {
                if let Some((length, decoded)) = decode_entity(&text[position..]) {
                    builder.replace(position..position + length, &decoded);
                }
            }
            b'%' => decode_percent(&mut builder, position),
            _ => decode_backslash(&mut builder, position),
        }
    }
    builder.finish()
}

/// Decodes the entity at the start of a text. Returns its length and the decoded text.
fn decode_entity(text: &str) -> Option<(usize, Cow<'_, str>)> {
    if let Some(number) = text.strip_prefix("&#") {
        let hex = number.strip_prefix(['x', 'X']);
        let (digits, radix) = hex.map_or((number, 10), |hex| (hex, 16));
        let length = digits.bytes().take_while(|byte| char::from(*byte).is_digit(radix)).count();
        // Leading zeros are allowed, but no character needs more digits than this.
        let c = u32::from_str_radix(digits.get(..length.min(32))?, radix)
            .ok()
            .and_then(decode_character_number)?;
        let end = text.len() - digits.len() + length;
        let end = end + usize::from(text[end..].starts_with(';'));
        return Some((end, c.to_string().into()));
    }
    let name_length =
        text[1..].bytes().take(MAX_ENTITY_NAME).take_while(u8::is_ascii_alphanumeric).count();
    let decode = |entity: &str| {
        let decoded = html_escape::decode_html_entities(entity).into_owned();
        (decoded != entity).then_some(decoded)
    };
    if text[1 + name_length..].starts_with(';') {
        return Some((name_length + 2, decode(&text[..name_length + 2])?.into()));
    }
    let decode_bare =
        |length: usize| Some((length + 1, decode(&format!("{};", &text[..=length]))?.into()));
    (2..=name_length.min(MAX_BARE_ENTITY_NAME)).rev().find_map(decode_bare)
}

/// Returns the character of a numeric character reference. Numbers of control characters are those
/// of Windows-1252 (HTML Living Standard, section 13.2.5.80); these are its letters.
fn decode_character_number(number: u32) -> Option<char> {
    let code = match number {
        0x83 => 0x192,
        0x8a => 0x160,
        0x8c => 0x152,
        0x8e => 0x17d,
        0x9a => 0x161,
        0x9c => 0x153,
        0x9e => 0x17e,
        0x9f => 0x178,
        other => other,
    };
    char::from_u32(code)
}

/// Decodes the percent-encoded bytes of a character (`%C3%B6`); a byte that isn't UTF-8 is Latin-1.
fn decode_percent(builder: &mut DerivedTextBuilder<'_>, start: usize) {
    let bytes = &builder.source.as_bytes()[start..];
    let byte_at = |index: usize| {
        let digit = |index: usize| bytes.get(index).and_then(|byte| char::from(*byte).to_digit(16));
        (bytes.get(index) == Some(&b'%'))
            .then(|| Some((digit(index + 1)? * 16 + digit(index + 2)?) as u8))
            .flatten()
    };
    let Some(first) = byte_at(0) else { return };
    let length = match first {
        0..=0x7f => 1,
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => 0,
    };
    let decoded: Option<Vec<u8>> = (0..length).map(|index| byte_at(3 * index)).collect();
    match decoded.as_deref().map(std::str::from_utf8) {
        Some(Ok(text)) if length > 0 => builder.replace(start..start + 3 * length, text),
        // Old URLs are in Latin-1.
        _ => builder.replace_with_char(start..start + 3, char::from(first)),
    }
}

/// Decodes an escape that begins with a backslash.
fn decode_backslash(builder: &mut DerivedTextBuilder<'_>, start: usize) {
    let rest = &builder.source[start + 1..];
    let Some(character) = rest.chars().next() else { return };
    let fixed = !rest.starts_with("u{");
    let digits = match character {
        'x' => 2,
        'U' => 8,
        'u' if fixed => 4,
        'u' => 6,
        // An escaped line break.
        '\n' | '\r' => {
            let whitespace = rest.len() - rest.trim_start_matches(['\r', '\n', ' ', '\t']).len();
            return builder.replace(start..start + 1 + whitespace, "");
        }
        'n' | 'r' | 't' | 'b' | 'f' | 'v' | 'a' | 'e' | '0' | 'N' | '_' | 'L' | 'P' => {
            return builder.replace(start..start + 2, " ");
        }
        character => {
            return builder.replace_with_char(start..start + 1 + character.len_utf8(), character);
        }
    };
    let open = if fixed { 1 } else { 2 };
    let count = rest[open..].bytes().take(digits).take_while(u8::is_ascii_hexdigit).count();
    let number = |text: &str| u32::from_str_radix(text, 16).ok();
    let Some(code) = rest.get(open..open + count).and_then(number) else { return };
    if (fixed && count < digits) || (!fixed && !rest[open + count..].starts_with('}')) {
        return;
    }
    let end = start + 1 + open + count + usize::from(!fixed);
    // The surrogate pair of a character above U+FFFF.
    if let 0xd800..=0xdbff = code {
        let low =
            builder.source[end..].strip_prefix("\\u").and_then(|low| low.get(..4)).and_then(number);
        if let Some(low @ 0xdc00..=0xdfff) = low {
            let c = char::from_u32(0x1_0000 + ((code - 0xd800) << 10) + (low - 0xdc00));
            if let Some(c) = c {
                builder.replace_with_char(start..end + 6, c);
            }
        }
        return;
    }
    if let Some(c) = char::from_u32(code) {
        builder.replace_with_char(start..end, c);
    }
}

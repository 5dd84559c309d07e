//! Finds the ends of tags and comments in HTML.

/// A piece of HTML.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// A tag or a comment, which ends at this byte.
    Markup(usize),
    /// The character isn't markup.
    Text,
}

/// Returns the piece that begins with the `<` at a byte of HTML.
pub(super) fn piece_at(source: &str, at: usize) -> Piece {
    let rest = &source[at..];
    if rest.starts_with("<!--") {
        let end = memchr::memmem::find(&rest.as_bytes()[4..], b"-->");
        return Piece::Markup(end.map_or(source.len(), |end| at + 4 + end + 3));
    }
    let is_tag =
        matches!(rest.as_bytes().get(1), Some(b'/' | b'!' | b'?' | b'a'..=b'z' | b'A'..=b'Z'));
    if !is_tag {
        return Piece::Text;
    }
    let mut quote = None;
    for (offset, byte) in rest.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Piece::Markup(at + offset + 1),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if byte == open => quote = None,
            _ => {}
        }
    }
    // Without an end, HTML has no tag here.
    Piece::Markup(source.len())
}

/// Returns the name of a tag in lower case, after its slash.
pub(super) fn tag_name(tag: &str) -> String {
    let name = tag.trim_start_matches(['<', '/']);
    let end = name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len());
    name[..end].to_ascii_lowercase()
}

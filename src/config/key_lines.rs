//! The lines of nested keys in `site.yaml`, which the YAML parser doesn't provide.

use crate::diagnostics::Location;

/// Returns the location of a nested key: `["taxonomies", "tags", "path"]`. Where a key isn't found,
/// because an alias or an odd layout hides it, the location is that of the key above it.
pub(super) fn locate(source: &str, path: &[&str]) -> Option<Location> {
    let (first, nested) = path.split_first()?;
    let mut location = Location::for_key(source, first);
    let keys = keys(source);
    let is_first = |key: &&Key<'_>| key.depth == 0 && key.name.eq_ignore_ascii_case(first);
    let mut index = keys.iter().position(|key| is_first(&key))?;
    for name in nested {
        let parent = &keys[index];
        let children = keys[index + 1..].iter().take_while(|key| key.depth > parent.depth);
        let child_depth = keys.get(index + 1).map_or(0, |key| key.depth);
        let Some(offset) =
            children.into_iter().position(|key| key.depth == child_depth && key.name == *name)
        else {
            break;
        };
        index += 1 + offset;
        location = Some(Location::from_span(source, keys[index].start, keys[index].name.len()));
    }
    location
}

/// A key of a mapping.
struct Key<'s> {
    name: &'s str,
    /// The byte at which it begins.
    start: usize,
    /// The nesting depth: the column of its line, and a step for each bracket around it.
    depth: usize,
}

/// Returns the keys of a file in order, without those in quotation marks or comments.
fn keys(source: &str) -> Vec<Key<'_>> {
    let mut keys = Vec::new();
    let mut brackets = 0_usize;
    let mut flow_indent = 0;
    let mut offset = 0;
    for line in source.split_inclusive('\n') {
        if brackets == 0 {
            flow_indent = line.len() - line.trim_start_matches([' ', '\u{feff}']).len();
        }
        scan_line(line, |token| match token {
            Token::Open => brackets += 1,
            Token::Close => brackets = brackets.saturating_sub(1),
            // Larger than any column, so that keys in brackets are below the key of their line.
            Token::Key(start, name) => {
                keys.push(Key {
                    name,
                    start: offset + start,
                    depth: flow_indent + 1000 * brackets,
                });
            }
        });
        offset += line.len();
    }
    keys
}

enum Token<'s> {
    Open,
    Close,
    Key(usize, &'s str),
}

/// Reports the brackets and keys of a line.
fn scan_line<'s>(line: &'s str, mut report: impl FnMut(Token<'s>)) {
    let bytes = line.as_bytes();
    let mut at = 0;
    // The last scalar, which is a key if a colon follows.
    let mut scalar: Option<(usize, &str)> = None;
    while at < bytes.len() {
        match bytes[at] {
            b'#' if at == 0 || bytes[at - 1].is_ascii_whitespace() => return,
            quote @ (b'"' | b'\'') if scalar.is_none() => {
                let length = line[at + 1..].find(char::from(quote));
                let end = length.map_or(bytes.len(), |length| at + 1 + length);
                scalar = Some((at + 1, &line[at + 1..end]));
                at = end;
            }
            b'{' | b'[' if scalar.is_none() => report(Token::Open),
            b'}' | b']' => {
                scalar = None;
                report(Token::Close);
            }
            b',' => scalar = None,
            b':' if bytes.get(at + 1).is_none_or(|next| b" \t\r\n{[\"'".contains(next)) => {
                if let Some((start, name)) = scalar.take() {
                    report(Token::Key(start, name.trim_end()));
                }
            }
            byte if byte.is_ascii_whitespace() => {}
            _ if scalar.is_none() => {
                let rest = &line[at..];
                let length = rest.find([':', ',', '}', ']', '{']).unwrap_or(rest.len());
                scalar = Some((at, &rest[..length]));
                at += length.max(1) - 1;
            }
            _ => {}
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_keys_are_found_in_every_layout() {
        let path = ["taxonomies", "tags", "path"];
        for (source, line, column) in [
            ("taxonomies: {tags: {path: x}}\n", 1, 21),
            ("title: 'path: {'\ntaxonomies:\n  tags: {name: \"path: y\", path: x}\n", 3, 27),
            ("taxonomies:\n  people: {path: y}\n  # tags: {path: z}\n  tags:\n    path: x\n", 5, 5),
            ("taxonomies:\n  tags:\n    name: T\n    'path' : x\nextra: {path: y}\n", 4, 6),
            ("taxonomies: {\n  tags: {\n  path: x}}\n", 3, 3),
        ] {
            let found = locate(source, &path).expect("a location");
            assert_eq!((found.line, found.column), (line, column), "{source}");
        }
    }

    #[test]
    fn the_key_above_stands_for_one_that_is_hidden() {
        let source = "a: 1\ntaxonomies: &t\n  tags: *x\nextra: {path: y}\n";
        assert_eq!(locate(source, &["taxonomies", "tags", "path"]).map(|l| l.line), Some(3));
        assert_eq!(locate("a: 1", &["taxonomies", "tags"]), None);
        for odd in ["a: {", "a: \"", "{", "}", "a: 'b", ":", "\u{feff}a: [}"] {
            locate(odd, &["a", "b"]);
        }
    }
}

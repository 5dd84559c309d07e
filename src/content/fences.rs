//! The fences of front matter: where it begins and ends, and its format.

use std::ops::Range;

use super::value_tree::object_length;

/// Characters that may precede the opening fence.
pub(super) const FENCE_PREFIX: [char; 5] = ['\u{feff}', ' ', '\t', '\r', '\n'];

/// The format of front matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrontMatterFormat {
    /// Between lines of `---`.
    Yaml,
    /// Between lines of `+++`.
    Toml,
    /// An object at the beginning of the file.
    Json,
}

/// The front matter of a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fences {
    pub(super) format: FrontMatterFormat,
    /// The bytes of the front matter without its fences, but with the braces of JSON.
    pub(super) front_matter: Range<usize>,
    /// The first byte of the body.
    pub(super) body_start: usize,
}

/// The reason why no front matter was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FencesError {
    /// The file doesn't begin with any.
    Missing,
    /// Its end is missing.
    Unclosed(FrontMatterFormat),
}

/// Finds the front matter of a text.
///
/// # Errors
/// [`FencesError::Missing`] if there is none, [`FencesError::Unclosed`] if its end is missing.
pub(super) fn find_fences(text: &str) -> Result<Fences, FencesError> {
    let start = text.len() - text.trim_start_matches(FENCE_PREFIX).len();
    if is_json_object(&text[start..]) {
        return find_object(text, start);
    }
    let (format, length) = opening_fence(&text[start..]).ok_or(FencesError::Missing)?;
    let front = start + length;
    let (front_length, body) =
        find_closing_fence(&text[front..], format).ok_or(FencesError::Unclosed(format))?;
    let front_matter = front..front + front_length;
    Ok(Fences { format, front_matter, body_start: front + body })
}

/// Returns the first byte of a file's body; 0 if its front matter isn't closed.
pub(super) fn body_start(text: &str) -> usize {
    find_fences(text).map_or(0, |fences| fences.body_start)
}

/// Returns true if a text begins with a JSON object: a brace and a quoted key, or an empty object.
/// Template syntax such as `{{ … }}` and `{% … %}` isn't one.
fn is_json_object(text: &str) -> bool {
    text.strip_prefix('{').is_some_and(|rest| rest.trim_start().starts_with(['"', '}']))
}

/// Finds an object. The rest of its last line belongs to the body, unless it is empty.
fn find_object(text: &str, start: usize) -> Result<Fences, FencesError> {
    let format = FrontMatterFormat::Json;
    let length = object_length(&text[start..]).ok_or(FencesError::Unclosed(format))?;
    let end = start + length;
    let line = text[end..].split_inclusive('\n').next().unwrap_or_default();
    let body_start = end + if line.trim().is_empty() { line.len() } else { 0 };
    Ok(Fences { format, front_matter: start..end, body_start })
}

/// Returns the format and the length of an opening fence with its line break.
fn opening_fence(text: &str) -> Option<(FrontMatterFormat, usize)> {
    let line = text.split_inclusive('\n').next()?;
    let format = match line.trim_end() {
        "---" => FrontMatterFormat::Yaml,
        "+++" => FrontMatterFormat::Toml,
        _ => return None,
    };
    line.ends_with('\n').then_some((format, line.len()))
}

/// Returns the length of the front matter up to the closing fence, and the offset of the body.
fn find_closing_fence(text: &str, format: FrontMatterFormat) -> Option<(usize, usize)> {
    let fences: &[&str] =
        if format == FrontMatterFormat::Toml { &["+++"] } else { &["---", "..."] };
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        if fences.contains(&line.trim_end()) {
            return Some((offset, offset + line.len()));
        }
        offset += line.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_format_has_its_fences() {
        for (text, format, front, body) in [
            ("---\na: 1\n---\nText", FrontMatterFormat::Yaml, "a: 1\n", "Text"),
            ("+++\na = 1\n+++ \nText", FrontMatterFormat::Toml, "a = 1\n", "Text"),
            ("\u{feff}\n+++\r\n+++\r\n", FrontMatterFormat::Toml, "", ""),
            ("{\"a\": 1}\nText", FrontMatterFormat::Json, "{\"a\": 1}", "Text"),
            ("{ }", FrontMatterFormat::Json, "{ }", ""),
            ("{\n\"a\": {}\n} Text", FrontMatterFormat::Json, "{\n\"a\": {}\n}", " Text"),
        ] {
            let fences = find_fences(text).expect(text);
            assert_eq!(fences.format, format, "{text}");
            assert_eq!(&text[fences.front_matter], front, "{text}");
            assert_eq!(&text[fences.body_start..], body, "{text}");
        }
    }

    #[test]
    fn other_beginnings_are_no_front_matter() {
        for text in ["", "Text", "{% raw %}", "{{< figure >}}", "{: .lead}", "++++\n", "+++"] {
            assert_eq!(find_fences(text), Err(FencesError::Missing), "{text}");
        }
        for (text, format) in [
            ("+++\na = 1\n---\n", FrontMatterFormat::Toml),
            ("---\na: 1\n+++\n", FrontMatterFormat::Yaml),
            ("{\"a\": 1\n", FrontMatterFormat::Json),
        ] {
            assert_eq!(find_fences(text), Err(FencesError::Unclosed(format)), "{text}");
        }
    }
}

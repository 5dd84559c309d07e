//! Template syntax of other systems: Liquid and Jinja tags, kramdown's attribute lists, fenced
//! containers, admonitions, and WordPress shortcodes.

use std::ops::Range;

use super::item::{DroppedClass, DroppedItem};
use crate::content::markdown::code_ranges;

/// The shortcodes of WordPress and its most common plugins.
const WORDPRESS_SHORTCODES: [&str; 14] = [
    "audio",
    "caption",
    "contact-form-7",
    "embed",
    "gallery",
    "googlemaps",
    "gravityform",
    "playlist",
    "soundcloud",
    "tweet",
    "vc_column",
    "vc_row",
    "video",
    "youtube",
];

/// The beginnings of shortcodes, and of one that is shown (Hugo's `{{</* name */>}}`).
const SHORTCODES: [&str; 3] = ["{{<", "{{%", "{{\\<"];

/// The longest tag, in bytes.
const MAX_TAG_BYTES: usize = 4096;

/// Adds the template syntax of a body. In code there is none.
pub(super) fn find(body: &str, items: &mut Vec<DroppedItem>) {
    let mut found = Vec::new();
    find_tags(body, &mut found);
    find_lines(body, &mut found);
    if found.is_empty() {
        return;
    }
    let code = code_ranges(body);
    let is_code = |offset: usize| code.iter().any(|range: &Range<usize>| range.contains(&offset));
    found.sort_unstable();
    found.retain(|(offset, _)| !is_code(*offset));
    items.extend(
        found
            .into_iter()
            .map(|(offset, name)| DroppedItem::new(DroppedClass::TemplateSyntax, name, offset)),
    );
}

/// Finds tags anywhere in a line: `{% … %}`, `{{ … }}`, `{: … }` and `[caption …]`.
fn find_tags(body: &str, found: &mut Vec<(usize, String)>) {
    let mut end = 0;
    for at in memchr::memchr2_iter(b'{', b'[', body.as_bytes()) {
        if at < end {
            continue;
        }
        let rest = &body[at..];
        let (length, name) = if rest.starts_with("{%") {
            (closed_by(rest, "%}"), "{% … %}".to_owned())
        } else if rest.starts_with("{{") && !SHORTCODES.iter().any(|start| rest.starts_with(start))
        {
            (closed_by(rest, "}}"), "{{ … }}".to_owned())
        } else if rest.starts_with("{:") {
            (attribute_list_len(rest), "{: … }".to_owned())
        } else {
            match wordpress_shortcode(rest) {
                Some(shortcode) => (Some(1), format!("[{shortcode} …]")),
                None => (None, String::new()),
            }
        };
        if let Some(length) = length {
            found.push((at, name));
            end = at + length;
        }
    }
}

/// Returns the length of a tag that ends in the same paragraph.
fn closed_by(text: &str, close: &str) -> Option<usize> {
    let mut limit = text.len().min(MAX_TAG_BYTES);
    while !text.is_char_boundary(limit) {
        limit -= 1;
    }
    let window = &text[..limit];
    let window = window.split("\n\n").next().unwrap_or(window);
    window.find(close).map(|at| at + close.len())
}

/// Returns the length of an attribute list of kramdown: `{: .class}`, `{:toc}`, `{::comment}`.
fn attribute_list_len(text: &str) -> Option<usize> {
    let line = text.lines().next().unwrap_or_default();
    let inner = line[2..].trim_start_matches([':', '/', ' ']);
    let is_list = inner.starts_with(['.', '#', '}']) || inner.starts_with(char::is_alphabetic);
    line.find('}').map(|at| at + 1).filter(|_| is_list)
}

/// Returns the name of a shortcode of WordPress: one with attributes, or that is closed.
fn wordpress_shortcode(text: &str) -> Option<&'static str> {
    let line = text.lines().next().unwrap_or_default();
    let inner = &line[1..line.find(']')?];
    let after = line.as_bytes().get(inner.len() + 2);
    // `[video](…)`, `[video][1]` and `[video]: …` are Markdown.
    if matches!(after, Some(b'(' | b'[' | b':')) || inner.starts_with('/') {
        return None;
    }
    let name = inner.split([' ', '=', '/']).next().unwrap_or_default();
    let shortcode = WORDPRESS_SHORTCODES.iter().find(|shortcode| **shortcode == name)?;
    let is_closed = || text.contains(&format!("[/{name}]"));
    (inner.contains('=') || is_closed() || inner.ends_with('/')).then_some(shortcode)
}

/// Finds what begins a line: `::: warning`, `!!! note`.
fn find_lines(body: &str, found: &mut Vec<(usize, String)>) {
    if !["\n:::", "\n!!!", "\n???"].iter().any(|marker| has_line(body, marker)) {
        return;
    }
    let mut offset = 0;
    for line in body.split_inclusive('\n') {
        let text = line.trim_start_matches(' ');
        let start = offset + line.len() - text.len();
        if is_container(text) {
            found.push((start, "::: …".to_owned()));
        } else if is_admonition(text.trim_end()) {
            found.push((start, "!!! …".to_owned()));
        }
        offset += line.len();
    }
}

/// Returns true if a marker, which begins with a line break, may begin a line.
fn has_line(body: &str, marker: &str) -> bool {
    memchr::memmem::find(body.as_bytes(), &marker.as_bytes()[1..]).is_some()
}

/// Returns true for `::: warning`, which opens a container; the line that closes it isn't counted.
fn is_container(line: &str) -> bool {
    let name = line.trim_start_matches(':');
    line.starts_with(":::")
        && name.trim_start().starts_with(|c: char| c.is_ascii_alphabetic() || c == '{')
}

/// Returns true for `!!! note`, `??? tip "Title"`: a word in lower case, and nothing but a title in
/// quotation marks.
fn is_admonition(line: &str) -> bool {
    let Some(rest) = line.strip_prefix("!!!").or(line.strip_prefix("???")) else { return false };
    let rest = rest.strip_prefix('+').unwrap_or(rest);
    let Some(rest) = rest.strip_prefix(' ') else { return false };
    let length = rest.find(|c: char| !c.is_ascii_lowercase() && c != '-').unwrap_or(rest.len());
    let (name, title) = rest.split_at(length);
    let title = title.trim();
    !name.is_empty() && (title.is_empty() || title.starts_with('"') && title.ends_with('"'))
}

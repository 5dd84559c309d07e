//! Template syntax of other systems: Liquid and Jinja tags, kramdown's attribute lists, fenced
//! containers, admonitions, and WordPress shortcodes.

use std::collections::BTreeMap;
use std::ops::Range;

use super::item::{DroppedClass, DroppedItem};
use crate::content::markdown::code_ranges;
use crate::content::shortcodes::tag_window;
use crate::model::text::contains_tripled;
use crate::model::work::add_steps;

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

/// Adds the template syntax of a body. In code there is none.
pub(super) fn find(body: &str, items: &mut Vec<DroppedItem>) {
    let mut found = Vec::new();
    find_tags(body, &mut found);
    find_lines(body, &mut found);
    if found.is_empty() {
        return;
    }
    let code = code_ranges(body);
    // The ranges are in order, and none contains another.
    let is_code = |offset: usize| {
        let next = code.partition_point(|range: &Range<usize>| range.end <= offset);
        code.get(next).is_some_and(|range| range.contains(&offset))
    };
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
    let mut closed = ClosedShortcodes::default();
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
            match wordpress_shortcode(body, at, &mut closed) {
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
    let window = tag_window(text).split("\n\n").next().unwrap_or_default();
    window.find(close).map(|at| at + close.len())
}

/// Returns the length of an attribute list of kramdown: `{: .class}`, `{:toc}`, `{::comment}`.
fn attribute_list_len(text: &str) -> Option<usize> {
    let line = tag_window(text).lines().next().unwrap_or_default();
    let inner = line[2..].trim_start_matches([':', '/', ' ']);
    let is_list = inner.starts_with(['.', '#', '}']) || inner.starts_with(char::is_alphabetic);
    line.find('}').map(|at| at + 1).filter(|_| is_list)
}

/// The offset of the last closing tag of each shortcode that was checked, if there is one.
#[derive(Default)]
struct ClosedShortcodes(BTreeMap<&'static str, Option<usize>>);

impl ClosedShortcodes {
    /// Returns true if a shortcode of a body is closed after an offset.
    fn is_closed(&mut self, body: &str, name: &'static str, offset: usize) -> bool {
        let last = self.0.entry(name).or_insert_with(|| {
            add_steps(body.len());
            memchr::memmem::rfind(body.as_bytes(), format!("[/{name}]").as_bytes())
        });
        last.is_some_and(|last| last > offset)
    }
}

/// Returns the name of the shortcode of WordPress at an offset: one with attributes, or that is
/// closed.
fn wordpress_shortcode(
    body: &str,
    offset: usize,
    closed: &mut ClosedShortcodes,
) -> Option<&'static str> {
    let line = tag_window(&body[offset..]).lines().next().unwrap_or_default();
    let inner = &line[1..line.find(']')?];
    let after = line.as_bytes().get(inner.len() + 2);
    // `[video](…)`, `[video][1]` and `[video]: …` are Markdown.
    if matches!(after, Some(b'(' | b'[' | b':')) || inner.starts_with('/') {
        return None;
    }
    let name = inner.split([' ', '=', '/']).next().unwrap_or_default();
    let shortcode = WORDPRESS_SHORTCODES.iter().find(|shortcode| **shortcode == name)?;
    let is_shortcode =
        inner.contains('=') || inner.ends_with('/') || closed.is_closed(body, shortcode, offset);
    is_shortcode.then_some(shortcode)
}

/// Finds what begins a line: `::: warning`, `!!! note`.
fn find_lines(body: &str, found: &mut Vec<(usize, String)>) {
    if !contains_tripled(body, [b':', b'!', b'?']) {
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

//! Writes inline elements as Markdown, and as HTML where Markdown's delimiters would be text
//! (CommonMark 0.31, section 6.2).

use super::super::document::{Inline, inline_text};
use super::escape::{escape_text, escape_title, escape_url};
use super::html::start_tag;
use super::{Context, Neighbors};

/// Returns inline parts as Markdown.
pub(super) fn write_inlines(parts: &[Inline], context: Context, around: Neighbors) -> String {
    let mut out = String::new();
    for (index, part) in parts.iter().enumerate() {
        let before = out.chars().next_back().unwrap_or(around.before);
        let after = parts[index + 1..].first().map_or(around.after, first_char);
        let neighbors = Neighbors { before, after };
        match part {
            Inline::Text(text) => out.push_str(&escape_text(text, context, before, after)),
            Inline::Break => out.push_str(context.line_break()),
            Inline::Strong(content) => {
                out.push_str(&emphasis(content, STRONG, context, neighbors));
            }
            Inline::Emphasis(content) => {
                out.push_str(&emphasis(content, EMPHASIS, context, neighbors));
            }
            Inline::Strikethrough(content) => {
                out.push_str(&emphasis(content, STRIKETHROUGH, context, neighbors));
            }
            Inline::Code(code) => out.push_str(&code_span(code, context)),
            Inline::Link { url, title, content } => {
                out.push_str(&link(url, title, content, context));
            }
            Inline::Image { url, alt } => {
                let alt = escape_text(alt, context.in_link(), '[', ']');
                out.push_str(&format!("![{alt}]({})", escape_url(url)));
            }
            Inline::Element(element, content) => {
                let inner = write_inlines(content, context, Neighbors { before: '>', after: '<' });
                out.push_str(&format!("{}{inner}</{}>", start_tag(element), element.name));
            }
            Inline::FootnoteReference(number) => out.push_str(&format!("[^{number}]")),
        }
    }
    out
}

/// Returns the first character that a part is written with.
fn first_char(part: &Inline) -> char {
    match part {
        Inline::Text(text) => text.chars().next().unwrap_or('\0'),
        Inline::Break => '\\',
        Inline::Strong(_) | Inline::Emphasis(_) => '*',
        Inline::Strikethrough(_) => '~',
        Inline::Code(_) => '`',
        Inline::Link { .. } | Inline::FootnoteReference(_) => '[',
        Inline::Image { .. } => '!',
        Inline::Element(..) => '<',
    }
}

/// The delimiters of a type of emphasis, and its element in HTML.
#[derive(Clone, Copy)]
struct Delimiters {
    delimiter: &'static str,
    /// Another delimiter, for text next to the first.
    other: Option<&'static str>,
    element: &'static str,
}

const STRONG: Delimiters = Delimiters { delimiter: "**", other: None, element: "strong" };
const EMPHASIS: Delimiters = Delimiters { delimiter: "*", other: Some("_"), element: "em" };
const STRIKETHROUGH: Delimiters = Delimiters { delimiter: "~~", other: None, element: "del" };

fn emphasis(
    content: &[Inline],
    delimiters: Delimiters,
    context: Context,
    around: Neighbors,
) -> String {
    let delimiter_char = delimiters.delimiter.chars().next().unwrap_or('*');
    let inside = Neighbors { before: delimiter_char, after: delimiter_char };
    let inner = write_inlines(content, context, inside);
    for delimiter in [Some(delimiters.delimiter), delimiters.other].into_iter().flatten() {
        if can_delimit(&inner, delimiter, around) {
            return format!("{delimiter}{inner}{delimiter}");
        }
    }
    let inside = Neighbors { before: '>', after: '<' };
    let inner = write_inlines(content, context, inside);
    format!("<{0}>{inner}</{0}>", delimiters.element)
}

/// Returns true if a delimiter before and after a text opens and closes emphasis. In case of doubt,
/// it doesn't.
fn can_delimit(inner: &str, delimiter: &str, around: Neighbors) -> bool {
    let (Some(first), Some(last)) = (inner.chars().next(), inner.chars().next_back()) else {
        return false;
    };
    let c = delimiter.chars().next().unwrap_or('*');
    if [first, last, around.before, around.after].contains(&c) {
        return false;
    }
    let is_word = |c: char| c.is_alphanumeric();
    let is_outside = |c: char| {
        c.is_whitespace()
            || c.is_ascii_punctuation()
            || matches!(c, '\0' | '«' | '»' | '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205e}')
    };
    let opens = !first.is_whitespace() && (is_word(first) || is_outside(around.before));
    let closes = !last.is_whitespace() && (is_word(last) || is_outside(around.after));
    // Between letters, underscores are text.
    let is_apart = c != '_' || (is_outside(around.before) && is_outside(around.after));
    opens && closes && is_apart
}

/// Returns a code span, with more backticks than its text has in a row.
fn code_span(code: &str, context: Context) -> String {
    let fence = "`".repeat(longest_run(code, '`') + 1);
    let needs_space = code.starts_with('`')
        || code.ends_with('`')
        || (code.starts_with(' ') && code.ends_with(' '));
    let space = if needs_space { " " } else { "" };
    let code = if context.is_cell() { code.replace('|', "\\|") } else { code.replace('\n', " ") };
    format!("{fence}{space}{code}{space}{fence}")
}

/// Returns the length of the longest run of a character.
pub(super) fn longest_run(text: &str, wanted: char) -> usize {
    let mut longest = 0;
    let mut run = 0;
    for c in text.chars() {
        run = if c == wanted { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

fn link(url: &str, title: &str, content: &[Inline], context: Context) -> String {
    let is_plain =
        |c: char| !c.is_whitespace() && !c.is_control() && !matches!(c, '<' | '>' | '\\');
    let is_autolink = title.is_empty()
        && (url.starts_with("https://") || url.starts_with("http://"))
        && matches!(content, [Inline::Text(text)] if text == url)
        && url.chars().all(is_plain)
        && !(context.is_cell() && url.contains('|'))
        && !url.contains("{{");
    if is_autolink {
        return format!("<{url}>");
    }
    let inner = write_inlines(content, context.in_link(), Neighbors { before: '[', after: ']' });
    if title.is_empty() {
        return format!("[{inner}]({})", escape_url(url));
    }
    format!("[{inner}]({} \"{}\")", escape_url(url), escape_title(title, context))
}

/// Returns an image of a figure, with its caption and credit as title; `None` if they have more
/// than text.
pub(super) fn figure_image(image: &Inline, caption: &[Inline], credit: &str) -> Option<String> {
    let Inline::Image { url, alt } = image else { return None };
    let context = Context::PARAGRAPH;
    let alt = escape_text(alt, context.in_link(), '[', ']');
    if !caption.iter().all(|part| matches!(part, Inline::Text(_))) {
        return None;
    }
    let caption = inline_text(caption);
    let is_divided = caption.contains(" | ") || caption.starts_with("| ") || credit.contains(" | ");
    let has_divider = is_divided || caption.ends_with(" |");
    let title = match (caption.as_str(), credit) {
        _ if has_divider => return None,
        ("", "") => return Some(format!("![{alt}]({})", escape_url(url))),
        (caption, "") => caption.to_owned(),
        ("", credit) => format!("| {credit}"),
        (caption, credit) => format!("{caption} | {credit}"),
    };
    Some(format!("![{alt}]({} \"{}\")", escape_url(url), escape_title(&title, context)))
}

//! Dateline locations: where they open an HTML paragraph, and those that were pasted into a body.

use std::collections::VecDeque;
use std::ops::Range;

use pulldown_cmark::{Event, Tag, TagEnd};

use crate::content::html::{self, Token};

/// Elements whose paragraphs aren't those of the article itself.
const CONTAINERS: [&str; 15] = [
    "aside",
    "blockquote",
    "button",
    "dd",
    "details",
    "dt",
    "figure",
    "footer",
    "form",
    "li",
    "noscript",
    "pre",
    "script",
    "table",
    "template",
];

/// Renders a dateline location. `agency` follows it.
pub(super) fn render_dateline(dateline: &str, agency: &str) -> String {
    format!(
        "<span class=\"dateline\">{}{}\u{a0}—</span> ",
        html::escape(dateline),
        html::escape(agency)
    )
}

/// Finds the first paragraph of an article in raw HTML, which may be in several pieces.
#[derive(Default)]
pub(super) struct HtmlParagraphs {
    /// The number of open elements whose paragraphs aren't the article's.
    open_containers: usize,
}

/// A token of a paragraph.
enum ParagraphPart {
    Text(String),
    Emphasis(Range<usize>),
    EndOfEmphasis(Range<usize>),
    Other(Range<usize>),
}

/// The start of a paragraph.
struct ParagraphStart {
    /// The end of its start tag.
    offset: usize,
    /// Its first parts; more aren't needed.
    parts: Vec<ParagraphPart>,
    has_text: bool,
}

/// The number of parts of a pasted dateline location with emphasis, and the part after it.
const MAX_PARTS: usize = 5;

impl HtmlParagraphs {
    /// Returns the next piece of HTML with a dateline location at the beginning of its first
    /// paragraph that has text; `None` if it has none.
    pub(super) fn with_dateline(&mut self, html: &str, dateline: &str) -> Option<String> {
        let start = self.find_first(html)?;
        let (agency, text, end) = strip_pasted_from_html(&start, dateline, html.len())
            .unwrap_or_else(|| (String::new(), String::new(), start.offset));
        let span = render_dateline(dateline, &agency);
        Some(format!("{}{span}{}{}", &html[..start.offset], html::escape(&text), &html[end..]))
    }

    fn find_first(&mut self, html: &str) -> Option<ParagraphStart> {
        let mut found: Option<ParagraphStart> = None;
        html::tokenize(html, |token| {
            let is_complete =
                |start: &ParagraphStart| start.has_text && start.parts.len() >= MAX_PARTS;
            if found.as_ref().is_some_and(is_complete) {
                return;
            }
            match token {
                Token::Text(text) => {
                    if let Some(start) = &mut found {
                        let is_blank = text.trim().is_empty();
                        start.has_text |= !is_blank;
                        if !(is_blank && start.parts.is_empty()) {
                            start.parts.push(ParagraphPart::Text(text.to_owned()));
                        }
                    }
                }
                Token::StartTag(tag) if tag.name == "p" => {
                    if self.open_containers == 0 && !found.as_ref().is_some_and(|p| p.has_text) {
                        let (offset, parts) = (tag.span.end, Vec::new());
                        found = Some(ParagraphStart { offset, parts, has_text: false });
                    }
                }
                Token::StartTag(tag) => {
                    self.open_containers += usize::from(CONTAINERS.contains(&tag.name));
                    if let Some(start) = &mut found {
                        let part = match tag.name {
                            "strong" | "b" | "em" | "i" => ParagraphPart::Emphasis,
                            _ => ParagraphPart::Other,
                        };
                        start.parts.push(part(tag.span.clone()));
                    }
                }
                Token::EndTag(tag) => {
                    let is_container = CONTAINERS.contains(&tag.name);
                    self.open_containers =
                        self.open_containers.saturating_sub(usize::from(is_container));
                    if tag.name == "p" && found.as_ref().is_some_and(|start| !start.has_text) {
                        found = None;
                    }
                    if let Some(start) = &mut found {
                        let part = match tag.name {
                            "strong" | "b" | "em" | "i" => ParagraphPart::EndOfEmphasis,
                            _ => ParagraphPart::Other,
                        };
                        start.parts.push(part(tag.span.clone()));
                    }
                }
            }
        });
        found.filter(|start| start.has_text)
    }
}

/// Removes a pasted dateline location, bold or not, from the beginning of a paragraph. Returns the
/// text in parentheses after it, the rest of its text, and the end of that text in the HTML.
fn strip_pasted_from_html(
    start: &ParagraphStart,
    dateline: &str,
    html_length: usize,
) -> Option<(String, String, usize)> {
    use ParagraphPart::{Emphasis, EndOfEmphasis, Other, Text};
    let (first, second, after) = match &start.parts[..] {
        [Text(text), after @ ..] => (text.trim_start(), "", after),
        [Emphasis(_), Text(text), EndOfEmphasis(_), Text(following), after @ ..] => {
            (text.trim_start(), following.as_str(), after)
        }
        _ => return None,
    };
    let end = match after.first() {
        None => html_length,
        Some(Emphasis(span) | EndOfEmphasis(span) | Other(span)) => span.start,
        // A comment is between the two texts.
        Some(Text(_)) => return None,
    };
    let rest = strip_location(first, dateline)?;
    let (agency, text) = parse_dateline_suffix(&format!("{rest}{second}"))?;
    Some((agency, text, end))
}

/// Returns the text after a dateline location at its beginning.
fn strip_location<'t>(text: &'t str, dateline: &str) -> Option<&'t str> {
    let start = text.get(..dateline.len())?;
    start.eq_ignore_ascii_case(dateline).then(|| &text[dateline.len()..])
}

/// Removes a pasted dateline location, bold or not, from the beginning of a paragraph. Returns the
/// text in parentheses after it.
pub(super) fn strip_pasted_dateline(
    inner: &mut VecDeque<Event<'_>>,
    dateline: &str,
) -> Option<String> {
    let is_emphasized = matches!(inner.front(), Some(Event::Start(Tag::Strong | Tag::Emphasis)));
    let first = usize::from(is_emphasized);
    let Some(Event::Text(text)) = inner.get(first) else { return None };
    let rest = strip_location(text, dateline)?;
    if !is_emphasized {
        let (agency, rest) = parse_dateline_suffix(rest)?;
        inner[0] = Event::Text(rest.into());
        return Some(agency);
    }
    if !matches!(inner.get(2), Some(Event::End(TagEnd::Strong | TagEnd::Emphasis))) {
        return None;
    }
    let Some(Event::Text(following)) = inner.get(3) else { return None };
    let (agency, following) = parse_dateline_suffix(&format!("{rest}{following}"))?;
    inner.drain(..3);
    inner[0] = Event::Text(following.into());
    Some(agency)
}

/// The maximum length of a region and a date between a dateline location and its dash, in bytes.
const MAX_DETAILS_BYTES: usize = 40;

/// Splits a region and a date off what follows a dateline location, as agencies write them: `, Nov.
/// 5 (Reuters) - `, `, D.C. – `. The text behind them begins with a parenthesis or with a dash
/// between spaces. Returns `None` if there are none.
fn split_details(rest: &str) -> Option<(&str, &str)> {
    let inner = rest.strip_prefix(", ")?;
    let end =
        inner.find(|c: char| !(c.is_alphanumeric() || matches!(c, ' ' | '.' | ',' | '\'')))?;
    let (details, behind) = inner.split_at(end);
    let ends_with_dash = |text: &str| {
        let text = text.trim_start_matches('-').trim_start_matches(['–', '—']);
        text.starts_with([' ', '\u{a0}'])
    };
    let after_agency = match behind.strip_prefix('(').and_then(|inner| inner.split_once(')')) {
        Some((_, after)) => after.strip_prefix(' ')?,
        None => behind,
    };
    let is_dateline = after_agency.starts_with(['-', '–', '—'])
        && ends_with_dash(after_agency)
        && details.ends_with(' ')
        && details.len() <= MAX_DETAILS_BYTES;
    is_dateline.then(|| (details.trim_end(), behind))
}

/// Parses what follows a dateline location: a region and a date, a text in parentheses, such as an
/// agency, and the text after the colon or dash, which is required.
fn parse_dateline_suffix(rest: &str) -> Option<(String, String)> {
    if let Some((details, behind)) = split_details(rest) {
        let (agency, text) = parse_dateline_suffix(behind)?;
        return Some((format!(", {details}{agency}"), text));
    }
    let rest = rest.trim_start();
    let (agency, rest) = match rest.strip_prefix('(').and_then(|inner| inner.split_once(')')) {
        Some((agency, rest)) if agency.chars().count() <= 40 => (format!(" ({agency})"), rest),
        _ => (String::new(), rest),
    };
    let text = rest.trim_start().strip_prefix([':', '—', '–', '-'])?;
    Some((agency, text.trim_start_matches(['-', ' ', '\u{a0}']).to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_and_a_date_belong_to_the_dateline() {
        for (rest, agency, text) in [
            (", Jan. 7 (AP) - The ice broke.", ", Jan. 7 (AP)", "The ice broke."),
            (", Ont. – The ice broke.", ", Ont.", "The ice broke."),
            (", Ont., Jan. 7 -- The ice broke.", ", Ont., Jan. 7", "The ice broke."),
            (" (AP) — The ice broke.", " (AP)", "The ice broke."),
            (": The ice broke.", "", "The ice broke."),
        ] {
            let expected = Some((agency.to_owned(), text.to_owned()));
            assert_eq!(parse_dateline_suffix(rest), expected, "{rest}");
        }
        for rest in [
            ", the ice-bound port, waited.",
            ", where the ice broke in the night before the ferry came - late.",
            " waited - and waited.",
            ", Ont. (AP)",
            ", Ont.",
        ] {
            assert_eq!(parse_dateline_suffix(rest), None, "{rest}");
        }
    }
}

//! Dateline locations that were pasted into a body.

use std::collections::VecDeque;

use pulldown_cmark::{Event, Tag, TagEnd};

/// Removes a pasted dateline location, bold or not, from the beginning of a paragraph. Returns the
/// text in parentheses after it.
pub(super) fn strip_pasted_dateline(
    inner: &mut VecDeque<Event<'_>>,
    dateline: &str,
) -> Option<String> {
    let is_emphasized = matches!(inner.front(), Some(Event::Start(Tag::Strong | Tag::Emphasis)));
    let first = usize::from(is_emphasized);
    let Some(Event::Text(text)) = inner.get(first) else { return None };
    let matches_dateline =
        text.get(..dateline.len()).is_some_and(|start| start.eq_ignore_ascii_case(dateline));
    let rest = text.get(dateline.len()..).filter(|_| matches_dateline)?;
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

/// Parses what follows a dateline location: a text in parentheses, such as an agency, and the text
/// after the colon or dash, which is required.
fn parse_dateline_suffix(rest: &str) -> Option<(String, String)> {
    let rest = rest.trim_start();
    let (agency, rest) = match rest.strip_prefix('(').and_then(|inner| inner.split_once(')')) {
        Some((agency, rest)) if agency.chars().count() <= 40 => (format!(" ({agency})"), rest),
        _ => (String::new(), rest),
    };
    let text = rest.trim_start().strip_prefix([':', '—', '–', '-'])?;
    Some((agency, text.trim_start_matches(['-', ' ', '\u{a0}']).to_owned()))
}

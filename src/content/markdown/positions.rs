//! Finds what a position in a body is for Markdown and HTML.

use std::ops::Range;

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use super::parser::parser_options;
use super::raw_html::RawHtml;
use crate::content::html::{self, Token};

/// The role of a part of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SpanRole {
    /// A part of a URL: the destination of a link or an image, a reference definition, or a tag of
    /// raw HTML.
    Url,
    /// Text in which Markdown is parsed.
    Text,
    /// Text in raw HTML, in which Markdown isn't parsed.
    HtmlText,
    /// Text that can't contain a link: of a link itself, an alternative text, a title, a script.
    PlainText,
}

/// Returns the role of each of some parts of a body, which are in order and don't overlap.
pub(crate) fn span_roles(body: &str, spans: &[Range<usize>]) -> Vec<SpanRole> {
    let mut finder = RoleFinder {
        body,
        spans,
        roles: vec![SpanRole::Url; spans.len()],
        link_depth: 0,
        html: HtmlState::default(),
    };
    let mut block = RawHtml::default();
    let mut block_range = 0..0;
    for (event, range) in Parser::new_ext(body, parser_options()).into_offset_iter() {
        match event {
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                finder.link_depth += 1;
                finder.start_link(&dest_url, &range);
            }
            Event::End(TagEnd::Link | TagEnd::Image) => finder.link_depth -= 1,
            Event::Text(_) => {
                let role = finder.text_role(SpanRole::Text);
                finder.set(&range, role);
            }
            Event::Start(Tag::HtmlBlock) => block_range = range,
            Event::Html(text) => block.push(&text, range),
            Event::End(TagEnd::HtmlBlock) => {
                finder.read_html(&std::mem::take(&mut block), block_range.clone());
            }
            Event::InlineHtml(text) => {
                let mut tag = RawHtml::default();
                tag.push(&text, range.clone());
                finder.read_html(&tag, range);
            }
            _ => {}
        }
    }
    finder.roles
}

struct RoleFinder<'a> {
    body: &'a str,
    spans: &'a [Range<usize>],
    roles: Vec<SpanRole>,
    /// The number of open links and images of Markdown.
    link_depth: usize,
    html: HtmlState,
}

/// The open elements of raw HTML that contain no links.
#[derive(Default)]
struct HtmlState {
    link_depth: usize,
    is_raw_text: bool,
}

impl RoleFinder<'_> {
    /// Returns the indices of the parts that begin in a range.
    fn indices(&self, range: &Range<usize>) -> Range<usize> {
        let start = self.spans.partition_point(|span| span.start < range.start);
        let end = self.spans.partition_point(|span| span.start < range.end);
        start..end.max(start)
    }

    /// Sets the role of the parts that begin in a range.
    fn set(&mut self, range: &Range<usize>, role: SpanRole) {
        let indices = self.indices(range);
        self.roles[indices].fill(role);
    }

    /// Sets the roles in a link or image, whose text follows: what its destination doesn't contain
    /// is in its title.
    fn start_link(&mut self, dest_url: &str, range: &Range<usize>) {
        for index in self.indices(range) {
            let is_in_url = dest_url.contains(&self.body[self.spans[index].clone()]);
            self.roles[index] = if is_in_url { SpanRole::Url } else { SpanRole::PlainText };
        }
    }

    /// Returns the role of a text that is `role` outside links and scripts.
    fn text_role(&self, role: SpanRole) -> SpanRole {
        let is_plain = self.link_depth > 0 || self.html.link_depth > 0 || self.html.is_raw_text;
        if is_plain { SpanRole::PlainText } else { role }
    }

    fn read_html(&mut self, html: &RawHtml, range: Range<usize>) {
        let mut text_start = range.start;
        html::tokenize(&html.text, |token| {
            let (Token::StartTag(tag) | Token::EndTag(tag)) = token else { return };
            let is_start = matches!(token, Token::StartTag(_)) && !tag.is_self_closing;
            let in_body = html.body_offset(tag.span.start)..html.body_offset(tag.span.end);
            let role = self.text_role(SpanRole::HtmlText);
            self.set(&(text_start..in_body.start), role);
            self.set(&in_body, SpanRole::Url);
            text_start = in_body.end;
            match tag.name {
                "a" if is_start => self.html.link_depth += 1,
                "a" => self.html.link_depth = self.html.link_depth.saturating_sub(1),
                "script" | "style" | "textarea" | "title" => self.html.is_raw_text = is_start,
                _ => {}
            }
        });
        let role = self.text_role(SpanRole::HtmlText);
        self.set(&(text_start..range.end), role);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_those_of_the_parsers() {
        for (body, role) in [
            ("see @", SpanRole::Text),
            ("x=\"@\" and y='@'", SpanRole::Text),
            ("f(x)](@", SpanRole::Text),
            ("[a]( @ )", SpanRole::Url),
            ("[a](<@> 't')", SpanRole::Url),
            ("![a](@#b)", SpanRole::Url),
            ("[a][e]\n\n[e]:\n  @", SpanRole::Url),
            ("[@](/a)", SpanRole::PlainText),
            ("[a](/a \"@\")", SpanRole::PlainText),
            ("![@](/a)", SpanRole::PlainText),
            ("<a  href = \"@\">b</a>", SpanRole::Url),
            ("b <a href=@>b</a>", SpanRole::Url),
            ("<p\n href='@'>b</p>", SpanRole::Url),
            ("<p>see @</p>", SpanRole::HtmlText),
            ("<p>x=\"@</p>", SpanRole::HtmlText),
            ("<p>x</p>\n@", SpanRole::HtmlText),
            ("> <p>x</p>\n> <p>@</p>", SpanRole::HtmlText),
            ("<p>x</p>\n\n@", SpanRole::Text),
            ("<script>x = \"@\"</script>", SpanRole::PlainText),
            ("<p><a href=/a>@</a></p>", SpanRole::PlainText),
            ("b <a href=/a>@</a>", SpanRole::PlainText),
        ] {
            let spans: Vec<Range<usize>> =
                body.match_indices('@').map(|(at, _)| at..at + 1).collect();
            assert_eq!(span_roles(body, &spans), vec![role; spans.len()], "{body}");
        }
    }
}

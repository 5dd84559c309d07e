//! HTML tokens, as the HTML Living Standard defines them (section 13.2.5), with their positions in
//! the source. Everything that reads HTML reads it here.
//!
//! The tokenizer is html5gum's, which builds no tree. This module adds the position of each
//! attribute's value, so that it can be replaced without changing anything else.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

use html5gum::{Emitter, Error, State};

/// A token of HTML. Comments and doctypes aren't reported, and neither is a tag without its `>`.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Token<'t> {
    /// Text between two tags, with its character references decoded. A comment splits it in two.
    Text(&'t str),
    /// A start tag.
    StartTag(&'t Tag<'t>),
    /// An end tag.
    EndTag(&'t Tag<'t>),
}

/// A start or end tag.
#[derive(Clone, Debug)]
pub(crate) struct Tag<'t> {
    /// Its name in lower case.
    pub(crate) name: &'t str,
    /// Its bytes in the source, from `<` to `>`.
    pub(crate) span: Range<usize>,
    /// True if it ends with `/>`.
    pub(crate) is_self_closing: bool,
    html: &'t str,
    buffer: &'t [u8],
    attributes: &'t [AttributeRecord],
}

/// An attribute of a tag.
#[derive(Clone, Debug)]
pub(crate) struct Attribute<'t> {
    /// Its name in lower case.
    pub(crate) name: &'t str,
    /// Its value with character references decoded; empty if it has none.
    pub(crate) value: Cow<'t, str>,
    /// The bytes of its value in the source, without quotation marks; `None` if there is none.
    pub(crate) span: Option<Range<usize>>,
    /// The delimiter of the value.
    pub(crate) quote: Quote,
}

/// The delimiter of an attribute's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quote {
    /// `"`
    Double,
    /// `'`
    Single,
    /// The value is unquoted, or there is none.
    None,
}

impl Quote {
    /// The length of each quotation mark in bytes.
    pub(crate) fn len(self) -> usize {
        usize::from(self != Self::None)
    }
}

impl<'t> Tag<'t> {
    /// Returns the attributes in order; of several with the same name, only the first.
    pub(crate) fn attributes(&self) -> impl Iterator<Item = Attribute<'t>> + use<'t> {
        let (html, buffer) = (self.html, self.buffer);
        self.attributes.iter().map(move |record| record.resolve(html, buffer))
    }

    /// Returns an attribute by its name in lower case.
    pub(crate) fn attribute(&self, name: &str) -> Option<Attribute<'t>> {
        self.attributes
            .iter()
            .find(|record| &self.buffer[record.name.clone()] == name.as_bytes())
            .map(|record| record.resolve(self.html, self.buffer))
    }
}

/// An attribute as it is recorded while its tag is read; the ranges are those of the buffer.
#[derive(Clone, Debug, Default)]
struct AttributeRecord {
    name: Range<usize>,
    value: Range<usize>,
    /// The first byte of the value in the source.
    value_start: Option<usize>,
}

impl AttributeRecord {
    fn resolve<'t>(&self, html: &'t str, buffer: &'t [u8]) -> Attribute<'t> {
        let (span, quote) = match self.value_start {
            Some(start) => {
                let (span, quote) = value_span(html.as_bytes(), start);
                (Some(span), quote)
            }
            None => (None, Quote::None),
        };
        Attribute {
            name: str::from_utf8(&buffer[self.name.clone()]).unwrap_or_default(),
            value: String::from_utf8_lossy(&buffer[self.value.clone()]),
            span,
            quote,
        }
    }
}

/// Returns the bytes and the delimiter of the value that begins at a byte.
fn value_span(html: &[u8], start: usize) -> (Range<usize>, Quote) {
    let rest = &html[start..];
    let preceding = start.checked_sub(1).map(|index| html[index]);
    let (quote, length) = match preceding {
        Some(b'"') => (Quote::Double, memchr::memchr(b'"', rest)),
        Some(b'\'') => (Quote::Single, memchr::memchr(b'\'', rest)),
        _ => {
            let ends = |&byte: &u8| byte.is_ascii_whitespace() || byte == b'>';
            (Quote::None, rest.iter().position(ends))
        }
    };
    (start..start + length.unwrap_or(rest.len()), quote)
}

/// Up to this many attributes are compared with each other; more are compared by hash.
const FEW_ATTRIBUTES: usize = 16;

/// Reads HTML and reports each token in order.
pub(crate) fn tokenize(html: &str, mut report: impl FnMut(Token<'_>)) {
    // Dynamic dispatch keeps one copy of html5gum's states in the program, not one per caller.
    let emitter = TokenEmitter {
        html,
        report: &mut report,
        position: 0,
        text: Vec::new(),
        buffer: Vec::new(),
        attributes: Vec::new(),
        tag_start: 0,
        name_len: 0,
        is_end_tag: false,
        is_self_closing: false,
        last_start_tag: Vec::new(),
        foreign_depth: 0,
    };
    let Ok(()) = html5gum::Tokenizer::new_with_emitter(html, emitter).finish();
}

struct TokenEmitter<'h> {
    html: &'h str,
    report: &'h mut dyn FnMut(Token<'_>),
    /// The number of bytes read.
    position: usize,
    text: Vec<u8>,
    /// The name of the current tag, then the names and values of its attributes.
    buffer: Vec<u8>,
    attributes: Vec<AttributeRecord>,
    tag_start: usize,
    name_len: usize,
    is_end_tag: bool,
    is_self_closing: bool,
    last_start_tag: Vec<u8>,
    /// The number of open `<svg>` and `<math>` elements, in which no element contains raw text.
    foreign_depth: usize,
}

impl TokenEmitter<'_> {
    fn flush_text(&mut self) {
        if !self.text.is_empty() {
            (self.report)(Token::Text(&String::from_utf8_lossy(&self.text)));
            self.text.clear();
        }
    }

    fn clear_tag(&mut self) {
        self.buffer.clear();
        self.attributes.clear();
        self.name_len = 0;
        self.is_self_closing = false;
    }

    /// Keeps the first of several attributes with one name (section 13.2.5.33).
    fn drop_duplicates(&mut self) {
        let name_at = |record: &AttributeRecord| &self.buffer[record.name.clone()];
        if self.attributes.len() > FEW_ATTRIBUTES {
            let mut names = HashSet::new();
            self.attributes.retain(|record| names.insert(name_at(record)));
            return;
        }
        let mut index = 1;
        while let Some(record) = self.attributes.get(index) {
            let name = name_at(record);
            if self.attributes[..index].iter().any(|earlier| name_at(earlier) == name) {
                self.attributes.remove(index);
            } else {
                index += 1;
            }
        }
    }
}

impl Emitter for TokenEmitter<'_> {
    type Token = std::convert::Infallible;

    #[inline]
    fn move_position(&mut self, offset: isize) {
        self.position = self.position.saturating_add_signed(offset);
    }

    fn set_last_start_tag(&mut self, last_start_tag: Option<&[u8]>) {
        self.last_start_tag = last_start_tag.unwrap_or_default().to_vec();
    }

    fn emit_eof(&mut self) {
        self.flush_text();
    }

    fn emit_error(&mut self, _: Error) {}

    #[inline]
    fn should_emit_errors(&mut self) -> bool {
        false
    }

    #[inline]
    fn pop_token(&mut self) -> Option<Self::Token> {
        None
    }

    #[inline]
    fn emit_string(&mut self, text: &[u8]) {
        self.text.extend_from_slice(text);
    }

    fn init_start_tag(&mut self) {
        self.clear_tag();
        self.is_end_tag = false;
    }

    fn init_end_tag(&mut self) {
        self.clear_tag();
        self.is_end_tag = true;
    }

    fn start_open_tag(&mut self) {
        self.tag_start = self.position - 1;
    }

    fn init_comment(&mut self) {
        self.flush_text();
    }

    fn emit_current_tag(&mut self) -> Option<State> {
        self.flush_text();
        if self.attributes.len() > 1 {
            self.drop_duplicates();
        }
        let name = &self.buffer[..self.name_len];
        let tag = Tag {
            name: str::from_utf8(name).unwrap_or_default(),
            span: self.tag_start..self.position,
            is_self_closing: self.is_self_closing,
            html: self.html,
            buffer: &self.buffer,
            attributes: &self.attributes,
        };
        let is_foreign_root = matches!(name, b"svg" | b"math");
        if self.is_end_tag {
            (self.report)(Token::EndTag(&tag));
            self.foreign_depth = self.foreign_depth.saturating_sub(usize::from(is_foreign_root));
            return None;
        }
        (self.report)(Token::StartTag(&tag));
        self.foreign_depth += usize::from(is_foreign_root && !self.is_self_closing);
        let next_state = if self.foreign_depth == 0 { raw_text_state(name) } else { None };
        if next_state.is_some() {
            self.last_start_tag.clear();
            self.last_start_tag.extend_from_slice(name);
        }
        next_state
    }

    fn emit_current_comment(&mut self) {}

    fn emit_current_doctype(&mut self) {}

    fn set_self_closing(&mut self) {
        self.is_self_closing = true;
    }

    fn set_force_quirks(&mut self) {}

    #[inline]
    fn push_tag_name(&mut self, name: &[u8]) {
        self.buffer.extend_from_slice(name);
        self.name_len = self.buffer.len();
    }

    fn push_comment(&mut self, _: &[u8]) {}

    fn push_doctype_name(&mut self, _: &[u8]) {}

    fn init_doctype(&mut self) {
        self.flush_text();
    }

    fn init_attribute(&mut self) {
        let end = self.buffer.len();
        self.attributes.push(AttributeRecord {
            name: end..end,
            value: end..end,
            value_start: None,
        });
    }

    fn init_attribute_value(&mut self) {
        let (position, end) = (self.position, self.buffer.len());
        if let Some(attribute) = self.attributes.last_mut() {
            attribute.value = end..end;
            attribute.value_start = Some(position);
        }
    }

    fn push_attribute_name(&mut self, name: &[u8]) {
        self.buffer.extend_from_slice(name);
        if let Some(attribute) = self.attributes.last_mut() {
            attribute.name.end = self.buffer.len();
        }
    }

    fn push_attribute_value(&mut self, value: &[u8]) {
        self.buffer.extend_from_slice(value);
        if let Some(attribute) = self.attributes.last_mut() {
            attribute.value.end = self.buffer.len();
        }
    }

    fn set_doctype_public_identifier(&mut self, _: &[u8]) {}

    fn set_doctype_system_identifier(&mut self, _: &[u8]) {}

    fn push_doctype_public_identifier(&mut self, _: &[u8]) {}

    fn push_doctype_system_identifier(&mut self, _: &[u8]) {}

    fn current_is_appropriate_end_tag_token(&mut self) -> bool {
        self.is_end_tag
            && !self.last_start_tag.is_empty()
            && self.buffer[..self.name_len] == *self.last_start_tag
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&mut self) -> bool {
        self.foreign_depth > 0
    }
}

/// Returns the tokenizer state for the content of an element that contains only text, even if it
/// looks like tags (section 13.2.6). `noscript` isn't one where scripts don't run, as in feed
/// readers.
fn raw_text_state(name: &[u8]) -> Option<State> {
    match name {
        b"textarea" | b"title" => Some(State::RcData),
        b"script" => Some(State::ScriptData),
        b"style" | b"xmp" | b"iframe" | b"noembed" | b"noframes" => Some(State::RawText),
        b"plaintext" => Some(State::PlainText),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes tokens in one line: texts in braces, tags with the source of their attributes.
    fn describe(html: &str) -> String {
        let mut out = String::new();
        tokenize(html, |token| {
            let (slash, tag) = match token {
                Token::Text(text) => return out.push_str(&format!("{{{text}}}")),
                Token::StartTag(tag) => ("", tag),
                Token::EndTag(tag) => ("/", tag),
            };
            assert!(
                html[tag.span.clone()].starts_with('<') && html[tag.span.clone()].ends_with('>')
            );
            out.push_str(&format!("<{slash}{}", tag.name));
            for attribute in tag.attributes() {
                let source = attribute.span.clone().map(|span| &html[span]);
                out.push_str(&format!(" {}", attribute.name));
                if let Some(source) = source {
                    out.push_str(&format!("={}|{source}", attribute.value));
                }
            }
            out.push_str(if tag.is_self_closing { "/>" } else { ">" });
        });
        out
    }

    #[test]
    fn tags_are_found_as_browsers_find_them() {
        for (html, expected) in [
            (
                "<!doctype html><a href=\"x>y\" title='\"'>t</a>",
                "<a href=x>y|x>y title=\"|\">{t}</a>",
            ),
            ("<IMG Src=a.png alt>", "<img src=a.png|a.png alt>"),
            ("a < b <b <3", "{a < b }"),
            ("<p a = b>", "<p a=b|b>"),
            ("<p a=\"\" b='' c=>", "<p a=| b=| c>"),
            ("<p a=b/>", "<p a=b/|b/>"),
            ("<br/>", "<br/>"),
            ("<p a=1 A=2 b>", "<p a=1|1 b>"),
            (
                "<a href=\"?a=1&amp;b&lt=2&copy;\">&lt;&eacute;&#x41;&notit;",
                "<a href=?a=1&b&lt=2\u{a9}|?a=1&amp;b&lt=2&copy;>{<\u{e9}A\u{ac}it;}",
            ),
            ("x<!-- <b> -->y<!--> z<!-- <i>", "{x}{y}{ z}"),
            ("<?xml <b>?></ b><b>", "{?>}<b>"),
            ("<p\r\na='1\r\n2'\r\nb=3>", "<p a=1\n2|1\r\n2 b=3|3>"),
            ("<p \u{e9}='\u{e9}'>\u{e9}", "<p \u{e9}=\u{e9}|\u{e9}>{\u{e9}}"),
            ("<\u{e9}>", "{<\u{e9}>}"),
        ] {
            assert_eq!(describe(html), expected, "{html}");
        }
    }

    #[test]
    fn text_of_scripts_and_forms_has_no_tags() {
        for element in
            ["script", "style", "xmp", "iframe", "noembed", "noframes", "title", "textarea"]
        {
            let html = format!("<{element}><b></{element}s><b></{element}><b>");
            assert_eq!(
                describe(&html),
                format!("<{element}>{{<b></{element}s><b>}}</{element}><b>")
            );
        }
        assert_eq!(
            describe("<script><!--<script></script>--></script>x"),
            "<script>{<!--<script></script>-->}</script>{x}"
        );
        assert_eq!(
            describe("<style>&lt;</style><title>&lt;</title>"),
            "<style>{&lt;}</style><title>{<}</title>"
        );
        assert_eq!(describe("<plaintext><b></plaintext>"), "<plaintext>{<b></plaintext>}");
        assert_eq!(describe("<noscript><img></noscript>"), "<noscript><img></noscript>");
        // SVG and MathML have elements of the same names, and sections of text.
        assert_eq!(
            describe("<svg><title><b/></title><![CDATA[<b>]]></svg><title><b></title>"),
            "<svg><title><b/></title>{<b>}</svg><title>{<b>}</title>"
        );
    }

    #[test]
    fn every_text_comes_to_an_end() {
        for html in [
            "<",
            "<a",
            "<a href=\"",
            "<a href='x",
            "</",
            "<!--",
            "<a b=c",
            "<script>",
            "<a =x>",
            "</script",
            "&",
            "&#x;",
            "<![CDATA[",
            "\0<\0 \0=\0>",
        ] {
            describe(html);
            describe(&format!("<svg>{html}"));
            describe(&format!("<title>{html}"));
        }
        // Neither many attributes nor many texts that begin like a tag take long.
        describe(&format!("<p{}>", " a=1 b2".repeat(100_000)));
        describe(&"<a <".repeat(100_000));
    }
}

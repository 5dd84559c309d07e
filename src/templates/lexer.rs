//! Splits a template into tokens, as Tera's own lexer does (`parsing/lexer.rs` of tera 2.4, which
//! is private).
//!
//! Text outside of tags, comments and raw blocks have no tokens. Where Tera reports a syntax error,
//! the tokens end.

use std::borrow::Cow;
use std::ops::Range;

/// The type of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// `{{` or `{{-`.
    OpenVariable,
    /// `{%` or `{%-`.
    OpenTag,
    /// `}}`, `-}}`, `%}` or `-%}`.
    Close,
    /// A keyword or an identifier.
    Name,
    /// A string with its quotation marks.
    String,
    /// An integer or a float.
    Number,
    /// An operator, a bracket or a separator.
    Symbol,
}

/// A token with its position in the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token<'a> {
    pub(crate) kind: TokenKind,
    /// The token as it is written.
    pub(crate) text: &'a str,
    /// Offset of its first byte.
    pub(crate) start: usize,
}

impl<'a> Token<'a> {
    /// The bytes of the source that the token covers.
    pub(crate) fn range(&self) -> Range<usize> {
        self.start..self.start + self.text.len()
    }

    /// Returns true if the token is this name.
    pub(crate) fn is_name(&self, name: &str) -> bool {
        self.kind == TokenKind::Name && self.text == name
    }

    /// Returns true if the token is this operator, bracket or separator.
    pub(crate) fn is_symbol(&self, symbol: &str) -> bool {
        self.kind == TokenKind::Symbol && self.text == symbol
    }

    /// The value of a string, with escapes resolved; `None` for other tokens.
    pub(crate) fn string_value(&self) -> Option<Cow<'a, str>> {
        if self.kind != TokenKind::String {
            return None;
        }
        let content = &self.text[1..self.text.len() - 1];
        if !content.contains('\\') {
            return Some(Cow::Borrowed(content));
        }
        let mut value = String::with_capacity(content.len());
        let mut chars = content.chars();
        while let Some(c) = chars.next() {
            let unescaped = if c == '\\' { chars.next().map(unescape) } else { Some(c) };
            value.extend(unescaped);
        }
        Some(Cow::Owned(value))
    }
}

fn unescape(c: char) -> char {
    match c {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        other => other,
    }
}

/// Returns the tokens of all tags of a template.
pub(crate) fn tokenize(source: &str) -> Vec<Token<'_>> {
    let mut lexer = Lexer { source, position: 0, tokens: Vec::new() };
    while lexer.skip_to_tag() && lexer.read_tag().is_some() {}
    lexer.tokens
}

/// Operators of two characters.
const TWO_CHAR_SYMBOLS: [&str; 9] = ["//", "**", "==", "!=", ">=", "<=", "</", "?.", "?["];

/// Operators, brackets and separators of one character.
const ONE_CHAR_SYMBOLS: &str = "+-*/%!.,:~|=><()[]{}@";

struct Lexer<'a> {
    source: &'a str,
    position: usize,
    tokens: Vec<Token<'a>>,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        &self.source[self.position..]
    }

    /// Moves to the next `{{`, `{%` or `{#`.
    fn skip_to_tag(&mut self) -> bool {
        let is_open = |window: &[u8]| window[0] == b'{' && b"{%#".contains(&window[1]);
        let offset = self.rest().as_bytes().windows(2).position(is_open);
        self.position = offset.map_or(self.source.len(), |offset| self.position + offset);
        offset.is_some()
    }

    /// Reads a tag, a comment or a raw block; `None` at a syntax error.
    fn read_tag(&mut self) -> Option<()> {
        let start = self.position;
        self.position += 2;
        if self.rest().starts_with('-') {
            self.position += 1;
        }
        let (kind, close) = match self.source.as_bytes()[start + 1] {
            b'#' => {
                self.position += self.rest().find("#}")? + 2;
                return Some(());
            }
            b'%' if let Some(length) = bare_tag_len(self.rest(), "raw") => {
                self.position += length;
                return self.skip_raw_block();
            }
            b'%' => (TokenKind::OpenTag, "%}"),
            _ => (TokenKind::OpenVariable, "}}"),
        };
        self.push(kind, start);
        while self.read_token(close)? != TokenKind::Close {}
        Some(())
    }

    /// Skips to the end of `{% endraw %}`; `None` if there is none.
    fn skip_raw_block(&mut self) -> Option<()> {
        loop {
            self.position += self.rest().find("{%")? + 2;
            if let Some(length) = bare_tag_len(self.rest(), "endraw") {
                self.position += length;
                return Some(());
            }
        }
    }

    /// Reads the next token inside of a tag; `None` at the end of the source or at a syntax error.
    fn read_token(&mut self, close: &str) -> Option<TokenKind> {
        self.position += self.rest().bytes().take_while(u8::is_ascii_whitespace).count();
        let rest = self.rest();
        let first = *rest.as_bytes().first()?;
        let (kind, length) = if rest.starts_with(close) {
            (TokenKind::Close, 2)
        } else if rest.strip_prefix('-').is_some_and(|rest| rest.starts_with(close)) {
            (TokenKind::Close, 3)
        } else if rest.starts_with("...") {
            (TokenKind::Symbol, 3)
        } else if TWO_CHAR_SYMBOLS.iter().any(|symbol| rest.starts_with(symbol)) {
            (TokenKind::Symbol, 2)
        } else if ONE_CHAR_SYMBOLS.as_bytes().contains(&first) {
            (TokenKind::Symbol, 1)
        } else if b"\"'`".contains(&first) {
            (TokenKind::String, string_len(rest)?)
        } else if first.is_ascii_digit() {
            (TokenKind::Number, number_len(rest))
        } else if first == b'_' || first.is_ascii_alphabetic() {
            let is_name_byte = |byte: &u8| *byte == b'_' || byte.is_ascii_alphanumeric();
            (TokenKind::Name, rest.bytes().take_while(is_name_byte).count())
        } else {
            return None;
        };
        let start = self.position;
        self.position += length;
        self.push(kind, start);
        Some(kind)
    }

    fn push(&mut self, kind: TokenKind, start: usize) {
        self.tokens.push(Token { kind, text: &self.source[start..self.position], start });
    }
}

/// The length of the rest of a tag that consists of one name, up to and with `%}`; `None` if it is
/// another tag.
fn bare_tag_len(rest: &str, name: &str) -> Option<usize> {
    let is_space = |c: char| c.is_ascii_whitespace();
    let tag = rest.strip_prefix('-').unwrap_or(rest).trim_start_matches(is_space);
    let end = tag.strip_prefix(name)?.trim_start_matches(is_space);
    let after = end.strip_prefix('-').unwrap_or(end).strip_prefix("%}")?;
    Some(rest.len() - after.len())
}

/// The length of a string with its quotation marks; `None` if it isn't closed.
fn string_len(rest: &str) -> Option<usize> {
    let bytes = rest.as_bytes();
    let mut index = 1;
    while *bytes.get(index)? != bytes[0] {
        index += if bytes[index] == b'\\' { 2 } else { 1 };
    }
    Some(index + 1)
}

/// The length of an integer or of a float, which may end with its point.
fn number_len(rest: &str) -> usize {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let integer = digits(rest);
    if rest[integer..].starts_with('.') {
        integer + 1 + digits(&rest[integer + 1..])
    } else {
        integer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(source: &str) -> Vec<&str> {
        tokenize(source).iter().map(|token| token.text).collect()
    }

    #[test]
    fn strings_may_contain_delimiters() {
        for string in
            [r#""}} ""#, "'%}'", "`}}`", r#""\"}}""#, r"'\'}}'", r#""\\""#, r##""{# #}""##]
        {
            let source = format!("a {{{{ {string} ~ b }}}} c {{{{ d }}}}");
            assert_eq!(texts(&source), ["{{", string, "~", "b", "}}", "{{", "d", "}}"]);
        }
    }

    #[test]
    fn comments_and_raw_blocks_have_no_tokens() {
        for skipped in [
            "{# {{ a }} don't #}",
            "{#- {% a %} -#}",
            "{#}{{ a }}#}",
            "{#-#}",
            "{% raw %}{{ a }}{# {% raw %}{% endraw %}",
            "{%- raw -%}{% endrawx %}{{ a \"{%- endraw -%}",
            "{%raw%}{%{%endraw%}",
            "{ { a } } {a}",
        ] {
            assert_eq!(texts(&format!("{skipped}{{{{ b }}}}")), ["{{", "b", "}}"], "{skipped}");
        }
    }

    #[test]
    fn whitespace_control_belongs_to_delimiters() {
        assert_eq!(texts("{{- a -}}{%- if b-%}"), ["{{-", "a", "-}}", "{%-", "if", "b", "-%}"]);
        assert_eq!(texts("{{ 1 -a }}"), ["{{", "1", "-", "a", "}}"]);
        assert_eq!(texts("{{\n\ta\r\n}}é{{ b }}"), ["{{", "a", "}}", "{{", "b", "}}"]);
    }

    #[test]
    fn operators_are_split_like_in_tera() {
        assert_eq!(
            texts("{% <a {...b} c={1.5} d=\"e\" /> %}"),
            [
                "{%", "<", "a", "{", "...", "b", "}", "c", "=", "{", "1.5", "}", "d", "=", "\"e\"",
                "/", ">", "%}"
            ]
        );
        assert_eq!(texts("{{ a?.b?[c] // 2 }}").len(), 10);
        assert_eq!(texts("{{ {'a': {'b': 1}} }}").last(), Some(&"}}"), "as in Tera");
    }

    #[test]
    fn tokens_end_where_tera_reports_an_error() {
        for source in ["{{ a \" }} {{ b }}", "{{ a ; }} {{ b }}", "{{ a", "{{ a é }}"] {
            assert_eq!(texts(source), ["{{", "a"], "{source}");
        }
        assert_eq!(texts("{# {{ a }}"), [""; 0]);
        assert_eq!(texts("{% raw %}{{ a }}"), [""; 0]);
    }

    #[test]
    fn escapes_are_resolved() {
        let tokens = tokenize(r#"{{ "a\"b\\c\n" }}"#);
        assert_eq!(tokens[1].string_value().as_deref(), Some("a\"b\\c\n"));
        assert_eq!(tokens[0].string_value(), None);
        assert_eq!(tokens[1].range(), 3..14);
    }
}

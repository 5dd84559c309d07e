//! Shortcodes and tags of other systems in bodies: their content is kept, their markup is
//! converted or removed. Each step reads a body only if it contains the step's delimiters.
//!
//! Hugo writes `{{< name arg="…" >}}` and `{{% name %}}`. An image becomes Markdown's, a video a
//! link, `ref` a link to an article; every other tag is removed and its content stays. The build
//! warns once for each name that it removes.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use super::admonitions;
use super::divider;
use super::html;
use super::kramdown;
use super::liquid::{self, ConvertedBody};
use super::markdown::{self, SpanRole};
use super::references::ARTICLE_MARKER;
use crate::model::permalink::percent_decode_path;
use crate::model::text::beginning;
use crate::model::work::add_steps;

/// A body with its shortcodes expanded, and the names of unknown ones.
#[derive(Debug)]
pub(crate) struct ExpandedBody<'a> {
    /// The body, as plain Markdown.
    pub body: Cow<'a, str>,
    /// The names of unknown shortcodes, each once, and of the tags of Liquid that were removed.
    pub unknown_names: Vec<String>,
}

/// Expands every shortcode in a body, in one pass, after the tags of Liquid. Shortcodes in code are
/// kept.
pub(crate) fn expand(body: &str) -> ExpandedBody<'_> {
    let ConvertedBody { body, mut removed } = liquid::convert(body);
    let body = then(body, divider::convert);
    let body = then(body, admonitions::convert);
    let body = then(body, |body| kramdown::convert(body, &mut removed));
    let mut unknown_names = Vec::new();
    let body = then(body, |body| {
        let expanded = expand_shortcodes(body);
        unknown_names = expanded.unknown_names;
        expanded.body
    });
    unknown_names.append(&mut removed);
    ExpandedBody { body, unknown_names }
}

/// Applies a step to a body that an earlier step may have changed.
fn then<'a>(
    body: Cow<'a, str>,
    step: impl for<'s> FnOnce(&'s str) -> Cow<'s, str>,
) -> Cow<'a, str> {
    match body {
        Cow::Borrowed(body) => step(body),
        Cow::Owned(body) => {
            let changed = match step(&body) {
                Cow::Borrowed(unchanged) if unchanged.len() == body.len() => None,
                changed => Some(changed.into_owned()),
            };
            Cow::Owned(changed.unwrap_or(body))
        }
    }
}

fn expand_shortcodes(body: &str) -> ExpandedBody<'_> {
    let mut expander = Expander {
        body,
        copied_to: 0,
        out: String::new(),
        references: Vec::new(),
        unknown_names: Vec::new(),
        seen_names: HashSet::new(),
    };
    if memchr::memmem::find(body.as_bytes(), b"{{").is_some() {
        expander.expand_tags(&markdown::code_ranges(body));
    }
    let Expander { copied_to, mut out, references, unknown_names, .. } = expander;
    if copied_to == 0 {
        return ExpandedBody { body: body.into(), unknown_names };
    }
    out.push_str(&body[copied_to..]);
    if !references.is_empty() {
        out = link_references(&out, &references);
    }
    ExpandedBody { body: out.into(), unknown_names }
}

struct Expander<'a> {
    body: &'a str,
    /// The number of bytes of the body that were copied to `out`.
    copied_to: usize,
    out: String,
    /// The URLs of articles in `out`.
    references: Vec<Range<usize>>,
    unknown_names: Vec<String>,
    /// The same names, for looking one up.
    seen_names: HashSet<String>,
}

impl Expander<'_> {
    fn expand_tags(&mut self, code: &[Range<usize>]) {
        let mut search_start = 0;
        while let Some(open) = memchr::memmem::find(&self.body.as_bytes()[search_start..], b"{{") {
            let open = search_start + open;
            let rest = &self.body[open..];
            // The ranges are in order, and none contains another.
            let next = code.partition_point(|range| range.end <= open);
            let in_code = code.get(next).is_some_and(|range| range.contains(&open));
            if let Some((replacement, length)) = parse_escaped(rest, in_code) {
                self.replace(open, length, &replacement);
                search_start = open + length;
            } else if let Some((tag, length)) = ShortcodeTag::parse(rest).filter(|_| !in_code) {
                let replacement = self.render_tag(&tag);
                self.replace(open, length, &replacement);
                if replacement.starts_with(ARTICLE_MARKER) {
                    self.references.push(self.out.len() - replacement.len()..self.out.len());
                }
                search_start = open + length;
            } else {
                search_start = open + 2;
            }
        }
    }

    fn replace(&mut self, open: usize, length: usize, replacement: &str) {
        self.out.push_str(&self.body[self.copied_to..open]);
        self.out.push_str(replacement);
        self.copied_to = open + length;
    }

    fn render_tag(&mut self, tag: &ShortcodeTag) -> String {
        match tag.to_markdown() {
            Some(markdown) => markdown,
            None => {
                if !tag.is_closing && self.seen_names.insert(tag.name.clone()) {
                    self.unknown_names.push(tag.name.clone());
                }
                String::new()
            }
        }
    }
}

/// Makes links of the URLs of articles that are text: Hugo's `ref` is only a URL, for a link that
/// the author writes around it.
fn link_references(body: &str, references: &[Range<usize>]) -> String {
    let mut out = String::with_capacity(body.len() + 64);
    let mut copied_to = 0;
    for (span, role) in references.iter().zip(markdown::span_roles(body, references)) {
        out.push_str(&body[copied_to..span.start]);
        copied_to = span.end;
        let url = &body[span.clone()];
        let path = percent_decode_path(&url[ARTICLE_MARKER.len()..]);
        match role {
            SpanRole::Url => out.push_str(url),
            SpanRole::Text => out.push_str(&format!("[{}](<{url}>)", escape_markdown(&path))),
            SpanRole::HtmlText => {
                out.push_str(&format!("<a href=\"{url}\">{}</a>", html::escape(&path)));
            }
            SpanRole::PlainText => out.push_str(&html::escape(&path)),
        }
    }
    out.push_str(&body[copied_to..]);
    out
}

/// Escapes a text so that Markdown shows it as it is (CommonMark 0.31, section 2.4).
fn escape_markdown(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '~' | '[' | ']' | '<' | '>' | '&' | '|' | '!') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// Returns the path of an article's file as a URL in any syntax of a link.
fn article_url(path: &str) -> String {
    let mut url = ARTICLE_MARKER.to_owned();
    for c in path.trim().chars() {
        match c {
            ' ' | '(' | ')' | '<' | '>' | '[' | ']' | '"' | '\'' | '`' | '&' | '|' | '\\' => {
                url.push_str(&format!("%{:02X}", u32::from(c)));
            }
            c if c.is_control() || c.is_whitespace() || ARTICLE_MARKER.starts_with(c) => {}
            c => url.push(c),
        }
    }
    url
}

/// Parses Hugo's escaped form of a shortcode, `{{</* name */>}}`. Returns the text to display, and
/// the length of the form.
fn parse_escaped(text: &str, in_code: bool) -> Option<(String, usize)> {
    let (open, close) = match text.as_bytes().get(2)? {
        b'<' => ("{{</*", "*/>}}"),
        b'%' => ("{{%/*", "*/%}}"),
        _ => return None,
    };
    let end = tag_window(text).find(close).filter(|_| text.starts_with(open))?;
    let (inner, sigil) = (&text[open.len()..end], &open[2..3]);
    // In text, `<` would begin an element.
    let escape = if in_code || sigil == "%" { "" } else { "\\" };
    Some((format!("{{{{{escape}{sigil}{inner}{}", &close[2..]), end + close.len()))
}

/// Returns the part of a text in which a tag must end.
pub(super) fn tag_window(text: &str) -> &str {
    let window = beginning(text, MAX_TAG_BYTES);
    add_steps(window.len());
    window
}

struct ShortcodeTag {
    name: String,
    is_closing: bool,
    named_args: BTreeMap<String, String>,
    positional_args: Vec<String>,
}

/// The maximum length of a shortcode, in bytes. A longer one is treated as text.
const MAX_TAG_BYTES: usize = 4096;

impl ShortcodeTag {
    /// Reads a tag at the start of a text, with its length; `None` if there is none.
    fn parse(text: &str) -> Option<(Self, usize)> {
        let end = match text.as_bytes().get(2)? {
            b'<' => ">}}",
            b'%' => "%}}",
            _ => return None,
        };
        let close = tag_window(text).find(end)?;
        let inner = text[3..close].trim();
        let is_closing = inner.starts_with('/');
        let inner = inner.trim_start_matches('/').trim_end_matches('/').trim();
        let (name, args) = inner.split_once(char::is_whitespace).unwrap_or((inner, ""));
        if name.is_empty() || name.starts_with("*") {
            return None;
        }
        let (named_args, positional_args) = parse_arguments(args);
        Some((
            Self { name: name.to_lowercase(), is_closing, named_args, positional_args },
            close + end.len(),
        ))
    }

    /// Returns the Markdown that replaces the tag; `None` if it has none.
    fn to_markdown(&self) -> Option<String> {
        if self.is_closing {
            return None;
        }
        let arg = |name: &str| {
            self.named_args.get(name).map(String::as_str).filter(|value| !value.is_empty())
        };
        match self.name.as_str() {
            "ref" | "relref" => {
                let target =
                    self.positional_args.first().map(String::as_str).or_else(|| arg("path"))?;
                Some(article_url(target))
            }
            "youtube" | "vimeo" => {
                let id = arg("id").or_else(|| self.positional_args.first().map(String::as_str))?;
                let id: String = id
                    .chars()
                    .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
                    .collect();
                let base = if self.name == "youtube" {
                    "https://www.youtube.com/watch?v="
                } else {
                    "https://vimeo.com/"
                };
                Some(format!(
                    "[{}]({base}{id})",
                    arg("title").unwrap_or("▶ Video").replace(['[', ']'], "")
                ))
            }
            "figure" | "img" | "image" => {
                let src =
                    arg("src").or_else(|| self.positional_args.first().map(String::as_str))?;
                let alt = arg("alt")
                    .or_else(|| arg("caption"))
                    .unwrap_or_default()
                    .replace(['[', ']', '\n'], " ");
                let caption = arg("caption")
                    .or_else(|| arg("title"))
                    .unwrap_or_default()
                    .replace(['"', '\n'], "'");
                let credit = arg("attr")
                    .or_else(|| arg("credit"))
                    .map(|credit| format!(" | {}", credit.replace('"', "'")));
                Some(format!("![{alt}](<{src}> \"{caption}{}\")", credit.unwrap_or_default()))
            }
            _ => None,
        }
    }
}

/// Splits `src="a b" alt='c' d` into named and plain arguments.
fn parse_arguments(text: &str) -> (BTreeMap<String, String>, Vec<String>) {
    let (mut named, mut positional) = (BTreeMap::new(), Vec::new());
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let key_end = rest
            .find(|c: char| c == '=' || c.is_whitespace() || matches!(c, '"' | '`'))
            .unwrap_or(rest.len());
        let key = rest[..key_end].to_owned();
        let is_named = rest[key_end..].starts_with('=') && !key.is_empty();
        let value_text = if is_named { &rest[key_end + 1..] } else { rest };
        let (value, remainder) =
            match value_text.chars().next().filter(|c| matches!(c, '"' | '\'' | '`')) {
                Some(quote) => value_text[1..].split_once(quote).unwrap_or((&value_text[1..], "")),
                None => value_text
                    .split_at(value_text.find(char::is_whitespace).unwrap_or(value_text.len())),
            };
        if is_named {
            named.insert(key.to_lowercase(), value.to_owned());
        } else {
            positional.push(value.to_owned());
        }
        rest = remainder.trim_start();
    }
    (named, positional)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_tags_become_markdown() {
        let text = "See [it]({{< ref \"2014-12-08-x.md\" >}} \"T\")\
            {{< figure src=\"a b.png\" alt=\"A\" caption=\"C\" >}}{{<youtube id=\"x-1\">}}";
        let expanded = expand(text);
        assert_eq!(
            expanded.body,
            "See [it](\u{fdd0}article:2014-12-08-x.md \"T\")\
             ![A](<a b.png> \"C\")[▶ Video](https://www.youtube.com/watch?v=x-1)"
        );
        assert!(expanded.unknown_names.is_empty());
    }

    #[test]
    fn unknown_tags_leave_what_they_enclose() {
        let expanded = expand("{{% note %}}Mind **this**.{{% /note %}} {{< note >}}");
        assert_eq!(
            (expanded.body.as_ref(), expanded.unknown_names.as_slice()),
            ("Mind **this**. ", &["note".to_owned()][..])
        );
    }

    #[test]
    fn code_stays_as_it_is_written() {
        for text in ["`{{< note >}}`", "```\n{{% note %}}\n```\n", "a\n\n    {{< ref \"x\" >}}\n"] {
            assert_eq!(expand(text).body, text);
        }
        assert_eq!(expand("`{{</* note */>}}`").body, "`{{< note >}}`");
        assert_eq!(expand("{{</* note */>}} {{%/* note */%}}").body, "{{\\< note >}} {{% note %}}");
    }

    /// Expands a reference to `a.md` in place of `@`.
    fn expand_reference(text: &str) -> String {
        let expanded = expand(&text.replace('@', "{{< ref \"a.md\" >}}")).body.into_owned();
        expanded.replace(ARTICLE_MARKER, "article=")
    }

    #[test]
    fn a_reference_in_text_is_a_link() {
        for (text, expected) in [
            ("See @.", "See [a.md](<article=a.md>)."),
            ("x=\"@\"", "x=\"[a.md](<article=a.md>)\""),
            ("f](@", "f]([a.md](<article=a.md>)"),
            ("<p>See @</p>", "<p>See <a href=\"article=a.md\">a.md</a></p>"),
            ("[@](/b)", "[a.md](/b)"),
            ("<p><a href='/b'>@</a></p>", "<p><a href='/b'>a.md</a></p>"),
            ("<script>x = '@'</script>", "<script>x = 'a.md'</script>"),
        ] {
            assert_eq!(expand_reference(text), expected);
        }
        assert_eq!(
            expand("{{< ref \"b/A (1)_2.md\" >}}").body,
            "[b/A (1)\\_2.md](<\u{fdd0}article:b/A%20%281%29_2.md>)"
        );
    }

    #[test]
    fn a_reference_in_the_syntax_of_a_link_is_its_url() {
        for text in [
            "[it]( @ )",
            "[it](<@#b> 't')",
            "[it][e] [e]\n\n[e]:\n @",
            "<a class='b' href = \"@#c\">d</a>",
            "<p\nhref=@>d</p>",
        ] {
            assert_eq!(expand_reference(text), text.replace('@', "article=a.md"));
        }
    }

    #[test]
    fn text_that_only_looks_like_one_is_kept() {
        for text in ["{{ title }}", "{{<", "{{< open", "{{", "a {{{{ b"] {
            assert_eq!(expand(text).body, text);
        }
    }
}

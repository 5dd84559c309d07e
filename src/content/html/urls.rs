//! Attributes whose values are URLs (HTML Living Standard, index of attributes, and section 16.2
//! for obsolete ones), and the URLs in them.

use std::borrow::Cow;
use std::ops::Range;

use url::Url;

use super::edit::HtmlEditor;
use super::tokenizer::{Attribute, Tag, Token, tokenize};

/// The form of an attribute's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UrlSyntax {
    /// One URL.
    Single,
    /// URLs with white space between them.
    List,
    /// Image candidates (section 4.8.4.2.1): URLs with descriptors, separated by commas.
    Srcset,
}

/// The use of a URL in a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UrlRole {
    /// A link that a reader follows.
    Navigation,
    /// An image that a reader sees.
    Image,
    /// Anything else that a browser loads or a program reads.
    Resource,
}

/// An attribute that contains URLs.
#[derive(Debug)]
pub(crate) struct UrlAttribute {
    name: &'static str,
    /// The elements that have it; all if empty.
    elements: &'static [&'static str],
    pub(crate) syntax: UrlSyntax,
    pub(crate) role: UrlRole,
}

const fn resource(name: &'static str, elements: &'static [&'static str]) -> UrlAttribute {
    UrlAttribute { name, elements, syntax: UrlSyntax::Single, role: UrlRole::Resource }
}

const fn navigation(name: &'static str, elements: &'static [&'static str]) -> UrlAttribute {
    UrlAttribute { role: UrlRole::Navigation, ..resource(name, elements) }
}

/// The attributes that contain URLs; the first matching row applies. If an attribute has another
/// meaning in other elements, its row lists the elements where it is a URL. Attributes whose values
/// only look like URLs aren't listed: `usemap`, `itemtype`, `xmlns`.
const URL_ATTRIBUTES: [UrlAttribute; 19] = [
    navigation("href", &["a", "area"]),
    resource("href", &[]),
    UrlAttribute { role: UrlRole::Image, ..resource("src", &["img"]) },
    resource("src", &[]),
    UrlAttribute { syntax: UrlSyntax::Srcset, ..resource("srcset", &["img", "source"]) },
    UrlAttribute { syntax: UrlSyntax::Srcset, ..resource("imagesrcset", &["link"]) },
    resource("poster", &["video"]),
    resource("cite", &["blockquote", "del", "ins", "q"]),
    resource("data", &["object"]),
    navigation("action", &["form"]),
    resource("formaction", &["button", "input"]),
    UrlAttribute { syntax: UrlSyntax::List, ..resource("ping", &["a", "area"]) },
    resource("itemid", &[]),
    resource("manifest", &["html"]),
    resource("xlink:href", &[]),
    // Obsolete, but still followed by browsers or programs.
    resource("background", &["body", "table", "tbody", "td", "tfoot", "th", "thead", "tr"]),
    resource("longdesc", &["frame", "iframe", "img"]),
    resource("codebase", &["applet", "object"]),
    resource("profile", &["head"]),
];

impl UrlAttribute {
    /// Returns the URLs in a value whose character references are decoded.
    pub(crate) fn urls<'v>(&self, value: &'v str) -> Vec<&'v str> {
        url_ranges(value, self.syntax).into_iter().map(|range| &value[range]).collect()
    }
}

/// Returns the row of an attribute that contains URLs; `None` for any other. Both names are in
/// lower case.
pub(crate) fn url_attribute(element: &str, attribute: &str) -> Option<&'static UrlAttribute> {
    let fits = |row: &&UrlAttribute| {
        row.name == attribute && (row.elements.is_empty() || row.elements.contains(&element))
    };
    URL_ATTRIBUTES.iter().find(fits)
}

/// Returns the ranges of the URLs in a value.
fn url_ranges(value: &str, syntax: UrlSyntax) -> Vec<Range<usize>> {
    match syntax {
        UrlSyntax::Single => {
            let trimmed = value.trim_matches(is_html_space);
            let start = value.len() - value.trim_start_matches(is_html_space).len();
            std::iter::once(start..start + trimmed.len()).collect()
        }
        UrlSyntax::List => split_ranges(value, is_html_space),
        UrlSyntax::Srcset => srcset_ranges(value),
    }
}

fn split_ranges(value: &str, is_separator: fn(char) -> bool) -> Vec<Range<usize>> {
    let mut at = 0;
    let parts = value.split_inclusive(is_separator).map(|part| {
        let start = at;
        at += part.len();
        start..start + part.trim_end_matches(is_separator).len()
    });
    parts.filter(|range| !range.is_empty()).collect()
}

/// Returns true for ASCII white space, which HTML allows around and between URLs.
fn is_html_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\x0c' | '\r')
}

/// Returns the ranges of the URLs in a `srcset` (section 4.8.4.2.2, "parse a srcset attribute"). A
/// URL may contain commas, as `data:` URLs do, but not at its end.
fn srcset_ranges(value: &str) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut rest = value;
    loop {
        rest = rest.trim_start_matches(|c| is_html_space(c) || c == ',');
        if rest.is_empty() {
            return ranges;
        }
        let start = value.len() - rest.len();
        let (written, after) = rest.split_at(rest.find(is_html_space).unwrap_or(rest.len()));
        let url = written.trim_end_matches(',');
        ranges.push(start..start + url.len());
        let has_descriptors = url.len() == written.len();
        rest = if has_descriptors { &after[descriptors_len(after)..] } else { after };
    }
}

/// Returns the length of the descriptors of a candidate, up to the comma that ends it. A comma in
/// parentheses doesn't.
fn descriptors_len(text: &str) -> usize {
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' => depth = 1,
            b')' => depth = 0,
            b',' if depth == 0 => return at,
            _ => {}
        }
    }
    text.len()
}

/// Returns the URLs in the value of a `srcset`, with character references already decoded.
pub(crate) fn srcset_urls(value: &str) -> impl Iterator<Item = &str> {
    srcset_ranges(value).into_iter().map(|range| &value[range])
}

/// Returns the descriptors of a `srcset`, such as `480w` and `2x`.
pub(crate) fn srcset_descriptors(value: &str) -> impl Iterator<Item = &str> {
    let mut ranges = srcset_ranges(value);
    ranges.push(value.len()..value.len());
    let mut end = 0;
    let between = move |range: Range<usize>| {
        let text = &value[end..range.start];
        end = range.end;
        text
    };
    let is_separator = |c: char| is_html_space(c) || c == ',';
    let texts = ranges.into_iter().map(between);
    texts.flat_map(move |text| text.split(is_separator)).filter(|text| !text.is_empty())
}

/// Resolves a relative URL as browsers do; `None` if it can't be.
pub(crate) fn join_url(base: &str, url: &str) -> Option<String> {
    Url::parse(base).and_then(|base| base.join(url)).ok().map(String::from)
}

/// An edit of a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum UrlEdit {
    /// The URL is left unchanged.
    Keep,
    /// A prefix is inserted before the URL.
    Prefix(String),
    /// The URL is replaced.
    Replace(String),
}

/// Edits the URLs in HTML. `edit` receives each URL decoded, with its tag. Text, comments, scripts
/// and styles are left unchanged.
pub(crate) fn edit_urls(
    html: &str,
    mut edit: impl FnMut(&Tag<'_>, &str) -> UrlEdit,
) -> Cow<'_, str> {
    // Without an attribute there is nothing to change.
    if memchr::memchr(b'=', html.as_bytes()).is_none() {
        return Cow::Borrowed(html);
    }
    let mut editor = HtmlEditor::new(html);
    tokenize(html, |token| {
        let Token::StartTag(tag) = token else { return };
        for attribute in tag.attributes() {
            if let Some(row) = url_attribute(tag.name, attribute.name) {
                edit_attribute(html, &attribute, row, &mut editor, &mut |url| edit(tag, url));
            }
        }
    });
    editor.finish()
}

/// Edits the URLs in one attribute. If the edited URLs aren't escaped, prefixes are inserted and
/// all other bytes are kept; otherwise the whole value is rewritten.
pub(crate) fn edit_attribute(
    html: &str,
    attribute: &Attribute<'_>,
    row: &UrlAttribute,
    editor: &mut HtmlEditor<'_>,
    edit: &mut dyn FnMut(&str) -> UrlEdit,
) {
    let Some(span) = attribute.span.clone() else { return };
    let edits: Vec<(Range<usize>, UrlEdit)> = url_ranges(&attribute.value, row.syntax)
        .into_iter()
        .map(|range| (range.clone(), edit(&attribute.value[range])))
        .filter(|(_, edit)| *edit != UrlEdit::Keep)
        .collect();
    if edits.is_empty() {
        return;
    }
    let source = &html[span.clone()];
    let insertions: Option<Vec<(usize, &str)>> = edits
        .iter()
        .map(|(range, edit)| match edit {
            // Up to the URL's first character the value is the same in the source.
            UrlEdit::Prefix(prefix)
                if source.get(..=range.start) == attribute.value.get(..=range.start) =>
            {
                Some((span.start + range.start, prefix.as_str()))
            }
            _ => None,
        })
        .collect();
    match insertions {
        Some(insertions) => {
            insertions.into_iter().for_each(|(at, prefix)| editor.insert_into_value(at, prefix));
        }
        None => editor.replace_value(attribute, &apply(&attribute.value, &edits)),
    }
}

fn apply(value: &str, edits: &[(Range<usize>, UrlEdit)]) -> String {
    let mut out = String::with_capacity(value.len() + 64);
    let mut copied_to = 0;
    for (range, edit) in edits {
        out.push_str(&value[copied_to..range.start]);
        match edit {
            UrlEdit::Keep => out.push_str(&value[range.clone()]),
            UrlEdit::Prefix(prefix) => {
                out.push_str(prefix);
                out.push_str(&value[range.clone()]);
            }
            UrlEdit::Replace(url) => out.push_str(url),
        }
        copied_to = range.end;
    }
    out.push_str(&value[copied_to..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Makes every URL that begins with a slash absolute.
    fn absolute(html: &str) -> String {
        let edited = edit_urls(html, |_, url| {
            if url.starts_with('/') {
                UrlEdit::Prefix("https://t.example".into())
            } else {
                UrlEdit::Keep
            }
        });
        edited.into_owned()
    }

    #[test]
    fn every_attribute_with_urls_is_changed_and_nothing_else() {
        for (html, expected) in [
            ("<A HREF=\"/x\">", "<A HREF=\"https://t.example/x\">"),
            ("<a href='/x'>", "<a href='https://t.example/x'>"),
            ("<a href=/x>", "<a href=https://t.example/x>"),
            ("<a href = \n\"/x\">", "<a href = \n\"https://t.example/x\">"),
            ("<a href=\" /x\">", "<a href=\" https://t.example/x\">"),
            (
                "<a href=\"/x?a=1&amp;b='&#x27;\">",
                "<a href=\"https://t.example/x?a=1&amp;b='&#x27;\">",
            ),
            ("<a href=\"&#47;x&amp;y\">", "<a href=\"https://t.example/x&amp;y\">"),
            ("<a href=\"/x\" href=\"/y\">", "<a href=\"https://t.example/x\" href=\"/y\">"),
            ("<a title=\"href='/x'\" href>", "<a title=\"href='/x'\" href>"),
            ("<a title='a=\"/x\"'>", "<a title='a=\"/x\"'>"),
            ("<a ping=\"/a  /b\">", "<a ping=\"https://t.example/a  https://t.example/b\">"),
            (
                "<video poster=\"/p\" src=\"/v\">",
                "<video poster=\"https://t.example/p\" src=\"https://t.example/v\">",
            ),
            ("<q cite=\"/c\">", "<q cite=\"https://t.example/c\">"),
            (
                "<object data=\"/d\"><p data=\"/d\">",
                "<object data=\"https://t.example/d\"><p data=\"/d\">",
            ),
            (
                "<form action=\"/f\"><button formaction=\"/g\">",
                "<form action=\"https://t.example/f\"><button formaction=\"https://t.example/g\">",
            ),
            (
                "<td background=\"/b\"><img longdesc=\"/l\">",
                "<td background=\"https://t.example/b\"><img longdesc=\"https://t.example/l\">",
            ),
            ("<a data-href=\"/x\" data-src=\"/y\">", "<a data-href=\"/x\" data-src=\"/y\">"),
        ] {
            assert_eq!(absolute(html), expected, "{html}");
        }
    }

    #[test]
    fn image_candidates_are_changed_one_by_one() {
        for (value, expected) in [
            ("/a 1x, /b 2x", "H/a 1x, H/b 2x"),
            ("/a,/b 2x", "H/a,/b 2x"),
            ("/a, /b", "H/a, H/b"),
            ("/a 480w,/b 960w", "H/a 480w,H/b 960w"),
            (" , /a 1x ,,/b", " , H/a 1x ,,H/b"),
            (
                "data:image/gif;base64,R0lGOD,/x 1x, /b 2x",
                "data:image/gif;base64,R0lGOD,/x 1x, H/b 2x",
            ),
            ("/a (1,2)x, /b", "H/a (1,2)x, H/b"),
            ("/a?x&amp;y 1x, /b 2x", "H/a?x&amp;y 1x, H/b 2x"),
            ("https://e.example/a 1x", "https://e.example/a 1x"),
        ] {
            let html =
                |value: &str| format!("<img srcset=\"{value}\"><link imagesrcset=\"{value}\">");
            assert_eq!(absolute(&html(value)), html(expected).replace('H', "https://t.example"));
        }
    }

    #[test]
    fn text_that_looks_like_a_tag_stays() {
        let link = "<a href=\"/x\">";
        for html in [
            "<p>src=\"/a.png\"</p>".to_owned(),
            format!("<!-- {link} -->"),
            format!("<!--{link}"),
            format!("<!doctype {link}"),
            format!("<? {link}").replace('>', ""),
            format!("</ {link}").replace('>', ""),
            format!("<plaintext>{link}</plaintext>{link}"),
            "<a href=\"/x\"".to_owned(),
            "<pre><code>&lt;a href=\"/x\"&gt;</code></pre>".to_owned(),
        ] {
            assert_eq!(absolute(&html), html);
        }
        for element in
            ["script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes"]
        {
            let html = format!("<{element}>{link}</{element}x>{link}</{element} >");
            assert_eq!(
                absolute(&format!("{html}{link}")),
                format!("{html}<a href=\"https://t.example/x\">")
            );
            let upper_case = html.to_uppercase();
            assert_eq!(absolute(&upper_case), upper_case);
        }
        // A comment that ends at once, and a bogus one, end before the link.
        for start in ["<!-->", "<!--->", "<!x>", "<?x>", "</ x>", "<3", "<", "</>", "&lt;"] {
            assert_eq!(
                absolute(&format!("{start} {link}")),
                format!("{start} <a href=\"https://t.example/x\">")
            );
        }
    }
}

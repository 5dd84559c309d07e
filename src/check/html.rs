//! A page's tags, read as a browser's tokeniser would (HTML, section 13.2.5), as far as finding
//! links, and elements that are never closed, asks for.

/// A tag.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tag<'h> {
    /// Where it begins, in bytes.
    pub(super) offset: usize,
    /// Its name as written.
    pub(super) name: &'h str,
    /// Whether it ends an element.
    pub(super) is_end_tag: bool,
    /// What is between the name and the `>`.
    attribute_text: &'h str,
}

impl<'h> Tag<'h> {
    /// Whether it is of an element.
    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// Its attributes, names as written and values as they are between their quotation marks.
    pub(super) fn attributes(&self) -> impl Iterator<Item = (&'h str, &'h str)> + use<'h> {
        let mut rest = self.attribute_text;
        std::iter::from_fn(move || {
            rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
            if rest.is_empty() {
                return None;
            }
            let end = rest[1..]
                .find(|c: char| c.is_ascii_whitespace() || matches!(c, '=' | '/'))
                .map_or(rest.len(), |at| at + 1);
            let (name, after) = rest.split_at(end);
            rest = after.trim_start();
            let Some(value) = rest.strip_prefix('=') else { return Some((name, "")) };
            let value = value.trim_start();
            let (value, after) = match value.as_bytes().first() {
                Some(&quote @ (b'"' | b'\'')) => {
                    value[1..].split_once(char::from(quote)).unwrap_or((&value[1..], ""))
                }
                _ => value
                    .split_at(value.find(|c: char| c.is_ascii_whitespace()).unwrap_or(value.len())),
            };
            rest = after;
            Some((name, value))
        })
    }

    /// The value of an attribute, if it is there.
    pub(super) fn attribute_value(&self, attribute: &str) -> Option<&'h str> {
        self.attributes()
            .find(|(name, _)| name.eq_ignore_ascii_case(attribute))
            .map(|(_, value)| value)
    }
}

/// Elements whose content is text, whatever it looks like.
const RAW_TEXT_ELEMENTS: [&str; 4] = ["script", "style", "textarea", "title"];

/// Every tag of a page, in order. Comments and the text of scripts have none.
pub(super) fn tags(html: &str) -> impl Iterator<Item = Tag<'_>> {
    let bytes = html.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let start = at + memchr::memchr(b'<', bytes.get(at..)?)?;
            at = start + 1;
            let rest = &html[at..];
            if let Some(comment) = rest.strip_prefix("!--") {
                at = comment.find("-->").map_or(html.len(), |end| at + 3 + end + 3);
                continue;
            }
            let is_end_tag = rest.starts_with('/');
            let name_start = at + usize::from(is_end_tag);
            if !bytes.get(name_start).is_some_and(u8::is_ascii_alphabetic) {
                continue;
            }
            let length = bytes[name_start..]
                .iter()
                .take_while(|&&byte| !byte.is_ascii_whitespace() && !matches!(byte, b'/' | b'>'))
                .count();
            let name = &html[name_start..name_start + length];
            let attributes_start = name_start + length;
            let end = attributes_start + end_of_tag(&bytes[attributes_start..])?;
            at = end + 1;
            let tag = Tag {
                offset: start,
                name,
                is_end_tag,
                attribute_text: &html[attributes_start..end],
            };
            if !is_end_tag && RAW_TEXT_ELEMENTS.iter().any(|text| tag.is(text)) {
                at = end_of_text(html, at, name);
            }
            return Some(tag);
        }
    })
}

/// Where the `>` of a tag is: not in a quoted value.
fn end_of_tag(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        let position = at + memchr::memchr3(b'>', b'"', b'\'', &bytes[at..])?;
        let quote = bytes[position];
        if quote == b'>' {
            return Some(position);
        }
        // A quotation mark opens a value only behind a `=`.
        let opens_value = bytes[at..position].iter().rev().find(|byte| !byte.is_ascii_whitespace())
            == Some(&b'=');
        at = position + 1;
        if opens_value {
            at += memchr::memchr(quote, &bytes[at..])? + 1;
        }
    }
}

/// Where the end tag of an element with text begins.
fn end_of_text(html: &str, from: usize, name: &str) -> usize {
    let mut at = from;
    while let Some(position) = memchr::memmem::find(&html.as_bytes()[at..], b"</") {
        let start = at + position;
        if html[start + 2..].get(..name.len()).is_some_and(|end| end.eq_ignore_ascii_case(name)) {
            return start;
        }
        at = start + 2;
    }
    html.len()
}

/// Elements without content.
const VOID_ELEMENTS: [&str; 14] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
    "track", "wbr",
];
/// Elements whose end tag may be left out.
const OPTIONAL_END_TAGS: [&str; 19] = [
    "p", "li", "dt", "dd", "tr", "td", "th", "tbody", "thead", "tfoot", "colgroup", "caption",
    "option", "optgroup", "rt", "rp", "html", "head", "body",
];

/// The first tag of a page that has no other to go with it: where it is, and what is wrong.
pub(super) fn find_malformed(html: &str) -> Option<(usize, String)> {
    let is_one_of = |name: &str, elements: &[&str]| {
        elements.iter().any(|element| name.eq_ignore_ascii_case(element))
    };
    let mut open: Vec<Tag<'_>> = Vec::new();
    // Within SVG and MathML an element may end itself.
    let mut foreign = 0_usize;
    for tag in tags(html) {
        let foreign_root = tag.is("svg") || tag.is("math");
        if is_one_of(tag.name, &VOID_ELEMENTS) {
            continue;
        }
        if !tag.is_end_tag {
            let ends_itself = tag.attribute_text.ends_with('/') && (foreign > 0 || foreign_root);
            if !ends_itself {
                foreign += usize::from(foreign_root);
                open.push(tag);
            }
            continue;
        }
        let matching = open.iter().rposition(|start| start.name.eq_ignore_ascii_case(tag.name));
        let Some(matching) = matching else {
            // `</p>` alone is an empty paragraph to browsers, and a slip all the same.
            return Some((tag.offset, format!("`</{}>` ends nothing", tag.name)));
        };
        if let Some(unclosed) =
            open[matching + 1..].iter().find(|start| !is_one_of(start.name, &OPTIONAL_END_TAGS))
        {
            return Some((
                unclosed.offset,
                format!("`<{}>` is not closed before `</{}>`", unclosed.name, tag.name),
            ));
        }
        open.truncate(matching);
        foreign -= usize::from(foreign_root && foreign > 0);
    }
    let unclosed = open.iter().find(|start| !is_one_of(start.name, &OPTIONAL_END_TAGS))?;
    Some((unclosed.offset, format!("`<{}>` is never closed", unclosed.name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_found_as_browsers_find_them() {
        let html = "<!doctype html><a href=\"x>y\" title='\"'>t</a><!-- <b> --><script>if (a<b) '</a>'</script><IMG src=a.png alt>a < b <3";
        let found: Vec<(String, bool)> =
            tags(html).map(|tag| (tag.name.to_lowercase(), tag.is_end_tag)).collect();
        let expected =
            [("a", false), ("a", true), ("script", false), ("script", true), ("img", false)];
        assert_eq!(found, expected.map(|(name, closes)| (name.to_owned(), closes)));
        let link = tags(html).next().unwrap();
        assert_eq!(
            (
                link.attribute_value("href"),
                link.attribute_value("TITLE"),
                link.attribute_value("rel")
            ),
            (Some("x>y"), Some("\""), None)
        );
        let image = tags(html).last().unwrap();
        assert_eq!(
            (
                image.attribute_value("src"),
                image.attribute_value("alt"),
                image.attribute_value("width")
            ),
            (Some("a.png"), Some(""), None)
        );
    }

    #[test]
    fn what_is_never_closed_is_found() {
        for good in [
            "<p>a<p>b",
            "<ul><li>a<li>b</ul>",
            "<br><img src=x>",
            "<svg><path d=''/><g></g></svg>",
            "<table><tr><td>a</table>",
            "<!doctype html><html><body><p>x",
            "a < b > c",
            "<script>'<div>'</script>",
            "<b>a <i>b</i></b>",
            "<div/><p></p></div>",
        ] {
            assert_eq!(find_malformed(good), None, "{good}");
        }
        for (bad, at) in [
            ("<div>a", 0),
            ("a</div>", 1),
            ("<p><b>a</p>", 3),
            ("<b><i>x</b></i>", 3),
            ("<a href=x>y", 0),
        ] {
            assert_eq!(find_malformed(bad).map(|(at, _)| at), Some(at), "{bad}");
        }
    }

    #[test]
    fn no_text_makes_it_fail() {
        for odd in [
            "<",
            "<a",
            "<a href=\"",
            "</",
            "<!--",
            "<a b=c",
            "<script>",
            "<é>",
            "<a =x>",
            "<a 'é'=\"é\">",
            "</script",
        ] {
            assert!(tags(odd).all(|tag| tag.attributes().count() <= odd.len()));
            let _ = find_malformed(odd);
        }
    }
}

//! Content of a body that readers don't get as it was meant: embeds, markup and URLs that aren't
//! published, and template syntax of other systems, which is printed as text.

mod embedded_html;
mod item;
mod template_syntax;

use std::collections::BTreeMap;

pub(crate) use item::DroppedClass;
use item::DroppedItem;

use super::redaction::RedactedFile;
use super::{SourceFile, markdown, read, shortcodes};
use crate::config::{HtmlPolicy, Site};
use crate::diagnostics::Location;

/// Finds what is dropped from a body, which has no shortcodes any more.
pub(crate) fn find_dropped_content(body: &str, html: HtmlPolicy) -> Vec<DroppedItem> {
    let mut items = Vec::new();
    if html == HtmlPolicy::Sanitized {
        embedded_html::find(body, &mut items);
        let refused = markdown::refused_urls(body).into_iter();
        items.extend(refused.map(|(scheme, offset)| {
            DroppedItem::new(DroppedClass::Url, format!("{scheme}:"), offset)
        }));
    }
    template_syntax::find(body, &mut items);
    items
}

/// Returns what a record keeps of dropped content: for each class and name the number of times,
/// such as `e3 iframe`.
pub(crate) fn summarize(items: &[DroppedItem], unknown_shortcodes: &[String]) -> Vec<String> {
    let mut counts: BTreeMap<(DroppedClass, &str), usize> = BTreeMap::new();
    let shortcodes = unknown_shortcodes.iter().map(|name| (DroppedClass::Shortcode, name.as_str()));
    for key in items.iter().map(|item| (item.class, item.name.as_str())).chain(shortcodes) {
        *counts.entry(key).or_default() += 1;
    }
    let encode = |((class, name), count): ((DroppedClass, &str), usize)| {
        let code = DroppedClass::CODES.iter().find(|(other, _)| *other == class);
        format!("{}{count} {name}", code.map_or(' ', |(_, code)| *code))
    };
    counts.into_iter().map(encode).collect()
}

/// Returns the class, the name and the number of an entry that [`summarize`] returned.
pub(crate) fn parse_summary(entry: &str) -> Option<(DroppedClass, &str, usize)> {
    let code = entry.chars().next()?;
    let (class, _) = DroppedClass::CODES.iter().find(|(_, other)| *other == code)?;
    let (count, name) = entry[1..].split_once(' ')?;
    Some((*class, name, count.parse().ok()?))
}

/// Returns the first locations of dropped content of a class in a file of `content/`, which is
/// read again: at most `count`. Of a file with redacted names they have no text.
pub(crate) fn locate(site: &Site, path: &str, class: DroppedClass, count: usize) -> Vec<Location> {
    let file = format!("content/{path}");
    let Ok(RedactedFile { bytes, matcher, .. }) = read::read_redacted(site, path) else {
        return Vec::new();
    };
    let Ok(source) = SourceFile::parse(&file, &bytes, &site.config.limits) else {
        return Vec::new();
    };
    let full_body = source.body();
    let body = shortcodes::expand(full_body).body;
    let items = find_dropped_content(&body, site.config.html);
    let mut search_start = 0;
    let location = |item: &DroppedItem| {
        // Where shortcodes were replaced, the item is searched in the file by its beginning.
        let offset = if body.len() == full_body.len() {
            item.offset
        } else {
            let line = body[item.offset..].lines().next().unwrap_or_default();
            let start: String = line.chars().take(24).collect();
            let found = full_body[search_start..].find(&start).map(|at| search_start + at);
            found.inspect(|at| search_start = at + 1).unwrap_or_default()
        };
        let location = source.body_location(offset, 1);
        if matcher.is_empty() { location } else { location.without_text() }
    };
    items.iter().filter(|item| item.class == class).take(count).map(location).collect()
}

/// Returns true if the name of an unknown shortcode is a tag of Liquid: `{% seo %}`.
pub(crate) fn is_tag(name: &str) -> bool {
    name.starts_with('{')
}

/// Returns the location of the first tag of Liquid with a name in a file of `content/`, which is
/// read again. Of a file with redacted names it has no text.
pub(crate) fn locate_tag(site: &Site, path: &str, name: &str) -> Option<Location> {
    let file = format!("content/{path}");
    let RedactedFile { bytes, matcher, .. } = read::read_redacted(site, path).ok()?;
    let source = SourceFile::parse(&file, &bytes, &site.config.limits).ok()?;
    let start = find_tag(source.body(), name)?;
    let location = source.body_location(start, 1);
    Some(if matcher.is_empty() { location } else { location.without_text() })
}

/// Returns the position of the first tag with a name.
fn find_tag(body: &str, name: &str) -> Option<usize> {
    let delimiter = name.get(..2)?;
    if delimiter == "{:" {
        return body.find(name).or_else(|| body.find(delimiter));
    }
    let content = name.get(3..name.len().checked_sub(3)?)?.trim_end_matches("()");
    let is_opened = |at: &usize| {
        body[..*at].trim_end_matches(['-', ' ', '\t', '\n', '\r']).ends_with(delimiter)
    };
    let at = body.match_indices(content).map(|(at, _)| at).find(is_opened)?;
    body[..at].rfind(delimiter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::work::assert_linear;

    fn names(body: &str) -> Vec<(DroppedClass, String)> {
        let items = find_dropped_content(body, HtmlPolicy::Sanitized);
        items.into_iter().map(|item| (item.class, item.name)).collect()
    }

    fn names_of(body: &str, class: DroppedClass) -> Vec<String> {
        names(body).into_iter().filter(|(other, _)| *other == class).map(|(_, name)| name).collect()
    }

    #[test]
    fn work_is_proportional_to_the_length_of_a_body() {
        for unit in [
            "<a",
            "<a ",
            "](",
            "]:",
            "[caption ",
            "[caption]",
            "[gallery][/video]",
            "{{",
            "{%",
            "{: ",
            "{:a",
            "`{{ a }}` {% b %} ",
            "<p x=",
            "![a](",
        ] {
            // Much longer than the longest tag.
            assert_linear(unit, |count| {
                find_dropped_content(&unit.repeat(4 * count), HtmlPolicy::Sanitized);
            });
        }
    }

    #[test]
    fn embeds_are_found() {
        for (body, expected) in [
            ("<iframe src=\"https://v.example/1\" style=\"x\"></iframe>", "iframe"),
            ("Text <video controls><source src=a.mp4></video>", "video"),
            ("> <AUDIO src=a.mp3></AUDIO>", "audio"),
            ("- a\n\n  <object data=a.swf></object>", "object"),
            ("<script>if (a < b) {}</script>", "script"),
            ("<style>p { color: red }</style>", "style"),
            ("<amp-img src=a.png></amp-img>", "amp-img"),
            ("<svg><circle r=1 /></svg>", "svg"),
        ] {
            assert_eq!(
                names_of(body, DroppedClass::Embed).first().map(String::as_str),
                Some(expected),
                "{body}"
            );
        }
        assert_eq!(
            names_of("<form><input><button>x</button></form>", DroppedClass::Embed),
            ["form", "input", "button"]
        );
        for body in [
            "`<iframe>`",
            "```\n<iframe>\n```",
            "\\<iframe>",
            "<https://v.example>",
            "a < b",
            "<!-- <iframe> -->",
        ] {
            assert_eq!(names(body), [], "{body}");
        }
        assert_eq!(find_dropped_content("<iframe></iframe>", HtmlPolicy::Trusted), []);
    }

    #[test]
    fn markup_is_found() {
        for (body, expected) in [
            ("<p style=\"color: red\">x</p>", &["style"][..]),
            ("<p onclick=\"x()\" align=right>x</p>", &["onclick", "align"]),
            ("<font color=red>x</font>", &["<font>"]),
            ("<td style=\"color: red\">", &["style"]),
        ] {
            assert_eq!(names_of(body, DroppedClass::Markup), expected, "{body}");
        }
        for body in [
            "<p class=a id=b lang=fr dir=rtl title=x>x</p>",
            "<a href=\"/x\" target=\"_blank\" rel=noopener data-x=1>x</a>",
            "<td style=\"text-align: right\">",
            "<img src=\"a.png\" alt=x width=1 height=2 loading=lazy>",
            "<figure><figcaption>x</figcaption></figure><br/><hr>",
            "A <b>bold</b> & <i>word</i>.",
        ] {
            assert_eq!(names(body), [], "{body}");
        }
    }

    #[test]
    fn refused_urls_are_found() {
        for (body, expected) in [
            ("[x](javascript:alert(1))", "javascript:"),
            ("![x](data:text/html,x)", "data:"),
            ("<a href=\"skype:x\">x</a>", "skype:"),
            ("<img src=\"data:image/png;base64,AAAA\">", "data:"),
            ("[x]\n\n[x]: file:///etc/passwd", "file:"),
        ] {
            assert_eq!(names_of(body, DroppedClass::Url), [expected], "{body}");
        }
        for body in [
            "[x](https://a.example) <https://b.example>",
            "[x](mailto:a@b.example)",
            "[x](a:b.md)`[x](data:x)`",
        ] {
            let names = names_of(body, DroppedClass::Url);
            assert!(names.iter().all(|name| name == "a:"), "{body}: {names:?}");
        }
    }

    #[test]
    fn template_syntax_is_found() {
        for (body, expected) in [
            ("{% include video.html id=1 %}", "{% … %}"),
            ("The {{ site.title }} paper", "{{ … }}"),
            ("# A\n{: .lead}", "{: … }"),
            ("{:toc}", "{: … }"),
            ("{::comment}x{:/comment}", "{: … }"),
            ("[x](https://y.example){:target=\"_blank\"}", "{: … }"),
            ("::: warning\nx\n:::", "::: …"),
            ("!!! note \"Title\"\n    x", "!!! …"),
            ("??? tip\n    x", "!!! …"),
            ("[caption id=\"a\" width=\"300\"]x[/caption]", "[caption …]"),
            ("[gallery ids=\"1,2\"]", "[gallery …]"),
        ] {
            let names = names_of(body, DroppedClass::TemplateSyntax);
            assert_eq!(names.first().map(String::as_str), Some(expected), "{body}");
        }
        for body in [
            "`{% raw %}` and `{{ x }}`",
            "```\n{% raw %}\n::: x\n!!! note\n```",
            "    {{ code }}\n",
            "{{ unclosed",
            "a {{\n\nb }}",
            "Wow!!! Note this. 100 %} {: smile",
            "Ratio 1:::2 and ::: in a line",
            "!!! BREAKING: the talks ended",
            "[video](https://v.example) [gallery][g] [1] [sic]\n\n[g]: /g",
            "# Title {#anchor .class}",
        ] {
            assert_eq!(names(body), [], "{body}");
        }
    }

    #[test]
    fn summaries_are_read_back() {
        let items =
            find_dropped_content("<iframe></iframe> {{ a }} {{ b }}", HtmlPolicy::Sanitized);
        let summary = summarize(&items, &["note".to_owned()]);
        assert_eq!(summary, ["e1 iframe", "t2 {{ … }}", "s1 note"]);
        assert_eq!(parse_summary("t2 {{ … }}"), Some((DroppedClass::TemplateSyntax, "{{ … }}", 2)));
        assert_eq!(parse_summary("x"), None);
    }

    /// The warnings agree with the sanitizer.
    #[test]
    fn markup_is_reported_if_and_only_if_it_is_removed() {
        let values = [
            "/a.png",
            "javascript:x",
            "color: red",
            "text-align: left",
            "/a.png 1x",
            "//e.example/a 2x",
            "1",
        ];
        let attributes = [
            "href", "src", "style", "srcset", "onclick", "width", "align", "class", "start",
            "datetime",
        ];
        for element in
            ["p", "a", "img", "div", "ol", "blockquote", "time", "section", "q", "source"]
        {
            for attribute in attributes {
                for value in values {
                    // A relative URL is resolved before.
                    if attribute == "srcset" && value == "1" {
                        continue;
                    }
                    let html = format!("<{element} {attribute}=\"{value}\">");
                    let is_kept = crate::content::sanitize::sanitize(&html)
                        .contains(&format!("{attribute}=\""));
                    assert_eq!(
                        names(&html).is_empty(),
                        is_kept,
                        "{html}: {}",
                        crate::content::sanitize::sanitize(&html)
                    );
                }
            }
        }
    }
}

//! Small pieces of HTML that Markdown's own renderer doesn't write: figures, datelines, pictures in
//! raw HTML.

use std::fmt::Write as _;

use crate::model::Image;

/// How wide a picture in a story is shown: as wide as its column, on a phone as wide as the screen.
const IMAGE_SIZES: &str = "(min-width: 44rem) 42rem, 100vw";

/// Escapes text for HTML, in content and in double-quoted attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    // Writing to a string can't fail.
    let _ = pulldown_cmark_escape::escape_html(&mut out, text);
    out
}

/// `<img>` with its size where that is known, so that the page doesn't jump.
pub(crate) fn render_img(image: &Image) -> String {
    let mut tag = format!("<img src=\"{}\" alt=\"{}\"", escape(&image.src), escape(&image.alt));
    if let Some((width, height)) = image.size {
        let _ = write!(tag, " width=\"{width}\" height=\"{height}\"");
    }
    if let Some(srcset) = &image.srcset {
        let _ = write!(tag, " srcset=\"{}\" sizes=\"{IMAGE_SIZES}\"", escape(srcset));
    }
    tag.push_str(" loading=\"lazy\" decoding=\"async\">");
    tag
}

/// What an `<img>` of raw HTML doesn't say of its picture: the size, if it has neither width nor
/// height, and smaller copies. `at` is a place within the tag.
pub(crate) fn missing_img_attributes(html: &str, offset: usize, image: &Image) -> String {
    let tag = html[..offset].rfind('<').map_or("", |start| &html[start..]);
    let tag = tag.split('>').next().unwrap_or_default().to_ascii_lowercase();
    let mut missing = String::new();
    let Some((width, height)) = image.size.filter(|_| tag.starts_with("<img")) else {
        return missing;
    };
    // Writing to a string can't fail.
    if !tag.contains("width=") && !tag.contains("height=") {
        let _ = write!(missing, " width=\"{width}\" height=\"{height}\"");
    }
    if let Some(srcset) = image.srcset.as_ref().filter(|_| !tag.contains("srcset=")) {
        let _ = write!(missing, " srcset=\"{}\" sizes=\"{IMAGE_SIZES}\"", escape(srcset));
    }
    missing
}

/// A picture that stands by itself, with what is printed under it.
pub(crate) fn render_figure(image: &Image) -> String {
    let mut out = format!("<figure class=\"figure\">{}", render_img(image));
    let credit = image
        .credit
        .as_deref()
        .map(|credit| format!("<span class=\"credit\">{}</span>", escape(credit)));
    let caption = image.caption.as_deref().map(escape);
    let parts: Vec<String> = caption.into_iter().chain(credit).collect();
    if !parts.is_empty() {
        let _ = write!(out, "<figcaption>{}</figcaption>", parts.join(" "));
    }
    out.push_str("</figure>\n");
    out
}

/// Splits a Markdown image's title into caption and credit: `The harbour at dawn | Asma Khan`.
pub(crate) fn split_caption(title: &str) -> (Option<String>, Option<String>) {
    let (caption, credit) = title
        .rsplit_once(" | ")
        .or_else(|| title.strip_prefix("| ").map(|c| ("", c)))
        .unwrap_or((title, ""));
    let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    (text(caption), text(credit))
}

/// Every value of an attribute in raw HTML: the byte ranges of those in quotation marks.
pub(crate) fn attribute_values<'a>(
    html: &'a str,
    attribute: &str,
) -> impl Iterator<Item = std::ops::Range<usize>> + use<'a> {
    let attribute = format!("{attribute}=");
    let mut search_start = 0;
    std::iter::from_fn(move || {
        loop {
            let attribute_start = search_start
                + memchr::memmem::find(&html.as_bytes()[search_start..], attribute.as_bytes())?;
            search_start = attribute_start + attribute.len();
            let preceding = html[..attribute_start].chars().next_back();
            let quote = html[search_start..].chars().next()?;
            if !matches!(quote, '"' | '\'') || !preceding.is_some_and(char::is_whitespace) {
                continue;
            }
            let start = search_start + 1;
            let end = start + html[start..].find(quote)?;
            search_start = end;
            return Some(start..end);
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_hold_captions_and_credits() {
        assert_eq!(
            split_caption("Dawn | Asma Khan"),
            (Some("Dawn".into()), Some("Asma Khan".into()))
        );
        assert_eq!(split_caption("Dawn"), (Some("Dawn".into()), None));
        assert_eq!(split_caption("| Asma Khan"), (None, Some("Asma Khan".into())));
    }

    #[test]
    fn sources_of_raw_html_are_found() {
        let html = "<img src=\"a.png\"><img data-src='b' src='c d.png'><img src=x>";
        let sources: Vec<&str> = attribute_values(html, "src").map(|range| &html[range]).collect();
        assert_eq!(sources, ["a.png", "c d.png"]);
    }
}

//! Images with sizes, captions and credits, which Markdown's own renderer doesn't write.

use std::fmt::Write as _;

use super::escape::escape;
use super::tokenizer::Tag;
use crate::model::Image;

/// The width at which an image in an article is shown: that of its column, or of the screen on
/// phones.
const IMAGE_SIZES: &str = "(min-width: 44rem) 42rem, 100vw";

/// Writes an `<img>`, with its size if that is known, to avoid a layout shift.
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

/// Returns the attributes that an `<img>` of raw HTML lacks: the size, if it has neither width nor
/// height, and smaller copies. Other elements get none.
pub(crate) fn missing_img_attributes(tag: &Tag<'_>, image: &Image) -> String {
    let mut missing = String::new();
    let Some((width, height)) = image.size.filter(|_| tag.name == "img") else {
        return missing;
    };
    // Writing to a string can't fail.
    if tag.attribute("width").is_none() && tag.attribute("height").is_none() {
        let _ = write!(missing, " width=\"{width}\" height=\"{height}\"");
    }
    if let Some(srcset) = image.srcset.as_ref().filter(|_| tag.attribute("srcset").is_none()) {
        let _ = write!(missing, " srcset=\"{}\" sizes=\"{IMAGE_SIZES}\"", escape(srcset));
    }
    missing
}

/// Writes a `<figure>`: an image in a block of its own, which may be a link, with its caption and
/// credit.
pub(crate) fn render_figure(image: &Image, link: Option<&str>) -> String {
    let mut out = match link {
        Some(url) => {
            let url = escape(url);
            format!("<figure class=\"figure\"><a href=\"{url}\">{}</a>", render_img(image))
        }
        None => format!("<figure class=\"figure\">{}", render_img(image)),
    };
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

/// Splits a Markdown image's title into caption and credit: `The harbor at dawn | Asma Khan`.
pub(crate) fn split_caption(title: &str) -> (Option<String>, Option<String>) {
    let (caption, credit) = title
        .rsplit_once(" | ")
        .or_else(|| title.strip_prefix("| ").map(|c| ("", c)))
        .unwrap_or((title, ""));
    let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    (text(caption), text(credit))
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
}

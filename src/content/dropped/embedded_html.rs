//! Raw HTML that the sanitizer removes.

use super::item::{DroppedClass, DroppedItem};
use crate::content::browser_url::BrowserUrl;
use crate::content::html::{self, Tag, Token};
use crate::content::markdown::raw_html;
use crate::content::references::{ARTICLE_MARKER, has_scheme};
use crate::content::sanitize::{AttributeFate, attribute_fate, keeps_element};
use crate::content::shortcodes::tag_window;

/// Elements whose content is more than text.
const EMBEDS: [&str; 28] = [
    "applet", "audio", "base", "button", "canvas", "dialog", "embed", "form", "frame", "frameset",
    "iframe", "input", "link", "map", "math", "meta", "noembed", "noframes", "object", "portal",
    "script", "select", "style", "svg", "template", "textarea", "track", "video",
];

/// Elements without which a page is the same: the frame of a document, and `noscript`, whose
/// content is published.
const HARMLESS_ELEMENTS: [&str; 5] = ["body", "head", "html", "main", "noscript"];

/// Attributes that change neither the look of a page nor its text.
const HARMLESS_ATTRIBUTES: [&str; 19] = [
    "border",
    "cellpadding",
    "cellspacing",
    "crossorigin",
    "decoding",
    "fetchpriority",
    "itemprop",
    "itemscope",
    "itemtype",
    "loading",
    "name",
    "property",
    "referrerpolicy",
    "rel",
    "role",
    "tabindex",
    "target",
    "typeof",
    "xmlns",
];

/// Elements that belong to the video, audio or object around them.
const MEDIA_PARTS: [&str; 4] = ["embed", "param", "source", "track"];

/// Adds what the sanitizer removes from a body.
pub(super) fn find(body: &str, items: &mut Vec<DroppedItem>) {
    if !may_have_dropped_tags(body) {
        return;
    }
    let raw = raw_html(body);
    // What is inside an SVG image or a formula belongs to it.
    let mut foreign: Option<String> = None;
    let mut media: Option<String> = None;
    html::tokenize(&raw.text, |token| match token {
        Token::StartTag(tag) if foreign.is_none() => {
            if media.is_none() || !MEDIA_PARTS.contains(&tag.name) {
                add_tag(tag, raw.body_offset(tag.span.start), items);
            }
            match tag.name {
                "svg" | "math" if !tag.is_self_closing => foreign = Some(tag.name.to_owned()),
                "audio" | "video" | "object" => media = Some(tag.name.to_owned()),
                _ => {}
            }
        }
        Token::EndTag(tag) if foreign.as_deref() == Some(tag.name) => foreign = None,
        Token::EndTag(tag) if media.as_deref() == Some(tag.name) => media = None,
        _ => {}
    });
}

fn add_tag(tag: &Tag<'_>, offset: usize, items: &mut Vec<DroppedItem>) {
    let name = tag.name;
    // Word writes elements with a prefix, such as `o:p`.
    if HARMLESS_ELEMENTS.contains(&name) || name.contains(':') {
        return;
    }
    if !keeps_element(name) {
        let is_embed = EMBEDS.contains(&name) || name.contains('-');
        items.push(match is_embed {
            true => DroppedItem::new(DroppedClass::Embed, name, offset),
            false => DroppedItem::new(DroppedClass::Markup, format!("<{name}>"), offset),
        });
        return;
    }
    for attribute in tag.attributes() {
        let (attribute, value) = (attribute.name, attribute.value);
        // A reference to an article is resolved before.
        if value.starts_with(ARTICLE_MARKER) {
            continue;
        }
        // It is resolved before it is sanitized.
        if (name, attribute) == ("img", "srcset") && html::srcset_urls(&value).all(is_own_file) {
            continue;
        }
        match attribute_fate(name, attribute, &value) {
            AttributeFate::UrlRefused => {
                let scheme = format!("{}:", BrowserUrl::parse(&value).scheme());
                items.push(DroppedItem::new(DroppedClass::Url, scheme, offset));
            }
            AttributeFate::Removed if !is_harmless(attribute) => {
                items.push(DroppedItem::new(DroppedClass::Markup, attribute, offset));
            }
            AttributeFate::Allowed | AttributeFate::Removed => {}
        }
    }
}

/// Returns true if a URL is one of the site.
fn is_own_file(url: &str) -> bool {
    BrowserUrl::parse(url).is_own() && !has_scheme(url)
}

/// Returns true for an attribute that nothing is lost with. Template syntax, which is reported as
/// such, is read as attributes with quotation marks and braces.
fn is_harmless(attribute: &str) -> bool {
    let is_name = |c: char| c.is_ascii_alphanumeric() || "-_:.@".contains(c);
    HARMLESS_ATTRIBUTES.contains(&attribute)
        || !attribute.chars().all(is_name)
        || ["aria-", "data-", "xmlns:", "xml:"].iter().any(|prefix| attribute.starts_with(prefix))
}

/// Returns true if a body may have a tag with attributes, or one that isn't allowed. Most bodies
/// have none and aren't parsed.
fn may_have_dropped_tags(body: &str) -> bool {
    let bytes = body.as_bytes();
    memchr::memchr_iter(b'<', bytes).any(|at| {
        let rest = tag_window(&body[at + 1..]);
        let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-');
        let (name, after) = rest.split_at(length.unwrap_or(rest.len()));
        // `<https://…>` is a link.
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) || after.starts_with(':') {
            return false;
        }
        let tag = after.split('>').next().unwrap_or_default();
        tag.contains('=') || tag.contains(' ') || !keeps_element(&name.to_ascii_lowercase())
    })
}

//! Images, figures and embedded media.

use super::super::difference::{Difference, Part, Rule};
use super::super::document::{Block, Figure, Inline, contains_image, inline_text};
use super::super::spaces::{is_blank, normalize_inlines};
use super::elements::{NodeRef, attribute, has_class, name, text_of};
use super::{Flow, Reader};
use crate::content::browser_url::{BrowserUrl, normalize};
use crate::content::html::srcset_urls;

/// Attributes that hold an image's URL until a script loads it.
const LATE_URLS: [&str; 6] =
    ["data-src", "data-lazy-src", "data-original", "data-orig-file", "data-srcset", "srcset"];

impl Reader<'_, '_> {
    /// Reads an image; `None` if it can't be shown, or needn't be.
    pub(super) fn read_image(&mut self, node: NodeRef<'_>) -> Option<Inline> {
        let alt = attribute(node, "alt").unwrap_or_default();
        let alt = alt.split_whitespace().collect::<Vec<_>>().join(" ");
        let src = normalize(attribute(node, "src").unwrap_or_default());
        let Some(source) = image_url(node) else {
            self.record(Difference::removed(Rule::UnusableImage, Part::Image, &src));
            return None;
        };
        let is_emoji = has_class(node, "emoji") || has_class(node, "wp-smiley");
        if is_emoji && !alt.is_empty() {
            self.record(Difference::removed(Rule::EmojiImage, Part::Image, &src));
            self.record(Difference::added(Rule::EmojiImage, Part::Text, &alt));
            return Some(Inline::Text(alt));
        }
        let is_dot = |size: &str| matches!(attribute(node, size), Some("0" | "1" | "0px" | "1px"));
        if is_dot("width") && is_dot("height") {
            self.record(Difference::removed(Rule::TrackingImage, Part::Image, &src));
            return None;
        }
        if !BrowserUrl::parse(&source).is_safe_image() {
            self.record(Difference::removed(Rule::UnusableImage, Part::Image, &src));
            return None;
        }
        if let Some(title) = attribute(node, "title").filter(|title| *title != alt) {
            self.record(Difference::removed(Rule::ImageTitle, Part::Markup, title));
        }
        if src != source {
            self.record(Difference::changed(Rule::LateImage, Part::Image, &src, &source));
            self.late_images.insert(source.clone());
        }
        Some(Inline::Image { url: self.map_url(&source), alt })
    }

    /// Reads the image of a `picture`; its other sources are the same image.
    pub(super) fn read_responsive_image(&mut self, node: NodeRef<'_>) -> Vec<Inline> {
        if node.descendants().any(|node| name(node) == "img") {
            return self.read_inline_children(node);
        }
        let source = node.children().find_map(|source| srcset_url(attribute(source, "srcset")?));
        let Some(source) = source.filter(|url| BrowserUrl::parse(url).is_safe_image()) else {
            return self.read_inline_children(node);
        };
        vec![Inline::Image { url: self.map_url(&source), alt: String::new() }]
    }

    /// Reads what is shown without scripts: an image that loads late is in the text twice.
    pub(super) fn read_noscript(&mut self, node: NodeRef<'_>) -> Vec<Inline> {
        let image = node.descendants().find(|node| name(*node) == "img");
        let url = image.and_then(image_url).filter(|url| self.late_images.contains(url));
        match url {
            Some(url) if text_of(node).trim().is_empty() => {
                self.record(Difference::removed(Rule::UnusableImage, Part::Image, &url));
                Vec::new()
            }
            _ => self.read_inline_children(node),
        }
    }

    /// Reads a figure: images with a caption. In any other figure, the caption is a paragraph.
    pub(super) fn read_figure(&mut self, node: NodeRef<'_>, flow: &mut Flow) {
        flow.end_paragraph();
        let mut contents = Flow::default();
        let mut caption = None;
        for child in node.children() {
            match caption {
                None if is_caption(child) && contents.blocks.is_empty() => {
                    contents.end_paragraph();
                    caption = Some(child);
                }
                None if is_caption(child) => caption = Some(child),
                _ => self.read_node(child, &mut contents),
            }
        }
        let blocks = contents.finish();
        let images = images_of(&blocks);
        let Some(caption) = caption else {
            flow.blocks.extend(blocks);
            return;
        };
        match images {
            Some(images) => {
                let figure = self.read_caption(caption, images);
                flow.push(Block::Figure(figure));
            }
            None => {
                let caption = self.read_blocks(caption);
                flow.blocks.extend(blocks);
                flow.blocks.extend(caption);
            }
        }
    }

    /// Reads a caption, and the credit at its end.
    fn read_caption(&mut self, node: NodeRef<'_>, images: Vec<Inline>) -> Figure {
        let mut caption = self.read_as_inline(node);
        let credit_node = node.descendants().find(|part| has_class(*part, "credit"));
        let credit = credit_node.map(text_of).unwrap_or_default();
        let credit = credit.split_whitespace().collect::<Vec<_>>().join(" ");
        let text = inline_text(&caption);
        let is_plain = caption.iter().all(|part| matches!(part, Inline::Text(_)));
        let Some(rest) = text.strip_suffix(&credit).filter(|_| is_plain && !credit.is_empty())
        else {
            return Figure { images, caption, credit: String::new() };
        };
        caption = normalize_inlines(vec![Inline::Text(rest.to_owned())]);
        Figure { images, caption, credit }
    }

    /// Replaces embedded media with a link to it, since a page shows no others' programs.
    pub(super) fn read_embed(&mut self, node: NodeRef<'_>, flow: &mut Flow) {
        flow.end_paragraph();
        let source = embed_url(node);
        let fallback = match name(node) {
            "iframe" | "embed" => Vec::new(),
            _ => self.read_blocks(node),
        };
        if let Some(source) = source {
            let url = self.map_url(&source);
            let is_linked = fallback.iter().any(|block| links_to(block, &url));
            if BrowserUrl::parse(&source).is_safe_link() && !is_linked {
                let text = embed_text(node, &source);
                self.record(Difference::added(Rule::Embed, Part::Text, &text));
                self.record(Difference::added(Rule::Embed, Part::Link, &source));
                let content = vec![Inline::Text(text)];
                let link = Inline::Link { url, title: String::new(), content };
                flow.push(Block::Paragraph(vec![link]));
            }
        } else {
            self.record(Difference::removed(Rule::Embed, Part::Markup, name(node)));
        }
        flow.blocks.extend(fallback);
    }
}

/// Returns true if a paragraph contains only a link with a URL, or with others.
fn links_to(block: &Block, wanted: &str) -> bool {
    let Block::Paragraph(parts) = block else { return false };
    parts.iter().any(|part| matches!(part, Inline::Link { url, .. } if url == wanted))
}

fn is_caption(node: NodeRef<'_>) -> bool {
    name(node) == "figcaption" || has_class(node, "wp-caption-text")
}

/// Returns the images of a figure; `None` if it contains anything else, or nothing.
fn images_of(blocks: &[Block]) -> Option<Vec<Inline>> {
    let mut images = Vec::new();
    for block in blocks {
        match block {
            Block::Figure(figure) if figure.caption.is_empty() && figure.credit.is_empty() => {
                images.extend(figure.images.iter().cloned());
            }
            Block::Paragraph(parts) => {
                for part in parts {
                    let is_image = contains_image(std::slice::from_ref(part))
                        && inline_text(std::slice::from_ref(part)).trim().is_empty();
                    if is_image {
                        images.push(part.clone());
                    } else if !is_blank(std::slice::from_ref(part)) {
                        return None;
                    }
                }
            }
            _ => return None,
        }
    }
    (!images.is_empty()).then_some(images)
}

/// Returns the URL of an image as browsers read it: the one that a script loads later if `src` is
/// only a replacement for it.
fn image_url(node: NodeRef<'_>) -> Option<String> {
    let src = attribute(node, "src").map(|src| normalize(src).into_owned());
    let is_placeholder = src.as_ref().is_none_or(|src| src.starts_with("data:"));
    let late = || {
        LATE_URLS.iter().find_map(|name| {
            let value = attribute(node, name)?;
            if name.ends_with("srcset") { srcset_url(value) } else { Some(value.to_owned()) }
        })
    };
    let late = if is_placeholder { late() } else { None };
    late.map(|url| normalize(&url).into_owned()).or(src).filter(|url| !url.is_empty())
}

/// Returns the first URL of a `srcset`.
fn srcset_url(srcset: &str) -> Option<String> {
    srcset_urls(srcset).map(|url| normalize(url).into_owned()).next()
}

/// Returns the URL of embedded media.
fn embed_url(node: NodeRef<'_>) -> Option<String> {
    let of_source = || {
        let mut parts = node.children().filter(|child| name(*child) == "source");
        parts.find_map(|part| attribute(part, "src"))
    };
    let url = ["src", "data-src", "data"].iter().find_map(|name| attribute(node, name));
    let url = url.or_else(of_source).filter(|url| *url != "about:blank")?;
    Some(normalize(url).into_owned())
}

/// Returns the text of a link to embedded media: its title, or the host and the file of its URL.
fn embed_text(node: NodeRef<'_>, url: &str) -> String {
    if let Some(title) = attribute(node, "title") {
        return format!("▶ {}", title.split_whitespace().collect::<Vec<_>>().join(" "));
    }
    let path = url.split(['?', '#']).next().unwrap_or(url);
    let path = path.split_once("//").map_or(path, |(_, rest)| rest);
    let is_file = matches!(name(node), "audio" | "video");
    let file = path.trim_end_matches('/').rsplit('/').next().filter(|_| is_file);
    format!("▶ {}", file.or_else(|| path.split('/').next()).unwrap_or(path))
}

//! Inline elements.

use scraper::Node;

use super::super::difference::{Difference, Part, Rule};
use super::super::document::{Element, Inline, contains_image, inline_text};
use super::elements::{
    NodeRef, Slant, Weight, attribute, is_kept_inline, kept_element, name, style,
};
use super::{Reader, text_of};
use crate::content::browser_url::{BrowserUrl, normalize};

impl Reader<'_, '_> {
    /// Reads an element that contains no block.
    pub(super) fn read_inline(&mut self, node: NodeRef<'_>) -> Vec<Inline> {
        match name(node) {
            "br" => return vec![Inline::Break],
            "img" | "image" => return self.read_image(node).into_iter().collect(),
            "picture" => return self.read_responsive_image(node),
            "noscript" => return self.read_noscript(node),
            "wbr" | "source" | "track" | "param" | "col" => return Vec::new(),
            _ => {}
        }
        if let Some(number) = self.footnotes.reference(node) {
            let has_space = text_of(node).starts_with(|c: char| c.is_ascii_whitespace());
            let space = has_space.then(|| Inline::Text(" ".to_owned()));
            return space.into_iter().chain([Inline::FootnoteReference(number)]).collect();
        }
        if self.footnotes.is_return_link(node) {
            let text = text_of(node);
            self.record(Difference::removed(Rule::Footnote, Part::Text, text.trim()));
            return Vec::new();
        }
        let anchor = self.read_anchor(node);
        let wrapper = self.wrapper(node);
        let content = self.read_inline_children(node);
        let mut parts: Vec<Inline> = anchor.into_iter().collect();
        match wrapper {
            Some(Inline::Code(_)) => parts.extend(code(content)),
            Some(Inline::Link { url, title, .. }) => {
                if inline_text(&content).trim().is_empty() && !contains_image(&content) {
                    if !url.starts_with('#') {
                        self.record(Difference::removed(Rule::EmptyLink, Part::Link, &url));
                    }
                    parts.extend(content);
                } else {
                    parts.push(Inline::Link { url, title, content });
                }
            }
            Some(mut wrapper) => {
                if let Some(inner) = wrapper.content_mut() {
                    *inner = content;
                }
                parts.push(wrapper);
            }
            None => parts.extend(content),
        }
        parts
    }

    pub(super) fn read_inline_children(&mut self, node: NodeRef<'_>) -> Vec<Inline> {
        let mut parts = Vec::new();
        for child in node.children() {
            match child.value() {
                Node::Text(text) => parts.push(Inline::Text(text.to_string())),
                Node::Element(_) if !self.leaves_out(child) => {
                    parts.extend(self.read_inline(child));
                }
                _ => {}
            }
        }
        parts
    }

    /// Returns what an inline element becomes, without contents; `None` if only its contents stay.
    pub(super) fn wrapper(&mut self, node: NodeRef<'_>) -> Option<Inline> {
        let style = style(node);
        match name(node) {
            "b" | "strong" if style.bold != Some(Weight::Normal) => {
                Some(Inline::Strong(Vec::new()))
            }
            "i" | "em" if style.slant != Some(Slant::Normal) => Some(Inline::Emphasis(Vec::new())),
            "s" | "strike" | "del" => Some(Inline::Strikethrough(Vec::new())),
            "code" | "tt" => Some(Inline::Code(String::new())),
            "a" => self.read_link(node),
            "span" | "font" | "b" | "strong" | "i" | "em" => {
                let element = kept_element(node);
                let has_language =
                    element.attributes.iter().any(|(name, _)| name == "lang" || name == "dir");
                match style {
                    _ if has_language && element.name == "span" => {
                        Some(Inline::Element(element, Vec::new()))
                    }
                    _ if style.bold == Some(Weight::Bold) => Some(Inline::Strong(Vec::new())),
                    _ if style.slant == Some(Slant::Italic) => Some(Inline::Emphasis(Vec::new())),
                    _ => None,
                }
            }
            name if is_kept_inline(name) => Some(Inline::Element(kept_element(node), Vec::new())),
            _ => None,
        }
    }

    /// Returns the link of an `a`, without contents; `None` if it is only an anchor, or if its URL
    /// could run a script.
    fn read_link(&mut self, node: NodeRef<'_>) -> Option<Inline> {
        let Some(source) = attribute(node, "href").map(normalize) else {
            let has_empty_url = node.value().as_element()?.attr("href").is_some();
            if has_empty_url {
                self.record(Difference::removed(Rule::EmptyLink, Part::Link, ""));
            }
            return None;
        };
        if !BrowserUrl::parse(&source).is_safe_link() {
            self.record(Difference::removed(Rule::UnsafeLink, Part::Link, &source));
            return None;
        }
        let url = self.map_url(&source);
        let title = attribute(node, "title").unwrap_or_default().to_owned();
        Some(Inline::Link { url, title, content: Vec::new() })
    }

    /// Returns the URL that replaces one of the body, without characters that can't be in a URL.
    pub(super) fn map_url(&mut self, url: &str) -> String {
        let mapped = if url.starts_with('#') { None } else { (self.urls)(url) };
        let mut out = String::new();
        for c in mapped.as_deref().unwrap_or(url).chars() {
            match c {
                ' ' => out.push_str("%20"),
                c if c.is_control() => {}
                c => out.push(c),
            }
        }
        out
    }
}

/// Returns code, as Markdown's if it is only text, with the spaces around it.
fn code(content: Vec<Inline>) -> Vec<Inline> {
    let is_text = content.iter().all(|part| matches!(part, Inline::Text(_) | Inline::Break));
    if !is_text {
        return vec![Inline::Element(Element::new("code"), content)];
    }
    let text = inline_text(&content);
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    let space = |is_there: bool| is_there.then(|| Inline::Text(" ".to_owned()));
    let mut parts = Vec::new();
    parts.extend(space(text.starts_with(|c: char| c.is_ascii_whitespace())));
    if !words.is_empty() {
        parts.push(Inline::Code(words.join(" ")));
    }
    parts.extend(space(text.ends_with(|c: char| c.is_ascii_whitespace())));
    parts
}

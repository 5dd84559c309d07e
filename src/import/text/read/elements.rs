//! The elements of HTML by the way they are read, and their attributes.

use scraper::Node;

use super::super::document::Element;
use crate::content::html::is_block_element;
use crate::content::sanitize::{self, AttributeFate};

/// A node of the tree.
pub(super) type NodeRef<'t> = ego_tree::NodeRef<'t, Node>;

/// Blocks beside those that end a line of text: parts of tables and lists, obsolete elements, and
/// media, which become paragraphs of their own.
const OTHER_BLOCKS: [&str; 20] = [
    "audio",
    "dir",
    "embed",
    "hgroup",
    "iframe",
    "listing",
    "menu",
    "noframes",
    "object",
    "optgroup",
    "plaintext",
    "search",
    "select",
    "tbody",
    "tfoot",
    "thead",
    "title",
    "video",
    "xml",
    "xmp",
];

/// Returns true if an element begins and ends a block.
pub(in super::super) fn is_block(name: &str) -> bool {
    is_block_element(name) || OTHER_BLOCKS.binary_search(&name).is_ok()
}

/// Inline elements that Markdown has no syntax for and that a page keeps.
const KEPT_INLINE: [&str; 21] = [
    "abbr", "acronym", "bdi", "bdo", "cite", "dfn", "ins", "kbd", "mark", "q", "rp", "rt", "rtc",
    "ruby", "samp", "small", "sub", "sup", "time", "u", "var",
];

/// Returns true if an inline element is written as HTML.
pub(super) fn is_kept_inline(name: &str) -> bool {
    KEPT_INLINE.binary_search(&name).is_ok()
}

/// Attributes that have a meaning beside presentation. All others are left out.
const KEPT_ATTRIBUTES: [&str; 9] =
    ["abbr", "cite", "colspan", "datetime", "dir", "lang", "rowspan", "scope", "title"];

/// Returns an attribute of an element, without surrounding spaces; `None` if it is empty.
pub(super) fn attribute<'t>(node: NodeRef<'t>, name: &str) -> Option<&'t str> {
    let value = node.value().as_element()?.attr(name)?.trim();
    (!value.is_empty()).then_some(value)
}

/// Returns the name of an element in lower case; empty if the node isn't an element.
pub(super) fn name<'t>(node: NodeRef<'t>) -> &'t str {
    node.value().as_element().map_or("", |element| element.name())
}

/// Returns true if a class of an element contains a text.
pub(super) fn has_class(node: NodeRef<'_>, part: &str) -> bool {
    attribute(node, "class").is_some_and(|classes| classes.contains(part))
}

/// Returns an element with the attributes that a page keeps.
pub(super) fn kept_element(node: NodeRef<'_>) -> Element {
    let mut element = Element::new(name(node));
    for attribute_name in KEPT_ATTRIBUTES {
        if let Some(value) = attribute(node, attribute_name)
            && sanitize::attribute_fate(&element.name, attribute_name, value)
                == AttributeFate::Allowed
        {
            element.attributes.push((attribute_name.to_owned(), value.to_owned()));
        }
    }
    element
}

/// The presentation of a `style` attribute that has a meaning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Style {
    pub(super) bold: Option<Weight>,
    pub(super) slant: Option<Slant>,
}

/// The weight of a font.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    Bold,
    Normal,
}

/// The slant of a font.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slant {
    Italic,
    Normal,
}

/// Reads the weight and slant from a `style` attribute. Word processors and web editors use it
/// instead of elements.
pub(super) fn style(node: NodeRef<'_>) -> Style {
    let mut style = Style::default();
    for declaration in attribute(node, "style").unwrap_or_default().split(';') {
        let Some((property, value)) = declaration.split_once(':') else { continue };
        let value = value.trim().to_ascii_lowercase();
        match property.trim().to_ascii_lowercase().as_str() {
            "font-weight" => {
                let is_bold = matches!(value.as_str(), "bold" | "bolder" | "600" | "700" | "800");
                style.bold = Some(if is_bold { Weight::Bold } else { Weight::Normal });
            }
            "font-style" => {
                let is_italic = matches!(value.as_str(), "italic" | "oblique");
                style.slant = Some(if is_italic { Slant::Italic } else { Slant::Normal });
            }
            _ => {}
        }
    }
    style
}

/// Returns the alignment of a cell, from its attribute or style.
pub(super) fn alignment(node: NodeRef<'_>) -> Option<&'static str> {
    let of_style = || {
        let declarations = attribute(node, "style")?.split(';');
        declarations.filter_map(|part| part.split_once(':')).find_map(|(property, value)| {
            property.trim().eq_ignore_ascii_case("text-align").then_some(value.trim())
        })
    };
    let value = of_style().or_else(|| attribute(node, "align"))?;
    ["left", "center", "right"].into_iter().find(|known| known.eq_ignore_ascii_case(value))
}

/// Returns the text of a node and everything in it.
pub(super) fn text_of(node: NodeRef<'_>) -> String {
    let texts = node.descendants().filter_map(|node| node.value().as_text());
    texts.map(|text| &**text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_sorted() {
        assert!(OTHER_BLOCKS.is_sorted() && KEPT_INLINE.is_sorted());
        assert!(KEPT_INLINE.iter().all(|name| sanitize::keeps_element(name)));
    }
}

//! An element of XML with everything in it.

use crate::content::html::escape;

/// A part of an element's content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum XmlNode {
    Text(String),
    Element(XmlElement),
}

/// An element.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct XmlElement {
    /// The name, with the usual prefix of its namespace: `wp:post_id`, `title`.
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
    pub(super) nodes: Vec<XmlNode>,
    /// The line at which it begins, from 1.
    pub(super) line: usize,
    /// The number of texts in it that weren't UTF-8.
    pub(super) invalid_texts: usize,
}

impl XmlElement {
    /// Returns the problems of its encoding.
    pub(super) fn encoding_warnings(&self) -> Vec<String> {
        match self.invalid_texts {
            0 => Vec::new(),
            count => vec![format!(
                "{count} of its texts have bytes that aren't UTF-8: they were read as windows-1252"
            )],
        }
    }

    /// Returns the elements directly in it.
    pub(super) fn children(&self) -> impl Iterator<Item = &Self> {
        self.nodes.iter().filter_map(|node| match node {
            XmlNode::Element(element) => Some(element),
            XmlNode::Text(_) => None,
        })
    }

    /// Returns the elements with a name directly in it.
    pub(super) fn children_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children().filter(move |child| child.name == name)
    }

    /// Returns the text of the first element with a name that has one, without white space around
    /// it; empty if there is none.
    pub(super) fn child_text(&self, name: &str) -> String {
        let texts = self.children_named(name).map(|child| child.text().trim().to_owned());
        texts.into_iter().find(|text| !text.is_empty()).unwrap_or_default()
    }

    /// Returns the value of an attribute.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        let attribute = self.attributes.iter().find(|(key, _)| key == name);
        attribute.map(|(_, value)| value.as_str())
    }

    /// Returns all text in it.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        self.push_text(&mut text);
        text
    }

    // The depth of elements is limited by the reader.
    fn push_text(&self, out: &mut String) {
        for node in &self.nodes {
            match node {
                XmlNode::Text(text) => out.push_str(text),
                XmlNode::Element(element) => element.push_text(out),
            }
        }
    }

    /// Returns its content as HTML.
    pub(super) fn inner_html(&self) -> String {
        let mut html = String::new();
        self.push_html(&mut html);
        html
    }

    fn push_html(&self, out: &mut String) {
        for node in &self.nodes {
            match node {
                XmlNode::Text(text) => out.push_str(&escape(text)),
                XmlNode::Element(element) => {
                    let name = element.name.rsplit(':').next().unwrap_or_default();
                    out.push_str(&format!("<{name}"));
                    for (key, value) in &element.attributes {
                        out.push_str(&format!(" {key}=\"{}\"", escape(value)));
                    }
                    out.push('>');
                    element.push_html(out);
                    if !matches!(name, "br" | "img" | "hr" | "input" | "source" | "embed") {
                        out.push_str(&format!("</{name}>"));
                    }
                }
            }
        }
    }
}

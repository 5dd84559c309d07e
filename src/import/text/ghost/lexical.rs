//! Lexical, the format of Ghost 5 and later.

use serde_json::Value;

use super::{BodyHtml, InvalidBody, list_of, parse, text_of};
use crate::content::html::escape;

/// The elements of the bits of a text's `format` (Lexical, `LexicalConstants.ts`).
const FORMATS: [(u64, &str); 8] = [
    (1, "strong"),
    (2, "em"),
    (4, "s"),
    (8, "u"),
    (16, "code"),
    (32, "sub"),
    (64, "sup"),
    (128, "mark"),
];

/// Converts a body to HTML.
///
/// # Errors
/// [`InvalidBody`] if it isn't JSON, or has no root.
pub(crate) fn lexical_to_html(json: &str) -> Result<BodyHtml, InvalidBody> {
    let value = parse(json)?;
    let root = value.get("root").ok_or_else(|| InvalidBody { reason: "no root".to_owned() })?;
    let mut body = BodyHtml::default();
    body.nodes(list_of(root, "children"));
    Ok(body)
}

impl BodyHtml {
    fn nodes(&mut self, nodes: &[Value]) {
        nodes.iter().for_each(|node| self.node(node));
    }

    fn node(&mut self, node: &Value) {
        let children = list_of(node, "children");
        match text_of(node, "type") {
            "text" | "extended-text" | "code-highlight" => self.text(node),
            "linebreak" => self.html.push_str("<br>"),
            "tab" => self.html.push(' '),
            "paragraph" => self.element("p", children),
            "heading" | "extended-heading" => {
                let tag = text_of(node, "tag");
                let known = ["h1", "h2", "h3", "h4", "h5", "h6"];
                self.element(known.into_iter().find(|name| *name == tag).unwrap_or("h2"), children);
            }
            "quote" | "extended-quote" => self.element("blockquote", children),
            "aside" => self.element("aside", children),
            "link" | "autolink" => {
                let url = escape(text_of(node, "url"));
                self.html.push_str(&format!("<a href=\"{url}\">"));
                self.nodes(children);
                self.html.push_str("</a>");
            }
            "list" => self.list(node),
            "listitem" => self.element("li", children),
            _ if !children.is_empty() => self.nodes(children),
            name => self.card(name, node),
        }
    }

    fn element(&mut self, name: &str, children: &[Value]) {
        self.html.push_str(&format!("<{name}>"));
        self.nodes(children);
        self.html.push_str(&format!("</{name}>\n"));
    }

    fn text(&mut self, node: &Value) {
        let format = node.get("format").and_then(Value::as_u64).unwrap_or_default();
        let elements = FORMATS.iter().filter(|(bit, _)| format & bit != 0);
        let names: Vec<&str> = elements.map(|(_, name)| *name).collect();
        names.iter().for_each(|name| self.html.push_str(&format!("<{name}>")));
        self.html.push_str(&escape(text_of(node, "text")));
        names.iter().rev().for_each(|name| self.html.push_str(&format!("</{name}>")));
    }

    /// Writes a list. A list in an item of its own belongs to the item before it.
    fn list(&mut self, node: &Value) {
        let start = node.get("start").and_then(Value::as_u64).unwrap_or(1);
        let name = if text_of(node, "listType") == "number" { "ol" } else { "ul" };
        self.html.push_str(&format!("<{name} start=\"{start}\">"));
        let mut is_open = false;
        for item in list_of(node, "children") {
            let children = list_of(item, "children");
            let is_nested = children.first().is_some_and(|child| text_of(child, "type") == "list");
            if !(is_open && is_nested) {
                self.html.push_str(if is_open { "</li>\n<li>" } else { "<li>" });
            }
            is_open = true;
            self.nodes(children);
        }
        self.html.push_str(if is_open { "</li>" } else { "" });
        self.html.push_str(&format!("</{name}>\n"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_become_html() {
        let text = |text: &str, format: u64| {
            format!("{{\"type\":\"text\",\"text\":\"{text}\",\"format\":{format}}}")
        };
        let json = format!(
            "{{\"root\":{{\"children\":[\
             {{\"type\":\"paragraph\",\"children\":[{},{{\"type\":\"linebreak\"}},{}]}},\
             {{\"type\":\"list\",\"listType\":\"number\",\"children\":[\
             {{\"type\":\"listitem\",\"children\":[{}]}},\
             {{\"type\":\"listitem\",\"children\":[{{\"type\":\"list\",\"children\":[]}}]}}]}},\
             {{\"type\":\"horizontalrule\"}},\
             {{\"type\":\"paywall\"}}]}}}}",
            text("a < b", 0),
            text("c", 3),
            text("d", 16),
        );
        let body = lexical_to_html(&json).expect("it is valid");
        let expected = "<p>a &lt; b<br><strong><em>c</em></strong></p>\n\
                        <ol start=\"1\"><li><code>d</code><ul start=\"1\"></ul>\n</li></ol>\n\
                        <hr>\n\n";
        assert_eq!(body.html, expected);
        assert_eq!(body.left_out.len(), 1);
        assert!(lexical_to_html("{").is_err() && lexical_to_html("{}").is_err());
    }
}

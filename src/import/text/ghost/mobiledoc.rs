//! Mobiledoc, the format of Ghost 2 to 4 (Mobiledoc 0.3.2).

use serde_json::Value;

use super::{BodyHtml, InvalidBody, list_of, parse};
use crate::content::html::escape;
use crate::content::html::is_block_element;

/// The inline elements of the format. Its blocks are elements of HTML, and `pull-quote`.
const INLINE_ELEMENTS: [&str; 12] =
    ["a", "b", "code", "del", "em", "i", "mark", "s", "strong", "sub", "sup", "u"];

/// Converts a body to HTML.
///
/// # Errors
/// [`InvalidBody`] if it isn't JSON, or has no sections.
pub(crate) fn mobiledoc_to_html(json: &str) -> Result<BodyHtml, InvalidBody> {
    let document = parse(json)?;
    if !document.get("sections").is_some_and(Value::is_array) {
        return Err(InvalidBody { reason: "no sections".to_owned() });
    }
    let mut body = BodyHtml::default();
    for section in list_of(&document, "sections") {
        body.section(&document, section);
    }
    Ok(body)
}

fn item(list: &Value, index: usize) -> &Value {
    list.get(index).unwrap_or(&Value::Null)
}

/// Returns an element of the list of a document that another value refers to by its index.
fn referenced<'v>(document: &'v Value, list: &str, index: &Value) -> Option<&'v Value> {
    let index = usize::try_from(index.as_u64()?).ok()?;
    list_of(document, list).get(index)
}

/// Returns a known element; another one becomes a paragraph.
fn element(tag: &Value) -> String {
    let tag = tag.as_str().unwrap_or_default().to_ascii_lowercase();
    match tag.as_str() {
        "pull-quote" => "aside".to_owned(),
        name if INLINE_ELEMENTS.contains(&name) || is_block_element(name) => tag,
        _ => "p".to_owned(),
    }
}

impl BodyHtml {
    fn section(&mut self, document: &Value, section: &Value) {
        match item(section, 0).as_u64() {
            Some(1) => {
                let name = element(item(section, 1));
                self.html.push_str(&format!("<{name}>"));
                self.markers(document, item(section, 2));
                self.html.push_str(&format!("</{name}>\n"));
            }
            Some(2) => {
                let url = escape(item(section, 1).as_str().unwrap_or_default());
                self.html.push_str(&format!("<figure><img src=\"{url}\"></figure>\n"));
            }
            Some(3) => {
                let name = if item(section, 1) == "ol" { "ol" } else { "ul" };
                self.html.push_str(&format!("<{name}>"));
                for markers in item(section, 2).as_array().into_iter().flatten() {
                    self.html.push_str("<li>");
                    self.markers(document, markers);
                    self.html.push_str("</li>\n");
                }
                self.html.push_str(&format!("</{name}>\n"));
            }
            Some(10) => {
                if let Some(card) = referenced(document, "cards", item(section, 1)) {
                    let name = item(card, 0).as_str().unwrap_or_default();
                    self.card(name, item(card, 1));
                }
            }
            _ => self.leave_out(&section.to_string()),
        }
    }

    /// Writes text with the markups that open and close in it.
    fn markers(&mut self, document: &Value, markers: &Value) {
        let mut open: Vec<String> = Vec::new();
        for marker in markers.as_array().into_iter().flatten() {
            for index in item(marker, 1).as_array().into_iter().flatten() {
                let markup = referenced(document, "markups", index).unwrap_or(&Value::Null);
                let name = element(item(markup, 0));
                let attributes = item(markup, 1).as_array().map_or(&[][..], Vec::as_slice);
                let mut pairs = attributes.chunks_exact(2);
                let url = pairs.find_map(|pair| pair[1].as_str().filter(|_| pair[0] == "href"));
                self.html.push_str(&match url.filter(|_| name == "a") {
                    Some(url) => format!("<a href=\"{}\">", escape(url)),
                    None => format!("<{name}>"),
                });
                open.push(name);
            }
            let value = item(marker, 3);
            if item(marker, 0) == 0 {
                self.html.push_str(&escape(value.as_str().unwrap_or_default()));
            } else if let Some(atom) = referenced(document, "atoms", value) {
                let text = item(atom, 1).as_str().unwrap_or_default();
                let is_break = item(atom, 0) == "soft-return";
                self.html.push_str(&if is_break { "<br>".to_owned() } else { escape(text) });
            }
            for _ in 0..item(marker, 2).as_u64().unwrap_or_default().min(open.len() as u64) {
                let name = open.pop().unwrap_or_default();
                self.html.push_str(&format!("</{name}>"));
            }
        }
        for name in open.into_iter().rev() {
            self.html.push_str(&format!("</{name}>"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_become_html() {
        let json = r#"{"version":"0.3.2","atoms":[["soft-return","",{}]],
            "cards":[["html",{"html":"<p>Raw</p>"}],["image",{"src":"/a.png","caption":"C"}]],
            "markups":[["strong"],["a",["href","/x?a&b"]]],
            "sections":[[1,"h2",[[0,[],0,"T"]]],
                [1,"p",[[0,[0],0,"a "],[0,[1],2,"b"],[1,[],0,0],[0,[],0,"c"]]],
                [3,"ul",[[[0,[],0,"i"]]]],[10,0],[10,1]]}"#;
        let body = mobiledoc_to_html(json).expect("it is valid");
        let expected = "<h2>T</h2>\n\
            <p><strong>a <a href=\"/x?a&amp;b\">b</a></strong><br>c</p>\n\
            <ul><li>i</li>\n</ul>\n<p>Raw</p>\n\
            <figure><img src=\"/a.png\" alt=\"\"><figcaption>C</figcaption></figure>\n";
        assert_eq!(body.html, expected);
        assert!(mobiledoc_to_html("[]").is_err());
    }
}

//! The elements that are blocks of text.

/// Elements that begin and end a line of text (HTML, sections 4.3 to 4.11).
const BLOCK_ELEMENTS: [&str; 40] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "caption",
    "center",
    "dd",
    "details",
    "dialog",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "legend",
    "li",
    "main",
    "nav",
    "ol",
    "option",
    "p",
    "pre",
    "section",
    "summary",
    "table",
    "td",
    "th",
    "tr",
    "ul",
];

/// Returns true if an element begins and ends a line of text. `name` is in lower case.
pub(crate) fn is_block_element(name: &str) -> bool {
    BLOCK_ELEMENTS.binary_search(&name).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        assert!(BLOCK_ELEMENTS.is_sorted());
        assert!(is_block_element("p") && !is_block_element("b"));
    }
}
